/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: a connection's one timer on the wheel, hung at the earliest of its
 * deadlines: retransmission or window probe, delayed ACK, idleness.
 */
#include "net.h"
#include "tcp_int.h"

#define IDLE_OPEN_MS	(600u * 1000)  /* nobody serves it */
#define IDLE_TARPIT_MS	(7200u * 1000) /* held on to */
#define IDLE_FIN_MS	(60u * 1000)
#define IDLE_ORPHAN_MS	(120u * 1000)  /* our end is closed, theirs stuck */
#define IDLE_RETRY_MS	(600u * 1000)  /* likewise, and silent: by schedule */
#define LOOK_MS		(60u * 1000)   /* give back unused buffers */
#define DATA_RETRIES	5
#define SYNACK_MAX_MS	120000
#define PROBE_LEAST_MS	10

/* The plain timer; tcp_rto_start() sets probe itself. */
void
tcp_rto_arm(struct tcp_conn *c, uint32_t ms)
{
	c->d->rto_on = 1;
	c->d->rto_at = net.now_ms + (ms == 0 ? 1 : ms);
}

void
tcp_rto_start(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	uint32_t rto = tcp_rto(d), ms = d->srtt_us / 500 + 2;

	if (ms < PROBE_LEAST_MS)
		ms = PROBE_LEAST_MS;
	d->probe = d->tlp && (c->flags & CF_SACK) && d->srtt_us != 0 &&
	    d->backoff == 0 && c->retries == 0 && d->recovery != 2 &&
	    (d->recovery != 0 || c->snd_nxt - c->snd_una > c->mss) &&
	    ms < rto;
	tcp_rto_arm(c, d->probe ? ms : rto);
}

void
tcp_rto_stop(struct tcp_conn *c)
{
	c->d->rto_on = 0;
}

void
tcp_ack_arm(struct tcp_conn *c, uint32_t ms)
{
	c->d->ack_on = 1;
	c->d->ack_at = net.now_ms + ms;
}

void
tcp_soon(struct tcp_conn *c)
{
	c->d->soon = 1;
}

static uint32_t
idle_limit(const struct tcp_conn *c)
{
	uint32_t s = IDLE_OPEN_MS / 1000;

	if (c->flags & CF_SESSION) {
		if (c->service < net.img.nservices) /* still the same image? */
			s = net.img.services[c->service].idle_s;
		return s > UINT32_MAX / 4000 ? UINT32_MAX / 4 : s * 1000;
	}
	if ((c->flags & CF_FIN) && c->d != NULL) {
		if (c->state == TCPS_FIN_WAIT_2)
			return c->d->fin_wait_ms;
		return c->retries > 0 && !c->d->persist ? IDLE_RETRY_MS
							: IDLE_ORPHAN_MS;
	}
	if (c->action == ACT_TARPIT_OPEN)
		return IDLE_TARPIT_MS;
	return IDLE_OPEN_MS;
}

static void
sooner(uint32_t *best, uint32_t at)
{
	uint32_t ms = SEQ_GT(at, net.now_ms) ? at - net.now_ms : 1;

	if (ms < *best)
		*best = ms;
}

void
tcp_timer_plan(struct tcp_conn *c)
{
	const struct tcp_data *d = c->d;
	uint32_t best = idle_limit(c);

	if (d == NULL) {
		net_timer_touch(&c->timer, best);
		return;
	}
	sooner(&best, d->moved_ms + best);
	if (best > LOOK_MS && (d->snd.size > 0 || d->rcv.size > 0))
		best = LOOK_MS;
	if (d->rto_on)
		sooner(&best, d->rto_at);
	if (d->ack_on)
		sooner(&best, d->ack_at);
	if (d->soon)
		best = 1;
	if (c->action == ACT_TARPIT_SERVICE && best > 1000 &&
	    SEQ_LT(c->snd_nxt, d->snd_end))
		best = 1000;
	net_timer_touch(&c->timer, best);
}

/* Buffers that hold nothing go back after a while. */
static void
give_back(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;

	if (net.now_ms - d->last_ms < LOOK_MS)
		return;
	if (d->snd_end == c->snd_una)
		ring_free(&d->snd);
	if (d->rcv_read == c->rcv_nxt && d->ooo.n == 0)
		ring_free(&d->rcv);
}

/* Of the time a half-open connection may last; large without such a limit. */
static int64_t
life_left(const struct tcp_conn *c, const struct img_persona *p)
{
	if (p->synack_life_s == 0)
		return INT32_MAX;
	return p->synack_life_s * 1000LL -
	    (net.now_mono_ns - c->start_ns) / 1000000;
}

int
tcp_synack_over(const struct tcp_conn *c, const struct img_persona *p)
{
	return c->retries >= p->synack_retries || life_left(c, p) <= 0;
}

uint32_t
tcp_synack_wait(const struct tcp_conn *c, const struct img_persona *p)
{
	uint32_t ms, max = p->rto_max_s == 0 ? SYNACK_MAX_MS
					 : p->rto_max_s * 1000u;
	int64_t left = life_left(c, p);

	ms = (p->rto_init_ms == 0 ? 1000u : p->rto_init_ms)
	    << (c->retries > 7 ? 7 : c->retries);
	if (ms > max)
		ms = max;
	if (ms > left)
		ms = left <= 0 ? 1 : (uint32_t)left;
	return ms;
}

/* From a fraction of the round trip, or a tick where ticks are slow, doubled
 * each time between the two bounds; or just as the RTO. */
uint32_t
tcp_persist_ms(const struct tcp_data *d, const struct img_persona *p)
{
	uint32_t max = p->persist_max_s == 0 ? d->rto_max_ms
					     : p->persist_max_s * 1000u;
	uint64_t ms = tcp_rto(d);

	if (p->persist_ms != 0) {
		ms = (d->srtt_us / 8 + d->rttvar_us / 2) / 1000;
		if (p->rto_min_ms >= 500 && ms < p->rto_min_ms)
			ms = p->rto_min_ms;
		ms <<= d->backoff > d->backoff_max ? d->backoff_max
						   : d->backoff;
		if (ms < p->persist_ms)
			ms = p->persist_ms;
	}
	return ms > max ? max : (uint32_t)ms;
}

/* The window stays closed: ask again. */
static void
probe_window(struct tcp_conn *c, struct host *h)
{
	struct tcp_data *d = c->d;

	if (h->p->persist_byte && SEQ_LT(c->snd_nxt, d->snd_end)) {
		if (tcp_send_data(c, h, c->snd_nxt, 1, TH_ACK) == 0)
			d->probed = 1;
	} else /* a byte long taken: the answer has the window */
		tcp_send_data(c, h, c->snd_una - 1, 0, TH_ACK);
	if (d->backoff < 16)
		d->backoff++;
	tcp_rto_arm(c, tcp_persist_ms(d, h->p));
}

static uint32_t
retries_max(const struct tcp_conn *c, const struct img_persona *p)
{
	if ((c->flags & CF_FIN) && p->orphan_retries != 0)
		return p->orphan_retries;
	return p->data_retries != 0 ? p->data_retries : DATA_RETRIES;
}

/* -1: c is gone. */
static int
rto_fired(struct tcp_conn *c, struct host *h)
{
	struct tcp_data *d = c->d;

	d->rto_on = 0;
	if (d->probe && !d->persist) {
		d->probe = 0;
		if (c->snd_nxt == c->snd_una)
			return 0;
		tcp_loss_probe(c, h);
		tcp_rto_arm(c, tcp_rto(d));
		return 0;
	}
	if (c->retries >= retries_max(c, h->p)) {
		tcp_end(c, h, WHY_TIMEOUT, h->p->give_up & GIVEUP_DATA);
		return -1;
	}
	c->retries++;
	if (d->persist) {
		probe_window(c, h);
		return 0;
	}
	if (c->snd_nxt != c->snd_una) {
		tcp_cc_timeout(c);
		tcp_output(c, h);
	}
	if (!d->rto_on && c->snd_nxt != c->snd_una)
		tcp_rto_arm(c, tcp_rto(d));
	return 0;
}

/* No byte either way for too long: our side ends it, and when it has done so
 * already nothing more is to be expected. -1: c is gone. */
static int
idle(struct tcp_conn *c, struct host *h)
{
	if (!(c->flags & CF_FIN) || (c->flags & CF_SESSION)) {
		tcp_sess_over(c, WHY_IDLE);
		return 0;
	}
	tcp_end(c, h, WHY_TIMEOUT, c->state != TCPS_FIN_WAIT_2 &&
	    (h->p->give_up & GIVEUP_DATA));
	return -1;
}

/* The limit of one that never had any data. -1: no memory to close it well. */
static int
idle_unused(struct tcp_conn *c, struct host *h)
{
	if (tcp_data_get(c, h) == NULL)
		return -1;
	tcp_sess_over(c, WHY_IDLE);
	return 0;
}

/* Memory is short, the session is over, and the peer takes its time with what
 * is left: bytes so few and so late that it never ends by itself. */
static int
lingers(const struct tcp_conn *c)
{
	return (c->flags & (CF_FIN | CF_SESSION)) == CF_FIN &&
	    tcp.mem > TCP_MEM_MAX / 4 * 3 &&
	    net.now_ms - c->d->closed_ms >= IDLE_FIN_MS;
}

void
tcp_timer_fire(struct net_timer *t)
{
	struct tcp_conn *c = (struct tcp_conn *)(void *)t; /* first member */
	struct tcp_data *d = c->d;
	struct host *h;

	if (c->state == TCPS_SYN_RCVD) {
		tcp_half_timer(c);
		return;
	}
	if (c->state == TCPS_TIME_WAIT || (c->flags & CF_MUTE)) {
		tcp_free(c);
		return;
	}
	h = host_get(c->t.laddr);
	if (h == NULL || (d == NULL && idle_unused(c, h) == -1)) {
		tcp_end(c, h, WHY_TIMEOUT, 1);
		return;
	}
	d = c->d;
	if (lingers(c)) {
		STAT_INC(TCP_EVICTED);
		tcp_end(c, h, WHY_EVICTED, 1);
		return;
	}
	if (net.now_ms - d->moved_ms >= idle_limit(c) && idle(c, h) == -1)
		return;
	if (d->rto_on && SEQ_GE(net.now_ms, d->rto_at) &&
	    rto_fired(c, h) == -1)
		return;
	if (d->ack_on && SEQ_GE(net.now_ms, d->ack_at)) {
		d->ack_on = 0;
		d->ack_now = 1;
	}
	d->soon = 0;
	give_back(c);
	tcp_run(c, h);
}
