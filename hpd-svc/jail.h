/* SPDX-License-Identifier: ISC */
/*
 * A script's process: from vfork to exec, one ordered list of steps (jail.c),
 * each a raw system call or two (jail_linux.c). Everything a step needs is
 * prepared before in struct jail_job: the child shares hpd-svc's memory and
 * must not allocate, lock or print.
 */
#ifndef HPD_SVC_JAIL_H
#define HPD_SVC_JAIL_H

#include <stddef.h>
#include <stdint.h>

#include "common/sandbox.h"

#define JAIL_RLIMITS_MAX 16

struct jail_job {
	int sock;	 /* becomes 0 and 1 */
	int err, json;	 /* become 2 and 3 */
	int interp;	 /* O_PATH, becomes FD_INTERP: what is exec'd */
	int landlock;	 /* ruleset, or -1 where the policy has none */
	uint32_t uid, gid;
	const struct sandbox_insn *filter;
	uint16_t filter_len;
	struct sandbox_rlimit rlimits[JAIL_RLIMITS_MAX];
	uint32_t nrlimits;
	const char *const *argv, *const *envp;
	int own_pidns;	 /* first process of a pid namespace (shell) */
	/* answer: written by the child into the shared memory */
	const char *step; /* that failed, NULL: none, the exec happened */
	int error;	  /* its errno */
};

/* Child: the steps in their order, then exec. Returns only on failure, with
 * step and error set. */
void jail_enter(struct jail_job *);

/* hpd-svc: run jail_enter in a vforked child. The pid, or -1 with step and
 * error set (nothing is left behind then). */
int jail_spawn(struct jail_job *);

/* The steps. 0, or -1 with errno. */
int jail_signals(struct jail_job *);
int jail_stdio(struct jail_job *);
int jail_interp(struct jail_job *);
int jail_session(struct jail_job *);
int jail_rlimits(struct jail_job *);
int jail_close(struct jail_job *);
int jail_groups(struct jail_job *);
int jail_gid(struct jail_job *);
int jail_uid(struct jail_job *);
int jail_nnp(struct jail_job *);
int jail_landlock(struct jail_job *);
int jail_filter(struct jail_job *);
int jail_exec(struct jail_job *);

#endif
