/* SPDX-License-Identifier: ISC */
/*
 * TCP data both ways over a simulated path that loses, repeats and reorders,
 * against a model peer, many seeds. Every byte is checked, and so is every
 * segment: never beyond the peer's window or MSS, TSecr right, ACK of sent
 * bytes only.
 */
#include "tcp_world.h"

#define QLEN 8192

static uint32_t rs, seed_now;

static uint32_t
rnd(uint32_t n)
{
	rs ^= rs << 13;
	rs ^= rs >> 17;
	rs ^= rs << 5;
	return n == 0 ? 0 : rs % n;
}

static uint8_t
pattern(int dir, uint32_t off)
{
	uint32_t x = off * 2654435761u + (uint32_t)dir * 97;

	return (uint8_t)(x >> 13 ^ x >> 24);
}

struct frame {
	int64_t at;
	uint32_t len;
	uint8_t used, b[1600];
};

static struct {
	struct frame q[QLEN];
	uint32_t loss, dup, reorder; /* per thousand */
	uint32_t delay_us;
} net_down;

static struct peer_model {
	uint32_t iss, irs;
	uint16_t sport, dport, mss;
	uint8_t ts, sack, ws, our_ws; /* agreed; our_ws we announce */
	uint8_t offer_ts, offer_sack, offer_ws;
	uint32_t up_total, down_total;
	uint32_t una, nxt, wnd; /* offsets of our data; wnd from una */
	uint32_t rwnd;		/* we announce */
	uint32_t edge;		/* right edge announced, offset */
	uint32_t rcv;		/* in-order bytes received */
	uint8_t *map;
	uint8_t fin_got, fin_sent, fin_acked, open;
	uint32_t fin_off;
	int64_t rto_at, start_ns, zero_until;
	uint32_t tsval, tsrecent, backoff;
	uint32_t dups, fast, slow_after;
	uint32_t up_done, script_sent; /* at the script's end */
	uint8_t script_eof;
	uint32_t zero;		/* close the window sometimes */
	uint32_t rexmit;
} pm;

static void
enqueue(const uint8_t *f, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < QLEN && net_down.q[i].used; i++)
		;
	if (i == QLEN)
		return; /* a full queue loses, too */
	net_down.q[i].used = 1;
	net_down.q[i].len = len;
	memcpy(net_down.q[i].b, f, len);
	net_down.q[i].at = w_ns + net_down.delay_us * 1000LL;
	if (rnd(1000) < net_down.reorder)
		net_down.q[i].at += (int64_t)rnd(8000) * 1000;
}

static void
sink(void *arg, const uint8_t *f, uint32_t len, int64_t ts)
{
	(void)arg;
	(void)ts;
	assert_true(len <= 1514);
	if (rnd(1000) < net_down.loss)
		return;
	enqueue(f, len);
	if (rnd(1000) < net_down.dup)
		enqueue(f, len);
}

static void
peer_send(uint8_t flags, uint32_t off, uint32_t len)
{
	uint8_t opt[40], data[1500];
	uint32_t n = 0, i, w;

	if (flags & TH_SYN) {
		put32(opt, 0x02040000u | pm.mss);
		n = 4;
		if (pm.offer_sack) {
			put32(opt + n, 0x01010402);
			n += 4;
		}
		if (pm.offer_ws) {
			put32(opt + n, 0x01030300u | pm.our_ws);
			n += 4;
		}
	}
	if ((flags & TH_SYN) ? pm.offer_ts : pm.ts) {
		put32(opt + n, 0x0101080a);
		pm.tsval = (uint32_t)(w_ns / 1000000) + 77;
		put32(opt + n + 4, pm.tsval);
		put32(opt + n + 8, pm.tsrecent);
		n += 12;
	}
	if (pm.sack && !(flags & TH_SYN)) { /* first range out of order */
		uint32_t a = pm.rcv, b, k = 0;

		while (k < 3 && n + 12 <= 40) {
			while (a < pm.down_total && !pm.map[a])
				a++;
			if (a >= pm.down_total)
				break;
			for (b = a; b < pm.down_total && pm.map[b]; b++)
				;
			put32(opt + n, 0x0101050au);
			put32(opt + n + 4, pm.irs + 1 + a);
			put32(opt + n + 8, pm.irs + 1 + b);
			n += 12;
			k = 3; /* one block is enough for a model */
		}
	}
	for (i = 0; i < len; i++)
		data[i] = pattern(0, off + i);
	w = flags & TH_SYN ? (pm.rwnd > 65535 ? 65535 : pm.rwnd)
			   : pm.rwnd >> (pm.ws ? pm.our_ws : 0);
	if (w > 65535)
		w = 65535;
	if (!(flags & TH_SYN)) {
		uint32_t e = pm.rcv + (w << (pm.ws ? pm.our_ws : 0));

		if (e > pm.edge)
			pm.edge = e;
	} else
		pm.edge = w;
	if (rnd(1000) < net_down.loss)
		return;
	i = 1 + (rnd(1000) < net_down.dup);
	for (; i > 0; i--)
		world_tcp(P_ADDR, pm.sport, pm.dport, pm.iss + 1 + off -
		    ((flags & TH_SYN) != 0), flags & TH_ACK
			? pm.irs + 1 + pm.rcv + pm.fin_got : 0,
		    flags, (uint16_t)w, opt, n, data, len);
}

static void
peer_ack(void)
{
	peer_send(TH_ACK, pm.nxt + pm.fin_sent, 0);
}

static void
peer_pump(void)
{
	uint32_t n, lim = pm.una + (pm.wnd < 20000 ? pm.wnd : 20000);

	if (!pm.open || w_ns < pm.start_ns)
		return;
	while (pm.nxt < pm.up_total && pm.nxt < lim) {
		n = 1 + rnd(pm.mss < 1400 ? pm.mss : 1400);
		if (n > pm.up_total - pm.nxt)
			n = pm.up_total - pm.nxt;
		if (n > lim - pm.nxt)
			n = lim - pm.nxt;
		peer_send(TH_ACK | TH_PSH, pm.nxt, n);
		pm.nxt += n;
		if (pm.rto_at == 0)
			pm.rto_at = w_ns + 300000000LL;
	}
	if (pm.nxt == pm.up_total && !pm.fin_sent) {
		peer_send(TH_ACK | TH_FIN, pm.nxt, 0);
		pm.fin_sent = 1;
		pm.rto_at = w_ns + 300000000LL;
	}
}

static void
peer_timer(void)
{
	uint32_t n;

	if (pm.open && (pm.zero || pm.rwnd == 0) &&
	    w_ns > pm.zero_until) {
		if (pm.rwnd == 0) {
			pm.rwnd = 4000 + rnd(30000);
			pm.zero_until = w_ns + (int64_t)rnd(60) * 10000000;
			peer_ack();
		} else if (pm.fin_got == 0) {
			pm.rwnd = 0;
			pm.zero--;
			pm.zero_until = w_ns + (int64_t)rnd(90) * 10000000;
		}
	}
	if (pm.rto_at == 0 || w_ns < pm.rto_at)
		return;
	pm.rto_at = w_ns + (300000000LL << (pm.backoff > 4 ? 4 : pm.backoff));
	pm.backoff++;
	pm.rexmit++;
	if (!pm.open) {
		peer_send(TH_SYN, 0, 0);
		return;
	}
	n = pm.nxt - pm.una;
	if (n > 1000)
		n = 1000;
	if (n == 0 && pm.nxt < pm.up_total) /* window probe */
		n = 1;
	if (n > 0)
		peer_send(TH_ACK, pm.una, n);
	else if (pm.fin_sent && !pm.fin_acked)
		peer_send(TH_ACK | TH_FIN, pm.nxt, 0);
	else
		pm.rto_at = 0;
}

static void
peer_synack(const struct got *g)
{
	if (pm.open)
		return;
	pm.irs = g->seq;
	assert_int_equal(g->ack, pm.iss + 1);
	pm.open = 1;
	pm.ts = pm.offer_ts && g->o.has_ts;
	pm.sack = pm.offer_sack && g->o.sack_ok;
	pm.ws = pm.offer_ws && g->o.wscale != 255;
	assert_int_equal(pm.ts, pm.offer_ts);
	assert_int_equal(pm.sack, pm.offer_sack);
	assert_int_equal(pm.ws, pm.offer_ws);
	pm.wnd = g->win;
	pm.rto_at = 0;
	pm.backoff = 0;
	if (pm.ts)
		pm.tsrecent = g->o.tsval;
	peer_ack();
	if (pm.zero)
		pm.zero_until = w_ns + (int64_t)rnd(30) * 1000000;
}

static void
peer_input(const uint8_t *f, uint32_t len)
{
	uint32_t off, i, a;
	struct got g;

	got_parse(f, len, &g);
	assert_int_equal(g.ttl, 64);
	if (g.flags & TH_RST) {
		world_print();
		fail_msg("seed %u reset: seq +%u ack +%u una %u nxt %u rcv %u of %u "
		    "fin %d %d", seed_now, g.seq - pm.irs - 1, g.ack - pm.iss - 1,
		    pm.una, pm.nxt, pm.rcv, pm.down_total, pm.fin_sent,
		    pm.fin_got);
	}
	if (pm.offer_ts)
		assert_true(g.o.has_ts && SEQ_LE(g.o.tsecr, pm.tsval));
	if (g.flags & TH_SYN) {
		peer_synack(&g);
		return;
	}
	if (!pm.open)
		return; /* the SYN/ACK was lost, ours must come again */
	assert_true(g.flags & TH_ACK);
	if (pm.ts && SEQ_GT(g.o.tsval, pm.tsrecent))
		pm.tsrecent = g.o.tsval;
	a = g.ack - pm.iss - 1;
	assert_true(a <= pm.nxt + pm.fin_sent);
	if (a > pm.up_total) {
		pm.fin_acked = 1;
		a = pm.up_total;
		pm.rto_at = 0;
	}
	if (a > pm.una) {
		pm.una = a;
		pm.backoff = 0;
		pm.rto_at = pm.una == pm.nxt && (!pm.fin_sent || pm.fin_acked)
		    ? 0
		    : w_ns + 300000000LL;
	}
	if (a >= pm.una)
		pm.wnd = (uint32_t)g.win << (pm.ws ? 7 : 0);
	if (pm.wnd == 0 && pm.nxt < pm.up_total && pm.rto_at == 0)
		pm.rto_at = w_ns + 300000000LL;
	off = g.seq - pm.irs - 1;
	if (g.len > 0) {
		assert_true(g.len <= pm.mss - (pm.ts ? 12u : 0));
		assert_true(off + g.len <= pm.down_total);
		assert_true(off + g.len <= pm.edge);
		for (i = 0; i < g.len; i++)
			assert_int_equal(g.data[i], pattern(1, off + i));
		if (pm.rwnd > 0 || off == pm.rcv)
			for (i = 0; i < g.len; i++)
				pm.map[off + i] = 1;
		while (pm.rcv < pm.down_total && pm.map[pm.rcv])
			pm.rcv++;
	}
	if (g.flags & TH_FIN) {
		assert_int_equal(off + g.len, pm.down_total);
		pm.fin_off = 1;
	}
	if (pm.fin_off && pm.rcv == pm.down_total)
		pm.fin_got = 1;
	if (g.len > 0 || (g.flags & TH_FIN) || off + 1 == pm.rcv)
		peer_ack();
	peer_pump();
}

static void
deliver(void)
{
	uint32_t i;

	for (i = 0; i < QLEN; i++)
		if (net_down.q[i].used && net_down.q[i].at <= w_ns) {
			net_down.q[i].used = 0;
			peer_input(net_down.q[i].b, net_down.q[i].len);
		}
}

static void
script(void)
{
	uint8_t buf[4096];
	uint32_t i, n;
	ssize_t r;

	if (w_script == -1)
		return;
	if (!pm.script_eof && rnd(4) != 0) {
		r = read(w_script, buf, 1 + rnd(sizeof(buf)));
		for (i = 0; r > 0 && i < (uint32_t)r; i++)
			assert_int_equal(buf[i], pattern(0, pm.up_done + i));
		if (r > 0)
			pm.up_done += (uint32_t)r;
		if (r == 0) {
			assert_int_equal(pm.up_done, pm.up_total);
			pm.script_eof = 1;
		}
	}
	if (pm.script_sent < pm.down_total) {
		n = 1 + rnd(sizeof(buf));
		if (n > pm.down_total - pm.script_sent)
			n = pm.down_total - pm.script_sent;
		for (i = 0; i < n; i++)
			buf[i] = pattern(1, pm.script_sent + i);
		r = write(w_script, buf, n);
		if (r > 0)
			pm.script_sent += (uint32_t)r;
	}
	if (pm.script_sent == pm.down_total && pm.script_eof)
		world_exit_script();
}

static void
run_seed(uint32_t seed)
{
	int64_t end;
	int n;

	rs = seed * 2654435761u + 1;
	memset(&pm, 0, sizeof(pm));
	memset(&net_down, 0, sizeof(net_down));
	net_down.loss = rnd(3) ? rnd(80) : 0;
	net_down.dup = rnd(3) ? rnd(50) : 0;
	net_down.reorder = rnd(3) ? rnd(300) : 0;
	net_down.delay_us = rnd(20) * 500;
	world_init(32);
	if (seed % 3 == 1)
		w_pers.psh_each = 1;
	if (seed % 5 == 1)
		for (n = ANS_GEN; n < ANS_MAX; n++)
			w_pers.answer[n].window = 512;
	io_mem_sink(&net.ifs[0], sink, NULL);
	pm.iss = rnd(2) ? rs : 0xffffff00u - rnd(3000); /* wrap early */
	pm.sport = (uint16_t)(1024 + rnd(60000));
	pm.dport = PORT_SERVICE;
	pm.mss = (uint16_t)(rnd(3) ? 1460 : 100 + rnd(1360));
	pm.offer_ts = rnd(2) != 0;
	pm.offer_sack = rnd(2) != 0;
	pm.offer_ws = rnd(2) != 0;
	pm.our_ws = (uint8_t)rnd(8);
	pm.up_total = rnd(4) ? rnd(60000) : 0;
	pm.down_total = rnd(4) ? rnd(120000) : 0;
	pm.rwnd = rnd(2) ? 65535 : 2000 + rnd(20000);
	pm.zero = rnd(4) == 0 ? 1 + rnd(3) : 0;
	pm.start_ns = w_ns + (int64_t)rnd(50) * 1000000;
	assert_non_null(pm.map = calloc(1, pm.down_total + 1));
	pm.rto_at = w_ns + 300000000LL;
	peer_send(TH_SYN, 0, 0);
	end = w_ns + 300 * 1000000000LL;
	while (w_ns < end && !(pm.fin_got && pm.fin_acked &&
	    pm.rcv == pm.down_total && pm.una == pm.up_total &&
	    pm.script_eof)) {
		w_ns += 500000;
		net_now();
		deliver();
		peer_timer();
		peer_pump();
		script();
		world_turn();
	}
	if (w_ns >= end)
		world_print();
	if (w_ns >= end)
		fail_msg("seed %u: stuck: up %u/%u/%u down %u/%u fin %d %d "
		    "eof %d", seed, pm.una, pm.up_done, pm.up_total, pm.rcv,
		    pm.down_total, pm.fin_got, pm.fin_acked, pm.script_eof);
	if (pm.rcv == pm.down_total && pm.up_total > 0 && tcp_active() > 0) {
		struct tcp_data *d;
		uint32_t i;

		for (i = 0; i < tcp.nconn; i++)
			if ((d = tcp.conn[i].d) != NULL) {
				assert_int_equal(d->bytes_in, pm.up_total);
				assert_true(d->bytes_out >= pm.down_total);
			}
	}
	free(pm.map);
	world_done();
}

static void
many_seeds(void **state)
{
	uint32_t seed, n = getenv("SEEDS") ? (uint32_t)atol(getenv("SEEDS"))
#ifdef HPD_SANITIZED
					   : 60;
#else
					   : 250;
#endif
	uint32_t first = getenv("SEED") ? (uint32_t)atol(getenv("SEED")) : 1;

	(void)state;
	for (seed = first; seed < first + n; seed++) {
		seed_now = seed;
		run_seed(seed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_seeds),
	};

	world_unused();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
