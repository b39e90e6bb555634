/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the one context, and its random numbers. No packet and no message
 * is handled here; the clocks are read by net_now() (timer.c).
 */
#include "net.h"

#include "../common/siphash.h"

struct net net;

uint32_t
net_rnd(void)
{
	static uint64_t counter, pool;

	if (counter++ & 1)
		return (uint32_t)(pool >> 32);
	pool = siphash13(net.hash_key, &counter, sizeof(counter));
	return (uint32_t)pool;
}
