/* SPDX-License-Identifier: ISC */
/*
 * Landlock: all file accesses, TCP and scopes the kernel knows of are handled
 * (so denied), then the policy's paths are allowed again. hpd-net, hpd-log and
 * hpd-conf for themselves, hpd-svc for its scripts. A layer beside the
 * namespaces and the filter, never the only one.
 */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "sandbox_steps.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

/* The kernel's interface, spelled out because headers older than the kernel
 * lack the later fields. */
struct ruleset_attr {
	uint64_t fs;	 /* ABI 1 */
	uint64_t net;	 /* ABI 4 */
	uint64_t scoped; /* ABI 6 */
};
struct path_attr {
	uint64_t rights;
	int32_t fd;
} __attribute__((packed));

#define GET_VERSION   1u
#define PATH_BENEATH  1
#define FS_EXECUTE    (1ULL << 0)
#define FS_WRITE_FILE (1ULL << 1)
#define FS_READ_FILE  (1ULL << 2)
#define FS_TRUNCATE   (1ULL << 14)
#define FS_ABI1	      ((1ULL << 13) - 1)
#define FS_REFER      (1ULL << 13) /* ABI 2 */
#define FS_IOCTL_DEV  (1ULL << 15) /* ABI 5 */
#define NET_ALL	      3ULL	   /* bind, connect */
#define SCOPE_ALL     3ULL	   /* abstract sockets, signals */
/* What may be allowed on something that is not a directory. */
#define FS_FILE                                                                \
	(FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

int
sbx_landlock_abi(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0, GET_VERSION);

	return v < 0 ? 0 : (int)v;
}

static uint64_t
handled_fs(int abi)
{
	uint64_t fs = FS_ABI1;

	if (abi >= 2)
		fs |= FS_REFER;
	if (abi >= 3)
		fs |= FS_TRUNCATE;
	if (abi >= 5)
		fs |= FS_IOCTL_DEV;
	return fs;
}

static int
allow_path(int ruleset, const struct sandbox_path *path, uint64_t handled)
{
	struct path_attr a;
	struct stat st;
	int rc = -1, save;

	a.rights = path->rights & handled;
	a.fd = open(path->path, O_PATH | O_CLOEXEC);
	if (a.fd == -1)
		return -1;
	if (fstat(a.fd, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			a.rights &= FS_FILE;
		rc = (int)syscall(SYS_landlock_add_rule, ruleset, PATH_BENEATH,
		    &a, 0);
	}
	save = errno;
	(void)close(a.fd);
	errno = save;
	return rc;
}

int
sandbox_landlock_fd(const struct sandbox_policy *p)
{
	struct ruleset_attr attr = {0, 0, 0};
	size_t size = sizeof(attr.fs);
	int abi = sbx_landlock_abi(), fd, i, save;

	if (abi < 1 || SBX_INJECTED_ABSENT(SBX_LANDLOCK_FS)) {
		errno = ENOSYS;
		return -1;
	}
	attr.fs = handled_fs(abi);
	if (abi >= 4) {
		size = 2 * sizeof(uint64_t);
		if (!SBX_INJECTED_ABSENT(SBX_LANDLOCK_NET))
			attr.net = NET_ALL;
	}
	if (abi >= 6) {
		size = sizeof(attr);
		if (!SBX_INJECTED_ABSENT(SBX_LANDLOCK_SCOPE))
			attr.scoped = SCOPE_ALL;
	}
	/* The descriptor is close-on-exec from the start. */
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (fd == -1)
		return -1;
	for (i = 0; i < p->npaths; i++)
		if (allow_path(fd, &p->paths[i], attr.fs) == -1) {
			save = errno;
			(void)close(fd);
			errno = save;
			return -1;
		}
	return fd;
}

int
sbx_landlock(const struct sandbox_policy *p)
{
	int fd, rc, save;

	if ((fd = sandbox_landlock_fd(p)) == -1)
		return errno == ENOSYS || errno == EOPNOTSUPP ? SBX_ABSENT : -1;
	rc = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	save = errno;
	(void)close(fd);
	errno = save;
	return rc;
}
