/* SPDX-License-Identifier: ISC */
/* Transcripts: what belongs to a session, in order, within its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-log/hpview/session.h"
#include "hpd-log/hpview/talk.h"

static struct talks ts;

static void
begin(uint64_t stream, uint64_t text, size_t items, int notes)
{
	struct talk_limit l = { stream, text, items, notes };

	assert_int_equal(talks_init(&ts, 2, &l), 0);
	ts.t[0].boot = 1;
	ts.t[0].id = 7;
	ts.t[1].boot = 2;
	ts.t[1].id = 7;
	assert_int_equal(talks_index(&ts), 0);
}

static struct vrec
rec(uint16_t kind, uint64_t boot, int64_t at)
{
	struct vrec r;

	memset(&r, 0, sizeof(r));
	r.line = "{}";
	r.len = 2;
	r.kind = kind;
	r.boot = boot;
	r.session = 7;
	r.wall_ns = at;
	r.seq = (uint64_t)at;
	return r;
}

static struct vstr
body(const char *s)
{
	return (struct vstr){ s, (uint32_t)strlen(s) };
}

static void
chunk(uint64_t boot, int64_t at, int out, uint64_t offset, const char *text,
    const char *b64)
{
	struct vrec r = rec(EV_SESSION_DATA, boot, at);

	r.out = (uint8_t)out;
	r.offset = offset;
	r.data = body(text);
	if (b64 != NULL)
		r.data_b64 = body(b64);
	talks_take(&ts, &r);
}

static void
is(size_t t, size_t i, uint8_t kind, const char *data)
{
	const struct talk_item *it = ts.t[t].items[i];

	assert_true(i < ts.t[t].n);
	assert_int_equal(it->kind, kind);
	assert_int_equal(it->len, strlen(data));
	assert_memory_equal(it->data, data, it->len);
}

static void
in_order(void **state)
{
	struct vrec r;

	(void)state;
	begin(1000, 1000, 100, 1);
	chunk(1, 30, 0, 3, "later", NULL);
	chunk(1, 10, 1, 0, "a\\u0041", NULL);
	chunk(2, 10, 0, 0, "the other", NULL);
	chunk(1, 20, 0, 0, "?", "AP8K");
	chunk(3, 20, 0, 0, "nobody's", NULL);
	r = rec(EV_SVC_LINE, 1, 25);
	r.message = body("said \\\"so\\\"");
	talks_take(&ts, &r);
	r = rec(EV_TCP_CLOSE, 1, 99);
	r.why = body("fin");
	talks_take(&ts, &r);
	r = rec(EV_SESSION_DATA, 1, 5);
	r.sensor = 1;
	talks_take(&ts, &r);
	talks_sort(&ts);
	assert_int_equal(ts.t[0].n, 5);
	is(0, 0, TALK_OUT, "aA");
	assert_int_equal(ts.t[0].items[1]->len, 3);
	assert_memory_equal(ts.t[0].items[1]->data, "\0\xff\n", 3);
	is(0, 2, TALK_LINE, "said \"so\"");
	is(0, 3, TALK_IN, "later");
	is(0, 4, TALK_NOTE, "tcp.close fin");
	assert_int_equal(ts.t[1].n, 1);
	is(1, 0, TALK_IN, "the other");
	assert_false(ts.t[0].shortened);
	talks_free(&ts);
}

static void
bounds(void **state)
{
	struct vrec r = rec(EV_SVC_LINE, 1, 1);
	int i;

	(void)state;
	begin(10, 20, 6, 0);
	chunk(1, 1, 0, 8, "abcdef", NULL); /* two bytes of it */
	chunk(1, 2, 0, 10, "gone", NULL);
	chunk(1, 3, 0, UINT64_MAX - 1, "gone", NULL);
	chunk(1, 4, 1, 0, "0123456789abc", NULL);
	talks_sort(&ts);
	assert_int_equal(ts.t[0].n, 2);
	is(0, 0, TALK_IN, "ab");
	assert_true(ts.t[0].items[0]->flags & TALK_SHORT);
	is(0, 1, TALK_OUT, "0123456789");
	assert_true(ts.t[0].shortened);
	r.message = body("twelve bytes");
	talks_take(&ts, &r);
	talks_take(&ts, &r);
	assert_int_equal(ts.t[0].n, 3); /* 24 are more than 20 */
	for (i = 0; i < 50; i++)
		chunk(2, i, 0, 0, "x", NULL);
	assert_int_equal(ts.t[1].n, 6);
	assert_true(ts.t[1].shortened);
	r = rec(EV_TCP_CLOSE, 1, 9);
	talks_take(&ts, &r); /* notes were not asked for */
	assert_int_equal(ts.t[0].n, 3);
	talks_free(&ts);
}

static void
members(void **state)
{
	static const char line[] = "{\"hpd\":{\"a\":1,\"lost\":{\"x\":[1,2]},"
				   "\"z\":\"q\\\"\"},\"lost\":3}";
	struct vrec r = rec(EV_LOG_LOST, 0, 0);
	struct vstr s;

	(void)state;
	r.line = line;
	r.len = sizeof(line) - 1;
	s = rec_member(&r, "lost");
	assert_int_equal(s.n, strlen("{\"x\":[1,2]}"));
	assert_memory_equal(s.p, "{\"x\":[1,2]}", s.n);
	assert_null(rec_member(&r, "los").p);
	assert_null(rec_member(&r, "hpd").p);
	for (r.len = 0; r.len < sizeof(line) - 1; r.len++)
		(void)rec_member(&r, "none"); /* torn anywhere */
}

static void
ids(void **state)
{
	static const char *const bad[] = { "", "g", "/var/log/hpd", "1:", ":1",
		"1:2:3", "00000000000000001", "-1", "0x1" };
	struct session_want w;
	size_t i;

	(void)state;
	assert_int_equal(session_parse("A0", &w), 0);
	assert_int_equal(w.number, 0xa0);
	assert_string_equal(w.digits, "a0");
	assert_false(w.has_boot);
	assert_int_equal(session_parse("b1:0000010000000001", &w), 0);
	assert_true(w.has_boot);
	assert_int_equal(w.boot, 0xb1);
	assert_int_equal(w.number, 0x10000000001);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(session_parse(bad[i], &w), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(bounds),
		cmocka_unit_test(members),
		cmocka_unit_test(ids),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
