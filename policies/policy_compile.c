/* SPDX-License-Identifier: ISC */
/*
 * From a parsed policy to cBPF, and the same policy evaluated directly, which
 * the compiled one is tested against. Build time and hpaudit only; never
 * changes the calling process (nothing is loaded). The kernel translates a filter anew in
 * every script's process and asks it about every call number, which is most of
 * what a script's jail costs: so neighbours with one answer are one interval,
 * single ones are told apart in groups, groups are found by halving, answers
 * are shared, and what an argument can't have is not looked at.
 *
 * Instructions are laid down from the last to the first: whatever one jumps to
 * has its place already, named by its number counted from the end.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bpf_sim.h"
#include "policy.h"

_Static_assert(sizeof(struct sandbox_insn) == sizeof(struct sock_filter),
    "sandbox_insn is sock_filter");

#define NR_MAX	1024 /* no call has a higher number */
#define JUMP_MAX 255 /* how far a condition reaches */
#define SINGLES	 4   /* in a group */
#define LD	(BPF_LD | BPF_W | BPF_ABS)
#define EQ	(BPF_JMP | BPF_JEQ | BPF_K)
#define GE	(BPF_JMP | BPF_JGE | BPF_K)
#define AND	(BPF_ALU | BPF_AND | BPF_K)
#define RET	(BPF_RET | BPF_K)
#define JA	(BPF_JMP | BPF_JA)

struct gen {
	const struct policy *p;
	struct sandbox_insn *code; /* code[0] is the last one */
	size_t n, max;
	int full;
	struct span { /* call numbers from here on have one answer */
		uint32_t first;
		int asks;     /* it depends on arguments: of this call */
		uint32_t ret; /* else */
	} span[NR_MAX + 1];
	size_t nspans;
	struct group { /* spans; the 2nd, 4th ... are one call each, the others
			* have one answer */
		size_t lo, hi;
	} group[NR_MAX + 1];
	size_t ngroups;
};

const char *
policy_verdict_name(uint8_t v)
{
	static const char *const n[] = {"?", "allow", "errno", "trip", "kill"};

	return v < sizeof(n) / sizeof(n[0]) ? n[v] : "?";
}

/* One instruction before all that are there; its place. */
static size_t
put(struct gen *g, int code, size_t jt, size_t jf, uint32_t k)
{
	if (g->n == g->max) {
		g->full = 1;
		return 0;
	}
	g->code[g->n] = (struct sandbox_insn){ (uint16_t)code, (uint8_t)jt,
		(uint8_t)jf, k };
	return g->n++;
}

/* A place that a condition laid down soon can jump to and that leads to at;
 * room: instructions that may come between. */
static size_t
near(struct gen *g, size_t at, size_t room)
{
	if (g->n - at + room <= JUMP_MAX)
		return at;
	return put(g, JA, 0, 0, (uint32_t)(g->n - 1 - at));
}

static size_t
branch(struct gen *g, int code, uint32_t k, size_t yes, size_t no)
{
	no = near(g, no, 2);
	yes = near(g, yes, 1);
	return put(g, code, g->n - 1 - yes, g->n - 1 - no, k);
}

/* The answer ret: one that is near, or a new one. */
static size_t
answer(struct gen *g, uint32_t ret)
{
	size_t i;

	for (i = g->n; i-- > 0 && g->n - i < JUMP_MAX - 8;)
		if (g->code[i].code == RET && g->code[i].k == ret)
			return i;
	return put(g, RET, 0, 0, ret);
}

static uint32_t
ret_of(uint8_t verdict, uint16_t err)
{
	switch (verdict) {
	case PV_ALLOW:
		return SECCOMP_RET_ALLOW;
	case PV_ERRNO:
		return SECCOMP_RET_ERRNO | err;
	default:
		return SECCOMP_RET_KILL_PROCESS;
	}
}

/* Are these bits of the argument's half at that offset so? */
static size_t
half(struct gen *g, size_t off, uint32_t mask, uint32_t value, size_t yes,
    size_t no)
{
	if (mask == 0)
		return value == 0 ? yes : no;
	branch(g, EQ, value, yes, no);
	if (mask != UINT32_MAX)
		put(g, AND, 0, 0, mask);
	return put(g, LD, 0, 0, (uint32_t)off);
}

static size_t
conjunction(struct gen *g, const struct policy_conj *c, size_t yes, size_t no)
{
	uint8_t i;

	for (i = c->n; i-- > 0;) {
		const struct policy_cmp *m = &c->cmp[i];
		size_t lo = offsetof(struct seccomp_data, args) +
		    8u * m->arg;

		/* x86_64 and aarch64: the low half comes first */
		yes = half(g, lo, (uint32_t)m->mask, (uint32_t)m->value, yes,
		    no);
		yes = half(g, lo + 4, (uint32_t)(m->mask >> 32),
		    (uint32_t)(m->value >> 32), yes, no);
	}
	return yes;
}

/* All rules of one call, first to last, then the default. */
static size_t
call(struct gen *g, int nr)
{
	const struct policy *p = g->p;
	size_t at = answer(g, ret_of(p->dflt, p->dflt_err)), yes, i;
	uint32_t k;

	for (i = p->nrules; i-- > 0;) {
		const struct policy_rule *r = &p->rules[i];

		if (r->nr != nr)
			continue;
		yes = answer(g, ret_of(r->verdict, r->err));
		if (r->conj_count == 0)
			at = yes;
		for (k = r->conj_count; k-- > 0;)
			at = conjunction(g, &p->conj[r->conj_first + k], yes,
			    at);
	}
	return at;
}

/* What call nr gets: the first rule that holds whatever its arguments are,
 * unless one before it asks. */
static struct span
verdict(const struct policy *p, uint32_t nr)
{
	struct span s = { nr, 0, ret_of(p->dflt, p->dflt_err) };
	size_t i;

	for (i = 0; i < p->nrules; i++) {
		const struct policy_rule *r = &p->rules[i];

		if (r->nr < 0 || (uint32_t)r->nr != nr)
			continue;
		if (r->conj_count != 0)
			s.asks = 1;
		else
			s.ret = ret_of(r->verdict, r->err);
		break;
	}
	return s;
}

static void
spans(struct gen *g)
{
	struct span s;
	uint32_t nr;

	for (nr = 0; nr <= NR_MAX; nr++) {
		s = verdict(g->p, nr);
		if (g->nspans > 0 && !s.asks &&
		    !g->span[g->nspans - 1].asks &&
		    g->span[g->nspans - 1].ret == s.ret)
			continue;
		g->span[g->nspans++] = s;
	}
}

static void
groups(struct gen *g)
{
	const struct span *s = g->span;
	size_t lo, hi;

	for (lo = 0; lo < g->nspans; lo = hi + 1) {
		for (hi = lo; hi + 2 < g->nspans && hi < lo + 2 * SINGLES;
		     hi += 2)
			if (s[lo].asks || s[hi + 2].asks ||
			    s[hi + 2].ret != s[lo].ret ||
			    s[hi + 2].first != s[hi + 1].first + 1)
				break;
		g->group[g->ngroups++] = (struct group){ lo, hi };
	}
}

static size_t
leaf(struct gen *g, const struct span *s)
{
	return s->asks ? call(g, (int)s->first) : answer(g, s->ret);
}

static size_t
one_group(struct gen *g, const struct group *p)
{
	size_t at = leaf(g, &g->span[p->lo]), i;

	for (i = p->lo + 1; i < p->hi; i += 2)
		at = branch(g, EQ, g->span[i].first, leaf(g, &g->span[i]), at);
	return at;
}

/* Groups lo..hi, call number loaded. */
static size_t
halve(struct gen *g, size_t lo, size_t hi)
{
	size_t mid, yes, no;

	if (lo == hi)
		return one_group(g, &g->group[lo]);
	mid = lo + (hi - lo + 1) / 2;
	yes = halve(g, mid, hi);
	no = halve(g, lo, mid - 1);
	return branch(g, GE, g->span[g->group[mid].lo].first, yes, no);
}

/* Nothing but the calls of the native architecture; number -1 is what a
 * tracer leaves behind and never a call: it gets the default. */
static void
program(struct gen *g)
{
	size_t kill, at;

	spans(g);
	groups(g);
	at = halve(g, 0, g->ngroups - 1);
#if defined(__x86_64__)
	kill = answer(g, SECCOMP_RET_KILL_PROCESS);
	kill = branch(g, EQ, UINT32_MAX,
	    answer(g, ret_of(g->p->dflt, g->p->dflt_err)), kill);
	at = branch(g, GE, SIM_X32_BIT, kill, at);
#endif
	if (at != g->n - 1)
		put(g, JA, 0, 0, (uint32_t)(g->n - 1 - at));
	at = put(g, LD, 0, 0, offsetof(struct seccomp_data, nr));
	kill = answer(g, SECCOMP_RET_KILL_PROCESS);
	branch(g, EQ, SIM_ARCH_NATIVE, at, kill);
	put(g, LD, 0, 0, offsetof(struct seccomp_data, arch));
}

int
policy_compile(const struct policy *p, struct sandbox_insn *out, size_t max,
    char *err, size_t errlen)
{
	static struct gen g;
	struct sandbox_insn t;
	size_t i;

	memset(&g, 0, sizeof(g));
	g.p = p;
	g.code = out;
	g.max = max;
	for (i = 0; i < p->nrules; i++)
		if (p->rules[i].nr >= NR_MAX) {
			(void)snprintf(err, errlen, "line %u: %s: number %d",
			    p->rules[i].line, p->rules[i].name,
			    p->rules[i].nr);
			return -1;
		}
	program(&g);
	if (g.full) {
		(void)snprintf(err, errlen, "filter too large");
		return -1;
	}
	for (i = 0; i < g.n / 2; i++) {
		t = out[i];
		out[i] = out[g.n - 1 - i];
		out[g.n - 1 - i] = t;
	}
	return (int)g.n;
}

static int
conj_true(const struct policy_conj *c, const uint64_t args[6])
{
	uint8_t i;

	for (i = 0; i < c->n; i++)
		if ((args[c->cmp[i].arg] & c->cmp[i].mask) != c->cmp[i].value)
			return 0;
	return 1;
}

uint8_t
policy_eval(const struct policy *p, int nr, const uint64_t args[6],
    uint16_t *err)
{
	const struct policy_rule *r;
	uint32_t k;
	size_t i;

	for (i = 0; i < p->nrules; i++) {
		r = &p->rules[i];
		if (r->nr != nr)
			continue;
		for (k = 0; k < r->conj_count; k++)
			if (conj_true(&p->conj[r->conj_first + k], args))
				break;
		if (r->conj_count == 0 || k < r->conj_count) {
			*err = r->err;
			return r->verdict;
		}
	}
	*err = p->dflt_err;
	return p->dflt;
}
