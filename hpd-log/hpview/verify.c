/* SPDX-License-Identifier: ISC */
/*
 * The checks of hpview verify in their order, on files in memory, and the list
 * of what was found. Allocation failures end the program: a verifier that goes
 * on with less would lie.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/verify.h"

#define INDEX_MAX (1ull << 36) /* records of a start; more are not looked for */

static const char *const words[VF_MAX] = {
	[VF_ALTERED] = "altered",
	[VF_INSERTED] = "inserted",
	[VF_ORDER] = "out of order",
	[VF_REPEATED] = "repeated",
	[VF_MISSING] = "missing",
	[VF_CUT] = "truncated",
	[VF_TORN] = "torn",
	[VF_SEGMENT] = "missing segment",
	[VF_COPY] = "copied segment",
	[VF_START] = "missing start",
	[VF_TWICE] = "start twice",
	[VF_OPEN_END] = "unproven end",
	[VF_DOUBT] = "false doubt",
	[VF_TELLS] = "contradiction",
	[VF_FOREIGN] = "foreign file",
	[VF_UNSEALED] = "unsealed",
	[VF_DIGEST] = "altered text",
	[VF_STATE] = "seal state",
	[VF_KEY] = "wrong key",
	[VF_UNEXPLAINED] = "unexplained",
	[VF_N_DOUBT] = "in doubt",
	[VF_N_RETIRED] = "removed",
	[VF_N_UNSEALED] = "not sealed",
	[VF_N_EMPTY] = "empty",
	[VF_N_TAIL] = "open end",
	[VF_N_GAP] = "gap",
	[VF_N_OLD] = "older",
};

const char *
vf_word(uint8_t code)
{
	return code < VF_MAX ? words[code] : "?";
}

static struct vf_finding *
room(struct vf_finding **f, size_t *n, size_t *cap)
{
	void *p;

	if (*n == *cap) {
		*cap = *cap ? *cap * 2 : 16;
		if ((p = realloc(*f, *cap * sizeof(**f))) == NULL)
			abort();
		*f = p;
	}
	memset(&(*f)[*n], 0, sizeof(**f));
	return &(*f)[(*n)++];
}

static void
count(struct vf_report *r, uint8_t code)
{
	if (code < VF_BAD_MAX)
		r->bad++;
	else
		r->notes++;
}

static void
fill(struct vf_finding *f, uint8_t code, const struct vf_seg *s, uint64_t line,
    uint64_t from, uint64_t to)
{
	f->code = code;
	f->stream = s == NULL ? STREAM_MAX : s->name.stream;
	f->path = s == NULL ? NULL : s->in->path;
	f->ordinal = s != NULL && s->anchored ? s->ordinal : UINT64_MAX;
	f->line = line;
	f->from = from;
	f->to = to;
}

void
vf_add(struct vf_report *r, uint8_t code, const struct vf_seg *s,
    uint64_t line, uint64_t from, uint64_t to, uint64_t ordinal,
    const char *fmt, ...)
{
	struct vf_finding *f;
	va_list ap;

	count(r, code);
	if (r->nf >= VF_KEEP)
		return;
	f = room(&r->f, &r->nf, &r->cap);
	fill(f, code, s, line, from, to);
	if (ordinal != UINT64_MAX)
		f->ordinal = ordinal;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

void
vf_seg_add(struct vf_seg *s, uint8_t code, uint64_t line, uint64_t from,
    uint64_t to, const char *fmt, ...)
{
	struct vf_finding *f;
	va_list ap;

	if (code < VF_BAD_MAX)
		s->nbad++;
	if (s->nf >= VF_KEEP)
		return;
	f = room(&s->f, &s->nf, &s->fcap);
	fill(f, code, s, line, from, to);
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static void
list(struct vf_work *w)
{
	struct vf_name name;
	struct vf_seg *s;
	size_t i;

	w->seg = calloc(w->set->nin + 1, sizeof(*w->seg));
	if (w->seg == NULL)
		abort();
	for (i = 0; i < w->set->nin; i++) {
		if (vf_name_parse(w->set->in[i].path, &name) == -1 ||
		    (name.stream != STREAM_EVENTS &&
		    name.stream != STREAM_PROBES))
			continue;
		s = &w->seg[w->nseg++];
		s->in = &w->set->in[i];
		s->name = name;
		s->chain = name.stream == STREAM_EVENTS ? SEAL_EVENTS :
		    SEAL_PROBES;
	}
}

static void *
worker(void *arg)
{
	struct vf_work *w = arg;
	size_t i;

	while ((i = __atomic_fetch_add(&w->turn, 1, __ATOMIC_RELAXED)) <
	    w->nseg)
		if (w->seg[i].anchored)
			vf_lines(w, &w->seg[i], 0);
	return NULL;
}

static void
lines(struct vf_work *w)
{
	pthread_t t[64];
	unsigned int n, i, want = w->set->nthreads;

	if (want > 64)
		want = 64;
	for (n = 0; n + 1 < want; n++)
		if (pthread_create(&t[n], NULL, worker, w) != 0)
			break;
	(void)worker(w);
	for (i = 0; i < n; i++)
		(void)pthread_join(t[i], NULL);
}

/* All sealed records about the log in one list, in order of start and place. */
static void
collect(struct vf_work *w)
{
	size_t i, k, n = 0;

	for (i = 0; i < w->nseg; i++)
		n += w->seg[i].nctl;
	w->ctl = calloc(n + 1, sizeof(struct vf_ctl *));
	if (w->ctl == NULL)
		abort();
	for (i = 0; i < w->nseg; i++)
		for (k = 0; k < w->seg[i].nctl; k++)
			w->ctl[w->nctl++] = &w->seg[i].ctl[k];
}

/* Segments that no key fits. Unsealed ones from before the first sealed one
 * are of an older version. */
static void
strangers(struct vf_work *w)
{
	int64_t first[SEAL_CHAINS] = { INT64_MAX, INT64_MAX };
	struct vf_seg *s;
	size_t i;

	for (i = 0; i < w->nseg; i++) {
		s = &w->seg[i];
		if (s->anchored && s->name.stamp < first[s->chain])
			first[s->chain] = s->name.stamp;
	}
	for (i = 0; i < w->nseg; i++) {
		s = &w->seg[i];
		if (s->anchored && s->good > 0)
			continue;
		if (s->in->len == 0)
			vf_seg_add(s, VF_N_EMPTY, 0, 0, 0, "empty");
		else if (!s->sealed && !s->anchored &&
		    memchr(s->in->data, '\n', s->in->len) != NULL &&
		    s->name.stamp < first[s->chain]) {
			w->rep->unsealed++;
			vf_seg_add(s, VF_N_UNSEALED, 0, 0, 0,
			    "not sealed: older than the seal");
		} else if (!s->sealed && !s->anchored)
			vf_seg_add(s, VF_UNSEALED, 1, 0, 0,
			    "no line of it is sealed");
		else
			vf_seg_add(s, VF_FOREIGN, 1, 0, 0, "nothing in it is "
			    "true: altered, or not of this log");
	}
}

static int
wrong_key(struct vf_work *w)
{
	size_t i, sealed = 0;

	for (i = 0; i < w->nseg; i++) {
		if (w->seg[i].anchored)
			return 0;
		sealed += w->seg[i].sealed;
	}
	if (sealed == 0 || w->has_state)
		return 0;
	vf_add(w->rep, VF_KEY, NULL, 0, 0, 0, UINT64_MAX, "nothing in %zu "
	    "sealed segment%s%s verifies: this is not the sensor's key, or all "
	    "of it was replaced", sealed, sealed == 1 ? "" : "s",
	    w->state_bad ? " nor the state" : "");
	return 1;
}

static void
gather(struct vf_work *w)
{
	struct vf_report *r = w->rep;
	struct vf_seg *s;
	size_t i, k;

	for (i = 0; i < w->nseg; i++) {
		s = &w->seg[i];
		r->segments += s->anchored;
		r->records += s->good;
		r->bytes += s->in->len;
		r->bad_lines += s->lines - s->good;
		for (k = 0; k < s->nf; k++) {
			count(r, s->f[k].code);
			if (r->nf < VF_KEEP)
				*room(&r->f, &r->nf, &r->cap) = s->f[k];
		}
		if (s->nbad > s->nf)
			r->bad += s->nbad - s->nf;
	}
}

void
vf_run(const struct vf_set *set, struct vf_report *rep)
{
	struct vf_work w;
	size_t i;

	memset(rep, 0, sizeof(*rep));
	memset(&w, 0, sizeof(w));
	w.set = set;
	w.rep = rep;
	w.limit = INDEX_MAX;
	w.seqs = set->no_seqs ? NULL : vf_seqs_new();
	list(&w);
	vf_state(&w);
	vf_anchor(&w);
	if (!wrong_key(&w)) {
		lines(&w);
		collect(&w);
		vf_chains(&w);
		vf_state_compare(&w);
		vf_texts(&w);
		strangers(&w);
	}
	gather(&w);
	if (!set->no_seqs)
		vf_seqs_sum(&w);
	for (i = 0; i < w.nseg; i++) {
		free(w.seg[i].ctl);
		free(w.seg[i].f);
	}
	free(w.seg);
	free(w.ctl);
	if (w.carry != NULL)
		sodium_memzero(w.carry, w.ncarry * SEAL_KEY_LEN);
	free(w.carry);
	vf_seqs_free(w.seqs);
	sodium_memzero(&w, sizeof(w));
}

void
vf_free(struct vf_report *r)
{
	free(r->f);
	memset(r, 0, sizeof(*r));
}
