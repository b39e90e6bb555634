/* SPDX-License-Identifier: ISC */
/*
 * hpd-log's inner working without sandbox: a real producer's ring on one end,
 * files on the other. Peek, write, take; gaps; duplicates; broken producers;
 * a full disk; a successor that reads on.
 */
#include <sys/resource.h>

#include "tests/unit/log_fix.h"

static void
peek_write_take(void **state)
{
	int i;

	(void)state;
	start();
	segment(STREAM_EVENTS, 1, 1 << 20);
	producer();
	for (i = 0; i < 200; i++)
		put((uint16_t)i);
	evq_flush(&q, 1);
	turn(3);
	check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 0); /* not before START */
	ld->running = 1;
	producers_watch(ld);
	turn(3);
	check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 200);
	assert_int_equal(occurs("\"seq\":200,"), 1);
	assert_int_equal(ld->stats[LS_RECORDS], 200);
	assert_int_equal(recv(keep, text, 1, MSG_DONTWAIT | MSG_PEEK), -1);
	/* The producer ends: its channel too. */
	unproduce();
	turn(2);
	assert_int_equal(ld->prod[0].open, 0);
	stop_all();
}

static void
resend(uint64_t first, uint16_t port)
{
	put(port);
	q.first_seq = first;
	q.next_seq = first + 1;
	evq_flush(&q, 1);
}

static void
gaps_and_duplicates(void **state)
{
	(void)state;
	start();
	segment(STREAM_EVENTS, 1, 1 << 20);
	producer();
	ld->running = 1;
	producers_watch(ld);
	resend(500, 1); /* whatever comes first is accepted */
	resend(501, 2);
	resend(500, 3); /* seen: left out */
	resend(502, 4);
	resend(510, 5); /* 503..509 are missing */
	turn(10);
	check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 4);
	assert_int_equal(occurs("\"port\":3,\"pa"), 0);
	assert_int_equal(occurs("\"lost\":{\"first\":503,\"last\":509,"
				"\"count\":7,\"producer\":\"hpd-net\""), 1);
	assert_int_equal(ld->stats[LS_DUPLICATES], 1);
	assert_int_equal(ld->stats[LS_GAP_RECORDS], 7);
	q.run++; /* a new life begins where it likes */
	resend(1, 6);
	turn(3);
	check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 5);
	assert_int_equal(ld->stats[LS_GAPS], 1);
	assert_int_equal(ld->stats[LS_DUPLICATES], 1);
	unproduce();
	stop_all();
}

/* hpd-log dies between write and take: the successor writes it again. */
static void
successor(void **state)
{
	int i;

	(void)state;
	start();
	segment(STREAM_EVENTS, 1, 1 << 20);
	producer();
	ld->running = 1;
	for (i = 0; i < 10; i++) {
		put((uint16_t)i);
		evq_flush(&q, 1);
	}
	assert_int_equal(producer_pump(ld, 0, 4), 4);
	check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 4);
	i = dup(keep);
	stop();
	start();
	segment(STREAM_EVENTS, 2, 1 << 20);
	ld->running = 1;
	peer(0, i);
	assert_int_equal(producer_pump(ld, 0, 100), 6);
	check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 6);
	assert_int_equal(occurs("\"seq\":5,"), 1);
	assert_int_equal(occurs("log.gap"), 0);
	unproduce();
	stop_all();
}

/* What a dead producer left is read before its successor's. */
static void
replaced(void **state)
{
	(void)state;
	start();
	segment(STREAM_EVENTS, 1, 1 << 20);
	producer();
	put(1);
	evq_flush(&q, 1);
	unproduce();
	producer(); /* nothing may be read yet: the new one waits */
	q.run++;    /* began in the same millisecond */
	assert_int_not_equal(ld->prod[0].next_fd, -1);
	put(2);
	evq_flush(&q, 1);
	ld->running = 1;
	producers_watch(ld);
	turn(5);
	check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 2);
	assert_true(strstr(text, "\"port\":1,\"pa") < strstr(text, "\"port\":2,\"pa"));
	unproduce();
	stop_all();
}

/* What evq_flush would refuse to send. */
static void
forged(void)
{
	struct {
		struct proto_hdr h;
		struct msg_events e;
		struct event ev;
	} m;

	memset(&m, 0, sizeof(m));
	m.h.magic = PROTO_MAGIC;
	m.h.version = PROTO_VERSION;
	m.h.type = MSG_EVENTS;
	m.h.len = sizeof(m) - sizeof(m.h);
	m.h.seq = q.chan.seq_out;
	m.e.boot = BOOT;
	m.e.first_seq = 2;
	m.e.count = 1;
	m.e.proc = PROC_NET;
	m.ev.len = sizeof(m.ev);
	m.ev.kind = EV_STOP;
	m.ev.wall_ns = 1;
	m.ev.count = 1;
	assert_int_equal(send(q.chan.fd, &m, sizeof(m), 0), sizeof(m));
}

static void
broken(void **state)
{
	struct chan_msg *m = calloc(1, sizeof(*m));
	int sv[2], saw = 0;

	(void)state;
	start();
	segment(STREAM_EVENTS, 1, 1 << 20);
	producer();
	assert_int_equal(chan_pair(sv), 0);
	peer(1, sv[0]);
	ld->running = 1;
	producers_watch(ld);
	assert_int_equal(send(sv[1], "garbage garbage garbage garbage", 31, 0),
	    31);
	put(9);
	evq_flush(&q, 1);
	turn(5);
	check(0);
	assert_int_equal(ld->prod[1].open, 0);
	assert_int_equal(occurs("hpd.chan.broken"), 1);
	assert_int_equal(occurs("hpd.tcp.probe"), 1); /* the other one lives */
	assert_int_equal(ld->prod[0].open, 1);
	/* A record its producer may not say: hpd-net does not stop the suite. */
	forged();
	turn(5);
	check(0);
	assert_int_equal(ld->prod[0].open, 0);
	assert_int_equal(occurs("hpd.stop"), 0);
	while (chan_recv(&boss, m) == 1)
		saw += m->type == MSG_TROUBLE;
	assert_int_equal(saw, 2);
	free(m);
	close(sv[1]);
	unproduce();
	stop_all();
}

/* The disk is full in the middle of a batch, then has room again. */
static void
disk_full(void **state)
{
	struct rlimit old, lim;
	int i;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	start();
	segment(STREAM_EVENTS, 1, 1 << 20);
	producer();
	ld->running = 1;
	producers_watch(ld);
	lim = old;
	lim.rlim_cur = 3000;
	setrlimit(RLIMIT_FSIZE, &lim);
	for (i = 0; i < 40; i++) {
		put((uint16_t)i);
		if (i % 10 == 0)
			evq_flush(&q, 1);
	}
	evq_flush(&q, 1);
	turn(10);
	assert_int_equal(ld->seg[0].state, SEG_STOPPED);
	assert_int_equal(ld->seg[0].error, EFBIG);
	stream_tick(ld); /* no luck */
	assert_int_equal(ld->seg[0].state, SEG_STOPPED);
	setrlimit(RLIMIT_FSIZE, &old);
	stream_tick(ld);
	turn(10);
	check(0); /* no torn line at all: it was finished */
	assert_int_equal(occurs("hpd.tcp.probe"), 40);
	assert_int_equal(occurs("works again"), 1);
	/* And again; this time another segment comes to the rescue. */
	lim.rlim_cur = 40000;
	setrlimit(RLIMIT_FSIZE, &lim);
	for (i = 0; i < 60; i++)
		put((uint16_t)(5000 + i));
	evq_flush(&q, 1);
	turn(10);
	assert_int_equal(ld->seg[0].state, SEG_STOPPED);
	check(1);
	i = (int)occurs("\"port\":50");
	assert_true(i > 0 && i < 60);
	segment(STREAM_EVENTS, 2, 1 << 20); /* the old one is still full */
	setrlimit(RLIMIT_FSIZE, &old);
	turn(10);
	check(0);
	assert_true((int)occurs("\"port\":50") + i >= 60);
	assert_true((int)occurs("\"port\":50") + i <= 61);
	assert_int_equal(occurs("\"port\":5059,\"pa"), 1);
	unproduce();
	stop_all();
}

static void
skipped(void **state)
{
	(void)state;
	start();
	segment(STREAM_EVENTS, 1, 1 << 20);
	producer();
	put(77);
	evq_flush(&q, 1);
	put(78);
	evq_flush(&q, 1);
	producer_skip(ld, 0);
	ld->running = 1;
	producers_watch(ld);
	turn(5);
	check(0);
	assert_int_equal(occurs("hpd.log.skip"), 1);
	assert_non_null(strstr(text, "at 0: 5048")); /* the magic, in hex */
	assert_int_equal(occurs("\"lost\":{\"first\":1,\"last\":1,"), 1);
	assert_int_equal(occurs("\"port\":77,\"pa"), 0);
	assert_int_equal(occurs("\"port\":78,\"pa"), 1);
	unproduce();
	stop_all();
}

/* A honeyd stream that stops drops and counts, the events go on. */
static void
text_stream(void **state)
{
	(void)state;
	start();
	segment(STREAM_EVENTS, 1, 1 << 20);
	segment(STREAM_HONEYD, 1, 1 << 20);
	producer();
	ld->running = 1;
	producers_watch(ld);
	put(1);
	evq_flush(&q, 1);
	turn(2);
	assert_int_equal(ld->stats[LS_TEXT_LINES], 2); /* mark and probe */
	assert_int_equal(dup2(open("/dev/full", O_WRONLY), 33), 33);
	put(2);
	evq_flush(&q, 1);
	turn(2);
	put(3);
	evq_flush(&q, 1);
	turn(2);
	assert_int_equal(ld->stats[LS_TEXT_LOST], 2);
	segment(STREAM_HONEYD, 2, 1 << 20);
	turn(2);
	check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 3);
	assert_int_equal(occurs("\"action\":\"hpd.log.lost\""), 1);
	assert_non_null(strstr(text, "stream honeyd works again: 2 lines"));
	unproduce();
	stop_all();
}

static void
full_and_sealed(void **state)
{
	struct chan_msg *m = calloc(1, sizeof(*m));
	unsigned int full = 0, sealed = 0;
	int i;

	(void)state;
	start();
	segment(STREAM_EVENTS, 9, 5000);
	producer();
	ld->running = 1;
	producers_watch(ld);
	for (i = 0; i < 20; i++)
		put(1);
	evq_flush(&q, 1);
	turn(2);
	ld->seg[0].synced_ns -= 2 * SEGMENT_SYNC_NS;
	stream_tick(ld);
	while (chan_recv(&boss, m) == 1) {
		if (m->type == MSG_LOG_FULL) {
			full++;
			assert_int_equal(m->u.log_full.number, 9);
			assert_int_equal(m->u.log_full.why, SEG_FULL_SIZE);
		}
		if (m->type == MSG_SEALED) {
			sealed++;
			assert_int_equal(m->u.sealed.seq, 20);
			assert_int_equal(m->u.sealed.proc, PROC_NET);
		}
	}
	assert_int_equal(full, 1);
	assert_int_equal(sealed, 1);
	assert_int_equal(ld->seg[0].unsynced, 0);
	free(m);
	unproduce();
	stop_all();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peek_write_take),
		cmocka_unit_test(gaps_and_duplicates),
		cmocka_unit_test(successor),
		cmocka_unit_test(replaced),
		cmocka_unit_test(broken),
		cmocka_unit_test(disk_full),
		cmocka_unit_test(skipped),
		cmocka_unit_test(text_stream),
		cmocka_unit_test(full_and_sealed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	diag_init("t_log_producer", DIAG_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
