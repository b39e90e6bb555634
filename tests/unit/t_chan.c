/* SPDX-License-Identifier: ISC */
/*
 * Channels: every vector over a real pair, each of the nine receive checks,
 * sending, queue, one-way channels, descriptors. Raw sends play the broken
 * peer.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto_vectors.h"

static union {
	uint8_t b[PROTO_MAX_PAYLOAD + 4096];
	uint64_t align;
} buf;
static struct chan_msg msg;
static struct chan snd, rcv;

static int
open_fds(void)
{
	int i, n = 0;

	for (i = 0; i < 256; i++)
		n += fcntl(i, F_GETFD) != -1;
	return n;
}

/* A pair of channels from > to, past HELLO, in state. */
static void
make(uint8_t from, uint8_t to, uint8_t state, uint32_t q_max)
{
	int fd[2];

	assert_int_equal(chan_pair(fd), 0);
	if (to == PROC_LOG && state == CHAN_RUN) {
		chan_init_oneway(&snd, fd[0], from, to, 0, q_max);
		chan_init_oneway(&rcv, fd[1], to, from, 0, q_max);
		return;
	}
	chan_init(&snd, fd[0], from, to, 0, q_max);
	chan_init(&rcv, fd[1], to, from, 0, q_max);
	if (state != CHAN_BOOT) {
		chan_set_state(&snd, state);
		chan_set_state(&rcv, state);
	}
}

static void
done(void)
{
	chan_close(&snd);
	chan_close(&rcv);
}

/* A descriptor of that kind. */
static int
fd_of(uint8_t kind)
{
	int fd[2], r;

	switch (kind) {
	case FDK_CHANNEL:
		assert_int_equal(chan_pair(fd), 0);
		close(fd[1]);
		return fd[0];
	case FDK_SESSION:
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
		close(fd[1]);
		return fd[0];
	case FDK_PACKET:
		return memfd_create("umem", MFD_CLOEXEC);
	case FDK_IMAGE: {
		char path[64];

		fd[0] = memfd_create("image", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[0]);
		r = open(path, O_RDONLY | O_CLOEXEC);
		close(fd[0]);
		return r;
	}
	case FDK_SEGMENT: {
		char path[64];

		fd[0] = memfd_create("segment", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[0]);
		r = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
		close(fd[0]);
		return r;
	}
	default:
		return -1;
	}
}

/* One state the row is valid in. */
static uint8_t
state_of(const struct proto_row *r)
{
	uint8_t s = CHAN_BOOT;

	while (!(r->states & s))
		s = (uint8_t)(s << 1);
	return s;
}

/* Send n bytes as they are, with nfd descriptors. */
static void
raw(const void *p, size_t n, const int *fds, size_t nfd)
{
	union {
		struct cmsghdr h;
		uint8_t b[CMSG_SPACE(8 * sizeof(int))];
	} ctl;
	struct iovec iov = {(void *)(uintptr_t)p, n};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	memset(&ctl, 0, sizeof(ctl));
	if (nfd > 0) {
		m.msg_control = ctl.b;
		m.msg_controllen = CMSG_SPACE(nfd * sizeof(int));
		ctl.h.cmsg_level = SOL_SOCKET;
		ctl.h.cmsg_type = SCM_RIGHTS;
		ctl.h.cmsg_len = CMSG_LEN(nfd * sizeof(int));
		memcpy(CMSG_DATA(&ctl.h), fds, nfd * sizeof(int));
	}
	assert_int_equal(sendmsg(snd.fd, &m, 0), n);
}

/* A message with that payload in buf; the header changed by what. */
static struct proto_hdr *
compose(uint16_t type, size_t len, uint64_t id)
{
	static union {
		struct proto_hdr h;
		uint8_t b[sizeof(struct proto_hdr) + sizeof(buf.b)];
	} m;

	memset(&m.h, 0, sizeof(m.h));
	m.h.magic = PROTO_MAGIC;
	m.h.version = PROTO_VERSION;
	m.h.type = type;
	m.h.len = (uint32_t)len;
	m.h.id = id;
	memcpy(m.b + sizeof(m.h), buf.b, len);
	return &m.h;
}

static void
refused(uint8_t err)
{
	assert_int_equal(chan_recv(&rcv, &msg), -1);
	if (rcv.err != err)
		fail_msg("refused for \"%s\", not \"%s\"",
		    chan_strerror(rcv.err), chan_strerror(err));
	assert_int_equal(chan_recv(&rcv, &msg), -1); /* for good */
}

static void
good_vectors_pass(void **state)
{
	const struct vec_good *v;
	const struct proto_row *r;
	size_t i, len;
	uint64_t id;
	int before = open_fds(), fd;

	(void)state;
	for (i = 0; i < NGOOD; i++) {
		v = &vec_good[i];
		r = proto_row(v->type, v->from, v->to);
		len = vec_fill(v, buf.b);
		fd = fd_of(r->fd);
		id = r->flags & ROW_ID ? 0xdeadbeefcafe : 0;
		make(v->from, v->to, state_of(r), 4);
		assert_int_equal(chan_recv(&rcv, &msg), 0);
		if (chan_send(&snd, v->type, id, buf.b, len, fd) == -1)
			fail_msg("%s: %s", r->name, chan_strerror(snd.err));
		if (chan_recv(&rcv, &msg) != 1)
			fail_msg("%s: %s", r->name, chan_strerror(rcv.err));
		assert_int_equal(msg.type, v->type);
		assert_int_equal(msg.len, len);
		assert_true(msg.id == id);
		assert_memory_equal(msg.u.data, buf.b, len);
		assert_int_equal(msg.fd != -1, r->fd != FDK_NONE);
		if (fd != -1) {
			assert_int_equal(fcntl(msg.fd, F_GETFD), FD_CLOEXEC);
			close(msg.fd);
			close(fd);
		}
		done();
	}
	assert_int_equal(open_fds(), before);
}

static void
bad_vectors_stop(void **state)
{
	const struct vec_bad *b;
	const struct vec_good *v;
	const struct proto_row *r;
	struct proto_hdr *h;
	size_t i, len;
	int fd, before = open_fds();
	uint8_t want;

	(void)state;
	for (i = 0; i < NBAD; i++) {
		b = &vec_bad[i];
		for (v = vec_good; v->type != b->type; v++)
			continue;
		r = proto_row(v->type, v->from, v->to);
		make(v->from, v->to, state_of(r), 4);
		len = vec_spoil(b, buf.b, vec_fill(v, buf.b));
		want = len < r->min || len > r->max ? CHAN_E_LENGTH
						    : CHAN_E_MEANING;
		fd = fd_of(r->fd);
		h = compose(v->type, len, r->flags & ROW_ID ? 1 : 0);
		h->flags = fd != -1 ? PROTO_F_FD : 0;
		/* the sender's own checks stop it ... */
		assert_int_equal(chan_send(&snd, v->type, h->id, buf.b, len,
		    fd), -1);
		assert_int_equal(snd.err, want);
		assert_int_equal(snd.err_type, v->type);
		assert_int_equal(chan_recv(&rcv, &msg), 0);
		/* ... and the receiver's when a sender has none */
		raw(h, sizeof(*h) + len, &fd, fd != -1);
		refused(want);
		assert_int_equal(rcv.err_type, v->type);
		if (fd != -1)
			close(fd);
		done();
	}
	assert_int_equal(open_fds(), before);
}

/* One change to a good SVC_OPEN: what the receiver must say. */
static void
header_checks(void **state)
{
	static const struct {
		size_t off;
		uint8_t width;
		uint64_t value;
		uint8_t err;
	} t[] = {
	    {offsetof(struct proto_hdr, magic), 2, 0x5048, CHAN_E_FRAME},
	    {offsetof(struct proto_hdr, version), 1, 2, CHAN_E_FRAME},
	    {offsetof(struct proto_hdr, flags), 1, 2, CHAN_E_FRAME},
	    {offsetof(struct proto_hdr, flags), 1, 1, CHAN_E_FD},
	    {offsetof(struct proto_hdr, reserved), 2, 1, CHAN_E_FRAME},
	    {offsetof(struct proto_hdr, len), 4, 63, CHAN_E_SIZE},
	    {offsetof(struct proto_hdr, len), 4, 65, CHAN_E_SIZE},
	    {offsetof(struct proto_hdr, len), 4, 0, CHAN_E_SIZE},
	    {offsetof(struct proto_hdr, len), 4, UINT32_MAX, CHAN_E_SIZE},
	    {offsetof(struct proto_hdr, len), 4, 64, CHAN_OK},
	    {offsetof(struct proto_hdr, type), 2, 0, CHAN_E_TYPE},
	    {offsetof(struct proto_hdr, type), 2, 0xffff, CHAN_E_TYPE},
	    {offsetof(struct proto_hdr, type), 2, MSG_STOP, CHAN_E_TYPE},
	    {offsetof(struct proto_hdr, type), 2, MSG_HELLO, CHAN_E_TYPE},
	    {offsetof(struct proto_hdr, type), 2, MSG_SVC_OPENED, CHAN_E_TYPE},
	    {offsetof(struct proto_hdr, type), 2, MSG_SVC_CLOSE, CHAN_E_LENGTH},
	    {offsetof(struct proto_hdr, type), 2, MSG_EVENTS, CHAN_E_TYPE},
	    {offsetof(struct proto_hdr, seq), 4, 1, CHAN_E_TYPE},
	    {offsetof(struct proto_hdr, seq), 4, UINT32_MAX, CHAN_E_TYPE},
	    {offsetof(struct proto_hdr, id), 8, 0, CHAN_E_TYPE},
	};
	struct proto_hdr *h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		make(PROC_NET, PROC_SVC, CHAN_RUN, 4);
		memcpy(buf.b, &v_svc_open, sizeof(v_svc_open));
		h = compose(MSG_SVC_OPEN, sizeof(v_svc_open), 1);
		memcpy((uint8_t *)h + t[i].off, &t[i].value, t[i].width);
		raw(h, sizeof(*h) + sizeof(v_svc_open), NULL, 0);
		if (t[i].err == CHAN_OK)
			assert_int_equal(chan_recv(&rcv, &msg), 1);
		else
			refused(t[i].err);
		done();
	}
}

static void
sizes(void **state)
{
	struct proto_hdr *h;
	size_t n;

	(void)state;
	for (n = 1; n < sizeof(*h); n++) {
		make(PROC_NET, PROC_SVC, CHAN_RUN, 4);
		raw(compose(MSG_SVC_OPEN, 0, 1), n, NULL, 0);
		refused(CHAN_E_SHORT);
		assert_int_equal(rcv.err_type, MSG_NONE);
		done();
	}
	memset(buf.b, 0, sizeof(buf.b));
	make(PROC_NET, PROC_SVC, CHAN_RUN, 4);
	raw(compose(MSG_SVC_OPEN, PROTO_MAX_PAYLOAD + 1, 1), PROTO_MAX_MSG + 1,
	    NULL, 0);
	refused(CHAN_E_TRUNC);
	done();
	make(PROC_NET, PROC_SVC, CHAN_RUN, 4);
	raw(compose(MSG_SVC_OPEN, PROTO_MAX_PAYLOAD + 4000, 1),
	    PROTO_MAX_MSG + 4000, NULL, 0);
	refused(CHAN_E_TRUNC);
	done();
	make(PROC_NET, PROC_SVC, CHAN_RUN, 4); /* end of file, both kinds */
	raw("", 0, NULL, 0);
	refused(CHAN_E_EOF);
	done();
	make(PROC_NET, PROC_SVC, CHAN_RUN, 4);
	chan_close(&snd);
	refused(CHAN_E_EOF);
	chan_close(&rcv);
	make(PROC_NET, PROC_SVC, CHAN_RUN, 4); /* not a socket at all */
	close(rcv.fd);
	rcv.fd = open("/dev/null", O_RDONLY);
	refused(CHAN_E_RECV);
	done();
}

static void
states(void **state)
{
	const struct proto_row *r;
	const struct vec_good *v;
	size_t i, len;
	uint8_t s;
	int fd;

	(void)state;
	for (i = 0; i < NGOOD; i++) {
		v = &vec_good[i];
		r = proto_row(v->type, v->from, v->to);
		for (s = CHAN_BOOT; s <= CHAN_DRAIN; s = (uint8_t)(s << 1)) {
			if (r->states & s || v->type == MSG_EVENTS)
				continue;
			make(v->from, v->to, s == CHAN_RUN ? CHAN_SETUP : s,
			    4);
			snd.state = rcv.state = s;
			snd.oneway = rcv.oneway = 0;
			len = vec_fill(v, buf.b);
			fd = fd_of(r->fd);
			assert_int_equal(chan_send(&snd, v->type,
			    r->flags & ROW_ID ? 1 : 0, buf.b, len, fd), -1);
			assert_int_equal(snd.err, CHAN_E_TYPE);
			if (fd != -1)
				close(fd);
			done();
		}
	}
}

/* The life of a channel parent > net: states move by themselves. */
static void
handshake(void **state)
{
	(void)state;
	make(PROC_PARENT, PROC_NET, CHAN_BOOT, 8);
	assert_int_equal(chan_send(&snd, MSG_STOP, 0, NULL, 0, -1), -1);
	assert_int_equal(chan_hello(&snd, 0), 0);
	assert_int_equal(snd.state, CHAN_BOOT);
	assert_int_equal(chan_hello(&snd, 0), -1); /* once */
	assert_int_equal(snd.err, CHAN_E_TYPE);
	assert_int_equal(chan_hello(&rcv, 3), 0);
	assert_int_equal(chan_recv(&rcv, &msg), 1);
	assert_int_equal(msg.type, MSG_HELLO);
	assert_int_equal(msg.u.hello.proc, PROC_PARENT);
	assert_int_equal(rcv.state, CHAN_SETUP);
	assert_int_equal(chan_recv(&snd, &msg), 1);
	assert_int_equal(msg.u.hello.instance, 3);
	assert_int_equal(snd.state, CHAN_SETUP);
	assert_int_equal(chan_send(&rcv, MSG_READY, 0, &v_ready,
	    sizeof(v_ready), -1), 0);
	assert_int_equal(chan_send(&rcv, MSG_READY, 0, &v_ready,
	    sizeof(v_ready), -1), -1);
	assert_int_equal(chan_recv(&snd, &msg), 1);
	assert_int_equal(chan_send(&snd, MSG_START, 0, &v_start,
	    sizeof(v_start), -1), 0);
	assert_int_equal(snd.state, CHAN_RUN);
	assert_int_equal(chan_recv(&rcv, &msg), 1);
	assert_int_equal(rcv.state, CHAN_RUN);
	assert_int_equal(chan_send(&snd, MSG_STOP, 0, NULL, 0, -1), 0);
	assert_int_equal(chan_recv(&rcv, &msg), 1);
	assert_int_equal(rcv.state, CHAN_DRAIN);
	assert_int_equal(chan_send(&rcv, MSG_TROUBLE, 0, &v_trouble,
	    sizeof(v_trouble), -1), 0);
	assert_int_equal(chan_recv(&snd, &msg), 1);
	assert_int_equal(snd.n_in, 3);
	assert_int_equal(snd.n_out, 3);
	done();

	make(PROC_NET, PROC_SVC_SHELL, CHAN_BOOT, 8);
	assert_int_equal(chan_hello(&snd, 0), 0);
	assert_int_equal(chan_hello(&rcv, 0), 0);
	assert_int_equal(chan_recv(&snd, &msg), 1);
	assert_int_equal(chan_recv(&rcv, &msg), 1);
	assert_int_equal(snd.state, CHAN_RUN);
	assert_int_equal(rcv.state, CHAN_RUN);
	done();
}

/* A HELLO of somebody else, of another build, and a second READY. */
static void
hello_lies(void **state)
{
	struct msg_hello *m = (struct msg_hello *)(void *)buf.b;
	struct proto_hdr *h;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		make(PROC_NET, PROC_SVC, CHAN_BOOT, 4);
		memset(m, 0, sizeof(*m));
		m->proto_version = PROTO_VERSION + (i == 0);
		m->proc = PROC_NET;
		chan_build_id(m->build);
		m->build[19] ^= i == 1;
		h = compose(MSG_HELLO, sizeof(*m), 0);
		raw(h, sizeof(*h) + sizeof(*m), NULL, 0);
		if (i < 2)
			refused(CHAN_E_MEANING);
		else
			assert_int_equal(chan_recv(&rcv, &msg), 1);
		done();
	}
	make(PROC_SVC, PROC_NET, CHAN_BOOT, 4); /* svc says it is svc -S */
	m->proc = PROC_SVC_SHELL;
	h = compose(MSG_HELLO, sizeof(*m), 0);
	raw(h, sizeof(*h) + sizeof(*m), NULL, 0);
	refused(CHAN_E_MEANING);
	done();
	make(PROC_PARENT, PROC_NET, CHAN_RUN, 4); /* an id where none belongs */
	h = compose(MSG_STOP, 0, 1);
	raw(h, sizeof(*h), NULL, 0);
	refused(CHAN_E_TYPE);
	done();
	make(PROC_PARENT, PROC_NET, CHAN_SETUP, 4); /* once */
	for (i = 0; i < 2; i++) {
		memcpy(buf.b, &v_ready, sizeof(v_ready));
		h = compose(MSG_READY, sizeof(v_ready), 0);
		h->seq = (uint32_t)i;
		assert_int_equal(send(rcv.fd, h, sizeof(*h) + 8, 0),
		    sizeof(*h) + 8);
	}
	assert_int_equal(chan_recv(&snd, &msg), 1);
	assert_int_equal(chan_recv(&snd, &msg), -1);
	assert_int_equal(snd.err, CHAN_E_TYPE);
	done();
}

/* Wrong numbers and kinds of descriptors; none may leak. */
static void
descriptors(void **state)
{
	static const struct {
		uint8_t from, to;
		uint16_t type;
		uint8_t flags;
		int nfd;
		uint8_t kind; /* what is sent */
		uint8_t err;
	} t[] = {
	    {PROC_PARENT, PROC_LOG, MSG_LOG_SEGMENT, 1, 0, 0, CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_LOG_SEGMENT, 0, 1, FDK_SEGMENT,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_LOG_SEGMENT, 1, 2, FDK_SEGMENT,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_LOG_SEGMENT, 1, 6, FDK_SEGMENT,
		CHAN_E_TRUNC},
	    {PROC_PARENT, PROC_LOG, MSG_LOG_SEGMENT, 1, 1, FDK_IMAGE,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_LOG_SEGMENT, 1, 1, FDK_PACKET,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_LOG_SEGMENT, 1, 1, FDK_CHANNEL,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_PEER_UP, 1, 1, FDK_SESSION, CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_IMAGE, 1, 1, FDK_PACKET, CHAN_E_FD},
	    {PROC_PARENT, PROC_NET, MSG_NET_IFACE, 1, 1, FDK_CHANNEL,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_NET, MSG_STOP, 1, 1, FDK_SEGMENT, CHAN_E_FD},
	    {PROC_PARENT, PROC_NET, MSG_STOP, 0, 1, FDK_SEGMENT, CHAN_E_FD},
	    {PROC_SVC, PROC_NET, MSG_SVC_OPENED, 1, 1, FDK_IMAGE, CHAN_E_FD},
	    /* no row brings one here: no room for it in the first place */
	    {PROC_NET, PROC_SVC, MSG_SVC_CLOSE, 1, 1, FDK_SESSION,
		CHAN_E_TRUNC},
	    {PROC_NET, PROC_PARENT, MSG_READY, 0, 1, FDK_SESSION,
		CHAN_E_TRUNC},
	};
	const struct vec_good *v;
	const struct proto_row *r;
	struct proto_hdr *h;
	size_t i, len;
	int fd[8], before = open_fds(), k;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (v = vec_good; v->type != t[i].type; v++)
			continue;
		r = proto_row(t[i].type, t[i].from, t[i].to);
		assert_non_null(r);
		make(t[i].from, t[i].to, CHAN_SETUP, 4);
		snd.state = rcv.state = state_of(r);
		len = vec_fill(v, buf.b);
		h = compose(t[i].type, len, r->flags & ROW_ID ? 1 : 0);
		h->flags = t[i].flags;
		for (k = 0; k < t[i].nfd; k++)
			fd[k] = fd_of(t[i].kind);
		raw(h, sizeof(*h) + len, fd, (size_t)t[i].nfd);
		for (k = 0; k < t[i].nfd; k++)
			close(fd[k]);
		refused(t[i].err);
		done();
		if (open_fds() != before)
			fail_msg("case %zu leaks", i);
	}
}

/* A full socket fills the queue; order and content survive; the bound holds;
 * closing frees the descriptors that wait. */
static void
queue(void **state)
{
	struct msg_svc_opened op = {.transport = 1};
	struct msg_svc_exit ex = {.status = 0};
	int before = open_fds(), fd = fd_of(FDK_SESSION), r, queued = 0;
	uint64_t id = 0, got = 0;

	(void)state;
	make(PROC_SVC, PROC_NET, CHAN_RUN, 16);
	while (!chan_pending(&snd)) {
		id++;
		assert_int_equal(chan_send(&snd, MSG_SVC_EXIT, id, &ex,
		    sizeof(ex), -1), 0);
		assert_true(id < 100000);
	}
	for (r = 0; r == 0; queued++)
		r = chan_send(&snd, MSG_SVC_OPENED, ++id, &op, sizeof(op), fd);
	assert_int_equal(snd.err, CHAN_E_QUEUE);
	assert_int_equal(queued, 16); /* 15 taken, one refused */
	assert_int_equal(snd.n_full, 1);
	id--;
	assert_int_equal(chan_flush(&snd), 1);
	close(fd); /* the queue has its own */
	while (got < id) {
		(void)chan_flush(&snd);
		assert_int_equal(chan_recv(&rcv, &msg), 1);
		assert_true(msg.id == ++got);
		assert_int_equal(msg.type, got > id - 15 ? MSG_SVC_OPENED
							 : MSG_SVC_EXIT);
		if (msg.fd != -1)
			close(msg.fd);
	}
	assert_int_equal(chan_recv(&rcv, &msg), 0);
	assert_int_equal(chan_flush(&snd), 0);
	assert_true(snd.n_out == id && rcv.n_in == id);
	done();
	assert_int_equal(open_fds(), before);

	fd = fd_of(FDK_SESSION); /* closed while full */
	make(PROC_SVC, PROC_NET, CHAN_RUN, 16);
	while (chan_send(&snd, MSG_SVC_OPENED, 1, &op, sizeof(op), fd) == 0)
		continue;
	assert_int_equal(snd.err, CHAN_E_QUEUE);
	close(fd);
	done();
	assert_int_equal(open_fds(), before);

	make(PROC_SVC, PROC_NET, CHAN_RUN, 16); /* peer gone: no signal */
	chan_close(&rcv);
	assert_int_equal(chan_send(&snd, MSG_SVC_EXIT, 1, &ex, sizeof(ex),
	    -1), -1);
	assert_int_equal(snd.err, CHAN_E_EOF);
	chan_close(&snd);
}

static void
oneway(void **state)
{
	struct msg_events *e = (struct msg_events *)(void *)buf.b;
	struct chan again;
	int i;

	(void)state;
	make(PROC_NET, PROC_LOG, CHAN_RUN, 4);
	assert_int_equal(chan_hello(&snd, 0), -1);
	memcpy(e, &v_events, sizeof(v_events));
	for (i = 0; i < 5; i++)
		assert_int_equal(chan_send_now(&snd, MSG_EVENTS, 0, e,
		    sizeof(v_events)), 0);
	for (i = 0; i < 3; i++) { /* looking does not take */
		assert_int_equal(chan_peek(&rcv, &msg), 1);
		assert_int_equal(msg.u.events.count, 2);
	}
	assert_int_equal(chan_take(&rcv), 1);
	assert_int_equal(chan_recv(&rcv, &msg), 1);
	/* a successor on the same socket reads on where it finds it */
	chan_init_oneway(&again, dup(rcv.fd), PROC_LOG, PROC_NET, 0, 1);
	assert_int_equal(chan_take(&again), 1); /* unseen: skipped */
	assert_int_equal(chan_peek(&again, &msg), 1);
	assert_int_equal(chan_take(&again), 1);
	/* now the first one has missed two: that is an error */
	refused(CHAN_E_TYPE);
	assert_int_equal(chan_take(&again), 0);
	assert_int_equal(chan_peek(&again, &msg), 0);
	chan_close(&again);
	done();

	make(PROC_NET, PROC_LOG, CHAN_RUN, 4); /* after the first: no jumps */
	assert_int_equal(chan_send_now(&snd, MSG_EVENTS, 0, e,
	    sizeof(v_events)), 0);
	assert_int_equal(chan_recv(&rcv, &msg), 1);
	snd.seq_out++;
	assert_int_equal(chan_send_now(&snd, MSG_EVENTS, 0, e,
	    sizeof(v_events)), 0);
	refused(CHAN_E_TYPE);
	done();
	make(PROC_PARENT, PROC_LOG, CHAN_SETUP, 4); /* the wrong one of two */
	chan_set_state(&snd, CHAN_RUN);
	chan_set_state(&rcv, CHAN_RUN);
	e->proc = PROC_PARENT;
	e->count = 1;
	memcpy(e + 1, &v_events.text, 80);
	assert_int_equal(chan_send(&snd, MSG_EVENTS, 0, e, sizeof(*e) + 80,
	    -1), -1);
	assert_int_equal(snd.err, CHAN_E_TYPE);
	done();
	make(PROC_PARENT, PROC_LOG, CHAN_RUN, 4);
	assert_int_equal(chan_send(&snd, MSG_STOP, 0, NULL, 0, -1), -1);
	assert_int_equal(snd.err, CHAN_E_TYPE);
	assert_int_equal(chan_send(&snd, MSG_EVENTS, 0, e, sizeof(*e) + 80,
	    -1), 0);
	done();
	memcpy(e, &v_events, sizeof(v_events));

	make(PROC_NET, PROC_LOG, CHAN_RUN, 4); /* in another's name */
	e->proc = PROC_PARENT;
	((struct event *)(e + 1))->kind = EV_DIAG;
	assert_int_equal(chan_send(&snd, MSG_EVENTS, 0, e, sizeof(v_events),
	    -1), -1);
	assert_int_equal(snd.err, CHAN_E_MEANING);
	done();
	make(PROC_NET, PROC_LOG, CHAN_RUN, 1); /* full: nothing is taken */
	e->proc = PROC_NET;
	((struct event *)(e + 1))->kind = EV_TCP_PROBE;
	for (i = 0; chan_send_now(&snd, MSG_EVENTS, 0, e, sizeof(v_events)) ==
	    0; i++)
		assert_true(i < 100000);
	assert_false(chan_pending(&snd));
	assert_true(snd.n_full == 1 && (int)snd.n_out == i);
	done();
}

/* Exit code of a child that calls fn. */
static int
exit_of(void (*fn)(void))
{
	pid_t pid = fork();
	int st;

	if (pid == 0) {
		close(2);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

static void
go_down(void)
{
	chan_set_state(&snd, CHAN_RUN);
	chan_set_state(&snd, CHAN_SETUP);
}

static void
go_nowhere(void)
{
	chan_set_state(&snd, CHAN_RUN | CHAN_DRAIN);
}

static void
fatal_bugs(void **state)
{
	(void)state;
	make(PROC_PARENT, PROC_NET, CHAN_BOOT, 4);
	assert_int_equal(exit_of(go_down), 1);
	assert_int_equal(exit_of(go_nowhere), 1);
	done();
}

static void
placing(void **state)
{
	int before = open_fds(), fd = fd_of(FDK_CHANNEL);

	(void)state;
	assert_int_equal(fd_place(fd, 200), 200);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(fcntl(200, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(200, F_SETFD, 0), 0);
	assert_int_equal(fd_place(200, 200), 200);
	assert_int_equal(fcntl(200, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fd_place(199, 201), -1);
	assert_int_equal(errno, EBADF);
	close(200);
	assert_int_equal(open_fds(), before);
	assert_string_equal(chan_strerror(CHAN_E_LENGTH),
	    "length outside bounds");
	assert_string_equal(chan_strerror(99), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_vectors_pass),
	    cmocka_unit_test(bad_vectors_stop),
	    cmocka_unit_test(header_checks),
	    cmocka_unit_test(sizes),
	    cmocka_unit_test(states),
	    cmocka_unit_test(handshake),
	    cmocka_unit_test(hello_lies),
	    cmocka_unit_test(descriptors),
	    cmocka_unit_test(queue),
	    cmocka_unit_test(oneway),
	    cmocka_unit_test(fatal_bugs),
	    cmocka_unit_test(placing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
