/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: timers on the one wheel. Must never run an unbounded number of
 * callbacks in one turn: packets wait meanwhile.
 */
#include <stddef.h>

#include "net.h"
#include "timer.h"

#define TIMER_BUDGET 512 /* callbacks a turn */

static void
timer_fire(struct wheel *w, struct wheel_entry *e, void *arg)
{
	struct net_timer *t;

	(void)w;
	(void)arg;
	t = (struct net_timer *)(void *)((char *)e -
	    offsetof(struct net_timer, e));
	t->fn(t);
}

void
net_timer_init(struct net_timer *t, void (*fn)(struct net_timer *))
{
	t->e.next = NULL;
	t->e.prev = NULL;
	t->e.deadline = 0;
	t->e.slot_time = 0;
	t->fn = fn;
}

void
net_timer_set(struct net_timer *t, uint32_t ms)
{
	wheel_set(&net.wheel, &t->e, ms == 0 ? 1 : ms);
}

void
net_timer_touch(struct net_timer *t, uint32_t ms)
{
	wheel_touch(&net.wheel, &t->e, ms == 0 ? 1 : ms);
}

void
net_timer_del(struct net_timer *t)
{
	if (wheel_armed(&t->e))
		wheel_del(&net.wheel, &t->e);
}

uint32_t
net_timer_run(void)
{
	if (wheel_advance(&net.wheel, net.now_ms, timer_fire, NULL,
		TIMER_BUDGET))
		return 0;
	return wheel_next(&net.wheel);
}
