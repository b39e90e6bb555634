/* SPDX-License-Identifier: ISC */
/*
 * A log in total, in hpview: looks at the ends of the files for the time they
 * span, then counts in threads, then puts the threads' tables together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/view_int.h"
#include "hpd-log/hpview/vsum_int.h"

#define SEC 1000000000LL
#define END (64u << 10) /* bytes at either end of a file that are looked at */

static void
widen(int64_t *first, int64_t *last, int64_t at)
{
	if (*first > *last)
		*first = *last = at;
	else if (at < *first)
		*first = at;
	else if (at > *last)
		*last = at;
}

/* Times in one end of a file. 0 or -1. */
static int
look(struct view *v, const struct vfile *f, struct vlines *l, uint64_t from,
    uint64_t to, int64_t *first, int64_t *last)
{
	const char *line;
	struct vrec r;
	size_t len;
	int err, got, fd = view_file(v, f, &err);

	if (fd == -1)
		return err ? -1 : 0;
	vlines_open(l, fd, from, to, f->size, 1);
	while ((got = vlines_next(l, &line, &len)) == 1)
		if (view_parse(f, line, len, &r) == 0)
			widen(first, last, r.wall_ns);
	close(fd);
	return got;
}

/* What the log spans, about; 0 records: *first > *last. */
static int
span(struct view *v, int64_t *first, int64_t *last)
{
	struct vlines l;
	uint64_t vanished = v->vanished;
	size_t i;
	int r = 0;

	*first = 1;
	*last = 0;
	if (vlines_init(&l) == -1)
		return view_nomem();
	for (i = 0; i < v->nfiles && r == 0; i++) {
		const struct vfile *f = &v->files[i];

		if (i == 0 || f[-1].last)
			r = look(v, f, &l, 0, END, first, last);
		if (r == 0 && f->last)
			r = look(v, f, &l, f->size > END ? f->size - END : 0,
			    UINT64_MAX, first, last);
	}
	vlines_free(&l);
	v->vanished = vanished; /* the scan counts them */
	if (v->filter != NULL && *first <= *last) {
		if (v->filter->has_after && v->filter->after_ns > *first)
			*first = v->filter->after_ns;
		if (v->filter->has_before && v->filter->before_ns < *last)
			*last = v->filter->before_ns;
	}
	return r;
}

/* The least width of a list that makes all of it fit. */
static void
buckets(struct vsum *s, int64_t first, int64_t last)
{
	static const int32_t width[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300,
		600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
		604800 };
	size_t i;
	int64_t w = 0, base = 0;

	if (first > last)
		first = last;
	for (i = 0;; i++) {
		w = i < sizeof(width) / sizeof(width[0]) ? width[i] * SEC :
							   w * 2;
		base = first / w * w - (first % w < 0 ? w : 0);
		if ((last - base) / w < VSUM_BUCKETS)
			break;
	}
	s->bucket_ns = w;
	s->bucket0_ns = base;
}

static void
count(void *state, unsigned int thread, const struct vrec *r)
{
	vsum_add(&((struct vsum_thread *)state)[thread], r);
}

static int
make(struct vsum *s, struct view *v, struct vsum_thread *t, unsigned int n)
{
	int64_t first, last;
	unsigned int i;

	if (span(v, &first, &last) == -1)
		return -1;
	buckets(s, first, last);
	for (i = 0; i < n; i++) {
		if (vsum_thread_init(&t[i]) == -1)
			return view_nomem();
		t[i].sum.bucket_ns = s->bucket_ns;
		t[i].sum.bucket0_ns = s->bucket0_ns;
	}
	if (view_scan(v, n, count, t) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (vsum_settle(&t[i]) == -1)
			return view_nomem();
	for (i = 1; i < n; i++)
		if (vsum_merge(&t[0], &t[i]) == -1)
			return view_nomem();
	*s = t[0].sum;
	s->torn = v->torn;
	s->duplicates = v->duplicate;
	s->lines += v->torn + v->duplicate;
	return vsum_rows(s, &t[0]) == -1 ? view_nomem() : 0;
}

int
vsum_make(struct vsum *s, struct view *v, unsigned int nthreads)
{
	struct vsum_thread *t;
	unsigned int i, n = view_threads(nthreads);
	int r;

	memset(s, 0, sizeof(*s));
	vtab_seed();
	t = calloc(n, sizeof(*t));
	if (t == NULL)
		return view_nomem();
	r = make(s, v, t, n);
	for (i = 0; i < n; i++)
		vsum_thread_free(&t[i]);
	free(t);
	if (r == -1)
		vsum_free(s);
	return r;
}

void
vsum_free(struct vsum *s)
{
	free(s->sources);
	free(s->decoys);
	free(s->ports);
	free(s->logins);
	free(s->sessions);
	free(s->heat);
	memset(s, 0, sizeof(*s));
}
