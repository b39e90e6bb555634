/* SPDX-License-Identifier: ISC */
/*
 * A received frame and what parsing found in it. One cursor type for all
 * layers: a layer fills its part and calls the next. Memory belongs to the
 * receive ring until io_rx_done(), except `data` of reassembled datagrams,
 * which belongs to frag.c until the packet was handled.
 */
#ifndef HPD_PKT_H
#define HPD_PKT_H

#include <stdint.h>

struct netif;

struct pkt {
	struct netif *nif;
	const uint8_t *data; /* whole frame from the Ethernet header */
	uint32_t len;	     /* bytes of it we have */
	int64_t ts_ns;	     /* wall clock, the ring's receive stamp */
	uint16_t vlan;	     /* tag, 0 none */
	uint8_t csum_ok;     /* kernel vouches (partial or verified) */
	/* Ethernet (eth.c) */
	const uint8_t *eth_src, *eth_dst;
	uint16_t ethertype;
	uint8_t bcast;	     /* to a group address */
	/* IPv4 (ip4.c) */
	const uint8_t *ip;   /* header */
	uint8_t ip_hlen;     /* bytes */
	uint8_t ip_proto, ip_ttl, ip_tos, ip_df;
	uint16_t ip_len;     /* total length; payload is inside len, proven */
	uint16_t ip_id;
	uint32_t src, dst;   /* host byte order */
	const uint8_t *l4;   /* payload of IP */
	uint32_t l4_len;
	uint8_t reassembled;
	uint16_t srcos; /* what tcp, udp or icmp made of it (srcos.h) */
};

#endif
