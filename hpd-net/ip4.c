/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: IPv4 input. Nothing behind this file reads beyond ip_len, which is
 * proven here. A packet that no real host would answer (source of a group,
 * broadcast frame, wrong checksum, another's MAC) is counted and dropped.
 */
#include "ip4.h"

#include <netinet/in.h>
#include <string.h>

#include "../common/buf.h"
#include "csum.h"
#include "eth.h"
#include "frag.h"
#include "host.h"
#include "icmp.h"
#include "reply.h"
#include "report.h"
#include "stats.h"
#include "tcp.h"
#include "udp.h"

int
ip4_is_fragment(const struct pkt *p)
{
	return (be16(p->ip + 6) & 0x3fff) != 0;
}

/* 0/8, 127/8, groups, class E and the broadcast address send nothing. */
static int
bad_source(const struct pkt *p)
{
	uint32_t s = p->src, top = s >> 24;

	return top == 0 || top == 127 || top >= 224 || s == p->dst ||
	    host_subnet_edge(s);
}

/* Walk the options (RFC 791). Source routes are refused as hosts do. */
static int
bad_options(const uint8_t *o, uint32_t len)
{
	uint32_t i = 0;

	while (i < len) {
		if (o[i] == 0)
			return 0;
		if (o[i] == 1) {
			i++;
			continue;
		}
		if (i + 1 >= len || o[i + 1] < 2 || o[i + 1] > len - i)
			return 1;
		if (o[i] == 131 || o[i] == 137)
			return 1;
		i += o[i + 1];
	}
	return 0;
}

/* Groups, nets that are nobody's, frames to everybody. 0, or -1: counted. */
static int
not_for_us(const struct pkt *p)
{
	uint32_t top = p->dst >> 24;

	if (top == 0 || top == 127 || top >= 224) {
		STAT_INC(DROP_NOT_OURS);
		return -1;
	}
	if (p->bcast) {
		STAT_INC(DROP_IP_BCAST);
		return -1;
	}
	return 0;
}

int
ip4_parse(struct pkt *p)
{
	const uint8_t *ip = p->data + ETH_HDR_LEN;
	uint32_t n = p->len - ETH_HDR_LEN, hlen;

	if (n < 20) {
		STAT_INC(DROP_SHORT);
		return -1;
	}
	if (ip[0] >> 4 != 4) {
		STAT_INC(DROP_IP_VERSION);
		return -1;
	}
	hlen = (ip[0] & 15) * 4u;
	if (hlen < 20 || hlen > n) {
		STAT_INC(DROP_IP_HLEN);
		return -1;
	}
	p->ip = ip;
	p->ip_hlen = (uint8_t)hlen;
	p->ip_len = be16(ip + 2);
	if (p->ip_len < hlen || p->ip_len > n) {
		STAT_INC(DROP_IP_LEN);
		return -1;
	}
	/* The kernel's word (csum_ok) is about the protocol above. */
	if (csum_fold(csum_add(0, ip, hlen)) != 0) {
		STAT_INC(DROP_IP_CSUM);
		return -1;
	}
	p->ip_tos = ip[1];
	p->ip_id = be16(ip + 4);
	p->ip_df = ip[6] >> 6 & 1;
	p->ip_ttl = ip[8];
	p->ip_proto = ip[9];
	p->src = be32(ip + 12);
	p->dst = be32(ip + 16);
	p->l4 = ip + hlen;
	p->l4_len = p->ip_len - hlen;
	p->reassembled = 0;
	p->srcos = 0;
	if (bad_source(p)) {
		STAT_INC(DROP_IP_SRC);
		return -1;
	}
	if (!icmp_is_broadcast(p) && not_for_us(p) == -1)
		return -1;
	if (hlen > 20 && bad_options(ip + 20, hlen - 20)) {
		STAT_INC(DROP_IP_OPTIONS);
		return -1;
	}
	return 0;
}

/* IGMP is heard everywhere; UDP-Lite is part of Linux since 2.6.20. What is
 * shorter than its header makes nobody answer. */
static int
known_proto(const struct pkt *p, const struct host *h)
{
	if (p->ip_proto == IPPROTO_IGMP)
		return 1;
	return p->ip_proto == IPPROTO_UDPLITE && p->l4_len < 8 &&
	    (h->p->family == FAM_LINUX26 || h->p->family == FAM_LINUX);
}

static void
other_proto(struct pkt *p, struct host *h)
{
	uint8_t verdict = VERDICT_CLOSED;

	if (h->t->act_icmp == ACT_FILTERED)
		verdict = VERDICT_FILTERED;
	else if (known_proto(p, h))
		verdict = VERDICT_IGNORED;
	report_probe(p, EV_IP_PROBE, verdict, 0, p->ip_proto, 0, 0);
	if (verdict == VERDICT_CLOSED)
		reply_icmp_error(p, h, 3, 2);
}

void
ip4_input(struct pkt *p)
{
	struct host *h;

	if (p->bcast) { /* ip4_parse() let nothing else through */
		STAT_INC(RX_IP);
		icmp_broadcast(p);
		return;
	}
	h = host_get(p->dst);
	if (h == NULL || h->flags & HOST_F_MUTE) {
		STAT_INC(DROP_NOT_OURS);
		return;
	}
	/* To the decoy's MAC, or routed to us: the interface's own. */
	if (memcmp(p->eth_dst, h->mac, 6) != 0 &&
	    memcmp(p->eth_dst, p->nif->mac, 6) != 0) {
		STAT_INC(DROP_FOREIGN_MAC);
		return;
	}
	h->flags |= HOST_F_HERE;
	if (h->t->drop_ppm != 0 && net_rnd() % 1000000 < h->t->drop_ppm) {
		STAT_INC(DROP_RATE);
		return;
	}
	STAT_INC(RX_IP);
	if (ip4_is_fragment(p) && !frag_input(p, h))
		return;
	switch (p->ip_proto) {
	case IPPROTO_TCP:
		tcp_input(p, h);
		break;
	case IPPROTO_UDP:
		udp_input(p, h);
		break;
	case IPPROTO_ICMP:
		icmp_input(p, h);
		break;
	default:
		other_proto(p, h);
		break;
	}
}
