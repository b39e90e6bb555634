/* SPDX-License-Identifier: ISC */
/*
 * Signatures of senders as a part of the image: each single fault of a table
 * is found; names and distances of numbers, known or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/image.h"

/* offsets: 1 "Linux", 7 "2.6", 11 "unix", 16 a control character */
static const char pool[] = "\0Linux\0" "2.6\0unix\0a\033b";

static const struct img_srcos good[3] = {
    {.layout = 5, .name = 1, .flavor = 7, .family = 11, .ttl = 64},
    {.layout = 5,
	.name = 1,
	.ttl = 255,
	.win_type = SRCOS_WIN_MOD,
	.win = 2,
	.flags = SRCOS_F_ALL,
	.facts = SRCOS_FACTS,
	.quirks = SRCOS_Q_ALL,
	.scale = SRCOS_SCALE_ANY,
	.payload = SRCOS_PAYLOAD_ANY},
    {.layout = 9, .name = 1, .ttl = 1, .what = SRCOS_TCP, .tcp_flags = 0x29},
};
static struct img_header hdr;
static struct img_srcos rows[3];
static struct image img = {
    .hdr = &hdr, .strings = pool, .srcos = rows, .nsrcos = 3};

static int
setup(void **state)
{
	(void)state;
	hdr.table[IMG_STRINGS].count = sizeof(pool);
	memcpy(rows, good, sizeof(rows));
	img.nsrcos = 3;
	return 0;
}

static void
faults(void **state)
{
#define F(row, field, v, err)                                                \
	{offsetof(struct img_srcos, field) + (row) * sizeof(rows[0]),        \
	    sizeof(((struct img_srcos *)0)->field), v, IMAGE_E_##err}
	static const struct {
		size_t off, size;
		uint64_t v;
		int err;
	} all[] = {
	    F(0, layout, 6, VALUE), /* order */
	    F(2, layout, 4, VALUE),
	    F(0, name, sizeof(pool), INDEX),
	    F(0, name, UINT32_MAX, INDEX),
	    F(0, name, 0, VALUE), /* nameless */
	    F(0, name, 16, INDEX), /* drives a terminal */
	    F(0, flavor, sizeof(pool), INDEX),
	    F(0, flavor, 17, INDEX),
	    F(0, family, sizeof(pool), INDEX),
	    F(0, family, 17, INDEX),
	    F(0, quirks, 0x10000, VALUE),
	    F(0, win_type, SRCOS_WIN_MTU + 1, VALUE),
	    F(0, payload, SRCOS_PAYLOAD_ANY + 1, VALUE),
	    F(0, facts, SRCOS_FACTS + 1, VALUE),
	    F(0, flags, SRCOS_F_ALL + 1, VALUE),
	    F(0, what, SRCOS_WHATS, VALUE),
	    F(0, tcp_flags, 2, VALUE), /* of a SYN there is nothing to say */
	    F(0, ttl, 0, VALUE),
	    F(1, win, 0, VALUE), /* a divisor */
	    F(0, reserved[0], 1, VALUE),
	    F(2, reserved[1], 1, VALUE),
	};
	size_t i;

	(void)state;
	assert_int_equal(srcos_check(&img), IMAGE_OK);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		setup(NULL);
		memcpy((uint8_t *)rows + all[i].off, &all[i].v, all[i].size);
		if (srcos_check(&img) != all[i].err)
			fail_msg("fault %zu: %d", i, srcos_check(&img));
	}
	setup(NULL);
	img.nsrcos = SRCOS_MAX + 1;
	assert_int_equal(srcos_check(&img), IMAGE_E_VALUE);
	img.nsrcos = 0;
	assert_int_equal(srcos_check(&img), IMAGE_OK);
}

static void
long_names(void **state)
{
	static char big[1024];

	(void)state;
	memset(big, 'x', sizeof(big));
	big[0] = '\0';
	big[sizeof(big) - 1] = '\0';
	img.strings = big;
	img.nsrcos = 1;
	hdr.table[IMG_STRINGS].count = sizeof(big);
	rows[0].name = sizeof(big) - 1 - SRCOS_NAME_MAX;
	rows[0].family = 0;
	rows[0].flavor = sizeof(big) - 1 - SRCOS_FLAVOR_MAX;
	assert_int_equal(srcos_check(&img), IMAGE_OK);
	rows[0].flavor--;
	assert_int_equal(srcos_check(&img), IMAGE_E_INDEX);
	rows[0].flavor++;
	rows[0].name--;
	assert_int_equal(srcos_check(&img), IMAGE_E_INDEX);
	img.strings = pool;
}

static void
names(void **state)
{
	char buf[SRCOS_NAME_BUF];

	(void)state;
	srcos_name(&img, 1, buf);
	assert_string_equal(buf, "Linux 2.6");
	srcos_name(&img, 2, buf);
	assert_string_equal(buf, "Linux");
	srcos_name(&img, 0, buf);
	assert_string_equal(buf, "");
	srcos_name(&img, 4, buf);
	assert_string_equal(buf, "");
	srcos_name(NULL, 1, buf);
	assert_string_equal(buf, "");
	assert_null(srcos_row(&img, UINT32_MAX));
	assert_ptr_equal(srcos_row(&img, 3), &rows[2]);
	assert_int_equal(srcos_distance(&rows[0], 64), 0);
	assert_int_equal(srcos_distance(&rows[0], 50), 14);
	assert_int_equal(srcos_distance(&rows[0], 65), -1);
	assert_int_equal(srcos_distance(&rows[0], 0), -1); /* not known */
	assert_int_equal(srcos_distance(&rows[1], 250), -1); /* random */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(faults, setup),
	    cmocka_unit_test_setup(long_names, setup),
	    cmocka_unit_test_setup(names, setup),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("srcos", tests, NULL, NULL);
}
