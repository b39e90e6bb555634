/* SPDX-License-Identifier: ISC */
/*
 * A channel's receiving side: one recvmsg, nine checks in order, a checked
 * copy for the caller. All processes. Whatever comes, every descriptor that
 * came with it is either handed out or closed here.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "chan_int.h"

#ifdef HPD_TEST_INJECT
uint16_t chan_inject_crash;
static void *volatile chan_inject_at; /* nowhere */
#endif

#define FD_ROOM 4 /* more than one, so that a surplus is seen and closed */

struct got {
	struct proto_hdr hdr;
	size_t n; /* bytes */
	int flags;
	int odd; /* control data that is no descriptor */
	int nfd;
	int fd[FD_ROOM];
};

static void
got_close(struct got *g)
{
	int i;

	for (i = 0; i < g->nfd; i++)
		close(g->fd[i]);
	g->nfd = 0;
}

static void
collect(struct got *g, struct msghdr *m)
{
	struct cmsghdr *h;
	size_t n, i;
	int fd;

	for (h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS ||
		    h->cmsg_len < CMSG_LEN(0)) {
			g->odd = 1;
			continue;
		}
		n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(h) + i * sizeof(int),
			    sizeof(fd));
			if (g->nfd < FD_ROOM)
				g->fd[g->nfd++] = fd;
			else
				close(fd);
		}
	}
}

/* Step 1. 1 something came, 0 nothing there, -1 error (errno). */
static int
get(struct chan *c, struct got *g, void *payload, int peek)
{
	union {
		struct cmsghdr h;
		uint8_t buf[CMSG_SPACE(FD_ROOM * sizeof(int))];
	} ctl;
	uint8_t over;
	struct iovec iov[3] = {
	    {&g->hdr, sizeof(g->hdr)},
	    {payload, PROTO_MAX_PAYLOAD},
	    {&over, 1},
	};
	struct msghdr m;
	ssize_t n;

	memset(g, 0, sizeof(*g));
	memset(&m, 0, sizeof(m));
	m.msg_iov = iov;
	m.msg_iovlen = 3;
	if (c->fd_in && !peek) {
		m.msg_control = ctl.buf;
		m.msg_controllen = sizeof(ctl.buf);
	}
	do
		n = recvmsg(c->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC |
		    (peek ? MSG_PEEK : 0));
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	g->n = (size_t)n;
	g->flags = m.msg_flags;
	if (m.msg_control != NULL)
		collect(g, &m);
	return 1;
}

/* Steps 2 to 9 of what came. Enum chan_err; the row in l. */
static uint8_t
judge(const struct chan *c, const struct got *g, const void *payload,
    struct chan_look *l)
{
	if (g->n == 0)
		return CHAN_E_EOF;
	if (g->flags & (MSG_TRUNC | MSG_CTRUNC) || g->n > PROTO_MAX_MSG)
		return CHAN_E_TRUNC;
	if (g->n < sizeof(g->hdr))
		return CHAN_E_SHORT;
	memset(l, 0, sizeof(*l));
	l->c = c;
	l->hdr = &g->hdr;
	l->payload = payload;
	l->size = g->n - sizeof(g->hdr);
	l->from = c->peer;
	l->to = c->self;
	l->seq = c->seq_in;
	l->seq_any = c->seq_any;
	l->nfd = g->odd ? -1 : g->nfd;
	l->fd = g->nfd > 0 ? g->fd[0] : -1;
	return chan_look(l);
}

static int
receive(struct chan *c, struct chan_msg *m, int peek)
{
	struct chan_look l;
	struct got g;
	uint8_t err;
	int r;

	if (c->broken || c->fd == -1)
		return chan_fail(c, c->broken ? c->err : CHAN_E_EOF,
		    c->err_type);
	if ((r = get(c, &g, m->u.data, peek)) == 0)
		return 0;
	if (r == -1)
		err = errno == ECONNRESET ? CHAN_E_EOF : CHAN_E_RECV;
	else
		err = judge(c, &g, m->u.data, &l);
	if (err != CHAN_OK) {
		got_close(&g);
		c->broken = 1;
		return chan_fail(c, err,
		    g.n >= sizeof(g.hdr) ? g.hdr.type : MSG_NONE);
	}
	m->type = g.hdr.type;
	m->len = g.hdr.len;
	m->id = g.hdr.id;
	m->fd = g.nfd > 0 ? g.fd[0] : -1;
#ifdef HPD_TEST_INJECT
	if (m->type == chan_inject_crash && c->state == CHAN_RUN)
		*(volatile int *)chan_inject_at = 0;
#endif
	if (!peek) {
		c->seq_any = 0;
		c->seq_in = g.hdr.seq + 1;
		c->n_in++;
		chan_moved(c, l.row, 1);
	}
	return 1;
}

int
chan_recv(struct chan *c, struct chan_msg *m)
{
	return receive(c, m, 0);
}

int
chan_peek(struct chan *c, struct chan_msg *m)
{
	return receive(c, m, 1);
}

int
chan_take(struct chan *c)
{
	struct proto_hdr h;
	struct iovec iov = {&h, sizeof(h)};
	struct msghdr m;
	ssize_t n;

	if (c->fd == -1)
		return chan_fail(c, CHAN_E_EOF, MSG_NONE);
	memset(&m, 0, sizeof(m));
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	do
		n = recvmsg(c->fd, &m, MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return chan_fail(c, n == 0 || errno == ECONNRESET
		    ? CHAN_E_EOF : CHAN_E_RECV, MSG_NONE);
	/* Reads on behind it; one too short to tell leaves the next free. */
	c->seq_any = (size_t)n < sizeof(h);
	c->seq_in = h.seq + 1;
	c->n_in++;
	return 1;
}
