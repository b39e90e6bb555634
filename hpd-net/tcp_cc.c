/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: acknowledgements: round trip and RTO (RFC 6298), congestion window
 * (RFC 5681, 6582), loss by SACK (RFC 6675) with a reordering measure. Sends
 * nothing: tcp_output.c does what this file allows.
 */
#include "net.h"
#include "tcp_int.h"

#define DUPTHRESH   3
#define REORDER_MAX 300
#define CWND_MAX    (2 * TCP_BUF_MAX)
#define RTO_MAX	    120000
#define BACKOFF_MAX 12
#define FIN_WAIT    60000

static uint32_t
rto_min(const struct host *h)
{
	return h != NULL && h->p->rto_min_ms != 0 ? h->p->rto_min_ms : 200;
}

static uint32_t
initial_window(const struct tcp_conn *c, const struct host *h)
{
	uint32_t mss = c->mss;

	if (h != NULL && h->p->init_cwnd != 0)
		return h->p->init_cwnd * mss;
	/* RFC 3390 */
	return mss > 2190 ? 2 * mss : mss > 1095 ? 3 * mss : 4 * mss;
}

static void
timing(struct tcp_data *d, const struct img_persona *p)
{
	d->rto_ms = p == NULL || p->rto_init_ms == 0 ? 1000 : p->rto_init_ms;
	d->rto_max_ms = p == NULL || p->rto_max_s == 0
	    ? RTO_MAX
	    : p->rto_max_s * 1000u;
	d->backoff_max = p == NULL || p->backoff_max == 0 ? BACKOFF_MAX
							  : p->backoff_max;
	d->fin_wait_ms = p == NULL || p->fin_wait_s == 0
	    ? FIN_WAIT
	    : p->fin_wait_s * 1000u;
	d->tlp = p != NULL && p->loss_probe;
}

void
tcp_cc_init(struct tcp_conn *c, struct host *h)
{
	struct tcp_data *d = c->d;

	d->cwnd = initial_window(c, h);
	d->ssthresh = CWND_MAX;
	d->reorder = DUPTHRESH;
	d->recover = d->rxt_next = d->lost_below = c->snd_una;
	timing(d, h != NULL ? h->p : NULL);
	if (c->rtt16 != 0)
		tcp_rtt_sample(d, h, (int64_t)c->rtt16 * 16000);
}

void
tcp_rtt_sample(struct tcp_data *d, const struct host *h, int64_t ns)
{
	uint32_t r = ns < 1000 ? 1 : (uint32_t)(ns / 1000), diff, us;

	if (d->srtt_us == 0) {
		d->srtt_us = r;
		d->rttvar_us = r / 2;
	} else {
		diff = d->srtt_us > r ? d->srtt_us - r : r - d->srtt_us;
		d->rttvar_us = (3 * (d->rttvar_us / 4)) + diff / 4;
		d->srtt_us += (uint32_t)(((int64_t)r - d->srtt_us) / 8);
	}
	us = d->rttvar_us * 4 < 1000 ? 1000 : d->rttvar_us * 4;
	d->rto_ms = (d->srtt_us + us) / 1000;
	if (d->rto_ms < rto_min(h))
		d->rto_ms = rto_min(h);
	if (d->rto_ms > 60000)
		d->rto_ms = 60000;
	if (d->rto_ms > d->rto_max_ms)
		d->rto_ms = d->rto_max_ms;
}

uint32_t
tcp_rto(const struct tcp_data *d)
{
	uint64_t ms = (uint64_t)d->rto_ms << (d->backoff > d->backoff_max
	    ? d->backoff_max
	    : d->backoff);

	return ms > d->rto_max_ms ? d->rto_max_ms : (uint32_t)ms;
}

/* Bytes that should still be on their way (RFC 6675's pipe). */
uint32_t
tcp_cc_pipe(const struct tcp_conn *c)
{
	const struct tcp_data *d = c->d;
	uint32_t pipe, again, from, guess;

	if (d->recovery == 0) {
		pipe = c->snd_nxt - c->snd_una -
		    ranges_bytes(&d->sacked, c->snd_una, c->snd_nxt);
	} else {
		again = SEQ_MIN(d->rxt_next, d->lost_below);
		from = SEQ_MAX(d->lost_below, c->snd_una);
		pipe = again - c->snd_una -
		    ranges_bytes(&d->sacked, c->snd_una, again);
		pipe += c->snd_nxt - from -
		    ranges_bytes(&d->sacked, from, c->snd_nxt);
	}
	if (c->flags & CF_SACK)
		return pipe;
	guess = (uint32_t)d->dupacks * c->mss; /* each left the network */
	return pipe > guess ? pipe - guess : 0;
}

static void
window_update(struct tcp_conn *c, const struct seg *s)
{
	struct tcp_data *d = c->d;
	uint32_t w = (uint32_t)s->window << (c->scales >> 4);

	/* an advancing ACK always counts: else the old window would move
	 * along with snd_una, beyond what the peer said */
	if (SEQ_LE(s->ack, c->snd_una) && !SEQ_LT(d->wl1, s->seq) &&
	    !(d->wl1 == s->seq && SEQ_LE(d->wl2, s->ack)))
		return;
	c->snd_wnd = w;
	d->wl1 = s->seq;
	d->wl2 = s->ack;
	if (w > d->max_wnd)
		d->max_wnd = w;
	if (w > 0 && d->persist) {
		d->persist = 0;
		d->backoff = 0;
		tcp_rto_stop(c);
	}
}

/* Something below the highest SACK arrived that was never sent again: the path
 * reorders, so be slower to believe in loss. */
static void
saw_reordering(struct tcp_data *d, uint32_t seq, uint32_t mss)
{
	uint32_t top, n;

	if (d->sacked.n == 0 || d->recovery == 2)
		return;
	top = d->sacked.r[d->sacked.n - 1].b;
	if (SEQ_GE(seq, top) ||
	    (d->recovery != 0 && SEQ_LT(seq, d->rxt_next)))
		return;
	n = (top - seq) / mss + 1;
	if (n > REORDER_MAX)
		n = REORDER_MAX;
	if (n > d->reorder)
		d->reorder = (uint16_t)n;
}

/* DSACK (RFC 2883): what we sent again had arrived. When that is true of all
 * of a recovery's retransmissions, it was no loss. */
static void
needless(struct tcp_data *d)
{
	uint32_t n = d->reorder + d->reorder / 2u;

	if (d->undo == 0)
		return;
	d->reorder = (uint16_t)(n > REORDER_MAX ? REORDER_MAX : n);
	if (--d->undo > 0)
		return;
	if (d->prior_cwnd > d->cwnd)
		d->cwnd = d->prior_cwnd;
	if (d->prior_ssthresh > d->ssthresh)
		d->ssthresh = d->prior_ssthresh;
}

static uint32_t
take_sack(struct tcp_conn *c, const struct seg *s)
{
	struct tcp_data *d = c->d;
	uint32_t i, a, b, before, added = 0;
	int dup;

	for (i = 0; i < s->o.nsack; i++) {
		a = s->o.sack[i].a;
		b = s->o.sack[i].b;
		if (i == 0 && SEQ_LT(a, b) && SEQ_LE(b, s->ack))
			needless(d);
		if (SEQ_GE(a, b) || SEQ_LT(a, c->snd_una) ||
		    SEQ_GT(b, c->snd_nxt))
			continue; /* DSACK, or nonsense */
		before = ranges_bytes(&d->sacked, a, b);
		if (before == b - a)
			continue;
		if (before == 0)
			saw_reordering(d, a, c->mss);
		if (ranges_add(&d->sacked, a, b, &dup) == 0)
			added += b - a - before;
	}
	return added;
}

/* By SACK: all unsacked bytes with enough sacked ones above are lost. */
static void
mark_lost(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	uint32_t i, sum = 0;

	for (i = d->sacked.n; i > 0; i--) {
		sum += d->sacked.r[i - 1].b - d->sacked.r[i - 1].a;
		if (sum > (d->reorder - 1u) * c->mss) {
			d->lost_below = SEQ_MAX(d->lost_below,
			    d->sacked.r[i - 1].a);
			return;
		}
	}
}

static void
enter_recovery(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	uint32_t flight = c->snd_nxt - c->snd_una;

	d->prior_cwnd = d->cwnd;
	d->prior_ssthresh = d->ssthresh;
	d->undo = 0;
	d->ssthresh = flight / 2 > 2u * c->mss ? flight / 2 : 2u * c->mss;
	d->cwnd = d->ssthresh;
	d->cwnd_acc = 0;
	d->recovery = 1;
	d->recover = c->snd_nxt;
	d->rxt_next = c->snd_una;
	d->lost_below = SEQ_MIN(c->snd_una + c->mss, c->snd_nxt);
	d->rtt_ns = 0;
	if (c->flags & CF_SACK)
		mark_lost(c);
}

/* The segment at snd_una was sent again, and again data sent later arrived. */
static void
lost_again(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	uint32_t later;
	int64_t late;

	if (SEQ_LE(d->rxt_next, c->snd_una) ||
	    SEQ_LE(d->rxt_mark, c->snd_una))
		return;
	later = ranges_bytes(&d->sacked, d->rxt_mark, c->snd_nxt);
	late = net.now_mono_ns - d->rxt_ns -
	    (int64_t)d->srtt_us * 1250 - 500000;
	if (later <= (d->reorder - 1u) * c->mss && (later == 0 || late < 0))
		return; /* not enough of it, nor long enough ago */
	d->rxt_next = c->snd_una;
	d->recover = c->snd_nxt;
	mark_lost(c);
}

static void
grow(struct tcp_conn *c, uint32_t acked, uint32_t flight)
{
	struct tcp_data *d = c->d;

	if (flight + 2u * c->mss < d->cwnd / 2)
		return; /* not the window that limits */
	if (d->cwnd < d->ssthresh)
		d->cwnd += acked;
	else {
		d->cwnd_acc += acked;
		if (d->cwnd_acc >= d->cwnd) {
			d->cwnd_acc -= d->cwnd;
			d->cwnd += c->mss;
		}
	}
	if (d->cwnd > CWND_MAX)
		d->cwnd = CWND_MAX;
}

static void
progress(struct tcp_conn *c, const struct seg *s, uint32_t flight)
{
	struct tcp_data *d = c->d;
	uint32_t acked = s->ack - c->snd_una;

	if (d->recovery == 0 || SEQ_GE(c->snd_una, d->rxt_next))
		if (d->sacked.n > 0 && SEQ_LT(c->snd_una, d->sacked.r[0].a))
			saw_reordering(d, c->snd_una, c->mss);
	c->snd_una = s->ack;
	d->moved_ms = net.now_ms;
	c->retries = 0;
	d->backoff = 0;
	ranges_trim(&d->sacked, c->snd_una);
	d->rxt_next = SEQ_MAX(d->rxt_next, c->snd_una);
	d->lost_below = SEQ_MAX(d->lost_below, c->snd_una);
	if (d->rtt_ns != 0 && SEQ_GE(s->ack, d->rtt_seq)) {
		tcp_rtt_sample(d, s->h, net.now_mono_ns - d->rtt_ns);
		d->rtt_ns = 0;
	}
	if (d->recovery != 0 && SEQ_GE(c->snd_una, d->recover)) {
		if (d->recovery == 1)
			d->cwnd = d->ssthresh;
		d->recovery = 0;
		d->dupacks = 0;
		d->rxt_next = d->lost_below = c->snd_una;
	} else if (d->recovery == 1) {
		d->rxt_mark = c->snd_nxt;
		d->rxt_ns = net.now_mono_ns;
		if (!(c->flags & CF_SACK)) { /* partial ACK: next hole */
			d->dupacks = 0;
			d->rxt_next = c->snd_una;
			d->lost_below = SEQ_MIN(c->snd_una + c->mss,
			    c->snd_nxt);
		}
	} else {
		d->dupacks = 0;
		grow(c, acked, flight);
	}
	if (c->snd_una == c->snd_nxt)
		tcp_rto_stop(c);
	else
		tcp_rto_start(c);
}

static void
duplicate(struct tcp_conn *c, uint32_t newly)
{
	struct tcp_data *d = c->d;
	uint32_t sacked;

	if (d->dupacks < 255 && (!(c->flags & CF_SACK) || newly > 0))
		d->dupacks++;
	if (d->recovery != 0)
		return;
	sacked = ranges_bytes(&d->sacked, c->snd_una, c->snd_nxt);
	if (d->dupacks >= d->reorder ||
	    sacked > (d->reorder - 1u) * c->mss)
		enter_recovery(c);
}

int
tcp_cc_ack(struct tcp_conn *c, struct seg *s)
{
	struct tcp_data *d = c->d;
	uint32_t flight, wnd = c->snd_wnd, newly = 0;

	if (d->probed && s->ack == c->snd_nxt + 1) {
		c->snd_nxt++; /* a window probe's byte was taken */
		d->probed = 0;
	}
	flight = c->snd_nxt - c->snd_una;
	if (SEQ_GT(s->ack, c->snd_nxt) ||
	    SEQ_LT(s->ack, c->snd_una - d->max_wnd - 1)) {
		tcp_challenge(c, s->h);
		return -1;
	}
	if (SEQ_LT(s->ack, c->snd_una))
		return 0; /* old: only its text may be news */
	window_update(c, s);
	if (d->persist)
		c->retries = 0; /* closed, but alive */
	if ((c->flags & CF_SACK) && s->o.nsack > 0)
		newly = take_sack(c, s);
	if (SEQ_GT(s->ack, c->snd_una))
		progress(c, s, flight);
	else if (flight > 0 && s->len == 0 &&
	    (newly > 0 || wnd == c->snd_wnd))
		duplicate(c, newly);
	if (d->recovery == 0 && newly > 0 && c->snd_una != c->snd_nxt &&
	    ranges_bytes(&d->sacked, c->snd_una, c->snd_nxt) >
		(d->reorder - 1u) * c->mss)
		enter_recovery(c);
	if (d->recovery != 0 && (c->flags & CF_SACK)) {
		mark_lost(c);
		lost_again(c);
	}
	return 0;
}

/* The retransmission timer fired: all that is not sacked is lost. */
void
tcp_cc_timeout(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	uint32_t flight = c->snd_nxt - c->snd_una;

	d->undo = 0;
	if (c->retries <= 1)
		d->ssthresh = flight / 2 > 2u * c->mss ? flight / 2
						       : 2u * c->mss;
	else
		d->sacked.n = 0; /* the peer may have thrown it away */
	d->cwnd = c->mss;
	d->cwnd_acc = 0;
	d->recovery = 2;
	d->recover = c->snd_nxt;
	d->rxt_next = c->snd_una;
	d->lost_below = c->snd_nxt;
	d->dupacks = 0;
	d->rtt_ns = 0;
	if (d->backoff < 16)
		d->backoff++;
}
