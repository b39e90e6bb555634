/* SPDX-License-Identifier: ISC */
/*
 * hpship's reader on segments that grow, are followed by others, are torn, too
 * many, or read by a successor.
 */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "hpd-log/hpship/tail.h"

#define E STREAM_EVENTS
#define P STREAM_PROBES

static struct tail t;
static char dir[] = "/tmp/t_ship_tail.XXXXXX";

struct got {
	char text[1 << 20]; /* lines, a newline behind each */
	size_t len;
	int n, stop_after; /* lines; -1 never */
};
static struct got got;

static int
take(void *arg, const char *line, size_t len)
{
	struct got *g = arg;

	if (g->stop_after == 0)
		return 1;
	if (g->stop_after > 0)
		g->stop_after--;
	assert_true(len > 0 && len < LINE_MAX_BYTES);
	assert_true(g->len + len + 1 <= sizeof(g->text));
	assert_null(memchr(line, '\n', len));
	memcpy(g->text + g->len, line, len);
	g->len += len;
	g->text[g->len++] = '\n';
	g->n++;
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	got.stop_after = -1;
	return tail_init(&t);
}

static int
end(void **state)
{
	(void)state;
	tail_free(&t);
	return 0;
}

static char *
name(uint32_t stream, uint32_t number)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%u-%u", dir, stream, number);
	return path;
}

/* The segment as hpd-log has it, and as we read it. */
static int
make(uint32_t stream, uint32_t number)
{
	int fd;

	(void)unlink(name(stream, number));
	fd = open(name(stream, number), O_WRONLY | O_APPEND | O_CREAT, 0600);
	assert_true(fd >= 0);
	return fd;
}

static int
reader(uint32_t stream, uint32_t number)
{
	int fd = open(name(stream, number), O_RDONLY);

	assert_true(fd >= 0);
	return fd;
}

static void
give(uint32_t stream, uint32_t number, int fd)
{
	struct tail_drop d;
	int slot = tail_slot(&t, &d);

	assert_int_equal(d.number, 0);
	tail_add(&t, slot, fd, stream, number);
}

static void
put(int fd, const char *s)
{
	assert_int_equal(write(fd, s, strlen(s)), (ssize_t)strlen(s));
}

static void
expect(const char *want)
{
	got.text[got.len] = '\0';
	assert_string_equal(got.text, want);
	got.len = 0;
	got.n = 0;
}

static int
rd(uint32_t stream)
{
	return tail_read(&t, stream, 1 << 20, 0, take, &got);
}

static void
all_done(uint32_t stream)
{
	struct place p = tail_place(&t, stream);

	tail_done(&t, stream, &p);
}

static void
a_line_needs_its_newline(void **state)
{
	int w = make(E, 1);

	(void)state;
	give(E, 1, reader(E, 1));
	assert_int_equal(rd(E), 0);
	expect("");
	put(w, "on");
	rd(E);
	expect("");
	put(w, "e\ntw");
	rd(E);
	expect("one\n");
	put(w, "o\n\nthree\nfour");
	rd(E);
	expect("two\nthree\n");
	rd(E);
	expect("");
	assert_int_equal(t.torn, 0);
	close(w);
}

static void
the_next_segment_waits_for_the_end_of_this(void **state)
{
	int a = make(E, 1), b = make(E, 2);

	(void)state;
	give(E, 1, reader(E, 1));
	give(E, 2, reader(E, 2));
	put(a, "a1\n");
	rd(E);
	expect("a1\n"); /* the second is empty: the first may grow */
	put(a, "a2\na3");
	rd(E);
	expect("a2\n");
	put(a, "\n");
	put(b, "b1\n"); /* now nobody writes to the first */
	rd(E);
	expect("a3\nb1\n");
	put(b, "b2\n");
	rd(E);
	expect("b2\n");
	assert_int_equal(t.torn, 0);
	close(a);
	close(b);
}

static void
a_torn_end_is_counted_and_left(void **state)
{
	int a = make(E, 1), b = make(E, 2), c = make(E, 4);

	(void)state;
	give(E, 1, reader(E, 1));
	put(a, "a1\ntor");
	rd(E);
	give(E, 2, reader(E, 2)); /* stays empty: that hpd-log was killed */
	give(E, 4, reader(E, 4));
	rd(E);
	expect("a1\n");
	assert_int_equal(t.torn, 0);
	put(c, "c1\n");
	rd(E);
	expect("c1\n");
	assert_int_equal(t.torn, 1);
	rd(E);
	assert_int_equal(t.torn, 1);
	assert_int_equal(tail_place(&t, E).number, 4);
	all_done(E);
	assert_int_equal(fcntl(t.seg[0].fd, F_GETFD), -1); /* closed */
	assert_true(tail_empty(&t));
	close(a);
	close(b);
	close(c);
}

static void
the_end_of_all_leaves_no_part(void **state)
{
	int a = make(E, 1);

	(void)state;
	give(E, 1, reader(E, 1));
	put(a, "a1\ntor");
	tail_read(&t, E, 1 << 20, 1, take, &got);
	expect("a1\n");
	assert_int_equal(t.torn, 1);
	all_done(E);
	assert_true(tail_empty(&t));
	close(a);
}

static void
too_long_is_no_line(void **state)
{
	static const size_t sizes[] = { LINE_MAX_BYTES - 1, LINE_MAX_BYTES,
		LINE_MAX_BYTES + 1, TAIL_BUF - 1, TAIL_BUF, TAIL_BUF + 1,
		3 * TAIL_BUF + 7 };
	char *s = malloc(4 * TAIL_BUF);
	int a = make(E, 1);
	uint64_t torn = 0;

	(void)state;
	give(E, 1, reader(E, 1));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(s, 'x', sizes[i]);
		assert_int_equal(write(a, s, sizes[i]), sizes[i]);
		rd(E); /* its end is not there yet */
		rd(E);
		put(a, "\nafter\n");
		rd(E);
		if (sizes[i] < LINE_MAX_BYTES) {
			assert_int_equal(got.n, 2);
			got.len = 0;
		} else {
			expect("after\n");
			torn++;
		}
		assert_int_equal(t.torn, torn);
	}
	free(s);
	close(a);
}

static void
what_is_not_delivered_comes_again(void **state)
{
	int a = make(E, 1), b = make(E, 2);
	struct place p;

	(void)state;
	give(E, 1, reader(E, 1));
	give(E, 2, reader(E, 2));
	put(a, "a1\na2\na3\n");
	got.stop_after = 1;
	rd(E);
	expect("a1\n");
	p = tail_place(&t, E);
	got.stop_after = -1;
	put(b, "b1\n");
	rd(E);
	expect("a2\na3\nb1\n");
	tail_done(&t, E, &p); /* a1 only */
	tail_rewind(&t);
	rd(E);
	expect("a2\na3\nb1\n");
	all_done(E);
	tail_rewind(&t);
	rd(E);
	expect("");
	close(a);
	close(b);
}

/* hpd-parent's copies of the descriptors tell the place. */
static void
a_successor_goes_on(void **state)
{
	int a = make(E, 1), b = make(E, 2), keep[2];

	(void)state;
	keep[0] = reader(E, 1);
	keep[1] = reader(E, 2);
	give(E, 1, dup(keep[0]));
	put(a, "a1\na2\n");
	rd(E);
	all_done(E);
	put(a, "a3\n");
	got.len = 0;
	tail_free(&t); /* killed */
	assert_int_equal(tail_init(&t), 0);
	give(E, 1, dup(keep[0]));
	give(E, 2, dup(keep[1]));
	put(b, "b1\n");
	rd(E);
	expect("a3\nb1\n");
	all_done(E);
	assert_int_equal(lseek(keep[0], 0, SEEK_CUR), 9);
	assert_int_equal(lseek(keep[1], 0, SEEK_CUR), 3);
	tail_free(&t);
	assert_int_equal(tail_init(&t), 0);
	give(E, 1, keep[0]);
	give(E, 2, keep[1]);
	rd(E);
	expect("");
	put(b, "b2\n");
	rd(E);
	expect("b2\n");
	close(a);
	close(b);
}

static void
beginning_inside_a_line(void **state)
{
	int a = make(E, 1), r;

	(void)state;
	put(a, "one\ntwo\nthr");
	for (off_t at = 0; at <= 11; at++) {
		r = reader(E, 1);
		assert_int_equal(lseek(r, at, SEEK_SET), at);
		give(E, 1, r);
		rd(E);
		expect(at == 0 ? "one\ntwo\n" : at <= 4 ? "two\n" : "");
		tail_free(&t);
		assert_int_equal(tail_init(&t), 0);
	}
	r = reader(E, 1);
	(void)lseek(r, 0, SEEK_END);
	give(E, 1, r);
	put(a, "ee\nfour\n");
	rd(E);
	expect("four\n");
	close(a);
}

static void
too_many_segments(void **state)
{
	int w[SHIP_QUEUE + 4];
	struct tail_drop d;
	char line[32];
	int slot;

	(void)state;
	/* one of the probes with 3 lines, the rest events with 2 each */
	for (uint32_t i = 0; i < SHIP_QUEUE; i++) {
		uint32_t s = i == 1 || i == 4 ? P : E;

		w[i] = make(s, i + 1);
		give(s, i + 1, reader(s, i + 1));
		snprintf(line, sizeof(line), "%u\n%u\n", i, i);
		put(w[i], line);
		if (s == P)
			put(w[i], "third\nno line");
	}
	got.stop_after = 1;
	tail_read(&t, P, 1 << 20, 0, take, &got);
	all_done(P); /* one delivered */
	slot = tail_slot(&t, &d); /* the oldest of the probes goes first */
	assert_int_equal(d.stream, P);
	assert_int_equal(d.number, 2);
	assert_int_equal(d.lines, 2);
	assert_true(d.last_ns > 0);
	w[SHIP_QUEUE] = make(E, 100);
	tail_add(&t, slot, reader(E, 100), E, 100);
	slot = tail_slot(&t, &d); /* not their newest: the oldest events */
	assert_int_equal(d.stream, E);
	assert_int_equal(d.number, 1);
	assert_int_equal(d.lines, 2);
	w[SHIP_QUEUE + 1] = make(E, 101);
	tail_add(&t, slot, reader(E, 101), E, 101);
	slot = tail_slot(&t, &d);
	assert_int_equal(d.number, 3);
	got.stop_after = -1;
	got.len = 0;
	rd(E);
	all_done(E);
	tail_rewind(&t);
	got.len = 0;
	rd(E);
	expect("");
	for (int i = 0; i < SHIP_QUEUE + 2; i++)
		close(w[i]);
}

static void
a_removed_one_goes_after_a_while(void **state)
{
	int a = make(E, 1), b = make(E, 2);
	struct tail_drop d;

	(void)state;
	give(E, 1, reader(E, 1));
	give(E, 2, reader(E, 2));
	put(a, "a1\na2\n");
	assert_int_equal(tail_gone(&t, 1, &d), 0);
	assert_int_equal(unlink(name(E, 1)), 0);
	assert_int_equal(tail_gone(&t, 1000, &d), 0);
	got.stop_after = 1;
	rd(E);
	expect("a1\n"); /* it can still be read */
	all_done(E);
	assert_int_equal(tail_gone(&t, 999 + TAIL_GONE, &d), 0);
	assert_int_equal(tail_gone(&t, 1000 + TAIL_GONE, &d), 1);
	assert_int_equal(d.number, 1);
	assert_int_equal(d.lines, 1);
	assert_int_equal(tail_gone(&t, 2000 + TAIL_GONE, &d), 0);
	got.stop_after = -1;
	put(b, "b1\n");
	rd(E);
	expect("b1\n");
	tail_close(&t, P);
	assert_int_equal(tail_place(&t, E).number, 2);
	tail_close(&t, E);
	assert_int_equal(tail_place(&t, E).number, 0);
	assert_true(tail_empty(&t));
	close(a);
	close(b);
}

/* A log that grows by pieces of all sizes, readers killed, sockets lost, at
 * random: every line once in order, but what was under way comes again. */
static void
at_random(void **state)
{
	enum { SEGS = 6, LINES = 4000 };
	char line[64], all[LINES * 40];
	size_t len = 0, at = 0, cut;
	int w = -1, keep[SEGS + 1], nkeep = 0, n, seen = 0, delivered = 0;
	uint32_t seg = 0;
	char *p, *nl;

	(void)state;
	srandom(5424);
	for (int i = 0; i < LINES; i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len,
		    "%d %.*s\n", i, (int)(random() % 30),
		    "..............................");
	while (delivered < LINES) {
		switch (random() % 8) {
		case 0: /* another segment, at the end of a line */
			if (seg == SEGS || (at > 0 && all[at - 1] != '\n') ||
			    at < len * seg / SEGS)
				break;
			if (w != -1)
				close(w);
			seg++;
			w = make(E, seg);
			keep[nkeep] = reader(E, seg);
			give(E, seg, dup(keep[nkeep++]));
			break;
		case 1: /* killed */
			if (random() % 20)
				break;
			tail_free(&t);
			assert_int_equal(tail_init(&t), 0);
			for (int i = 0; i < nkeep; i++)
				give(E, (uint32_t)i + 1, dup(keep[i]));
			seen = delivered;
			break;
		case 2:
			if (random() % 10)
				break;
			tail_rewind(&t);
			seen = delivered;
			break;
		case 3:
			all_done(E);
			delivered = seen;
			break;
		case 4:
		case 5:
			if (w == -1)
				break;
			cut = (size_t)(random() % 2000);
			if (cut > len - at)
				cut = len - at;
			assert_int_equal(write(w, all + at, cut), cut);
			at += cut;
			break;
		default:
			got.len = 0;
			got.stop_after = (int)(random() % 200);
			tail_read(&t, E, (size_t)(random() % 5000), 0, take,
			    &got);
			for (p = got.text; p < got.text + got.len; p = nl + 1) {
				nl = memchr(p, '\n', 100);
				n = snprintf(line, sizeof(line), "%d ", seen++);
				assert_memory_equal(p, line, n);
			}
		}
	}
	assert_int_equal(at, len);
	assert_int_equal(t.torn, 0);
	for (int i = 0; i < nkeep; i++)
		close(keep[i]);
	close(w);
}

static int
away(void **state)
{
	char cmd[64];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_line_needs_its_newline),
	    T(the_next_segment_waits_for_the_end_of_this),
	    T(a_torn_end_is_counted_and_left),
	    T(the_end_of_all_leaves_no_part),
	    T(too_long_is_no_line),
	    T(what_is_not_delivered_comes_again),
	    T(a_successor_goes_on),
	    T(beginning_inside_a_line),
	    T(too_many_segments),
	    T(a_removed_one_goes_after_a_while),
	    T(at_random),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, away);
}
