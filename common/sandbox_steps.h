/* SPDX-License-Identifier: ISC */
/*
 * Between the files of the Linux sandbox; nobody else includes this. Every
 * step returns 0 done, SBX_ABSENT when the kernel has no such thing, or -1
 * with errno.
 */
#ifndef HPD_SANDBOX_STEPS_H
#define HPD_SANDBOX_STEPS_H

#include "sandbox.h"

#define SBX_ABSENT 1

#ifdef HPD_TEST_INJECT
#define SBX_INJECTED_ABSENT(step) ((sandbox_inject_absent & 1u << (step)) != 0)
#else
#define SBX_INJECTED_ABSENT(step) 0
#endif

/* sandbox_root_linux.c: own namespaces, own root directory. */
int sbx_namespaces(const struct sandbox_policy *, const struct sandbox_ids *);
int sbx_root(const struct sandbox_policy *, const struct sandbox_ids *);

/* sandbox_landlock_linux.c: ABI of the kernel, 0 when there is none; the whole
 * ruleset (files, TCP, scopes as far as the kernel knows them). */
int sbx_landlock_abi(void);
int sbx_landlock(const struct sandbox_policy *);

/* sandbox_verify_linux.c: what can be seen before and after the filter is
 * loaded. rooted: started as root, so the ids and capabilities were set. -1
 * with *what naming what is not so. */
int sbx_verify_before(const struct sandbox_policy *,
    const struct sandbox_ids *, int rooted, uint32_t missing,
    const char **what);
int sbx_verify_after(void);

#endif
