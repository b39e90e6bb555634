/* SPDX-License-Identifier: ISC */
/*
 * Which steps of a sandbox are must and which only if the kernel has them,
 * since which Linux, in the order they are done. All processes. In builds for
 * tests also the switches that make one step fail or look absent.
 */
#include <stdio.h>
#include <string.h>

#ifdef HPD_TEST_INJECT
#include "chan.h"
#include "proto_table.h"
#endif
#include "sandbox.h"

/* Debian 12's own kernel is 6.1: everything up to it is a must. */
const struct sandbox_need sandbox_needs[SBX_STEP_MAX] = {
    [SBX_NAMESPACES] = {SBX_NAMESPACES, 1, "namespaces", "3.8"},
    [SBX_ROOT] = {SBX_ROOT, 1, "root", ""},
    [SBX_RLIMITS] = {SBX_RLIMITS, 1, "rlimits", ""},
    [SBX_BOUNDING] = {SBX_BOUNDING, 1, "bounding", ""},
    [SBX_IDS] = {SBX_IDS, 1, "ids", ""},
    [SBX_CAPS] = {SBX_CAPS, 1, "caps", ""},
    [SBX_PDEATHSIG] = {SBX_PDEATHSIG, 1, "pdeathsig", ""},
    [SBX_NODUMP] = {SBX_NODUMP, 1, "nodump", ""},
    [SBX_NNP] = {SBX_NNP, 1, "no-new-privs", "3.5"},
    [SBX_MDWE] = {SBX_MDWE, 0, "mdwe", "6.3"},
    [SBX_LANDLOCK_FS] = {SBX_LANDLOCK_FS, 1, "landlock-fs", "5.13"},
    [SBX_LANDLOCK_NET] = {SBX_LANDLOCK_NET, 0, "landlock-net", "6.7"},
    [SBX_LANDLOCK_SCOPE] = {SBX_LANDLOCK_SCOPE, 0, "landlock-scope", "6.12"},
    [SBX_SECCOMP] = {SBX_SECCOMP, 1, "seccomp", "4.14"},
    [SBX_VERIFY] = {SBX_VERIFY, 1, "verify", ""},
};

const char *
sandbox_missing(uint32_t mask, char *buf, size_t len)
{
	size_t off = 0;
	int i, n;

	if (len > 0)
		buf[0] = '\0';
	for (i = 0; i < SBX_STEP_MAX; i++) {
		if ((mask & 1u << i) == 0)
			continue;
		n = snprintf(buf + off, len - off, "%s%s", off > 0 ? " " : "",
		    sandbox_needs[i].name);
		if (n < 0 || (size_t)n >= len - off)
			break;
		off += (size_t)n;
	}
	return buf;
}

#ifdef HPD_TEST_INJECT
uint32_t sandbox_inject_absent, sandbox_inject_fail;

int
sandbox_inject_arg(const char *arg)
{
	const char *eq = strchr(arg, '=');
	size_t len = eq != NULL ? (size_t)(eq - arg) : strlen(arg);
	size_t r;
	int i;

	if (len == 5 && strncmp(arg, "crash=", 6) == 0)
		for (r = 0; r < proto_nrows; r++)
			if (strcmp(proto_rows[r].name, eq + 1) == 0) {
				chan_inject_crash = proto_rows[r].type;
				return 0;
			}
	for (i = 0; i < SBX_STEP_MAX; i++) {
		if (strlen(sandbox_needs[i].name) != len ||
		    strncmp(sandbox_needs[i].name, arg, len) != 0)
			continue;
		if (eq == NULL || strcmp(eq + 1, "fail") == 0)
			sandbox_inject_fail |= 1u << i;
		else if (strcmp(eq + 1, "absent") == 0)
			sandbox_inject_absent |= 1u << i;
		else
			return -1;
		return 0;
	}
	return -1;
}
#endif
