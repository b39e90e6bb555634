/* SPDX-License-Identifier: ISC */
/*
 * ARP of the decoys (RFC 826, RFC 5227). arp.c reads and writes packets,
 * arp_claim.c decides who owns an address: nothing is answered for before it
 * was probed, a live host's address never.
 */
#ifndef HPD_ARP_H
#define HPD_ARP_H

#include "host.h"
#include "pkt.h"

/* An ARP frame (Ethernet part parsed). */
void arp_input(struct pkt *);

/* op 1 request, 2 reply; addresses host order; tha may be NULL (zero). */
void arp_send(struct netif *, uint16_t op, const uint8_t eth_dst[6],
    const uint8_t sha[6], uint32_t spa, const uint8_t *tha, uint32_t tpa);
void arp_send_probe(struct netif *, uint32_t addr);
void arp_send_announce(struct netif *, uint32_t addr);

enum arp_state {
	ARP_NONE = 0,
	ARP_PROBING,
	ARP_CLAIMED, /* ours: answered for */
	ARP_LIVE,    /* a host of that address was seen */
	ARP_YIELDED  /* was ours, given up after a conflict; probed again */
};

#define ARP_PENDING_MAX	 1024
#define ARP_CLAIMS_MAX	 262144
#define ARP_YIELD_MS	 60000
#define ARP_LIVE_MS	 120000
#define ARP_DEFEND_MS	 10000 /* RFC 5227 DEFEND_INTERVAL */
#define ARP_BACKGROUND	 131072 /* addresses probed unasked, at most */

/* Someone asks for addr. Returns the state; ARP_NONE becomes ARP_PROBING and
 * the asker (mac, ip) is answered when it is claimed. */
enum arp_state arp_want(struct netif *, uint32_t addr, const uint8_t mac[6],
    uint32_t ip);
/* A frame shows mac in use with addr (spa), or probing for it (probe). */
void arp_seen(struct netif *, uint32_t addr, const uint8_t mac[6], int probe);
enum arp_state arp_state(uint32_t addr);
/* START, a reload or a new interface: (re)start the background probing. */
void arp_start(void);
/* Due probes, claims and background work at net.now_ms. */
void arp_tick(void);
/* Forget everything (tests). */
void arp_reset(void);

#endif
