/* SPDX-License-Identifier: ISC */
/*
 * Which lines hpship sends on: whole JSON objects as hpd-log writes them.
 * Every prefix, every two of them run together and every control byte is
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-log/hpship/line.h"

static const char good[] =
    "{\"@timestamp\":\"2026-11-23T16:31:58.123949Z\",\"ecs\":{\"version\":"
    "\"8.11.0\"},\"event\":{\"action\":\"hpd.diag\",\"kind\":\"event\","
    "\"category\":[\"host\",\"x\"],\"type\":[]},\"hpd\":{\"schema\":1,"
    "\"level\":\"info\",\"count\":-1.5e+3,\"a\":{\"action\":\"no\",\"b\":[{"
    "\"level\":\"no\"},true,false,null]}},\"message\":\"\\u001b\\n\\\\ \\\"{}"
    "\",\"seal\":\"12.AAAAAAAAAAAAAAAAAAAAAA\"}";

static int
scan(const char *s, size_t n, struct ship_line *l)
{
	char *copy = malloc(n + 1); /* a read beyond it is seen */
	int r;

	memcpy(copy, s, n);
	copy[n] = '\0';
	r = line_scan(s, n, l);
	assert_int_equal(r, line_scan(copy, n, &(struct ship_line){ 0 }));
	free(copy);
	return r;
}

static int
text(const char *s)
{
	struct ship_line l;

	return scan(s, strlen(s), &l);
}

static void
spans_are_found(void **state)
{
	struct ship_line l;

	(void)state;
	assert_int_equal(scan(good, strlen(good), &l), 0);
	assert_int_equal(l.stamp.len, 27);
	assert_memory_equal(l.stamp.p, "2026-11-23T16:31:58.123949Z", 27);
	assert_int_equal(l.action.len, 8);
	assert_memory_equal(l.action.p, "hpd.diag", 8);
	assert_int_equal(l.level.len, 4);
	assert_memory_equal(l.level.p, "info", 4);
	assert_int_equal(l.wide, 0);
}

static void
torn_lines_are_not_lines(void **state)
{
	char two[2 * sizeof(good)];
	struct ship_line l;
	size_t n = strlen(good), i;

	(void)state;
	for (i = 0; i < n; i++) {
		assert_int_equal(scan(good, i, &l), -1); /* cut behind */
		if (i > 0)
			assert_int_equal(scan(good + i, n - i, &l), -1);
		memcpy(two, good, i); /* another life wrote on */
		memcpy(two + i, good, n);
		if (i > 0)
			assert_int_equal(scan(two, i + n, &l), -1);
	}
	memcpy(two, good, n);
	memcpy(two + n, good, n);
	assert_int_equal(scan(two, 2 * n, &l), -1);
}

/* Each byte replaced by each value: never a raw control byte, and what is
 * taken has the braces. */
static void
no_control_byte_passes(void **state)
{
	char s[sizeof(good)];
	struct ship_line l;
	size_t n = strlen(good), i;
	int c;

	(void)state;
	for (i = 0; i < n; i++)
		for (c = 0; c < 256; c++) {
			memcpy(s, good, n);
			s[i] = (char)c;
			if (scan(s, n, &l) == -1)
				continue;
			assert_true(c >= 0x20 && c != 0x7f);
			assert_true(c < 0x80); /* one byte alone is no UTF-8 */
			assert_true(s[0] == '{' && s[n - 1] == '}');
		}
}

static void
utf8_is_judged(void **state)
{
	static const char *const yes[] = { "\xc2\xa0", "\xc3\xa4",
		"\xe2\x82\xac", "\xef\xbf\xbd", "\xf0\x9f\x98\x80",
		"\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xe0\xa0\x80" };
	static const char *const no[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc2", "\xc2\x80", "\xc2\x9b", "\xc2\x9f",
		"\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xe2\x82", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff", "\xfe", "\xf0\x9f\x98" };
	struct ship_line l;
	char s[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		snprintf(s, sizeof(s), "{\"m\":\"%s\"}", yes[i]);
		assert_int_equal(scan(s, strlen(s), &l), 0);
		assert_int_equal(l.wide, 1);
	}
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		snprintf(s, sizeof(s), "{\"m\":\"%s\"}", no[i]);
		assert_int_equal(scan(s, strlen(s), &l), -1);
	}
}

static void
json_is_judged(void **state)
{
	static const char *const yes[] = { "{}", "{\"a\":0}", "{\"a\":[]}",
		"{\"a\":[1,\"\",{}]}", "{\"a\":-0.5E-7}", "{\"\":null}",
		"{\"event\":\"x\",\"hpd\":[],\"@timestamp\":7}" };
	static const char *const no[] = { "", "{", "}", "[]", "1", "\"a\"",
		"{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "{\"a\":1 }",
		" {}", "{} ", "{}{}", "{\"a\":1}}", "{\"a\":[1,]}",
		"{\"a\":[1}", "{\"a\":tru}", "{\"a\":nul}", "{\"a\":truee}",
		"{\"a\":-}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}",
		"{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\u123\"}",
		"{\"a\":\"\\", "{\"a\":\"\\\"}", "{'a':1}", "{\"a\":1;}",
		"{\"a\":+1}", "{\"a\":NaN}", "{,}", "{\"a\":1,,\"b\":2}" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_int_equal(text(yes[i]), 0);
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (text(no[i]) != -1)
			fail_msg("taken: %s", no[i]);
}

static void
depth_is_bounded(void **state)
{
	char s[4096];
	struct ship_line l;
	size_t d, i, n;

	(void)state;
	for (d = 1; d < 1000; d++) {
		n = (size_t)snprintf(s, sizeof(s), "{\"a\":");
		for (i = 0; i < d; i++)
			s[n++] = '[';
		for (i = 0; i < d; i++)
			s[n++] = ']';
		s[n++] = '}';
		assert_int_equal(scan(s, n, &l), d <= LINE_DEPTH ? 0 : -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spans_are_found),
	    cmocka_unit_test(torn_lines_are_not_lines),
	    cmocka_unit_test(no_control_byte_passes),
	    cmocka_unit_test(utf8_is_judged),
	    cmocka_unit_test(json_is_judged),
	    cmocka_unit_test(depth_is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
