/* SPDX-License-Identifier: ISC */
/*
 * Records of several streams and sensors in order of time, in hpview. Each
 * stream's files are read one after the other; the records of a stream are
 * nearly in order (producers wait for each other's queues), so each has a
 * window of records of which the oldest goes first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/view_int.h"

struct held {
	int64_t wall_ns;
	uint64_t order; /* as read: ties stay as they were */
	uint32_t file, len, cap;
	char *line;
};

struct source { /* one stream of one sensor */
	struct vlines l;
	struct held *win[VIEW_WINDOW]; /* a heap, the oldest first */
	unsigned int n;
	size_t file, end; /* being read, behind its last */
	int fd;
	uint64_t order;
};

struct merge {
	struct view *v;
	struct filter_bound bound;
	struct source **src;
	size_t nsrc;
};

static int
older(const struct held *a, const struct held *b)
{
	return a->wall_ns != b->wall_ns ? a->wall_ns < b->wall_ns :
					  a->order < b->order;
}

static void
sift_down(struct held **h, unsigned int n, unsigned int i)
{
	struct held *t;
	unsigned int c;

	for (; (c = 2 * i + 1) < n; i = c) {
		if (c + 1 < n && older(h[c + 1], h[c]))
			c++;
		if (!older(h[c], h[i]))
			break;
		t = h[c];
		h[c] = h[i];
		h[i] = t;
	}
}

static void
sift_up(struct held **h, unsigned int i)
{
	struct held *t;

	for (; i > 0 && older(h[i], h[(i - 1) / 2]); i = (i - 1) / 2) {
		t = h[i];
		h[i] = h[(i - 1) / 2];
		h[(i - 1) / 2] = t;
	}
}

/* Keep a copy of the line: the buffer it is in moves on. */
static int
hold(struct source *s, const struct vrec *r)
{
	struct held *h = s->win[s->n];
	char *p;

	if (h->cap < r->len) {
		p = realloc(h->line, r->len + 256);
		if (p == NULL)
			return view_nomem();
		h->line = p;
		h->cap = r->len + 256;
	}
	memcpy(h->line, r->line, r->len);
	h->len = r->len;
	h->wall_ns = r->wall_ns;
	h->order = s->order++;
	h->file = (uint32_t)s->file;
	sift_up(s->win, s->n++);
	return 0;
}

/* The next file of the stream. 1, 0 none, -1. */
static int
next_file(struct merge *m, struct source *s)
{
	const struct vfile *f;
	int err;

	if (s->fd != -1) {
		m->v->torn += s->l.torn;
		close(s->fd);
		s->fd = -1;
		s->file++;
	}
	for (; s->file < s->end; s->file++) {
		f = &m->v->files[s->file];
		if (filter_skips(&m->bound, f,
			s->file + 1 < s->end ? f + 1 : NULL))
			continue;
		s->fd = view_file(m->v, f, &err);
		if (s->fd == -1 && err)
			return -1;
		if (s->fd == -1)
			continue;
		vlines_open(&s->l, s->fd, 0, UINT64_MAX, f->size, f->last);
		return 1;
	}
	return 0;
}

/* Fill the window. 0 or -1. */
static int
refill(struct merge *m, struct source *s)
{
	const struct vfile *f;
	const char *line;
	struct vrec r;
	size_t len;
	int got;

	while (s->n < VIEW_WINDOW && s->file < s->end) {
		got = s->fd == -1 ? 0 : vlines_next(&s->l, &line, &len);
		if (got == -1) {
			view_say(m->v->files[s->file].path,
			    strerror(s->l.error));
			return -1;
		}
		if (got == 0) {
			if (next_file(m, s) == -1)
				return -1;
			continue;
		}
		f = &m->v->files[s->file];
		if (view_parse(f, line, len, &r) == -1)
			m->v->torn += len > 0;
		else if (f->nmarks > 0 && view_seen(f, &r))
			m->v->duplicate++;
		else if (filter_match(&m->bound, &r) && hold(s, &r) == -1)
			return -1;
	}
	return 0;
}

static void
source_free(struct source *s)
{
	unsigned int i;

	if (s == NULL)
		return;
	if (s->fd != -1)
		close(s->fd);
	for (i = 0; i < VIEW_WINDOW; i++) {
		if (s->win[i] != NULL)
			free(s->win[i]->line);
		free(s->win[i]);
	}
	vlines_free(&s->l);
	free(s);
}

static struct source *
source_new(size_t first, size_t end)
{
	struct source *s = calloc(1, sizeof(*s));
	unsigned int i;

	if (s == NULL)
		return NULL;
	s->fd = -1;
	s->file = first;
	s->end = end;
	for (i = 0; i < VIEW_WINDOW; i++)
		s->win[i] = calloc(1, sizeof(*s->win[i]));
	for (i = 0; i < VIEW_WINDOW; i++)
		if (s->win[i] == NULL)
			break;
	if (i < VIEW_WINDOW || vlines_init(&s->l) == -1) {
		source_free(s);
		return NULL;
	}
	return s;
}

static int
make(struct merge *m)
{
	size_t i, first = 0;

	m->src = calloc(m->v->nfiles + 1, sizeof(*m->src));
	if (m->src == NULL)
		return view_nomem();
	for (i = 0; i < m->v->nfiles; i++) {
		if (!m->v->files[i].last)
			continue;
		m->src[m->nsrc] = source_new(first, i + 1);
		if (m->src[m->nsrc] == NULL)
			return view_nomem();
		if (refill(m, m->src[m->nsrc++]) == -1)
			return -1;
		first = i + 1;
	}
	return 0;
}

/* The stream whose oldest record is the oldest of all, or NULL. */
static struct source *
oldest(const struct merge *m)
{
	struct source *best = NULL;
	size_t i;

	for (i = 0; i < m->nsrc; i++)
		if (m->src[i]->n > 0 && (best == NULL ||
			m->src[i]->win[0]->wall_ns < best->win[0]->wall_ns))
			best = m->src[i];
	return best;
}

static int
run(struct merge *m, int (*fn)(void *, const struct vrec *), void *state)
{
	struct source *s;
	struct held *h;
	struct vrec r;
	int stop;

	while ((s = oldest(m)) != NULL) {
		h = s->win[0];
		s->win[0] = s->win[--s->n];
		s->win[s->n] = h;
		sift_down(s->win, s->n, 0);
		if (view_parse(&m->v->files[h->file], h->line, h->len, &r) ==
		    0) {
			stop = fn(state, &r);
			if (stop != 0)
				return stop;
		}
		if (s->file < s->end && refill(m, s) == -1)
			return -1;
	}
	return 0;
}

int
view_merge(struct view *v, int (*fn)(void *, const struct vrec *),
    void *state)
{
	struct merge m;
	size_t i;
	int r;

	memset(&m, 0, sizeof(m));
	m.v = v;
	filter_bind(&m.bound, v);
	r = view_marks(v);
	if (r == 0)
		r = make(&m);
	if (r == 0)
		r = run(&m, fn, state);
	for (i = 0; i < m.nsrc; i++)
		source_free(m.src[i]);
	free(m.src);
	return r;
}
