/* SPDX-License-Identifier: ISC */
/*
 * Reading segments that grow, in hpship. Shares nothing with hpd-log but the
 * files, of which it has read-only descriptors: must never wait for it, nor
 * take a line before its newline is there.
 */
#include "hpd-log/hpship/tail.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
tail_init(struct tail *t)
{
	memset(t, 0, sizeof(*t));
	for (int i = 0; i < SHIP_QUEUE; i++)
		t->seg[i].fd = -1;
	t->buf = malloc(TAIL_BUF);
	return t->buf == NULL ? -1 : 0;
}

static void
drop(struct tail_seg *s)
{
	(void)close(s->fd);
	s->fd = -1;
}

void
tail_free(struct tail *t)
{
	for (int i = 0; i < SHIP_QUEUE; i++)
		if (t->seg[i].fd != -1)
			drop(&t->seg[i]);
	free(t->buf);
}

/* The segment of stream with the lowest number above that; NULL: none. */
static struct tail_seg *
following(struct tail *t, uint32_t stream, uint32_t number)
{
	struct tail_seg *best = NULL, *s;

	for (int i = 0; i < SHIP_QUEUE; i++) {
		s = &t->seg[i];
		if (s->fd == -1 || s->stream != stream || s->number <= number)
			continue;
		if (best == NULL || s->number < best->number)
			best = s;
	}
	return best;
}

static uint64_t
size_of(const struct tail_seg *s)
{
	struct stat st;

	if (fstat(s->fd, &st) == -1 || st.st_size < 0)
		return s->off;
	return (uint64_t)st.st_size;
}

/* Does a later segment of its stream have something in it? */
static int
left_behind(struct tail *t, const struct tail_seg *s)
{
	const struct tail_seg *n = s;

	while ((n = following(t, s->stream, n->number)) != NULL)
		if (size_of(n) > 0)
			return 1;
	return 0;
}

/* Newlines behind what is delivered. */
static uint64_t
undelivered(struct tail *t, const struct tail_seg *s)
{
	uint64_t n = 0, off = s->done;
	ssize_t got;
	char *p, *end;

	while ((got = pread(s->fd, t->buf, TAIL_BUF, (off_t)off)) > 0) {
		end = t->buf + got;
		for (p = t->buf; p < end; p++, n++)
			if ((p = memchr(p, '\n', (size_t)(end - p))) == NULL)
				break;
		off += (uint64_t)got;
	}
	return n;
}

/* Give it up; what it had left goes to *d. */
static void
give_up(struct tail *t, struct tail_seg *s, struct tail_drop *d)
{
	struct stat st;

	d->stream = s->stream;
	d->number = s->number;
	d->lines = undelivered(t, s);
	if (fstat(s->fd, &st) == 0)
		d->last_ns = st.st_mtim.tv_sec * NS_SEC + st.st_mtim.tv_nsec;
	drop(s);
}

int
tail_gone(struct tail *t, int64_t now, struct tail_drop *d)
{
	struct stat st;

	memset(d, 0, sizeof(*d));
	for (int i = 0; i < SHIP_QUEUE; i++) {
		struct tail_seg *s = &t->seg[i];

		if (s->fd == -1 || fstat(s->fd, &st) == -1 || st.st_nlink > 0)
			continue;
		if (s->gone_at == 0) {
			s->gone_at = now;
		} else if (now - s->gone_at >= TAIL_GONE) {
			give_up(t, s, d);
			return 1;
		}
	}
	return 0;
}

void
tail_close(struct tail *t, uint32_t stream)
{
	struct tail_seg *s;

	while ((s = following(t, stream, 0)) != NULL)
		drop(s);
}

int
tail_slot(struct tail *t, struct tail_drop *d)
{
	struct tail_seg *s;

	memset(d, 0, sizeof(*d));
	for (int i = 0; i < SHIP_QUEUE; i++)
		if (t->seg[i].fd == -1)
			return i;
	s = following(t, STREAM_PROBES, 0);
	if (s == NULL || following(t, STREAM_PROBES, s->number) == NULL)
		s = following(t, STREAM_EVENTS, 0);
	give_up(t, s, d);
	return (int)(s - t->seg);
}

/* Does reading begin inside a line? */
static uint8_t
inside(const struct tail_seg *s)
{
	char c;

	return s->off > 0 && pread(s->fd, &c, 1, (off_t)s->off - 1) == 1 &&
	    c != '\n';
}

void
tail_add(struct tail *t, int slot, int fd, uint32_t stream, uint32_t number)
{
	struct tail_seg *s = &t->seg[slot];
	off_t at = lseek(fd, 0, SEEK_CUR);

	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->stream = stream;
	s->number = number;
	s->off = s->done = at > 0 ? (uint64_t)at : 0;
	s->cutting = inside(s);
}

/* Lines in n bytes read at s->off. 0 all taken, 1 fn said not now. */
static int
lines(struct tail *t, struct tail_seg *s, size_t n, tail_fn fn, void *arg)
{
	char *p = t->buf, *end = t->buf + n, *nl;

	while ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		size_t len = (size_t)(nl - p);

		if (s->cutting || len >= LINE_MAX_BYTES)
			t->torn++;
		else if (len > 0 && fn(arg, p, len) == 1)
			return 1;
		s->cutting = 0;
		s->off += len + 1;
		s->lines++;
		p = nl + 1;
	}
	if ((size_t)(end - p) >= LINE_MAX_BYTES) {
		s->cutting = 1; /* no line of the log is that long */
		s->off += (uint64_t)(end - p);
	}
	return 0;
}

/* The rest of a segment that will not grow any more: without its newline. */
static void
leave(struct tail *t, struct tail_seg *s)
{
	uint64_t size = size_of(s);

	if (size > s->off || s->cutting)
		t->torn++;
	if (size > s->off)
		s->off = size;
	s->cutting = 0;
}

int
tail_read(struct tail *t, uint32_t stream, size_t most, int last, tail_fn fn,
    void *arg)
{
	struct tail_seg *s = following(t, stream, 0);
	size_t total = 0;
	uint64_t before;
	ssize_t n;
	int over;

	while (s != NULL) {
		t->at[stream] = s->number;
		/* asked before the last read: what came after it is read */
		over = last || left_behind(t, s);
		before = s->off;
		n = pread(s->fd, t->buf, TAIL_BUF, (off_t)s->off);
		if (n > 0 && lines(t, s, (size_t)n, fn, arg) == 1)
			return 0;
		total += s->off - before;
		if (n > 0 && s->off > before) {
			if (total >= most)
				return 1;
			continue;
		}
		if (!over)
			return 0; /* the end, or a line without its end */
		leave(t, s);
		s = following(t, stream, s->number);
	}
	return 0;
}

struct place
tail_place(struct tail *t, uint32_t stream)
{
	struct place p = { 0, 0, 0 };
	const struct tail_seg *s = following(t, stream,
	    t->at[stream] == 0 ? 0 : t->at[stream] - 1);

	if (s != NULL) {
		p.number = s->number;
		p.off = s->off;
		p.lines = s->lines;
	}
	return p;
}

static void
delivered(struct tail_seg *s, uint64_t off, uint64_t n)
{
	if (s->done != off)
		(void)lseek(s->fd, (off_t)off, SEEK_SET);
	s->done = off;
	s->done_lines = n;
}

void
tail_done(struct tail *t, uint32_t stream, const struct place *p)
{
	struct tail_seg *s;

	while ((s = following(t, stream, 0)) != NULL && s->number < p->number) {
		delivered(s, size_of(s), s->lines);
		drop(s);
	}
	if (s == NULL || s->number != p->number)
		return; /* it was dropped */
	delivered(s, p->off, p->lines);
	if (s->done == s->off && s->off >= size_of(s) && left_behind(t, s))
		drop(s);
}

void
tail_rewind(struct tail *t)
{
	for (int i = 0; i < SHIP_QUEUE; i++) {
		struct tail_seg *s = &t->seg[i];

		if (s->fd == -1)
			continue;
		s->off = s->done;
		s->lines = s->done_lines;
		s->cutting = inside(s);
	}
	memset(t->at, 0, sizeof(t->at));
}

int
tail_empty(struct tail *t)
{
	for (int i = 0; i < SHIP_QUEUE; i++)
		if (t->seg[i].fd != -1 && t->seg[i].done < size_of(&t->seg[i]))
			return 0;
	return 1;
}
