/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: half-open connections, from the SYN to the end of the handshake.
 * They hold no memory but their slot and start nothing: a scan never costs a
 * process.
 */
#include <string.h>

#include "../common/siphash.h"
#include "net.h"
#include "persona_probe.h"
#include "report.h"
#include "srcos.h"
#include "tcp_int.h"

#define MSS_DEFAULT 536
#define MSS_LEAST   48

/* What both sides can do (RFC 7323, 2018): what the peer offered and the
 * answer agrees to. */
static void
negotiate(struct tcp_conn *c, const struct seg *s, const struct img_answer *a)
{
	uint16_t most = tcp_mtu_mss(&c->peer), mss;

	if (a->agree & OFFER_WS && s->o.wscale != 255) {
		c->flags |= CF_WS;
		c->scales = (uint8_t)(s->o.wscale << 4 | a->wscale);
	}
	if (a->agree & OFFER_SACK && s->o.sack_ok)
		c->flags |= CF_SACK;
	if (s->o.has_ts) {
		if (a->agree & OFFER_TS)
			c->flags |= CF_TS;
		c->ts_recent = s->o.tsval;
	}
	if (c->answer >= ANS_GEN && s->h->p->ecn &&
	    (s->flags & (TH_ECE | TH_CWR)) == (TH_ECE | TH_CWR))
		c->flags |= CF_ECN;
	mss = s->o.has_mss ? s->o.mss : MSS_DEFAULT;
	if (mss < MSS_LEAST)
		mss = MSS_LEAST;
	c->mss = mss > most ? most : mss;
}

/* Takes the ISN last: what gets no connection must not consume one. */
static void
half_open(struct tcp_conn *c, struct seg *s, const struct img_answer *a,
    uint8_t id)
{
	reply_peer(&c->peer, s->p);
	c->answer = id;
	c->syn_len = s->p->ip_len;
	c->syn_ttl = s->p->ip_ttl;
	c->syn_flags = s->flags;
	c->syn_window = s->window;
	srcos_conn[c - tcp.conn] = s->p->srcos;
	negotiate(c, s, a);
	c->snd_una = tcp_answer_seq(s, a, id);
	c->snd_nxt = c->snd_una + 1;
	c->snd_wnd = s->window;
	c->rcv_nxt = s->seq + 1;
	c->rcv_adv = c->rcv_nxt + tcp_synack_window(c, s->h->p);
	c->ipid = (uint16_t)siphash13(net.key, &c->snd_una, 4);
}

/* A SYN to an open port. */
void
tcp_syn(struct seg *s, const struct tuple *t, uint32_t action,
    uint32_t service, uint8_t id)
{
	const struct img_answer *a = persona_answer(s, id);
	struct tcp_conn *c;

	if (a == NULL || !persona_opens(a)) {
		if (a != NULL)
			tcp_answer(s, a, id);
		tcp_event_probe(s, VERDICT_OPEN);
		return;
	}
	if ((c = tcp_alloc(t)) == NULL) {
		tcp_event_probe(s, VERDICT_LIMITED);
		return;
	}
	c->action = (uint8_t)action;
	c->service = service;
	half_open(c, s, a, id);
	tcp_send_synack(c, s->h);
	net_timer_set(&c->timer, tcp_synack_wait(c, s->h->p));
}

/* After a reload: is what the SYN/ACK agreed to still what it would be? */
int
tcp_half_fits(const struct tcp_conn *c, const struct img_persona *p)
{
	const struct img_answer *a = &p->answer[c->answer];
	uint8_t agreed = (c->flags & CF_WS ? OFFER_WS : 0) |
	    (c->flags & CF_SACK ? OFFER_SACK : 0) |
	    (c->flags & CF_TS ? OFFER_TS : 0);

	return a->respond != RESPOND_NO && persona_opens(a) &&
	    (a->agree & ~OFFER_MSS) == agreed &&
	    (!(agreed & OFFER_WS) || a->wscale == (c->scales & 15));
}

/* No answer yet: once more, by the persona's schedule. */
void
tcp_half_timer(struct tcp_conn *c)
{
	struct host *h = host_get(c->t.laddr);

	if (h == NULL || tcp_synack_over(c, h->p)) {
		if (h != NULL && (h->p->give_up & GIVEUP_SYNACK))
			tcp_send_rst(c, h);
		tcp_half_event(c);
		tcp_free(c);
		return;
	}
	c->retries++;
	tcp_send_synack(c, h);
	STAT_INC(TCP_RETRANS);
	net_timer_set(&c->timer, tcp_synack_wait(c, h->p));
}

static void
established(struct tcp_conn *c, struct seg *s)
{
	int64_t rtt;

	if (tcp_to_established(c) == -1) {
		tcp_event_probe(s, VERDICT_LIMITED);
		return; /* it stays half-open and may try again */
	}
	net_timer_del(&c->timer);
	rtt = (net.now_mono_ns - c->start_ns) / 16000;
	c->rtt16 = c->retries != 0 || rtt <= 0
	    ? 0
	    : (uint16_t)(rtt > 65535 ? 65535 : rtt);
	c->retries = 0;
	c->snd_una = c->snd_nxt;
	c->snd_wnd = (uint32_t)s->window << (c->scales >> 4);
	c->session = sess_new_id();
	tcp_event_open(c);
	tcp_timer_plan(c);
	if (c->action == ACT_SERVICE || c->action == ACT_TARPIT_SERVICE) {
		tcp_sess_start(c, s->h);
		if (c->state != TCPS_ESTABLISHED || (c->flags & CF_MUTE))
			return; /* denied at once */
	} else
		c->flags |= CF_NOREAD;
	if (s->len > 0 || (s->flags & TH_FIN))
		tcp_segment(c, s);
}

void
tcp_half_input(struct tcp_conn *c, struct seg *s)
{
	uint32_t win = c->rcv_adv - c->rcv_nxt;

	if (s->flags & TH_RST) {
		if (s->seq == c->rcv_nxt) {
			tcp_half_event(c);
			tcp_free(c);
		} else {
			c->session++;
			if (s->seq - c->rcv_nxt < win)
				tcp_challenge(c, s->h);
		}
		return;
	}
	if (s->flags & TH_SYN) {
		c->session++;
		if (!(s->flags & TH_ACK) && s->seq + 1 == c->rcv_nxt)
			tcp_send_synack(c, s->h); /* ours was lost */
		else
			tcp_challenge(c, s->h);
		return;
	}
	if (!(s->flags & TH_ACK)) {
		c->session++;
		return;
	}
	if (s->ack != c->snd_nxt) {
		tcp_stray(s, ACT_OPEN);
		return;
	}
	if ((c->flags & CF_TS) && s->o.has_ts &&
	    SEQ_LT(s->o.tsval, c->ts_recent)) {
		c->session++;
		tcp_challenge(c, s->h);
		return;
	}
	if (s->seq - c->rcv_nxt > win) {
		c->session++;
		tcp_challenge(c, s->h);
		return;
	}
	if ((c->flags & CF_TS) && s->o.has_ts && SEQ_LE(s->seq, c->rcv_nxt))
		c->ts_recent = s->o.tsval;
	established(c, s);
}
