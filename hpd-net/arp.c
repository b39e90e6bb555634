/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: ARP packets in and out. One reply a request, to the asker alone;
 * nothing here is kept about peers, since answers go to the MAC a frame came
 * from. Must never answer for an address arp_claim.c does not hold.
 */
#include "arp.h"

#include <string.h>

#include "../common/buf.h"
#include "eth.h"

#define ARP_LEN 28

static const uint8_t group[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t zero[6];

void
arp_send(struct netif *nif, uint16_t op, const uint8_t eth_dst[6],
    const uint8_t sha[6], uint32_t spa, const uint8_t *tha, uint32_t tpa)
{
	uint8_t *f = io_tx_slot(nif), *a;

	if (f == NULL)
		return;
	memcpy(f, eth_dst, 6);
	memcpy(f + 6, sha, 6);
	put16(f + 12, 0x0806);
	a = f + ETH_HDR_LEN;
	put16(a, 1);
	put16(a + 2, 0x0800);
	a[4] = 6;
	a[5] = 4;
	put16(a + 6, op);
	memcpy(a + 8, sha, 6);
	put32(a + 14, spa);
	memcpy(a + 18, tha != NULL ? tha : zero, 6);
	put32(a + 24, tpa);
	io_tx_commit(nif, ETH_HDR_LEN + ARP_LEN);
}

void
arp_send_probe(struct netif *nif, uint32_t addr)
{
	uint8_t mac[6];

	host_mac(nif, addr, mac);
	arp_send(nif, 1, group, mac, 0, NULL, addr);
}

void
arp_send_announce(struct netif *nif, uint32_t addr)
{
	uint8_t mac[6];

	host_mac(nif, addr, mac);
	arp_send(nif, 1, group, mac, addr, NULL, addr);
}

static int
arp_bad(const struct pkt *p, const uint8_t *a)
{
	uint16_t op;

	if (p->len < ETH_HDR_LEN + ARP_LEN)
		return 1;
	op = be16(a + 6);
	return be16(a) != 1 || be16(a + 2) != 0x0800 || a[4] != 6 ||
	    a[5] != 4 || (op != 1 && op != 2) || a[8] & 1 ||
	    memcmp(a + 8, zero, 6) == 0;
}

static void
request(struct pkt *p, const uint8_t *a, uint32_t spa, uint32_t tpa)
{
	uint8_t mac[6];

	if (host_template(tpa) == IMG_NONE) {
		STAT_INC(DROP_NOT_OURS);
		return;
	}
	host_mac(p->nif, tpa, mac);
	if (!p->bcast && memcmp(p->eth_dst, mac, 6) != 0 &&
	    memcmp(p->eth_dst, p->nif->mac, 6) != 0) {
		STAT_INC(DROP_FOREIGN_MAC);
		return;
	}
	if (arp_want(p->nif, tpa, a + 8, spa) != ARP_CLAIMED)
		return;
	arp_send(p->nif, 2, a + 8, mac, tpa, a + 8, spa);
	STAT_INC(ANSWERED_ARP);
}

void
arp_input(struct pkt *p)
{
	const uint8_t *a = p->data + ETH_HDR_LEN;
	uint32_t spa, tpa;

	if (arp_bad(p, a)) {
		STAT_INC(DROP_ARP_BAD);
		return;
	}
	STAT_INC(RX_ARP);
	spa = be32(a + 14);
	tpa = be32(a + 24);
	if (spa != 0)
		arp_seen(p->nif, spa, a + 8, 0);
	if (be16(a + 6) != 1 || spa == tpa)
		return;
	if (spa == 0)
		arp_seen(p->nif, tpa, a + 8, 1);
	request(p, a, spa, tpa);
}
