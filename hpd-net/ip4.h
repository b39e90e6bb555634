/* SPDX-License-Identifier: ISC */
/* IPv4 input (RFC 791, 1122): checks, then to frag, icmp, udp, tcp. */
#ifndef HPD_IP4_H
#define HPD_IP4_H

#include "pkt.h"

/* Check the header and fill the IPv4 part of pkt. 0, or -1: counted under its
 * reason. The Ethernet part is filled already. */
int ip4_parse(struct pkt *);
/* A parsed packet: whose it is, and on to its protocol. */
void ip4_input(struct pkt *);
/* Is it a fragment (more to come, or not the first)? */
int ip4_is_fragment(const struct pkt *);

#endif
