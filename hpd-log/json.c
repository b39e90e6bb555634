/* SPDX-License-Identifier: ISC */
/*
 * The JSON writer, in hpd-log: event record in, one line out. Must never write
 * a byte of a record's data but through json_str, json_b64 or json_script, and
 * never a part of a line. A new kind needs nothing here unless it brings a new
 * kind of data.
 */
#include <netinet/in.h>

#include "common/diag.h"
#include "common/proc.h"
#include "common/proto.h"
#include "hpd-log/json.h"
#include "hpd-log/json_hpd.h"
#include "hpd-log/json_out.h"

static const char *const verdicts[] = {
	[VERDICT_NONE] = "none",
	[VERDICT_OPEN] = "open",
	[VERDICT_CLOSED] = "closed",
	[VERDICT_FILTERED] = "filtered",
	[VERDICT_REPLIED] = "replied",
	[VERDICT_LIMITED] = "limited",
	[VERDICT_IGNORED] = "ignored",
};
static const char *const denials[] = {
	[DENIED_TOTAL] = "limit_total",
	[DENIED_SOURCE] = "limit_source",
	[DENIED_SERVICE] = "limit_service",
	[DENIED_UNKNOWN] = "unknown_service",
	[DENIED_SPAWN] = "spawn",
	[DENIED_DRAIN] = "drain",
	[DENIED_DOWN] = "down",
};
static const char *const levels[] = {
	[DIAG_FATAL] = "fatal",
	[DIAG_WARN] = "warning",
	[DIAG_INFO] = "info",
	[DIAG_DEBUG] = "debug",
};
static const char *const left_out[] = {
	[LEVEL_ALL] = "all",
	[LEVEL_NO_FRAMES] = "no_frames",
	[LEVEL_FOLD] = "fold",
};

const char *
verdict_name(const struct event *ev)
{
	if (ev->kind == EV_SVC_DENIED)
		return NAME(denials, ev->verdict);
	if (ev->kind == EV_DIAG)
		return NAME(levels, ev->verdict);
	if (ev->kind == EV_LOG_LEVEL)
		return NAME(left_out, ev->verdict);
	return NAME(verdicts, ev->verdict);
}

/* "a,b" as ["a","b"]. */
static void
out_list(struct wbuf *w, const char *list)
{
	size_t n;

	out_lit(w, "[");
	for (;;) {
		n = strcspn(list, ", ");
		json_str(w, list, n);
		list += n;
		list += strspn(list, ", ");
		if (*list == '\0')
			break;
		out_lit(w, ",");
	}
	out_lit(w, "]");
}

static int
is_alert(uint16_t kind)
{
	return kind == EV_SVC_TRIP || kind == EV_SANDBOX_KILL ||
	    kind == EV_ARP_CONFLICT || kind == EV_CHAN_BROKEN;
}

void
json_init(struct json_ctx *c, const char *host)
{
	const struct event_row *row;
	struct wbuf w;
	uint16_t k;

	memset(c, 0, sizeof(*c));
	for (k = 0; k < EV_KIND_MAX; k++) {
		row = event_row(k);
		if (row == NULL)
			continue;
		wbuf_init(&w, c->head[k], sizeof(c->head[k]));
		out_lit(&w, "\",\"ecs\":{\"version\":\"8.11.0\"},"
			    "\"event\":{\"action\":\"hpd.");
		out_text(&w, row->name);
		out_lit(&w, "\",\"kind\":");
		if (is_alert(k))
			out_lit(&w, "\"alert\",\"category\":");
		else
			out_lit(&w, "\"event\",\"category\":");
		out_list(&w, row->category);
		out_lit(&w, ",\"type\":");
		out_list(&w, row->type);
		if (w.over)
			fatalx("event %s: its names are too long", row->name);
		c->head_len[k] = (uint16_t)w.len;
	}
	wbuf_init(&w, c->observer, sizeof(c->observer));
	out_lit(&w, ",\"observer\":{\"name\":");
	json_str(&w, host, strnlen(host, 64));
	out_lit(&w, ",\"type\":\"honeypot\",\"vendor\":\"hpd\","
		    "\"product\":\"hpd\",\"version\":\"" HPD_VERSION "\"}");
	c->observer_len = (uint16_t)w.len;
}

void
json_image(struct json_ctx *c, const struct image *img)
{
	memset(c->decoy, 0, sizeof(c->decoy));
	memset(c->source, 0, sizeof(c->source));
	c->img = img;
}

/* Success and failure as seen by the peer. */
static const char *
outcome(const struct event *ev, const void *data)
{
	const struct ev_exit *x = data;

	switch (ev->kind) {
	case EV_TCP_OPEN:
	case EV_UDP_OPEN:
	case EV_SVC_START:
		return "success";
	case EV_SVC_DENIED:
	case EV_SVC_TRIP:
		return "failure";
	case EV_SVC_EXIT:
		return x->status == 0 ? "success" : "failure";
	case EV_TCP_PROBE:
	case EV_UDP_PROBE:
	case EV_ICMP_PROBE:
	case EV_IP_PROBE:
		if (ev->verdict == VERDICT_OPEN ||
		    ev->verdict == VERDICT_REPLIED)
			return "success";
		return ev->verdict == VERDICT_NONE ? NULL : "failure";
	default:
		return NULL;
	}
}

static void
put_event(struct json_ctx *c, struct wbuf *w, const struct event *ev,
    const struct event_row *row, const void *data)
{
	const struct ev_flow *f = data;
	const struct ev_exit *x = data;
	const char *o = outcome(ev, data);

	out_mem(w, c->head[ev->kind], c->head_len[ev->kind]);
	if (o != NULL) {
		out_lit(w, ",\"outcome\":\"");
		out_text(w, o);
		out_lit(w, "\"");
	}
	if (row->data == EVD_FLOW && ev->kind != EV_TCP_OPEN &&
	    ev->kind != EV_UDP_OPEN) {
		out_lit(w, ",\"duration\":");
		out_u64(w, f->duration_ns);
	} else if (row->data == EVD_EXIT) {
		out_lit(w, ",\"duration\":");
		out_u64(w, x->wall_us <= UINT64_MAX / 1000 ?
		    x->wall_us * 1000 : UINT64_MAX);
	}
	out_lit(w, "}");
	out_mem(w, c->observer, c->observer_len);
}

/* Between two members; not behind the opening brace. */
static void
comma(struct wbuf *w)
{
	if (w->len == 0 || w->data[w->len - 1] != '{')
		out_lit(w, ",");
}

static void
put_mac(struct wbuf *w, const uint8_t mac[6])
{
	static const char hex[] = "0123456789ABCDEF";
	char b[17];
	int i;

	for (i = 0; i < 6; i++) {
		b[i * 3] = hex[mac[i] >> 4];
		b[i * 3 + 1] = hex[mac[i] & 15];
		if (i < 5)
			b[i * 3 + 2] = '-';
	}
	comma(w);
	out_lit(w, "\"mac\":\"");
	out_mem(w, b, sizeof(b));
	out_lit(w, "\"");
}

static int
has_ports(const struct event *ev)
{
	return ev->proto == IPPROTO_TCP || ev->proto == IPPROTO_UDP;
}

/* Byte counts are there and known. */
static int
has_bytes(const struct event *ev, const struct event_row *row,
    const void *data)
{
	const struct ev_exit *x = data;

	if (row->data == EVD_EXIT)
		return x->bytes_in != 0 || x->bytes_out != 0;
	return row->data == EVD_FLOW && ev->kind != EV_TCP_OPEN &&
	    ev->kind != EV_UDP_OPEN;
}

static int
is_set(const uint8_t addr[16])
{
	uint64_t a, b;

	memcpy(&a, addr, 8);
	memcpy(&b, addr + 8, 8);
	return (a | b) != 0;
}

/* An ARP event has one address; a flood of many sources none of its own. */
static void
put_side(struct wbuf *w, const struct event *ev, const uint8_t *addr,
    uint16_t port)
{
	out_lit(w, "{");
	if (is_set(addr)) {
		out_lit(w, "\"ip\":\"");
		out_addr(w, ev->ver, addr);
		out_lit(w, "\"");
	}
	if (has_ports(ev)) {
		comma(w);
		out_lit(w, "\"port\":");
		out_u64(w, port);
	}
}

static void
put_network(struct wbuf *w, const struct event *ev)
{
	if (ev->ver == 4 && ev->proto == IPPROTO_TCP) {
		out_lit(w, ",\"network\":{\"type\":\"ipv4\","
			   "\"transport\":\"tcp\",\"iana_number\":\"6\"}");
		return;
	}
	out_lit(w, ",\"network\":{\"type\":");
	if (ev->ver == 4)
		out_lit(w, "\"ipv4\"");
	else
		out_lit(w, "\"ipv6\"");
	if (ev->proto == IPPROTO_TCP)
		out_lit(w, ",\"transport\":\"tcp\"");
	else if (ev->proto == IPPROTO_UDP)
		out_lit(w, ",\"transport\":\"udp\"");
	else if (ev->proto == IPPROTO_ICMP)
		out_lit(w, ",\"transport\":\"icmp\"");
	else if (ev->proto == IPPROTO_ICMPV6)
		out_lit(w, ",\"transport\":\"ipv6-icmp\"");
	if (ev->proto != 0) {
		out_lit(w, ",\"iana_number\":\"");
		out_u64(w, ev->proto);
		out_lit(w, "\"");
	}
	out_lit(w, "}");
}

/* Who sent it, as far as the record tells. */
static void
put_source(struct wbuf *w, const struct event *ev, const struct event_row *row,
    const void *data, uint64_t bytes)
{
	const struct ev_mac *m = data;
	size_t start = w->len;

	out_lit(w, ",\"source\":");
	put_side(w, ev, ev->src, ev->sport);
	if (has_bytes(ev, row, data)) {
		comma(w);
		out_lit(w, "\"bytes\":");
		out_u64(w, bytes);
	} else if (row->data == EVD_PROBE || (row->data == EVD_FLOOD &&
	    ((const struct ev_flood *)data)->of != EV_TCP_CLOSE)) {
		comma(w);
		out_lit(w, "\"packets\":");
		out_u64(w, ev->count);
	}
	if (row->data == EVD_MAC && ev->kind != EV_ARP_CLAIM)
		put_mac(w, m->mac);
	if (!w->over && w->data[w->len - 1] == '{')
		w->len = start; /* nothing to say */
	else
		out_lit(w, "}");
}

/* source, destination and network of records that have addresses. */
static void
put_ends(struct wbuf *w, const struct event *ev, const struct event_row *row,
    const void *data)
{
	uint64_t in = 0, out = 0;
	const struct ev_mac *m = data;

	if (ev->ver != 4 && ev->ver != 6)
		return;
	if (row->data == EVD_FLOW) {
		in = ((const struct ev_flow *)data)->bytes_in;
		out = ((const struct ev_flow *)data)->bytes_out;
	} else if (row->data == EVD_EXIT) {
		in = ((const struct ev_exit *)data)->bytes_in;
		out = ((const struct ev_exit *)data)->bytes_out;
	}
	put_source(w, ev, row, data, in);
	out_lit(w, ",\"destination\":");
	put_side(w, ev, ev->dst, ev->dport);
	if (has_bytes(ev, row, data)) {
		comma(w);
		out_lit(w, "\"bytes\":");
		out_u64(w, out);
	}
	if (row->data == EVD_MAC && ev->kind == EV_ARP_CLAIM)
		put_mac(w, m->mac);
	out_lit(w, "}");
	put_network(w, ev);
}

/* What stands around the sequence number: the same in all of a batch. */
static void
prepare_who(struct json_ctx *c, const struct json_who *who)
{
	struct wbuf w;

	c->last = *who;
	wbuf_init(&w, c->before, sizeof(c->before));
	out_lit(&w, ",\"hpd\":{\"schema\":1,\"boot\":");
	out_hex64(&w, who->boot);
	out_lit(&w, ",\"seq\":");
	c->before_len = (uint16_t)w.len;
	wbuf_init(&w, c->after, sizeof(c->after));
	json_word(&w, "producer", proc_name(who->proc));
	json_num(&w, "instance", who->instance);
	if (who->run != 0) {
		out_lit(&w, ",\"run\":");
		out_hex64(&w, who->run);
	}
	c->after_len = (uint16_t)w.len;
}

static void
put_hpd(struct json_ctx *c, struct wbuf *w, const struct json_who *who,
    const struct event *ev)
{
	if (who->boot != c->last.boot || who->run != c->last.run ||
	    who->proc != c->last.proc || who->instance != c->last.instance ||
	    c->before_len == 0)
		prepare_who(c, who);
	out_mem(w, c->before, c->before_len);
	out_u64(w, who->seq);
	out_mem(w, c->after, c->after_len);
	if (ev->session != 0) {
		out_lit(w, ",\"session\":");
		out_hex64(w, ev->session);
	}
	json_decoy(c, w, ev);
	if (ev->kind == EV_DIAG)
		json_word(w, "level", verdict_name(ev));
	else if (ev->verdict != 0)
		json_word(w, "verdict", verdict_name(ev));
	json_num(w, "count", ev->count);
}

size_t
json_event(struct json_ctx *c, struct wbuf *w, const struct json_who *who,
    const struct event *ev)
{
	const struct event_row *row = event_row(ev->kind);
	struct wbuf save = *w;
	char stamp[LOG_RFC3339_LEN];
	const void *data;
	size_t len, start = w->len;

	if (row == NULL)
		return 0;
	data = event_data(ev, &len);
	log_time_rfc3339(&c->time, ev->wall_ns, stamp);
	out_lit(w, "{\"@timestamp\":\"");
	out_mem(w, stamp, sizeof(stamp));
	put_event(c, w, ev, row, data);
	put_ends(w, ev, row, data);
	if (ev->ver == 0) {
		out_lit(w, ",\"process\":{\"name\":\"");
		out_text(w, proc_name(who->proc));
		out_lit(w, "\"}");
	}
	put_hpd(c, w, who, ev);
	json_data(c, w, ev, row->data);
	if (w->over) {
		*w = save;
		return 0;
	}
	return w->len - start;
}
