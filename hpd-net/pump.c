/* SPDX-License-Identifier: ISC */
/*
 * The drain strategy of hpd-net and the bench's reflector. Knows frames only
 * by number; must never hold back a frame when traffic is light.
 */
#include "pump.h"

#include <time.h>

#include "../common/clock.h"

void
pump_init(struct pump *p, struct netif *nif,
    void (*batch)(struct pkt *, int n, void *arg), void *arg)
{
	p->nif = nif;
	p->batch = batch;
	p->arg = arg;
	p->hurry = NULL;
	p->last_ns = clock_mono_ns();
	p->frames = 0;
	p->rate = 0;
}

/* Frames a ms over at least half a ms, smoothed over four looks. */
static void
rate_update(struct pump *p)
{
	int64_t now = clock_mono_ns(), dt = now - p->last_ns;
	uint64_t r;

	if (dt < NS_MSEC / 2)
		return;
	r = (uint64_t)p->frames * 16 * NS_MSEC / (uint64_t)dt;
	p->rate = (uint32_t)((3 * (uint64_t)p->rate + r) / 4);
	p->last_ns = now;
	p->frames = 0;
}

static int
drain(struct pump *p, int max)
{
	struct pkt pk[IO_BATCH];
	int n, total = 0;

	while (total < max) {
		n = io_rx(p->nif, pk, IO_BATCH);
		if (n > 0)
			p->batch(pk, n, p->arg);
		io_rx_done(p->nif);
		total += n;
		if (n < IO_BATCH)
			break;
	}
	return total;
}

static void
wait_for_batch(const struct pump *p)
{
	struct timespec ts = {0, 0};
	int64_t ns = (int64_t)PUMP_BATCH * 16 * NS_MSEC / p->rate;

	ts.tv_nsec = ns > PUMP_WAIT_NS ? PUMP_WAIT_NS : ns;
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

int
pump_run(struct pump *p)
{
	int n, total;

	total = drain(p, PUMP_FRAMES);
	p->frames += (uint32_t)total;
	rate_update(p);
	while (p->rate >= PUMP_BUSY * 16 && total < PUMP_FRAMES &&
	    (p->hurry == NULL || !*p->hurry)) {
		wait_for_batch(p);
		n = drain(p, PUMP_FRAMES - total);
		p->frames += (uint32_t)n;
		total += n;
		rate_update(p);
		if (n == 0)
			break;
	}
	return total;
}
