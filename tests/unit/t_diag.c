/* SPDX-License-Identifier: ISC */
/* Diagnostics: levels, errno kept, exit codes, events, escaping. */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/diag.h"
#include "common/evq.h"

static char out[8192];
static struct chan_msg msg;

/* Run fn in a child; what it wrote on descriptor 2 is in out. Exit code. */
static int
capture(void (*fn)(void))
{
	size_t n = 0;
	ssize_t r;
	int fd[2], st;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0) {
		dup2(fd[1], 2);
		close(fd[0]);
		close(fd[1]);
		fn();
		_exit(42);
	}
	close(fd[1]);
	while ((r = read(fd[0], out + n, sizeof(out) - 1 - n)) > 0)
		n += (size_t)r;
	out[n] = '\0';
	close(fd[0]);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -WTERMSIG(st);
}

static void
quiet(void)
{
	diag_init("hpd-x", DIAG_WARN);
	errno = ENOENT;
	info("one %d", 1);
	debug("two");
	diag_warn("three %s", "3");
	if (errno != ENOENT)
		_exit(1);
	diag_warnx("four");
}

static void
loud(void)
{
	diag_init("hpd-x", DIAG_DEBUG);
	info("one");
	debug("two");
}

static void
f_fatal(void)
{
	errno = EACCES;
	fatal("open %s", "x");
}

static void
f_fatalx(void)
{
	errno = EACCES;
	fatalx("no");
}

static void
f_code(void)
{
	fatal_code(78, "bad configuration");
}

static void
long_line(void)
{
	static char big[5000];

	memset(big, 'a', sizeof(big) - 1);
	errno = ENOENT;
	diag_init("hpd-x", DIAG_WARN);
	diag_warn("%s", big);
}

static void
lines(void **state)
{
	(void)state;
	assert_int_equal(capture(quiet), 42);
	assert_string_equal(out, "hpd-x: three 3: No such file or directory\n"
				 "hpd-x: four\n");
	assert_int_equal(capture(loud), 42);
	assert_string_equal(out, "hpd-x: one\nhpd-x: two\n");
	assert_int_equal(capture(f_fatal), 1);
	assert_string_equal(out, "hpd: open x: Permission denied\n");
	assert_int_equal(capture(f_fatalx), 1);
	assert_string_equal(out, "hpd: no\n");
	assert_int_equal(capture(f_code), 78);
	assert_int_equal(capture(long_line), 42);
	assert_in_range(strlen(out), 1000, 1024);
	assert_int_equal(out[strlen(out) - 1], '\n');
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
}

static struct evq q;

static void
dying_words(void)
{
	diag_attach(&q);
	fatalx("last words");
}

static void
as_events(void **state)
{
	const struct event *e;
	struct chan in;
	size_t len;
	int fd[2];

	(void)state;
	assert_int_equal(chan_pair(fd), 0);
	assert_int_equal(evq_init(&q, fd[0], PROC_SVC, 0, 65536), 0);
	chan_init_oneway(&in, fd[1], PROC_LOG, PROC_SVC, 0, 1);
	evq_start(&q, 5);
	diag_init("t", 0); /* nothing printed ... */
	assert_int_equal(diag_level(), 0);
	diag_attach(&q);
	info("hello %d", 7);
	debug("not an event");
	errno = EPERM;
	diag_warn("w");
	diag_attach(NULL);
	diag_warnx("detached");
	assert_int_equal(evq_flush(&q, 1), 0);
	assert_int_equal(chan_recv(&in, &msg), 1); /* ... but told */
	assert_int_equal(msg.u.events.count, 2);
	e = (const struct event *)(const void *)(msg.u.data +
	    sizeof(struct msg_events));
	assert_int_equal(e->kind, EV_DIAG);
	assert_int_equal(e->verdict, DIAG_INFO);
	assert_memory_equal(event_data(e, &len), "hello 7", 7);
	assert_int_equal(len, 7);
	e = (const struct event *)(const void *)((const uint8_t *)e + e->len);
	assert_int_equal(e->verdict, DIAG_WARN);
	assert_memory_equal(event_data(e, &len),
	    "w: Operation not permitted", 26);
	assert_int_equal(capture(dying_words), 1);
	assert_int_equal(chan_recv(&in, &msg), 1);
	e = (const struct event *)(const void *)(msg.u.data +
	    sizeof(struct msg_events));
	assert_int_equal(e->verdict, DIAG_FATAL);
	assert_memory_equal(event_data(e, &len), "last words", 10);
	chan_close(&q.chan);
	chan_close(&in);
	free(q.ring);
}

static void
escaping(void **state)
{
	char d[16], guard[8];
	size_t n;

	(void)state;
	assert_string_equal(diag_esc(d, sizeof(d), "a b~", 4), "a b~");
	assert_string_equal(diag_esc(d, sizeof(d), "\n\x7f\\", 3),
	    "\\x0a\\x7f\\x5c");
	assert_string_equal(diag_esc(d, sizeof(d), "\0\xff", 2),
	    "\\x00\\xff");
	assert_string_equal(diag_esc(d, 4, "abcdef", 6), "abc");
	assert_string_equal(diag_esc(d, 4, "\n", 1), ""); /* no half one */
	assert_string_equal(diag_esc(d, 5, "\n", 1), "\\x0a");
	assert_string_equal(diag_esc(d, 1, "abc", 3), "");
	for (n = 0; n < sizeof(guard); n++) {
		memset(guard, '#', sizeof(guard));
		(void)diag_esc(guard, n, "a\n\n", 3);
		assert_int_equal(guard[n], '#');
		assert_true(n == 0 || memchr(guard, '\0', n) != NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines),
	    cmocka_unit_test(as_events),
	    cmocka_unit_test(escaping),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
