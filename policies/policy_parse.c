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

#include "policy_stmt.h"

#define MAX_WORDS 96

void
policy_complain(struct parser *ps, const char *fmt, ...)
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

static void
st_policy(struct parser *ps, int argc, char **argv)
{
	size_t i;

	if (ps->named) {
		policy_complain(ps, "policy given twice");
		return;
	}
	ps->named = 1;
	if (argc != 3 || strcmp(argv[2], "v1") != 0) {
		policy_complain(ps, "must be: policy NAME v1");
		return;
	}
	for (i = 0; argv[1][i] != '\0'; i++)
		if (!isalnum((unsigned char)argv[1][i]) &&
		    (argv[1][i] != '-' || i == 0))
			break;
	if (argv[1][i] != '\0' || i == 0 || i >= POLICY_NAME_MAX) {
		policy_complain(ps, "bad policy name");
		return;
	}
	memcpy(ps->p->name, argv[1], i + 1);
}

static void
st_default(struct parser *ps, int argc, char **argv)
{
	struct policy *p = ps->p;

	if (policy_once(ps, &p->have_default, "default") == -1)
		return;
	if (argc == 2 && strcmp(argv[1], "kill") == 0)
		p->dflt = PV_KILL;
	else if (argc == 2 && strcmp(argv[1], "allow") == 0)
		p->dflt = PV_ALLOW;
	else if (argc == 3 && strcmp(argv[1], "errno") == 0) {
		if (policy_errno(ps, argv[2], &p->dflt_err) == 0)
			p->dflt = PV_ERRNO;
	} else
		policy_complain(ps, "must be: default kill|allow|errno NAME");
}

static void
st_badarch(struct parser *ps, int argc, char **argv)
{
	if (policy_once(ps, &ps->p->have_badarch, "badarch") == -1)
		return;
	if (argc != 2 || strcmp(argv[1], "kill") != 0)
		policy_complain(ps, "must be: badarch kill");
}

static const struct {
	const char *word;
	void (*fn)(struct parser *, int, char **);
} statements[] = {
    {"policy", st_policy}, {"default", st_default}, {"badarch", st_badarch},
    {"allow", policy_st_calls}, {"errno", policy_st_calls}, {"trip", policy_st_calls},
    {"landlock", policy_st_landlock}, {"rlimit", policy_st_rlimit}, {"ns", policy_st_ns},
    {"caps", policy_st_caps}, {"bounding", policy_st_caps}, {"mdwe", policy_st_mdwe},
    {"openbsd", policy_st_openbsd},
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
			policy_complain(ps, "too many words");
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
			policy_complain(ps, "unfinished quotes");
			return -1;
		}
		if (*s == '#') {
			policy_complain(ps, "no space before '#'");
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
		policy_complain(ps, "first statement must be: policy NAME v1");
		ps->named = 1; /* say it once */
	}
	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (strcmp(statements[i].word, argv[0]) == 0) {
			statements[i].fn(ps, argc, argv);
			return;
		}
	policy_complain(ps, "unknown statement %s", argv[0]);
}

static void
finish(struct parser *ps)
{
	struct policy *p = ps->p;

	if (p->name[0] == '\0' && ps->errors == 0)
		policy_complain(ps, "no policy statement");
	if (!p->have_default)
		policy_complain(ps, "no default");
	if (!p->have_badarch)
		policy_complain(ps, "no badarch");
	if (!p->have_landlock)
		policy_complain(ps, "no landlock");
	if (!p->have_ns)
		policy_complain(ps, "no ns");
	if (!p->have_caps || !p->have_bounding)
		policy_complain(ps, "no caps or no bounding");
	if (!p->have_mdwe)
		policy_complain(ps, "no mdwe");
	if ((p->caps & ~p->bounding) != 0)
		policy_complain(ps, "caps outside bounding");
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
		policy_complain(&ps, "out of memory");
		return -1;
	}
	while (len > 0) {
		ps.line++;
		nl = memchr(text, '\n', len);
		n = nl != NULL ? (size_t)(nl - text) : len;
		if (n >= sizeof(buf) || !printable(text, n)) {
			policy_complain(&ps, "line too long or not plain text");
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
