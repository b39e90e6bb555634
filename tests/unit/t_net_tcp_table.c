/* SPDX-License-Identifier: ISC */
/* Tables: tuples found and deleted under collisions, quotas kept: a flood of
 * SYNs never costs an established connection its place. */
#include "tcp_world.h"

#define N 20000

static uint32_t lcg = 7;

static uint32_t
rnd(void)
{
	return lcg = lcg * 1664525u + 1013904223u;
}

static int
setup(void **state)
{
	(void)state;
	world_init(64);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

/* Random inserts and deletes compared with what must be there. */
static void
model(void **state)
{
	static struct tuple t[N];
	static uint8_t in[N];
	struct ttab tab;
	uint32_t i, step, n = 0;

	(void)state;
	for (i = 0; i < N; i++) {
		t[i].raddr = rnd();
		t[i].laddr = H_ADDR;
		t[i].rport = (uint16_t)rnd();
		t[i].lport = (uint16_t)i;
	}
	memset(in, 0, sizeof(in));
	/* eight slots a bucket for a quarter of the entries: buckets overflow */
	ttab_init(&tab, N, t, sizeof(t[0]), 0);
	for (step = 0; step < 10 * N; step++) {
		i = rnd() % N;
		if (in[i])
			ttab_del(&tab, i, ttab_hash(&t[i]));
		else
			ttab_put(&tab, i, ttab_hash(&t[i]));
		in[i] = !in[i];
		n = in[i] ? n + 1 : n - 1;
		assert_int_equal(tab.count, n);
	}
	for (i = 0; i < N; i++)
		assert_int_equal(ttab_find(&tab, &t[i], ttab_hash(&t[i])),
		    in[i] ? i : TTAB_NONE);
	for (i = 0; i < N; i++)
		if (!in[i])
			ttab_put(&tab, i, ttab_hash(&t[i]));
	for (i = 0; i < N; i++)
		assert_int_equal(ttab_find(&tab, &t[i], ttab_hash(&t[i])), i);
	for (i = 0; i < N; i++)
		ttab_del(&tab, i, ttab_hash(&t[i]));
	for (i = 0; i <= tab.mask; i++)
		assert_int_equal(tab.b[i].over, 0);
	ttab_free(&tab);
}

static void
sources(void **state)
{
	static uint32_t want[512];
	struct srctab tab;
	uint32_t i, step;

	(void)state;
	memset(want, 0, sizeof(want));
	srctab_init(&tab, 512);
	for (step = 0; step < 200000; step++) {
		i = rnd() >> 8 & 511;
		if (want[i] > 0 && (rnd() >> 9 & 1)) {
			srctab_dec(&tab, i * 77);
			want[i]--;
		} else {
			srctab_inc(&tab, i * 77);
			want[i]++;
		}
	}
	for (i = 0; i < 512; i++) {
		assert_int_equal(srctab_count(&tab, i * 77), want[i]);
		for (; want[i] > 0; want[i]--)
			srctab_dec(&tab, i * 77);
	}
	for (i = 0; i <= tab.mask; i++)
		assert_int_equal(tab.s[i].count, 0);
	srctab_free(&tab);
}

static uint32_t
handshake(uint32_t src, uint16_t sport)
{
	struct got g;

	got_clear();
	world_tcp(src, sport, PORT_OPEN, 1000, 0, TH_SYN, 64240, NULL, 0, NULL,
	    0);
	if (!got_answer(0, &g))
		return 0;
	world_tcp(src, sport, PORT_OPEN, 1001, g.seq + 1, TH_ACK, 64240, NULL,
	    0, NULL, 0);
	return g.seq;
}

/* Every connection is alive and answers data during and after the flood. */
static void
flood(void **state)
{
	uint32_t isn[40], i;
	struct got g;

	(void)state;
	for (i = 0; i < 40; i++)
		assert_true(isn[i] = handshake(P_ADDR, (uint16_t)(3000 + i)));
	assert_int_equal(tcp_active(), 40);
	for (i = 0; i < 50000; i++) {
		world_tcp(0xc6000000u + rnd() % 0x20000u, (uint16_t)rnd(),
		    PORT_OPEN, rnd(), 0, TH_SYN, 1024, NULL, 0, NULL, 0);
		if (i % 64 == 0) {
			got_clear();
			w_ns += 100000;
			world_turn();
		}
	}
	assert_int_equal(tcp_active(), 40);
	assert_int_equal(stats[ST_TCP_HALF_OPEN], tcp.max_half);
	assert_true(stats[ST_TCP_EVICTED] > 40000);
	for (i = 0; i < 40; i++) {
		got_clear();
		world_tcp(P_ADDR, (uint16_t)(3000 + i), PORT_OPEN, 1001,
		    isn[i] + 1, TH_ACK, 64240, NULL, 0,
		    (const uint8_t *)"alive", 5);
		world_turn();
		assert_true(got_count() >= 1);
		assert_true(got_answer(got_count() - 1, &g));
		assert_int_equal(g.ack, 1006);
		assert_int_equal(g.dport, 3000 + i);
	}
	/* and a newcomer still gets in */
	assert_true(handshake(P_ADDR, 2000));
	assert_int_equal(tcp_active(), 41);
}

/* Full of busy connections: the newcomer waits, nobody loses his place. */
static void
full(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < tcp.max_est; i++)
		handshake(P_ADDR + i % 8, (uint16_t)(3000 + i));
	assert_int_equal(tcp_active(), 64);
	handshake(P_ADDR, 2000);
	assert_int_equal(tcp_active(), 64);
	assert_int_equal(stats[ST_TCP_TABLE_FULL], 1);
	assert_int_equal(stats[ST_TCP_EVICTED], 0);
	world_sleep(400000); /* all idle for minutes: the oldest may go */
	handshake(P_ADDR, 2000);
	assert_int_equal(tcp_active(), 64);
	assert_int_equal(stats[ST_TCP_EVICTED], 1);
}

static void
share(void **state)
{
	uint32_t i;

	(void)state;
	tcp.max_src = 10;
	for (i = 0; i < 20; i++)
		handshake(P_ADDR, (uint16_t)(3000 + i));
	assert_int_equal(tcp_active(), 10);
	assert_int_equal(stats[ST_LIMIT_SOURCE], 10);
	handshake(P_ADDR + 1, 3000); /* another one is not touched by it */
	assert_int_equal(tcp_active(), 11);
	world_tcp(P_ADDR, 3000, PORT_OPEN, 1001, 0, TH_RST, 0, NULL, 0, NULL,
	    0);
	handshake(P_ADDR, 3500);
	assert_int_equal(tcp_active(), 11);
}

/* Handshakes begun together pass no more than those one by one. */
static void
share_at_once(void **state)
{
	uint32_t isn[20], i;
	struct got g;

	(void)state;
	tcp.max_src = 10;
	for (i = 0; i < 20; i++) {
		got_clear();
		world_tcp(P_ADDR, (uint16_t)(3000 + i), PORT_OPEN, 1000, 0,
		    TH_SYN, 64240, NULL, 0, NULL, 0);
		assert_true(got_answer(0, &g));
		isn[i] = g.seq;
	}
	for (i = 0; i < 20; i++)
		world_tcp(P_ADDR, (uint16_t)(3000 + i), PORT_OPEN, 1001,
		    isn[i] + 1, TH_ACK, 64240, NULL, 0, NULL, 0);
	assert_int_equal(tcp_active(), 10);
	assert_int_equal(stats[ST_LIMIT_SOURCE], 10);
}

/* The address is nobody's any more when the runner's socket comes: that is
 * closed, not kept. */
static void
gone_when_opened(void **state)
{
	struct got g;
	char b;

	(void)state;
	w_hold = 1;
	world_tcp(P_ADDR, 3000, PORT_SERVICE, 1000, 0, TH_SYN, 64240, NULL, 0,
	    NULL, 0);
	assert_true(got_answer(0, &g));
	world_tcp(P_ADDR, 3000, PORT_SERVICE, 1001, g.seq + 1, TH_ACK, 64240,
	    NULL, 0, NULL, 0);
	world_turn();
	assert_int_equal(w_opens, 1);
	w_root[H_ADDR >> 16] = 0;
	host_reload();
	world_answer_open();
	world_turn();
	w_root[H_ADDR >> 16] = 1;
	assert_int_equal(tcp_active(), 0);
	assert_int_equal(read(w_script, &b, 1), 0);
}

/* The least MTU there is has no room for 40 bytes of options. */
static void
least_mtu(void **state)
{
	static const uint8_t opt[20] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1};
	uint8_t ts[12] = {1, 1, 8, 10, 0, 0, 0, 1};
	struct got g;
	uint32_t i, isn;

	(void)state;
	net.ifs[0].mtu = 68;
	world_tcp(P_ADDR, 3000, PORT_SERVICE, 1000, 0, TH_SYN, 64240, opt, 20,
	    NULL, 0);
	assert_true(got_answer(0, &g));
	isn = g.seq;
	world_tcp(P_ADDR, 3000, PORT_SERVICE, 1001, isn + 1, TH_ACK, 64240,
	    ts, 12, NULL, 0);
	world_turn();
	for (i = 1; i < 5; i++)
		world_tcp(P_ADDR, 3000, PORT_SERVICE, 1001 + i * 100, isn + 1,
		    TH_ACK, 64240, ts, 12, (const uint8_t *)"hole", 4);
	world_turn();
	net.ifs[0].mtu = 1500;
	assert_true(got_answer(got_count() - 1, &g));
	assert_int_equal(g.optlen, 40);
	assert_int_equal(g.len, 0);
	assert_int_equal(g.ack, 1001);
}

/* 128 bytes until data flows; buffers are all counted and given back. */
static void
memory(void **state)
{
	static uint8_t data[1000];
	uint32_t i, isn;

	(void)state;
	assert_true(sizeof(struct tcp_conn) <= 128);
	isn = handshake(P_ADDR, 3000);
	assert_int_equal(stats[ST_TCP_MEM_BYTES], 0);
	for (i = 0; i < 10; i++)
		world_tcp(P_ADDR, 3000, PORT_OPEN, 1001 + i * 1000, isn + 1,
		    TH_ACK, 9, NULL, 0, data, 1000);
	world_turn();
	/* an open port reads nothing, so no buffer either */
	assert_int_equal(stats[ST_TCP_MEM_BYTES], sizeof(struct tcp_data));
	world_tcp(P_ADDR, 3000, PORT_OPEN, 11001, 0, TH_RST, 0, NULL, 0, NULL,
	    0);
	assert_int_equal(stats[ST_TCP_MEM_BYTES], 0);
}

static void
ranges(void **state)
{
	static uint8_t bit[4096];
	struct ranges s;
	uint32_t base = 0xfffff800u, i, k, a, b, n;
	int dup, r;

	(void)state;
	for (k = 0; k < 300; k++) {
		memset(bit, 0, sizeof(bit));
		memset(&s, 0, sizeof(s));
		for (i = 0; i < 60; i++) {
			a = rnd() >> 8 & 4095;
			b = a + 1 + (rnd() >> 8) % 200;
			if (b > 4096)
				b = 4096;
			n = 0;
			for (uint32_t j = a; j < b; j++)
				n += bit[j];
			r = ranges_add(&s, base + a, base + b, &dup);
			assert_int_equal(r, 0);
			assert_int_equal(dup, n == b - a);
			memset(bit + a, 1, b - a);
			for (uint32_t j = 1; j < s.n; j++)
				assert_true(SEQ_LT(s.r[j - 1].b, s.r[j].a));
		}
		for (i = 0, n = 0; i < 4096; i++)
			n += bit[i];
		assert_int_equal(ranges_bytes(&s, base, base + 4096), n);
		for (i = 0; i < 4096; i = b - base) {
			if (!ranges_gap(&s, base + i, base + 4096, &a, &b))
				break;
			for (; i < a - base; i++)
				assert_int_equal(bit[i], 1);
			for (; i < b - base; i++)
				assert_int_equal(bit[i], 0);
		}
		ranges_trim(&s, base + 2000);
		assert_int_equal(ranges_bytes(&s, base, base + 2000), 0);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(model),
	    T(sources),
	    T(flood),
	    T(full),
	    T(share),
	    T(share_at_once),
	    T(gone_when_opened),
	    T(least_mtu),
	    T(memory),
	    T(ranges),
	};

	world_unused();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
