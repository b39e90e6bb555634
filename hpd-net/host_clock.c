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

static uint64_t
uptime_at_start(const struct host *h)
{
	uint64_t d, period;

	if (h->t->uptime != IMG_NONE)
		return h->t->uptime;
	/* A machine that is started again every 20 to 120 days: the same
	 * moment of it after a restart of ours. */
	d = derived(h, "uptm");
	period = 20 * DAY_S + (d & 0xffffff) % (100 * DAY_S);
	return ((uint64_t)(net.start_wall_ns / NS_SEC) + (d >> 24)) % period;
}

void
host_clock_init(struct host *h)
{
	uint64_t d = derived(h, "ipid");

	h->ipid_tcp = (uint16_t)(1 + d % 8000);
	h->ipid_rst = (uint16_t)(20000 + (d >> 16) % 8000);
	h->ipid_icmp = (uint16_t)(45000 + (d >> 32) % 8000);
	if (h->p->ipid_tcp == IPID_CONST)
		h->ipid_tcp = (uint16_t)(1 + d % 65535);
	icmp_limit_init(h);
	d = derived(h, "isn ");
	h->isn = (uint32_t)d;
	h->isn_ns = 0;
	d = derived(h, "skew");
	h->skew_ppb = (int32_t)(d % 60001) - 30000;
	h->ts_base = (uint32_t)((unsigned __int128)uptime_at_start(h) *
	    h->p->ts_mhz / 1000);
}

static uint16_t
ipid_random(void)
{
	static uint8_t side;
	uint32_t r = net_rnd();

	/* Alternating halves: a few samples already show it is random. */
	side ^= 1;
	return (uint16_t)(side ? 1 + r % 18000 : 42000 + r % 23000);
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

uint16_t
host_ipid(struct host *h, enum ipid_use use, uint32_t peer)
{
	const struct img_persona *p = h->p;
	uint16_t *c = &h->ipid_tcp;
	uint8_t class = p->ipid_tcp;

	if (use == IPID_FOR_RST)
		class = p->ipid_rst;
	else if (use == IPID_FOR_ICMP)
		class = p->ipid_icmp;
	if (!p->ipid_shared && use != IPID_FOR_TCP)
		c = use == IPID_FOR_RST ? &h->ipid_rst : &h->ipid_icmp;
	switch (class) {
	case IPID_ZERO:
		return 0;
	case IPID_INCR:
		return ++*c;
	case IPID_BROKEN:
		return *c = (uint16_t)(*c + 256);
	case IPID_RANDINC:
		*c = (uint16_t)(*c + 1100 + net_rnd() % 400);
		if ((*c & 0xff) == 0)
			++*c;
		return *c;
	case IPID_CONST:
		return *c;
	case IPID_PER_DST:
		return ipid_per_dst(h, peer);
	default:
		return ipid_random();
	}
}

static uint32_t
isn_rfc6528(const struct host *h, uint32_t peer, uint16_t sport,
    uint16_t dport)
{
	uint32_t in[4] = {h->addr, peer, (uint32_t)sport << 16 | dport,
	    0x6e736931};
	uint32_t clock;

	/* one tick in 64 ns, or the persona's rate */
	if (h->p->isn_rate)
		clock = (uint32_t)((unsigned __int128)net.now_wall_ns *
		    h->p->isn_rate / NS_SEC);
	else
		clock = (uint32_t)(net.now_wall_ns >> 6);
	return clock + (uint32_t)siphash24(net.key, in, sizeof(in));
}

uint32_t
host_isn(struct host *h, uint32_t peer, uint16_t sport, uint16_t dport)
{
	uint32_t gcd = h->p->isn_gcd ? h->p->isn_gcd : 1;
	uint32_t rate = h->p->isn_rate ? h->p->isn_rate : 64000;
	int64_t dt;
	uint64_t d;

	switch (h->p->isn) {
	case ISN_CONST:
		break;
	case ISN_64K:
		h->isn += 64000;
		break;
	case ISN_TIME:
		d = (uint64_t)((unsigned __int128)net.now_wall_ns * rate /
		    NS_SEC);
		return (uint32_t)(d / gcd * gcd);
	case ISN_RANDINC:
		dt = net.now_wall_ns - h->isn_ns;
		h->isn_ns = net.now_wall_ns;
		if (dt < 20 * NS_MSEC)
			dt = 20 * NS_MSEC;
		if (dt > 2 * NS_SEC)
			dt = 2 * NS_SEC;
		d = (uint64_t)rate * (uint64_t)(dt / NS_USEC) / 1000000;
		d = d / 2 + (d ? net_rnd() % d : 0);
		if (d < gcd)
			d = gcd;
		h->isn += (uint32_t)(d / gcd * gcd);
		break;
	default:
		return isn_rfc6528(h, peer, sport, dport);
	}
	return h->isn;
}

uint32_t
host_tsval(struct host *h)
{
	int64_t ns = net.now_wall_ns - net.start_wall_ns;
	uint32_t v;

	if (h->p->ts_mhz == 0)
		return 0;
	if (ns < 0)
		ns = 0;
	ns += ns / NS_MSEC * h->skew_ppb / 1000;
	v = h->ts_base + (uint32_t)((unsigned __int128)ns * h->p->ts_mhz /
	    (1000ULL * NS_SEC));
	return v ? v : 1;
}
