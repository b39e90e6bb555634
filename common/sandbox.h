/* SPDX-License-Identifier: ISC */
/*
 * The sandbox of a process as compiled from policies/NAME.policy at build time
 * (policies/polc writes build/gen/policy_NAME.c), and the steps that put a
 * process into it. Every step is must or if-present (sandbox_need.c). A must
 * step that fails is fatal and names itself; a missing if-present step sets
 * its bit in the result and is reported.
 */
#ifndef HPD_SANDBOX_H
#define HPD_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

struct sandbox_insn { /* struct sock_filter without <linux/filter.h> */
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

struct sandbox_rlimit {
	int resource;
	uint64_t soft, hard;
};

struct sandbox_path { /* Landlock rule */
	const char *path;
	uint64_t rights;
};

#define SBX_NS_NET  0x01
#define SBX_NS_IPC  0x02
#define SBX_NS_UTS  0x04
#define SBX_NS_MNT  0x08
#define SBX_NS_PID  0x10

struct sandbox_policy {
	const char *name; /* "net" */
	const struct sandbox_insn *filter;
	uint16_t filter_len;
	const struct sandbox_rlimit *rlimits;
	uint8_t nrlimits;
	uint8_t ns;	   /* SBX_NS_*: entered by the parent at clone time */
	uint8_t mdwe;
	uint8_t landlock;  /* 0 none, 1 handle all and allow only paths */
	const struct sandbox_path *paths;
	uint8_t npaths;
	uint64_t caps;	   /* bit per capability kept (permitted+effective) */
	uint64_t bounding; /* bounding set left */
	const char *pledge; /* OpenBSD promises, NULL none */
};

extern const struct sandbox_policy policy_parent, policy_conf, policy_net,
    policy_svc, policy_svc_S, policy_svc_nofork, policy_svc_shell,
    policy_log, policy_ship;

/* Steps, in the order of a child's start; rows of sandbox_need.c. */
enum sandbox_step {
	SBX_NAMESPACES = 0,
	SBX_ROOT,    /* pivot_root into the empty or jail directory */
	SBX_RLIMITS,
	SBX_BOUNDING, /* before the ids: cutting it needs SETPCAP */
	SBX_IDS,
	SBX_CAPS,
	SBX_PDEATHSIG,
	SBX_NODUMP,
	SBX_NNP,
	SBX_MDWE,	/* if present, 6.3 */
	SBX_LANDLOCK_FS, /* must, ABI 1 */
	SBX_LANDLOCK_NET, /* if present, ABI 4, 6.7 */
	SBX_LANDLOCK_SCOPE, /* if present, ABI 6, 6.12 */
	SBX_SECCOMP,
	SBX_VERIFY,
	SBX_STEP_MAX
};

struct sandbox_need {
	uint8_t step; /* enum sandbox_step */
	uint8_t must;
	const char *name; /* "landlock-net" */
	const char *since; /* "6.7", "" always */
};
extern const struct sandbox_need sandbox_needs[SBX_STEP_MAX];

struct sandbox_ids {
	uint32_t uid, gid; /* 0: stay root (svc without powers) */
	const char *root;  /* directory to become /, or NULL: a fresh empty one,
			      or "/" : keep (hpd-conf) */
};

/*
 * Do all steps on the calling process (single-threaded, namespaces already
 * entered by the parent's clone). Fatal on any must step. Returns the missing
 * mask (bit per enum sandbox_step). In builds made for tests (HPD_TEST_INJECT)
 * the environment-independent argument -X STEP[=absent|fail] of each program
 * fills sandbox_inject.
 */
uint32_t sandbox_enter(const struct sandbox_policy *,
    const struct sandbox_ids *);

/* Load only the filter of a policy (parent before its first fork; a script's
 * process before its exec), after no_new_privs. 0, or -1 with errno.
 * Async-signal-safe; nothing is allocated. */
int sandbox_filter(const struct sandbox_policy *);

/*
 * Load one filter more (0 < len <= 4096), on top of what sandbox_enter()
 * loaded. 0, or -1 with errno. name: for the message of a sanitizer build,
 * which loads none.
 */
int sandbox_filter_more(const char *name, const struct sandbox_insn *,
    size_t len);

/*
 * The Landlock rules of a policy as a ruleset descriptor (close-on-exec), made
 * once and applied by many: each script's process calls
 * landlock_restrict_self(fd, 0). Paths are opened now. -1 with errno.
 */
int sandbox_landlock_fd(const struct sandbox_policy *);

/* "landlock-net landlock-scope" of a missing mask into buf; returns buf. */
const char *sandbox_missing(uint32_t mask, char *buf, size_t len);

#ifdef HPD_TEST_INJECT
extern uint32_t sandbox_inject_absent, sandbox_inject_fail;
int sandbox_inject_arg(const char *); /* "mdwe=absent"; 0 or -1 */
#endif

#endif
