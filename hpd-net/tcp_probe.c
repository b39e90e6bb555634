/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: segments that belong to no connection, answered as the persona does
 * (nmap's lines T2..T7 by meaning, and its SYN layouts where they open
 * nothing). Keeps no state but a limit.
 */
#include "../common/siphash.h"
#include "net.h"
#include "persona_probe.h"
#include "report.h"
#include "tcp_int.h"

#define ODD_A_SECOND 64

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

uint32_t
tcp_answer_seq(const struct seg *s, const struct img_answer *a, uint8_t id)
{
	switch (a->seq) {
	case NUM_ZERO:
		return 0;
	case NUM_SAME:
		return s->ack;
	case NUM_NEXT:
		return s->ack + 1;
	}
	if ((a->flags & (TH_SYN | TH_ACK | TH_RST)) == (TH_SYN | TH_ACK))
		return host_isn(s->h, s->p->src, s->sport, s->dport,
		    id <= ANS_SYN6);
	return other(s, 1);
}

/* nmap's probes show whether a stack counts one for what came; how it counts
 * other segments follows from what the probe was. */
static uint32_t
answer_ack(const struct seg *s, const struct img_answer *a, uint8_t id)
{
	switch (a->ack) {
	case NUM_ZERO:
		return 0;
	case NUM_SAME: /* flags do not count */
		return s->seq + s->len;
	case NUM_NEXT:
		if (id == ANS_T2 || id == ANS_T3 || id == ANS_T4 ||
		    id == ANS_T6) /* not what SYN and FIN take */
			return s->seq + s->len + 1;
		return s->seq + seg_len(s);
	}
	if (id == ANS_T3)
		return s->seq + s->len + 2; /* both count */
	return other(s, 2);
}

void
tcp_answer(const struct seg *s, const struct img_answer *a, uint8_t id)
{
	struct tcp_raw w = {.a = a,
	    .flags = a->flags,
	    .window = a->window,
	    .ttl = a->ttl,
	    .df = a->df};
	enum ipid_use use = a->ipid;
	struct peer peer;

	w.t.raddr = s->p->src;
	w.t.laddr = s->p->dst;
	w.t.rport = s->sport;
	w.t.lport = s->dport;
	w.seq = tcp_answer_seq(s, a, id);
	w.ack = answer_ack(s, a, id);
	if (a->ts_off != 255)
		w.tsval = host_tsval(s->h, id <= ANS_SYN6);
	w.tsecr = s->o.has_ts ? s->o.tsval : w.tsval;
	/* Refusing a SYN/ACK counts with the rest of TCP (an idle scan's
	 * zombie shows nothing else). */
	if ((s->flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK))
		use = IPID_FOR_TCP;
	w.id = host_ipid(s->h, use, s->p->src);
	reply_peer(&peer, s->p);
	tcp_send_raw(&peer, &w);
	if (w.flags & TH_RST)
		STAT_INC(ANSWERED_RST);
	else
		STAT_INC(ANSWERED_SYN);
}

/* Two hosts that answer an ACK with an ACK, or nothing's flags with odd ones,
 * would go on for ever, the other one being anybody's. Few of the table do. */
static int
endless(const struct seg *s, const struct img_answer *a)
{
	static uint32_t second, left;
	uint32_t now = net.now_ms / 1000;

	if (a->flags & TH_RST ||
	    (!(s->flags & TH_ACK) && a->flags & (TH_SYN | TH_ACK)))
		return 0;
	if (second != now) {
		second = now;
		left = ODD_A_SECOND;
	}
	if (left == 0) {
		report_limit("answers that could be answered", 1);
		return 1;
	}
	left--;
	return 0;
}

void
tcp_stray(struct seg *s, uint32_t action)
{
	int open = action != ACT_CLOSED;
	const struct img_answer *a;
	uint8_t id;

	if (action == ACT_FILTERED) {
		tcp_event_probe(s, VERDICT_FILTERED);
		return;
	}
	if (s->flags & TH_RST) {
		tcp_event_probe(s, VERDICT_IGNORED);
		return;
	}
	id = persona_stray(s, open);
	if ((a = persona_answer(s, id)) != NULL && !endless(s, a))
		tcp_answer(s, a, id);
	tcp_event_probe(s, open ? VERDICT_OPEN : VERDICT_CLOSED);
}
