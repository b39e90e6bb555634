/* SPDX-License-Identifier: ISC */
/*
 * Limits on all scripts together, by the kernel's control groups. Two back
 * ends: version 2 where the group we were started in is ours to divide
 * (delegated), else version 1 with a hierarchy a controller. What is made:
 *
 *   OWN/hpd-PID/scripts          the limits
 *   OWN/hpd-PID/scripts/svc      hpd-svc and its scripts
 *   OWN/hpd-PID/scripts/svc-S    hpd-svc -S and its scripts
 *   OWN/hpd-PID/self             version 2: the rest of the suite
 *
 * OWN is the group we were started in. Where its directory denies its owner
 * writing (the top of a hierarchy does) it is OWN/hpd, which stays: nothing
 * could remove it after the start without overriding that.
 */
#ifndef HPD_CGROUP_H
#define HPD_CGROUP_H

#include <sys/types.h>

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

enum cgroup_ctl { CTL_PIDS = 0, CTL_MEMORY, CTL_CPU, CTL_MAX };

/* Where the group of a process is seen; "" is nowhere. */
struct cgroup_where {
	char v2[PATH_MAX];
	char v1[CTL_MAX][PATH_MAX];
};

enum cgroup_kind { CGROUP_NONE = 0, CGROUP_V1 = 1, CGROUP_V2 = 2 };
enum cgroup_limit { CGL_PROCESSES = 0, CGL_MEMORY, CGL_CPU, CGL_MAX };
enum cgroup_runner { CGR_SVC = 0, CGR_SVC_SHELL, CGR_MAX };

#define CGROUP_MOVED 3 /* we, and whoever waits for our start */

struct cgroup {
	int kind; /* enum cgroup_kind */
	struct cgroup_where where;
	int ndirs;		       /* 1 in version 2 */
	char base[CTL_MAX][PATH_MAX];  /* OWN, or OWN/hpd */
	char top[CTL_MAX][PATH_MAX];   /* hpd-PID in it */
	uint64_t now[CGL_MAX];	       /* as last asked for; 0 none */
	char err[PATH_MAX + 128];      /* of the last failure */
	char why[2][PATH_MAX + 128];   /* why not version 2, why not 1 */
	pid_t moved[CGROUP_MOVED];     /* version 2: 0 ends */
	uint8_t divided; /* version 2: OWN was not divided before us */
};

/*
 * Where the process is whose /proc/PID/cgroup and /proc/PID/mountinfo these
 * are. A hierarchy that is not mounted, or whose mount does not show the
 * process's group, is nowhere.
 */
void cgroup_find(FILE *self, FILE *mounts, struct cgroup_where *);

/*
 * Make our groups, named after pid; remove those of dead ones. others: up to
 * two more processes of ours, 0 ends. g->kind says which back end; with
 * CGROUP_NONE nothing is left and g->why says which file failed and how.
 */
void cgroup_make(struct cgroup *g, const struct cgroup_where *, pid_t pid,
    const pid_t *others);

/* The same for this process, found by its /proc. 0, or -1: CGROUP_NONE. */
int cgroup_open(struct cgroup *g, pid_t pid, const pid_t *others);

/* Put a limit in force (0: none; bytes, or percent of one processor). -1 and
 * g->err: the one before stays. */
int cgroup_limit(struct cgroup *g, int limit, uint64_t value);

/* Put a process into a runner's group. -1 and g->err; a process that has
 * ended meanwhile is no error. */
int cgroup_join(struct cgroup *g, int runner, pid_t pid);

/* How many processes of a runner's group (version 2: of all scripts) the kernel
 * has ended since the start because memory was full. -1 and g->err: unknown. */
int64_t cgroup_oom(struct cgroup *g, int runner);

/* Remove our groups, which must be empty by now. -1 and g->err: some are
 * left, for the next start. g->kind becomes CGROUP_NONE. */
int cgroup_remove(struct cgroup *g);

#endif
