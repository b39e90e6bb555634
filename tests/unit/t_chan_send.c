/* SPDX-License-Identifier: ISC */
/*
 * Channels, sending: descriptors, the queue, one-way channels, what ends the
 * process, descriptors put in their places.
 */
#include "chan_fix.h"

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
	    /* a page that could shrink, a state that could only be appended to,
	     * a socket that is none, a segment that could be written */
	    {PROC_PARENT, PROC_LOG, MSG_SEAL_PAGE, 1, 1, FDK_PACKET,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_SEAL_PAGE, 1, 1, FDK_STATE, CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_SEAL_FILE, 1, 1, FDK_SEGMENT,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_LOG, MSG_SEAL_FILE, 1, 1, FDK_PAGE, CHAN_E_FD},
	    {PROC_PARENT, PROC_SHIP, MSG_SHIP_SOCKET, 1, 1, FDK_READ,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_SHIP, MSG_SHIP_SOCKET, 1, 1, FDK_CHANNEL,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_SHIP, MSG_SHIP_SEGMENT, 1, 1, FDK_SEGMENT,
		CHAN_E_FD},
	    {PROC_PARENT, PROC_SHIP, MSG_SHIP_SEGMENT, 1, 1, FDK_PACKET,
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
	    cmocka_unit_test(descriptors),
	    cmocka_unit_test(queue),
	    cmocka_unit_test(oneway),
	    cmocka_unit_test(fatal_bugs),
	    cmocka_unit_test(placing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
