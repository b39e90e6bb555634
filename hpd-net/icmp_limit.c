/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: limits of ICMP errors. Three habits: Linux counts by target (a
 * bucket of interval times burst, icmp_ratelimit; since 3.18 besides 1000 a
 * second of the host, 50 at once), BSD by whole seconds (ppsratecheck), others
 * have one bucket a host. Over all stands the sensor's own limit. Nothing is
 * allocated; must never make a host tell more than its family would.
 */
#include "icmp_limit.h"

#include "../common/siphash.h"
#include "report.h"

#define PEER_SLOTS    8192 /* power of two; a newcomer takes the slot */
#define LINUX_GLOBAL  1000
#define LINUX_AT_ONCE 50

static struct peer_bucket {
	uint32_t tag; /* of host and peer */
	uint32_t ms;
	uint32_t credit_ms;
	uint32_t used;
} peers[PEER_SLOTS];

static struct {
	uint32_t ms;
	uint32_t tokens;
	uint8_t begun;
} sensor;

static int
by_target(const struct host *h)
{
	return h->p->family <= FAM_LINUX;
}

static int
by_second(const struct host *h)
{
	return h->p->family >= FAM_FREEBSD && h->p->family <= FAM_MACOS;
}

static uint32_t
burst_of(const struct img_persona *p)
{
	uint32_t n = p->icmp_burst ? p->icmp_burst : p->icmp_rate;

	return n < ICMP_BURST_MIN ? ICMP_BURST_MIN : n;
}

void
icmp_limit_init(struct host *h)
{
	h->icmp_ms = net.now_ms;
	if (by_target(h))
		h->icmp_tokens = LINUX_AT_ONCE;
	else if (by_second(h))
		h->icmp_tokens = h->p->icmp_rate;
	else
		h->icmp_tokens = (uint16_t)burst_of(h->p);
}

/* A bucket of max tokens, rate of them a second. *ms: when last filled. */
static uint32_t
filled(uint32_t tokens, uint32_t *ms, uint32_t rate, uint32_t max)
{
	uint64_t add = (uint64_t)(net.now_ms - *ms) * rate / 1000;

	if (add == 0)
		return tokens;
	if (tokens + add >= max) {
		*ms = net.now_ms;
		return max;
	}
	*ms += (uint32_t)(add * 1000 / rate);
	return tokens + (uint32_t)add;
}

/* Linux: what went by since the last error is credit, a whole interval of it
 * is an error, no more than burst intervals are kept. */
static int
target_allowed(const struct host *h, uint32_t peer)
{
	uint32_t in[2] = {h->addr, peer};
	uint64_t x = siphash13(net.hash_key, in, sizeof(in));
	struct peer_bucket *b = &peers[x & (PEER_SLOTS - 1)];
	uint32_t interval = 1000u / h->p->icmp_rate, max, dt;

	if (interval == 0)
		interval = 1;
	max = interval * burst_of(h->p);
	if (!b->used || b->tag != (uint32_t)(x >> 32)) {
		b->used = 1;
		b->tag = (uint32_t)(x >> 32);
		b->credit_ms = max;
		b->ms = net.now_ms;
	}
	if (b->credit_ms > max) /* it was another persona's */
		b->credit_ms = max;
	dt = net.now_ms - b->ms;
	b->ms = net.now_ms;
	b->credit_ms = dt >= max - b->credit_ms ? max : b->credit_ms + dt;
	if (b->credit_ms < interval)
		return 0;
	b->credit_ms -= interval;
	return 1;
}

static int
host_allowed(struct host *h, uint32_t peer)
{
	uint32_t rate = h->p->icmp_rate;

	if (rate == 0)
		return 1;
	if (by_second(h)) {
		if (net.now_ms - h->icmp_ms >= 1000) {
			h->icmp_ms = net.now_ms;
			h->icmp_tokens = (uint16_t)rate;
		}
	} else if (by_target(h)) {
		h->icmp_tokens = (uint16_t)filled(h->icmp_tokens, &h->icmp_ms,
		    LINUX_GLOBAL, LINUX_AT_ONCE);
		if (h->p->family != FAM_LINUX)
			return target_allowed(h, peer);
		if (h->icmp_tokens > 0 && !target_allowed(h, peer))
			return 0;
	} else
		h->icmp_tokens = (uint16_t)filled(h->icmp_tokens, &h->icmp_ms,
		    rate, burst_of(h->p));
	if (h->icmp_tokens == 0)
		return 0;
	h->icmp_tokens--;
	return 1;
}

static int
sensor_allowed(void)
{
	if (!sensor.begun) {
		sensor.begun = 1;
		sensor.ms = net.now_ms;
		sensor.tokens = ICMP_SENSOR_BURST;
	}
	sensor.tokens = filled(sensor.tokens, &sensor.ms, ICMP_SENSOR_RATE,
	    ICMP_SENSOR_BURST);
	if (sensor.tokens == 0)
		return 0;
	sensor.tokens--;
	return 1;
}

int
icmp_error_allowed(struct host *h, uint32_t peer)
{
	if (!host_allowed(h, peer)) {
		STAT_INC(LIMIT_ICMP);
		return 0;
	}
	if (!sensor_allowed()) {
		STAT_INC(LIMIT_ICMP_SENSOR);
		report_limit("icmp errors of the sensor", 1);
		return 0;
	}
	return 1;
}
