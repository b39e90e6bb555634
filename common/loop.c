/* SPDX-License-Identifier: ISC */
/*
 * The event loop of the children over libevent; the only file that includes
 * <event2/...>. No threads, no environment variables, level triggered. The
 * library's own descriptors (epoll, timer, signal pair) land on
 * FD_LOOP_MIN..FD_LOOP_MAX, where the policies expect them: all numbers below
 * are taken while it opens them.
 */
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "diag.h"
#include "loop.h"
#include "proc.h"

#define MAX_SIGNALS 8

struct loop_sig {
	struct event *ev;
	loop_sig_cb cb;
	void *arg;
};

struct loop {
	struct event_base *base;
	int stop;
	int nsig;
	struct loop_sig sig[MAX_SIGNALS];
};

struct loop_fd {
	struct loop *loop;
	struct event *ev; /* NULL: watched for nothing */
	int fd, what;
	loop_fd_cb cb;
	void *arg;
};

struct loop_timer {
	struct event *ev;
	loop_cb cb;
	void *arg;
};

/* Take every free number below FD_LOOP_MIN; returns how many, -1 on error. */
static int
fill_low(int *taken)
{
	int n = 0, fd, src;

	if ((src = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	for (fd = src; fd < FD_LOOP_MIN;) {
		taken[n++] = fd;
		if ((fd = fcntl(src, F_DUPFD_CLOEXEC, 0)) == -1)
			break;
	}
	if (fd != -1)
		close(fd);
	return fd == -1 ? -n - 1 : n;
}

/* The next free number: is all that was opened since below or at the end of
 * our range? */
static int
in_range(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return 0;
	close(fd);
	return fd <= FD_LOOP_MAX + 1;
}

/* What the library has to say goes the way of our own diagnostics. */
static void
on_log(int severity, const char *msg)
{
	if (severity >= EVENT_LOG_WARN)
		diag_warnx("libevent: %s", msg);
	else
		debug("libevent: %s", msg);
}

static void
on_fatal(int err)
{
	fatalx("libevent: error %d", err);
}

static struct event_base *
make_base(void)
{
	struct event_config *cfg = event_config_new();
	struct event_base *b = NULL;

	if (cfg == NULL)
		return NULL;
	event_set_log_callback(on_log);
	event_set_fatal_callback(on_fatal);
	/* No PRECISE_TIMER: it costs a timerfd_settime(2) every turn, and no
	 * timer here needs better than the milliseconds epoll counts in. */
	if (event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK |
	    EVENT_BASE_FLAG_IGNORE_ENV) == 0)
		b = event_base_new_with_config(cfg);
	event_config_free(cfg);
	return b;
}

struct loop *
loop_new(void)
{
	int taken[FD_LOOP_MIN], n, i, err = 0;
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	n = fill_low(taken);
	if (n >= 0) {
		errno = 0;
		l->base = make_base();
		if (l->base == NULL)
			err = errno != 0 ? errno : ENOMEM;
		else if (!in_range())
			err = EMFILE;
	} else {
		err = errno;
		n = -n - 1;
	}
	for (i = 0; i < n; i++)
		close(taken[i]);
	if (err != 0) {
		loop_free(l);
		errno = err;
		return NULL;
	}
	return l;
}

void
loop_free(struct loop *l)
{
	int i;

	if (l == NULL)
		return;
	for (i = 0; i < l->nsig; i++)
		event_free(l->sig[i].ev);
	if (l->base != NULL)
		event_base_free(l->base);
	free(l);
}

static void
on_fd(evutil_socket_t fd, short ev, void *arg)
{
	struct loop_fd *w = arg;

	/* The callback may free w: nothing of it is touched afterwards. */
	w->cb((int)fd, (ev & EV_READ ? LOOP_READ : 0) |
	    (ev & EV_WRITE ? LOOP_WRITE : 0), w->arg);
}

int
loop_fd_set(struct loop_fd *w, int what)
{
	short ev = EV_PERSIST;

	if (what == w->what)
		return 0;
	if (w->what != 0 && event_del(w->ev) == -1)
		return -1;
	w->what = 0;
	if (what == 0)
		return 0;
	if (what & LOOP_READ)
		ev |= EV_READ;
	if (what & LOOP_WRITE)
		ev |= EV_WRITE;
	if (event_assign(w->ev, w->loop->base, w->fd, ev, on_fd, w) == -1 ||
	    event_add(w->ev, NULL) == -1)
		return -1;
	w->what = what;
	return 0;
}

struct loop_fd *
loop_fd_add(struct loop *l, int fd, int what, loop_fd_cb cb, void *arg)
{
	struct loop_fd *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->loop = l;
	w->fd = fd;
	w->cb = cb;
	w->arg = arg;
	w->ev = event_new(l->base, fd, EV_READ | EV_PERSIST, on_fd, w);
	if (w->ev == NULL || loop_fd_set(w, what) == -1) {
		if (w->ev != NULL)
			event_free(w->ev);
		free(w);
		return NULL;
	}
	return w;
}

void
loop_fd_del(struct loop_fd *w)
{
	if (w == NULL)
		return;
	event_free(w->ev);
	free(w);
}

static void
on_timer(evutil_socket_t fd, short ev, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)ev;
	t->cb(t->arg);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_cb cb, void *arg)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->cb = cb;
	t->arg = arg;
	if ((t->ev = event_new(l->base, -1, 0, on_timer, t)) == NULL) {
		free(t);
		return NULL;
	}
	return t;
}

void
loop_timer_set(struct loop_timer *t, uint64_t us)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(us / 1000000);
	tv.tv_usec = (suseconds_t)(us % 1000000);
	(void)event_add(t->ev, &tv); /* fails without memory only: heap full */
}

void
loop_timer_cancel(struct loop_timer *t)
{
	(void)event_del(t->ev);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (t == NULL)
		return;
	event_free(t->ev);
	free(t);
}

static void
on_signal(evutil_socket_t sig, short ev, void *arg)
{
	struct loop_sig *s = arg;

	(void)ev;
	s->cb((int)sig, s->arg);
}

int
loop_signal(struct loop *l, int sig, loop_sig_cb cb, void *arg)
{
	struct loop_sig *s;

	if (l->nsig == MAX_SIGNALS) {
		errno = ENOSPC;
		return -1;
	}
	s = &l->sig[l->nsig];
	s->cb = cb;
	s->arg = arg;
	s->ev = evsignal_new(l->base, sig, on_signal, s);
	if (s->ev == NULL)
		return -1;
	if (event_add(s->ev, NULL) == -1) {
		event_free(s->ev);
		return -1;
	}
	l->nsig++;
	return 0;
}

int
loop_run(struct loop *l)
{
	int r = 0;

	if (!l->stop)
		r = event_base_loop(l->base, 0);
	l->stop = 0;
	return r == -1 ? -1 : 0;
}

int
loop_turn(struct loop *l, int block)
{
	int r = event_base_loop(l->base,
	    block ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK);

	return r == -1 ? -1 : 0;
}

void
loop_stop(struct loop *l)
{
	l->stop = 1;
	(void)event_base_loopbreak(l->base);
}
