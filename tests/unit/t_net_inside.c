/* SPDX-License-Identifier: ISC */
/* Packets from decoy to decoy: they stay inside, bounded by queue and rate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hpd-net/inside.h"
#include "net_fix.h"

#define OTHER (FIX_POL + 1)
#define THIRD (FIX_POL + 2)

/* Frames sent since the last question. */
static unsigned
on_wire(void)
{
	unsigned n = io_mem_count(&net.ifs[0]);

	io_mem_clear(&net.ifs[0]);
	return n;
}

static void
echo(uint32_t src, uint32_t dst)
{
	uint8_t f[256], b[64];
	uint32_t n = fix_echo(b, 20, 1);

	fix_run(f, fix_ip(f, src, dst, 1, 5, 0, b, n));
}

static int
setup(void **state)
{
	(void)state;
	fix_init();
	(void)on_wire();
	usleep(INSIDE_QUEUE * 1000000 / INSIDE_RATE + 2000); /* a full bucket */
	return 0;
}

/* A decoy nobody has sent anything to may be a real neighbour's address. */
static void
test_stranger(void **state)
{
	uint64_t was = stats[ST_TX_INSIDE];

	(void)state;
	echo(THIRD, FIX_H);
	assert_int_equal(on_wire(), 1);
	assert_int_equal(stats[ST_TX_INSIDE], was);
}

/* An echo in another decoy's name: the reply is that decoy's, which is silent
 * to it. Seen on the wire: nothing. */
static void
test_inside(void **state)
{
	uint64_t was = stats[ST_TX_INSIDE], rx = stats[ST_RX_IP];

	(void)state;
	echo(FIX_A, OTHER);
	assert_int_equal(on_wire(), 1);
	echo(OTHER, FIX_H);
	assert_int_equal(on_wire(), 0);
	assert_int_equal(stats[ST_TX_INSIDE], was + 1);
	assert_int_equal(stats[ST_RX_IP], rx + 3);
}

/* The address turns out to be another's. */
static void
test_mute(void **state)
{
	struct host *h;

	(void)state;
	echo(FIX_A, OTHER);
	assert_int_equal(on_wire(), 1);
	h = host_get(OTHER);
	assert_non_null(h);
	h->flags |= HOST_F_MUTE;
	echo(OTHER, FIX_H);
	assert_int_equal(on_wire(), 1);
	host_get(OTHER)->flags &= (uint16_t)~HOST_F_MUTE;
}

static void
test_rate(void **state)
{
	uint64_t in = stats[ST_TX_INSIDE], lost = stats[ST_LIMIT_INSIDE];
	uint32_t t0, i;

	(void)state;
	echo(FIX_A, OTHER);
	assert_int_equal(on_wire(), 1);
	t0 = net.now_ms;
	for (i = 0; i < 3000; i++)
		echo(OTHER, FIX_H);
	assert_int_equal(on_wire(), 0);
	in = stats[ST_TX_INSIDE] - in;
	lost = stats[ST_LIMIT_INSIDE] - lost;
	assert_int_equal(in + lost, 3000);
	assert_true(in >= INSIDE_QUEUE / 2);
	assert_true(in <= INSIDE_QUEUE +
	    (uint64_t)(net.now_ms - t0 + 1) * INSIDE_RATE / 1000);
}

/* More than the queue holds between two turns. */
static void
test_queue(void **state)
{
	uint64_t lost = stats[ST_LIMIT_INSIDE];
	uint8_t f[64] = {0};
	struct pkt p;
	int n = 0;

	(void)state;
	net_now();
	while (n < INSIDE_QUEUE + 10) {
		inside_put(&net.ifs[0], f, sizeof(f));
		n++;
	}
	assert_int_equal(stats[ST_LIMIT_INSIDE], lost + 10);
	inside_put(&net.ifs[0], f, IO_FRAME_MAX + 1);
	assert_int_equal(stats[ST_LIMIT_INSIDE], lost + 11);
	for (n = 0; inside_take(&p); n++) {
		assert_int_equal(p.len, sizeof(f));
		assert_memory_equal(p.data, net.ifs[0].mac, 6);
	}
	assert_int_equal(n, INSIDE_QUEUE);
}

static void
tcp(uint32_t src, uint32_t dst, uint8_t flags)
{
	uint8_t f[128], b[20] = {0};

	put16(b, 7777);
	put16(b + 2, 7777);
	put32(b + 4, 1000);
	put32(b + 8, 2000);
	b[12] = 5 << 4;
	b[13] = flags;
	put16(b + 16, csum_fold(csum_add(csum_pseudo(src, dst, 6, 20), b, 20)));
	fix_run(f, fix_ip(f, src, dst, 6, 9, 0, b, 20));
}

/* Some of nmap's table answer an ACK with an ACK. Two of them inside, or one
 * here and one elsewhere, come to an end. */
static void
test_endless(void **state)
{
	struct img_answer was = fix_pers[0].answer[ANS_T4], *a;
	uint64_t in = stats[ST_TX_INSIDE];
	uint32_t i, sent;

	(void)state;
	tcp_init(64);
	for (i = 0; i < 9; i++) {
		fix_tmpl[i].act_tcp = ACT_OPEN;
		a = &fix_pers[i].answer[ANS_T4];
		a->flags = 0x10;
		a->seq = NUM_SAME;
		a->ack = NUM_SAME;
	}
	echo(FIX_A, OTHER);
	echo(FIX_A, FIX_H);
	(void)on_wire();
	tcp(OTHER, FIX_H, 0x10);
	assert_int_equal(on_wire(), 0);
	assert_true(stats[ST_TX_INSIDE] > in + 1);
	assert_true(stats[ST_TX_INSIDE] <= in + INSIDE_QUEUE);
	net_now();
	usleep((1001 - net.now_ms % 1000) * 1000); /* another second */
	for (i = sent = 0; i < 200; i++) {
		tcp(FIX_A, FIX_H, 0x10);
		sent += on_wire();
	}
	assert_in_range(sent, 1, 128); /* no more than two seconds' */
	for (i = 0; i < 9; i++) {
		fix_tmpl[i].act_tcp = ACT_CLOSED;
		fix_pers[i].answer[ANS_T4] = was;
	}
}

/* Services are nothing for decoys: two that echo would never end. */
static void
test_service(void **state)
{
	uint8_t f[128], b[20] = {0};
	uint64_t was;

	(void)state;
	udp_init(16);
	fix_tmpl[0].act_udp = ACT_SERVICE;
	put16(b, 7);
	put16(b + 2, 7);
	put16(b + 4, sizeof(b));
	echo(FIX_A, OTHER);
	was = stats[ST_UDP_FLOWS];
	fix_run(f, fix_ip(f, OTHER, FIX_H, 17, 9, 0, b, sizeof(b)));
	assert_int_equal(stats[ST_UDP_FLOWS], was);
	fix_run(f, fix_ip(f, FIX_A, FIX_H, 17, 9, 0, b, sizeof(b)));
	assert_int_equal(stats[ST_UDP_FLOWS], was + 1);
	fix_tmpl[0].act_udp = ACT_CLOSED;
	(void)on_wire();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stranger, setup),
		cmocka_unit_test_setup(test_endless, setup),
		cmocka_unit_test_setup(test_service, setup),
		cmocka_unit_test_setup(test_inside, setup),
		cmocka_unit_test_setup(test_mute, setup),
		cmocka_unit_test_setup(test_rate, setup),
		cmocka_unit_test_setup(test_queue, setup),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
