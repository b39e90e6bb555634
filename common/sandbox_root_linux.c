/* SPDX-License-Identifier: ISC */
/*
 * Namespaces and the root directory of a sandboxed process. Runs as root at
 * the start of hpd-net, hpd-svc and hpd-log, before any input is read. Must
 * never mount anything outside a mount namespace of its own.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandbox_steps.h"

#define ROOT_PATH_MAX 1024

/*
 * The parent's clone made a pid namespace, of which this process must be the
 * first. The others are made here once more: a sandbox must not depend on how
 * it was started, and a second empty one costs nothing in service.
 */
int
sbx_namespaces(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	int flags = 0;

	(void)ids;
	if ((p->ns & SBX_NS_PID) != 0 && getpid() != 1) {
		errno = ECHILD; /* not the first of a new pid namespace */
		return -1;
	}
	if ((p->ns & SBX_NS_NET) != 0)
		flags |= CLONE_NEWNET;
	if ((p->ns & SBX_NS_IPC) != 0)
		flags |= CLONE_NEWIPC;
	if ((p->ns & SBX_NS_UTS) != 0)
		flags |= CLONE_NEWUTS;
	if ((p->ns & SBX_NS_MNT) != 0)
		flags |= CLONE_NEWNS;
	if (flags != 0 && unshare(flags) == -1)
		return errno == EINVAL ? SBX_ABSENT : -1;
	return 0;
}

/* dir, a mount point, becomes "/"; the old root is gone afterwards. */
static int
pivot(const char *dir)
{
	if (chdir(dir) == -1 || syscall(SYS_pivot_root, ".", ".") == -1 ||
	    umount2(".", MNT_DETACH) == -1 || chdir("/") == -1)
		return -1;
	return 0;
}

static int
fresh_root(void)
{
	const unsigned long fl = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (mount("hpd", "/tmp", "tmpfs", fl,
	    "size=4k,nr_inodes=2,mode=0555") == -1)
		return -1;
	if (mount(NULL, "/tmp", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | fl,
	    NULL) == -1)
		return -1;
	return pivot("/tmp");
}

/* Only root may have been able to put something into dir. */
static int
dir_is_ours(const char *dir)
{
	struct stat st;

	if (lstat(dir, &st) == -1)
		return -1;
	if (!S_ISDIR(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

/* Read-only, no devices but /dev/null, no setuid. */
static int
jail_root(const char *dir)
{
	char null[ROOT_PATH_MAX];
	int n;

	n = snprintf(null, sizeof(null), "%s/dev/null", dir);
	if (n < 0 || (size_t)n >= sizeof(null)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (dir_is_ours(dir) == -1 ||
	    mount(dir, dir, NULL, MS_BIND, NULL) == -1 ||
	    mount("/dev/null", null, NULL, MS_BIND, NULL) == -1 ||
	    mount(NULL, null, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY |
		MS_NOSUID | MS_NOEXEC, NULL) == -1 ||
	    mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY |
		MS_NOSUID | MS_NODEV, NULL) == -1)
		return -1;
	return pivot(dir);
}

int
sbx_root(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	if (ids->root != NULL && strcmp(ids->root, "/") == 0)
		return 0;
	if ((p->ns & SBX_NS_MNT) == 0) {
		errno = EPERM; /* would mount in the host's namespace */
		return -1;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return -1;
	return ids->root == NULL ? fresh_root() : jail_root(ids->root);
}
