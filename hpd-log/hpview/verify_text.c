/* SPDX-License-Identifier: ISC */
/*
 * Streams without a seal of their own (honeyd's texts, frames) against the
 * digests in the sealed events, in hpview verify. A digest speaks of a file up
 * to a length: what stands behind the last one is not proven, and said so.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/verify.h"

#define ULL(x) ((unsigned long long)(x))

struct text {
	const struct vf_input *in;
	struct vf_name name;
	uint64_t ordinal; /* by its time; may be corrected */
};

/* The start a file of that time is of: the last whose first segment is not
 * younger. */
static uint64_t
start_of(const struct vf_work *w, int64_t stamp)
{
	uint64_t best = UINT64_MAX;
	int64_t at = INT64_MIN;
	const struct vf_seg *s;
	size_t i;

	for (i = 0; i < w->nseg; i++) {
		s = &w->seg[i];
		if (!s->anchored || s->name.stamp > stamp ||
		    s->name.stamp < at)
			continue;
		if (s->name.stamp == at && best != UINT64_MAX &&
		    s->ordinal < best)
			continue;
		at = s->name.stamp;
		best = s->ordinal;
	}
	return best;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct vf_ctl *x = *(struct vf_ctl *const *)a,
	    *y = *(struct vf_ctl *const *)b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return x->final - y->final;
}

/* Digests of one file, shortest first. */
static size_t
digests_of(struct vf_work *w, uint8_t stream, uint32_t number,
    uint64_t ordinal, struct vf_ctl **out)
{
	struct vf_ctl *t;
	size_t i, n = 0;

	for (i = 0; i < w->nctl; i++) {
		t = w->ctl[i];
		if (t->kind == CTL_DIGEST && t->stream == stream &&
		    t->number == number && t->ordinal == ordinal)
			out[n++] = t;
	}
	qsort(out, n, sizeof(struct vf_ctl *), by_bytes);
	return n;
}

/* How many of the digests are true of the file, one after the other. */
static size_t
compare(const struct vf_input *in, struct vf_ctl *const *d, size_t n)
{
	crypto_generichash_state run, at;
	uint64_t off = 0;
	uint8_t h[32];
	size_t i;

	(void)crypto_generichash_init(&run, NULL, 0, sizeof(h));
	for (i = 0; i < n && d[i]->a <= in->len; i++) {
		if (d[i]->a > off)
			(void)crypto_generichash_update(&run,
			    (const uint8_t *)in->data + off, d[i]->a - off);
		off = d[i]->a;
		at = run;
		(void)crypto_generichash_final(&at, h, sizeof(h));
		if (memcmp(h, d[i]->hash, sizeof(h)) != 0)
			break;
	}
	return i;
}

static void
text_add(struct vf_work *w, const struct text *t, uint8_t code, uint64_t from,
    uint64_t to, const char *what)
{
	struct vf_seg s;

	memset(&s, 0, sizeof(s));
	s.in = t->in;
	s.name = t->name;
	if (from < to)
		vf_add(w->rep, code, &s, 0, 0, 0, t->ordinal,
		    "bytes %llu to %llu: %s", ULL(from), ULL(to), what);
	else
		vf_add(w->rep, code, &s, 0, 0, 0, t->ordinal, "%s", what);
}

/* The sealed record that a segment of that number was begun in a start. */
static struct vf_ctl *
begun(struct vf_work *w, const struct text *t, uint64_t ordinal)
{
	struct vf_ctl *c;
	size_t i;

	for (i = 0; i < w->nctl; i++) {
		c = w->ctl[i];
		if (c->kind == CTL_BEGIN && c->stream == t->name.stream &&
		    c->number == t->name.number && c->ordinal == ordinal)
			return c;
	}
	return NULL;
}

static void
judge(struct vf_work *w, const struct text *t, struct vf_ctl *const *d,
    size_t n, size_t ok)
{
	uint64_t len = t->in->len, sure = ok > 0 ? d[ok - 1]->a : 0;
	struct vf_ctl *b = begun(w, t, t->ordinal);
	size_t i;

	for (i = 0; i < n; i++)
		d[i]->used = 1;
	if (b != NULL)
		b->used = 1;
	w->rep->texts++;
	w->rep->text_bytes += sure;
	if (ok < n && d[ok]->a > len)
		text_add(w, t, VF_CUT, len, d[n - 1]->a,
		    "not there: the segment was cut");
	else if (ok < n)
		text_add(w, t, VF_DIGEST, sure, d[ok]->a,
		    "not what the digest says: altered there");
	else if (d[n - 1]->final && len > sure)
		text_add(w, t, VF_DIGEST, sure, len,
		    "added behind the end of the segment");
	else if (!d[n - 1]->final)
		w->rep->text_open += len - sure;
}

/* A file with no digest: made and not used, older than the seal, just begun,
 * its writer killed within seconds, or foreign. */
static void
undigested(struct vf_work *w, const struct text *t, int newest)
{
	struct vf_ctl *b = begun(w, t, t->ordinal);

	if (b != NULL) {
		b->used = 1;
		w->rep->text_open += t->in->len;
		text_add(w, t, VF_N_TAIL, 0, t->in->len,
		    "not proven: no digest of it was made yet when its writer "
		    "died, or it is new");
	} else if (t->in->len == 0) {
		text_add(w, t, VF_N_EMPTY, 0, 0, "empty");
	} else if (t->ordinal == UINT64_MAX) {
		w->rep->unsealed++;
		text_add(w, t, VF_N_UNSEALED, 0, 0,
		    "not sealed: older than the seal");
	} else if (newest && !(w->has_state && w->state.clean)) {
		w->rep->text_open += t->in->len;
		text_add(w, t, VF_N_TAIL, 0, 0, "no digest of it yet");
	} else
		text_add(w, t, VF_FOREIGN, 0, 0,
		    "no digest speaks of it: not of this log, or renamed");
}

static void
one(struct vf_work *w, struct text *t, int newest, struct vf_ctl **d)
{
	size_t n, ok = 0;
	uint64_t o, guess = t->ordinal;

	n = digests_of(w, t->name.stream, t->name.number, guess, d);
	ok = compare(t->in, d, n);
	if (n > 0 && ok == n) {
		judge(w, t, d, n, ok);
		return;
	}
	/* two starts in a second: of the other one? */
	for (o = guess == UINT64_MAX || guess == 0 ? 0 : guess - 1;
	     o <= w->max_ordinal && (guess == UINT64_MAX || o <= guess + 1);
	     o++) {
		n = digests_of(w, t->name.stream, t->name.number, o, d);
		if (o == guess || n == 0 || d[0]->used ||
		    (ok = compare(t->in, d, n)) < n)
			continue;
		t->ordinal = o;
		judge(w, t, d, n, ok);
		return;
	}
	n = digests_of(w, t->name.stream, t->name.number, guess, d);
	if (n == 0 || d[0]->used)
		undigested(w, t, newest);
	else
		judge(w, t, d, n, compare(t->in, d, n));
}

/* Digests and beginnings whose file is not there: removed with a record of it, or missing. */
static void
unmatched(struct vf_work *w)
{
	static const char *const names[STREAM_MAX] = { "events", "honeyd",
		"service", "probes", "frames" };
	struct vf_ctl *t, *r;
	size_t i, k;

	for (i = 0; i < w->nctl; i++) {
		t = w->ctl[i];
		if ((t->kind != CTL_DIGEST && t->kind != CTL_BEGIN) ||
		    t->used || t->stream == STREAM_EVENTS ||
		    t->stream == STREAM_PROBES)
			continue;
		for (k = i; k < w->nctl; k++) /* all of this file at once */
			if ((w->ctl[k]->kind == CTL_DIGEST ||
			    w->ctl[k]->kind == CTL_BEGIN) &&
			    w->ctl[k]->stream == t->stream &&
			    w->ctl[k]->number == t->number &&
			    w->ctl[k]->ordinal == t->ordinal) {
				w->ctl[k]->used = 1;
				if (w->ctl[k]->a > t->a)
					t = w->ctl[k];
			}
		for (k = 0, r = NULL; k < w->nctl && r == NULL; k++)
			if (w->ctl[k]->kind == CTL_RETIRED &&
			    w->ctl[k]->stream == t->stream &&
			    w->ctl[k]->number == t->number &&
			    !w->ctl[k]->used &&
			    (start_of(w, w->ctl[k]->name.stamp) ==
			    t->ordinal || w->ctl[k]->name.stamp == 0))
				r = w->ctl[k];
		if (r != NULL) {
			r->used = 1;
			w->rep->retired_files++;
			vf_add(w->rep, VF_N_RETIRED, NULL, 0, 0, 0,
			    t->ordinal, "%s segment %lu was removed by "
			    "retention at %s", names[t->stream],
			    (unsigned long)t->number, r->when);
		} else
			vf_add(w->rep, VF_SEGMENT, NULL, 0, 0, 0, t->ordinal,
			    "%s segment %lu of start %llu, %llu bytes, is not "
			    "there", names[t->stream],
			    (unsigned long)t->number, ULL(t->ordinal),
			    ULL(t->a));
	}
}

void
vf_texts(struct vf_work *w)
{
	struct vf_ctl **d = calloc(w->nctl + 1, sizeof(struct vf_ctl *));
	struct text *t = calloc(w->set->nin + 1, sizeof(*t));
	size_t i, k, n = 0;
	int newest;

	if (d == NULL || t == NULL)
		abort();
	for (i = 0; i < w->set->nin; i++) {
		t[n].in = &w->set->in[i];
		if (vf_name_parse(t[n].in->path, &t[n].name) == -1 ||
		    t[n].name.stream == STREAM_EVENTS ||
		    t[n].name.stream == STREAM_PROBES)
			continue;
		t[n].ordinal = start_of(w, t[n].name.stamp);
		n++;
	}
	for (i = 0; i < n; i++) {
		for (k = 0, newest = 1; k < n; k++)
			if (t[k].name.stream == t[i].name.stream &&
			    (t[k].name.stamp > t[i].name.stamp ||
			    (t[k].name.stamp == t[i].name.stamp &&
			    t[k].name.number > t[i].name.number)))
				newest = 0;
		one(w, &t[i], newest, d);
	}
	unmatched(w);
	free(t);
	free(d);
}
