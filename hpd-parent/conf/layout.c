/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the options of a persona's SYN/ACKs: agree to one more, or to one
 * less, in all answers at once, as the stack itself would lay them out.
 */
#include "layout.h"

#include <string.h>

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
_Static_assert(NPROBES + 16 == LAYOUTS, "LAYOUTS");

struct img_answer *
layout_synack(struct img_persona *p, unsigned i, uint8_t *offers, uint16_t *mss)
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
uint8_t
layout_option(const struct img_answer *a, uint8_t kind, uint8_t *end)
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

	layout_option(a, kind, &end);
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

void
layout_recount(struct img_answer *a)
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

void
layout_refuse(struct img_persona *p, uint8_t what)
{
	struct img_answer *a, had;
	const struct img_answer *with, *without;
	uint8_t offers;
	uint16_t mss;
	unsigned i;

	for (i = 0; i < NPROBES; i++) {
		a = layout_synack(p, i, &offers, &mss);
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
		layout_recount(a);
	}
	for (i = 0; i < 16; i++)
		if (i & what)
			p->answer[ANS_GEN + i] =
			    p->answer[ANS_GEN + (i & ~(unsigned)what)];
}

int
layout_agree(struct img_persona *p, uint8_t what, uint8_t shift)
{
	uint8_t kind = what == OFFER_TS ? OPT_TS :
	    what == OFFER_WS ? OPT_WS : OPT_SACK, offers;
	struct img_answer *a;
	uint16_t mss;
	unsigned i;

	for (i = 0; i < LAYOUTS; i++) {
		a = layout_synack(p, i, &offers, &mss);
		if (a == NULL || !(offers & what) || (a->agree & what))
			continue;
		if (append(a, kind, shift) == -1)
			return -1;
		a->agree |= what;
		if (what == OFFER_WS)
			a->wscale = shift;
		layout_recount(a);
	}
	return 0;
}
