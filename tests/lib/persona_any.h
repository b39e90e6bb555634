/* SPDX-License-Identifier: ISC */
/*
 * Any persona that image_check_persona() lets through, from a number: for
 * tests that want hpd-net to meet what no table holds yet.
 */
#ifndef PERSONA_ANY_H
#define PERSONA_ANY_H

#include <string.h>

#include "common/image.h"

static inline uint32_t
any_rnd(uint64_t *s, uint32_t below)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return (uint32_t)(*s >> 32) % below;
}

/* Where n bytes of optlen may lie, or nowhere. */
static inline uint8_t
any_off(uint64_t *s, uint8_t optlen, uint8_t n)
{
	if (optlen < n || any_rnd(s, 3) == 0)
		return 255;
	return (uint8_t)any_rnd(s, optlen - n + 1u);
}

static inline void
any_answer(struct img_answer *a, int id, uint64_t *s)
{
	uint8_t i;

	memset(a, 0, sizeof(*a));
	a->respond = (uint8_t)any_rnd(s, id <= ANS_SYN6 ? 3 : 2);
	a->flags = (uint8_t)any_rnd(s, 256);
	a->seq = (uint8_t)any_rnd(s, 4);
	a->ack = (uint8_t)any_rnd(s, 4);
	a->window = (uint16_t)any_rnd(s, 65536);
	a->df = (uint8_t)any_rnd(s, 2);
	a->ttl = (uint8_t)(1 + any_rnd(s, 255));
	a->quirks = (uint8_t)any_rnd(s, 16);
	a->agree = (uint8_t)any_rnd(s, 16);
	a->wscale = (uint8_t)any_rnd(s, 15);
	a->win_mss = (uint8_t)(any_rnd(s, 2) ? any_rnd(s, 256) : 0);
	a->optlen = (uint8_t)(4 * any_rnd(s, 11));
	for (i = 0; i < a->optlen; i++)
		a->opts[i] = (uint8_t)any_rnd(s, any_rnd(s, 2) ? 256 : 12);
	a->mss_off = any_off(s, a->optlen, 2);
	a->ts_off = any_off(s, a->optlen, 8);
	a->ts2_off = a->ts_off == 255 ? 255 : any_off(s, a->optlen, 8);
	a->ts_form = (uint8_t)any_rnd(s, 4);
	a->datalen = a->flags & 4 && any_rnd(s, 2) ? 4 : 0;
	a->ipid = (uint8_t)any_rnd(s, 4);
	if (id < ANS_GEN)
		return;
	a->respond = RESPOND_YES;
	a->ack = NUM_NEXT;
	a->flags = (uint8_t)((a->flags & ~0x17) | 0x12);
	a->agree &= (uint8_t)((id - ANS_GEN) | OFFER_MSS);
	a->datalen = 0;
	if (a->mss_off == 255)
		a->agree &= (uint8_t)~OFFER_MSS;
}

static inline void
any_generators(struct img_persona *p, uint64_t *s)
{
	struct img_isn_gen *g = &p->isn_gen;
	struct img_ipid_use *u;
	uint16_t t;
	int i;

	for (i = 0; i < 3; i++) {
		u = &p->ipid[i];
		u->how = (uint8_t)any_rnd(s, IPID_MAX);
		u->counter = (uint8_t)any_rnd(s, 3);
		u->lo = (uint16_t)any_rnd(s, any_rnd(s, 2) ? 2 : 65536);
		u->hi = (uint16_t)any_rnd(s, any_rnd(s, 2) ? 2 : 65536);
		if (u->how != IPID_CONST && u->lo > u->hi) {
			t = u->lo;
			u->lo = u->hi;
			u->hi = t;
		}
	}
	memset(g, 0, sizeof(*g));
	g->how = (uint8_t)any_rnd(s, ISN_MAX);
	g->hashed = (uint8_t)any_rnd(s, 2);
	g->gcd = 1 + any_rnd(s, any_rnd(s, 2) ? 10 : 70000);
	g->gcd_max = g->gcd * (1 + any_rnd(s, 9));
	g->first = any_rnd(s, 2) ? any_rnd(s, UINT32_MAX) : 0;
	for (i = 0; i < ISN_STEPS; i++)
		g->step[i] = 1 + any_rnd(s, any_rnd(s, 2) ?
		    100 : 0x80000000u / g->gcd);
}

static inline void
any_icmp(struct img_persona *p, uint64_t *s)
{
	struct img_unreach *u = &p->u1;
	struct img_echo *e = &p->ie;

	memset(u, 0, sizeof(*u));
	u->respond = (uint8_t)any_rnd(s, 2);
	u->df = (uint8_t)any_rnd(s, 2);
	u->ttl = (uint8_t)(1 + any_rnd(s, 255));
	u->tos = (uint8_t)any_rnd(s, 256);
	u->ip_len = (uint16_t)any_rnd(s, any_rnd(s, 2) ? 600 : 65536);
	u->unused = (uint16_t)any_rnd(s, 65536);
	u->ripl_value = u->rid_value = (uint16_t)any_rnd(s, 65536);
	u->ruck_value = (uint16_t)any_rnd(s, 65536);
	u->ripl = (uint8_t)any_rnd(s, 5);
	u->rid = (uint8_t)any_rnd(s, 5);
	u->ripck = (uint8_t)any_rnd(s, 5);
	u->ruck = (uint8_t)any_rnd(s, 5);
	u->rud = (uint8_t)any_rnd(s, 2);
	u->ttl_add = (uint8_t)any_rnd(s, 256);
	u->pad = (uint8_t)any_rnd(s, 2);
	u->len_swap = (uint8_t)any_rnd(s, 2);
	memset(e, 0, sizeof(*e));
	e->respond = (uint8_t)any_rnd(s, 2);
	e->dfi = (uint8_t)any_rnd(s, 4);
	e->cd = (uint8_t)any_rnd(s, 4);
	e->cd_value = (uint8_t)any_rnd(s, 256);
	e->ttl = (uint8_t)(1 + any_rnd(s, 255));
}

static inline void
any_habits(struct img_persona *p, uint64_t *s)
{
	p->synack_retries = (uint8_t)any_rnd(s, 9);
	p->data_retries = (uint8_t)any_rnd(s, 16);
	p->rto_init_ms = (uint16_t)(1 + any_rnd(s, 65535));
	p->rto_min_ms = (uint16_t)any_rnd(s, 65536);
	p->icmp_rate = (uint16_t)any_rnd(s, any_rnd(s, 2) ? 3 : 65536);
	p->icmp_burst = (uint16_t)any_rnd(s, any_rnd(s, 2) ? 3 : 65536);
	p->frag_policy = (uint8_t)any_rnd(s, 6);
	p->echo_ok = (uint8_t)any_rnd(s, 2);
	p->timestamp_ok = (uint8_t)any_rnd(s, 2);
	p->mask_ok = (uint8_t)any_rnd(s, 2);
	p->info_ok = (uint8_t)any_rnd(s, 2);
	p->psh_each = (uint8_t)any_rnd(s, 2);
	p->frag_timeout_s = (uint16_t)any_rnd(s, 120);
	p->time_wait_s = (uint16_t)any_rnd(s, 240);
	p->synack_life_s = (uint8_t)any_rnd(s, 256);
	p->give_up = (uint8_t)any_rnd(s, 4);
	p->rto_max_s = (uint8_t)any_rnd(s, 256);
	p->backoff_max = (uint8_t)any_rnd(s, 17);
	p->orphan_retries = (uint8_t)any_rnd(s, 9);
	p->persist_ms = (uint16_t)any_rnd(s, 65536);
	p->persist_max_s = (uint8_t)any_rnd(s, 256);
	p->persist_byte = (uint8_t)any_rnd(s, 2);
	p->fin_wait_s = (uint16_t)any_rnd(s, 700);
	p->tw_refuse = (uint8_t)any_rnd(s, 4);
	p->tw_else = (uint8_t)any_rnd(s, 3);
	p->lax = (uint8_t)any_rnd(s, 4);
	p->fin_alone = (uint8_t)any_rnd(s, 2);
	p->rst_unread = (uint8_t)any_rnd(s, 2);
	p->quick_acks = (uint8_t)any_rnd(s, 256);
	p->delack_ms = (uint16_t)any_rnd(s, 600);
	p->ack_every = (uint8_t)any_rnd(s, 256);
	p->init_cwnd = (uint8_t)any_rnd(s, 256);
	p->nagle = (uint8_t)any_rnd(s, 3);
	p->loss_probe = (uint8_t)any_rnd(s, 2);
}

/* Everything but name and line. */
static inline void
persona_any(struct img_persona *p, uint64_t seed)
{
	uint64_t s = (seed ^ 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL | 1;
	int i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < 8; i++)
		(void)any_rnd(&s, 2);
	p->family = (uint8_t)any_rnd(&s, FAM_MAX);
	p->ttl = (uint8_t)(1 + any_rnd(&s, 255));
	p->df_tcp = (uint8_t)any_rnd(&s, 2);
	p->df_rst = (uint8_t)any_rnd(&s, 2);
	p->df_udp = (uint8_t)any_rnd(&s, 2);
	p->ecn = (uint8_t)any_rnd(&s, 2);
	p->mss_min = (uint8_t)any_rnd(&s, 2);
	p->mss = (uint16_t)(any_rnd(&s, 2) ? 48 + any_rnd(&s, 65488) : 0);
	p->ts_mhz = any_rnd(&s, 2) ? any_rnd(&s, UINT32_MAX) : 0;
	p->ts_const = (uint8_t)any_rnd(&s, 2);
	p->ts_log2 = (uint8_t)(any_rnd(&s, 2) ? any_rnd(&s, 35) : 0);
	any_habits(p, &s);
	any_generators(p, &s);
	any_icmp(p, &s);
	for (i = 0; i < ANS_MAX; i++)
		any_answer(&p->answer[i], i, &s);
}

#endif
