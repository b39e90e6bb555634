/* SPDX-License-Identifier: ISC */
/*
 * Hash tables of a summary, in hpview: open addressing, doubled when two
 * thirds are in use, never above a maximum. Must never depend on what keys an
 * attacker chooses.
 */
#include <sys/random.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hpd-log/hpview/vtab.h"

static uint64_t seed[4] = { 1, 3, 5, 7 };

void
vtab_seed(void)
{
	size_t i;

	if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(seed))
		seed[0] ^= (uint64_t)time(NULL);
	for (i = 0; i < 4; i++)
		seed[i] |= 1;
}

/* The product of two words, folded. */
static inline uint64_t
mix(uint64_t a, uint64_t b)
{
	__uint128_t m = (__uint128_t)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint32_t
key_hash(const struct vkey *k)
{
	return (uint32_t)mix(mix(k->w[0] ^ seed[0], k->w[1] ^ seed[1]) ^
		k->w[2], seed[2]);
}

uint64_t
vtab_hash(const void *p, size_t len, uint64_t more)
{
	const uint8_t *b = p;
	uint64_t h = seed[3] ^ more, w;
	size_t n;

	for (; len > 0; len -= n, b += n) {
		n = len < 8 ? len : 8;
		w = n;
		memcpy(&w, b, n);
		h = mix(h ^ w, seed[1]) + n;
	}
	return mix(h, seed[0]);
}

int
vtab_init(struct vtab *t, size_t size, uint32_t max)
{
	memset(t, 0, sizeof(*t));
	t->size = size;
	t->max = max;
	t->cap = 256;
	t->mask = 511;
	t->rows = malloc(t->cap * size);
	t->slot = calloc(t->mask + 1, sizeof(*t->slot));
	return t->rows == NULL || t->slot == NULL ? -1 : 0;
}

void
vtab_free(struct vtab *t)
{
	free(t->rows);
	free(t->slot);
	memset(t, 0, sizeof(*t));
}

static int
same(const struct vkey *a, const struct vkey *b)
{
	return ((a->w[0] ^ b->w[0]) | (a->w[1] ^ b->w[1]) |
		   (a->w[2] ^ b->w[2])) == 0;
}

static uint32_t
place(const struct vtab *t, const struct vkey *k)
{
	uint32_t h = key_hash(k) & t->mask;

	while (t->slot[h] != 0 && !same(vtab_row(t, t->slot[h] - 1), k))
		h = (h + 1) & t->mask;
	return h;
}

static int
grow(struct vtab *t)
{
	uint32_t cap = t->cap * 2, i;
	uint32_t *slot;
	char *rows = realloc(t->rows, (size_t)cap * t->size);

	if (rows == NULL)
		return -1;
	t->rows = rows;
	slot = calloc((size_t)cap * 2, sizeof(*slot));
	if (slot == NULL)
		return -1;
	free(t->slot);
	t->slot = slot;
	t->cap = cap;
	t->mask = cap * 2 - 1;
	for (i = 0; i < t->n; i++)
		t->slot[place(t, vtab_row(t, i))] = i + 1;
	return 0;
}

void
vtab_warm(const struct vtab *t, const struct vkey *k)
{
	uint32_t s = t->slot[key_hash(k) & t->mask];
	const char *row;
	size_t i;

	if (s == 0)
		return;
	row = vtab_row(t, s - 1);
	for (i = 0; i < t->size; i += 64)
		__builtin_prefetch(row + i, 1);
}

uint32_t
vtab_find(const struct vtab *t, const struct vkey *k)
{
	return t->slot[place(t, k)] - 1; /* 0 becomes UINT32_MAX */
}

uint32_t
vtab_get(struct vtab *t, const struct vkey *k)
{
	uint32_t h = place(t, k);
	char *row;

	if (t->slot[h] != 0)
		return t->slot[h] - 1;
	if (t->n == t->max)
		return UINT32_MAX;
	if (t->n == t->cap) {
		if (grow(t) == -1)
			return UINT32_MAX;
		h = place(t, k);
	}
	row = vtab_row(t, t->n);
	memset(row, 0, t->size);
	memcpy(row, k, sizeof(*k));
	t->slot[h] = ++t->n;
	return t->n - 1;
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

uint32_t *
vtab_purge(struct vtab *t, uint64_t (*worth)(const void *))
{
	uint32_t *map = malloc((t->n + 1) * sizeof(*map));
	uint64_t *v = malloc((t->n + 1) * sizeof(*v)), least;
	uint32_t i, n = 0, equal;

	if (map == NULL || v == NULL || t->n == 0) {
		free(map);
		free(v);
		return NULL;
	}
	for (i = 0; i < t->n; i++)
		v[i] = worth(vtab_row(t, i));
	qsort(v, t->n, sizeof(*v), by_value);
	least = v[t->n / 2];
	/* Of those worth exactly that, as many as make it a half. */
	for (equal = 0, i = t->n / 2; i > 0 && v[i - 1] == least; i--)
		equal++;
	free(v);
	for (i = 0; i < t->n; i++) {
		uint64_t w = worth(vtab_row(t, i));

		if (w < least || (w == least && equal > 0)) {
			equal -= w == least;
			map[i] = UINT32_MAX;
			t->left++;
			continue;
		}
		if (n != i)
			memcpy(vtab_row(t, n), vtab_row(t, i), t->size);
		map[i] = n++;
	}
	t->n = n;
	memset(t->slot, 0, ((size_t)t->mask + 1) * sizeof(*t->slot));
	for (i = 0; i < n; i++)
		t->slot[place(t, vtab_row(t, i))] = i + 1;
	return map;
}

int
vpairs_init(struct vpairs *p, uint32_t max)
{
	memset(p, 0, sizeof(*p));
	p->max = max;
	p->mask = 1023;
	p->p = calloc(p->mask + 1, sizeof(*p->p));
	return p->p == NULL ? -1 : 0;
}

void
vpairs_free(struct vpairs *p)
{
	free(p->p);
	memset(p, 0, sizeof(*p));
}

static inline uint32_t
pair_hash(uint64_t key)
{
	return (uint32_t)mix(key ^ seed[1], seed[2]);
}

static inline struct vpair *
pair_at(const struct vpairs *p, uint64_t key)
{
	uint32_t h = pair_hash(key) & p->mask;

	while (p->p[h].key != 0 && p->p[h].key != key)
		h = (h + 1) & p->mask;
	return &p->p[h];
}

static int
pairs_grow(struct vpairs *p)
{
	struct vpair *old = p->p;
	uint32_t i, n = p->mask;

	p->p = calloc(((size_t)n + 1) * 2, sizeof(*p->p));
	if (p->p == NULL) {
		p->p = old;
		return -1;
	}
	p->mask = n * 2 + 1;
	for (i = 0; i <= n; i++)
		if (old[i].key != 0)
			*pair_at(p, old[i].key) = old[i];
	free(old);
	return 0;
}

static int
pairs_count(struct vpairs *p, uint64_t key, uint64_t n)
{
	struct vpair *e = pair_at(p, key);

	if (e->key == 0) {
		if (p->n == p->max) {
			p->left += n;
			return 0;
		}
		if (p->n >= p->mask / 3 * 2) {
			if (pairs_grow(p) == -1)
				return -1;
			e = pair_at(p, key);
		}
		e->key = key;
		p->n++;
	}
	e->count += n;
	return 0;
}

int
vpairs_add(struct vpairs *p, uint32_t a, uint32_t b, uint64_t n)
{
	return pairs_count(p, ((uint64_t)a << 32 | b) + 1, n);
}

int
vpairs_later(struct vpairs *p, uint32_t a, uint32_t b)
{
	uint64_t key = ((uint64_t)a << 32 | b) + 1, old;
	uint32_t i = p->next++ & (VPAIRS_LATE - 1);

	__builtin_prefetch(&p->p[pair_hash(key) & p->mask], 1);
	old = p->late[i];
	p->late[i] = key;
	return old == 0 ? 0 : pairs_count(p, old, 1);
}

int
vpairs_settle(struct vpairs *p)
{
	int i, r = 0;

	for (i = 0; i < VPAIRS_LATE; i++) {
		if (p->late[i] != 0 && pairs_count(p, p->late[i], 1) == -1)
			r = -1;
		p->late[i] = 0;
	}
	return r;
}

int
vpairs_renumber(struct vpairs *p, const uint32_t *map_a,
    const uint32_t *map_b)
{
	struct vpair *old = p->p;
	uint32_t i, n = p->mask, a, b;

	p->p = calloc((size_t)n + 1, sizeof(*p->p));
	if (p->p == NULL) {
		p->p = old;
		return -1;
	}
	p->n = 0;
	for (i = 0; i <= n; i++) {
		if (old[i].key == 0)
			continue;
		a = (uint32_t)((old[i].key - 1) >> 32);
		b = (uint32_t)(old[i].key - 1);
		if (map_a != NULL)
			a = map_a[a];
		if (map_b != NULL)
			b = map_b[b];
		if (a != UINT32_MAX && b != UINT32_MAX)
			(void)vpairs_add(p, a, b, old[i].count);
	}
	free(old);
	return 0;
}
