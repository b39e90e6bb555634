/* SPDX-License-Identifier: ISC */
/*
 * Transcripts: what the log keeps of chosen sessions (session.data, svc.line,
 * svc.field and the records around them), collected in one pass of view_scan
 * and put in order of time. Bounded by session; what is left out is marked.
 */
#ifndef HPD_VIEW_TALK_H
#define HPD_VIEW_TALK_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "hpd-log/hpview/view.h"

enum talk_kind {
	TALK_IN = 0,  /* bytes from the visitor */
	TALK_OUT = 1, /* bytes to the visitor */
	TALK_LINE = 2, /* UTF-8, a line of the script's log */
	TALK_FIELD = 3, /* JSON text, what the script noted */
	TALK_NOTE = 4 /* UTF-8, another record: begins with its kind */
};

#define TALK_CUT     0x01 /* the log keeps no more of this direction */
#define TALK_DGRAM   0x02 /* one datagram */
#define TALK_SHORT   0x04 /* we keep no more of it */

struct talk_item {
	int64_t wall_ns;
	uint64_t seq, offset;
	uint32_t len;
	uint8_t kind, flags;
	uint8_t data[];
};

struct talk {
	uint64_t boot, id;
	uint16_t sensor;
	uint8_t shortened;	 /* something was left out */
	uint8_t left_out;	 /* the caller's: not shown at all */
	uint64_t bytes[TALK_NOTE + 1]; /* kept, by kind */
	struct talk_item **items;
	size_t n, cap;
};

struct talk_limit {
	uint64_t stream; /* bytes of a direction, by their offset */
	uint64_t text;	 /* bytes of lines, fields and notes, each */
	size_t items;	 /* of a session */
	int notes;	 /* keep TALK_NOTE */
};

#define TALK_LOCKS 64

struct talks {
	struct talk *t;
	size_t n;
	uint32_t *index; /* hash of sensor, boot, id: place + 1 */
	size_t mask;
	struct talk_limit limit;
	pthread_mutex_t lock[TALK_LOCKS];
	int failed; /* no memory: some items are missing */
};

/* Room for n sessions; sensor, boot and id of ->t[] are then the caller's to
 * set before talks_index(). 0, or -1 no memory. */
int talks_init(struct talks *, size_t n, const struct talk_limit *);
int talks_index(struct talks *);
void talks_free(struct talks *);

/* view_scan() of all but the probes' stream, which holds nothing of sessions,
 * no alerts and no losses. */
int talks_scan(struct view *, unsigned int nthreads, view_fn, void *state);

/* A view_fn's body: takes the record when it belongs to one of the sessions.
 * May be called from several threads. */
void talks_take(struct talks *, const struct vrec *);

/* After the scan: every session's items in order of time. */
void talks_sort(struct talks *);

/* Members of the line's "hpd" object by name, as they stand (a value of any
 * kind); not there: p NULL. */
struct vstr rec_member(const struct vrec *, const char *name);

#endif
