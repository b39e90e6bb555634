/* SPDX-License-Identifier: ISC */
/*
 * The loop: its descriptors lie where the policies expect them, watching is
 * level triggered, callbacks may delete themselves and others, timers fire
 * about when they should, signals arrive.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/diag.h"
#include "common/loop.h"
#include "common/proc.h"

static struct loop *l;

static int
setup(void **state)
{
	(void)state;
	diag_init("t_loop", 0);
	l = loop_new();
	return l == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	loop_free(l);
	return 0;
}

/* Open descriptors from lo to hi. */
static int
count(int lo, int hi)
{
	int n = 0;

	for (; lo <= hi; lo++)
		n += fcntl(lo, F_GETFD) != -1;
	return n;
}

static void
placement(void **state)
{
	int low = count(0, FD_LOOP_MIN - 1), mid, fd[64], n, err;
	int high = count(FD_LOOP_MAX + 1, 255);
	struct loop *x;

	(void)state;
	mid = count(FD_LOOP_MIN, FD_LOOP_MAX);
	x = loop_new();
	assert_non_null(x);
	assert_true(count(FD_LOOP_MIN, FD_LOOP_MAX) > mid);
	assert_int_equal(count(0, FD_LOOP_MIN - 1), low);
	assert_int_equal(count(FD_LOOP_MAX + 1, 255), high);
	loop_free(x);
	assert_int_equal(count(FD_LOOP_MIN, FD_LOOP_MAX), mid);
	/* no room in the range: refused, nothing left behind */
	for (n = 0; count(FD_LOOP_MIN, FD_LOOP_MAX - 1) < 15; n++)
		fd[n] = fcntl(0, F_DUPFD_CLOEXEC, FD_LOOP_MIN);
	low = count(0, 255);
	x = loop_new();
	err = errno;
	assert_null(x);
	assert_int_equal(err, EMFILE);
	assert_int_equal(count(0, 255), low);
	while (n-- > 0)
		close(fd[n]);
	loop_free(NULL);
}

struct seen {
	int n, what;
	struct loop_fd *kill, *self;
};

static void
on_fd(int fd, int what, void *arg)
{
	struct seen *s = arg;

	(void)fd;
	s->n++;
	s->what = what;
	if (s->kill != NULL)
		loop_fd_del(s->kill);
	if (s->self != NULL)
		loop_fd_del(s->self);
	s->kill = s->self = NULL;
}

static void
turns(int n)
{
	while (n-- > 0)
		assert_int_equal(loop_turn(l, 0), 0);
}

static void
watching(void **state)
{
	struct seen s = {0, 0, NULL, NULL};
	struct loop_fd *w;
	char c;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	w = loop_fd_add(l, fd[0], 0, on_fd, &s);
	assert_non_null(w);
	assert_int_equal(write(fd[1], "x", 1), 1);
	turns(3);
	assert_int_equal(s.n, 0);
	assert_int_equal(loop_fd_set(w, LOOP_READ), 0);
	turns(3); /* nobody reads: level triggered */
	assert_int_equal(s.n, 3);
	assert_int_equal(s.what, LOOP_READ);
	assert_int_equal(loop_fd_set(w, LOOP_READ), 0); /* no change */
	assert_int_equal(loop_fd_set(w, LOOP_READ | LOOP_WRITE), 0);
	turns(1);
	assert_int_equal(s.what, LOOP_READ | LOOP_WRITE);
	assert_int_equal(read(fd[0], &c, 1), 1);
	turns(1);
	assert_int_equal(s.what, LOOP_WRITE);
	s.n = 0;
	assert_int_equal(loop_fd_set(w, 0), 0);
	assert_int_equal(write(fd[1], "x", 1), 1);
	turns(2);
	assert_int_equal(s.n, 0);
	loop_fd_del(w);
	loop_fd_del(NULL);
	assert_true(fcntl(fd[0], F_GETFD) != -1); /* still open */
	close(fd[0]);
	close(fd[1]);
	assert_null(loop_fd_add(l, fd[0], LOOP_READ, on_fd, &s)); /* closed */
}

/* Two ready at once, the first callback deletes both: one call in all. */
static void
deleting(void **state)
{
	struct seen a = {0, 0, NULL, NULL}, b = a;
	struct loop_fd *wa, *wb;
	int p[2], q[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(q), 0);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(write(q[1], "x", 1), 1);
	wa = loop_fd_add(l, p[0], LOOP_READ, on_fd, &a);
	wb = loop_fd_add(l, q[0], LOOP_READ, on_fd, &b);
	a.self = b.kill = wa;
	a.kill = b.self = wb;
	turns(3);
	assert_int_equal(a.n + b.n, 1);
	close(p[0]);
	close(p[1]);
	close(q[0]);
	close(q[1]);
}

static void
on_stop(void *arg)
{
	if (arg != NULL)
		*(int64_t *)arg = clock_mono_ns();
	loop_stop(l);
}

static void
timers(void **state)
{
	int64_t t0, fired = 0, again = 0;
	struct loop_timer *t = loop_timer_new(l, on_stop, &fired);
	struct loop_timer *never = loop_timer_new(l, on_stop, &again);

	(void)state;
	assert_non_null(t);
	loop_timer_set(never, 1000);
	loop_timer_cancel(never);
	t0 = clock_mono_ns();
	loop_timer_set(t, 50 * 1000);
	loop_timer_set(t, 3 * 1000); /* re-armed: the later call counts */
	assert_int_equal(loop_run(l), 0);
	assert_true(fired - t0 >= 3 * NS_MSEC);
	assert_true(fired - t0 < 45 * NS_MSEC);
	assert_true(again == 0);
	t0 = fired; /* once only */
	turns(2);
	assert_true(fired == t0);
	t0 = clock_mono_ns(); /* finer than a millisecond */
	loop_timer_set(t, 300);
	assert_int_equal(loop_run(l), 0);
	assert_true(fired - t0 >= 300 * NS_USEC);
	loop_timer_free(t);
	loop_timer_free(never);
	loop_timer_free(NULL);
	loop_stop(l); /* before running: returns at once */
	assert_int_equal(loop_run(l), 0);
}

static void
on_sig(int sig, void *arg)
{
	*(int *)arg = sig;
	loop_stop(l);
}

static void
signals(void **state)
{
	int got = 0, i;

	(void)state;
	assert_int_equal(loop_signal(l, SIGTERM, on_sig, &got), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(loop_run(l), 0);
	assert_int_equal(got, SIGTERM);
	for (i = 0; i < 7; i++)
		assert_int_equal(loop_signal(l, SIGRTMIN + i, on_sig, &got),
		    0);
	assert_int_equal(loop_signal(l, SIGUSR2, on_sig, &got), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(placement),
	    cmocka_unit_test(watching),
	    cmocka_unit_test(deleting),
	    cmocka_unit_test(timers),
	    cmocka_unit_test(signals),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
