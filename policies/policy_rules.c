/* SPDX-License-Identifier: ISC */
/*
 * The statements allow, errno and trip of a policy. Build time and hpaudit
 * only; see policy_parse.c for the language.
 */
#include <stdio.h>
#include <string.h>

#include <seccomp.h>

#include "policy_stmt.h"

int
policy_errno(struct parser *ps, const char *word, uint16_t *out)
{
	int64_t v;

	if (word[0] != 'E' || policy_const(word, &v) == -1 || v < 1 ||
	    v > 4095) {
		policy_complain(ps, "unknown errno %s", word);
		return -1;
	}
	*out = (uint16_t)v;
	return 0;
}

/* A second line for the same call is only good for another condition. */
static int
clash(struct parser *ps, const struct policy_rule *r)
{
	const struct policy_rule *o;
	size_t i;

	for (i = 0; i < ps->p->nrules; i++) {
		o = &ps->p->rules[i];
		if (strcmp(o->name, r->name) != 0)
			continue;
		if (o->verdict != r->verdict || o->err != r->err ||
		    o->conj_count == 0 || r->conj_count == 0) {
			policy_complain(ps, "%s already has a rule in line %u",
			    r->name, o->line);
			return -1;
		}
	}
	return 0;
}

static void
add_rule(struct parser *ps, uint8_t verdict, uint16_t err, const char *call,
    char **cond, int ncond)
{
	struct policy *p = ps->p;
	struct policy_rule r;
	char msg[200];
	size_t len = strlen(call), off = 0, l;
	int i;

	memset(&r, 0, sizeof(r));
	if (len >= sizeof(r.name) ||
	    (r.nr = seccomp_syscall_resolve_name(call)) == __NR_SCMP_ERROR) {
		policy_complain(ps, "unknown system call %s", call);
		return;
	}
	memcpy(r.name, call, len + 1);
	r.verdict = verdict;
	r.err = err;
	r.line = ps->line;
	if (verdict == p->dflt && err == p->dflt_err) {
		policy_complain(ps, "%s: same as the default", call);
		return;
	}
	if (verdict == PV_ALLOW && policy_dangerous(call) && !ps->why) {
		policy_complain(ps, "%s needs a '# why:'", call);
		return;
	}
	if (ncond > 0 && policy_cond(p, call, cond, ncond, &r.conj_first,
	    &r.conj_count, msg, sizeof(msg)) == -1) {
		policy_complain(ps, "%s", msg);
		return;
	}
	for (i = 0; i < ncond; i++) {
		l = strlen(cond[i]);
		if (off + l + 2 > sizeof(r.cond)) {
			policy_complain(ps, "condition too long");
			return;
		}
		if (i > 0)
			r.cond[off++] = ' ';
		memcpy(r.cond + off, cond[i], l + 1);
		off += l;
	}
	if (p->nrules == POLICY_MAX_RULES) {
		policy_complain(ps, "too many rules");
		return;
	}
	if (clash(ps, &r) == 0)
		p->rules[p->nrules++] = r;
}

void
policy_st_calls(struct parser *ps, int argc, char **argv)
{
	uint8_t verdict = PV_ALLOW;
	uint16_t err = 0;
	int i = 1, cond, end;

	if (!ps->p->have_default) {
		policy_complain(ps, "default must come before the calls");
		return;
	}
	if (strcmp(argv[0], "trip") == 0)
		verdict = PV_TRIP;
	if (strcmp(argv[0], "errno") == 0) {
		verdict = PV_ERRNO;
		if (argc < 2 || policy_errno(ps, argv[1], &err) == -1) {
			if (argc < 2)
				policy_complain(ps, "must be: errno NAME CALL...");
			return;
		}
		i = 2;
	}
	for (end = i; end < argc && strcmp(argv[end], "if") != 0; end++)
		;
	cond = end < argc ? end + 1 : argc;
	if (end == i || (end < argc && cond == argc)) {
		policy_complain(ps, "must be: %s CALL... [if CONDITION]", argv[0]);
		return;
	}
	for (; i < end; i++)
		add_rule(ps, verdict, err, argv[i], argv + cond, argc - cond);
}
