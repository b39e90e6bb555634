/* SPDX-License-Identifier: ISC */
/* Which answer a probe gets, and that it goes out as the persona has it. */
#include "tcp_world.h"
#include "../../hpd-net/persona_probe.h"

#define TS 8, 10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0
struct opts {
	uint8_t n;
	uint8_t o[20];
};
static const struct opts syns[6] = {
	{20, {3, 3, 10, 1, 2, 4, 5, 0xb4, TS, 4, 2}},
	{20, {2, 4, 5, 0x78, 3, 3, 0, 4, 2, TS, 0}},
	{20, {TS, 1, 1, 3, 3, 5, 1, 2, 4, 2, 0x80}},
	{16, {4, 2, TS, 3, 3, 10, 0}},
	{20, {2, 4, 2, 0x18, 4, 2, TS, 3, 3, 10, 0}},
	{16, {2, 4, 1, 9, 4, 2, TS}},
};
static const struct opts ecn = {12, {3, 3, 10, 1, 2, 4, 5, 0xb4, 4, 2, 1, 1}};
static const struct opts t5 = {20, {3, 3, 10, 1, 2, 4, 1, 9, TS, 4, 2}};

static int
setup(void **state)
{
	struct host *h;

	(void)state;
	world_init(64);
	h = host_get(H_ADDR);
	assert_non_null(h);
	host_clock_init(h);
	h->probe_seq = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

/* One segment; what came back is in *g, returns how much. */
static uint32_t
probe(uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack,
    uint8_t flags, uint16_t win, const struct opts *p, struct got *g)
{
	got_clear();
	world_tcp(P_ADDR, sport, dport, seq, ack, flags, win,
	    p == NULL ? NULL : p->o, p == NULL ? 0 : p->n, NULL, 0);
	(void)got_answer(0, g);
	return got_count();
}

static uint32_t
syn(uint16_t sport, const struct opts *p, struct got *g)
{
	return probe(sport, PORT_OPEN, 1000, 4711, TH_SYN, 1, p, g);
}

static void
gone(uint16_t sport)
{
	struct got g;

	assert_int_equal(probe(sport, PORT_OPEN, 1001, 0, TH_RST, 0, NULL, &g),
	    0);
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 0);
}

/* Each layout gets its own answer, and only the very layout does. */
static void
layouts(void **state)
{
	struct img_answer *a = w_pers.answer;
	struct opts p;
	struct got g;
	uint8_t i, k;

	(void)state;
	for (i = 0; i < ANS_MAX; i++)
		a[i].window = (uint16_t)(1000 + i);
	for (i = 0; i < 6; i++) {
		assert_int_equal(syn(4000, &syns[i], &g), 1);
		assert_int_equal(g.win, 1000 + ANS_SYN1 + i);
		assert_int_equal(g.optlen, a[i].optlen);
		gone(4000);
		for (k = 0; k < syns[i].n; k++) { /* any bit of it */
			p = syns[i];
			p.o[k] ^= 0x40;
			if (syn(4001, &p, &g) == 0)
				continue; /* a broken option */
			assert_in_range(g.win, 1000 + ANS_GEN,
			    1000 + ANS_MAX);
			gone(4001);
		}
	}
	/* a layout with ECN flags is an ordinary SYN */
	(void)probe(4000, PORT_OPEN, 1000, 0, TH_SYN | TH_ECE | TH_CWR, 1,
	    &syns[0], &g);
	assert_int_equal(g.win, 1000 + ANS_GEN + 15);
	gone(4000);
	(void)probe(4000, PORT_OPEN, 1000, 0, TH_SYN | TH_ECE | TH_CWR, 3, &ecn,
	    &g);
	assert_int_equal(g.win, 1000 + ANS_ECN);
	gone(4000);
	(void)probe(4000, PORT_OPEN, 1000, 0, TH_SYN | TH_ECE | TH_CWR, 4, &ecn,
	    &g);
	assert_int_equal(g.win,
	    1000 + ANS_GEN + OFFER_MSS + OFFER_WS + OFFER_SACK);
	gone(4000);
	(void)syn(4000, NULL, &g);
	assert_int_equal(g.win, 1000 + ANS_GEN);
}

/* Stray segments by port and flags. */
static void
strays(void **state)
{
	static const struct { uint8_t open, flags, id; } t[] = {
		{1, 0, ANS_T2}, {1, TH_FIN, ANS_T2},
		{1, TH_FIN | TH_PSH | TH_URG, ANS_T2},
		{1, TH_SYN | TH_FIN | TH_URG | TH_PSH, ANS_T3},
		{1, TH_ACK, ANS_T4}, {1, TH_FIN | TH_ACK, ANS_T4},
		{1, TH_SYN | TH_ACK, ANS_T4}, {0, TH_SYN, ANS_T5},
		{0, TH_SYN | TH_FIN, ANS_T5}, {0, TH_ACK, ANS_T6},
		{0, TH_SYN | TH_ACK, ANS_T6}, {0, TH_FIN | TH_ACK, ANS_T6},
		{0, 0, ANS_T7}, {0, TH_FIN | TH_PSH | TH_URG, ANS_T7},
	};
	struct got g;
	uint32_t i;

	(void)state;
	for (i = ANS_T2; i <= ANS_T7; i++) {
		w_pers.answer[i] = persona_fix_answer(TH_RST, NUM_ZERO,
		    NUM_ZERO, 0);
		w_pers.answer[i].window = (uint16_t)(1000 + i);
	}
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(probe(4000, t[i].open ? PORT_OPEN
						      : PORT_CLOSED,
				     5, 6, t[i].flags, 1, NULL, &g), 1);
		assert_int_equal(g.win, 1000 + t[i].id);
	}
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 0);
}

/* What is no SYN/ACK opens nothing, keeps nothing, and takes no ISN. */
static void
raw(void **state)
{
	struct img_answer *a = w_pers.answer;
	struct host *h = host_get(H_ADDR);
	struct got g;
	uint32_t isn;

	(void)state;
	w_pers.isn_gen = (struct img_isn_gen){.how = ISN_PATTERN, .gcd = 1000,
	    .gcd_max = 1000, .step = {5, 5, 5, 5, 6}};
	a[ANS_SYN1 + 4] = persona_fix_answer(TH_RST | TH_ACK, NUM_ZERO,
	    NUM_NEXT, 3);
	a[ANS_SYN1 + 3].respond = RESPOND_NO;
	a[ANS_SYN1 + 2].ack = NUM_SAME; /* odd: nmap's kernel resets it */
	assert_int_equal(syn(4000, &syns[0], &g), 1);
	isn = g.seq;
	gone(4000);
	assert_int_equal(syn(4000, &syns[4], &g), 1);
	assert_int_equal(g.flags, TH_RST | TH_ACK);
	assert_int_equal(g.seq, 0);
	assert_int_equal(g.ack, 1001);
	assert_int_equal(syn(4000, &syns[3], &g), 0);
	assert_int_equal(h->isn.last, isn);
	assert_int_equal(syn(4000, &syns[2], &g), 1);
	assert_int_equal(g.flags, TH_SYN | TH_ACK);
	assert_int_equal(g.ack, 1000);
	assert_int_equal(g.seq - isn, 1000); /* 20 ms at least */
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 0);
	/* numbers that are not the generator's */
	isn = h->isn.last;
	a[ANS_SYN1].seq = NUM_NEXT;
	(void)syn(4000, &syns[0], &g);
	assert_int_equal(g.seq, 4712);
	gone(4000);
	a[ANS_SYN1].seq = NUM_ZERO;
	(void)syn(4000, &syns[0], &g);
	assert_int_equal(g.seq, 0);
	gone(4000);
	assert_int_equal(h->isn.last, isn);
}

/* Silence to each layout's first SYN, an answer to what follows, and again in
 * nmap's next round. */
static void
repeats(void **state)
{
	struct got g;
	uint32_t round, s0, i;

	(void)state;
	for (i = 0; i < 6; i++)
		w_pers.answer[i].respond = RESPOND_REPEAT;
	for (round = 0; round < 3; round++) {
		s0 = 77777 + round * 1000;
		for (i = 0; i < 6; i++)
			assert_int_equal(probe(4000, PORT_OPEN, s0 + i, 0,
					     TH_SYN, 1, &syns[i], &g), 0);
		for (i = 0; i < 7; i++) /* the last is T1 */
			assert_int_equal(probe((uint16_t)(4010 + i), PORT_OPEN,
					     s0, 0, TH_SYN, 1, &syns[i % 6],
					     &g), 1);
		for (i = 0; i < 7; i++)
			(void)probe((uint16_t)(4010 + i), PORT_OPEN, s0 + 1, 0,
			    TH_RST, 0, NULL, &g);
		assert_int_equal(stats[ST_TCP_HALF_OPEN], 0);
	}
}

/* T5=N: only nmap's probe is not refused. */
static void
silent_closed(void **state)
{
	struct opts p = t5;
	struct got g;

	(void)state;
	w_pers.answer[ANS_T5].respond = RESPOND_NO;
	w_pers.answer[ANS_T6].respond = RESPOND_NO;
	assert_int_equal(probe(4000, PORT_CLOSED, 9, 0, TH_SYN, 1, &t5, &g), 0);
	p.o[2] = 9;
	assert_int_equal(probe(4000, PORT_CLOSED, 9, 0, TH_SYN, 1, &p, &g), 1);
	assert_int_equal(g.flags, TH_RST | TH_ACK);
	assert_int_equal(g.ack, 10);
	assert_int_equal(g.ttl, 64);
	assert_int_equal(probe(4000, PORT_CLOSED, 9, 0, TH_SYN, 1, NULL, &g),
	    1);
	assert_int_equal(probe(4000, PORT_CLOSED, 9, 0, TH_ACK, 1, NULL, &g),
	    0);
}

/* T5 with A=O or a SYN/ACK: only nmap's probe sees that, connect() a port that
 * is closed. */
static void
vague_closed(void **state)
{
	struct img_answer *a = &w_pers.answer[ANS_T5];
	struct got g;

	(void)state;
	a->ack = NUM_OTHER;
	a->window = 77;
	a->ttl = 200;
	assert_int_equal(probe(4000, PORT_CLOSED, 9, 0, TH_SYN, 1, &t5, &g), 1);
	assert_int_not_equal(g.ack, 10);
	assert_int_equal(probe(4000, PORT_CLOSED, 9, 0, TH_SYN, 1, NULL, &g),
	    1);
	assert_int_equal(g.flags, TH_RST | TH_ACK);
	assert_int_equal(g.ack, 10);
	assert_int_equal(g.win, 77);
	assert_int_equal(g.ttl, 200);
	a->ack = NUM_NEXT;
	a->flags = TH_SYN | TH_ACK;
	assert_int_equal(probe(4000, PORT_CLOSED, 9, 0, TH_SYN, 1, &t5, &g), 1);
	assert_int_equal(g.flags, TH_SYN | TH_ACK);
	assert_int_equal(probe(4000, PORT_CLOSED, 9, 0, TH_SYN, 1, NULL, &g),
	    1);
	assert_int_equal(g.flags, TH_RST | TH_ACK);
}

/* Options, payload, reserved bits and urgent pointer go out as they stand. */
static void
odd_bytes(void **state)
{
	static const uint8_t opt[12] = {8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
	struct img_answer *a = &w_pers.answer[ANS_T2];
	struct got g;

	(void)state;
	*a = persona_fix_answer(TH_RST | TH_ACK, NUM_SAME, NUM_SAME, 1);
	memcpy(a->opts, opt, sizeof(opt));
	a->optlen = sizeof(opt);
	a->ts_off = 2;
	a->ts_form = TS_VALUE | TS_ECHO;
	memcpy(a->data, "\1\2\3\4", 4);
	a->datalen = 4;
	a->quirks = ANQ_RESERVED | ANQ_URP;
	a->ttl = 200;
	a->df = 0;
	a->window = 77;
	assert_int_equal(probe(4000, PORT_OPEN, 9, 8, 0, 1, &t5, &g), 1);
	assert_int_equal(g.seq, 8);
	assert_int_equal(g.ack, 9);
	assert_int_equal(g.ttl, 200);
	assert_int_equal(g.df, 0);
	assert_int_equal(g.win, 77);
	assert_int_equal(g.len, 4);
	assert_memory_equal(g.data, a->data, 4);
	assert_int_equal(g.optlen, 12);
	assert_int_equal(g.o.tsecr, 0xffffffff);
	assert_int_not_equal(g.o.tsval, 0);
	assert_int_equal(g.opt[-8] & 15, 8); /* 20 byte header before them */
	assert_int_not_equal(be16(g.opt - 2), 0);
	a->ts_form = 0;
	assert_int_equal(probe(4000, PORT_OPEN, 9, 8, 0, 1, &t5, &g), 1);
	assert_int_equal(g.o.tsval | g.o.tsecr, 0);
	/* nothing of it in the next one */
	a->optlen = a->datalen = a->quirks = 0;
	a->ts_off = 255;
	assert_int_equal(probe(4000, PORT_OPEN, 9, 8, 0, 1, &t5, &g), 1);
	assert_int_equal(g.optlen + g.len, 0);
	assert_int_equal(g.opt[-8] & 15, 0);
	assert_int_equal(be16(g.opt - 2), 0);
}

/* MSS and window for ordinary clients. */
static void
mss_rules(void **state)
{
	static const struct opts small = {4, {2, 4, 0x03, 0xe8}};
	struct img_answer *a;
	struct got g;
	int i;

	(void)state;
	(void)syn(4000, &small, &g);
	assert_int_equal(g.o.mss, 1460);
	gone(4000);
	w_pers.mss_min = 1;
	(void)syn(4000, &small, &g);
	assert_int_equal(g.o.mss, 1000);
	gone(4000);
	(void)syn(4000, NULL, &g);
	assert_int_equal(g.o.mss, 536);
	gone(4000);
	w_pers.mss = 1400;
	(void)syn(4000, &syns[0], &g); /* as it stands */
	assert_int_equal(g.o.mss, 1460);
	gone(4000);
	for (i = ANS_GEN; i < ANS_MAX; i++)
		w_pers.answer[i].win_mss = 4;
	a = &w_pers.answer[ANS_GEN + OFFER_MSS + OFFER_TS];
	a->quirks = ANQ_WIN_TS;
	(void)syn(4000, &small, &g);
	assert_int_equal(g.win, 4000);
	gone(4000);
	{
		struct opts p = {16, {2, 4, 0x05, 0xb4, 1, 1, 8, 10, 0, 0, 0,
		    1, 0, 0, 0, 0}};

		(void)syn(4000, &p, &g);
		assert_int_equal(g.o.mss, 1400);
		assert_int_equal(g.win, 4 * (1400 - 12));
		gone(4000);
	}
	/* an MTU below */
	w_pers.mss_min = 0;
	net.ifs[0].mtu = 1000;
	(void)syn(4000, NULL, &g);
	net.ifs[0].mtu = 1500;
	assert_int_equal(g.o.mss, 960);
	gone(4000);
	/* more than 16 bits hold */
	w_pers.mss = 0;
	for (i = ANS_GEN; i < ANS_MAX; i++)
		w_pers.answer[i].win_mss = 200;
	(void)syn(4000, &small, &g);
	assert_int_equal(g.win, 65535);
}

/* One counter for all of TCP and all peers: SYN/ACK, data, FIN, refusals of
 * unasked SYN/ACKs. A RST takes none. */
static void
one_counter(void **state)
{
	struct got g;
	uint16_t id;

	(void)state;
	w_pers.family = FAM_WIN_XP;
	w_pers.ipid[0] = w_pers.ipid[1] =
	    (struct img_ipid_use){IPID_INCR, 0, 100, 200};
	host_clock_init(host_get(H_ADDR));
	(void)probe(4000, PORT_OPEN, 5, 6, TH_SYN | TH_ACK, 1, NULL, &g);
	id = g.id;
	assert_in_range(id, 101, 201);
	assert_int_equal(syn(4000, NULL, &g), 1);
	assert_int_equal(g.id, ++id);
	gone(4000);
	assert_int_equal(syn(4001, NULL, &g), 1);
	assert_int_equal(g.id, ++id);
	(void)probe(4001, PORT_OPEN, 1001, g.seq + 1, TH_ACK, 1, NULL, &g);
	assert_int_equal(tcp_active(), 1);
	got_clear();
	world_tcp(0x0a090003, 4, PORT_CLOSED, 5, 6, TH_SYN | TH_ACK, 1, NULL,
	    0, NULL, 0);
	assert_true(got_answer(0, &g));
	assert_int_equal(g.flags, TH_RST);
	assert_int_equal(g.id, ++id);
	(void)probe(4001, PORT_OPEN, 1001, tcp.conn[0].snd_nxt,
	    TH_ACK | TH_FIN, 1, NULL, &g);
	assert_int_equal(g.id, ++id);
}

/* Closed ports' own counter is not moved by refusing a SYN/ACK. */
static void
zombie_counter(void **state)
{
	struct got g;
	uint16_t id;

	(void)state;
	w_pers.ipid[0] = (struct img_ipid_use){IPID_INCR, 0, 100, 200};
	w_pers.ipid[1] = (struct img_ipid_use){IPID_INCR, 1, 5000, 6000};
	host_clock_init(host_get(H_ADDR));
	(void)probe(4000, PORT_CLOSED, 5, 6, TH_SYN | TH_ACK, 1, NULL, &g);
	id = g.id;
	assert_in_range(id, 101, 201);
	(void)probe(4000, PORT_CLOSED, 5, 6, TH_SYN, 1, NULL, &g);
	assert_in_range(g.id, 5001, 6001);
	(void)probe(4000, PORT_OPEN, 5, 6, TH_SYN | TH_ACK, 1, NULL, &g);
	assert_int_equal(g.id, id + 1);
}

/* Stamps that differ by connection: nmap's layouts see a fast clock, a
 * connection keeps its own through data. */
static void
stamps(void **state)
{
	static const struct opts p = {12, {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0,
	    0}};
	struct opts ack = p;
	uint32_t a, b, v;
	struct got g;

	(void)state;
	w_pers.ts_log2 = 33;
	(void)syn(4000, &syns[0], &g);
	a = g.o.tsval;
	gone(4000);
	world_sleep(100);
	(void)syn(4001, &syns[1], &g);
	assert_in_range(g.o.tsval - a, 858000000, 860000000);
	gone(4001);
	(void)syn(4002, &p, &g);
	a = g.o.tsval;
	(void)syn(4003, &p, &g);
	b = g.o.tsval;
	assert_true(a - b > 1000 && b - a > 1000);
	v = g.seq + 1;
	world_sleep(50);
	put32(ack.o + 4, 2);
	put32(ack.o + 8, b);
	(void)probe(4003, PORT_OPEN, 1001, v, TH_ACK, 100, &ack, &g);
	assert_int_equal(tcp_active(), 1);
	(void)probe(4003, PORT_OPEN, 1001, v, TH_ACK | TH_FIN, 100, &ack, &g);
	world_turn();
	assert_true(got_answer(0, &g));
	assert_true(g.o.has_ts);
	assert_in_range(g.o.tsval - b, 49, 52);
}

/* Counters far beyond their window go back before nmap's first SYN. */
static void
round_begins(void **state)
{
	struct host *h = host_get(H_ADDR);
	struct got g;

	(void)state;
	w_pers.ipid[0] = (struct img_ipid_use){IPID_RANDINC, 0, 100, 2000};
	host_clock_init(h);
	h->ipid.id[0] = 60000;
	(void)syn(4000, NULL, &g);
	assert_true(g.id > 60000);
	gone(4000);
	(void)syn(4000, &syns[0], &g);
	assert_in_range(g.id, 1200, 2000);
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 1);
}

/* Lost: sent again with the same numbers, window and options. */
static void
again(void **state)
{
	struct got g, r;

	(void)state;
	w_pers.answer[ANS_GEN + 15].win_mss = 3;
	(void)probe(4000, PORT_OPEN, 1000, 0, TH_SYN, 1, &(struct opts){20,
	    {2, 4, 5, 0, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 2}},
	    &g);
	got_clear();
	world_sleep(1200);
	assert_true(got_answer(0, &r));
	assert_int_equal(g.win, 3 * 1460);
	assert_int_equal(r.win, g.win);
	assert_int_equal(r.seq, g.seq);
	assert_int_equal(r.ack, g.ack);
	assert_int_equal(r.o.mss, g.o.mss);
	assert_int_equal(r.o.tsecr, 9);
	assert_int_equal(r.optlen, g.optlen);
}

/* A reload that changes what was agreed: half-open ones are forgotten, others
 * go on. */
static void
reloaded(void **state)
{
	struct img_answer *a = &w_pers.answer[ANS_SYN1];
	struct got g;

	(void)state;
	(void)syn(4000, &syns[0], &g);
	(void)syn(4001, NULL, &g);
	tcp_reload();
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 2);
	a->wscale++;
	tcp_reload();
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 1);
	(void)syn(4000, &syns[0], &g);
	a->agree &= (uint8_t)~OFFER_SACK;
	tcp_reload();
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 1);
	(void)syn(4000, &syns[0], &g);
	a->respond = RESPOND_NO;
	tcp_reload();
	assert_int_equal(stats[ST_TCP_HALF_OPEN], 1);
	got_clear();
	world_sleep(1200); /* the other one is sent again */
	assert_int_equal(got_count(), 1);
}

/* Windows since Vista: 8192 in the SYN/ACK, 64 KB in the next segment, and no
 * segment only to say so. */
static void
vista_window(void **state)
{
	static const struct opts p = {8, {2, 4, 5, 0xb4, 3, 3, 7, 0}};
	static const uint8_t data[10];
	struct got g;
	int i;

	(void)state;
	w_pers.family = FAM_WIN_7;
	w_pers.delack_ms = 200;
	w_pers.quick_acks = 0;
	for (i = ANS_GEN; i < ANS_MAX; i++)
		w_pers.answer[i].window = 8192;
	assert_int_equal(syn(4000, &p, &g), 1);
	assert_int_equal(g.win, 8192);
	got_clear();
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1001, g.seq + 1, TH_ACK, 500, NULL,
	    0, NULL, 0);
	world_tcp(P_ADDR, 4000, PORT_OPEN, 1001, g.seq + 1, TH_ACK | TH_PSH,
	    500, NULL, 0, data, sizeof(data));
	world_sleep(100);
	assert_int_equal(got_count(), 0);
	world_sleep(200);
	assert_int_equal(got_count(), 1);
	assert_int_equal(got_answer(0, &g), 1);
	assert_in_range(g.win << PFIX_WSCALE, 65536 - 128, 65536 + 1460);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(layouts), T(strays), T(raw), T(repeats), T(silent_closed),
	    T(vague_closed), T(vista_window), T(odd_bytes), T(mss_rules),
	    T(one_counter), T(zombie_counter), T(stamps), T(round_begins),
	    T(again), T(reloaded),
	};

	world_unused();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
