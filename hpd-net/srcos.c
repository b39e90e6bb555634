/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: passive identification of senders. A segment is reduced to its
 * shape, the shape looked for among the image's signatures; shapes seen lately
 * are remembered with what they were, so that a flood of equal SYNs costs a
 * comparison each. Must never allocate, nor search longer than one layout's
 * rows.
 */
#include "srcos.h"

#include <stdlib.h>
#include <string.h>

#include "../common/buf.h"
#include "../common/diag.h"
#include "../common/siphash.h"
#include "net.h"
#include "report.h"
#include "tcp_int.h"

#define DISTANCE_MAX 35	  /* hops behind which a TTL is another system's */
#define SHAPES	     256  /* powers of two */
#define SOURCES	     4096
#define TOOLS	     1024
#define TOOL_LOOK    8

struct shape {
	uint64_t layout;
	uint16_t quirks, mss, win;
	uint8_t ttl, olen;
	uint8_t scale, eol_pad, payload, facts;
	uint8_t what, tcp_flags, has_ts, zero;
};
_Static_assert(sizeof(struct shape) == 24, "shape");

static struct {
	struct shape s;
	uint16_t number;
	uint8_t used;
} shapes[SHAPES];

static struct {
	uint32_t addr; /* 0: free */
	uint32_t ms;
	uint16_t number;
} sources[SOURCES];

static struct tool {
	uint32_t addr, name; /* 0: free; string of the row */
	uint32_t ms;	     /* told then */
	uint32_t more;	     /* seen since */
	struct report_tool t; /* the first of those */
} tools[TOOLS];

/* --- shapes ------------------------------------------------------------- */

static void
options(const struct seg *s, struct shape *h)
{
	const uint8_t *o = s->p->l4 + 20;
	uint32_t i = 0, n = s->optlen, k;
	uint8_t kind;

	h->layout = SRCOS_LAYOUT;
	while (i < n) { /* lengths were proven by tcp_opt_parse() */
		kind = o[i];
		h->layout = srcos_layout(h->layout, kind);
		if (kind == 1) {
			i++;
			continue;
		}
		if (kind == 0) {
			h->eol_pad = (uint8_t)(n - i - 1);
			for (k = i + 1; k < n; k++)
				if (o[k] != 0)
					h->quirks |= SRCOS_Q_OPTP;
			return;
		}
		if (kind == 3) {
			h->scale = o[i + 2];
			if (o[i + 2] > 14)
				h->quirks |= SRCOS_Q_EXWS;
		}
		i += o[i + 1];
	}
}

static void
numbers(const struct seg *s, struct shape *h)
{
	const struct pkt *p = s->p;
	uint16_t urp = be16(p->l4 + 18), q = 0;

	if (p->ip_df)
		q |= p->ip_id != 0 ? SRCOS_Q_DF | SRCOS_Q_IDP : SRCOS_Q_DF;
	else if (p->ip_id == 0)
		q |= SRCOS_Q_IDM;
	if ((p->ip_tos & 3) != 0 || (s->flags & (TH_ECE | TH_CWR)))
		q |= SRCOS_Q_ECN;
	if (p->ip[6] & 0x80)
		q |= SRCOS_Q_MBZ;
	if (s->seq == 0)
		q |= SRCOS_Q_SEQM;
	if (s->flags & TH_ACK)
		q |= s->ack == 0 ? SRCOS_Q_ACKM : 0;
	else if (s->ack != 0)
		q |= SRCOS_Q_ACKP;
	if (s->flags & TH_URG)
		q |= SRCOS_Q_URGF;
	else if (urp != 0)
		q |= SRCOS_Q_UPTRP;
	if (s->flags & TH_PSH)
		q |= SRCOS_Q_PUSHF;
	if (s->o.has_ts)
		q |= (s->o.tsval == 0 ? SRCOS_Q_TS1M : 0) |
		    (s->o.tsecr != 0 ? SRCOS_Q_TS2P : 0);
	h->quirks = q;
	if (s->seq == p->dst)
		h->facts |= SRCOS_SEQ_DST;
	if (p->ip_id == (uint16_t)(p->dst ^ s->dport ^ s->seq))
		h->facts |= SRCOS_ID_MIX;
	if (p->ip_id == 54321)
		h->facts |= SRCOS_ID_54321;
}

static void
shape(const struct seg *s, struct shape *h)
{
	memset(h, 0, sizeof(*h));
	numbers(s, h);
	options(s, h);
	h->mss = s->o.mss;
	h->win = s->window;
	h->ttl = s->p->ip_ttl;
	h->olen = (uint8_t)(s->p->ip_hlen - 20);
	h->payload = s->len != 0;
	h->has_ts = s->o.has_ts;
	h->tcp_flags = s->flags & (TH_FIN | TH_SYN | TH_RST | TH_ACK);
	h->what = SRCOS_TCP;
	if (h->tcp_flags == TH_SYN) {
		h->what = SRCOS_SYN;
		h->tcp_flags = 0;
	}
}

/* --- one row ------------------------------------------------------------ */

static int
win_fits(const struct img_srcos *r, const struct shape *h)
{
	uint32_t n = r->win, w = h->win;

	switch (r->win_type) {
	case SRCOS_WIN_ANY:
		return 1;
	case SRCOS_WIN_VALUE:
		return w == n;
	case SRCOS_WIN_MOD:
		return w % n == 0;
	case SRCOS_WIN_MSS:
		/* the MSS itself, what is left of it beside a time stamp, or
		 * what it was before a router on the way made it smaller */
		return h->mss >= 100 && (w == n * h->mss ||
		    (h->has_ts && w == n * (h->mss - 12u)) || w == n * 1460 ||
		    (h->has_ts && w == n * 1448));
	default:
		return h->mss != 0 &&
		    (w == n * (h->mss + 40u) || w == n * 1500);
	}
}

/* 0 no, 1 nearly: something on the way may have changed it, 2 yes. */
static int
fits(const struct img_srcos *r, const struct shape *h)
{
	uint32_t gone, came;

	if (r->what != h->what || r->tcp_flags != h->tcp_flags ||
	    r->olen != h->olen || r->eol_pad != h->eol_pad ||
	    (r->facts & ~h->facts) != 0)
		return 0;
	if (r->payload != SRCOS_PAYLOAD_ANY && r->payload != h->payload)
		return 0;
	if (!(r->flags & SRCOS_F_MSS_ANY) && r->mss != h->mss)
		return 0;
	if (r->scale != SRCOS_SCALE_ANY && r->scale != h->scale)
		return 0;
	if (!win_fits(r, h))
		return 0;
	gone = r->quirks & ~(uint32_t)h->quirks;
	came = h->quirks & ~r->quirks;
	if ((gone & ~(uint32_t)(SRCOS_Q_DF | SRCOS_Q_IDP)) != 0 ||
	    (came & ~(uint32_t)(SRCOS_Q_IDM | SRCOS_Q_ECN)) != 0)
		return 0;
	if (r->flags & SRCOS_F_TTL_MAX) {
		if (h->ttl > r->ttl)
			return 0;
	} else if (h->ttl > r->ttl || r->ttl - h->ttl > DISTANCE_MAX)
		return 1;
	return gone == 0 && came == 0 ? 2 : 1;
}

/* First row of a layout, or where it would be. */
static uint32_t
first_of(uint64_t layout)
{
	const struct img_srcos *r = net.img.srcos;
	uint32_t lo = 0, hi = net.img.nsrcos, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (r[mid].layout < layout)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Rows are in order of preference, generic ones last: the first that fits,
 * else the first system that nearly fits (tools do not change that much). */
static uint16_t
match(const struct shape *h)
{
	const struct img_srcos *r = net.img.srcos;
	uint32_t i, near = 0;
	int f;

	for (i = first_of(h->layout);
	     i < net.img.nsrcos && r[i].layout == h->layout; i++) {
		f = fits(&r[i], h);
		if (f == 2)
			return (uint16_t)(i + 1);
		if (f == 1 && near == 0 && !(r[i].flags & SRCOS_F_TOOL))
			near = i + 1;
	}
	return (uint16_t)near;
}

/* --- tools told to the log ---------------------------------------------- */

static void
tell(struct tool *t, uint32_t count)
{
	report_tool(&t->t, count);
	t->ms = net.now_ms;
	t->more = 0;
}

static void
sighting(const struct report_tool *seen, uint32_t name)
{
	uint32_t key[2] = {seen->src, name}, i, n;
	struct tool *t, *room = NULL;

	i = (uint32_t)siphash13(net.hash_key, key, sizeof(key));
	for (n = 0; n < TOOL_LOOK; n++, i++) {
		t = &tools[i & (TOOLS - 1)];
		if (t->addr == seen->src && t->name == name) {
			if (t->more == 0)
				t->t = *seen;
			if (t->more < UINT32_MAX)
				t->more++;
			STAT_INC(TOOLS_FOLDED);
			return;
		}
		if (t->addr == 0 && room == NULL)
			room = t;
	}
	if (room == NULL) {
		STAT_INC(TOOLS_FULL);
		report_limit("tools seen", 1);
		return;
	}
	room->addr = seen->src;
	room->name = name;
	room->t = *seen;
	STAT_INC(TOOLS_SEEN);
	tell(room, 1);
}

static void
told_if_probe(const struct pkt *p, uint16_t number, uint16_t sport,
    uint16_t dport, uint8_t flags, uint16_t window)
{
	const struct img_srcos *r = srcos_row(&net.img, number);
	struct report_tool seen;

	if (r == NULL || !(r->flags & SRCOS_F_PROBE))
		return;
	memset(&seen, 0, sizeof(seen));
	seen.src = p->src;
	seen.dst = p->dst;
	seen.sport = sport;
	seen.dport = dport;
	seen.number = number;
	seen.window = window;
	seen.ip_len = p->ip_len;
	seen.proto = p->ip_proto;
	seen.tcp_flags = flags;
	seen.ttl = p->ip_ttl;
	sighting(&seen, r->name);
}

void
srcos_tick(int all)
{
	struct tool *t;

	for (t = tools; t < tools + TOOLS; t++) {
		if (t->addr == 0 ||
		    (!all && net.now_ms - t->ms < SRCOS_TELL_S * 1000))
			continue;
		if (t->more != 0)
			tell(t, t->more);
		else
			t->addr = 0;
	}
}

/* --- packets ------------------------------------------------------------ */

#define PROBE_OPTIONS 20 /* bytes of options in the stray probes we know */

uint16_t
srcos_tcp(const struct seg *s)
{
	struct shape h;
	uint64_t x[3];
	uint32_t i;

	if ((s->flags & (TH_SYN | TH_ACK | TH_RST | TH_FIN)) != TH_SYN &&
	    s->optlen != PROBE_OPTIONS)
		return 0;
	shape(s, &h);
	memcpy(x, &h, sizeof(x));
	i = (uint32_t)((x[0] ^ x[1] * 0x9e3779b97f4a7c15ULL ^ x[2]) >> 32);
	i = (i ^ i >> 16) & (SHAPES - 1);
	if (!shapes[i].used || memcmp(&shapes[i].s, &h, sizeof(h)) != 0) {
		shapes[i].s = h;
		shapes[i].number = match(&h);
		shapes[i].used = 1;
	}
	if (shapes[i].number != 0)
		told_if_probe(s->p, shapes[i].number, s->sport, s->dport,
		    s->flags, s->window);
	return shapes[i].number;
}

/* The row of packets that have no options to be told by. */
static uint16_t
fixed(enum srcos_what what)
{
	const struct img_srcos *r = net.img.srcos;
	uint32_t i;

	for (i = first_of(SRCOS_LAYOUT);
	     i < net.img.nsrcos && r[i].layout == SRCOS_LAYOUT; i++)
		if (r[i].what == what)
			return (uint16_t)(i + 1);
	return 0;
}

/* Are all n bytes c? */
static int
all(const uint8_t *b, uint32_t n, uint8_t c)
{
	return n != 0 && b[0] == c && memcmp(b, b + 1, n - 1) == 0;
}

uint16_t
srcos_udp(const struct pkt *p, uint32_t len)
{
	uint16_t number;

	if (len != 308 || p->ip_id != 0x1042 || !all(p->l4 + 8, 300, 'C'))
		return 0;
	number = fixed(SRCOS_UDP_C300);
	told_if_probe(p, number, be16(p->l4), be16(p->l4 + 2), 0, 0);
	return number;
}

uint16_t
srcos_icmp(const struct pkt *p)
{
	uint16_t number;

	if (p->l4_len != 128 || p->l4[0] != 8 || p->l4[1] != 9 ||
	    !all(p->l4 + 8, 120, 0))
		return 0;
	number = fixed(SRCOS_ECHO_9);
	told_if_probe(p, number, 8, 9, 0, 0);
	return number;
}

/* --- sources ------------------------------------------------------------ */

static uint32_t
source_slot(uint32_t addr)
{
	return (uint32_t)siphash13(net.hash_key, &addr, sizeof(addr)) &
	    (SOURCES - 1);
}

uint16_t
srcos_known(uint32_t addr)
{
	uint32_t i = source_slot(addr);

	if (sources[i].addr != addr ||
	    net.now_ms - sources[i].ms > SRCOS_KNOW_S * 1000)
		return 0;
	return sources[i].number;
}

void
srcos_learn(uint32_t addr, uint16_t number)
{
	const struct img_srcos *r = srcos_row(&net.img, number);
	uint32_t i;

	if (r == NULL || r->flags & SRCOS_F_TOOL)
		return;
	i = source_slot(addr);
	sources[i].addr = addr;
	sources[i].ms = net.now_ms;
	sources[i].number = number;
}

/* --- numbers ------------------------------------------------------------ */

uint16_t *srcos_conn;
static uint32_t nconn;

void
srcos_conn_init(uint32_t n)
{
	free(srcos_conn);
	srcos_conn = calloc(n, sizeof(*srcos_conn));
	if (srcos_conn == NULL)
		fatal("signatures of %u connections", n);
	nconn = n;
}

/* Offsets of strings move from image to image, what they say counts. */
static uint64_t
digest(void)
{
	static const uint8_t key[16];
	struct img_srcos r;
	struct siphash s;
	uint32_t i, k, str[3];
	const char *t;

	siphash_init(&s, key, 1, 3);
	for (i = 0; i < net.img.nsrcos; i++) {
		r = net.img.srcos[i];
		str[0] = r.name;
		str[1] = r.flavor;
		str[2] = r.family;
		r.name = r.flavor = r.family = 0;
		siphash_update(&s, &r, sizeof(r));
		for (k = 0; k < 3; k++) {
			t = image_str(&net.img, str[k]);
			siphash_update(&s, t, strlen(t) + 1);
		}
	}
	return siphash_final(&s);
}

void
srcos_image(void)
{
	static uint64_t last;
	uint64_t now = digest();

	memset(tools, 0, sizeof(tools)); /* keyed by offsets */
	if (now == last)
		return;
	last = now;
	memset(shapes, 0, sizeof(shapes));
	memset(sources, 0, sizeof(sources));
	if (nconn != 0)
		memset(srcos_conn, 0, nconn * sizeof(*srcos_conn));
}
