/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf on Linux: opening files below a directory descriptor with
 * openat2(2), so that neither "..", nor an absolute path, nor a symbolic link
 * leads out. No path is ever opened in another way.
 */
#include "conf.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

static int
open_how(int dir, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

/* Kernels before 5.6: plain components only, no links at all. */
static int
open_walk(int dir, const char *path, int flags)
{
	char part[256];
	const char *s = path;
	int at = dir, fd;
	size_t n;

	for (;;) {
		s += strspn(s, "/");
		n = strcspn(s, "/");
		if (n == 0 || n >= sizeof(part)) {
			errno = ENOENT;
			fd = -1;
		} else {
			memcpy(part, s, n);
			part[n] = '\0';
			s += n;
			if (strcmp(part, "..") == 0) {
				errno = EXDEV;
				fd = -1;
			} else
				fd = openat(at, part, O_NOFOLLOW | O_CLOEXEC |
				    (*s == '/' ? O_PATH | O_DIRECTORY : flags));
		}
		if (at != dir)
			close(at);
		if (fd == -1 || *s == '\0')
			return fd;
		at = fd;
	}
}

static int
regular(int fd)
{
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

int
conf_open_beneath(int dir, const char *name)
{
	int fd;

	if (name[0] == '/') {
		errno = EXDEV;
		return -1;
	}
	fd = open_how(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY,
	    RESOLVE_BENEATH);
	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		fd = open_walk(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	return regular(fd);
}

int
conf_open_inroot(int dir, const char *path)
{
	int fd = open_how(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY,
	    RESOLVE_IN_ROOT);

	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		fd = open_walk(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	return regular(fd);
}

int
conf_stat_inroot(int dir, const char *path, uint32_t *mode)
{
	struct stat st;
	int fd = open_how(dir, path, O_PATH, RESOLVE_IN_ROOT), r;

	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		fd = open_walk(dir, path, O_PATH);
	if (fd == -1)
		return -1;
	r = fstat(fd, &st);
	close(fd);
	*mode = st.st_mode;
	return r;
}
