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
#include "hpd-log/json_out.h"

#define NAME(table, i)                                                        \
	((size_t)(i) < sizeof(table) / sizeof((table)[0]) &&                   \
		    (table)[i] != NULL                                         \
		? (table)[i]                                                   \
		: "unknown")

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
static const char *const closes[] = { "none", "fin", "rst", "timeout",
	"evicted", "drain", "service_gone" };
static const char *const ends[] = {
	[SVC_END_EXIT] = "exit",
	[SVC_END_WALL] = "wall_time",
	[SVC_END_IDLE] = "idle",
	[SVC_END_CPU] = "cpu",
	[SVC_END_BYTES] = "bytes",
	[SVC_END_PEER] = "peer",
	[SVC_END_TRIP] = "trip",
	[SVC_END_DRAIN] = "drain",
};

const char *
verdict_name(const struct event *ev)
{
	if (ev->kind == EV_SVC_DENIED)
		return NAME(denials, ev->verdict);
	if (ev->kind == EV_DIAG)
		return NAME(levels, ev->verdict);
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
	out_lit(w, ",\"mac\":\"");
	out_mem(w, b, sizeof(b));
	out_lit(w, "\"");
}

static int
has_ports(const struct event *ev)
{
	return ev->proto == IPPROTO_TCP || ev->proto == IPPROTO_UDP;
}

static int
has_bytes(const struct event *ev, const struct event_row *row)
{
	return (row->data == EVD_FLOW && ev->kind != EV_TCP_OPEN &&
		   ev->kind != EV_UDP_OPEN) || row->data == EVD_EXIT;
}

static void
put_side(struct wbuf *w, const struct event *ev, const uint8_t *addr,
    uint16_t port)
{
	out_lit(w, "{\"ip\":\"");
	out_addr(w, ev->ver, addr);
	out_lit(w, "\"");
	if (has_ports(ev)) {
		out_lit(w, ",\"port\":");
		out_u64(w, port);
	}
}

static void
put_network(struct wbuf *w, const struct event *ev)
{
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
	out_lit(w, ",\"source\":");
	put_side(w, ev, ev->src, ev->sport);
	if (has_bytes(ev, row)) {
		out_lit(w, ",\"bytes\":");
		out_u64(w, in);
	} else if (row->data == EVD_PROBE) {
		out_lit(w, ",\"packets\":");
		out_u64(w, ev->count);
	}
	if (row->data == EVD_MAC && ev->kind != EV_ARP_CLAIM)
		put_mac(w, m->mac);
	out_lit(w, "},\"destination\":");
	put_side(w, ev, ev->dst, ev->dport);
	if (has_bytes(ev, row)) {
		out_lit(w, ",\"bytes\":");
		out_u64(w, out);
	}
	if (row->data == EVD_MAC && ev->kind == EV_ARP_CLAIM)
		put_mac(w, m->mac);
	out_lit(w, "}");
	put_network(w, ev);
}

static void
put_name(struct wbuf *w, const struct image *img, uint32_t str)
{
	const char *s = image_str(img, str);

	json_str(w, s, strnlen(s, JSON_NAME_MAX));
}

/* The decoy's names, from its address. */
static void
put_decoy(struct wbuf *w, const struct image *img, const struct event *ev)
{
	const struct img_template *t;
	uint32_t i;

	if (img == NULL || ev->ver != 4)
		return;
	i = image_lookup4(img, be32(ev->dst));
	if (i >= img->ntemplates)
		return;
	t = &img->templates[i];
	out_lit(w, ",\"template\":");
	put_name(w, img, t->name);
	if (t->persona < img->npersonas) {
		out_lit(w, ",\"persona\":");
		put_name(w, img, img->personas[t->persona].name);
	}
}

static void
put_num(struct wbuf *w, const char *name, uint64_t v)
{
	out_lit(w, ",\"");
	out_text(w, name);
	out_lit(w, "\":");
	out_u64(w, v);
}

static void
put_word(struct wbuf *w, const char *name, const char *v)
{
	out_lit(w, ",\"");
	out_text(w, name);
	out_lit(w, "\":\"");
	out_text(w, v);
	out_lit(w, "\"");
}

static void
put_probe(struct wbuf *w, const struct event *ev, const struct ev_probe *p)
{
	static const char flag[8] = { 'F', 'S', 'R', 'P', 'A', 'U', 'E', 'C' };
	char b[8];
	size_t n = 0, i;

	out_lit(w, ",\"packet\":{\"len\":");
	out_u64(w, p->ip_len);
	put_num(w, "ttl", p->ttl);
	if (ev->proto == IPPROTO_TCP) {
		for (i = 0; i < 8; i++) {
			if (p->tcp_flags & 1 << i)
				b[n++] = flag[i];
		}
		out_lit(w, ",\"tcp_flags\":\"");
		out_mem(w, b, n);
		out_lit(w, "\"");
		put_num(w, "window", p->window);
	} else if (ev->proto == IPPROTO_ICMP || ev->proto == IPPROTO_ICMPV6) {
		put_num(w, "icmp_type", ev->sport);
		put_num(w, "icmp_code", ev->dport);
	}
	out_lit(w, "}");
}

static void
put_flow(struct wbuf *w, const struct image *img, const struct event *ev,
    const struct ev_flow *f)
{
	if (img != NULL && f->service < img->nservices) {
		out_lit(w, ",\"service\":");
		put_name(w, img, img->services[f->service].name);
	}
	if (ev->kind == EV_TCP_CLOSE || ev->kind == EV_UDP_CLOSE)
		put_word(w, "why", NAME(closes, f->why));
}

static void
put_exit(struct wbuf *w, const struct ev_exit *x)
{
	put_word(w, "why", NAME(ends, x->why));
	if (x->status >= 0)
		put_num(w, "exit_code", (uint64_t)x->status);
	else
		put_num(w, "exit_signal", (uint64_t)-(int64_t)x->status);
	put_num(w, "rss_kb", x->rss_kb);
	put_num(w, "cpu_us", x->cpu_us);
}

static void
put_lost(struct wbuf *w, const struct ev_lost *l)
{
	out_lit(w, ",\"lost\":{\"first\":");
	out_u64(w, l->first);
	put_num(w, "last", l->last);
	put_num(w, "count", l->count);
	put_word(w, "producer",
	    l->proc < PROC_MAX ? proc_name((uint8_t)l->proc) : "?");
	put_num(w, "instance", l->instance);
	out_lit(w, "}");
}

/* Bytes that are a peer's or a script's. */
static void
put_raw(struct wbuf *w, const struct event *ev, const void *data, size_t len)
{
	size_t mark;

	if (ev->kind == EV_SVC_FIELD) {
		mark = w->len;
		out_lit(w, ",\"script\":");
		if (json_script(w, data, len))
			return;
		w->len = mark;
		out_lit(w, ",\"script_text\":");
		if (!json_str(w, data, len)) {
			out_lit(w, ",\"raw_b64\":");
			json_b64(w, data, len);
		}
		return;
	}
	out_lit(w, "},\"message\":");
	mark = w->len;
	if (json_str(w, data, len))
		return;
	/* Not clean: the exact bytes go into the hpd object, before it. */
	w->len = mark - (sizeof("},\"message\":") - 1);
	out_lit(w, ",\"raw_b64\":");
	json_b64(w, data, len);
	out_lit(w, "},\"message\":");
	json_str(w, data, len);
}

static void
put_hpd(struct json_ctx *c, struct wbuf *w, const struct json_who *who,
    const struct event *ev)
{
	out_lit(w, ",\"hpd\":{\"schema\":1,\"boot\":");
	out_hex64(w, who->boot);
	put_num(w, "seq", who->seq);
	put_word(w, "producer", proc_name(who->proc));
	put_num(w, "instance", who->instance);
	if (who->run != 0) {
		out_lit(w, ",\"run\":");
		out_hex64(w, who->run);
	}
	if (ev->session != 0) {
		out_lit(w, ",\"session\":");
		out_hex64(w, ev->session);
	}
	put_decoy(w, c->img, ev);
	if (ev->kind == EV_DIAG)
		put_word(w, "level", verdict_name(ev));
	else if (ev->verdict != 0)
		put_word(w, "verdict", verdict_name(ev));
	put_num(w, "count", ev->count);
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
	int raw = 0;

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
	if (row->data == EVD_PROBE)
		put_probe(w, ev, data);
	else if (row->data == EVD_FLOW)
		put_flow(w, c->img, ev, data);
	else if (row->data == EVD_EXIT)
		put_exit(w, data);
	else if (row->data == EVD_LOST)
		put_lost(w, data);
	else if (row->data == EVD_RAW) {
		put_raw(w, ev, data, len);
		raw = ev->kind != EV_SVC_FIELD;
	} else if (row->data == EVD_TEXT) {
		if (ev->kind == EV_SVC_START || ev->kind == EV_SVC_TRIP) {
			out_lit(w, ",\"service\":");
			json_str(w, data, len);
		} else {
			out_lit(w, "},\"message\":");
			json_str(w, data, len);
			raw = 1;
		}
	}
	if (raw) /* the hpd object is closed, message stands behind it */
		out_lit(w, "}\n");
	else
		out_lit(w, "}}\n");
	if (w->over) {
		*w = save;
		return 0;
	}
	return w->len - start;
}
