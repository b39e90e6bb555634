/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: overrides on a finished persona. Each changes every field that
 * speaks of the same thing, so that no answer contradicts another. Works on
 * the record alone; knows nothing of files or templates.
 */
#include "layout.h"
#include "over.h"

#include <string.h>

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

	for (i = 0; i < LAYOUTS; i++) {
		a = layout_synack(p, i, &offers, &mss);
		if (a == NULL)
			continue;
		a->window = window;
		a->win_mss = 0;
		a->quirks &= (uint8_t)~(ANQ_WIN_TS | ANQ_WIN_UP);
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
	for (i = 0; i < LAYOUTS; i++) {
		a = layout_synack(p, i, &offers, &mss);
		if (a == NULL || a->mss_off == NOWHERE)
			continue;
		if (!p->mss_min || mss > own)
			mss = own;
		a->opts[a->mss_off] = (uint8_t)(mss >> 8);
		a->opts[a->mss_off + 1] = (uint8_t)mss;
		layout_recount(a);
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
		layout_refuse(p, OFFER_WS);
		return 0;
	}
	if (layout_agree(p, OFFER_WS, shift) == -1)
		return -1;
	for (i = 0; i < LAYOUTS; i++) {
		a = layout_synack(p, i, &offers, &mss);
		if (a == NULL || !(a->agree & OFFER_WS))
			continue;
		at = layout_option(a, OPT_WS, &end);
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
	p->ts_const = p->ts_log2 = 0;
	if (mhz == 0) {
		layout_refuse(p, OFFER_TS);
		for (i = 0; i < ANS_MAX; i++)
			p->answer[i].ts_form = 0;
		return 0;
	}
	for (i = 0; i < ANS_MAX; i++)
		if (p->answer[i].ts_off != NOWHERE &&
		    (p->answer[i].agree & OFFER_TS))
			p->answer[i].ts_form |= TS_VALUE | TS_ECHO;
	return layout_agree(p, OFFER_TS, 0);
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

/* RFC 6528 has no steps: these are what a prediction takes for chance. */
static const struct img_isn_gen isns[] = {
	[OVER_ISN_RANDOM] = { .how = ISN_RFC6528, .hashed = 1, .gcd = 1,
	    .gcd_max = 1, .step = { 0x70000000, 0x20000000, 0x58000000,
	    0x18000000, 0x40000000 } },
	[OVER_ISN_CONST] = { .how = ISN_CONST, .gcd = 1, .gcd_max = 1,
	    .step = { 1, 1, 1, 1, 1 } },
	/* in 0.1 s; RFC 793: one in 4 us */
	[OVER_ISN_TIME] = { .how = ISN_PATTERN, .gcd = 1,
	    .gcd_max = UINT32_MAX, .step = { 25000, 25000, 25000, 25000,
	    25000 } },
	[OVER_ISN_64K] = { .how = ISN_PATTERN, .gcd = 64000,
	    .gcd_max = 320000, .step = { 1, 1, 1, 1, 1 } },
};

static void
set_isn(struct img_persona *p, uint32_t how, uint32_t value)
{
	struct img_answer *a;
	uint8_t offers;
	uint16_t mss;
	unsigned i;

	p->isn_gen = isns[how];
	p->isn_gen.first = value;
	/* first numbers made of the probe's go with the generator */
	for (i = 0; i < LAYOUTS; i++) {
		a = layout_synack(p, i, &offers, &mss);
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
			layout_refuse(p, OFFER_SACK);
		else if (layout_agree(p, OFFER_SACK, 0) == -1)
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
