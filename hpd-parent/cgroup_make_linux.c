/* SPDX-License-Identifier: ISC */
/*
 * Making the control groups of the scripts: version 2 where it is delegated,
 * else version 1, else the reason why not. Runs in hpd-parent as root before
 * it gives up capabilities; writes only below the group it was started in, and
 * removes only groups named after hpd-parents that are gone.
 */
#include "cgroup_int.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "hpd-"

const char *const cg_runners[CGR_MAX] = {"svc", "svc-S"};


/* What an hpd-parent that was killed left behind. */
static void
sweep(const char *base, pid_t self)
{
	char path[PATH_MAX], *end;
	struct dirent *e;
	DIR *d = opendir(base);
	long pid;

	if (d == NULL)
		return; /* making ours will say why */
	while ((e = readdir(d)) != NULL) {
		const char *digits = e->d_name + strlen(PREFIX);

		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0 ||
		    *digits < '1' || *digits > '9')
			continue;
		errno = 0;
		pid = strtol(digits, &end, 10);
		if (errno != 0 || *end != '\0' || pid > INT_MAX)
			continue;
		if (pid != self &&
		    (kill((pid_t)pid, 0) == 0 || errno != ESRCH))
			continue;
		if (cg_path(path, base, e->d_name) == 0)
			(void)cg_drop_tree(path);
	}
	closedir(d);
}

/* Our group: in own, or in own/hpd where own may not be written. The latter may
 * be there already, and be removed by somebody until ours is in it. */
static int
choose(struct cgroup *g, int i, const char *own, pid_t pid)
{
	struct stat st;
	char name[32];
	int tries = 3, inside;

	if (stat(own, &st) == -1)
		return cg_failed(g, own, "");
	inside = (st.st_mode & S_IWUSR) == 0;
	snprintf(name, sizeof(name), PREFIX "%d", (int)pid);
	memcpy(g->base[i], own, strlen(own) + 1);
	if ((inside && cg_path(g->base[i], own, "hpd") == -1) ||
	    cg_path(g->top[i], g->base[i], name) == -1)
		return cg_failed(g, own, "hpd");
	do {
		if (inside && cg_make(g, own, "hpd") == -1)
			return -1;
		sweep(g->base[i], pid);
		if (cg_make(g, g->base[i], name) == 0)
			return 0;
	} while (errno == ENOENT && --tries > 0);
	return -1;
}

/* Divide a version 2 group: its children get the three controllers. */
static int
divide(struct cgroup *g, const char *dir)
{
	return cg_put(g, dir, CG_SUBTREE, "+pids +memory +cpu");
}

int
cg_tree_make(struct cgroup *g)
{
	for (int i = 0; i < g->ndirs; i++) {
		if (cg_make(g, g->top[i], "") == -1 ||
		    (g->kind == CGROUP_V2 && divide(g, g->top[i]) == -1) ||
		    cg_make(g, g->top[i], "scripts") == -1)
			return -1;
		for (int r = 0; r < CGR_MAX; r++) {
			char name[32];

			snprintf(name, sizeof(name), "scripts/%s", cg_runners[r]);
			if (cg_make(g, g->top[i], name) == -1)
				return -1;
		}
	}
	return 0;
}

/* Is each of the three a word of this file? Else the first that is not. */
static const char *
lacks(const char *text)
{
	static const char *const want[] = {"pids", "memory", "cpu"};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		size_t len = strlen(want[i]);
		const char *s = text;

		while ((s = strstr(s, want[i])) != NULL) {
			if ((s == text || s[-1] == ' ') &&
			    (s[len] == '\0' || strchr(" \n", s[len]) != NULL))
				break;
			s += len;
		}
		if (s == NULL)
			return want[i];
	}
	return NULL;
}

/* A version 2 group with processes can't be divided. Those in own must be
 * ours, or it is not ours to divide. The top of the hierarchy may have any. */
static int
only_ours(struct cgroup *g, const char *own)
{
	char path[PATH_MAX], buf[CG_READ], *s = buf, *end;
	long pid;
	int known;

	if (cg_path(path, own, "cgroup.type") == -1 ||
	    (access(path, F_OK) == -1 && errno == ENOENT))
		return 0;
	if (cg_get(g, own, CG_PROCS, buf) == -1)
		return -1;
	for (; *s != '\0'; s = *end == '\n' ? end + 1 : end) {
		pid = strtol(s, &end, 10);
		known = 0;
		for (int i = 0; i < CGROUP_MOVED; i++)
			known |= g->moved[i] != 0 && g->moved[i] == pid;
		if (end == s || !known) {
			snprintf(g->err, sizeof(g->err), "%.*s/" CG_PROCS
			    ": pid %ld is there too: not delegated to us",
			    PATH_MAX / 2, own, pid);
			return -1;
		}
	}
	return 0;
}

static int
make_v2(struct cgroup *g, pid_t pid)
{
	const char *own = g->where.v2, *no;
	char buf[CG_READ], self[PATH_MAX];

	g->kind = CGROUP_V2;
	if (own[0] == '\0') {
		snprintf(g->err, sizeof(g->err), "not mounted");
		return -1;
	}
	if (cg_get(g, own, "cgroup.controllers", buf) == -1)
		return -1;
	if ((no = lacks(buf)) != NULL) {
		snprintf(g->err, sizeof(g->err),
		    "%.*s/cgroup.controllers: no %s", PATH_MAX / 2, own, no);
		return -1;
	}
	if (only_ours(g, own) == -1 || cg_get(g, own, CG_SUBTREE, buf) == -1 ||
	    choose(g, 0, own, pid) == -1)
		return -1;
	g->ndirs = 1;
	if (cg_make(g, g->top[0], "self") == -1 ||
	    cg_path(self, g->top[0], "self") == -1)
		return -1;
	for (int i = 0; i < CGROUP_MOVED && g->moved[i] != 0; i++)
		if (cg_put_pid(g, self, g->moved[i]) == -1 && errno != ESRCH)
			return -1;
	if (lacks(buf) != NULL) {
		g->divided = 1;
		if (divide(g, own) == -1)
			return -1;
	}
	if (strcmp(own, g->base[0]) != 0 && divide(g, g->base[0]) == -1)
		return -1;
	return cg_tree_make(g);
}

static int
make_v1(struct cgroup *g, pid_t pid)
{
	static const char *const names[CTL_MAX] = {"pids", "memory", "cpu"};

	g->kind = CGROUP_V1;
	for (int i = 0; i < CTL_MAX; i++) {
		if (g->where.v1[i][0] == '\0') {
			snprintf(g->err, sizeof(g->err),
			    "no hierarchy of %s is mounted", names[i]);
			return -1;
		}
		if (choose(g, i, g->where.v1[i], pid) == -1)
			return -1;
		g->ndirs = i + 1;
	}
	return cg_tree_make(g);
}

void
cgroup_make(struct cgroup *g, const struct cgroup_where *w, pid_t pid,
    const pid_t *others)
{
	static int (*const try[])(struct cgroup *, pid_t) = {make_v2, make_v1};
	mode_t mask = umask(022);

	memset(g, 0, sizeof(*g));
	g->where = *w;
	for (size_t i = 0; i < sizeof(try) / sizeof(try[0]); i++) {
		g->moved[0] = pid;
		for (int j = 1; j < CGROUP_MOVED && others[j - 1] != 0; j++)
			g->moved[j] = others[j - 1];
		if (try[i](g, pid) == 0)
			break;
		memcpy(g->why[i], g->err, sizeof(g->err));
		(void)cgroup_remove(g);
	}
	umask(mask);
}

int
cgroup_open(struct cgroup *g, pid_t pid, const pid_t *others)
{
	static struct cgroup_where w;
	FILE *self = fopen("/proc/self/cgroup", "re");
	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	if (self != NULL && mounts != NULL)
		cgroup_find(self, mounts, &w);
	if (self != NULL)
		fclose(self);
	if (mounts != NULL)
		fclose(mounts);
	cgroup_make(g, &w, pid, others);
	return g->kind == CGROUP_NONE ? -1 : 0;
}
