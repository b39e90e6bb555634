/* SPDX-License-Identifier: ISC */
/*
 * hpaudit proc: a running process and the policies it should be under.
 */
#ifndef HPD_AUDIT_PROC_H
#define HPD_AUDIT_PROC_H

#include <sys/types.h>

#include "audit.h"

#define PROC_STACK_MAX 4

struct subject {
	pid_t pid;
	pid_t up; /* whose namespaces it must not share: the process that
		     started it, of a script its runner */
	const char *name;		/* "hpd-net", "script" */
	const struct sandbox_policy *p; /* its own: the newest */
	/* filters it must carry, the oldest first; the last is p's */
	const struct sandbox_policy *stack[PROC_STACK_MAX];
	size_t nstack;
	uint32_t uid_lo, uid_hi; /* of a script: its slots; else 0 */
	uint64_t prm, eff, bnd, inh, amb;
	unsigned long uid[4], nnp, seccomp;
	unsigned bad;
};

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
