/* SPDX-License-Identifier: ISC */
/*
 * What the kernel would answer: an interpreter of the filter programs that
 * policy_compile() makes, and all answers one call number can get whatever its
 * arguments are. Pure functions for hpaudit and the tests.
 */
#ifndef HPD_BPF_SIM_H
#define HPD_BPF_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "../common/sandbox.h"

#define SIM_ARCH_X86_64	 0xc000003eu
#define SIM_ARCH_I386	 0x40000003u
#define SIM_ARCH_AARCH64 0xc00000b7u
#if defined(__x86_64__)
#define SIM_ARCH_NATIVE SIM_ARCH_X86_64
#elif defined(__aarch64__)
#define SIM_ARCH_NATIVE SIM_ARCH_AARCH64
#else
#error "no seccomp architecture number known here"
#endif
#define SIM_X32_BIT 0x40000000u

struct sim_call {
	uint32_t nr, arch;
	uint64_t ip;
	uint64_t args[6];
};

#define SIM_MAX_ANSWERS 8

/*
 * Run the filter of len instructions on a call. *ret is the answer
 * (SECCOMP_RET_* value). 0, or -1 when the program is not one the kernel would
 * take (unknown instruction, jump or load out of bounds, no end).
 */
int sim_run(const struct sandbox_insn *f, size_t len,
    const struct sim_call *c, uint32_t *ret);

/*
 * Every answer the filter can give to call nr on arch for any arguments, each
 * once. Returns how many (1..max), or -1 as above.
 */
int sim_answers(const struct sandbox_insn *f, size_t len, uint32_t arch,
    uint32_t nr, uint32_t *out, size_t max);

/* The answer of a stack of filters: the most severe one, of equals the last
 * loaded, as the kernel does it. answers[0] is the oldest filter's. */
uint32_t sim_stack(const uint32_t *answers, size_t n);

/* "allow", "errno 1 (EPERM)", "kill-process" ... into buf; returns buf. */
const char *sim_name(uint32_t ret, char *buf, size_t len);

#endif
