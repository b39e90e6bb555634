/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: what the log is told. Probes go into a table of a second's
 * aggregates; what finds no place or is over the second's budget is folded
 * into one flood record a kind and verdict. Every probe is counted exactly
 * once. No formatting here; must never wait for hpd-log.
 */
#include "report.h"

#include <string.h>

#include "../common/siphash.h"
#include "net.h"
#include "srcos.h"

#define AGG_SLOTS  8192 /* power of two */
#define AGG_BUDGET 5000 /* records a second, under 2/3 of the slots */
#define NVERDICTS  8
#define NLIMITS	   24

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
	uint64_t count;
	struct agg first;
	uint8_t many; /* several sources */
};

static struct agg table[AGG_SLOTS];
static uint16_t used[AGG_BUDGET];
static uint32_t nused;
static struct flood flood[EV_KIND_MAX][NVERDICTS];

static struct {
	const char *name;
	uint64_t count;
} limits[NLIMITS];

static uint64_t drops_told[ST_MAX];

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
	a->ts_ns = pkt->ts_ns ? pkt->ts_ns : net.now_wall_ns;
	a->count = 1;
}

static void
fold(const struct probe_key *k, const struct pkt *pkt, uint16_t sport,
    uint16_t window)
{
	struct flood *f = &flood[k->kind][k->verdict];

	if (f->count == 0) {
		agg_fill(&f->first, k, pkt, sport, window);
		f->many = 0;
	} else if (f->first.key.src != k->src) {
		f->many = 1;
	}
	f->count++;
	STAT_INC(EVENTS_FOLDED);
}

void
report_probe(const struct pkt *pkt, uint16_t kind, uint8_t verdict,
    uint16_t sport, uint16_t dport, uint8_t tcp_flags, uint16_t window)
{
	struct probe_key k;
	uint32_t i;

	STAT_INC(PROBES);
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
			if (table[i].count == UINT32_MAX)
				break;
			table[i].count++;
			STAT_INC(EVENTS_FOLDED);
			return;
		}
		i = (i + 1) & (AGG_SLOTS - 1);
	}
	if (nused == AGG_BUDGET || table[i].count != 0) {
		fold(&k, pkt, sport, window);
		return;
	}
	used[nused++] = (uint16_t)i;
	agg_fill(&table[i], &k, pkt, sport, window);
}

static void
put_event(const struct event *ev, const void *data, size_t len)
{
	if (evq_put(&net.evq, ev, data, len) == 0)
		STAT_INC(EVENTS_PUT);
	else
		STAT_INC(EVENTS_LOST);
}

static void
set_addrs(struct event *ev, uint32_t src, uint32_t dst)
{
	ev->ver = 4;
	addr_set4(ev->src, src);
	addr_set4(ev->dst, dst);
}

static void
put_agg(const struct agg *a, uint16_t kind, uint32_t count, int many)
{
	struct event ev;
	struct ev_probe p;

	memset(&ev, 0, sizeof(ev));
	memset(&p, 0, sizeof(p));
	ev.kind = kind;
	ev.proto = a->key.proto;
	ev.verdict = a->key.verdict;
	ev.wall_ns = a->ts_ns;
	set_addrs(&ev, many ? 0 : a->key.src, a->key.dst);
	ev.sport = a->sport;
	ev.dport = a->key.dport;
	ev.count = count;
	p.ip_len = a->ip_len;
	p.tcp_flags = a->key.flags;
	p.ttl = a->ttl;
	p.window = a->window;
	p.srcos = many ? 0 : a->srcos;
	put_event(&ev, &p, sizeof(p));
}

void
report_tool(const struct report_tool *t, uint32_t count)
{
	struct event ev;
	struct ev_probe p;

	memset(&ev, 0, sizeof(ev));
	memset(&p, 0, sizeof(p));
	ev.kind = EV_TOOL;
	ev.proto = t->proto;
	ev.wall_ns = net.now_wall_ns;
	set_addrs(&ev, t->src, t->dst);
	ev.sport = t->sport;
	ev.dport = t->dport;
	ev.count = count;
	p.ip_len = t->ip_len;
	p.tcp_flags = t->tcp_flags;
	p.ttl = t->ttl;
	p.window = t->window;
	p.srcos = t->number;
	put_event(&ev, &p, sizeof(p));
}

static void
put_text(uint16_t kind, const char *text, uint64_t count)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.wall_ns = net.now_wall_ns;
	ev.count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
	put_event(&ev, text, strlen(text));
}

void
report_flow(uint16_t kind, uint8_t proto, uint64_t session, uint32_t src,
    uint16_t sport, uint32_t dst, uint16_t dport, const struct ev_flow *fl)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.proto = proto;
	ev.wall_ns = net.now_wall_ns;
	ev.session = session;
	set_addrs(&ev, src, dst);
	ev.sport = sport;
	ev.dport = dport;
	ev.count = 1;
	put_event(&ev, fl, sizeof(*fl));
}

void
report_mac(uint16_t kind, uint32_t addr, const uint8_t mac[6])
{
	struct event ev;
	struct ev_mac m;

	memset(&ev, 0, sizeof(ev));
	memset(&m, 0, sizeof(m));
	memcpy(m.mac, mac, 6);
	ev.kind = kind;
	ev.wall_ns = net.now_wall_ns;
	set_addrs(&ev, 0, addr);
	ev.count = 1;
	put_event(&ev, &m, sizeof(m));
}

void
report_limit(const char *name, uint64_t count)
{
	int i;

	for (i = 0; i < NLIMITS; i++) {
		if (limits[i].name == NULL)
			limits[i].name = name;
		if (strcmp(limits[i].name, name) == 0) {
			limits[i].count += count;
			return;
		}
	}
	limits[NLIMITS - 1].count += count; /* more names than rows */
}

static void
tick_floods(void)
{
	struct flood *f;
	uint32_t n;
	int k, v;

	for (k = 0; k < EV_KIND_MAX; k++)
		for (v = 0; v < NVERDICTS; v++) {
			f = &flood[k][v];
			while (f->count > 0) {
				n = f->count > UINT32_MAX ?
				    UINT32_MAX : (uint32_t)f->count;
				put_agg(&f->first, EV_FLOOD, n, f->many);
				f->count -= n;
			}
		}
}

static void
tick_drops(void)
{
	uint64_t d;
	int i;

	for (i = ST_DROP_SHORT; i <= ST_DROP_RATE; i++) {
		d = stats[i] - drops_told[i];
		if (d == 0)
			continue;
		drops_told[i] = stats[i];
		put_text(EV_NET_DROP, stats_name[i], d);
	}
	d = stats[ST_RX_RING_DROPS] - drops_told[ST_RX_RING_DROPS];
	if (d != 0) {
		drops_told[ST_RX_RING_DROPS] = stats[ST_RX_RING_DROPS];
		put_text(EV_NET_DROP, stats_name[ST_RX_RING_DROPS], d);
	}
}

void
report_tick(void)
{
	struct agg *a;
	uint32_t i;

	srcos_tick(net.draining);
	for (i = 0; i < nused; i++) {
		a = &table[used[i]];
		put_agg(a, a->key.kind, a->count, 0);
		a->count = 0;
	}
	nused = 0;
	tick_floods();
	tick_drops();
	for (i = 0; i < NLIMITS; i++) {
		if (limits[i].name == NULL || limits[i].count == 0)
			continue;
		put_text(EV_NET_LIMIT, limits[i].name, limits[i].count);
		limits[i].count = 0;
	}
}
