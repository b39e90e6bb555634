/* SPDX-License-Identifier: ISC */
/*
 * Segments, in hpd-log: write, fdatasync and nothing else; the file was opened
 * by somebody else. Must never leave two lines run together: after a short
 * write the line is finished, or ended before anything else follows.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "hpd-log/segment.h"

#define QUOTA_MAX (1ULL << 60) /* so that sums do not wrap */

void
segment_open(struct segment *s, int fd, uint32_t number, uint64_t quota,
    uint64_t size, uint32_t sync_bytes, int64_t now_ns)
{
	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->state = SEG_OK;
	s->number = number;
	s->quota = quota < QUOTA_MAX ? quota : QUOTA_MAX;
	s->size = size;
	s->torn = size > 0;
	s->sync_bytes = sync_bytes;
	s->born_ns = s->synced_ns = now_ns;
}

static void
stop(struct segment *s, int error, int64_t now_ns)
{
	s->state = SEG_STOPPED;
	s->error = error;
	s->stopped_ns = now_ns;
}

/* Write all of it unless an error comes. Bytes written. */
static size_t
write_all(struct segment *s, const char *p, size_t len, int64_t now_ns)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(s->fd, p + done, len - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			stop(s, n == 0 ? EIO : errno, now_ns);
			break;
		}
		done += (size_t)n;
	}
	if (done > 0) {
		s->torn = p[done - 1] != '\n';
		if (s->tap != NULL)
			s->tap(s->tap_arg, p, done);
	}
	s->size += done;
	s->unsynced += done;
	return done;
}

size_t
segment_write(struct segment *s, const char *p, size_t len, int cont,
    int64_t now_ns)
{
	size_t done;

	if (s->state != SEG_OK || len == 0)
		return 0;
	if (s->size + len > s->quota + SEGMENT_OVER_MAX) {
		stop(s, 0, now_ns);
		return 0;
	}
	if (s->torn && !cont && write_all(s, "\n", 1, now_ns) != 1)
		return 0;
	done = write_all(s, p, len, now_ns);
	if (done == len)
		s->said = 0;
	return done;
}

int
segment_bytes(struct segment *s, const void *p, size_t len, size_t *done,
    int64_t now_ns)
{
	*done = 0;
	if (s->state != SEG_OK)
		return 0;
	if (s->size + len > s->quota + SEGMENT_OVER_MAX)
		stop(s, 0, now_ns);
	else
		*done = write_all(s, p, len, now_ns);
	s->torn = 0;
	s->final = s->state != SEG_OK;
	return s->state == SEG_OK;
}

int
segment_full(const struct segment *s, int64_t now_ns, int64_t max_ns)
{
	if (s->state == SEG_NONE)
		return 0;
	if (s->state == SEG_STOPPED && s->error != 0)
		return SEG_FULL_ERROR;
	if (s->size >= s->quota || s->state == SEG_STOPPED)
		return SEG_FULL_SIZE;
	if (max_ns > 0 && s->lines > 1 && now_ns - s->born_ns >= max_ns)
		return SEG_FULL_AGE;
	return 0;
}

void
segment_retry(struct segment *s)
{
	if (s->state == SEG_STOPPED && !s->final)
		s->state = SEG_OK;
}

int
segment_due(const struct segment *s, int64_t now_ns)
{
	return s->state != SEG_NONE && s->unsynced > 0 &&
	    (s->unsynced >= s->sync_bytes ||
		now_ns - s->synced_ns >= SEGMENT_SYNC_NS);
}

int
segment_sync(struct segment *s, int64_t now_ns)
{
	s->synced_ns = now_ns;
	if (fdatasync(s->fd) == -1)
		return -1;
	s->unsynced = 0;
	return 0;
}
