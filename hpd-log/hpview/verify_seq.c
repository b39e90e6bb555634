/* SPDX-License-Identifier: ISC */
/*
 * Every producer's sequence over all streams, in hpview verify: a bit a
 * number, set by all threads. Holes are records that were numbered and stand
 * nowhere; what names them is counted beside. Must never believe a number so
 * much as to allocate by it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/proc.h"
#include "hpd-log/hpview/verify.h"

#define PAGE_BITS 65536ull
#define PAGES_MAX 65536 /* of one life: 4 thousand million numbers */
#define LIVES_MAX 4096
#define PAGES_ALL 131072 /* of all lives: 1 GiB */

struct life { /* of a producer */
	uint64_t boot, run;
	uint8_t proc, instance;
	uint64_t max;
	uint64_t top; /* the last page there is */
	uint64_t *page[PAGES_MAX];
};

struct vf_seqs {
	pthread_mutex_t lock;
	struct life *life[LIVES_MAX];
	size_t n, pages;
	int over;
	uint64_t id; /* of this collection, for the threads' shortcuts */
};

static uint64_t next_id;
static __thread struct {
	uint64_t id;
	struct life *life;
} last[8];

struct vf_seqs *
vf_seqs_new(void)
{
	struct vf_seqs *q = calloc(1, sizeof(*q));

	if (q == NULL)
		abort();
	(void)pthread_mutex_init(&q->lock, NULL);
	q->id = __atomic_add_fetch(&next_id, 1, __ATOMIC_RELAXED);
	return q;
}

void
vf_seqs_free(struct vf_seqs *q)
{
	size_t i, k;

	if (q == NULL)
		return;
	for (i = 0; i < q->n; i++) {
		for (k = 0; k <= q->life[i]->top; k++)
			free(q->life[i]->page[k]);
		free(q->life[i]);
	}
	(void)pthread_mutex_destroy(&q->lock);
	free(q);
}

static int
same(const struct life *a, const struct vf_line *l)
{
	return a->boot == l->boot && a->run == l->run && a->proc == l->proc &&
	    a->instance == l->instance;
}

static struct life *
life_of(struct vf_seqs *q, const struct vf_line *l)
{
	unsigned int k = l->proc & 7u;
	struct life *f = NULL;
	size_t i;

	if (last[k].id == q->id && same(last[k].life, l))
		return last[k].life;
	(void)pthread_mutex_lock(&q->lock);
	for (i = q->n; i-- > 0 && f == NULL;)
		if (same(q->life[i], l))
			f = q->life[i];
	if (f == NULL && q->n < LIVES_MAX &&
	    (f = calloc(1, sizeof(*f))) != NULL) {
		f->boot = l->boot;
		f->run = l->run;
		f->proc = l->proc;
		f->instance = l->instance;
		q->life[q->n++] = f;
	}
	if (f == NULL)
		q->over = 1;
	(void)pthread_mutex_unlock(&q->lock);
	if (f != NULL) {
		last[k].id = q->id;
		last[k].life = f;
	}
	return f;
}

static uint64_t *
page_of(struct vf_seqs *q, struct life *f, uint64_t n)
{
	uint64_t *p;

	if (n >= PAGES_MAX) {
		q->over = 1;
		return NULL;
	}
	p = __atomic_load_n(&f->page[n], __ATOMIC_ACQUIRE);
	if (p != NULL)
		return p;
	(void)pthread_mutex_lock(&q->lock);
	if ((p = f->page[n]) == NULL && q->pages < PAGES_ALL) {
		q->pages++;
		f->top = n > f->top ? n : f->top;
		p = calloc(1, PAGE_BITS / 8);
		__atomic_store_n(&f->page[n], p, __ATOMIC_RELEASE);
	}
	if (p == NULL)
		q->over = 1;
	(void)pthread_mutex_unlock(&q->lock);
	return p;
}

void
vf_seqs_put(struct vf_seqs *q, const struct vf_line *l)
{
	struct life *f = life_of(q, l);
	uint64_t *p, max;

	if (f == NULL || (p = page_of(q, f, l->seq / PAGE_BITS)) == NULL)
		return;
	(void)__atomic_fetch_or(&p[l->seq % PAGE_BITS / 64],
	    1ull << l->seq % 64, __ATOMIC_RELAXED);
	max = __atomic_load_n(&f->max, __ATOMIC_RELAXED);
	while (l->seq > max && !__atomic_compare_exchange_n(&f->max, &max,
	    l->seq, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* Numbers 1 .. max that are not set. */
static uint64_t
holes(const struct life *f)
{
	uint64_t set = 0, k, i;

	for (k = 0; k <= f->max / PAGE_BITS; k++)
		for (i = 0; f->page[k] != NULL && i < PAGE_BITS / 64; i++)
			set += (uint64_t)__builtin_popcountll(f->page[k][i]);
	if (f->page[0] != NULL && (f->page[0][0] & 1))
		set--; /* no record has number 0 */
	return f->max - set;
}

static int
is_set(const struct life *f, uint64_t n)
{
	const uint64_t *p = f->page[n / PAGE_BITS];

	return p != NULL && (p[n % PAGE_BITS / 64] >> n % 64 & 1);
}

/* The first numbers that are missing, for who looks closer. */
static void
note(struct vf_work *w, const struct life *f, uint64_t missing)
{
	uint64_t from = 1, to;

	while (from < f->max && is_set(f, from))
		from++;
	for (to = from; to < f->max && !is_set(f, to); to++)
		;
	vf_add(w->rep, VF_N_GAP, NULL, 0, 0, 0, UINT64_MAX,
	    "%s, instance %u, run %llx: %llu of its numbers up to %llu stand "
	    "in no line, the first %llu to %llu", proc_name(f->proc),
	    f->instance, (unsigned long long)f->run,
	    (unsigned long long)missing, (unsigned long long)f->max,
	    (unsigned long long)from, (unsigned long long)to - 1);
}

/* Frames in the pcap segments that are there: numbered, and never lines. */
static uint64_t
frames(const struct vf_input *in)
{
	uint64_t n = 0, off = 24;
	uint32_t len;

	while (off + 16 <= in->len) {
		memcpy(&len, in->data + off + 8, 4);
		if (len > in->len - off - 16)
			break;
		off += 16 + (uint64_t)len;
		n++;
	}
	return n;
}

/* Is the probes segment there that this end record, repeated in the events,
 * speaks of? */
static int
there(const struct vf_work *w, const struct vf_ctl *t)
{
	const struct vf_seg *s;
	size_t i;

	for (i = 0; i < w->nseg; i++) {
		s = &w->seg[i];
		if (s->chain == SEAL_PROBES && s->anchored &&
		    s->name.number == t->number && s->ordinal == t->ordinal)
			return 1;
	}
	return 0;
}

void
vf_seqs_sum(struct vf_work *w)
{
	struct vf_report *r = w->rep;
	const struct vf_seqs *q = w->seqs;
	struct vf_name name;
	size_t i;
	uint64_t all, n;

	for (i = 0; i < q->n; i++) {
		if ((n = holes(q->life[i])) > 0)
			note(w, q->life[i], n);
		r->holes += n;
	}
	for (i = 0; i < w->nctl; i++) {
		const struct vf_ctl *t = w->ctl[i];

		if (t->kind == CTL_GAP)
			r->holes_named += t->c;
		else if (t->kind == CTL_LOST)
			r->lost += t->c;
		else if (t->kind == CTL_FOLDED)
			r->holes_folded += t->a;
		else if (t->kind == CTL_END && t->stream == STREAM_PROBES &&
		    !there(w, t))
			r->holes_gone += t->a;
	}
	for (i = 0; i < w->set->nin; i++)
		if (vf_name_parse(w->set->in[i].path, &name) == 0 &&
		    name.stream == STREAM_PCAP)
			r->holes_frames += frames(&w->set->in[i]);
	r->seqs_known = !q->over;
	all = r->holes_named + r->holes_folded + r->holes_frames +
	    r->holes_gone;
	/* Where segments are gone, so are numbers that nobody counted. */
	if (r->seqs_known && r->holes > all && r->retired_files == 0 &&
	    r->bad == 0)
		vf_add(r, VF_UNEXPLAINED, NULL, 0, 0, 0, UINT64_MAX,
		    "%llu records were numbered by their senders and stand "
		    "nowhere, and no record says why",
		    (unsigned long long)(r->holes - all));
}
