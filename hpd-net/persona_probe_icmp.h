/* SPDX-License-Identifier: ISC */
/* nmap's UDP and ICMP probes of -O, told from everybody else's packets. */
#ifndef HPD_PERSONA_PROBE_ICMP_H
#define HPD_PERSONA_PROBE_ICMP_H

#include "pkt.h"

/* U1: a datagram of exactly 300 times 'C'. pkt is UDP, lengths proven. */
int persona_probe_u1(const struct pkt *);
/* IE: echo request of code 9 with 120 zero bytes, or of TOS 4, code 0 with 150
 * zero bytes. pkt is an ICMP echo request of 8 bytes or more. */
int persona_probe_ie(const struct pkt *);

#endif
