/* SPDX-License-Identifier: ISC */
/*
 * A system call as people write it: "sendto fd=5 addr=0". Arguments by the
 * names of the policy language or a0..a5; values as in a policy (numbers,
 * constants joined by '|', $names that are one number) and negative numbers.
 * "i386:20" and "x32:39" are calls of other architectures by number.
 */
#ifndef HPD_AUDIT_CALL_H
#define HPD_AUDIT_CALL_H

#include "bpf_sim.h"
#include "policy.h"

/* 0, or -1 with a message in err. Arguments not named are 0. */
int audit_call_parse(const char *text, struct sim_call *, char *err,
    size_t errlen);

/* A policy from a file, parsed and compiled. */
struct audit_filter {
	struct policy p;
	struct sandbox_insn insns[POLICY_MAX_INSNS];
	size_t len;
};
/* 0, or -1 after messages on stderr. audit_filter_free() in both cases. */
int audit_filter_load(struct audit_filter *, const char *file);
void audit_filter_free(struct audit_filter *);

/* Answer of the filter; fatal if the program is none. */
uint32_t audit_filter_ask(const struct audit_filter *,
    const struct sim_call *);

/* show's forms: the stable table, JSON, the program as text, the program. */
void audit_show_table(const struct audit_filter *);
void audit_show_json(const struct audit_filter *);
void audit_show_bpf(const struct audit_filter *);
int audit_show_raw(const struct audit_filter *); /* 0, -1 write error */

/* The name of call nr on the native architecture, or NULL. Lives until the
 * next call. */
const char *audit_call_name(int nr);
#define AUDIT_MAX_NR 600

#endif
