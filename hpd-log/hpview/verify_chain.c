/* SPDX-License-Identifier: ISC */
/*
 * Segments of a chain one behind the other, starts one behind the other, in
 * hpview verify. Only sealed records excuse what is not there: the next
 * segment's doubt, a removal (log.retired), the next start's or the state's
 * word on where the last one ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/verify.h"

#define ULL(x) ((unsigned long long)(x))

static const uint8_t stream_of[SEAL_CHAINS] = { STREAM_EVENTS, STREAM_PROBES };
static const char *const stem_of[SEAL_CHAINS] = { "events", "probes" };

struct group { /* a start's segments of one chain */
	struct vf_seg **seg;
	size_t n;
	uint64_t ordinal;
};

struct chain {
	struct vf_work *w;
	unsigned int id;
	struct vf_seg **seg; /* of this chain, anchored, by start and index */
	size_t n;
	int64_t last_stamp; /* of the last segment looked at */
};

static int
by_place(const void *a, const void *b)
{
	const struct vf_seg *x = *(struct vf_seg *const *)a,
	    *y = *(struct vf_seg *const *)b;

	if (x->ordinal != y->ordinal)
		return x->ordinal < y->ordinal ? -1 : 1;
	if (x->boot != y->boot)
		return x->boot < y->boot ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->next != y->next) /* the longer one first */
		return x->next > y->next ? -1 : 1;
	return strcmp(x->in->path, y->in->path);
}

/* A sealed record of the removal of segment `number' made between two times. */
static struct vf_ctl *
retired(struct chain *c, uint64_t number, int64_t from, int64_t to)
{
	struct vf_ctl *t;
	size_t i;

	for (i = 0; i < c->w->nctl; i++) {
		t = c->w->ctl[i];
		if (t->kind == CTL_RETIRED && t->stream == stream_of[c->id] &&
		    t->number == number && t->name.stamp >= from &&
		    t->name.stamp <= to)
			return t;
	}
	return NULL;
}

/* A file of that number which holds no record (it was made and not used), or a
 * number skipped because its name was taken in that second. */
static struct vf_seg *
unused(struct chain *c, uint64_t number, int64_t from, int64_t to)
{
	struct vf_seg *s;
	size_t i;

	for (i = 0; i < c->w->nseg; i++) {
		s = &c->w->seg[i];
		if (s->chain == c->id && s->name.number == number &&
		    s->name.stamp >= from && s->name.stamp <= to &&
		    (s->in->len == 0 || s->name.stamp == to))
			return s;
	}
	return NULL;
}

static const char *
why_name(uint8_t why)
{
	static const char *const names[] = { "?", "budget", "the stream's "
	    "budget", "the file system's reserve", "age" };

	return why <= RETIRE_AGE ? names[why] : "?";
}

static void
note_retired(struct chain *c, const struct vf_ctl *t, uint64_t ordinal,
    uint64_t from, uint64_t to)
{
	vf_add(c->w->rep, VF_N_RETIRED, NULL, 0, from, to, ordinal,
	    "%s segment %lu and those before it were removed by retention (%s) "
	    "at %s", stem_of[c->id], (unsigned long)t->number,
	    why_name(t->why), t->when);
	c->w->rep->retired_files++;
}

/*
 * Records [from, to) of a start are not there: between p (NULL: it begins
 * with them) and n, whose begin record names the segment before it.
 */
static void
gap(struct chain *c, struct vf_seg *p, struct vf_seg *n, uint64_t from,
    uint64_t to)
{
	uint64_t last = n->begin.there ? n->begin.prev_number :
	    (uint64_t)n->name.number - 1, k, first, gone = 0;
	int64_t lo = p != NULL ? p->name.stamp : c->last_stamp;
	struct vf_seg *hollow = NULL, *u;
	struct vf_ctl *t;

	first = p != NULL ? (uint64_t)p->name.number + 1 : 1;
	if (p == NULL && last > 0 &&
	    (t = retired(c, last, lo, n->name.stamp)) != NULL) {
		note_retired(c, t, n->ordinal, from, to);
		return; /* oldest first: those before it went before */
	}
	if (last < first || last - first > 1000000) {
		if (p == NULL || !n->begin.there || p->end.there)
			vf_seg_add(n, VF_CUT, 1, from, to,
			    "the records before this line are not there");
		else
			vf_seg_add(p, VF_CUT, p->lines, from, to,
			    "the end of the segment is not there");
		return;
	}
	for (k = first; k <= last; k++) {
		if (retired(c, k, lo, n->name.stamp) != NULL)
			continue;
		if ((u = unused(c, k, lo, n->name.stamp)) != NULL) {
			hollow = u->in->len == 0 ? u : hollow;
			continue;
		}
		if (gone++ < 20)
			vf_add(c->w->rep, VF_SEGMENT, NULL, 0, from, to,
			    n->ordinal, "%s segment %llu of start %llu is not "
			    "there", stem_of[c->id], ULL(k), ULL(n->ordinal));
	}
	if (gone > 20)
		vf_add(c->w->rep, VF_SEGMENT, NULL, 0, from, to, n->ordinal,
		    "%llu more segments", ULL(gone - 20));
	if (gone == 0 && hollow != NULL)
		vf_seg_add(hollow, VF_CUT, 0, from, to, "its records are not "
		    "there");
	else if (gone == 0 && p != NULL && !p->end.there)
		vf_seg_add(p, VF_CUT, 0, from, to, "the end of the segment, or "
		    "a segment behind it, is not there and no removal explains "
		    "it");
	else if (gone == 0) {
		t = retired(c, last, lo, n->name.stamp);
		if (t == NULL)
			vf_seg_add(n, VF_CUT, 0, from, to,
			    "records before this segment are not there");
		else
			note_retired(c, t, n->ordinal, from, to);
	}
}

/* What could not be read at the end of a segment, when the records from next
 * on, up to `room' of them, are missing there. excused: the last line may be
 * torn. */
static void
tail(struct vf_seg *s, uint64_t room, int excused)
{
	uint64_t n = s->tail.n;

	if (n == 0)
		return;
	if (excused && s->tail_torn && --n == 0)
		return;
	if (n == 1 && s->tail_torn && !excused)
		vf_seg_add(s, VF_TORN, s->tail.last_line, s->next, s->next +
		    (room > 0), "the last line is torn");
	else
		vf_seg_add(s, room >= n ? VF_ALTERED : VF_INSERTED,
		    s->tail.first_line, s->next, s->next + (room < n ? room :
		    n), "%llu line%s at the end %s not true", ULL(n),
		    n == 1 ? "" : "s", n == 1 ? "is" : "are");
}

/* From one segment to the next of the same start. */
static void
follow(struct chain *c, struct vf_seg *p, struct vf_seg *n)
{
	uint64_t e = p != NULL ? p->next : 0, from = n->first, doubt = 0;
	const struct vf_begin *b = &n->begin;
	int excused = 0;

	if (b->there && n->first > 0) {
		doubt = b->doubt_to - b->doubt_from;
		if (doubt != 0 && (b->doubt_from > b->doubt_to ||
		    b->doubt_to != n->first))
			vf_seg_add(n, VF_DOUBT, 1, b->doubt_from, b->doubt_to,
			    "the doubt of the begin record is none");
		else if (doubt > 0) {
			from = b->doubt_from;
			excused = e >= from;
		}
		if (doubt > SEAL_DOUBT_MAX)
			vf_seg_add(n, VF_DOUBT, 1, b->doubt_from, b->doubt_to,
			    "%llu records are said to be in doubt; a writer "
			    "that was killed leaves %d at most", ULL(doubt),
			    SEAL_DOUBT_MAX);
	}
	if (doubt > 0 && n->first > e) {
		vf_seg_add(n, VF_N_DOUBT, 1, e > from ? e : from, n->first,
		    "records that a killed writer had sealed and not written");
		c->w->rep->doubts++;
		c->w->rep->doubt_records += n->first - (e > from ? e : from);
	}
	if (p != NULL)
		tail(p, n->first - e, excused);
	if (e < from)
		gap(c, p, n, e, from);
	else if (b->there && p != NULL && b->doubt_from == p->next &&
	    p->tail.n == 0 && p->next > 0 &&
	    memcmp(b->tag, p->last_tag, SEAL_TAG_LEN) != 0)
		vf_seg_add(n, VF_TELLS, 1, 0, 0, "the begin record names "
		    "another record before it");
}

/* Where a start's chain must reach, and on whose word. */
struct demand {
	int known, clean;
	uint64_t index, number;
	struct vf_seg *by; /* NULL: the state on disk */
};

static void
group_end(struct chain *c, struct group *g, struct vf_seg *last,
    const struct demand *d)
{
	uint64_t e = last->next;
	const char *by = d->by == NULL ? "the state on disk" :
	    "the next start";

	if (last->end.there && last->end.stop && last->tail.n == 0 &&
	    (!d->known || d->index <= e))
		return; /* its last record says so */
	if (!d->known) {
		tail(last, last->tail.n, 0);
		if (!c->w->set->no_state || g->ordinal < c->w->max_ordinal)
			vf_seg_add(last, VF_OPEN_END, last->lines, e, e,
			    "nothing proves that start %llu ended here",
			    ULL(g->ordinal));
		return;
	}
	if (e < d->index) {
		if (d->number > last->name.number)
			vf_add(c->w->rep, VF_SEGMENT, NULL, 0, e, d->index,
			    g->ordinal, "%s segments %lu to %llu of start %llu "
			    "are not there (%s names the last)",
			    stem_of[c->id],
			    (unsigned long)last->name.number + 1,
			    ULL(d->number), ULL(g->ordinal), by);
		else
			vf_seg_add(last, VF_CUT, last->lines, e, d->index,
			    "the end is not there: %s knows of %llu more "
			    "records", by, ULL(d->index - e));
		tail(last, d->index - e, 0);
		return;
	}
	tail(last, 0, !d->clean);
	if (last->tail.n > 0 && last->tail_torn && !d->clean)
		vf_seg_add(last, VF_N_TAIL, last->tail.last_line, e, e,
		    "a torn line behind all that was saved");
	if (d->clean && e > d->index)
		vf_seg_add(last, VF_TELLS, last->lines, d->index, e,
		    "%llu records behind the end that %s knows of",
		    ULL(e - d->index), by);
	else if (d->clean && !last->end.there)
		vf_seg_add(last, VF_TELLS, last->lines, e, e,
		    "it ended in order, but has no end record");
}

/* The word on this chain of start o: of the first later start that has one, or
 * of the state. */
static struct demand
demand_of(struct chain *c, uint64_t o, uint64_t boot)
{
	struct demand d = { 0, 0, 0, 0, NULL };
	const struct vf_work *w = c->w;
	const struct vf_begin *b;
	size_t i;

	if (w->has_state && w->state.ordinal == o && w->state.boot == boot) {
		d.known = 1;
		d.clean = w->state.clean == 1;
		d.index = w->state.chain[c->id].index;
		d.number = w->state.segment[stream_of[c->id]];
		return d;
	}
	for (i = 0; i < c->n; i++) {
		b = &c->seg[i]->begin;
		if (c->seg[i]->ordinal <= o || c->seg[i]->first != 0 ||
		    !b->there || b->prev_ordinal != o)
			continue;
		d.known = 1;
		d.index = b->doubt_from;
		d.clean = b->doubt_to == b->doubt_from;
		d.number = b->prev_number;
		d.by = c->seg[i];
		return d;
	}
	return d;
}

static void
group_check(struct chain *c, struct group *g)
{
	struct vf_seg *p = NULL, *s;
	struct demand d;
	size_t i;

	for (i = 0; i < g->n; i++) {
		s = g->seg[i];
		if (p != NULL && s->boot != p->boot) {
			vf_add(c->w->rep, VF_TWICE, s, 1, 0, 0, g->ordinal,
			    "two starts have the number %llu: the seal's files "
			    "were set back (from a copy, a snapshot)",
			    ULL(g->ordinal));
			d = demand_of(c, g->ordinal, p->boot);
			group_end(c, g, p, &d);
			p = NULL;
		}
		if (p != NULL && s->next <= p->next) {
			vf_seg_add(s, VF_COPY, 0, s->first, s->next,
			    "these records stand in %s already", p->in->path);
			continue;
		}
		if (p != NULL && s->first < p->next)
			vf_seg_add(s, VF_REPEATED, 1, s->first, p->next,
			    "records that stand in %s already", p->in->path);
		else
			follow(c, p, s);
		p = s;
	}
	d = demand_of(c, g->ordinal, p->boot);
	group_end(c, g, p, &d);
	c->last_stamp = p->name.stamp;
}

/*
 * Between start `before' (UINT64_MAX: none) and the first segment n of a later
 * one: every number must be there, or removed.
 */
static void
starts(struct chain *c, uint64_t before, struct vf_seg *n)
{
	uint64_t o = before == UINT64_MAX ? 0 : before + 1, last = n->ordinal;
	const struct vf_begin *b = &n->begin;
	struct vf_ctl *t = NULL;

	if (o >= last)
		return;
	if (n->first == 0 && b->there && b->prev_ordinal < last &&
	    b->prev_number > 0)
		t = retired(c, b->prev_number, c->last_stamp, n->name.stamp);
	if (t != NULL && b->prev_ordinal >= o) {
		note_retired(c, t, b->prev_ordinal, 0, 0);
		o = b->prev_ordinal + 1; /* oldest first */
	} else if (n->first > 0 && before == UINT64_MAX && n->begin.there &&
	    retired(c, b->prev_number, 0, n->name.stamp) != NULL)
		return; /* its own first segments are gone, so are those */
	/* This chain may not have been used by a start; the events are. */
	if (c->id != SEAL_EVENTS && n->first == 0 && b->there &&
	    (b->prev_ordinal < o || (b->prev_ordinal == last &&
	    b->doubt_to == 0)))
		return;
	for (; o < last; o++)
		vf_add(c->w->rep, VF_START, NULL, 0, 0, 0, o,
		    "start %llu of the suite left no %s: they were removed%s",
		    ULL(o), stem_of[c->id], c->id == SEAL_EVENTS ?
		    ", or power failed before it saved any" : "");
}

static void
chain(struct vf_work *w, unsigned int id)
{
	struct chain c = { w, id, NULL, 0, 0 };
	uint64_t before = UINT64_MAX;
	struct group g;
	size_t i, from;

	c.seg = calloc(w->nseg + 1, sizeof(struct vf_seg *));
	if (c.seg == NULL)
		abort();
	for (i = 0; i < w->nseg; i++)
		if (w->seg[i].chain == id && w->seg[i].anchored &&
		    w->seg[i].good > 0)
			c.seg[c.n++] = &w->seg[i];
	qsort(c.seg, c.n, sizeof(struct vf_seg *), by_place);
	for (from = 0; from < c.n; from = i) {
		for (i = from; i < c.n &&
		     c.seg[i]->ordinal == c.seg[from]->ordinal; i++)
			;
		g = (struct group){ c.seg + from, i - from,
			c.seg[from]->ordinal };
		starts(&c, before, g.seg[0]);
		group_check(&c, &g);
		before = g.ordinal;
		if (id == SEAL_EVENTS)
			w->rep->starts++;
	}
	/* The state tells of records of a start that has none here. */
	if (w->has_state && w->state.chain[id].index > 0 &&
	    (before == UINT64_MAX || before < w->state.ordinal))
		vf_add(w->rep, VF_SEGMENT, NULL, 0, 0,
		    w->state.chain[id].index, w->state.ordinal, "no %s of "
		    "start %llu is there; the state on disk knows of %llu "
		    "records", stem_of[id], ULL(w->state.ordinal),
		    ULL(w->state.chain[id].index));
	free(c.seg);
}

void
vf_chains(struct vf_work *w)
{
	unsigned int i;
	size_t k;

	for (k = 0; k < w->nseg; k++)
		if (w->seg[k].anchored && w->seg[k].ordinal > w->max_ordinal)
			w->max_ordinal = w->seg[k].ordinal;
	for (i = 0; i < SEAL_CHAINS; i++)
		chain(w, i);
}
