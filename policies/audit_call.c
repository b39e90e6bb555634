/* SPDX-License-Identifier: ISC */
/*
 * hpaudit: calls as text, policies as filters. Shared by its verbs; changes
 * nothing and loads no filter.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "audit.h"
#include "audit_call.h"
#include "policy_diff.h"

const char *
audit_call_name(int nr)
{
	return policy_call_name(nr);
}

static int
number(const char *s, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(s, &end, 0);
	return errno != 0 || *end != '\0' || end == s ? -1 : 0;
}

static int
value(const char *s, uint64_t *out)
{
	int64_t v;

	if (s[0] == '-' || (s[0] >= '0' && s[0] <= '9'))
		return number(s, out);
	if (policy_value(s, &v) == -1)
		return -1;
	*out = (uint64_t)v;
	return 0;
}

static int
which_call(const char *word, struct sim_call *c)
{
	uint64_t n;
	int nr;

	c->arch = SIM_ARCH_NATIVE;
	if (strncmp(word, "i386:", 5) == 0 || strncmp(word, "x32:", 4) == 0) {
		if (number(strchr(word, ':') + 1, &n) == -1 || n > INT32_MAX)
			return -1;
		c->nr = (uint32_t)n;
		if (word[0] == 'i')
			c->arch = SIM_ARCH_I386;
		else
			c->nr |= SIM_X32_BIT;
		return 0;
	}
	if (number(word, &n) == 0 && n <= UINT32_MAX) {
		c->nr = (uint32_t)n;
		return 0;
	}
	nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_NATIVE, word);
	if (nr < 0)
		return -1;
	c->nr = (uint32_t)nr;
	return 0;
}

int
audit_call_parse(const char *text, struct sim_call *c, char *err,
    size_t errlen)
{
	char buf[POLICY_LINE_MAX], *word, *eq, *save;
	const char *name;
	uint8_t type;
	int arg;

	memset(c, 0, sizeof(*c));
	if (snprintf(buf, sizeof(buf), "%s", text) >= (int)sizeof(buf) ||
	    (word = strtok_r(buf, " \t", &save)) == NULL ||
	    which_call(word, c) == -1) {
		(void)snprintf(err, errlen, "no such system call: %.60s",
		    text);
		return -1;
	}
	name = word;
	while ((word = strtok_r(NULL, " \t", &save)) != NULL) {
		if ((eq = strchr(word, '=')) == NULL) {
			(void)snprintf(err, errlen, "not ARG=VALUE: %.60s",
			    word);
			return -1;
		}
		*eq = '\0';
		if (word[0] == 'a' && word[1] >= '0' && word[1] <= '5' &&
		    word[2] == '\0')
			arg = word[1] - '0';
		else
			arg = policy_arg(name, word, &type);
		if (arg == -1 || value(eq + 1, &c->args[arg]) == -1) {
			(void)snprintf(err, errlen, arg == -1 ?
			    "%s has no argument named %.60s" :
			    "%s: no value for %.60s", name, word);
			return -1;
		}
	}
	return 0;
}

int
audit_filter_load(struct audit_filter *f, const char *file)
{
	char msg[256];
	int n;

	memset(f, 0, sizeof(*f));
	if (policy_load(&f->p, file, audit_complain, NULL) == -1)
		return -1;
	n = policy_compile(&f->p, f->insns, POLICY_MAX_INSNS, msg,
	    sizeof(msg));
	if (n == -1) {
		(void)fprintf(stderr, "%s: %s\n", file, msg);
		return -1;
	}
	f->len = (size_t)n;
	return 0;
}

void
audit_filter_free(struct audit_filter *f)
{
	policy_free(&f->p);
}

uint32_t
audit_filter_ask(const struct audit_filter *f, const struct sim_call *c)
{
	uint32_t ret = 0;

	if (sim_run(f->insns, f->len, c, &ret) == -1)
		errx(1, "%s: the filter cannot be read", f->p.name);
	return ret;
}
