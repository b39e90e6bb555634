/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the one context, its clocks and random numbers. No packet and no
 * message is handled here.
 */
#include "net.h"

#include "../common/clock.h"
#include "../common/siphash.h"

struct net net;

static int64_t mono_zero; /* monotonic time of wheel time 1 */

void
net_clock(void)
{
	net.now_mono_ns = clock_mono_ns();
	net.now_wall_ns = clock_wall_ns();
	if (mono_zero == 0)
		mono_zero = net.now_mono_ns - NS_MSEC;
	net.now_ms = (uint32_t)((net.now_mono_ns - mono_zero) / NS_MSEC);
}

uint32_t
net_rnd(void)
{
	static uint64_t counter, pool;

	if (counter++ & 1)
		return (uint32_t)(pool >> 32);
	pool = siphash13(net.hash_key, &counter, sizeof(counter));
	return (uint32_t)pool;
}
