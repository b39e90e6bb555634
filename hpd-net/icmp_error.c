/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: ICMP errors (RFC 792, 1122 3.2.2, 1812 4.3.2) with the persona's
 * habits of quoting: how much, what is altered, what is padded. Every byte
 * behind the ICMP header is one of the packet complained about, or what the
 * persona writes over it; nothing of another packet ever goes out.
 */
#include "icmp_limit.h"
#include "persona_probe_icmp.h"
#include "reply.h"

#include <netinet/in.h>
#include <string.h>

#include "../common/buf.h"
#include "csum.h"

#define ETH_LEN	   14
#define IP_LEN	   20
#define ICMP_LEN   8
#define ALL_OF_U1  (IP_LEN + ICMP_LEN + 328) /* nmap's U1 quoted whole */
#define RFC1812MAX 576 /* of an error that quotes as much as it can */

/* Never about an error, nor to a group. */
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

/*
 * How long an error the persona makes of a packet that has enough: ip_len is
 * for a header of 20 bytes, a longer one is quoted with as much behind it.
 * Whoever quotes all of nmap's probe stops at RFC 1812's 576 bytes.
 */
static uint32_t
full_length(const struct pkt *pkt, const struct img_unreach *u)
{
	uint32_t n = u->ip_len;

	if (n < IP_LEN + ICMP_LEN)
		return IP_LEN + ICMP_LEN;
	if (n >= ALL_OF_U1 && !u->pad)
		return n > RFC1812MAX ? n : RFC1812MAX;
	return n + pkt->ip_hlen - IP_LEN;
}

/* Bytes behind the ICMP header; *quote of them are the packet's. */
static uint32_t
quote_length(const struct pkt *pkt, const struct img_unreach *u, uint32_t room,
    uint32_t *quote)
{
	uint32_t n = full_length(pkt, u) - IP_LEN - ICMP_LEN;

	if (n > room)
		n = room;
	*quote = n > pkt->ip_len ? pkt->ip_len : n;
	return u->pad ? n : *quote;
}

static void
alter16(uint8_t *p, uint8_t how, uint16_t value)
{
	uint16_t v = be16(p);

	switch (how) {
	case QUOTE_VALUE:
		v = value;
		break;
	case QUOTE_SWAP:
		v = (uint16_t)(v << 8 | v >> 8);
		break;
	case QUOTE_ADD:
		v = (uint16_t)(v + value);
		break;
	case QUOTE_BAD:
		v = v == 0x0100 ? 0x0200 : v ^ 0x0100;
		break;
	default:
		return;
	}
	put16(p, v);
}

/* The checksum of the quoted header, which may be altered by now. */
static void
quoted_checksum(uint8_t *q, uint32_t hlen, uint8_t how)
{
	uint16_t right;

	if (how == QUOTE_BAD &&
	    csum_fold(csum_add(0, q, hlen)) != 0 && be16(q + 10) != 0)
		return; /* altered, and the checksum was not */
	put16(q + 10, 0);
	right = csum_fold(csum_add(0, q, hlen));
	put16(q + 10, right);
	if (how != QUOTE_SAME)
		alter16(q + 10, how, 0);
}

/* n bytes of the packet are at q: make them what the persona quotes. */
static void
alter_quote(uint8_t *q, uint32_t n, const struct pkt *pkt,
    const struct img_unreach *u)
{
	uint32_t hlen = pkt->ip_hlen, ttl;
	int touched = u->ripl | u->rid | u->ttl_add | u->ripck;

	if (touched && n >= hlen) {
		alter16(q + 2, u->ripl, u->ripl_value);
		alter16(q + 4, u->rid, u->rid_value);
		ttl = (uint32_t)q[8] + 256 + (uint32_t)(int8_t)u->ttl_add;
		if (ttl < 256) /* less than none: two more tell as little */
			ttl = q[8] + 256u + 2;
		q[8] = ttl > 511 ? 255 : (uint8_t)(ttl - 256);
		quoted_checksum(q, hlen, u->ripck);
	}
	if (pkt->ip_proto == IPPROTO_UDP && n >= hlen + 8)
		alter16(q + hlen + 6, u->ruck, u->ruck_value);
	if (u->rud && n > hlen + 8)
		memset(q + hlen + 8, 0, n - hlen - 8);
}

/* Linux marks errors as internetwork control (RFC 1812 4.3.2.5) and keeps the
 * other bits of the packet's TOS. */
static uint8_t
tos_of(const struct pkt *pkt, const struct img_persona *p)
{
	if (p->family >= FAM_LINUX24 && p->family <= FAM_LINUX)
		return (uint8_t)(0xc0 | (pkt->ip_tos & 0x1e));
	return p->u1.tos;
}

void
reply_icmp_error(struct pkt *pkt, struct host *h, uint8_t type, uint8_t code)
{
	const struct img_unreach *u = &h->p->u1;
	struct ip_out o;
	struct peer pe;
	uint8_t *f, *l4;
	uint32_t room, n, all;

	if (error_forbidden(pkt) || (!u->respond && persona_probe_u1(pkt)) ||
	    !icmp_error_allowed(h, pkt->src))
		return;
	memset(&o, 0, sizeof(o));
	o.src = pkt->dst;
	o.dst = pkt->src;
	o.proto = IPPROTO_ICMP;
	o.ttl = u->ttl;
	o.df = u->df;
	o.tos = tos_of(pkt, h->p);
	o.id = host_ipid(h, IPID_FOR_ICMP, pkt->src);
	reply_peer(&pe, pkt);
	f = reply_begin(&pe, &o, &l4, &room);
	if (f == NULL)
		return;
	all = quote_length(pkt, u, room - ICMP_LEN, &n);
	l4[0] = type;
	l4[1] = code;
	put32(l4 + 2, 0);
	put16(l4 + 6, u->unused);
	memcpy(l4 + ICMP_LEN, pkt->ip, n);
	alter_quote(l4 + ICMP_LEN, n, pkt, u);
	if (all > n)
		memset(l4 + ICMP_LEN + n, n > pkt->ip_hlen + 8u ?
		    l4[ICMP_LEN + n - 1] : 0, all - n);
	put16(l4 + 2, csum_fold(csum_add(0, l4, ICMP_LEN + all)));
	reply_commit_len(&pe, f, ICMP_LEN + all, u->len_swap);
	STAT_INC(ANSWERED_UNREACH);
}
