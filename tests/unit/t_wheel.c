/* SPDX-License-Identifier: ISC */
/*
 * The timer wheel against a naive model: random arming, touching, deleting and
 * advancing; every timer fires at its deadline, once, and wheel_next() never
 * promises more quiet than there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/wheel.h"

#define N 200

static struct wheel w;
static struct timer {
	struct wheel_entry e;
	int armed;	   /* the model's opinion */
	uint32_t deadline; /* likewise */
	unsigned int fired;
} t[N];
static uint64_t rng;
static unsigned int fires;

static uint32_t
rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 16);
}

/* All magnitudes alike. */
static uint32_t
rnd_delay(uint32_t bits)
{
	uint32_t b = rnd() % bits;

	return rnd() & ((2u << b) - 1);
}

static void
arm(struct timer *x, uint32_t delay, int touch)
{
	if (touch)
		wheel_touch(&w, &x->e, delay);
	else
		wheel_set(&w, &x->e, delay);
	x->armed = 1;
	x->deadline = w.now + (delay ? delay : 1);
}

static void
on_due(struct wheel *wh, struct wheel_entry *e, void *arg)
{
	struct timer *x = (struct timer *)(void *)e;

	assert_ptr_equal(wh, &w);
	assert_ptr_equal(arg, t);
	assert_true(x->armed);
	assert_int_equal(x->deadline, w.now);
	assert_false(wheel_armed(e));
	x->armed = 0;
	x->fired++;
	fires++;
	switch (rnd() % 4) { /* callbacks may do anything */
	case 0:
		arm(x, rnd_delay(20), (int)(rnd() & 1));
		break;
	case 1:
		x = &t[rnd() % N];
		wheel_del(&w, &x->e);
		x->armed = 0;
		break;
	case 2:
		arm(&t[rnd() % N], rnd_delay(12), (int)(rnd() & 1));
		break;
	}
}

/* Nothing the model holds is overdue; the counts agree. */
static void
agree(void)
{
	uint32_t next = wheel_next(&w), least = UINT32_MAX, left;
	unsigned int i, armed = 0;

	for (i = 0; i < N; i++) {
		assert_int_equal(wheel_armed(&t[i].e), t[i].armed);
		if (!t[i].armed)
			continue;
		armed++;
		left = t[i].deadline - w.now;
		if (left < least)
			least = left;
	}
	assert_int_equal(w.armed, armed);
	if (armed == 0)
		assert_int_equal(next, UINT32_MAX);
	else
		assert_true(next <= least && next <= 1000);
}

static void
model(uint32_t start, uint32_t bits, uint32_t step_bits, int turns)
{
	uint32_t to;
	int i, r;

	memset(t, 0, sizeof(t));
	wheel_init(&w, start);
	fires = 0;
	for (i = 0; i < turns; i++) {
		struct timer *x = &t[rnd() % N];

		switch (rnd() % 8) {
		case 0:
			wheel_del(&w, &x->e);
			x->armed = 0;
			break;
		case 1:
		case 2:
			arm(x, rnd_delay(bits), 1);
			break;
		case 3:
		case 4:
		case 5:
			arm(x, rnd_delay(bits), 0);
			break;
		case 6:
			to = w.now + rnd_delay(step_bits);
			do /* in small portions sometimes */
				r = wheel_advance(&w, to, on_due, t,
				    rnd() & 1 ? 1000 : 1 + rnd() % 3);
			while (r == 1);
			assert_int_equal(w.now, to);
			break;
		case 7: /* as a loop would: sleep until wheel_next() */
			to = wheel_next(&w);
			if (to == UINT32_MAX)
				to = 5;
			while (wheel_advance(&w, w.now + to, on_due, t,
			    1000) == 1)
				to = 0;
			break;
		}
		agree();
	}
	assert_true(fires > (unsigned int)turns / 100);
}

static void
against_model(void **state)
{
	(void)state;
	rng = 88172645463325252ULL;
	model(0, 8, 7, 60000);
	model(0, 14, 12, 60000);
	model(12345, 18, 15, 20000);
	model(UINT32_MAX - 30000, 16, 14, 30000); /* time wraps */
	model(UINT32_MAX - (1u << 22), 26, 22, 300);
}

static void
single(struct wheel *wh, struct wheel_entry *e, void *arg)
{
	(void)wh;
	(void)e;
	++*(unsigned int *)arg;
}

/* Every delay near the edges of the levels, from odd starts: not a
 * millisecond early or late. */
static void
edges(void **state)
{
	static const uint32_t start[] = {0, 1, 255, 256, 257, 65535, 65536,
	    0xffffff, 0x1000000, UINT32_MAX - 1, UINT32_MAX};
	static const uint32_t delay[] = {1, 2, 254, 255, 256, 257, 511, 512,
	    65279, 65280, 65535, 65536, 65537, 131072, 0xfffff};
	struct wheel_entry e;
	unsigned int i, j, n;

	(void)state;
	for (i = 0; i < sizeof(start) / sizeof(start[0]); i++)
		for (j = 0; j < sizeof(delay) / sizeof(delay[0]); j++) {
			memset(&e, 0, sizeof(e));
			wheel_init(&w, start[i]);
			wheel_set(&w, &e, delay[j]);
			n = 0;
			assert_int_equal(wheel_advance(&w, start[i] + delay[j]
			    - 1, single, &n, 9), 0);
			assert_int_equal(n, 0);
			assert_true(wheel_next(&w) <= 1);
			assert_int_equal(wheel_advance(&w,
			    start[i] + delay[j], single, &n, 9), 0);
			assert_int_equal(n, 1);
			assert_int_equal(w.armed, 0);
		}
}

/* The coarsest level: hours. */
static void
far(void **state)
{
	static const uint32_t when[][2] = {{0, 1u << 24}, {77, 0x1234567},
	    {UINT32_MAX - 5, 0x1000100}};
	struct wheel_entry e;
	unsigned int i, n;

	(void)state;
	for (i = 0; i < 3; i++) {
		memset(&e, 0, sizeof(e));
		wheel_init(&w, when[i][0]);
		wheel_set(&w, &e, when[i][1]);
		n = 0;
		assert_int_equal(wheel_advance(&w, when[i][0] + when[i][1] - 1,
		    single, &n, 9), 0);
		assert_int_equal(n, 0);
		assert_int_equal(wheel_advance(&w, when[i][0] + when[i][1], single,
		    &n, 9), 0);
		assert_int_equal(n, 1);
	}
}

static void
budget_and_clock(void **state)
{
	struct wheel_entry e[10];
	unsigned int i, n = 0;

	(void)state;
	memset(e, 0, sizeof(e));
	wheel_init(&w, 7);
	for (i = 0; i < 10; i++)
		wheel_set(&w, &e[i], 5);
	assert_int_equal(wheel_advance(&w, 12, single, &n, 4), 1);
	assert_int_equal(n, 4);
	assert_int_equal(wheel_next(&w), 0);
	assert_int_equal(wheel_advance(&w, 3, single, &n, 4), 1); /* back */
	assert_int_equal(n, 8);
	assert_int_equal(wheel_advance(&w, 12, single, &n, 4), 0);
	assert_int_equal(n, 10);
	assert_int_equal(wheel_next(&w), UINT32_MAX);
	wheel_del(&w, &e[0]); /* not armed: nothing happens */
	assert_int_equal(w.armed, 0);
	wheel_set(&w, &e[0], 0); /* 0 counts as 1 */
	assert_int_equal(wheel_next(&w), 1);
	wheel_touch(&w, &e[0], 100); /* later: stays where it hangs */
	assert_int_equal(e[0].slot_time, 13);
	wheel_touch(&w, &e[0], 1);
	assert_int_equal(wheel_advance(&w, 13, single, &n, 4), 0);
	assert_int_equal(n, 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(against_model),
	    cmocka_unit_test(edges),
	    cmocka_unit_test(far),
	    cmocka_unit_test(budget_and_clock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
