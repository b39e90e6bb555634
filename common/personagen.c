/* SPDX-License-Identifier: ISC */
/*
 * A persona's generators, in hpd-net (every answer) and hpd-conf (what it will
 * look like). Pure arithmetic; must never read a clock or a random source, and
 * every state is valid: a persona may change under it.
 */
#include "personagen.h"

#define AS_IT_IS     10		 /* below this a step is not scaled ... */
#define AS_IT_IS_MIN 60000000LL	 /* ... for these pauses */
#define AS_IT_IS_MAX 160000000LL
#define GCD_UNIT     9
#define BUMP_FROM    50		 /* below this one more is too much */
#define BUMPS_MOST   64		 /* some number among so many is coprime */
#define IPID_TOP     57343	 /* hi of "the whole range" */

static uint32_t
gcd32(uint32_t a, uint32_t b)
{
	uint32_t t;

	while (b != 0) {
		t = a % b;
		a = b;
		b = t;
	}
	return a;
}

/* Would this multiplier leave a common divisor the entry does not take? From
 * 10 on nmap measures the spread in units of the divisor: none may join. Four
 * differences are looked at: nmap sees five, four when an answer is hidden. */
static int
too_common(const struct img_isn_gen *g, const struct gen_isn *s, uint32_t k)
{
	uint32_t gcd = g->gcd ? g->gcd : 1, d;

	if (s->k3 == 0)
		return 0;
	d = gcd32(gcd32(k, s->k1), gcd32(s->k2, s->k3));
	return d > 1 && ((uint64_t)d * gcd > g->gcd_max ||
	    (uint64_t)d * gcd > GCD_UNIT);
}

uint32_t
gen_isn_mult(const struct img_isn_gen *g, const struct gen_isn *s,
    int64_t dt_ns)
{
	uint32_t step = g->step[s->index % ISN_STEPS], n, near;
	uint64_t most = 0x80000000u / (g->gcd ? g->gcd : 1), k = step;

	if (dt_ns < GEN_NS_LEAST)
		dt_ns = GEN_NS_LEAST;
	if (dt_ns > GEN_NS_MOST)
		dt_ns = GEN_NS_MOST;
	if (step >= AS_IT_IS || dt_ns < AS_IT_IS_MIN || dt_ns > AS_IT_IS_MAX)
		k = (k * (uint64_t)dt_ns + GEN_NS_STEP / 2) / GEN_NS_STEP;
	if (most == 0)
		most = 1;
	if (k > most)
		k = most;
	if (k == 0)
		k = 1;
	if (step < BUMP_FROM)
		return (uint32_t)k;
	near = (uint32_t)k;
	for (n = 0; n < BUMPS_MOST && too_common(g, s, near); n++) {
		/* one more, one less, two more ... */
		near = (uint32_t)(n % 2 ? k - (n / 2 + 1) : k + (n / 2 + 1));
		if (near == 0 || near > most)
			near = (uint32_t)k;
	}
	return near;
}

uint32_t
gen_isn_next(const struct img_isn_gen *g, struct gen_isn *s, int64_t dt_ns)
{
	uint32_t gcd = g->gcd ? g->gcd : 1, k;

	if (g->how == ISN_CONST)
		return g->first;
	k = gen_isn_mult(g, s, dt_ns);
	s->last += k * gcd;
	if (s->last == 0) { /* reads as "no answer" */
		s->last = gcd;
		k++;
	}
	s->k3 = s->k2;
	s->k2 = s->k1;
	s->k1 = k;
	s->index = (uint8_t)((s->index + 1u) % ISN_STEPS);
	return s->last;
}

/* Where the use's counter begins, and what is beyond. */
static void
window(const struct img_ipid_use *u, uint16_t *lo, uint16_t *hi)
{
	*lo = u->lo;
	*hi = u->hi;
	if (*lo == 0 && *hi == 0) {
		*lo = 1;
		*hi = IPID_TOP;
	} else if (*hi < *lo) /* IPID_CONST: the value alone */
		*hi = *lo;
}

void
gen_ipid_init(const struct img_ipid_use use[3], struct gen_ipid *s,
    uint64_t entropy)
{
	uint16_t lo, hi;
	int i;

	s->sides = 0;
	for (i = 2; i >= 0; i--) { /* the first of those that share decides */
		window(&use[i], &lo, &hi);
		s->id[use[i].counter % 3] = (uint16_t)(lo +
		    (entropy >> (i * 20) & 0xfffff) % (hi - lo + 1u));
	}
}

void
gen_ipid_rest(const struct img_ipid_use use[3], struct gen_ipid *s,
    uint32_t rnd)
{
	uint16_t *id, lo, hi;
	unsigned done = 0, i;

	for (i = 0; i < 3; i++) {
		if (done & 1u << use[i].counter % 3)
			continue;
		done |= 1u << use[i].counter % 3;
		id = &s->id[use[i].counter % 3];
		window(&use[i], &lo, &hi);
		if (*id >= lo && *id <= hi)
			continue;
		/* low, so that it is long until the next time */
		hi = (uint16_t)(hi - lo > 255 ? 255 : hi - lo);
		*id = (uint16_t)(lo + rnd % (hi + 1u));
	}
}

uint16_t
gen_ipid_next(const struct img_ipid_use use[3], struct gen_ipid *s, unsigned n,
    uint32_t rnd)
{
	uint16_t *id, add;

	n %= 3;
	id = &s->id[use[n].counter % 3];
	switch (use[n].how) {
	case IPID_INCR:
	case IPID_PER_DST:
		return ++*id;
	case IPID_BROKEN: /* counts in the other byte order */
		*id = (uint16_t)(*id + 256);
		if (*id < 256)
			++*id;
		return *id;
	case IPID_RANDINC:
		add = (uint16_t)(1100 + rnd % 400);
		if (add % 256 == 0)
			add++;
		return *id = (uint16_t)(*id + add);
	case IPID_ODD:
		return *id = (uint16_t)(*id + 37 + 2 * (rnd % 20));
	case IPID_CONST:
		return use[n].lo;
	case IPID_RANDOM:
		/* Alternating halves: a few samples already show it. */
		s->sides ^= (uint8_t)(1u << n);
		return (uint16_t)(s->sides & 1u << n ? 1 + rnd % 18000
						     : 42000 + rnd % 23000);
	default:
		return 0;
	}
}

uint16_t
gen_ipid_stray(const struct img_ipid_use use[3], const struct gen_ipid *s,
    uint32_t rnd)
{
	switch (use[0].how) {
	case IPID_ZERO:
		return 0;
	case IPID_CONST:
		return use[0].lo;
	case IPID_RANDOM:
		return (uint16_t)(1 + rnd % 65000);
	default: /* near the counter, as if something else had counted */
		return (uint16_t)(s->id[use[0].counter % 3] + 20000 +
		    rnd % 1000);
	}
}

uint32_t
gen_ticks(uint32_t ts_mhz, int64_t ns)
{
	uint64_t t = (uint64_t)ns, s = t / 1000000000, f = t % 1000000000;

	/* s below 2^31 and f below 2^30: nothing overflows */
	return (uint32_t)((s % 0x7fffffff * ts_mhz + f * ts_mhz / 1000000000) /
	    1000);
}

uint32_t
gen_ticks_log2(uint8_t log2, int64_t ns)
{
	uint64_t t = (uint64_t)ns, s = t / 1000000000, f = t % 1000000000;

	if (log2 > 34)
		log2 = 34;
	return (uint32_t)((s << log2) + (f << log2) / 1000000000);
}

uint32_t
gen_tsval(const struct img_persona *p, uint32_t base, int64_t ns, int nmap)
{
	uint32_t v = base;

	if (ns < 0)
		ns = 0;
	if (p->ts_log2 != 0 && nmap)
		v += gen_ticks_log2(p->ts_log2, ns);
	else if (!p->ts_const)
		v += gen_ticks(p->ts_mhz, ns);
	return v ? v : 1;
}
