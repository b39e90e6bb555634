/* SPDX-License-Identifier: ISC */
/* Addresses: what is taken, what is refused, and that no name is looked up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/addr.h"

static void
good(void **state)
{
	static const struct {
		const char *text;
		uint32_t addr;
		uint8_t bits;
	} t[] = {
	    {"192.0.2.1", 0xc0000201, 32},
	    {"192.0.2.0/24", 0xc0000200, 24},
	    {"192.0.2.77/24", 0xc0000200, 24}, /* host bits go */
	    {"0.0.0.0/0", 0, 0},
	    {"255.255.255.255/0", 0, 0},
	    {"255.255.255.255", 0xffffffff, 32},
	    {"255.255.255.255/1", 0x80000000, 1},
	    {"10.0.0.255/31", 0x0a0000fe, 31},
	};
	struct prefix p;
	char buf[ADDR_STRLEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(&p, 0xaa, sizeof(p));
		assert_int_equal(addr_prefix_parse(t[i].text, &p), 0);
		assert_int_equal(addr_ip4(p.addr), t[i].addr);
		assert_int_equal(p.bits, t[i].bits);
		assert_int_equal(p.ver, 4);
		assert_true(prefix_valid(&p));
	}
	assert_string_equal(addr_text(4, (const uint8_t[16]){192, 0, 2, 1},
	    buf), "192.0.2.1");
	assert_string_equal(addr_text(4, (const uint8_t[16]){0}, buf),
	    "0.0.0.0");
	assert_string_equal(addr_text(4, (const uint8_t[16]){255, 255, 255,
	    255}, buf), "255.255.255.255");
	assert_string_equal(addr_text(6, (const uint8_t[16]){0x20, 1, 0xd, 0xb8,
	    [15] = 1}, buf), "2001:db8::1");
	assert_string_equal(addr_text(0, (const uint8_t[16]){0}, buf), "-");
	assert_string_equal(addr_text(9, (const uint8_t[16]){0}, buf), "-");
}

static void
bad(void **state)
{
	static const char *const t[] = {"", " ", "localhost", "example.org",
	    "1", "1.2", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5",
	    "256.0.0.1", "1.2.3.999", "1.2.3.4444", "01.2.3.4", "1.2.3.04",
	    "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/024",
	    "1.2.3.4/8 ", " 1.2.3.4", "1.2.3.4 ", "+1.2.3.4", "-1.2.3.4",
	    "0x1.2.3.4", "1.2.3.4/255.0.0.0", "1.2.3.4/8/8", "::1",
	    "2001:db8::/32", "1..2.3", "/8", "1.2.3.4\n", "a.b.c.d",
	    "1.2.3.4/00", "99999999999999999999.1.1.1"};
	struct prefix p, q;
	size_t i;

	(void)state;
	memset(&p, 0x55, sizeof(p));
	q = p;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (addr_prefix_parse(t[i], &p) != -1)
			fail_msg("\"%s\" taken", t[i]);
	assert_memory_equal(&p, &q, sizeof(p));
}

static void
prefixes(void **state)
{
	struct prefix p;
	uint8_t a[16];
	unsigned int bits;

	(void)state;
	assert_int_equal(addr_prefix_parse("10.0.0.0/8", &p), 0);
	assert_true(prefix_has4(&p, 0x0a000000));
	assert_true(prefix_has4(&p, 0x0affffff));
	assert_false(prefix_has4(&p, 0x0b000000));
	assert_false(prefix_has4(&p, 0x09ffffff));
	assert_int_equal(addr_prefix_parse("0.0.0.0/0", &p), 0);
	assert_true(prefix_has4(&p, 0) && prefix_has4(&p, UINT32_MAX));
	assert_int_equal(addr_prefix_parse("10.1.2.3", &p), 0);
	assert_true(prefix_has4(&p, 0x0a010203));
	assert_false(prefix_has4(&p, 0x0a010202));
	addr_set4(a, 0x01020304);
	assert_int_equal(a[0], 1);
	assert_int_equal(a[3], 4);
	assert_int_equal(addr_ip4(a), 0x01020304);

	/* every length: the bit below it, and anything behind, is refused */
	for (bits = 0; bits <= 128; bits++) {
		memset(&p, 0, sizeof(p));
		p.ver = bits > 32 ? 6 : 4;
		p.bits = (uint8_t)bits;
		assert_true(prefix_valid(&p));
		if (bits < 128) {
			p.addr[bits / 8] = (uint8_t)(0x80 >> bits % 8);
			assert_false(prefix_valid(&p));
			p.addr[bits / 8] = 0;
			p.addr[15] = 1;
			assert_false(prefix_valid(&p));
			p.addr[15] = 0;
		}
		p.reserved[5] = 1;
		assert_false(prefix_valid(&p));
		p.reserved[5] = 0;
		p.ver = 5;
		assert_false(prefix_valid(&p));
	}
	memset(&p, 0, sizeof(p));
	p.ver = 4;
	p.bits = 33;
	assert_false(prefix_valid(&p));
	p.ver = 6;
	p.bits = 129;
	assert_false(prefix_valid(&p));
}

static void
macs(void **state)
{
	static const char *const bad_mac[] = {"", "00:11:22:33:44",
	    "00:11:22:33:44:55:66", "00:11:22:33:44:5g", "001122334455",
	    "00:11:22:33:44:", ":00:11:22:33:44:55", "00-11-22-33-44-55",
	    "00:11:22:33:44:555", "00:11:22:33:44:55 "};
	uint8_t m[6] = {0};
	size_t i;

	(void)state;
	assert_int_equal(addr_mac_parse("00:1a:Bc:ff:0:F", m), 0);
	assert_memory_equal(m, "\x00\x1a\xbc\xff\x00\x0f", 6);
	for (i = 0; i < sizeof(bad_mac) / sizeof(bad_mac[0]); i++)
		if (addr_mac_parse(bad_mac[i], m) != -1)
			fail_msg("\"%s\" taken", bad_mac[i]);
	assert_memory_equal(m, "\x00\x1a\xbc\xff\x00\x0f", 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good),
	    cmocka_unit_test(bad),
	    cmocka_unit_test(prefixes),
	    cmocka_unit_test(macs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
