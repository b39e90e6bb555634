/* SPDX-License-Identifier: ISC */
/*
 * The "hpd" object of a line, in hpd-log: what our own records say beyond the
 * common schema. Must never write a byte of a record's data but through
 * json_str, json_b64 or json_script.
 */
#include <netinet/in.h>

#include "common/proc.h"
#include "common/proto.h"
#include "hpd-log/json.h"
#include "hpd-log/json_hpd.h"
#include "hpd-log/json_out.h"

static const char *const closes[] = { "none", "fin", "rst", "timeout",
	"evicted", "drain", "service_gone", "idle", "bytes_over" };
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

static void
put_name(struct wbuf *w, const struct image *img, uint32_t str)
{
	const char *s = image_str(img, str);

	json_str(w, s, strnlen(s, JSON_NAME_MAX));
}

/* The decoy's names, from its address. */
void
json_decoy(struct wbuf *w, const struct image *img, const struct event *ev)
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

void
json_num(struct wbuf *w, const char *name, uint64_t v)
{
	out_lit(w, ",\"");
	out_text(w, name);
	out_lit(w, "\":");
	out_u64(w, v);
}

void
json_word(struct wbuf *w, const char *name, const char *v)
{
	out_lit(w, ",\"");
	out_text(w, name);
	out_lit(w, "\":\"");
	out_text(w, v);
	out_lit(w, "\"");
}

/* What the sender's first packet told: a system, or a tool. */
static void
put_source(struct wbuf *w, const struct image *img, uint16_t number,
    uint8_t ttl)
{
	const struct img_srcos *r = srcos_row(img, number);
	char full[SRCOS_NAME_BUF];
	int hops;

	if (r == NULL)
		return;
	if (r->flags & SRCOS_F_TOOL) {
		out_lit(w, ",\"tool\":{\"name\":");
		put_name(w, img, r->name);
		if (r->flavor != 0) {
			out_lit(w, ",\"mode\":");
			put_name(w, img, r->flavor);
		}
		out_lit(w, "}");
	}
	hops = srcos_distance(r, ttl);
	if (r->flags & SRCOS_F_TOOL && hops < 0)
		return;
	out_lit(w, ",\"source\":{");
	if (!(r->flags & SRCOS_F_TOOL)) {
		srcos_name(img, number, full);
		out_lit(w, "\"os\":{\"name\":");
		put_name(w, img, r->name);
		if (r->flavor != 0) {
			out_lit(w, ",\"version\":");
			put_name(w, img, r->flavor);
		}
		out_lit(w, ",\"full\":");
		json_str(w, full, strlen(full));
		out_lit(w, ",\"class\":");
		put_name(w, img, r->family);
		out_lit(w, "}");
	}
	if (hops >= 0) {
		if (!(r->flags & SRCOS_F_TOOL))
			out_lit(w, ",");
		out_lit(w, "\"distance\":");
		out_u64(w, (uint64_t)hops);
	}
	out_lit(w, "}");
}

static void
put_probe(struct wbuf *w, const struct event *ev, const struct ev_probe *p)
{
	static const char flag[8] = { 'F', 'S', 'R', 'P', 'A', 'U', 'E', 'C' };
	char b[8];
	size_t n = 0, i;

	out_lit(w, ",\"packet\":{\"len\":");
	out_u64(w, p->ip_len);
	json_num(w, "ttl", p->ttl);
	if (ev->proto == IPPROTO_TCP) {
		for (i = 0; i < 8; i++) {
			if (p->tcp_flags & 1 << i)
				b[n++] = flag[i];
		}
		out_lit(w, ",\"tcp_flags\":\"");
		out_mem(w, b, n);
		out_lit(w, "\"");
		json_num(w, "window", p->window);
	} else if (ev->proto == IPPROTO_ICMP || ev->proto == IPPROTO_ICMPV6) {
		json_num(w, "icmp_type", ev->sport);
		json_num(w, "icmp_code", ev->dport);
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
		json_word(w, "why", NAME(closes, f->why));
	put_source(w, img, f->srcos, f->ttl);
}

static void
put_exit(struct wbuf *w, const struct ev_exit *x)
{
	json_word(w, "why", NAME(ends, x->why));
	if (x->status >= 0)
		json_num(w, "exit_code", (uint64_t)x->status);
	else
		json_num(w, "exit_signal", (uint64_t)-(int64_t)x->status);
	json_num(w, "rss_kb", x->rss_kb);
	json_num(w, "cpu_us", x->cpu_us);
}

static void
put_lost(struct wbuf *w, const struct ev_lost *l)
{
	out_lit(w, ",\"lost\":{\"first\":");
	out_u64(w, l->first);
	json_num(w, "last", l->last);
	json_num(w, "count", l->count);
	json_word(w, "producer",
	    l->proc < PROC_MAX ? proc_name((uint8_t)l->proc) : "?");
	json_num(w, "instance", l->instance);
	out_lit(w, "}");
}

/* Bytes that are a peer's or a script's; the exact ones in base64 when the text
 * does not tell them. Ends the line. */
static void
put_raw(struct wbuf *w, const struct event *ev, const void *data, size_t len)
{
	size_t mark = w->len;
	int clean;

	if (ev->kind == EV_SVC_FIELD) {
		out_lit(w, ",\"script\":");
		if (!json_script(w, data, len)) {
			w->len = mark;
			out_lit(w, ",\"script_text\":");
			if (!json_str(w, data, len)) {
				out_lit(w, ",\"raw_b64\":");
				json_b64(w, data, len);
			}
		}
		out_lit(w, "}}\n");
		return;
	}
	out_lit(w, "},\"message\":");
	clean = json_str(w, data, len);
	if (!clean) { /* again, with the bytes before it */
		w->len = mark;
		out_lit(w, ",\"raw_b64\":");
		json_b64(w, data, len);
		out_lit(w, "},\"message\":");
		(void)json_str(w, data, len);
	}
	out_lit(w, "}\n");
}

void
json_data(struct wbuf *w, const struct image *img, const struct event *ev,
    uint8_t kind_of_data)
{
	size_t len;
	const void *data = event_data(ev, &len);

	switch (kind_of_data) {
	case EVD_PROBE:
		put_probe(w, ev, data);
		put_source(w, img, ((const struct ev_probe *)data)->srcos,
		    ((const struct ev_probe *)data)->ttl);
		break;
	case EVD_FLOW:
		put_flow(w, img, ev, data);
		break;
	case EVD_EXIT:
		put_exit(w, data);
		break;
	case EVD_LOST:
		put_lost(w, data);
		break;
	case EVD_RAW:
		put_raw(w, ev, data, len);
		return;
	case EVD_TEXT:
		if (ev->kind == EV_SVC_START || ev->kind == EV_SVC_TRIP) {
			out_lit(w, ",\"service\":");
			(void)json_str(w, data, len);
			break;
		}
		out_lit(w, "},\"message\":");
		(void)json_str(w, data, len);
		out_lit(w, "}\n");
		return;
	default:
		break;
	}
	out_lit(w, "}}\n");
}
