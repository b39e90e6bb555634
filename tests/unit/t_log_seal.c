/* SPDX-License-Identifier: ISC */
/*
 * The streams of hpd-log: what goes where, sealed from segment to segment
 * whatever the disk does; probes and frames that become counts; hashes of what
 * has no seal; figures.
 */

#include <sodium.h>

#define LOG_FIX_DRIVEN
#include "tests/unit/log_fix.h"

static void
by_stream(void **state)
{
	(void)state;
	begin();
	put(1); /* no probes stream yet: nothing may be lost */
	flush();
	(void)check(0);
	assert_int_equal(occurs("hpd.tcp.probe"), 1);
	segment(STREAM_PROBES, 1, 1 << 24);
	put(2);
	put_flow(3);
	flush();
	stream_finish(ld);
	look(&ev, STREAM_EVENTS);
	assert_int_equal(occurs("hpd.tcp.probe\""), 1);
	assert_int_equal(occurs("hpd.tcp.open\""), 1);
	/* The probes' end is told here too. */
	assert_int_equal(occurs("\"stream\":\"probes\",\"number\":1,\"phase\":"
	    "\"end\",\"ordinal\":0,\"why\":\"stop\",\"lines\":2,"), 1);
	assert_int_equal(occurs("\"records\":{\"tcp.probe\":1,\"log.segment\":1}"
	    ",\"packets\":{\"tcp.probe\":1,\"log.segment\":1}"), 1);
	look(&pr, STREAM_PROBES);
	assert_int_equal(occurs("\"why\":\"start\""), 1);
	assert_int_equal(pr.lines, 3);
	assert_int_equal(ev.bad + pr.bad + ev.torn + pr.torn, 0);
	assert_true(ev.ended && pr.ended && ld->seal->clean);
	end();
}

/* The state on disk: as the page, without keys, the newest of two. */
static void
kept(void **state)
{
	static uint8_t slots[2 * SEAL_STATE_SIZE];
	struct seal_state st;
	int i;

	(void)state;
	begin();
	segment(STREAM_PROBES, 1, 1 << 24);
	assert_int_equal(ld->stats[LS_SAVES], 2); /* a start is known at once */
	for (i = 0; i < 3; i++) {
		put_flow(1);
		flush();
		ld->saved_ns = 0;
		stream_tick(ld);
	}
	assert_int_equal(ld->stats[LS_SAVES], 5);
	stream_tick(ld); /* nothing new */
	assert_int_equal(ld->stats[LS_SAVES], 5);
	assert_int_equal(pread(state_fd, slots, sizeof(slots), 0),
	    sizeof(slots));
	assert_int_equal(seal_unpack(&st, slots, sizeof(slots)), 0);
	assert_int_equal(st.saved, 5);
	assert_int_equal(st.clean, 0);
	assert_int_equal(st.chain[0].written, ld->seal->chain[0].written);
	stream_finish(ld);
	assert_int_equal(pread(state_fd, slots, sizeof(slots), 0),
	    sizeof(slots));
	assert_int_equal(seal_unpack(&st, slots, sizeof(slots)), 0);
	assert_int_equal(st.clean, 1);
	look(&ev, STREAM_EVENTS);
	assert_int_equal(st.chain[0].written, ev.next);
	assert_int_equal(seal_proof(&st, 0, &ev.c), 1);
	end();
}

/* A segment that stops in the middle of a line; the next one says which
 * records are in doubt, and has those that are not whole again. */
static void
sealed_again(void **state)
{
	int i, n;

	(void)state;
	begin();
	for (i = 0; i < 20; i++)
		put_flow((uint16_t)(1000 + i));
	limit(8000);
	flush();
	assert_int_equal(ld->seg[0].state, SEG_STOPPED);
	stream_tick(ld); /* no luck */
	look(&ev, STREAM_EVENTS);
	n = (int)occurs("\"port\":10");
	assert_true(n > 2 && n < 20);
	segment(STREAM_EVENTS, 2, 1 << 24); /* the old one is still full */
	limit(0);
	stream_tick(ld);
	flush();
	look(&ev, STREAM_EVENTS);
	n += (int)occurs("\"port\":10");
	assert_in_range(n, 20, 21); /* the torn one is there twice */
	assert_int_equal(occurs("\"why\":\"error\",\"error\":27"), 1);
	assert_int_equal(occurs("stream events stopped: File too large"), 1);
	stream_finish(ld);
	assert_int_equal(ld->seal->chain[0].index, ld->seal->chain[0].written);
	assert_int_equal(ld->seal->clean, 1);
	assert_int_equal(ev.bad, 0);
	end();
}

/* A begin that could not be written either; its number is not spent. */
static void
begin_torn(void **state)
{
	unsigned int i;

	(void)state;
	begin();
	for (i = 0; i < 5; i++)
		put_flow((uint16_t)(1000 + i));
	limit(2000);
	flush();
	look(&ev, STREAM_EVENTS);
	limit(100);
	segment(STREAM_EVENTS, 2, 1 << 24);
	look(&ev, STREAM_EVENTS);
	segment(STREAM_EVENTS, 3, 1 << 24);
	look(&ev, STREAM_EVENTS);
	limit(0);
	stream_tick(ld);
	stream_tick(ld);
	segment(STREAM_EVENTS, 4, 1 << 24);
	stream_finish(ld);
	look(&ev, STREAM_EVENTS);
	assert_int_equal(occurs("\"prev_number\":3"), 1);
	assert_int_equal(ld->seal->clean, 1);
	end();
}

static void
folded(void **state)
{
	unsigned int i;

	(void)state;
	begin();
	segment(STREAM_PROBES, 1, 1 << 24);
	for (i = 0; i < 10; i++)
		put((uint16_t)i);
	ld->level = LEVEL_FOLD;
	flush();
	assert_int_equal(ld->seal->half[ld->seal->active].fold[
	    fold_index(EV_TCP_PROBE)].records, 10);
	stream_tick(ld);
	ld->level = LEVEL_ALL;
	put(77);
	flush();
	/* The probes' file takes no more: counts, and a new one wanted. */
	limit(1000);
	for (i = 0; i < 5; i++)
		put((uint16_t)i);
	flush();
	limit(0);
	assert_int_equal(ld->seg[STREAM_PROBES].state, SEG_STOPPED);
	stream_tick(ld);
	assert_int_equal(ld->seg[STREAM_PROBES].state, SEG_STOPPED);
	look(&pr, STREAM_PROBES);
	segment(STREAM_PROBES, 2, 1 << 24);
	put(78);
	flush();
	stream_finish(ld);
	look(&ev, STREAM_EVENTS);
	assert_int_equal(occurs("\"folded\":{\"kind\":\"tcp.probe\",\"records\":"
	    "10,\"packets\":10,"), 1);
	assert_int_equal(occurs("\"why\":\"level\"}"), 1);
	assert_int_equal(occurs("\"why\":\"stopped\"}"), 1);
	assert_int_equal(occurs("stream probes stopped"), 1);
	look(&pr, STREAM_PROBES);
	assert_int_equal(occurs("\"port\":78,\"pa"), 1);
	assert_int_equal(occurs("\"why\":\"error\",\"error\":27"), 1);
	assert_int_equal(ev.bad + pr.bad + ev.torn, 0);
	assert_in_range(pr.torn, 0, 1);
	assert_true(ev.ended && pr.ended);
	end();
}

/* A successor: drops what was taken, sees what is missing, and does not count
 * again what may be a line already. */
static void
inherited(void **state)
{
	unsigned int i;
	int fd;

	(void)state;
	begin();
	segment(STREAM_PROBES, 1, 1 << 24);
	for (i = 0; i < 4; i++)
		put((uint16_t)i);
	evq_flush(&q, 1);
	/* Killed before the datagram is taken: written all the same. */
	ld->running = 0;
	{
		struct chan_msg *m = calloc(1, sizeof(*m));
		struct json_who who = { BOOT, 0, q.run, PROC_NET, 0 };
		const uint8_t *rec;

		assert_int_equal(chan_peek(&ld->prod[0].chan, m), 1);
		route_begin(ld, 0, &m->u.events);
		rec = m->u.data + sizeof(struct msg_events);
		for (who.seq = 1; who.seq <= 4; who.seq++, rec += 72)
			route(ld, 0, &who, (const void *)rec);
		stream_probes(ld);
		free(m);
	}
	look(&pr, STREAM_PROBES);
	assert_int_equal(occurs("hpd.tcp.probe"), 4);
	fd = dup(keep);
	stop();
	start();
	ld->running = 1;
	ld->level = LEVEL_FOLD;
	segment(STREAM_EVENTS, 2, 1 << 24);
	segment(STREAM_PROBES, 2, 1 << 24);
	peer(0, fd);
	put(9);
	flush();
	stream_tick(ld);
	look(&ev, STREAM_EVENTS);
	/* Again as lines, among the events; only the fifth is a count. */
	assert_int_equal(occurs("hpd.tcp.probe\""), 4);
	assert_int_equal(occurs("\"records\":1,\"packets\":1,\"first\""), 1);
	assert_int_equal(occurs("\"why\":\"restart\""), 2);
	look(&pr, STREAM_PROBES);
	assert_int_equal(pr.bad, 0);
	fd = dup(keep);
	stop();
	start(); /* once more: all is taken, five records are jumped over */
	ld->running = 1;
	segment(STREAM_EVENTS, 3, 1 << 24);
	peer(0, fd);
	q.first_seq = q.next_seq = 11;
	put_flow(5);
	flush();
	look(&ev, STREAM_EVENTS);
	assert_int_equal(occurs("\"lost\":{\"first\":6,\"last\":10,\"count\":5,"),
	    1);
	end();
}

static int
frame(unsigned int n)
{
	struct {
		struct ev_frame f;
		uint8_t b[60];
	} d = { { 1514, 0, 0, 0 }, { 0 } };

	memset(d.b, (int)n, sizeof(d.b));
	return put_kind(EV_FRAME, 0, &d, sizeof(d));
}

static void
frames(void **state)
{
	uint32_t head[6], rec[4];
	unsigned int i;
	uint8_t b[60];
	off_t at = 24;

	(void)state;
	begin();
	for (i = 0; i < 3; i++)
		frame(i);
	flush(); /* no stream: a count */
	segment(STREAM_PCAP, 1, 1 << 24);
	for (i = 0; i < 3; i++)
		frame(i);
	flush();
	ld->level = LEVEL_NO_FRAMES;
	frame(9);
	flush();
	stream_tick(ld);
	ld->level = LEVEL_ALL;
	assert_int_equal(pread(back_fd[STREAM_PCAP], head, 24, 0), 24);
	assert_int_equal(head[0], 0xa1b23c4d);
	assert_int_equal(head[1], 4 << 16 | 2);
	assert_int_equal(head[5], 1);
	for (i = 0; i < 3; i++) {
		assert_int_equal(pread(back_fd[STREAM_PCAP], rec, 16, at), 16);
		assert_int_equal(rec[2], 60);
		assert_int_equal(rec[3], 1514);
		assert_true(rec[1] < 1000000000);
		assert_int_equal(pread(back_fd[STREAM_PCAP], b, 60, at + 16),
		    60);
		assert_int_equal(b[59], i);
		at += 76;
	}
	assert_int_equal(pread(back_fd[STREAM_PCAP], b, 1, at), 0);
	limit((rlim_t)at + 100); /* one more, and a part of the next */
	frame(10);
	frame(11);
	flush();
	limit(0);
	assert_int_equal(ld->seg[STREAM_PCAP].state, SEG_STOPPED);
	stream_tick(ld);
	(void)check(0);
	assert_int_equal(occurs("\"kind\":\"frame\",\"records\":4,\"packets\":4,"
	    "\"bytes\":6056,"), 1);
	assert_int_equal(occurs("\"kind\":\"frame\",\"records\":1,\"packets\":1,"
	    "\"bytes\":1514,"), 1);
	assert_int_equal(occurs("hpd.frame"), 0);
	segment(STREAM_PCAP, 2, 1 << 24);
	frame(12);
	flush();
	assert_int_equal(pread(back_fd[STREAM_PCAP], b, 60, 40), 60);
	assert_int_equal(b[0], 12);
	end();
}

static void
digests(void **state)
{
	char hex[65], want[160];
	uint8_t h[32];
	struct stat st;

	(void)state;
	begin();
	segment(STREAM_HONEYD, 1, 1 << 24);
	put(1);
	flush();
	ld->digest_ns = 0;
	stream_tick(ld);
	ld->digest_ns = 0;
	stream_tick(ld); /* it did not grow */
	(void)check(0);
	assert_int_equal(occurs("hpd.log.digest"), 1);
	assert_int_equal(occurs("\"final\":false"), 1);
	put(2);
	flush();
	stream_finish(ld);
	assert_int_equal(fstat(back_fd[STREAM_HONEYD], &st), 0);
	assert_int_equal(pread(back_fd[STREAM_HONEYD], text, sizeof(text), 0),
	    st.st_size);
	crypto_generichash(h, 32, (uint8_t *)text, (size_t)st.st_size, NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), h, 32);
	snprintf(want, sizeof(want), "\"digest\":{\"stream\":\"honeyd\","
	    "\"number\":1,\"bytes\":%lld,\"final\":true,\"blake2b\":\"%s\"}",
	    (long long)st.st_size, hex);
	look(&ev, STREAM_EVENTS);
	assert_int_equal(occurs(want), 1);
	assert_int_equal(ev.bad, 0);
	end();
}

static void
figures(void **state)
{
	(void)state;
	begin();
	segment(STREAM_PROBES, 1, 1 << 24);
	put(1);
	put(2);
	put_flow(3);
	flush();
	stream_tick(ld);
	(void)check(0);
	assert_int_equal(occurs("hpd.log.stats"), 0);
	ld->period_ns -= LOG_STATS_NS;
	stream_tick(ld);
	(void)check(0);
	assert_int_equal(occurs("hpd.log.stats"), 1);
	assert_int_equal(occurs("\"stats\":{\"records\":3,\"lines\":5,"), 1);
	ld->period_ns -= LOG_STATS_NS;
	stream_tick(ld); /* nothing happened */
	(void)check(0);
	assert_int_equal(occurs("hpd.log.stats"), 1);
	end();
}

/* A full probes segment is waited for: no counts for a rotation. */
static void
waited(void **state)
{
	unsigned int i, n = 0;
	int old, cur;

	(void)state;
	begin();
	segment(STREAM_PROBES, 1, 1000);
	for (i = 0; i < 3000; i++) {
		if (put((uint16_t)i) == -1)
			break;
		n++;
		if (n % 500 == 0)
			flush();
	}
	flush();
	assert_int_equal(stream_ready(ld), 0);
	assert_int_equal(stream_waits(ld), 1);
	assert_int_equal(ld->stats[LS_FOLDED], 0);
	old = dup(back_fd[STREAM_PROBES]);
	segment(STREAM_PROBES, 2, 1 << 26);
	cur = back_fd[STREAM_PROBES];
	back_fd[STREAM_PROBES] = old;
	look(&pr, STREAM_PROBES); /* with its end */
	assert_true(pr.ended);
	i = occurs("hpd.tcp.probe\"");
	assert_true(i > 0 && i < n);
	close(old);
	back_fd[STREAM_PROBES] = cur;
	flush();
	look(&pr, STREAM_PROBES);
	assert_int_equal(i + occurs("hpd.tcp.probe\""), n);
	assert_int_equal(pr.bad, 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_stream),
		cmocka_unit_test(kept),
		cmocka_unit_test(sealed_again),
		cmocka_unit_test(begin_torn),
		cmocka_unit_test(folded),
		cmocka_unit_test(inherited),
		cmocka_unit_test(frames),
		cmocka_unit_test(digests),
		cmocka_unit_test(figures),
		cmocka_unit_test(waited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	signal(SIGXFSZ, SIG_IGN);
	diag_init("t_log_seal", DIAG_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
