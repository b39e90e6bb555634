/* SPDX-License-Identifier: ISC */
/* The log's files: made here as root, written only by hpd-log. */
#ifndef HPD_SEGMENTS_H
#define HPD_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "../common/proto.h"

#define SEGMENT_RETRY (5 * NS_SEC)

struct segments {
	int dir; /* the log directory */
	int plain;
	uint32_t number[STREAM_MAX];   /* of the newest, 0 none yet */
	uint8_t wanted[STREAM_MAX];
	uint8_t failing[STREAM_MAX];   /* last try failed, already said */
	int64_t retry_at[STREAM_MAX];  /* 0: nothing to do */
	char newest[STREAM_MAX][64];
};

/*
 * Open (or make, 0750) the log directory. Refused: not ours, or writable by
 * others. 0, or -1 with a message in err.
 */
int segments_init(struct segments *, const char *dir, int plain, char *err,
    size_t errlen);

/*
 * Make the next segment of stream: a new file, append-only. Returns its
 * descriptor (O_WRONLY|O_APPEND, the caller's) and its name in
 * ->newest[stream]; -1 with errno.
 */
int segments_next(struct segments *, int stream);

#endif
