/* SPDX-License-Identifier: ISC */
/*
 * Reading whole logs: every record once, whatever the threads; order of time;
 * records written twice; torn lines; several sensors; growing files; filters.
 */
#include <sys/stat.h>

#include <netinet/in.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/view_int.h"
#include "hpd-log/hpview/vtime.h"

#define T0 1795415400LL /* 2026-11-23T06:30:00Z */

static char dir[64];

static char *
path(const char *name)
{
	static char p[4][128];
	static int i;

	i = (i + 1) & 3;
	(void)snprintf(p[i], sizeof(p[i]), "%s/%s", dir, name);
	return p[i];
}

/* Append a record at T0 + ms. */
static void
put(const char *file, int ms, unsigned int seq, const char *kind,
    const char *src, int dport)
{
	FILE *f = fopen(path(file), "a");
	int s = ms / 1000;

	assert_non_null(f);
	fprintf(f, "{\"@timestamp\":\"2026-11-23T06:%02d:%02d.%03d000Z\","
	    "\"event\":{\"action\":\"hpd.%s\"},\"source\":{\"ip\":\"%s\"},"
	    "\"destination\":{\"ip\":\"%s\",\"port\":%d},"
	    "\"network\":{\"iana_number\":\"6\"},\"hpd\":{\"boot\":\"1\","
	    "\"seq\":%u,\"producer\":\"hpd-net\",\"instance\":0,"
	    "\"run\":\"2\",\"session\":\"%x\",\"count\":1}}\n", 30 + s / 60,
	    s % 60, ms % 1000, kind, src,
	    strchr(src, ':') != NULL ? "2001:db8::1" : "192.0.2.1", dport,
	    seq, seq);
	fclose(f);
}

static void
raw(const char *file, const char *text)
{
	FILE *f = fopen(path(file), "a");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
fresh(void)
{
	char cmd[256];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s; mkdir -p %s/a %s/b", dir,
	    dir, dir);
	assert_int_equal(system(cmd), 0);
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/t_view_scan.%d",
	    (int)getpid());
	fresh();
	return 0;
}

static int
teardown(void **state)
{
	char cmd[256];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

struct got {
	pthread_mutex_t lock;
	uint64_t n, sum;
	uint64_t seq[64];
	int64_t last;
	int backwards;
};

static void
add(void *state, unsigned int thread, const struct vrec *r)
{
	struct got *g = state;

	(void)thread;
	pthread_mutex_lock(&g->lock);
	g->n++;
	g->sum += r->seq;
	pthread_mutex_unlock(&g->lock);
}

static int
in_order(void *state, const struct vrec *r)
{
	struct got *g = state;

	if (r->wall_ns < g->last)
		g->backwards++;
	g->last = r->wall_ns;
	if (g->n < 64)
		g->seq[g->n] = r->seq;
	g->n++;
	g->sum += r->seq;
	return 0;
}

static struct view v;
static struct got g;

static void
open_view(const char *a, const char *b, struct filter *f)
{
	char pa[128], pb[128], *p[2] = { pa, pb };

	(void)snprintf(pa, sizeof(pa), "%s", path(a));
	(void)snprintf(pb, sizeof(pb), "%s", b ? path(b) : "");
	memset(&g, 0, sizeof(g));
	assert_int_equal(view_open(&v, p, b ? 2 : 1), 0);
	v.filter = f;
}

#define E1 "a/events-20261123T063000Z-000001.jsonl"
#define E2 "a/events-20261123T063100Z-000002.jsonl"
#define E3 "a/events-20261123T063200Z-000003.jsonl"
#define P1 "a/probes-20261123T063000Z-000001.jsonl"
#define B1 "b/events-20261123T063000Z-000001.jsonl"

/* 40,000 lines of 300 bytes are two pieces; none is lost or twice. */
static void
test_pieces(void **state)
{
	FILE *f;
	uint64_t i, sum = 0;
	unsigned int threads;

	(void)state;
	fresh();
	f = fopen(path(E1), "w");
	for (i = 1; i <= 60000; i++, sum += i - 1)
		fprintf(f, "{\"@timestamp\":\"2026-11-23T06:31:02.114503Z\","
		    "\"event\":{\"action\":\"hpd.svc.line\"},\"hpd\":{\"boot\":"
		    "\"1\",\"seq\":%llu,\"producer\":\"hpd-svc\"},"
		    "\"message\":\"%0*d\"}\n", (unsigned long long)i,
		    (int)(i * 7919 % 400 + 1), 0);
	fclose(f);
	for (threads = 1; threads <= 5; threads++) {
		open_view("a", NULL, NULL);
		assert_true(v.files[0].size > 16u << 20);
		assert_int_equal(view_scan(&v, threads, add, &g), 0);
		assert_true(g.n == 60000 && g.sum == sum);
		assert_true(v.torn == 0);
		view_close(&v);
	}
}

static void
test_torn(void **state)
{
	static char longer[VLINE_MAX + 100];

	(void)state;
	fresh();
	put(E1, 0, 1, "tcp.open", "198.51.100.7", 22);
	raw(E1, "{\"@timestamp\":\"2026-11-2\n");
	memset(longer, 'x', sizeof(longer) - 1);
	raw(E1, longer);
	raw(E1, "\n\n");
	put(E1, 1, 2, "tcp.open", "198.51.100.7", 22);
	raw(E1, "{\"@timestamp\":\"20");
	put(E2, 2, 3, "tcp.open", "198.51.100.7", 22);
	raw(E2, "{\"@timestamp\":\"20");
	open_view("a", NULL, NULL);
	assert_int_equal(view_scan(&v, 2, add, &g), 0);
	assert_true(g.n == 3 && g.sum == 6);
	/* Two whole lines, an unended one; the newest file's is being
	 * written. */
	assert_true(v.torn == 3);
	view_close(&v);
}

static void
test_twice(void **state)
{
	(void)state;
	fresh();
	put(E1, 0, 1, "tcp.open", "198.51.100.7", 22);
	put(E1, 1, 4, "tcp.open", "198.51.100.7", 22);
	put(E1, 2, 5, "tcp.open", "198.51.100.7", 22);
	put(P1, 2, 6, "tcp.probe", "198.51.100.7", 22);
	/* hpd-log died, twice; its successors write 4 and 5 again, then on. */
	put(E2, 1, 4, "tcp.open", "198.51.100.7", 22);
	put(E3, 1, 4, "tcp.open", "198.51.100.7", 22);
	put(E3, 2, 5, "tcp.open", "198.51.100.7", 22);
	put(E3, 3, 7, "tcp.open", "198.51.100.7", 22);
	open_view("a", NULL, NULL);
	assert_int_equal(view_scan(&v, 3, add, &g), 0);
	assert_true(g.n == 5 && g.sum == 1 + 4 + 5 + 6 + 7);
	assert_true(v.duplicate == 3);
	memset(&g, 0, sizeof(g));
	assert_int_equal(view_merge(&v, in_order, &g), 0);
	assert_true(g.n == 5 && g.sum == 1 + 4 + 5 + 6 + 7);
	assert_int_equal(g.backwards, 0);
	view_close(&v);
	/* Another sensor's records with the same numbers are others. */
	put(B1, 1, 4, "tcp.open", "198.51.100.7", 22);
	open_view("a", "b", NULL);
	assert_int_equal(v.nsensors, 2);
	assert_int_equal(view_scan(&v, 3, add, &g), 0);
	assert_true(g.n == 6);
	view_close(&v);
	/* The same file by two names is one. */
	open_view("a", E1, NULL);
	assert_int_equal(view_scan(&v, 3, add, &g), 0);
	assert_true(g.n == 5);
	view_close(&v);
}

static void
end_of(const char *stream)
{
	char line[512];

	(void)snprintf(line, sizeof(line), "{\"@timestamp\":"
	    "\"2026-11-23T06:30:01Z\",\"event\":{\"action\":"
	    "\"hpd.log.segment\"},\"hpd\":{\"boot\":\"1\",\"seq\":1,"
	    "\"producer\":\"hpd-log\",\"instance\":0,\"count\":1,"
	    "\"segment\":{\"stream\":\"%s\",\"number\":1,"
	    "\"phase\":\"end\",\"ordinal\":0}}}\n", stream);
	raw(E1, line);
}

/* The events also hold the probes' ends: hpd-log may have died behind one. */
static void
test_twice_ends(void **state)
{
	static const char *const of[] = { "probes", "events" };
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		fresh();
		put(E1, 1, 4, "tcp.open", "198.51.100.7", 22);
		end_of(of[i]);
		put(E2, 1, 4, "tcp.open", "198.51.100.7", 22);
		put(E2, 2, 5, "tcp.open", "198.51.100.7", 22);
		open_view("a", NULL, NULL);
		assert_int_equal(view_scan(&v, 1, add, &g), 0);
		/* behind its own end nothing is looked for */
		assert_int_equal(v.duplicate, i == 0);
		view_close(&v);
	}
}

static void
test_order(void **state)
{
	int i;

	(void)state;
	fresh();
	/* Out of order by less than the window, over two files, streams and
	 * sensors. */
	for (i = 0; i < 2000; i++) {
		put(E1, (i ^ 63) * 10, (unsigned int)i + 1, "tcp.open",
		    "198.51.100.7", 22);
		put(P1, (i ^ 1) * 10 + 5, (unsigned int)i + 1, "tcp.probe",
		    "198.51.100.7", 22);
	}
	for (i = 2000; i < 2100; i++)
		put(E2, i * 10, (unsigned int)i + 1, "tcp.open",
		    "198.51.100.7", 22);
	for (i = 0; i < 500; i++)
		put(B1, i * 31, (unsigned int)i + 1, "tcp.open",
		    "198.51.100.7", 22);
	open_view("a", "b", NULL);
	assert_int_equal(view_merge(&v, in_order, &g), 0);
	assert_true(g.n == 4600);
	assert_int_equal(g.backwards, 0);
	view_close(&v);
}

static int
stop_at_3(void *state, const struct vrec *r)
{
	(void)in_order(state, r);
	return r->seq == 3 ? 7 : 0;
}

static void
test_follow(void **state)
{
	(void)state;
	fresh();
	put(E1, 0, 1, "tcp.open", "198.51.100.7", 22);
	raw(E1, "{\"@timestamp\":\"2026-11-23T06:30:59Z\",\"event\":"
		"{\"action\":\"hpd.st");
	open_view("a", NULL, NULL);
	assert_int_equal(view_merge(&v, in_order, &g), 0);
	assert_true(g.n == 1 && v.torn == 0);
	memset(&g, 0, sizeof(g));
	assert_int_equal(view_follow(&v, 0, in_order, &g), 0);
	assert_true(g.n == 0);
	/* The rest of the line; then another segment; 2 is written again. */
	raw(E1, "op\"},\"hpd\":{\"boot\":\"1\",\"seq\":2,\"producer\":"
		"\"hpd-net\",\"run\":\"2\"}}\n");
	put(E2, 2, 2, "tcp.open", "198.51.100.7", 22);
	put(E2, 3, 3, "tcp.open", "198.51.100.7", 22);
	put(E2, 4, 4, "tcp.open", "198.51.100.7", 22);
	assert_int_equal(view_follow(&v, 100, stop_at_3, &g), 7);
	assert_true(g.n == 2 && g.seq[0] == 2 && g.seq[1] == 3);
	assert_true(v.duplicate == 1);
	assert_int_equal(view_follow(&v, 0, in_order, &g), 0);
	assert_true(g.n == 3 && g.seq[2] == 4);
	view_close(&v);
}

/* Several segments come and go between two looks: nothing is passed over. */
static void
test_follow_fast(void **state)
{
	static const char *const more[] = {
		"events-20261123T063001Z-000011.jsonl",
		"events-20261123T063002Z-000012.jsonl",
		"events-20261123T063003Z-000013.jsonl",
		"events-20261123T063004Z-000014.jsonl",
		"events-20261123T063005Z-000015.jsonl" };
	unsigned int i;

	(void)state;
	fresh();
	put("a/events-20261123T063000Z-000010.jsonl", 0, 1, "tcp.open",
	    "198.51.100.7", 22);
	open_view("a", NULL, NULL);
	memset(&g, 0, sizeof(g));
	assert_int_equal(view_follow(&v, 0, in_order, &g), 0);
	for (i = 0; i < 5; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "a/%s", more[i]);
		put(name, (int)i + 1, i + 2, "tcp.open", "198.51.100.7", 22);
	}
	assert_int_equal(view_follow(&v, 0, in_order, &g), 0);
	assert_int_equal(g.n, 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(g.seq[i], i + 2);
	assert_int_equal(view_follow(&v, 0, in_order, &g), 0);
	assert_int_equal(g.n, 5);
	view_close(&v);
}

/* A line over many pieces is read once, by the piece it begins in. */
static void
test_long_line_pieces(void **state)
{
	const uint64_t step = 100000;
	uint64_t at, size, lines = 0, torn = 0;
	struct vlines l;
	const char *line;
	size_t len;
	FILE *f;
	int i;

	(void)state;
	fresh();
	f = fopen(path("long"), "w+");
	assert_non_null(f);
	fputs("first\n", f);
	for (i = 0; i < (int)VLINE_MAX * 3; i++)
		putc('x', f);
	fputs("\nsecond\n", f);
	for (i = 0; i < 250000; i++)
		putc('y', f);
	fputs("\nlast\n", f);
	assert_int_equal(fflush(f), 0);
	size = (uint64_t)ftell(f);
	assert_int_equal(vlines_init(&l), 0);
	for (at = 0; at < size; at += step) {
		vlines_open(&l, fileno(f), at, at + step, size, 0);
		assert_true(l.pos <= at + step || l.pos <= VLINE_MAX);
		while (vlines_next(&l, &line, &len) == 1)
			lines++;
		torn += l.torn;
	}
	assert_int_equal(lines, 4);
	assert_int_equal(torn, 1);
	vlines_free(&l);
	fclose(f);
}

/* What can't be read from any place is refused, not taken for empty. */
static void
test_no_file(void **state)
{
	char *arg[1];
	struct view x;

	(void)state;
	fresh();
	assert_int_equal(mkfifo(path("pipe"), 0600), 0);
	arg[0] = path("pipe");
	assert_int_equal(view_open(&x, arg, 1), -1);
	arg[0] = (char[]) { "/dev/zero" };
	assert_int_equal(view_open(&x, arg, 1), -1);
}

static uint64_t
count(const char *opts, const char *arg)
{
	struct filter f;

	filter_init(&f);
	assert_int_equal(filter_option(&f, opts[0], arg, T0 * 1000000000LL),
	    0);
	open_view("a", "b", &f);
	assert_int_equal(view_scan(&v, 1, add, &g), 0);
	view_close(&v);
	return g.n;
}

static void
test_filter(void **state)
{
	static const char *const bad[] = { "s1.2.3", "s1.2.3.4/33",
		"s2001:db8::/129", "s1.2.3.4-1.2.3.3", "s1.2.3.4-::1", "p65536",
		"p5-4", "p22/sctp", "p", "kno.such", "Sxyz",
		"S11112222333344445", "ayesterdey", "a2026-13-01", "b-5y",
		"z1:00", "z+25:00" };
	struct filter f;
	size_t i;

	(void)state;
	fresh();
	put(E1, 0, 1, "tcp.open", "198.51.100.7", 22);
	put(E1, 1000, 2, "tcp.close", "198.51.100.7", 22);
	put(E1, 60000, 3, "tcp.probe", "198.51.100.8", 23);
	put(E1, 61000, 0x1f, "svc.line", "2001:db8::7", 8080);
	put(B1, 62000, 5, "net.limit", "203.0.113.1", 65535);
	assert_true(count("s", "198.51.100.7") == 2);
	assert_true(count("s", "198.51.100.0/24") == 3);
	assert_true(count("s", "0.0.0.0/0") == 4);
	assert_true(count("s", "2001:db8::/32") == 1);
	assert_true(count("s", "198.51.100.8-203.0.113.1") == 2);
	assert_true(count("d", "192.0.2.1") == 4);
	assert_true(count("d", "192.0.2.2") == 0);
	assert_true(count("p", "22") == 2);
	assert_true(count("p", "22-8080") == 4);
	assert_true(count("p", "23/tcp") == 1);
	assert_true(count("p", "23/udp") == 0);
	assert_true(count("k", "tcp.*") == 3);
	assert_true(count("k", "hpd.tcp.open") == 1);
	assert_true(count("k", "*.line") == 1);
	assert_true(count("S", "1F") == 1);
	assert_true(count("S", "000000000000001f") == 1);
	assert_true(count("a", "2026-11-23T06:31:00Z") == 3);
	assert_true(count("a", "2026-11-23 06:31") == 3);
	assert_true(count("b", "2026-11-23T07:31:00+01:00") == 2);
	assert_true(count("b", "today") == 0);
	assert_true(count("a", "yesterday") == 5);
	assert_true(count("a", "-1h") == 5);
	assert_true(count("n", "b") == 1);
	assert_true(count("n", "*/a") == 4);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		filter_init(&f);
		assert_int_equal(filter_option(&f, bad[i][0], bad[i] + 1,
		    T0 * 1000000000LL), -1);
	}
	/* Letters narrow each other, one letter widens itself. */
	filter_init(&f);
	(void)filter_option(&f, 's', "198.51.100.7", 0);
	(void)filter_option(&f, 's', "198.51.100.8", 0);
	(void)filter_option(&f, 'k', "tcp.open", 0);
	(void)filter_option(&f, 'k', "tcp.probe", 0);
	open_view("a", NULL, &f);
	assert_int_equal(view_scan(&v, 1, add, &g), 0);
	assert_true(g.n == 2);
	view_close(&v);
	(void)vtime_zone("UTC");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_twice_ends),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_follow_fast),
		cmocka_unit_test(test_long_line_pieces),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_filter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
