/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the answers to SYNs of ordinary peers, by what they offer, made
 * of the fingerprint's layouts; and what a connection needs of them: own MSS,
 * whether it bows to the peer's, and windows that count segments.
 */
#include "fp.h"

#include <string.h>

#define SYN_ACK 0x12
#define ETHER_MSS 1460

/* A layout of which a connection's options can be taken. */
static const struct img_answer *
usable(const struct fp *f, unsigned id)
{
	const struct img_answer *a = &f->p->answer[id];

	if (a->respond == RESPOND_NO || (a->flags & 0x17) != SYN_ACK ||
	    a->window == 0)
		return NULL;
	return a;
}

/* Bytes back to text, as fp_opts_drop() takes them. */
static void
text_of(const struct img_answer *a, char out[FP_OPTS])
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t i = 0;
	size_t n = 0;
	int shift;
	uint16_t m;

	while (i < a->optlen && n + 8 < FP_OPTS) {
		switch (a->opts[i]) {
		case 0:
			out[n++] = 'L';
			i++;
			break;
		case 1:
			out[n++] = 'N';
			i++;
			break;
		case 2:
			m = (uint16_t)(a->opts[i + 2] << 8 | a->opts[i + 3]);
			out[n++] = 'M';
			for (shift = 12; shift >= 0; shift -= 4)
				if (m >> shift != 0 || shift == 0)
					out[n++] = digits[m >> shift & 15];
			i = (uint8_t)(i + 4);
			break;
		case 3:
			out[n++] = 'W';
			if (a->opts[i + 2] > 15)
				out[n++] = digits[a->opts[i + 2] >> 4];
			out[n++] = digits[a->opts[i + 2] & 15];
			i = (uint8_t)(i + 3);
			break;
		case 4:
			out[n++] = 'S';
			i = (uint8_t)(i + 2);
			break;
		default:
			out[n++] = 'T';
			out[n++] = a->ts_form & TS_VALUE ? '1' : '0';
			out[n++] = a->ts_form & TS_ECHO ? '1' : '0';
			i = (uint8_t)(i + 10);
			break;
		}
	}
	out[n] = '\0';
}

static uint16_t
mss_of(const struct img_answer *a)
{
	return a->mss_off == 255 ? 0 :
	    (uint16_t)(a->opts[a->mss_off] << 8 | a->opts[a->mss_off + 1]);
}

/* The layout whose peer offered most of what this one offers, but no
 * timestamps when this one has none: they change the padding. */
static const struct img_answer *
nearest(const struct fp *f, uint8_t offers)
{
	static const uint8_t order[2][8] = {
		{ ANS_ECN, 0, 1, 4, 2, 5, 3, 255 },
		{ 0, 1, 4, 5, 2, 3, ANS_ECN, 255 },
	};
	const uint8_t *o = order[offers & OFFER_TS ? 1 : 0];
	const struct img_answer *a, *best = NULL;
	unsigned i, n, most = 99;
	uint8_t has, missing, extra;

	for (i = 0; o[i] != 255; i++) {
		a = usable(f, o[i]);
		if (a == NULL)
			continue;
		has = fp_layout_offers(o[i]);
		missing = offers & (uint8_t)~has & 15;
		extra = has & (uint8_t)~offers & 15;
		n = (unsigned)(__builtin_popcount(missing) * 8 +
		    __builtin_popcount(extra));
		if (!(offers & OFFER_TS) && o[i] != ANS_ECN)
			n += 4;
		if (n < most) {
			most = n;
			best = a;
		}
	}
	return best;
}

/* How many segments the window is, as all answers agree; 0: it is not. */
static uint8_t
segments(const struct fp *f, uint8_t *less_ts)
{
	static const uint8_t ids[] = { 0, 1, 2, 3, 4, 5, ANS_ECN };
	const struct img_answer *a, *first = usable(f, ANS_SYN1);
	unsigned i, ts, k, m;

	for (ts = 0; ts < 2 && first != NULL; ts++) {
		m = mss_of(first);
		m -= ts && first->agree & OFFER_TS && m > 12 ? 12 : 0;
		if (m < 64 || first->window % m != 0)
			continue;
		k = first->window / m;
		for (i = 0; i < sizeof(ids); i++) {
			a = usable(f, ids[i]);
			if (a == NULL || mss_of(a) == 0)
				continue;
			m = mss_of(a);
			m -= ts && a->agree & OFFER_TS && m > 12 ? 12 : 0;
			if (a->window != k * m)
				break;
		}
		if (i < sizeof(ids) || k < 2 || k > 255)
			continue;
		*less_ts = (uint8_t)ts;
		return (uint8_t)k;
	}
	return 0;
}

/* The MSS of a layout's connection: the smaller of the probe's and ours. */
static unsigned
both_mss(const struct fp *f, unsigned id, unsigned ts)
{
	static const uint16_t probe[] = { ETHER_MSS, 1400, 640, 536, 536, 265,
		ETHER_MSS };
	const struct img_answer *a = &f->p->answer[id];
	unsigned m = mss_of(a) == 0 ? ETHER_MSS : mss_of(a);

	if (probe[id] < m)
		m = probe[id];
	return ts && a->agree & OFFER_TS && m > 24 ? m - 12 : m;
}

/* A buffer that is rounded up to whole segments (Solaris, Windows NT): what
 * all windows agree to, 0: nothing. *as_is: it is not for a peer that tells no
 * MSS (Tru64, OpenVMS), as the fourth layout does. */
static uint16_t
buffer(const struct fp *f, uint8_t *less_ts, int *as_is)
{
	static const uint8_t ids[] = { 0, 1, 2, 4, 5, ANS_ECN, 3 };
	const struct img_answer *a;
	unsigned i, ts, low, high, n, same;

	for (ts = 0; ts < 2; ts++) {
		low = n = same = 0;
		high = 65535;
		*as_is = 0;
		for (i = 0; i < sizeof(ids); i++) {
			a = usable(f, ids[i]);
			if (a == NULL || mss_of(a) > 65000)
				continue;
			if (ids[i] == 3 && a->window >= low &&
			    a->window <= high &&
			    a->window % both_mss(f, 3, ts) != 0) {
				low = high = a->window;
				*as_is = 1;
				continue;
			}
			if (a->window % both_mss(f, ids[i], ts) != 0)
				break;
			if (a->window - both_mss(f, ids[i], ts) + 1 > low)
				low = a->window - both_mss(f, ids[i], ts) + 1;
			same += a->window == high;
			if (a->window < high)
				high = a->window;
			n++;
		}
		if (i < sizeof(ids) || n < 5 || low > high || same == n - 1)
			continue;
		*less_ts = (uint8_t)ts;
		return (uint16_t)(high / 1024 * 1024 >= low ? high / 1024 * 1024
							    : high);
	}
	return 0;
}

static void
own_mss(struct fp *f)
{
	const struct img_answer *a = nearest(f, 15), *b = usable(f, 1),
				*c = usable(f, 4);
	uint16_t m = a != NULL ? mss_of(a) : 0;

	f->p->mss = m == ETHER_MSS || m == 0 ? 0 : m;
	f->p->mss_min = m > 1400 && b != NULL && c != NULL &&
	    mss_of(b) == 1400 && mss_of(c) == 536;
}

void
fp_generic(struct fp *f)
{
	const struct img_answer *like, *all;
	struct img_answer *g, keep;
	char text[FP_OPTS], less[FP_OPTS];
	uint16_t own, round = 0;
	int as_is = 0;
	uint8_t ts = 0, k = segments(f, &ts);
	unsigned o;

	if (k == 0)
		round = buffer(f, &ts, &as_is);
	own_mss(f);
	all = nearest(f, 15);
	own = all != NULL ? mss_of(all) : 0;
	for (o = 0; o < 16; o++) {
		like = nearest(f, (uint8_t)o);
		if (like == NULL)
			continue; /* as the family has it */
		g = &f->p->answer[ANS_GEN + o];
		keep = *like;
		text_of(like, text);
		fp_opts_drop(text, (uint8_t)o, less);
		*g = keep;
		g->respond = RESPOND_YES;
		g->flags = SYN_ACK;
		g->seq = NUM_OTHER;
		g->ack = NUM_NEXT;
		g->quirks &= ANQ_RESERVED | ANQ_URP;
		g->df = f->p->df_tcp;
		g->ttl = f->p->ttl;
		g->ipid = 0;
		g->datalen = 0;
		memset(g->data, 0, sizeof(g->data));
		/* the peers of layouts 2..6 had odd MSSs: their windows hold
		 * only if they count segments */
		if (all != NULL && o & OFFER_TS)
			g->window = all->window;
		if (fp_opts_set(g, less) == 0 && own != 0 &&
		    g->mss_off != 255) {
			g->opts[g->mss_off] = (uint8_t)(own >> 8);
			g->opts[g->mss_off + 1] = (uint8_t)own;
		}
		g->win_mss = k;
		if (ts && (k || round))
			g->quirks |= ANQ_WIN_TS;
		if (round)
			g->window = round;
		if (round && !(as_is && !(o & OFFER_MSS)))
			g->quirks |= ANQ_WIN_UP;
	}
}
