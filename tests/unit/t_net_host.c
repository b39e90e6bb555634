/* SPDX-License-Identifier: ISC */
/* Hosts: table, derived values, IP ID and ISN classes, timestamps, buckets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net_fix.h"

static struct host *
host(void)
{
	struct host *h = host_get(FIX_H);

	assert_non_null(h);
	host_clock_init(h);
	return h;
}

static int
setup(void **state)
{
	(void)state;
	fix_init();
	memset(&fix_pers[0], 0, sizeof(fix_pers[0]));
	fix_persona(&fix_pers[0]);
	fix_tmpl[0].uptime = 1000;
	return 0;
}

static void
test_nobody(void **state)
{
	(void)state;
	assert_null(host_get(0x0a010063));
	assert_null(host_get(0x0a0100fe)); /* the sensor's own */
	assert_null(host_get(0x0a0100ff)); /* broadcast */
	fix_bind(0x0a010040, 0);
	assert_non_null(host_get(0x0a010040));
	assert_int_equal(host_owned_add(0x0a010040), 0);
	assert_null(host_get(0x0a010040));
}

/* Twice as many addresses as fit: the oldest go, the table stays right. */
static void
test_lru(void **state)
{
	uint32_t i, a;

	(void)state;
	for (i = 0; i < 2; i++)
		fix_root[0x0b00 + i] = 1; /* a /16 each, template 0 */
	for (i = 0; i < 2 * HOST_MAX; i++) {
		a = 0x0b000000 + i;
		if (host_get(a) == NULL)
			fail_msg("no host %u", i);
	}
	assert_true(stats[ST_HOST_ENTRIES] <= HOST_MAX);
	assert_true(stats[ST_HOST_EVICTED] >= HOST_MAX);
	assert_null(host_peek(0x0b000000));
	assert_non_null(host_peek(a));
	assert_int_equal(host_peek(a)->addr, a);
	net.now_ms += 1800001;
	for (i = 0; i < 64; i++)
		host_tick();
	assert_int_equal(stats[ST_HOST_ENTRIES], 0);
}

static void
test_mac(void **state)
{
	uint8_t a[6], b[6];

	(void)state;
	host_mac(&net.ifs[0], FIX_H, a);
	host_mac(&net.ifs[0], FIX_FILT, b);
	assert_int_equal(a[0] & 3, 2);
	assert_memory_not_equal(a, b, 6);
	(void)host();
	host_mac(&net.ifs[0], FIX_H, b); /* cached or computed: the same */
	assert_memory_equal(a, b, 6);
	fix_tmpl[1].mac_mode = MAC_VENDOR;
	memcpy(fix_tmpl[1].mac, "\0\006\133", 3);
	host_reload();
	host_mac(&net.ifs[0], FIX_FILT, b);
	assert_memory_equal(b, "\0\006\133", 3);
	fix_tmpl[1].mac_mode = MAC_EXACT;
	memcpy(fix_tmpl[1].mac, "\0\1\2\3\4\5", 6);
	host_reload();
	host_mac(&net.ifs[0], FIX_FILT, b);
	assert_memory_equal(b, "\0\1\2\3\4\5", 6);
	fix_tmpl[1].mac_mode = MAC_DERIVED;
	fix_hdr.flags = IMG_F_MAC_HOST;
	host_mac(&net.ifs[0], FIX_FILT, b);
	assert_memory_equal(b, net.ifs[0].mac, 6);
	fix_hdr.flags = 0;
	host_reload();
}

/* Uptime 1000 s, 1000 Hz, 60 s later: 1,060,000 but for 30 ppm of skew. */
static void
test_tsval(void **state)
{
	struct host *h;
	uint32_t v, w;

	(void)state;
	h = host();
	net.now_wall_ns = net.start_wall_ns;
	assert_int_equal(host_tsval(h), 1000000);
	net.now_wall_ns = net.start_wall_ns + 60000000000LL;
	v = host_tsval(h);
	assert_in_range(v, 1060000 - 3, 1060000 + 3);
	net.now_wall_ns += 10000000;
	w = host_tsval(h);
	assert_in_range(w - v, 9, 11);
	fix_pers[0].ts_mhz = 0;
	assert_int_equal(host_tsval(h), 0);
	fix_pers[0].ts_mhz = 1;
	fix_tmpl[0].uptime = 0;
	h = host();
	net.now_wall_ns = net.start_wall_ns;
	assert_int_equal(host_tsval(h), 1); /* never 0 */
	/* a derived uptime: the same again, and growing with the clock */
	fix_tmpl[0].uptime = IMG_NONE;
	fix_pers[0].ts_mhz = 1000;
	net.start_wall_ns = 1800000000LL * 1000000000;
	net.now_wall_ns = net.start_wall_ns;
	v = host_tsval(host());
	assert_int_equal(host_tsval(host()), v);
	net.start_wall_ns += 5000000000LL;
	net.now_wall_ns = net.start_wall_ns;
	w = host_tsval(host());
	assert_true(w == v + 5 || w < 5);
}

static uint16_t
id(struct host *h)
{
	return host_ipid(h, IPID_FOR_TCP, FIX_A);
}

static void
test_ipid(void **state)
{
	struct host *h;
	uint16_t a, b;
	int i, high = 0;

	(void)state;
	h = host();
	fix_pers[0].ipid_tcp = IPID_ZERO;
	assert_int_equal(id(h), 0);
	fix_pers[0].ipid_tcp = IPID_INCR;
	a = id(h);
	assert_int_equal(id(h), (uint16_t)(a + 1));
	fix_pers[0].ipid_tcp = IPID_BROKEN;
	a = id(h);
	assert_int_equal(id(h), (uint16_t)(a + 256));
	fix_pers[0].ipid_tcp = IPID_RANDINC;
	for (i = 0; i < 100; i++) {
		a = id(h);
		b = (uint16_t)(id(h) - a);
		assert_in_range(b, 1100, 1500);
	}
	fix_pers[0].ipid_tcp = IPID_CONST;
	h = host();
	a = id(h);
	assert_int_not_equal(a, 0);
	assert_int_equal(id(h), a);
	fix_pers[0].ipid_tcp = IPID_RANDOM;
	for (i = 0; i < 6; i++) /* nmap: RD needs one difference > 20000 */
		high += id(h) > 40000;
	assert_int_equal(high, 3);
	fix_pers[0].ipid_tcp = IPID_PER_DST;
	a = id(h);
	(void)host_ipid(h, IPID_FOR_TCP, FIX_A + 1);
	assert_int_equal(id(h), (uint16_t)(a + 1));
	net.now_ms += 100;
	b = (uint16_t)(id(h) - a - 1);
	assert_in_range(b, 1, 9); /* nmap calls it incremental below 10 */
	/* shared counter or one each */
	fix_pers[0].ipid_tcp = fix_pers[0].ipid_icmp = IPID_INCR;
	fix_pers[0].ipid_shared = 1;
	h = host();
	a = id(h);
	assert_int_equal(host_ipid(h, IPID_FOR_ICMP, 1), (uint16_t)(a + 1));
	fix_pers[0].ipid_shared = 0;
	assert_int_not_equal(host_ipid(h, IPID_FOR_ICMP, 1),
	    (uint16_t)(a + 2));
}

static void
test_isn(void **state)
{
	struct host *h;
	uint32_t a, b, i;

	(void)state;
	h = host();
	net.now_wall_ns = 1800000000LL * 1000000000;
	a = host_isn(h, FIX_A, 1000, 80);
	assert_int_equal(host_isn(h, FIX_A, 1000, 80), a);
	b = host_isn(h, FIX_A, 1001, 80);
	assert_true(b - a > 1000 && a - b > 1000);
	net.now_wall_ns += 1000000;
	assert_in_range(host_isn(h, FIX_A, 1000, 80) - a, 15000, 16000);
	fix_pers[0].isn = ISN_64K;
	a = host_isn(h, FIX_A, 1, 2);
	assert_int_equal(host_isn(h, FIX_A, 3, 4) - a, 64000);
	fix_pers[0].isn = ISN_CONST;
	a = host_isn(h, FIX_A, 1, 2);
	assert_int_equal(host_isn(h, FIX_A, 3, 4), a);
	fix_pers[0].isn = ISN_TIME;
	fix_pers[0].isn_gcd = 8;
	fix_pers[0].isn_rate = 1000;
	a = host_isn(h, FIX_A, 1, 2);
	net.now_wall_ns += 1000000000;
	assert_int_equal(host_isn(h, FIX_A, 1, 2) - a, 1000);
	fix_pers[0].isn = ISN_RANDINC;
	fix_pers[0].isn_gcd = 100;
	fix_pers[0].isn_rate = 1000000;
	a = host_isn(h, FIX_A, 1, 2);
	for (i = 0; i < 50; i++) {
		net.now_wall_ns += 100000000;
		b = host_isn(h, FIX_A, 1, 2);
		assert_in_range(b - a, 49900, 150000);
		assert_int_equal((b - a) % 100, 0);
		a = b;
	}
}

#define T(name) cmocka_unit_test_setup(test_##name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(nobody), T(lru), T(mac), T(tsval), T(ipid), T(isn),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
