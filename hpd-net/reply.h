/* SPDX-License-Identifier: ISC */
/*
 * Frames out, in the persona's manner. reply_ip() writes the Ethernet and IPv4
 * header of an answer into a transmit slot, the caller writes the payload and
 * commits. Who the peer's MAC is: taken from the request when it came from the
 * link, or asked from arp.c for frames we start ourselves.
 */
#ifndef HPD_REPLY_H
#define HPD_REPLY_H

#include <stdint.h>

#include "host.h"
#include "pkt.h"

struct peer { /* where a flow's frames go; kept by connections */
	uint8_t nif;	/* net.ifs index */
	uint8_t mac[6]; /* of the next hop, as last seen */
	uint8_t spare;
};

struct ip_out {
	uint32_t src, dst; /* host order */
	uint8_t proto, ttl, tos, df;
	uint16_t id;
};

void reply_peer(struct peer *, const struct pkt *);
/* Bytes behind the IP header that fit into one frame. */
uint32_t reply_room(const struct peer *);
/* Slot with both headers written except lengths; *l4 points behind them, room
 * bytes are free there. NULL: no slot. */
uint8_t *reply_begin(const struct peer *, const struct ip_out *, uint8_t **l4,
    uint32_t *room);
/* Set lengths and the IP checksum for l4_len bytes and commit. The L4 checksum
 * is the caller's (csum.h). */
void reply_commit(const struct peer *, uint8_t *frame, uint32_t l4_len);
/* The same; swapped: the bytes of the total length in the header, not of the
 * frame, the other way round. */
void reply_commit_len(const struct peer *, uint8_t *frame, uint32_t l4_len,
    int swapped);
/* Send an IP payload of any size up to 65515: fragments beyond the MTU (df
 * cleared then, an ID of 0 replaced). Checksum of L4 already in place. 0 or
 * -1. */
int reply_large(const struct peer *, const struct ip_out *, const uint8_t *l4,
    uint32_t len);
/* ICMP destination unreachable (code) or time exceeded for pkt, quoted as the
 * persona's u1 says, rate limited (icmp_error.c). */
void reply_icmp_error(struct pkt *, struct host *, uint8_t type, uint8_t code);

#endif
