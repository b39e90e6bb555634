/* SPDX-License-Identifier: ISC */
/*
 * Files and directories of control groups: one place for paths, writes and
 * what is said when they fail. Runs in hpd-parent as root; must never create a
 * file, follow a link at the end of a path, or remove what is not a directory.
 */
#include "cgroup_int.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int
cg_failed(struct cgroup *g, const char *dir, const char *name)
{
	int saved = errno;

	snprintf(g->err, sizeof(g->err), "%.*s%s%.*s: %s", PATH_MAX / 2, dir,
	    name[0] == '\0' ? "" : "/", PATH_MAX / 2, name, strerror(saved));
	errno = saved;
	return -1;
}

int
cg_path(char path[PATH_MAX], const char *dir, const char *name)
{
	int n = snprintf(path, PATH_MAX, "%s/%s", dir, name);

	if (n > 0 && n < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

int
cg_put(struct cgroup *g, const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd, saved;

	if (cg_path(path, dir, name) == -1 ||
	    (fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW)) ==
		-1)
		return cg_failed(g, dir, name);
	n = write(fd, text, strlen(text));
	saved = n == -1 ? errno : EIO;
	close(fd);
	if (n == (ssize_t)strlen(text))
		return 0;
	errno = saved;
	return cg_failed(g, dir, name);
}

int
cg_put_pid(struct cgroup *g, const char *dir, pid_t pid)
{
	char text[24];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return cg_put(g, dir, CG_PROCS, text);
}

int
cg_get(struct cgroup *g, const char *dir, const char *name, char buf[CG_READ])
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	if (cg_path(path, dir, name) == -1 ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return cg_failed(g, dir, name);
	n = read(fd, buf, CG_READ - 1);
	if (n == -1)
		(void)cg_failed(g, dir, name);
	close(fd);
	buf[n == -1 ? 0 : n] = '\0';
	return n == -1 ? -1 : 0;
}

int
cg_make(struct cgroup *g, const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (cg_path(path, dir, name) == -1 ||
	    (mkdir(path, 0755) == -1 && errno != EEXIST))
		return cg_failed(g, dir, name);
	return 0;
}

int
cg_drop(const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (cg_path(path, dir, name) == -1)
		return -1;
	return rmdir(path) == -1 && errno != ENOENT ? -1 : 0;
}

/* All that is ever made below a top, the top last. Groups with a process in
 * them stay: the kernel says EBUSY. */
int
cg_drop_tree(const char *top)
{
	static const char *const inside[] = {"scripts/svc", "scripts/svc-S",
		"scripts", "self", ""};

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (cg_drop(top, inside[i]) == -1)
			return -1;
	return 0;
}
