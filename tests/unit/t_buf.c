/* SPDX-License-Identifier: ISC */
/* Bounded writers: what fits, what does not, and that nothing is cut. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/buf.h"

static void
big_endian(void **state)
{
	uint8_t b[5] = {0xff, 0x80, 0x01, 0xfe, 0x7f}, o[5] = {0};

	(void)state;
	assert_int_equal(be16(b), 0xff80);
	assert_int_equal(be32(b), 0xff8001feU);
	assert_int_equal(be32(b + 1), 0x8001fe7fU); /* unaligned */
	put16(o + 1, 0x12345); /* the low 16 bits */
	assert_int_equal(be16(o + 1), 0x2345);
	put32(o + 1, 0xdeadbeef);
	assert_int_equal(be32(o + 1), 0xdeadbeefU);
	assert_int_equal(o[0], 0);
}

static void
numbers(void **state)
{
	static const uint64_t u[] = {0, 1, 9, 10, 99, 12345, UINT32_MAX,
	    UINT64_MAX - 1, UINT64_MAX};
	static const int64_t s[] = {0, -1, 1, -10, INT64_MAX, INT64_MIN};
	char mem[64], want[64];
	struct wbuf w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(u) / sizeof(u[0]); i++) {
		wbuf_init(&w, mem, sizeof(mem));
		wbuf_u64(&w, u[i]);
		snprintf(want, sizeof(want), "%" PRIu64, u[i]);
		assert_int_equal(w.len, strlen(want));
		assert_memory_equal(mem, want, w.len);
	}
	for (i = 0; i < sizeof(s) / sizeof(s[0]); i++) {
		wbuf_init(&w, mem, sizeof(mem));
		wbuf_i64(&w, s[i]);
		snprintf(want, sizeof(want), "%" PRId64, s[i]);
		assert_int_equal(w.len, strlen(want));
		assert_memory_equal(mem, want, w.len);
	}
}

/* For every capacity: the result is a prefix made of whole pieces, nothing
 * beyond is touched. */
static void
bounds(void **state)
{
	static const char full[] = "abcde-123456789fmt 7";
	static const size_t ends[] = {0, 3, 5, 6, 15, 20};
	char mem[32];
	struct wbuf w;
	size_t cap, i, k;

	(void)state;
	for (cap = 0; cap < sizeof(mem); cap++) {
		memset(mem, '#', sizeof(mem));
		wbuf_init(&w, mem, cap);
		wbuf_str(&w, "abc");
		wbuf_bytes(&w, "de", 2);
		wbuf_char(&w, '-');
		wbuf_u64(&w, 123456789);
		wbuf_fmt(&w, "fmt %d", 7);
		wbuf_bytes(&w, NULL, 0);
		for (i = k = 0; i < 6; i++)
			if (ends[i] <= cap && (i < 5 || cap > 20))
				k = ends[i];
		assert_int_equal(w.len, k);
		assert_int_equal(w.over, k != 20);
		assert_memory_equal(mem, full, k);
		for (i = cap; i < sizeof(mem); i++)
			assert_int_equal(mem[i], '#');
	}
}

static void
copies(void **state)
{
	char d[4] = "xyz";

	(void)state;
	assert_int_equal(str_copy(d, "ab", sizeof(d)), 2);
	assert_string_equal(d, "ab");
	assert_int_equal(str_copy(d, "abc", sizeof(d)), 3);
	assert_string_equal(d, "abc");
	assert_int_equal(str_copy(d, "abcdef", sizeof(d)), 6);
	assert_string_equal(d, "abc");
	assert_int_equal(str_copy(d, "zzz", 0), 3);
	assert_string_equal(d, "abc");
	assert_int_equal(str_copy(d, "zzz", 1), 3);
	assert_string_equal(d, "");
}

static void
strict_number(void **state)
{
	uint32_t v = 7;

	(void)state;
	assert_int_equal(str_u32("0", 0, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(str_u32("4294967295", UINT32_MAX, &v), 0);
	assert_true(v == UINT32_MAX);
	assert_int_equal(str_u32("4294967296", UINT32_MAX, &v), -1);
	assert_int_equal(str_u32("99999999999999999999999", UINT32_MAX, &v), -1);
	assert_int_equal(str_u32("11", 10, &v), -1);
	assert_int_equal(str_u32("", 10, &v), -1);
	assert_int_equal(str_u32("-1", 10, &v), -1);
	assert_int_equal(str_u32(" 1", 10, &v), -1);
	assert_int_equal(str_u32("1x", 10, &v), -1);
	assert_true(v == UINT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_number),
	    cmocka_unit_test(big_endian),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(copies),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
