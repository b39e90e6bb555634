/* SPDX-License-Identifier: ISC */
/* ICMP of the decoys (RFC 792, 950, 1122). */
#ifndef HPD_ICMP_H
#define HPD_ICMP_H

#include "host.h"
#include "pkt.h"

/* An ICMP message for a decoy, whole (reassembled), checksum unverified. */
void icmp_input(struct pkt *, struct host *);

#endif
