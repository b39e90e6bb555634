/* SPDX-License-Identifier: ISC */
/*
 * hpaudit proc: a running process and the policies it should be under.
 */
#ifndef HPD_AUDIT_PROC_H
#define HPD_AUDIT_PROC_H

#include <sys/types.h>

#include "../common/image.h"
#include "audit.h"

#define PROC_STACK_MAX 6

struct proc_filter {
	const char *name; /* "net", "the operator's net" */
	const struct sandbox_insn *insns;
	size_t len;
};

struct subject {
	pid_t pid;
	pid_t up; /* whose namespaces it must not share: the process that
		     started it, of a script its runner */
	const char *name;		/* "hpd-net", "script" */
	const struct sandbox_policy *p; /* its own: the newest */
	/* filters it must carry, the oldest first */
	struct proc_filter stack[PROC_STACK_MAX];
	size_t nstack;
	const struct policy *narrow; /* a script's by the operator, or NULL */
	uint32_t uid_lo, uid_hi; /* of a script: its slots; else 0 */
	uint64_t prm, eff, bnd, inh, amb;
	unsigned long uid[4], nnp, seccomp;
	unsigned bad;
};

/* Policies of the operator's in dir are in force from now on: what of them a
 * process must carry is in its stack. 0, or -1 after messages. */
int proc_narrow(const char *dir);
/* Put what process s of that program (or its scripts: nofork, shell) carries
 * of the operator's on top of its stack. */
void proc_narrow_daemon(struct subject *s, enum img_policy_of);
void proc_narrow_script(struct subject *s, enum img_policy_of);

/* Which program of the suite, or whose script, the process is (by the command
 * line, or by its nearest ancestor of the suite). 0; -1 and errno: ESRCH when
 * it is none. */
int proc_identify(struct subject *, pid_t);
/* What /proc/PID/status says, into *s. 0 or -1 and errno. */
int proc_status(struct subject *s);
/* Call fn for every process of the suite on this machine, or (below not 0) for
 * that process and all that descend from it. Returns how many, or -1 and
 * errno. */
int proc_all(pid_t below, void (*fn)(void *, pid_t), void *arg);

#endif
