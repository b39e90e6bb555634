/* SPDX-License-Identifier: ISC */
/*
 * Records that stand in the log twice, in hpview. hpd-log writes a record
 * before it takes it from its producer: killed in between, its successor
 * writes it again, in the next segment. Within a stream a producer's records
 * stand in order of their sequence, so that one number for each life of a
 * producer tells them all. Must never read a whole segment for this.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/proto.h"
#include "hpd-log/hpview/view_int.h"

#define TAIL	  (4u << 20) /* more than hpd-log has under way */
#define CLOSING	  (64u << 10) /* more than a segment's last line */
#define MARKS_MAX 4096

static int
same(const struct vmark *m, const struct vrec *r)
{
	return m->run == r->run && m->boot == r->boot && m->proc == r->proc &&
	    m->instance == r->instance;
}

int
view_seen(const struct vfile *f, const struct vrec *r)
{
	size_t i;

	for (i = 0; i < f->nmarks; i++)
		if (same(&f->marks[i], r))
			return r->seq <= f->marks[i].seq;
	return 0;
}

/* The newest life first: that is the one asked for most. When full the oldest
 * goes: its records ended segments ago. */
static void
note(struct vmark *m, size_t *n, const struct vrec *r)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (same(&m[i], r)) {
			if (m[i].seq < r->seq)
				m[i].seq = r->seq;
			return;
		}
	if (*n < MARKS_MAX)
		++*n;
	memmove(m + 1, m, (*n - 1) * sizeof(*m));
	m[0].boot = r->boot;
	m[0].run = r->run;
	m[0].seq = r->seq;
	m[0].proc = r->proc;
	m[0].instance = r->instance;
}

/* Is that the end of this very segment? The events have the probes' as well. */
static int
is_end(const struct vfile *f, const struct vrec *r)
{
	const char *stream = f->stream == STREAM_PROBES ?
	    "\"stream\":\"probes\"" : "\"stream\":\"events\"";

	return r->kind == EV_LOG_SEGMENT &&
	    memmem(r->line, r->len, stream, strlen(stream)) != NULL &&
	    memmem(r->line, r->len, "\"phase\":\"end\"", 13) != NULL;
}

/* The records of the last bytes of a segment. closed: only asks whether its
 * last line says that it ended in order. */
static int
tail(struct view *v, const struct vfile *f, struct vlines *l,
    struct vmark *m, size_t *n, int *closed)
{
	uint64_t back = closed != NULL ? CLOSING : TAIL;
	const char *line;
	struct vrec r;
	size_t len;
	int got, err, fd = view_file(v, f, &err);

	if (fd == -1)
		return err ? -1 : 0;
	vlines_open(l, fd, f->size > back ? f->size - back : 0, UINT64_MAX,
	    f->size, 0);
	while ((got = vlines_next(l, &line, &len)) == 1) {
		if (closed != NULL)
			*closed = 0;
		if (view_parse(f, line, len, &r) == -1)
			continue;
		if (closed == NULL)
			note(m, n, &r);
		else
			*closed = is_end(f, &r);
	}
	close(fd);
	return got;
}

static int
after(struct view *v, const struct vfile *f, struct vlines *l,
    struct vmark *m, size_t *n)
{
	int closed = 0;

	if (tail(v, f, l, m, n, &closed) == -1)
		return -1;
	return closed ? 0 : tail(v, f, l, m, n, NULL);
}

int
view_marks(struct view *v)
{
	struct vmark *m = calloc(MARKS_MAX, sizeof(*m));
	struct vlines l;
	size_t i, n = 0;
	int r = 0;

	view_marks_free(v);
	if (vlines_init(&l) == -1 || m == NULL) {
		free(m);
		return view_nomem();
	}
	for (i = 0; i < v->nfiles && r == 0; i++) {
		struct vfile *f = &v->files[i];

		if (f->form != VIEW_JSON)
			continue;
		if (i == 0 || f[-1].last)
			n = 0;
		if (n > 0) {
			f->marks = malloc(n * sizeof(*m));
			if (f->marks == NULL) {
				r = view_nomem();
				break;
			}
			memcpy(f->marks, m, n * sizeof(*m));
			f->nmarks = n;
		}
		if (!f->last)
			r = after(v, f, &l, m, &n);
	}
	vlines_free(&l);
	free(m);
	return r;
}

void
view_marks_free(struct view *v)
{
	size_t i;

	for (i = 0; i < v->nfiles; i++) {
		free(v->files[i].marks);
		v->files[i].marks = NULL;
		v->files[i].nmarks = 0;
	}
}
