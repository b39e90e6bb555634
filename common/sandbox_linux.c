/* SPDX-License-Identifier: ISC */
/*
 * The way into the sandbox on Linux: every step of enum sandbox_step in its
 * order, then a look whether it all is so. Runs in each process between its
 * start and its first byte of input. No step is best effort: what the kernel
 * lacks is either a must (fatal) or reported, everything else is fatal.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "privdrop.h"
#include "sandbox_steps.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#define MDWE_REFUSE_EXEC_GAIN 1UL

_Static_assert(sizeof(struct sandbox_insn) == sizeof(struct sock_filter),
    "sandbox_insn is sock_filter");

static int rooted; /* started as root: ids and capabilities are to be set */

static int
step_rlimits(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	const struct sandbox_rlimit *l;
	struct rlimit now, r;
	int i;

	(void)ids;
	for (i = 0; i < p->nrlimits; i++) {
		l = &p->rlimits[i];
#ifdef HPD_SANITIZED
		if (l->resource == RLIMIT_AS)
			continue;
#endif
		if (getrlimit((__rlimit_resource_t)l->resource, &now) == -1)
			return -1;
		/* A lower limit that is already there stays. */
		r.rlim_max = l->hard < now.rlim_max ? l->hard : now.rlim_max;
		r.rlim_cur = l->soft < r.rlim_max ? l->soft : r.rlim_max;
		if (setrlimit((__rlimit_resource_t)l->resource, &r) == -1)
			return -1;
	}
	return 0;
}

/* Also: uid 0 alone gives no capability any more, not even by an exec. */
static int
step_bounding(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	const uint64_t ids_need = 1ULL << CAP_SETUID | 1ULL << CAP_SETGID;

	(void)ids;
	if (!rooted)
		return 0;
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) == -1)
		return -1;
	return privdrop_caps(p->caps | ids_need,
	    p->bounding & privdrop_bounding());
}

static int
step_ids(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)p;
	return rooted ? privdrop_ids(ids->uid, ids->gid) : 0;
}

static int
step_caps(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)ids;
	return privdrop_caps(rooted ? p->caps : 0, privdrop_bounding());
}

static int
step_pdeathsig(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)p;
	(void)ids;
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static int
step_nodump(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)p;
	(void)ids;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int
step_nnp(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)p;
	(void)ids;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int
step_mdwe(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)ids;
	if (!p->mdwe)
		return 0;
	if (prctl(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == -1)
		return errno == EINVAL ? SBX_ABSENT : -1;
	return 0;
}

/* Files, TCP and scopes are one ruleset, entered here; the two steps after
 * this one only tell what the kernel could not do. */
static int
step_landlock_fs(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)ids;
	return p->landlock ? sbx_landlock(p) : 0;
}

static int
step_landlock_net(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)ids;
	return p->landlock && sbx_landlock_abi() < 4 ? SBX_ABSENT : 0;
}

static int
step_landlock_scope(const struct sandbox_policy *p,
    const struct sandbox_ids *ids)
{
	(void)ids;
	return p->landlock && sbx_landlock_abi() < 6 ? SBX_ABSENT : 0;
}

static int
load_filter(const struct sandbox_insn *filter, uint16_t len)
{
	struct sock_fprog prog;

	prog.len = len;
	/* Same layout, see the assertion above; the kernel only reads it. */
	memcpy(&prog.filter, &filter, sizeof(prog.filter));
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

/* The runtime of a sanitizer makes calls no policy knows. */
static int
sanitized(const char *name)
{
#ifdef HPD_SANITIZED
	diag_warnx("SANITIZER BUILD: seccomp filter %s NOT loaded, no limit "
	    "of address space", name);
	return 1;
#else
	(void)name;
	return 0;
#endif
}

static int
step_seccomp(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)ids;
	if (sanitized(p->name))
		return 0;
	if (load_filter(p->filter, p->filter_len) == -1)
		return errno == ENOSYS ? SBX_ABSENT : -1;
	return 0;
}

static int
step_verify(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	(void)p;
	(void)ids;
	return sbx_verify_after();
}

static int (*const steps[SBX_STEP_MAX])(const struct sandbox_policy *,
    const struct sandbox_ids *) = {
    [SBX_NAMESPACES] = sbx_namespaces,
    [SBX_ROOT] = sbx_root,
    [SBX_RLIMITS] = step_rlimits,
    [SBX_BOUNDING] = step_bounding,
    [SBX_IDS] = step_ids,
    [SBX_CAPS] = step_caps,
    [SBX_PDEATHSIG] = step_pdeathsig,
    [SBX_NODUMP] = step_nodump,
    [SBX_NNP] = step_nnp,
    [SBX_MDWE] = step_mdwe,
    [SBX_LANDLOCK_FS] = step_landlock_fs,
    [SBX_LANDLOCK_NET] = step_landlock_net,
    [SBX_LANDLOCK_SCOPE] = step_landlock_scope,
    [SBX_SECCOMP] = step_seccomp,
    [SBX_VERIFY] = step_verify,
};

static int
do_step(int i, const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
#ifdef HPD_TEST_INJECT
	if ((sandbox_inject_fail & 1u << i) != 0) {
		errno = EPERM;
		return -1;
	}
	if ((sandbox_inject_absent & 1u << i) != 0)
		return SBX_ABSENT;
#endif
	return steps[i](p, ids);
}

/* The part of SBX_VERIFY that makes calls the filter will forbid. */
static void
verify_before(const struct sandbox_policy *p, const struct sandbox_ids *ids,
    uint32_t missing)
{
	const char *what;

	if (sbx_verify_before(p, ids, rooted, missing, &what) == -1)
		fatalx("sandbox %s: step %s: %s", p->name,
		    sandbox_needs[SBX_VERIFY].name, what);
}

uint32_t
sandbox_enter(const struct sandbox_policy *p, const struct sandbox_ids *ids)
{
	const struct sandbox_need *n;
	uint32_t missing = 0;
	char names[128];
	int i, rc;

	/* Executed by descriptor: before 6.14 ps(1) would show its number. */
	(void)prctl(PR_SET_NAME, program_invocation_short_name);
	rooted = geteuid() == 0;
	/* Only a process that keeps "/" and needs no namespace may start
	 * without root; its other steps are done all the same. */
	if (!rooted && (p->ns != 0 || ids->root == NULL ||
	    strcmp(ids->root, "/") != 0))
		fatalx("sandbox %s: must be started by root", p->name);
	for (i = 0; i < SBX_STEP_MAX; i++) {
		n = &sandbox_needs[i];
		if (i == SBX_SECCOMP)
			verify_before(p, ids, missing);
		rc = do_step(i, p, ids);
		if (rc == -1)
			fatal("sandbox %s: step %s", p->name, n->name);
		if (rc == 0)
			continue;
		if (n->must)
			fatalx("sandbox %s: step %s: missing in this kernel "
			    "(Linux %s or later)", p->name, n->name, n->since);
		missing |= 1u << i;
	}
	if (missing != 0)
		diag_warnx("sandbox %s: missing in this kernel: %s", p->name,
		    sandbox_missing(missing, names, sizeof(names)));
	return missing;
}

int
sandbox_filter(const struct sandbox_policy *p)
{
	if (strcmp(p->name, "parent") == 0 && sanitized(p->name))
		return 0; /* children of a sanitizer build have it below them */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return load_filter(p->filter, p->filter_len);
}

int
sandbox_filter_more(const char *name, const struct sandbox_insn *filter,
    size_t len)
{
	return sanitized(name) ? 0 : load_filter(filter, (uint16_t)len);
}
