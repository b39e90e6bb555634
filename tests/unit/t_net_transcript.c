/* SPDX-License-Identifier: ISC */
/*
 * Transcripts: what the log gets of a session is what its script was given and
 * what it wrote, each byte once, up to the cap, the number of records and the
 * rate of all; connections that nobody serves cost records up to a number.
 */
#include "tcp_world.h"

#include "hpd-net/report.h"

#define ALL (1u << 17)

static struct {
	uint8_t b[ALL];
	uint32_t end, kept, records, cuts, dgrams, gaps;
	int64_t last_ns;
} heard[2];
static uint32_t opens, closes, folded, limits;
static uint64_t session;

static void
chunk(const struct event *e)
{
	const struct ev_chunk *c;
	size_t len;
	uint32_t n;

	c = event_data(e, &len);
	n = (uint32_t)(len - sizeof(*c));
	assert_true(c->out <= 1 && c->offset + n <= ALL);
	if (e->session != session) /* counts go on, places begin again */
		heard[0].end = heard[1].end = heard[0].cuts = heard[1].cuts =
		    0;
	assert_int_equal(heard[c->out].cuts, 0); /* the last one was */
	assert_true(c->offset >= heard[c->out].end);
	heard[c->out].gaps += c->offset != heard[c->out].end;
	memcpy(heard[c->out].b + c->offset, c + 1, n);
	heard[c->out].end = (uint32_t)c->offset + n;
	heard[c->out].kept += n;
	heard[c->out].records++;
	heard[c->out].cuts += (c->flags & EV_CHUNK_CUT) != 0;
	heard[c->out].dgrams += (c->flags & EV_CHUNK_DGRAM) != 0;
	heard[c->out].last_ns = e->wall_ns;
	assert_int_equal(be32(e->src), P_ADDR);
	assert_int_equal(be32(e->dst), H_ADDR);
	session = e->session;
}

static void
collect(void)
{
	static union {
		uint8_t b[PROTO_MAX_MSG];
		uint64_t align;
	} m;
	const struct event *e;
	const struct ev_flood *f;
	struct msg_events h;
	size_t at, i, n, len;
	ssize_t r;
	int more;

	do {
		more = evq_flush(&net.evq, 1);
		assert_int_not_equal(more, -1);
		while ((r = recv(w_logfd, m.b, sizeof(m.b), MSG_DONTWAIT)) >
		    0) {
			at = sizeof(struct proto_hdr);
			memcpy(&h, m.b + at, sizeof(h));
			at += sizeof(h);
			for (i = 0; i < h.count; i++, at += n) {
				n = event_check(m.b + at, (size_t)r - at,
				    PROC_NET);
				assert_int_not_equal(n, 0);
				e = (const void *)(m.b + at);
				opens += e->kind == EV_TCP_OPEN;
				closes += e->kind == EV_TCP_CLOSE;
				limits += e->kind == EV_NET_LIMIT;
				if (e->kind == EV_SESSION_DATA)
					chunk(e);
				if (e->kind != EV_TCP_CONNECTS)
					continue;
				f = event_data(e, &len);
				assert_int_equal(f->of, EV_TCP_CLOSE);
				folded += e->count;
			}
		}
	} while (more == 1);
}

static int
setup(void **state)
{
	(void)state;
	world_init(4096);
	w_tmpl.transcript = 65536;
	evq_start(&net.evq, 1);
	report_tick();
	memset(heard, 0, sizeof(heard));
	collect(); /* what the last test left */
	memset(heard, 0, sizeof(heard));
	opens = closes = folded = limits = 0;
	world_sleep(1000); /* the rate's bucket and a new second */
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

static uint32_t peer_seq, our_seq; /* next from the peer; of the decoy */

static void
dial(uint16_t sport, uint16_t port)
{
	struct got g;

	got_clear();
	world_tcp(P_ADDR, sport, port, 999, 0, TH_SYN, 65535, NULL, 0, NULL,
	    0);
	assert_int_equal(got_answer(0, &g), 1);
	our_seq = g.seq + 1;
	peer_seq = 1000;
	world_tcp(P_ADDR, sport, port, peer_seq, our_seq, TH_ACK, 65535, NULL,
	    0, NULL, 0);
	got_clear();
	world_turn();
	world_turn();
}

static void
say(uint16_t sport, uint16_t port, uint32_t seq, const uint8_t *p, uint32_t n)
{
	world_tcp(P_ADDR, sport, port, seq, our_seq, TH_ACK | TH_PSH, 65535,
	    NULL, 0, p, n);
	world_turn();
	got_clear();
}

static uint8_t text[ALL];

static void
fill(void)
{
	uint32_t i;

	for (i = 0; i < ALL; i++)
		text[i] = (uint8_t)(i * 7 + (i >> 8));
}

static uint32_t
script_reads(uint8_t *to, uint32_t have)
{
	ssize_t r;

	while ((r = recv(w_script, to + have, ALL - have, 0)) > 0)
		have += (uint32_t)r;
	return have;
}

/* Pieces of all sizes, some twice, some before their turn; the script answers
 * as it likes. */
static void
both_ways(void **state)
{
	static uint8_t given[ALL];
	uint32_t at = 0, n, k, got = 0, wrote = 0, total = 30000, r = 1;
	struct got g;
	uint32_t i;

	(void)state;
	fill();
	dial(4000, PORT_SERVICE);
	assert_true(w_script != -1);
	while (at < total) {
		r = r * 1664525 + 1013904223;
		n = 1 + (r >> 16) % 700;
		if (n > total - at)
			n = total - at;
		if ((r >> 8 & 3) == 0 && n > 20) { /* its end comes first */
			k = n / 2;
			say(4000, PORT_SERVICE, peer_seq + at + k,
			    text + at + k, n - k);
		}
		say(4000, PORT_SERVICE, peer_seq + at, text + at, n);
		if ((r >> 10 & 3) == 0) /* and again */
			say(4000, PORT_SERVICE, peer_seq + at, text + at, n);
		at += n;
		got = script_reads(given, got);
		if (r >> 12 & 1) {
			n = 1 + (r >> 20) % 900;
			if (wrote + n > 20000)
				continue;
			assert_int_equal(send(w_script, text + wrote, n, 0),
			    n);
			wrote += n;
			world_turn();
			for (i = 0; got_answer(i, &g); i++)
				if (g.len > 0)
					our_seq = g.seq + g.len;
			got_clear();
			world_tcp(P_ADDR, 4000, PORT_SERVICE, peer_seq + at,
			    our_seq, TH_ACK, 65535, NULL, 0, NULL, 0);
		}
		if ((r >> 14 & 7) == 0)
			world_sleep(3);
		if ((r >> 14 & 15) == 0)
			collect();
	}
	got = script_reads(given, got);
	assert_int_equal(got, total);
	assert_memory_equal(given, text, total);
	collect();
	assert_int_equal(heard[0].end, total);
	assert_int_equal(heard[0].gaps, 0);
	assert_memory_equal(heard[0].b, given, total);
	assert_true(wrote > 5000);
	assert_int_equal(heard[1].end, wrote);
	assert_memory_equal(heard[1].b, text, wrote);
	assert_int_equal(heard[0].cuts + heard[1].cuts, 0);
	assert_true(session == w_session);
	assert_int_equal(stats[ST_TRANSCRIPT_BYTES], total + wrote);
}

static void
cap(void **state)
{
	uint32_t i;

	(void)state;
	fill();
	w_tmpl.transcript = 1000;
	for (i = 0; i < 2; i++) { /* exactly, and within a piece */
		memset(heard, 0, sizeof(heard));
		dial((uint16_t)(4000 + i), PORT_SERVICE);
		say((uint16_t)(4000 + i), PORT_SERVICE, peer_seq, text, 600);
		say((uint16_t)(4000 + i), PORT_SERVICE, peer_seq + 600,
		    text + 600, 400 + i);
		say((uint16_t)(4000 + i), PORT_SERVICE, peer_seq + 1000 + i,
		    text + 1000 + i, 500);
		world_sleep(20);
		say((uint16_t)(4000 + i), PORT_SERVICE, peer_seq + 1500 + i,
		    text + 1500 + i, 500);
		collect();
		assert_int_equal(heard[0].end, 1000);
		assert_int_equal(heard[0].cuts, 1);
		assert_memory_equal(heard[0].b, text, 1000);
	}
}

static void
none(void **state)
{
	(void)state;
	fill();
	w_tmpl.transcript = 0;
	dial(4000, PORT_SERVICE);
	say(4000, PORT_SERVICE, peer_seq, text, 600);
	dial(4001, PORT_OPEN);
	say(4001, PORT_OPEN, peer_seq, text, 600);
	collect();
	assert_int_equal(heard[0].records + heard[1].records, 0);
}

/* A port without a script: the beginning, but not what came too early. */
static void
orphan(void **state)
{
	(void)state;
	fill();
	dial(4000, PORT_OPEN);
	say(4000, PORT_OPEN, peer_seq, text, 300);
	say(4000, PORT_OPEN, peer_seq + 500, text + 500, 100);
	say(4000, PORT_OPEN, peer_seq + 300, text + 300, 200);
	say(4000, PORT_OPEN, peer_seq + 600, text + 600, 1200);
	say(4000, PORT_OPEN, peer_seq + 1800, text + 1800, 100);
	collect();
	assert_int_equal(heard[0].end, TRANSCRIPT_ORPHAN);
	assert_int_equal(heard[0].kept, TRANSCRIPT_ORPHAN - 100);
	assert_int_equal(heard[0].gaps, 1);
	assert_int_equal(heard[0].cuts, 1);
	assert_memory_equal(heard[0].b, text, 500);
	assert_memory_equal(heard[0].b + 600, text + 600,
	    TRANSCRIPT_ORPHAN - 600);
	assert_int_equal(heard[1].records, 0);
}

/* Keystrokes of a moment are one record; of two moments two. */
static void
joined(void **state)
{
	uint32_t i;

	(void)state;
	fill();
	dial(4000, PORT_SERVICE);
	for (i = 0; i < 20; i++) {
		say(4000, PORT_SERVICE, peer_seq + i, text + i, 1);
		w_ns += 1000000;
	}
	collect();
	assert_int_equal(heard[0].end, 20);
	assert_memory_equal(heard[0].b, text, 20);
	assert_true(heard[0].records >= 3 && heard[0].records <= 5);
	heard[0].records = 0;
	for (; i < 40; i++) {
		say(4000, PORT_SERVICE, peer_seq + i, text + i, 1);
		w_ns += 6000000;
	}
	collect();
	assert_int_equal(heard[0].end, 40);
	assert_int_equal(heard[0].records, 20);
}

static void
number(void **state)
{
	uint32_t i;

	(void)state;
	fill();
	dial(4000, PORT_SERVICE);
	for (i = 0; i < TRANSCRIPT_RECORDS + 50; i++) {
		say(4000, PORT_SERVICE, peer_seq + i, text + i, 1);
		w_ns += 6000000;
		if (i % 100 == 0) {
			collect();
			script_reads(heard[1].b, 0);
		}
	}
	collect();
	assert_int_equal(heard[0].records, TRANSCRIPT_RECORDS);
	assert_int_equal(heard[0].end, TRANSCRIPT_RECORDS);
	assert_int_equal(heard[0].cuts, 1);
	assert_memory_equal(heard[0].b, text, TRANSCRIPT_RECORDS);
}

/* All sessions together: the burst, then the rate; each that is cut says so,
 * the log says that there is a limit. */
static void
rate(void **state)
{
	struct tuple t = {.raddr = P_ADDR, .laddr = H_ADDR};
	uint64_t want = TRANSCRIPT_BURST, kept = 0, cost = 0;
	struct transcript tr;
	uint32_t i, cuts = 0;

	(void)state;
	fill();
	world_sleep(1);
	for (i = 0; i < 1000; i++) {
		memset(heard, 0, sizeof(heard));
		transcript_begin(&tr, 65536);
		transcript_in(&tr, i + 1, &t, IPPROTO_TCP, text, 65536,
		    TRANSCRIPT_STREAM);
		collect();
		assert_int_equal(heard[0].cuts, 1);
		assert_int_equal(tr.left[0], 0);
		kept += heard[0].kept;
		cost += heard[0].kept + heard[0].records * TRANSCRIPT_COST;
		cuts += heard[0].kept < 65536;
		if (i == 700)
			world_sleep(10000);
	}
	want += 10ULL * TRANSCRIPT_RATE;
	assert_true(cost > want - 2 * 66000 && cost < want + 1000 * 600);
	assert_true(cuts > 300);
	assert_int_equal(stats[ST_TRANSCRIPT_CUT], cuts);
	assert_int_equal(stats[ST_TRANSCRIPT_BYTES], kept);
	report_tick();
	collect();
	assert_int_equal(limits, 1);
	world_sleep(65000); /* full again, for the others */
	transcript_begin(&tr, 1);
	transcript_in(&tr, 5, &t, IPPROTO_TCP, text, 1, TRANSCRIPT_STREAM);
}

static void
datagrams(void **state)
{
	struct tuple t = {.raddr = P_ADDR, .laddr = H_ADDR};
	struct transcript tr;

	(void)state;
	fill();
	transcript_begin(&tr, 20000);
	transcript_out(&tr, 9, &t, IPPROTO_UDP, text, 10, TRANSCRIPT_DGRAM);
	transcript_out(&tr, 9, &t, IPPROTO_UDP, text + 10, 10,
	    TRANSCRIPT_DGRAM);
	transcript_out(&tr, 9, &t, IPPROTO_UDP, text + 20, 9000,
	    TRANSCRIPT_DGRAM);
	collect();
	assert_int_equal(heard[1].records, 5);
	assert_int_equal(heard[1].dgrams, 3);
	assert_int_equal(heard[1].end, 9020);
	assert_memory_equal(heard[1].b, text, 9020);
}

/* Connects to a port that nobody serves: so many in a second are told one by
 * one, the rest in one count; who then sends data is told after all. */
static void
connects(void **state)
{
	uint32_t i;
	uint16_t p;

	(void)state;
	for (i = 0; i < 3000; i++) {
		p = (uint16_t)(10000 + i);
		dial(p, PORT_OPEN);
		if (i % 100 == 99)
			say(p, PORT_OPEN, peer_seq, text, 10);
		else
			world_tcp(P_ADDR, p, PORT_OPEN, peer_seq, our_seq,
			    TH_RST | TH_ACK, 0, NULL, 0, NULL, 0);
		if (i % 200 == 0)
			collect();
	}
	report_tick();
	collect();
	assert_int_equal(opens, 1000 + 20);
	assert_int_equal(closes, 990); /* those with data are still there */
	assert_int_equal(folded, 3000 - 1020);
	assert_int_equal(stats[ST_FLOWS_FOLDED], folded);
	assert_int_equal(heard[0].records, 30);
}

/* The same where the runner has no more sessions; one that gets a script after
 * all is told. */
static void
denials(void **state)
{
	uint32_t i;

	(void)state;
	w_deny = DENIED_TOTAL;
	for (i = 0; i < 1500; i++) {
		dial((uint16_t)(10000 + i), PORT_SERVICE);
		if (i % 200 == 0)
			collect();
	}
	w_deny = 0;
	dial(9999, PORT_SERVICE);
	report_tick();
	collect();
	assert_int_equal(opens, 1001);
	assert_int_equal(closes, 1000);
	assert_int_equal(folded, 500);
}

/* The SYN again, and what else comes before the handshake's end, is in the
 * count of the probe. */
static void
half_open(void **state)
{
	uint64_t probes = stats[ST_PROBES];
	uint32_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		world_tcp(P_ADDR, 7000, PORT_OPEN, 999, 0, TH_SYN, 65535, NULL,
		    0, NULL, 0);
	world_tcp(P_ADDR, 7000, PORT_OPEN, 555, 0, TH_SYN, 65535, NULL, 0,
	    NULL, 0);
	assert_int_equal(stats[ST_PROBES], probes);
	world_tcp(P_ADDR, 7000, PORT_OPEN, 1000, 0, TH_RST, 0, NULL, 0, NULL,
	    0);
	assert_int_equal(stats[ST_PROBES], probes + 6);
	dial(7000, PORT_OPEN);
	assert_int_equal(stats[ST_PROBES], probes + 6);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(both_ways), T(cap), T(none), T(orphan), T(joined), T(number),
	    T(rate), T(datagrams), T(connects), T(denials),
	    T(half_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
