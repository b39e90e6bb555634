/* SPDX-License-Identifier: ISC */
/*
 * 4-tuple to index tables and per-source counts, shared by TCP and UDP flows.
 * Both are sized once, never grow, and are keyed by net.hash_key.
 */
#ifndef HPD_TCP_TABLE_H
#define HPD_TCP_TABLE_H

#include <stdint.h>

struct tuple { /* host order; also the hash input: no padding */
	uint32_t raddr, laddr;
	uint16_t rport, lport;
};
_Static_assert(sizeof(struct tuple) == 12, "tuple");

#define TTAB_SLOTS 8
#define TTAB_NONE  UINT32_MAX

struct ttab_bucket { /* one cache line */
	uint16_t tag[TTAB_SLOTS];  /* 0 free */
	uint32_t idx[TTAB_SLOTS];
	uint32_t over;		   /* entries that had to go further */
	uint32_t spare[3];
};
_Static_assert(sizeof(struct ttab_bucket) == 64, "ttab_bucket");

struct ttab {
	struct ttab_bucket *b;
	uint32_t mask;
	uint32_t count;
	/* Tuple of entry i lies at base + i * stride + off. */
	const uint8_t *base;
	uint32_t stride, off;
};

/* For up to max entries; fatal without memory. */
void ttab_init(struct ttab *, uint32_t max, const void *base, uint32_t stride,
    uint32_t off);
void ttab_free(struct ttab *);
uint64_t ttab_hash(const struct tuple *);
void ttab_prefetch(const struct ttab *, uint64_t hash);
/* Index or TTAB_NONE. */
uint32_t ttab_find(const struct ttab *, const struct tuple *, uint64_t hash);
/* The entry must not be there yet; at most max entries. */
void ttab_put(struct ttab *, uint32_t idx, uint64_t hash);
void ttab_del(struct ttab *, uint32_t idx, uint64_t hash);

struct src_slot {
	uint32_t addr;
	uint32_t count; /* 0: free */
};
struct srctab { /* how many entries a source holds */
	struct src_slot *s;
	uint32_t mask;
};
void srctab_init(struct srctab *, uint32_t max);
void srctab_free(struct srctab *);
uint32_t srctab_count(const struct srctab *, uint32_t addr);
void srctab_inc(struct srctab *, uint32_t addr);
void srctab_dec(struct srctab *, uint32_t addr);

#endif
