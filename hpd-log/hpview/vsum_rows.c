/* SPDX-License-Identifier: ISC */
/*
 * From one thread's tables to what is shown, in hpview: the largest rows in
 * order, how many different ones met, who met whom most.
 */
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/vsum_int.h"

#define DAY_NS (86400LL * 1000000000LL)

static int
more(uint64_t a, uint64_t b)
{
	return a > b ? -1 : a < b;
}

/* By what they did, ties by key so that the same log gives the same page. */
static int
ties(int c, const struct vkey *a, const struct vkey *b)
{
	return c != 0 ? c : memcmp(a, b, sizeof(*a));
}

static int
by_source(const void *x, const void *y)
{
	const struct row_source *a = *(const struct row_source *const *)x,
				*b = *(const struct row_source *const *)y;

	return ties(more(a->s.events, b->s.events), &a->key, &b->key);
}

static int
by_decoy(const void *x, const void *y)
{
	const struct row_decoy *a = *(const struct row_decoy *const *)x,
			       *b = *(const struct row_decoy *const *)y;

	return ties(more(a->d.events, b->d.events), &a->key, &b->key);
}

static int
by_port(const void *x, const void *y)
{
	const struct row_port *a = *(const struct row_port *const *)x,
			      *b = *(const struct row_port *const *)y;

	return ties(more(a->p.probes + a->p.sessions,
			b->p.probes + b->p.sessions),
	    &a->key, &b->key);
}

static int
by_login(const void *x, const void *y)
{
	const struct row_login *a = *(const struct row_login *const *)x,
			       *b = *(const struct row_login *const *)y;
	int c = more(a->l.tries, b->l.tries);

	if (c == 0)
		c = memcmp(a->l.user, b->l.user, sizeof(a->l.user));
	if (c == 0)
		c = memcmp(a->l.password, b->l.password,
		    sizeof(a->l.password));
	return c;
}

static int
by_session(const void *x, const void *y)
{
	const struct vsum_session
	    *a = &(*(const struct row_session *const *)x)->s,
	    *b = &(*(const struct row_session *const *)y)->s;
	int da = a->chunks + a->lines + a->logins > 0,
	    db = b->chunks + b->lines + b->logins > 0;

	if (da != db)
		return db - da;
	if (a->start_ns != b->start_ns)
		return a->start_ns > b->start_ns ? -1 : 1;
	return more(a->id, b->id);
}

/* How many different ones: pairs counted at both ends. */
static void
count_pairs(struct vsum_thread *t)
{
	static const int other[PAIRS] = { TAB_DECOYS, TAB_PORTS, TAB_LOGINS };
	uint32_t i, j;
	int p;

	for (p = 0; p < PAIRS; p++) {
		const struct vpairs *v = &t->pair[p];

		for (i = 0; i <= v->mask; i++) {
			uint64_t k = v->p[i].key - 1;
			struct row_source *s;
			void *o;

			if (v->p[i].key == 0)
				continue;
			s = vtab_row(&t->tab[TAB_SOURCES], (uint32_t)(k >> 32));
			j = (uint32_t)k;
			o = vtab_row(&t->tab[other[p]], j);
			if (p == PAIR_DECOY) {
				s->s.ndecoys++;
				((struct row_decoy *)o)->d.nsources++;
			} else if (p == PAIR_PORT) {
				s->s.nports++;
				((struct row_port *)o)->p.nsources++;
			} else {
				((struct row_login *)o)->l.nsources++;
			}
		}
	}
}

/* The rows in order, all of them. NULL: no memory. */
static void **
ordered(const struct vtab *t, int (*cmp)(const void *, const void *))
{
	void **p = malloc((t->n + 1) * sizeof(*p));
	uint32_t i;

	if (p == NULL)
		return NULL;
	for (i = 0; i < t->n; i++)
		p[i] = vtab_row(t, i);
	if (t->n > 1)
		qsort(p, t->n, sizeof(*p), cmp);
	return p;
}

/* The first max of them, without their keys. */
static void *
copy(void *const *p, uint32_t n, size_t max, size_t size, size_t *out_n)
{
	char *out;
	size_t i;

	*out_n = n < max ? n : max;
	out = calloc(*out_n + 1, size);
	for (i = 0; out != NULL && i < *out_n; i++)
		memcpy(out + i * size,
		    (const char *)p[i] + sizeof(struct vkey), size);
	return out;
}

/* rank[row] of the first VSUM_HEAT, UINT32_MAX of others. */
static uint32_t *
ranks(const struct vtab *t, void *const *order)
{
	uint32_t *rank = malloc((t->n + 1) * sizeof(*rank)), i;

	if (rank == NULL)
		return NULL;
	memset(rank, 0xff, (t->n + 1) * sizeof(*rank));
	for (i = 0; i < t->n && i < VSUM_HEAT; i++)
		rank[(size_t)((const char *)order[i] - t->rows) / t->size] = i;
	return rank;
}

static int
heat(struct vsum *s, const struct vsum_thread *t, void *const *src,
    void *const *dst)
{
	const struct vpairs *v = &t->pair[PAIR_DECOY];
	uint32_t *rs = ranks(&t->tab[TAB_SOURCES], src),
		 *rd = ranks(&t->tab[TAB_DECOYS], dst), i, a, b;

	s->heat = calloc((size_t)VSUM_HEAT * VSUM_HEAT, sizeof(*s->heat));
	for (i = 0; rs != NULL && rd != NULL && s->heat != NULL &&
	     i <= v->mask; i++) {
		if (v->p[i].key == 0)
			continue;
		a = rs[(v->p[i].key - 1) >> 32];
		b = rd[(uint32_t)(v->p[i].key - 1)];
		if (a == UINT32_MAX || b == UINT32_MAX)
			continue;
		s->heat[s->n_heat].src = a;
		s->heat[s->n_heat].dst = b;
		s->heat[s->n_heat++].events = v->p[i].count;
	}
	i = rs == NULL || rd == NULL || s->heat == NULL;
	free(rs);
	free(rd);
	return i ? -1 : 0;
}

static void
new_ones(struct vsum *s, const struct vtab *t)
{
	const struct row_source *r;
	uint32_t i;

	if (s->last_ns - s->first_ns <= DAY_NS)
		return;
	for (i = 0; i < t->n; i++) {
		r = vtab_row(t, i);
		s->new_sources += r->s.first_ns >= s->last_ns - DAY_NS;
	}
}

int
vsum_rows(struct vsum *s, struct vsum_thread *t)
{
	static int (*const cmp[TABS])(const void *, const void *) = {
		by_source, by_decoy, by_port, by_login, by_session };
	void **o[TABS] = { NULL };
	int i, r = 0;

	count_pairs(t);
	for (i = 0; i < TABS; i++) {
		o[i] = ordered(&t->tab[i], cmp[i]);
		if (o[i] == NULL)
			r = -1;
	}
	if (r == 0) {
		s->sources = copy(o[TAB_SOURCES], t->tab[TAB_SOURCES].n,
		    VSUM_TOP, sizeof(*s->sources), &s->n_sources);
		s->decoys = copy(o[TAB_DECOYS], t->tab[TAB_DECOYS].n,
		    VSUM_TOP, sizeof(*s->decoys), &s->n_decoys);
		s->ports = copy(o[TAB_PORTS], t->tab[TAB_PORTS].n, VSUM_TOP,
		    sizeof(*s->ports), &s->n_ports);
		s->logins = copy(o[TAB_LOGINS], t->tab[TAB_LOGINS].n,
		    VSUM_TOP, sizeof(*s->logins), &s->n_logins);
		s->sessions = copy(o[TAB_SESSIONS], t->tab[TAB_SESSIONS].n,
		    VSUM_SESSIONS, sizeof(*s->sessions), &s->n_sessions);
		if (s->sources == NULL || s->decoys == NULL ||
		    s->ports == NULL || s->logins == NULL ||
		    s->sessions == NULL)
			r = -1;
	}
	if (r == 0)
		r = heat(s, t, o[TAB_SOURCES], o[TAB_DECOYS]);
	for (i = 0; i < TABS; i++)
		free(o[i]);
	s->left_sources = t->tab[TAB_SOURCES].left;
	s->left_decoys = t->tab[TAB_DECOYS].left;
	s->left_ports = t->tab[TAB_PORTS].left;
	s->left_logins = t->tab[TAB_LOGINS].left;
	s->left_sessions = t->tab[TAB_SESSIONS].left;
	s->nsources = t->tab[TAB_SOURCES].n + s->left_sources;
	s->ndecoys = t->tab[TAB_DECOYS].n + s->left_decoys;
	s->nports = t->tab[TAB_PORTS].n + s->left_ports;
	s->nlogins = t->tab[TAB_LOGINS].n + s->left_logins;
	s->nsessions = t->tab[TAB_SESSIONS].n + s->left_sessions;
	for (i = 0; i < PAIRS; i++)
		s->left_pairs += t->pair[i].left;
	new_ones(s, &t->tab[TAB_SOURCES]);
	return r;
}
