/* SPDX-License-Identifier: ISC */
/*
 * hpship's work: lines out of the segments, messages into the socket, a turn
 * each tenth of a second or as soon as the socket takes more. Bounded work a
 * turn. Must never wait for anybody, nor give up a line without counting it.
 */
#include "hpd-log/hpship/ship.h"

#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"

#define TURN_US	   150000
#define SOON_US	   20000
#define TURN_BYTES (1u << 20) /* of one stream in one turn */
#define STOP_NS	   (2 * NS_SEC)
#define TORN_NS	   (60 * NS_SEC) /* said at most so often */

int
ship_init(struct ship *sh, struct loop *loop)
{
	sh->loop = loop;
	sh->torn_at = -TORN_NS;
	if (tail_init(&sh->tail) == -1 || send_init(&sh->send) == -1)
		return -1;
	return 0;
}

void
ship_free(struct ship *sh)
{
	tail_free(&sh->tail);
	send_free(&sh->send);
}

static void
on_writable(int fd, int what, void *arg)
{
	(void)fd;
	(void)what;
	ship_turn(arg);
}

static void
checkpoint(struct ship *sh)
{
	struct place e = tail_place(&sh->tail, STREAM_EVENTS);
	struct place p = tail_place(&sh->tail, STREAM_PROBES);

	send_point(&sh->send, clock_mono_ns(), &e, &p);
	sh->last[0] = e;
	sh->last[1] = p;
	sh->last_given = sh->send.given;
}

static int
same(const struct place *a, const struct place *b)
{
	return a->number == b->number && a->off == b->off;
}

/* Was anything read or given since the last one? */
static int
moved(struct ship *sh)
{
	struct place e = tail_place(&sh->tail, STREAM_EVENTS);
	struct place p = tail_place(&sh->tail, STREAM_PROBES);

	return sh->last_given != sh->send.given || !same(&e, &sh->last[0]) ||
	    !same(&p, &sh->last[1]);
}

static int
on_line(void *arg, const char *line, size_t len)
{
	struct ship *sh = arg;
	struct ship_line l;

	if (send_point_due(&sh->send)) { /* all before this line */
		if (!send_point_room(&sh->send))
			return 1;
		checkpoint(sh);
	}
	if (line_scan(line, len, &l) == -1) {
		sh->tail.torn++;
		return 0;
	}
	return send_line(&sh->send, &sh->id, &l, line, len);
}

static void
forget_socket(struct ship *sh)
{
	if (sh->watch != NULL)
		loop_fd_del(sh->watch);
	sh->watch = NULL;
	send_close(&sh->send);
	tail_rewind(&sh->tail);
	memset(sh->last, 0, sizeof(sh->last));
	sh->last_given = 0;
}

/* The socket failed: everything not delivered again, with the next one. */
static void
down(struct ship *sh)
{
	struct msg_ship_down m = { sh->send.err, 0 };

	sh->stats[SHS_DOWN]++;
	forget_socket(sh);
	ship_tell(sh, MSG_SHIP_DOWN, &m, sizeof(m));
}

static void
say_torn(struct ship *sh, int64_t now)
{
	if (sh->tail.torn == sh->torn_said || now - sh->torn_at < TORN_NS)
		return;
	diag_warnx("%llu torn or foreign lines of the log are not sent on",
	    (unsigned long long)(sh->tail.torn - sh->torn_said));
	sh->torn_said = sh->tail.torn;
	sh->torn_at = now;
}

/* Read and give. 1: there is more than one turn's share. */
static int
pump(struct ship *sh)
{
	int more;

	send_flush(&sh->send);
	more = tail_read(&sh->tail, STREAM_EVENTS, TURN_BYTES, sh->stopping,
	    on_line, sh);
	more |= tail_read(&sh->tail, STREAM_PROBES, TURN_BYTES, sh->stopping,
	    on_line, sh);
	send_flush(&sh->send);
	if (moved(sh) && send_point_room(&sh->send))
		checkpoint(sh);
	return more;
}

/* What the receiver has needs no second time. */
static void
deliver(struct ship *sh)
{
	const struct point *p = send_delivered(&sh->send, clock_mono_ns());

	if (p == NULL)
		return;
	tail_done(&sh->tail, STREAM_EVENTS, &p->events);
	tail_done(&sh->tail, STREAM_PROBES, &p->probes);
}

static void
finished(struct ship *sh)
{
	if (!tail_empty(&sh->tail))
		info("stopping: not everything was sent on");
	loop_stop(sh->loop);
}

static const char *
stream_name(uint32_t stream)
{
	return stream == STREAM_EVENTS ? "events" : "probes";
}

static void
record_lost(struct ship *sh, const struct tail_drop *d, const char *why)
{
	struct event ev = { .kind = EV_SHIP_LOST };
	struct ev_lost l = { .first = (uint64_t)d->last_ns,
		.last = (uint64_t)d->last_ns, .count = d->lines,
		.proc = PROC_SHIP,
		.what = d->stream == STREAM_PROBES ? LOST_PROBES : LOST_EVENTS };

	ev.count = d->lines > UINT32_MAX ? UINT32_MAX : (uint32_t)d->lines;
	sh->stats[SHS_LOST] += d->lines;
	(void)evq_put(&sh->evq, &ev, &l, sizeof(l));
	diag_warnx("segment %u of %s is given up, %llu lines of it were not "
	    "sent on: %s", d->number, stream_name(d->stream),
	    (unsigned long long)d->lines, why);
}

/* Once a second: what was removed meanwhile keeps no room for long. */
static void
look(struct ship *sh, int64_t now)
{
	struct tail_drop d;

	if (now - sh->looked_at < NS_SEC)
		return;
	sh->looked_at = now;
	while (tail_gone(&sh->tail, now, &d))
		if (d.lines > 0)
			record_lost(sh, &d, "it was removed");
}

void
ship_turn(struct ship *sh)
{
	int64_t now = clock_mono_ns();
	uint64_t next = TURN_US;
	int more = 0;

	sh->send.blocked = 0;
	deliver(sh);
	if (sh->send.fd != -1 && sh->send.err == 0) {
		more = pump(sh);
		deliver(sh);
	}
	sh->stats[SHS_MESSAGES] = sh->send.messages;
	sh->stats[SHS_CUT] = sh->send.cut;
	sh->stats[SHS_TORN] = sh->tail.torn;
	if (sh->send.err != 0)
		down(sh);
	if (sh->watch != NULL)
		(void)loop_fd_set(sh->watch,
		    sh->send.blocked ? LOOP_WRITE : 0);
	say_torn(sh, now);
	look(sh, now);
	(void)evq_flush(&sh->evq, 1);
	if (sh->stopping && (sh->send.fd == -1 || now >= sh->stop_at ||
	    tail_empty(&sh->tail)))
		finished(sh);
	if (more && !sh->send.blocked)
		next = 1000;
	else if (sh->stopping || sh->send.npoints > 0)
		next = SOON_US;
	loop_timer_set(sh->timer, next);
}

void
ship_segment(struct ship *sh, const struct msg_ship_segment *m, int fd)
{
	struct tail_drop d;
	int slot = tail_slot(&sh->tail, &d);

	if (d.number != 0 && d.lines > 0)
		record_lost(sh, &d, "too many wait");
	fd = fd_place(fd, FD_SEGMENT_MIN + slot);
	if (fd == -1)
		fatal("segment descriptor");
	tail_add(&sh->tail, slot, fd, m->stream, m->number);
}

void
ship_socket(struct ship *sh, const struct msg_ship_socket *m, int fd)
{
	deliver(sh);
	forget_socket(sh);
	if (!m->probes)
		tail_close(&sh->tail, STREAM_PROBES);
	fd = fd_place(fd, FD_SYSLOG);
	if (fd == -1)
		fatal("socket");
	sh->id.facility = m->facility;
	send_open(&sh->send, fd, m->transport);
	sh->watch = loop_fd_add(sh->loop, fd, 0, on_writable, sh);
	if (sh->watch == NULL)
		fatal("watch of the socket");
	if (sh->running)
		ship_turn(sh);
}

void
ship_stop(struct ship *sh)
{
	if (sh->stopping)
		return;
	sh->stopping = 1;
	sh->stop_at = clock_mono_ns() + STOP_NS;
	if (sh->running)
		ship_turn(sh);
	else
		loop_stop(sh->loop);
}
