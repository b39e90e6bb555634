/* SPDX-License-Identifier: ISC */
/*
 * Hierarchical timer wheel, 4 levels of 256 slots, one tick a millisecond
 * (range 2^32 ms). O(1) insert and delete, intrusive entries, no allocation.
 * Re-arming later than now is lazy: wheel_touch() only stores the deadline and
 * the entry is moved when its old slot comes up.
 */
#ifndef HPD_WHEEL_H
#define HPD_WHEEL_H

#include <stdint.h>

struct wheel_entry {
	struct wheel_entry *next, **prev; /* prev NULL: not armed */
	uint32_t deadline;		  /* ms, wheel time */
	uint32_t slot_time;		  /* where it hangs */
};

struct wheel {
	struct wheel_entry *slot[4][256];
	uint32_t now;	 /* ms, free running */
	uint32_t armed;	 /* entries */
};

/* fn may re-arm or free its entry. */
typedef void (*wheel_fn)(struct wheel *, struct wheel_entry *, void *arg);

void wheel_init(struct wheel *, uint32_t now_ms);
/* Arm (or re-arm) for delay_ms from wheel->now, at least 1. */
void wheel_set(struct wheel *, struct wheel_entry *, uint32_t delay_ms);
/* Move the deadline of an armed entry later without touching the lists; arms
 * it when not armed. Earlier deadlines re-hang it. */
void wheel_touch(struct wheel *, struct wheel_entry *, uint32_t delay_ms);
void wheel_del(struct wheel *, struct wheel_entry *);
static inline int
wheel_armed(const struct wheel_entry *e)
{
	return e->prev != (void *)0;
}
/* Advance to now_ms, calling fn for every entry that is due, at most budget
 * calls (then returns 1: call again; else 0). */
int wheel_advance(struct wheel *, uint32_t now_ms, wheel_fn, void *arg,
    uint32_t budget);
/* ms until something may be due (0 .. 1000), UINT32_MAX when empty. */
uint32_t wheel_next(const struct wheel *);

#endif
