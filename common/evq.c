/* SPDX-License-Identifier: ISC */
/*
 * The producer's ring of event records. Every process but hpd-log. Records lie
 * whole and in order in a ring of bytes; where the end has no room for one, a
 * filler takes the rest. Sending copies full batches into one datagram each.
 * Must never block and never allocate after evq_init().
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "diag.h"
#include "evq.h"
#include "proto.h"

#define EVQ_MIN	   65536u
#define EVQ_MAX	   (1u << 30)
#define EVQ_FILLER 0xffff /* kind of what only fills the end */
#define TELL_NS	   NS_SEC
#define ALIGN8(n)  (((uint32_t)(n) + 7) & ~7u)

/* What a batch may hold behind its head. */
#define BATCH_BYTES (PROTO_MAX_PAYLOAD - sizeof(struct msg_events))
#define LOST_LEN                                                             \
	((uint32_t)(sizeof(struct event) + ALIGN8(sizeof(struct ev_lost))))

int
evq_init(struct evq *q, int fd, uint8_t proc, uint8_t instance, uint32_t size)
{
	memset(q, 0, sizeof(*q));
	if (size < EVQ_MIN || size > EVQ_MAX || (size & (size - 1)) != 0)
		return -1;
	if ((q->ring = malloc(size)) == NULL)
		return -1;
	memset(q->ring, 0, size); /* pages now, not when it is busy */
	q->size = size;
	q->proc = proc;
	q->instance = instance;
	q->run = (uint32_t)(clock_wall_ns() / NS_MSEC);
	q->first_seq = q->next_seq = 1;
	chan_init_oneway(&q->chan, fd, proc, PROC_LOG, instance, 1);
	return 0;
}

void
evq_start(struct evq *q, uint64_t boot)
{
	q->boot = boot;
	q->ready = 1;
}

static struct event *
at(const struct evq *q, uint32_t pos)
{
	return (struct event *)(void *)(q->ring + (pos & (q->size - 1)));
}

/* Take len bytes (a multiple of 8) in one piece, or NULL. */
static struct event *
take(struct evq *q, uint32_t len)
{
	uint32_t to_end = q->size - (q->tail & (q->size - 1));
	uint32_t room = q->size - (q->tail - q->head);
	struct event *e;

	if (len > to_end) { /* ends are multiples of 8: a filler's head fits */
		if (room < to_end + len)
			return NULL;
		e = at(q, q->tail);
		e->len = 0;
		e->kind = EVQ_FILLER;
		q->tail += to_end;
	} else if (room < len)
		return NULL;
	e = at(q, q->tail);
	q->last_at = q->tail;
	q->tail += len;
	q->nrec++;
	q->next_seq++;
	return e;
}

static void
tell_class(struct evq *q, unsigned int class)
{
	const struct evq_lost *c = &q->lost[class];
	struct ev_lost l;
	struct event *e;

	if ((e = take(q, LOST_LEN)) == NULL)
		return;
	memset(e, 0, LOST_LEN);
	e->len = (uint16_t)LOST_LEN;
	e->kind = EV_LOG_LOST;
	e->wall_ns = clock_wall_ns();
	e->count = c->records > UINT32_MAX ? UINT32_MAX :
	    (uint32_t)c->records;
	memset(&l, 0, sizeof(l));
	l.first = (uint64_t)c->first;
	l.last = (uint64_t)c->last;
	l.count = c->records;
	l.packets = class == LOST_PROBES ? c->packets : 0; /* not tools */
	l.proc = q->proc;
	l.instance = q->instance;
	l.what = (uint8_t)class;
	memcpy(e + 1, &l, sizeof(l));
	q->nlost -= c->records;
	memset(&q->lost[class], 0, sizeof(*c));
}

/*
 * Tell what was lost. What others lost is told before anything enters again;
 * frames and probes may be refused for long while the rest enters, and are
 * told once a second, or at once with all.
 */
static void
tell_lost(struct evq *q, int all)
{
	int64_t now = 0;
	unsigned int i;

	for (i = 0; q->nlost != 0 && i < LOST_MAX; i++) {
		if (q->lost[i].records == 0)
			continue;
		if (i != LOST_EVENTS && !all) {
			if (now == 0)
				now = clock_wall_ns();
			if (now - q->lost[i].first < TELL_NS &&
			    now >= q->lost[i].first)
				continue;
		}
		tell_class(q, i);
	}
}

static unsigned int
class_of(uint16_t kind)
{
	const struct event_row *r;

	if (kind == EV_FRAME)
		return LOST_FRAMES;
	r = event_row(kind);
	return r != NULL && r->stream == STREAM_PROBES ? LOST_PROBES :
	    LOST_EVENTS;
}

/* How full the ring may be for one more of a class, in bytes. */
static uint32_t
limit(const struct evq *q, unsigned int class)
{
	if (class == LOST_FRAMES)
		return q->size / 2;
	return class == LOST_PROBES ? q->size / 8 * 7 : q->size;
}

static void
count_lost(struct evq *q, uint16_t kind, unsigned int class, uint32_t count)
{
	const struct event_row *r = event_row(kind);
	struct evq_lost *l = &q->lost[class];

	l->last = clock_wall_ns();
	if (l->records++ == 0)
		l->first = l->last;
	if (r != NULL && (r->data == EVD_PROBE || kind == EV_FLOOD))
		l->packets += count;
	q->nlost++;
	q->n_lost_total++;
}

uint32_t
evq_room(const struct evq *q, uint16_t kind)
{
	uint32_t used = q->tail - q->head, most = limit(q, class_of(kind));

	/* what the ring's end wastes, and what log.lost takes first */
	used += EVENT_MAX + LOST_MAX * LOST_LEN;
	return used >= most ? 0 : most - used;
}

struct event *
evq_reserve(struct evq *q, uint16_t kind, uint32_t count, size_t dlen)
{
	unsigned int class = class_of(kind);
	struct event *e = NULL;
	uint32_t len;

	if (dlen > EVENT_DATA_MAX)
		dlen = EVENT_DATA_MAX + 1; /* counted as lost below */
	len = (uint32_t)sizeof(*e) + ALIGN8(dlen);
	if (q->nlost != 0)
		tell_lost(q, 0);
	if (dlen <= EVENT_DATA_MAX && q->lost[LOST_EVENTS].records == 0 &&
	    (class == LOST_EVENTS || q->tail - q->head < limit(q, class)))
		e = take(q, len);
	if (e == NULL) {
		count_lost(q, kind, class, count);
		return NULL;
	}
	memset(e, 0, sizeof(*e));
	e->len = (uint16_t)len;
	e->kind = kind;
	e->pad = (uint8_t)(len - sizeof(*e) - dlen);
	e->count = count;
	if (e->pad != 0)
		memset((uint8_t *)e + len - 8, 0, 8);
	return e;
}

struct event *
evq_last(struct evq *q)
{
	if (q->nrec == 0 || q->tail - q->last_at > q->tail - q->head)
		return NULL;
	return at(q, q->last_at);
}

int
evq_extend(struct evq *q, const void *more, size_t n)
{
	struct event *e = evq_last(q);
	uint32_t len, grow;
	size_t dlen;

	if (e == NULL)
		return -1;
	dlen = e->len - sizeof(*e) - e->pad;
	if (n > EVENT_DATA_MAX - dlen)
		return -1;
	len = (uint32_t)sizeof(*e) + ALIGN8(dlen + n);
	grow = len - e->len;
	if ((q->last_at & (q->size - 1)) + len > q->size ||
	    grow > q->size - (q->tail - q->head))
		return -1;
	memcpy((uint8_t *)(e + 1) + dlen, more, n);
	e->pad = (uint8_t)(len - sizeof(*e) - dlen - n);
	memset((uint8_t *)e + len - e->pad, 0, e->pad);
	e->len = (uint16_t)len;
	q->tail += grow;
	return 0;
}

int
evq_put(struct evq *q, const struct event *ev, const void *data, size_t dlen)
{
	struct event *e = evq_reserve(q, ev->kind,
	    ev->count == 0 ? 1 : ev->count, dlen);
	uint16_t len;
	uint8_t pad;

	if (e == NULL)
		return -1;
	len = e->len;
	pad = e->pad;
	*e = *ev;
	e->len = len;
	e->pad = pad;
	if (e->wall_ns == 0)
		e->wall_ns = clock_wall_ns();
	if (e->count == 0)
		e->count = 1;
	if (dlen > 0)
		memcpy(e + 1, data, dlen);
	return 0;
}

int
evq_text(struct evq *q, uint16_t kind, uint8_t verdict, const char *fmt, ...)
{
	char text[EVENT_DATA_MAX + 1];
	struct event ev;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if (n > EVENT_DATA_MAX)
		n = EVENT_DATA_MAX;
	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.verdict = verdict;
	return evq_put(q, &ev, text, (size_t)n);
}

/* Skip a filler at the head. */
static void
skip_filler(struct evq *q)
{
	if (q->head != q->tail && at(q, q->head)->kind == EVQ_FILLER)
		q->head += q->size - (q->head & (q->size - 1));
}

/* Copy the oldest records behind the head in buf. Their number; *bytes and the
 * position behind them in *end. */
static unsigned int
fill(struct evq *q, uint8_t *buf, size_t *bytes, uint32_t *end)
{
	uint32_t pos;
	unsigned int n = 0;
	struct event *e;

	skip_filler(q);
	*bytes = 0;
	for (pos = q->head; pos != q->tail && n < EVENTS_MAX; n++) {
		e = at(q, pos);
		if (e->kind == EVQ_FILLER) {
			pos += q->size - (pos & (q->size - 1));
			e = at(q, pos);
		}
		if (*bytes + e->len > BATCH_BYTES)
			break;
		if (e->wall_ns == 0)
			e->wall_ns = clock_wall_ns();
		memcpy(buf + *bytes, e, e->len);
		*bytes += e->len;
		pos += e->len;
	}
	*end = pos;
	return n;
}

/* Is there a batch as large as they get? */
static int
full_batch(const struct evq *q)
{
	return q->nrec >= EVENTS_MAX || q->tail - q->head >= BATCH_BYTES;
}

/* A record the channel refused is a bug of who made it; the log and the other
 * records shall not suffer: it becomes a diag event that says so. */
static void
repair(const struct evq *q, uint8_t *buf, size_t bytes)
{
	struct event e;
	size_t off;
	uint16_t kind;
	int n;

	for (off = 0; off < bytes; off += e.len) {
		memcpy(&e, buf + off, sizeof(e));
		if (e.len < sizeof(e) || e.len % 8 != 0 || e.len > bytes - off)
			fatalx("event ring overwritten");
		if (event_check(buf + off, e.len, q->proc) != 0)
			continue;
		kind = e.kind;
		n = e.len;
		memset(&e, 0, sizeof(e));
		e.len = (uint16_t)n;
		e.kind = EV_DIAG;
		e.verdict = DIAG_WARN;
		e.wall_ns = clock_wall_ns();
		e.count = 1;
		memcpy(buf + off, &e, sizeof(e));
		memset(buf + off + sizeof(e), ' ', e.len - sizeof(e));
		diag_warnx("malformed event record, kind %u", kind);
	}
}

int
evq_flush(struct evq *q, int force)
{
	static union {
		struct msg_events head;
		uint8_t data[PROTO_MAX_PAYLOAD];
	} m;
	unsigned int n;
	size_t bytes;
	uint32_t end;
	int r;

	if (!q->ready)
		return 0;
	for (;;) {
		if (q->nlost != 0)
			tell_lost(q, q->ending);
		if (q->nrec == 0 || (!force && !full_batch(q)))
			return 0;
		n = fill(q, m.data + sizeof(m.head), &bytes, &end);
		memset(&m.head, 0, sizeof(m.head));
		m.head.boot = q->boot;
		m.head.first_seq = q->first_seq;
		m.head.mono_offset_ns = clock_wall_ns() - clock_mono_ns();
		m.head.count = (uint16_t)n;
		m.head.proc = q->proc;
		m.head.instance = q->instance;
		m.head.run = q->run;
		bytes += sizeof(m.head);
		r = chan_send_now(&q->chan, MSG_EVENTS, 0, &m, bytes);
		if (r == -1 && q->chan.err == CHAN_E_MEANING) {
			repair(q, m.data + sizeof(m.head),
			    bytes - sizeof(m.head));
			r = chan_send_now(&q->chan, MSG_EVENTS, 0, &m, bytes);
		}
		if (r != 0)
			return r;
		q->head = end;
		q->nrec -= n;
		q->first_seq += n;
		q->n_sent += n;
	}
}

uint32_t
evq_finish(struct evq *q, int ms)
{
	int64_t end = clock_mono_ns() + ms * NS_MSEC, left;

	q->ending = 1;
	while (evq_flush(q, 1) == 1) {
		struct pollfd p = { q->chan.fd, POLLOUT, 0 };

		left = end - clock_mono_ns();
		if (left <= 0 ||
		    (poll(&p, 1, (int)(left / NS_MSEC) + 1) == -1 &&
			errno != EINTR))
			break;
	}
	return q->nrec;
}
