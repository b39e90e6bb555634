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

#define TH_SYN 0x02

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

static const char *const lost_classes[] = { "events", "probes", "frames" };

static void
put_name(struct wbuf *w, const struct image *img, uint32_t str)
{
	const char *s = image_str(img, str);

	json_str(w, s, strnlen(s, JSON_NAME_MAX));
}

/* Of a fixed table the place of key (not 0); *hit tells whether it is there.
 * What a place held before is forgotten. */
static struct json_frag *
frag(struct json_frag *table, uint32_t key, int *hit)
{
	struct json_frag *f =
	    &table[(key * 2654435761u >> 16) & (JSON_FRAGS - 1)];

	*hit = f->key == key;
	return f;
}

/* Keep what stands in w from start on. */
static void
frag_keep(struct json_frag *f, uint32_t key, const struct wbuf *w, size_t start)
{
	if (w->over || w->len - start > sizeof(f->text))
		return;
	f->key = key;
	f->len = (uint32_t)(w->len - start);
	memcpy(f->text, w->data + start, f->len);
}

void
json_decoy(struct json_ctx *c, struct wbuf *w, const struct event *ev)
{
	const struct image *img = c->img;
	const struct img_template *t;
	struct json_frag *f;
	size_t start = w->len;
	uint32_t i;
	int hit;

	if (img == NULL || ev->ver != 4)
		return;
	i = image_lookup4(img, be32(ev->dst));
	if (i >= img->ntemplates)
		return;
	f = frag(c->decoy, i + 1, &hit);
	if (hit) {
		out_mem(w, f->text, f->len);
		return;
	}
	t = &img->templates[i];
	out_lit(w, ",\"template\":");
	put_name(w, img, t->name);
	if (t->persona < img->npersonas) {
		out_lit(w, ",\"persona\":");
		put_name(w, img, img->personas[t->persona].name);
	}
	frag_keep(f, i + 1, w, start);
}

static void
write_source(struct wbuf *w, const struct image *img, uint16_t number,
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

/* What the sender's first packet told: a system, or a tool. */
static void
put_source(struct json_ctx *c, struct wbuf *w, uint16_t number, uint8_t ttl)
{
	uint32_t key = (uint32_t)number << 8 | ttl;
	size_t start = w->len;
	struct json_frag *f;
	int hit;

	if (number == 0 || c->img == NULL)
		return;
	f = frag(c->source, key, &hit);
	if (hit) {
		out_mem(w, f->text, f->len);
		return;
	}
	write_source(w, c->img, number, ttl);
	frag_keep(f, key, w, start);
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
		out_lit(w, ",\"tcp_flags\":\"");
		if (p->tcp_flags == TH_SYN) { /* most are */
			out_lit(w, "S");
		} else {
			for (i = 0; i < 8; i++) {
				b[n] = flag[i];
				n += p->tcp_flags >> i & 1;
			}
			out_mem(w, b, n);
		}
		out_lit(w, "\",\"window\":");
		out_u64(w, p->window);
	} else if (ev->proto == IPPROTO_ICMP || ev->proto == IPPROTO_ICMPV6) {
		json_num(w, "icmp_type", ev->sport);
		json_num(w, "icmp_code", ev->dport);
	}
	out_lit(w, "}");
}

static void
put_flow(struct json_ctx *c, struct wbuf *w, const struct event *ev,
    const struct ev_flow *f)
{
	const struct image *img = c->img;

	if (img != NULL && f->service < img->nservices) {
		out_lit(w, ",\"service\":");
		put_name(w, img, img->services[f->service].name);
	}
	if (ev->kind == EV_TCP_CLOSE || ev->kind == EV_UDP_CLOSE)
		json_word(w, "why", NAME(closes, f->why));
	put_source(c, w, f->srcos, f->ttl);
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
	json_word(w, "class", NAME(lost_classes, l->what));
	if (l->what == LOST_PROBES)
		json_num(w, "packets", l->packets);
	out_lit(w, "}");
}

static void
put_flood(struct wbuf *w, const struct event *ev, const struct ev_flood *f)
{
	const struct event_row *of = event_row(f->of);

	out_lit(w, ",\"flood\":{\"of\":\"");
	out_text(w, of == NULL ? "unknown" : of->name);
	out_lit(w, "\",\"decoys\":");
	out_u64(w, f->ndecoys);
	if (ev->ver == 4 || ev->ver == 6) {
		out_lit(w, ",\"decoy_low\":\"");
		out_addr(w, ev->ver, f->dst_low);
		out_lit(w, "\",\"decoy_high\":\"");
		out_addr(w, ev->ver, f->dst_high);
		out_lit(w, "\"");
	}
	if (ev->proto == IPPROTO_TCP || ev->proto == IPPROTO_UDP) {
		json_num(w, "ports", f->nports);
		json_num(w, "port_low", f->port_low);
		json_num(w, "port_high", f->port_high);
	}
	json_num(w, "duration_ns", f->last_ns > ev->wall_ns ?
	    (uint64_t)(f->last_ns - ev->wall_ns) : 0);
	out_lit(w, "}");
}

/* A script's own record. Ends the line. */
static void
put_field(struct wbuf *w, const void *data, size_t len)
{
	size_t mark = w->len;

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
}

/* Data that is text. 1 when it ended the line. */
static int
put_text(struct wbuf *w, const struct event *ev, const void *data, size_t len)
{
	if (ev->kind == EV_SVC_START || ev->kind == EV_SVC_TRIP) {
		out_lit(w, ",\"service\":");
		(void)json_str(w, data, len);
		return 0;
	}
	out_lit(w, "},\"message\":");
	(void)json_str(w, data, len);
	out_lit(w, "}\n");
	return 1;
}

void
json_data(struct json_ctx *c, struct wbuf *w, const struct event *ev,
    uint8_t kind_of_data)
{
	size_t len;
	const void *data = event_data(ev, &len);
	const struct ev_probe *p = data;

	switch (kind_of_data) {
	case EVD_FLOOD: /* begins with an ev_probe */
		put_flood(w, ev, data);
		/* FALLTHROUGH */
	case EVD_PROBE:
		put_probe(w, ev, p);
		put_source(c, w, p->srcos, p->ttl);
		break;
	case EVD_FLOW:
		put_flow(c, w, ev, data);
		break;
	case EVD_EXIT:
		put_exit(w, data);
		break;
	case EVD_LOST:
		put_lost(w, data);
		break;
	case EVD_RAW:
		if (ev->kind == EV_SVC_FIELD)
			put_field(w, data, len);
		else
			json_message(w, data, len);
		return;
	case EVD_CHUNK:
		json_chunk(w, data, len);
		return;
	case EVD_TEXT:
		if (put_text(w, ev, data, len))
			return;
		break;
	default:
		json_log(w, c->sums, kind_of_data, data);
		break;
	}
	out_lit(w, "}}\n");
}
