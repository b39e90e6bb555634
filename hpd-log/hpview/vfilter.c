/* SPDX-License-Identifier: ISC */
/*
 * Filters, in hpview: what people type into ranges and bits, and the question
 * asked of each record. No allocation, no names looked up.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/vtime.h"

/* A record may be written this long after the segment behind its own began. */
#define LATE_S 3600

void
filter_init(struct filter *f)
{
	memset(f, 0, sizeof(*f));
}

static int
complain(const char *what, const char *arg)
{
	fprintf(stderr, "hpview: %s: not %s\n", arg, what);
	return -1;
}

static int
one_addr(const char *p, size_t n, uint8_t addr[16], uint8_t *ver)
{
	char b[INET6_ADDRSTRLEN];

	if (n >= sizeof(b))
		return -1;
	memcpy(b, p, n);
	b[n] = '\0';
	memset(addr, 0, 16);
	*ver = strchr(b, ':') != NULL ? 6 : 4;
	return inet_pton(*ver == 6 ? AF_INET6 : AF_INET, b, addr) == 1 ? 0 :
									 -1;
}

/* n digits of at most five as a number up to max. */
static int
number(const char *p, size_t n, unsigned long max, unsigned long *v)
{
	*v = 0;
	if (n == 0 || n > 5)
		return -1;
	for (; n > 0; n--, p++) {
		if (*p < '0' || *p > '9')
			return -1;
		*v = *v * 10 + (unsigned long)(*p - '0');
	}
	return *v > max ? -1 : 0;
}

static int
range(const char *arg, struct filter_range *r)
{
	const char *slash = strchr(arg, '/'), *dash = strchr(arg, '-');
	unsigned long bits, i, all;
	uint8_t ver;

	if (slash != NULL) {
		if (one_addr(arg, (size_t)(slash - arg), r->first, &r->ver) ==
		    -1)
			return -1;
		all = r->ver == 4 ? 32 : 128;
		if (number(slash + 1, strlen(slash + 1), all, &bits) == -1)
			return -1;
		memcpy(r->last, r->first, 16);
		for (i = bits; i < all; i++) {
			r->first[i / 8] &= (uint8_t)~(0x80 >> i % 8);
			r->last[i / 8] |= (uint8_t)(0x80 >> i % 8);
		}
		return 0;
	}
	if (dash != NULL)
		return one_addr(arg, (size_t)(dash - arg), r->first,
			   &r->ver) == -1 ||
			one_addr(dash + 1, strlen(dash + 1), r->last, &ver) ==
			    -1 ||
			ver != r->ver || memcmp(r->first, r->last, 16) > 0 ?
		    -1 :
		    0;
	if (one_addr(arg, strlen(arg), r->first, &r->ver) == -1)
		return -1;
	memcpy(r->last, r->first, 16);
	return 0;
}

static int
port(const char *arg, struct filter_port *p)
{
	const char *slash = strchr(arg, '/'), *dash;
	size_t n = slash != NULL ? (size_t)(slash - arg) : strlen(arg);
	unsigned long a, b;

	p->proto = 0;
	if (slash != NULL && strcmp(slash, "/tcp") == 0)
		p->proto = IPPROTO_TCP;
	else if (slash != NULL && strcmp(slash, "/udp") == 0)
		p->proto = IPPROTO_UDP;
	else if (slash != NULL)
		return -1;
	dash = memchr(arg, '-', n);
	if (dash == NULL) {
		if (number(arg, n, 65535, &a) == -1)
			return -1;
		b = a;
	} else if (number(arg, (size_t)(dash - arg), 65535, &a) == -1 ||
	    number(dash + 1, n - (size_t)(dash + 1 - arg), 65535, &b) == -1 ||
	    a > b) {
		return -1;
	}
	p->first = (uint16_t)a;
	p->last = (uint16_t)b;
	return 0;
}

static int
kind(struct filter *f, const char *arg)
{
	uint64_t bits = 0;
	size_t i;

	if (strncmp(arg, "hpd.", 4) == 0)
		arg += 4;
	for (i = 0; i < event_nrows; i++)
		if (fnmatch(arg, event_rows[i].name, 0) == 0)
			bits |= 1ULL << event_rows[i].kind;
	f->kinds |= bits;
	return bits != 0 ? 0 : -1;
}

static int
session(const char *arg, uint64_t *id)
{
	char *end;
	size_t n = strspn(arg, "0123456789abcdefABCDEF");

	if (n == 0 || n > 16 || arg[n] != '\0')
		return -1;
	*id = strtoull(arg, &end, 16);
	return 0;
}

#define ROOM(n, arg)                                                          \
	do {                                                                   \
		if ((n) == FILTER_MAX) {                                       \
			fprintf(stderr, "hpview: %s: more than %d of them\n",  \
			    arg, FILTER_MAX);                                  \
			return -1;                                             \
		}                                                              \
	} while (0)

static int
when(const char *arg, int64_t now_ns, int64_t *ns)
{
	return vtime_parse(arg, now_ns, ns) == -1 ? complain("a time", arg) :
						    0;
}

int
filter_option(struct filter *f, int letter, const char *arg, int64_t now_ns)
{
	switch (letter) {
	case 's':
		ROOM(f->nsrc, arg);
		if (range(arg, &f->src[f->nsrc]) == -1)
			return complain("an address, prefix or range", arg);
		f->nsrc++;
		return 0;
	case 'd':
		ROOM(f->ndst, arg);
		if (range(arg, &f->dst[f->ndst]) == -1)
			return complain("an address, prefix or range", arg);
		f->ndst++;
		return 0;
	case 'p':
		ROOM(f->nport, arg);
		if (port(arg, &f->port[f->nport]) == -1)
			return complain("a port or range of ports", arg);
		f->nport++;
		return 0;
	case 'k':
		return kind(f, arg) == -1 ?
		    complain("a kind of event; see hpd-events(7)", arg) : 0;
	case 'S':
		ROOM(f->nsession, arg);
		if (session(arg, &f->session[f->nsession]) == -1)
			return complain("a session's number", arg);
		f->nsession++;
		return 0;
	case 'a':
		f->has_after = 1;
		return when(arg, now_ns, &f->after_ns);
	case 'b':
		f->has_before = 1;
		return when(arg, now_ns, &f->before_ns);
	case 'n':
		ROOM(f->nsensor, arg);
		f->sensor[f->nsensor++] = arg;
		return 0;
	case 'z':
		return vtime_zone(arg) == -1 ?
		    complain("a time zone like +01:00", arg) : 0;
	default:
		return -1;
	}
}

static int
sensor_named(const struct filter *f, const char *dir)
{
	const char *base = strrchr(dir, '/');
	unsigned int i;

	base = base == NULL ? dir : base + 1;
	for (i = 0; i < f->nsensor; i++)
		if (fnmatch(f->sensor[i], dir, 0) == 0 ||
		    fnmatch(f->sensor[i], base, 0) == 0)
			return 1;
	return f->nsensor == 0;
}

void
filter_bind(struct filter_bound *b, const struct view *v)
{
	const struct filter *f = v->filter;
	unsigned int i;

	b->f = f;
	b->sensors = 0;
	for (i = 0; i < v->nsensors; i++)
		if (f == NULL || sensor_named(f, v->sensors[i]))
			b->sensors |= 1ULL << i;
	b->all = f == NULL ||
	    (f->nsrc + f->ndst + f->nport + f->nsession + f->nsensor == 0 &&
		f->kinds == 0 && !f->has_after && !f->has_before);
}

static int
inside(const struct filter_range *r, unsigned int n, uint8_t ver,
    const uint8_t addr[16])
{
	size_t len = ver == 4 ? 4 : 16;

	for (; n > 0; n--, r++)
		if (r->ver == ver && memcmp(addr, r->first, len) >= 0 &&
		    memcmp(addr, r->last, len) <= 0)
			return 1;
	return 0;
}

static int
has_port(const struct filter *f, const struct vrec *r)
{
	unsigned int i;

	if (r->proto != IPPROTO_TCP && r->proto != IPPROTO_UDP)
		return 0;
	for (i = 0; i < f->nport; i++)
		if ((f->port[i].proto == 0 || f->port[i].proto == r->proto) &&
		    r->dport >= f->port[i].first && r->dport <= f->port[i].last)
			return 1;
	return 0;
}

int
filter_match(const struct filter_bound *b, const struct vrec *r)
{
	const struct filter *f = b->f;
	unsigned int i;

	if (b->all)
		return 1;
	if (!(b->sensors >> r->sensor & 1))
		return 0;
	if (f->kinds != 0 && !(f->kinds >> r->kind & 1))
		return 0;
	if ((f->has_after && r->wall_ns < f->after_ns) ||
	    (f->has_before && r->wall_ns >= f->before_ns))
		return 0;
	if (f->nsession > 0) {
		for (i = 0; i < f->nsession; i++)
			if (f->session[i] == r->session && r->session != 0)
				break;
		if (i == f->nsession)
			return 0;
	}
	if (f->nsrc > 0 && !inside(f->src, f->nsrc, r->ver, r->src))
		return 0;
	if (f->ndst > 0 && !inside(f->dst, f->ndst, r->ver, r->dst))
		return 0;
	return f->nport == 0 || has_port(f, r);
}

int
filter_skips(const struct filter_bound *b, const struct vfile *file,
    const struct vfile *next)
{
	if (b->f == NULL)
		return 0;
	if (!(b->sensors >> file->sensor & 1))
		return 1;
	return b->f->has_after && next != NULL && next->stamp != 0 &&
	    file->stamp != 0 &&
	    (next->stamp + LATE_S) < b->f->after_ns / 1000000000LL;
}
