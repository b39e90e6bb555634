/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: all addresses we answer for as few prefixes. First the exact least
 * set; while that is too many for the kernel's filter, the two neighbours that
 * cost the fewest foreign addresses become one. What is let through too much
 * is dropped by the address map behind it.
 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"

struct item {
	uint64_t lo, end;    /* addresses lo .. end - 1 */
	uint32_t prev, next; /* IMG_NONE at the ends */
	uint32_t stamp;	     /* changes with the item: old heap rows fail */
	uint8_t bits, dead;
};

struct pair { /* the item and its successor, and what joining them costs */
	uint64_t cost;
	uint32_t item, stamp, next, next_stamp;
};

struct heap {
	struct pair *p;
	uint32_t n, cap;
};

static int
by_place(const void *a, const void *b)
{
	const struct conf_net *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->bits < y->bits ? -1 : x->bits > y->bits;
}

/* Drop what others have, join full siblings. rows sorted; new number. */
static uint32_t
exact(struct conf_net *r, uint32_t n)
{
	uint32_t i, k = 0;
	struct conf_net *a, *b;

	for (i = 0; i < n; i++) {
		if (k > 0 && ((r[i].addr ^ r[k - 1].addr) &
				 conf_mask(r[k - 1].bits)) == 0)
			continue; /* inside the one before */
		r[k++] = r[i];
		while (k > 1) {
			a = &r[k - 2];
			b = &r[k - 1];
			if (a->bits != b->bits || a->bits == 0 ||
			    ((a->addr ^ b->addr) & conf_mask(a->bits - 1)) != 0)
				break;
			a->bits--;
			k--;
		}
	}
	return k;
}

static uint8_t
common_bits(uint32_t a, uint32_t b, uint8_t max)
{
	uint8_t n = a == b ? 32 : (uint8_t)__builtin_clz(a ^ b);

	return n < max ? n : max;
}

static void
push(struct heap *h, const struct pair *x)
{
	uint32_t i, up;

	h->p = conf_grow(h->p, h->n, &h->cap, sizeof(*h->p));
	for (i = h->n++; i > 0; i = up) {
		up = (i - 1) / 2;
		if (h->p[up].cost <= x->cost)
			break;
		h->p[i] = h->p[up];
	}
	h->p[i] = *x;
}

static struct pair
pop(struct heap *h)
{
	struct pair top = h->p[0], x = h->p[--h->n];
	uint32_t i = 0, d;

	while ((d = 2 * i + 1) < h->n) {
		if (d + 1 < h->n && h->p[d + 1].cost < h->p[d].cost)
			d++;
		if (x.cost <= h->p[d].cost)
			break;
		h->p[i] = h->p[d];
		i = d;
	}
	h->p[i] = x;
	return top;
}

static void
offer(struct heap *h, const struct item *it, uint32_t i)
{
	const struct item *a = &it[i], *b;
	struct pair p;
	uint8_t bits;

	if (a->next == IMG_NONE)
		return;
	b = &it[a->next];
	bits = common_bits((uint32_t)a->lo, (uint32_t)b->lo, 32);
	p.cost = (1ULL << (32 - bits)) - (a->end - a->lo) - (b->end - b->lo);
	p.item = i;
	p.stamp = a->stamp;
	p.next = a->next;
	p.next_stamp = b->stamp;
	push(h, &p);
}

/* Make a the join of itself and its successor, swallowing what lies inside.
 * Returns how many items went. */
static uint32_t
join(struct item *it, uint32_t i)
{
	struct item *a = &it[i];
	uint8_t bits = common_bits((uint32_t)a->lo,
	    (uint32_t)it[a->next].lo, 32);
	uint32_t gone = 0, x;

	a->lo &= conf_mask(bits);
	a->end = a->lo + (1ULL << (32 - bits));
	a->bits = bits;
	a->stamp++;
	while ((x = a->next) != IMG_NONE && it[x].lo < a->end) {
		it[x].dead = 1;
		a->next = it[x].next;
		gone++;
	}
	if (a->next != IMG_NONE)
		it[a->next].prev = i;
	while ((x = a->prev) != IMG_NONE && it[x].lo >= a->lo) {
		it[x].dead = 1;
		a->prev = it[x].prev;
		gone++;
	}
	if (a->prev != IMG_NONE)
		it[a->prev].next = i;
	return gone;
}

static uint32_t
widen(struct conf_net *r, uint32_t n, uint32_t max)
{
	struct item *it = calloc(n, sizeof(*it));
	struct heap h = { 0 };
	uint32_t i, k = 0, left = n;
	struct pair p;

	if (it == NULL)
		fatalx("out of memory");
	for (i = 0; i < n; i++) {
		it[i].lo = r[i].addr;
		it[i].end = it[i].lo + (1ULL << (32 - r[i].bits));
		it[i].bits = r[i].bits;
		it[i].prev = i > 0 ? i - 1 : IMG_NONE;
		it[i].next = i + 1 < n ? i + 1 : IMG_NONE;
	}
	for (i = 0; i < n; i++)
		offer(&h, it, i);
	while (left > max && h.n > 0) {
		p = pop(&h);
		if (it[p.item].dead || it[p.next].dead ||
		    it[p.item].next != p.next ||
		    it[p.item].stamp != p.stamp ||
		    it[p.next].stamp != p.next_stamp)
			continue;
		left -= join(it, p.item);
		offer(&h, it, p.item);
		if (it[p.item].prev != IMG_NONE)
			offer(&h, it, it[p.item].prev);
	}
	for (i = 0; i < n; i++)
		if (!it[i].dead) {
			r[k].addr = (uint32_t)it[i].lo;
			r[k++].bits = it[i].bits;
		}
	free(it);
	free(h.p);
	return k;
}

uint32_t
conf_cover(struct conf_net *rows, uint32_t n, uint32_t max)
{
	if (n == 0)
		return 0;
	conf_sort(rows, n, sizeof(*rows), by_place);
	n = exact(rows, n);
	if (n <= max)
		return n;
	n = widen(rows, n, max);
	conf_sort(rows, n, sizeof(*rows), by_place);
	return exact(rows, n);
}
