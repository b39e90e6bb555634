/* SPDX-License-Identifier: ISC */
/* Blind attacks: only an exact RST ends a connection (RFC 5961), PAWS. */
#include "tcp_world.h"

static uint32_t isn;
static const uint8_t ts_opt[] = {1, 1, 8, 10, 0, 0, 4, 0, 0, 0, 0, 0};

static void
connect_with(const uint8_t *opt, uint32_t n)
{
	struct got g;

	world_tcp(P_ADDR, 4000, PORT_OPEN, 1000, 0, TH_SYN, 64240, opt, n,
	    NULL, 0);
	assert_true(got_answer(0, &g));
	isn = g.seq;
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1001, isn + 1, TH_ACK, 64240, opt,
	    n, NULL, 0);
	world_turn();
	assert_int_equal(tcp_active(), 1);
	got_clear();
}

static int
setup(void **state)
{
	(void)state;
	world_init(64);
	connect_with(NULL, 0);
	return 0;
}

static int
setup_ts(void **state)
{
	(void)state;
	world_init(64);
	connect_with(ts_opt, sizeof(ts_opt));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

static void
seg(uint32_t seq, uint32_t ack, uint8_t flags, uint32_t len)
{
	static const uint8_t data[1000];

	world_tcp(P_ADDR, 4000, PORT_OPEN, seq, ack, flags, 64240, NULL, 0,
	    data, len);
	world_turn();
}

/* Exactly one ACK that says where we are. */
static void
challenged(void)
{
	struct got g;

	assert_int_equal(got_count(), 1);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.flags, TH_ACK);
	assert_int_equal(g.seq, isn + 1);
	assert_int_equal(g.ack, 1001);
	assert_int_equal(tcp_active(), 1);
	got_clear();
}

static void
rst(void **state)
{
	(void)state;
	seg(1002, 0, TH_RST, 0);
	challenged();
	seg(1001 + 65000, 0, TH_RST, 0);
	challenged();
	seg(1000, 0, TH_RST, 0); /* outside: nothing */
	seg(1001 + 70000, 0, TH_RST, 0);
	assert_int_equal(got_count(), 0);
	assert_int_equal(tcp_active(), 1);
	seg(1001, 0, TH_RST, 0);
	assert_int_equal(tcp_active(), 0);
	assert_int_equal(got_count(), 0);
}

static void
syn(void **state)
{
	(void)state;
	seg(1001, 0, TH_SYN, 0);
	challenged();
	seg(5, 0, TH_SYN, 0);
	challenged();
	seg(1001, isn + 1, TH_SYN | TH_ACK, 0);
	challenged();
}

static void
ack_of_unsent(void **state)
{
	(void)state;
	seg(1001, isn + 2, TH_ACK, 0);
	challenged();
	seg(1001, isn + 1000000, TH_ACK, 10); /* its data counts for nothing */
	challenged();
	seg(1001, isn - 5000000, TH_ACK, 10); /* far too old */
	challenged();
	seg(1001, isn + 1, TH_ACK, 10);
	assert_int_equal(tcp_active(), 1);
}

static void
no_ack_flag(void **state)
{
	(void)state;
	seg(1001, 0, 0, 100);
	seg(1001, 0, TH_FIN, 0);
	assert_int_equal(got_count(), 0);
	assert_int_equal(tcp_active(), 1);
}

/* Global limit: a flood of nonsense gets at most a thousand answers. */
static void
limited(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 3000; i++)
		world_tcp(P_ADDR, 4000, PORT_OPEN, 1002, 0, TH_RST, 0, NULL, 0,
		    NULL, 0);
	assert_in_range(stats[ST_TCP_CHALLENGE], 500, 999);
	i = (uint32_t)stats[ST_TCP_CHALLENGE];
	world_sleep(1000);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1002, 0, TH_RST, 0, NULL, 0, NULL,
	    0);
	assert_int_equal(stats[ST_TCP_CHALLENGE], i + 1);
}

/* An old timestamp: acknowledged, not taken. */
static void
paws(void **state)
{
	static const uint8_t old[] = {1, 1, 8, 10, 0, 0, 3, 255, 0, 0, 0, 0};
	static const uint8_t newer[] = {1, 1, 8, 10, 0, 0, 4, 9, 0, 0, 0, 0};
	struct got g;

	(void)state;
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1001, isn + 1, TH_ACK, 9, old,
	    sizeof(old), (const uint8_t *)"abc", 3);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.ack, 1001);
	assert_int_equal(g.o.tsecr, 1024);
	got_clear();
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1001, isn + 1, TH_ACK, 9, newer,
	    sizeof(newer), (const uint8_t *)"abc", 3);
	world_turn();
	assert_true(got_answer(0, &g));
	assert_int_equal(g.ack, 1004);
	assert_int_equal(g.o.tsecr, 1033);
}

/* Keep-alives and data beyond the window: an ACK, no more. */
static void
outside(void **state)
{
	(void)state;
	seg(1000, isn + 1, TH_ACK, 0);
	challenged();
	seg(1001 + 65161, isn + 1, TH_ACK, 10);
	challenged();
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(rst),
	    T(syn),
	    T(ack_of_unsent),
	    T(no_ack_flag),
	    T(limited),
	    T(outside),
	    cmocka_unit_test_setup_teardown(paws, setup_ts, teardown),
	};

	world_unused();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
