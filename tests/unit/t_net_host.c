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
	assert_int_equal(host_tsval(h, 0), 1000000);
	net.now_wall_ns = net.start_wall_ns + 60000000000LL;
	v = host_tsval(h, 0);
	assert_in_range(v, 1060000 - 3, 1060000 + 3);
	net.now_wall_ns += 10000000;
	w = host_tsval(h, 0);
	assert_in_range(w - v, 9, 11);
	/* a reload brings another persona, another uptime */
	fix_tmpl[0].uptime = 2000;
	fix_pers[0].ts_mhz = 100000;
	host_reload();
	h = host();
	net.now_wall_ns = net.start_wall_ns;
	assert_int_equal(host_tsval(h, 0), 200000);
	fix_tmpl[0].uptime = 1000;
	fix_pers[0].ts_mhz = 0;
	host_reload();
	h = host();
	assert_int_equal(host_tsval(h, 0), 0);
	fix_pers[0].ts_mhz = 1;
	fix_tmpl[0].uptime = 0;
	h = host();
	net.now_wall_ns = net.start_wall_ns;
	assert_int_equal(host_tsval(h, 0), 1); /* never 0 */
	/* a derived uptime: the same again, and growing with the clock */
	fix_tmpl[0].uptime = IMG_NONE;
	fix_pers[0].ts_mhz = 1000;
	net.start_wall_ns = 1800000000LL * 1000000000;
	net.now_wall_ns = net.start_wall_ns;
	v = host_tsval(host(), 0);
	assert_int_equal(host_tsval(host(), 0), v);
	net.start_wall_ns += 5000000000LL;
	net.now_wall_ns = net.start_wall_ns;
	w = host_tsval(host(), 0);
	assert_true(w == v + 5 || w < 5);
}

/* A restart does not show in a derived clock; a skew that is set does. */
static void
test_skew(void **state)
{
	const int64_t begin = 1800000000LL * 1000000000;
	uint32_t v, w, was = fix_pers[0].ts_mhz;

	(void)state;
	fix_tmpl[0].uptime = IMG_NONE;
	fix_pers[0].ts_mhz = 1000000;
	net.start_wall_ns = begin;
	net.now_wall_ns = begin + 10000000000LL;
	v = host_tsval(host(), 0);
	net.start_wall_ns = begin + 7654321000LL;
	w = host_tsval(host(), 0);
	assert_in_range(w - v + 1, 0, 2);
	net.start_wall_ns = begin;
	fix_tmpl[0].uptime = 5;
	fix_tmpl[0].skew_set = 1;
	net.now_wall_ns = begin + 1000000000000LL;
	fix_tmpl[0].skew_ppb = 0;
	assert_int_equal(host_tsval(host(), 0), 1005000);
	fix_tmpl[0].skew_ppb = 1000000;
	assert_int_equal(host_tsval(host(), 0), 1006000);
	fix_tmpl[0].skew_ppb = -1000000;
	assert_int_equal(host_tsval(host(), 0), 1004000);
	fix_tmpl[0].skew_set = 0;
	fix_tmpl[0].skew_ppb = 0;
	fix_pers[0].ts_mhz = was;
}

static uint16_t
id(struct host *h)
{
	return host_ipid(h, IPID_FOR_TCP, FIX_A);
}

/* The arithmetic is t_personagen.c's; here: per peer, shared, gone back. */
static void
test_ipid(void **state)
{
	struct img_ipid_use *u = fix_pers[0].ipid;
	struct host *h;
	uint16_t a, b;

	(void)state;
	h = host();
	u[0].how = IPID_ZERO;
	assert_int_equal(id(h), 0);
	u[0].how = IPID_CONST;
	u[0].lo = 4711;
	assert_int_equal(id(h), 4711);
	u[0].how = IPID_PER_DST;
	a = id(h);
	(void)host_ipid(h, IPID_FOR_TCP, FIX_A + 1);
	assert_int_equal(id(h), (uint16_t)(a + 1));
	net.now_ms += 100;
	b = (uint16_t)(id(h) - a - 1);
	assert_in_range(b, 1, 9); /* nmap calls it incremental below 10 */
	/* shared counter or one each, the same for all peers */
	u[0] = u[2] = (struct img_ipid_use){IPID_INCR, 0, 1000, 2000};
	h = host();
	assert_int_equal(h->ipid.id[0], host()->ipid.id[0]); /* derived */
	a = id(h);
	assert_in_range(a, 1001, 2001);
	assert_int_equal(host_ipid(h, IPID_FOR_ICMP, 1), a + 1);
	assert_int_equal(host_ipid(h, IPID_FOR_TCP, 2), a + 2);
	assert_int_not_equal(host_ipid(h, IPID_FOR_NONE, 2), a + 3);
	assert_int_equal(id(h), a + 3);
	/* back into the window: when quiet, or when told */
	h->ipid.id[0] = 5000;
	net.now_ms += GEN_QUIET_MS;
	assert_int_equal(id(h), 5001);
	net.now_ms += GEN_QUIET_MS + 1;
	assert_in_range(id(h), 1001, 1256);
	h->ipid.id[0] = 5000;
	host_ipid_rest(h);
	assert_in_range(id(h), 1001, 1256);
}

static uint32_t
isn(struct host *h, int nmap)
{
	static uint16_t port;

	return host_isn(h, FIX_A, ++port, 80, nmap);
}

static void
test_isn(void **state)
{
	struct img_isn_gen *g = &fix_pers[0].isn_gen;
	struct host *h;
	uint32_t a, b, i;

	(void)state;
	h = host();
	net.now_wall_ns = 1800000000LL * 1000000000;
	a = host_isn(h, FIX_A, 1000, 80, 0);
	assert_int_equal(host_isn(h, FIX_A, 1000, 80, 0), a);
	b = host_isn(h, FIX_A, 1001, 80, 0);
	assert_true(b - a > 1000 && a - b > 1000);
	net.now_wall_ns += 1000000;
	assert_in_range(host_isn(h, FIX_A, 1000, 80, 0) - a, 15000, 16000);
	/* a pattern by the frames' clock, the same base after a restart */
	*g = (struct img_isn_gen){.how = ISN_PATTERN, .gcd = 100,
	    .gcd_max = 100, .step = {5001, 4999, 5003, 4997, 5000}};
	h = host();
	a = isn(h, 0);
	assert_int_equal(isn(host(), 1), a);
	for (i = 1; i < 50; i++) {
		a = h->isn.last;
		net.now_wall_ns += 100000000;
		b = isn(h, i & 1) - a; /* everybody's SYN counts */
		assert_in_range(b, g->step[i % 5] * 100,
		    g->step[i % 5] * 100 + 500);
	}
	net.now_wall_ns += 500000000;
	a = h->isn.last;
	assert_in_range(isn(h, 0) - a, 2490000, 2510000);
	/* hashed: ordinary SYNs neither see nor move the pattern */
	g->hashed = 1;
	a = h->isn.last;
	b = isn(h, 0);
	assert_true(isn(h, 0) - b > 1000);
	assert_int_equal(h->isn.last, a);
	net.now_wall_ns += 100000000;
	assert_in_range(isn(h, 1) - a, 499000, 501000);
	g->how = ISN_CONST;
	g->hashed = 0;
	g->first = 9;
	assert_int_equal(isn(h, 0), 9);
	assert_int_equal(isn(h, 1), 9);
}

#define T(name) cmocka_unit_test_setup(test_##name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(nobody), T(lru), T(mac), T(tsval), T(skew), T(ipid), T(isn),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
