/* SPDX-License-Identifier: ISC */
/*
 * The tables of several threads into one, in hpview: sums, earliest, latest.
 */
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/vsum_int.h"

static void
range(int64_t *first, int64_t *last, int64_t f, int64_t l, int fresh)
{
	if (fresh || f < *first)
		*first = f;
	if (fresh || l > *last)
		*last = l;
}

static void
text(char *dst, const char *src, size_t cap)
{
	if (dst[0] == '\0')
		memcpy(dst, src, cap);
}

static void
source(struct vsum_source *a, const struct vsum_source *b)
{
	int fresh = a->events == 0;

	memcpy(a->addr, b->addr, sizeof(a->addr));
	a->ver = b->ver;
	a->sensors |= b->sensors;
	range(&a->first_ns, &a->last_ns, b->first_ns, b->last_ns, fresh);
	a->events += b->events;
	a->probes += b->probes;
	a->sessions += b->sessions;
	a->logins += b->logins;
	a->bytes_in += b->bytes_in;
	a->bytes_out += b->bytes_out;
	text(a->os, b->os, sizeof(a->os));
	text(a->tool, b->tool, sizeof(a->tool));
}

static void
decoy(struct vsum_decoy *a, const struct vsum_decoy *b)
{
	memcpy(a->addr, b->addr, sizeof(a->addr));
	a->ver = b->ver;
	if (a->events == 0 || b->last_ns > a->last_ns) {
		a->last_ns = b->last_ns;
		if (b->tmpl[0] != '\0')
			memcpy(a->tmpl, b->tmpl, sizeof(a->tmpl));
		if (b->persona[0] != '\0')
			memcpy(a->persona, b->persona, sizeof(a->persona));
	}
	a->events += b->events;
	a->probes += b->probes;
	a->sessions += b->sessions;
}

static void
port(struct vsum_port *a, const struct vsum_port *b)
{
	a->port = b->port;
	a->proto = b->proto;
	a->probes += b->probes;
	a->sessions += b->sessions;
	text(a->service, b->service, sizeof(a->service));
}

static void
login(struct vsum_login *a, const struct vsum_login *b)
{
	if (a->tries == 0) {
		*a = *b;
		return;
	}
	a->tries += b->tries;
	if (b->first_ns < a->first_ns)
		a->first_ns = b->first_ns;
}

static void
session(struct vsum_session *a, const struct vsum_session *b)
{
	if (a->id == 0) {
		*a = *b;
		return;
	}
	if (b->start_ns < a->start_ns)
		a->start_ns = b->start_ns;
	if (a->ver == 0) {
		memcpy(a->src, b->src, sizeof(a->src));
		memcpy(a->dst, b->dst, sizeof(a->dst));
		a->ver = b->ver;
		a->proto = b->proto;
		a->sport = b->sport;
		a->dport = b->dport;
	}
	if (b->why[0] != '\0') { /* that thread saw its end */
		a->duration_ns = b->duration_ns;
		a->bytes_in = b->bytes_in;
		a->bytes_out = b->bytes_out;
	}
	text(a->why, b->why, sizeof(a->why));
	text(a->service, b->service, sizeof(a->service));
	a->chunks += b->chunks;
	a->lines += b->lines;
	a->logins += b->logins;
	a->trip |= b->trip;
}

/* Rows of b into a; map[number in b] = number in a. NULL: no memory. */
static uint32_t *
rows(struct vsum_thread *a, const struct vsum_thread *b, int which)
{
	const struct vtab *from = &b->tab[which];
	struct vtab *to = &a->tab[which];
	uint32_t *map = malloc((from->n + 1) * sizeof(*map)), i;

	to->max = UINT32_MAX / 4; /* each thread's bound bounds the sum */
	to->left += from->left;
	for (i = 0; map != NULL && i < from->n; i++) {
		const char *src = vtab_row(from, i);
		char *dst;

		map[i] = vtab_get(to, (const void *)src);
		if (map[i] == UINT32_MAX) {
			free(map);
			return NULL;
		}
		dst = (char *)vtab_row(to, map[i]) + sizeof(struct vkey);
		src += sizeof(struct vkey);
		if (which == TAB_SOURCES)
			source((void *)dst, (const void *)src);
		else if (which == TAB_DECOYS)
			decoy((void *)dst, (const void *)src);
		else if (which == TAB_PORTS)
			port((void *)dst, (const void *)src);
		else if (which == TAB_LOGINS)
			login((void *)dst, (const void *)src);
		else
			session((void *)dst, (const void *)src);
	}
	return map;
}

static int
pairs(struct vpairs *a, const struct vpairs *b, const uint32_t *src,
    const uint32_t *other)
{
	uint32_t i;

	a->max = UINT32_MAX / 4;
	a->left += b->left;
	for (i = 0; i <= b->mask; i++) {
		uint64_t k = b->p[i].key - 1;

		if (b->p[i].key != 0 &&
		    vpairs_add(a, src[k >> 32], other[(uint32_t)k],
			b->p[i].count) == -1)
			return -1;
	}
	return 0;
}

static void
plain(struct vsum *a, const struct vsum *b)
{
	size_t i;

	if (b->records > 0)
		range(&a->first_ns, &a->last_ns, b->first_ns, b->last_ns,
		    a->records == 0);
	a->records += b->records;
	a->lines += b->lines;
	a->bytes += b->bytes;
	for (i = 0; i < EV_KIND_MAX; i++) {
		a->kinds[i] += b->kinds[i];
		a->counts[i] += b->counts[i];
	}
	a->lost += b->lost;
	a->gaps += b->gaps;
	a->folded += b->folded;
	a->retired += b->retired;
	if (b->lag_max_us > a->lag_max_us)
		a->lag_max_us = b->lag_max_us;
	for (i = 0; i < VSUM_BUCKETS; i++) {
		a->bucket[i].probes += b->bucket[i].probes;
		a->bucket[i].sessions += b->bucket[i].sessions;
		a->bucket[i].logins += b->bucket[i].logins;
		a->bucket[i].alerts += b->bucket[i].alerts;
	}
}

int
vsum_merge(struct vsum_thread *a, const struct vsum_thread *b)
{
	uint32_t *map[TABS];
	int i, r = 0;

	plain(&a->sum, &b->sum);
	for (i = 0; i < TABS; i++) {
		map[i] = rows(a, b, i);
		if (map[i] == NULL)
			r = -1;
	}
	if (r == 0 &&
	    (pairs(&a->pair[PAIR_DECOY], &b->pair[PAIR_DECOY],
		 map[TAB_SOURCES], map[TAB_DECOYS]) == -1 ||
		pairs(&a->pair[PAIR_PORT], &b->pair[PAIR_PORT],
		    map[TAB_SOURCES], map[TAB_PORTS]) == -1 ||
		pairs(&a->pair[PAIR_LOGIN], &b->pair[PAIR_LOGIN],
		    map[TAB_SOURCES], map[TAB_LOGINS]) == -1))
		r = -1;
	for (i = 0; i < TABS; i++)
		free(map[i]);
	return r;
}
