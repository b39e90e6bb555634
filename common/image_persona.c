/* SPDX-License-Identifier: ISC */
/*
 * What stands inside a persona: habits, answers as they go out, generators,
 * ICMP. Runs wherever an image is taken. hpd-net copies options and patches
 * them at the offsets given without looking again, so every one is compared
 * here.
 */
#include "image_int.h"

#define VALUE(cond)                                                          \
	do {                                                                 \
		if (!(cond))                                                 \
			return IMAGE_E_VALUE;                                \
	} while (0)

#define OFFERS	(OFFER_MSS | OFFER_WS | OFFER_SACK | OFFER_TS)
#define QUIRKS	(ANQ_RESERVED | ANQ_URP | ANQ_WIN_TS | ANQ_WIN_UP)
#define TS_FORM (TS_VALUE | TS_ECHO)
#define TH_RST	0x04
#define TH_OPEN 0x17 /* FIN SYN RST ACK: of these SYN and ACK open something */
#define TH_SYNACK 0x12

/* n bytes at off within len, or none (255). */
static int
within(uint8_t off, uint8_t n, uint8_t len)
{
	return off == 255 || (off < len && n <= len - off);
}

static int
check_answer(const struct img_answer *a)
{
	VALUE(a->respond <= RESPOND_REPEAT && a->reserved == 0);
	VALUE(a->seq <= NUM_OTHER && a->ack <= NUM_OTHER);
	VALUE(a->df <= 1 && a->ttl != 0);
	VALUE((a->quirks & ~QUIRKS) == 0 && (a->agree & ~OFFERS) == 0);
	VALUE((a->ts_form & ~TS_FORM) == 0);
	VALUE(a->wscale <= 14); /* RFC 7323 2.3 */
	VALUE(a->optlen <= sizeof(a->opts) && a->optlen % 4 == 0);
	VALUE(within(a->mss_off, 2, a->optlen));
	VALUE(within(a->ts_off, 8, a->optlen));
	VALUE(within(a->ts2_off, 8, a->optlen));
	VALUE(a->ts_off != 255 || a->ts2_off == 255);
	VALUE(a->datalen == 0 || (a->datalen == 4 && a->flags & TH_RST));
	VALUE(a->ipid <= 3);
	return IMAGE_OK;
}

static int
check_answers(const struct img_persona *p)
{
	const struct img_answer *a;
	int i, err;

	for (i = 0; i < ANS_MAX; i++) {
		a = &p->answer[i];
		if ((err = check_answer(a)) != IMAGE_OK)
			return err;
		VALUE(a->respond != RESPOND_REPEAT || i <= ANS_SYN6);
		if (i < ANS_GEN)
			continue;
		/* what ordinary clients get opens a connection, and agrees to
		 * no more than they offered; an MSS is always told */
		VALUE(a->respond == RESPOND_YES && a->ack == NUM_NEXT &&
		    (a->flags & TH_OPEN) == TH_SYNACK);
		VALUE((a->agree & ~(i - ANS_GEN) & ~OFFER_MSS) == 0);
		VALUE(a->mss_off != 255 || !(a->agree & OFFER_MSS));
	}
	return IMAGE_OK;
}

static int
check_generators(const struct img_persona *p)
{
	const struct img_isn_gen *g = &p->isn_gen;
	const struct img_ipid_use *u;
	int i;

	for (i = 0; i < 3; i++) {
		u = &p->ipid[i];
		VALUE(u->how < IPID_MAX && u->counter <= 2);
		VALUE(u->how == IPID_CONST || u->lo <= u->hi);
	}
	VALUE(g->how < ISN_MAX);
	VALUE(g->hashed <= 1 && g->reserved[0] == 0 && g->reserved[1] == 0);
	if (g->how != ISN_PATTERN)
		return IMAGE_OK;
	VALUE(g->gcd >= 1 && g->gcd_max >= g->gcd);
	for (i = 0; i < ISN_STEPS; i++)
		VALUE(g->step[i] >= 1 &&
		    (uint64_t)g->step[i] * g->gcd <= 0x80000000u);
	return IMAGE_OK;
}

static int
check_icmp(const struct img_persona *p)
{
	const struct img_unreach *u = &p->u1;
	const struct img_echo *e = &p->ie;

	VALUE(u->respond <= 1 && u->df <= 1 && u->ttl != 0);
	VALUE(u->ripl <= QUOTE_BAD && u->rid <= QUOTE_BAD &&
	    u->ripck <= QUOTE_BAD && u->ruck <= QUOTE_BAD);
	VALUE(u->rud <= 1 && u->pad <= 1 && u->len_swap <= 1);
	VALUE(u->reserved[0] == 0 && u->reserved[1] == 0);
	VALUE(e->respond <= 1 && e->dfi <= DFI_O && e->cd <= CD_O);
	VALUE(e->ttl != 0 && e->reserved[0] == 0 && e->reserved[1] == 0 &&
	    e->reserved[2] == 0);
	return IMAGE_OK;
}

/* What it does besides answering probes. */
static int
check_traffic(const struct img_persona *p)
{
	VALUE(p->family < FAM_MAX && p->ttl != 0);
	VALUE(p->df_tcp <= 1 && p->df_rst <= 1 && p->df_udp <= 1);
	VALUE(p->ecn <= 1 && p->mss_min <= 1);
	VALUE(p->mss == 0 || p->mss >= 48);
	VALUE(p->ts_const <= 1 && p->ts_log2 <= 34);
	VALUE(p->reserved0[0] == 0 && p->reserved0[1] == 0);
	VALUE(p->frag_policy <= 5 && p->echo_ok <= 1 &&
	    p->timestamp_ok <= 1 && p->mask_ok <= 1 && p->info_ok <= 1);
	return IMAGE_OK;
}

static int
check_habits(const struct img_persona *p)
{
	VALUE(p->rto_init_ms != 0 && p->psh_each <= 1);
	VALUE(p->give_up <= (GIVEUP_SYNACK | GIVEUP_DATA));
	VALUE(p->backoff_max <= 16 && p->persist_byte <= 1);
	VALUE(p->tw_refuse <= (TWR_SEQ | TWR_TS) && p->tw_else <= TW_RST);
	VALUE(p->lax <= (LAX_SYN | LAX_RST) && p->fin_alone <= 1 &&
	    p->rst_unread <= 1 && p->nagle <= NAGLE_OFF &&
	    p->loss_probe <= 1);
	VALUE(p->reserved1[0] == 0 && p->reserved1[1] == 0 &&
	    p->reserved1[2] == 0);
	return IMAGE_OK;
}

int
image_check_persona(const struct img_persona *p)
{
	static int (*const steps[])(const struct img_persona *) = {
	    check_traffic, check_habits, check_answers, check_generators,
	    check_icmp};
	size_t i;
	int err;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if ((err = steps[i](p)) != IMAGE_OK)
			return err;
	return IMAGE_OK;
}
