/* SPDX-License-Identifier: ISC */
/* The log's files: made here as root, written only by hpd-log. */
#ifndef HPD_SEGMENTS_H
#define HPD_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "../common/proto.h"

#define SEGMENT_RETRY (5 * NS_SEC)
#define SEGMENT_DOUBLE 7 /* times that wait may double */
#define SEGMENT_NAME   64

struct segments {
	int dir; /* the log directory */
	int plain;
	uint32_t number[STREAM_MAX];   /* of the newest, 0 none yet */
	uint8_t wanted[STREAM_MAX];
	uint8_t failing[STREAM_MAX];   /* last try failed, already said */
	int64_t retry_at[STREAM_MAX];  /* 0: nothing to do */
	char newest[STREAM_MAX][SEGMENT_NAME];
	uint64_t quota[STREAM_MAX];    /* bytes the newest may grow to */
	int64_t made_at[STREAM_MAX];   /* monotonic ns */
	int64_t asked_at[STREAM_MAX];  /* last LOG_FULL looked at */
	uint8_t empty[STREAM_MAX];     /* so many in a row took nothing */
};

#define SEGMENT_LOOK (20 * NS_MSEC) /* between two looks at one file */

/*
 * Open (or make, 0750) the log directory. Refused: not ours, writable by
 * others, or locked by another hpd-parent. 0, or -1 with a message in err.
 */
int segments_init(struct segments *, const char *dir, int plain, char *err,
    size_t errlen);

/*
 * Make the next segment of stream: a new file, append-only. Returns its
 * descriptor (O_WRONLY|O_APPEND, the caller's) and its name in
 * ->newest[stream]; -1 with errno.
 */
int segments_next(struct segments *, int stream);

/*
 * Is the newest segment of stream due to be followed by another: as large as
 * its quota, or max_ns old with something in it? Asks the file and the clock
 * (now, monotonic ns), since hpd-log may not be what it was. At most one look
 * in SEGMENT_LOOK; between those 0.
 */
int segments_due(struct segments *, int stream, int64_t max_ns, int64_t now);

/* The newest of stream could not be written: how long (ns) to wait before the
 * next one is made. Doubles while they stay empty, so that a disk full for a
 * day is not a directory full of empty files. */
int64_t segments_error_wait(struct segments *, int stream);

/*
 * Is name one that segments_next() could have made, to the letter? 0 and its
 * stream, time (seconds since 1970) and number; else -1.
 */
int segments_parse(const char *name, unsigned int *stream, int64_t *made,
    uint32_t *number);

/* "events", "frames"...: the word of a stream in names and messages. */
const char *segments_stem(unsigned int stream);

/*
 * Remove a segment: a regular file of ours under such a name, never the newest
 * of its stream. Its append-only attribute is taken off first; one that an
 * administrator made immutable stays. 0, or -1 with errno.
 */
int segments_remove(struct segments *, const char *name);

#endif
