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
		assert_true(r->data <= EVD_RAW);
	}
	for (k = 0, i = 0; k < EV_KIND_MAX; k++)
		i += event_row(k) != NULL;
	assert_int_equal(i, event_nrows);
	assert_null(event_row(EV_NONE));
	assert_null(event_row(EV_KIND_MAX));
	assert_null(event_row(UINT16_MAX));
	/* every id of the header between the first and the last has its row */
	for (k = EV_TCP_PROBE; k <= EV_TOOL; k++)
		assert_non_null(event_row(k));
	for (k = EV_SVC_START; k <= EV_SVC_LOST; k++)
		assert_non_null(event_row(k));
	for (k = EV_START; k <= EV_DIAG; k++)
		assert_non_null(event_row(k));
}

/* A record of the kind that is right in all else. */
static size_t
sample(uint16_t kind, uint8_t *b)
{
	static const size_t dlen[] = {[EVD_NONE] = 0,
	    [EVD_PROBE] = sizeof(struct ev_probe),
	    [EVD_FLOW] = sizeof(struct ev_flow),
	    [EVD_MAC] = sizeof(struct ev_mac),
	    [EVD_EXIT] = sizeof(struct ev_exit),
	    [EVD_LOST] = sizeof(struct ev_lost),
	    [EVD_TEXT] = 16,
	    [EVD_RAW] = 8};
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
	    EV_LOG_GAP};
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
	for (i = 0; i < 3; i++)
		for (proc = 0; proc < PROC_LOG; proc++)
			assert_int_equal(event_check(m.b,
			    sample(logs_own[i], m.b), (uint8_t)proc), 0);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table),
	    cmocka_unit_test(producers),
	    cmocka_unit_test(data),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
