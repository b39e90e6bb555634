/* SPDX-License-Identifier: ISC */
/*
 * Is the sandbox what was asked for? Looks at the process itself instead of
 * trusting that calls which returned 0 did their work: reads back what can be
 * read, tries what must fail. The end of sandbox_enter() in every process.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "privdrop.h"
#include "sandbox_steps.h"

#ifndef PR_GET_MDWE
#define PR_GET_MDWE 66
#endif
#define MDWE_REFUSE_EXEC_GAIN 1

/* "/" cannot be listed, or there is nothing in it. */
static int
root_is_empty(void)
{
	struct dirent *e;
	DIR *d;
	int n = 0;

	if ((d = opendir("/")) == NULL)
		return errno == EACCES;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			n++;
	(void)closedir(d);
	return n == 0;
}

static int
root_is_readonly(void)
{
	const unsigned long want = ST_RDONLY | ST_NOSUID | ST_NODEV;
	struct statvfs v;

	return statvfs("/", &v) == 0 && (v.f_flag & want) == want &&
	    access("/proc/self", F_OK) == -1;
}

/* With no path of the policy writable, nothing may be opened for writing. */
static int
landlock_holds(const struct sandbox_policy *p)
{
	int fd, i;

	for (i = 0; i < p->npaths; i++)
		if ((p->paths[i].rights & 1ULL << 1) != 0)
			return 1;
	if ((fd = open("/dev/null", O_WRONLY | O_CLOEXEC)) != -1) {
		(void)close(fd);
		return 0;
	}
	return errno == EACCES || errno == ENOENT;
}

static int
rlimits_hold(const struct sandbox_policy *p)
{
	struct rlimit r;
	int i;

	for (i = 0; i < p->nrlimits; i++) {
#ifdef HPD_SANITIZED
		if (p->rlimits[i].resource == RLIMIT_AS)
			continue;
#endif
		if (getrlimit((__rlimit_resource_t)p->rlimits[i].resource,
		    &r) == -1 || r.rlim_cur > p->rlimits[i].soft ||
		    r.rlim_max > p->rlimits[i].hard)
			return 0;
	}
	return 1;
}

int
sbx_verify_before(const struct sandbox_policy *p,
    const struct sandbox_ids *ids, int rooted, uint32_t missing,
    const char **what)
{
	int sig = 0;

	*what = NULL;
	if (rooted && privdrop_verify(ids->uid, ids->gid, p->caps) == -1)
		*what = "ids or capabilities";
	else if (rooted && (privdrop_bounding() & ~p->bounding) != 0)
		*what = "bounding set";
	else if (ids->root == NULL && !root_is_empty())
		*what = "root directory is not empty";
	else if ((ids->root == NULL || strcmp(ids->root, "/") != 0) &&
	    !root_is_readonly())
		*what = "root directory is not read-only";
	else if (p->landlock && !landlock_holds(p))
		*what = "a file could be opened for writing";
	else if (!rlimits_hold(p))
		*what = "resource limits";
	else if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		*what = "no_new_privs";
	else if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		*what = "dumpable";
	else if (prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0) == -1 ||
	    sig != SIGKILL)
		*what = "parent death signal";
	else if (p->mdwe && (missing & 1u << SBX_MDWE) == 0 &&
	    prctl(PR_GET_MDWE, 0, 0, 0, 0) != MDWE_REFUSE_EXEC_GAIN)
		*what = "memory-deny-write-execute";
	return *what == NULL ? 0 : -1;
}

int
sbx_verify_after(void)
{
#ifdef HPD_SANITIZED
	return 0;
#else
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 ? 0 : -1;
#endif
}
