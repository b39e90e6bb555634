/* SPDX-License-Identifier: ISC */
/*
 * Names of the processes. All processes; no state, no system calls.
 */
#include <stddef.h>
#include <stdint.h>

#include "proc.h"

static const char *const names[PROC_MAX] = {
    [PROC_PARENT] = "hpd-parent",
    [PROC_CONF] = "hpd-conf",
    [PROC_NET] = "hpd-net",
    [PROC_SVC] = "hpd-svc",
    [PROC_SVC_SHELL] = "hpd-svc-shell",
    [PROC_LOG] = "hpd-log",
    [PROC_SHIP] = "hpship",
};

const char *
proc_name(uint8_t proc)
{
	if (proc >= PROC_MAX || names[proc] == NULL)
		return "?";
	return names[proc];
}
