/* SPDX-License-Identifier: ISC */
/* Ends of connections: half close both ways, TIME_WAIT, simultaneous close,
 * reset, data nobody reads, retransmission limit. */
#include "tcp_world.h"

static uint32_t isn;

static int
setup(void **state)
{
	struct got g;

	(void)state;
	world_init(64);
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1000, 0, TH_SYN, 64240, NULL, 0,
	    NULL, 0);
	assert_true(got_answer(0, &g));
	isn = g.seq;
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, isn + 1, TH_ACK, 64240,
	    NULL, 0, NULL, 0);
	world_turn();
	world_turn();
	assert_true(w_script != -1);
	got_clear();
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
seg(uint32_t seq, uint32_t ack, uint8_t flags, const char *data)
{
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001 + seq, isn + 1 + ack, flags,
	    64240, NULL, 0, (const uint8_t *)data, (uint32_t)strlen(data));
	world_turn();
}

static void
last(struct got *g)
{
	assert_true(got_count() > 0);
	assert_true(got_answer(got_count() - 1, g));
}

/* The interface's MTU shrank: segments that fit, one behind the other, and
 * no frame that is longer. */
static void
smaller_mtu(void **state)
{
	char buf[3000];
	uint32_t i, n = 0;
	struct got g;

	(void)state;
	memset(buf, 'x', sizeof(buf));
	net.ifs[0].mtu = 300;
	seg(0, 0, TH_ACK, "x");
	got_clear();
	assert_int_equal(send(w_script, buf, sizeof(buf), 0), sizeof(buf));
	world_turn();
	net.ifs[0].mtu = 1500;
	for (i = 0; i < got_count(); i++) {
		assert_true(got_answer(i, &g));
		assert_int_equal(g.seq, isn + 1 + n);
		assert_true(g.len + g.optlen <= 260);
		n += g.len;
	}
	assert_int_equal(n, sizeof(buf));
}

/* A peer that takes a byte now and then of what a script left keeps it, but
 * not for ever when memory is short. */
static void
trickle(void **state)
{
	static char buf[50000];
	uint32_t i;

	(void)state;
	assert_int_equal(send(w_script, buf, sizeof(buf), 0), sizeof(buf));
	world_exit_script();
	world_turn();
	for (i = 1; i < 20; i++) {
		world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, isn + 1 + i,
		    TH_ACK, 1, NULL, 0, NULL, 0);
		got_clear();
		world_sleep(10000);
	}
	assert_int_equal(tcp_active(), 1);
	assert_int_equal(stats[ST_SESS_OPEN], 0);
	tcp.mem += TCP_MEM_MAX / 4 * 3;
	for (; i < 40; i++) {
		world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, isn + 1 + i,
		    TH_ACK, 1, NULL, 0, NULL, 0);
		got_clear();
		world_sleep(10000);
	}
	tcp.mem -= TCP_MEM_MAX / 4 * 3;
	assert_int_equal(tcp_active(), 0);
	assert_int_equal(stats[ST_TCP_EVICTED], 1);
	assert_int_equal(tcp.mem, 0);
}

/* printf x | nc -N: the script sees the end and still answers. */
static void
half_close(void **state)
{
	char buf[16];
	struct got g;

	(void)state;
	seg(0, 0, TH_ACK | TH_FIN, "x");
	last(&g);
	assert_int_equal(g.ack, 1001 + 2);
	assert_int_equal(read(w_script, buf, sizeof(buf)), 1);
	assert_int_equal(read(w_script, buf, sizeof(buf)), 0);
	got_clear();
	assert_int_equal(write(w_script, "answer", 6), 6);
	world_turn();
	last(&g);
	assert_int_equal(g.len, 6);
	assert_memory_equal(g.data, "answer", 6);
	seg(2, 6, TH_ACK, "");
	world_exit_script();
	world_turn();
	world_turn();
	last(&g);
	assert_int_equal(g.flags & TH_FIN, TH_FIN);
	assert_int_equal(tcp_active(), 1);
	seg(2, 7, TH_ACK, "");
	assert_int_equal(tcp_active(), 0);
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 0); /* the peer's to keep */
}

/* The script ends first: its last bytes, FIN, TIME_WAIT on our side. */
static void
script_first(void **state)
{
	struct got g;

	(void)state;
	assert_int_equal(write(w_script, "bye", 3), 3);
	world_exit_script();
	world_turn();
	world_turn();
	last(&g);
	assert_int_equal(g.flags & TH_FIN, TH_FIN);
	assert_int_equal(g.seq + g.len, isn + 1 + 3);
	seg(0, 4, TH_ACK, "");
	assert_int_equal(tcp_active(), 1);
	got_clear();
	seg(0, 4, TH_ACK | TH_FIN, "");
	last(&g);
	assert_int_equal(g.ack, 1002);
	assert_int_equal(tcp_active(), 0);
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 1);
	got_clear();
	seg(0, 4, TH_ACK | TH_FIN, ""); /* repeated: ACK, not RST */
	last(&g);
	assert_int_equal(g.flags, TH_ACK);
	assert_int_equal(got_count(), 1);
	seg(1, 4, TH_RST, "");
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 1); /* RFC 1337 */
	got_clear();
	/* a later SYN from the same port begins anew */
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 900000, 0, TH_SYN, 64240, NULL,
	    0, NULL, 0);
	last(&g);
	assert_int_equal(g.flags, TH_SYN | TH_ACK);
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 0);
}

static void
time_wait_ends(void **state)
{
	(void)state;
	world_exit_script();
	world_turn();
	world_turn();
	seg(0, 1, TH_ACK | TH_FIN, "");
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 1);
	world_sleep(59000);
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 1);
	world_sleep(2000);
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 0);
	got_clear();
	seg(1, 1, TH_ACK, ""); /* now it belongs to nobody */
	assert_int_equal(got_count(), 1);
}

static void
simultaneous(void **state)
{
	struct got g;

	(void)state;
	world_exit_script();
	world_turn();
	world_turn();
	got_clear();
	seg(0, 0, TH_ACK | TH_FIN, ""); /* crosses ours */
	last(&g);
	assert_int_equal(g.ack, 1002);
	assert_int_equal(tcp_active(), 1);
	seg(1, 1, TH_ACK, "");
	assert_int_equal(tcp_active(), 0);
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 1);
}

/* FIN out of order waits for the bytes before it. */
static void
early_fin(void **state)
{
	char buf[16];
	struct got g;

	(void)state;
	seg(3, 0, TH_ACK | TH_FIN, "def");
	last(&g);
	assert_int_equal(g.ack, 1001);
	seg(0, 0, TH_ACK, "abc");
	last(&g);
	assert_int_equal(g.ack, 1001 + 7);
	assert_int_equal(read(w_script, buf, sizeof(buf)), 6);
	assert_memory_equal(buf, "abcdef", 6);
	assert_int_equal(read(w_script, buf, sizeof(buf)), 0);
}

/* Overlaps: the first bytes that arrived stay, nothing is read twice. */
static void
overlaps(void **state)
{
	char buf[32];

	(void)state;
	seg(4, 0, TH_ACK, "EFGH");
	seg(8, 0, TH_ACK, "IJ");
	seg(0, 0, TH_ACK, "ABC");
	seg(2, 0, TH_ACK, "CDEF");
	seg(0, 0, TH_ACK, "ABCDEFGHIJ");
	seg(9, 0, TH_ACK, "JKL");
	assert_int_equal(read(w_script, buf, sizeof(buf)), 12);
	assert_memory_equal(buf, "ABCDEFGHIJKL", 12);
}

/* One segment closes a hole and reaches into the second piece behind it. */
static void
over_two_holes(void **state)
{
	char buf[32];
	struct got g;

	(void)state;
	seg(2, 0, TH_ACK, "C");
	seg(5, 0, TH_ACK, "FGH");
	seg(0, 0, TH_ACK, "ABCDEF");
	last(&g);
	assert_int_equal(g.ack, 1001 + 8);
	assert_int_equal(read(w_script, buf, sizeof(buf)), 8);
	assert_memory_equal(buf, "ABCDEFGH", 8);
}

/* Data after the program has gone and our FIN was taken: RST. */
static void
data_after_exit(void **state)
{
	struct got g;

	(void)state;
	world_exit_script();
	world_turn();
	world_turn();
	seg(0, 1, TH_ACK, "");
	got_clear();
	seg(0, 1, TH_ACK, "hello?");
	last(&g);
	assert_int_equal(g.flags & TH_RST, TH_RST);
	assert_int_equal(tcp_active(), 0);
}

static void
peer_resets(void **state)
{
	char c;

	(void)state;
	seg(0, 0, TH_RST, "");
	assert_int_equal(tcp_active(), 0);
	world_turn();
	assert_int_equal(w_closes, 1);
	assert_int_equal(read(w_script, &c, 1), 0);
}

/* Nobody answers: sent again with growing gaps, then RST and the end. */
static void
gives_up(void **state)
{
	uint32_t i;
	struct got g;

	(void)state;
	w_pers.data_retries = 4;
	assert_int_equal(write(w_script, "lost", 4), 4);
	world_turn();
	for (i = 0; i < 200 && tcp_active() > 0; i++)
		world_sleep(1000);
	assert_int_equal(tcp_active(), 0);
	last(&g);
	assert_int_equal(g.flags & TH_RST, TH_RST);
	assert_int_equal(got_count(), 1 + 4 + 1);
	assert_in_range(i, 6, 60);
	world_turn();
	assert_int_equal(w_closes, 1);
}

/* The last segment of a write has PSH, the others have not. */
static void
push(void **state)
{
	static char big[4000];
	struct got g;
	uint32_t i, n;

	(void)state;
	w_pers.family = FAM_LINUX;
	assert_int_equal(write(w_script, big, sizeof(big)), sizeof(big));
	world_turn();
	n = got_count();
	assert_int_equal(n, 8); /* no MSS offered: 536 */
	for (i = 0; i < n; i++) {
		assert_true(got_answer(i, &g));
		assert_int_equal((g.flags & TH_PSH) != 0, i == n - 1);
		assert_int_equal(g.len, i == n - 1 ? 4000 - 7 * 536 : 536);
	}
}

/* A closed window: nothing beyond it, probes, and then the rest. */
static void
zero_window(void **state)
{
	struct got g;
	uint32_t i, n;

	(void)state;
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, isn + 1, TH_ACK, 0, NULL,
	    0, (const uint8_t *)"", 0);
	world_turn();
	got_clear();
	assert_int_equal(write(w_script, "0123456789", 10), 10);
	for (i = 0; i < 20; i++) {
		world_sleep(500);
		n = got_count();
	}
	assert_in_range(n, 2, 6);
	for (i = 0; i < n; i++) {
		assert_true(got_answer(i, &g));
		assert_int_equal(g.len, 0);
		assert_int_equal(g.seq, isn);
	}
	got_clear();
	seg(0, 0, TH_ACK, "");
	last(&g);
	assert_int_equal(g.len, 10);
}

/* No byte either way: FIN as a program's, the runner told why. Segments that
 * carry nothing do not count, bytes of either side do. */
static void
idle_service(void **state)
{
	struct got g;
	uint32_t i;

	(void)state;
	w_svc[0].idle_s = 30;
	seg(0, 0, TH_ACK, "hello");
	world_sleep(20000);
	assert_int_equal(write(w_script, "hi", 2), 2);
	world_turn();
	seg(5, 2, TH_ACK, "");
	world_sleep(20000);
	assert_int_equal(w_closes, 0);
	got_clear();
	for (i = 0; i < 4; i++) { /* keepalives */
		seg((uint32_t)4, 2, TH_ACK, "");
		world_sleep(3000);
	}
	assert_int_equal(w_closes, 1);
	assert_int_equal(w_reason, 5);
	assert_int_equal(stats[ST_TCP_IDLE], 1);
	last(&g);
	assert_int_equal(g.flags & TH_FIN, TH_FIN);
	assert_int_equal(g.seq, isn + 1 + 2);
	seg(5, 3, TH_ACK | TH_FIN, "");
	assert_int_equal(tcp_active(), 0);
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 1);
}

/* An open port without a service, unused and used; then a peer that never
 * takes our FIN, and one that never closes. */
static void
idle_open(void **state)
{
	struct got g;
	uint32_t sn, i;

	(void)state;
	seg(0, 0, TH_RST, "");
	for (i = 0; i < 3; i++) {
		got_clear();
		world_tcp(P_ADDR, (uint16_t)(4100 + i), PORT_OPEN, 1000, 0,
		    TH_SYN, 64240, NULL, 0, NULL, 0);
		assert_true(got_answer(0, &g));
		sn = g.seq;
		world_tcp(P_ADDR, (uint16_t)(4100 + i), PORT_OPEN, 1001,
		    sn + 1, TH_ACK, 64240, NULL, 0, (const uint8_t *)"x",
		    i == 1);
		world_turn();
		assert_int_equal(tcp_active(), 1);
		got_clear();
		world_sleep(599000);
		assert_int_equal(tcp_active(), 1);
		world_sleep(2000);
		assert_true(got_answer(i == 1, &g)); /* behind its ACK */
		assert_int_equal(g.flags & TH_FIN, TH_FIN);
		assert_int_equal(stats[ST_TCP_IDLE], i + 1);
		if (i == 2) /* FIN_WAIT_2 for a minute only */
			world_tcp(P_ADDR, 4102, PORT_OPEN, 1001, sn + 2,
			    TH_ACK, 64240, NULL, 0, NULL, 0);
		/* the schedule: 8 times from a second on */
		world_sleep(i == 2 ? 61000 : 512000);
		assert_int_equal(tcp_active(), 0);
		last(&g);
		assert_int_equal(g.flags & TH_RST, i == 2 ? 0 : TH_RST);
	}
}

/* A peer that keeps its window shut does not keep the connection. */
static void
shut_for_good(void **state)
{
	uint32_t i;

	(void)state;
	w_svc[0].idle_s = 30;
	assert_int_equal(write(w_script, "0123456789", 10), 10);
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, isn + 1, TH_ACK, 0, NULL,
	    0, NULL, 0);
	world_turn();
	for (i = 0; i < 200 && tcp_active() > 0; i++) {
		world_sleep(1000);
		world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, isn + 1, TH_ACK,
		    0, NULL, 0, NULL, 0);
	}
	assert_in_range(i, 140, 160);
	assert_int_equal(w_reason, 5);
}

/* Exactly as many bytes as the service may give are no trespass; one more is
 * the end: all allowed bytes, then FIN, and the runner told. */
static void
bytes_over(void **state)
{
	struct got g;

	(void)state;
	w_svc[0].max_bytes_out = 10;
	assert_int_equal(write(w_script, "0123456789", 10), 10);
	world_turn();
	world_turn();
	assert_int_equal(w_closes, 0);
	seg(0, 10, TH_ACK, "");
	got_clear();
	assert_int_equal(write(w_script, "x", 1), 1);
	world_turn();
	world_turn();
	last(&g);
	assert_int_equal(g.flags & TH_FIN, TH_FIN);
	assert_int_equal(g.len, 0);
	assert_int_equal(g.seq, isn + 1 + 10);
	assert_int_equal(w_closes, 1);
	assert_int_equal(w_reason, 6);
	assert_int_equal(stats[ST_SESS_BYTES], 1);
	seg(0, 11, TH_ACK | TH_FIN, "");
	assert_int_equal(tcp_active(), 0);
}

static void
bytes_exact(void **state)
{
	struct got g;

	(void)state;
	w_svc[0].max_bytes_out = 10;
	assert_int_equal(write(w_script, "0123456789", 10), 10);
	world_exit_script();
	world_turn();
	world_turn();
	last(&g);
	assert_int_equal(g.flags & TH_FIN, TH_FIN);
	assert_int_equal(g.seq + g.len, isn + 1 + 10);
	assert_int_equal(w_closes, 0);
	assert_int_equal(stats[ST_SESS_BYTES], 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(smaller_mtu),
	    T(trickle),
	    T(half_close),
	    T(script_first),
	    T(time_wait_ends),
	    T(simultaneous),
	    T(early_fin),
	    T(overlaps),
	    T(over_two_holes),
	    T(data_after_exit),
	    T(peer_resets),
	    T(gives_up),
	    T(push),
	    T(zero_window),
	    T(idle_service),
	    T(idle_open),
	    T(shut_for_good),
	    T(bytes_over),
	    T(bytes_exact),
	};

	world_unused();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
