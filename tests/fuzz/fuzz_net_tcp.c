/* SPDX-License-Identifier: ISC */
/*
 * Stateful TCP and UDP: the input is a list of operations: segments near what
 * a connection expects, time, the script's reading and writing, the runner's
 * answers. After each: windows, buffers and counters must agree.
 */
#include "../lib/persona_any.h"
#include "../unit/tcp_world.h"

struct in {
	const uint8_t *p;
	size_t n;
};

static uint32_t
take(struct in *in, uint32_t bytes)
{
	uint32_t v = 0;

	for (; bytes > 0 && in->n > 0; bytes--, in->n--)
		v = v << 8 | *in->p++;
	return v;
}

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	world_print();
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void
check(void)
{
	const struct tcp_conn *c;
	const struct tcp_data *d;
	uint64_t mem = 0;
	uint32_t i, j;

	for (i = 0; i < tcp.nconn; i++) {
		c = &tcp.conn[i];
		if (c->state == TCPS_FREE)
			continue;
		must(SEQ_LE(c->snd_una, c->snd_nxt), "una <= nxt");
		must(SEQ_LE(c->rcv_nxt, c->rcv_adv), "rcv_nxt <= rcv_adv");
		if ((d = c->d) == NULL)
			continue;
		mem += sizeof(*d) + d->snd.size + d->rcv.size;
		must(d->snd_end - c->snd_una <= d->snd.size ||
		    SEQ_LE(d->snd_end, c->snd_una), "send buffer");
		must(SEQ_LE(d->rcv_read, c->rcv_nxt), "read <= rcv_nxt");
		for (j = 0; j < d->ooo.n; j++) {
			must(SEQ_GT(d->ooo.r[j].a, c->rcv_nxt), "ooo ahead");
			must(SEQ_LE(d->ooo.r[j].b, c->rcv_adv), "ooo inside");
			must(j == 0 || SEQ_LT(d->ooo.r[j - 1].b,
			    d->ooo.r[j].a), "ooo order");
		}
		for (j = 0; j < d->sacked.n; j++)
			must(SEQ_GE(d->sacked.r[j].a, c->snd_una) &&
			    SEQ_LE(d->sacked.r[j].b, c->snd_nxt), "sacked");
		must(tcp_cc_pipe(c) <= c->snd_nxt - c->snd_una, "pipe");
	}
	must(mem == tcp.mem, "memory counted");
}

static void
segment(struct in *in)
{
	static const uint16_t port[4] = {PORT_OPEN, PORT_SERVICE, PORT_TARPIT,
	    PORT_CLOSED};
	static const uint8_t data[1460];
	struct tuple t = {P_ADDR, H_ADDR, 0, 0};
	const struct tcp_conn *c;
	uint32_t x = take(in, 2), seq, ack, n = 0, i, len;
	uint8_t flags = (uint8_t)take(in, 1), opt[40], what;

	t.rport = (uint16_t)(4000 + (x & 3));
	t.lport = port[x >> 2 & 3];
	what = (uint8_t)(x >> 4);
	c = tcp_find(&t);
	seq = take(in, 2);
	ack = take(in, 1);
	if (what & 1) {
		seq *= 65537;
		ack *= 16843009;
	} else if (what & 2)
		seq &= 0xff;
	if (c != NULL) {
		seq = what & 4 ? c->rcv_nxt - seq : c->rcv_nxt + seq;
		ack = what & 8 ? c->snd_una + ack : c->snd_nxt - ack;
		if (what & 16)
			seq = c->rcv_nxt;
		if (what & 32)
			ack = c->snd_nxt;
	}
	if (what & 64) {
		put32(opt, 0x0101080a);
		put32(opt + 4, take(in, 1) + (c != NULL ? c->ts_recent : 0));
		put32(opt + 8, 0);
		n = 12;
	} else if (what & 128)
		for (n = take(in, 1) % 11 * 4, i = 0; i < n; i++)
			opt[i] = (uint8_t)take(in, 1);
	if ((x & 0x1000) && c != NULL && n <= 28) {
		put32(opt + n, 0x0101050a);
		put32(opt + n + 4, c->snd_una + take(in, 1) * 7);
		put32(opt + n + 8, c->snd_una + take(in, 1) * 9);
		n += 12;
	}
	len = x & 0x2000 ? take(in, 1) * 5 : 0;
	world_tcp(P_ADDR, t.rport, t.lport, seq, ack, flags,
	    (uint16_t)(x & 0x4000 ? take(in, 1) : 65535), opt, n, data, len);
}

static void
script(struct in *in)
{
	static uint8_t buf[20000];
	uint32_t x = take(in, 1);

	if (w_script == -1)
		return;
	if (x & 1)
		must(send(w_script, buf, (x >> 3) * 600 + 1, MSG_NOSIGNAL) !=
		    0, "send");
	if (x & 2)
		must(read(w_script, buf, (x >> 3) * 600 + 1) >= -1, "read");
	if ((x & 7) == 4)
		world_exit_script();
}

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Another family's: every column that decides what is sent. */
static void
habits(uint32_t v)
{
	w_pers.lax = v & 3;
	w_pers.tw_refuse = v >> 2 & 3;
	w_pers.tw_else = (uint8_t)((v >> 4 & 3) % 3);
	w_pers.persist_byte = v >> 6 & 1;
	w_pers.rst_unread = v >> 7 & 1;
	w_pers.fin_alone = v >> 8 & 1;
	w_pers.nagle = (uint8_t)((v >> 9 & 3) % 3);
	w_pers.give_up = v >> 11 & 3;
	w_pers.synack_life_s = v >> 13 & 1 ? 20 : 0;
	w_pers.orphan_retries = v >> 14 & 1 ? 2 : 0;
	w_pers.persist_ms = v >> 15 & 1 ? 5000 : 0;
}

/* A reload brings any persona under what is open. */
static void
another(uint32_t v)
{
	persona_any(&w_pers, v);
	host_reload();
	tcp_reload();
	udp_reload();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct in in = {p, n};
	uint32_t ops = 0, op;

	world_unused();
	world_init(16);
	w_tmpl.transcript = 2000;
	while (in.n > 0 && ops++ < 400) {
		op = take(&in, 1);
		switch (op & 7) {
		case 0:
			w_ns += (int64_t)take(&in, 1) * 1000000;
			break;
		case 1:
			w_ns += (int64_t)take(&in, 1) * 500000000;
			break;
		case 2:
			script(&in);
			break;
		case 3:
			w_deny = op & 8 ? DENIED_TOTAL : 0;
			w_hold = op & 16 && w_script == -1;
			w_tmpl.denied = (op & 32) != 0;
			w_pers.psh_each = (op & 64) != 0;
			if ((op & 192) == 192)
				another(take(&in, 2));
			else if (op & 128)
				habits(take(&in, 2));
			break;
		default:
			segment(&in);
			break;
		}
		if (w_script != -1 && tcp_active() == 0) {
			close(w_script);
			w_script = -1;
		}
		w_hold |= w_script != -1; /* one script at a time */
		world_turn();
		check();
		got_clear();
	}
	world_done();
	return 0;
}
