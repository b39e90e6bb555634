/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: bytes between a connection's buffers and its session's socket.
 * Watches for reading only while there is room, for writing only while there
 * is something: back-pressure goes through to both ends. A turn moves at most
 * TCP_TURN bytes, so that one bulk flow does not starve the others.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <unistd.h>

#include "net.h"
#include "sess.h"
#include "tcp_int.h"

#define RELAY_BULK (16 << 10) /* one read of so much is a bulk transfer */
#define SND_LEAST (64u << 10)
#define SND_SHORT (16u << 10) /* when memory is short */

static uint32_t
data_end(const struct tcp_conn *c)
{
	return c->rcv_nxt - ((c->flags & CF_PEER_FIN) != 0);
}

static uint32_t
snd_room(const struct tcp_conn *c)
{
	const struct tcp_data *d = c->d;
	uint32_t used = d->snd_end - c->snd_una, limit = 2 * d->cwnd;

	if (c->flags & CF_FIN)
		return 0;
	if (limit < SND_LEAST)
		limit = SND_LEAST;
	if (limit > TCP_BUF_MAX)
		limit = TCP_BUF_MAX;
	if (tcp.mem > TCP_MEM_MAX / 4 * 3)
		limit = SND_SHORT;
	return used < limit ? limit - used : 0;
}

/* The socket is of no more use in either direction. */
static void
drop_fd(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;

	if (d->watch != NULL)
		loop_fd_del(d->watch);
	d->watch = NULL;
	if (d->fd != -1) {
		close(d->fd);
		sess_fd_closed(d->fd);
	}
	d->fd = -1;
}

static void
nobody_reads(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;

	c->flags |= CF_NOREAD;
	if (d->rcv_read != data_end(c))
		c->flags |= CF_UNREAD;
	if (c->flags & CF_FIN) { /* nor writes */
		c->flags |= CF_APP_GONE;
		drop_fd(c);
	}
	tcp_rcv_delivered(c, data_end(c) - d->rcv_read);
	if (d->ooo.n == 0)
		ring_free(&d->rcv);
}

void
relay_push(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	uint32_t left = TCP_TURN, n;
	const uint8_t *at;
	ssize_t r;

	if (c->flags & CF_NOREAD) {
		if (d->rcv_read != data_end(c))
			tcp_rcv_delivered(c, data_end(c) - d->rcv_read);
		return;
	}
	if (d->fd == -1)
		return;
	while (left > 0 && d->rcv_read != data_end(c)) {
		n = data_end(c) - d->rcv_read;
		if (n > left)
			n = left;
		at = ring_at(&d->rcv, d->rcv_read, &n);
		r = send(d->fd, at, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (r == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (r <= 0) {
			nobody_reads(c);
			return;
		}
		transcript_in(&d->tr, c->session, &c->t, IPPROTO_TCP, at,
		    (uint32_t)r, TRANSCRIPT_STREAM);
		tcp_rcv_delivered(c, (uint32_t)r);
		left -= (uint32_t)r;
		if ((uint32_t)r < n)
			return;
	}
	if ((c->flags & CF_PEER_FIN) && d->rcv_read == data_end(c) &&
	    !d->eof_told) {
		d->eof_told = 1;
		shutdown(d->fd, SHUT_WR);
	}
}

void
relay_end(struct tcp_conn *c)
{
	tcp_close_ours(c);
	c->flags |= CF_APP_GONE;
	nobody_reads(c);
}

static void
end_of_output(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;

	tcp_close_ours(c);
	if ((c->flags & (CF_APP_GONE | CF_NOREAD)) || d->eof_told)
		relay_end(c);
}

/* Bytes the service may still give. */
static uint64_t
bytes_left(const struct tcp_conn *c)
{
	uint64_t max;

	if (c->service >= net.img.nservices) /* gone by a reload */
		return TCP_TURN;
	max = net.img.services[c->service].max_bytes_out;
	return c->d->pulled < max ? max - c->d->pulled : 0;
}

/* All it may give is given: is there more, or just the end? */
static void
no_bytes_left(struct tcp_conn *c)
{
	uint8_t b;
	ssize_t r = recv(c->d->fd, &b, 1, MSG_DONTWAIT | MSG_PEEK);

	if (r > 0)
		tcp_sess_over(c, WHY_BYTES);
	else if (r == 0 || (errno != EAGAIN && errno != EINTR))
		end_of_output(c);
}

void
relay_pull(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	uint32_t left = snd_room(c), n, used;
	uint64_t quota;
	uint8_t *at;
	ssize_t r;

	if (d->fd == -1)
		return;
	quota = bytes_left(c);
	if (quota == 0 && left > 0) {
		no_bytes_left(c);
		return;
	}
	if (left > TCP_TURN)
		left = TCP_TURN;
	if (left > quota)
		left = (uint32_t)quota;
	while (left > 0 && d->fd != -1) {
		used = d->snd_end - c->snd_una;
		if (used == d->snd.size &&
		    ring_grow(&d->snd, c->snd_una, used, d->snd_end + 1,
			TCP_BUF_MAX) == -1)
			return;
		n = d->snd.size - used;
		if (n > left)
			n = left;
		at = ring_at(&d->snd, d->snd_end, &n);
		r = recv(d->fd, at, n, MSG_DONTWAIT);
		if (r == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (r == -1) /* closed with bytes in it nobody read */
			c->flags |= CF_UNREAD;
		if (r <= 0) {
			end_of_output(c);
			return;
		}
		transcript_out(&d->tr, c->session, &c->t, IPPROTO_TCP, at,
		    (uint32_t)r, TRANSCRIPT_STREAM);
		d->snd_end += (uint32_t)r;
		d->pulled += (uint32_t)r;
		d->moved_ms = net.now_ms;
		if (r >= RELAY_BULK) {
			net.hurry = 1;
			net.bulk_ms = net.now_ms;
		}
		left -= (uint32_t)r;
		if ((uint32_t)r < n)
			return;
	}
}

void
relay_watch(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;
	int what = 0;

	if (d->watch == NULL)
		return;
	if (snd_room(c) >= TCP_BUF_MIN)
		what |= LOOP_READ;
	if (!(c->flags & CF_NOREAD) && d->rcv_read != data_end(c))
		what |= LOOP_WRITE;
	loop_fd_set(d->watch, what);
}

static void
on_ready(int fd, int what, void *arg)
{
	struct tcp_conn *c = arg;
	struct host *h;
	uint8_t nif = c->peer.nif;

	(void)fd;
	net_now();
	if ((h = host_get(c->t.laddr)) == NULL) {
		tcp_end(c, NULL, WHY_SERVICE, 0);
		return;
	}
	if (what & LOOP_READ)
		relay_pull(c);
	tcp_run(c, h);
	io_tx_flush(net_if(nif));
}

int
relay_open(struct tcp_conn *c, int fd)
{
	struct tcp_data *d = c->d;

	d->fd = fd;
	d->watch = loop_fd_add(net.loop, fd, LOOP_READ, on_ready, c);
	if (d->watch == NULL) {
		drop_fd(c);
		return -1;
	}
	return 0;
}

void
relay_close(struct tcp_conn *c)
{
	if (c->d != NULL)
		drop_fd(c);
}
