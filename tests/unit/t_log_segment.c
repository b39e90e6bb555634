/* SPDX-License-Identifier: ISC */
/*
 * Segments when the disk says no: short writes, a file size limit, a full
 * device, a full pipe. Whatever happens, every line is whole or alone in
 * being broken.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hpd-log/segment.h"

static struct segment s;

static int
temp(void)
{
	char name[] = "/tmp/t_log_segment.XXXXXX";
	int fd = mkstemp(name), a;

	assert_true(fd != -1);
	a = open(name, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(a != -1);
	unlink(name);
	assert_true(dup3(fd, 100, O_CLOEXEC) == 100); /* for reading back */
	close(fd);
	return a;
}

static size_t
back(char *buf, size_t len)
{
	ssize_t n = pread(100, buf, len - 1, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
	return (size_t)n;
}

static void
plain(void **state)
{
	char buf[64];

	(void)state;
	segment_open(&s, temp(), 7, 10, 0, SEGMENT_SYNC_EVENTS, 1000);
	assert_int_equal(segment_write(&s, "one\ntwo\n", 8, 0, 1000), 8);
	assert_int_equal(segment_full(&s, 1000, 0), 0);
	assert_int_equal(segment_write(&s, "3\n", 2, 0, 1000), 2);
	assert_int_equal(segment_full(&s, 1000, 0), SEG_FULL_SIZE);
	assert_int_equal(s.unsynced, 10);
	assert_int_equal(segment_due(&s, 1000), 0);
	assert_int_equal(segment_due(&s, 1000 + SEGMENT_SYNC_NS), 1);
	assert_int_equal(segment_sync(&s, 5), 0);
	assert_int_equal(s.unsynced, 0);
	back(buf, sizeof(buf));
	assert_string_equal(buf, "one\ntwo\n3\n");
	close(s.fd);
}

static void
age(void **state)
{
	(void)state;
	segment_open(&s, temp(), 1, 1000, 0, SEGMENT_SYNC_EVENTS, 1000);
	segment_write(&s, "begin\n", 6, 0, 1000);
	s.lines = 1;
	assert_int_equal(segment_full(&s, 5000, 100), 0); /* nothing in it */
	segment_write(&s, "more\n", 5, 0, 1000);
	s.lines = 2;
	assert_int_equal(segment_full(&s, 1099, 100), 0);
	assert_int_equal(segment_full(&s, 1100, 100), SEG_FULL_AGE);
	assert_int_equal(segment_full(&s, 1100, 0), 0);
	close(s.fd);
}

static void
over_quota(void **state)
{
	static char big[SEGMENT_OVER_MAX];

	(void)state;
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	segment_open(&s, temp(), 1, 100, 0, SEGMENT_SYNC_EVENTS, 0);
	assert_int_equal(segment_write(&s, big, sizeof(big), 0, 0),
	    sizeof(big));
	assert_int_equal(segment_full(&s, 0, 0), SEG_FULL_SIZE);
	assert_int_equal(s.state, SEG_OK);
	assert_int_equal(segment_write(&s, big, 101, 0, 77), 0);
	assert_int_equal(s.state, SEG_STOPPED);
	assert_int_equal(s.error, 0);
	assert_int_equal(s.stopped_ns, 77);
	assert_int_equal(s.size, sizeof(big));
	assert_int_equal(segment_write(&s, "x\n", 2, 0, 0), 0);
	close(s.fd);
}

/* The limit falls inside a line; later there is room again. */
static void
size_limit(void **state)
{
	struct rlimit old, lim;
	char buf[128];

	(void)state;
	getrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_IGN);
	segment_open(&s, temp(), 1, 1000, 0, SEGMENT_SYNC_EVENTS, 0);
	assert_int_equal(segment_write(&s, "first\n", 6, 0, 0), 6);
	lim = old;
	lim.rlim_cur = 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &lim), 0);
	assert_int_equal(segment_write(&s, "second\nthird\n", 13, 0, 5), 4);
	assert_int_equal(s.state, SEG_STOPPED);
	assert_int_equal(s.error, EFBIG);
	assert_int_equal(s.torn, 1);
	assert_int_equal(segment_full(&s, 5, 0), SEG_FULL_ERROR);
	segment_retry(&s); /* still no room */
	assert_int_equal(segment_write(&s, "nd\nthird\n", 9, 1, 6), 0);
	assert_int_equal(s.state, SEG_STOPPED);
	setrlimit(RLIMIT_FSIZE, &old);
	segment_retry(&s);
	assert_int_equal(segment_write(&s, "nd\nthird\n", 9, 1, 7), 9);
	assert_int_equal(s.torn, 0);
	back(buf, sizeof(buf));
	assert_string_equal(buf, "first\nsecond\nthird\n");
	close(s.fd);
}

/* Not continued: the torn line is ended, the next one starts afresh. */
static void
torn_is_ended(void **state)
{
	struct rlimit old, lim;
	char buf[128];

	(void)state;
	getrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_IGN);
	segment_open(&s, temp(), 1, 1000, 0, SEGMENT_SYNC_EVENTS, 0);
	lim = old;
	lim.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &lim), 0);
	assert_int_equal(segment_write(&s, "abcdef\n", 7, 0, 0), 3);
	setrlimit(RLIMIT_FSIZE, &old);
	segment_retry(&s);
	assert_int_equal(segment_write(&s, "next\n", 5, 0, 0), 5);
	back(buf, sizeof(buf));
	assert_string_equal(buf, "abc\nnext\n");
	close(s.fd);
	/* A file that had something in it may end in a torn line too. */
	segment_open(&s, dup(100), 2, 1000, 9, SEGMENT_SYNC_EVENTS, 0);
	lseek(s.fd, 0, SEEK_END);
	assert_int_equal(segment_write(&s, "new\n", 4, 0, 0), 4);
	back(buf, sizeof(buf));
	assert_string_equal(buf, "abc\nnext\n\nnew\n");
	close(s.fd);
}

static void
full_device(void **state)
{
	(void)state;
	segment_open(&s, open("/dev/full", O_WRONLY | O_APPEND), 1, 1000, 0, SEGMENT_SYNC_EVENTS, 0);
	assert_int_equal(segment_write(&s, "x\n", 2, 0, 0), 0);
	assert_int_equal(s.error, ENOSPC);
	assert_int_equal(s.torn, 0);
	assert_int_equal(segment_full(&s, 0, 0), SEG_FULL_ERROR);
	close(s.fd);
}

/* A socket takes what fits and then no more: short write, then EAGAIN. */
static void
short_write(void **state)
{
	static char big[1 << 20], got[1 << 20];
	size_t done, n = 0;
	ssize_t r;
	int sv[2];

	(void)state;
	memset(big, 'y', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    sv), 0);
	segment_open(&s, sv[0], 1, 4 << 20, 0, SEGMENT_SYNC_EVENTS, 0);
	done = segment_write(&s, big, sizeof(big), 0, 0);
	assert_true(done > 0 && done < sizeof(big));
	assert_int_equal(s.error, EAGAIN);
	while (done < sizeof(big)) {
		while ((r = read(sv[1], got + n, sizeof(got) - n)) > 0)
			n += (size_t)r;
		segment_retry(&s);
		done += segment_write(&s, big + done, sizeof(big) - done, 1,
		    0);
	}
	while ((r = read(sv[1], got + n, sizeof(got) - n)) > 0)
		n += (size_t)r;
	assert_int_equal(n, sizeof(big));
	assert_memory_equal(big, got, n);
	close(sv[0]);
	close(sv[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(age),
		cmocka_unit_test(over_quota),
		cmocka_unit_test(size_limit),
		cmocka_unit_test(torn_is_ended),
		cmocka_unit_test(full_device),
		cmocka_unit_test(short_write),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
