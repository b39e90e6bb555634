/* SPDX-License-Identifier: ISC */
/*
 * The event queue: what comes out at hpd-log's end is what went in, in order,
 * sequence without holes, and every record lost is told exactly once.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/diag.h"
#include "common/evq.h"

static struct evq q;
static struct chan in;
static struct chan_msg msg;

/* What the reader has seen. */
static uint64_t seq, records, told, datagrams;
static uint64_t told_class[LOST_MAX], told_packets;
static uint32_t next_mark; /* mark of the next record expected, if checking */

static void
make(uint32_t size)
{
	int fd[2];

	assert_int_equal(chan_pair(fd), 0);
	assert_int_equal(evq_init(&q, fd[0], PROC_NET, 2, size), 0);
	chan_init_oneway(&in, fd[1], PROC_LOG, PROC_NET, 2, 1);
	seq = 1;
	memset(told_class, 0, sizeof(told_class));
	told_packets = 0;
	records = told = datagrams = next_mark = 0;
}

static void
done(void)
{
	chan_close(&q.chan);
	chan_close(&in);
	free(q.ring);
}

/* Read all that is in the socket. Records carry their number in session; a
 * lost one moves the numbers on. */
static void
drain(void)
{
	const struct event *e;
	const struct ev_lost *l;
	size_t off, len;
	unsigned int i;
	int r;

	while ((r = chan_recv(&in, &msg)) == 1) {
		datagrams++;
		assert_int_equal(msg.u.events.boot, 77);
		assert_int_equal(msg.u.events.instance, 2);
		assert_true(msg.u.events.first_seq == seq);
		off = sizeof(struct msg_events);
		for (i = 0; i < msg.u.events.count; i++, off += e->len) {
			e = (const struct event *)(const void *)(msg.u.data +
			    off);
			if (e->kind == EV_LOG_LOST) {
				l = event_data(e, &len);
				assert_int_equal(len, sizeof(*l));
				assert_true(l->count > 0);
				assert_int_equal(e->count, l->count);
				assert_int_equal(l->proc, PROC_NET);
				assert_int_equal(l->instance, 2);
				assert_true(l->what < LOST_MAX);
				told_class[l->what] += l->count;
				told_packets += l->packets;
				assert_true(l->first <= l->last);
				told += l->count;
				next_mark += (uint32_t)l->count;
				continue;
			}
			assert_true(e->session == next_mark);
			next_mark++;
			records++;
		}
		seq += msg.u.events.count;
	}
	assert_int_equal(r, 0);
}

static int
put(uint32_t mark, size_t dlen)
{
	static uint8_t data[EVENT_DATA_MAX];
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = EV_NET_LIMIT;
	ev.session = mark;
	memset(data, (int)(mark & 0x7f), dlen);
	return evq_put(&q, &ev, data, dlen);
}

static void
sizes(void **state)
{
	static const uint32_t bad[] = {0, 32768, 65535, 65537, 100000,
	    0x80000000};
	size_t i;
	int fd[2];

	(void)state;
	assert_int_equal(chan_pair(fd), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(evq_init(&q, fd[0], PROC_NET, 0, bad[i]),
		    -1);
	close(fd[0]);
	close(fd[1]);
}

/* Nothing leaves before START; batches are full unless forced; the content is
 * the same at the other end. */
static void
batches(void **state)
{
	const struct event *e;
	const char *p;
	size_t len;
	uint32_t i;

	(void)state;
	make(65536);
	for (i = 0; i < 5; i++)
		assert_int_equal(put(i, i), 0);
	assert_int_equal(evq_flush(&q, 1), 0);
	assert_int_equal(chan_recv(&in, &msg), 0);
	evq_start(&q, 77);
	assert_int_equal(evq_flush(&q, 0), 0); /* not full */
	assert_int_equal(chan_recv(&in, &msg), 0);
	assert_int_equal(evq_flush(&q, 1), 0);
	assert_int_equal(chan_recv(&in, &msg), 1);
	assert_int_equal(msg.u.events.count, 5);
	assert_int_equal(msg.len, sizeof(struct msg_events) + 5 * 64 + 4 * 8);
	assert_true(msg.u.events.mono_offset_ns > 1000000000 * NS_SEC / 2);
	e = (const struct event *)(const void *)(msg.u.data +
	    sizeof(struct msg_events) + 64 + 72 + 72);
	p = event_data(e, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(p, "\3\3\3", 3);
	assert_int_equal(e->pad, 5);
	assert_int_equal(e->count, 1);
	assert_true(e->wall_ns > 1000000000 * NS_SEC);
	seq += 5;
	next_mark = 5;
	for (i = 5; i < 5 + 3 * EVENTS_MAX; i++)
		assert_int_equal(put(i, 0), 0);
	assert_int_equal(evq_flush(&q, 0), 0);
	drain();
	assert_int_equal(datagrams, 3);
	assert_int_equal(records, 3 * EVENTS_MAX);
	assert_int_equal(q.n_sent, 5 + 3 * EVENTS_MAX);
	done();
}

/* Long random runs with a reader that falls behind: sums are exact. */
static void
overload(void **state)
{
	uint64_t rng = 12345, ok = 0;
	uint32_t i;
	size_t dlen;

	(void)state;
	make(65536);
	evq_start(&q, 77);
	for (i = 0; i < 300000; i++) {
		rng = rng * 6364136223846793005ULL + 1442695040888963407ULL;
		dlen = (rng >> 33) % 16 == 0 ? (rng >> 40) % 4097
					     : (rng >> 40) % 24;
		ok += put(i, dlen) == 0;
		if ((rng >> 20) % 64 == 0)
			(void)evq_flush(&q, (rng >> 50) & 1);
		if ((rng >> 25) % 4096 == 0)
			drain();
	}
	while (evq_flush(&q, 1) == 1)
		drain();
	drain();
	assert_true(q.n_lost_total > 1000 && ok > 1000);
	assert_true(told == q.n_lost_total);
	assert_true(records == ok);
	assert_true(ok + told == 300000);
	assert_true(seq == q.next_seq && q.nrec == 0 && q.head == q.tail);
	assert_false(chan_pending(&q.chan));
	done();
}

/* Too large a record is lost, not cut; the loss is told by the next flush
 * even when nothing follows. */
static void
too_large(void **state)
{
	(void)state;
	make(65536);
	evq_start(&q, 77);
	assert_null(evq_reserve(&q, EV_DIAG, 1, EVENT_DATA_MAX + 1));
	assert_null(evq_reserve(&q, EV_DIAG, 1, SIZE_MAX));
	assert_int_equal(evq_flush(&q, 1), 0);
	drain();
	assert_int_equal(told, 2);
	assert_int_equal(records, 0);
	assert_int_equal(put(2, EVENT_DATA_MAX), 0);
	assert_int_equal(evq_flush(&q, 1), 0);
	drain();
	assert_int_equal(records, 1);
	done();
}

/* Built in place: zeroed, padded, stamped at the latest when it leaves. */
static void
in_place(void **state)
{
	struct event *e;
	int i;

	(void)state;
	make(65536);
	memset(q.ring, 0xee, q.size);
	evq_start(&q, 77);
	for (i = 0; i < 2; i++) {
		e = evq_reserve(&q, EV_NET_LINK, 1, 3);
		assert_non_null(e);
		assert_int_equal(e->len, 72);
		assert_int_equal(e->pad, 5);
		assert_memory_equal((uint8_t *)e + 67, "\0\0\0\0\0", 5);
		e->session = (uint64_t)i;
		memcpy(e + 1, "abc", 3);
	}
	assert_int_equal(evq_flush(&q, 1), 0);
	drain();
	assert_int_equal(records, 2);
	done();
}

/* A producer's own mistake costs that record, not the channel. */
static void
mistakes(void **state)
{
	const struct event *e;
	struct event *r;

	(void)state;
	diag_init("t_evq", 0);
	make(65536);
	evq_start(&q, 77);
	assert_int_equal(put(0, 4), 0);
	r = evq_reserve(&q, EV_SVC_LINE, 1, 16);
	assert_int_equal(r->kind, EV_SVC_LINE); /* not hpd-net's to say */
	assert_int_equal(put(1, 4), 0);
	assert_int_equal(evq_flush(&q, 1), 0);
	assert_int_equal(chan_recv(&in, &msg), 1);
	assert_int_equal(msg.u.events.count, 3);
	e = (const struct event *)(const void *)(msg.u.data +
	    sizeof(struct msg_events) + 72);
	assert_int_equal(e->kind, EV_DIAG);
	assert_int_equal(e->len, 80);
	done();
}

static void
gone(void **state)
{
	uint32_t i;

	(void)state;
	make(65536);
	evq_start(&q, 77);
	chan_close(&in);
	assert_int_equal(put(0, 0), 0);
	assert_int_equal(evq_flush(&q, 1), -1);
	assert_int_equal(q.nrec, 1); /* kept for who comes next */
	for (i = 1; put(i, 4096) == 0; i++)
		continue;
	assert_true(i > 10 && i < 17);
	assert_int_equal(q.n_lost_total, 1);
	done();
}

static void
text(void **state)
{
	static char big[2 * EVENT_DATA_MAX];
	const struct event *e;
	const char *p;
	size_t len;

	(void)state;
	memset(big, 'a', sizeof(big) - 1);
	make(65536);
	evq_start(&q, 77);
	assert_int_equal(evq_text(&q, EV_NET_LINK, 0, "%s down", "eth0"), 0);
	assert_int_equal(evq_text(&q, EV_DIAG, DIAG_WARN, "%s", big), 0);
	assert_int_equal(evq_flush(&q, 1), 0);
	assert_int_equal(chan_recv(&in, &msg), 1);
	e = (const struct event *)(const void *)(msg.u.data +
	    sizeof(struct msg_events));
	p = event_data(e, &len);
	assert_int_equal(len, 9);
	assert_memory_equal(p, "eth0 down", 9);
	e = (const struct event *)(const void *)((const uint8_t *)e + e->len);
	(void)event_data(e, &len);
	assert_int_equal(len, EVENT_DATA_MAX);
	assert_int_equal(e->verdict, DIAG_WARN);
	done();
}

static int
put_kind(uint16_t kind, uint32_t count)
{
	static const union {
		uint64_t align;
		uint8_t b[8 + 92];
	} data;
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.count = count;
	return evq_put(&q, &ev, &data, kind == EV_FRAME ? 100 : 8);
}

/* Frames stop at half, probes at seven eighths, the rest at the end; each
 * class is told on its own, probes with the packets they stood for. */
static void
classes(void **state)
{
	static const uint16_t kind[] = {EV_NET_LIMIT, EV_TCP_PROBE, EV_FRAME};
	static const uint32_t least[] = {65536 - 200, 65536 / 8 * 7,
	    65536 / 2};
	uint64_t lost[LOST_MAX] = {0};
	int i;

	(void)state;
	make(65536);
	evq_start(&q, 77);
	for (i = LOST_MAX - 1; i >= 0; i--) {
		while (put_kind(kind[i], 900) == 0)
			continue;
		assert_true(q.tail - q.head >= least[i] &&
		    q.tail - q.head < least[i] + 200);
		assert_int_equal(evq_room(&q, kind[i]), 0);
		lost[i] = 1;
	}
	assert_int_equal(put_kind(EV_FRAME, 1), -1);
	assert_int_equal(put_kind(EV_UDP_PROBE, 100), -1);
	lost[LOST_FRAMES]++;
	lost[LOST_PROBES]++;
	while (evq_flush(&q, 1) == 1 || q.nlost != 0) {
		while (chan_recv(&in, &msg) == 1)
			if (q.nlost == 0)
				break;
		q.ending = 1;
	}
	next_mark = 0;
	assert_int_equal(evq_finish(&q, 100), 0);
	assert_int_equal(q.n_lost_total, 5);
	assert_true(q.nlost == 0);
	done();
}

/* The same with a reader that counts what it is told. */
static void
classes_told(void **state)
{
	const struct event *e;
	const struct ev_lost *l;
	size_t off, len;
	uint64_t packets = 0, sum = 0, n, i;
	uint32_t r = 1;

	(void)state;
	make(65536);
	evq_start(&q, 77);
	for (n = 0; n < 4000; n++) {
		r = r * 1664525 + 1013904223;
		(void)put_kind(EV_FRAME, 1);
		(void)put_kind(EV_TCP_PROBE, 1 + (r >> 20));
		packets += 1 + (r >> 20);
	}
	do {
		while (chan_recv(&in, &msg) == 1) {
			off = sizeof(struct msg_events);
			for (i = 0; i < msg.u.events.count; i++) {
				e = (const struct event *)(const void *)(msg.u
					.data + off);
				off += e->len;
				if (e->kind == EV_TCP_PROBE)
					sum += e->count;
				if (e->kind != EV_LOG_LOST)
					continue;
				l = event_data(e, &len);
				assert_true(l->what == LOST_PROBES ||
				    l->what == LOST_FRAMES);
				assert_true(l->what == LOST_PROBES ||
				    l->packets == 0);
				told_class[l->what] += l->count;
				sum += l->packets;
			}
		}
		r = evq_finish(&q, 0);
	} while (r > 0 || evq_flush(&q, 1) == 1);
	while (chan_recv(&in, &msg) == 1) {
		e = (const struct event *)(const void *)(msg.u.data +
		    sizeof(struct msg_events));
		for (i = 0; i < msg.u.events.count; i++) {
			if (e->kind == EV_TCP_PROBE)
				sum += e->count;
			if (e->kind == EV_LOG_LOST) {
				l = event_data(e, &len);
				told_class[l->what] += l->count;
				sum += l->packets;
			}
			e = (const struct event *)(const void *)(
			    (const uint8_t *)e + e->len);
		}
	}
	assert_true(told_class[LOST_PROBES] > 100);
	assert_true(told_class[LOST_FRAMES] > told_class[LOST_PROBES]);
	assert_int_equal(told_class[LOST_EVENTS], 0);
	assert_true(sum == packets);
	done();
}

/* The last record grows while it waits, and only that one. */
static void
extend(void **state)
{
	static const uint8_t some[16] = "0123456789abcde";
	struct event ev, *e;
	size_t len, i;

	(void)state;
	make(65536);
	evq_start(&q, 77);
	assert_null(evq_last(&q));
	assert_int_equal(evq_extend(&q, "a", 1), -1);
	memset(&ev, 0, sizeof(ev));
	ev.kind = EV_NET_LINK;
	assert_int_equal(evq_put(&q, &ev, some, 3), 0);
	for (i = 3; i < 16; i++)
		assert_int_equal(evq_extend(&q, some + i, 1), 0);
	e = evq_last(&q);
	assert_non_null(e);
	assert_memory_equal(event_data(e, &len), some, 16);
	assert_int_equal(len, 16);
	assert_int_equal(event_check(e, e->len, PROC_NET), e->len);
	ev.session = 1;
	assert_int_equal(evq_put(&q, &ev, some, 5), 0);
	e = evq_last(&q);
	for (len = 5; len < EVENT_DATA_MAX; len += i) {
		i = EVENT_DATA_MAX - len < 16 ? EVENT_DATA_MAX - len : 16;
		assert_int_equal(evq_extend(&q, some, i), 0);
	}
	assert_int_equal(evq_extend(&q, some, 1), -1);
	assert_int_equal(e->len, EVENT_MAX);
	assert_int_equal(evq_flush(&q, 1), 0);
	assert_null(evq_last(&q));
	assert_int_equal(evq_extend(&q, some, 1), -1);
	drain();
	assert_int_equal(records, 2);
	done();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sizes),
	    cmocka_unit_test(batches),
	    cmocka_unit_test(overload),
	    cmocka_unit_test(too_large),
	    cmocka_unit_test(in_place),
	    cmocka_unit_test(mistakes),
	    cmocka_unit_test(gone),
	    cmocka_unit_test(text),
	    cmocka_unit_test(classes),
	    cmocka_unit_test(classes_told),
	    cmocka_unit_test(extend),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
