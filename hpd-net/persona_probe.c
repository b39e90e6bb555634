/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: probes known by their shape. A stack answers by what it is asked,
 * so nearly all of this is flags and offered options; the bytes of nmap's own
 * layouts matter because its table tells their answers one by one, some of
 * which (silence, RST, odd flags) would leave a decoy without a usable port.
 * Must never answer an ordinary client otherwise than ANS_GEN says.
 */
#include "persona_probe.h"

#include <string.h>

#include "../common/buf.h"

#define NMAP_TSVAL	0xffffffffu
#define NMAP_ECN_WINDOW 3

#define TSOPT 8, 10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0
static const struct layout {
	uint8_t len;
	uint8_t opt[20];
} layouts[6] = {
	{20, {3, 3, 10, 1, 2, 4, 0x05, 0xb4, TSOPT, 4, 2}},
	{20, {2, 4, 0x05, 0x78, 3, 3, 0, 4, 2, TSOPT, 0}},
	{20, {TSOPT, 1, 1, 3, 3, 5, 1, 2, 4, 0x02, 0x80}},
	{16, {4, 2, TSOPT, 3, 3, 10, 0}},
	{20, {2, 4, 0x02, 0x18, 4, 2, TSOPT, 3, 3, 10, 0}},
	{16, {2, 4, 0x01, 0x09, 4, 2, TSOPT}},
};
static const uint8_t ecn_opt[12] = {3, 3, 10, 1, 2, 4, 0x05, 0xb4, 4, 2, 1, 1};
static const uint8_t t5_opt[20] = {3, 3, 10, 1, 2, 4, 0x01, 0x09, TSOPT, 4, 2};

static const uint8_t *
options(const struct seg *s)
{
	return s->data - s->optlen;
}

static uint8_t
offered(const struct seg *s)
{
	return (uint8_t)(ANS_GEN + (s->o.has_mss ? OFFER_MSS : 0) +
	    (s->o.wscale != 255 ? OFFER_WS : 0) +
	    (s->o.sack_ok ? OFFER_SACK : 0) + (s->o.has_ts ? OFFER_TS : 0));
}

uint8_t
persona_syn(const struct seg *s)
{
	uint8_t i, ecn = s->flags & (TH_ECE | TH_CWR);

	if (s->o.has_ts && s->o.tsval == NMAP_TSVAL && ecn == 0) {
		for (i = 0; i < 6; i++)
			if (s->optlen == layouts[i].len &&
			    memcmp(options(s), layouts[i].opt,
				s->optlen) == 0)
				return (uint8_t)(ANS_SYN1 + i);
	} else if (ecn == (TH_ECE | TH_CWR) &&
	    s->window == NMAP_ECN_WINDOW && s->optlen == sizeof(ecn_opt) &&
	    memcmp(options(s), ecn_opt, sizeof(ecn_opt)) == 0)
		return ANS_ECN;
	return offered(s);
}

uint8_t
persona_stray(const struct seg *s, int open)
{
	if (s->flags & TH_ACK)
		return open ? ANS_T4 : ANS_T6;
	if (open)
		return s->flags & TH_SYN ? ANS_T3 : ANS_T2;
	return s->flags & TH_SYN ? ANS_T5 : ANS_T7;
}

/*
 * nmap sends each layout in its first phase with a sequence number of its own,
 * S0 + 0 .. 5, and again, if no answer came, with S0. The first one tells S0.
 */
static int
is_repeat(struct host *h, const struct seg *s, uint8_t id)
{
	if (h->probe_seq == s->seq)
		return 1;
	if (id == ANS_SYN1)
		h->probe_seq = s->seq;
	return 0;
}

/* Does a client that gets this know that the port is closed? */
static int
refuses(const struct img_answer *a)
{
	return a->respond != RESPOND_NO && a->ack == NUM_NEXT &&
	    (a->flags & (TH_SYN | TH_RST | TH_ACK)) == (TH_RST | TH_ACK);
}

/* For SYNs to closed ports when the table has silence, or what no client takes
 * for a refusal: such a stack still refused those by which nmap found the port
 * closed. */
static const struct img_answer *
refusal(const struct seg *s, const struct img_answer *t5)
{
	static struct img_answer a = {.respond = RESPOND_YES,
	    .mss_off = 255,
	    .ts_off = 255,
	    .ts2_off = 255,
	    .ipid = 1};

	if (s->optlen == sizeof(t5_opt) &&
	    memcmp(options(s), t5_opt, sizeof(t5_opt)) == 0)
		return t5->respond == RESPOND_NO ? NULL : t5;
	a.flags = TH_RST | TH_ACK;
	a.ack = NUM_NEXT;
	a.df = t5->respond == RESPOND_NO ? s->h->p->df_rst : t5->df;
	a.ttl = t5->respond == RESPOND_NO ? s->h->p->ttl : t5->ttl;
	a.window = t5->respond == RESPOND_NO ? 0 : t5->window;
	return &a;
}

const struct img_answer *
persona_answer(const struct seg *s, uint8_t id)
{
	const struct img_answer *a = &s->h->p->answer[id];

	/* A round of nmap's begins: counters that a port scan drove beyond
	 * their window must not run over in it. */
	if (id == ANS_SYN1)
		host_ipid_rest(s->h);
	if (id == ANS_T5 && !refuses(a))
		return refusal(s, a);
	switch (a->respond) {
	case RESPOND_NO:
		return NULL;
	case RESPOND_REPEAT:
		return id > ANS_SYN6 || is_repeat(s->h, s, id) ? a : NULL;
	default:
		return a;
	}
}

int
persona_opens(const struct img_answer *a)
{
	return (a->flags & (TH_SYN | TH_ACK | TH_RST | TH_FIN)) ==
	    (TH_SYN | TH_ACK) && a->ack == NUM_NEXT;
}
