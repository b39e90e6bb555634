/* SPDX-License-Identifier: ISC */
/*
 * Room of the log, the part that touches files: what is in the log directory,
 * how large it is, the record that a segment goes, its removal, the level
 * that hpd-log is told. What goes is decided in budget.c.
 */
#ifndef HPD_RETIRE_H
#define HPD_RETIRE_H

#include <stddef.h>
#include <stdint.h>

#include "budget.h"

#define RETIRE_FILES 16384 /* segments looked after at a time */
#define RETIRE_SCAN  262144 /* entries of the directory read at a time */

struct parent;

struct retire {
	struct budget_file file[RETIRE_FILES];
	size_t n;
	uint8_t more;	  /* the directory has more than we look after */
	uint64_t others;  /* their bytes */
	int64_t next_at;  /* monotonic, as all times here: next look */
	int64_t looked_at; /* the last look */
	int64_t scan_at;  /* next look at the whole directory */
	int64_t rated_at; /* when rate was taken */
	uint64_t grown[STREAM_MAX]; /* bytes since then */
	uint64_t rate[STREAM_MAX];  /* bytes a second */
	uint64_t sealed;	    /* our records below are durable */
	uint64_t fs_bytes;	    /* size of the file system; 0 unknown */
	int64_t wall_off;  /* wall time less monotonic, at the last look; 0 */
	int64_t jumped_at; /* the system's clock was set: not by age; 0 */
	uint8_t full[STREAM_MAX];   /* no new segment: why (retire_why) */
	uint8_t said_full[STREAM_MAX], said_stuck;
	struct budget_level level;
	uint32_t level_why;
};

/* The log directory as it is. Before the first segment is made. */
void retire_init(struct parent *);
/* Once a turn: looks when it is time. */
void retire_tick(struct parent *);
/* Look in a moment. */
void retire_soon(struct parent *);
/* A segment of stream was made. */
void retire_made(struct parent *, unsigned int stream);
/* hpd-log says: your records up to seq are durable. */
void retire_sealed(struct parent *, uint64_t seq);
/* May stream have another segment? When not, that was said. */
int retire_may_open(struct parent *, unsigned int stream);
/* Bytes its next segment may grow to. */
uint64_t retire_quota(const struct parent *, unsigned int stream);
/* Tell a new hpd-log the level, where it is not LEVEL_ALL. */
void retire_tell(struct parent *);

#endif
