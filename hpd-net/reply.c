/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: answers. Writes Ethernet and IPv4 headers straight into transmit
 * slots; every byte sent is written here or by the caller, none is left over
 * from an earlier frame.
 */
#include "reply.h"

#include <string.h>

#include "../common/buf.h"
#include "csum.h"
#include "inside.h"

#define ETH_LEN 14
#define IP_LEN	20

static uint32_t
mtu_of(const struct netif *nif)
{
	uint32_t mtu = nif->mtu ? nif->mtu : 1500;

	if (mtu < 68)
		mtu = 68;
	return mtu > IO_FRAME_MAX - ETH_LEN ? IO_FRAME_MAX - ETH_LEN : mtu;
}

uint32_t
reply_room(const struct peer *pe)
{
	return mtu_of(net_if(pe->nif)) - IP_LEN;
}

void
reply_peer(struct peer *pe, const struct pkt *pkt)
{
	pe->nif = pkt->nif->unit;
	memcpy(pe->mac, pkt->eth_src, 6);
	pe->spare = 0;
}

uint8_t *
reply_begin(const struct peer *pe, const struct ip_out *o, uint8_t **l4,
    uint32_t *room)
{
	struct netif *nif = net_if(pe->nif);
	uint8_t *f = io_tx_slot(nif), *ip;

	if (f == NULL)
		return NULL;
	memcpy(f, pe->mac, 6);
	host_mac(nif, o->src, f + 6);
	put16(f + 12, 0x0800);
	ip = f + ETH_LEN;
	ip[0] = 0x45;
	ip[1] = o->tos;
	put16(ip + 2, 0);
	put16(ip + 4, o->id);
	put16(ip + 6, o->df ? 0x4000 : 0);
	ip[8] = o->ttl;
	ip[9] = o->proto;
	put16(ip + 10, 0);
	put32(ip + 12, o->src);
	put32(ip + 16, o->dst);
	*l4 = ip + IP_LEN;
	*room = mtu_of(nif) - IP_LEN;
	return f;
}

void
reply_commit(const struct peer *pe, uint8_t *frame, uint32_t l4_len)
{
	reply_commit_len(pe, frame, l4_len, 0);
}

void
reply_commit_len(const struct peer *pe, uint8_t *frame, uint32_t l4_len,
    int swapped)
{
	uint8_t *ip = frame + ETH_LEN;
	uint32_t n = IP_LEN + l4_len;

	put16(ip + 2, swapped ? (n << 8 | n >> 8) & 0xffff : n);
	put16(ip + 10, csum_fold(csum_add(0, ip, IP_LEN)));
	if (inside_is(be32(ip + 16))) /* its slot is used again */
		inside_put(net_if(pe->nif), frame, ETH_LEN + n);
	else
		io_tx_commit(net_if(pe->nif), ETH_LEN + n);
}

int
reply_large(const struct peer *pe, const struct ip_out *o, const uint8_t *l4,
    uint32_t len)
{
	uint32_t room, off, n, id = o->id;
	uint8_t *f, *p;

	if (len > 65535 - IP_LEN)
		return -1;
	for (off = 0; off < len || off == 0; off += n) {
		f = reply_begin(pe, o, &p, &room);
		if (f == NULL)
			return -1;
		n = len - off;
		if (off == 0 && n > room && id == 0)
			id = 1 + net_rnd() % 65535; /* pieces must be told */
		if (id != o->id)
			put16(f + ETH_LEN + 4, id);
		if (n > room)
			n = room & ~7u;
		if (off != 0 || n < len)
			put16(f + ETH_LEN + 6,
			    off / 8 | (off + n < len ? 0x2000 : 0));
		memcpy(p, l4 + off, n);
		reply_commit(pe, f, n);
		if (n == 0)
			break;
	}
	return 0;
}
