/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the fields of a persona that are to go, from those that replace
 * them.
 */
#include "fp.h"

#include <string.h>

static void
options(struct img_persona *p, const struct img_answer *a)
{
	static const uint8_t kinds[] = { OPTL_EOL, OPTL_NOP, OPTL_MSS, OPTL_WS,
		OPTL_SACK, 0, 0, 0, OPTL_TS };
	size_t n = 0;
	uint8_t i = 0;

	memset(p->synack_opts, 0, sizeof(p->synack_opts));
	while (i < a->optlen && n + 1 < sizeof(p->synack_opts)) {
		p->synack_opts[n++] = a->opts[i] <= 8 ? kinds[a->opts[i]] : 0;
		i = (uint8_t)(a->opts[i] < 2 ? i + 1 : i + a->opts[i + 1]);
	}
	p->wscale = a->agree & OFFER_WS ? a->wscale : 255;
}

void
fp_old(struct img_persona *p)
{
	const struct img_answer *g = &p->answer[ANS_GEN + 15], *a;
	struct img_reply *r;
	uint8_t how[3];
	uint64_t mean = 0;
	unsigned i;

	for (i = 0; i < REPLY_MAX; i++) {
		r = &p->reply[i];
		a = &p->answer[ANS_T2 + i];
		r->respond = a->respond != RESPOND_NO;
		r->flags = a->flags & 0x7f;
		r->seq = a->seq;
		r->ack = a->ack;
		r->window = a->window;
		r->df = a->df;
		r->ttl = a->ttl;
	}
	p->ttl_icmp = p->ie.ttl;
	p->ttl_unreach = p->u1.ttl;
	p->df_icmp = p->ie.dfi == DFI_Y;
	p->df_unreach = p->u1.df;
	p->echo_code = p->ie.cd == CD_S || p->ie.cd == CD_O;
	p->quote_len = (uint16_t)(p->u1.ip_len > 56 ? p->u1.ip_len - 28 : 28);
	p->window = g->window;
	options(p, g);
	for (i = 0; i < 3; i++)
		how[i] = p->ipid[i].how == IPID_ODD ? IPID_INCR :
						      p->ipid[i].how;
	p->ipid_tcp = how[0];
	p->ipid_rst = how[1];
	p->ipid_icmp = how[2];
	p->ipid_shared = p->ipid[2].counter == 0;
	for (i = 0; i < ISN_STEPS; i++)
		mean += (uint64_t)p->isn_gen.step[i] * p->isn_gen.gcd / 5;
	p->isn_rate = (uint32_t)(mean * 10 > UINT32_MAX ? UINT32_MAX :
							  mean * 10);
	p->isn_gcd = p->isn_gen.gcd ? p->isn_gen.gcd : 1;
	p->isn = p->isn_gen.how == ISN_CONST ? ISN_CONST :
	    p->isn_gen.hashed ? ISN_RFC6528 :
	    p->isn_gcd == 64000 ? ISN_64K :
	    p->isn_gcd > 9 ? ISN_TIME : ISN_RANDINC;
}
