/* SPDX-License-Identifier: ISC */
/*
 * hpd-svc: runs one jailed script for every connection that hpd-net hands
 * over. Root without its powers: may change to a slot's uid, signal, and start
 * scripts; its root directory is the jail. Process 1 of its pid namespace.
 * Must never parse what a script or a peer says.
 */
#include <sys/syscall.h>

#include <sys/resource.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"
#include "common/sandbox.h"
#include "common/wide.h"
#include "hpd-svc/peer.h"
#include "hpd-svc/pool.h"
#include "hpd-svc/reap.h"
#include "hpd-svc/svc_msg.h"

#define EVQ_BYTES  (1u << 20)
#define WHEEL_TURN 256
#define FDS_OTHER  128 /* descriptors that are no session's */
#define EVENTS_US  20000 /* part batches of events wait so long for more */
#define END_MS	   2000 /* at the end for hpd-log to take the last ones */

static struct svc svc;

static uint32_t
now_ms(void)
{
	return (uint32_t)(clock_mono_ns() / NS_MSEC);
}

static void
on_signal(int sig, void *arg)
{
	if (sig == SIGCHLD)
		reap_all(arg);
	else
		svc_stop(arg);
}

static void
on_tick(void *arg)
{
	(void)arg; /* the turn after every event advances the wheel */
}

static void
finish(struct svc *s)
{
	if (evq_finish(&s->evq, END_MS) > 0)
		diag_warnx("hpd-log did not take %u last records",
		    s->evq.nrec);
	exit(0);
}

/* DRAIN's time is over, or stopping took too long. */
static void
on_deadline(void *arg)
{
	struct svc *s = arg;

	if (s->stopping) {
		finish(s);
	}
	sessions_kill(s, -1, SVC_END_DRAIN);
}

static void
on_log(int fd, int what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg; /* the turn flushes */
}

static void
on_events(void *arg)
{
	struct svc *s = arg;

	s->events_due = 1;
}

/* Full batches at once, others after EVENTS_US: a datagram costs the same for
 * one record and for a hundred, and wakes hpd-log. */
static void
events_flush(struct svc *s)
{
	int r = evq_flush(&s->evq, s->events_due);

	if (r == -1)
		fatalx("event channel lost");
	loop_fd_set(s->log_watch, r == 1 ? LOOP_WRITE : 0);
	if (s->events_due || s->evq.nrec == 0)
		s->events_wait = 0;
	s->events_due = 0;
	if (s->evq.nrec > 0 && s->evq.ready && !s->events_wait) {
		s->events_wait = 1;
		loop_timer_set(s->events, EVENTS_US);
	}
}

/* A row a session, as many as descriptors allow. */
static uint32_t
sessions_max(void)
{
	struct rlimit r;
	uint64_t n;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		fatal("getrlimit");
	if (r.rlim_cur <= FD_INTERP)
		fatalx("needs more than %d descriptors, the limit is %llu",
		    FD_INTERP, (unsigned long long)r.rlim_cur);
	n = (r.rlim_cur - FDS_OTHER) / 2;
	return n < SLOT_COUNT ? (uint32_t)n : SLOT_COUNT;
}

static void
turn(struct svc *s)
{
	uint32_t next;

	if (loop_turn(s->loop, 1) == -1)
		fatal("loop");
	while (wheel_advance(&s->wheel, now_ms(), session_timeout, s,
	    WHEEL_TURN))
		continue;
	next = wheel_next(&s->wheel);
	if (next != UINT32_MAX)
		loop_timer_set(s->tick, (uint64_t)(next ? next : 1) * 1000);
	chans_flush(s);
	events_flush(s);
	pool_fill(s); /* last: starting takes longer than telling */
	if (s->stopping && s->running + s->nwaiting == 0) {
		finish(s);
	}
}

/* Scripts inherit what is ignored or blocked: nothing. */
static void
signals_reset(void)
{
	/* The kernel's struct, all zero: SIG_DFL. libc's function leaves out
	 * its own signals 32 and 33, which may come ignored. */
	static const unsigned long dfl[8];
	sigset_t none;
	int sig;

	for (sig = 1; sig < _NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			(void)syscall(SYS_rt_sigaction, sig, dfl, NULL,
			    _NSIG / 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
setup(struct svc *s)
{
	signals_reset();
	/* Ours alone: a script that died while it waited must not take us
	 * along when it is written to. A script's is reset (jail_signals()). */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("signals");
	s->loop = loop_new();
	if (s->loop == NULL)
		fatal("loop");
	fd_reserve(FD_IMAGE, FD_SESSION_MIN - 1);
	if (evq_init(&s->evq, FD_LOG, s->proc, 0, EVQ_BYTES) == -1)
		fatal("event queue");
	diag_attach(&s->evq);
	if (loop_signal(s->loop, SIGCHLD, on_signal, s) == -1 ||
	    loop_signal(s->loop, SIGTERM, on_signal, s) == -1 ||
	    loop_signal(s->loop, SIGINT, on_signal, s) == -1)
		fatal("signals");
	s->tick = loop_timer_new(s->loop, on_tick, s);
	s->deadline = loop_timer_new(s->loop, on_deadline, s);
	s->pool_timer = loop_timer_new(s->loop, on_tick, s);
	s->events = loop_timer_new(s->loop, on_events, s);
	s->log_watch = loop_fd_add(s->loop, FD_LOG, 0, on_log, s);
	if (s->tick == NULL || s->events == NULL || s->deadline == NULL ||
	    s->pool_timer == NULL ||
	    s->log_watch == NULL)
		fatal("loop");
	wheel_init(&s->wheel, now_ms());
	bucket_init(&s->denied, clock_mono_ns(), DENIED_RATE, DENIED_BURST);
}

static void
usage(void)
{
	fprintf(stderr, "usage: hpd-svc -j JAILDIR [-S] [-v]...\n");
	exit(EX_USAGE);
}

int
main(int argc, char *argv[])
{
	struct sandbox_ids ids = { 0, 0, NULL };
	const struct sandbox_policy *policy;
	int ch, level = DIAG_WARN;

	svc.proc = PROC_SVC;
	svc.profile = PROFILE_NOFORK;
	svc.script = &policy_svc_nofork;
	while ((ch = getopt(argc, argv, "j:PSvX:")) != -1) {
		if (ch == 'j') {
			ids.root = optarg;
		} else if (ch == 'S') {
			svc.proc = PROC_SVC_SHELL;
			svc.profile = PROFILE_SHELL;
			svc.script = &policy_svc_shell;
		} else if (ch == 'P') {
			svc.wide = 1;
		} else if (ch == 'v') {
			level++;
#ifdef HPD_TEST_INJECT
		} else if (ch == 'X' && sandbox_inject_arg(optarg) == 0) {
			continue;
#endif
		} else {
			usage();
		}
	}
	if (ids.root == NULL || optind != argc)
		usage();
	diag_init(proc_name(svc.proc), level);
	setup(&svc);
	policy = svc.profile == PROFILE_SHELL ? &policy_svc_S : &policy_svc;
	if (svc.wide)
		policy = wide_policy(policy, svc.profile == PROFILE_SHELL ?
		    NARROW_SVC_S : NARROW_SVC);
	svc.missing = sandbox_enter(policy, &ids);
	svc.landlock = svc.script->landlock ? sandbox_landlock_fd(svc.script)
					    : -1;
	if (svc.script->landlock && svc.landlock == -1)
		fatal("landlock rules of scripts");
	services_init(&svc.services);
	sessions_init(&svc, sessions_max());
	parent_start(&svc);
	for (;;)
		turn(&svc);
}
