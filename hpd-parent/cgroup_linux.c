/* SPDX-License-Identifier: ISC */
/*
 * Control groups for the scripts while the suite runs: limits by one table,
 * runners put into their groups, all removed at the end. Runs in hpd-parent.
 * Nothing of a script, a peer or the wire is ever part of a name or a value.
 */
#include "cgroup_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REMOVE_TRIES 50 /* of 20 ms: the dead may take their time */

/* How a limit is written: number times scale and after, or in any case always;
 * none where there is no limit. */
static const struct row {
	uint8_t limit, kind, ctl;
	uint8_t optional; /* not every kernel has the file */
	const char *file;
	const char *always, *after, *none;
	uint32_t scale;
} rows[] = {
	{CGL_PROCESSES, CGROUP_V2, 0, 0, "pids.max", NULL, "", "max", 1},
	{CGL_MEMORY, CGROUP_V2, 0, 0, "memory.max", NULL, "", "max", 1},
	{CGL_MEMORY, CGROUP_V2, 0, 1, "memory.swap.max", "0", "", "max", 1},
	{CGL_CPU, CGROUP_V2, 0, 0, "cpu.max", NULL, " 100000", "max 100000",
	    1000},
	{CGL_PROCESSES, CGROUP_V1, CTL_PIDS, 0, "pids.max", NULL, "", "max",
	    1},
	/* Memory and swap together are never less than memory. */
	{CGL_MEMORY, CGROUP_V1, CTL_MEMORY, 1, "memory.memsw.limit_in_bytes",
	    "-1", "", "-1", 1},
	{CGL_MEMORY, CGROUP_V1, CTL_MEMORY, 0, "memory.limit_in_bytes", NULL,
	    "", "-1", 1},
	{CGL_MEMORY, CGROUP_V1, CTL_MEMORY, 1, "memory.memsw.limit_in_bytes",
	    NULL, "", "-1", 1},
	{CGL_CPU, CGROUP_V1, CTL_CPU, 0, "cpu.cfs_quota_us", NULL, "", "-1",
	    1000},
};

static int
put_row(struct cgroup *g, const struct row *r, uint64_t value)
{
	char dir[PATH_MAX], text[64];

	if (value == 0)
		snprintf(text, sizeof(text), "%s", r->none);
	else if (r->always != NULL)
		snprintf(text, sizeof(text), "%s", r->always);
	else
		snprintf(text, sizeof(text), "%llu%s",
		    (unsigned long long)value * r->scale, r->after);
	if (cg_path(dir, g->top[r->ctl], "scripts") == -1)
		return cg_failed(g, g->top[r->ctl], "scripts");
	if (cg_put(g, dir, r->file, text) == 0)
		return 0;
	return r->optional && errno == ENOENT ? 0 : -1;
}

static int
put_limit(struct cgroup *g, int limit, uint64_t value)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].limit == limit && rows[i].kind == g->kind &&
		    put_row(g, &rows[i], value) == -1)
			return -1;
	return 0;
}

int
cgroup_limit(struct cgroup *g, int limit, uint64_t value)
{
	char err[sizeof(g->err)];

	if (put_limit(g, limit, value) == 0) {
		g->now[limit] = value;
		return 0;
	}
	memcpy(err, g->err, sizeof(err));
	(void)put_limit(g, limit, g->now[limit]);
	memcpy(g->err, err, sizeof(err));
	return -1;
}

static int
join(struct cgroup *g, int runner, pid_t pid)
{
	char dir[PATH_MAX], name[32];

	snprintf(name, sizeof(name), "scripts/%s", cg_runners[runner]);
	for (int i = 0; i < g->ndirs; i++) {
		if (cg_path(dir, g->top[i], name) == -1)
			return cg_failed(g, g->top[i], name);
		if (cg_put_pid(g, dir, pid) == -1 && errno != ESRCH)
			return -1;
	}
	return 0;
}

int
cgroup_join(struct cgroup *g, int runner, pid_t pid)
{
	if (join(g, runner, pid) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	/* Somebody removed them while nothing was in them. */
	if (cg_tree_make(g) == -1)
		return -1;
	for (int i = 0; i < CGL_MAX; i++)
		if (put_limit(g, i, g->now[i]) == -1)
			return -1;
	return join(g, runner, pid);
}

int64_t
cgroup_oom(struct cgroup *g, int runner)
{
	static const char key[] = "oom_kill ";
	char dir[PATH_MAX], name[64], buf[CG_READ], *s = buf;

	if (g->kind == CGROUP_V2)
		snprintf(name, sizeof(name), "memory.events");
	else
		snprintf(name, sizeof(name), "%s/memory.oom_control",
		    cg_runners[runner]);
	if (cg_path(dir, g->top[g->kind == CGROUP_V2 ? 0 : CTL_MEMORY],
		"scripts") == -1 ||
	    cg_get(g, dir, name, buf) == -1)
		return -1;
	while (s != NULL && strncmp(s, key, sizeof(key) - 1) != 0) {
		s = strchr(s, '\n');
		s = s == NULL ? NULL : s + 1;
	}
	return s == NULL ? -1 : strtoll(s + sizeof(key) - 1, NULL, 10);
}

/* Version 2: out of our own groups, or they are never empty. */
static void
move_back(struct cgroup *g)
{
	char scripts[PATH_MAX], self[PATH_MAX], buf[CG_READ];
	long pid;

	if (cg_path(scripts, g->top[0], "scripts") == 0) {
		(void)cg_drop(scripts, cg_runners[CGR_SVC]);
		(void)cg_drop(scripts, cg_runners[CGR_SVC_SHELL]);
		(void)cg_drop(g->top[0], "scripts");
	}
	(void)cg_put(g, g->top[0], CG_SUBTREE, "-pids -memory -cpu");
	if (g->divided && strcmp(g->base[0], g->where.v2) == 0)
		(void)cg_put(g, g->where.v2, CG_SUBTREE, "-pids -memory -cpu");
	if (cg_path(self, g->top[0], "self") == -1 ||
	    cg_get(g, self, CG_PROCS, buf) == -1)
		return;
	for (char *s = buf, *end; (pid = strtol(s, &end, 10)) > 0; s = end)
		(void)cg_put_pid(g, g->where.v2, (pid_t)pid);
}

int
cgroup_remove(struct cgroup *g)
{
	struct timespec wait = {0, 20 * 1000 * 1000};
	int left = 0;

	for (int i = 0; i < g->ndirs; i++) {
		int bad, tries = REMOVE_TRIES;

		do {
			if (g->kind == CGROUP_V2)
				move_back(g);
			bad = cg_drop_tree(g->top[i]);
		} while (bad && errno == EBUSY && --tries > 0 &&
		    (nanosleep(&wait, NULL), 1));
		if (bad)
			left = cg_failed(g, g->top[i], "");
	}
	g->kind = CGROUP_NONE;
	g->ndirs = 0;
	g->divided = 0;
	return left;
}
