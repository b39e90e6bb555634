/* SPDX-License-Identifier: ISC */
/*
 * hpaudit proc: which process is which. A program of the suite goes by its
 * command line; whatever else lives below a runner is a script, under the
 * runner's policies and its own. What is found is then held against the
 * policies, so a false name helps nobody. hpaudit only; reads /proc.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/proc.h"
#include "audit_proc.h"

#define MAX_DEPTH 64 /* ancestors looked at */

static const struct {
	const char *name;
	int shell; /* has -S on its command line */
	const struct sandbox_policy *p; /* on top of the parent's */
	enum img_policy_of narrow; /* NARROW_MAX: never narrowed */
} programs[] = {
    {"hpd-parent", 0, &policy_parent, NARROW_MAX},
    {"hpd-conf", 0, &policy_conf, NARROW_MAX},
    {"hpd-net", 0, &policy_net, NARROW_NET},
    {"hpd-log", 0, &policy_log, NARROW_LOG},
    {"hpship", 0, &policy_ship, NARROW_SHIP},
    {"hpd-svc", 0, &policy_svc, NARROW_SVC},
    {"hpd-svc", 1, &policy_svc_S, NARROW_SVC_S},
};
#define NPROGRAMS (sizeof(programs) / sizeof(programs[0]))

static void
push(struct subject *s, const struct sandbox_policy *p)
{
	s->stack[s->nstack++] = (struct proc_filter){p->name, p->filter,
	    p->filter_len};
}

static void
set_stack(struct subject *s, size_t i)
{
	s->name = programs[i].name;
	s->p = programs[i].p;
	s->nstack = 0;
	push(s, &policy_parent);
	if (s->p != &policy_parent)
		push(s, s->p);
	if (programs[i].narrow != NARROW_MAX)
		proc_narrow_daemon(s, programs[i].narrow);
}

/* 0, or -1: not a program of the suite (ESRCH), or gone. */
static int
by_name(struct subject *s, pid_t pid)
{
	char path[64], buf[4096];
	const char *base, *a;
	int shell = 0;
	size_t n, i;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	n = fread(buf, 1, sizeof(buf) - 1, f);
	(void)fclose(f);
	buf[n] = '\0';
	for (a = buf; a < buf + n; a += strlen(a) + 1)
		if (strcmp(a, "-S") == 0)
			shell = 1;
	base = strrchr(buf, '/') != NULL ? strrchr(buf, '/') + 1 : buf;
	for (i = 0; i < NPROGRAMS; i++)
		if (strcmp(programs[i].name, base) == 0 &&
		    (programs[i].shell == shell || strcmp(base, "hpd-svc"))) {
			set_stack(s, i);
			return 0;
		}
	errno = ESRCH;
	return -1;
}

/* 0 when it cannot be told. */
static pid_t
parent_of(pid_t pid)
{
	char path[64], line[256];
	long v = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "PPid: %ld", &v) == 1)
			break;
	(void)fclose(f);
	return (pid_t)v;
}

int
proc_identify(struct subject *s, pid_t pid)
{
	pid_t up = pid;
	int i;

	memset(s, 0, sizeof(*s));
	s->pid = pid;
	if (by_name(s, pid) == 0)
		return 0;
	for (i = 0; i < MAX_DEPTH && (up = parent_of(up)) > 1; i++) {
		if (by_name(s, up) == -1)
			continue;
		if (s->p != &policy_svc && s->p != &policy_svc_S)
			break;
		s->name = "script";
		s->up = up;
		s->uid_lo = s->p == &policy_svc ? SLOT_BASE : SLOT_BASE_SHELL;
		s->uid_hi = s->uid_lo + SLOT_COUNT - 1;
		s->p = s->p == &policy_svc ? &policy_svc_nofork :
		    &policy_svc_shell;
		push(s, s->p);
		proc_narrow_script(s, s->p == &policy_svc_nofork ?
		    NARROW_SVC_NOFORK : NARROW_SVC_SHELL);
		return 0;
	}
	errno = ESRCH;
	return -1;
}

int
proc_status(struct subject *s)
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
			s->up = s->up == 0 ? (pid_t)v : s->up;
			found++;
		}
	}
	(void)fclose(f);
	if (found == 9)
		return 0;
	errno = EPROTO;
	return -1;
}

static int
is_below(pid_t pid, pid_t top)
{
	int i;

	for (i = 0; i < MAX_DEPTH && pid > 1; i++, pid = parent_of(pid))
		if (pid == top)
			return 1;
	return 0;
}

int
proc_all(pid_t below, void (*fn)(void *, pid_t), void *arg)
{
	struct subject s;
	struct dirent *e;
	int n = 0;
	DIR *d = opendir("/proc");

	if (d == NULL)
		return -1;
	while ((e = readdir(d)) != NULL) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (!isdigit((unsigned char)e->d_name[0]) ||
		    proc_identify(&s, pid) == -1 ||
		    (below != 0 && !is_below(pid, below)))
			continue;
		n++;
		fn(arg, pid);
	}
	(void)closedir(d);
	return n;
}
