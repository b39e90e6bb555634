/* SPDX-License-Identifier: ISC */
/*
 * What children in wrong hands make hpd-parent do by talk alone: accusations
 * of others, floods, words of the dead.
 */
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-parent/parent.h"

static struct parent *p;
static struct chan side[KID_MAX]; /* the children's ends */
static struct chan_msg m;

static pid_t
sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

/* A channel in state RUN and a process that can be killed. */
static int
alive(uint8_t i)
{
	struct kid *k = &p->kids[i];
	int pair[2];

	if (chan_pair(pair) == -1)
		return -1;
	chan_init(&k->chan, pair[0], PROC_PARENT, k->proc, 0, KID_QUEUE);
	chan_init(&side[i], pair[1], k->proc, PROC_PARENT, 0, 256);
	if (chan_hello(&k->chan, 0) == -1 || chan_hello(&side[i], 0) == -1 ||
	    chan_recv(&k->chan, &m) != 1 || chan_recv(&side[i], &m) != 1)
		return -1;
	chan_set_state(&k->chan, CHAN_RUN);
	chan_set_state(&side[i], CHAN_RUN);
	k->open = 1;
	k->killed = k->reaped = 0;
	k->state = KID_RUN;
	k->pid = sleeper();
	return k->pid > 0 ? 0 : -1;
}

/* It is dead or not; if so a new one takes its place. */
static int
was_killed(uint8_t i)
{
	struct kid *k = &p->kids[i];
	int status;

	if (!k->killed)
		return 0;
	assert_int_equal(waitpid(k->pid, &status, 0), k->pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	chan_close(&side[i]);
	assert_int_equal(alive(i), 0);
	return 1;
}

static int
make(void **state)
{
	static const uint8_t procs[] = {PROC_LOG, PROC_SVC, PROC_SVC_SHELL,
		PROC_NET, PROC_SHIP};
	static const uint8_t slots[] = {SLOT_NONE, SLOT_SVC, SLOT_SVC_SHELL,
		SLOT_NET, SLOT_SHIP};

	(void)state;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -1;
	p->phase = PHASE_RUN;
	p->now = 1000 * NS_SEC;
	for (uint8_t i = 0; i < KID_MAX; i++) {
		p->kids[i].id = i;
		p->kids[i].proc = procs[i];
		p->kids[i].slot = slots[i];
		if (alive(i) == -1)
			return -1;
	}
	return channels_init(p);
}

static int
drop(void **state)
{
	(void)state;
	diag_attach(NULL);
	for (int i = 0; i < KID_MAX; i++) {
		kill(p->kids[i].pid, SIGKILL);
		waitpid(p->kids[i].pid, NULL, 0);
		kid_close(&p->kids[i]);
		chan_close(&side[i]);
	}
	for (int i = 0; i < LOG_SLOTS; i++)
		for (int j = 0; j < p->slots[i].n; j++)
			close(p->slots[i].end[j]);
	chan_close(&p->evq.chan);
	free(p->evq.ring);
	free(p);
	return 0;
}

static void
accuse(uint8_t from, uint8_t proc, uint8_t slot, uint8_t step)
{
	struct msg_trouble t = {.proc = proc, .slot = slot, .step = step};

	assert_int_equal(chan_send(&side[from], MSG_TROUBLE, 0, &t, sizeof(t),
	    -1), 0);
	parent_msg_read(p, &p->kids[from]);
}

/* hpd-net says hpd-svc broke their channel, again and again. */
static void
an_accuser_is_believed_a_few_times(void **state)
{
	int svc = 0, i;

	(void)state;
	for (i = 0; i < DEATHS_MAX; i++) {
		accuse(KID_NET, PROC_SVC, 0, CHAN_E_TYPE);
		svc += was_killed(KID_SVC);
		if (was_killed(KID_NET))
			break;
		p->now += NS_SEC;
	}
	assert_int_equal(svc, TROUBLES_MAX);
	assert_int_equal(i, TROUBLES_MAX);
	assert_true(svc < DEATHS_MAX); /* the suite would stop */
	/* its successor has not become more trustworthy; time heals */
	accuse(KID_NET, PROC_SVC, 0, CHAN_E_TYPE);
	assert_true(was_killed(KID_NET) && !was_killed(KID_SVC));
	p->now += DEATHS_WINDOW;
	accuse(KID_NET, PROC_SVC, 0, CHAN_E_TYPE);
	assert_true(was_killed(KID_SVC) && !was_killed(KID_NET));
}

static void
so_is_hpd_log(void **state)
{
	int net = 0, i;

	(void)state;
	for (i = 0; i < DEATHS_MAX; i++) {
		accuse(KID_LOG, PROC_NET, SLOT_NET, CHAN_E_TYPE);
		net += was_killed(KID_NET);
		if (was_killed(KID_LOG))
			break;
	}
	assert_int_equal(net, TROUBLES_MAX);
	assert_int_equal(i, TROUBLES_MAX);
}

/* "Closed" makes a new pair each time: bounded too, and for both ends. */
static void
new_pairs_are_bounded(void **state)
{
	int i, n = 0;

	(void)state;
	for (i = 0; i < 100; i++) {
		accuse(KID_NET, PROC_SVC, 0, CHAN_E_EOF);
		if (was_killed(KID_NET))
			break;
	}
	assert_int_equal(i, TROUBLES_MAX);
	while (chan_recv(&side[KID_SVC], &m) == 1) {
		n += m.type == MSG_PEER_UP;
		if (m.fd != -1)
			close(m.fd);
	}
	assert_true(n <= TROUBLES_MAX + 1);
}

static int
heard(uint8_t i, uint16_t type)
{
	int n = 0;

	while (chan_recv(&side[i], &m) == 1) {
		n += m.type == type;
		if (m.fd != -1)
			close(m.fd);
	}
	return n;
}

/* One runner's trouble with hpd-net is not the other's. */
static void
the_other_pair_stays(void **state)
{
	(void)state;
	channels_link(p);
	assert_int_equal(heard(KID_SVC, MSG_PEER_UP), 1);
	assert_int_equal(heard(KID_SVC_SHELL, MSG_PEER_UP), 1);
	assert_int_equal(heard(KID_NET, MSG_PEER_UP), 2);
	accuse(KID_SVC_SHELL, PROC_NET, 0, CHAN_E_EOF);
	assert_true(p->linked[0] && p->linked[1]);
	assert_int_equal(heard(KID_SVC_SHELL, MSG_PEER_UP), 1);
	assert_int_equal(heard(KID_NET, MSG_PEER_UP), 1);
	assert_int_equal(heard(KID_SVC, MSG_PEER_DOWN), 0);
	for (int i = 0; i < KID_MAX; i++)
		assert_false(p->kids[i].killed);
}

static void
nobody_accuses_whom_it_has_no_channel_with(void **state)
{
	static const struct {
		uint8_t from, proc;
	} bad[] = {
		{KID_NET, PROC_NET}, {KID_NET, PROC_LOG},
		{KID_NET, PROC_PARENT}, {KID_SVC, PROC_LOG},
		{KID_SVC, PROC_SVC_SHELL}, {KID_SVC, PROC_SVC},
		{KID_SVC_SHELL, PROC_SVC}, {KID_SVC, PROC_PARENT},
		{KID_SHIP, PROC_NET}, {KID_SHIP, PROC_SVC},
		{KID_SHIP, PROC_LOG}, {KID_NET, PROC_SHIP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		accuse(bad[i].from, bad[i].proc, 0, CHAN_E_TYPE);
		for (uint8_t j = 0; j < KID_MAX; j++)
			assert_int_equal(was_killed(j), j == bad[i].from);
	}
	/* hpd-log in a slot that is none */
	accuse(KID_LOG, PROC_NET, LOG_SLOTS, CHAN_E_TYPE);
	assert_true(was_killed(KID_LOG) && !was_killed(KID_NET));
}

/* A process already waited for is not signalled: its pid may be another's. */
static void
the_dead_are_not_killed(void **state)
{
	struct kid *k = &p->kids[KID_NET];
	int status;

	(void)state;
	k->reaped = 1;
	kid_kill(p, k, EV_CHAN_BROKEN, "last words");
	assert_int_equal(waitpid(k->pid, &status, WNOHANG), 0); /* lives */
	assert_false(k->open);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_accuser_is_believed_a_few_times,
		make, drop),
	    cmocka_unit_test_setup_teardown(so_is_hpd_log, make, drop),
	    cmocka_unit_test_setup_teardown(new_pairs_are_bounded, make, drop),
	    cmocka_unit_test_setup_teardown(the_other_pair_stays, make, drop),
	    cmocka_unit_test_setup_teardown(
		nobody_accuses_whom_it_has_no_channel_with, make, drop),
	    cmocka_unit_test_setup_teardown(the_dead_are_not_killed, make,
		drop),
	};

	diag_init("t_parent_trouble", 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
