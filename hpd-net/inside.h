/* SPDX-License-Identifier: ISC */
/*
 * Packets from one decoy to another. They arise when somebody forges a decoy's
 * address as a source (nmap -sI with a decoy as the zombie): what the other
 * decoy answers belongs to the first one, whose own answer moves its counters.
 */
#ifndef HPD_INSIDE_H
#define HPD_INSIDE_H

#include <stdint.h>

#include "io.h"

#define INSIDE_QUEUE 64	  /* frames kept until the end of a turn */
#define INSIDE_RATE  1000 /* a second; beyond: dropped, counted */

/* Is dst a decoy that lives here: frames for it came to its own MAC or were
 * routed to us, and nobody else has the address? */
int inside_is(uint32_t dst);
/* Take a whole IPv4 frame (len up to IO_FRAME_MAX) for such a decoy, copied.
 * It is lost, and counted, when the queue or the rate is full. */
void inside_put(const struct netif *, const uint8_t *frame, uint32_t len);
/* The oldest one as a received frame, to the interface's MAC, valid until the
 * next call; 0: none. */
struct pkt;
int inside_take(struct pkt *);

#endif
