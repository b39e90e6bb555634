/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: packets that made no connection. A second's identical ones share a
 * record in a table; a source that has its number of records in this second,
 * and what is over the number of all, is folded into flood records: one a
 * source, kind and verdict, or of all sources together. Every packet is in
 * exactly one count. Must never wait for hpd-log, nor drop a count because its
 * queue is full.
 */
#include <string.h>

#include "../common/siphash.h"
#include "net.h"
#include "report.h"
#include "report_int.h"
#include "srcos.h"

#define AGG_SLOTS  8192 /* power of two */
#define AGG_BUDGET 5000 /* records a second, under 2/3 of the slots */
#define AGG_FLOOD  500	/* ... in a second after one that had more */
#define SRC_SLOTS  16384
#define SRC_MAX	   8192
#define SRC_LINES  100 /* records a source and second */
#define FLOODS	   256 /* of one source each */
#define NVERDICTS  8
#define NOBODY	   UINT16_MAX

struct probe_key {
	uint32_t src, dst;
	uint16_t dport;
	uint8_t kind, verdict;
	uint8_t flags, proto;
	uint16_t srcos; /* what the packet itself told */
};

struct agg {
	struct probe_key key;
	uint32_t count; /* 0: free */
	uint16_t sport, window, ip_len, srcos;
	uint8_t ttl, spare;
	int64_t ts_ns;
};

struct flood {
	uint64_t count; /* 0: free */
	struct agg first;
	int64_t last_ns;
	uint32_t dst_low, dst_high, nports, ndecoys;
	uint16_t port_low, port_high;
	uint16_t next; /* of the same source, or NOBODY */
	uint8_t many;  /* several sources */
	uint64_t port[65536 / 64], decoy[65536 / 64];
};

struct source { /* one that has records in this second */
	uint32_t addr;
	uint16_t lines; /* 0: free */
	uint16_t flood; /* its first, or NOBODY */
};

enum { OF_TCP, OF_UDP, OF_ICMP, OF_IP, OF_CONN, OF_MAX };
static const uint8_t kind_of[OF_MAX] = {EV_TCP_PROBE, EV_UDP_PROBE,
    EV_ICMP_PROBE, EV_IP_PROBE, EV_TCP_CLOSE};

static struct agg table[AGG_SLOTS];
static uint16_t used[AGG_BUDGET];
static uint32_t nused, budget = AGG_BUDGET;
static uint32_t over; /* packets that found the budget gone */
static struct source sources[SRC_SLOTS];
static uint16_t src_used[SRC_MAX];
static uint32_t nsrc;
static struct flood floods[FLOODS];
static uint32_t nfloods;
static struct flood all[OF_MAX][NVERDICTS];

static unsigned int
of(uint8_t kind)
{
	unsigned int i;

	for (i = 0; i < OF_MAX - 1; i++)
		if (kind_of[i] == kind)
			break;
	return i;
}

/* The slot of an address, or the free one for it. */
static struct source *
source_slot(uint32_t addr)
{
	uint32_t k, m, i;

	memcpy(&k, net.hash_key, sizeof(k));
	memcpy(&m, net.hash_key + 4, sizeof(m));
	i = ((addr ^ k) * (m | 1)) >> 18; /* 14 bits: SRC_SLOTS */
	while (sources[i].lines != 0 && sources[i].addr != addr)
		i = (i + 1) & (SRC_SLOTS - 1);
	return &sources[i];
}

static struct source *
source_take(uint32_t addr)
{
	struct source *s = source_slot(addr);

	if (s->lines != 0)
		return s;
	if (nsrc == SRC_MAX)
		return NULL;
	s->addr = addr;
	s->lines = 1;
	s->flood = NOBODY;
	src_used[nsrc++] = (uint16_t)(s - sources);
	return s;
}

static int64_t
stamp(const struct pkt *pkt)
{
	return pkt->ts_ns ? pkt->ts_ns : net.now_wall_ns;
}

static void
agg_fill(struct agg *a, const struct probe_key *k, const struct pkt *pkt,
    uint16_t sport, uint16_t window)
{
	a->key = *k;
	a->sport = sport;
	a->window = window;
	a->ip_len = pkt->ip_len;
	a->ttl = pkt->ip_ttl;
	a->srcos = pkt->srcos;
	if (pkt->srcos != 0)
		srcos_learn(pkt->src, pkt->srcos);
	else
		a->srcos = srcos_known(pkt->src);
	a->ts_ns = stamp(pkt);
	a->count = 1;
}

/* The source's own flood record, else that of all. */
static struct flood *
flood_find(const struct probe_key *k, struct source *s)
{
	struct flood *f;
	uint16_t i;

	if (s == NULL)
		return &all[of(k->kind)][k->verdict];
	for (i = s->flood; i != NOBODY; i = floods[i].next) {
		f = &floods[i];
		if (f->first.key.kind == k->kind &&
		    f->first.key.verdict == k->verdict)
			return f;
	}
	if (nfloods == FLOODS)
		return &all[of(k->kind)][k->verdict];
	f = &floods[nfloods];
	f->next = s->flood;
	s->flood = (uint16_t)nfloods++;
	return f;
}

static uint32_t
mark(uint64_t *map, uint32_t bit)
{
	uint64_t *w = &map[bit / 64 & 1023], b = 1ULL << (bit & 63);
	uint32_t new = !(*w & b);

	*w |= b;
	return new;
}

static void
fold(const struct probe_key *k, struct source *s, const struct pkt *pkt,
    uint16_t sport, uint16_t window, uint32_t count)
{
	struct flood *f = flood_find(k, s);

	if (f->count == 0) {
		agg_fill(&f->first, k, pkt, sport, window);
		f->many = 0;
		f->nports = f->ndecoys = 0;
		f->dst_low = f->dst_high = k->dst;
		f->port_low = f->port_high = k->dport;
		memset(f->port, 0, sizeof(f->port));
		memset(f->decoy, 0, sizeof(f->decoy));
	} else if (f->first.key.src != k->src) {
		f->many = 1;
	}
	f->count += count;
	f->last_ns = stamp(pkt);
	if (k->dst < f->dst_low)
		f->dst_low = k->dst;
	if (k->dst > f->dst_high)
		f->dst_high = k->dst;
	if (k->dport < f->port_low)
		f->port_low = k->dport;
	if (k->dport > f->port_high)
		f->port_high = k->dport;
	f->nports += mark(f->port, k->dport);
	f->ndecoys += mark(f->decoy, k->dst & 65535);
}

void
report_probes(const struct pkt *pkt, uint16_t kind, uint8_t verdict,
    uint16_t sport, uint16_t dport, uint8_t tcp_flags, uint16_t window,
    uint32_t count)
{
	struct probe_key k;
	struct source *s;
	uint32_t i;

	STAT_ADD(PROBES, count);
	memset(&k, 0, sizeof(k));
	k.src = pkt->src;
	k.dst = pkt->dst;
	k.dport = dport;
	k.kind = (uint8_t)(kind < EV_KIND_MAX ? kind : 0);
	k.verdict = verdict & (NVERDICTS - 1);
	k.flags = tcp_flags;
	k.proto = pkt->ip_proto;
	k.srcos = pkt->srcos;
	i = siphash13(net.hash_key, &k, sizeof(k)) & (AGG_SLOTS - 1);
	while (table[i].count != 0) {
		if (memcmp(&table[i].key, &k, sizeof(k)) == 0) {
			if (table[i].count > UINT32_MAX - count)
				break;
			table[i].count += count;
			STAT_ADD(EVENTS_FOLDED, count);
			return;
		}
		i = (i + 1) & (AGG_SLOTS - 1);
	}
	if (nused < budget && table[i].count == 0) {
		s = source_take(k.src);
		if (s != NULL && s->lines <= SRC_LINES) {
			s->lines++;
			used[nused++] = (uint16_t)i;
			agg_fill(&table[i], &k, pkt, sport, window);
			table[i].count = count;
			return;
		}
	} else {
		s = source_slot(k.src);
		if (s->lines == 0)
			s = NULL;
		if (nused >= budget && over < UINT32_MAX)
			over++;
	}
	fold(&k, s, pkt, sport, window, count);
	STAT_ADD(EVENTS_FOLDED, count);
}

void
report_probe(const struct pkt *pkt, uint16_t kind, uint8_t verdict,
    uint16_t sport, uint16_t dport, uint8_t tcp_flags, uint16_t window)
{
	report_probes(pkt, kind, verdict, sport, dport, tcp_flags, window, 1);
}

void
report_unseen(const struct pkt *pkt, uint16_t sport, uint16_t dport)
{
	struct probe_key k;

	memset(&k, 0, sizeof(k));
	k.src = pkt->src;
	k.dst = pkt->dst;
	k.dport = dport;
	k.kind = EV_TCP_CLOSE;
	k.verdict = VERDICT_OPEN;
	k.proto = pkt->ip_proto;
	k.srcos = pkt->srcos;
	fold(&k, source_take(k.src), pkt, sport, 0, 1);
	STAT_INC(FLOWS_FOLDED);
}

static void
event_of(struct event *ev, struct ev_probe *p, const struct agg *a, int many)
{
	memset(ev, 0, sizeof(*ev));
	memset(p, 0, sizeof(*p));
	ev->kind = a->key.kind;
	ev->proto = a->key.proto;
	ev->verdict = a->key.verdict;
	ev->wall_ns = a->ts_ns;
	report_addrs(ev, many ? 0 : a->key.src, a->key.dst);
	ev->sport = a->sport;
	ev->dport = a->key.dport;
	ev->count = a->count;
	p->ip_len = a->ip_len;
	p->tcp_flags = a->key.flags;
	p->ttl = a->ttl;
	p->window = a->window;
	p->srcos = many ? 0 : a->srcos;
}

static void
put_flood(struct flood *f)
{
	struct event ev;
	struct ev_flood d;

	memset(&d, 0, sizeof(d));
	event_of(&ev, &d.first, &f->first, f->many);
	d.of = ev.kind;
	ev.kind = d.of == EV_TCP_CLOSE ? EV_TCP_CONNECTS : EV_FLOOD;
	d.last_ns = f->last_ns;
	addr_set4(d.dst_low, f->dst_low);
	addr_set4(d.dst_high, f->dst_high);
	d.port_low = f->port_low;
	d.port_high = f->port_high;
	d.nports = f->nports;
	d.ndecoys = f->ndecoys;
	while (f->count > 0) {
		ev.count = f->count > UINT32_MAX ? UINT32_MAX
						 : (uint32_t)f->count;
		report_put(&ev, &d, sizeof(d));
		f->count -= ev.count;
	}
}

/* Is there room for all of it? */
static int
room(void)
{
	uint32_t need = nused * (uint32_t)(sizeof(struct event) +
	    sizeof(struct ev_probe));

	need += (nfloods + OF_MAX * NVERDICTS) *
	    (uint32_t)(sizeof(struct event) + sizeof(struct ev_flood));
	return need <= evq_room(&net.evq, EV_TCP_PROBE);
}

void
probes_tick(int last)
{
	struct event ev;
	struct ev_probe p;
	struct agg *a;
	uint32_t i, v;

	if (!last && !room())
		return; /* this second goes on */
	for (i = 0; i < nused; i++) {
		a = &table[used[i]];
		event_of(&ev, &p, a, 0);
		report_put(&ev, &p, sizeof(p));
		a->count = 0;
	}
	for (i = 0; i < nfloods; i++)
		put_flood(&floods[i]);
	for (i = 0; i < OF_MAX; i++)
		for (v = 0; v < NVERDICTS; v++)
			put_flood(&all[i][v]);
	for (i = 0; i < nsrc; i++)
		sources[src_used[i]].lines = 0;
	/* Back from a flood when all would have found their place. */
	budget = nused + over > AGG_BUDGET ? AGG_FLOOD : AGG_BUDGET;
	nused = over = nfloods = nsrc = 0;
}
