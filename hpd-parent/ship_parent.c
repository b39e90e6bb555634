/* SPDX-License-Identifier: ISC */
/*
 * hpship as hpd-parent sees it: when it is wanted, its socket, its segments.
 * Must never read a segment, write to the socket or wait for a connection.
 */
#include "ship_parent.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../common/addr.h"
#include "../common/buf.h"
#include "../common/clock.h"
#include "../common/diag.h"

#include "parent.h"

static struct kid *
ship_kid(struct parent *p)
{
	return &p->kids[KID_SHIP];
}

static void
forget(struct ship_state *s, int i)
{
	close(s->seg[i].fd);
	s->nsegs--;
	memmove(s->seg + i, s->seg + i + 1,
	    (size_t)(s->nsegs - i) * sizeof(s->seg[0]));
}

static off_t
size_of(const struct ship_seg *g)
{
	struct stat st;

	return fstat(g->fd, &st) == -1 ? 0 : st.st_size;
}

/* A segment that was removed uses its room as long as it is open. hpship still
 * has some seconds to read it. */
static void
look(struct parent *p)
{
	struct ship_state *s = &p->ship;
	struct stat st;

	if (p->now - s->looked_at < NS_SEC)
		return;
	s->looked_at = p->now;
	for (int i = s->nsegs - 1; i >= 0; i--)
		if (fstat(s->seg[i].fd, &st) == 0 && st.st_nlink == 0)
			forget(s, i);
}

/* All of it delivered, and the next one begun? Then nobody writes to it. */
static int
finished(const struct ship_state *s, int i)
{
	const struct ship_seg *g = &s->seg[i];

	if (lseek(g->fd, 0, SEEK_CUR) < size_of(g))
		return 0;
	for (int j = i + 1; j < s->nsegs; j++)
		if (s->seg[j].stream == g->stream && size_of(&s->seg[j]) > 0)
			return 1;
	return 0;
}

/* The first one of stream, if there is a second; else -1. */
static int
first_of_two(const struct ship_state *s, uint32_t stream)
{
	int first = -1;

	for (int i = 0; i < s->nsegs; i++) {
		if (s->seg[i].stream != stream)
			continue;
		if (first != -1)
			return first;
		first = i;
	}
	return -1;
}

/* Room for one more: as hpship does, so that both hold the same ones. */
static void
make_room(struct parent *p)
{
	struct ship_state *s = &p->ship;
	int i;

	for (i = s->nsegs - 1; i >= 0; i--)
		if (finished(s, i))
			forget(s, i);
	if (s->nsegs < SHIP_SEGMENTS)
		return;
	i = first_of_two(s, STREAM_PROBES);
	if (i == -1)
		i = first_of_two(s, STREAM_EVENTS);
	if (i == -1)
		i = 0;
	if (!ship_kid(p)->open) /* else hpship counts and tells */
		diag_warnx("syslog: a segment is given up, %d wait",
		    SHIP_SEGMENTS);
	forget(s, i);
}

static void
give(struct parent *p, const struct ship_seg *g)
{
	struct msg_ship_segment m = {g->stream, g->number};
	struct kid *k = ship_kid(p);

	if (k->open && k->state == KID_RUN && !k->mute)
		kid_send(p, k, MSG_SHIP_SEGMENT, &m, sizeof(m), g->fd);
}

/* at_end: only what is written from now on. */
static void
add(struct parent *p, int stream, int at_end)
{
	struct ship_state *s = &p->ship;
	struct ship_seg *g;
	int fd;

	if (p->seg.number[stream] == 0)
		return;
	fd = openat(p->seg.dir, p->seg.newest[stream],
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1) {
		diag_warn("syslog: segment %s", p->seg.newest[stream]);
		return;
	}
	if (at_end)
		(void)lseek(fd, 0, SEEK_END);
	make_room(p);
	g = &s->seg[s->nsegs++];
	g->fd = fd;
	g->stream = (uint32_t)stream;
	g->number = p->seg.number[stream];
	give(p, g);
}

static int
wanted(const struct ship_state *s, int stream)
{
	return s->on && (stream == STREAM_EVENTS ||
	    (stream == STREAM_PROBES && s->conf.probes));
}

void
ship_new_segment(struct parent *p, int stream)
{
	if (wanted(&p->ship, stream))
		add(p, stream, 0);
}

static void
failed(struct parent *p, int err)
{
	struct ship_state *s = &p->ship;
	const struct img_syslog *c = &s->conf;
	char addr[ADDR_STRLEN];

	s->socket = 0;
	s->retry_at = p->now + s->backoff;
	if (!s->told && c->transport == SHIP_UNIX)
		diag_warnx("syslog %s: %s; tried again", s->path,
		    strerror(err));
	else if (!s->told)
		diag_warnx("syslog %s %s port %u: %s; tried again",
		    c->transport == SHIP_UDP ? "udp" : "tcp",
		    addr_text(c->ver, c->addr, addr), c->port, strerror(err));
	s->told = 1;
	s->backoff *= 2;
	if (s->backoff > SHIP_BACKOFF_MAX)
		s->backoff = SHIP_BACKOFF_MAX;
}

static void
connect_now(struct parent *p)
{
	struct ship_state *s = &p->ship;
	struct msg_ship_socket m = {.transport = s->conf.transport,
	    .facility = s->conf.facility, .probes = s->conf.probes};
	int fd = ship_connect(&s->conf, s->path);

	s->retry_at = 0;
	if (fd == -1) {
		failed(p, errno);
		return;
	}
	s->since = p->now;
	s->socket = 1;
	kid_send(p, ship_kid(p), MSG_SHIP_SOCKET, &m, sizeof(m), fd);
	close(fd);
}

void
ship_started(struct parent *p, struct kid *k)
{
	struct ship_state *s = &p->ship;

	(void)k;
	for (int i = s->nsegs - 1; i >= 0; i--)
		if (finished(s, i))
			forget(s, i);
	for (int i = 0; i < s->nsegs; i++)
		give(p, &s->seg[i]);
	connect_now(p);
}

void
ship_lost(struct parent *p, const struct msg_ship_down *m)
{
	struct ship_state *s = &p->ship;

	if (!s->socket)
		return; /* of one it does not have any more */
	if (p->now - s->since >= SHIP_STEADY) {
		s->backoff = SHIP_BACKOFF_MIN;
		s->told = 0;
	}
	failed(p, m->error);
}

int
ship_died(struct parent *p, struct kid *k)
{
	struct ship_state *s = &p->ship;

	s->socket = 0;
	s->retry_at = 0;
	if (!k->mute)
		return 0;
	if (s->restart && p->phase == PHASE_RUN)
		kid_start(p, k);
	s->restart = 0;
	return 1;
}

void
ship_timers(struct parent *p)
{
	struct ship_state *s = &p->ship;
	const struct kid *k = ship_kid(p);

	look(p);
	if (s->socket && s->told && p->now - s->since >= SHIP_STEADY) {
		info("syslog: the receiver is there again");
		s->told = 0;
		s->backoff = SHIP_BACKOFF_MIN;
	}
	if (s->retry_at != 0 && p->now >= s->retry_at && k->open &&
	    k->state == KID_RUN)
		connect_now(p);
}

int64_t
ship_due(const struct parent *p)
{
	return p->ship.retry_at;
}

/* Not wanted any more: it ends, what it did not send stays in the log. */
static void
off(struct parent *p)
{
	struct ship_state *s = &p->ship;
	struct kid *k = ship_kid(p);

	s->retry_at = 0;
	while (s->nsegs > 0)
		forget(s, s->nsegs - 1);
	if (k->state == KID_WAIT)
		k->state = KID_OFF;
	if (!kid_up(k))
		return;
	k->mute = 1;
	if (k->open && k->state >= KID_SETUP)
		kid_send(p, k, MSG_STOP, NULL, 0, -1);
	else
		kid_kill(p, k, EV_NONE, "not wanted any more");
}

static void
on(struct parent *p)
{
	struct ship_state *s = &p->ship;
	struct kid *k = ship_kid(p);

	if (p->phase != PHASE_RUN)
		return; /* started in its turn, segments come as they are made */
	add(p, STREAM_EVENTS, 1);
	if (s->conf.probes)
		add(p, STREAM_PROBES, 1);
	if (k->state == KID_OFF && !kid_up(k))
		kid_start(p, k);
	else
		s->restart = 1; /* the last one is still ending */
}

/* Another receiver, or other streams. */
static void
changed(struct parent *p, int probes_before)
{
	struct ship_state *s = &p->ship;
	const struct kid *k = ship_kid(p);

	if (s->conf.probes && !probes_before)
		add(p, STREAM_PROBES, 1);
	for (int i = s->nsegs - 1; i >= 0 && !s->conf.probes; i--)
		if (s->seg[i].stream == STREAM_PROBES)
			forget(s, i); /* hpship still sends what it has */
	if (k->open && k->state == KID_RUN)
		connect_now(p);
}

void
ship_config(struct parent *p)
{
	struct ship_state *s = &p->ship;
	const struct img_syslog *c = &p->image.hdr->syslog;
	struct img_syslog a = *c, b = s->conf;
	const char *path = image_str(&p->image, c->path);
	int was = s->on, probes = s->conf.probes, same;

	a.path = b.path = 0; /* offsets in two images */
	same = memcmp(&a, &b, sizeof(a)) == 0 && strcmp(path, s->path) == 0;
	s->on = c->transport != SHIP_NONE;
	s->conf = *c;
	(void)str_copy(s->path, path, sizeof(s->path));
	if (same)
		return;
	s->backoff = SHIP_BACKOFF_MIN;
	s->told = 0;
	s->restart = 0;
	if (was && !s->on)
		off(p);
	else if (!was && s->on)
		on(p);
	else if (s->on)
		changed(p, probes);
}
