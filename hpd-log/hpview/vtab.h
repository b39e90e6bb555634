/* SPDX-License-Identifier: ISC */
/*
 * Tables of a summary, in hpview: rows found by a key of three words, in the
 * order they came; and counts by pairs of row numbers. Hashes have a random
 * seed: keys are attackers' choice.
 */
#ifndef HPD_VTAB_H
#define HPD_VTAB_H

#include <stddef.h>
#include <stdint.h>

struct vkey {
	uint64_t w[3];
};

struct vtab { /* every row begins with its struct vkey */
	char *rows;
	uint32_t *slot; /* row number + 1, 0 empty */
	uint32_t n, cap, mask, max;
	size_t size;	/* of a row */
	uint64_t left;	/* rows purged */
};

struct vpair {
	uint64_t key; /* a << 32 | b, plus 1 */
	uint64_t count;
};
#define VPAIRS_LATE 16 /* power of two */
struct vpairs {
	struct vpair *p;
	uint64_t late[VPAIRS_LATE]; /* keys whose cells are on their way into
				       the cache: each counts 1 */
	uint32_t next;
	uint32_t n, mask, max;
	uint64_t left; /* counts that found no room */
};

/* Once, before any table. */
void vtab_seed(void);
uint64_t vtab_hash(const void *, size_t len, uint64_t more);

/* 0 or -1 (no memory). max: rows at most. */
int vtab_init(struct vtab *, size_t row_size, uint32_t max);
void vtab_free(struct vtab *);
static inline void *
vtab_row(const struct vtab *t, uint32_t i)
{
	return t->rows + (size_t)i * t->size;
}

/* Number of the row with that key, made (zero but for the key) when it is not
 * there. UINT32_MAX: full, or no memory (full: t->n == t->max). */
uint32_t vtab_get(struct vtab *, const struct vkey *);
/* That row will be asked for soon: into the cache with it. */
void vtab_warm(const struct vtab *, const struct vkey *);
/* As above, never made. */
uint32_t vtab_find(const struct vtab *, const struct vkey *);

/*
 * Drop the half of the rows that is worth least. map[old] becomes the new
 * number or UINT32_MAX; map has ->n entries, from malloc. NULL: no memory.
 */
uint32_t *vtab_purge(struct vtab *, uint64_t (*worth)(const void *row));

int vpairs_init(struct vpairs *, uint32_t max);
void vpairs_free(struct vpairs *);
/* count += n. 0, or -1 no memory; a full table counts into ->left. */
int vpairs_add(struct vpairs *, uint32_t a, uint32_t b, uint64_t n);
/* As vpairs_add of 1, some calls later: counts once vpairs_settle() was. */
int vpairs_later(struct vpairs *, uint32_t a, uint32_t b);
int vpairs_settle(struct vpairs *);
/* Settled pairs: renumber a and b (NULL: as they are); pairs of purged rows go. 0 or -1. */
int vpairs_renumber(struct vpairs *, const uint32_t *map_a,
    const uint32_t *map_b);

#endif
