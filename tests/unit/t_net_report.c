/* SPDX-License-Identifier: ISC */
/* Events of hpd-net: whatever is folded, the sum of the counts is the number
 * of probes, a kind and a verdict at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/event.h"
#include "net_fix.h"

#include "hpd-net/report.h"

static uint64_t sum[EV_KIND_MAX][8]; /* counts by kind (flood: its own) */
static uint32_t records;
static struct event last;
static char last_text[256];

/* Read all that hpd-log would get. */
static void
collect(void)
{
	static union {
		uint8_t b[PROTO_MAX_MSG];
		uint64_t align;
	} m;
	struct msg_events h;
	size_t at, i, n, len;
	ssize_t r;
	int more;

	do {
		more = evq_flush(&net.evq, 1);
		assert_int_not_equal(more, -1);
		while ((r = recv(fix_log[1], m.b, sizeof(m.b),
			    MSG_DONTWAIT)) > 0) {
			at = sizeof(struct proto_hdr);
			memcpy(&h, m.b + at, sizeof(h));
			at += sizeof(h);
			for (i = 0; i < h.count; i++, at += n) {
				n = event_check(m.b + at, (size_t)r - at,
				    PROC_NET);
				assert_int_not_equal(n, 0);
				memcpy(&last, m.b + at, sizeof(last));
				len = n - sizeof(last) - last.pad;
				if (len < sizeof(last_text)) {
					memcpy(last_text,
					    m.b + at + sizeof(last), len);
					last_text[len] = '\0';
				}
				sum[last.kind][last.verdict & 7] += last.count;
				records++;
			}
		}
	} while (more == 1);
}

static int
setup(void **state)
{
	(void)state;
	fix_init();
	report_tick();
	collect();
	memset(sum, 0, sizeof(sum));
	records = 0;
	return 0;
}

static void
probe(uint32_t src, uint16_t dport, uint8_t verdict)
{
	struct pkt p;

	memset(&p, 0, sizeof(p));
	p.src = src;
	p.dst = FIX_H;
	p.ip_proto = 6;
	p.ip_len = 44;
	report_probe(&p, EV_TCP_PROBE, verdict, 4000, dport, 2, 1024);
}

static void
test_one(void **state)
{
	(void)state;
	probe(FIX_A, 80, VERDICT_CLOSED);
	report_tick();
	collect();
	assert_int_equal(records, 1);
	assert_int_equal(last.kind, EV_TCP_PROBE);
	assert_int_equal(last.count, 1);
	assert_int_equal(be32(last.src), FIX_A);
	assert_int_equal(last.sport, 4000);
	assert_int_equal(last.dport, 80);
}

static void
test_identical(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		probe(FIX_A, 80, VERDICT_CLOSED);
	report_tick();
	collect();
	assert_int_equal(records, 1);
	assert_int_equal(last.count, 1000);
	report_tick(); /* told once */
	collect();
	assert_int_equal(records, 1);
}

/* More than a second's budget: the rest is in flood records, exactly. */
static void
test_flood(void **state)
{
	uint32_t i, n = 300000;

	(void)state;
	for (i = 0; i < n; i++)
		probe(FIX_A + i, (uint16_t)i, i % 3 ? VERDICT_CLOSED :
						      VERDICT_FILTERED);
	report_tick();
	collect();
	assert_int_equal(sum[EV_TCP_PROBE][VERDICT_CLOSED] +
	    sum[EV_FLOOD][VERDICT_CLOSED], n - n / 3);
	assert_int_equal(sum[EV_TCP_PROBE][VERDICT_FILTERED] +
	    sum[EV_FLOOD][VERDICT_FILTERED], n / 3);
	assert_true(records <= 5002);
	assert_true(sum[EV_FLOOD][VERDICT_CLOSED] > 0);
	assert_int_equal(stats[ST_EVENTS_LOST], 0);
}

/* At random, many seconds: nothing is counted twice or lost. */
static void
test_random(void **state)
{
	uint64_t sent[8] = {0};
	uint8_t v;
	int s, i;

	(void)state;
	srand(4);
	for (s = 0; s < 20; s++) {
		for (i = rand() % 20000; i > 0; i--) {
			v = (uint8_t)(1 + rand() % 4);
			probe(FIX_A + (uint32_t)(rand() % 50),
			    (uint16_t)(rand() % 300), v);
			sent[v]++;
		}
		report_tick();
		collect();
	}
	for (v = 1; v < 5; v++)
		assert_int_equal(sum[EV_TCP_PROBE][v] + sum[EV_FLOOD][v],
		    sent[v]);
}

/* A flood of one source keeps it, of many says none. */
static void
test_flood_source(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 10000; i++)
		probe(FIX_A, (uint16_t)i, VERDICT_CLOSED);
	report_tick();
	collect();
	assert_int_equal(last.kind, EV_FLOOD);
	assert_int_equal(be32(last.src), FIX_A);
	for (i = 0; i < 10000; i++)
		probe(i + 1, (uint16_t)i, VERDICT_CLOSED);
	report_tick();
	collect();
	assert_int_equal(last.kind, EV_FLOOD);
	assert_int_equal(be32(last.src), 0);
}

static void
test_drops_and_limits(void **state)
{
	int i;

	(void)state;
	STAT_ADD(DROP_IP_CSUM, 7);
	report_tick();
	collect();
	assert_int_equal(last.kind, EV_NET_DROP);
	assert_int_equal(last.count, 7);
	assert_string_equal(last_text, "drop.ip_csum");
	for (i = 0; i < 5; i++)
		report_limit("fragments", 2);
	report_tick();
	collect();
	assert_int_equal(records, 2);
	assert_int_equal(last.kind, EV_NET_LIMIT);
	assert_int_equal(last.count, 10);
	assert_string_equal(last_text, "fragments");
	report_tick();
	collect();
	assert_int_equal(records, 2);
}

#define T(name) cmocka_unit_test_setup(test_##name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(one), T(identical), T(flood), T(random), T(flood_source),
	    T(drops_and_limits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
