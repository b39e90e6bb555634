/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: an operator's policy held against the shipped one: what is wider
 * there, or of another kind, is told, because it has no effect. Changes
 * nothing.
 */
#include "policy_wide.h"

#include <linux/seccomp.h>

#include <stdio.h>
#include <string.h>

#define VECTORS 1000000u /* questions: a second, at worst some */
#define NAMES	12	 /* in one message */

struct call { /* that keeps the shipped answer */
	char name[POLICY_NAME_MAX];
	uint32_t line; /* of own's rule; 0: its default */
	uint8_t refused; /* own would allow it */
	uint8_t unknown; /* not compared */
};

struct wide {
	const struct policy *own;
	int script;
	int replaces; /* -P: own is in force alone */
	struct call call[2 * POLICY_MAX_NR];
	uint32_t n;
};

static uint32_t
line_of(const struct policy *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->nrules; i++)
		if (strcmp(p->rules[i].name, name) == 0)
			return p->rules[i].line;
	return 0;
}

/* policy_diff_cb: a is the shipped one. */
static void
differs(void *arg, enum policy_difference kind, const char *name,
    const struct sim_call *call, uint32_t a, uint32_t b)
{
	struct wide *w = arg;
	struct call *c;
	int kept;

	(void)call;
	/* Of two filters the more severe answers, of equals the newer; in a
	 * merged one the shipped refusal comes first. */
	kept = kind == PD_WIDER || kind == PD_UNKNOWN ||
	    (w->script && !w->replaces && a != SECCOMP_RET_ALLOW);
	if (!kept || w->n == sizeof(w->call) / sizeof(w->call[0]))
		return;
	c = &w->call[w->n++];
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->line = line_of(w->own, name);
	c->unknown = kind == PD_UNKNOWN;
	c->refused = !c->unknown && b == SECCOMP_RET_ALLOW;
}

/* The calls of one line and kind in one message. */
static void
tell(struct conf *c, const struct wide *w, const struct call *like,
    struct conf_pos pos)
{
	char list[NAMES * (POLICY_NAME_MAX + 2) + 32] = "";
	size_t off = 0;
	uint32_t i, n = 0;

	for (i = 0; i < w->n; i++) {
		const struct call *k = &w->call[i];

		if (k->line != like->line || k->refused != like->refused ||
		    k->unknown != like->unknown || n++ >= NAMES)
			continue;
		off += (size_t)snprintf(list + off, sizeof(list) - off, "%s%s",
		    off > 0 ? ", " : "", k->name);
	}
	if (like->line != 0)
		pos.line = like->line;
	if (n > NAMES)
		(void)snprintf(list + off, sizeof(list) - off, " and %u more",
		    n - NAMES);
	conf_warn(c, pos, "%s: %s%s",
	    like->unknown ? "too many conditions to compare" :
	    w->replaces ? "wider than the shipped policy, and in force (-P)" :
	    like->refused ? "wider than the shipped policy, stays refused" :
			    "the shipped policy's answer stays", list,
	    like->line == 0 && !like->unknown ? ", by the default" : "");
}

static void
calls(struct conf *c, const struct policy_side *base,
    const struct policy_side *own, int script, struct conf_pos pos)
{
	static struct wide w;
	uint32_t i, j;

	memset(&w, 0, sizeof(w));
	w.own = own->p;
	w.script = script;
	w.replaces = c->policies_wide;
	(void)policy_diff_calls(base, own, VECTORS, differs, &w);
	for (i = 0; i < w.n; i++) {
		for (j = 0; j < i; j++)
			if (w.call[j].line == w.call[i].line &&
			    w.call[j].refused == w.call[i].refused &&
			    w.call[j].unknown == w.call[i].unknown)
				break;
		if (j == i)
			tell(c, &w, &w.call[i], pos);
	}
}

static int
same_paths(const struct policy *a, const struct policy *b)
{
	size_t i, j;

	if (a->npaths != b->npaths)
		return 0;
	for (i = 0; i < a->npaths; i++) {
		for (j = 0; j < b->npaths; j++)
			if (strcmp(a->paths[i].path, b->paths[j].path) == 0 &&
			    a->paths[i].rights == b->paths[j].rights)
				break;
		if (j == b->npaths)
			return 0;
	}
	return 1;
}

static void
limits(struct conf *c, const struct policy *base, const struct policy *own,
    int script, struct conf_pos pos)
{
	const struct sandbox_rlimit *r, *s;
	size_t i, j;

	for (i = 0; i < own->nrlimits; i++) {
		r = &own->rlimits[i];
		for (j = 0, s = NULL; j < base->nrlimits; j++)
			if (base->rlimits[j].resource == r->resource)
				s = &base->rlimits[j];
		if (script && s != NULL &&
		    (r->soft > s->soft || r->hard > s->hard))
			conf_warn(c, pos, "%s: the shipped limit is lower and "
			    "holds", own->rlimit_names[i]);
		if (!script && (s == NULL || r->soft != s->soft ||
		    r->hard != s->hard))
			conf_warn(c, pos, "%s: stays as shipped: limits of a "
			    "daemon are set before it reads this",
			    own->rlimit_names[i]);
	}
}

void
policy_wide(struct conf *c, const struct policy_side *base,
    const struct policy_side *own, int script, struct conf_pos pos)
{
	const struct policy *a = base->p, *b = own->p;
	const struct {
		const char *what;
		int differs;
	} fixed[] = {
		{ "landlock", a->landlock != b->landlock || !same_paths(a, b) },
		{ "ns", a->ns != b->ns },
		{ "caps", a->caps != b->caps },
		{ "bounding", a->bounding != b->bounding },
		{ "mdwe", a->mdwe != b->mdwe },
		{ "openbsd", strcmp(a->pledge, b->pledge) != 0 },
	};
	size_t i;

	calls(c, base, own, script, pos);
	limits(c, a, b, script, pos);
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (fixed[i].differs)
			conf_warn(c, pos, "%s: stays as shipped, only calls%s "
			    "can be narrowed", fixed[i].what,
			    script ? " and limits" : "");
}
