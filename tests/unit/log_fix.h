/* SPDX-License-Identifier: ISC */
/*
 * hpd-log's inner working without sandbox, for its unit tests: a producer's
 * ring on one end, files on the other, the parent's page between the lives.
 */
#ifndef LOG_FIX_H
#define LOG_FIX_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/diag.h"
#include "common/evq.h"
#include "common/seal.h"
#include "hpd-log/log.h"
#include "tests/unit/json_check.h"

#define BOOT 0x1234

static struct logd *ld;
static struct loop *loop;
static struct chan boss; /* the parent's end */
static struct evq q;
static int keep; /* the parent's copy of a reading end */
static int page_fd = -1, state_fd = -1;
static int back_fd[STREAM_MAX]; /* reads what was written */
static uint8_t root[SEAL_KEY_LEN];
static char text[8 << 20];

/* Out of the way of hpd-log's numbers. */
static inline int
away(int fd)
{
	int high = fcntl(fd, F_DUPFD, 100);

	assert_true(high != -1);
	close(fd);
	return high;
}

/* A start of the suite: page and state file. */
static inline void
new_page(void)
{
	uint8_t carry[SEAL_KEY_LEN], next[SEAL_KEY_LEN];
	char name[] = "/tmp/t_log.XXXXXX";
	struct seal_state *st;

	if (page_fd != -1) {
		close(page_fd);
		close(state_fd);
	}
	page_fd = memfd_create("page", MFD_CLOEXEC);
	assert_true(page_fd != -1 && ftruncate(page_fd, SEAL_STATE_SIZE) == 0);
	st = mmap(NULL, SEAL_STATE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    page_fd, 0);
	assert_true(st != MAP_FAILED);
	memset(root, 0x5a, sizeof(root));
	memcpy(carry, root, sizeof(carry));
	assert_int_equal(seal_init(), 0);
	seal_begin(st, carry, 0, BOOT, next);
	munmap(st, SEAL_STATE_SIZE);
	state_fd = mkstemp(name);
	assert_true(state_fd != -1);
	unlink(name);
	page_fd = away(page_fd);
	state_fd = away(state_fd);
}

/* A fresh file as the segment of a stream. */
static inline void
segment(unsigned int stream, uint32_t number, uint64_t quota)
{
	struct msg_log_segment m;
	char name[] = "/tmp/t_log.XXXXXX";
	int fd = mkstemp(name), a = open(name, O_WRONLY | O_APPEND);

	assert_true(fd != -1 && a != -1);
	unlink(name);
	if (back_fd[stream])
		close(back_fd[stream]);
	back_fd[stream] = away(fd);
	memset(&m, 0, sizeof(m));
	m.stream = stream;
	m.number = number;
	m.quota = quota;
	stream_segment(ld, &m, a);
}

/* hpd-log as it is when the parent has started it. */
static inline void
start(void)
{
	int sv[2], i;

	/* The fixed numbers are hpd-log's: nothing else may land there. */
	for (i = 3; i < 48; i++) {
		if (fcntl(i, F_GETFD) == -1)
			(void)dup2(1, i);
	}
	if (page_fd == -1)
		new_page();
	loop = loop_new();
	assert_non_null(loop);
	ld = calloc(1, sizeof(*ld));
	assert_non_null(ld);
	assert_int_equal(log_init(ld, loop, "test"), 0);
	assert_int_equal(chan_pair(sv), 0);
	assert_int_equal(dup2(sv[0], FD_PARENT), FD_PARENT);
	close(sv[0]);
	chan_init(&boss, sv[1], PROC_PARENT, PROC_LOG, 0, 256);
	log_start(ld);
	assert_int_equal(chan_hello(&boss, 0), 0);
	assert_int_equal(loop_turn(loop, 0), 0);
	ld->boot = BOOT;
	sealing_page(ld, 0, fcntl(page_fd, F_DUPFD, 64));
	sealing_file(ld, fcntl(state_fd, F_DUPFD, 64));
}

static inline void
stop(void)
{
	unsigned int i;

	for (i = 0; i < LOG_SLOTS; i++) {
		if (ld->prod[i].open) {
			loop_fd_del(ld->prod[i].watch);
			chan_close(&ld->prod[i].chan);
		}
	}
	for (i = 0; i < STREAM_MAX; i++)
		close(FD_SEGMENT_MIN + (int)i);
	loop_fd_del(ld->parent_watch);
	chan_close(&ld->parent);
	chan_close(&boss);
	log_free(ld);
	loop_free(loop);
	free(ld);
}

/* The next start() is another start of the suite. */
static inline void
stop_all(void)
{
	stop();
	close(page_fd);
	close(state_fd);
	page_fd = state_fd = -1;
}

static inline void
peer(uint8_t slot, int fd)
{
	struct msg_peer m;

	memset(&m, 0, sizeof(m));
	m.proc = PROC_NET;
	m.slot = slot;
	producer_up(ld, &m, fd);
}

static inline void
producer(void)
{
	int sv[2];

	assert_int_equal(chan_pair(sv), 0);
	assert_int_equal(evq_init(&q, sv[1], PROC_NET, 0, 1 << 18), 0);
	evq_start(&q, BOOT);
	keep = dup(sv[0]);
	peer(0, sv[0]);
}

static inline void
unproduce(void)
{
	chan_close(&q.chan);
	free(q.ring);
	close(keep);
}

static inline int
put_kind(uint16_t kind, uint16_t port, const void *data, size_t len)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.ver = 4;
	ev.proto = IPPROTO_TCP;
	ev.sport = port;
	ev.src[0] = ev.dst[0] = 10;
	return evq_put(&q, &ev, data, len);
}

static inline int
put(uint16_t port)
{
	struct ev_probe p = { 44, 2, 64, 1024, 0 };

	return put_kind(EV_TCP_PROBE, port, &p, sizeof(p));
}

/* The same for the events stream. */
static inline int
put_flow(uint16_t port)
{
	struct ev_flow f = { 1, 2, 3, UINT32_MAX, 0, 0, 0 };

	return put_kind(EV_TCP_OPEN, port, &f, sizeof(f));
}

static inline void
turn(int n)
{
	while (n-- > 0)
		assert_int_equal(loop_turn(loop, 0), 0);
}

/* What is in a stream's segment into text; every line must be whole and valid,
 * except torn ones up to the number given. Returns lines. */
static inline unsigned int
check_of(unsigned int stream, unsigned int torn)
{
	unsigned int n = 0, bad = 0;
	ssize_t len = pread(back_fd[stream], text, sizeof(text) - 1, 0);
	char *p, *nl;

	assert_true(len >= 0);
	text[len] = '\0';
	for (p = text; (nl = strchr(p, '\n')) != NULL; p = nl + 1) {
		n++;
		if (json_check(p, (size_t)(nl - p), NULL, NULL, 0) == -1)
			bad++;
	}
	bad += *p != '\0';
	assert_true(bad <= torn);
	return n;
}

static inline unsigned int
check(unsigned int torn)
{
	return check_of(STREAM_EVENTS, torn);
}

static inline unsigned int
occurs(const char *what)
{
	unsigned int n = 0;
	const char *p = text;

	while ((p = strstr(p, what)) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* A chain as a verifier follows it, from file to file. */
struct follow {
	struct seal_chain c;
	uint64_t next;	     /* index expected */
	unsigned int lines, torn, begins, ends, bad;
	uint8_t ended;	     /* the last line was a segment's end */
};

static inline void
follow_init(struct follow *f, unsigned int chain)
{
	memset(f, 0, sizeof(*f));
	seal_derive(&f->c, root, 0, BOOT, chain);
}

static inline uint64_t
member(const char *line, size_t len, const char *name)
{
	const char *p = memmem(line, len, name, strlen(name));

	return p == NULL ? UINT64_MAX : strtoull(p + strlen(name), NULL, 10);
}

/* One file's bytes (NUL behind them). Lines out of order, with wrong tags or
 * missing without a begin that names them are ->bad. */
static inline void
follow(struct follow *f, const char *name, const char *p, size_t size)
{
	const char *end = p + size, *nl;
	uint64_t index, from, to;
	uint8_t tag[SEAL_TAG_LEN];
	char own[64];
	size_t body;
	int first = 1;

	snprintf(own, sizeof(own), "\"segment\":{\"stream\":\"%s\"", name);
	for (; p < end; p = nl + 1, first = 0) {
		size_t len;

		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL || seal_parse(p, (size_t)(nl - p) + 1, &body,
		    &index, tag) == -1) {
			f->torn++;
			if (nl == NULL)
				break;
			f->bad += nl + 1 != end; /* torn, then more */
			continue;
		}
		len = (size_t)(nl - p) + 1;
		f->ended = 0;
		if (memmem(p, len, own, strlen(own)) != NULL) {
			if (memmem(p, len, "\"phase\":\"begin\"", 15) != NULL) {
				f->begins++;
				f->bad += !first;
				from = member(p, len, "\"doubt_from\":");
				to = member(p, len, "\"doubt_to\":");
				f->bad += from > f->next || to != index ||
				    f->next > to;
				f->next = index;
			} else if (memmem(p, len, "hpd.log.segment", 15)) {
				f->ends++;
				f->ended = 1;
			}
		} else {
			f->bad += first;
		}
		if (index != f->next) {
			f->bad++;
			if (index < f->next)
				continue;
		}
		seal_skip(&f->c, index);
		f->bad += !seal_check(&f->c, p, body, tag);
		f->next = index + 1;
		f->lines++;
	}
}

/*
 * For tests that drive hpd-log from begin() to end() and follow both chains.
 */
#ifdef LOG_FIX_DRIVEN
#include <sys/resource.h>

static struct follow ev, pr;

/* What is in a stream's newest segment, followed. */
static void
look(struct follow *f, unsigned int stream)
{
	struct stat st;

	(void)check_of(stream, 1);
	assert_int_equal(fstat(back_fd[stream], &st), 0);
	follow(f, log_stream_name(stream), text, (size_t)st.st_size);
}

static void
begin(void)
{
	start();
	follow_init(&ev, SEAL_EVENTS);
	follow_init(&pr, SEAL_PROBES);
	segment(STREAM_EVENTS, 1, 1 << 24);
	producer();
	ld->running = 1;
}

static void
end(void)
{
	unproduce();
	stop_all();
}

static void
flush(void)
{
	int more;

	do {
		more = evq_flush(&q, 1);
		while (producer_pump(ld, 0, 100) > 0)
			;
	} while (more == 1 && stream_ready(ld));
}

static void
limit(rlim_t bytes)
{
	struct rlimit l;

	getrlimit(RLIMIT_FSIZE, &l);
	l.rlim_cur = bytes == 0 ? l.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}
#endif

#endif
