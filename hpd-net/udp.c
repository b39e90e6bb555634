/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: datagrams from the wire: verified, then refused, swallowed or given
 * to a flow; and datagrams to the wire. Nothing is answered before the
 * checksum was found right.
 */
#include <netinet/in.h>
#include <string.h>

#include "../common/buf.h"
#include "csum.h"
#include "inside.h"
#include "net.h"
#include "report.h"
#include "srcos.h"
#include "udp_int.h"

/* Bytes of the datagram (header and payload), or 0: counted and dropped. */
static uint32_t
verify(const struct pkt *p)
{
	uint32_t len;
	uint64_t sum;

	if (p->l4_len < UDP_HDR) {
		STAT_INC(DROP_UDP_SHORT);
		return 0;
	}
	len = be16(p->l4 + 4);
	if (len < UDP_HDR || len > p->l4_len) {
		STAT_INC(DROP_UDP_SHORT);
		return 0;
	}
	if (!p->csum_ok && be16(p->l4 + 6) != 0) {
		sum = csum_pseudo(p->src, p->dst, IPPROTO_UDP, len);
		if (csum_fold(csum_add(sum, p->l4, len)) != 0) {
			STAT_INC(DROP_UDP_CSUM);
			return 0;
		}
	}
	return len;
}

static void
probe(const struct pkt *p, uint8_t verdict)
{
	report_probe(p, EV_UDP_PROBE, verdict, be16(p->l4), be16(p->l4 + 2),
	    0, 0);
}

static void
to_service(struct pkt *p, struct host *h, uint32_t service, uint32_t len)
{
	struct udp_flow *f;
	struct tuple t;

	/* No data would read as end of file. A decoy calls no service: its
	 * address was forged, and two that echo would never end. */
	if (len == UDP_HDR || inside_is(p->src)) {
		probe(p, VERDICT_IGNORED);
		return;
	}
	t.raddr = p->src;
	t.laddr = p->dst;
	t.rport = be16(p->l4);
	t.lport = be16(p->l4 + 2);
	f = udp_flow_get(&t, p, h, service);
	if (f == NULL) {
		probe(p, VERDICT_LIMITED);
		return;
	}
	udp_flow_put(f, p->l4 + UDP_HDR, len - UDP_HDR);
}

void
udp_input(struct pkt *p, struct host *h)
{
	const struct img_port *port;
	uint32_t service = IMG_NONE, act, len;

	if (p->bcast) {
		STAT_INC(DROP_IP_BCAST);
		return;
	}
	if ((len = verify(p)) == 0)
		return;
	p->srcos = srcos_udp(p, len);
	act = h->t->act_udp;
	port = image_port(&net.img, h->t, IPPROTO_UDP, be16(p->l4 + 2));
	if (port != NULL) {
		act = port->action;
		service = port->service;
	}
	switch (act) {
	case ACT_FILTERED:
		probe(p, VERDICT_FILTERED);
		break;
	case ACT_CLOSED:
		reply_icmp_error(p, h, 3, 3);
		probe(p, VERDICT_CLOSED);
		break;
	case ACT_SERVICE:
	case ACT_TARPIT_SERVICE:
		to_service(p, h, service, len);
		break;
	default:
		probe(p, VERDICT_OPEN);
		break;
	}
}

/* A datagram to the peer: one frame, or fragments beyond the MTU. */
void
udp_flow_send(struct udp_flow *f, const uint8_t *data, uint32_t len)
{
	static uint8_t big[UDP_HDR + UDP_PAYLOAD];
	struct host *h = host_get(f->t.laddr);
	struct ip_out ip = {.src = f->t.laddr,
	    .dst = f->t.raddr,
	    .proto = IPPROTO_UDP};
	uint8_t *frame = NULL, *l4;
	uint32_t room = 0, n = UDP_HDR + len;
	uint16_t sum;

	if (h == NULL || len > UDP_PAYLOAD)
		return;
	ip.ttl = h->p->ttl;
	/* What may not be fragmented needs no ID and has one as TCP's
	 * segments do (0, if that is the habit); fragments have ICMP's. */
	ip.df = h->p->df_udp && n <= reply_room(&f->peer);
	ip.id = host_ipid(h, ip.df ? IPID_FOR_TCP : IPID_FOR_ICMP,
	    f->t.raddr);
	frame = reply_begin(&f->peer, &ip, &l4, &room);
	if (frame == NULL)
		return;
	if (n > room)
		l4 = big;
	put16(l4, f->t.lport);
	put16(l4 + 2, f->t.rport);
	put16(l4 + 4, n);
	put16(l4 + 6, 0);
	memcpy(l4 + UDP_HDR, data, len);
	sum = csum_fold(csum_add(csum_pseudo(ip.src, ip.dst, IPPROTO_UDP, n),
	    l4, n));
	put16(l4 + 6, sum == 0 ? 0xffff : sum);
	f->bytes_out += len;
	if (n > room)
		reply_large(&f->peer, &ip, big, n);
	else
		reply_commit(&f->peer, frame, n);
}
