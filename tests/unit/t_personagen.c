/* SPDX-License-Identifier: ISC */
/* Generators of a persona: what nmap would make of their numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../common/personagen.h"

#define MS 1000000LL

static uint32_t
gcd(uint32_t a, uint32_t b)
{
	return b == 0 ? a : gcd(b, a % b);
}

static uint32_t seed = 12345;

static uint32_t
rnd(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8 | seed << 24;
}

/* Small steps are kept through nmap's jitter, scaled otherwise. */
static void
test_isn_small(void **state)
{
	struct img_isn_gen g = {.how = ISN_PATTERN, .gcd = 64000,
	    .gcd_max = 64000, .step = {9, 1, 2, 49, 3}};
	struct gen_isn s = {.last = 7};

	(void)state;
	assert_int_equal(gen_isn_next(&g, &s, 108 * MS), 7 + 9 * 64000);
	assert_int_equal(gen_isn_next(&g, &s, 60 * MS), 7 + 10 * 64000);
	assert_int_equal(gen_isn_next(&g, &s, 160 * MS), 7 + 12 * 64000);
	assert_int_equal(gen_isn_mult(&g, &s, 108 * MS), 53); /* not so small */
	assert_int_equal(gen_isn_mult(&g, &s, 200 * MS), 98);
	assert_int_equal(gen_isn_mult(&g, &s, 50 * MS), 25);
	s.index = 1; /* one in 100 ms: never nothing */
	assert_int_equal(gen_isn_mult(&g, &s, 0), 1);
	assert_int_equal(gen_isn_mult(&g, &s, 1000 * MS), 10);
	assert_int_equal(gen_isn_mult(&g, &s, 9000000 * MS), 20);
	s.index = 4;
	(void)gen_isn_next(&g, &s, 100 * MS);
	assert_int_equal(s.index, 0);
}

/* Whatever the jitter: five differences whose divisor the entry takes, near
 * the clock. */
static void
test_isn_gcd(void **state)
{
	struct img_isn_gen g = {.how = ISN_PATTERN};
	struct gen_isn s = {.last = 1};
	static const uint32_t max[] = {1, 3, 6};
	uint32_t i, j, k, d, a, b, bumps = 0;
	int64_t dt;
	uint64_t want;

	(void)state;
	for (i = 0; i < 3000; i++) {
		g.gcd = i % 7 == 0 ? 250 : 1;
		g.gcd_max = g.gcd * max[i % 3];
		for (j = 0; j < ISN_STEPS; j++)
			g.step[j] = 50 + rnd() % 100000 / g.gcd * 2;
		for (d = 0, j = 0; j < 5; j++) {
			dt = 100 * MS + rnd() % 8000000;
			want = ((uint64_t)g.step[s.index] * (uint64_t)dt +
			    50 * MS) / (100 * MS);
			a = s.last;
			b = gen_isn_next(&g, &s, dt);
			assert_int_equal((b - a) % g.gcd, 0);
			k = (b - a) / g.gcd;
			assert_in_range(k, want > 12 ? want - 12 : 1,
			    want + 12);
			bumps += k != want;
			d = gcd(b - a, d);
		}
		/* above 9 a factor would change the unit of the spread */
		assert_in_range(d, g.gcd, g.gcd > 9 ? g.gcd : g.gcd_max);
	}
	assert_in_range(bumps, 1, 3000 * 5 / 4); /* of 15000: rare */
}

static void
test_isn_edges(void **state)
{
	struct img_isn_gen g = {.how = ISN_PATTERN, .gcd = 1,
	    .gcd_max = 1,
	    .step = {0x80000000u, 0x80000000u, 0x80000000u, 0x80000000u,
		0x80000000u}};
	struct gen_isn s = {.last = 0x80000001u};
	uint32_t a, i;

	(void)state;
	for (i = 0; i < 20; i++) { /* no difference above 2^31 */
		a = s.last;
		a = gen_isn_next(&g, &s, 2000 * MS) - a;
		assert_in_range(a, 0x80000000u - 64, 0x80000001u);
		assert_int_not_equal(s.last, 0);
	}
	memset(&s, 0, sizeof(s));
	g.gcd = 0x40000000;
	g.gcd_max = 0x40000000;
	for (i = 0; i < ISN_STEPS; i++)
		g.step[i] = 1;
	for (i = 0; i < 20; i++)
		assert_int_not_equal(gen_isn_next(&g, &s, 100 * MS), 0);
	g.how = ISN_CONST;
	g.first = 0x1234;
	assert_int_equal(gen_isn_next(&g, &s, 100 * MS), 0x1234);
	assert_int_equal(gen_isn_next(&g, &s, 100 * MS), 0x1234);
}

static uint16_t
next(const struct img_ipid_use *u, struct gen_ipid *s, unsigned n)
{
	return gen_ipid_next(u, s, n, rnd());
}

static void
test_ipid_classes(void **state)
{
	struct img_ipid_use u[3] = {{IPID_INCR, 0, 100, 200},
	    {IPID_BROKEN, 1, 300, 300}, {IPID_RANDINC, 2, 0, 0}};
	struct gen_ipid s;
	uint16_t a, d;
	int i, up, was = -1;

	(void)state;
	gen_ipid_init(u, &s, 0x123456789abcdefULL);
	a = next(u, &s, 0);
	assert_in_range(a, 101, 201);
	assert_int_equal(next(u, &s, 0), a + 1);
	assert_int_equal(next(u, &s, 1), 300 + 256);
	assert_int_equal(next(u, &s, 1), 300 + 512);
	s.id[1] = 0xff2c;
	assert_int_equal(next(u, &s, 1), 0x2d); /* the carry */
	assert_in_range(s.id[2], 1, 57343);
	for (i = 0; i < 10000; i++) {
		a = s.id[2];
		d = (uint16_t)(next(u, &s, 2) - a);
		assert_in_range(d, 1100, 1500);
		assert_int_not_equal(d % 256, 0);
	}
	u[0].how = IPID_ODD;
	for (i = 0; i < 100; i++) {
		a = s.id[0];
		d = (uint16_t)(next(u, &s, 0) - a);
		assert_in_range(d, 37, 75);
		assert_int_equal(d & 1, 1);
	}
	u[0].how = IPID_CONST;
	u[0].lo = 77;
	for (u[0].hi = 0; u[0].hi < 100; u[0].hi++) { /* says nothing */
		gen_ipid_init(u, &s, rnd());
		gen_ipid_rest(u, &s, rnd());
	}
	assert_int_equal(next(u, &s, 0), 77);
	assert_int_equal(gen_ipid_stray(u, &s, 5), 77);
	u[0].how = IPID_ZERO;
	assert_int_equal(next(u, &s, 0), 0);
	assert_int_equal(gen_ipid_stray(u, &s, 5), 0);
	u[0].how = u[1].how = IPID_RANDOM;
	for (i = 0; i < 1000; i++) {
		(void)next(u, &s, 1); /* another use does not disturb */
		up = next(u, &s, 0) > 30000;
		assert_int_not_equal(up, was);
		was = up;
	}
}

static void
test_ipid_window(void **state)
{
	struct img_ipid_use u[3] = {{IPID_INCR, 0, 30000, 30900},
	    {IPID_INCR, 0, 5, 6}, {IPID_INCR, 2, 1, 1000}};
	struct gen_ipid s;
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		gen_ipid_init(u, &s, (uint64_t)rnd() << 32 | rnd());
		assert_in_range(s.id[0], 30000, 30900);
		assert_in_range(s.id[2], 1, 1000);
	}
	s.id[0] = 30500;
	s.id[2] = 1001;
	gen_ipid_rest(u, &s, rnd());
	assert_int_equal(s.id[0], 30500); /* inside: stays */
	assert_in_range(s.id[2], 1, 256);
	s.id[0] = 12; /* went round */
	gen_ipid_rest(u, &s, rnd());
	assert_in_range(s.id[0], 30000, 30255);
	/* shared: one counter */
	i = next(u, &s, 0);
	assert_int_equal(next(u, &s, 1), i + 1);
	assert_int_equal(next(u, &s, 0), i + 2);
	i = s.id[0];
	assert_int_not_equal(gen_ipid_stray(u, &s, 1), i);
	assert_int_equal(s.id[0], i);
}

/* Against arithmetic in 128 bits. */
static void
test_ticks(void **state)
{
	static const uint32_t mhz[] = {1, 2500, 8600, 100000, 1000000,
	    UINT32_MAX};
	struct img_persona *p = calloc(1, sizeof(*p));
	uint64_t ns;
	uint32_t i, j;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < 6; i++)
		for (j = 0; j < 1000; j++) {
			ns = ((uint64_t)rnd() << 32 | rnd()) >> (7 + j % 30);
			assert_int_equal(gen_ticks(mhz[i], (int64_t)ns),
			    (uint32_t)((unsigned __int128)ns * mhz[i] /
			    1000000000000ULL));
		}
	for (i = 20; i <= 34; i++)
		for (j = 0; j < 1000; j++) {
			ns = ((uint64_t)rnd() << 32 | rnd()) >> (7 + j % 30);
			assert_int_equal(gen_ticks_log2((uint8_t)i,
			    (int64_t)ns), (uint32_t)(((unsigned __int128)ns
			    << i) / 1000000000));
		}
	p->ts_mhz = 1000000;
	assert_int_equal(gen_tsval(p, 5, 3 * 1000 * MS, 1), 3005);
	assert_int_equal(gen_tsval(p, 0, -5, 0), 1);
	p->ts_log2 = 33;
	assert_int_equal(gen_tsval(p, 5, 100 * MS, 1), 858993459 + 5);
	assert_int_equal(gen_tsval(p, 5, 100 * MS, 0), 105);
	p->ts_log2 = 0;
	p->ts_const = 1;
	assert_int_equal(gen_tsval(p, 9, 100 * MS, 1), 9);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_isn_small), cmocka_unit_test(test_isn_gcd),
	    cmocka_unit_test(test_isn_edges),
	    cmocka_unit_test(test_ipid_classes),
	    cmocka_unit_test(test_ipid_window), cmocka_unit_test(test_ticks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
