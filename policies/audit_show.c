/* SPDX-License-Identifier: ISC */
/*
 * hpaudit show FILE: every system call of this machine and what happens to it,
 * read from the compiled filter (not from the text), with the conditions of
 * the text beside it. The output is stable, so that two can be compared.
 * hpaudit only; changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "audit.h"
#include "bpf_sim.h"

#define MAX_NR 600

static struct sandbox_insn insns[POLICY_MAX_INSNS];

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
show_nr(const struct policy *p, int len, int nr)
{
	uint32_t a[SIM_MAX_ANSWERS];
	char name[32], buf[64];
	char *call;
	int i, n;

	call = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
	if (call == NULL)
		return 0;
	n = sim_answers(insns, (size_t)len, SIM_ARCH_NATIVE, (uint32_t)nr, a,
	    SIM_MAX_ANSWERS);
	(void)snprintf(name, sizeof(name), "%s", call);
	free(call);
	if (n < 1)
		return -1;
	(void)printf("%-21s", name);
	for (i = 0; i < n; i++)
		(void)printf("%s%s", i > 0 ? " | " : " ",
		    sim_name(a[i], buf, sizeof(buf)));
	(void)printf("\n");
	if (n > 1)
		conditions(p, nr);
	return 0;
}

static int
show_other(int len, const char *what, uint32_t arch, uint32_t nr)
{
	uint32_t a[SIM_MAX_ANSWERS];
	char buf[64];
	int i, n;

	n = sim_answers(insns, (size_t)len, arch, nr, a, SIM_MAX_ANSWERS);
	if (n < 1)
		return -1;
	(void)printf("%-21s", what);
	for (i = 0; i < n; i++)
		(void)printf("%s%s", i > 0 ? " | " : " ",
		    sim_name(a[i], buf, sizeof(buf)));
	(void)printf("\n");
	return 0;
}

int
audit_show(int argc, char **argv)
{
	struct policy p;
	char msg[256];
	int len, nr, rc = 0;

	if (argc != 2)
		return AUDIT_USAGE;
	if (policy_load(&p, argv[1], audit_complain, NULL) == -1 ||
	    (len = policy_compile(&p, insns, POLICY_MAX_INSNS, msg,
		sizeof(msg))) == -1) {
		if (p.rules != NULL && p.have_default)
			(void)fprintf(stderr, "%s: not usable\n", argv[1]);
		policy_free(&p);
		return 1;
	}
	(void)printf("policy %s: %d instructions\n", p.name, len);
	for (nr = 0; nr < MAX_NR && rc == 0; nr++)
		rc = show_nr(&p, len, nr);
	if (rc == 0)
		rc = show_other(len, "(unknown number)", SIM_ARCH_NATIVE,
		    99999);
#if defined(__x86_64__)
	if (rc == 0)
		rc = show_other(len, "(i386)", SIM_ARCH_I386, 20);
	if (rc == 0)
		rc = show_other(len, "(x32)", SIM_ARCH_X86_64,
		    SIM_X32_BIT | 39);
#endif
	policy_free(&p);
	if (rc != 0)
		(void)fprintf(stderr, "hpaudit: the filter cannot be read\n");
	return rc == 0 ? 0 : 1;
}
