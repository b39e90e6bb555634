/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: when and how much: retransmissions first, then new data as far as
 * both windows and a turn's budget go; acknowledgements that are due. Must
 * never send beyond the peer's window.
 */
#include "net.h"
#include "tcp_int.h"

#define GSO_MAX	   64000u
#define GSO_LEAST  2	/* segments */
#define DELACK_MS  40

void
tcp_dirty(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;

	if (d == NULL || d->dirty)
		return;
	d->dirty = 1;
	d->dirty_next = tcp.dirty;
	tcp.dirty = d;
}

void
tcp_close_ours(struct tcp_conn *c)
{
	if (c->flags & CF_FIN)
		return;
	c->flags |= CF_FIN;
	if (c->d != NULL)
		c->d->closed_ms = net.now_ms;
	if (c->state == TCPS_ESTABLISHED)
		c->state = TCPS_FIN_WAIT_1;
	else if (c->state == TCPS_CLOSE_WAIT)
		c->state = TCPS_LAST_ACK;
	tcp_dirty(c);
}

/* Payload a segment takes with the options it will carry. */
static uint32_t
seg_max(const struct tcp_conn *c)
{
	return c->mss - (c->flags & CF_TS ? 12u : 0u);
}

/* Send [a, b) once more; FIN included when b is behind the data. 0 or -1. */
static int
send_again(struct tcp_conn *c, struct host *h, uint32_t a, uint32_t b)
{
	struct tcp_data *d = c->d;
	uint32_t dend = SEQ_MIN(b, d->snd_end);
	uint8_t fl = 0;

	if (SEQ_GT(b, d->snd_end))
		fl |= TH_FIN;
	if (h->p->psh_each || dend == d->snd_end)
		fl |= TH_PSH;
	if (tcp_send_data(c, h, a, SEQ_GT(dend, a) ? dend - a : 0, fl) == -1)
		return -1;
	STAT_INC(TCP_RETRANS);
	if (d->undo < UINT16_MAX)
		d->undo++;
	if (a == c->snd_una) {
		d->rxt_mark = c->snd_nxt;
		d->rxt_ns = net.now_mono_ns;
	}
	if (SEQ_GT(b, d->rxt_next))
		d->rxt_next = b;
	return 0;
}

/* No news for two round trips: the first hole once more, or the last segment,
 * so that the peer's answer shows what is missing before the RTO would. */
void
tcp_loss_probe(struct tcp_conn *c, struct host *h)
{
	struct tcp_data *d = c->d;
	uint32_t a = c->snd_una, b = c->snd_nxt, next = d->rxt_next;

	if (d->recovery != 0 &&
	    !ranges_gap(&d->sacked, c->snd_una, c->snd_nxt, &a, &b))
		return;
	if (b - a > seg_max(c)) {
		if (d->recovery != 0)
			b = a + seg_max(c);
		else
			a = b - seg_max(c);
	}
	send_again(c, h, a, b);
	if (d->recovery == 0)
		d->rxt_next = next;
	d->rtt_ns = 0;
}

/* Lost segments. 1: window or slots are used up; 0: none left. */
static int
retransmit(struct tcp_conn *c, struct host *h, uint32_t *budget)
{
	struct tcp_data *d = c->d;
	uint32_t a, b, pipe, max = seg_max(c);

	while (d->recovery != 0 && ranges_gap(&d->sacked, d->rxt_next,
	    d->lost_below, &a, &b)) {
		pipe = tcp_cc_pipe(c);
		if (a != c->snd_una && pipe + max > d->cwnd && pipe > 0)
			return 1;
		if (*budget == 0)
			return 1;
		if (b - a > max)
			b = a + max;
		if (send_again(c, h, a, b) == -1) {
			tcp_soon(c);
			return 1;
		}
		*budget -= *budget > b - a ? b - a : *budget;
		if (!d->rto_on || d->persist) {
			d->persist = 0;
			tcp_rto_start(c);
		}
	}
	return 0;
}

/* Must a small segment wait for what is under way? */
static int
nagle_holds(const struct tcp_conn *c, uint8_t nagle)
{
	if (nagle == NAGLE_OFF || (c->flags & CF_FIN))
		return 0;
	if (nagle == NAGLE_CLASSIC)
		return c->snd_nxt != c->snd_una;
	return SEQ_GT(c->d->snd_sml, c->snd_una);
}

/* How many new bytes may go now; *why_wnd: the peer's window says no. */
static uint32_t
may_send(struct tcp_conn *c, uint8_t nagle, uint32_t pipe, int *why_wnd)
{
	struct tcp_data *d = c->d;
	uint32_t avail = d->snd_end - c->snd_nxt, edge, wnd, n = avail;
	uint32_t max = seg_max(c);

	*why_wnd = 0;
	edge = c->snd_una + c->snd_wnd;
	wnd = SEQ_GT(edge, c->snd_nxt) ? edge - c->snd_nxt : 0;
	if (n > wnd) {
		n = wnd;
		*why_wnd = n < max;
		/* silly window: a piece only if it is half of the most */
		if (n < max && n < d->max_wnd / 2)
			return 0;
	}
	if (pipe >= d->cwnd)
		return 0;
	if (n > d->cwnd - pipe) {
		n = d->cwnd - pipe;
		n -= n % max;
		if (n == 0 && pipe == 0)
			n = avail < max ? avail : max;
	}
	if (n > max && n < avail)
		n -= n % max;
	if (n < max && n == avail && nagle_holds(c, nagle))
		return 0;
	return n;
}

static void
sent_new(struct tcp_conn *c, uint32_t n, int fin)
{
	struct tcp_data *d = c->d;

	d->probed = 0;
	if (n % seg_max(c) != 0)
		d->snd_sml = c->snd_nxt + n;
	c->snd_nxt += n + (uint32_t)fin;
	if (fin)
		c->flags |= CF_FIN_SENT;
	if (d->recovery == 0)
		d->rxt_next = d->lost_below = c->snd_una;
	if (d->rtt_ns == 0 && d->recovery == 0) {
		d->rtt_ns = net.now_mono_ns;
		d->rtt_seq = c->snd_nxt;
	}
	if (!d->rto_on || d->persist || d->probe) {
		d->persist = 0;
		tcp_rto_start(c);
	}
}

/* Up to n new bytes in one go. Returns how many, -1 no slot. */
static int64_t
send_new(struct tcp_conn *c, struct host *h, uint32_t n)
{
	struct tcp_data *d = c->d;
	uint32_t max = seg_max(c), have;
	uint8_t fl = 0;
	int fin;

	if (n >= GSO_LEAST * max && tcp_gso_fits(c, h)) {
		have = n > GSO_MAX ? GSO_MAX : n;
		ring_at(&d->snd, c->snd_nxt, &have);
		if (have < n)
			have -= have % max;
		if (have >= GSO_LEAST * max) {
			fin = d->fin_rides && c->snd_nxt + have == d->snd_end;
			fl = fin ? TH_FIN : 0;
			if (c->snd_nxt + have == d->snd_end)
				fl |= TH_PSH;
			if (tcp_send_gso(c, h, c->snd_nxt, have, fl) == 0) {
				sent_new(c, have, fin);
				return have;
			}
		}
	}
	if (n > max)
		n = max;
	fin = (n == 0 ? (c->flags & CF_FIN) != 0 : d->fin_rides) &&
	    c->snd_nxt + n == d->snd_end;
	fl = fin ? TH_FIN : 0;
	if (n > 0 && (h->p->psh_each || c->snd_nxt + n == d->snd_end))
		fl |= TH_PSH;
	if (tcp_send_data(c, h, c->snd_nxt, n, fl) == -1)
		return -1;
	sent_new(c, n, fin);
	return n;
}

/* The tarpit gives a byte a second and never more. */
static int
tarpit_holds(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;

	if (c->action != ACT_TARPIT_SERVICE)
		return 0;
	if (c->snd_nxt != c->snd_una || net.now_ms - d->tarpit_ms < 1000) {
		d->soon = 0;
		return 1;
	}
	d->tarpit_ms = net.now_ms;
	return 0;
}

static void
persist(struct tcp_conn *c, const struct host *h)
{
	struct tcp_data *d = c->d;

	if (d->rto_on || c->snd_nxt != c->snd_una)
		return;
	d->persist = 1;
	d->probe = 0;
	tcp_rto_arm(c, tcp_persist_ms(d, h->p));
}

/* The program is gone, left bytes unread and said nothing: no FIN where that
 * is a reset. A script that answers before it has read all stands for a
 * service that does read, and must not be told from it. */
static int
ends_in_rst(const struct tcp_conn *c, const struct img_persona *p)
{
	return p->rst_unread && c->d->pulled == 0 &&
	    (c->flags & (CF_UNREAD | CF_FIN | CF_FIN_SENT)) ==
	    (CF_UNREAD | CF_FIN);
}

void
tcp_output(struct tcp_conn *c, struct host *h)
{
	struct tcp_data *d = c->d;
	uint32_t budget = TCP_TURN, pipe, n;
	int64_t r;
	int wnd = 0;

	if (d->recovery != 0 && retransmit(c, h, &budget))
		return;
	if (c->snd_nxt == c->snd_una && d->srtt_us != 0 &&
	    net.now_ms - d->last_ms > d->rto_ms && d->cwnd > 10u * c->mss)
		d->cwnd = 10u * c->mss; /* idle: the path is not known now */
	if (c->action == ACT_TARPIT_SERVICE) {
		if (SEQ_LT(c->snd_nxt, d->snd_end) && !tarpit_holds(c) &&
		    c->snd_wnd > 0)
			send_new(c, h, 1);
		return;
	}
	while (SEQ_LT(c->snd_nxt, d->snd_end)) {
		pipe = tcp_cc_pipe(c);
		n = may_send(c, h->p->nagle, pipe, &wnd);
		if (n == 0)
			break;
		if (budget == 0) {
			tcp_soon(c);
			return;
		}
		if (n > budget)
			n = budget;
		if ((r = send_new(c, h, n)) == -1) {
			tcp_soon(c);
			return;
		}
		budget -= budget > r ? (uint32_t)r : budget;
	}
	if (SEQ_LT(c->snd_nxt, d->snd_end)) {
		d->fin_rides = (c->flags & CF_FIN) && !h->p->fin_alone;
		if (wnd)
			persist(c, h);
		return;
	}
	if ((c->flags & (CF_FIN | CF_FIN_SENT)) == CF_FIN &&
	    !ends_in_rst(c, h->p) && send_new(c, h, 0) == -1)
		tcp_soon(c);
}

/* An acknowledgement is due now, by the persona's manner. */
static int
ack_due(struct tcp_conn *c, const struct img_persona *p)
{
	struct tcp_data *d = c->d;

	if (!d->ack_now && d->unacked > 0 && d->quick > 0) {
		d->quick--;
		d->ack_now = 1;
	}
	return d->ack_now ||
	    d->unacked >= (p->ack_every == 0 ? 2 : p->ack_every) ||
	    tcp_rcv_update_due(c);
}

void
tcp_run(struct tcp_conn *c, struct host *h)
{
	struct tcp_data *d = c->d;

	relay_push(c);
	tcp_output(c, h);
	if (ends_in_rst(c, h->p) && c->snd_nxt == d->snd_end) {
		tcp_end(c, h, WHY_FIN, 1);
		return;
	}
	if (ack_due(c, h->p))
		tcp_send_ack(c, h);
	else if (d->ack_later && !d->ack_on)
		tcp_ack_arm(c, h->p->delack_ms == 0 ? DELACK_MS
						    : h->p->delack_ms);
	relay_watch(c);
	tcp_timer_plan(c);
}

void
tcp_flush(void)
{
	struct tcp_data *d;
	struct tcp_conn *c;
	struct host *h;

	while ((d = tcp.dirty) != NULL) {
		tcp.dirty = d->dirty_next;
		d->dirty = 0;
		c = d->c;
		if ((h = host_get(c->t.laddr)) == NULL)
			tcp_end(c, NULL, WHY_SERVICE, 0);
		else
			tcp_run(c, h);
	}
}
