/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: an observation against entries. Asked about one entry it compares
 * attribute by attribute; a search goes through the table column by column
 * with the entries that are left, and asks each expression at most once a
 * value. A value that stays from one observation to the next costs nothing.
 */
#include "osdb.h"

#include <string.h>

/* Columns of a search: those that leave few entries come first. */
static const uint8_t order[] = { OSA_WIN_W1, OSA_OPS_O1, OSA_ECN_T, OSA_ECN_TG,
	OSA_SEQ_ISR, OSA_SEQ_SP, OSA_OPS_O2, OSA_SEQ_TS, OSA_T3_R, OSA_T2_R,
	OSA_T7_R, OSA_T4_R, OSA_SEQ_GCD, OSA_WIN_W2, OSA_ECN_O };

/* The column's verdicts on a value, or NULL: too long to be kept. */
static struct os_memo *
memo_of(const struct osdb *d, unsigned a, const char *value)
{
	struct os_memo *m = &d->memo[a];
	size_t n;

	if (m->known && strcmp(m->value, value) == 0)
		return m;
	n = strlen(value);
	if (n >= sizeof(m->value))
		return NULL;
	memcpy(m->value, value, n + 1);
	memset(m->verdict, 0, d->col[a].n);
	m->known = 1;
	return m;
}

/* Expression x of a column and the value. */
static inline int
agrees(const struct osdb *d, unsigned a, uint16_t x, struct os_memo *m,
    const char *value)
{
	const struct os_expr *e = &d->col[a].expr[x];
	int r;

	if (m != NULL && m->verdict[x] != 0)
		return m->verdict[x] == 1;
	r = os_expr_match(d->text + e->off, e->len, value);
	if (m != NULL)
		m->verdict[x] = r ? 1 : 2;
	return r;
}

/* Attribute of an entry: 1 agrees, 0 not, -1 not compared. */
static int
compare(const struct osdb *d, uint32_t entry, unsigned a,
    const struct os_obs *o)
{
	uint16_t x = d->col[a].cell[entry];

	if (x == 0 || o->v[a] == NULL)
		return -1;
	return agrees(d, a, x, memo_of(d, a, o->v[a]), o->v[a]);
}

int
os_match_entry(const struct osdb *d, uint32_t entry, const struct os_obs *o,
    enum os_attr *bad)
{
	unsigned a;

	for (a = 0; a < OSA_MAX; a++)
		if (compare(d, entry, a, o) == 0) {
			if (bad != NULL)
				*bad = a;
			return 0;
		}
	return 1;
}

double
os_match_score(const struct osdb *d, uint32_t entry, const struct os_obs *o)
{
	uint32_t right = 0, all = 0;
	unsigned a;
	int r;

	for (a = 0; a < OSA_MAX; a++) {
		r = compare(d, entry, a, o);
		if (r == -1)
			continue;
		all += d->col[a].points;
		if (r == 1)
			right += d->col[a].points;
	}
	return all == 0 ? 0 : (double)right / all;
}

/* Keep those of alive[n] that agree in one column. */
static uint32_t
sieve(const struct osdb *d, unsigned a, const char *value, uint32_t n)
{
	const uint16_t *cell = d->col[a].cell;
	struct os_memo *m = memo_of(d, a, value);
	uint32_t *alive = d->alive, i, k = 0;
	uint16_t x;

	for (i = 0; i < n; i++) {
		x = cell[alive[i]];
		if (x == 0 || agrees(d, a, x, m, value))
			alive[k++] = alive[i];
	}
	return k;
}

/* All perfect matches into d->alive, in file order; how many. */
static uint32_t
search(const struct osdb *d, const struct os_obs *o)
{
	uint64_t done[(OSA_MAX + 63) / 64] = { 0 };
	uint32_t n = d->n, i;
	unsigned a;

	for (i = 0; i < n; i++)
		d->alive[i] = i;
	for (i = 0; i < sizeof(order) && n > 0; i++) {
		a = order[i];
		done[a / 64] |= 1ULL << a % 64;
		if (o->v[a] != NULL)
			n = sieve(d, a, o->v[a], n);
	}
	for (a = 0; a < OSA_MAX && n > 0; a++)
		if (o->v[a] != NULL && !(done[a / 64] >> a % 64 & 1))
			n = sieve(d, a, o->v[a], n);
	return n;
}

/* Keep the first of each name in alive[n]; none of the name of entry not. */
static uint32_t
names_of(const struct osdb *d, uint32_t n, uint32_t not)
{
	uint32_t *seen = d->seen, *alive = d->alive, mark, i, k = 0;

	mark = ++seen[d->n]; /* the number of this search */
	if (not != IMG_NONE)
		seen[d->first[not]] = mark;
	for (i = 0; i < n; i++) {
		if (seen[d->first[alive[i]]] == mark)
			continue;
		seen[d->first[alive[i]]] = mark;
		alive[k++] = alive[i];
	}
	return k;
}

uint32_t
os_match_names(const struct osdb *d, const struct os_obs *o, uint32_t *entries,
    uint32_t max)
{
	uint32_t n = names_of(d, search(d, o), IMG_NONE);

	if (max > 0)
		memcpy(entries, d->alive, (n < max ? n : max) *
		    sizeof(*entries));
	return n;
}

uint32_t
os_match_others(const struct osdb *d, const struct os_obs *o, uint32_t entry)
{
	return names_of(d, search(d, o), entry);
}
