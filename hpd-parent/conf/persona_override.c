/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: overrides on a finished persona. Each changes every field that
 * speaks of the same thing, so that no answer contradicts another. Works on
 * the record alone; knows nothing of files or templates.
 */
#include "over.h"

#include <string.h>

#define SYN 0x02
#define RST 0x04
#define ACK 0x10
#define ECE 0x40
#define CWR 0x80

#define OPT_EOL	 0
#define OPT_NOP	 1
#define OPT_MSS	 2
#define OPT_WS	 3
#define OPT_SACK 4
#define OPT_TS	 8
#define NOWHERE	 255

/* What nmap's layouts offer: SYN 1 to 6, ECN; T3 has T2's options. */
#define MWST (OFFER_MSS | OFFER_WS | OFFER_SACK | OFFER_TS)
static const struct probe {
	uint8_t id, offers;
	uint16_t mss;
} probes[] = {
	{ 0, MWST, 1460 },
	{ 1, MWST, 1400 },
	{ 2, MWST & ~OFFER_SACK, 640 },
	{ 3, MWST & ~OFFER_MSS, 536 },
	{ 4, MWST, 536 },
	{ 5, MWST & ~OFFER_WS, 265 },
	{ ANS_ECN, MWST & ~OFFER_TS, 1460 },
	{ ANS_T3, MWST, 265 },
};
#define NPROBES (sizeof(probes) / sizeof(probes[0]))

/* An answer to a SYN that may hold options of a connection, what was offered
 * and the peer's MSS (65535: not known). NULL: no SYN/ACK. */
static struct img_answer *
synack(struct img_persona *p, unsigned i, uint8_t *offers, uint16_t *mss)
{
	struct img_answer *a;

	if (i < NPROBES) {
		a = &p->answer[probes[i].id];
		*offers = probes[i].offers;
		*mss = probes[i].mss;
	} else {
		a = &p->answer[ANS_GEN + (i - NPROBES)];
		*offers = (uint8_t)(i - NPROBES);
		*mss = 65535;
	}
	if (a->respond == RESPOND_NO ||
	    (a->flags & (SYN | RST | ACK)) != (SYN | ACK))
		return NULL;
	return a;
}
#define NSYNACK (NPROBES + 16)

/* Offset of an option, NOWHERE when it is not there; *end: behind the last
 * option that is no padding. */
static uint8_t
option(const struct img_answer *a, uint8_t kind, uint8_t *end)
{
	uint8_t i = 0, n, at = NOWHERE;

	*end = 0;
	while (i < a->optlen && a->opts[i] != OPT_EOL) {
		if (a->opts[i] == OPT_NOP) {
			i++;
			continue;
		}
		n = i + 1 < a->optlen ? a->opts[i + 1] : 0;
		if (n < 2 || n > a->optlen - i)
			break;
		if (a->opts[i] == kind && at == NOWHERE)
			at = i;
		i = (uint8_t)(i + n);
		*end = i;
	}
	return at;
}

/* Put an option behind the others, padded to four in front. 0 or -1. */
static int
append(struct img_answer *a, uint8_t kind, uint8_t shift)
{
	uint8_t len = kind == OPT_TS ? 10 : kind == OPT_WS ? 3 : 2, end;
	uint8_t total, *o = a->opts;

	option(a, kind, &end);
	total = (uint8_t)((end + len + 3) & ~3);
	if (total > sizeof(a->opts))
		return -1;
	memset(o + end, OPT_NOP, (size_t)(total - len - end));
	end = (uint8_t)(total - len);
	memset(o + end, 0, sizeof(a->opts) - end);
	o[end] = kind;
	o[end + 1] = len;
	if (kind == OPT_WS)
		o[end + 2] = shift;
	if (a->ts2_off != NOWHERE && a->ts2_off >= end)
		a->ts2_off = NOWHERE;
	a->optlen = total;
	if (kind == OPT_TS) {
		a->ts_off = (uint8_t)(end + 2);
		a->ts_form = TS_VALUE | TS_ECHO;
	}
	return 0;
}

/* window where it counts segments */
static void
recount(struct img_answer *a)
{
	uint32_t mss, w;

	if (a->win_mss == 0 || a->mss_off == NOWHERE)
		return;
	mss = (uint32_t)a->opts[a->mss_off] << 8 | a->opts[a->mss_off + 1];
	if ((a->quirks & ANQ_WIN_TS) && (a->agree & OFFER_TS) && mss > 12)
		mss -= 12;
	w = mss * a->win_mss;
	a->window = (uint16_t)(w > 65535 ? 65535 : w);
}

/*
 * Take options away as the stack itself would when they are not offered: the
 * persona has an answer for every set of offers.
 */
static void
refuse(struct img_persona *p, uint8_t what)
{
	struct img_answer *a, had;
	const struct img_answer *with, *without;
	uint8_t offers;
	uint16_t mss;
	unsigned i;

	for (i = 0; i < NPROBES; i++) {
		a = synack(p, i, &offers, &mss);
		if (a == NULL || !(a->agree & what))
			continue;
		had = *a;
		with = &p->answer[ANS_GEN + offers];
		without = &p->answer[ANS_GEN + (offers & ~what)];
		memcpy(a->opts, without->opts, sizeof(a->opts));
		a->optlen = without->optlen;
		a->agree = without->agree;
		a->wscale = without->wscale;
		a->mss_off = without->mss_off;
		a->ts_off = without->ts_off;
		a->ts2_off = without->ts2_off;
		a->ts_form = without->ts_form;
		if (had.mss_off != NOWHERE && a->mss_off != NOWHERE)
			memcpy(a->opts + a->mss_off, had.opts + had.mss_off,
			    2);
		if (had.window == with->window)
			a->window = without->window;
		recount(a);
	}
	for (i = 0; i < 16; i++)
		if (i & what)
			p->answer[ANS_GEN + i] =
			    p->answer[ANS_GEN + (i & ~(unsigned)what)];
}

/* Agree to an option wherever it is offered. 0 or -1: no room. */
static int
agree(struct img_persona *p, uint8_t what, uint8_t shift)
{
	uint8_t kind = what == OFFER_TS ? OPT_TS :
	    what == OFFER_WS ? OPT_WS : OPT_SACK, offers;
	struct img_answer *a;
	uint16_t mss;
	unsigned i;

	for (i = 0; i < NSYNACK; i++) {
		a = synack(p, i, &offers, &mss);
		if (a == NULL || !(offers & what) || (a->agree & what))
			continue;
		if (append(a, kind, shift) == -1)
			return -1;
		a->agree |= what;
		if (what == OFFER_WS)
			a->wscale = shift;
		recount(a);
	}
	return 0;
}

static void
set_ttl(struct img_persona *p, uint8_t ttl)
{
	uint8_t old = p->ttl;
	int i;

	for (i = 0; i < ANS_MAX; i++)
		if (p->answer[i].ttl == old)
			p->answer[i].ttl = ttl;
	if (p->u1.ttl == old)
		p->u1.ttl = ttl;
	if (p->ie.ttl == old)
		p->ie.ttl = ttl;
	p->ttl = ttl;
}

static void
set_window(struct img_persona *p, uint16_t window)
{
	struct img_answer *a;
	uint8_t offers;
	uint16_t mss;
	unsigned i;

	for (i = 0; i < NSYNACK; i++) {
		a = synack(p, i, &offers, &mss);
		if (a == NULL)
			continue;
		a->window = window;
		a->win_mss = 0;
		a->quirks &= (uint8_t)~ANQ_WIN_TS;
	}
}

static void
set_mss(struct img_persona *p, uint16_t own)
{
	struct img_answer *a;
	uint8_t offers;
	uint16_t mss;
	unsigned i;

	p->mss = own;
	for (i = 0; i < NSYNACK; i++) {
		a = synack(p, i, &offers, &mss);
		if (a == NULL || a->mss_off == NOWHERE)
			continue;
		if (!p->mss_min || mss > own)
			mss = own;
		a->opts[a->mss_off] = (uint8_t)(mss >> 8);
		a->opts[a->mss_off + 1] = (uint8_t)mss;
		recount(a);
	}
}

static int
set_wscale(struct img_persona *p, uint8_t shift)
{
	struct img_answer *a;
	uint8_t offers, at, end;
	uint16_t mss;
	unsigned i;

	if (shift == OVER_OFF) {
		refuse(p, OFFER_WS);
		return 0;
	}
	if (agree(p, OFFER_WS, shift) == -1)
		return -1;
	for (i = 0; i < NSYNACK; i++) {
		a = synack(p, i, &offers, &mss);
		if (a == NULL || !(a->agree & OFFER_WS))
			continue;
		at = option(a, OPT_WS, &end);
		if (at != NOWHERE)
			a->opts[at + 2] = shift;
		a->wscale = shift;
	}
	return 0;
}

static int
set_tsrate(struct img_persona *p, uint32_t mhz)
{
	int i;

	p->ts_mhz = mhz;
	p->ts_const = 0;
	if (mhz == 0) {
		refuse(p, OFFER_TS);
		for (i = 0; i < ANS_MAX; i++)
			p->answer[i].ts_form = 0;
		return 0;
	}
	for (i = 0; i < ANS_MAX; i++)
		if (p->answer[i].ts_off != NOWHERE &&
		    (p->answer[i].agree & OFFER_TS))
			p->answer[i].ts_form |= TS_VALUE;
	return agree(p, OFFER_TS, 0);
}

static void
set_df(struct img_persona *p, uint8_t df)
{
	int i;

	p->df_tcp = p->df_rst = p->df_udp = df;
	for (i = 0; i < ANS_MAX; i++)
		p->answer[i].df = df;
}

static void
set_ipid(struct img_persona *p, uint8_t how, uint16_t value)
{
	int i;

	memset(p->ipid, 0, sizeof(p->ipid));
	for (i = 0; i < 3; i++) {
		p->ipid[i].how = how;
		if (how == IPID_CONST)
			p->ipid[i].lo = p->ipid[i].hi = value;
	}
	for (i = 0; i < ANS_MAX; i++)
		if (p->answer[i].ipid > 2)
			p->answer[i].ipid = 0;
}

static void
set_isn(struct img_persona *p, uint32_t how, uint32_t value)
{
	struct img_isn_gen *g = &p->isn_gen;
	struct img_answer *a;
	uint32_t step = 1;
	uint8_t offers;
	uint16_t mss;
	unsigned i;

	memset(g, 0, sizeof(*g));
	g->how = ISN_PATTERN;
	g->gcd = 1;
	g->gcd_max = UINT32_MAX;
	if (how == OVER_ISN_RANDOM)
		g->how = ISN_RFC6528;
	else if (how == OVER_ISN_CONST) {
		g->how = ISN_CONST;
		g->first = value;
	} else if (how == OVER_ISN_TIME)
		step = 25000; /* in 0.1 s: RFC 793, 4 us a step */
	else
		g->gcd = 64000;
	for (i = 0; i < ISN_STEPS; i++)
		g->step[i] = step;
	/* first numbers made of the probe's go with the generator */
	for (i = 0; i < NSYNACK; i++) {
		a = synack(p, i, &offers, &mss);
		if (a != NULL)
			a->seq = NUM_OTHER;
	}
}

static void
set_finscan(struct img_persona *p, int works)
{
	struct img_answer *a = &p->answer[ANS_T2];
	const struct img_answer *closed = &p->answer[ANS_T7];

	if (works) {
		a->respond = RESPOND_NO;
		return;
	}
	if (a->respond != RESPOND_NO)
		return;
	if (closed->respond == RESPOND_NO)
		closed = &p->answer[ANS_T5];
	memset(a, 0, sizeof(*a));
	a->respond = RESPOND_YES;
	a->flags = RST | ACK;
	a->seq = NUM_ZERO;
	a->ack = NUM_SAME;
	a->mss_off = a->ts_off = a->ts2_off = NOWHERE;
	if (closed->respond != RESPOND_NO) {
		a->ttl = closed->ttl;
		a->df = closed->df;
		a->window = closed->window;
	} else {
		a->ttl = p->ttl;
		a->df = p->df_rst;
	}
}

static void
set_ecn(struct img_persona *p, uint8_t yes)
{
	struct img_answer *a = &p->answer[ANS_ECN];

	p->ecn = yes;
	if (a->respond == RESPOND_NO || (a->flags & RST))
		return;
	a->flags &= (uint8_t)~(ECE | CWR);
	if (yes)
		a->flags |= ECE;
}

int
persona_override(struct img_persona *p, const struct conf_over *o,
    const char **why)
{
#define HAS(id) (o->set & OVER_BIT(id))
	const uint32_t *v = o->v;

	*why = "its options would not fit into 40 bytes";
	if (HAS(OVER_SACK)) {
		if (v[OVER_SACK] == 0)
			refuse(p, OFFER_SACK);
		else if (agree(p, OFFER_SACK, 0) == -1)
			return -1;
	}
	if (HAS(OVER_TSRATE) && set_tsrate(p, v[OVER_TSRATE]) == -1)
		return -1;
	if (HAS(OVER_WSCALE) && set_wscale(p, (uint8_t)v[OVER_WSCALE]) == -1)
		return -1;
	if (HAS(OVER_MSS))
		set_mss(p, (uint16_t)v[OVER_MSS]);
	if (HAS(OVER_WINDOW))
		set_window(p, (uint16_t)v[OVER_WINDOW]);
	if (HAS(OVER_ECN))
		set_ecn(p, (uint8_t)v[OVER_ECN]);
	if (HAS(OVER_FINSCAN))
		set_finscan(p, v[OVER_FINSCAN] != 0);
	if (HAS(OVER_TTL))
		set_ttl(p, (uint8_t)v[OVER_TTL]);
	if (HAS(OVER_DF))
		set_df(p, (uint8_t)v[OVER_DF]);
	if (HAS(OVER_IPID))
		set_ipid(p, (uint8_t)v[OVER_IPID], o->ipid_value);
	if (HAS(OVER_ISN))
		set_isn(p, v[OVER_ISN], o->isn_value);
	if (HAS(OVER_FRAGMENT))
		p->frag_policy = (uint8_t)v[OVER_FRAGMENT];
	if (HAS(OVER_ICMPRATE)) {
		p->icmp_rate = (uint16_t)v[OVER_ICMPRATE];
		if (p->icmp_burst < p->icmp_rate)
			p->icmp_burst = 0; /* a second's worth */
	}
	*why = NULL;
	return 0;
#undef HAS
}

/*
 * nmap divides the first TSval by 2 below 5.66 a second, by 100 from 70 to
 * 150, by 1000 from 724 to 1448, else by the rate it measured in half a
 * second: a whole number of hertz, even, so that the half second has a whole
 * number of ticks.
 */
uint32_t
persona_uptime_rate(uint32_t mhz)
{
	if (mhz == 0 || mhz >= 1448000)
		return mhz;
	if (mhz < 5660)
		return 2000;
	if (mhz < 11300)
		return 8000; /* 10 Hz is now and then measured as 12 */
	if (mhz > 70000 && mhz < 150000)
		return 100000;
	if (mhz > 724000)
		return 1000000;
	return (mhz + 1000) / 2000 * 2000;
}
