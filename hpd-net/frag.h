/* SPDX-License-Identifier: ISC */
/*
 * Reassembly of IPv4 datagrams (RFC 791, 815), overlaps resolved as the
 * decoy's persona does. Bounds: 1024 datagrams, 4 MiB, 256 pieces a datagram,
 * a quarter of both a source. When full the oldest goes; all is counted.
 */
#ifndef HPD_FRAG_H
#define HPD_FRAG_H

#include "host.h"
#include "pkt.h"

enum frag_policy {
	FRAG_FIRST = 0, /* what came first stays */
	FRAG_LAST,	/* what comes last wins */
	FRAG_BSD,	/* the older stays when it begins at or before */
	FRAG_LINUX,	/* the older stays when it begins before */
	FRAG_WINDOWS,	/* the newer wins only when it encloses the older */
	FRAG_DROP	/* an overlap spoils the datagram */
};

#define FRAG_QUEUES_MAX 1024

/* A fragment. 1: it completed its datagram and pkt is that datagram now (valid
 * until the next call); 0: kept, or dropped and counted. */
int frag_input(struct pkt *, struct host *);
/* Time-outs; runs on its own timer (tests call it). Uses net.now_ms. */
void frag_tick(void);
/* Forget everything (tests). */
void frag_reset(void);

#endif
