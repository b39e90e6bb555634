/* SPDX-License-Identifier: ISC */
/*
 * A segment: the file a stream is written to at present. Opened by the parent
 * O_WRONLY|O_APPEND; here it is only written, synced and closed.
 */
#ifndef HPD_LOG_SEGMENT_H
#define HPD_LOG_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#define SEGMENT_OVER_MAX (1u << 20) /* beyond the quota, while the next one is
				       on its way */
#define SEGMENT_SYNC_EVENTS (4u << 20)
#define SEGMENT_SYNC_OTHERS (32u << 20)
#define SEGMENT_SYNC_NS	   1000000000LL

enum segment_state {
	SEG_NONE = 0,	 /* not given (yet) */
	SEG_OK = 1,
	SEG_STOPPED = 2	 /* error or far over quota: nothing is written */
};

enum segment_why { /* 1 to 3 as in LOG_FULL; 0: it was asked for */
	SEG_FULL_SIZE = 1,
	SEG_FULL_AGE = 2,
	SEG_FULL_ERROR = 3,
	SEG_WHY_START = 4,   /* begins: the suite's first of that stream */
	SEG_WHY_RESTART = 5, /* begins: the writer of the last one died */
	SEG_WHY_STOP = 6     /* ends: the suite stops */
};

struct segment {
	int fd;
	uint8_t state;	/* enum segment_state */
	uint8_t torn;	/* the last byte written was not a newline */
	uint8_t asked;	/* the next one was asked for */
	uint32_t number;
	uint64_t size, quota;
	uint64_t lines; /* whole ones in it; kept by the caller */
	uint64_t unsynced; /* bytes since the last fdatasync */
	uint32_t sync_bytes; /* so many are due to be synced */
	int64_t born_ns, synced_ns, stopped_ns; /* monotonic */
	int64_t full_ns; /* when the next one was asked for first */
	int error;	/* errno that stopped it; 0: quota */
	int sync_error; /* errno of the last fdatasync, said */
	uint64_t lost;	/* lines dropped while it was stopped */
	uint8_t said;	/* that it stopped: once until it works again */
	uint8_t final;	/* stopped for good: only the next one goes on */
	void (*tap)(void *, const char *, size_t); /* sees all that is in it */
	void *tap_arg;
};

/* Take fd for writing. sync_bytes: SEGMENT_SYNC_*. size: bytes already in the file (a fresh one has 0;
 * else it may end in a torn line, which is ended first). */
void segment_open(struct segment *, int fd, uint32_t number, uint64_t quota,
    uint64_t size, uint32_t sync_bytes, int64_t now_ns);

/*
 * Write len bytes of whole lines. cont: p continues the line that the last
 * call left torn; else a torn line is ended with a newline first, so that a
 * reader loses that line only. Short writes are carried on. Returns the bytes
 * written; less than len: the segment is now SEG_STOPPED.
 */
size_t segment_write(struct segment *, const char *p, size_t len, int cont,
    int64_t now_ns);

/* Does the next one have to be asked for? 0 or enum segment_why. max_ns: age
 * limit, 0 none; one that holds only its own first line does not age. */
int segment_full(const struct segment *, int64_t now_ns, int64_t max_ns);

/* A stopped segment may be tried again: SEG_OK until the next failure. Not
 * one that stopped for good. */
void segment_retry(struct segment *);

/* Is it time to sync? */
int segment_due(const struct segment *, int64_t now_ns);

/* Bytes that are not lines: all of it, or the segment stops for good. 1 or 0,
 * *done: what is in the file all the same. */
int segment_bytes(struct segment *, const void *, size_t len, size_t *done,
    int64_t now_ns);

/* fdatasync. 0 or -1 errno. */
int segment_sync(struct segment *, int64_t now_ns);

#endif
