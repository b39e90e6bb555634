/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: a TCP segment from the wire: verified, then given to what it
 * belongs to. Nothing is answered before the checksum was found right.
 */
#include <netinet/in.h>

#include "../common/buf.h"
#include "csum.h"
#include "net.h"
#include "persona_probe.h"
#include "srcos.h"
#include "tcp_int.h"

#define TCP_HDR 20

/* Fills *s; 0, or -1: counted and to be dropped. */
static int
verify(struct pkt *p, struct host *h, struct seg *s)
{
	const uint8_t *l4 = p->l4;
	uint32_t hlen;
	uint64_t sum;

	if (p->l4_len < TCP_HDR) {
		STAT_INC(DROP_TCP_SHORT);
		return -1;
	}
	hlen = (uint32_t)(l4[12] >> 4) * 4;
	if (hlen < TCP_HDR || hlen > p->l4_len) {
		STAT_INC(DROP_TCP_HLEN);
		return -1;
	}
	if (!p->csum_ok) {
		sum = csum_pseudo(p->src, p->dst, IPPROTO_TCP, p->l4_len);
		if (csum_fold(csum_add(sum, l4, p->l4_len)) != 0) {
			STAT_INC(DROP_TCP_CSUM);
			return -1;
		}
	}
	s->p = p;
	s->h = h;
	s->sport = be16(l4);
	s->dport = be16(l4 + 2);
	s->seq = be32(l4 + 4);
	s->ack = be32(l4 + 8);
	s->flags = l4[13];
	s->window = be16(l4 + 14);
	s->data = l4 + hlen;
	s->len = p->l4_len - hlen;
	s->optlen = (uint8_t)(hlen - TCP_HDR);
	if (tcp_opt_parse(l4 + TCP_HDR, s->optlen, &s->o) == -1) {
		STAT_INC(DROP_TCP_OPTION);
		return -1;
	}
	return 0;
}

/* No connection: a SYN that may make one, or something odd. */
static void
no_connection(struct seg *s, const struct tuple *t)
{
	uint32_t service, action = tcp_action(s->h, s->dport, &service);
	uint8_t f = s->flags & (TH_SYN | TH_ACK | TH_RST | TH_FIN);

	s->p->srcos = srcos_tcp(s);
	if (action != ACT_FILTERED && action != ACT_CLOSED) {
		if (f == TH_SYN) {
			tcp_syn(s, t, action, service, persona_syn(s));
			return;
		}
		/* some stacks look at the SYN only */
		if (f == (TH_SYN | TH_FIN) &&
		    persona_opens(&s->h->p->answer[ANS_T3])) {
			tcp_syn(s, t, action, service, ANS_T3);
			return;
		}
	}
	tcp_stray(s, action);
}

void
tcp_input(struct pkt *p, struct host *h)
{
	struct tcp_conn *c;
	struct tuple t;
	struct seg s;

	if (p->bcast) {
		STAT_INC(DROP_IP_BCAST);
		return;
	}
	if (verify(p, h, &s) == -1)
		return;
	t.raddr = p->src;
	t.laddr = p->dst;
	t.rport = s.sport;
	t.lport = s.dport;
	c = tcp_find(&t);
	if (c != NULL && c->state == TCPS_TIME_WAIT &&
	    tcp_time_wait_input(c, &s))
		c = NULL; /* gone: the SYN of a new connection */
	else if (c != NULL && c->state == TCPS_TIME_WAIT)
		return;
	if (c == NULL)
		no_connection(&s, &t);
	else if (c->state == TCPS_SYN_RCVD)
		tcp_half_input(c, &s);
	else
		tcp_segment(c, &s);
}
