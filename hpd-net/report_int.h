/* SPDX-License-Identifier: ISC */
/* Shared by report.c and report_probe.c. */
#ifndef HPD_REPORT_INT_H
#define HPD_REPORT_INT_H

#include <stddef.h>
#include <stdint.h>

#include "../common/event.h"

/* Into the queue, counted. */
void report_put(const struct event *, const void *data, size_t len);
/* IPv4 addresses in host order. */
void report_addrs(struct event *, uint32_t src, uint32_t dst);

/* A second's probes and floods go out; last: whether there is room or not. */
void probes_tick(int last);

#endif
