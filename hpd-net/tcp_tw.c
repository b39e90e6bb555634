/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: segments for a connection in TIME_WAIT: the peer's FIN again, or a
 * new connection of the same ports, which the persona lets in by its own
 * rules (RFC 1122 4.2.2.13, RFC 6191). RST is ignored (RFC 1337).
 */
#include "net.h"
#include "tcp_int.h"

/* Does this SYN end the rest? */
static int
opens_anew(const struct tcp_conn *c, const struct seg *s)
{
	const struct img_persona *p = s->h->p;

	if (!(p->tw_refuse & TWR_TS) && (c->flags & CF_TS) && s->o.has_ts &&
	    SEQ_GT(s->o.tsval, c->ts_recent))
		return 1;
	return !(p->tw_refuse & TWR_SEQ) && SEQ_GT(s->seq, c->rcv_nxt);
}

static void
refuse_syn(struct tcp_conn *c, struct seg *s)
{
	switch (s->h->p->tw_else) {
	case TW_DROP:
		return;
	case TW_RST: /* within the window only */
		if (s->seq - c->rcv_nxt < c->rcv_adv - c->rcv_nxt) {
			tcp_stray(s, ACT_CLOSED);
			return;
		}
		break;
	default:
		break;
	}
	tcp_challenge(c, s->h);
}

int
tcp_time_wait_input(struct tcp_conn *c, struct seg *s)
{
	uint16_t rest = s->h->p->time_wait_s;

	if (s->flags & TH_RST)
		return 0;
	if ((s->flags & (TH_SYN | TH_ACK)) == TH_SYN) {
		if (opens_anew(c, s)) {
			tcp_free(c);
			return 1;
		}
		refuse_syn(c, s);
		return 0;
	}
	if (s->len > 0 || (s->flags & TH_FIN)) {
		tcp_send_ack(c, s->h);
		net_timer_set(&c->timer, (rest == 0 ? 60u : rest) * 1000u);
	} else if (s->seq != c->rcv_nxt || s->ack != c->snd_nxt)
		tcp_challenge(c, s->h);
	return 0;
}
