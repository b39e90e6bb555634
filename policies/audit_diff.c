/* SPDX-License-Identifier: ISC */
/*
 * hpaudit diff A B: what B lets through that A does not, and the other way
 * round. Calls are compared by asking both filters about every combination of
 * argument values at which a rule of either changes its mind; the rest of the
 * policy (limits, capabilities, files, namespaces) word by word. hpaudit only;
 * changes nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/seccomp.h>

#include "audit.h"
#include "audit_call.h"

#define MAX_VALUES 2048	     /* of one argument */
#define MAX_VECTORS 4000000u /* of one call */

struct values {
	uint64_t *v;
	size_t n;
};

struct difference {
	unsigned wider, narrower, other;
};

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

/* The less, the more is let through. */
static int
severity(uint32_t ret)
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
tell(const char *what, const char *call, const struct sim_call *c,
    uint32_t a, uint32_t b)
{
	char x[64], y[64];
	int i;

	(void)printf("%-9s %s", what, call);
	for (i = 0; i < 6; i++)
		if (c->args[i] != 0)
			(void)printf(" a%d=%#" PRIx64, i, c->args[i]);
	(void)printf(": %s -> %s\n", sim_name(a, x, sizeof(x)),
	    sim_name(b, y, sizeof(y)));
}

/* Every combination of the values; each kind of difference is told once a
 * call, with the first example. */
static void
compare_call(const struct audit_filter *a, const struct audit_filter *b,
    int nr, const char *call, struct values l[6], struct difference *d)
{
	struct sim_call c;
	size_t at[6] = {0};
	int i, told[3] = {0}, kind;
	uint32_t x, y;

	memset(&c, 0, sizeof(c));
	c.nr = (uint32_t)nr;
	c.arch = SIM_ARCH_NATIVE;
	for (;;) {
		for (i = 0; i < 6; i++)
			c.args[i] = l[i].v[at[i]];
		x = audit_filter_ask(a, &c);
		y = audit_filter_ask(b, &c);
		kind = severity(y) < severity(x) ? 0 :
		    severity(y) > severity(x) ? 1 : 2;
		if (x != y && !told[kind]) {
			static const char *const words[] = {"wider",
			    "narrower", "other"};

			told[kind] = 1;
			tell(words[kind], call, &c, x, y);
		}
		for (i = 0; i < 6 && ++at[i] == l[i].n; i++)
			at[i] = 0;
		if (i == 6)
			break;
	}
	d->wider += (unsigned)told[0];
	d->narrower += (unsigned)told[1];
	d->other += (unsigned)told[2];
}

static int
diff_calls(const struct audit_filter *a, const struct audit_filter *b,
    struct difference *d)
{
	static uint64_t room[6][MAX_VALUES];
	struct values l[6];
	const char *call;
	char number[32];
	uint64_t n;
	int nr, i, rc = 0;

	for (nr = 0; nr <= AUDIT_MAX_NR; nr++) {
		call = audit_call_name(nr);
		if (call == NULL && nr < AUDIT_MAX_NR)
			continue;
		if (call == NULL) /* stands for all unknown ones */
			(void)snprintf(number, sizeof(number), "(number %d)",
			    nr);
		for (i = 0; i < 6; i++) {
			l[i].v = room[i];
			l[i].n = 0;
			add_value(&l[i], 0);
		}
		collect(&a->p, nr, l);
		collect(&b->p, nr, l);
		for (n = 1, i = 0; i < 6; i++)
			n *= n > MAX_VECTORS ? 1 : l[i].n;
		if (n > MAX_VECTORS) {
			(void)printf("%s: too many conditions to compare\n",
			    call != NULL ? call : number);
			rc = -1;
			continue;
		}
		compare_call(a, b, nr, call != NULL ? call : number, l, d);
	}
	return rc;
}

/* Bits that b has and a has not are wider, unless less is more. */
static void
diff_bits(const char *what, uint64_t a, uint64_t b, int less,
    struct difference *d)
{
	uint64_t more = less ? a & ~b : b & ~a, fewer = less ? b & ~a : a & ~b;

	if (more != 0) {
		(void)printf("wider     %s: %#" PRIx64 " -> %#" PRIx64 "\n",
		    what, a, b);
		d->wider++;
	} else if (fewer != 0) {
		(void)printf("narrower  %s: %#" PRIx64 " -> %#" PRIx64 "\n",
		    what, a, b);
		d->narrower++;
	}
}

static uint64_t
hard_of(const struct policy *p, int resource)
{
	size_t i;

	for (i = 0; i < p->nrlimits; i++)
		if (p->rlimits[i].resource == resource)
			return p->rlimits[i].hard;
	return UINT64_MAX;
}

static void
diff_limits(const struct policy *a, const struct policy *b,
    struct difference *d)
{
	uint64_t x, y;
	int r;

	for (r = 0; r < 32; r++) {
		x = hard_of(a, r);
		y = hard_of(b, r);
		if (x == y)
			continue;
		(void)printf("%-9s rlimit %d: %#" PRIx64 " -> %#" PRIx64 "\n",
		    y > x ? "wider" : "narrower", r, x, y);
		if (y > x)
			d->wider++;
		else
			d->narrower++;
	}
}

static uint64_t
rights_of(const struct policy *p, const char *path)
{
	size_t i;

	for (i = 0; i < p->npaths; i++)
		if (strcmp(p->paths[i].path, path) == 0)
			return p->paths[i].rights;
	return 0;
}

static void
diff_paths(const struct policy *a, const struct policy *b,
    struct difference *d)
{
	char what[160];
	size_t i;

	for (i = 0; i < a->npaths; i++) {
		(void)snprintf(what, sizeof(what), "landlock %s",
		    a->paths[i].path);
		diff_bits(what, a->paths[i].rights,
		    rights_of(b, a->paths[i].path), 0, d);
	}
	for (i = 0; i < b->npaths; i++)
		if (rights_of(a, b->paths[i].path) == 0) {
			(void)snprintf(what, sizeof(what), "landlock %s",
			    b->paths[i].path);
			diff_bits(what, 0, b->paths[i].rights, 0, d);
		}
}

int
audit_diff(int argc, char **argv)
{
	struct difference d = {0, 0, 0};
	struct audit_filter *a, *b;
	int rc = 2;

	if (argc != 3)
		return AUDIT_USAGE;
	a = calloc(1, sizeof(*a));
	b = calloc(1, sizeof(*b));
	if (a != NULL && b != NULL && audit_filter_load(a, argv[1]) == 0 &&
	    audit_filter_load(b, argv[2]) == 0) {
		rc = diff_calls(a, b, &d) == -1 ? 2 : 0;
		diff_limits(&a->p, &b->p, &d);
		diff_bits("capabilities", a->p.caps, b->p.caps, 0, &d);
		diff_bits("bounding set", a->p.bounding, b->p.bounding, 0, &d);
		diff_bits("namespaces of its own", a->p.ns, b->p.ns, 1, &d);
		diff_bits("mdwe", a->p.mdwe, b->p.mdwe, 1, &d);
		diff_bits("landlock", a->p.landlock, b->p.landlock, 1, &d);
		diff_paths(&a->p, &b->p, &d);
		if (strcmp(a->p.pledge, b->p.pledge) != 0) {
			(void)printf("other     pledge: \"%s\" -> \"%s\"\n",
			    a->p.pledge, b->p.pledge);
			d.other++;
		}
		if (rc == 0 && d.wider > 0)
			rc = 1;
		(void)printf("%u wider, %u narrower, %u other\n", d.wider,
		    d.narrower, d.other);
	}
	if (a != NULL)
		audit_filter_free(a);
	if (b != NULL)
		audit_filter_free(b);
	free(a);
	free(b);
	return rc;
}
