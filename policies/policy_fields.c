/* SPDX-License-Identifier: ISC */
/*
 * The statements of a policy that are not about system calls: Landlock, limits,
 * namespaces, capabilities, promises. Build time and hpaudit only.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy_stmt.h"

int
policy_once(struct parser *ps, uint8_t *have, const char *what)
{
	if (*have) {
		policy_complain(ps, "%s given twice", what);
		return -1;
	}
	*have = 1;
	return 0;
}

void
policy_st_landlock(struct parser *ps, int argc, char **argv)
{
	struct policy *p = ps->p;
	struct policy_path *pp;
	uint64_t r;
	int i;

	if (argc == 2 && (strcmp(argv[1], "none") == 0 ||
	    strcmp(argv[1], "deny") == 0)) {
		if (policy_once(ps, &p->have_landlock, "landlock") == 0)
			p->landlock = argv[1][0] == 'd';
		return;
	}
	if (argc < 4 || strcmp(argv[1], "fs") != 0 || argv[2][0] != '/' ||
	    strlen(argv[2]) >= sizeof(pp->path)) {
		policy_complain(ps, "must be: landlock none|deny|fs /PATH RIGHT...");
		return;
	}
	if (p->have_landlock && (p->landlock == 0 || p->npaths == 0)) {
		policy_complain(ps, "landlock given twice");
		return;
	}
	for (i = 0; i < (int)p->npaths; i++)
		if (strcmp(p->paths[i].path, argv[2]) == 0) {
			policy_complain(ps, "path given twice");
			return;
		}
	if (p->npaths == POLICY_MAX_PATHS) {
		policy_complain(ps, "too many paths");
		return;
	}
	pp = &p->paths[p->npaths];
	memset(pp, 0, sizeof(*pp));
	memcpy(pp->path, argv[2], strlen(argv[2]));
	for (i = 3; i < argc; i++) {
		if (policy_right(argv[i], &r) == -1) {
			policy_complain(ps, "unknown right %s", argv[i]);
			return;
		}
		pp->rights |= r;
	}
	p->npaths++;
	p->have_landlock = p->landlock = 1;
}

static int
limit_of(const char *word, uint64_t *out)
{
	char *end;
	unsigned long long v, unit = 1;

	if (strcmp(word, "unlimited") == 0) {
		*out = UINT64_MAX; /* RLIM_INFINITY */
		return 0;
	}
	if (!isdigit((unsigned char)word[0]))
		return -1;
	errno = 0;
	v = strtoull(word, &end, 10);
	if (*end == 'K')
		unit = 1ULL << 10;
	else if (*end == 'M')
		unit = 1ULL << 20;
	else if (*end == 'G')
		unit = 1ULL << 30;
	if (unit != 1)
		end++;
	if (errno != 0 || *end != '\0' || v > (1ULL << 62) / unit)
		return -1;
	*out = v * unit;
	return 0;
}

void
policy_st_rlimit(struct parser *ps, int argc, char **argv)
{
	struct policy *p = ps->p;
	struct sandbox_rlimit r;
	const char *macro;
	size_t i;

	if (argc < 3 || argc > 4 ||
	    policy_rlimit(argv[1], &r.resource, &macro) == -1 ||
	    limit_of(argv[2], &r.soft) == -1 ||
	    limit_of(argv[argc - 1], &r.hard) == -1 || r.soft > r.hard) {
		policy_complain(ps, "must be: rlimit NAME SOFT [HARD]");
		return;
	}
	for (i = 0; i < p->nrlimits; i++)
		if (p->rlimits[i].resource == r.resource) {
			policy_complain(ps, "rlimit %s given twice", argv[1]);
			return;
		}
	if (p->nrlimits == POLICY_MAX_RLIMITS) {
		policy_complain(ps, "too many limits");
		return;
	}
	p->rlimits[p->nrlimits] = r;
	p->rlimit_names[p->nrlimits++] = macro;
}

void
policy_st_ns(struct parser *ps, int argc, char **argv)
{
	uint8_t b;
	int i;

	if (policy_once(ps, &ps->p->have_ns, "ns") == -1)
		return;
	if (argc == 2 && strcmp(argv[1], "none") == 0)
		return;
	if (argc < 2)
		policy_complain(ps, "must be: ns none|NAME...");
	for (i = 1; i < argc; i++) {
		if (policy_ns(argv[i], &b) == -1 || (ps->p->ns & b) != 0) {
			policy_complain(ps, "bad or doubled namespace %s", argv[i]);
			return;
		}
		ps->p->ns |= b;
	}
}

void
policy_st_caps(struct parser *ps, int argc, char **argv)
{
	int bounding = strcmp(argv[0], "bounding") == 0;
	uint64_t *set = bounding ? &ps->p->bounding : &ps->p->caps;
	uint64_t b;
	int i;

	if (policy_once(ps, bounding ? &ps->p->have_bounding : &ps->p->have_caps,
	    argv[0]) == -1)
		return;
	if (argc == 2 && strcmp(argv[1], "none") == 0)
		return;
	if (argc == 2 && strcmp(argv[1], "all") == 0) {
		*set = UINT64_MAX;
		return;
	}
	if (argc < 2)
		policy_complain(ps, "must be: %s none|all|NAME...", argv[0]);
	for (i = 1; i < argc; i++) {
		if (policy_cap(argv[i], &b) == -1 || (*set & b) != 0) {
			policy_complain(ps, "bad or doubled capability %s", argv[i]);
			return;
		}
		*set |= b;
	}
}

void
policy_st_mdwe(struct parser *ps, int argc, char **argv)
{
	if (policy_once(ps, &ps->p->have_mdwe, "mdwe") == -1)
		return;
	if (argc == 2 && strcmp(argv[1], "on") == 0)
		ps->p->mdwe = 1;
	else if (argc != 2 || strcmp(argv[1], "off") != 0)
		policy_complain(ps, "must be: mdwe on|off");
}

void
policy_st_openbsd(struct parser *ps, int argc, char **argv)
{
	char *out = ps->p->pledge;
	size_t i, len;

	if (out[0] != '\0') {
		policy_complain(ps, "openbsd pledge given twice");
		return;
	}
	len = argc == 3 ? strlen(argv[2]) : 0;
	if (len < 3 || strcmp(argv[1], "pledge") != 0 || argv[2][0] != '"' ||
	    len - 2 >= sizeof(ps->p->pledge)) {
		policy_complain(ps, "must be: openbsd pledge \"PROMISES\"");
		return;
	}
	for (i = 1; i < len - 1; i++)
		if (!islower((unsigned char)argv[2][i]) && argv[2][i] != ' ')
			break;
	if (i != len - 1 || argv[2][len - 1] != '"') {
		policy_complain(ps, "promises are lower-case words");
		return;
	}
	memcpy(out, argv[2] + 1, len - 2);
	out[len - 2] = '\0';
}
