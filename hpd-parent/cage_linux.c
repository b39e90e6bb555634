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

#include "../common/diag.h"
#include "../common/privdrop.h"
#include "../common/sandbox.h"

#define NOFILE_WANTED 16384 /* a session of hpd-net is one descriptor */

/* Children inherit what may be open; what the system allows is up to it. */
static void
raise_nofile(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		fatal("getrlimit");
	if (r.rlim_cur >= NOFILE_WANTED)
		return;
	r.rlim_cur = r.rlim_max < NOFILE_WANTED ? r.rlim_max : NOFILE_WANTED;
	if (setrlimit(RLIMIT_NOFILE, &r) == -1)
		fatal("setrlimit");
}

void
cage_enter(void)
{
	struct rlimit none = {0, 0};
	uint64_t have = privdrop_bounding();
	uint64_t lacks = policy_parent.caps & ~have;

	umask(077);
	raise_nofile();
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("core limit");
	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		fatal("dumpable");
	if (lacks != 0)
		diag_warnx("capabilities %#llx are missing here",
		    (unsigned long long)lacks);
	if (privdrop_caps(policy_parent.caps & have,
		policy_parent.bounding & have) == -1)
		fatal("capabilities");
	if (sandbox_filter(&policy_parent) == -1)
		fatal("filter of hpd-parent");
}
