/* SPDX-License-Identifier: ISC */
/*
 * Hierarchical timer wheel. hpd-net and hpd-svc; one of many timers each, so
 * nothing here allocates or calls the system. An entry hangs in the level
 * whose range its distance fits and falls to finer levels as its time comes.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wheel.h"

#define LEVELS 4
#define SLOTS  256u
#define IDLE   1000u /* longest answer of wheel_next() */

void
wheel_init(struct wheel *w, uint32_t now_ms)
{
	memset(w, 0, sizeof(*w));
	w->now = now_ms;
}

/* Hang e by its deadline; one that is now goes to the slot being served. */
static void
hang(struct wheel *w, struct wheel_entry *e)
{
	uint32_t d = e->deadline - w->now;
	int level = d < 1u << 8 ? 0 : d < 1u << 16 ? 1 : d < 1u << 24 ? 2 : 3;
	struct wheel_entry **head =
	    &w->slot[level][e->deadline >> 8 * level & (SLOTS - 1)];

	e->slot_time = e->deadline;
	e->next = *head;
	e->prev = head;
	if (e->next != NULL)
		e->next->prev = &e->next;
	*head = e;
}

static void
unhang(struct wheel_entry *e)
{
	*e->prev = e->next;
	if (e->next != NULL)
		e->next->prev = e->prev;
	e->next = NULL;
	e->prev = NULL;
}

void
wheel_del(struct wheel *w, struct wheel_entry *e)
{
	if (!wheel_armed(e))
		return;
	unhang(e);
	w->armed--;
}

void
wheel_set(struct wheel *w, struct wheel_entry *e, uint32_t delay_ms)
{
	wheel_del(w, e);
	e->deadline = w->now + (delay_ms > 0 ? delay_ms : 1);
	hang(w, e);
	w->armed++;
}

void
wheel_touch(struct wheel *w, struct wheel_entry *e, uint32_t delay_ms)
{
	if (delay_ms == 0)
		delay_ms = 1;
	if (wheel_armed(e) && delay_ms >= e->slot_time - w->now)
		e->deadline = w->now + delay_ms;
	else
		wheel_set(w, e, delay_ms);
}

/* Spread one coarse slot over the finer ones. */
static void
cascade(struct wheel *w, int level)
{
	struct wheel_entry **head =
	    &w->slot[level][w->now >> 8 * level & (SLOTS - 1)];
	struct wheel_entry *e = *head, *next;

	*head = NULL;
	for (; e != NULL; e = next) {
		next = e->next;
		hang(w, e);
	}
}

static void
tick(struct wheel *w)
{
	w->now++;
	if ((w->now & 0xffffff) == 0)
		cascade(w, 3);
	if ((w->now & 0xffff) == 0)
		cascade(w, 2);
	if ((w->now & 0xff) == 0)
		cascade(w, 1);
}

/* Serve the slot of now. What is left when the budget ends stays there and is
 * served first next time; new entries never land in it. 1 budget spent. */
static int
serve(struct wheel *w, wheel_fn fn, void *arg, uint32_t *budget)
{
	struct wheel_entry **head = &w->slot[0][w->now & (SLOTS - 1)];
	struct wheel_entry *e;

	while ((e = *head) != NULL) {
		if (e->deadline != w->now) { /* touched: later than it hangs */
			unhang(e);
			hang(w, e);
			continue;
		}
		if (*budget == 0)
			return 1;
		(*budget)--;
		unhang(e);
		w->armed--;
		fn(w, e, arg);
	}
	return 0;
}

int
wheel_advance(struct wheel *w, uint32_t now_ms, wheel_fn fn, void *arg,
    uint32_t budget)
{
	if ((int32_t)(now_ms - w->now) < 0)
		now_ms = w->now; /* a clock that stepped back */
	for (;;) {
		if (w->armed == 0) {
			w->now = now_ms;
			return 0;
		}
		if (serve(w, fn, arg, &budget))
			return 1;
		if (w->now == now_ms)
			return 0;
		tick(w);
	}
}

/* Does some coarse slot fall apart at time t (a multiple of 256)? */
static int
falls(const struct wheel *w, uint32_t t)
{
	if (w->slot[1][t >> 8 & (SLOTS - 1)] != NULL)
		return 1;
	if ((t & 0xffff) == 0 && w->slot[2][t >> 16 & (SLOTS - 1)] != NULL)
		return 1;
	return (t & 0xffffff) == 0 && w->slot[3][t >> 24] != NULL;
}

uint32_t
wheel_next(const struct wheel *w)
{
	uint32_t i, t;

	if (w->armed == 0)
		return UINT32_MAX;
	for (i = 0; i < SLOTS; i++) {
		t = w->now + i;
		if (w->slot[0][t & (SLOTS - 1)] != NULL ||
		    (i > 0 && (t & 0xff) == 0 && falls(w, t)))
			return i;
	}
	for (t = (w->now | 0xff) + 1; t - w->now < IDLE; t += SLOTS)
		if (falls(w, t))
			return t - w->now;
	return IDLE;
}
