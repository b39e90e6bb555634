/* SPDX-License-Identifier: ISC */
/*
 * Log segments: hpd-parent makes each file under a name of its own (time and
 * number), never opens an existing one, and hands the descriptor to hpd-log.
 * It must never write to or rename a segment; segments_remove() is for what
 * retire.c has announced.
 */
#include "segments.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/clock.h"

#include "segments_os.h"

#define NAME_TRIES 1000
#define STAMP	   "%Y%m%dT%H%M%SZ"
#define STAMP_LEN  16

static const struct {
	const char *stem, *suffix, *link;
} names[STREAM_MAX] = {
	[STREAM_EVENTS] = {"events", "jsonl", "events.jsonl"},
	[STREAM_HONEYD] = {"honeyd", "log", "honeyd.log"},
	[STREAM_SERVICE] = {"service", "log", "service.log"},
	[STREAM_PROBES] = {"probes", "jsonl", "probes.jsonl"},
	[STREAM_PCAP] = {"frames", "pcap", "frames.pcap"},
};

int
segments_init(struct segments *s, const char *dir, int plain, char *err,
    size_t errlen)
{
	struct stat st;
	int made;

	memset(s, 0, sizeof(*s));
	s->plain = plain;
	s->wanted[STREAM_EVENTS] = s->wanted[STREAM_PROBES] = 1;
	made = mkdir(dir, 0750) == 0;
	if (!made && errno != EEXIST) {
		snprintf(err, errlen, "%s: %s", dir, strerror(errno));
		return -1;
	}
	s->dir = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dir == -1 || (made && fchmod(s->dir, 0750) == -1) ||
	    fstat(s->dir, &st) == -1) {
		snprintf(err, errlen, "%s: %s", dir, strerror(errno));
		return -1;
	}
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		snprintf(err, errlen, "%s: must belong to root and be "
		    "writable by root only", dir);
		close(s->dir);
		return -1;
	}
	/* Held as long as we live: one suite writes to one directory. */
	if (flock(s->dir, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK) {
		snprintf(err, errlen, "%s: another hpd-parent is writing there",
		    dir);
		close(s->dir);
		return -1;
	}
	return 0;
}

/* events.jsonl -> newest segment, for convenience; failing is no harm. */
static void
point_at(struct segments *s, int stream)
{
	const char *tmp = ".newest";

	(void)unlinkat(s->dir, tmp, 0);
	if (symlinkat(s->newest[stream], s->dir, tmp) == 0 &&
	    renameat(s->dir, tmp, s->dir, names[stream].link) == -1)
		(void)unlinkat(s->dir, tmp, 0);
}

int
segments_due(struct segments *s, int stream, int64_t max_ns, int64_t now)
{
	struct stat st;

	if (s->asked_at[stream] != 0 &&
	    now - s->asked_at[stream] < SEGMENT_LOOK)
		return 0;
	s->asked_at[stream] = now;
	if (fstatat(s->dir, s->newest[stream], &st, AT_SYMLINK_NOFOLLOW) == -1)
		return 1; /* somebody took it away */
	if (st.st_size >= 0 && (uint64_t)st.st_size >= s->quota[stream])
		return 1;
	return st.st_size > 0 && now - s->made_at[stream] >= max_ns;
}

int64_t
segments_error_wait(struct segments *s, int stream)
{
	struct stat st;

	if (fstatat(s->dir, s->newest[stream], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_size > 0)
		s->empty[stream] = 0;
	else if (s->empty[stream] < SEGMENT_DOUBLE)
		s->empty[stream]++;
	return SEGMENT_RETRY << s->empty[stream];
}

/* YYYYMMDDTHHMMSSZ, as strftime would have it; seconds since 1970 or -1. */
static int64_t
stamp_time(const char *p)
{
	char again[STAMP_LEN + 1];
	struct tm tm;
	time_t t;

	memset(&tm, 0, sizeof(tm));
	for (int i = 0; i < STAMP_LEN; i++)
		if (i != 8 && i != 15 && (p[i] < '0' || p[i] > '9'))
			return -1;
#define DIGITS(i) ((p[i] - '0') * 10 + p[(i) + 1] - '0')
	tm.tm_year = DIGITS(0) * 100 + DIGITS(2) - 1900;
	tm.tm_mon = DIGITS(4) - 1;
	tm.tm_mday = DIGITS(6);
	tm.tm_hour = DIGITS(9);
	tm.tm_min = DIGITS(11);
	tm.tm_sec = DIGITS(13);
#undef DIGITS
	t = timegm(&tm);
	if (t < 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(again, sizeof(again), STAMP, &tm) != STAMP_LEN ||
	    memcmp(again, p, STAMP_LEN) != 0)
		return -1;
	return t;
}

int
segments_parse(const char *name, unsigned int *stream, int64_t *made,
    uint32_t *number)
{
	const char *p = name, *num;
	uint64_t n = 0;
	size_t len = 0;

	for (*stream = 0; *stream < STREAM_MAX; ++*stream) {
		len = strlen(names[*stream].stem);
		if (strncmp(name, names[*stream].stem, len) == 0 &&
		    name[len] == '-')
			break;
	}
	if (*stream == STREAM_MAX || strlen(name) >= SEGMENT_NAME)
		return -1;
	p += len + 1;
	if (strlen(p) <= STAMP_LEN || p[STAMP_LEN] != '-')
		return -1;
	*made = stamp_time(p);
	if (*made == -1)
		return -1;
	num = p += STAMP_LEN + 1;
	for (; *p >= '0' && *p <= '9' && n <= UINT32_MAX; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	/* as %06u prints it */
	if (p - num < 6 || (p - num > 6 && *num == '0') || n == 0 ||
	    n > UINT32_MAX || *p != '.' ||
	    strcmp(p + 1, names[*stream].suffix) != 0)
		return -1;
	*number = (uint32_t)n;
	return 0;
}

const char *
segments_stem(unsigned int stream)
{
	return names[stream].stem;
}

int
segments_remove(struct segments *s, const char *name)
{
	struct stat st;
	unsigned int stream;
	uint32_t number;
	int64_t made;
	int fd, saved;

	if (segments_parse(name, &stream, &made, &number) == -1 ||
	    strcmp(name, s->newest[stream]) == 0) {
		errno = EPERM;
		return -1;
	}
	fd = openat(s->dir, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid()) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	segments_appendable(fd);
	if (unlinkat(s->dir, name, 0) == -1) {
		saved = errno;
		if (!s->plain)
			segments_append_only(fd);
		close(fd);
		errno = saved;
		return -1;
	}
	close(fd);
	return 0;
}

int
segments_next(struct segments *s, int stream)
{
	char stamp[32], name[sizeof(s->newest[0])];
	struct tm tm;
	time_t now = time(NULL);
	int fd = -1;

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), STAMP, &tm) == 0) {
		errno = EINVAL;
		return -1;
	}
	/* A name taken (an earlier start in this second) costs a number. */
	for (int i = 0; i < NAME_TRIES && fd == -1; i++) {
		snprintf(name, sizeof(name), "%s-%s-%06u.%s",
		    names[stream].stem, stamp, s->number[stream] + 1,
		    names[stream].suffix);
		fd = openat(s->dir, name,
		    O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW |
			O_CLOEXEC,
		    0640);
		if (fd == -1 && errno != EEXIST)
			return -1;
		s->number[stream]++;
	}
	if (fd == -1)
		return -1;
	(void)fchmod(fd, 0640);
	if (!s->plain)
		segments_append_only(fd);
	memcpy(s->newest[stream], name, sizeof(name));
	point_at(s, stream);
	return fd;
}
