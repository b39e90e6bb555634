/* SPDX-License-Identifier: ISC */
/*
 * hpaudit check FILE...: is it a policy, does it compile, and what in it
 * should be looked at twice. hpaudit only; changes nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <seccomp.h>

#include "audit.h"
#include "bpf_sim.h"

static struct sandbox_insn insns[POLICY_MAX_INSNS];

void
audit_complain(void *arg, const char *file, uint32_t line, const char *text)
{
	(void)arg;
	(void)fprintf(stderr, "%s:%" PRIu32 ": %s\n", file, line, text);
}

static const struct policy_rule *
rule_of(const struct policy *p, const char *call)
{
	size_t i;

	for (i = 0; i < p->nrules; i++)
		if (strcmp(p->rules[i].name, call) == 0)
			return &p->rules[i];
	return NULL;
}

static uint8_t
verdict_of(const struct policy *p, const char *call)
{
	const struct policy_rule *r = rule_of(p, call);

	return r != NULL ? r->verdict : p->dflt;
}

/* Calls that do the same work: to deny one and allow another is a gap. */
static const char *const same_work[][6] = {
    {"ptrace", "process_vm_readv", "process_vm_writev", NULL},
    {"kill", "tkill", "tgkill", "rt_sigqueueinfo", NULL},
    {"mount", "fsmount", "move_mount", "open_tree", NULL},
    {"bpf", "perf_event_open", NULL},
    {"io_uring_setup", "io_uring_enter", NULL},
    {"unlink", "unlinkat", "rename", "renameat2", NULL},
    {"init_module", "finit_module", NULL},
    {"kexec_load", "kexec_file_load", NULL},
};

static unsigned
lint_groups(const struct policy *p, const char *file, FILE *out)
{
	unsigned n = 0;
	size_t g, i;

	for (g = 0; g < sizeof(same_work) / sizeof(same_work[0]); g++)
		for (i = 1; same_work[g][i] != NULL; i++) {
			if ((verdict_of(p, same_work[g][0]) != PV_ALLOW) ==
			    (verdict_of(p, same_work[g][i]) != PV_ALLOW) ||
			    (p->dflt != PV_ALLOW && rule_of(p,
				same_work[g][0]) != NULL))
				continue;
			if (p->dflt != PV_ALLOW)
				continue;
			(void)fprintf(out, "%s: %s and %s do the same work "
			    "but have different verdicts\n", file,
			    same_work[g][0], same_work[g][i]);
			n++;
		}
	return n;
}

/* Calls that should never be allowed without a condition. */
static const char *const must_test[] = {"ioctl", "prctl", "socket",
    "socketpair", "clone", "mmap", "mprotect", "setsockopt", "kill",
    "setresuid", "setresgid", "execveat", "seccomp", NULL};
static const char *const never[] = {"ptrace", "bpf", "io_uring_setup",
    "userfaultfd", "process_vm_writev", "open_by_handle_at", "clone3",
    "init_module", "kexec_load", "keyctl", "perf_event_open", NULL};

static unsigned
lint_rules(const struct policy *p, const char *file, FILE *out)
{
	const struct policy_rule *r;
	unsigned n = 0;
	size_t i, k;

	for (i = 0; i < p->nrules; i++) {
		r = &p->rules[i];
		if (r->verdict != PV_ALLOW)
			continue;
		for (k = 0; must_test[k] != NULL; k++)
			if (strcmp(must_test[k], r->name) == 0 &&
			    r->conj_count == 0) {
				(void)fprintf(out, "%s:%u: %s allowed without "
				    "a condition\n", file, r->line, r->name);
				n++;
			}
		for (k = 0; never[k] != NULL; k++)
			if (strcmp(never[k], r->name) == 0) {
				(void)fprintf(out, "%s:%u: %s allowed\n", file,
				    r->line, r->name);
				n++;
			}
	}
	return n;
}

unsigned
audit_lint(const struct policy *p, const char *file, FILE *out)
{
	unsigned n = lint_rules(p, file, out);

	n += lint_groups(p, file, out);
	if (p->dflt == PV_ERRNO && verdict_of(p, "clone3") == PV_ERRNO) {
		const struct policy_rule *r = rule_of(p, "clone3");

		if (r == NULL) {
			(void)fprintf(out, "%s: clone3 should answer ENOSYS: "
			    "the C library then falls back to clone\n", file);
			n++;
		}
	}
	if (p->dflt == PV_ALLOW && p->landlock == 0 && p->nrules == 0) {
		(void)fprintf(out, "%s: denies nothing\n", file);
		n++;
	}
	return n;
}

/* The other architectures of this machine must be closed. */
static unsigned
lint_arch(int len, const char *file)
{
	uint32_t a[SIM_MAX_ANSWERS];
	char buf[64];
	unsigned n = 0;
	int k;

	k = sim_answers(insns, (size_t)len, SIM_ARCH_I386, 20, a,
	    SIM_MAX_ANSWERS);
	if (k != 1 || strcmp(sim_name(a[0], buf, sizeof(buf)), "kill") != 0) {
		(void)printf("%s: 32-bit calls are not killed\n", file);
		n++;
	}
#if defined(__x86_64__)
	k = sim_answers(insns, (size_t)len, SIM_ARCH_X86_64, SIM_X32_BIT | 39,
	    a, SIM_MAX_ANSWERS);
	if (k != 1 || strcmp(sim_name(a[0], buf, sizeof(buf)), "kill") != 0) {
		(void)printf("%s: x32 calls are not killed\n", file);
		n++;
	}
#endif
	return n;
}

static int
check_one(const char *file)
{
	struct policy p;
	char msg[256];
	unsigned n;
	int len;

	if (policy_load(&p, file, audit_complain, NULL) == -1) {
		policy_free(&p);
		return 1;
	}
	len = policy_compile(&p, insns, POLICY_MAX_INSNS, msg, sizeof(msg));
	if (len == -1) {
		(void)fprintf(stderr, "%s: %s\n", file, msg);
		policy_free(&p);
		return 1;
	}
	n = audit_lint(&p, file, stdout) + lint_arch(len, file);
	(void)printf("%s: policy %s, %zu rules, %d instructions, %u to look "
	    "at\n", file, p.name, p.nrules, len, n);
	policy_free(&p);
	return n == 0 ? 0 : 1;
}

int
audit_check(int argc, char **argv)
{
	int i, rc = 0;

	if (argc < 2)
		return AUDIT_USAGE;
	for (i = 1; i < argc; i++)
		rc |= check_one(argv[i]);
	return rc;
}
