/* SPDX-License-Identifier: ISC */
/*
 * Channels, receiving: every vector over a real pair, each of the nine checks,
 * sizes, states, HELLO.
 */
#include "chan_fix.h"

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
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
