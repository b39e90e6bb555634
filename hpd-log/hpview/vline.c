/* SPDX-License-Identifier: ISC */
/*
 * Lines of files, in hpview. Read, not mapped: a file that another program
 * truncates meanwhile is a short file, not a signal. Must never keep more of a
 * line than VLINE_MAX.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hpd-log/hpview/vline.h"

int
vlines_init(struct vlines *l)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->buf = malloc(VLINE_MAX + VLINE_PAD);
	return l->buf == NULL ? -1 : 0;
}

void
vlines_free(struct vlines *l)
{
	free(l->buf);
	l->buf = NULL;
}

void
vlines_open(struct vlines *l, int fd, uint64_t from, uint64_t to,
    uint64_t size, int growing)
{
	const char *line;
	size_t n;

	l->fd = fd;
	l->at = l->len = 0;
	l->pos = from;
	l->end = l->limit = size;
	l->torn = 0;
	l->over = 0;
	l->growing = growing != 0;
	l->error = 0;
	if (from > 0) {
		/* The byte before tells whether a line begins at from. A line
		 * that goes on beyond to is not read to its end here. */
		l->pos = from - 1;
		l->end = l->limit = to < size ? to : size;
		if (vlines_next(l, &line, &n) != 1)
			l->at = l->len;
		l->limit = size;
		l->torn = 0; /* that line is the piece's before */
		l->over = 0;
		l->error = 0;
	}
	l->end = to < size ? to : size;
}

uint64_t
vlines_place(const struct vlines *l)
{
	return l->pos - (l->len - l->at);
}

/* More bytes behind those that are there. 1, 0 at the end, -1. */
static int
fill(struct vlines *l)
{
	size_t want;
	ssize_t n;

	if (l->at > 0) {
		memmove(l->buf, l->buf + l->at, l->len - l->at);
		l->len -= l->at;
		l->at = 0;
	}
	if (l->len == VLINE_MAX) { /* no newline in all of it */
		l->over = 1;
		l->len = 0;
	}
	want = VLINE_MAX - l->len;
	if (l->limit - l->pos < want)
		want = (size_t)(l->limit - l->pos);
	if (want == 0)
		return 0;
	do
		n = pread(l->fd, l->buf + l->len, want, (off_t)l->pos);
	while (n == -1 && errno == EINTR);
	if (n == -1) {
		l->error = errno;
		return -1;
	}
	if (n == 0) /* shorter than it was */
		l->limit = l->pos;
	l->len += (size_t)n;
	l->pos += (uint64_t)n;
	return n > 0;
}

int
vlines_next(struct vlines *l, const char **line, size_t *len)
{
	size_t seen = 0;
	char *nl;
	int r;

	for (;;) {
		if (!l->over && seen == 0 && vlines_place(l) >= l->end)
			return 0;
		nl = NULL;
		if (l->len - l->at > seen)
			nl = memchr(l->buf + l->at + seen, '\n',
			    l->len - l->at - seen);
		if (nl != NULL && l->over) {
			l->over = 0;
			l->torn++;
			l->at = (size_t)(nl - l->buf) + 1;
			seen = 0;
			continue;
		}
		if (nl != NULL) {
			*line = l->buf + l->at;
			*len = (size_t)(nl - *line);
			l->at += *len + 1;
			return 1;
		}
		seen = l->len - l->at;
		r = fill(l);
		if (l->over)
			seen = 0;
		if (r == -1)
			return -1;
		if (r == 0)
			break;
	}
	if ((l->len > l->at || l->over) && !l->growing)
		l->torn++;
	l->at = l->len;
	l->over = 0;
	return 0;
}
