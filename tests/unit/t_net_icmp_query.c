/* SPDX-License-Identifier: ISC */
/*
 * Echo replies in the persona's manner: DF, code, TOS, silence to nmap's two
 * only; the host's clock; who answers a broadcast; limits of errors.
 */
#include "icmp_fix.h"

#include "hpd-net/icmp_limit.h"

static void
test_echo_df(void **state)
{
	static const uint8_t want[4][2] = { /* asked without, with DF */
	    [DFI_N] = {0, 0}, [DFI_S] = {0, 1}, [DFI_Y] = {1, 1},
	    [DFI_O] = {1, 0}};
	int dfi, df;

	(void)state;
	for (dfi = 0; dfi < 4; dfi++)
		for (df = 0; df < 2; df++) {
			persona()->ie.dfi = (uint8_t)dfi;
			echo_of(120, 0, 0, 0, df);
			assert_int_equal(run(), 1);
			whole(0, 0);
			assert_int_equal(r[6] >> 6 & 1, want[dfi][df]);
		}
}

static int
code_of(uint8_t cd, uint8_t code)
{
	persona()->ie.cd = cd;
	persona()->ie.cd_value = 0x2a;
	echo_of(56, 'p', code, 0, 0);
	assert_int_equal(run(), 1);
	assert_int_equal(r[20], 0);
	assert_int_equal(csum_add(0, r + 20, rlen - 20) % 0xffff, 0);
	assert_memory_equal(r + 24, sent + 24, 60);
	return r[21];
}

static void
test_echo_code(void **state)
{
	(void)state;
	assert_int_equal(code_of(CD_Z, 9), 0);
	assert_int_equal(code_of(CD_Z, 0), 0);
	assert_int_equal(code_of(CD_S, 9), 9);
	assert_int_equal(code_of(CD_S, 0), 0);
	assert_int_equal(code_of(CD_VALUE, 9), 0x2a);
	assert_int_equal(code_of(CD_VALUE, 0), 0x2a);
	assert_int_not_equal(code_of(CD_O, 9), 9);
	assert_int_not_equal(code_of(CD_O, 9), 0);
	assert_int_equal(code_of(CD_O, 0), 0);
}

static void
test_echo_header(void **state)
{
	(void)state;
	persona()->ie.ttl = 99;
	echo_of(56, 'p', 0, 0x18, 0);
	assert_int_equal(run(), 1);
	assert_int_equal(r[8], 99);
	assert_int_equal(r[1], 0x18);
	persona()->family = FAM_WIN_10;
	assert_int_equal(run(), 1);
	assert_int_equal(r[1], 0);
}

/* IE R=N: nmap's two, and nothing that is only like them. */
static void
test_ie_silence(void **state)
{
	static const struct {
		uint32_t n;
		int byte, code, tos, answers;
	} rows[] = {
	    {120, 0, 9, 0, 0}, {150, 0, 0, 4, 0}, {120, 0, 0, 0, 1},
	    {150, 0, 0, 0, 1}, {119, 0, 9, 0, 1}, {151, 0, 0, 4, 1},
	    {120, 1, 9, 0, 1}, {150, 'a', 0, 4, 1}, {56, 0, 0, 0, 1},
	    {150, 0, 9, 4, 1}, {0, 0, 9, 0, 1}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		echo_of(rows[i].n, rows[i].byte, (uint8_t)rows[i].code,
		    (uint8_t)rows[i].tos, 0);
		persona()->ie.respond = 0;
		if ((int)run() != rows[i].answers)
			fail_msg("row %d", (int)i);
		persona()->ie.respond = 1;
		assert_int_equal(run(), 1);
	}
}

static uint32_t
stamp_of(uint32_t addr)
{
	uint8_t q[20] = {13, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 9};

	put16(q + 2, csum_fold(csum_add(0, q, 20)));
	sent_len = fix_ip(frame, FIX_A, addr, 1, 1, 0, q, 20) - 14;
	assert_int_equal(run(), 1);
	whole(14, 0);
	assert_memory_equal(r + 24, q + 4, 8);
	assert_int_equal(be32(r + 32), be32(r + 36));
	return be32(r + 32);
}

/* Each host's clock is its own, near ours at first, and drifts. */
static void
test_timestamp(void **state)
{
	uint32_t a, b, now;
	int32_t d0, d1;

	(void)state;
	net.start_wall_ns = clock_ns;
	now = (uint32_t)(clock_ns / 1000000 % 86400000);
	a = stamp_of(FIX_H);
	b = stamp_of(FIX_POL);
	d0 = (int32_t)(a - now);
	assert_in_range(d0 + 1001, 0, 2002);
	assert_int_not_equal(a, b);
	clock_ns += 86400000000000; /* a day */
	d1 = (int32_t)(stamp_of(FIX_H) - now);
	assert_int_not_equal(d1, d0);
	assert_in_range(d1 - d0 + 2600, 0, 5200); /* 30 ppm */
	persona()->family = FAM_WIN_XP;
	a = stamp_of(FIX_H);
	assert_int_equal(__builtin_bswap32(a), now + (uint32_t)d1);
	persona()->family = FAM_WIN_7;
	persona()->timestamp_ok = 0;
	frame[14 + 4] ^= 1;
	ip_sum(frame + 14);
	assert_int_equal(run(), 0);
}

/* An echo request to everybody; how many answer, each under its own name. */
static uint32_t
everybody(uint32_t src, uint32_t dst, int damage)
{
	const uint8_t *f;
	uint32_t i, n, len;

	echo_of(56, 'p', 0, 0, 0);
	memset(frame, 0xff, 6);
	put32(frame + 14 + 12, src);
	put32(frame + 14 + 16, dst);
	frame[14 + 30] ^= (uint8_t)damage;
	ip_sum(frame + 14);
	n = run();
	for (i = 0; i < n; i++) {
		f = io_mem_frame(&net.ifs[0], i, &len);
		assert_int_equal(len, 14 + sent_len);
		assert_memory_equal(f, fix_amac, 6);
		assert_int_equal(be32(f + 14 + 16), src);
		assert_int_not_equal(be32(f + 14 + 12), dst);
		assert_int_equal(f[14 + 20], 0);
		assert_memory_equal(f + 14 + 24, sent + 24, 60);
		if (i > 0)
			assert_true(be32(f + 14 + 12) >
			    be32(io_mem_frame(&net.ifs[0], i - 1, &len) + 26));
	}
	return n;
}

/* Solaris, XNU and IOS answer an echo request to the broadcast address, others
 * do not; nobody does for a source off the link; few are heard a second. */
static void
test_broadcast(void **state)
{
	uint64_t ip = stats[ST_RX_IP], bad = stats[ST_DROP_IP_BCAST];
	int i;

	(void)state;
	fix_pers[0].family = FAM_SOLARIS;
	fix_pers[1].family = FAM_SOLARIS; /* filtered */
	fix_pers[3].family = FAM_MACOS;
	fix_pers[4].family = FAM_IOS;
	fix_pers[5].family = FAM_LINUX;
	assert_int_equal(everybody(FIX_A, 0x0a0100ff, 0), 3);
	assert_int_equal(everybody(FIX_A, 0xffffffff, 0), 3);
	assert_int_equal(everybody(FIX_A, 0xe0000001, 0), 2);
	assert_int_equal(everybody(0x0a020001, 0x0a0100ff, 0), 0);
	assert_int_equal(everybody(FIX_A, 0x0a0100ff, 1), 0);
	assert_int_equal(stats[ST_RX_IP] - ip, 5);
	assert_int_equal(everybody(FIX_A, FIX_H, 0), 0);
	assert_int_equal(everybody(FIX_A, 0x0a010000, 0), 0);
	assert_int_equal(stats[ST_DROP_IP_BCAST] - bad, 2);
	pass_ms(1000);
	for (i = 0; i < 6; i++)
		assert_int_equal(everybody(FIX_A, 0x0a0100ff, 0),
		    i < 4 ? 3 : 0);
	pass_ms(1000);
	net.ifs[0].addr = 0; /* the link is the decoys' networks and around */
	assert_int_equal(everybody(FIX_A, 0xffffffff, 0), 3);
	assert_int_equal(everybody(0x0a020001, 0xffffffff, 0), 0);
	net.ifs[0].addr = 0x0a0100fe;
	for (i = 0; i < 6; i++)
		fix_pers[i].family = FAM_GENERIC;
}

static uint32_t
burst(uint32_t peer, uint32_t n)
{
	struct host *h = host_get(FIX_H);
	uint32_t got = 0;

	while (n-- > 0)
		got += (uint32_t)icmp_error_allowed(h, peer);
	return got;
}

static void
fresh(uint8_t family, uint16_t rate, uint16_t at_once)
{
	persona()->family = family;
	persona()->icmp_rate = rate;
	persona()->icmp_burst = at_once;
	pass_ms(20000);
	icmp_limit_init(host_get(FIX_H));
}

/* Linux: six at once to a target, one a second from then on; another target
 * has its own; 50 of the host at once and 1000 a second in all. */
static void
test_limit_linux(void **state)
{
	uint32_t i, n;

	(void)state;
	fresh(FAM_LINUX, 1, 6);
	assert_int_equal(burst(FIX_A, 100), 6);
	assert_int_equal(burst(FIX_A + 1, 100), 6);
	pass_ms(999);
	assert_int_equal(burst(FIX_A, 1), 0);
	pass_ms(1);
	assert_int_equal(burst(FIX_A, 9), 1);
	pass_ms(2500);
	assert_int_equal(burst(FIX_A, 9), 2);
	pass_ms(100);
	for (n = i = 0; i < 100; i++)
		n += burst(0x0b000000 + i, 1);
	assert_int_equal(n, 50);
	pass_ms(10);
	for (n = i = 0; i < 100; i++)
		n += burst(0x0b000100 + i, 1);
	assert_int_equal(n, 10);
	fresh(FAM_LINUX26, 1, 6); /* before 3.18: by target only */
	for (n = i = 0; i < 100; i++)
		n += burst(0x0b000000 + i, 1);
	assert_int_equal(n, 100);
}

static void
test_limit_others(void **state)
{
	uint32_t i, n;

	(void)state;
	fresh(FAM_OPENBSD, 100, 0); /* by seconds */
	pass_ms(1000);
	assert_int_equal(burst(FIX_A, 300), 100);
	pass_ms(900);
	assert_int_equal(burst(FIX_A, 300), 0);
	pass_ms(100);
	assert_int_equal(burst(FIX_A + 1, 300), 100);
	fresh(FAM_SOLARIS, 5, 20); /* a bucket */
	assert_int_equal(burst(FIX_A, 100), 20);
	for (n = i = 0; i < 60000; i++) {
		pass_ms(1);
		n += burst(FIX_A, 1);
	}
	assert_in_range(n, 299, 301);
	fresh(FAM_IOS, 2, 0); /* a scan's first probes get through */
	assert_int_equal(burst(FIX_A, 100), ICMP_BURST_MIN);
	fresh(FAM_WIN_10, 0, 0);
	assert_int_equal(burst(FIX_A, 1000), 1000);
}

/* All decoys together: a reflector has an end, and it is counted. */
static void
test_limit_sensor(void **state)
{
	uint64_t was = stats[ST_LIMIT_ICMP_SENSOR];
	uint64_t own = stats[ST_LIMIT_ICMP];

	(void)state;
	fresh(FAM_WIN_10, 0, 0);
	assert_int_equal(burst(FIX_A, 10000), ICMP_SENSOR_BURST);
	assert_int_equal(stats[ST_LIMIT_ICMP_SENSOR] - was,
	    10000 - ICMP_SENSOR_BURST);
	assert_int_equal(stats[ST_LIMIT_ICMP], own);
	udp_of(300, 'C');
	assert_int_equal(run(), 0);
	pass_ms(500);
	assert_int_equal(burst(FIX_A, 10000), ICMP_SENSOR_RATE / 2);
	pass_ms(2);
	assert_int_equal(run(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(echo_df), T(echo_code), T(echo_header), T(ie_silence),
	    T(timestamp), T(broadcast), T(limit_linux), T(limit_others),
	    T(limit_sensor),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
