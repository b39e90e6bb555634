/* SPDX-License-Identifier: ISC */
/*
 * hpview export -f csv: an attacker's password in a cell is never the start of
 * a formula, nor of another cell, for whoever opens the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-log/hpview/export.h"

/* The cell that a password, as JSON, becomes. */
static const char *
password(const char *json)
{
	static char line[2048], out[4096];
	struct pseudo p;
	struct vrec r;
	struct wbuf w;
	char *end;
	int n;

	memset(&p, 0, sizeof(p));
	n = snprintf(line, sizeof(line),
	    "{\"@timestamp\":\"2026-11-23T06:30:00Z\",\"event\":{\"action\":"
	    "\"hpd.svc.field\"},\"hpd\":{\"boot\":\"1\",\"seq\":1,\"producer\":"
	    "\"hpd-svc\",\"instance\":0,\"script\":{\"event\":\"login\","
	    "\"user\":\"u\",\"password\":\"%s\"}}}", json);
	assert_int_equal(vrec_parse(line, (size_t)n, &r), 0);
	wbuf_init(&w, out, sizeof(out) - 1);
	export_csv(&w, &r, "s", &p);
	assert_false(w.over);
	out[w.len] = '\0';
	end = strstr(out, ",u,");
	assert_non_null(end);
	out[w.len - 3] = '\0'; /* ",\r\n": no message */
	return end + 3;
}

static void
test_plain(void **state)
{
	(void)state;
	assert_string_equal(password("secret"), "secret");
	assert_string_equal(password("a=b"), "a=b");
	assert_string_equal(password("a b"), "\"a b\"");
	assert_string_equal(password("a\\\"b"), "\"a\"\"b\"");
}

static void
test_formula(void **state)
{
	(void)state;
	assert_string_equal(password("=1+1"), "\"'=1+1\"");
	assert_string_equal(password("+1"), "\"'+1\"");
	assert_string_equal(password("-1"), "\"'-1\"");
	assert_string_equal(password("@x"), "\"'@x\"");
	assert_string_equal(password("  =1"), "\"'  =1\"");
	/* control characters are text before they are looked at */
	assert_string_equal(password("\\t=1"), "\\x09=1");
	assert_string_equal(password("\\r=1"), "\\x0d=1");
	/* the wide forms of the four signs */
	assert_string_equal(password("\\uff1d1"), "\"'\xef\xbc\x9d" "1\"");
	assert_string_equal(password("\\uff0b1"), "\"'\xef\xbc\x8b" "1\"");
	assert_string_equal(password("\\uff0d1"), "\"'\xef\xbc\x8d" "1\"");
	assert_string_equal(password("\\uff201"), "\"'\xef\xbc\xa0" "1\"");
	assert_string_equal(password("\\uff211"), "\xef\xbc\xa1" "1");
}

static void
test_other_separators(void **state)
{
	(void)state;
	assert_string_equal(password("a;=1"), "\"a;=1\"");
	assert_string_equal(password("a,=1"), "\"a,=1\"");
	assert_string_equal(password("a\\n=1"), "a\\x0a=1");
	assert_string_equal(password("'=1"), "\"'=1\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_formula),
		cmocka_unit_test(test_other_separators),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
