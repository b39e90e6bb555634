/* SPDX-License-Identifier: ISC */
/*
 * honeyd's packet log and service log, in hpd-log. Pure functions. Must never
 * let a peer's byte through that could start a new line or drive a terminal.
 * Records that stand for many packets are one line: the first packet's.
 */
#include <netinet/in.h>

#include "hpd-log/honeyd_text.h"
#include "hpd-log/json_out.h"

#define TH_SYN 0x02
#define TH_RST 0x04

static void
put_time(struct log_time *t, struct wbuf *w, int64_t wall_ns)
{
	char b[LOG_HONEYD_LEN];

	log_time_honeyd(t, wall_ns, b);
	out_mem(w, b, sizeof(b));
}

/* " tcp(6)" */
static void
put_proto(struct wbuf *w, uint8_t proto)
{
	if (proto == IPPROTO_TCP)
		out_lit(w, " tcp(");
	else if (proto == IPPROTO_UDP)
		out_lit(w, " udp(");
	else if (proto == IPPROTO_ICMP)
		out_lit(w, " icmp(");
	else
		out_lit(w, " unkn(");
	out_u64(w, proto);
	out_lit(w, ")");
}

static int
has_ports(const struct event *ev)
{
	return ev->proto == IPPROTO_TCP || ev->proto == IPPROTO_UDP;
}

/* "SRC SPORT DST DPORT", or without ports. */
static void
put_tuple(struct wbuf *w, const struct event *ev)
{
	out_addr(w, ev->ver, ev->src);
	if (has_ports(ev)) {
		out_lit(w, " ");
		out_u64(w, ev->sport);
	}
	out_lit(w, " ");
	out_addr(w, ev->ver, ev->dst);
	if (has_ports(ev)) {
		out_lit(w, " ");
		out_u64(w, ev->dport);
	} else if (ev->proto == IPPROTO_ICMP) {
		out_lit(w, ": ");
		out_u64(w, ev->sport);
		out_lit(w, "(");
		out_u64(w, ev->dport);
		out_lit(w, ")");
	}
}

/* " [class version subtype]", when known. A subtype is not known of p0f 3's
 * names: honeyd's layout then ends with a blank. */
static void
put_os(struct wbuf *w, const struct image *img, uint16_t number)
{
	const struct img_srcos *r = srcos_row(img, number);

	if (r == NULL)
		return;
	out_lit(w, " [");
	out_text(w, image_str(img, r->name));
	out_lit(w, " ");
	out_text(w, image_str(img, r->flavor));
	out_lit(w, " ]");
}

static void
put_probe(struct wbuf *w, const struct image *img, const struct event *ev,
    const struct ev_probe *p)
{
	static const char flag[8] = { 'F', 'S', 'R', 'P', 'A', 'U', 'E', 'C' };
	int i;

	out_lit(w, " - ");
	put_tuple(w, ev);
	out_lit(w, ": ");
	out_u64(w, p->ip_len);
	if (ev->proto == IPPROTO_TCP) {
		out_lit(w, " ");
		for (i = 0; i < 8; i++) {
			if (p->tcp_flags & 1 << i)
				out_mem(w, &flag[i], 1);
		}
	}
	put_os(w, img, p->srcos);
	if (ev->proto == IPPROTO_TCP &&
	    (p->tcp_flags & (TH_SYN | TH_RST)) == (TH_SYN | TH_RST))
		out_lit(w, " {Honeyd Scanner?}");
}

int
honeyd_packet(struct log_time *t, struct wbuf *w, const struct image *img,
    const struct event *ev)
{
	struct wbuf save = *w;
	const struct ev_flow *f;
	size_t len;
	const void *data = event_data(ev, &len);

	if (ev->ver != 4 && ev->ver != 6)
		return 0;
	put_time(t, w, ev->wall_ns);
	put_proto(w, ev->proto);
	switch (ev->kind) {
	case EV_TCP_PROBE:
	case EV_UDP_PROBE:
	case EV_ICMP_PROBE:
	case EV_IP_PROBE:
	case EV_FLOOD:
		put_probe(w, img, ev, data);
		break;
	case EV_TCP_OPEN:
	case EV_UDP_OPEN:
		f = data;
		out_lit(w, " S ");
		put_tuple(w, ev);
		put_os(w, img, f->srcos);
		break;
	case EV_TCP_CLOSE:
	case EV_UDP_CLOSE:
		f = data;
		out_lit(w, " E ");
		put_tuple(w, ev);
		out_lit(w, ": ");
		out_u64(w, f->bytes_in);
		out_lit(w, " ");
		out_u64(w, f->bytes_out);
		break;
	default:
		*w = save;
		return 0;
	}
	out_lit(w, "\n");
	if (w->over) {
		*w = save;
		return 0;
	}
	return 1;
}

void
honeyd_mark(struct log_time *t, struct wbuf *w, int64_t wall_ns, int started)
{
	put_time(t, w, wall_ns);
	if (started)
		out_lit(w, " honeyd log started ------\n");
	else
		out_lit(w, " honeyd log stopped ------\n");
}

static void
put_safe(struct wbuf *w, const uint8_t *p, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		char b[4] = { '\\', 'x', hex[p[i] >> 4], hex[p[i] & 15] };

		if (p[i] >= 0x20 && p[i] < 0x7f)
			out_mem(w, p + i, 1);
		else
			out_mem(w, b, sizeof(b));
	}
}

int
honeyd_service(struct log_time *t, struct wbuf *w, const struct event *ev)
{
	struct wbuf save = *w;
	size_t len, n;
	const uint8_t *p = event_data(ev, &len);
	int lines = 0;

	if (ev->kind != EV_SVC_LINE || (ev->ver != 4 && ev->ver != 6))
		return 0;
	do {
		n = len < HONEYD_TEXT_MAX ? len : HONEYD_TEXT_MAX;
		put_time(t, w, ev->wall_ns);
		put_proto(w, ev->proto);
		out_lit(w, " ");
		put_tuple(w, ev);
		out_lit(w, ": |");
		put_safe(w, p, n);
		out_lit(w, "|\n");
		p += n;
		len -= n;
		lines++;
	} while (len > 0);
	if (w->over) {
		*w = save;
		return 0;
	}
	return lines;
}
