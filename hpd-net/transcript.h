/* SPDX-License-Identifier: ISC */
/*
 * Transcripts: what a session's script was given and what it wrote, as
 * session.data records, up to the template's `transcript' bytes a direction.
 * At the cap (a chunk that reaches it, exactly or cut short), after
 * TRANSCRIPT_RECORDS records of a direction and when all sessions together
 * are over the rate, a chunk with EV_CHUNK_CUT is the direction's last. Then,
 * and with transcript 0, a byte that passes costs one comparison a call.
 */
#ifndef HPD_TRANSCRIPT_H
#define HPD_TRANSCRIPT_H

#include <stdint.h>

#include "tcp_table.h"

#define TRANSCRIPT_RECORDS 4096	       /* of a direction of a session */
#define TRANSCRIPT_RATE	   (512u << 10) /* bytes of log a second, all sessions;
					  a record counts its data and ... */
#define TRANSCRIPT_COST	   512	       /* ... so much more */
#define TRANSCRIPT_BURST   (32u << 20)
#define TRANSCRIPT_JOIN_NS 5000000     /* what comes within it makes a record
					  still waiting longer */
#define TRANSCRIPT_ORPHAN  1024 /* of what peers send to ports without script */

struct transcript { /* zero: nothing is kept */
	uint32_t left[2];  /* bytes that may still be kept; [1]: to the peer */
	uint32_t at[2];	   /* bytes so far, valid while left is not 0 */
	uint16_t nrec[2];
};

enum transcript_how {
	TRANSCRIPT_STREAM = 0,
	TRANSCRIPT_DGRAM = 1 /* data is one datagram */
};

/* Keep max bytes of each direction. */
void transcript_begin(struct transcript *, uint32_t max);
/* Use transcript_in() and transcript_out(). */
void transcript_keep(struct transcript *, int out, uint64_t session,
    const struct tuple *, uint8_t proto, const uint8_t *data, uint32_t len,
    enum transcript_how);

/* n bytes to (in) and from (out) the script. */
static inline void
transcript_in(struct transcript *t, uint64_t session, const struct tuple *tu,
    uint8_t proto, const uint8_t *data, uint32_t n, enum transcript_how how)
{
	if (t->left[0] != 0 && n != 0)
		transcript_keep(t, 0, session, tu, proto, data, n, how);
}

static inline void
transcript_out(struct transcript *t, uint64_t session, const struct tuple *tu,
    uint8_t proto, const uint8_t *data, uint32_t n, enum transcript_how how)
{
	if (t->left[1] != 0 && n != 0)
		transcript_keep(t, 1, session, tu, proto, data, n, how);
}

/* Bytes that were not seen (out of order, nobody read them). */
static inline void
transcript_skip(struct transcript *t, int out, uint32_t n)
{
	if (t->left[out] == 0)
		return;
	n = n < t->left[out] - 1 ? n : t->left[out] - 1;
	t->at[out] += n;
	t->left[out] -= n;
}

#endif
