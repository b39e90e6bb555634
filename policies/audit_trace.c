/* SPDX-License-Identifier: ISC */
/*
 * hpaudit run --trace: the calls a policy refuses, as they happen. A refusal
 * stops the caller; it is printed once with a line for the policy, and
 * answered as the policy says: nothing forbidden is ever carried out. hpaudit
 * only.
 */
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit_run.h"

#define MAX_SEEN 1024

static struct {
	uint64_t nr, args[6];
} seen[MAX_SEEN];
static size_t nseen;

static int
is_new(uint64_t nr, const uint64_t args[6])
{
	size_t i;

	for (i = 0; i < nseen; i++)
		if (seen[i].nr == nr &&
		    memcmp(seen[i].args, args, sizeof(seen[i].args)) == 0)
			return 0;
	if (nseen == MAX_SEEN)
		return 0;
	seen[nseen].nr = nr;
	memcpy(seen[nseen++].args, args, sizeof(seen[0].args));
	return 1;
}

/* The names the policy language has for the arguments of a call, by asking for
 * those that any call has. */
static const char *
arg_name(const char *call, int arg, uint8_t *type)
{
	static const char *const names[] = {"fd", "domain", "type", "protocol",
	    "addr", "len", "addrlen", "flags", "path", "mode", "clock",
	    "stack", "first", "last", "newfd", "epfd", "op", "argv", "envp",
	    "dirfd", "cmd", "arg", "buf", "level", "opt", "pid", "sig",
	    "attr", "size", "off", "whence", "advice", "name", "prot",
	    "option", "ruid", "euid", "suid", "rgid", "egid", "sgid", "n",
	    "new", "resource", "uid", "gid"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (policy_arg(call, names[i], type) == arg)
			return names[i];
	return NULL;
}

static void
tell(pid_t pid, const struct __ptrace_syscall_info *s)
{
	const char *call = audit_call_name((int)s->seccomp.nr), *name;
	const char *sep = " if";
	uint64_t args[6], v;
	uint8_t type = 0;
	int i;

	for (i = 0; i < 6; i++) { /* pointers differ from call to call */
		name = call != NULL ? arg_name(call, i, &type) : NULL;
		v = s->seccomp.args[i];
		args[i] = name == NULL || type == PT_PTR ? 0 :
		    type == PT_LONG ? v : v & 0xffffffff;
	}
	if (!is_new(s->seccomp.nr, args))
		return;
	(void)fprintf(stderr, "%d: refused (%s): allow %s", (int)pid,
	    s->seccomp.ret_data == RUN_KILL ? "kill" :
	    strerrorname_np((int)s->seccomp.ret_data),
	    call != NULL ? call : "(no name)");
	for (i = 0; call != NULL && i < 6; i++) {
		name = arg_name(call, i, &type);
		if (name == NULL || type == PT_PTR)
			continue;
		(void)fprintf(stderr, "%s %s == %#" PRIx64, sep, name,
		    args[i]);
		sep = " and";
	}
	(void)fprintf(stderr, "\n");
}

/* The call is not made; the caller sees err. */
static int
answer(pid_t pid, int err)
{
#if defined(__x86_64__)
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &r) == -1)
		return -1;
	r.orig_rax = (unsigned long long)-1;
	r.rax = (unsigned long long)-err;
	return (int)ptrace(PTRACE_SETREGS, pid, NULL, &r);
#else
	(void)pid;
	(void)err;
	errno = ENOSYS;
	return -1;
#endif
}

static int
refused(pid_t pid)
{
	struct __ptrace_syscall_info s;
	long n;

	memset(&s, 0, sizeof(s));
	n = ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(s), &s);
	if (n <= 0 || s.op != PTRACE_SYSCALL_INFO_SECCOMP)
		return -1;
	tell(pid, &s);
	return answer(pid, s.seccomp.ret_data == RUN_KILL ? EPERM :
	    (int)s.seccomp.ret_data);
}

/* A stop that is not the end: 0 goes on with signal *sig, -1 gives up. */
static int
stopped(pid_t pid, int status, int *sig)
{
	int event = status >> 16;

	*sig = 0;
	if (event == PTRACE_EVENT_SECCOMP)
		return refused(pid);
	if (event != 0)
		return 0;
	*sig = WSTOPSIG(status);
	if (*sig == SIGSTOP || *sig == SIGTRAP)
		*sig = 0; /* a new child's first stop, or an exec */
	return 0;
}

int
run_trace(pid_t child)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK |
	    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL |
	    PTRACE_O_TRACEEXEC;
	int status, sig;
	pid_t pid;

	nseen = 0;
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, child, NULL, options) == -1 ||
	    ptrace(PTRACE_CONT, child, NULL, NULL) == -1) {
		perror("hpaudit: trace");
		return -1;
	}
	for (;;) {
		if ((pid = waitpid(-1, &status, __WALL)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (!WIFSTOPPED(status)) {
			if (pid == child)
				return status;
			continue;
		}
		if (stopped(pid, status, &sig) == -1) {
			perror("hpaudit: trace");
			return -1;
		}
		(void)ptrace(PTRACE_CONT, pid, NULL, (long)sig);
	}
}
