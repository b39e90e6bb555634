/* SPDX-License-Identifier: ISC */
/* The table of event kinds: complete, unique, sorted by id; who may say what. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/event.h"
#include "common/proc.h"
#include "common/proto.h"

static void
table(void **state)
{
	const struct event_row *r;
	const char *p;
	size_t i, j;
	uint16_t k;

	(void)state;
	for (i = 0; i < event_nrows; i++) {
		r = &event_rows[i];
		assert_true(r->kind > EV_NONE && r->kind < EV_KIND_MAX);
		assert_ptr_equal(event_row(r->kind), r);
		assert_true(i == 0 || event_rows[i - 1].kind < r->kind);
		for (j = 0; j < i; j++)
			assert_string_not_equal(event_rows[j].name, r->name);
		for (p = r->name; *p != '\0'; p++)
			assert_true(islower((unsigned char)*p) || *p == '.');
		assert_true(r->producers != 0);
		assert_false(r->producers & (1u << PROC_CONF | 1u));
		assert_true(r->category[0] && r->type[0] && r->meaning[0]);
		assert_true(r->data <= EVD_FLOOD);
		assert_true(r->stream < STREAM_MAX);
		/* frames and nothing else go to pcap; text streams are made
		 * from other records */
		assert_int_equal(r->stream == STREAM_PCAP,
		    r->data == EVD_FRAME);
		assert_true(r->stream != STREAM_HONEYD &&
		    r->stream != STREAM_SERVICE);
	}
	for (k = 0, i = 0; k < EV_KIND_MAX; k++)
		i += event_row(k) != NULL;
	assert_int_equal(i, event_nrows);
	assert_null(event_row(EV_NONE));
	assert_null(event_row(EV_KIND_MAX));
	assert_null(event_row(UINT16_MAX));
	/* every id of the header between the first and the last has its row */
	for (k = EV_TCP_PROBE; k <= EV_FRAME; k++)
		assert_non_null(event_row(k));
	for (k = EV_SVC_START; k <= EV_SESSION_DATA; k++)
		assert_non_null(event_row(k));
	for (k = EV_START; k <= EV_SHIP_LOST; k++)
		assert_non_null(event_row(k));
}

/* Sessions, credentials and the suite itself are never in a stream that may be
 * cut for space; what is only packets is. */
static void
streams(void **state)
{
	static const uint16_t probes[] = {EV_TCP_PROBE, EV_UDP_PROBE,
	    EV_ICMP_PROBE, EV_IP_PROBE, EV_ARP_CLAIM, EV_FLOOD, EV_NET_DROP,
	    EV_TCP_CONNECTS};
	const struct event_row *r;
	size_t i, j, is;

	(void)state;
	for (i = 0; i < event_nrows; i++) {
		r = &event_rows[i];
		for (j = is = 0; j < sizeof(probes) / sizeof(probes[0]); j++)
			is |= probes[j] == r->kind;
		assert_int_equal(r->stream == STREAM_PROBES, is);
	}
}

static const size_t dlen[] = {[EVD_NONE] = 0,
    [EVD_PROBE] = sizeof(struct ev_probe),
    [EVD_FLOW] = sizeof(struct ev_flow),
    [EVD_MAC] = sizeof(struct ev_mac),
    [EVD_EXIT] = sizeof(struct ev_exit),
    [EVD_LOST] = sizeof(struct ev_lost),
    [EVD_TEXT] = 16,
    [EVD_RAW] = 8,
    [EVD_CHUNK] = sizeof(struct ev_chunk) + 8,
    [EVD_FRAME] = sizeof(struct ev_frame) + 64,
    [EVD_SEGMENT] = sizeof(struct ev_segment),
    [EVD_RETIRED] = sizeof(struct ev_retired),
    [EVD_FOLD] = sizeof(struct ev_fold),
    [EVD_DIGEST] = sizeof(struct ev_digest),
    [EVD_LOGSTATS] = sizeof(struct ev_logstats),
    [EVD_FLOOD] = sizeof(struct ev_flood)};
#define NDATA (sizeof(dlen) / sizeof(dlen[0]))

/* A record of the kind that is right in all else. */
static size_t
sample(uint16_t kind, uint8_t *b)
{
	struct event *e = (struct event *)(void *)b;

	memset(b, 0, 256);
	e->len = (uint16_t)(64 + dlen[event_row(kind)->data]);
	e->kind = kind;
	e->wall_ns = 1;
	e->count = 1;
	if (kind == EV_DIAG || kind == EV_SVC_DENIED)
		e->verdict = 1;
	return e->len;
}

static void
producers(void **state)
{
	static const uint16_t logs_own[] = {EV_LOG_SEGMENT, EV_LOG_SKIP,
	    EV_LOG_GAP, EV_LOG_FOLDED, EV_LOG_DIGEST, EV_LOG_STATS,
	    EV_LOG_TEXT};
	union {
		uint8_t b[256];
		uint64_t align;
	} m;
	size_t i, len;
	unsigned int proc;

	(void)state;
	for (i = 0; i < event_nrows; i++) {
		len = sample(event_rows[i].kind, m.b);
		for (proc = 0; proc < 256; proc++)
			assert_int_equal(event_check(m.b, len, (uint8_t)proc),
			    proc < 16 && event_rows[i].producers >> proc & 1
				? len
				: 0);
		for (proc = 0; proc < len; proc++) /* bytes missing */
			assert_int_equal(event_check(m.b, proc, PROC_NET), 0);
	}
	for (i = 0; i < sizeof(logs_own) / sizeof(logs_own[0]); i++)
		for (proc = 0; proc < 256; proc++) {
			len = sample(logs_own[i], m.b);
			assert_int_equal(event_check(m.b, len, (uint8_t)proc),
			    proc == PROC_LOG ? len : 0);
		}
	/* the parent says nothing about packets and sessions */
	for (i = 0; event_rows[i].kind < EV_START; i++)
		assert_false(event_rows[i].producers >> PROC_PARENT & 1);
}

static void
data(void **state)
{
	union {
		uint8_t b[256];
		struct event e;
	} m;
	const char *p;
	size_t len;

	(void)state;
	len = sample(EV_NET_DROP, m.b);
	memcpy(m.b + 64, "reason", 6);
	m.e.len = 72;
	m.e.pad = 2;
	assert_int_equal(event_check(m.b, len, PROC_NET), 72);
	p = event_data(&m.e, &len);
	assert_ptr_equal(p, m.b + 64);
	assert_int_equal(len, 6);
	m.e.len = 64; /* padding longer than the data */
	assert_int_equal(event_check(m.b, 256, PROC_NET), 0);
	m.e.pad = 0;
	assert_int_equal(event_check(m.b, 256, PROC_NET), 64);
}

/* Data of every length: fixed ones have one, heads are never cut. */
static void
lengths(void **state)
{
	union {
		uint8_t b[EVENT_MAX + 8];
		struct event e;
	} m;
	size_t i, n, proc, want;
	uint8_t d;

	(void)state;
	for (i = 0; i < event_nrows; i++) {
		memset(&m, 0, sizeof(m));
		d = event_rows[i].data;
		for (proc = 1; !(event_rows[i].producers >> proc & 1); proc++)
			;
		for (n = 0; n <= EVENT_DATA_MAX; n++) {
			(void)sample(event_rows[i].kind, m.b);
			m.e.len = (uint16_t)((64 + n + 7) & ~7u);
			m.e.pad = (uint8_t)(m.e.len - 64 - n);
			want = m.e.len;
			if (d == EVD_CHUNK)
				want *= n >= sizeof(struct ev_chunk);
			else if (d == EVD_FRAME)
				want *= n >= sizeof(struct ev_frame);
			else if (d != EVD_TEXT && d != EVD_RAW)
				want *= n == dlen[d];
			assert_int_equal(event_check(m.b, m.e.len,
			    (uint8_t)proc), want);
		}
		m.e.len = EVENT_MAX + 8;
		m.e.pad = 0;
		assert_int_equal(event_check(m.b, m.e.len, (uint8_t)proc), 0);
	}
	assert_int_equal(NDATA, EVD_FLOOD + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table),
	    cmocka_unit_test(producers),
	    cmocka_unit_test(data),
	    cmocka_unit_test(streams),
	    cmocka_unit_test(lengths),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
