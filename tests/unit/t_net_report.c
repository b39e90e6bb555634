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
static struct ev_flood flood; /* the last one */
static char last_text[256];
static uint64_t packets_lost; /* told by log.lost */

static uint64_t
lost_packets(const uint8_t *rec)
{
	struct ev_lost l;

	memcpy(&l, rec + sizeof(struct event), sizeof(l));
	return l.packets;
}

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
				if (last.kind == EV_FLOOD)
					memcpy(&flood,
					    m.b + at + sizeof(last),
					    sizeof(flood));
				if (last.kind == EV_LOG_LOST)
					packets_lost += lost_packets(m.b + at);
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
	report_tick(); /* a flood before it would shorten this second */
	collect();
	memset(sum, 0, sizeof(sum));
	records = 0;
	packets_lost = 0;
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
probe_at(uint32_t src, uint32_t dst, uint16_t dport)
{
	struct pkt p;

	memset(&p, 0, sizeof(p));
	p.src = src;
	p.dst = dst;
	p.ip_proto = 6;
	p.ip_len = 44;
	report_probe(&p, EV_TCP_PROBE, VERDICT_CLOSED, 4000, dport, 2, 1024);
}

/* A hundred ports of one source stay lines; of a sweep over more, a hundred
 * and one record with what it touched. */
static void
test_sweep(void **state)
{
	uint32_t i, d;

	(void)state;
	for (i = 1; i <= 100; i++)
		probe(FIX_A, (uint16_t)i, VERDICT_CLOSED);
	report_tick();
	collect();
	assert_int_equal(records, 100);
	assert_int_equal(sum[EV_FLOOD][VERDICT_CLOSED], 0);
	records = 0;
	for (d = 0; d < 4; d++)
		for (i = 1; i <= 1000; i++)
			probe_at(FIX_A, FIX_H + d, (uint16_t)i);
	for (i = 1; i <= 50; i++) /* somebody else keeps his lines */
		probe(FIX_A + 1, (uint16_t)i, VERDICT_CLOSED);
	report_tick();
	collect();
	assert_int_equal(records, 151);
	assert_int_equal(be32(last.src), FIX_A);
	assert_int_equal(last.kind, EV_FLOOD);
	assert_int_equal(last.count, 3900);
	assert_int_equal(flood.of, EV_TCP_PROBE);
	assert_int_equal(flood.nports, 1000);
	assert_int_equal(flood.port_low, 1);
	assert_int_equal(flood.port_high, 1000);
	assert_int_equal(flood.ndecoys, 4);
	assert_int_equal(be32(flood.dst_low), FIX_H);
	assert_int_equal(be32(flood.dst_high), FIX_H + 3);
	assert_int_equal(flood.first.tcp_flags, 2);
	assert_int_equal(sum[EV_TCP_PROBE][VERDICT_CLOSED] +
	    sum[EV_FLOOD][VERDICT_CLOSED], 4150);
}

/* While a flood of many sources lasts there are fewer lines; afterwards all. */
static void
test_long_flood(void **state)
{
	uint32_t i, s, most[4] = {5001, 501, 501, 501};

	(void)state;
	for (s = 0; s < 4; s++) {
		records = 0;
		for (i = 0; i < 20000; i++)
			probe(s * 20000 + i + 1, 80, VERDICT_CLOSED);
		report_tick();
		collect();
		assert_int_equal(records, most[s]);
	}
	for (s = 0; s < 2; s++) {
		records = 0;
		for (i = 0; i < 4000; i++)
			probe(i + 1, 80, VERDICT_CLOSED);
		report_tick();
		collect();
		assert_int_equal(records, s == 0 ? 501 : 4000);
	}
	assert_int_equal(sum[EV_TCP_PROBE][VERDICT_CLOSED] +
	    sum[EV_FLOOD][VERDICT_CLOSED], 88000);
}

/* Fill the queue so far that a second's records have no room. */
static void
stuff(void)
{
	while (evq_room(&net.evq, EV_TCP_PROBE) > 3000)
		assert_int_equal(evq_text(&net.evq, EV_NET_LINK, 0, "%2000d",
				     1), 0);
}

/* hpd-log takes nothing for some seconds: counts wait for it, none is lost;
 * at the end those that still find no room are in a log.lost record. */
static void
test_waits(void **state)
{
	uint64_t sent = 0;
	uint32_t i, s, waited = 0, before;
	uint8_t v;

	(void)state;
	stuff();
	for (s = 0; s < 12; s++) {
		for (i = 0; i < 6000; i++, sent++)
			probe((i % 400) + 1, (uint16_t)i, VERDICT_CLOSED);
		before = net.evq.nrec;
		report_tick();
		waited += net.evq.nrec == before;
	}
	assert_int_equal(waited, 12);
	assert_int_equal(stats[ST_EVENTS_LOST], 0);
	collect();
	report_tick();
	collect();
	assert_int_equal(sum[EV_TCP_PROBE][VERDICT_CLOSED] +
	    sum[EV_FLOOD][VERDICT_CLOSED], sent);
	/* the last second of a process whose log is stuck */
	stuff();
	for (s = 0; s < 12; s++) {
		for (i = 0; i < 6000; i++, sent++)
			probe((i % 400) + 1, (uint16_t)i, VERDICT_CLOSED);
		report_tick();
	}
	report_end();
	assert_true(stats[ST_EVENTS_LOST] > 0);
	net.evq.ending = 1;
	collect();
	net.evq.ending = 0;
	assert_true(packets_lost > 0);
	for (v = 0, sent -= packets_lost; v < 8; v++)
		sent -= sum[EV_TCP_PROBE][v] + sum[EV_FLOOD][v];
	assert_int_equal(sent, 0);
	stats[ST_EVENTS_LOST] = 0;
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
	    T(sweep), T(long_flood), T(waits), T(drops_and_limits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
