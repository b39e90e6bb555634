/* SPDX-License-Identifier: ISC */
/*
 * Every record of a log, in hpview: files cut into pieces at line ends, pieces
 * handed to threads. Threads share the view read-only and one counter.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/view_int.h"

#define PIECE (8u << 20)

struct piece {
	uint32_t file;
	uint64_t from, to;
};

struct scan {
	struct view *v;
	struct piece *pieces;
	size_t npieces;
	atomic_size_t next;
	atomic_int failed;
	view_fn fn;
	void *state;
	struct filter_bound bound;
};

struct worker {
	struct scan *s;
	unsigned int number;
	uint64_t torn, duplicate, vanished;
	pthread_t thread;
};

int
view_parse(const struct vfile *f, const char *line, size_t len,
    struct vrec *r)
{
	int ok;

	if (f->form == VIEW_JSON)
		ok = vrec_parse(line, len, r);
	else if (f->form == VIEW_HONEYD)
		ok = vrec_parse_honeyd(line, len, r);
	else
		ok = vrec_parse_service(line, len, r);
	r->form = f->form;
	r->sensor = f->sensor;
	return ok;
}

int
view_file(struct view *v, const struct vfile *f, int *err)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	*err = 0;
	if (fd == -1 && errno == ELOOP) /* named by hand, and a link */
		fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 && errno == ENOENT) {
		v->vanished++;
	} else if (fd == -1) {
		view_say(f->path, strerror(errno));
		*err = 1;
	}
	return fd;
}

static int
one_piece(struct worker *w, struct vlines *l, const struct piece *p)
{
	struct scan *s = w->s;
	const struct vfile *f = &s->v->files[p->file];
	struct view count = { 0 };
	const char *line;
	struct vrec r;
	size_t len;
	int got, err, fd = view_file(&count, f, &err);

	w->vanished += p->from == 0 ? count.vanished : 0;
	if (fd == -1)
		return err ? -1 : 0;
	vlines_open(l, fd, p->from, p->to, f->size, f->last);
	while ((got = vlines_next(l, &line, &len)) == 1) {
		if (view_parse(f, line, len, &r) == -1) {
			w->torn += len > 0;
			continue;
		}
		if (f->nmarks > 0 && view_seen(f, &r)) {
			w->duplicate++;
			continue;
		}
		if (!s->bound.all && !filter_match(&s->bound, &r))
			continue;
		s->fn(s->state, w->number, &r);
	}
	w->torn += l->torn;
	close(fd);
	if (got == -1)
		view_say(f->path, strerror(l->error));
	return got;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct scan *s = w->s;
	struct vlines l;
	size_t i;

	if (vlines_init(&l) == -1) {
		atomic_store(&s->failed, 1);
		(void)view_nomem();
		return NULL;
	}
	while (!atomic_load(&s->failed) &&
	    (i = atomic_fetch_add(&s->next, 1)) < s->npieces)
		if (one_piece(w, &l, &s->pieces[i]) == -1)
			atomic_store(&s->failed, 1);
	vlines_free(&l);
	return NULL;
}

static int
cut(struct scan *s)
{
	size_t i, n = 0;
	uint64_t at;

	for (i = 0; i < s->v->nfiles; i++)
		n += (size_t)(s->v->files[i].size / PIECE) + 1;
	s->pieces = calloc(n, sizeof(*s->pieces));
	if (s->pieces == NULL)
		return view_nomem();
	for (i = 0; i < s->v->nfiles; i++) {
		const struct vfile *f = &s->v->files[i];

		if (filter_skips(&s->bound, f, f->last ? NULL : f + 1))
			continue;
		for (at = 0; at < f->size; at += PIECE) {
			struct piece *p = &s->pieces[s->npieces++];

			p->file = (uint32_t)i;
			p->from = at;
			p->to = at + PIECE;
		}
	}
	return 0;
}

unsigned int
view_threads(unsigned int n)
{
	long cpus;

	if (n == 0) {
		cpus = sysconf(_SC_NPROCESSORS_ONLN);
		n = cpus < 1 ? 1 : cpus > 8 ? 8 : (unsigned int)cpus;
	}
	return n > VIEW_THREADS ? VIEW_THREADS : n;
}

int
view_scan(struct view *v, unsigned int nthreads, view_fn fn, void *state)
{
	struct worker w[VIEW_THREADS];
	struct scan s;
	unsigned int i, started = 1;

	memset(&s, 0, sizeof(s));
	memset(w, 0, sizeof(w));
	s.v = v;
	s.fn = fn;
	s.state = state;
	filter_bind(&s.bound, v);
	if (view_marks(v) == -1 || cut(&s) == -1)
		return -1;
	nthreads = view_threads(nthreads);
	if (nthreads > s.npieces)
		nthreads = s.npieces > 0 ? (unsigned int)s.npieces : 1;
	for (i = 0; i < nthreads; i++) {
		w[i].s = &s;
		w[i].number = i;
	}
	for (i = 1; i < nthreads; i++, started++)
		if (pthread_create(&w[i].thread, NULL, work, &w[i]) != 0)
			break; /* fewer do it too */
	(void)work(&w[0]);
	for (i = 0; i < started; i++) {
		if (i > 0)
			(void)pthread_join(w[i].thread, NULL);
		v->torn += w[i].torn;
		v->duplicate += w[i].duplicate;
		v->vanished += w[i].vanished;
	}
	free(s.pieces);
	return atomic_load(&s.failed) ? -1 : 0;
}
