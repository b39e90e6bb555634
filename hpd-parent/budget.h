/* SPDX-License-Identifier: ISC */
/*
 * Room of the log: which segment goes next, and what is not written when
 * removing did not help. Pure arithmetic on a table; no file is touched here
 * (retire.c does that), so a test can make up any table.
 *
 * What is short, in bytes: the total (log budget), a stream's own budget, the
 * free space of the file system (log reserve). What goes: the oldest frames,
 * then the oldest honeyd text, then the oldest probes; events and service only
 * by age, or when the configuration says `log full oldest'. Never the newest
 * of a stream.
 */
#ifndef HPD_BUDGET_H
#define HPD_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "../common/event.h"
#include "../common/proto.h"

#define BUDGET_NAME 64 /* as in ev_retired */

struct budget_file {
	char name[BUDGET_NAME];
	uint64_t bytes;
	int64_t newest_ns; /* last change, wall */
	int64_t made_s;	   /* time in its name, wall */
	uint32_t number;
	uint8_t stream;
	uint8_t live;  /* the newest, or just followed: stays */
	uint8_t going; /* chosen, not yet gone */
	uint8_t held;  /* could not be removed: not chosen */
	/* of retire.c alone */
	uint64_t seq;  /* of the record that says it goes */
	int64_t at;    /* monotonic: when that was put; held: until when */
	int64_t fresh; /* monotonic: its size may change until then */
	uint8_t seen;
};

struct budget_rules {
	uint64_t total;		     /* 0: no limit, as below */
	uint64_t reserve;	     /* bytes to keep free */
	uint64_t stream[STREAM_MAX]; /* own limits */
	uint32_t keep_s[STREAM_MAX]; /* age */
	uint8_t oldest;		     /* log full oldest */
};

#define BUDGET_UNKNOWN UINT64_MAX

struct budget_now {
	int64_t wall_ns;
	uint64_t avail; /* free bytes of the file system; BUDGET_UNKNOWN */
	/* Bytes that will be written until what is chosen now is gone. */
	uint64_t ahead[STREAM_MAX];
	uint8_t margin; /* make more room than is needed: see budget_calm */
	uint64_t others; /* bytes of segments that are not in the table */
};

struct budget_sum { /* what is going is not in total and stream */
	uint64_t total, stream[STREAM_MAX], going;
};

void budget_sum(struct budget_sum *, const struct budget_file *, size_t n);

/* Index of the segment to remove next and why (enum retire_why); -1: none has
 * to go, or none may. The caller marks it with budget_take() and asks again. */
int budget_pick(const struct budget_rules *, const struct budget_now *,
    const struct budget_sum *, const struct budget_file *, size_t n,
    uint32_t *why);
void budget_take(struct budget_sum *, struct budget_file *);

/* Is room short now, what is going counted as gone? Why, or 0. */
uint32_t budget_short(const struct budget_rules *, const struct budget_now *,
    const struct budget_sum *);
/* ...so much that not even sessions may take more: the budget is used up, or
 * less than half of the reserve is left. */
uint32_t budget_full(const struct budget_rules *, const struct budget_now *,
    const struct budget_sum *);
/* Is stream over a limit of its own that removing cannot help? 1 or 0. */
int budget_stream_full(const struct budget_rules *, const struct budget_sum *,
    unsigned int stream);
/* Is there a sixteenth of the budget and a quarter of the reserve to spare? */
int budget_calm(const struct budget_rules *, const struct budget_now *,
    const struct budget_sum *);

#define BUDGET_WORSE (2 * NS_SEC)  /* still short: the next level */
#define BUDGET_BETTER (10 * NS_SEC) /* calm so long: one level less */

struct budget_level {
	uint32_t level;	    /* enum log_level */
	int64_t at;	    /* monotonic: of the last change for the worse */
	int64_t calm_since; /* monotonic; 0: it is not */
};

/* One look: is_short what budget_short said when budget_pick had nothing more
 * to give. 1: the level changed. */
int budget_level(struct budget_level *, int is_short, int calm, int64_t mono);

/* Bytes a new segment of stream may grow to: want, or less where want is much
 * against the limits or the file system's size (0: not known). */
uint64_t budget_quota(const struct budget_rules *, unsigned int stream,
    uint64_t want, uint64_t fs_bytes);

#endif
