/* SPDX-License-Identifier: ISC */
/*
 * The log directory of hpd-parent: which names are segments, what a look at
 * it removes and in which order of record and removal.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-parent/parent.h"

static char dir[64];
static struct parent *p;
static struct img_header hdr;

static int
make(void **state)
{
	char err[256];

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/hpd-t-retire.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	p = calloc(1, sizeof(*p));
	if (p == NULL ||
	    segments_init(&p->seg, dir, 1, err, sizeof(err)) == -1)
		return -1;
	memset(&hdr, 0, sizeof(hdr));
	hdr.log_segment_bytes = 1 << 20;
	p->image.hdr = &hdr;
	p->flags.logdir = dir;
	p->phase = PHASE_RUN;
	p->now = 1000 * NS_SEC;
	return channels_init(p);
}

static int
drop(void **state)
{
	char cmd[128];

	(void)state;
	diag_attach(NULL);
	for (int i = 0; i < LOG_SLOTS; i++)
		for (int j = 0; j < p->slots[i].n; j++)
			close(p->slots[i].end[j]);
	chan_close(&p->evq.chan);
	free(p->evq.ring);
	close(p->seg.dir);
	free(p);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	return system(cmd);
}

static const char *
in(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
put(const char *name, size_t bytes, int ago)
{
	struct timespec t[2];
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
	clock_gettime(CLOCK_REALTIME, &t[0]);
	t[0].tv_sec -= ago;
	t[1] = t[0];
	assert_int_equal(futimens(fd, t), 0);
	close(fd);
}

static int
there(const char *name)
{
	struct stat st;

	return lstat(in(name), &st) == 0;
}

static void
second(void)
{
	p->now += NS_SEC;
	retire_tick(p);
}

/* Oldest record in our queue of that kind, its data; taken off. */
static int
said(uint16_t kind, void *data, size_t len)
{
	struct evq *q = &p->evq;

	while (q->nrec > 0) {
		struct event *e = (void *)(q->ring + (q->head & (q->size - 1)));
		size_t n;
		const void *d;

		if (e->len == 0) { /* the rest of the ring is unused */
			q->head += q->size - (q->head & (q->size - 1));
			continue;
		}
		d = event_data(e, &n);
		q->head += e->len;
		q->nrec--;
		q->first_seq++;
		if (e->kind != kind)
			continue;
		memset(data, 0, len);
		memcpy(data, d, n < len ? n : len);
		return 1;
	}
	return 0;
}

static void
names_are_taken_to_the_letter(void **state)
{
	static const struct {
		const char *name;
		unsigned int stream;
		uint32_t number;
	} good[] = {
	    {"events-20261123T163000Z-000001.jsonl", STREAM_EVENTS, 1},
	    {"probes-19700101T000000Z-999999.jsonl", STREAM_PROBES, 999999},
	    {"frames-20240229T235959Z-1000000.pcap", STREAM_PCAP, 1000000},
	    {"honeyd-20261123T163000Z-4294967295.log", STREAM_HONEYD,
		UINT32_MAX},
	    {"service-20261123T163000Z-000012.log", STREAM_SERVICE, 12},
	};
	static const char *const bad[] = {
	    "", ".", "..", "events", "events.jsonl", "events-", "sensor.key",
	    "events-20261123T163000Z-000001.log",
	    "events-20261123T163000Z-000001.jsonl.gz",
	    "events-20261123T163000Z-000001.jsonl ",
	    "events-20261123T163000Z-000001jsonl",
	    "events-20261123T163000Z-000000.jsonl",
	    "events-20261123T163000Z-00001.jsonl",
	    "events-20261123T163000Z-0000001.jsonl",
	    "events-20261123T163000Z-4294967296.jsonl",
	    "events-20261123T163000Z-99999999999999999999999.jsonl",
	    "events-20261123T163000Z-.jsonl", "events-20261123T163000Z-",
	    "events-20261123T163000Z--00001.jsonl",
	    "events-20261123T163000Z-+00001.jsonl",
	    "events-20261323T163000Z-000001.jsonl",
	    "events-20261131T163000Z-000001.jsonl",
	    "events-20261123T250000Z-000001.jsonl",
	    "events-20261123T163060Z-000001.jsonl",
	    "events-2026112 T163000Z-000001.jsonl",
	    "events-20261123t163000Z-000001.jsonl",
	    "events-20261123T163000-000001.jsonl",
	    "Events-20261123T163000Z-000001.jsonl",
	    "event-20261123T163000Z-000001.jsonl",
	    "eventss-20261123T163000Z-000001.jsonl",
	    "pcap-20261123T163000Z-000001.pcap",
	    "../events-20261123T163000Z-000001.jsonl",
	    "events-20261123T163000Z-000001.jsonl/../../x",
	};
	unsigned int stream;
	uint32_t number;
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(segments_parse(good[i].name, &stream, &at,
		    &number), 0);
		assert_int_equal(stream, good[i].stream);
		assert_int_equal(number, good[i].number);
	}
	assert_int_equal(segments_parse(good[0].name, &stream, &at, &number),
	    0);
	assert_int_equal(at, 1795451400);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(segments_parse(bad[i], &stream, &at, &number),
		    -1);
	/* what is made is understood */
	for (int i = 0; i < STREAM_MAX; i++) {
		int fd = segments_next(&p->seg, i);

		assert_true(fd >= 0);
		close(fd);
		assert_int_equal(segments_parse(p->seg.newest[i], &stream, &at,
		    &number), 0);
		assert_int_equal(stream, i);
		assert_int_equal(number, 1);
	}
}

static void
recorded_then_removed(void **state)
{
	static const char old[] = "probes-20260101T000000Z-000001.jsonl";
	static const char young[] = "probes-20260101T000000Z-000002.jsonl";
	struct ev_retired d;

	(void)state;
	put(old, 3 << 20, 100);
	put(young, 3 << 20, 50);
	hdr.log_budget = 5 << 20;
	retire_init(p);
	assert_int_equal(p->retire.n, 2);
	second();
	assert_true(there(old)); /* the record is not durable yet */
	assert_true(said(EV_LOG_RETIRED, &d, sizeof(d)));
	assert_string_equal(d.name, old);
	assert_int_equal(d.stream, STREAM_PROBES);
	assert_int_equal(d.number, 1);
	assert_int_equal(d.why, RETIRE_BUDGET);
	assert_int_equal(d.bytes, 3 << 20);
	assert_true(d.newest_ns < clock_wall_ns() - 99 * NS_SEC &&
	    d.newest_ns > clock_wall_ns() - 110 * NS_SEC);
	assert_false(said(EV_LOG_RETIRED, &d, sizeof(d)));
	retire_sealed(p, p->evq.next_seq - 2); /* one before it */
	assert_true(there(old));
	retire_sealed(p, p->evq.next_seq - 1);
	assert_false(there(old));
	assert_true(there(young));
	assert_int_equal(p->retire.n, 1);
}

/* hpd-log says nothing: three seconds. */
static void
a_silent_log_holds_nothing_up(void **state)
{
	static const char old[] = "frames-20260101T000000Z-000001.pcap";

	(void)state;
	put(old, 3 << 20, 100);
	hdr.log_budget = 1 << 20;
	retire_init(p);
	p->retire.sealed = 0;
	evq_text(&p->evq, EV_DIAG, 0, "so that its sequence is not 0");
	second();
	second();
	second();
	assert_true(there(old));
	second();
	assert_false(there(old));
}

static void
only_files_of_ours(void **state)
{
	static const char link[] = "probes-20260101T000000Z-000001.jsonl";
	static const char pipe_[] = "probes-20260101T000000Z-000002.jsonl";
	static const char sub[] = "probes-20260101T000000Z-000003.jsonl";
	static const char other[] = "probes-20260101T000000Z-000004.jsonl";

	(void)state;
	put("victim", 9 << 20, 100);
	assert_int_equal(symlink("victim", in(link)), 0);
	assert_int_equal(mkfifo(in(pipe_), 0600), 0);
	assert_int_equal(mkdir(in(sub), 0700), 0);
	put("notes.jsonl", 9 << 20, 100);
	if (geteuid() == 0) {
		put(other, 9 << 20, 100);
		assert_int_equal(chown(in(other), 12345, 12345), 0);
	}
	hdr.log_budget = 1;
	for (int i = 0; i < STREAM_MAX; i++)
		hdr.log_keep_s[i] = 1;
	retire_init(p);
	assert_int_equal(p->retire.n, 0);
	for (int i = 0; i < 8; i++)
		second();
	assert_true(there("victim") && there(link) && there(pipe_) &&
	    there(sub) && there("notes.jsonl"));
	if (geteuid() == 0)
		assert_true(there(other));
	/* and by itself */
	assert_int_equal(segments_remove(&p->seg, link), -1);
	assert_int_equal(segments_remove(&p->seg, pipe_), -1);
	assert_int_equal(segments_remove(&p->seg, sub), -1);
	assert_int_equal(segments_remove(&p->seg, "victim"), -1);
	assert_int_equal(segments_remove(&p->seg, "../x"), -1);
	if (geteuid() == 0)
		assert_int_equal(segments_remove(&p->seg, other), -1);
}

static void
the_newest_stays(void **state)
{
	char name[SEGMENT_NAME];
	int fd, fd2;

	(void)state;
	hdr.log_budget = 1;
	retire_init(p);
	fd = segments_next(&p->seg, STREAM_PROBES);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "xxxx", 4), 4);
	p->seg.made_at[STREAM_PROBES] = p->now;
	retire_made(p, STREAM_PROBES);
	for (int i = 0; i < 8; i++)
		second();
	memcpy(name, p->seg.newest[STREAM_PROBES], sizeof(name));
	assert_true(there(name));
	assert_int_equal(segments_remove(&p->seg, name), -1);
	/* followed: not at once, hpd-log writes its last line */
	fd2 = segments_next(&p->seg, STREAM_PROBES);
	assert_true(fd2 >= 0);
	p->seg.made_at[STREAM_PROBES] = p->now;
	retire_made(p, STREAM_PROBES);
	p->retire.sealed = UINT64_MAX;
	retire_tick(p);
	assert_int_equal(write(fd, "yyyyyyy", 7), 7);
	second();
	assert_true(there(name));
	second();
	second();
	assert_false(there(name));
	assert_true(there(p->seg.newest[STREAM_PROBES]));
	close(fd);
	close(fd2);
}

static void
immutable_or_busy_is_said_once_and_left(void **state)
{
	static const char old[] = "honeyd-20260101T000000Z-000001.log";
	struct ev_retired d;
	int n = 0;

	(void)state;
	put(old, 3 << 20, 100);
	hdr.log_budget = 1;
	retire_init(p);
	p->retire.sealed = UINT64_MAX;
	/* gone under our hands and something else in its place */
	assert_int_equal(unlink(in(old)), 0);
	assert_int_equal(mkdir(in(old), 0700), 0);
	for (int i = 0; i < 20; i++)
		second();
	while (said(EV_LOG_RETIRED, &d, sizeof(d)))
		n++;
	assert_int_equal(n, 1);
	assert_true(there(old));
	/* removed by hand: forgotten at the next look at the directory */
	assert_int_equal(rmdir(in(old)), 0);
	p->now += 61 * NS_SEC;
	second();
	assert_int_equal(p->retire.n, 0);
}

static void
a_full_table_counts_the_rest(void **state)
{
	char name[SEGMENT_NAME];
	const unsigned extra = 10;

	(void)state;
	for (unsigned i = 1; i <= RETIRE_FILES + extra; i++) {
		snprintf(name, sizeof(name),
		    "probes-20260101T000000Z-%06u.jsonl", i);
		int fd = openat(p->seg.dir, name, O_WRONLY | O_CREAT, 0640);

		assert_true(fd >= 0);
		assert_int_equal(ftruncate(fd, 1000), 0);
		close(fd);
	}
	hdr.log_budget = 1000000;
	retire_init(p);
	assert_int_equal(p->retire.n, RETIRE_FILES);
	assert_true(p->retire.more);
	assert_int_equal(p->retire.others, extra * 1000);
	p->retire.sealed = UINT64_MAX;
	struct ev_retired d;
	for (int i = 0; i < 10000 && p->retire.n + extra > 1000; i++) {
		p->now += 10 * NS_MSEC;
		p->retire.next_at = p->now;
		retire_tick(p);
		while (said(EV_LOG_RETIRED, &d, sizeof(d)))
			;
	}
	second();
	/* all are in the table now, and within the budget */
	assert_false(p->retire.more);
	assert_int_equal(p->retire.n, 1000);
}

/* The clock jumps: what is too old all at once stays for an hour. */
static void
a_clock_that_jumps_removes_nothing(void **state)
{
	static const char old[] = "probes-20260101T000000Z-000001.jsonl";
	char text[160];

	(void)state;
	put(old, 100, 100);
	hdr.log_keep_s[STREAM_PROBES] = 50;
	p->retire.sealed = UINT64_MAX;
	retire_init(p);
	p->retire.wall_off = clock_wall_ns() - p->now - 86400 * NS_SEC;
	second();
	assert_true(said(EV_DIAG, text, sizeof(text)));
	assert_non_null(strstr(text, "clock was set by 86"));
	second();
	assert_true(there(old));
	assert_false(said(EV_DIAG, text, sizeof(text)));
	p->now += 3500 * NS_SEC; /* in steps that are no jump */
	p->retire.wall_off -= 3500 * NS_SEC;
	second();
	assert_true(there(old));
	p->now += 200 * NS_SEC;
	second();
	assert_false(there(old));
	assert_false(said(EV_DIAG, text, sizeof(text)));
}

/* No room for the record of a removal: nothing goes, and nothing is counted as
 * lost. */
static void
no_room_for_the_record(void **state)
{
	static const char old[] = "probes-20260101T000000Z-000001.jsonl";

	(void)state;
	put(old, 3 << 20, 100);
	hdr.log_budget = 1 << 20;
	retire_init(p);
	while (evq_room(&p->evq, EV_LOG_RETIRED) >= 200)
		evq_text(&p->evq, EV_DIAG, 0, "filler");
	for (int i = 0; i < 5; i++)
		second();
	assert_true(there(old));
	assert_int_equal(p->evq.n_lost_total, 0);
}

static void
levels_are_told_and_recorded(void **state)
{
	struct statvfs fs;
	char text[128];

	(void)state;
	/* a reserve larger than what is free, half of it smaller */
	assert_int_equal(statvfs(dir, &fs), 0);
	hdr.log_reserve = (uint64_t)fs.f_bavail * fs.f_frsize / 3 * 4;
	retire_init(p);
	second();
	assert_int_equal(p->retire.level.level, LEVEL_NO_FRAMES);
	second();
	second();
	assert_int_equal(p->retire.level.level, LEVEL_FOLD);
	assert_true(said(EV_LOG_LEVEL, text, sizeof(text)));
	assert_string_equal(text, "frames are counted, not kept: the file "
	    "system is short of free space");
	assert_true(said(EV_LOG_LEVEL, text, sizeof(text)));
	assert_non_null(strstr(text, "frames and probes are counted"));
	assert_true(retire_may_open(p, STREAM_EVENTS)); /* half is left */
	assert_false(retire_may_open(p, STREAM_PROBES));
	hdr.log_reserve = 0;
	memset(&p->retire.level, 0, sizeof(p->retire.level));
	hdr.log_budget = 1;
	put("events-20260101T000000Z-000001.jsonl", 100, 100);
	p->now += 61 * NS_SEC;
	second();
	assert_int_equal(p->retire.level.level, LEVEL_FOLD); /* at once */
	assert_true(said(EV_LOG_LEVEL, text, sizeof(text)));
	assert_non_null(strstr(text, "frames and probes are counted, not "
	    "kept: the budget"));
	/* not even sessions, with `log full stop' */
	assert_false(retire_may_open(p, STREAM_EVENTS));
	assert_false(retire_may_open(p, STREAM_EVENTS));
	assert_false(retire_may_open(p, STREAM_PROBES));
	assert_true(said(EV_LOG_LEVEL, text, sizeof(text)));
	assert_string_equal(text, "events are not written any more: the "
	    "budget of the log is short");
	assert_false(said(EV_LOG_LEVEL, text, sizeof(text)));
	hdr.log_budget = 1 << 20;
	second();
	assert_true(retire_may_open(p, STREAM_EVENTS));
	assert_true(said(EV_LOG_LEVEL, text, sizeof(text)));
	assert_string_equal(text, "events are written again: there is room "
	    "again");
	for (int i = 0; i < 25; i++)
		second();
	assert_int_equal(p->retire.level.level, LEVEL_ALL);
	assert_true(said(EV_LOG_LEVEL, text, sizeof(text)));
	assert_true(said(EV_LOG_LEVEL, text, sizeof(text)));
	assert_string_equal(text, "everything is kept: there is room again");
	/* the same with `log full oldest' */
	hdr.log_budget = 1;
	hdr.log_full = FULL_OLDEST;
	p->retire.sealed = UINT64_MAX;
	second();
	assert_false(there("events-20260101T000000Z-000001.jsonl"));
	assert_true(retire_may_open(p, STREAM_EVENTS));
	assert_false(said(EV_LOG_LEVEL, text, sizeof(text)) &&
	    strstr(text, "not written any more") != NULL);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
	const struct CMUnitTest tests[] = {
	    T(names_are_taken_to_the_letter),
	    T(recorded_then_removed),
	    T(a_silent_log_holds_nothing_up),
	    T(only_files_of_ours),
	    T(the_newest_stays),
	    T(immutable_or_busy_is_said_once_and_left),
	    T(a_full_table_counts_the_rest),
	    T(a_clock_that_jumps_removes_nothing),
	    T(no_room_for_the_record),
	    T(levels_are_told_and_recorded),
	};

	diag_init("t_parent_retire", 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
