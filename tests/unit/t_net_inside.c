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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stranger, setup),
		cmocka_unit_test_setup(test_inside, setup),
		cmocka_unit_test_setup(test_mute, setup),
		cmocka_unit_test_setup(test_rate, setup),
		cmocka_unit_test_setup(test_queue, setup),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
