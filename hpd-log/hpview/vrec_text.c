/* SPDX-License-Identifier: ISC */
/*
 * Lines of honeyd's own logs into a vrec, in hpview: its packet log and its
 * service log, as honeyd wrote them and as hpd-log does. honeyd's stamps are
 * local time without a zone (vtime_zone). What honeyd passed on raw stays raw:
 * must never be shown but through view_safe().
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "hpd-log/hpview/vjson.h"
#include "hpd-log/hpview/vtime.h"

#define SEC 1000000000LL

/* A number of at most max; the cursor behind it. */
static int
number(struct cur *c, uint64_t max, uint64_t *v)
{
	return cur_u64(c, v) == -1 || *v > max ? -1 : 0;
}

static int
two(const char *p)
{
	return p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9' ?
	    -1 :
	    (p[0] - '0') * 10 + p[1] - '0';
}

/* "2026-11-23-06:25:02.8063" */
static int
stamp(struct cur *c, struct vrec *r)
{
	static _Thread_local char last[19];
	static _Thread_local int64_t last_sec;
	const char *p = c->p;
	int cen, y, mo, d, h, mi, s, f1, f2;

	if (c->end - p < 24 || p[4] != '-' || p[7] != '-' || p[10] != '-' ||
	    p[13] != ':' || p[16] != ':' || p[19] != '.')
		return -1;
	f1 = two(p + 20);
	f2 = two(p + 22);
	if (f1 < 0 || f2 < 0)
		return -1;
	if (memcmp(p, last, sizeof(last)) != 0) {
		cen = two(p);
		y = two(p + 2);
		mo = two(p + 5);
		d = two(p + 8);
		h = two(p + 11);
		mi = two(p + 14);
		s = two(p + 17);
		if (cen < 19 || y < 0 || cen * 100 + y < VTIME_YEAR_MIN ||
		    cen * 100 + y > VTIME_YEAR_MAX ||
		    mo < 1 || mo > 12 || d < 1 || d > 31 || h < 0 || h > 23 ||
		    mi < 0 || mi > 59 || s < 0 || s > 60)
			return -1;
		last_sec = vtime_local(cen * 100 + y, (unsigned int)mo,
		    (unsigned int)d, (unsigned int)h, (unsigned int)mi,
		    (unsigned int)s);
		memcpy(last, p, sizeof(last));
	}
	r->wall_ns = last_sec * SEC + (f1 * 100 + f2) * 100000LL;
	c->p += 24;
	return 0;
}

/* " tcp(6)" */
static int
proto(struct cur *c, struct vrec *r)
{
	uint64_t v;

	if (!CUR_LIT(c, " tcp(") && !CUR_LIT(c, " udp(") &&
	    !CUR_LIT(c, " icmp(") && !CUR_LIT(c, " unkn("))
		return -1;
	if (number(c, 255, &v) == -1 || !cur_eat(c, ')'))
		return -1;
	r->proto = (uint8_t)v;
	return 0;
}

/* An address up to a blank, a colon that is followed by one, or the end. */
static int
address(struct cur *c, struct vrec *r, uint8_t addr[16])
{
	char b[INET6_ADDRSTRLEN];
	size_t n = 0;

	while (c->p + n < c->end && c->p[n] != ' ' && n < sizeof(b))
		n++;
	if (n > 0 && n < sizeof(b) && c->p[n - 1] == ':' &&
	    (n < 2 || c->p[n - 2] != ':'))
		n--;
	if (n == 0 || n >= sizeof(b))
		return -1;
	memcpy(b, c->p, n);
	b[n] = '\0';
	c->p += n;
	r->ver = memchr(b, ':', n) != NULL ? 6 : 4;
	return inet_pton(r->ver == 6 ? AF_INET6 : AF_INET, b, addr) == 1 ? 0 :
									   -1;
}

static int
tuple(struct cur *c, struct vrec *r)
{
	int ports = r->proto == IPPROTO_TCP || r->proto == IPPROTO_UDP;
	uint64_t v = 0;

	if (!cur_eat(c, ' ') || address(c, r, r->src) == -1)
		return -1;
	if (ports && (!cur_eat(c, ' ') || number(c, 65535, &v) == -1))
		return -1;
	r->sport = (uint16_t)v;
	if (!cur_eat(c, ' ') || address(c, r, r->dst) == -1)
		return -1;
	if (ports && (!cur_eat(c, ' ') || number(c, 65535, &v) == -1))
		return -1;
	r->dport = (uint16_t)v;
	return 0;
}

/* " [Linux 2.6 ]", when there. */
static void
system_of(struct cur *c, struct vrec *r)
{
	const char *end;

	if (c->end - c->p < 4 || memcmp(c->p, " [", 2) != 0)
		return;
	end = memchr(c->p, ']', (size_t)(c->end - c->p));
	if (end == NULL)
		return;
	r->os.p = c->p + 2;
	r->os.n = (uint32_t)(end - r->os.p);
	while (r->os.n > 0 && r->os.p[r->os.n - 1] == ' ')
		r->os.n--;
	/* In a JSON body these would be the start of something. */
	if (r->os.n == 0 || cur_plain(r->os.p, r->os.p + r->os.n) != r->os.n)
		memset(&r->os, 0, sizeof(r->os));
	c->p = end + 1;
}

/* Behind " -": a packet without state. */
static int
probe(struct cur *c, struct vrec *r)
{
	static const char flags[] = "FSRPAUEC";
	const char *f;
	uint64_t v;

	if (tuple(c, r) == -1 || !CUR_LIT(c, ": "))
		return -1;
	r->kind = r->proto == IPPROTO_TCP ? EV_TCP_PROBE :
	    r->proto == IPPROTO_UDP	  ? EV_UDP_PROBE :
					    EV_IP_PROBE;
	if (r->proto == IPPROTO_ICMP) {
		r->kind = EV_ICMP_PROBE;
		if (number(c, 255, &v) == -1 || !cur_eat(c, '('))
			return -1;
		r->sport = (uint16_t)v;
		if (number(c, 255, &v) == -1 || !CUR_LIT(c, "): "))
			return -1;
		r->dport = (uint16_t)v;
	}
	if (number(c, 65535, &v) == -1)
		return -1;
	r->ip_len = (uint16_t)v;
	if (r->proto == IPPROTO_TCP && cur_eat(c, ' '))
		for (; c->p < c->end && *c->p != ' '; c->p++) {
			f = memchr(flags, *c->p, 8);
			if (f == NULL)
				return -1;
			r->tcp_flags |= (uint8_t)(1 << (f - flags));
		}
	system_of(c, r);
	(void)CUR_LIT(c, " {Honeyd Scanner?}");
	return 0;
}

static int
flow(struct cur *c, struct vrec *r, int end)
{
	if (r->proto != IPPROTO_TCP && r->proto != IPPROTO_UDP)
		return -1;
	if (tuple(c, r) == -1)
		return -1;
	if (r->proto == IPPROTO_TCP)
		r->kind = end ? EV_TCP_CLOSE : EV_TCP_OPEN;
	else
		r->kind = end ? EV_UDP_CLOSE : EV_UDP_OPEN;
	if (!end) {
		system_of(c, r);
		return 0;
	}
	return !CUR_LIT(c, ": ") || cur_u64(c, &r->bytes_in) == -1 ||
		!cur_eat(c, ' ') || cur_u64(c, &r->bytes_out) == -1 ?
	    -1 :
	    0;
}

static void
begin(const char *line, size_t len, struct vrec *r, struct cur *c)
{
	memset(r, 0, sizeof(*r));
	r->line = line;
	r->len = (uint32_t)(len < UINT32_MAX ? len : UINT32_MAX);
	r->seal = UINT64_MAX;
	r->count = 1;
	c->p = line;
	c->end = line + len;
}

static void
finish(struct vrec *r)
{
	const struct event_row *row = event_row(r->kind);

	r->action.p = row->name;
	r->action.n = (uint32_t)strlen(row->name);
}

int
vrec_parse_honeyd(const char *line, size_t len, struct vrec *r)
{
	struct cur c;
	int ok;

	begin(line, len, r, &c);
	r->form = VIEW_HONEYD;
	if (stamp(&c, r) == -1)
		return -1;
	if (CUR_LIT(&c, " honeyd log started")) {
		r->kind = EV_START;
		finish(r);
		return 0;
	}
	if (CUR_LIT(&c, " honeyd log stopped")) {
		r->kind = EV_STOP;
		finish(r);
		return 0;
	}
	if (proto(&c, r) == -1)
		return -1;
	if (CUR_LIT(&c, " -"))
		ok = probe(&c, r);
	else if (CUR_LIT(&c, " S"))
		ok = flow(&c, r, 0);
	else if (CUR_LIT(&c, " E"))
		ok = flow(&c, r, 1);
	else
		return -1;
	while (c.p < c.end && (*c.p == ' ' || *c.p == '\r'))
		c.p++;
	if (ok == -1 || c.p != c.end)
		return -1;
	finish(r);
	return 0;
}

/* Text that holds what a JSON body can't, as a JSON body of this thread. */
static void
as_body(struct vstr *s)
{
	static const char hex[] = "0123456789abcdef";
	static _Thread_local char body[16384];
	size_t n = 0;
	uint32_t i;

	if (cur_plain(s->p, s->p + s->n) == s->n)
		return;
	for (i = 0; i < s->n && n + 6 <= sizeof(body); i++) {
		uint8_t ch = (uint8_t)s->p[i];

		if (ch == '"' || ch == '\\') {
			body[n++] = '\\';
			body[n++] = (char)ch;
		} else if (ch < 0x20) {
			memcpy(body + n, "\\u00", 4);
			body[n + 4] = hex[ch >> 4];
			body[n + 5] = hex[ch & 15];
			n += 6;
		} else {
			body[n++] = (char)ch;
		}
	}
	s->p = body;
	s->n = (uint32_t)n;
}

int
vrec_parse_service(const char *line, size_t len, struct vrec *r)
{
	struct cur c;

	begin(line, len, r, &c);
	r->form = VIEW_SERVICE;
	r->kind = EV_SVC_LINE;
	if (stamp(&c, r) == -1 || proto(&c, r) == -1 || tuple(&c, r) == -1 ||
	    !CUR_LIT(&c, ": |"))
		return -1;
	while (c.end > c.p && c.end[-1] == '\r')
		c.end--;
	/* Its last bar ends it; the text may have others. */
	if (c.end == c.p || c.end[-1] != '|')
		return -1;
	r->message.p = c.p;
	r->message.n = (uint32_t)(c.end - 1 - c.p);
	as_body(&r->message);
	finish(r);
	return 0;
}
