/* SPDX-License-Identifier: ISC */
/* Private to arp_claim.c (states, probes) and arp_walk.c (background). */
#ifndef HPD_ARP_INT_H
#define HPD_ARP_INT_H

#include "arp.h"

#define ARP_TICK_MS 10

/* The timer runs from now on. */
void arp_arm(void);
/* Probe addr unasked. 0, or -1: no room. */
int arp_background(struct netif *, uint32_t addr);
int arp_background_room(void);

/* The walk over the on-link nets: is it under way, its share of a tick. */
int arp_walking(void);
void arp_walk_tick(void);
void arp_walk_reset(void);

#endif
