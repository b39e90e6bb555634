/* SPDX-License-Identifier: ISC */
/* What goes when the log needs room: made-up tables and numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "hpd-parent/budget.h"

#define MB (1ULL << 20)
#define GB (1ULL << 30)
#define NFILES 64

static struct budget_file f[NFILES];
static size_t n;
static struct budget_rules r;
static struct budget_now now;
static struct budget_sum s;

static int
clean(void **state)
{
	(void)state;
	memset(f, 0, sizeof(f));
	memset(&r, 0, sizeof(r));
	memset(&now, 0, sizeof(now));
	n = 0;
	now.avail = BUDGET_UNKNOWN;
	now.wall_ns = 1000000 * NS_SEC;
	return 0;
}

/* made so many seconds ago, last written then too */
static struct budget_file *
file(unsigned int stream, uint32_t number, int64_t ago, uint64_t bytes)
{
	struct budget_file *x = &f[n++];

	x->stream = (uint8_t)stream;
	x->number = number;
	x->bytes = bytes;
	x->made_s = now.wall_ns / NS_SEC - ago;
	x->newest_ns = now.wall_ns - ago * NS_SEC;
	return x;
}

/* All that go, as "p1 f2 ..." in order; why of the last one. */
static uint32_t
picks(char *out, size_t len)
{
	static const char letter[STREAM_MAX] = {'e', 'h', 's', 'p', 'f'};
	uint32_t why = 0, last = 0;
	size_t off = 0;
	int i;

	budget_sum(&s, f, n);
	out[0] = '\0';
	while ((i = budget_pick(&r, &now, &s, f, n, &why)) != -1) {
		assert_false(f[i].going || f[i].live || f[i].held);
		budget_take(&s, &f[i]);
		off += (size_t)snprintf(out + off, len - off, "%c%u ",
		    letter[f[i].stream], f[i].number);
		last = why;
	}
	return last;
}

static void
all_streams(void)
{
	/* three of each; the newest is live */
	for (unsigned int st = 0; st < STREAM_MAX; st++)
		for (uint32_t k = 1; k <= 3; k++)
			file(st, k, 1000 - k * 100, 10 * MB)->live = k == 3;
}

static void
frames_then_text_then_probes(void **state)
{
	char out[256];

	(void)state;
	all_streams(); /* 150 MB */
	picks(out, sizeof(out));
	assert_string_equal(out, ""); /* no limit, nothing goes */
	r.total = 150 * MB;
	picks(out, sizeof(out));
	assert_string_equal(out, "");
	r.total = 149 * MB;
	assert_int_equal(picks(out, sizeof(out)), RETIRE_BUDGET);
	assert_string_equal(out, "f1 ");
	assert_int_equal(s.going, 10 * MB);
	r.total = 105 * MB;
	assert_int_equal(picks(out, sizeof(out)), RETIRE_BUDGET);
	assert_string_equal(out, "f2 h1 h2 p1 ");
	/* never events, never service, never the newest */
	r.total = 1 * MB;
	picks(out, sizeof(out));
	assert_string_equal(out, "p2 ");
	assert_int_equal(budget_short(&r, &now, &s), RETIRE_BUDGET);
	assert_int_equal(budget_full(&r, &now, &s), RETIRE_BUDGET);
	r.oldest = 1;
	picks(out, sizeof(out));
	assert_string_equal(out, "e1 s1 e2 s2 ");
}

static void
the_streams_own_budget(void **state)
{
	char out[256];

	(void)state;
	all_streams();
	r.stream[STREAM_PROBES] = 15 * MB;
	r.stream[STREAM_EVENTS] = 15 * MB;
	assert_int_equal(picks(out, sizeof(out)), RETIRE_STREAM);
	assert_string_equal(out, "p1 p2 ");
	assert_true(budget_stream_full(&r, &s, STREAM_EVENTS));
	assert_false(budget_stream_full(&r, &s, STREAM_PROBES));
	r.oldest = 1;
	picks(out, sizeof(out));
	assert_string_equal(out, "e1 e2 ");
}

static void
age_takes_any_stream(void **state)
{
	char out[256];

	(void)state;
	all_streams(); /* ages 900, 800, 700 */
	r.keep_s[STREAM_EVENTS] = 850;
	r.keep_s[STREAM_PCAP] = 800;
	assert_int_equal(picks(out, sizeof(out)), RETIRE_AGE);
	assert_string_equal(out, "e1 f1 f2 ");
	/* the newest stays however old */
	r.keep_s[STREAM_EVENTS] = 1;
	picks(out, sizeof(out));
	assert_string_equal(out, "e2 ");
	/* it is the last change that counts, not the name */
	clean(NULL);
	file(STREAM_SERVICE, 1, 5000, 1)->newest_ns = now.wall_ns - NS_SEC;
	r.keep_s[STREAM_SERVICE] = 2;
	picks(out, sizeof(out));
	assert_string_equal(out, "");
	/* a clock that went back: in the future is not old */
	f[0].newest_ns = now.wall_ns + 99 * NS_SEC;
	picks(out, sizeof(out));
	assert_string_equal(out, "");
	/* 100 years do not overflow */
	r.keep_s[STREAM_SERVICE] = 36500u * 86400u;
	f[0].newest_ns = 0;
	picks(out, sizeof(out));
	assert_string_equal(out, "");
}

static void
the_reserve_of_the_file_system(void **state)
{
	char out[256];

	(void)state;
	all_streams();
	r.reserve = 100 * MB;
	now.avail = 75 * MB;
	assert_int_equal(picks(out, sizeof(out)), RETIRE_RESERVE);
	assert_string_equal(out, "f1 f2 h1 "); /* 30 MB will be free */
	assert_int_equal(budget_short(&r, &now, &s), 0);
	now.avail = BUDGET_UNKNOWN;
	assert_int_equal(budget_short(&r, &now, &s), 0);
	now.avail = 0;
	picks(out, sizeof(out));
	assert_string_equal(out, "h2 p1 p2 ");
	assert_int_equal(budget_short(&r, &now, &s), RETIRE_RESERVE);
	/* sessions may use half of it */
	now.avail = 0; /* and 60 going */
	assert_int_equal(budget_full(&r, &now, &s), 0);
	r.reserve = 121 * MB;
	assert_int_equal(budget_full(&r, &now, &s), RETIRE_RESERVE);
}

static void
equal_times_go_by_number(void **state)
{
	char out[256];

	(void)state;
	file(STREAM_PROBES, 12, 50, MB);
	file(STREAM_PROBES, 10, 50, MB);
	file(STREAM_PROBES, 11, 50, MB);
	file(STREAM_PROBES, 1, 40, MB); /* a later start */
	r.total = 1;
	picks(out, sizeof(out));
	assert_string_equal(out, "p10 p11 p12 p1 ");
}

static void
what_cannot_be_removed_is_left(void **state)
{
	char out[256];

	(void)state;
	file(STREAM_PROBES, 1, 50, MB)->held = 1;
	file(STREAM_PROBES, 2, 40, MB);
	r.total = MB;
	picks(out, sizeof(out));
	assert_string_equal(out, "p2 ");
}

/* What is written until the chosen ones are gone is made room for, but never
 * more than half of the budget. */
static void
it_looks_ahead(void **state)
{
	char out[512];

	(void)state;
	for (uint32_t k = 1; k <= 16; k++)
		file(STREAM_PROBES, k, 1000 - k, 64 * MB)->live = k == 16;
	r.total = GB;
	picks(out, sizeof(out));
	assert_string_equal(out, "");
	now.ahead[STREAM_PROBES] = 100 * MB;
	picks(out, sizeof(out));
	assert_string_equal(out, "p1 p2 ");
	assert_int_equal(budget_short(&r, &now, &s), 0);
	now.ahead[STREAM_PROBES] = 900 * MB;
	picks(out, sizeof(out));
	assert_string_equal(out, "p3 p4 p5 p6 p7 p8 ");
	assert_true(s.total == 512 * MB);
}

/* A model of a flood: 350 MB/s into 64 MB segments, a look at each new one
 * and each second, removal 1.5 s after the choice. */
static void
a_flood_stays_within_a_few_segments(void **state)
{
	const uint64_t seg = 64 * MB, step = 350 * MB / 100; /* 10 ms */
	uint64_t most = 0, total = 0, grown = 0, rate = 0;
	int64_t gone_at[NFILES] = {0};
	uint32_t number = 1, why;
	struct budget_file *cur;
	int i;

	(void)state;
	r.total = GB;
	cur = file(STREAM_PROBES, number, 0, 0);
	cur->live = 1;
	for (int t = 0; t < 3000; t++) { /* 30 s */
		int look = t % 100 == 99;

		now.wall_ns += 10 * NS_MSEC;
		cur->bytes += step;
		grown += step;
		if (cur->bytes >= seg) {
			cur->live = 0;
			assert_true(n < NFILES);
			cur = file(STREAM_PROBES, ++number, 0, 0);
			cur->live = 1;
			look = 1;
		}
		if (t % 100 == 99) {
			rate = grown;
			grown = 0;
		}
		now.ahead[STREAM_PROBES] = rate / 2 * 5;
		total = 0;
		for (size_t k = 0; k < n; k++)
			total += f[k].bytes;
		if (total > most)
			most = total;
		if (look) {
			budget_sum(&s, f, n);
			while ((i = budget_pick(&r, &now, &s, f, n, &why)) !=
			    -1) {
				budget_take(&s, &f[i]);
				gone_at[i] = t + 150;
			}
		}
		for (size_t k = 0; k < n;) {
			if (!f[k].going || t < gone_at[k]) {
				k++;
				continue;
			}
			n--;
			if (cur == &f[n])
				cur = &f[k];
			f[k] = f[n];
			gone_at[k] = gone_at[n];
		}
	}
	assert_true(most <= GB + 3 * seg);
	assert_true(total > 256 * MB); /* and the budget is made use of */
}

static void
levels_have_hysteresis(void **state)
{
	struct budget_level l = {0};
	int64_t t = 1000 * NS_SEC;
	int changes = 0;

	(void)state;
	assert_int_equal(budget_level(&l, 0, 1, t), 0);
	assert_int_equal(budget_level(&l, 1, 0, t), 1);
	assert_int_equal(l.level, LEVEL_NO_FRAMES);
	assert_int_equal(budget_level(&l, 1, 0, t + NS_SEC), 0);
	assert_int_equal(budget_level(&l, 1, 0, t + BUDGET_WORSE), 1);
	assert_int_equal(l.level, LEVEL_FOLD);
	assert_int_equal(budget_level(&l, 1, 0, t + 100 * NS_SEC), 0);
	/* not short, not calm: stays */
	assert_int_equal(budget_level(&l, 0, 0, t + 200 * NS_SEC), 0);
	t += 300 * NS_SEC;
	assert_int_equal(budget_level(&l, 0, 1, t), 0);
	assert_int_equal(budget_level(&l, 0, 1, t + BUDGET_BETTER - 1), 0);
	assert_int_equal(budget_level(&l, 0, 1, t + BUDGET_BETTER), 1);
	assert_int_equal(l.level, LEVEL_NO_FRAMES);
	assert_int_equal(budget_level(&l, 0, 1, t + 2 * BUDGET_BETTER), 1);
	assert_int_equal(l.level, LEVEL_ALL);
	/* short and calm in turn, each second for an hour: few changes */
	t += 1000 * NS_SEC;
	for (int i = 0; i < 3600; i++)
		changes += budget_level(&l, i % 2, !(i % 2),
		    t + i * NS_SEC);
	assert_int_equal(changes, 2);
}

static void
calm_is_more_than_not_short(void **state)
{
	char out[64];

	(void)state;
	file(STREAM_PROBES, 1, 10, 97 * MB);
	file(STREAM_EVENTS, 1, 10, 2 * MB)->live = 1;
	r.total = 100 * MB;
	budget_sum(&s, f, n);
	assert_int_equal(budget_short(&r, &now, &s), 0);
	assert_false(budget_calm(&r, &now, &s));
	picks(out, sizeof(out));
	assert_string_equal(out, "");
	now.margin = 1; /* a level is on: make that room */
	picks(out, sizeof(out));
	assert_string_equal(out, "p1 ");
	assert_true(budget_calm(&r, &now, &s));
	r.reserve = 100 * MB;
	now.avail = 10 * MB; /* and 97 going */
	assert_false(budget_calm(&r, &now, &s));
	now.avail = 30 * MB;
	assert_true(budget_calm(&r, &now, &s));
}

static void
others_count(void **state)
{
	char out[64];

	(void)state;
	file(STREAM_PROBES, 1, 10, MB);
	r.total = 10 * MB;
	now.others = 20 * MB;
	assert_int_equal(picks(out, sizeof(out)), RETIRE_BUDGET);
	assert_string_equal(out, "p1 ");
}

static void
quotas_fit_the_limits(void **state)
{
	(void)state;
	assert_true(budget_quota(&r, STREAM_PCAP, 64 * MB, 0) == 64 * MB);
	r.total = 8 * GB;
	assert_true(budget_quota(&r, STREAM_PCAP, 64 * MB, 0) == 64 * MB);
	r.total = 160 * MB;
	assert_true(budget_quota(&r, STREAM_PCAP, 64 * MB, 0) == 10 * MB);
	r.stream[STREAM_PCAP] = 16 * MB;
	assert_true(budget_quota(&r, STREAM_PCAP, 64 * MB, 0) == 2 * MB);
	assert_true(budget_quota(&r, STREAM_EVENTS, 64 * MB, 0) == 10 * MB);
	assert_true(budget_quota(&r, STREAM_EVENTS, 64 * MB, 16 * MB) == MB);
	assert_true(budget_quota(&r, STREAM_EVENTS, 64 * MB, MB / 4) ==
	    64 << 10);
	assert_true(budget_quota(&r, STREAM_EVENTS, 4096, MB / 4) == 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(frames_then_text_then_probes, clean),
	    cmocka_unit_test_setup(the_streams_own_budget, clean),
	    cmocka_unit_test_setup(age_takes_any_stream, clean),
	    cmocka_unit_test_setup(the_reserve_of_the_file_system, clean),
	    cmocka_unit_test_setup(equal_times_go_by_number, clean),
	    cmocka_unit_test_setup(what_cannot_be_removed_is_left, clean),
	    cmocka_unit_test_setup(it_looks_ahead, clean),
	    cmocka_unit_test_setup(a_flood_stays_within_a_few_segments, clean),
	    cmocka_unit_test_setup(levels_have_hysteresis, clean),
	    cmocka_unit_test_setup(calm_is_more_than_not_short, clean),
	    cmocka_unit_test_setup(others_count, clean),
	    cmocka_unit_test_setup(quotas_fit_the_limits, clean),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
