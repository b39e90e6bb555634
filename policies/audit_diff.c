/* SPDX-License-Identifier: ISC */
/*
 * hpaudit diff A B: what B lets through that A does not, and the other way
 * round: the calls (policy_diff.c), then the rest of the policy (limits,
 * capabilities, files, namespaces) word by word. Changes nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "audit_call.h"
#include "policy_diff.h"

#define MAX_VECTORS 20000000u /* of all calls together */

struct difference {
	unsigned wider, narrower, other;
};

/* policy_diff_cb */
static void
tell(void *arg, enum policy_difference kind, const char *call,
    const struct sim_call *c, uint32_t a, uint32_t b)
{
	static const char *const words[] = {"wider", "narrower", "other"};
	struct difference *d = arg;
	char x[64], y[64];
	int i;

	if (kind == PD_UNKNOWN) {
		(void)printf("%s: too many conditions to compare\n", call);
		return;
	}
	(void)printf("%-9s %s", words[kind], call);
	for (i = 0; i < 6; i++)
		if (c->args[i] != 0)
			(void)printf(" a%d=%#" PRIx64, i, c->args[i]);
	(void)printf(": %s -> %s\n", sim_name(a, x, sizeof(x)),
	    sim_name(b, y, sizeof(y)));
	d->wider += kind == PD_WIDER;
	d->narrower += kind == PD_NARROWER;
	d->other += kind == PD_OTHER;
}

static int
diff_calls(const struct audit_filter *a, const struct audit_filter *b,
    struct difference *d)
{
	const struct policy_side x = {&a->p, a->insns, a->len};
	const struct policy_side y = {&b->p, b->insns, b->len};

	return policy_diff_calls(&x, &y, MAX_VECTORS, tell, d);
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
