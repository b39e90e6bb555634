/* SPDX-License-Identifier: ISC */
/*
 * hpaudit show -t and -j: the whole of a policy as a stable table (for review
 * and for the snapshots of tests/data/policies) and as JSON. Verdicts are read
 * from the compiled filter, conditions and reasons from the text. Only what
 * differs from the default is listed, so that a newer C library's calls change
 * nothing. hpaudit only; changes nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "audit_call.h"

static const char *const cap_names[] = {"chown", "dac_override",
    "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
    "setpcap", "linux_immutable", "net_bind_service", "net_broadcast",
    "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module",
    "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin",
    "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config",
    "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend",
    "audit_read", "perfmon", "bpf", "checkpoint_restore"};
static const char *const ns_names[] = {"net", "ipc", "uts", "mnt", "pid"};

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Bits as words between sep; "none" when there are none. */
static void
words(uint64_t bits, const char *const *names, size_t n, const char *sep,
    const char *quote)
{
	const char *between = "";
	size_t i;

	if (bits == 0 && *quote == '\0')
		(void)printf("none");
	for (i = 0; i < n; i++)
		if (bits & 1ULL << i) {
			(void)printf("%s%s%s%s", between, quote, names[i],
			    quote);
			between = sep;
		}
}

static void
text(const char *s) /* JSON */
{
	(void)putchar('"');
	for (; *s != '\0'; s++)
		if (*s == '"' || *s == '\\')
			(void)printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			(void)printf("\\u%04x", (unsigned char)*s);
		else
			(void)putchar(*s);
	(void)putchar('"');
}

/* The verdicts of call nr; 0 when it is just the default. */
static int
answers(const struct audit_filter *f, int nr, uint32_t out[SIM_MAX_ANSWERS])
{
	uint32_t d[SIM_MAX_ANSWERS];
	int n, k;

	n = sim_answers(f->insns, f->len, SIM_ARCH_NATIVE, (uint32_t)nr, out,
	    SIM_MAX_ANSWERS);
	k = sim_answers(f->insns, f->len, SIM_ARCH_NATIVE, 99999, d,
	    SIM_MAX_ANSWERS);
	if (n == 1 && k == 1 && out[0] == d[0])
		return 0;
	return n;
}

static int
is_trip(const struct policy *p, int nr)
{
	size_t i;

	for (i = 0; i < p->nrules; i++)
		if (p->rules[i].nr == nr && p->rules[i].verdict == PV_TRIP)
			return 1;
	return 0;
}

static const char *
rlimit_word(const struct policy *p, size_t i)
{
	return p->rlimit_names[i] + 7; /* behind "RLIMIT_" */
}

static void
table_head(const struct audit_filter *f)
{
	const struct policy *p = &f->p;
	char buf[64];
	uint32_t d[SIM_MAX_ANSWERS];
	size_t i;

	(void)sim_answers(f->insns, f->len, SIM_ARCH_NATIVE, 99999, d,
	    SIM_MAX_ANSWERS);
	(void)printf("policy %s\ndefault %s\n", p->name,
	    sim_name(d[0], buf, sizeof(buf)));
	(void)printf("caps ");
	words(p->caps, cap_names, N(cap_names), " ", "");
	(void)printf("\nbounding ");
	words(p->bounding, cap_names, N(cap_names), " ", "");
	(void)printf("\nns ");
	words(p->ns, ns_names, N(ns_names), " ", "");
	(void)printf("\nmdwe %s\nlandlock %s\n", p->mdwe ? "on" : "off",
	    p->landlock ? "deny" : "none");
	for (i = 0; i < p->npaths; i++)
		(void)printf("landlock %s %#" PRIx64 "\n", p->paths[i].path,
		    p->paths[i].rights);
	for (i = 0; i < p->nrlimits; i++)
		(void)printf("rlimit %s %" PRIu64 " %" PRIu64 "\n",
		    rlimit_word(p, i), p->rlimits[i].soft,
		    p->rlimits[i].hard);
	if (p->pledge[0] != '\0')
		(void)printf("pledge \"%s\"\n", p->pledge);
}

static int
by_name(const void *a, const void *b)
{
	const struct policy_rule *const *x = a, *const *y = b;
	int d = strcmp((*x)->name, (*y)->name);

	return d != 0 ? d : (*x)->line < (*y)->line ? -1 : 1;
}

static void
table_calls(const struct audit_filter *f)
{
	const struct policy_rule *r, *s[POLICY_MAX_RULES];
	uint32_t a[SIM_MAX_ANSWERS];
	const char *last = "";
	char buf[64];
	size_t i;
	int n, k;

	for (i = 0; i < f->p.nrules; i++)
		s[i] = &f->p.rules[i];
	qsort(s, f->p.nrules, sizeof(s[0]), by_name);
	for (i = 0; i < f->p.nrules; i++) {
		r = s[i];
		if (r->nr < 0)
			continue;
		if (strcmp(r->name, last) != 0) {
			n = answers(f, r->nr, a);
			(void)printf("%-21s", r->name);
			for (k = 0; k < n; k++)
				(void)printf("%s%s", k > 0 ? " | " : " ",
				    is_trip(&f->p, r->nr) ? "trip" :
				    sim_name(a[k], buf, sizeof(buf)));
			(void)printf("%s\n", n == 0 ? " (default)" : "");
			last = r->name;
		}
		if (r->conj_count > 0)
			(void)printf("\t%s if %s\n",
			    policy_verdict_name(r->verdict), r->cond);
	}
}

/* The numbers behind the $names that conditions use: they are part of what is
 * let through, and stand in common/proc.h. */
static void
table_names(const struct policy *p)
{
	char seen[32][32], word[32];
	int64_t lo, hi;
	size_t i, k, n = 0, len;
	const char *s;

	for (i = 0; i < p->nrules; i++)
		for (s = p->rules[i].cond; p->rules[i].conj_count > 0 &&
		    (s = strchr(s, '$')) != NULL; s += len) {
			len = 1 + strspn(s + 1,
			    "abcdefghijklmnopqrstuvwxyz_0123456789");
			if (len >= sizeof(word))
				continue;
			memcpy(word, s, len);
			word[len] = '\0';
			for (k = 0; k < n && strcmp(seen[k], word) != 0; k++)
				;
			if (k < n || n == N(seen) ||
			    policy_name(word, &lo, &hi) == -1)
				continue;
			memcpy(seen[n++], word, sizeof(word));
			(void)printf("%s is %" PRId64 "..%" PRId64 "\n",
			    word, lo, hi);
		}
}

void
audit_show_table(const struct audit_filter *f)
{
	table_head(f);
	table_calls(f);
	table_names(&f->p);
}

static void
json_rules(const struct policy *p, int nr)
{
	const struct policy_rule *r;
	const char *sep = "";
	size_t i;

	for (i = 0; i < p->nrules; i++) {
		r = &p->rules[i];
		if (r->nr != nr)
			continue;
		(void)printf("%s{\"verdict\":\"%s\",\"line\":%u,\"if\":", sep,
		    policy_verdict_name(r->verdict), r->line);
		text(r->conj_count > 0 ? r->cond : "");
		(void)printf("}");
		sep = ",";
	}
}

static void
json_calls(const struct audit_filter *f)
{
	uint32_t a[SIM_MAX_ANSWERS];
	const char *call, *sep = "";
	char buf[64];
	int nr, n, k;

	for (nr = 0; nr < AUDIT_MAX_NR; nr++) {
		if ((call = audit_call_name(nr)) == NULL)
			continue;
		n = sim_answers(f->insns, f->len, SIM_ARCH_NATIVE,
		    (uint32_t)nr, a, SIM_MAX_ANSWERS);
		(void)printf("%s\n{\"call\":\"%s\",\"nr\":%d,\"verdicts\":[",
		    sep, call, nr);
		for (k = 0; k < n; k++)
			(void)printf("%s\"%s\"", k > 0 ? "," : "",
			    sim_name(a[k], buf, sizeof(buf)));
		(void)printf("],\"rules\":[");
		json_rules(&f->p, nr);
		(void)printf("]}");
		sep = ",";
	}
}

void
audit_show_json(const struct audit_filter *f)
{
	const struct policy *p = &f->p;
	size_t i;

	(void)printf("{\"policy\":");
	text(p->name);
	(void)printf(",\"instructions\":%zu,\"caps\":[", f->len);
	words(p->caps, cap_names, N(cap_names), ",", "\"");
	(void)printf("],\"bounding\":[");
	words(p->bounding, cap_names, N(cap_names), ",", "\"");
	(void)printf("],\"ns\":[");
	words(p->ns, ns_names, N(ns_names), ",", "\"");
	(void)printf("],\"mdwe\":%s,\"landlock\":%s,\"paths\":{",
	    p->mdwe ? "true" : "false", p->landlock ? "true" : "false");
	for (i = 0; i < p->npaths; i++) {
		(void)printf("%s", i > 0 ? "," : "");
		text(p->paths[i].path);
		(void)printf(":%" PRIu64, p->paths[i].rights);
	}
	(void)printf("},\"rlimits\":{");
	for (i = 0; i < p->nrlimits; i++)
		(void)printf("%s\"%s\":[%" PRIu64 ",%" PRIu64 "]",
		    i > 0 ? "," : "", rlimit_word(p, i), p->rlimits[i].soft,
		    p->rlimits[i].hard);
	(void)printf("},\"pledge\":");
	text(p->pledge);
	(void)printf(",\"calls\":[");
	json_calls(f);
	(void)printf("]}\n");
}
