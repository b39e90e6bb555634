/* SPDX-License-Identifier: ISC */
/* Private to frag.c (datagrams) and frag_seg.c (their bytes). */
#ifndef HPD_FRAG_INT_H
#define HPD_FRAG_INT_H

#include "frag.h"

#define PAGE_SIZE  2048
#define PAGES	   2048 /* 4 MiB */
#define SEGS	   16384
#define SEGS_QUEUE 256
#define SRC_SLOTS  4096 /* sources share a slot by chance only */
#define SRC_QUEUES (FRAG_QUEUES_MAX / 4)
#define SRC_PAGES  (PAGES / 4)
#define MAX_DATA   65515
#define TICK_MS	   250
#define ETH_LEN	   14

struct seg { /* bytes off..end-1 of the datagram, one fragment's */
	uint16_t off, end, next;
	uint16_t run; /* 1: came behind the last one there was, adjoining */
};

struct queue {
	uint32_t src, dst;
	uint16_t id;
	uint8_t proto, policy;
	uint8_t nif, hlen, used;
	uint32_t total; /* bytes; 0: last fragment not seen */
	uint32_t have;
	uint32_t start_ms, timeout_ms;
	uint16_t first, nseg, nfrag, slot;
	uint16_t next, older, newer; /* hash chain, age list */
	uint16_t page[32];
	uint16_t last_end;  /* of the piece farthest behind */
	uint16_t first_len; /* of the fragment the header is from */
	uint8_t eth[ETH_LEN];
	uint8_t hdr[60];
};

extern struct seg frag_segs[SEGS + 1];

/* All pages and pieces free. */
void frag_seg_reset(void);
/* Give back what q has. */
void frag_seg_free(struct queue *q);
/* The fragment p, off..end-1, into q by its policy. 0, or -1: no room (q is
 * in no state but to be freed). */
int frag_insert(struct queue *q, const struct pkt *p, uint32_t off,
    uint32_t end);
/* How off..end-1 lies to what is there: 0 apart, 1 inside one run of pieces
 * that came in order, 2 overlapping. */
int frag_overlap(const struct queue *q, uint32_t off, uint32_t end);
/* The first len bytes, which must be there. */
void frag_copy_out(const struct queue *q, uint8_t *to, uint32_t len);
/* The arena is empty: drop the oldest datagram. -1: that is q itself. */
int frag_evict(const struct queue *q);

#endif
