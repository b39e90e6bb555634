/* SPDX-License-Identifier: ISC */
/*
 * A complete persona for tests that need one and do not care which: answers as
 * a recent Linux gives them (SYN/ACK options MSS SACK TS NOP WS, less what the
 * peer does not offer). Tests change what they are about.
 */
#ifndef PERSONA_FIX_H
#define PERSONA_FIX_H

#include <string.h>

#include "common/image.h"

#define PFIX_WINDOW 65160
#define PFIX_WSCALE 7
#define PFIX_MSS    1460

/* Options of a SYN/ACK to what is offered. */
static inline void
persona_fix_options(struct img_answer *a, uint8_t offer)
{
	static const uint8_t sack[2] = {4, 2}, ts[2] = {8, 10},
	    ws[4] = {1, 3, 3, PFIX_WSCALE},
	    mss[4] = {2, 4, PFIX_MSS >> 8, PFIX_MSS & 0xff};
	uint8_t *o = a->opts;
	uint8_t n = 4;

	memset(o, 0, sizeof(a->opts));
	memcpy(o, mss, 4);
	a->mss_off = 2;
	a->ts_off = a->ts2_off = 255;
	if ((offer & OFFER_SACK) == 0 || (offer & OFFER_TS) == 0)
		if (offer & (OFFER_SACK | OFFER_TS)) {
			o[n++] = 1;
			o[n++] = 1;
		}
	if (offer & OFFER_SACK) {
		memcpy(o + n, sack, 2);
		n += 2;
	}
	if (offer & OFFER_TS) {
		memcpy(o + n, ts, 2);
		a->ts_off = n + 2;
		n += 10;
	}
	if (offer & OFFER_WS) {
		memcpy(o + n, ws, 4);
		n += 4;
	}
	a->optlen = n;
	a->agree = offer;
	a->wscale = offer & OFFER_WS ? PFIX_WSCALE : 0;
	a->ts_form = offer & OFFER_TS ? TS_VALUE | TS_ECHO : 0;
}

static inline struct img_answer
persona_fix_answer(uint8_t flags, uint8_t seq, uint8_t ack, uint8_t ipid)
{
	struct img_answer a;

	memset(&a, 0, sizeof(a));
	a.respond = RESPOND_YES;
	a.flags = flags;
	a.seq = seq;
	a.ack = ack;
	a.df = 1;
	a.ttl = 64;
	a.mss_off = a.ts_off = a.ts2_off = 255;
	a.ipid = ipid;
	return a;
}

/* Everything but name, strings and line. */
static inline void
persona_fix(struct img_persona *p)
{
	static const uint8_t offers[7] = {15, 15, 15, OFFER_WS | OFFER_SACK |
	    OFFER_TS, 15, OFFER_MSS | OFFER_SACK | OFFER_TS,
	    OFFER_MSS | OFFER_WS | OFFER_SACK};
	struct img_answer *a = p->answer;
	uint8_t i;

	memset(p, 0, sizeof(*p));
	p->family = FAM_LINUX;
	p->ttl = 64;
	p->df_tcp = p->df_rst = 1;
	p->ts_mhz = 1000000;
	p->synack_retries = 5;
	p->data_retries = 8;
	p->rto_init_ms = 1000;
	p->rto_min_ms = 200;
	p->time_wait_s = 60;
	p->frag_timeout_s = 30;
	p->echo_ok = 1;
	for (i = 0; i < ANS_MAX; i++) {
		if (i > ANS_ECN && i < ANS_GEN)
			continue;
		a[i] = persona_fix_answer(0x12, NUM_OTHER, NUM_NEXT, 0);
		a[i].window = PFIX_WINDOW;
		persona_fix_options(&a[i], i >= ANS_GEN ? i - ANS_GEN
							: offers[i]);
	}
	a[ANS_T2] = a[ANS_T3] = persona_fix_answer(0, NUM_ZERO, NUM_ZERO, 0);
	a[ANS_T2].respond = a[ANS_T3].respond = RESPOND_NO;
	a[ANS_T4] = persona_fix_answer(0x04, NUM_SAME, NUM_ZERO, 0);
	a[ANS_T5] = persona_fix_answer(0x14, NUM_ZERO, NUM_NEXT, 1);
	a[ANS_T6] = persona_fix_answer(0x04, NUM_SAME, NUM_ZERO, 1);
	a[ANS_T7] = persona_fix_answer(0x14, NUM_ZERO, NUM_NEXT, 1);
	p->ipid[1].counter = 1;
	p->ipid[2].counter = 2;
	p->ipid[2].how = IPID_INCR;
	p->u1.respond = p->ie.respond = 1;
	p->u1.ttl = p->ie.ttl = 64;
	p->u1.ip_len = 356;
	p->ie.dfi = DFI_S;
	p->ie.cd = CD_S;
}

#endif
