/* SPDX-License-Identifier: ISC */
/*
 * The segments hpship reads, while hpd-log still writes them. Each stream is a
 * row of segments by number; it is read in order, whole lines only, and a
 * segment is left behind when the next one has something in it (hpd-log writes
 * to a new segment only after it is done with the old one).
 *
 * Two places in each stream: where reading goes on, and up to where all is
 * delivered. The second is kept as the file offset of the descriptor, which
 * hpd-parent holds a copy of: it outlives this process, and a successor that
 * gets the same descriptors goes on there. Reading is by pread(2) only.
 */
#ifndef HPD_SHIP_TAIL_H
#define HPD_SHIP_TAIL_H

#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/proc.h"
#include "common/proto.h"
#include "hpd-log/hpship/line.h"

#define SHIP_QUEUE (FD_SYSLOG - FD_SEGMENT_MIN) /* segments held open */
#define TAIL_GONE  (10 * NS_SEC) /* a removed one has so long to be read */
#define TAIL_BUF   (2 * LINE_MAX_BYTES)

struct place {
	uint32_t number; /* of the segment */
	uint64_t off;
	uint64_t lines;	 /* taken from that segment */
};

struct tail_seg {
	int fd; /* -1: slot is free */
	uint32_t stream, number;
	uint64_t off, lines;	     /* read up to here */
	uint64_t done, done_lines;   /* delivered up to here */
	int64_t gone_at; /* removed from the log; monotonic ns, 0 it is there */
	uint8_t cutting; /* inside a line that is too long, or a broken one */
};

struct tail {
	struct tail_seg seg[SHIP_QUEUE];
	uint32_t at[STREAM_MAX]; /* segment reading is in; 0: the first */
	char *buf;     /* TAIL_BUF */
	uint64_t torn; /* lines that were none */
};

struct tail_drop { /* what went over board */
	uint32_t stream, number;
	uint64_t lines;	 /* not delivered */
	int64_t last_ns; /* its last change, wall */
};

/* What becomes of a line (without its newline, len > 0): 0 taken, 1 not now. */
typedef int (*tail_fn)(void *arg, const char *line, size_t len);

/* 0 or -1. */
int tail_init(struct tail *);
void tail_free(struct tail *);

/* The free slot for one segment more. When there is none the oldest segment
 * is dropped: of the probes, but not their newest; else of the events. What it
 * still had to deliver is told in *d (d->number 0: nothing was dropped). */
int tail_slot(struct tail *, struct tail_drop *d);

/* A segment that was removed from the log's directory uses its room as long as
 * it is open: TAIL_GONE later it is dropped. 1: one was, told in *d (ask
 * again); 0: none. */
int tail_gone(struct tail *, int64_t now, struct tail_drop *d);
/* No more of that stream: its segments are closed. */
void tail_close(struct tail *, uint32_t stream);

/* Segment number of stream, on descriptor fd, in that slot; reading begins at
 * the file's offset, behind the next newline if that is inside a line. */
void tail_add(struct tail *, int slot, int fd, uint32_t stream,
    uint32_t number);

/*
 * Hand whole lines of stream to fn, in order, until most bytes were read, fn
 * says 1 or there is no more. last: nothing will be written any more, so that
 * a line without its newline is a torn one. Returns 1 when it stopped because
 * of most, else 0.
 */
int tail_read(struct tail *, uint32_t stream, size_t most, int last,
    tail_fn fn, void *arg);

/* Where reading of stream is (number 0: no segment). */
struct place tail_place(struct tail *, uint32_t stream);
/* All of stream up to that place is delivered; segments left behind are
 * closed. */
void tail_done(struct tail *, uint32_t stream, const struct place *);
/* Read again what is not delivered. */
void tail_rewind(struct tail *);
/* Is there nothing that was not handed out and delivered? */
int tail_empty(struct tail *);

#endif
