/* SPDX-License-Identifier: ISC */
/*
 * Log segments: hpd-parent makes each file under a name of its own (time and
 * number), never opens an existing one, and hands the descriptor to hpd-log.
 * It must never write to, rename or remove a segment.
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

int
segments_next(struct segments *s, int stream)
{
	char stamp[32], name[sizeof(s->newest[0])];
	struct tm tm;
	time_t now = time(NULL);
	int fd = -1;

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) == 0) {
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
