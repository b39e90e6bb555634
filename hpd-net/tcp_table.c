/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: 4-tuple tables. Buckets of eight 16-bit tags fill a cache line, so
 * that a miss costs one line; a full bucket's entries go to the next one and
 * are counted in every bucket they passed. Must never allocate after init.
 */
#include <stdlib.h>
#include <string.h>

#include "../common/diag.h"
#include "memo.h"
#include "net.h"
#include "tcp_table.h"

void
ttab_init(struct ttab *t, uint32_t max, const void *base, uint32_t stride,
    uint32_t off)
{
	uint32_t n = 16;

	while (n < max / 4)
		n <<= 1;
	memset(t, 0, sizeof(*t));
	if ((t->b = aligned_alloc(64, n * sizeof(*t->b))) == NULL)
		fatal("connection table of %u buckets", n);
	memset(t->b, 0, n * sizeof(*t->b));
	t->mask = n - 1;
	t->base = base;
	t->stride = stride;
	t->off = off;
}

void
ttab_free(struct ttab *t)
{
	free(t->b);
	memset(t, 0, sizeof(*t));
}

uint64_t
ttab_hash(const struct tuple *tu)
{
	static struct memo memo[MEMO_SLOTS];
	uint32_t in[3];

	memcpy(in, tu, sizeof(in));
	return memo_hash(memo, in);
}

static inline uint16_t
tag_of(uint64_t hash)
{
	uint16_t tag = (uint16_t)(hash >> 48);

	return tag == 0 ? 1 : tag;
}

void
ttab_prefetch(const struct ttab *t, uint64_t hash)
{
	__builtin_prefetch(&t->b[(uint32_t)hash & t->mask]);
}

uint32_t
ttab_find(const struct ttab *t, const struct tuple *tu, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & t->mask, n, k;
	uint16_t tag = tag_of(hash);

	for (n = 0; n <= t->mask; n++, i = (i + 1) & t->mask) {
		const struct ttab_bucket *b = &t->b[i];

		for (k = 0; k < TTAB_SLOTS; k++) {
			if (b->tag[k] != tag)
				continue;
			if (memcmp(t->base + (size_t)b->idx[k] * t->stride +
				t->off, tu, sizeof(*tu)) == 0)
				return b->idx[k];
		}
		if (b->over == 0)
			break;
	}
	return TTAB_NONE;
}

void
ttab_put(struct ttab *t, uint32_t idx, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & t->mask, k;

	for (;; i = (i + 1) & t->mask) {
		struct ttab_bucket *b = &t->b[i];

		for (k = 0; k < TTAB_SLOTS; k++) {
			if (b->tag[k] != 0)
				continue;
			b->tag[k] = tag_of(hash);
			b->idx[k] = idx;
			t->count++;
			return;
		}
		b->over++;
	}
}

void
ttab_del(struct ttab *t, uint32_t idx, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & t->mask, n, k;
	uint16_t tag = tag_of(hash);

	for (n = 0; n <= t->mask; n++, i = (i + 1) & t->mask) {
		struct ttab_bucket *b = &t->b[i];

		for (k = 0; k < TTAB_SLOTS; k++) {
			if (b->tag[k] != tag || b->idx[k] != idx)
				continue;
			b->tag[k] = 0;
			t->count--;
			/* undo the counts left on the way here */
			for (i = (uint32_t)hash & t->mask; n > 0;
			     n--, i = (i + 1) & t->mask)
				t->b[i].over--;
			return;
		}
	}
	fatalx("connection table: entry %u is not in it", idx);
}

/* Sources: linear probing, backward-shift deletion. */

void
srctab_init(struct srctab *t, uint32_t max)
{
	uint32_t n = 64;

	while (n < max * 2)
		n <<= 1;
	if ((t->s = calloc(n, sizeof(*t->s))) == NULL)
		fatal("source table of %u", n);
	t->mask = n - 1;
}

void
srctab_free(struct srctab *t)
{
	free(t->s);
	t->s = NULL;
}

static uint32_t
src_home(const struct srctab *t, uint32_t addr)
{
	static struct memo memo[MEMO_SLOTS];
	const uint32_t in[3] = {addr, 0, 0};

	return (uint32_t)memo_hash(memo, in) & t->mask;
}

static uint32_t
src_slot(const struct srctab *t, uint32_t addr)
{
	uint32_t i = src_home(t, addr);

	while (t->s[i].count != 0 && t->s[i].addr != addr)
		i = (i + 1) & t->mask;
	return i;
}

uint32_t
srctab_count(const struct srctab *t, uint32_t addr)
{
	return t->s[src_slot(t, addr)].count;
}

void
srctab_inc(struct srctab *t, uint32_t addr)
{
	struct src_slot *s = &t->s[src_slot(t, addr)];

	s->addr = addr;
	s->count++;
}

void
srctab_dec(struct srctab *t, uint32_t addr)
{
	uint32_t i = src_slot(t, addr), j, home;

	if (t->s[i].count == 0 || --t->s[i].count != 0)
		return;
	for (j = (i + 1) & t->mask; t->s[j].count != 0;
	     j = (j + 1) & t->mask) {
		home = src_home(t, t->s[j].addr);
		if (((j - home) & t->mask) < ((j - i) & t->mask))
			continue; /* would move before its home */
		t->s[i] = t->s[j];
		t->s[j].count = 0;
		i = j;
	}
}
