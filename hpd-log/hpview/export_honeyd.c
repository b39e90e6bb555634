/* SPDX-License-Identifier: ISC */
/*
 * hpview export -f honeyd, -f service: the event a line was made of is made
 * again and given to hpd-log's own writer, so that both write the same bytes.
 */
#include <netinet/in.h>

#include <string.h>

#include "hpd-log/honeyd_text.h"
#include "hpd-log/hpview/export.h"
#include "hpd-log/hpview/html.h"

struct made {
	union {
		struct event ev;
		uint8_t b[EVENT_MAX + 8];
	} u;
	struct img_srcos os;
	struct image img;
	char names[1 + SRCOS_NAME_MAX + 1 + SRCOS_FLAVOR_MAX + 1];
};

static uint32_t
name(struct made *m, size_t at, size_t cap, struct vstr s)
{
	size_t n = vstr_text(s, m->names + at, cap);

	m->names[at + n] = '\0';
	return n > 0 ? (uint32_t)at : 0;
}

/* The sender's system or tool becomes row 1 of an image. */
static uint16_t
sender(struct made *m, const struct vrec *r)
{
	struct vstr what = r->os_name, which = r->os_version;

	if (r->tool.p != NULL) {
		what = r->tool;
		which = r->tool_mode;
	}
	if (what.p == NULL)
		return 0;
	memset(&m->os, 0, sizeof(m->os));
	memset(&m->img, 0, sizeof(m->img));
	m->names[0] = '\0';
	m->os.name = name(m, 1, SRCOS_NAME_MAX, what);
	m->os.flavor = name(m, 2 + SRCOS_NAME_MAX, SRCOS_FLAVOR_MAX, which);
	m->img.strings = m->names;
	m->img.srcos = &m->os;
	m->img.nsrcos = 1;
	return 1;
}

static void
data(struct made *m, const void *p, size_t len)
{
	m->u.ev.len = (uint16_t)((sizeof(m->u.ev) + len + 7) & ~(size_t)7);
	m->u.ev.pad = (uint8_t)(m->u.ev.len - sizeof(m->u.ev) - len);
	memcpy(m->u.b + sizeof(m->u.ev), p, len);
}

static void
begin(struct made *m, const struct vrec *r, const struct pseudo *p)
{
	struct event *ev = &m->u.ev;

	memset(ev, 0, sizeof(*ev));
	ev->kind = r->kind;
	ev->proto = r->proto;
	ev->ver = r->ver;
	ev->wall_ns = r->wall_ns;
	ev->sport = r->sport;
	ev->dport = r->dport;
	ev->count = (uint32_t)r->count;
	memcpy(ev->src, r->src, 16);
	memcpy(ev->dst, r->dst, 16);
	if (p->on && r->ver != 0)
		pseudo_addr(p, &ev->ver, ev->src);
}

void
export_honeyd(struct wbuf *w, const struct vrec *r, const struct pseudo *p)
{
	static struct made m;
	struct log_time t;
	union { /* a flood's begins with a probe's */
		struct ev_probe probe;
		struct ev_flood flood;
	} d;
	struct ev_flow f;

	begin(&m, r, p);
	switch (r->kind) {
	case EV_TCP_PROBE:
	case EV_UDP_PROBE:
	case EV_ICMP_PROBE:
	case EV_IP_PROBE:
	case EV_FLOOD:
		memset(&d, 0, sizeof(d));
		d.probe.ip_len = r->ip_len;
		d.probe.tcp_flags = r->tcp_flags;
		d.probe.srcos = sender(&m, r);
		data(&m, &d, r->kind == EV_FLOOD ? sizeof(d.flood) :
						   sizeof(d.probe));
		break;
	case EV_TCP_OPEN:
	case EV_UDP_OPEN:
	case EV_TCP_CLOSE:
	case EV_UDP_CLOSE:
		memset(&f, 0, sizeof(f));
		f.bytes_in = r->bytes_in;
		f.bytes_out = r->bytes_out;
		f.srcos = sender(&m, r);
		data(&m, &f, sizeof(f));
		break;
	default:
		return;
	}
	t.valid = 0;
	(void)honeyd_packet(&t, w, &m.img, &m.u.ev);
}

void
export_service(struct wbuf *w, const struct vrec *r, const struct pseudo *p)
{
	static struct made m;
	static uint8_t text[EVENT_DATA_MAX + 64];
	struct log_time t;
	size_t n;

	if (r->kind != EV_SVC_LINE || (p->on && !p->keep_data))
		return;
	begin(&m, r, p);
	if (r->data_b64.p != NULL &&
	    r->data_b64.n <= EVENT_DATA_MAX / 3 * 4 + 4)
		n = html_unb64(r->data_b64.p, r->data_b64.n, text,
		    sizeof(text));
	else
		n = vstr_text(r->message, (char *)text, sizeof(text));
	data(&m, text, n > EVENT_DATA_MAX ? EVENT_DATA_MAX : n);
	t.valid = 0;
	(void)honeyd_service(&t, w, &m.u.ev);
}
