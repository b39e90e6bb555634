/* SPDX-License-Identifier: ISC */
/*
 * What a running sensor appends, in hpview: directories are listed again and
 * files read on from where they were left. Polled: works on any file system,
 * also those mounted from elsewhere.
 */
#include <sys/stat.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/view_int.h"

#define LOOK_MS 200

struct place {
	uint64_t dev, ino, at;
};

struct vfollow {
	struct place *places;
	size_t n, cap;
	struct vlines l;
};

void
view_follow_free(struct view *v)
{
	if (v->follow == NULL)
		return;
	free(v->follow->places);
	vlines_free(&v->follow->l);
	free(v->follow);
	v->follow = NULL;
}

static struct place *
place_of(struct vfollow *w, const struct vfile *f)
{
	struct place *p;
	size_t i;

	for (i = w->n; i > 0; i--) /* the newest are at the end */
		if (w->places[i - 1].ino == f->ino &&
		    w->places[i - 1].dev == f->dev)
			return &w->places[i - 1];
	if (w->n == w->cap) {
		p = reallocarray(w->places, w->cap * 2 + 16, sizeof(*p));
		if (p == NULL)
			return NULL;
		w->places = p;
		w->cap = w->cap * 2 + 16;
	}
	p = &w->places[w->n++];
	p->dev = f->dev;
	p->ino = f->ino;
	p->at = 0;
	return p;
}

/* Where the line begins that byte size is in: what is behind was not whole
 * when the file was listed. */
static uint64_t
line_start(int fd, uint64_t size)
{
	char b[4096];
	ssize_t n;
	uint64_t at;

	while (size > 0) {
		at = size > sizeof(b) ? size - sizeof(b) : 0;
		n = pread(fd, b, (size_t)(size - at), (off_t)at);
		if (n <= 0)
			return size;
		while (n > 0) {
			if (b[n - 1] == '\n')
				return at + (uint64_t)n;
			n--;
		}
		size = at;
	}
	return 0;
}

static int
begin(struct view *v)
{
	struct vfollow *w = calloc(1, sizeof(*w));
	struct place *p;
	size_t i;
	int fd, err;

	if (w == NULL || vlines_init(&w->l) == -1) {
		free(w);
		return view_nomem();
	}
	v->follow = w;
	for (i = 0; i < v->nfiles; i++) {
		p = place_of(w, &v->files[i]);
		if (p == NULL)
			return view_nomem();
		p->at = v->files[i].size;
		v->files[i].followed = !v->files[i].last &&
		    !v->files[i + 1].last;
		fd = v->files[i].last ? view_file(v, &v->files[i], &err) : -1;
		if (fd != -1) {
			p->at = line_start(fd, v->files[i].size);
			close(fd);
		}
	}
	return 0;
}

static int
read_on(struct view *v, const struct filter_bound *b, size_t i,
    int (*fn)(void *, const struct vrec *), void *state)
{
	struct vfile *f = &v->files[i];
	struct vfollow *w = v->follow;
	struct place *p = place_of(w, f);
	struct stat st;
	struct vrec r;
	const char *line;
	size_t len;
	int got, err, fd, stop = 0;

	if (p == NULL)
		return view_nomem();
	if (stat(f->path, &st) == -1 || (uint64_t)st.st_size <= p->at)
		return 0; /* gone, or nothing new */
	fd = view_file(v, f, &err);
	if (fd == -1)
		return err ? -1 : 0;
	f->size = (uint64_t)st.st_size;
	vlines_open(&w->l, fd, p->at, UINT64_MAX, f->size, 1);
	while (stop == 0 && (got = vlines_next(&w->l, &line, &len)) == 1) {
		p->at = vlines_place(&w->l);
		if (view_parse(f, line, len, &r) == -1)
			v->torn += len > 0;
		else if (f->nmarks > 0 && view_seen(f, &r))
			v->duplicate++;
		else if (filter_match(b, &r))
			stop = fn(state, &r);
	}
	v->torn += w->l.torn;
	close(fd);
	return stop;
}

/* Segments that are new, then all that was appended. */
static int
look(struct view *v, const struct filter_bound *b,
    int (*fn)(void *, const struct vrec *), void *state)
{
	size_t i, before = v->nfiles;
	struct stat st;
	unsigned int s;
	int r = 0;

	for (s = 0; s < v->nsensors; s++)
		if (v->dirs >> s & 1 &&
		    view_list(v, v->sensors[s], (uint16_t)s) == -1)
			return -1;
	if (v->nfiles != before) {
		view_sort(v);
		/* Whoever wrote the ones before has finished them. */
		for (i = 0; i < v->nfiles; i++)
			if (!v->files[i].last &&
			    stat(v->files[i].path, &st) == 0)
				v->files[i].size = (uint64_t)st.st_size;
		if (view_marks(v) == -1)
			return -1;
	}
	/* Only the last two segments of a stream can grow; of those before
	 * several may have come since the last look. */
	for (i = 0; i < v->nfiles && r == 0; i++) {
		if (v->files[i].followed)
			continue;
		r = read_on(v, b, i, fn, state);
		if (r == 0 && !v->files[i].last && !v->files[i + 1].last)
			v->files[i].followed = 1;
	}
	return r;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
view_follow(struct view *v, int ms, int (*fn)(void *, const struct vrec *),
    void *state)
{
	int64_t until = now_ms() + ms, left;
	struct filter_bound b;
	int r;

	if (v->follow == NULL && begin(v) == -1)
		return -1;
	filter_bind(&b, v);
	for (;;) {
		r = look(v, &b, fn, state);
		if (r != 0)
			return r;
		left = ms < 0 ? LOOK_MS : until - now_ms();
		if (left <= 0)
			return 0;
		if (poll(NULL, 0, left < LOOK_MS ? (int)left : LOOK_MS) ==
			-1 &&
		    errno == EINTR)
			return 0;
	}
}
