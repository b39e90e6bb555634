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

#include "audit.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif
#define MAX_FILTERS 32

struct subject {
	pid_t pid, ppid;
	const struct sandbox_policy *p;
	uint64_t prm, eff, bnd, inh, amb;
	unsigned long uid[4], nnp, seccomp;
	unsigned bad;
};

static const struct {
	const char *name;
	int shell;
	const struct sandbox_policy *p;
} programs[] = {
    {"hpd-parent", 0, &policy_parent}, {"hpd-conf", 0, &policy_conf},
    {"hpd-net", 0, &policy_net}, {"hpd-log", 0, &policy_log},
    {"hpd-svc", 0, &policy_svc}, {"hpd-svc", 1, &policy_svc_S},
};

static void verdict(struct subject *, int, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static void
verdict(struct subject *s, int good, const char *fmt, ...)
{
	va_list ap;

	(void)printf("  %s ", good ? "ok " : "BAD");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
	if (!good)
		s->bad++;
}

/* Which program, by its command line. 0 or -1. */
static int
identify(struct subject *s)
{
	char path[64], buf[4096];
	const char *base, *a;
	size_t n, i;
	int shell = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)s->pid);
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	n = fread(buf, 1, sizeof(buf) - 1, f);
	(void)fclose(f);
	buf[n] = '\0';
	for (a = buf; a < buf + n; a += strlen(a) + 1)
		if (strcmp(a, "-S") == 0)
			shell = 1;
	base = strrchr(buf, '/') != NULL ? strrchr(buf, '/') + 1 : buf;
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strcmp(programs[i].name, base) == 0 &&
		    (programs[i].shell == shell || strcmp(base, "hpd-svc"))) {
			s->p = programs[i].p;
			return 0;
		}
	errno = ESRCH;
	return -1;
}

static int
read_status(struct subject *s)
{
	char path[64], line[512];
	unsigned found = 0;
	long v;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)s->pid);
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		found += sscanf(line, "CapInh: %" SCNx64, &s->inh) == 1;
		found += sscanf(line, "CapPrm: %" SCNx64, &s->prm) == 1;
		found += sscanf(line, "CapEff: %" SCNx64, &s->eff) == 1;
		found += sscanf(line, "CapBnd: %" SCNx64, &s->bnd) == 1;
		found += sscanf(line, "CapAmb: %" SCNx64, &s->amb) == 1;
		found += sscanf(line, "NoNewPrivs: %lu", &s->nnp) == 1;
		found += sscanf(line, "Seccomp: %lu", &s->seccomp) == 1;
		found += sscanf(line, "Uid: %lu %lu %lu %lu", &s->uid[0],
		    &s->uid[1], &s->uid[2], &s->uid[3]) == 4;
		if (sscanf(line, "PPid: %ld", &v) == 1) {
			s->ppid = (pid_t)v;
			found++;
		}
	}
	(void)fclose(f);
	if (found == 9)
		return 0;
	errno = EPROTO;
	return -1;
}

static void
check_ids(struct subject *s)
{
	int same = s->uid[0] == s->uid[1] && s->uid[1] == s->uid[2] &&
	    s->uid[2] == s->uid[3];
	int root = s->p == &policy_parent || s->p == &policy_svc ||
	    s->p == &policy_svc_S;

	verdict(s, same && (root || s->uid[0] != 0), "user %lu", s->uid[0]);
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
		    (int)s->ppid, ns[i].name);
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
	int i;

	for (i = 0; i < s->p->nrlimits; i++) {
		l = &s->p->rlimits[i];
		if (hard_limit(s->pid, l->resource) > l->hard) {
			verdict(s, 0, "resource limit %d", l->resource);
			return;
		}
	}
	verdict(s, 1, "%d resource limits", s->p->nrlimits);
}

/* Filter number n of the stopped process is p's. -1: cannot be read. */
static int
filter_is(pid_t pid, unsigned long n, const struct sandbox_policy *p)
{
	static struct sock_filter got[BPF_MAXINSNS];
	long len;

	len = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, n, NULL);
	if (len < 0 || len > BPF_MAXINSNS ||
	    ptrace(PTRACE_SECCOMP_GET_FILTER, pid, n, got) != len)
		return -1;
	return len == p->filter_len &&
	    memcmp(got, p->filter, (size_t)len * sizeof(got[0])) == 0;
}

static void
compare_filters(struct subject *s)
{
	unsigned long n = 0;
	int rc;

	while (n < MAX_FILTERS &&
	    ptrace(PTRACE_SECCOMP_GET_FILTER, s->pid, n, NULL) >= 0)
		n++;
	if (n == 0) {
		(void)printf("  -   filters cannot be read: %s\n",
		    strerror(errno));
		return;
	}
	rc = filter_is(s->pid, n - 1, s->p);
	verdict(s, rc == 1, "last of %lu filters is policy %s", n, s->p->name);
	if (s->p == &policy_parent)
		return;
	rc = n > 1 ? filter_is(s->pid, n - 2, &policy_parent) : 0;
	verdict(s, rc == 1, "below it policy %s", policy_parent.name);
}

static void
check_filters(struct subject *s)
{
	int status;

	verdict(s, s->seccomp == 2, "filtered (mode %lu)", s->seccomp);
	if (s->seccomp != 2)
		return;
	if (ptrace(PTRACE_SEIZE, s->pid, NULL, NULL) == -1) {
		(void)printf("  -   filters cannot be read: %s\n",
		    strerror(errno));
		return;
	}
	if (ptrace(PTRACE_INTERRUPT, s->pid, NULL, NULL) == 0 &&
	    waitpid(s->pid, &status, __WALL) == s->pid && WIFSTOPPED(status))
		compare_filters(s);
	(void)ptrace(PTRACE_DETACH, s->pid, NULL, NULL);
}

static int
proc_one(const char *arg)
{
	struct subject s;
	char *end;
	long pid;

	errno = 0;
	pid = strtol(arg, &end, 10);
	if (*arg < '1' || *arg > '9' || *end != '\0' || errno != 0 ||
	    pid > INT_MAX)
		return AUDIT_USAGE;
	memset(&s, 0, sizeof(s));
	s.pid = (pid_t)pid;
	if (identify(&s) == -1 || read_status(&s) == -1) {
		(void)fprintf(stderr, "hpaudit: process %ld: %s\n", pid,
		    errno == ESRCH ? "not one of the suite" : strerror(errno));
		return 1;
	}
	(void)printf("process %ld, policy %s\n", pid, s.p->name);
	check_ids(&s);
	check_namespaces(&s);
	check_root(&s);
	check_limits(&s);
	check_filters(&s);
	(void)printf("  -   Landlock and mdwe cannot be seen from outside\n");
	return s.bad == 0 ? 0 : 1;
}

int
audit_proc(int argc, char **argv)
{
	int i, rc = 0, r;

	if (argc < 2)
		return AUDIT_USAGE;
	for (i = 1; i < argc; i++) {
		if ((r = proc_one(argv[i])) == AUDIT_USAGE)
			return r;
		rc |= r;
	}
	return rc;
}
