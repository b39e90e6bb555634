/* SPDX-License-Identifier: ISC */
/*
 * A channel's life and its sending side: checks, bounded queue, flush. All
 * processes. Must never block, and never send a message the table has no row
 * for; a full queue is told to the caller, nothing is lost silently.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chan_int.h"
#include "diag.h"

#define Q_LIMIT 4096

struct chan_qent {
	struct chan_qent *next;
	int fd; /* our duplicate, or -1 */
	size_t len;
	uint8_t data[];
};

/* The message being built; all processes are single-threaded. */
static union {
	struct proto_hdr hdr;
	uint8_t data[PROTO_MAX_MSG];
	uint64_t align;
} out;

static void
set_flags(int fd)
{
	int fdf = fcntl(fd, F_GETFD), flf = fcntl(fd, F_GETFL);

	if (fdf == -1 || flf == -1 ||
	    (!(fdf & FD_CLOEXEC) &&
	    fcntl(fd, F_SETFD, fdf | FD_CLOEXEC) == -1) ||
	    (!(flf & O_NONBLOCK) &&
	    fcntl(fd, F_SETFL, flf | O_NONBLOCK) == -1))
		fatal("channel on descriptor %d", fd);
}

void
chan_init(struct chan *c, int fd, uint8_t self, uint8_t peer, uint8_t instance,
    uint32_t q_max)
{
	size_t i;

	if (q_max < 1 || q_max > Q_LIMIT)
		fatalx("channel with %s: queue of %u", proc_name(peer), q_max);
	set_flags(fd);
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->self = self;
	c->peer = peer;
	c->instance = instance;
	c->state = CHAN_BOOT;
	c->q_max = q_max;
	for (i = 0; i < proto_nrows; i++)
		if (proto_rows[i].fd != FDK_NONE &&
		    proto_rows[i].from >> peer & 1 &&
		    proto_rows[i].to >> self & 1)
			c->fd_in = 1;
}

void
chan_init_oneway(struct chan *c, int fd, uint8_t self, uint8_t peer,
    uint8_t instance, uint32_t q_max)
{
	chan_init(c, fd, self, peer, instance, q_max);
	c->oneway = 1;
	c->fd_in = 0; /* EVENTS brings none */
	c->seq_any = 1;
	c->state = CHAN_RUN;
}

static void
q_drop_head(struct chan *c)
{
	struct chan_qent *q = c->q_head;

	c->q_head = q->next;
	if (c->q_head == NULL)
		c->q_tail = NULL;
	c->q_count--;
	if (q->fd != -1)
		close(q->fd);
	free(q);
}

void
chan_close(struct chan *c)
{
	while (c->q_head != NULL)
		q_drop_head(c);
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
}

int
chan_fail(struct chan *c, uint8_t err, uint16_t type)
{
	c->err = err;
	c->err_type = type;
	return -1;
}

/* One datagram into the socket. 0 sent, 1 full, -1 the peer is gone. */
static int
put(int sock, const void *data, size_t len, int fd)
{
	union {
		struct cmsghdr h;
		uint8_t buf[CMSG_SPACE(sizeof(int))];
	} ctl;
	struct iovec iov;
	struct msghdr m;
	ssize_t n;

	if (fd != -1) {
		memset(&m, 0, sizeof(m));
		memset(&ctl, 0, sizeof(ctl));
		iov.iov_base = (void *)(uintptr_t)data; /* only read */
		iov.iov_len = len;
		m.msg_iov = &iov;
		m.msg_iovlen = 1;
		m.msg_control = ctl.buf;
		m.msg_controllen = sizeof(ctl.buf);
		ctl.h.cmsg_level = SOL_SOCKET;
		ctl.h.cmsg_type = SCM_RIGHTS;
		ctl.h.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&ctl.h), &fd, sizeof(fd));
	}
	do
		n = fd == -1
		    ? send(sock, data, len, MSG_DONTWAIT | MSG_NOSIGNAL)
		    : sendmsg(sock, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN || errno == ENOBUFS ||
		    errno == ENOMEM || errno == ETOOMANYREFS ? 1 : -1;
	return 0;
}

/* Behind what waits already. 0, or -1: no room, nothing taken. */
static int
q_append(struct chan *c, size_t len, int fd)
{
	struct chan_qent *q;

	if (c->q_count >= c->q_max ||
	    (q = malloc(sizeof(*q) + len)) == NULL)
		return -1;
	q->next = NULL;
	q->fd = -1;
	q->len = len;
	memcpy(q->data, out.data, len);
	if (fd != -1 && (q->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1) {
		free(q);
		return -1;
	}
	if (c->q_tail != NULL)
		c->q_tail->next = q;
	else
		c->q_head = q;
	c->q_tail = q;
	c->q_count++;
	return 0;
}

/* Build the message in out and check it as the receiver will. Enum chan_err. */
static uint8_t
build(struct chan *c, struct chan_look *l, uint16_t type, uint64_t id,
    const void *payload, size_t len, int fd)
{
	if (len > PROTO_MAX_PAYLOAD)
		return CHAN_E_LENGTH;
	memset(&out.hdr, 0, sizeof(out.hdr));
	out.hdr.magic = PROTO_MAGIC;
	out.hdr.version = PROTO_VERSION;
	out.hdr.flags = fd != -1 ? PROTO_F_FD : 0;
	out.hdr.type = type;
	out.hdr.len = (uint32_t)len;
	out.hdr.seq = c->seq_out;
	out.hdr.id = id;
	if (len > 0)
		memcpy(out.data + sizeof(out.hdr), payload, len);
	memset(l, 0, sizeof(*l));
	l->c = c;
	l->hdr = &out.hdr;
	l->payload = out.data + sizeof(out.hdr);
	l->size = len;
	l->from = c->self;
	l->to = c->peer;
	l->seq = c->seq_out;
	l->nfd = fd != -1;
	l->fd = fd;
	return chan_look(l);
}

/* 0 sent or (queue) waiting, 1 no room for it, -1 with ->err. */
static int
send_or(struct chan *c, uint16_t type, uint64_t id, const void *payload,
    size_t len, int fd, int queue)
{
	struct chan_look l;
	uint8_t err;
	int r = 1;

	if (c->broken || c->fd == -1)
		return chan_fail(c, CHAN_E_EOF, type);
	if ((err = build(c, &l, type, id, payload, len, fd)) != CHAN_OK)
		return chan_fail(c, err, type);
	len += sizeof(struct proto_hdr);
	if (c->q_head == NULL && (r = put(c->fd, out.data, len, fd)) == -1)
		return chan_fail(c, CHAN_E_EOF, type);
	if (r == 1 && (!queue || q_append(c, len, fd) == -1)) {
		c->n_full++;
		return 1;
	}
	c->seq_out++;
	c->n_out++;
	chan_moved(c, l.row, 0);
	return 0;
}

int
chan_send(struct chan *c, uint16_t type, uint64_t id, const void *payload,
    size_t len, int fd)
{
	int r = send_or(c, type, id, payload, len, fd, 1);

	return r == 1 ? chan_fail(c, CHAN_E_QUEUE, type) : r;
}

int
chan_send_now(struct chan *c, uint16_t type, uint64_t id, const void *payload,
    size_t len)
{
	return send_or(c, type, id, payload, len, -1, 0);
}

int
chan_flush(struct chan *c)
{
	struct chan_qent *q;

	if (c->fd == -1)
		return chan_fail(c, CHAN_E_EOF, MSG_NONE);
	while ((q = c->q_head) != NULL) {
		switch (put(c->fd, q->data, q->len, q->fd)) {
		case 0:
			q_drop_head(c);
			break;
		case 1:
			return 1;
		default:
			return chan_fail(c, CHAN_E_EOF, MSG_NONE);
		}
	}
	return 0;
}

int
chan_pending(const struct chan *c)
{
	return c->q_head != NULL;
}

int
chan_hello(struct chan *c, uint8_t instance)
{
	struct msg_hello m;

	memset(&m, 0, sizeof(m));
	m.proto_version = PROTO_VERSION;
	m.proc = c->self;
	m.instance = instance;
	chan_build_id(m.build);
	return chan_send(c, MSG_HELLO, 0, &m, sizeof(m), -1);
}

int
chan_pair(int fds[2])
{
	return socketpair(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds);
}

int
fd_place(int fd, int want)
{
	int r;

	if (fd == want)
		return fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ? -1 : want;
	do
		r = dup3(fd, want, O_CLOEXEC);
	while (r == -1 && (errno == EINTR || errno == EBUSY));
	if (r != -1)
		close(fd);
	return r;
}

const char *
chan_strerror(uint8_t err)
{
	static const char *const text[] = {
	    [CHAN_OK] = "no error",
	    [CHAN_E_RECV] = "receive failed",
	    [CHAN_E_TRUNC] = "message cut",
	    [CHAN_E_SHORT] = "shorter than a header",
	    [CHAN_E_FRAME] = "bad header",
	    [CHAN_E_SIZE] = "length differs from what came",
	    [CHAN_E_TYPE] = "not allowed here or now",
	    [CHAN_E_LENGTH] = "length outside bounds",
	    [CHAN_E_FD] = "descriptor missing, unwanted or of the wrong kind",
	    [CHAN_E_MEANING] = "impossible value",
	    [CHAN_E_QUEUE] = "queue full",
	    [CHAN_E_EOF] = "closed by the peer",
	};

	return err < sizeof(text) / sizeof(text[0]) ? text[err] : "?";
}
