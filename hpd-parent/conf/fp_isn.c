/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: five differences of initial sequence numbers, used in turn, that
 * make nmap compute a wanted GCD, ISR and SP from any answers in a row. The
 * differences are multiples of the GCD; their mean makes ISR, their standard
 * deviation SP. Three shapes are tried: D+S and D-S in turn, one high and four
 * low (a deviation up to sqrt(5) times the mean), and all small multipliers.
 */
#include "fp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEQ_TOP	 0x180	      /* values of ISR and SP that are looked at */
#define DIFF_MAX 0x80000000u  /* beyond it nmap counts from the other side */
#define GCDS	 32	      /* candidates */
#define SMALL	 12	      /* largest of the enumerated multipliers */
#define MULTIPLES 64	      /* of a GCD that are asked for */

struct want {
	const char *gcd;
	uint8_t isr[SEQ_TOP], sp[SEQ_TOP]; /* 1: accepted */
	int isr_mid, sp_mid;		   /* wanted most */
	unsigned nd;
	uint32_t g;
};

static uint32_t
gcd_of(uint32_t a, uint32_t b)
{
	uint32_t t;

	while (b != 0) {
		t = a % b;
		a = b;
		b = t;
	}
	return a;
}

void
fp_seq_of(const uint32_t *diff, const double *seconds, unsigned n,
    struct fp_seq *s)
{
	double mean = 0, dev = 0, r, by;
	uint32_t g = 0;
	unsigned i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < n; i++) {
		g = gcd_of(g, diff[i]);
		mean += diff[i] / seconds[i] / n;
	}
	if (g == 0)
		return;
	by = g > 9 ? g : 1;
	for (i = 0; i < n; i++) {
		r = (diff[i] / seconds[i] - mean) / by;
		dev += r * r;
	}
	dev = n > 1 ? sqrt(dev / (n - 1)) : 0;
	s->gcd = g;
	s->isr = mean > 1 ? (uint32_t)(8 * log2(mean) + 0.5) : 0;
	s->sp = dev > 1 ? (uint32_t)(8 * log2(dev) + 0.5) : 0;
}

static int
accepts(const char *x, uint32_t n)
{
	char s[16];

	if (x == NULL)
		return 1;
	snprintf(s, sizeof(s), "%X", n);
	return os_expr_match(x, strlen(x), s);
}

/* How many of the five places to begin with hold when the first interval is
 * as long as late_s; all are needed at 0.1 s. */
static unsigned
held(const struct want *w, const uint32_t step[ISN_STEPS], double first_s)
{
	double t[ISN_STEPS] = { first_s, 0.1, 0.1, 0.1, 0.1 };
	unsigned from, i, ok = 0;
	uint32_t d[ISN_STEPS];
	struct fp_seq s;

	for (from = 0; from < ISN_STEPS; from++) {
		for (i = 0; i < w->nd; i++)
			d[i] = step[(from + i) % ISN_STEPS] * w->g;
		fp_seq_of(d, t, w->nd, &s);
		ok += s.isr < SEQ_TOP && w->isr[s.isr] && s.sp < SEQ_TOP &&
		    w->sp[s.sp] && accepts(w->gcd, s.gcd);
		if (w->nd == ISN_STEPS && first_s == 0.1 && ok)
			return ISN_STEPS; /* a whole turn is a whole turn */
		if (ok <= from && first_s == 0.1)
			return 0;
	}
	return ok;
}

static int
accepted(const struct want *w, const uint32_t step[ISN_STEPS])
{
	unsigned i;

	for (i = 0; i < ISN_STEPS; i++)
		if (step[i] == 0 || step[i] > DIFF_MAX / w->g)
			return 0;
	return held(w, step, 0.1) == ISN_STEPS;
}

/* Make the common divisor one that is accepted, by the least changes. */
static void
coprime(const struct want *w, uint32_t step[ISN_STEPS])
{
	unsigned i, n;
	uint32_t g;

	for (n = 0; n < 8; n++) {
		for (g = 0, i = 0; i < ISN_STEPS; i++)
			g = gcd_of(g, step[i]);
		if (accepts(w->gcd, g * w->g))
			return;
		step[ISN_STEPS - 1]++;
	}
}

/* Rounding of small steps: all of one more or less. */
static int
nudge(const struct want *w, uint32_t step[ISN_STEPS])
{
	uint32_t s[ISN_STEPS];
	unsigned n, i, k;

	for (n = 0; n < 243; n++) {
		for (k = n, i = 0; i < ISN_STEPS; i++, k /= 3)
			s[i] = step[i] + (k % 3 == 2 ? UINT32_MAX : k % 3);
		if (accepted(w, s)) {
			memcpy(step, s, sizeof(s));
			return 1;
		}
	}
	return 0;
}

static uint32_t
whole(double x)
{
	return x < 1 ? 1 : x > DIFF_MAX ? DIFF_MAX : (uint32_t)(x + 0.5);
}

/* Two shapes with this mean and deviation of multipliers. */
static int
shapes(const struct want *w, double mean, double dev, uint32_t step[ISN_STEPS])
{
	double most = DIFF_MAX / (double)w->g, low, high;
	unsigned i;

	if (dev < mean * 0.98 && mean + dev <= most) {
		for (i = 0; i < ISN_STEPS; i++)
			step[i] = whole(i == 4 ? mean :
			    i % 2 ? mean - dev : mean + dev);
		if (dev == 0 && mean >= 20) /* else their divisor is the step */
			step[0]++;
		coprime(w, step);
		if (accepted(w, step))
			return 1;
		if (mean < 60 && nudge(w, step))
			return 1;
	}
	low = mean - dev / sqrt(5);
	if (low < 1)
		low = 1;
	high = 5 * mean - 4 * low;
	if (high > most || high < low)
		return 0;
	for (i = 0; i < ISN_STEPS; i++)
		step[i] = whole(i == 0 ? high : low);
	coprime(w, step);
	return accepted(w, step) || (mean < 60 && nudge(w, step));
}

/* The accepted value of ok[] nearest to mid, the n-th in order of distance;
 * -1: no more. */
static int
nearest(const uint8_t ok[SEQ_TOP], int mid, unsigned n)
{
	int d, v;

	for (d = 0; d < SEQ_TOP; d++)
		for (v = mid - d; v <= mid + d; v += d ? 2 * d : 1)
			if (v >= 0 && v < SEQ_TOP && ok[v] && n-- == 0)
				return v;
	return -1;
}

static int
by_shape(const struct want *w, uint32_t step[ISN_STEPS])
{
	double mean, dev;
	unsigned i, j, by;
	int isr, sp, pass;

	/* Coarse first: few values, then all there are. */
	for (pass = 0; pass < 2; pass++) {
		by = pass ? 1 : 3;
		for (i = 0; i < 64; i += by) {
			isr = nearest(w->isr, w->isr_mid, i);
			if (isr == -1)
				break;
			mean = exp2(isr / 8.0) / 10 / w->g;
			if (mean < 1 || mean > DIFF_MAX)
				continue;
			for (j = 0; j < 64; j += by) {
				sp = nearest(w->sp, w->sp_mid, j);
				if (sp == -1)
					break;
				dev = sp == 0 ? 0 : exp2(sp / 8.0) / 10 /
				    (w->g > 9 ? 1 : w->g);
				if (shapes(w, mean, dev, step))
					return 1;
			}
		}
	}
	return 0;
}

/* A sorted tuple spread so that neighbours differ. */
static void
spread(const uint32_t s[ISN_STEPS], uint32_t out[ISN_STEPS])
{
	static const uint8_t order[ISN_STEPS] = { 4, 0, 3, 1, 2 };
	unsigned i;

	for (i = 0; i < ISN_STEPS; i++)
		out[i] = s[order[i]];
}

/* All small multipliers; the best is in the middle of what is accepted, also
 * when the first interval is a little long. */
static int
by_small(const struct want *w, uint32_t best[ISN_STEPS])
{
	uint32_t s[ISN_STEPS] = { 1, 1, 1, 1, 1 }, out[ISN_STEPS];
	int score, least = INT32_MAX, i;
	double t[ISN_STEPS] = { 0.1, 0.1, 0.1, 0.1, 0.1 };
	struct fp_seq q;

	for (;;) {
		spread(s, out);
		if (accepted(w, out)) {
			uint32_t d[ISN_STEPS];

			for (i = 0; i < ISN_STEPS; i++)
				d[i] = out[i] * w->g;
			fp_seq_of(d, t, ISN_STEPS, &q);
			score = abs((int)q.isr - w->isr_mid) +
			    abs((int)q.sp - w->sp_mid) +
			    20 * (int)(ISN_STEPS - held(w, out, 0.1085));
			if (score < least) {
				least = score;
				memcpy(best, out, sizeof(out));
			}
		}
		for (i = ISN_STEPS - 1; i >= 0 && s[i] == SMALL; i--)
			;
		if (i < 0)
			return least != INT32_MAX;
		s[i]++;
		for (i++; i < ISN_STEPS; i++)
			s[i] = s[i - 1];
	}
}

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
		if (accepts(x, g[i]))
			g[k++] = g[i];
	qsort(g, k, sizeof(*g), gcd_order);
	return k;
}

static void
take(const struct want *w, const uint32_t step[ISN_STEPS],
    struct img_isn_gen *gen)
{
	uint32_t m;

	gen->how = ISN_PATTERN;
	gen->gcd = w->g;
	gen->first = 0;
	for (m = 1; m < MULTIPLES && w->g * (uint64_t)(m + 1) <= DIFF_MAX &&
	    accepts(w->gcd, w->g * (m + 1)); m++)
		;
	gen->gcd_max = w->g * m;
	memcpy(gen->step, step, sizeof(gen->step));
}

int
fp_isn_solve(const char *gcd, const char *isr, const char *sp, int want_isr,
    int want_sp, unsigned nd, struct img_isn_gen *gen)
{
	uint32_t g[GCDS], step[ISN_STEPS];
	unsigned i, n;
	struct want w;

	memset(&w, 0, sizeof(w));
	w.gcd = gcd;
	w.nd = nd < 3 ? 3 : nd > ISN_STEPS ? ISN_STEPS : nd;
	for (i = 0; i < SEQ_TOP; i++) {
		w.isr[i] = (uint8_t)accepts(isr, i);
		w.sp[i] = (uint8_t)accepts(sp, i);
	}
	w.isr_mid = middle(w.isr, want_isr);
	w.sp_mid = middle(w.sp, want_sp);
	n = gcds_of(gcd, g);
	for (i = 0; i < n; i++) {
		double mean = exp2(w.isr_mid / 8.0) / 10;

		w.g = g[i];
		if (mean / w.g < 0.2)
			continue; /* too large to be a difference */
		if ((mean / w.g < 8 && by_small(&w, step)) ||
		    by_shape(&w, step)) {
			take(&w, step, gen);
			return 0;
		}
	}
	return -1;
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
	/* SYNs that are hidden show fewer differences; what is not enough to
	 * be measured still runs as if it were. */
	if (fp_isn_solve(f->x[OSA_SEQ_GCD], f->x[OSA_SEQ_ISR],
	    f->x[OSA_SEQ_SP], isr, sp, nd < 3 ? ISN_STEPS : nd, g) == 0) {
		g->hashed = (uint8_t)random_isn(g);
		return;
	}
	f->isn_failed = 1;
}
