/* SPDX-License-Identifier: ISC */
/*
 * hpaudit proc PID...: is a running process of the suite in the sandbox its
 * policy asks for? Compares what the kernel says of it with the policy that is
 * compiled into this hpaudit, the installed filters byte for byte. Runs as
 * root; stops the process for a moment, changes nothing.
 */
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <linux/filter.h>

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit_proc.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif
#define MAX_FILTERS 32

static int tap; /* TAP instead of words for people */
static unsigned count;

static void verdict(struct subject *, int, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static void
verdict(struct subject *s, int good, const char *fmt, ...)
{
	va_list ap;

	if (tap)
		(void)printf("%sok %u - %d %s: ", good ? "" : "not ", ++count,
		    (int)s->pid, s->name);
	else
		(void)printf("  %s ", good ? "ok " : "BAD");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
	if (!good)
		s->bad++;
}

static void remark(const struct subject *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
remark(const struct subject *s, const char *fmt, ...)
{
	va_list ap;

	if (tap)
		(void)printf("# %d %s: ", (int)s->pid, s->name);
	else
		(void)printf("  -   ");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
}

static void
check_ids(struct subject *s)
{
	int same = s->uid[0] == s->uid[1] && s->uid[1] == s->uid[2] &&
	    s->uid[2] == s->uid[3];
	int root = s->p == &policy_parent || s->p == &policy_svc ||
	    s->p == &policy_svc_S;

	if (s->uid_hi != 0)
		root = s->uid[0] >= s->uid_lo && s->uid[0] <= s->uid_hi;
	verdict(s, same && (root || (s->uid_hi == 0 && s->uid[0] != 0)),
	    "user %lu", s->uid[0]);
	/* A process with fewer than the policy grants is as good. */
	verdict(s, (s->prm & ~s->p->caps) == 0 && s->eff == s->prm &&
	    s->inh == 0 && s->amb == 0, "capabilities %" PRIx64, s->prm);
	verdict(s, (s->bnd & ~s->p->bounding) == 0, "bounding set %" PRIx64,
	    s->bnd);
	verdict(s, s->nnp == 1, "no_new_privs %lu", s->nnp);
}

static void
check_namespaces(struct subject *s)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} ns[] = {{SBX_NS_NET, "net"}, {SBX_NS_IPC, "ipc"},
	    {SBX_NS_UTS, "uts"}, {SBX_NS_MNT, "mnt"}, {SBX_NS_PID, "pid"}};
	char path[64];
	struct stat own, up;
	size_t i;

	for (i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		if ((s->p->ns & ns[i].bit) == 0)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s",
		    (int)s->pid, ns[i].name);
		if (stat(path, &own) == -1) {
			verdict(s, 0, "%s: %s", path, strerror(errno));
			continue;
		}
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s",
		    (int)s->up, ns[i].name);
		if (stat(path, &up) == -1)
			verdict(s, 0, "%s: %s", path, strerror(errno));
		else
			verdict(s, own.st_ino != up.st_ino,
			    "%s namespace of its own", ns[i].name);
	}
}

static void
check_root(struct subject *s)
{
	const unsigned long want = ST_RDONLY | ST_NOSUID | ST_NODEV;
	char path[64];
	struct statvfs v;
	struct dirent *e;
	DIR *d;
	int n = 0;

	if ((s->p->ns & SBX_NS_MNT) == 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%d/root/", (int)s->pid);
	verdict(s, statvfs(path, &v) == 0 && (v.f_flag & want) == want,
	    "root directory read-only, nosuid, nodev");
	if (s->p == &policy_svc || s->p == &policy_svc_S)
		return;
	if ((d = opendir(path)) == NULL) {
		verdict(s, 0, "%s: %s", path, strerror(errno));
		return;
	}
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(d);
	verdict(s, n == 0, "root directory empty");
}

/* prlimit(2) on somebody else's process wants SYS_RESOURCE, the file not. */
static uint64_t
hard_limit(pid_t pid, int resource)
{
	static const struct {
		int resource;
		const char *name;
	} rows[] = {{RLIMIT_AS, "Max address space"},
	    {RLIMIT_CORE, "Max core file size"}, {RLIMIT_CPU, "Max cpu time"},
	    {RLIMIT_DATA, "Max data size"}, {RLIMIT_FSIZE, "Max file size"},
	    {RLIMIT_MEMLOCK, "Max locked memory"},
	    {RLIMIT_MSGQUEUE, "Max msgqueue size"},
	    {RLIMIT_NOFILE, "Max open files"},
	    {RLIMIT_NPROC, "Max processes"},
	    {RLIMIT_SIGPENDING, "Max pending signals"},
	    {RLIMIT_STACK, "Max stack size"}};
	uint64_t hard = UINT64_MAX;
	char path[64], line[256];
	size_t i, len;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		return UINT64_MAX;
	while (fgets(line, sizeof(line), f) != NULL)
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			len = strlen(rows[i].name);
			if (rows[i].resource == resource &&
			    strncmp(line, rows[i].name, len) == 0)
				(void)sscanf(line + len, "%*s %" SCNu64, &hard);
		}
	(void)fclose(f);
	return hard;
}

static void
check_limits(struct subject *s)
{
	const struct sandbox_rlimit *l;
	size_t i, own = s->p->nrlimits;
	size_t n = own + (s->narrow != NULL ? s->narrow->nrlimits : 0);

	for (i = 0; i < n; i++) {
		l = i < own ? &s->p->rlimits[i] : &s->narrow->rlimits[i - own];
		if (hard_limit(s->pid, l->resource) > l->hard) {
			verdict(s, 0, "resource limit %d", l->resource);
			return;
		}
	}
	verdict(s, 1, "%zu resource limits", n);
}

/* Filter number n of the stopped process is p. -1: cannot be read. */
static int
filter_is(pid_t pid, unsigned long n, const struct proc_filter *p)
{
	static struct sock_filter got[BPF_MAXINSNS];
	long len;

	len = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, n, NULL);
	if (len < 0 || len > BPF_MAXINSNS ||
	    ptrace(PTRACE_SECCOMP_GET_FILTER, pid, n, got) != len)
		return -1;
	return (size_t)len == p->len &&
	    memcmp(got, p->insns, (size_t)len * sizeof(got[0])) == 0;
}

/* The whole stack: what the suite loaded lies on top, oldest first; below it
 * may be what the machine put round the suite as a whole. */
static void
compare_filters(struct subject *s)
{
	unsigned long n = 0, below;
	size_t i;

	while (n < MAX_FILTERS &&
	    ptrace(PTRACE_SECCOMP_GET_FILTER, s->pid, n, NULL) >= 0)
		n++;
	if (n == 0) {
		remark(s, "filters cannot be read: %s", strerror(errno));
		return;
	}
	verdict(s, n >= s->nstack, "%lu filters, %zu of them the suite's", n,
	    s->nstack);
	if (n < s->nstack)
		return;
	below = n - s->nstack;
	for (i = 0; i < s->nstack; i++)
		verdict(s, filter_is(s->pid, below + i, &s->stack[i]) == 1,
		    "filter %lu is policy %s, byte for byte", below + i,
		    s->stack[i].name);
	if (below > 0)
		remark(s, "%lu older filters of the machine's own", below);
}

static void
check_filters(struct subject *s)
{
	int status;

	verdict(s, s->seccomp == 2, "filtered (mode %lu)", s->seccomp);
	if (s->seccomp != 2)
		return;
	if (ptrace(PTRACE_SEIZE, s->pid, NULL, NULL) == -1) {
		remark(s, "filters cannot be read: %s", strerror(errno));
		return;
	}
	if (ptrace(PTRACE_INTERRUPT, s->pid, NULL, NULL) == 0 &&
	    waitpid(s->pid, &status, __WALL) == s->pid && WIFSTOPPED(status))
		compare_filters(s);
	(void)ptrace(PTRACE_DETACH, s->pid, NULL, NULL);
}

static int
proc_pid(pid_t pid)
{
	struct subject s;

	if (proc_identify(&s, pid) == -1 || proc_status(&s) == -1) {
		(void)fprintf(stderr, "hpaudit: process %d: %s\n", (int)pid,
		    errno == ESRCH ? "not one of the suite" : strerror(errno));
		return 1;
	}
	if (!tap)
		(void)printf("process %d, %s, policy %s\n", (int)pid, s.name,
		    s.p->name);
	check_ids(&s);
	check_namespaces(&s);
	check_root(&s);
	check_limits(&s);
	check_filters(&s);
	remark(&s, "Landlock and mdwe cannot be seen from outside");
	return s.bad == 0 ? 0 : 1;
}

/* 0 when it is no process number. */
static pid_t
pid_of(const char *arg)
{
	char *end;
	long pid;

	errno = 0;
	pid = strtol(arg, &end, 10);
	if (*arg < '1' || *arg > '9' || *end != '\0' || errno != 0 ||
	    pid > INT_MAX)
		return 0;
	return (pid_t)pid;
}

static void
found(void *arg, pid_t pid)
{
	int *rc = arg;
	char path[64];

	if (proc_pid(pid) == 0)
		return;
	/* a script may have ended meanwhile */
	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (access(path, F_OK) == 0)
		*rc = 1;
}

int
audit_proc(int argc, char **argv)
{
	pid_t below = 0;
	int i, first, rc = 0;

	for (first = 1; first < argc; first++) {
		if (strcmp(argv[first], "-t") == 0)
			tap = 1;
		else if (strcmp(argv[first], "-d") == 0 && first + 1 < argc) {
			if (proc_narrow(argv[++first]) == -1)
				return 1;
		} else
			break;
	}
	if (first >= argc)
		return AUDIT_USAGE;
	if (strcmp(argv[first], "--all") == 0) {
		if (argc > first + 2 || (argc == first + 2 &&
		    (below = pid_of(argv[first + 1])) == 0))
			return AUDIT_USAGE;
		if (proc_all(below, found, &rc) < 1) {
			(void)fprintf(stderr, "hpaudit: nothing of the suite "
			    "is running here\n");
			rc = 1;
		}
	} else {
		for (i = first; i < argc; i++)
			if (pid_of(argv[i]) == 0)
				return AUDIT_USAGE;
		for (i = first; i < argc; i++)
			rc |= proc_pid(pid_of(argv[i]));
	}
	if (tap)
		(void)printf("1..%u\n", count);
	return rc;
}
