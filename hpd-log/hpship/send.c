/* SPDX-License-Identifier: ISC */
/*
 * Giving messages to the socket, in hpship: datagrams of one message each, or
 * TCP with octet counting (RFC 6587 3.4.1). The socket is connected and does
 * not block. Must never split a message over two datagrams nor read what the
 * other side sends as anything but noise.
 */
#include "hpd-log/hpship/send.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#define NOISE_READS 4 /* of what the other side sends, in one turn */

int
send_init(struct sender *s)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
	s->out = malloc(SEND_OUT);
	return s->out == NULL ? -1 : 0;
}

void
send_free(struct sender *s)
{
	send_close(s);
	free(s->out);
}

void
send_close(struct sender *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = -1;
	s->err = 0;
	s->blocked = 0;
	s->out_len = s->out_off = 0;
	s->first = s->npoints = 0;
	s->given = s->taken = 0;
}

void
send_open(struct sender *s, int fd, uint8_t transport)
{
	s->fd = fd;
	s->transport = transport;
	s->trial = transport == SHIP_UDP;
	s->limit = SYSLOG_DGRAM;
}

static int
full(int e)
{
	return e == EAGAIN || e == EWOULDBLOCK || e == ENOBUFS || e == EINTR;
}

void
send_flush(struct sender *s)
{
	ssize_t n;

	while (s->out_off < s->out_len && s->err == 0) {
		n = send(s->fd, s->out + s->out_off, s->out_len - s->out_off,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == -1 && full(errno)) {
			s->blocked = 1;
			break;
		}
		if (n == -1) {
			s->err = errno;
			break;
		}
		s->out_off += (size_t)n;
		s->taken += (size_t)n;
	}
	if (s->out_off == s->out_len)
		s->out_off = s->out_len = 0;
}

/* TCP: length, space, message; sent when there is enough of it. */
static int
give_stream(struct sender *s, const struct syslog_ident *id,
    const struct ship_line *l, const char *line, size_t len)
{
	char count[16], *body;
	size_t need = sizeof(count) + SYSLOG_HEADER_MAX + len, n;
	int cut, digits;

	if (s->out_len + need > SEND_OUT || s->out_len >= SEND_POINT_BYTES)
		send_flush(s);
	if (s->out_len + need > SEND_OUT || s->err != 0 || s->blocked)
		return 1;
	body = s->out + s->out_len + sizeof(count);
	n = syslog_format(id, l, line, len, body, need - sizeof(count), &cut);
	digits = snprintf(count, sizeof(count), "%zu ", n);
	memcpy(s->out + s->out_len, count, (size_t)digits);
	memmove(s->out + s->out_len + digits, body, n);
	s->out_len += (size_t)digits + n;
	s->given += (size_t)digits + n;
	s->messages++;
	return 0;
}

static int
give_datagram(struct sender *s, const struct syslog_ident *id,
    const struct ship_line *l, const char *line, size_t len)
{
	size_t n;
	int cut;

	for (;;) {
		n = syslog_format(id, l, line, len, s->out, s->limit, &cut);
		if (send(s->fd, s->out, n, MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
			break;
		if (full(errno)) {
			s->blocked = 1;
			return 1;
		}
		if (errno != EMSGSIZE || s->limit <= SYSLOG_LEAST) {
			s->err = errno;
			return 1;
		}
		s->limit = s->limit / 2 > SYSLOG_LEAST ? s->limit / 2 :
		    SYSLOG_LEAST;
	}
	s->given += n;
	s->taken += n;
	s->messages++;
	s->cut += (unsigned)cut;
	return 0;
}

int
send_line(struct sender *s, const struct syslog_ident *id,
    const struct ship_line *l, const char *line, size_t len)
{
	if (s->fd == -1 || s->err != 0 || s->blocked ||
	    (s->trial && s->given > 0))
		return 1;
	if (s->transport == SHIP_TCP)
		return give_stream(s, id, l, line, len);
	return give_datagram(s, id, l, line, len);
}

static const struct point *
newest(const struct sender *s)
{
	return s->npoints == 0 ? NULL :
	    &s->point[(s->first + s->npoints - 1) % SEND_POINTS];
}

int
send_point_due(const struct sender *s)
{
	const struct point *p = newest(s);

	return s->given - (p == NULL ? 0 : p->bytes) >= SEND_POINT_BYTES;
}

int
send_point_room(const struct sender *s)
{
	return s->npoints < SEND_POINTS;
}

void
send_point(struct sender *s, int64_t now, const struct place *events,
    const struct place *probes)
{
	struct point *p = &s->point[(s->first + s->npoints) % SEND_POINTS];

	if (!send_point_room(s))
		return;
	p->bytes = s->given;
	p->at = now;
	p->events = *events;
	p->probes = *probes;
	s->npoints++;
}

/* The other end is gone, or told an error: ->err. */
static void
listen_to(struct sender *s)
{
	char noise[4096];
	ssize_t n;

	for (int i = 0; i < NOISE_READS; i++) {
		n = recv(s->fd, noise, sizeof(noise), MSG_DONTWAIT);
		if (n == 0 && s->transport == SHIP_TCP)
			s->err = ECONNRESET; /* it closed */
		else if (n == -1 && !full(errno))
			s->err = errno;
		if (n <= 0)
			return;
	}
}

/* Bytes that are in the other system's hands. */
static uint64_t
arrived(const struct sender *s)
{
	int waiting = 0;

	if (s->transport != SHIP_TCP)
		return s->taken;
	if (ioctl(s->fd, TIOCOUTQ, &waiting) == -1 || waiting < 0 ||
	    (uint64_t)waiting > s->taken)
		return 0;
	return s->taken - (uint64_t)waiting;
}

const struct point *
send_delivered(struct sender *s, int64_t now)
{
	const struct point *p, *last = NULL;
	uint64_t bytes;

	if (s->fd == -1 || s->err != 0)
		return NULL;
	bytes = arrived(s); /* asked first: an error after it counts */
	listen_to(s);
	if (s->err != 0)
		return NULL;
	while (s->npoints > 0) {
		p = &s->point[s->first];
		if (p->bytes > bytes ||
		    (s->transport == SHIP_UDP && now - p->at < SEND_UDP_NS))
			break;
		last = p;
		s->first = (s->first + 1) % SEND_POINTS;
		s->npoints--;
		if (p->bytes > 0)
			s->trial = 0;
	}
	return last;
}
