/* SPDX-License-Identifier: ISC */
/*
 * Malformed frames through the whole stack in process: nothing crashes (this
 * runs under ASan+UBSan too), every frame is accounted for (dropped under a
 * reason, or handed to a protocol), and a good frame is answered afterwards as
 * before. HPD_BADFRAMES sets the count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hpd-net/report.h"
#include "tests/lib/badframe.c"
#include "net_fix.h"

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
