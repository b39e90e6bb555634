/* SPDX-License-Identifier: ISC */
/*
 * Timers of hpd-net on net.wheel: tcp, udp flows, fragments, arp. Intrusive;
 * the wheel's one callback dispatches to ->fn, which may re-arm or free the
 * timer. One tick is a millisecond of net.now_ms.
 */
#ifndef HPD_TIMER_H
#define HPD_TIMER_H

#include <stdint.h>

#include "../common/wheel.h"

struct net_timer {
	struct wheel_entry e;
	void (*fn)(struct net_timer *);
};

/* Read the kernel's clocks into net.now_mono_ns, now_wall_ns and now_ms (the
 * monotonic clock in ms). Once a batch, and first in every loop callback that
 * is not part of one. */
void net_now(void);

/* Prepare (not armed). */
void net_timer_init(struct net_timer *, void (*fn)(struct net_timer *));
/* Fire once, ms from now (at least 1). Re-arms when armed. */
void net_timer_set(struct net_timer *, uint32_t ms);
/* As net_timer_set, but cheap when the deadline only moves later. */
void net_timer_touch(struct net_timer *, uint32_t ms);
void net_timer_del(struct net_timer *);
static inline int
net_timer_armed(const struct net_timer *t)
{
	return wheel_armed(&t->e);
}

/* From the loop's timer and after batches: call what is due at net.now_ms (the
 * caller set it), a bounded number. Returns ms until the next call is wanted:
 * 0 when work is left, UINT32_MAX when nothing is armed. */
uint32_t net_timer_run(void);

#endif
