/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: answers. Writes Ethernet and IPv4 headers straight into transmit
 * slots; every byte sent is written here or by the caller, none is left over
 * from an earlier frame.
 */
#include "reply.h"

#include <netinet/in.h>
#include <string.h>

#include "../common/buf.h"
#include "csum.h"
#include "icmp_limit.h"

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
	uint8_t *ip = frame + ETH_LEN;

	put16(ip + 2, IP_LEN + l4_len);
	put16(ip + 10, csum_fold(csum_add(0, ip, IP_LEN)));
	io_tx_commit(net_if(pe->nif), ETH_LEN + IP_LEN + l4_len);
}

int
reply_large(const struct peer *pe, const struct ip_out *o, const uint8_t *l4,
    uint32_t len)
{
	uint32_t room, off, n;
	uint8_t *f, *p;

	if (len > 65535 - IP_LEN)
		return -1;
	for (off = 0; off < len || off == 0; off += n) {
		f = reply_begin(pe, o, &p, &room);
		if (f == NULL)
			return -1;
		n = len - off;
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

/* Never an error about an error (RFC 1122 3.2.2), nor to a group. */
static int
error_forbidden(const struct pkt *pkt)
{
	uint8_t t;

	if (pkt->bcast)
		return 1;
	if (pkt->ip_proto != IPPROTO_ICMP)
		return 0;
	if (pkt->l4_len < 1)
		return 1;
	t = pkt->l4[0];
	return t != 8 && t != 13 && t != 15 && t != 17;
}

static uint32_t
quote_length(const struct pkt *pkt, const struct img_persona *p, uint32_t max)
{
	uint32_t n = pkt->ip_hlen + 8u;

	if (p->quote_len > n)
		n = p->quote_len;
	if (n > pkt->ip_len)
		n = pkt->ip_len;
	return n > max ? max : n;
}

void
reply_icmp_error(struct pkt *pkt, struct host *h, uint8_t type, uint8_t code)
{
	const struct img_persona *p = h->p;
	struct ip_out o;
	struct peer pe;
	uint8_t *f, *l4;
	uint32_t room, n;

	if (error_forbidden(pkt) || !icmp_error_allowed(h, pkt->src))
		return;
	memset(&o, 0, sizeof(o));
	o.src = pkt->dst;
	o.dst = pkt->src;
	o.proto = IPPROTO_ICMP;
	o.ttl = p->ttl_unreach;
	o.df = p->df_unreach;
	if (p->family >= FAM_LINUX24 && p->family <= FAM_LINUX)
		o.tos = 0xc0; /* internetwork control, as Linux marks them */
	o.id = host_ipid(h, IPID_FOR_ICMP, pkt->src);
	reply_peer(&pe, pkt);
	f = reply_begin(&pe, &o, &l4, &room);
	if (f == NULL)
		return;
	n = quote_length(pkt, p, room - 8);
	l4[0] = type;
	l4[1] = code;
	put16(l4 + 2, 0);
	put32(l4 + 4, 0);
	memcpy(l4 + 8, pkt->ip, n);
	put16(l4 + 2, csum_fold(csum_add(0, l4, 8 + n)));
	reply_commit(&pe, f, 8 + n);
	STAT_INC(ANSWERED_UNREACH);
}
