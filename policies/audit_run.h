/* SPDX-License-Identifier: ISC */
/* hpaudit run: a command under a policy, and the tracer of --trace. */
#ifndef HPD_AUDIT_RUN_H
#define HPD_AUDIT_RUN_H

#include <sys/types.h>

#include "audit_call.h"

/* In the loaded copy of a traced filter a refusal is RET_TRACE with this data:
 * the errno, or RUN_KILL. */
#define RUN_KILL 0xffffu

/*
 * Follow the stopped child (it loads the filter after it is let go on) and all
 * it starts until the first one ends: every refused call is printed once with
 * a line for the policy, and answered as the policy says (EPERM for a kill, so
 * that the program goes on). Returns the child's wait status, or -1.
 */
int run_trace(pid_t child);

#endif
