/* SPDX-License-Identifier: ISC */
/* Time stamps of the log against known ones and the C library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "hpd-log/log_time.h"

static void
times(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} t[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 951782400000000000, "2000-02-29T00:00:00.000000Z" },
		{ 1709251199999999999, "2024-02-29T23:59:59.999999Z" },
		{ 4107542400000000000, "2100-03-01T00:00:00.000000Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145224Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854775Z" },
	};
	struct log_time lt;
	char out[LOG_RFC3339_LEN + 1] = "", want[64];
	struct tm tm;
	time_t sec;
	size_t i;

	(void)state;
	memset(&lt, 0, sizeof(lt));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		log_time_rfc3339(&lt, t[i].ns, out);
		assert_string_equal(out, t[i].text);
	}
	for (i = 0; i < 20000; i++) { /* against the C library */
		sec = (time_t)(i * 433201 % 8000000000);
		gmtime_r(&sec, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000000Z", &tm);
		log_time_rfc3339(&lt, (int64_t)sec * 1000000000, out);
		assert_string_equal(out, want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
