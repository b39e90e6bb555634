/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: candidates for the five differences of an ISN pattern, and their
 * trial: hpd-net's own generator gives them to scans whose intervals are not
 * quite 100 ms, as nmap's are not.
 */
#include "fp_isn.h"

#include <math.h>
#include <string.h>

#include "common/personagen.h"

#define SMALL	   12	/* largest of the enumerated multipliers */
#define EXAMINE	   30	/* candidates that are accepted, of one gcd */
#define TARGETS	   8	/* values tried of ISR and of SP, first round */
#define GAP_US	   100150 /* between nmap's SYNs */
#define FIRST_US   8000 /* the first may be as much longer */
#define JITTER_US  25	/* of a receive time stamp */

int
fp_accepts(const char *x, uint32_t n)
{
	char s[16], *p = s + sizeof(s);

	if (x == NULL)
		return 1;
	*--p = '\0';
	do
		*--p = "0123456789ABCDEF"[n & 15];
	while ((n >>= 4) != 0);
	return os_expr_match(x, strlen(x), p);
}

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
satisfied(const struct fp_want *w, const uint32_t *d, const double *t)
{
	struct fp_seq s;

	fp_seq_of(d, t, w->nd, &s);
	return s.isr < SEQ_TOP && w->isr[s.isr] && s.sp < SEQ_TOP &&
	    w->sp[s.sp] && fp_accepts(w->gcd, s.gcd);
}

/* One scan that begins at a step of the pattern. chance: 0 for intervals of
 * exactly 100 ms, else a seed. */
static int
scan(const struct fp_want *w, unsigned from, uint32_t chance)
{
	struct gen_isn s = { .index = (uint8_t)from, .last = 1 };
	uint32_t d[ISN_STEPS], was;
	double t[ISN_STEPS];
	int64_t us, late = 0, now;
	unsigned i;

	/* what was counted before, after who knows how long */
	s.k1 = w->gen.step[(from + 4) % ISN_STEPS] + (chance >> 9) % 64;
	s.k2 = w->gen.step[(from + 3) % ISN_STEPS] + (chance >> 16) % 64;
	s.k3 = w->gen.step[(from + 2) % ISN_STEPS] + (chance >> 23) % 64;
	for (i = 0; i < w->nd; i++) {
		us = chance ? GAP_US : 100000;
		now = 0;
		if (chance) {
			chance = chance * 1664525u + 1013904223u;
			if (i == 0)
				us += (chance >> 8) % FIRST_US;
			now = (chance >> 20) % JITTER_US;
		}
		was = s.last;
		gen_isn_next(&w->gen, &s, (us + now - late) * 1000);
		late = now;
		d[i] = s.last - was;
		if (d[i] > DIFF_MAX)
			d[i] = -d[i];
		t[i] = us / 1e6;
	}
	return satisfied(w, d, t);
}

static int
accepted(const struct fp_want *w)
{
	unsigned i;

	for (i = 0; i < ISN_STEPS; i++)
		if (w->gen.step[i] == 0 ||
		    w->gen.step[i] > DIFF_MAX / w->gen.gcd)
			return 0;
	for (i = 0; i < ISN_STEPS; i++)
		if (!scan(w, i, 0))
			return 0;
	return 1;
}

/* Try the steps in w->gen. 1: nothing can be better. */
static int
examine(struct fp_want *w)
{
	unsigned i, failed = 0;

	if (!accepted(w))
		return 0;
	for (i = 0; i < FP_TRIALS && failed < w->least; i++)
		failed += !scan(w, i % ISN_STEPS, i * 2654435761u + 1);
	if (failed < w->least) {
		w->least = failed;
		w->best = w->gen;
	}
	return failed == 0 || ++w->examined >= EXAMINE;
}

/* Turn the best steps so that they fail least where a scan of a decoy nobody
 * asked before begins: the port scan took the first number for each open port
 * (one, or two), the first of nmap's SYNs the next. */
void
fp_isn_turn(struct fp_want *w)
{
	unsigned turn, i, failed, least = UINT32_MAX;
	struct img_isn_gen was = w->best;

	for (turn = 0; turn < ISN_STEPS && least > 0; turn++) {
		w->gen = was;
		for (i = 0; i < ISN_STEPS; i++)
			w->gen.step[i] = was.step[(i + turn) % ISN_STEPS];
		for (failed = 0, i = 0; i < FP_TRIALS * 2; i++)
			failed += !scan(w, 2 + (i % 3 == 2),
			    i * 2654435761u + 1);
		if (failed < least) {
			least = failed;
			w->best = w->gen;
		}
	}
}

/* Make the common divisor one that is accepted, by the least changes. */
static void
coprime(struct fp_want *w)
{
	unsigned i, n;
	uint32_t g;

	for (n = 0; n < 8; n++) {
		for (g = 0, i = 0; i < ISN_STEPS; i++)
			g = gcd_of(g, w->gen.step[i]);
		if (fp_accepts(w->gcd, g * w->gen.gcd))
			return;
		w->gen.step[ISN_STEPS - 1]++;
	}
}

/* As they are; small ones also with all of one more or less. */
static int
examine_near(struct fp_want *w, double mean)
{
	uint32_t s[ISN_STEPS];
	unsigned n, i, k, before = w->least;

	coprime(w);
	memcpy(s, w->gen.step, sizeof(s));
	if (examine(w))
		return 1;
	if (mean >= 60 || w->least < before)
		return 0;
	for (n = 1; n < 243; n++) {
		for (k = n, i = 0; i < ISN_STEPS; i++, k /= 3)
			w->gen.step[i] = s[i] + (k % 3 == 2 ? UINT32_MAX :
			    k % 3);
		if (examine(w))
			return 1;
	}
	return 0;
}

static uint32_t
whole(double x)
{
	return x < 1 ? 1 : x > DIFF_MAX ? DIFF_MAX : (uint32_t)(x + 0.5);
}

/* D+S and D-S in turn, and one high and four low, with this mean and
 * deviation of multipliers. */
static int
two_shapes(struct fp_want *w, double mean, double dev)
{
	double most = DIFF_MAX / (double)w->gen.gcd, low, high;
	unsigned i;

	if (dev < mean * 0.98 && mean + dev <= most) {
		for (i = 0; i < ISN_STEPS; i++)
			w->gen.step[i] = whole(i == 4 ? mean :
			    i % 2 ? mean - dev : mean + dev);
		if (examine_near(w, mean))
			return 1;
	}
	low = mean - dev / sqrt(5);
	if (low < 1)
		low = 1;
	high = 5 * mean - 4 * low;
	if (high > most || high < low)
		return 0;
	for (i = 0; i < ISN_STEPS; i++)
		w->gen.step[i] = whole(i == 0 ? high : low);
	return examine_near(w, mean);
}

/* The accepted value of ok[] that is the n-th nearest to mid; -1: no more. */
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

/* All pairs of every by_isr-th and by_sp-th value, from the middle. */
static int
targets(struct fp_want *w, unsigned by_isr, unsigned by_sp)
{
	double mean, dev;
	unsigned i, j;
	int isr, sp;

	for (i = 0; (isr = nearest(w->isr, w->isr_mid, i)) != -1; i += by_isr) {
		mean = exp2(isr / 8.0) / 10 / w->gen.gcd;
		if (mean < 1 || mean > DIFF_MAX)
			continue;
		for (j = 0; (sp = nearest(w->sp, w->sp_mid, j)) != -1;
		     j += by_sp) {
			dev = sp == 0 ? 0 : exp2(sp / 8.0) / 10 /
			    (w->gen.gcd > 9 ? 1 : w->gen.gcd);
			if (two_shapes(w, mean, dev))
				return 1;
		}
	}
	return 0;
}

int
fp_isn_shape(struct fp_want *w)
{
	w->examined = 0;
	/* odd, for both sides of the middle */
	if (targets(w, (w->nisr / TARGETS + 1) | 1, (w->nsp / TARGETS + 1) | 1))
		return 1;
	return w->least <= FP_TRIALS ? 0 : targets(w, 1, 1);
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

int
fp_isn_small(struct fp_want *w)
{
	uint32_t s[ISN_STEPS] = { 1, 1, 1, 1, 1 }, sum;
	double low = exp2((w->isr_lo - 1) / 8.0) / 2 / w->gen.gcd,
	       high = exp2((w->isr_hi + 1) / 8.0) / 2 / w->gen.gcd;
	int i;

	w->examined = 0;
	for (;;) {
		sum = s[0] + s[1] + s[2] + s[3] + s[4];
		if (sum >= low && sum <= high) {
			spread(s, w->gen.step);
			if (examine(w))
				return 1;
		}
		for (i = ISN_STEPS - 1; i >= 0 && s[i] == SMALL; i--)
			;
		if (i < 0)
			return 0;
		s[i]++;
		for (i++; i < ISN_STEPS; i++)
			s[i] = s[i - 1];
	}
}
