/* SPDX-License-Identifier: ISC */
/* Between the files of cgroup.h only. All return 0, or -1 with errno and
 * (where they take a cgroup) g->err. */
#ifndef HPD_CGROUP_INT_H
#define HPD_CGROUP_INT_H

#include "cgroup.h"

#define CG_PROCS   "cgroup.procs"
#define CG_SUBTREE "cgroup.subtree_control"
#define CG_READ	   4096

extern const char *const cg_runners[CGR_MAX]; /* names of their groups */

/* cgroup_file.c */
/* dir/name and errno's text into g->err; -1, errno stays. */
int cg_failed(struct cgroup *g, const char *dir, const char *name);
int cg_path(char path[PATH_MAX], const char *dir, const char *name);
/* One write(2) of text: the kernel takes a value as a whole or not at all. */
int cg_put(struct cgroup *g, const char *dir, const char *name,
    const char *text);
int cg_put_pid(struct cgroup *g, const char *dir, pid_t pid);
/* Its first CG_READ - 1 bytes, NUL-ended. */
int cg_get(struct cgroup *g, const char *dir, const char *name,
    char buf[CG_READ]);
/* A group; one that is there already is as good. */
int cg_make(struct cgroup *g, const char *dir, const char *name);
int cg_drop(const char *dir, const char *name);
/* A whole hpd-PID. Groups with a process in them stay (EBUSY). */
int cg_drop_tree(const char *top);

/* cgroup_make_linux.c */
/* All our groups, as far as they are not there. */
int cg_tree_make(struct cgroup *g);

#endif
