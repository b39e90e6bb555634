/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: received bytes: in order, out of order, twice, overlapping; and the
 * window that tells how many more fit. Must never take a byte beyond what was
 * announced, nor move the announced edge back.
 */
#include <netinet/in.h>
#include <string.h>

#include "net.h"
#include "tcp_int.h"

#define TARPIT_MS 10000 /* between two handfuls of bytes */

static int
is_tarpit(const struct tcp_conn *c)
{
	return c->action == ACT_TARPIT_OPEN || c->action == ACT_TARPIT_SERVICE;
}

/* Keep the payload bytes [a, b) of s where they belong. 0 or -1. */
static int
keep(struct tcp_conn *c, const struct seg *s, uint32_t a, uint32_t b)
{
	struct tcp_data *d = c->d;
	uint32_t end = c->rcv_nxt;

	if (c->flags & CF_NOREAD)
		return 0;
	if (d->ooo.n > 0)
		end = SEQ_MAX(end, d->ooo.r[d->ooo.n - 1].b);
	if (ring_grow(&d->rcv, d->rcv_read, end - d->rcv_read,
		SEQ_MAX(end, b), 2 * TCP_BUF_MAX) == -1)
		return -1;
	ring_put(&d->rcv, a, s->data + (a - s->seq), b - a);
	return 0;
}

/* What is sent to a port without a script; bytes that came before their turn
 * are not there any more. */
static void
unread(struct tcp_conn *c, const struct seg *s, uint32_t a, uint32_t b)
{
	transcript_in(&c->d->tr, c->session, &c->t, IPPROTO_TCP,
	    s->data + (a - s->seq), b - a, TRANSCRIPT_STREAM);
	transcript_skip(&c->d->tr, 0, c->rcv_nxt - b);
}

static void
in_order(struct tcp_conn *c, const struct seg *s, uint32_t b)
{
	struct tcp_data *d = c->d;
	uint32_t was = c->rcv_nxt;

	if (c->flags & CF_QUIET)
		tcp_event_loud(c);
	if (d->ooo.n > 0)
		d->ack_now = 1; /* a hole closes or is still there */
	c->rcv_nxt = b;
	while (d->ooo.n > 0 && SEQ_LE(d->ooo.r[0].a, c->rcv_nxt)) {
		c->rcv_nxt = SEQ_MAX(c->rcv_nxt, d->ooo.r[0].b);
		ranges_trim(&d->ooo, c->rcv_nxt);
	}
	d->bytes_in += c->rcv_nxt - was;
	d->moved_ms = net.now_ms;
	if (d->unacked < UINT16_MAX)
		d->unacked++;
	d->ack_later = 1;
	if (c->flags & CF_NOREAD) {
		if (c->service == IMG_NONE)
			unread(c, s, was, b);
		tcp_rcv_delivered(c, c->rcv_nxt - d->rcv_read);
		if (is_tarpit(c))
			d->tarpit_ms = net.now_ms;
	}
}

static void
out_of_order(struct tcp_conn *c, struct seg *s, uint32_t a, uint32_t b)
{
	struct tcp_data *d = c->d;
	int dup;

	STAT_INC(TCP_OOO);
	if (ranges_add(&d->ooo, a, b, &dup) == 0) {
		if (dup) {
			d->dsack.a = a;
			d->dsack.b = b;
		}
		if (d->recent[0] != a) {
			d->recent[2] = d->recent[1];
			d->recent[1] = d->recent[0];
			d->recent[0] = a;
		}
	}
	tcp_send_ack(c, s->h); /* one for each: the peer counts them */
}

void
tcp_rcv_data(struct tcp_conn *c, struct seg *s)
{
	struct tcp_data *d = c->d;
	uint32_t a = s->seq, b = s->seq + s->len;

	if (SEQ_LT(a, c->rcv_nxt)) {
		if (c->flags & CF_SACK) {
			d->dsack.a = a;
			d->dsack.b = SEQ_MIN(b, c->rcv_nxt);
		}
		d->ack_now = 1;
		a = c->rcv_nxt;
	}
	b = SEQ_MIN(b, c->rcv_adv);
	if (SEQ_GE(a, b)) {
		d->ack_now = 1; /* nothing new, or no window: say so */
		return;
	}
	if (keep(c, s, a, b) == -1) {
		d->ack_now = 1;
		return;
	}
	if (a == c->rcv_nxt)
		in_order(c, s, b);
	else
		out_of_order(c, s, a, b);
}

/* The application took n bytes; a reader that keeps up is given more room. */
void
tcp_rcv_delivered(struct tcp_conn *c, uint32_t n)
{
	struct tcp_data *d = c->d;
	uint32_t most;

	d->rcv_read += n;
	d->rcv_fed += n;
	if (d->rcv_fed / 2 < d->rcv_limit || is_tarpit(c))
		return;
	d->rcv_fed = 0;
	most = c->flags & CF_WS ? 65535u << (c->scales & 15) : 65535;
	if (most > TCP_BUF_MAX)
		most = TCP_BUF_MAX;
	if (d->rcv_limit >= most || tcp.mem > TCP_MEM_MAX / 4 * 3)
		return;
	d->rcv_limit = d->rcv_limit * 2 > most ? most : d->rcv_limit * 2;
}

static uint32_t
right_edge(const struct tcp_conn *c)
{
	const struct tcp_data *d = c->d;

	if (is_tarpit(c) && net.now_ms - d->tarpit_ms < TARPIT_MS)
		return c->rcv_adv;
	return d->rcv_read + d->rcv_limit;
}

/* Window field of the next segment; moves rcv_adv. */
uint32_t
tcp_rcv_window(struct tcp_conn *c, struct host *h)
{
	struct tcp_data *d = c->d;
	uint32_t ws = c->scales & 15, right, field, grow, mss = c->mss;

	(void)h;
	if (d != NULL && !(c->flags & CF_PEER_FIN)) {
		right = right_edge(c);
		grow = right - c->rcv_adv;
		/* no silly windows: half the buffer or a segment at least */
		if (SEQ_GT(right, c->rcv_adv) &&
		    (grow >= mss || grow >= d->rcv_limit / 2)) {
			field = (right - c->rcv_nxt) >> ws;
			if (field > 65535)
				field = 65535;
			c->rcv_adv = SEQ_MAX(c->rcv_adv,
			    c->rcv_nxt + (field << ws));
		}
	}
	field = (c->rcv_adv - c->rcv_nxt) >> ws;
	return field > 65535 ? 65535 : field;
}

/* Did so much room appear that the peer should hear of it at once? */
int
tcp_rcv_update_due(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	uint32_t right = right_edge(c), grow, now;

	if (is_tarpit(c) || (c->flags & CF_PEER_FIN) ||
	    SEQ_LE(right, c->rcv_adv))
		return 0;
	grow = right - c->rcv_adv;
	now = c->rcv_adv - c->rcv_nxt;
	return (grow >= d->rcv_limit / 2 && now < d->rcv_limit / 2) ||
	    (now < 2u * c->mss && grow >= 2u * c->mss);
}
