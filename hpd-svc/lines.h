/* SPDX-License-Identifier: ISC */
/*
 * What scripts write to stderr and descriptor 3, cut into lines: split at
 * newlines, at most LINES_MAX bytes a line (the rest up to its newline is
 * skipped), and a token bucket for how many a session may have copied.
 * The bytes themselves are never looked at.
 */
#ifndef HPD_SVC_LINES_H
#define HPD_SVC_LINES_H

#include <stddef.h>
#include <stdint.h>

#define LINES_MAX   4096
#define LINES_RATE  32	/* lines a second and session, both streams */
#define LINES_BURST 128

struct lines {
	char *part;   /* caller's memory of LINES_MAX bytes: a begun line */
	uint32_t len; /* bytes in part */
};

struct bucket {
	int64_t last_ns; /* when credit was brought up to date */
	int64_t credit;	 /* in ns: one token costs NS_SEC / rate */
};

/* One line without its newline, 1..LINES_MAX bytes. Empty lines are not
 * handed out. */
typedef void (*lines_fn)(void *arg, const char *line, size_t len);

void lines_init(struct lines *, char mem[LINES_MAX]);
/* n more bytes of the stream; fn is called for every line they complete. */
void lines_feed(struct lines *, const char *data, size_t n, lines_fn, void *);
/* End of the stream: hand out a last line that has no newline. */
void lines_end(struct lines *, lines_fn, void *);

/* A full bucket at now_ns. */
void bucket_init(struct bucket *, int64_t now_ns, uint32_t rate,
    uint32_t burst);
/* Take one token. 1 taken, 0 none left. rate and burst as at init. */
int bucket_take(struct bucket *, int64_t now_ns, uint32_t rate,
    uint32_t burst);

#endif
