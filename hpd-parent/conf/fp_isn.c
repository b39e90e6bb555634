/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: five differences of initial sequence numbers, used in turn, that
 * make nmap compute a wanted GCD, ISR and SP from any answers in a row. The
 * differences are multiples of the GCD; their mean makes ISR, their standard
 * deviation SP. Three shapes are tried: D+S and D-S in turn, one high and four
 * low (a deviation up to sqrt(5) times the mean), and all small multipliers.
 */
#include "fp_isn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GCDS	  32 /* candidates */
#define MULTIPLES 64 /* of a GCD that are asked for */
#define QUIET	  80 /* ISR may be so much above SP: 2^-10 of the rate */

/* The middle of what is accepted, or what is wanted. */
static int
middle(const uint8_t ok[SEQ_TOP], int want)
{
	int i, lo = -1, hi = -1;

	if (want >= 0 && want < SEQ_TOP && ok[want])
		return want;
	for (i = 0; i < SEQ_TOP; i++)
		if (ok[i]) {
			if (lo == -1)
				lo = i;
			else if (i > hi + 1)
				break; /* another range */
			hi = i;
		}
	return lo == -1 ? 0 : hi == -1 ? lo : (lo + hi) / 2;
}

static void
add_gcd(uint32_t *g, unsigned *n, uint64_t v)
{
	unsigned i;

	for (i = 0; i < *n; i++)
		if (g[i] == v)
			return;
	if (*n < GCDS && v > 0 && v <= DIFF_MAX)
		g[(*n)++] = (uint32_t)v;
}

/* Large ones rise first: SP is divided by those, so that jitter counts less;
 * then small ones. */
static int
gcd_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if ((x > 9) != (y > 9))
		return x > 9 ? -1 : 1;
	return x < y ? -1 : x > y;
}

static unsigned
gcds_of(const char *x, uint32_t g[GCDS])
{
	unsigned n = 0, i, k;
	const char *s = x;
	uint64_t v, hi;
	char *end;

	if (x == NULL) {
		g[0] = 1;
		return 1;
	}
	for (;; s = end + 1) {
		k = *s == '<' || *s == '>';
		v = strtoull(s + k, &end, 16);
		if (*s == '>')
			for (i = 0, v++; i < 4; i++, v = v * 4 + 1)
				add_gcd(g, &n, v);
		else if (*end == '-') {
			hi = strtoull(end + 1, &end, 16);
			for (i = 0; i < 9 && v + i <= hi; i++)
				add_gcd(g, &n, v + i);
			add_gcd(g, &n, (v + hi) / 2);
			add_gcd(g, &n, hi);
		} else
			add_gcd(g, &n, k ? v - 1 : v);
		if (*end != '|')
			break;
	}
	for (i = k = 0; i < n; i++)
		if (fp_accepts(x, g[i]))
			g[k++] = g[i];
	qsort(g, k, sizeof(*g), gcd_order);
	return k;
}

/* Start on a GCD: the largest divisor that will do is a multiple of it. SP is
 * no smaller than the jitter of time stamps at the mean rate: where ISR leaves
 * the choice the rate is one at which the jitter does not count. */
static void
start(struct fp_want *w, uint32_t g, int isr_mid)
{
	int limit = w->sp_hi + QUIET + (g > 9 ? (int)(8 * log2(g)) : 0);
	uint64_t m;

	w->isr_mid = isr_mid;
	if (isr_mid > limit)
		w->isr_mid = limit > w->isr_lo ? limit : w->isr_lo;

	for (m = 2; m < MULTIPLES && g * m <= DIFF_MAX &&
	    fp_accepts(w->gcd, (uint32_t)(g * m)); m++)
		;
	memset(&w->gen, 0, sizeof(w->gen));
	w->gen.how = ISN_PATTERN;
	w->gen.gcd = g;
	w->gen.gcd_max = (uint32_t)(g * (m - 1));
}

static void
limits(struct fp_want *w, const char *isr, const char *sp)
{
	int i;

	w->isr_lo = -1;
	for (i = 0; i < SEQ_TOP; i++) {
		w->isr[i] = (uint8_t)fp_accepts(isr, (uint32_t)i);
		w->sp[i] = (uint8_t)fp_accepts(sp, (uint32_t)i);
		w->nisr += w->isr[i];
		w->nsp += w->sp[i];
		if (w->sp[i])
			w->sp_hi = i;
		if (w->isr[i]) {
			w->isr_hi = i;
			if (w->isr_lo == -1)
				w->isr_lo = i;
		}
	}
}

int
fp_isn_solve(const char *gcd, const char *isr, const char *sp, int want_isr,
    int want_sp, unsigned nd, struct img_isn_gen *gen)
{
	uint32_t g[GCDS];
	struct fp_want w;
	unsigned i, n;
	double mean;
	int mid;

	memset(&w, 0, sizeof(w));
	w.gcd = gcd;
	w.nd = nd < 3 ? 3 : nd > ISN_STEPS ? ISN_STEPS : nd;
	w.least = FP_TRIALS + 1;
	limits(&w, isr, sp);
	mid = middle(w.isr, want_isr);
	w.sp_mid = middle(w.sp, want_sp);
	mean = exp2(w.isr_hi / 8.0) / 10;
	n = gcds_of(gcd, g);
	for (i = 0; i < n && w.least > 0; i++) {
		if (mean < g[i])
			continue; /* more than the differences are */
		start(&w, g[i], mid);
		if (mean / g[i] < 16 && fp_isn_small(&w))
			break;
		if (w.least > 0 && fp_isn_shape(&w))
			break;
		if (w.least < FP_TRIALS / 4)
			break;
	}
	if (w.least > FP_TRIALS)
		return -1;
	if (w.least > 0)
		fp_isn_turn(&w);
	*gen = w.best;
	return (int)w.least;
}

/* --- of a fingerprint ---------------------------------------------------- */

/* Differences that nmap will see: SYN/ACKs with an ISN, less one. */
static unsigned
differences(const struct img_persona *p)
{
	unsigned i, n = 0;

	for (i = ANS_SYN1; i <= ANS_SYN6; i++)
		n += p->answer[i].respond == RESPOND_YES &&
		    (p->answer[i].flags & 0x16) == 0x12 &&
		    p->answer[i].seq != NUM_ZERO;
	return n == 0 ? 0 : n - 1;
}

/* Numbers a guesser can do nothing with: such stacks hash the connection. */
static int
random_isn(const struct img_isn_gen *g)
{
	uint64_t mean = 0, high = 0;
	unsigned i;

	for (i = 0; i < ISN_STEPS; i++) {
		mean += g->step[i] / ISN_STEPS;
		if (g->step[i] > high)
			high = g->step[i];
	}
	return g->gcd <= 9 && mean * g->gcd > 1500000 && high > mean + mean / 5;
}

void
fp_isn(struct fp *f)
{
	struct img_isn_gen *g = &f->p->isn_gen;
	const char *gcd = f->v[OSA_SEQ_GCD] != NULL ? f->v[OSA_SEQ_GCD] :
	    f->x[OSA_SEQ_GCD];
	unsigned nd = differences(f->p);
	int isr, sp;

	f->isn_failed = 0;
	if (f->x[OSA_SEQ_GCD] == NULL && f->x[OSA_SEQ_ISR] == NULL &&
	    f->x[OSA_SEQ_SP] == NULL)
		return; /* the family's */
	if (fp_is(f, OSA_SEQ_GCD, "0")) {
		memset(g, 0, sizeof(*g));
		g->how = ISN_CONST;
		g->gcd = g->gcd_max = 1;
		g->first = 0x10000000u + f->p->line * 2654435761u % 0x60000000u;
		return;
	}
	isr = f->v[OSA_SEQ_ISR] ? (int)fp_hex(f, OSA_SEQ_ISR, 0) : -1;
	sp = f->v[OSA_SEQ_SP] ? (int)fp_hex(f, OSA_SEQ_SP, 0) : -1;
	if (nd < 3) /* too few to be measured: as if all were seen */
		nd = ISN_STEPS;
	if (!f->solved || f->solved_nd != nd || f->solved_isr != isr ||
	    f->solved_sp != sp || f->solved_gcd != gcd) {
		f->failures = fp_isn_solve(gcd, f->x[OSA_SEQ_ISR],
		    f->x[OSA_SEQ_SP], isr, sp, nd, &f->gen);
		f->solved = 1;
		f->solved_nd = nd;
		f->solved_isr = isr;
		f->solved_sp = sp;
		f->solved_gcd = gcd;
	}
	/* So exact a clock that no time stamp of ours can show it? */
	f->isn_failed = f->failures == -1 || f->failures > FP_TRIALS * 5 / 8;
	if (f->failures == -1)
		return;
	*g = f->gen;
	g->hashed = (uint8_t)random_isn(g);
}
