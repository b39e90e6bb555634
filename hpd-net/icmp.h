/* SPDX-License-Identifier: ISC */
/* ICMP of the decoys (RFC 792, 950, 1122). */
#ifndef HPD_ICMP_H
#define HPD_ICMP_H

#include "host.h"
#include "pkt.h"

/* An ICMP message for a decoy, whole (reassembled), checksum unverified. */
void icmp_input(struct pkt *, struct host *);
/* The host's answer to an echo request of 8 bytes or more, checksum verified.
 * 1: sent, 0: it gives none. */
int icmp_echo(const struct pkt *, struct host *);
/* An echo request in a broadcast frame to an address of everybody on the link
 * (icmp_bcast.c)? If so it is for icmp_broadcast(): decoys whose family does
 * so answer, a bounded number. */
int icmp_is_broadcast(const struct pkt *);
void icmp_broadcast(const struct pkt *);

#endif
