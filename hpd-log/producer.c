/* SPDX-License-Identifier: ISC */
/*
 * Producers' channels, in hpd-log: peek a datagram, write its lines, take it
 * off. Knows each producer by its descriptor, never by what it says. Must
 * never take what is not written, and never let a broken producer harm the
 * others: its channel is closed, the parent told, the log says why.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-log/log.h"

#define PUMP_TURN 16 /* datagrams of one producer before the next one's turn */
#define HEX_BYTES 1900 /* of a skipped datagram in one record */

void
producer_init(struct logd *ld)
{
	unsigned int i;

	for (i = 0; i < LOG_SLOTS; i++)
		ld->prod[i].next_fd = -1;
	ld->held = -1;
}

/* A datagram as it is, unjudged; recvmsg because that is what the policy of
 * this process knows. Bytes, 0 at the end, -1 nothing there. */
static ssize_t
raw(int fd, void *buf, size_t len, int flags)
{
	struct iovec iov = { buf, len };
	struct msghdr m;

	memset(&m, 0, sizeof(m));
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	return recvmsg(fd, &m, flags | MSG_DONTWAIT);
}

static void
on_readable(int fd, int what, void *arg)
{
	struct logd *ld = arg;

	(void)what;
	(void)producer_pump(ld, (unsigned int)(fd - FD_PEER_MIN), PUMP_TURN);
	if (stream_ready(ld))
		return;
	producers_watch(ld);
	if (stream_waits(ld))
		loop_timer_set(ld->tick, LOG_TURN_US);
}

void
producers_watch(struct logd *ld)
{
	int what = stream_ready(ld) ? LOOP_READ : 0;
	unsigned int i;

	for (i = 0; i < LOG_SLOTS; i++) {
		if (ld->prod[i].open)
			(void)loop_fd_set(ld->prod[i].watch, what);
	}
}

/* How far this channel was read, as the page tells. What a predecessor took is
 * not told as durable: its files are closed. */
static void
adopt(struct logd *ld, unsigned int slot)
{
	const struct seal_slot *s = &ld->work.slot[slot];
	struct producer *p = &ld->prod[slot];

	p->have_seq = s->boot != 0;
	p->boot = s->boot;
	p->run = s->run;
	p->next_seq = p->sealed = s->next;
	p->synced[0] = p->synced[1] = s->next;
}

static void
install(struct logd *ld, unsigned int slot, uint8_t proc, uint8_t instance,
    int fd)
{
	struct producer *p = &ld->prod[slot];

	fd = fd_place(fd, FD_PEER_MIN + (int)slot);
	if (fd == -1)
		fatal("channel of %s", proc_name(proc));
	chan_init_oneway(&p->chan, fd, PROC_LOG, proc, instance, 1);
	p->proc = proc;
	p->instance = instance;
	p->skip = 0;
	p->open = 1;
	adopt(ld, slot);
	p->watch = loop_fd_add(ld->loop, fd, stream_ready(ld) ? LOOP_READ : 0,
	    on_readable, ld);
	if (p->watch == NULL)
		fatal("watch of %s", proc_name(proc));
}

static void
close_slot(struct logd *ld, unsigned int slot)
{
	struct producer *p = &ld->prod[slot];
	int fd = p->next_fd;

	if (p->open) {
		loop_fd_del(p->watch);
		chan_close(&p->chan);
		p->open = 0;
	}
	if (fd != -1) {
		p->next_fd = -1;
		install(ld, slot, p->next_proc, p->next_instance, fd);
	}
}

/* A channel that must not be used again. */
static void
broken(struct logd *ld, unsigned int slot, uint8_t step, uint16_t type)
{
	struct producer *p = &ld->prod[slot];
	struct msg_trouble m;

	ld->stats[LS_BROKEN]++;
	own_text(ld, EV_CHAN_BROKEN, 0, "%s %u: %s, type %u (%s)",
	    proc_name(p->proc), p->instance, chan_strerror(step), type,
	    proto_type_name(type));
	diag_warnx("broken message from %s %u: %s, type %u",
	    proc_name(p->proc), p->instance, chan_strerror(step), type);
	memset(&m, 0, sizeof(m));
	m.proc = p->proc;
	m.instance = p->instance;
	m.slot = (uint8_t)slot;
	m.step = step;
	m.type = type;
	log_tell(ld, MSG_TROUBLE, &m, sizeof(m));
	/* Off the queue, so that a successor does not stumble over it. */
	(void)raw(p->chan.fd, &m, sizeof(m), 0);
	close_slot(ld, slot);
	(void)stream_flush(ld);
}

/* Compare with what was expected; returns the records to leave out. */
static uint64_t
sequence(struct logd *ld, struct producer *p, const struct msg_events *h)
{
	struct ev_lost l;

	if (!p->have_seq || p->boot != h->boot || p->run != h->run)
		return 0;
	if (h->first_seq < p->next_seq) {
		uint64_t dup = p->next_seq - h->first_seq;

		if (dup > h->count)
			dup = h->count;
		ld->stats[LS_DUPLICATES] += dup;
		return dup;
	}
	if (h->first_seq > p->next_seq) {
		memset(&l, 0, sizeof(l));
		l.first = p->next_seq;
		l.last = h->first_seq - 1;
		l.count = h->first_seq - p->next_seq;
		l.proc = p->proc;
		l.instance = p->instance;
		ld->stats[LS_GAPS]++;
		ld->stats[LS_GAP_RECORDS] += l.count;
		own_lost(ld, EV_LOG_GAP, &l);
	}
	return 0;
}

/* A datagram becomes lines and counts; it is then the one under way. chan.c
 * has checked every record (event_check). */
static void
take_in(struct logd *ld, unsigned int slot, const struct chan_msg *m)
{
	struct producer *p = &ld->prod[slot];
	const struct msg_events *h = &m->u.events;
	const uint8_t *rec = m->u.data + sizeof(*h);
	struct json_who who = { h->boot, h->first_seq, h->run, p->proc,
		p->instance };
	uint64_t skip = sequence(ld, p, h);
	unsigned int i;

	ld->held_wall_ns = ((const struct event *)(const void *)rec)->wall_ns;
	route_begin(ld, slot, h);
	for (i = 0; i < h->count; i++, who.seq++) {
		const struct event *ev = (const void *)rec;

		if (i >= skip)
			route(ld, slot, &who, ev);
		rec += ev->len;
	}
	ld->held = (int)slot;
	ld->held_next = h->first_seq + h->count;
	ld->held_records = h->count - (uint32_t)skip;
	if (p->have_seq && p->boot == h->boot && p->run == h->run &&
	    ld->held_next < p->next_seq)
		ld->held_next = p->next_seq;
	p->boot = h->boot;
	p->run = h->run;
	stream_probes(ld);
	stream_frames(ld);
}

void
producer_took(struct logd *ld)
{
	struct producer *p = &ld->prod[ld->held];
	struct seal_slot *s = &ld->work.slot[ld->held];
	int64_t lag = (clock_wall_ns() - ld->held_wall_ns) / NS_USEC;

	stream_text(ld, STREAM_HONEYD);
	stream_text(ld, STREAM_SERVICE);
	ld->held = -1;
	p->next_seq = ld->held_next;
	p->have_seq = 1;
	ld->stats[LS_DATAGRAMS]++;
	ld->stats[LS_RECORDS] += ld->held_records;
	if (lag > 0 && (uint64_t)lag > ld->period.lag_max_us)
		ld->period.lag_max_us = (uint64_t)lag;
	s->boot = p->boot;
	s->run = p->run;
	s->next = p->next_seq;
	fold_commit(ld);
	(void)chan_take(&p->chan);
}

/* Name the records of a skipped datagram, as far as its head tells. */
static void
skip_gap(struct logd *ld, struct producer *p, const uint8_t *buf, size_t len)
{
	struct msg_events h;
	struct ev_lost l;

	if (len < sizeof(struct proto_hdr) + sizeof(h))
		return;
	memcpy(&h, buf + sizeof(struct proto_hdr), sizeof(h));
	if (h.count == 0 || h.count > EVENTS_MAX)
		return;
	memset(&l, 0, sizeof(l));
	l.first = h.first_seq;
	l.last = h.first_seq + h.count - 1;
	l.count = h.count;
	l.proc = p->proc;
	l.instance = p->instance;
	own_lost(ld, EV_LOG_GAP, &l);
	if (p->have_seq && p->boot == h.boot && p->run == h.run &&
	    p->next_seq == h.first_seq)
		p->next_seq += h.count; /* told above: no gap of its own */
}

/* The first datagram killed two of us: keep it in hex, take it off unread. */
static int
skip_first(struct logd *ld, unsigned int slot)
{
	struct producer *p = &ld->prod[slot];
	char hex[HEX_BYTES * 2 + 1];
	uint8_t *buf = ld->msg.u.data;
	size_t at, i, n;
	ssize_t len;

	len = raw(p->chan.fd, buf, sizeof(ld->msg.u.data), MSG_PEEK);
	if (len <= 0)
		return 0;
	for (at = 0; at < (size_t)len; at += n) {
		n = (size_t)len - at;
		if (n > HEX_BYTES)
			n = HEX_BYTES;
		for (i = 0; i < n; i++) {
			hex[i * 2] = "0123456789abcdef"[buf[at + i] >> 4];
			hex[i * 2 + 1] = "0123456789abcdef"[buf[at + i] & 15];
		}
		hex[n * 2] = '\0';
		own_text(ld, EV_LOG_SKIP, 0,
		    "%s %u: datagram of %zd bytes skipped, at %zu: %s",
		    proc_name(p->proc), p->instance, len, at, hex);
	}
	skip_gap(ld, p, buf, (size_t)len);
	if (!stream_flush(ld))
		return 0;
	(void)raw(p->chan.fd, buf, sizeof(ld->msg.u.data), 0);
	ld->stats[LS_SKIPPED]++;
	p->skip = 0;
	return 1;
}

unsigned int
producer_pump(struct logd *ld, unsigned int slot, unsigned int most)
{
	struct producer *p = &ld->prod[slot];
	unsigned int n = 0;
	int r;

	while (n < most && p->open && stream_ready(ld)) {
		if (p->skip) {
			if (!skip_first(ld, slot))
				break;
			n++;
			continue;
		}
		r = chan_peek(&p->chan, &ld->msg);
		if (r == 0)
			break;
		if (r == -1 && p->chan.err == CHAN_E_EOF) {
			close_slot(ld, slot);
			break;
		}
		if (r == -1) {
			broken(ld, slot, p->chan.err, p->chan.err_type);
			break;
		}
		if (ld->msg.type != MSG_EVENTS ||
		    ld->msg.u.events.proc != p->proc ||
		    ld->msg.u.events.instance != p->instance) {
			broken(ld, slot, CHAN_E_MEANING, ld->msg.type);
			break;
		}
		take_in(ld, slot, &ld->msg);
		n++;
		if (!stream_flush(ld))
			break;
	}
	return n;
}

void
producer_up(struct logd *ld, const struct msg_peer *m, int fd)
{
	struct producer *p = &ld->prod[m->slot];

	if (!p->open) {
		install(ld, m->slot, m->proc, m->instance, fd);
		return;
	}
	/* What the dead one left is read first. */
	if (p->next_fd != -1)
		close(p->next_fd);
	p->next_fd = fd;
	p->next_proc = m->proc;
	p->next_instance = m->instance;
	while (producer_pump(ld, m->slot, PUMP_TURN) == PUMP_TURN)
		;
	if (p->next_fd != -1 && stream_ready(ld))
		close_slot(ld, m->slot); /* nothing left in it, no end either */
}

void
producer_skip(struct logd *ld, uint8_t slot)
{
	if (slot < LOG_SLOTS && ld->prod[slot].open)
		ld->prod[slot].skip = 1;
}

void
producers_sealed(struct logd *ld)
{
	struct msg_sealed m;
	unsigned int i;

	if (chan_pending(&ld->parent)) /* busy: the next sync tells the same */
		return;
	for (i = 0; i < LOG_SLOTS; i++) {
		struct producer *p = &ld->prod[i];
		uint64_t seq;

		if (!p->open || !p->have_seq)
			continue;
		if (ld->seg[STREAM_EVENTS].unsynced == 0)
			p->synced[SEAL_EVENTS] = p->next_seq;
		if (ld->seg[STREAM_PROBES].unsynced == 0)
			p->synced[SEAL_PROBES] = p->next_seq;
		seq = p->synced[SEAL_EVENTS];
		/* What the parent says is never a probe. */
		if (p->proc != PROC_PARENT && p->synced[SEAL_PROBES] < seq)
			seq = p->synced[SEAL_PROBES];
		if (seq <= p->sealed)
			continue;
		memset(&m, 0, sizeof(m));
		m.proc = p->proc;
		m.instance = p->instance;
		m.seq = seq - 1;
		p->sealed = seq;
		log_tell(ld, MSG_SEALED, &m, sizeof(m));
	}
}
