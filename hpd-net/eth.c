/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: Ethernet input. Whether the frame was meant for a decoy is known
 * only with its address (ip4.c, arp.c); here the frame's own form is checked.
 */
#include "eth.h"

#include "../common/buf.h"
#include "stats.h"

#define TYPE_IP4  0x0800
#define TYPE_ARP  0x0806
#define TYPE_VLAN 0x8100
#define TYPE_QINQ 0x88a8

enum eth_kind
eth_parse(struct pkt *p)
{
	if (p->len < ETH_HDR_LEN) {
		STAT_INC(DROP_SHORT);
		return ETH_IS_NOTHING;
	}
	p->eth_dst = p->data;
	p->eth_src = p->data + 6;
	p->ethertype = be16(p->data + 12);
	p->bcast = p->eth_dst[0] & 1;
	if (p->eth_src[0] & 1) {
		STAT_INC(DROP_FOREIGN_MAC);
		return ETH_IS_NOTHING;
	}
	/* Decoys live on the untagged link. */
	if ((p->vlan & 0x0fff) != 0 || p->ethertype == TYPE_VLAN ||
	    p->ethertype == TYPE_QINQ) {
		STAT_INC(DROP_VLAN);
		return ETH_IS_NOTHING;
	}
	if (p->ethertype == TYPE_IP4)
		return ETH_IS_IP4;
	if (p->ethertype == TYPE_ARP)
		return ETH_IS_ARP;
	STAT_INC(DROP_ETHERTYPE);
	return ETH_IS_NOTHING;
}
