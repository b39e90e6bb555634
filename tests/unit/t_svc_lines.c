/* SPDX-License-Identifier: ISC */
/* Lines of scripts: where they are cut, and how many get through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "hpd-svc/lines.h"

struct got {
	char text[65536];
	size_t len;
	int n;
	size_t longest;
};

static void
collect(void *arg, const char *line, size_t len)
{
	struct got *g = arg;

	assert_true(len >= 1 && len <= LINES_MAX);
	assert_true(g->len + len + 1 <= sizeof(g->text));
	memcpy(g->text + g->len, line, len);
	g->len += len;
	g->text[g->len++] = '|';
	g->n++;
	if (len > g->longest)
		g->longest = len;
}

static struct got g;
static char mem[LINES_MAX];

static void
feed(const char *s, size_t n, size_t chunk)
{
	struct lines l;
	size_t i;

	memset(&g, 0, sizeof(g));
	lines_init(&l, mem);
	for (i = 0; i < n; i += chunk)
		lines_feed(&l, s + i, n - i < chunk ? n - i : chunk, collect,
		    &g);
	lines_end(&l, collect, &g);
}

static void
expect(const char *want)
{
	assert_int_equal(g.len, strlen(want));
	assert_memory_equal(g.text, want, g.len);
}

static void
split(void **state)
{
	static const char in[] = "one\n\n\ntwo three\nlast";
	size_t chunk;

	(void)state;
	for (chunk = 1; chunk < sizeof(in); chunk++) {
		feed(in, sizeof(in) - 1, chunk);
		expect("one|two three|last|");
	}
	feed("", 0, 1);
	expect("");
	feed("\n\n", 2, 1);
	expect("");
	feed("a\0b\r\n", 5, 5); /* bytes stay as they are */
	assert_int_equal(g.len, 5);
	assert_memory_equal(g.text, "a\0b\r|", 5);
}

static void
cut(void **state)
{
	static char in[3 * LINES_MAX + 3];
	size_t chunk;

	(void)state;
	memset(in, 'x', sizeof(in));
	in[2 * LINES_MAX + 1] = '\n';
	for (chunk = 1; chunk <= sizeof(in); chunk = chunk * 3 + 1) {
		feed(in, sizeof(in), chunk);
		assert_int_equal(g.n, 2);
		assert_int_equal(g.longest, LINES_MAX);
		assert_int_equal(g.len, LINES_MAX + 1 +
		    (sizeof(in) - 2 * LINES_MAX - 2 < LINES_MAX
		    ? sizeof(in) - 2 * LINES_MAX - 2 : LINES_MAX) + 1);
	}
	in[LINES_MAX] = '\n'; /* exactly the bound */
	feed(in, LINES_MAX + 1, LINES_MAX + 1);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.longest, LINES_MAX);
}

static void
bucket(void **state)
{
	struct bucket b;
	int64_t now = 5 * NS_SEC;
	int i, n = 0;

	(void)state;
	bucket_init(&b, now, 10, 20);
	for (i = 0; i < 100; i++)
		n += bucket_take(&b, now, 10, 20);
	assert_int_equal(n, 20);
	assert_false(bucket_take(&b, now + NS_SEC / 20, 10, 20));
	assert_true(bucket_take(&b, now + NS_SEC / 10, 10, 20));
	assert_false(bucket_take(&b, now, 10, 20)); /* clock going back */
	for (n = 0, i = 0; i < 1000; i++) /* ten seconds: 100 tokens */
		n += bucket_take(&b, now + NS_SEC / 10 + (i + 1) * 10 *
		    NS_MSEC, 10, 20);
	assert_int_equal(n, 100);
	for (n = 0, i = 0; i < 100; i++) /* a long rest fills no more than it */
		n += bucket_take(&b, now + 365 * 86400 * NS_SEC, 10, 20);
	assert_int_equal(n, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split),
		cmocka_unit_test(cut),
		cmocka_unit_test(bucket),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
