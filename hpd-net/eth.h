/* SPDX-License-Identifier: ISC */
/* Ethernet input: what a frame is. */
#ifndef HPD_ETH_H
#define HPD_ETH_H

#include "pkt.h"

#define ETH_HDR_LEN 14

enum eth_kind { ETH_IS_NOTHING = 0, ETH_IS_IP4, ETH_IS_ARP };

/* Fill the Ethernet part of pkt. A refused frame is counted under its reason
 * and is ETH_IS_NOTHING. */
enum eth_kind eth_parse(struct pkt *);

#endif
