/* SPDX-License-Identifier: ISC */
/*
 * The loop of hpd-parent: signals, children's channels, timers, and the phases
 * from the first child to the last. Nothing here blocks but ppoll(2).
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "../common/clock.h"
#include "../common/diag.h"

#include "background.h"
#include "notify.h"
#include "parent.h"
#include "reload.h"

#define DRAIN_MS   5000
#define DRAIN_TIME (DRAIN_MS * NS_MSEC)
#define STOP_TIME  (3 * NS_SEC) /* STOP, then KILL */
#define LOG_TIME   (3 * NS_SEC) /* for hpd-log to write what waits */
#define SHIP_TIME  (3 * NS_SEC) /* for hpship to send the end of the log */
#define WHO_CONF   KID_MAX
#define WHO_EVQ	   (KID_MAX + 1)

static const int signals[] = {SIGCHLD, SIGHUP, SIGUSR1, SIGTERM, SIGINT};
#define NSIGNALS (sizeof(signals) / sizeof(signals[0]))
static volatile sig_atomic_t came[NSIGNALS];
static sigset_t unblocked;

static void
on_signal(int sig)
{
	for (size_t i = 0; i < NSIGNALS; i++)
		if (signals[i] == sig)
			came[i] = 1;
}

void
watch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};
	struct sigaction ign = {.sa_handler = SIG_IGN};
	sigset_t set;

	sigemptyset(&set);
	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < NSIGNALS; i++) {
		sigaddset(&set, signals[i]);
		if (sigaction(signals[i], &sa, NULL) == -1)
			fatal("sigaction");
	}
	if (sigaction(SIGPIPE, &ign, NULL) == -1 ||
	    sigprocmask(SIG_BLOCK, &set, &unblocked) == -1)
		fatal("signals");
	for (size_t i = 0; i < NSIGNALS; i++)
		sigdelset(&unblocked, signals[i]);
}

int
watch_took(int sig)
{
	for (size_t i = 0; i < NSIGNALS; i++)
		if (signals[i] == sig && came[i]) {
			came[i] = 0;
			return 1;
		}
	return 0;
}

int
watch_sleep(struct pollfd *pfd, int n, int64_t ns)
{
	struct timespec ts;
	int r;

	if (ns < 0)
		ns = 0;
	ts.tv_sec = (time_t)(ns / NS_SEC);
	ts.tv_nsec = (long)(ns % NS_SEC);
	r = ppoll(pfd, (nfds_t)n, &ts, &unblocked);
	if (r == -1 && errno != EINTR)
		fatal("ppoll");
	return r;
}

/* hpd-net leaves as soon as its last connection ended; without it the runners
 * have nothing to wait for. */
static int
drained(const struct parent *p)
{
	return !kid_up(&p->kids[KID_NET]);
}

/* They end last: the log, and what sends it on. */
static int
is_last(int kid)
{
	return kid == KID_LOG || kid == KID_SHIP;
}

/* Children but those that still live. */
static int
workers_up(const struct parent *p)
{
	int n = 0;

	for (int i = 0; i < KID_MAX; i++)
		n += !is_last(i) && kid_up(&p->kids[i]);
	return n;
}

static void
enter(struct parent *p, enum phase phase, int64_t limit)
{
	p->phase = phase;
	p->phase_at = p->now + limit;
}

void
watch_stop(struct parent *p, int code, const char *why)
{
	struct msg_drain m = {.ms = DRAIN_MS};

	if (p->phase >= PHASE_DRAIN)
		return;
	p->exit_code = code;
	if (code == EX_OK)
		info("stopping: %s", why);
	else
		diag_warnx("stopping: %s", why);
	evq_text(&p->evq, EV_STOP, 0, "%s", why);
	notify_send("STOPPING=1");
	if (p->phase == PHASE_START) {
		enter(p, PHASE_DRAIN, 0);
		return;
	}
	enter(p, PHASE_DRAIN, DRAIN_TIME);
	for (int i = 0; i < KID_MAX; i++) {
		struct kid *k = &p->kids[i];

		if (k->state == KID_WAIT)
			k->state = KID_OFF;
		if (is_last(i) || !kid_up(k))
			continue;
		k->mute = 1;
		if (k->state == KID_RUN)
			kid_send(p, k, MSG_DRAIN, &m, sizeof(m), -1);
	}
}

static void
stop_or_kill(struct parent *p, struct kid *k, int kill_it)
{
	if (!kid_up(k))
		return;
	k->mute = 1;
	if (kill_it || !k->open || k->state < KID_SETUP)
		kid_kill(p, k, EV_NONE, "did not stop");
	else
		kid_send(p, k, MSG_STOP, NULL, 0, -1);
}

static void
stop_workers(struct parent *p, int kill_them)
{
	for (int i = 0; i < KID_MAX; i++)
		if (!is_last(i))
			stop_or_kill(p, &p->kids[i], kill_them);
}

/* Everybody got START. */
static void
started(struct parent *p)
{
	info("running: %u networks, %u decoys bound, log in %s",
	    p->image.nnets, p->image.nbindings, p->flags.logdir);
	notify_send("READY=1");
	background_ready();
}

/* The next child in order, or all of them START. */
static void
starting(struct parent *p)
{
	for (int i = 0; i < KID_MAX; i++) {
		struct kid *k = &p->kids[i];

		if (i == KID_SVC_SHELL && !(p->image.hdr->flags & IMG_F_SHELL))
			continue;
		if (i == KID_SHIP && !p->ship.on)
			continue;
		if (k->state >= KID_READY)
			continue;
		if (k->state == KID_OFF && kid_start(p, k) == -1)
			watch_stop(p, EX_FAIL, "a process cannot be started");
		return;
	}
	p->phase = PHASE_RUN;
	for (int i = 0; i < KID_MAX; i++)
		if (p->kids[i].state == KID_READY)
			parent_msg_start(p, &p->kids[i]);
	started(p);
}

/* Stopping goes through these one after the other. */
static void
phases(struct parent *p)
{
	struct kid *log = &p->kids[KID_LOG];
	int late = p->now >= p->phase_at;

	if (p->phase == PHASE_START)
		starting(p);
	if (p->phase == PHASE_DRAIN && (late || drained(p))) {
		enter(p, PHASE_KILL, STOP_TIME);
		stop_workers(p, 0);
		return;
	}
	if (p->phase == PHASE_KILL) {
		if (!workers_up(p))
			enter(p, PHASE_LOG, LOG_TIME);
		else if (late)
			stop_workers(p, 1);
	}
	if (p->phase == PHASE_LOG) {
		late = p->now >= p->phase_at;
		if (!kid_up(log) || late ||
		    (!p->evq_full && channels_drained(p))) {
			enter(p, PHASE_LOG_KILL, LOG_TIME);
			stop_or_kill(p, log, 0);
			late = 0;
		}
	}
	if (p->phase == PHASE_LOG_KILL) {
		if (!kid_up(log)) {
			enter(p, PHASE_SHIP, SHIP_TIME);
			stop_or_kill(p, &p->kids[KID_SHIP], 0);
			late = 0;
		} else if (late)
			stop_or_kill(p, log, 1);
	}
	if (p->phase == PHASE_SHIP) {
		if (!kid_up(&p->kids[KID_SHIP]))
			p->phase = PHASE_DONE;
		else if (late)
			stop_or_kill(p, &p->kids[KID_SHIP], 1);
	}
}

static void
take_signals(struct parent *p)
{
	if (watch_took(SIGTERM) || watch_took(SIGINT)) {
		if (p->phase == PHASE_DRAIN)
			p->phase_at = p->now; /* asked twice: at once */
		watch_stop(p, EX_OK, "asked to");
	}
	if (watch_took(SIGCHLD))
		kids_reap(p);
	if (watch_took(SIGHUP))
		reload_begin(p);
	if (watch_took(SIGUSR1) && p->phase == PHASE_RUN)
		parent_msg_segments(p, SEGMENTS_ALL);
}

static void
watch_fd(struct parent *p, int fd, short events, uint8_t who)
{
	p->pfd[p->npfd].fd = fd;
	p->pfd[p->npfd].events = events;
	p->pfd[p->npfd].revents = 0;
	p->who[p->npfd++] = who;
}

static void
fill(struct parent *p)
{
	p->npfd = 0;
	for (uint8_t i = 0; i < KID_MAX; i++) {
		struct kid *k = &p->kids[i];

		if (k->open)
			watch_fd(p, k->chan.fd,
			    (short)(chan_pending(&k->chan) ? POLLIN | POLLOUT
							   : POLLIN),
			    i);
	}
	if (p->conf.diag != -1)
		watch_fd(p, p->conf.diag, POLLIN, WHO_CONF);
	if (p->evq_full)
		watch_fd(p, p->evq.chan.fd, POLLOUT, WHO_EVQ);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How long there is nothing to do by the clock. */
static int64_t
idle(const struct parent *p)
{
	int64_t at = p->now + NS_SEC;

	for (int i = 0; i < KID_MAX; i++)
		if (p->kids[i].state == KID_WAIT ||
		    (kid_up(&p->kids[i]) && !p->kids[i].open))
			at = sooner(at, p->kids[i].at);
	for (int i = 0; i < LOG_SLOTS; i++)
		if (p->slots[i].n > 1)
			at = sooner(at, p->now + 20 * NS_MSEC);
	if (p->phase >= PHASE_DRAIN)
		at = sooner(at, p->phase_at);
	if (p->phase == PHASE_LOG)
		at = sooner(at, p->now + 5 * NS_MSEC);
	at = sooner(at, p->link_at == 0 ? at : p->link_at);
	if (p->phase == PHASE_RUN)
		at = sooner(at, p->retire.next_at);
	at = sooner(at, ship_due(p) == 0 ? at : ship_due(p));
	/* A deadline that passed without effect must not spin. */
	return at <= p->now ? NS_MSEC : at - p->now;
}

static void
turn(struct parent *p)
{
	fill(p);
	watch_sleep(p->pfd, p->npfd, idle(p));
	p->now = clock_mono_ns();
	for (int i = 0; i < p->npfd; i++) {
		struct kid *k;

		if (p->pfd[i].revents == 0)
			continue;
		if (p->who[i] == WHO_CONF) {
			reload_poll(p);
			continue;
		}
		if (p->who[i] == WHO_EVQ)
			continue; /* flushed below in any case */
		k = &p->kids[p->who[i]];
		if (k->open && (p->pfd[i].revents & POLLOUT))
			(void)chan_flush(&k->chan);
		if (k->open && (p->pfd[i].revents & ~POLLOUT))
			parent_msg_read(p, k);
	}
}

int
watch_run(struct parent *p)
{
	while (p->phase != PHASE_DONE) {
		p->now = clock_mono_ns();
		take_signals(p);
		kids_timers(p);
		reload_poll(p);
		packets_timers(p);
		ship_timers(p);
		retire_tick(p);
		parent_msg_segments(p, SEGMENTS_DUE);
		channels_retired(p);
		phases(p);
		p->evq_full = evq_flush(&p->evq, 1) == 1;
		if (p->phase != PHASE_DONE)
			turn(p);
	}
	return p->exit_code;
}
