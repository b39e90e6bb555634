/* SPDX-License-Identifier: ISC */
/*
 * What one policy lets through that another does not: both compiled filters
 * are asked about every combination of argument values at which a rule of
 * either changes its mind. For hpaudit diff and for hpd-conf, which tells an
 * operator what a policy can't give; changes nothing.
 */
#include <linux/seccomp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "policy_diff.h"

#define MAX_VALUES 2048 /* of one argument */

struct values {
	uint64_t *v;
	size_t n;
};

struct compared {
	const struct policy_side *a, *b;
	policy_diff_cb cb;
	void *arg;
};

const char *
policy_call_name(int nr)
{
	static char name[64];
	char *s = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);

	if (s == NULL)
		return NULL;
	(void)snprintf(name, sizeof(name), "%s", s);
	free(s);
	return name;
}

int
policy_severity(uint32_t ret)
{
	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return 0;
	case SECCOMP_RET_ERRNO:
		return 1;
	default:
		return 2;
	}
}

static void
add_value(struct values *l, uint64_t v)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i] == v)
			return;
	if (l->n < MAX_VALUES)
		l->v[l->n++] = v;
}

/* Where (arg & mask) == value begins and ends to hold. */
static void
edges(struct values *l, const struct policy_cmp *c)
{
	uint64_t low = c->mask & (0 - c->mask);

	add_value(l, c->value);
	add_value(l, c->value | ~c->mask);
	add_value(l, c->value ^ low);
	add_value(l, c->value - 1);
	add_value(l, (c->value | (low - 1)) + 1);
	add_value(l, ~c->value);
}

static void
collect(const struct policy *p, int nr, struct values l[6])
{
	const struct policy_conj *c;
	size_t i, k;
	uint8_t j;

	for (i = 0; i < p->nrules; i++) {
		if (p->rules[i].nr != nr)
			continue;
		for (k = 0; k < p->rules[i].conj_count; k++) {
			c = &p->conj[p->rules[i].conj_first + k];
			for (j = 0; j < c->n; j++)
				edges(&l[c->cmp[j].arg], &c->cmp[j]);
		}
	}
}

/* A program that cannot be run lets nothing through. */
static uint32_t
ask(const struct policy_side *s, const struct sim_call *c)
{
	uint32_t ret;

	if (sim_run(s->insns, s->len, c, &ret) == -1)
		return SECCOMP_RET_KILL_PROCESS;
	return ret;
}

/* Every combination of the values; each kind of difference is told once. */
static void
compare(const struct compared *d, int nr, const char *name,
    const struct values l[6])
{
	enum policy_difference kind;
	struct sim_call c;
	size_t at[6] = {0};
	int i, told[PD_UNKNOWN] = {0};
	uint32_t x, y;

	memset(&c, 0, sizeof(c));
	c.nr = (uint32_t)nr;
	c.arch = SIM_ARCH_NATIVE;
	for (;;) {
		for (i = 0; i < 6; i++)
			c.args[i] = l[i].v[at[i]];
		x = ask(d->a, &c);
		y = ask(d->b, &c);
		kind = policy_severity(y) < policy_severity(x) ? PD_WIDER :
		    policy_severity(y) > policy_severity(x) ? PD_NARROWER :
							      PD_OTHER;
		if (x != y && !told[kind]) {
			told[kind] = 1;
			d->cb(d->arg, kind, name, &c, x, y);
		}
		for (i = 0; i < 6 && ++at[i] == l[i].n; i++)
			at[i] = 0;
		if (i == 6)
			break;
	}
}

int
policy_diff_calls(const struct policy_side *a, const struct policy_side *b,
    uint64_t vectors, policy_diff_cb cb, void *arg)
{
	static uint64_t room[6][MAX_VALUES];
	const struct compared d = {a, b, cb, arg};
	struct values l[6];
	const char *call;
	char name[64];
	uint64_t n;
	int nr, i, rc = 0;

	for (nr = 0; nr <= POLICY_MAX_NR; nr++) {
		call = policy_call_name(nr);
		if (call == NULL && nr < POLICY_MAX_NR)
			continue;
		if (call == NULL)
			(void)snprintf(name, sizeof(name), "(number %d)", nr);
		else
			(void)snprintf(name, sizeof(name), "%s", call);
		for (i = 0; i < 6; i++) {
			l[i].v = room[i];
			l[i].n = 0;
			add_value(&l[i], 0);
		}
		collect(a->p, nr, l);
		collect(b->p, nr, l);
		for (n = 1, i = 0; i < 6; i++)
			n *= n > vectors ? 1 : l[i].n;
		if (n > vectors) {
			cb(arg, PD_UNKNOWN, name, NULL, 0, 0);
			rc = -1;
			continue;
		}
		vectors -= n;
		compare(&d, nr, name, l);
	}
	return rc;
}
