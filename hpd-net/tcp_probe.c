/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: segments that belong to no connection, answered as the persona does
 * (the nmap test lines T2..T7 by meaning). Keeps no state.
 */
#include "../common/siphash.h"
#include "net.h"
#include "tcp_int.h"

#define NMAP_T5_OPTIONS 20 /* bytes of options in nmap's closed-port probe */

/* Which of the persona's answers a stray segment gets. */
static int
reply_id(const struct seg *s, int open)
{
	if (s->flags & TH_ACK)
		return open ? REPLY_T4 : REPLY_T6;
	if (open)
		return s->flags & TH_SYN ? REPLY_T3 : REPLY_T2;
	return s->flags & TH_SYN ? REPLY_T5 : REPLY_T7;
}

/* "Other": no value a prober could take for one of the usual ones. */
static uint32_t
other(const struct seg *s, uint32_t salt)
{
	uint32_t in[3] = {s->p->src ^ salt, s->p->dst, s->seq};
	uint32_t v = (uint32_t)siphash13(net.key, in, sizeof(in));

	while (v == 0 || v - s->ack < 2 || v - s->seq < 2)
		v += 7;
	return v;
}

static void
answer(const struct seg *s, const struct img_reply *r, int open)
{
	struct tcp_raw w = {.flags = r->flags,
	    .window = r->window,
	    .ttl = r->ttl == 0 ? s->h->p->ttl : r->ttl,
	    .df = r->df};
	struct peer peer;

	w.t.raddr = s->p->src;
	w.t.laddr = s->p->dst;
	w.t.rport = s->sport;
	w.t.lport = s->dport;
	if (r->seq == 1)
		w.seq = s->ack;
	else if (r->seq == 2)
		w.seq = s->ack + 1;
	else if (r->seq == 3)
		w.seq = other(s, 1);
	if (r->ack == 1)
		w.ack = s->seq + s->len;
	else if (r->ack == 2) /* a closed port counts what it refuses */
		w.ack = s->seq + s->len +
		    (open || (s->flags & (TH_SYN | TH_FIN | TH_ACK)) != 0);
	else if (r->ack == 3)
		w.ack = (s->flags & (TH_SYN | TH_FIN)) == (TH_SYN | TH_FIN)
		    ? s->seq + s->len + 2
		    : other(s, 2);
	w.id = host_ipid(s->h, open ? IPID_FOR_TCP : IPID_FOR_RST, s->p->src);
	reply_peer(&peer, s->p);
	tcp_send_raw(&peer, &w);
	if (w.flags & TH_RST)
		STAT_INC(ANSWERED_RST);
}

void
tcp_stray(struct seg *s, uint32_t action)
{
	static const struct img_reply refused = {.respond = 1,
	    .flags = TH_RST | TH_ACK,
	    .ack = 2,
	    .df = 1};
	int open = action != ACT_CLOSED, id;
	const struct img_reply *r;

	if (action == ACT_FILTERED) {
		tcp_event_probe(s, VERDICT_FILTERED);
		return;
	}
	if (s->flags & TH_RST) {
		tcp_event_probe(s, VERDICT_IGNORED);
		return;
	}
	id = reply_id(s, open);
	r = &s->h->p->reply[id];
	/* Silent only to nmap's own closed-port probe: such a stack still
	 * refused the SYNs by which nmap found the port closed. */
	if (id == REPLY_T5 && !r->respond && s->optlen != NMAP_T5_OPTIONS)
		r = &refused;
	if (r->respond)
		answer(s, r, open);
	tcp_event_probe(s, open ? VERDICT_OPEN : VERDICT_CLOSED);
}
