/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: what a decoy counts with: IP IDs, initial sequence numbers and
 * timestamps, each by its persona. Time is the frame's (net.now_wall_ns),
 * never read here.
 */
#include <string.h>

#include "host.h"
#include "icmp_limit.h"

#include "../common/clock.h"
#include "../common/siphash.h"

#define PER_DST_SLOTS 8192 /* power of two; collisions only merge counters */
#define DAY_S	      86400u

static struct per_dst {
	uint32_t ms;
	uint16_t id;
	uint16_t used;
} per_dst[PER_DST_SLOTS];

static uint64_t
derived(const struct host *h, const char what[4])
{
	uint8_t in[8];

	memcpy(in, what, 4);
	memcpy(in + 4, &h->addr, 4);
	return siphash24(net.key, in, sizeof(in));
}

/* Nanoseconds by the host's own clock, which is a little fast or slow. */
static int64_t
skewed(const struct host *h, int64_t ns)
{
	return ns + ns / NS_MSEC * h->skew_ppb / 1000;
}

/* What its clock says it had been up when the suite began, ns. */
static int64_t
uptime_at_start(const struct host *h)
{
	int64_t period, ns;
	uint64_t d;

	if (h->t->uptime != IMG_NONE)
		return (int64_t)h->t->uptime * NS_SEC;
	/* A machine that is started again every 20 to 120 days: the same
	 * moment of it, to the tick, after a restart of ours. */
	d = derived(h, "uptm");
	period = (int64_t)(20 * DAY_S + (d & 0xffffff) % (100 * DAY_S)) *
	    NS_SEC;
	ns = net.start_wall_ns < 0 ? 0 : net.start_wall_ns;
	ns = (ns % period + (int64_t)((d >> 24) * NS_SEC % (uint64_t)period)) %
	    period;
	return skewed(h, ns);
}

static void
set_clock(struct host *h)
{
	uint64_t d = derived(h, "skew");

	h->skew_ppb = h->t->skew_set ? h->t->skew_ppb :
				       (int32_t)(d % 60001) - 30000;
	h->ts_base = h->p->ts_const
	    ? (uint32_t)derived(h, "ts  ")
	    : gen_ticks(h->p->ts_mhz, uptime_at_start(h));
}

void
host_clock_renew(struct host *h)
{
	gen_ipid_rest(h->p->ipid, &h->ipid, net_rnd());
	set_clock(h);
}

void
host_clock_init(struct host *h)
{
	gen_ipid_init(h->p->ipid, &h->ipid, derived(h, "ipid"));
	h->ipid_ms = net.now_ms;
	icmp_limit_init(h);
	memset(&h->isn, 0, sizeof(h->isn));
	h->isn.last = (uint32_t)derived(h, "isn ");
	h->isn_ns = 0;
	set_clock(h);
}

static uint16_t
ipid_per_dst(const struct host *h, uint32_t peer)
{
	uint32_t in[2] = {h->addr, peer}, ms;
	uint64_t x = siphash13(net.hash_key, in, sizeof(in));
	struct per_dst *s = &per_dst[x & (PER_DST_SLOTS - 1)];

	if (!s->used) {
		s->used = 1;
		s->id = (uint16_t)(x >> 32);
		s->ms = net.now_ms;
	}
	/* As Linux: a little more when time went by. */
	ms = net.now_ms - s->ms;
	s->ms = net.now_ms;
	s->id = (uint16_t)(s->id + 1);
	if (ms >= 32)
		s->id = (uint16_t)(s->id + net_rnd() % (ms > 255 ? 8 : ms / 32));
	return s->id;
}

void
host_ipid_rest(struct host *h)
{
	gen_ipid_rest(h->p->ipid, &h->ipid, net_rnd());
	h->ipid_ms = net.now_ms;
}

uint16_t
host_ipid(struct host *h, enum ipid_use use, uint32_t peer)
{
	const struct img_ipid_use *u = h->p->ipid;

	if (use == IPID_FOR_NONE)
		return gen_ipid_stray(u, &h->ipid, net_rnd());
	if (u[use].how == IPID_ZERO)
		return 0;
	if (u[use].how == IPID_PER_DST)
		return ipid_per_dst(h, peer);
	if (net.now_ms - h->ipid_ms > GEN_QUIET_MS)
		gen_ipid_rest(u, &h->ipid, net_rnd());
	h->ipid_ms = net.now_ms;
	return gen_ipid_next(u, &h->ipid, use,
	    u[use].how == IPID_INCR ? 0 : net_rnd());
}

/* RFC 6528: one tick in 64 ns, plus a keyed hash of who talks. */
static uint32_t
isn_hashed(const struct host *h, uint32_t peer, uint16_t sport,
    uint16_t dport)
{
	uint32_t in[4] = {h->addr, peer, (uint32_t)sport << 16 | dport,
	    0x6e736931};

	return (uint32_t)(net.now_wall_ns >> 6) +
	    (uint32_t)siphash24(net.key, in, sizeof(in));
}

uint32_t
host_isn(struct host *h, uint32_t peer, uint16_t sport, uint16_t dport,
    int nmap)
{
	const struct img_isn_gen *g = &h->p->isn_gen;
	int64_t dt;

	if (g->how == ISN_RFC6528 || (g->hashed && !nmap))
		return isn_hashed(h, peer, sport, dport);
	dt = net.now_wall_ns - h->isn_ns;
	h->isn_ns = net.now_wall_ns;
	return gen_isn_next(g, &h->isn, dt);
}

uint32_t
host_tsval(const struct host *h, int nmap)
{
	int64_t ns = net.now_wall_ns - net.start_wall_ns;

	if (h->p->ts_mhz == 0 && !h->p->ts_const)
		return 0;
	if (ns < 0)
		ns = 0;
	ns = skewed(h, ns);
	return gen_tsval(h->p, h->ts_base, ns, nmap);
}
