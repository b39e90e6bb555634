/* SPDX-License-Identifier: ISC */
/*
 * hpd-parent's own cage on Linux: the few capabilities that restarting
 * children and reloading need, a filter that denies what no part of the suite
 * ever calls. Entered once, before the first child exists, so that first and
 * restarted children carry the same.
 */
#include "cage.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <linux/capability.h>

#include "../common/diag.h"
#include "../common/privdrop.h"
#include "../common/sandbox.h"

#define CAP(x) (1ULL << CAP_##x)

/* What each is for. */
static const uint64_t keep = CAP(SYS_ADMIN) | /* namespaces of children */
    CAP(SYS_CHROOT) | CAP(SETUID) | CAP(SETGID) | CAP(SETPCAP) | /* theirs */
    CAP(KILL) |		  /* children have other ids */
    CAP(NET_RAW) |	  /* packet sockets */
    CAP(IPC_LOCK) |	  /* their rings */
    CAP(CHOWN) | CAP(LINUX_IMMUTABLE); /* log segments */

void
cage_enter(void)
{
	struct rlimit none = {0, 0};
	uint64_t have = privdrop_bounding();
	uint64_t lacks = keep & ~have;

	umask(077);
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("core limit");
	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		fatal("dumpable");
	if (lacks != 0)
		diag_warnx("capabilities %#llx are missing here",
		    (unsigned long long)lacks);
	if (privdrop_caps(keep & policy_parent.caps & have,
		keep & policy_parent.bounding & have) == -1)
		fatal("capabilities");
	if (sandbox_filter(&policy_parent) == -1)
		fatal("filter of hpd-parent");
}
