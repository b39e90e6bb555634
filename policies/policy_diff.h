/* SPDX-License-Identifier: ISC */
/*
 * Which calls two policies answer differently.
 */
#ifndef HPD_POLICY_DIFF_H
#define HPD_POLICY_DIFF_H

#include "bpf_sim.h"
#include "policy.h"

#define POLICY_MAX_NR 600 /* no call has a higher number; this one stands for
			     all that have no name */

/* A policy with its program. */
struct policy_side {
	const struct policy *p;
	const struct sandbox_insn *insns;
	size_t len;
};

enum policy_difference {
	PD_WIDER = 0, /* b lets more through (or kills less) */
	PD_NARROWER,
	PD_OTHER,     /* another errno */
	PD_UNKNOWN    /* too many conditions to compare */
};

/* One kind of difference of one call, told once with the first example c: what
 * a and what b answers. name: of the call, or "(number N)"; until return. */
typedef void (*policy_diff_cb)(void *arg, enum policy_difference,
    const char *name, const struct sim_call *c, uint32_t a, uint32_t b);

/*
 * Ask both about every call and every combination of argument values at which
 * a rule of either changes its mind. vectors: how many questions at most, in
 * all. Returns 0, or -1 when some call was PD_UNKNOWN.
 */
int policy_diff_calls(const struct policy_side *a, const struct policy_side *b,
    uint64_t vectors, policy_diff_cb, void *arg);

/* 0 lets through, 1 refuses, 2 kills. */
int policy_severity(uint32_t ret);

/* The name of call nr on the native architecture, or NULL. Lives until the
 * next call. */
const char *policy_call_name(int nr);

#endif
