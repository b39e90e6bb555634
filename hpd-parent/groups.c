/* SPDX-License-Identifier: ISC */
/*
 * Limits on all scripts together: which ones the image wants, whether they are
 * in force, and saying so when they are not. Runs in hpd-parent. The suite
 * runs without them where the system has no control groups for us, but never
 * silently.
 */
#include "groups.h"

#include <stdlib.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "../common/diag.h"

#include "background.h"
#include "cgroup.h"
#include "parent.h"

static struct cgroup group;
static int64_t ended[CGR_MAX]; /* for want of memory, when it was started */
static pid_t owner; /* of the groups: the process that made them */

static const char *const names[CGL_MAX] = {
	[CGL_PROCESSES] = "processes",
	[CGL_MEMORY] = "memory",
	[CGL_CPU] = "cpu",
};

static void
at_exit(void)
{
	if (getpid() == owner && group.kind != CGROUP_NONE &&
	    cgroup_remove(&group) == -1)
		diag_warnx("control groups left behind: %s", group.err);
}

void
groups_open(struct parent *p)
{
	pid_t waiting[CGROUP_MOVED] = {0};

	(void)p;
	background_waiting(waiting);
	owner = getpid();
	(void)cgroup_open(&group, owner, waiting);
	if (atexit(at_exit) != 0)
		fatalx("atexit");
}

static void
not_in_force(int limit, uint64_t value, const char *why)
{
	diag_warnx("limit scripts %s %llu is not in force: %s", names[limit],
	    (unsigned long long)value, why);
}

/* Once: the reasons. Each time: what was asked for and is not there. */
static void
none_here(const uint64_t *want)
{
	static int told;

	if (!told)
		diag_warnx("all scripts together are not limited: no control "
		    "groups to do it with (version 2: %s; version 1: %s)",
		    group.why[0], group.why[1]);
	told = 1;
	if (want[CGL_PROCESSES] != SCRIPTS_PROCESSES)
		not_in_force(CGL_PROCESSES, want[CGL_PROCESSES],
		    "no control groups");
	for (int i = CGL_MEMORY; i < CGL_MAX; i++)
		if (want[i] != 0)
			not_in_force(i, want[i], "no control groups");
}

void
groups_limit(struct parent *p)
{
	const struct img_header *h = p->image.hdr;
	const uint64_t want[CGL_MAX] = {h->scripts_processes,
		h->scripts_memory, h->scripts_cpu};
	int cpus = get_nprocs();
	static int told;

	if (group.kind == CGROUP_NONE) {
		none_here(want);
		return;
	}
	for (int i = 0; i < CGL_MAX; i++)
		if (cgroup_limit(&group, i, want[i]) == -1)
			not_in_force(i, want[i], group.err);
	if (want[CGL_CPU] > 100 * (uint64_t)cpus)
		diag_warnx("limit scripts cpu %u: this machine has %d "
		    "processors, so it limits nothing", h->scripts_cpu, cpus);
	if (!told)
		info("scripts are limited by control groups, version %d, in "
		     "%s", group.kind, group.top[0]);
	told = 1;
}

/* Its enum cgroup_runner, or -1. */
static int
runner_of(const struct kid *k)
{
	if (group.kind == CGROUP_NONE)
		return -1;
	return k->id == KID_SVC ? CGR_SVC
	    : k->id == KID_SVC_SHELL ? CGR_SVC_SHELL : -1;
}

void
groups_join(struct parent *p, const struct kid *k)
{
	int runner = runner_of(k);

	(void)p;
	if (runner == -1)
		return;
	if (cgroup_join(&group, runner, k->pid) == -1)
		diag_warnx("%s and its scripts run outside of the limits of "
		    "all scripts: %s", proc_name(k->proc), group.err);
	ended[runner] = cgroup_oom(&group, runner);
}

int
groups_oom(const struct kid *k)
{
	int runner = runner_of(k);

	return runner != -1 && cgroup_oom(&group, runner) > ended[runner];
}
