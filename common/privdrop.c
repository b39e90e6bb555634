/* SPDX-License-Identifier: ISC */
/*
 * Ids and capabilities of the calling process: set, read back, and try to get
 * them back. Runs in every process on its way into the sandbox, and in
 * hpd-parent. The only file that includes <cap-ng.h>. Must never report
 * success for something it did not see with its own eyes afterwards.
 */
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <unistd.h>

#include "privdrop.h"

#define CAP_BITS 64

/* 1 when all ids and the groups are exactly these. */
static int
ids_are(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (getresuid(&r, &e, &s) == -1 || getresgid(&rg, &eg, &sg) == -1)
		return 0;
	return r == uid && e == uid && s == uid && rg == gid && eg == gid &&
	    sg == gid && getgroups(0, NULL) == 0;
}

/* 1 when some way back to what was given up is open. */
static int
root_regained(uid_t uid, gid_t gid)
{
	if (uid == 0)
		return 0;
	return setresuid(0, 0, 0) == 0 || setuid(0) == 0 || seteuid(0) == 0 ||
	    (gid != 0 && (setresgid(0, 0, 0) == 0 || setegid(0) == 0));
}

int
privdrop_ids(uint32_t uid, uint32_t gid)
{
	if (uid == UINT32_MAX || gid == UINT32_MAX) {
		errno = EINVAL; /* -1 means "leave it" to the kernel */
		return -1;
	}
	if (setgroups(0, NULL) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return -1;
	if (!ids_are(uid, gid) || root_regained(uid, gid)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

uint64_t
privdrop_bounding(void)
{
	uint64_t m = 0;
	int i;

	for (i = 0; i < CAP_BITS; i++)
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			m |= UINT64_C(1) << i;
	return m;
}

/* 1 when the kernel (asked directly, not through the library that set them)
 * says: exactly keep, nothing to pass on. */
static int
caps_are(uint64_t keep)
{
	struct __user_cap_header_struct h = {
	    .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3];
	int i;

	if (syscall(SYS_capget, &h, d) == -1)
		return 0;
	for (i = 0; i < 2; i++)
		if (d[i].permitted != (uint32_t)(keep >> 32 * i) ||
		    d[i].effective != d[i].permitted || d[i].inheritable != 0)
			return 0;
	for (i = 0; i < CAP_BITS; i++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			return 0;
	return 1;
}

static int
cut_bounding(uint64_t bounding)
{
	uint64_t cut = privdrop_bounding() & ~bounding;
	int i;

	for (i = 0; i < CAP_BITS; i++)
		if (cut >> i & 1 && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == -1)
			return -1;
	if (privdrop_bounding() != bounding) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

int
privdrop_caps(uint64_t keep, uint64_t bounding)
{
	unsigned int i;

	if (cut_bounding(bounding) == -1)
		return -1;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		return -1;
	capng_clear(CAPNG_SELECT_CAPS);
	for (i = 0; i < CAP_BITS; i++)
		if (keep >> i & 1 && capng_update(CAPNG_ADD,
		    CAPNG_EFFECTIVE | CAPNG_PERMITTED, i) == -1) {
			errno = EINVAL;
			return -1;
		}
	if (capng_apply(CAPNG_SELECT_CAPS) != 0 || !caps_are(keep)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

int
privdrop_verify(uint32_t uid, uint32_t gid, uint64_t keep)
{
	if (!ids_are(uid, gid) || !caps_are(keep) ||
	    root_regained(uid, gid)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
