/* SPDX-License-Identifier: ISC */
/*
 * Tables of a summary: rows and pairs as many as there are, purged when full
 * without losing the large ones or mixing up whose a pair is; sums of a summary
 * stay exact whatever fell out.
 */
#include <netinet/in.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/addr.h"
#include "hpd-log/hpview/vsum_int.h"

struct row {
	struct vkey key;
	uint64_t worth;
};

static uint64_t
worth(const void *p)
{
	return ((const struct row *)p)->worth;
}

static struct vkey
key(uint64_t i)
{
	struct vkey k = { { i * 3, i ^ 5, 7 } };

	return k;
}

static void
test_rows(void **state)
{
	struct vtab t;
	struct vkey k;
	uint32_t i, *map;

	(void)state;
	vtab_seed();
	assert_int_equal(vtab_init(&t, sizeof(struct row), 10000), 0);
	for (i = 0; i < 10000; i++) {
		k = key(i);
		assert_int_equal(vtab_get(&t, &k), i);
		((struct row *)vtab_row(&t, i))->worth = i % 100;
	}
	for (i = 0; i < 10000; i++) {
		k = key(i);
		assert_int_equal(vtab_find(&t, &k), i);
		assert_int_equal(vtab_get(&t, &k), i);
	}
	k = key(10000);
	assert_true(vtab_find(&t, &k) == UINT32_MAX);
	assert_true(vtab_get(&t, &k) == UINT32_MAX);
	map = vtab_purge(&t, worth);
	assert_non_null(map);
	assert_int_equal(t.n, 5000);
	assert_true(t.left == 5000);
	for (i = 0; i < 10000; i++) {
		k = key(i);
		assert_true(vtab_find(&t, &k) == map[i]);
		assert_true((map[i] != UINT32_MAX) == (i % 100 >= 50));
	}
	free(map);
	/* All worth the same: a half goes all the same. */
	for (i = 0; i < t.n; i++)
		((struct row *)vtab_row(&t, i))->worth = 1;
	map = vtab_purge(&t, worth);
	assert_int_equal(t.n, 2500);
	free(map);
	vtab_free(&t);
}

static void
test_pairs(void **state)
{
	static uint32_t map[1000];
	struct vpairs p;
	uint64_t sum = 0;
	uint32_t i, j;

	(void)state;
	assert_int_equal(vpairs_init(&p, 100000), 0);
	for (j = 0; j < 3; j++)
		for (i = 0; i < 50000; i++)
			assert_int_equal(vpairs_later(&p, i % 1000, i / 1000),
			    0);
	assert_int_equal(vpairs_settle(&p), 0);
	assert_int_equal(p.n, 50000);
	for (i = 0; i <= p.mask; i++)
		sum += p.p[i].count;
	assert_true(sum == 150000);
	for (i = 0; i < 1000; i++)
		map[i] = i % 2 ? i / 2 : UINT32_MAX;
	assert_int_equal(vpairs_renumber(&p, map, NULL), 0);
	assert_int_equal(p.n, 25000);
	for (i = 0; i <= p.mask; i++)
		assert_true(p.p[i].key == 0 || (p.p[i].count == 3 &&
				(p.p[i].key - 1) >> 32 < 500));
	for (i = 0; i < 200000; i++)
		assert_int_equal(vpairs_add(&p, 2000 + i, 1, 2), 0);
	assert_int_equal(p.n, 100000);
	assert_true(p.left == 2 * (200000 - 75000));
	vpairs_free(&p);
}

/* More sources than a thread keeps, one of them busy throughout. */
static void
test_sum(void **state)
{
	static struct vsum_thread t, u;
	const uint32_t n = MAX_SOURCES * 2 + 1000;
	struct vsum s;
	struct vrec r;
	uint32_t i;

	(void)state;
	assert_int_equal(vsum_thread_init(&t), 0);
	assert_int_equal(vsum_thread_init(&u), 0);
	memset(&r, 0, sizeof(r));
	r.kind = EV_TCP_PROBE;
	r.ver = 4;
	r.proto = IPPROTO_TCP;
	r.count = 2;
	addr_set4(r.dst, 0x0a000001);
	for (i = 0; i < n; i++) {
		r.wall_ns = i;
		r.dport = (uint16_t)(i % 10);
		addr_set4(r.src, i % 8 == 0 ? 0xc6336407 : 0x20000000u + i);
		vsum_add(i % 3 ? &t : &u, &r);
	}
	assert_int_equal(vsum_settle(&t), 0);
	assert_int_equal(vsum_settle(&u), 0);
	assert_true(t.tab[TAB_SOURCES].left > 0);
	assert_int_equal(vsum_merge(&t, &u), 0);
	s = t.sum;
	assert_int_equal(vsum_rows(&s, &t), 0);
	assert_true(s.records == n && s.counts[EV_TCP_PROBE] == 2ULL * n);
	assert_true(s.sources[0].events == (n + 7) / 8);
	assert_true(addr_ip4(s.sources[0].addr) == 0xc6336407);
	assert_int_equal(s.sources[0].ndecoys, 1);
	assert_int_equal(s.sources[0].nports, 5);
	assert_true(s.left_sources > 0 && s.nsources <= n &&
	    s.nsources > n / 8 * 7);
	assert_int_equal(s.n_decoys, 1);
	assert_true(s.decoys[0].events == n);
	assert_int_equal(s.n_ports, 10);
	assert_true(s.first_ns == 0 && s.last_ns == (int64_t)n - 1);
	assert_int_equal(s.n_sources, VSUM_TOP);
	assert_true(s.n_heat > 0 && s.heat[0].events > 0);
	vsum_free(&s);
	vsum_thread_free(&t);
	vsum_thread_free(&u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_sum),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
