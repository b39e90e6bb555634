/* SPDX-License-Identifier: ISC */
/*
 * Parser of policies/NAME.policy. One statement a line, '#' starts a comment:
 *
 *	policy NAME v1				first statement
 *	default kill | default errno EPERM | default allow
 *	badarch kill				compulsory
 *	allow CALL... [if CONDITION]		conditions: policy_cond.c
 *	errno ENOSYS CALL... [if CONDITION]
 *	trip CALL... [if CONDITION]		kill, and an alert
 *	landlock none | landlock deny | landlock fs PATH RIGHT...
 *	rlimit NAME SOFT [HARD]			K, M, G; unlimited
 *	ns none | ns net ipc uts mnt pid
 *	caps none | caps NAME...		kept; bounding likewise
 *	bounding none | bounding NAME...
 *	mdwe on | mdwe off
 *	openbsd pledge "PROMISES"
 *
 * An allow of a dangerous call needs a "# why:" on its line or in the comment
 * directly above it. Unknown words, doubled statements and calls with two
 * meanings are errors. Build time and hpaudit only; reads files of the
 * operator, so a broken one must only ever cause a message.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "policy.h"

#define MAX_WORDS 96

struct parser {
	struct policy *p;
	const char *file;
	policy_err_cb cb;
	void *cb_arg;
	uint32_t line;
	unsigned errors;
	int named;
	int why;     /* this statement's line or the comment above has one */
	int why_above;
};

static void complain(struct parser *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
complain(struct parser *ps, const char *fmt, ...)
{
	char buf[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	ps->errors++;
	if (ps->cb != NULL)
		ps->cb(ps->cb_arg, ps->file, ps->line, buf);
}

static int
once(struct parser *ps, uint8_t *have, const char *what)
{
	if (*have) {
		complain(ps, "%s given twice", what);
		return -1;
	}
	*have = 1;
	return 0;
}

static void
st_policy(struct parser *ps, int argc, char **argv)
{
	size_t i;

	if (ps->named) {
		complain(ps, "policy given twice");
		return;
	}
	ps->named = 1;
	if (argc != 3 || strcmp(argv[2], "v1") != 0) {
		complain(ps, "must be: policy NAME v1");
		return;
	}
	for (i = 0; argv[1][i] != '\0'; i++)
		if (!isalnum((unsigned char)argv[1][i]) &&
		    (argv[1][i] != '-' || i == 0))
			break;
	if (argv[1][i] != '\0' || i == 0 || i >= POLICY_NAME_MAX) {
		complain(ps, "bad policy name");
		return;
	}
	memcpy(ps->p->name, argv[1], i + 1);
}

static int
errno_of(struct parser *ps, const char *word, uint16_t *out)
{
	int64_t v;

	if (word[0] != 'E' || policy_const(word, &v) == -1 || v < 1 ||
	    v > 4095) {
		complain(ps, "unknown errno %s", word);
		return -1;
	}
	*out = (uint16_t)v;
	return 0;
}

static void
st_default(struct parser *ps, int argc, char **argv)
{
	struct policy *p = ps->p;

	if (once(ps, &p->have_default, "default") == -1)
		return;
	if (argc == 2 && strcmp(argv[1], "kill") == 0)
		p->dflt = PV_KILL;
	else if (argc == 2 && strcmp(argv[1], "allow") == 0)
		p->dflt = PV_ALLOW;
	else if (argc == 3 && strcmp(argv[1], "errno") == 0) {
		if (errno_of(ps, argv[2], &p->dflt_err) == 0)
			p->dflt = PV_ERRNO;
	} else
		complain(ps, "must be: default kill|allow|errno NAME");
}

static void
st_badarch(struct parser *ps, int argc, char **argv)
{
	if (once(ps, &ps->p->have_badarch, "badarch") == -1)
		return;
	if (argc != 2 || strcmp(argv[1], "kill") != 0)
		complain(ps, "must be: badarch kill");
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
			complain(ps, "%s already has a rule in line %u",
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
		complain(ps, "unknown system call %s", call);
		return;
	}
	memcpy(r.name, call, len + 1);
	r.verdict = verdict;
	r.err = err;
	r.line = ps->line;
	if (verdict == p->dflt && err == p->dflt_err) {
		complain(ps, "%s: same as the default", call);
		return;
	}
	if (verdict == PV_ALLOW && policy_dangerous(call) && !ps->why) {
		complain(ps, "%s needs a '# why:'", call);
		return;
	}
	if (ncond > 0 && policy_cond(p, call, cond, ncond, &r.conj_first,
	    &r.conj_count, msg, sizeof(msg)) == -1) {
		complain(ps, "%s", msg);
		return;
	}
	for (i = 0; i < ncond; i++) {
		l = strlen(cond[i]);
		if (off + l + 2 > sizeof(r.cond)) {
			complain(ps, "condition too long");
			return;
		}
		if (i > 0)
			r.cond[off++] = ' ';
		memcpy(r.cond + off, cond[i], l + 1);
		off += l;
	}
	if (p->nrules == POLICY_MAX_RULES) {
		complain(ps, "too many rules");
		return;
	}
	if (clash(ps, &r) == 0)
		p->rules[p->nrules++] = r;
}

static void
st_calls(struct parser *ps, int argc, char **argv)
{
	uint8_t verdict = PV_ALLOW;
	uint16_t err = 0;
	int i = 1, cond, end;

	if (!ps->p->have_default) {
		complain(ps, "default must come before the calls");
		return;
	}
	if (strcmp(argv[0], "trip") == 0)
		verdict = PV_TRIP;
	if (strcmp(argv[0], "errno") == 0) {
		verdict = PV_ERRNO;
		if (argc < 2 || errno_of(ps, argv[1], &err) == -1) {
			if (argc < 2)
				complain(ps, "must be: errno NAME CALL...");
			return;
		}
		i = 2;
	}
	for (end = i; end < argc && strcmp(argv[end], "if") != 0; end++)
		;
	cond = end < argc ? end + 1 : argc;
	if (end == i || (end < argc && cond == argc)) {
		complain(ps, "must be: %s CALL... [if CONDITION]", argv[0]);
		return;
	}
	for (; i < end; i++)
		add_rule(ps, verdict, err, argv[i], argv + cond, argc - cond);
}

static void
st_landlock(struct parser *ps, int argc, char **argv)
{
	struct policy *p = ps->p;
	struct policy_path *pp;
	uint64_t r;
	int i;

	if (argc == 2 && (strcmp(argv[1], "none") == 0 ||
	    strcmp(argv[1], "deny") == 0)) {
		if (once(ps, &p->have_landlock, "landlock") == 0)
			p->landlock = argv[1][0] == 'd';
		return;
	}
	if (argc < 4 || strcmp(argv[1], "fs") != 0 || argv[2][0] != '/' ||
	    strlen(argv[2]) >= sizeof(pp->path)) {
		complain(ps, "must be: landlock none|deny|fs /PATH RIGHT...");
		return;
	}
	if (p->have_landlock && (p->landlock == 0 || p->npaths == 0)) {
		complain(ps, "landlock given twice");
		return;
	}
	for (i = 0; i < (int)p->npaths; i++)
		if (strcmp(p->paths[i].path, argv[2]) == 0) {
			complain(ps, "path given twice");
			return;
		}
	if (p->npaths == POLICY_MAX_PATHS) {
		complain(ps, "too many paths");
		return;
	}
	pp = &p->paths[p->npaths];
	memset(pp, 0, sizeof(*pp));
	memcpy(pp->path, argv[2], strlen(argv[2]));
	for (i = 3; i < argc; i++) {
		if (policy_right(argv[i], &r) == -1) {
			complain(ps, "unknown right %s", argv[i]);
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

static void
st_rlimit(struct parser *ps, int argc, char **argv)
{
	struct policy *p = ps->p;
	struct sandbox_rlimit r;
	const char *macro;
	size_t i;

	if (argc < 3 || argc > 4 ||
	    policy_rlimit(argv[1], &r.resource, &macro) == -1 ||
	    limit_of(argv[2], &r.soft) == -1 ||
	    limit_of(argv[argc - 1], &r.hard) == -1 || r.soft > r.hard) {
		complain(ps, "must be: rlimit NAME SOFT [HARD]");
		return;
	}
	for (i = 0; i < p->nrlimits; i++)
		if (p->rlimits[i].resource == r.resource) {
			complain(ps, "rlimit %s given twice", argv[1]);
			return;
		}
	if (p->nrlimits == POLICY_MAX_RLIMITS) {
		complain(ps, "too many limits");
		return;
	}
	p->rlimits[p->nrlimits] = r;
	p->rlimit_names[p->nrlimits++] = macro;
}

static void
st_ns(struct parser *ps, int argc, char **argv)
{
	uint8_t b;
	int i;

	if (once(ps, &ps->p->have_ns, "ns") == -1)
		return;
	if (argc == 2 && strcmp(argv[1], "none") == 0)
		return;
	if (argc < 2)
		complain(ps, "must be: ns none|NAME...");
	for (i = 1; i < argc; i++) {
		if (policy_ns(argv[i], &b) == -1 || (ps->p->ns & b) != 0) {
			complain(ps, "bad or doubled namespace %s", argv[i]);
			return;
		}
		ps->p->ns |= b;
	}
}

static void
st_caps(struct parser *ps, int argc, char **argv)
{
	int bounding = strcmp(argv[0], "bounding") == 0;
	uint64_t *set = bounding ? &ps->p->bounding : &ps->p->caps;
	uint64_t b;
	int i;

	if (once(ps, bounding ? &ps->p->have_bounding : &ps->p->have_caps,
	    argv[0]) == -1)
		return;
	if (argc == 2 && strcmp(argv[1], "none") == 0)
		return;
	if (argc == 2 && strcmp(argv[1], "all") == 0) {
		*set = UINT64_MAX;
		return;
	}
	if (argc < 2)
		complain(ps, "must be: %s none|all|NAME...", argv[0]);
	for (i = 1; i < argc; i++) {
		if (policy_cap(argv[i], &b) == -1 || (*set & b) != 0) {
			complain(ps, "bad or doubled capability %s", argv[i]);
			return;
		}
		*set |= b;
	}
}

static void
st_mdwe(struct parser *ps, int argc, char **argv)
{
	if (once(ps, &ps->p->have_mdwe, "mdwe") == -1)
		return;
	if (argc == 2 && strcmp(argv[1], "on") == 0)
		ps->p->mdwe = 1;
	else if (argc != 2 || strcmp(argv[1], "off") != 0)
		complain(ps, "must be: mdwe on|off");
}

static void
st_openbsd(struct parser *ps, int argc, char **argv)
{
	char *out = ps->p->pledge;
	size_t i, len;

	if (out[0] != '\0') {
		complain(ps, "openbsd pledge given twice");
		return;
	}
	len = argc == 3 ? strlen(argv[2]) : 0;
	if (len < 3 || strcmp(argv[1], "pledge") != 0 || argv[2][0] != '"' ||
	    len - 2 >= sizeof(ps->p->pledge)) {
		complain(ps, "must be: openbsd pledge \"PROMISES\"");
		return;
	}
	for (i = 1; i < len - 1; i++)
		if (!islower((unsigned char)argv[2][i]) && argv[2][i] != ' ')
			break;
	if (i != len - 1 || argv[2][len - 1] != '"') {
		complain(ps, "promises are lower-case words");
		return;
	}
	memcpy(out, argv[2] + 1, len - 2);
	out[len - 2] = '\0';
}

static const struct {
	const char *word;
	void (*fn)(struct parser *, int, char **);
} statements[] = {
    {"policy", st_policy}, {"default", st_default}, {"badarch", st_badarch},
    {"allow", st_calls}, {"errno", st_calls}, {"trip", st_calls},
    {"landlock", st_landlock}, {"rlimit", st_rlimit}, {"ns", st_ns},
    {"caps", st_caps}, {"bounding", st_caps}, {"mdwe", st_mdwe},
    {"openbsd", st_openbsd},
};

/* Cut the comment off, split into words ("a b" is one, quotes kept). */
static int
split(struct parser *ps, char *s, char **argv)
{
	int n = 0, quoted;

	for (;;) {
		while (*s == ' ' || *s == '\t')
			s++;
		if (*s == '\0')
			return n;
		if (*s == '#') {
			if (strncmp(s, "# why: ", 7) == 0 && s[7] != '\0')
				ps->why = 1;
			return n;
		}
		if (n == MAX_WORDS) {
			complain(ps, "too many words");
			return -1;
		}
		argv[n++] = s;
		quoted = 0;
		while (*s != '\0' &&
		    (quoted || (*s != ' ' && *s != '\t' && *s != '#'))) {
			if (*s == '"')
				quoted = !quoted;
			s++;
		}
		if (quoted) {
			complain(ps, "unfinished quotes");
			return -1;
		}
		if (*s == '#') {
			complain(ps, "no space before '#'");
			return -1;
		}
		if (*s != '\0')
			*s++ = '\0';
	}
}

static void
statement(struct parser *ps, char *text)
{
	char *argv[MAX_WORDS];
	size_t i;
	int argc, above = ps->why_above;

	ps->why = 0;
	if ((argc = split(ps, text, argv)) == -1)
		return;
	if (argc == 0) {
		/* A comment keeps what the one above it began; an empty line
		 * ends it. */
		ps->why_above = *text == '\0' ? 0 : ps->why || above;
		return;
	}
	ps->why |= above;
	ps->why_above = 0;
	if (!ps->named && strcmp(argv[0], "policy") != 0) {
		complain(ps, "first statement must be: policy NAME v1");
		ps->named = 1; /* say it once */
	}
	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (strcmp(statements[i].word, argv[0]) == 0) {
			statements[i].fn(ps, argc, argv);
			return;
		}
	complain(ps, "unknown statement %s", argv[0]);
}

static void
finish(struct parser *ps)
{
	struct policy *p = ps->p;

	if (p->name[0] == '\0' && ps->errors == 0)
		complain(ps, "no policy statement");
	if (!p->have_default)
		complain(ps, "no default");
	if (!p->have_badarch)
		complain(ps, "no badarch");
	if (!p->have_landlock)
		complain(ps, "no landlock");
	if (!p->have_ns)
		complain(ps, "no ns");
	if (!p->have_caps || !p->have_bounding)
		complain(ps, "no caps or no bounding");
	if (!p->have_mdwe)
		complain(ps, "no mdwe");
	if ((p->caps & ~p->bounding) != 0)
		complain(ps, "caps outside bounding");
}

static int
printable(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] != '\t' && (s[i] < ' ' || s[i] > '~'))
			return 0;
	return 1;
}

int
policy_parse(struct policy *p, const char *file, const char *text, size_t len,
    policy_err_cb cb, void *arg)
{
	struct parser ps = {
	    .p = p, .file = file, .cb = cb, .cb_arg = arg, .line = 0};
	char buf[POLICY_LINE_MAX];
	const char *nl;
	size_t n;

	memset(p, 0, sizeof(*p));
	p->rules = calloc(POLICY_MAX_RULES, sizeof(*p->rules));
	p->conj = calloc(POLICY_MAX_CONJ, sizeof(*p->conj));
	if (p->rules == NULL || p->conj == NULL) {
		complain(&ps, "out of memory");
		return -1;
	}
	while (len > 0) {
		ps.line++;
		nl = memchr(text, '\n', len);
		n = nl != NULL ? (size_t)(nl - text) : len;
		if (n >= sizeof(buf) || !printable(text, n)) {
			complain(&ps, "line too long or not plain text");
		} else {
			memcpy(buf, text, n);
			buf[n] = '\0';
			statement(&ps, buf);
		}
		if (nl != NULL)
			n++;
		text += n;
		len -= n;
	}
	finish(&ps);
	return ps.errors == 0 ? 0 : -1;
}

int
policy_load(struct policy *p, const char *file, policy_err_cb cb, void *arg)
{
	static char text[POLICY_FILE_MAX + 1];
	size_t n;
	FILE *f;
	int bad;

	memset(p, 0, sizeof(*p));
	if ((f = fopen(file, "re")) == NULL) {
		if (cb != NULL)
			cb(arg, file, 0, strerror(errno));
		return -1;
	}
	n = fread(text, 1, sizeof(text), f);
	bad = ferror(f);
	(void)fclose(f);
	if (bad || n > POLICY_FILE_MAX) {
		if (cb != NULL)
			cb(arg, file, 0, bad ? "read error" : "too large");
		return -1;
	}
	return policy_parse(p, file, text, n, cb, arg);
}

void
policy_free(struct policy *p)
{
	free(p->rules);
	free(p->conj);
	p->rules = NULL;
	p->conj = NULL;
	p->nrules = p->nconj = 0;
}
