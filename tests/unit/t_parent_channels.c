/* SPDX-License-Identifier: ISC */
/*
 * The event channels whose reading ends hpd-parent keeps: order of successive
 * lives, what a dying hpd-log leaves, when a datagram is skipped.
 */
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/diag.h"
#include "hpd-parent/parent.h"

static struct parent *p;
static struct chan log_side; /* what hpd-log would hold */
static struct chan_msg m;

/* A parent whose hpd-log has said HELLO. */
static int
make(void **state)
{
	struct kid *k;
	int pair[2];

	(void)state;
	p = calloc(1, sizeof(*p));
	if (p == NULL || chan_pair(pair) == -1)
		return -1;
	p->phase = PHASE_RUN;
	for (int i = 0; i < KID_MAX; i++) {
		static const uint8_t procs[] = {PROC_LOG, PROC_SVC,
			PROC_SVC_SHELL, PROC_NET, PROC_SHIP};
		static const uint8_t slots[] = {SLOT_NONE, SLOT_SVC,
			SLOT_SVC_SHELL, SLOT_NET, SLOT_SHIP};

		p->kids[i].id = (uint8_t)i;
		p->kids[i].proc = procs[i];
		p->kids[i].slot = slots[i];
	}
	k = &p->kids[KID_LOG];
	chan_init(&k->chan, pair[0], PROC_PARENT, PROC_LOG, 0, 64);
	chan_init(&log_side, pair[1], PROC_LOG, PROC_PARENT, 0, 64);
	if (chan_hello(&k->chan, 0) == -1 || chan_hello(&log_side, 0) == -1 ||
	    chan_recv(&k->chan, &m) != 1 || chan_recv(&log_side, &m) != 1)
		return -1;
	k->open = 1;
	k->state = KID_SETUP;
	return 0;
}

static int
drop(void **state)
{
	(void)state;
	for (int i = 0; i < LOG_SLOTS; i++)
		for (int j = 0; j < p->slots[i].n; j++)
			close(p->slots[i].end[j]);
	chan_close(&p->kids[KID_LOG].chan);
	chan_close(&log_side);
	free(p);
	return 0;
}

/* The next PEER_UP that hpd-log gets: its descriptor, or -1. */
static int
given(uint8_t slot)
{
	if (chan_recv(&log_side, &m) != 1)
		return -1;
	assert_int_equal(m.type, MSG_PEER_UP);
	assert_int_equal(m.u.peer.slot, slot);
	return m.fd;
}

static void
a_life_waits_for_the_one_before(void **state)
{
	struct kid *net = &p->kids[KID_NET];
	char c;
	int w1, w2, r1, r2;

	(void)state;
	w1 = channels_producer(p, net);
	r1 = given(SLOT_NET);
	assert_true(w1 >= 0 && r1 >= 0);
	assert_int_equal(send(w1, "1", 1, 0), 1);
	close(w1); /* it died */
	w2 = channels_producer(p, net);
	assert_int_equal(send(w2, "2", 1, 0), 1);
	channels_retired(p);
	assert_int_equal(given(SLOT_NET), -1); /* the first is not read yet */
	assert_false(channels_drained(p));
	assert_int_equal(recv(r1, &c, 1, 0), 1);
	assert_int_equal(c, '1');
	channels_retired(p);
	r2 = given(SLOT_NET);
	assert_true(r2 >= 0);
	assert_int_equal(recv(r2, &c, 1, 0), 1);
	assert_int_equal(c, '2');
	assert_true(channels_drained(p));
	close(r1);
	close(r2);
	close(w2);
}

static void
queues_survive_hpd_log(void **state)
{
	struct kid *net = &p->kids[KID_NET];
	char c;
	int w = channels_producer(p, net), r = given(SLOT_NET);

	(void)state;
	assert_int_equal(send(w, "x", 1, 0), 1);
	close(r); /* hpd-log died without reading */
	channels_log_down(p);
	channels_log_up(p);
	r = given(SLOT_NET);
	assert_true(r >= 0);
	assert_int_equal(recv(r, &c, 1, 0), 1);
	assert_int_equal(c, 'x');
	close(r);
	close(w);
}

static void
skip_after_two_deaths_on_one_datagram(void **state)
{
	struct kid *net = &p->kids[KID_NET], *svc = &p->kids[KID_SVC];
	int w = channels_producer(p, net), w2 = channels_producer(p, svc);
	char c;

	(void)state;
	close(given(SLOT_NET));
	close(given(SLOT_SVC));
	assert_int_equal(send(w, "poison", 6, 0), 6);
	assert_int_equal(send(w, "good", 4, 0), 4);
	assert_int_equal(send(w2, "other", 5, 0), 5);
	/* no room in the log: not the datagram's fault, nor half of it */
	p->seg.retry_at[STREAM_EVENTS] = 1;
	for (int i = 0; i < 3; i++) {
		channels_log_down(p);
		assert_int_equal(p->slots[SLOT_NET].skip +
		    p->slots[SLOT_SVC].skip, 0);
	}
	p->seg.retry_at[STREAM_EVENTS] = 0;
	channels_log_down(p);
	assert_int_equal(p->slots[SLOT_NET].skip + p->slots[SLOT_SVC].skip, 0);
	channels_log_down(p);
	/* one at a time, and nothing was taken from a queue */
	assert_int_equal(p->slots[SLOT_NET].skip, 1);
	assert_int_equal(p->slots[SLOT_SVC].skip, 0);
	assert_int_equal(recv(p->slots[SLOT_NET].end[0], &c, 1, MSG_PEEK), 1);
	assert_int_equal(c, 'p');
	/* the successor skipped it and died of something else */
	assert_int_equal(recv(p->slots[SLOT_NET].end[0], &c, 1, 0), 1);
	assert_int_equal(recv(p->slots[SLOT_SVC].end[0], &c, 1, 0), 1);
	channels_log_down(p);
	assert_int_equal(p->slots[SLOT_NET].skip, 0);
	assert_int_equal(p->slots[SLOT_SVC].skip, 0);
	close(w);
	close(w2);
}

static void
empty_queues_are_never_skipped(void **state)
{
	int w = channels_producer(p, &p->kids[KID_NET]);

	(void)state;
	close(given(SLOT_NET));
	for (int i = 0; i < 3; i++) {
		channels_log_down(p);
		assert_int_equal(p->slots[SLOT_NET].skip, 0);
	}
	close(w);
}

static void
many_lives_without_hpd_log_are_bounded(void **state)
{
	struct kid *net = &p->kids[KID_NET];
	char c;

	(void)state;
	p->kids[KID_LOG].state = KID_WAIT;
	for (char i = 0; i < SLOT_ENDS + 5; i++) {
		int w = channels_producer(p, net);

		assert_true(w >= 0);
		assert_int_equal(send(w, &i, 1, 0), 1);
		close(w);
	}
	assert_int_equal(p->slots[SLOT_NET].n, SLOT_ENDS);
	/* the oldest and the newest are there */
	assert_int_equal(recv(p->slots[SLOT_NET].end[0], &c, 1, 0), 1);
	assert_int_equal(c, 0);
	assert_int_equal(
	    recv(p->slots[SLOT_NET].end[SLOT_ENDS - 1], &c, 1, 0), 1);
	assert_int_equal(c, SLOT_ENDS + 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_life_waits_for_the_one_before,
		make, drop),
	    cmocka_unit_test_setup_teardown(queues_survive_hpd_log, make, drop),
	    cmocka_unit_test_setup_teardown(
		skip_after_two_deaths_on_one_datagram, make, drop),
	    cmocka_unit_test_setup_teardown(empty_queues_are_never_skipped,
		make, drop),
	    cmocka_unit_test_setup_teardown(
		many_lives_without_hpd_log_are_bounded, make, drop),
	};

	diag_init("t_parent_channels", 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
