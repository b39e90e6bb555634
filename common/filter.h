/* SPDX-License-Identifier: ISC */
/*
 * Filter programs as the policy compiler makes them, and no others: proven
 * before they are loaded, and two put into one. Pure functions.
 */
#ifndef HPD_FILTER_H
#define HPD_FILTER_H

#include <stddef.h>

#include "sandbox.h"

#define FILTER_MAX 4096 /* instructions: the kernel's bound */

/*
 * Is it a program of the compiler's: 1..FILTER_MAX instructions, only those it
 * makes, loads only of the call's number, architecture and arguments, every
 * jump inside, a return at the end, returns only allow, errno and kill? 0 or
 * -1.
 */
int filter_check(const struct sandbox_insn *, size_t len);

/*
 * One program that asks first and, where that allows, second: both must allow,
 * and what first refuses keeps first's answer. Both have passed
 * filter_check(). Into out (max instructions); how many, 0 when they don't fit
 * max or FILTER_MAX.
 */
size_t filter_merge(const struct sandbox_insn *first, size_t nfirst,
    const struct sandbox_insn *second, size_t nsecond,
    struct sandbox_insn *out, size_t max);

#endif
