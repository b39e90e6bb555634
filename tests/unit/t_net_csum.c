/* SPDX-License-Identifier: ISC */
/* The checksum against the textbook loop, all lengths and alignments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/buf.h"
#include "hpd-net/csum.h"

static uint16_t
naive(const uint8_t *p, uint32_t len)
{
	uint32_t s = 0, i;

	for (i = 0; i < len; i++) {
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
		s = (s & 0xffff) + (s >> 16);
	}
	return (uint16_t)~s;
}

static void
test_lengths(void **state)
{
	uint8_t *b;
	uint32_t len, i, at;

	(void)state;
	for (len = 0; len < 300; len++)
		for (at = 0; at < 4; at++) {
			b = malloc(len + at + 1); /* exact: sanitizers */
			b = realloc(b, len + at ? len + at : 1);
			for (i = 0; i < len; i++)
				b[at + i] = (uint8_t)(len % 3 == 0 ? 0xff :
					rand());
			assert_int_equal(csum_fold(csum_add(0, b + at, len)),
			    naive(b + at, len));
			free(b);
		}
}

static void
test_large(void **state)
{
	uint8_t *b = malloc(65535);

	(void)state;
	memset(b, 0xff, 65535);
	assert_int_equal(csum_fold(csum_add(0, b, 65535)), naive(b, 65535));
	memset(b, 0, 65535);
	assert_int_equal(csum_fold(csum_add(0, b, 65535)), 0xffff);
	free(b);
}

static void
test_parts_add_up(void **state)
{
	uint8_t b[100];
	uint32_t i, cut;

	(void)state;
	for (i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)rand();
	for (cut = 0; cut <= 100; cut += 2)
		assert_int_equal(csum_fold(csum_add(csum_add(0, b, cut),
				     b + cut, 100 - cut)), naive(b, 100));
}

/* RFC 1071's own example, and a UDP pseudo header by hand. */
static void
test_known(void **state)
{
	static const uint8_t ex[] = {0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7};
	uint8_t ph[12];

	(void)state;
	assert_int_equal(csum_fold(csum_add(0, ex, 8)), (uint16_t)~0xddf2);
	put32(ph, 0xc0000201);
	put32(ph + 4, 0xffffffff);
	ph[8] = 0;
	ph[9] = 17;
	put16(ph + 10, 65535);
	assert_int_equal(csum_fold(csum_pseudo(0xc0000201, 0xffffffff, 17,
			     65535)), naive(ph, 12));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_parts_add_up),
	    cmocka_unit_test(test_known),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
