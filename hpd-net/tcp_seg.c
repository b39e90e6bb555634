/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: a segment of a connection past its handshake: RFC 9293 3.10.7 with
 * the blind-attack defences of RFC 5961 and PAWS (RFC 7323).
 */
#include "net.h"
#include "tcp_int.h"

#define CHALLENGE_LEAST 500 /* a second, plus as many again at random */

/* An ACK that only says where we are; globally limited (RFC 5961 7), with a
 * limit nobody can count out. */
void
tcp_challenge(struct tcp_conn *c, struct host *h)
{
	uint32_t now = net.now_ms / 1000;

	if (now != tcp.challenge_s) {
		tcp.challenge_s = now;
		tcp.challenge_left = CHALLENGE_LEAST +
		    net_rnd() % CHALLENGE_LEAST;
	}
	if (tcp.challenge_left == 0)
		return;
	tcp.challenge_left--;
	STAT_INC(TCP_CHALLENGE);
	if (c->state == TCPS_SYN_RCVD)
		tcp_send_data(c, h, c->snd_nxt, 0, TH_ACK);
	else
		tcp_send_ack(c, h);
}

static int
paws_old(const struct tcp_conn *c, const struct seg *s)
{
	return (c->flags & CF_TS) && s->o.has_ts && !(s->flags & TH_RST) &&
	    SEQ_LT(s->o.tsval, c->ts_recent);
}

/* Before anything of the segment counts. 0: go on; -1: dealt with (c may be
 * gone). */
static int
admit(struct tcp_conn *c, struct seg *s)
{
	uint32_t end = s->seq + seg_len(s);

	if (paws_old(c, s)) {
		if (seg_len(s) > 0)
			tcp_send_ack(c, s->h);
		else
			tcp_challenge(c, s->h);
		return -1;
	}
	if (SEQ_LT(end, c->rcv_nxt) || SEQ_GT(s->seq, c->rcv_adv)) {
		if (s->flags & TH_RST)
			return -1;
		if (s->len > 0 && c->d != NULL && (c->flags & CF_SACK) &&
		    SEQ_LT(end, c->rcv_nxt)) {
			c->d->dsack.a = s->seq;
			c->d->dsack.b = s->seq + s->len;
		}
		if (s->len > 0)
			tcp_send_ack(c, s->h);
		else
			tcp_challenge(c, s->h);
		return -1;
	}
	if (s->flags & TH_RST) {
		if (s->seq == c->rcv_nxt ||
		    ((s->h->p->lax & LAX_RST) && SEQ_GE(s->seq, c->rcv_nxt) &&
			SEQ_LT(s->seq, c->rcv_adv)))
			tcp_end(c, s->h, WHY_RST, 0);
		else if (s->seq != c->rcv_adv ||
		    c->rcv_adv != c->rcv_nxt)
			tcp_challenge(c, s->h);
		return -1;
	}
	if (s->flags & TH_SYN) {
		if (!(s->h->p->lax & LAX_SYN) || SEQ_LT(s->seq, c->rcv_nxt)) {
			tcp_challenge(c, s->h);
			return -1;
		}
		tcp_end(c, s->h, WHY_RST, 0);
		tcp_stray(s, ACT_CLOSED);
		return -1;
	}
	return s->flags & TH_ACK ? 0 : -1;
}

/* Our FIN was acknowledged. -1: c is gone. */
static int
fin_acked(struct tcp_conn *c, struct host *h)
{
	switch (c->state) {
	case TCPS_FIN_WAIT_1:
		c->state = TCPS_FIN_WAIT_2;
		return 0;
	case TCPS_CLOSING:
		tcp_to_time_wait(c, h);
		return -1;
	case TCPS_LAST_ACK:
		tcp_end(c, h, WHY_FIN, 0);
		return -1;
	default:
		return 0;
	}
}

/* The peer's FIN is next in line. -1: c is gone (it rests). */
static int
peer_fin(struct tcp_conn *c, struct host *h)
{
	c->rcv_nxt++;
	if (SEQ_LT(c->rcv_adv, c->rcv_nxt))
		c->rcv_adv = c->rcv_nxt;
	c->flags |= CF_PEER_FIN;
	c->d->ooo.n = 0; /* nothing lies behind the end */
	switch (c->state) {
	case TCPS_ESTABLISHED:
		c->state = TCPS_CLOSE_WAIT;
		if (!(c->flags & CF_SESSION) && c->d->fd == -1)
			tcp_close_ours(c); /* nobody has more to say */
		break;
	case TCPS_FIN_WAIT_1:
		c->state = TCPS_CLOSING;
		break;
	case TCPS_FIN_WAIT_2:
		tcp_send_ack(c, h);
		tcp_to_time_wait(c, h);
		return -1;
	default:
		break;
	}
	c->d->ack_now = 1;
	return 0;
}

/* Bytes after the program on our side has gone: a real stack says so. */
static int
nobody_home(const struct tcp_conn *c, const struct seg *s)
{
	return s->len > 0 && (c->flags & CF_APP_GONE) &&
	    c->state == TCPS_FIN_WAIT_2 &&
	    SEQ_GT(s->seq + s->len, c->rcv_nxt);
}

static void
text_and_fin(struct tcp_conn *c, struct seg *s)
{
	struct tcp_data *d = c->d;
	uint32_t fin = s->seq + s->len;

	if (nobody_home(c, s)) {
		tcp_end(c, s->h, WHY_RST, 1);
		return;
	}
	if (s->len > 0 && !(c->flags & CF_PEER_FIN))
		tcp_rcv_data(c, s);
	else if (s->len > 0 || (s->flags & TH_FIN))
		d->ack_now = 1; /* seen before */
	if (c->action == ACT_TARPIT_OPEN || c->action == ACT_TARPIT_SERVICE) {
		tcp_dirty(c); /* no end here */
		return;
	}
	if ((s->flags & TH_FIN) && !d->fin_known &&
	    SEQ_LE(fin, c->rcv_adv)) {
		d->fin_known = 1;
		d->fin_seq = fin;
	}
	if (d->fin_known && !(c->flags & CF_PEER_FIN) &&
	    d->fin_seq == c->rcv_nxt && peer_fin(c, s->h) == -1)
		return;
	tcp_dirty(c);
}

void
tcp_segment(struct tcp_conn *c, struct seg *s)
{
	uint16_t mss;

	if (c->flags & CF_MUTE) {
		if ((s->flags & TH_RST) && s->seq == c->rcv_nxt)
			tcp_free(c);
		return;
	}
	if (admit(c, s) == -1)
		return;
	if ((c->flags & CF_TS) && s->o.has_ts &&
	    SEQ_LE(s->seq, c->d != NULL ? c->d->last_ack : c->rcv_nxt))
		c->ts_recent = s->o.tsval;
	if (c->d == NULL && s->len == 0 && !(s->flags & TH_FIN)) {
		if (s->ack != c->snd_nxt)
			tcp_challenge(c, s->h);
		else
			c->snd_wnd = (uint32_t)s->window << (c->scales >> 4);
		return;
	}
	if (tcp_data_get(c, s->h) == NULL)
		return; /* no memory: the peer tries again */
	c->d->last_ms = net.now_ms;
	reply_peer(&c->peer, s->p);
	mss = tcp_mtu_mss(&c->peer);
	if (c->mss > mss) /* another interface now, or a smaller MTU */
		c->mss = mss;
	if (tcp_cc_ack(c, s) == -1)
		return;
	if ((c->flags & CF_FIN_SENT) && c->snd_una == c->snd_nxt &&
	    fin_acked(c, s->h) == -1)
		return;
	if (s->len > 0 || (s->flags & TH_FIN))
		text_and_fin(c, s);
	else
		tcp_dirty(c);
}
