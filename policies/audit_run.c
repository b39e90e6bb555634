/* SPDX-License-Identifier: ISC */
/*
 * hpaudit run -p POLICY [-j DIR] [-u UID] [--trace] -- COMMAND...: a command
 * under a policy's limits, file rules, memory rule and filter, as a script's
 * process gets them. Namespaces and capabilities are not made here. With
 * --trace the refused calls are printed instead of only answered. hpaudit
 * only.
 */
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/proc.h"
#include "audit.h"
#include "audit_run.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

struct run {
	struct audit_filter f;
	const char *jail;
	long uid; /* -1: as we are */
	int trace;
	char *const *argv;
};

static void
failed(const char *step)
{
	(void)fprintf(stderr, "hpaudit: %s: %s\n", step, strerror(errno));
	_exit(1);
}

static void
take_limits(const struct policy *p)
{
	struct rlimit now, r;
	size_t i;

	for (i = 0; i < p->nrlimits; i++) {
		if (getrlimit((__rlimit_resource_t)p->rlimits[i].resource,
		    &now) == -1)
			failed("limits");
		r.rlim_max = p->rlimits[i].hard < now.rlim_max ?
		    p->rlimits[i].hard : now.rlim_max;
		r.rlim_cur = p->rlimits[i].soft < r.rlim_max ?
		    p->rlimits[i].soft : r.rlim_max;
		if (setrlimit((__rlimit_resource_t)p->rlimits[i].resource,
		    &r) == -1)
			failed("limits");
	}
}

static void
take_landlock(const struct policy *p)
{
	struct sandbox_path paths[POLICY_MAX_PATHS];
	struct sandbox_policy s;
	size_t i;
	int fd;

	if (!p->landlock)
		return;
	memset(&s, 0, sizeof(s));
	s.name = p->name;
	s.landlock = 1;
	for (i = 0; i < p->npaths; i++) {
		paths[i].path = p->paths[i].path;
		paths[i].rights = p->paths[i].rights;
	}
	s.paths = paths;
	s.npaths = (uint8_t)p->npaths;
	if ((fd = sandbox_landlock_fd(&s)) == -1 ||
	    syscall(SYS_landlock_restrict_self, fd, 0) == -1)
		failed("Landlock");
	(void)close(fd);
}

/* The filter as loaded; traced ones tell instead of refusing. */
static void
take_filter(const struct run *r)
{
	static struct sock_filter prog[POLICY_MAX_INSNS];
	struct sock_fprog fp = {(unsigned short)r->f.len, prog};
	uint32_t k;
	size_t i;

	for (i = 0; i < r->f.len; i++) {
		prog[i].code = r->f.insns[i].code;
		prog[i].jt = r->f.insns[i].jt;
		prog[i].jf = r->f.insns[i].jf;
		prog[i].k = k = r->f.insns[i].k;
		if (!r->trace || prog[i].code != (BPF_RET | BPF_K) ||
		    k == SECCOMP_RET_ALLOW)
			continue;
		prog[i].k = SECCOMP_RET_TRACE |
		    ((k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO ?
		    k & SECCOMP_RET_DATA : RUN_KILL);
	}
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fp) == -1)
		failed("filter");
}

/* The program by the first directory of PATH that has it. */
static int
find_program(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char full[PATH_MAX];
	int fd;

	if (strchr(name, '/') != NULL)
		return open(name, O_PATH | O_CLOEXEC);
	for (path = path != NULL ? path : "/usr/bin:/bin"; *path != '\0';
	     path = *end == ':' ? end + 1 : end) {
		end = strchrnul(path, ':');
		if (snprintf(full, sizeof(full), "%.*s/%s", (int)(end - path),
		    path, name) >= (int)sizeof(full))
			continue;
		if (access(full, X_OK) == 0 &&
		    (fd = open(full, O_PATH | O_CLOEXEC)) != -1)
			return fd;
	}
	errno = ENOENT;
	return -1;
}

static void
child(const struct run *r)
{
	extern char **environ;
	int fd;

	if (r->trace && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1 ||
	    raise(SIGSTOP) != 0))
		failed("trace");
	if (r->jail != NULL && (chroot(r->jail) == -1 || chdir("/") == -1))
		failed(r->jail);
	if ((fd = find_program(r->argv[0])) == -1)
		failed(r->argv[0]);
	/* as a script's process: the one program it may execute */
	if (dup3(fd, FD_INTERP, O_CLOEXEC) == -1)
		failed("descriptor of the program");
	(void)close(fd);
	if (r->uid != -1 && (setgroups(0, NULL) == -1 ||
	    setresgid((gid_t)r->uid, (gid_t)r->uid, (gid_t)r->uid) == -1 ||
	    setresuid((uid_t)r->uid, (uid_t)r->uid, (uid_t)r->uid) == -1))
		failed("user");
	if (r->f.p.mdwe && prctl(PR_SET_MDWE, 1UL, 0, 0, 0) == -1 &&
	    errno != EINVAL)
		failed("mdwe");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		failed("no_new_privs");
	take_landlock(&r->f.p);
	take_limits(&r->f.p);
	take_filter(r);
	(void)syscall(SYS_execveat, FD_INTERP, "", r->argv, environ,
	    AT_EMPTY_PATH);
	_exit(126);
}

static int
parse(struct run *r, int argc, char **argv, const char **policy)
{
	static const struct option longs[] = {{"trace", no_argument, NULL, 't'},
	    {NULL, 0, NULL, 0}};
	char *end;
	int ch;

	*policy = NULL;
	r->uid = -1;
	while ((ch = getopt_long(argc, argv, "+p:j:u:t", longs, NULL)) != -1)
		switch (ch) {
		case 'p':
			*policy = optarg;
			break;
		case 'j':
			r->jail = optarg;
			break;
		case 'u':
			r->uid = strtol(optarg, &end, 10);
			if (*end != '\0' || end == optarg || r->uid < 0)
				return -1;
			break;
		case 't':
			r->trace = 1;
			break;
		default:
			return -1;
		}
	r->argv = argv + optind;
	return *policy == NULL || optind >= argc ? -1 : 0;
}

/* Ends as the command did: its exit code, or 128 and the signal. */
int
audit_run_verb(int argc, char **argv)
{
	static struct run r;
	const char *file;
	char name[64];
	int status = -1;
	pid_t pid;

	if (parse(&r, argc, argv, &file) == -1)
		return AUDIT_USAGE;
	if (audit_filter_load(&r.f, file) == -1) {
		audit_filter_free(&r.f);
		return 1;
	}
	(void)fflush(stdout);
	if ((pid = fork()) == -1) {
		perror("hpaudit");
		return 1;
	}
	if (pid == 0)
		child(&r);
	if (r.trace)
		status = run_trace(pid);
	else
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
	audit_filter_free(&r.f);
	if (status == -1)
		return 1;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	(void)snprintf(name, sizeof(name), "signal %d", WTERMSIG(status));
	(void)fprintf(stderr, "hpaudit: %s: %s\n", argv[optind],
	    WTERMSIG(status) == SIGSYS ? "killed by the filter" : name);
	return 128 + WTERMSIG(status);
}
