/* SPDX-License-Identifier: ISC */
/* TCP handshake: options, ports by action, odd segments, schedule, drops. */
#include "tcp_world.h"

static const uint8_t all_opts[] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 1, 0,
    0, 0, 0, 0, 1, 3, 3, 9}; /* MSS 1460, SACK, TS 256, NOP, WS 9 */

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

static void
syn(uint16_t sport, uint16_t dport, const uint8_t *opt, uint32_t n)
{
	world_tcp(P_ADDR, sport, dport, 1000, 0, TH_SYN, 64240, opt, n, NULL,
	    0);
}

static void
open_port(void **state)
{
	struct got g;

	(void)state;
	syn(4000, PORT_OPEN, all_opts, sizeof(all_opts));
	assert_true(got_answer(0, &g));
	assert_int_equal(got_count(), 1);
	assert_int_equal(g.flags, TH_SYN | TH_ACK);
	assert_int_equal(g.sport, PORT_OPEN);
	assert_int_equal(g.dport, 4000);
	assert_int_equal(g.ack, 1001);
	assert_int_equal(g.win, 65160);
	assert_int_equal(g.ttl, 64);
	assert_int_equal(g.df, 1);
	assert_int_equal(g.optlen, 20);
	assert_int_equal(g.o.mss, 1460);
	assert_int_equal(g.o.wscale, 7);
	assert_true(g.o.sack_ok);
	assert_true(g.o.has_ts);
	assert_int_equal(g.o.tsecr, 256);
	/* the persona's order: MSS SACK TS NOP WS */
	assert_int_equal(g.opt[0], 2);
	assert_int_equal(g.opt[4], 4);
	assert_int_equal(g.opt[6], 8);
	assert_int_equal(g.opt[16], 1);
	assert_int_equal(g.opt[17], 3);
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 1);
}

/* Only what the peer offered, padded as Linux pads. */
static void
fewer_options(void **state)
{
	static const uint8_t no_ts[] = {2, 4, 5, 0xb4, 1, 1, 4, 2, 1, 3, 3, 7};
	static const uint8_t no_sack[] = {1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0,
	    1, 3, 3, 7};
	static const uint8_t want_ts[] = {2, 4, 5, 0xb4, 1, 1, 8, 10};
	struct got g;

	(void)state;
	syn(4000, PORT_OPEN, NULL, 0);
	syn(4001, PORT_OPEN, no_ts, sizeof(no_ts));
	syn(4002, PORT_OPEN, no_sack, sizeof(no_sack));
	assert_true(got_answer(0, &g));
	assert_int_equal(g.optlen, 4);
	assert_int_equal(g.o.mss, 1460);
	assert_true(got_answer(1, &g));
	assert_int_equal(g.optlen, sizeof(no_ts));
	assert_memory_equal(g.opt, no_ts, sizeof(no_ts));
	assert_true(got_answer(2, &g));
	assert_int_equal(g.optlen, 20);
	assert_memory_equal(g.opt, want_ts, sizeof(want_ts));
	assert_int_equal(g.o.tsecr, 9);
}

/* A closed port refuses, a filtered one is silent; RST is never answered. */
static void
other_ports(void **state)
{
	struct got g;

	(void)state;
	syn(4000, PORT_CLOSED, NULL, 0);
	syn(4000, 5555, NULL, 0);
	assert_int_equal(got_count(), 1);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.flags, TH_RST | TH_ACK);
	assert_int_equal(g.seq, 0);
	assert_int_equal(g.ack, 1001);
	assert_int_equal(g.win, 0);
	got_clear();
	world_tcp(P_ADDR, 4000, PORT_CLOSED, 5, 77, TH_ACK, 1, NULL, 0, NULL,
	    0);
	world_tcp(P_ADDR, 4000, PORT_CLOSED, 5, 0, TH_FIN, 1, NULL, 0,
	    (const uint8_t *)"abc", 3);
	world_tcp(P_ADDR, 4000, PORT_CLOSED, 5, 0, TH_RST, 1, NULL, 0, NULL,
	    0);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 5, 0, TH_SYN | TH_RST, 1, NULL, 0,
	    NULL, 0);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 5, 0, 0, 1, NULL, 0, NULL, 0);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 5, 0, TH_FIN | TH_PSH | TH_URG, 1,
	    NULL, 0, NULL, 0);
	assert_int_equal(got_count(), 2);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.flags, TH_RST);
	assert_int_equal(g.seq, 77);
	assert_int_equal(g.ack, 0);
	assert_true(got_answer(1, &g));
	assert_int_equal(g.ack, 9); /* payload and FIN counted */
}

/* ACK and SYN/ACK out of nowhere: T4. */
static void
stray_ack(void **state)
{
	struct got g;

	(void)state;
	world_tcp(P_ADDR, 4000, PORT_OPEN, 5, 4711, TH_ACK, 1, NULL, 0, NULL,
	    0);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 5, 4712, TH_SYN | TH_ACK, 1, NULL,
	    0, NULL, 0);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.flags, TH_RST);
	assert_int_equal(g.seq, 4711);
	assert_true(got_answer(1, &g));
	assert_int_equal(g.seq, 4712);
	assert_int_equal(got_count(), 2);
}

/* SYN+FIN: like a SYN for a persona whose T3 is a SYN/ACK, else silence. */
static void
syn_fin(void **state)
{
	struct got g;

	(void)state;
	world_tcp(P_ADDR, 4000, PORT_OPEN, 5, 0, TH_SYN | TH_FIN, 1, NULL, 0,
	    NULL, 0);
	assert_int_equal(got_count(), 0);
	w_pers.answer[ANS_T3] = persona_fix_answer(TH_SYN | TH_ACK, NUM_OTHER,
	    NUM_NEXT, 0);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 5, 0, TH_SYN | TH_FIN, 1, NULL, 0,
	    NULL, 0);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.flags, TH_SYN | TH_ACK);
	assert_int_equal(g.ack, 6);
}

/* SYNs with ECN get ordinary, differing ISNs. */
static void
ecn(void **state)
{
	struct got a, b;

	(void)state;
	world_tcp(P_ADDR, 4000, PORT_OPEN, 5, 0, TH_SYN | TH_ECE | TH_CWR, 1,
	    NULL, 0, NULL, 0);
	w_pers.ecn = 1;
	world_tcp(P_ADDR, 4001, PORT_OPEN, 5, 0, TH_SYN | TH_ECE | TH_CWR, 1,
	    NULL, 0, NULL, 0);
	assert_true(got_answer(0, &a));
	assert_true(got_answer(1, &b));
	assert_int_equal(a.flags, TH_SYN | TH_ACK);
	assert_int_equal(b.flags, TH_SYN | TH_ACK | TH_ECE);
	assert_true(a.seq > 1 && b.seq > 1 && a.seq != b.seq);
}

/* 1, 2, 4, 8, 16 s, then silence and a free slot. */
static void
schedule(void **state)
{
	static const uint32_t at[] = {1000, 3000, 7000, 15000, 31000};
	uint32_t i, ms = 0;
	struct got g;

	(void)state;
	syn(4000, PORT_OPEN, NULL, 0);
	got_clear();
	for (i = 0; i < 5; i++) {
		world_sleep(at[i] - 50 - ms);
		assert_int_equal(got_count(), i);
		world_sleep(100);
		ms = at[i] + 50;
		assert_int_equal(got_count(), i + 1);
		assert_true(got_answer(i, &g));
		assert_int_equal(g.flags, TH_SYN | TH_ACK);
	}
	world_sleep(40000);
	assert_int_equal(got_count(), 5);
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 0);
}

/* The scanner's kernel resets: the slot is free at once, nothing is said. */
static void
half_open_rst(void **state)
{
	(void)state;
	syn(4000, PORT_OPEN, NULL, 0);
	got_clear();
	world_tcp(P_ADDR, 4000, PORT_OPEN, 999, 0, TH_RST, 0, NULL, 0, NULL,
	    0);
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 1); /* outside: no */
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1001, 0, TH_RST, 0, NULL, 0, NULL,
	    0);
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 0);
	assert_int_equal(got_count(), 0);
}

static void
repeated_syn(void **state)
{
	struct got a, b;

	(void)state;
	syn(4000, PORT_OPEN, NULL, 0);
	syn(4000, PORT_OPEN, NULL, 0);
	assert_true(got_answer(0, &a));
	assert_true(got_answer(1, &b));
	assert_int_equal(a.seq, b.seq);
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 1);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1001, a.seq + 2, TH_ACK, 9, NULL, 0,
	    NULL, 0); /* wrong ACK: reset, still half-open */
	assert_true(got_answer(2, &b));
	assert_int_equal(b.flags, TH_RST);
	assert_int_equal(b.seq, a.seq + 2);
	assert_int_equal(tcp_active(), 0);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1001, a.seq + 1, TH_ACK, 9, NULL, 0,
	    NULL, 0);
	assert_int_equal(tcp_active(), 1);
	assert_int_equal(w_opens, 0);
}

/* Service: asked for after the handshake only; denial ends as configured. */
static void
service(void **state)
{
	struct got g;
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		w_deny = DENIED_TOTAL;
		w_tmpl.denied = (uint8_t)i;
		syn((uint16_t)(4000 + i), PORT_SERVICE, NULL, 0);
		world_turn();
		assert_int_equal(w_opens, i);
		assert_true(got_answer(0, &g));
		got_clear();
		world_tcp(P_ADDR, (uint16_t)(4000 + i), PORT_SERVICE, 1001,
		    g.seq + 1, TH_ACK, 9, NULL, 0, NULL, 0);
		world_turn();
		world_turn();
		assert_int_equal(w_opens, i + 1);
		assert_int_equal(w_open.sport, 4000 + i);
		assert_int_equal(w_open.dport, PORT_SERVICE);
		assert_int_equal(addr_ip4(w_open.src), P_ADDR);
		assert_int_equal(got_count(), i == 0);
		if (i == 0) {
			assert_true(got_answer(0, &g));
			assert_int_equal(g.flags & TH_RST, TH_RST);
			assert_int_equal(tcp_active(), 0);
		} else { /* silence lasts: no RST to what follows */
			world_tcp(P_ADDR, 4001, PORT_SERVICE, 1001,
			    g.seq + 1, TH_ACK, 9, NULL, 0,
			    (const uint8_t *)"x", 1);
			world_turn();
			assert_int_equal(got_count(), 0);
		}
		got_clear();
	}
}

/* The runner is gone: denied; sessions end; it works again afterwards. */
static void
runner_down(void **state)
{
	struct got g;

	(void)state;
	syn(4000, PORT_SERVICE, NULL, 0);
	assert_true(got_answer(0, &g));
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, g.seq + 1, TH_ACK, 9, NULL,
	    0, NULL, 0);
	world_turn();
	world_turn();
	assert_true(w_script != -1);
	got_clear();
	sess_peer(PROC_SVC, NULL);
	tcp_svc_down(PROC_SVC);
	assert_int_equal(tcp_active(), 0);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.flags & TH_RST, TH_RST);
	got_clear();
	syn(4001, PORT_SERVICE, NULL, 0);
	assert_true(got_answer(0, &g));
	world_tcp(P_ADDR, 4001, PORT_SERVICE, 1001, g.seq + 1, TH_ACK, 9, NULL,
	    0, NULL, 0);
	assert_int_equal(tcp_active(), 0); /* down: reset */
	close(w_script);
	w_script = -1;
	got_clear();
	chan_close(&w_net);
	chan_close(&w_runner);
	world_runner();
	syn(4002, PORT_SERVICE, NULL, 0);
	assert_true(got_answer(0, &g));
	world_tcp(P_ADDR, 4002, PORT_SERVICE, 1001, g.seq + 1, TH_ACK, 9, NULL,
	    0, NULL, 0);
	world_turn();
	world_turn();
	assert_true(w_script != -1);
	assert_int_equal(tcp_active(), 1);
}

/* Data before the session is there is held, then handed over whole. */
static void
early_data(void **state)
{
	static uint8_t data[1000], back[9000];
	struct got g;
	uint32_t i;

	(void)state;
	w_hold = 1;
	memset(data, 'e', sizeof(data));
	syn(4000, PORT_SERVICE, NULL, 0);
	assert_true(got_answer(0, &g));
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, g.seq + 1, TH_ACK, 9, NULL,
	    0, data, 500); /* the ACK itself carries some */
	for (i = 0; i < 8; i++)
		world_tcp(P_ADDR, 4000, PORT_SERVICE, 1501 + i * 1000,
		    g.seq + 1, TH_ACK, 9, NULL, 0, data, 1000);
	world_turn();
	world_turn();
	assert_int_equal(w_script, -1);
	world_answer_open();
	world_turn();
	assert_int_equal(read(w_script, back, sizeof(back)), 8500);
	for (i = 0; i < 8500; i++)
		assert_int_equal(back[i], 'e');
}

static void
raw(const uint8_t *l4, uint32_t len, int csum_ok)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	static const uint8_t ip[20] = {0x45};
	struct pkt p;

	memset(&p, 0, sizeof(p));
	p.nif = &net.ifs[0];
	p.eth_src = p.eth_dst = mac;
	p.ip = ip;
	p.ip_hlen = sizeof(ip);
	p.ip_proto = IPPROTO_TCP;
	p.src = P_ADDR;
	p.dst = H_ADDR;
	p.l4 = l4;
	p.l4_len = len;
	p.csum_ok = (uint8_t)csum_ok;
	tcp_input(&p, host_get(H_ADDR));
}

static void
drops(void **state)
{
	uint8_t s[24] = {0x0f, 0xa0, 0, PORT_OPEN, 0, 0, 0, 1, 0, 0, 0, 0,
	    0x50, TH_SYN, 0, 9, 0, 0, 0, 0, 2, 9, 0, 0};

	(void)state;
	raw(s, 19, 1);
	assert_int_equal(stats[ST_DROP_TCP_SHORT], 1);
	s[12] = 0x40;
	raw(s, 20, 1);
	s[12] = 0xf0;
	raw(s, 24, 1);
	assert_int_equal(stats[ST_DROP_TCP_HLEN], 2);
	s[12] = 0x50;
	raw(s, 20, 0);
	assert_int_equal(stats[ST_DROP_TCP_CSUM], 1);
	s[12] = 0x60;
	raw(s, 24, 1);
	assert_int_equal(stats[ST_DROP_TCP_OPTION], 1);
	assert_int_equal(got_count(), 0);
	s[12] = 0x50;
	raw(s, 20, 1);
	assert_int_equal(got_count(), 1);
}

static void
tarpit(void **state)
{
	struct got g;
	uint32_t isn;

	(void)state;
	syn(4000, PORT_TARPIT, NULL, 0);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.win, TCP_TARPIT_WND);
	isn = g.seq;
	world_tcp(P_ADDR, 4000, PORT_TARPIT, 1001, isn + 1, TH_ACK, 999, NULL,
	    0, (const uint8_t *)"hello world", 11);
	world_turn();
	got_clear();
	world_tcp(P_ADDR, 4000, PORT_TARPIT, 1006, isn + 1, TH_ACK, 999, NULL,
	    0, (const uint8_t *)" ", 1); /* a window probe */
	world_turn();
	assert_true(got_answer(0, &g));
	assert_int_equal(g.ack, 1006);
	assert_int_equal(g.win, 0);
	world_sleep(12000);
	got_clear();
	world_tcp(P_ADDR, 4000, PORT_TARPIT, 1006, isn + 1, TH_ACK, 999, NULL,
	    0, (const uint8_t *)" ", 1);
	world_turn();
	assert_true(got_answer(0, &g));
	assert_int_equal(g.win, TCP_TARPIT_WND);
	got_clear();
	world_tcp(P_ADDR, 4000, PORT_TARPIT, 1006, isn + 1, TH_ACK | TH_FIN,
	    999, NULL, 0, NULL, 0);
	world_sleep(5000);
	assert_int_equal(tcp_active(), 1); /* no way out */
	assert_true(got_count() <= 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(open_port),
	    T(fewer_options),
	    T(other_ports),
	    T(stray_ack),
	    T(syn_fin),
	    T(ecn),
	    T(schedule),
	    T(half_open_rst),
	    T(repeated_syn),
	    T(service),
	    T(runner_down),
	    T(early_data),
	    T(drops),
	    T(tarpit),
	};

	world_unused();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
