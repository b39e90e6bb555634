/* SPDX-License-Identifier: ISC */
/*
 * hpd-log killed anywhere, again and again, while records come: in the end each
 * is exactly once a line (of those alike, duplicates) or in a count; both seals
 * follow from file to file; nothing is told twice but what says so.
 */
#include <sys/wait.h>

#include <time.h>

#include "tests/unit/log_fix.h"

#define LIVES	60
#define RECORDS 60000
#define FILES	(LIVES + 2)

static const char *const names[] = { "events", "probes" };
static char dir[] = "/tmp/t_log_kill.XXXXXX";
static uint8_t seen[RECORDS + 1];
static struct follow fol[2];

static void
path(char *buf, size_t len, const char *name, unsigned int life)
{
	snprintf(buf, len, "%s/%s-%u", dir, name, life);
}

static void
file_segment(const char *name, unsigned int stream, unsigned int life)
{
	struct msg_log_segment m = { stream, life, 1ULL << 30 };
	char file[128];
	int fd;

	path(file, sizeof(file), name, life);
	fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0600);
	if (fd == -1)
		_exit(3);
	stream_segment(ld, &m, fd);
}

/* One life of hpd-log, until somebody ends it. */
static void
live(unsigned int life, int in, int last)
{
	unsigned int n, turns = 0;

	close(q.chan.fd); /* the producer's end: who reads it to its end? */
	start();
	turn(2);
	file_segment("events", STREAM_EVENTS, life);
	peer(0, in);
	ld->running = 1;
	if (last || life % 7 != 5) /* now and then without probes at first */
		file_segment("probes", STREAM_PROBES, life);
	for (;;) {
		ld->level = life % 3 == 1 ? LEVEL_FOLD :
		    life % 3 == 2	  ? turns / 5 % 3 : LEVEL_ALL;
		if (last)
			ld->level = LEVEL_ALL;
		n = producer_pump(ld, 0, 1 + turns % 5);
		if (last && !ld->prod[0].open)
			break;
		if (n == 0)
			(void)usleep(100);
		if (++turns % 7 == 0)
			stream_tick(ld);
	}
	stream_finish(ld);
	_exit(ld->seal->clean ? 0 : 4);
}

static pid_t
birth(unsigned int life, int in, int last)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0)
		live(life, in, last);
	return pid;
}

/* Send what the channel takes, up to `most' records in all. */
static void
feed(unsigned int *sent, unsigned int most)
{
	struct ev_frame f = { 100, 0, 0, 0 };

	while (*sent < most && q.tail - q.head < q.size / 2) {
		++*sent;
		if (*sent % 10 == 0)
			put_flow((uint16_t)*sent);
		else if (*sent % 10 == 5)
			put_kind(EV_FRAME, 0, &f, sizeof(f));
		else
			put((uint16_t)*sent);
	}
	assert_int_not_equal(evq_flush(&q, 1), -1);
}

/* Records of one file: lines by their number; sums of counts by theirs. */
static void
account(const char *p, size_t size, uint64_t *folded, uint64_t *last_fold)
{
	const char *end = p + size, *nl;

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL;
	    p = nl + 1) {
		size_t len = (size_t)(nl - p);
		uint64_t seq = member(p, len, "\"seq\":"), body;
		uint8_t tag[SEAL_TAG_LEN];

		if (seal_parse(p, len + 1, &body, &body, tag) == -1)
			continue;
		if (memmem(p, len, "hpd.log.folded", 14) != NULL) {
			if (seq <= *last_fold)
				continue; /* told again */
			assert_int_equal(seq, *last_fold + 1);
			*last_fold = seq;
			*folded += member(p, len, "\"packets\":");
			assert_int_equal(member(p, len, "\"records\":"),
			    member(p, len, "\"packets\":"));
		} else if (memmem(p, len, "\"hpd-net\"", 9) != NULL &&
		    memmem(p, len, "\"lost\"", 6) == NULL) {
			assert_in_range(seq, 1, RECORDS);
			seen[seq] = 1;
		}
	}
}

static void
read_all(unsigned int lives)
{
	uint64_t folded = 0, last_fold = 0;
	unsigned int i, s, lines = 0, torn = 0, gaps = 0;

	for (s = 0; s < 2; s++)
		follow_init(&fol[s], s);
	for (i = 1; i <= lives; i++) {
		for (s = 0; s < 2; s++) {
			char file[128];
			ssize_t n;
			int fd;

			path(file, sizeof(file), names[s], i);
			fd = open(file, O_RDONLY);
			if (fd == -1)
				continue;
			n = read(fd, text, sizeof(text) - 1);
			assert_true(n >= 0 && (size_t)n < sizeof(text) - 1);
			text[n] = '\0';
			close(fd);
			gaps += occurs("hpd.log.gap");
			follow(&fol[s], names[s], text, (size_t)n);
			account(text, (size_t)n, &folded, &last_fold);
			unlink(file);
		}
	}
	for (i = 1; i <= RECORDS; i++)
		lines += seen[i];
	for (s = 0; s < 2; s++) {
		torn += fol[s].torn;
		assert_int_equal(fol[s].bad, 0);
		assert_int_equal(fol[s].ended, 1);
	}
	print_message("# %u lives: %u records in lines, %u in %u counts, %u "
	    "torn, %u and %u sealed\n", lives, lines, (unsigned)folded,
	    (unsigned)last_fold, torn, fol[0].lines, fol[1].lines);
	assert_int_equal(gaps, 0);
	assert_true(folded > 0 && lines > RECORDS / 5);
	assert_int_equal(lines + folded, RECORDS);
}

static void
anywhere(void **state)
{
	unsigned int life, sent = 0;
	int sv[2], status;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(dir));
	new_page();
	assert_int_equal(chan_pair(sv), 0);
	sv[0] = away(sv[0]);
	sv[1] = away(sv[1]);
	assert_int_equal(evq_init(&q, sv[1], PROC_NET, 0, 1 << 18), 0);
	evq_start(&q, BOOT);
	srandom((unsigned)time(NULL));
	for (life = 1; life <= LIVES; life++) {
		unsigned int us = 2000 + (unsigned)random() % 20000, t;

		feed(&sent, RECORDS / LIVES * life);
		pid = birth(life, sv[0], 0);
		for (t = 0; t < us; t += 500) {
			feed(&sent, RECORDS / LIVES * life);
			(void)usleep(500);
		}
		(void)usleep((unsigned)random() % 500);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
	}
	pid = birth(life, sv[0], 1);
	while (sent < RECORDS) {
		feed(&sent, RECORDS);
		(void)usleep(500);
	}
	while (evq_flush(&q, 1) == 1)
		(void)usleep(500);
	chan_close(&q.chan); /* read to its end */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(q.n_lost_total, 0);
	read_all(life);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(anywhere) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	signal(SIGPIPE, SIG_IGN);
	diag_init("t_log_kill", DIAG_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
