/* SPDX-License-Identifier: ISC */
/*
 * hpaudit show FILE: every system call of this machine and what happens to it,
 * read from the compiled filter (not from the text), with the conditions of
 * the text beside it. The output is stable, so that two can be compared.
 * hpaudit only; changes nothing.
 */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "audit_call.h"

static void
conditions(const struct policy *p, int nr)
{
	const struct policy_rule *r;
	size_t i;

	for (i = 0; i < p->nrules; i++) {
		r = &p->rules[i];
		if (r->nr == nr && r->conj_count > 0)
			(void)printf("%22s%s if %s\n", "",
			    policy_verdict_name(r->verdict), r->cond);
	}
}

static int
show_nr(const struct audit_filter *f, int nr)
{
	uint32_t a[SIM_MAX_ANSWERS];
	const char *call = audit_call_name(nr);
	char buf[64];
	int i, n;

	if (call == NULL)
		return 0;
	n = sim_answers(f->insns, f->len, SIM_ARCH_NATIVE, (uint32_t)nr, a,
	    SIM_MAX_ANSWERS);
	if (n < 1)
		return -1;
	(void)printf("%-21s", call);
	for (i = 0; i < n; i++)
		(void)printf("%s%s", i > 0 ? " | " : " ",
		    sim_name(a[i], buf, sizeof(buf)));
	(void)printf("\n");
	if (n > 1)
		conditions(&f->p, nr);
	return 0;
}

static int
show_other(const struct audit_filter *f, const char *what, uint32_t arch, uint32_t nr)
{
	uint32_t a[SIM_MAX_ANSWERS];
	char buf[64];
	int i, n;

	n = sim_answers(f->insns, f->len, arch, nr, a, SIM_MAX_ANSWERS);
	if (n < 1)
		return -1;
	(void)printf("%-21s", what);
	for (i = 0; i < n; i++)
		(void)printf("%s%s", i > 0 ? " | " : " ",
		    sim_name(a[i], buf, sizeof(buf)));
	(void)printf("\n");
	return 0;
}

static int
show_all(const struct audit_filter *f)
{
	int nr, rc = 0;

	(void)printf("policy %s: %zu instructions\n", f->p.name, f->len);
	for (nr = 0; nr < AUDIT_MAX_NR && rc == 0; nr++)
		rc = show_nr(f, nr);
	if (rc == 0)
		rc = show_other(f, "(unknown number)", SIM_ARCH_NATIVE, 99999);
#if defined(__x86_64__)
	if (rc == 0)
		rc = show_other(f, "(i386)", SIM_ARCH_I386, 20);
	if (rc == 0)
		rc = show_other(f, "(x32)", SIM_ARCH_X86_64,
		    SIM_X32_BIT | 39);
#endif
	if (rc != 0)
		(void)fprintf(stderr, "hpaudit: the filter cannot be read\n");
	return rc;
}

int
audit_show(int argc, char **argv)
{
	static struct audit_filter f; /* large */
	char how = 'a';
	int rc = 0;

	if (argc == 3 && argv[1][0] == '-' && argv[1][1] != '\0' &&
	    strchr("tjbr", argv[1][1]) != NULL && argv[1][2] == '\0')
		how = argv[1][1];
	else if (argc != 2)
		return AUDIT_USAGE;
	if (audit_filter_load(&f, argv[argc - 1]) == -1) {
		audit_filter_free(&f);
		return 1;
	}
	if (how == 't')
		audit_show_table(&f);
	else if (how == 'j')
		audit_show_json(&f);
	else if (how == 'b')
		audit_show_bpf(&f);
	else
		rc = how == 'r' ? audit_show_raw(&f) : show_all(&f);
	audit_filter_free(&f);
	return rc == 0 ? 0 : 1;
}
