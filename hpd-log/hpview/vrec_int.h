/* SPDX-License-Identifier: ISC */
/* Parts of a line, shared by the vrec*.c. Each leaves the cursor behind what
 * it took and returns 0, or -1: not JSON, or not as it must be. */
#ifndef HPD_VREC_INT_H
#define HPD_VREC_INT_H

#include "hpd-log/hpview/vjson.h"

/* "source" (dst 0), "destination", "network" of the common schema; "hpd". */
int vrec_side(struct cur *, struct vrec *, int dst);
int vrec_network(struct cur *, struct vrec *);
int vrec_hpd(struct cur *, struct vrec *);

/* All three of IPv4 as hpd-log writes them, when they stand so; else the
 * cursor and the record stay as they are. */
void vrec_known_ends(struct cur *, struct vrec *);

#endif
