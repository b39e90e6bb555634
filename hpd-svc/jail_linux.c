/* SPDX-License-Identifier: ISC */
/*
 * The steps of jail.c on Linux, as raw system calls: glibc's setresuid() would
 * signal other threads and its vfork() bars calling functions. jail_spawn()
 * runs in hpd-svc, all the others in the child that shares its memory.
 */
#include "hpd-svc/jail.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/proc.h"

_Static_assert(sizeof(struct sandbox_insn) == sizeof(struct sock_filter),
    "sandbox_insn is a sock_filter");

/* In the child the log channel's number is free for the ruleset. */
#define FD_RULESET 4

/* The child's stack. One child at a time: vfork suspends us until its exec. */
#define JAIL_STACK 65536
static char jail_stack[JAIL_STACK] __attribute__((aligned(64)));

__attribute__((no_sanitize("address"), noreturn)) static void
jail_exit(void)
{
	for (;;)
		syscall(SYS_exit_group, 127);
}

__attribute__((no_sanitize("address"))) static int
jail_child(void *arg)
{
	jail_enter(arg);
	jail_exit();
}

int
jail_spawn(struct jail_job *job)
{
	int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
	sigset_t all, old;
	int pid, e, status;

	if (job->own_pidns)
		flags |= CLONE_NEWPID;
	job->step = NULL;
	job->error = 0;
	/* a handler running in the child would run on our memory */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = clone(jail_child, jail_stack + sizeof(jail_stack), flags, job);
	e = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid == -1) {
		job->step = "clone";
		job->error = e;
		return -1;
	}
	if (job->step != NULL) {
		while (wait4(pid, &status, 0, NULL) == -1 && errno == EINTR)
			continue;
		return -1;
	}
	return pid;
}

int
jail_signals(struct jail_job *job)
{
	struct { /* the kernel's struct sigaction */
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} dfl = { SIG_DFL, 0, NULL, 0 };
	uint64_t none = 0;

	(void)job;
	/* caught ones are reset by exec; only an ignored one would stay */
	if (syscall(SYS_rt_sigaction, SIGPIPE, &dfl, NULL, 8) == -1)
		return -1;
	return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
}

int
jail_stdio(struct jail_job *job)
{
	if (syscall(SYS_dup3, job->sock, 0, 0) == -1 ||
	    syscall(SYS_dup3, job->sock, 1, 0) == -1 ||
	    syscall(SYS_dup3, job->err, 2, 0) == -1 ||
	    syscall(SYS_dup3, job->json, 3, 0) == -1)
		return -1;
	return 0;
}

int
jail_interp(struct jail_job *job)
{
	if (job->landlock != -1 &&
	    syscall(SYS_dup3, job->landlock, FD_RULESET, O_CLOEXEC) == -1)
		return -1;
	if (job->interp != FD_INTERP &&
	    syscall(SYS_dup3, job->interp, FD_INTERP, O_CLOEXEC) == -1)
		return -1;
	return 0;
}

int
jail_session(struct jail_job *job)
{
	(void)job;
	return syscall(SYS_setsid) == -1 ? -1 : 0;
}

int
jail_rlimits(struct jail_job *job)
{
	uint32_t i;

	for (i = 0; i < job->nrlimits; i++) {
		const struct sandbox_rlimit *r = &job->rlimits[i];
		struct { /* the kernel's struct rlimit64 */
			uint64_t cur, max;
		} v = { r->soft, r->hard };

		if (syscall(SYS_prlimit64, 0, r->resource, &v, NULL) == -1)
			return -1;
	}
	return 0;
}

int
jail_close(struct jail_job *job)
{
	unsigned first = job->landlock != -1 ? FD_RULESET + 1 : FD_RULESET;

	if (syscall(SYS_close_range, first, FD_INTERP - 1, 0) == -1 ||
	    syscall(SYS_close_range, FD_INTERP + 1, ~0u, 0) == -1)
		return -1;
	return 0;
}

int
jail_groups(struct jail_job *job)
{
	(void)job;
	return (int)syscall(SYS_setgroups, 0, NULL);
}

int
jail_gid(struct jail_job *job)
{
	return (int)syscall(SYS_setresgid, job->gid, job->gid, job->gid);
}

int
jail_uid(struct jail_job *job)
{
	return (int)syscall(SYS_setresuid, job->uid, job->uid, job->uid);
}

int
jail_nnp(struct jail_job *job)
{
	(void)job;
	return (int)syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int
jail_landlock(struct jail_job *job)
{
	if (job->landlock == -1)
		return 0;
	return (int)syscall(SYS_landlock_restrict_self, FD_RULESET, 0);
}

int
jail_filter(struct jail_job *job)
{
	struct { /* struct sock_fprog with a const program */
		unsigned short len;
		const struct sandbox_insn *filter;
	} prog = { job->filter_len, job->filter };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

int
jail_exec(struct jail_job *job)
{
	return (int)syscall(SYS_execveat, FD_INTERP, "", job->argv, job->envp,
	    AT_EMPTY_PATH);
}
