/* SPDX-License-Identifier: ISC */
/*
 * Malformed frames through the whole stack in process: nothing crashes (this
 * runs under ASan+UBSan too), every frame is accounted for (dropped under a
 * reason, or handed to a protocol), and a good frame is answered afterwards as
 * before. Personas change on the way, to any that an image may hold.
 * HPD_BADFRAMES sets the count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hpd-net/report.h"
#include "tests/lib/badframe.c"
#include "net_fix.h"
#include "tests/lib/persona_any.h"

/* Every frame was dropped under a reason or handed to a protocol. */
static void
balance(void)
{
	static const int low[] = { ST_RX_ARP, ST_RX_IP, ST_DROP_SHORT,
	    ST_DROP_FOREIGN_MAC, ST_DROP_ETHERTYPE, ST_DROP_VLAN,
	    ST_DROP_ARP_BAD, ST_DROP_IP_VERSION, ST_DROP_IP_HLEN,
	    ST_DROP_IP_LEN, ST_DROP_IP_CSUM, ST_DROP_IP_SRC, ST_DROP_IP_BCAST,
	    ST_DROP_IP_OPTIONS, ST_DROP_NOT_OURS, ST_DROP_RATE };
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < sizeof(low) / sizeof(low[0]); i++)
		sum += stats[low[i]];
	assert_int_equal(stats[ST_RX_FRAMES], sum);
}

/* Bytes that only a scanner sends, and are answered one by one: its six SYNs,
 * with its ECN probe. */
static uint32_t
probe(uint8_t *f, uint32_t dst, uint32_t n)
{
#define TS 8, 10, 255, 255, 255, 255, 0, 0, 0, 0
	static const uint8_t opt[7][21] = {
	    {20, 3, 3, 10, 1, 2, 4, 5, 0xb4, TS, 4, 2},
	    {20, 2, 4, 5, 0x78, 3, 3, 0, 4, 2, TS, 0},
	    {20, TS, 1, 1, 3, 3, 5, 1, 2, 4, 2, 0x80},
	    {16, 4, 2, TS, 3, 3, 10, 0},
	    {20, 2, 4, 2, 0x18, 4, 2, TS, 3, 3, 10, 0},
	    {16, 2, 4, 1, 9, 4, 2, TS},
	    {12, 3, 3, 10, 1, 2, 4, 5, 0xb4, 4, 2, 1, 1}};
	const uint8_t *o = opt[n % 7];
	uint8_t b[40] = {0};
	uint32_t len = 20u + o[0];

	put16(b, 1024 + n % 60000);
	put16(b + 2, n % 5 == 0 ? 81 : 80);
	put32(b + 4, n * 17);
	b[12] = (uint8_t)(len << 2);
	b[13] = n % 7 == 6 ? 0xc2 : 0x02;
	put16(b + 14, n % 7 == 6 ? 3 : 512);
	memcpy(b + 20, o + 1, o[0]);
	put16(b + 16, csum_fold(csum_add(csum_pseudo(FIX_A, dst, 6, len), b,
			  len)));
	return fix_ip(f, FIX_A, dst, 6, (uint16_t)n, 0, b, len);
}

static void
another(uint64_t seed)
{
	uint32_t i;

	for (i = 0; i < 9; i++)
		persona_any(&fix_pers[i], seed + i);
	host_reload();
	tcp_reload();
	udp_reload();
}

static void
test_bad(void **state)
{
	const char *env = getenv("HPD_BADFRAMES");
	unsigned long i, n = env ? strtoul(env, NULL, 10) : 300000;
	struct badframe b = { .rng = 0x1234567, .src = FIX_A, .dst = FIX_POL };
	uint8_t f[BADFRAME_MAX], echo[64];
	uint32_t len;

	(void)state;
	fix_init();
	fix_tmpl[0].act_tcp = ACT_OPEN;
	tcp_init(4096);
	udp_init(1024);
	memcpy(b.src_mac, fix_amac, 6);
	for (i = 0; i < n; i++) {
		b.dst = i % 3 ? FIX_POL + i % 6 : FIX_H;
		host_mac(&net.ifs[0], b.dst, b.dst_mac);
		len = (uint32_t)badframe_next(&b, f);
		if (i % 16 == 15)
			len = probe(f, b.dst, (uint32_t)i / 16);
		if (i % 500 == 499 && i < n - n / 8) /* the last as before */
			another(i * 9);
		fix_run(f, len);
		if (i % 64 == 0) {
			io_mem_clear(&net.ifs[0]);
			net.now_ms += 3;
			net.now_mono_ns += 3000000;
			net.now_wall_ns += 3000000;
			net_timer_run();
		}
		if (i % 4096 == 0) {
			char sink[65536];

			report_tick();
			evq_flush(&net.evq, 1);
			while (recv(fix_log[1], sink, sizeof(sink),
				   MSG_DONTWAIT) > 0)
				;
		}
	}
	balance();
	fix_persona(&fix_pers[0]);
	host_reload();
	io_mem_clear(&net.ifs[0]);
	len = fix_ip(f, FIX_A, FIX_H, 1, 1, 0, echo, fix_echo(echo, 32, 1));
	fix_run(f, len);
	assert_int_equal(io_mem_count(&net.ifs[0]), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
