/* SPDX-License-Identifier: ISC */
/* The world of the offline scan: hpd-net in this process, virtual time. */
#ifndef OS_OFFLINE_H
#define OS_OFFLINE_H

#include "common/image.h"

#include "nmap_probe.h"

#define OFFLINE_HOSTS 8 /* scanned at once, at most */

/* A probe's way takes 12 us and up to this more. */
extern uint32_t offline_jitter_ns;
/* So many packets of another client come between two probes. */
extern uint32_t offline_busy;
extern uint64_t world_client_got; /* answers to those */

void world_start(const struct image *);
/* Nothing happens for a while. */
void world_sleep(unsigned seconds);
/* A round of n hosts at once; a port scan before the first. */
void world_scan(struct scan *, unsigned n, int ports_first);

#endif
