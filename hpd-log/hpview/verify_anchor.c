/* SPDX-License-Identifier: ISC */
/*
 * Which start each segment is of, in hpview verify: what its lines claim, tried
 * with the key. A segment whose first lines were altered is found by a later
 * one and by what other segments claim.
 */
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/verify.h"

#define LINES_TRIED 64
#define PAIRS_MAX   4096
#define NEAR	    (1ull << 26) /* seconds of work */
#define BACKERS	    8
#define WASTE_MAX   (1ull << 28) /* records skipped for what was not true */
#define WASTE_STEP  (1ull << 20) /* for one line, from then on */

struct pair {
	uint64_t ordinal, boot;
	struct seal_chain at[SEAL_CHAINS]; /* moves forward with the files */
	uint8_t sure;
};

struct pairs {
	struct pair *p;
	size_t n;
};

static struct pair *
pair_get(struct vf_work *w, struct pairs *ps, uint64_t ordinal, uint64_t boot)
{
	struct pair *p;
	unsigned int i;
	size_t k;

	for (k = ps->n; k-- > 0;)
		if (ps->p[k].ordinal == ordinal && ps->p[k].boot == boot)
			return &ps->p[k];
	if (ps->n == PAIRS_MAX)
		return NULL;
	p = realloc(ps->p, (ps->n + 1) * sizeof(*p));
	if (p == NULL)
		return NULL;
	ps->p = p;
	p = &ps->p[ps->n];
	memset(p, 0, sizeof(*p));
	p->ordinal = ordinal;
	p->boot = boot;
	for (i = 0; i < SEAL_CHAINS; i++)
		if (vf_chain(w, ordinal, boot, i, &p->at[i]) == -1)
			return NULL;
	ps->n++;
	return p;
}

/* The chain of a pair at index i. 0 or -1. */
static int
chain_at(struct vf_work *w, struct pair *p, unsigned int chain, uint64_t i,
    struct seal_chain *c)
{
	if (i > w->limit)
		return -1;
	if (p->at[chain].index > i &&
	    vf_chain(w, p->ordinal, p->boot, chain, &p->at[chain]) == -1)
		return -1;
	seal_skip(&p->at[chain], i);
	*c = p->at[chain];
	return 0;
}

/* The n-th line from there on; its length with the newline, 0: none. */
static size_t
line_at(const struct vf_seg *s, size_t off)
{
	const char *p = s->in->data + off, *nl;

	if (off >= s->in->len)
		return 0;
	nl = memchr(p, '\n', s->in->len - off);
	return nl == NULL ? 0 : (size_t)(nl - p) + 1;
}

/* Do lines from off on count on from index i? A number far away that stands
 * alone (one digit changed) is not worth an hour's work. */
static int
backed(const struct vf_seg *s, size_t off, uint64_t i)
{
	uint8_t tag[SEAL_TAG_LEN];
	size_t n, k, body;
	uint64_t j;

	if (i < NEAR)
		return 1;
	for (k = 1; k <= BACKERS && (n = line_at(s, off)) > 0; k++, off += n)
		if (seal_parse(s->in->data + off, n, &body, &j, tag) == 0 &&
		    j == i + k)
			return 1;
	return 0;
}

uint64_t
vf_claimed(const struct vf_work *w, unsigned int chain)
{
	uint8_t tag[SEAL_TAG_LEN];
	uint64_t i, max = 0;
	size_t k, n, body;
	const struct vf_seg *s;

	for (k = 0; k < w->nseg; k++) {
		s = &w->seg[k];
		if (s->chain != chain || (n = line_at(s, 0)) == 0 ||
		    seal_parse(s->in->data, n, &body, &i, tag) == -1 ||
		    i > w->limit || !backed(s, n, i))
			continue;
		i += s->in->len / 64; /* its lines are longer */
		max = i > max ? i : max;
	}
	return max + WASTE_MAX;
}

/* Is the line true under that pair? Then the segment stands at its index. */
static int
true_of(struct vf_work *w, struct vf_seg *s, struct pair *p, const char *line,
    size_t body, uint64_t index, const uint8_t tag[SEAL_TAG_LEN])
{
	uint64_t was = p->at[s->chain].index;
	uint64_t work = index >= was ? index - was : index;
	struct seal_chain c;

	if ((w->waste > WASTE_MAX && work > WASTE_STEP) ||
	    chain_at(w, p, s->chain, index, &s->at) == -1)
		return 0;
	c = s->at;
	if (!seal_check(&c, line, body, tag)) {
		w->waste += work;
		return 0;
	}
	p->sure = 1;
	s->anchored = 1;
	s->ordinal = p->ordinal;
	s->boot = p->boot;
	s->first = index;
	return 1;
}

/* By what its first line says of itself. */
static void
by_claim(struct vf_work *w, struct vf_seg *s, struct pairs *ps)
{
	size_t n = line_at(s, 0), body;
	uint8_t tag[SEAL_TAG_LEN];
	struct vf_begin b;
	struct pair *p;
	uint64_t i, boot;

	if (n == 0 || seal_parse(s->in->data, n, &body, &i, tag) == -1 ||
	    vf_begin_read(s->in->data, body, &b) == -1 ||
	    vf_boot_read(s->in->data, body, &boot) == -1 ||
	    !backed(s, n, i) ||
	    (p = pair_get(w, ps, b.ordinal, boot)) == NULL)
		return;
	(void)true_of(w, s, p, s->in->data, body, i, tag);
}

/* By any of its lines under any start known. The index of its first line is
 * then a guess: one record a line. */
static void
by_trial(struct vf_work *w, struct vf_seg *s, struct pairs *ps)
{
	size_t off = 0, n, body, k, tried = 0;
	uint8_t tag[SEAL_TAG_LEN];
	uint64_t i, before = 0;
	struct seal_chain c;

	for (; (n = line_at(s, off)) > 0; off += n, before++) {
		if (seal_parse(s->in->data + off, n, &body, &i, tag) == -1)
			continue;
		s->sealed = 1;
		if (tried++ == LINES_TRIED)
			return;
		if (!backed(s, off + n, i))
			continue;
		for (k = 0; k < ps->n; k++) {
			if (!ps->p[k].sure || !true_of(w, s, &ps->p[k],
			    s->in->data + off, body, i, tag))
				continue;
			s->first = i > before ? i - before : 0;
			if (chain_at(w, &ps->p[k], s->chain, s->first, &c) == 0)
				s->at = c;
			return;
		}
	}
}

void
vf_anchor(struct vf_work *w)
{
	struct pairs ps = { NULL, 0 };
	struct pair *p;
	size_t i;

	for (i = 0; i < w->nseg; i++)
		by_claim(w, &w->seg[i], &ps);
	if (w->has_state && (p = pair_get(w, &ps, w->state.ordinal,
	    w->state.boot)) != NULL)
		p->sure = 1;
	for (i = 0; i < w->nseg; i++) {
		if (w->seg[i].anchored)
			w->seg[i].sealed = 1;
		else
			by_trial(w, &w->seg[i], &ps);
	}
	free(ps.p);
}
