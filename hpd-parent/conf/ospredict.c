/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: what nmap would see of a persona, from its record alone: every
 * answer as hpd-net would send it, in the order nmap asks, with the same
 * generators. Nothing is lost, nobody else talks to the host.
 */
#include "osseq.h"

#include <string.h>

#include "common/buf.h"
#include "common/personagen.h"

#define GAP_US	  100000 /* between the six SYNs */
#define SEQ	  0x35f00d11u /* of the probes */
#define ACK	  0x5a3c96e1u
#define TS_PROBE  UINT32_MAX
#define TS_BASE	  123456789u /* of a host that is up for a while */
#define TH_SYN	  0x02
#define TH_RST	  0x04
#define TH_ACK	  0x10

struct world {
	const struct img_persona *p;
	struct gen_isn isn;
	struct gen_ipid id;
	int64_t now_us, isn_us;
	uint32_t chance;
	uint8_t opts[OS_SYNS + OSL_MAX][40];
	unsigned nopts;
	struct os_samples m;
};

static uint32_t
rnd(struct world *w)
{
	w->chance = w->chance * 1664525u + 1013904223u;
	return w->chance >> 8;
}

static uint16_t
next_id(struct world *w, uint8_t use)
{
	return use > 2 ? gen_ipid_stray(w->p->ipid, &w->id, rnd(w)) :
			 gen_ipid_next(w->p->ipid, &w->id, use, rnd(w));
}

static uint32_t
next_isn(struct world *w)
{
	int64_t dt = (w->now_us - w->isn_us) * 1000;

	if (w->p->isn_gen.how == ISN_RFC6528)
		return rnd(w) << 16 ^ rnd(w);
	w->isn_us = w->now_us;
	return gen_isn_next(&w->p->isn_gen, &w->isn, dt);
}

static uint32_t
number(uint8_t how, uint32_t of)
{
	if (how == NUM_ZERO)
		return 0;
	if (how == NUM_SAME)
		return of;
	return how == NUM_NEXT ? of + 1 : of + 0x12345;
}

static void
stamp(struct world *w, const struct img_answer *a, uint8_t *at, int peer)
{
	uint32_t own = gen_tsval(w->p, TS_BASE, w->now_us * 1000, 1);

	put32(at, a->ts_form & TS_VALUE ? own : 0);
	put32(at + 4, !(a->ts_form & TS_ECHO) ? 0 : peer ? TS_PROBE : own);
}

/* The answer to a probe, and the IP ID it takes. */
static struct os_reply
reply(struct world *w, unsigned n, uint32_t seq, uint32_t ack, uint16_t *id)
{
	const struct img_answer *a = &w->p->answer[n];
	uint8_t *opt = w->opts[w->nopts++ % (OS_SYNS + OSL_MAX)];
	struct os_reply r = { .came = 1 };
	uint32_t mss;

	memcpy(opt, a->opts, sizeof(a->opts));
	if (a->ts_off <= 32)
		stamp(w, a, opt + a->ts_off, n != ANS_ECN);
	if (a->ts2_off <= 32)
		stamp(w, a, opt + a->ts2_off, n != ANS_ECN);
	r.opt = opt;
	r.optlen = a->optlen <= 40 ? a->optlen : 40;
	r.flags = a->flags;
	r.df = a->df;
	r.ttl = a->ttl;
	r.reserved = a->quirks & ANQ_RESERVED;
	r.urp = a->quirks & ANQ_URP;
	r.data = a->data;
	r.datalen = a->datalen <= 4 ? a->datalen : 4;
	r.window = a->window;
	if (a->win_mss != 0 && a->mss_off <= 38) {
		mss = be16(opt + a->mss_off);
		if (a->quirks & ANQ_WIN_TS && a->agree & OFFER_TS)
			mss -= 12;
		r.window = (uint16_t)(mss * a->win_mss);
	}
	r.probe_seq = seq;
	r.probe_ack = ack;
	if (a->seq == NUM_OTHER &&
	    (a->flags & (TH_SYN | TH_ACK | TH_RST)) == (TH_SYN | TH_ACK))
		r.seq = next_isn(w);
	else
		r.seq = number(a->seq, ack);
	r.ack = number(a->ack, seq);
	*id = next_id(w, a->ipid);
	return r;
}

/* The six SYNs, then those repeated that nobody answered. */
static void
syns(struct world *w, struct os_reply ops[OS_SYNS], int again)
{
	struct os_syn *s;
	uint32_t tsval = 0;
	unsigned i, least = again ? RESPOND_REPEAT : RESPOND_YES;

	for (i = 0; i < OS_SYNS; i++) {
		w->now_us += again ? GAP_US / 4 : GAP_US;
		if (w->p->answer[ANS_SYN1 + i].respond != least)
			continue;
		s = &w->m.syn[i];
		ops[i] = reply(w, ANS_SYN1 + i, SEQ + (again ? 0 : i), ACK,
		    &s->id);
		if (again)
			continue;
		s->came = 1;
		s->flags = ops[i].flags;
		s->isn = ops[i].seq;
		s->sent_us = w->now_us;
		s->has_ts = os_opt_ts(ops[i].opt, ops[i].optlen, &tsval) == 0;
		s->tsval = tsval;
	}
}

static struct os_echo
echo(struct world *w)
{
	static const uint8_t df[4][2] = { [DFI_N] = { 0, 0 },
		[DFI_S] = { 1, 0 }, [DFI_Y] = { 1, 1 }, [DFI_O] = { 0, 1 } };
	const struct img_echo *e = &w->p->ie;
	struct os_echo r = { .came = e->respond, .ttl = e->ttl };

	if (!r.came)
		return r;
	memcpy(r.df, df[e->dfi & 3], 2);
	if (e->cd == CD_S)
		r.code[0] = 9;
	else if (e->cd == CD_VALUE)
		r.code[0] = r.code[1] = e->cd_value;
	else if (e->cd == CD_O) /* neither alike nor as asked */
		r.code[1] = 9;
	w->m.icmp[0] = next_id(w, 2);
	w->m.icmp[1] = next_id(w, 2);
	w->m.nicmp = 2;
	return r;
}

static uint16_t
quoted(uint8_t how, uint16_t value, uint16_t sent)
{
	switch (how) {
	case QUOTE_VALUE:
		return value;
	case QUOTE_SWAP:
		return (uint16_t)(sent << 8 | sent >> 8);
	case QUOTE_ADD:
		return (uint16_t)(sent + value);
	case QUOTE_BAD:
		return (uint16_t)(sent ^ 0x55aa);
	default:
		return sent;
	}
}

static struct os_unreach
unreach(struct world *w)
{
	const struct img_unreach *u = &w->p->u1;
	struct os_unreach r = { .came = u->respond, .df = u->df,
		.ttl = u->ttl, .ipl = u->ip_len, .un = u->unused,
		.ruck_sent = 0xc1c1 };

	if (!r.came)
		return r;
	if (u->len_swap)
		r.ipl = (uint16_t)(u->ip_len << 8 | u->ip_len >> 8);
	r.ripl = quoted(u->ripl, u->ripl_value, 328);
	r.rid = quoted(u->rid, u->rid_value, 0x1042);
	r.ruck = quoted(u->ruck, u->ruck_value, r.ruck_sent);
	r.ripck = u->ripck == QUOTE_SAME ? 'G' : u->ripck == QUOTE_VALUE ?
	    'Z' : 'I';
	r.rud = u->rud && u->ip_len > 56 ? 'I' : 'G';
	(void)next_id(w, 2);
	return r;
}

void
os_predict(const struct img_persona *p, struct os_obs *o)
{
	static const uint8_t answer[OSL_MAX] = { ANS_ECN, ANS_SYN1, ANS_T2,
		ANS_T3, ANS_T4, ANS_T5, ANS_T6, ANS_T7 };
	struct world w = { .p = p, .chance = 1, .isn.last = 0x1d2c3b4a };
	struct os_reply ops[OS_SYNS] = { { 0 } }, r[OSL_MAX] = { { 0 } };
	struct os_unreach u;
	struct os_echo e;
	uint16_t id;
	unsigned i;
	int dist;

	gen_ipid_init(p->ipid, &w.id, 0x123456789abcdefULL);
	syns(&w, ops, 0);
	e = echo(&w);
	u = unreach(&w);
	syns(&w, ops, 1);
	for (i = OSL_ECN; i < OSL_MAX; i++) {
		if (i == OSL_T1)
			continue;
		w.now_us += GAP_US / 4;
		if (p->answer[answer[i]].respond == RESPOND_NO)
			continue;
		r[i] = reply(&w, answer[i], SEQ, i == OSL_ECN ? 0 : ACK, &id);
		if (i >= OSL_T5)
			w.m.closed[w.m.nclosed++] = id;
	}
	r[OSL_T1] = ops[0];
	dist = u.came ? -(int8_t)p->u1.ttl_add : OS_DIST_UNKNOWN;
	os_obs_clear(o);
	os_seq_line(o, &w.m);
	os_syn_lines(o, ops);
	for (i = OSL_ECN; i < OSL_MAX; i++)
		os_tcp_line(o, i, &r[i], dist);
	os_unreach_line(o, &u, dist);
	os_echo_line(o, &e, dist);
}
