/* SPDX-License-Identifier: ISC */
/* The files hpd-parent makes: log segments and the sensor's key. */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "hpd-parent/key.h"
#include "hpd-parent/segments.h"

static char dir[64];

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/hpd-t-files.XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_dir(void **state)
{
	char cmd[128];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return system(cmd);
}

static const char *
in_dir(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
segment_is_new_and_append_only(void **state)
{
	struct segments s;
	struct stat st;
	char err[256], first[64];
	int fd, fd2;

	(void)state;
	assert_int_equal(
	    segments_init(&s, in_dir("log"), 1, err, sizeof(err)), 0);
	assert_int_equal(stat(in_dir("log"), &st), 0);
	assert_int_equal(st.st_mode & 027, 0);
	fd = segments_next(&s, STREAM_EVENTS);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & (O_APPEND | O_ACCMODE),
	    O_APPEND | O_WRONLY);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	memcpy(first, s.newest[STREAM_EVENTS], sizeof(first));
	assert_int_equal(strncmp(first, "events-", 7), 0);
	assert_non_null(strstr(first, "Z-000001.jsonl"));
	fd2 = segments_next(&s, STREAM_EVENTS);
	assert_true(fd2 >= 0);
	assert_string_not_equal(first, s.newest[STREAM_EVENTS]);
	assert_int_equal(s.number[STREAM_EVENTS], 2);
	close(fd);
	close(fd2);
	close(s.dir);
}

static void
second_start_never_reopens(void **state)
{
	struct segments a, b;
	char err[256];
	int fd, fd2;

	(void)state;
	assert_int_equal(
	    segments_init(&a, in_dir("log"), 1, err, sizeof(err)), 0);
	assert_int_equal(
	    segments_init(&b, in_dir("log"), 1, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "another hpd-parent"));
	fd = segments_next(&a, STREAM_SERVICE);
	close(a.dir);
	assert_int_equal(
	    segments_init(&b, in_dir("log"), 1, err, sizeof(err)), 0);
	fd2 = segments_next(&b, STREAM_SERVICE);
	assert_true(fd >= 0 && fd2 >= 0);
	assert_string_not_equal(a.newest[STREAM_SERVICE],
	    b.newest[STREAM_SERVICE]);
	close(fd);
	close(fd2);
	close(b.dir);
}

static void
link_points_at_newest(void **state)
{
	struct segments s;
	char err[256], to[128];
	ssize_t n;
	int fd;

	(void)state;
	assert_int_equal(
	    segments_init(&s, in_dir("log"), 1, err, sizeof(err)), 0);
	fd = segments_next(&s, STREAM_EVENTS);
	n = readlink(in_dir("log/events.jsonl"), to, sizeof(to) - 1);
	assert_true(n > 0);
	to[n] = '\0';
	assert_string_equal(to, s.newest[STREAM_EVENTS]);
	close(fd);
	close(s.dir);
}

static void
directory_of_others_is_refused(void **state)
{
	struct segments s;
	char err[256] = "";

	(void)state;
	assert_int_equal(mkdir(in_dir("open"), 0700), 0);
	assert_int_equal(chmod(in_dir("open"), 0770), 0);
	assert_int_equal(
	    segments_init(&s, in_dir("open"), 1, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "writable"));
	assert_int_equal(symlink("open", in_dir("link")), 0);
	assert_int_equal(
	    segments_init(&s, in_dir("link"), 1, err, sizeof(err)), -1);
}

static void
key_is_made_once(void **state)
{
	uint8_t a[16] = {0}, b[16] = {0}, zero[16] = {0};
	char err[256];
	struct stat st;

	(void)state;
	assert_int_equal(key_load(in_dir("key"), a, err, sizeof(err)), 0);
	assert_int_equal(key_load(in_dir("key"), b, err, sizeof(err)), 0);
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, zero, sizeof(a));
	assert_int_equal(stat(in_dir("key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 16);
}

static void
key_readable_by_others_is_refused(void **state)
{
	uint8_t a[16];
	char err[256] = "";

	(void)state;
	assert_int_equal(key_load(in_dir("key"), a, err, sizeof(err)), 0);
	assert_int_equal(chmod(in_dir("key"), 0640), 0);
	assert_int_equal(key_load(in_dir("key"), a, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "0600"));
	assert_int_equal(chmod(in_dir("key"), 0600), 0);
	assert_int_equal(truncate(in_dir("key"), 15), 0);
	assert_int_equal(key_load(in_dir("key"), a, err, sizeof(err)), -1);
}

/* hpd-log in wrong hands asks for file after file: only a full one, or an old
 * one with something in it, is followed by another. */
static void
segment_is_due_when_the_file_says_so(void **state)
{
	const int64_t day = 86400 * NS_SEC, at = 1000 * NS_SEC;
	const int s0 = STREAM_EVENTS;
	struct segments s;
	char err[256];
	int fd;

	(void)state;
	assert_int_equal(
	    segments_init(&s, in_dir("log"), 1, err, sizeof(err)), 0);
	fd = segments_next(&s, s0);
	assert_true(fd >= 0);
	s.quota[s0] = 5;
	s.made_at[s0] = at;
	assert_int_equal(segments_due(&s, s0, day, at + NS_SEC), 0);
	assert_int_equal(segments_due(&s, s0, day, at + 2 * day), 0);
	s.asked_at[s0] = 0;
	assert_int_equal(write(fd, "1234", 4), 4);
	assert_int_equal(segments_due(&s, s0, day, at + NS_SEC * 2), 0);
	assert_int_equal(write(fd, "5", 1), 1);
	/* not looked at so soon after the last time */
	assert_int_equal(segments_due(&s, s0, day, at + NS_SEC * 2 + 1), 0);
	assert_int_equal(segments_due(&s, s0, day, at + NS_SEC * 3), 1);
	s.quota[s0] = 6;
	assert_int_equal(segments_due(&s, s0, day, at + NS_SEC * 4), 0);
	assert_int_equal(segments_due(&s, s0, day, at + day), 1);
	close(fd);
}

static void
empty_segments_come_ever_slower(void **state)
{
	const int s0 = STREAM_EVENTS;
	int64_t wait = SEGMENT_RETRY;
	struct segments s;
	char err[256];
	int fd;

	(void)state;
	assert_int_equal(
	    segments_init(&s, in_dir("log"), 1, err, sizeof(err)), 0);
	fd = segments_next(&s, s0);
	assert_true(fd >= 0);
	for (int i = 0; i < SEGMENT_DOUBLE; i++) {
		assert_true(segments_error_wait(&s, s0) == wait * 2);
		wait *= 2;
	}
	assert_true(segments_error_wait(&s, s0) == wait);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_true(segments_error_wait(&s, s0) == SEGMENT_RETRY);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(segment_is_new_and_append_only,
		make_dir, remove_dir),
	    cmocka_unit_test_setup_teardown(second_start_never_reopens,
		make_dir, remove_dir),
	    cmocka_unit_test_setup_teardown(link_points_at_newest, make_dir,
		remove_dir),
	    cmocka_unit_test_setup_teardown(directory_of_others_is_refused,
		make_dir, remove_dir),
	    cmocka_unit_test_setup_teardown(
		segment_is_due_when_the_file_says_so, make_dir, remove_dir),
	    cmocka_unit_test_setup_teardown(empty_segments_come_ever_slower,
		make_dir, remove_dir),
	    cmocka_unit_test_setup_teardown(key_is_made_once, make_dir,
		remove_dir),
	    cmocka_unit_test_setup_teardown(key_readable_by_others_is_refused,
		make_dir, remove_dir),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
