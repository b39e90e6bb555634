/* SPDX-License-Identifier: ISC */
/*
 * Transcripts, in hpview: collects what the log keeps of some sessions. The
 * lines are an attacker's work in part: every size is bounded here, and what
 * is over the bound is left out and marked, never trusted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto.h"
#include "hpd-log/hpview/html.h"
#include "hpd-log/hpview/talk.h"
#include "hpd-log/hpview/view_int.h"
#include "hpd-log/hpview/vjson.h"

static size_t
hash(uint16_t sensor, uint64_t boot, uint64_t id)
{
	uint64_t h = boot * 0x9e3779b97f4a7c15u ^ id * 0xc2b2ae3d27d4eb4fu ^
	    sensor;

	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return (size_t)(h ^ h >> 29);
}

int
talks_init(struct talks *ts, size_t n, const struct talk_limit *limit)
{
	size_t i;

	memset(ts, 0, sizeof(*ts));
	ts->limit = *limit;
	ts->n = n;
	for (ts->mask = 63; ts->mask < n * 2; ts->mask = ts->mask * 2 + 1)
		;
	ts->t = calloc(n + 1, sizeof(*ts->t));
	ts->index = calloc(ts->mask + 1, sizeof(*ts->index));
	for (i = 0; i < TALK_LOCKS; i++)
		pthread_mutex_init(&ts->lock[i], NULL);
	if (ts->t == NULL || ts->index == NULL) {
		talks_free(ts);
		return -1;
	}
	return 0;
}

/* Place of a session, or the free one where it would be. */
static size_t
look(const struct talks *ts, uint16_t sensor, uint64_t boot, uint64_t id)
{
	size_t i = hash(sensor, boot, id) & ts->mask;
	const struct talk *t;

	for (; ts->index[i] != 0; i = (i + 1) & ts->mask) {
		t = &ts->t[ts->index[i] - 1];
		if (t->id == id && t->boot == boot && t->sensor == sensor)
			break;
	}
	return i;
}

int
talks_index(struct talks *ts)
{
	struct talk *t;
	size_t i, k;

	for (i = 0; i < ts->n; i++) {
		t = &ts->t[i];
		k = look(ts, t->sensor, t->boot, t->id);
		if (ts->index[k] != 0)
			return -1; /* twice */
		ts->index[k] = (uint32_t)(i + 1);
	}
	return 0;
}

void
talks_free(struct talks *ts)
{
	size_t i, k;

	for (i = 0; ts->t != NULL && i < ts->n; i++) {
		for (k = 0; k < ts->t[i].n; k++)
			free(ts->t[i].items[k]);
		free(ts->t[i].items);
	}
	free(ts->t);
	free(ts->index);
	ts->t = NULL;
	ts->index = NULL;
}

struct vstr
rec_member(const struct vrec *r, const char *name)
{
	struct cur c = { r->line, r->line + r->len };
	struct vstr key, none = { NULL, 0 }, v;
	int first = 1, deep = 0;

	if (r->form != VIEW_JSON)
		return none;
	while (cur_member(&c, &key, &first) == 1) {
		if (!deep && vstr_is(&key, "hpd")) {
			deep = first = 1;
			continue;
		}
		v.p = c.p;
		if (cur_skip(&c, VJSON_DEPTH) == -1)
			break;
		v.n = (uint32_t)(c.p - v.p);
		if (deep && vstr_is_n(&key, name, strlen(name)))
			return v;
	}
	return none;
}

/* Make room and hand out an item of len bytes; NULL when it may not be. */
static struct talk_item *
item_new(struct talks *ts, struct talk *t, const struct vrec *r, uint8_t kind,
    size_t len)
{
	struct talk_item **more, *it;
	size_t cap;

	if (t->n == ts->limit.items) {
		t->shortened = 1;
		return NULL;
	}
	if (t->n == t->cap) {
		cap = t->cap ? t->cap * 2 : 8;
		more = realloc(t->items, cap * sizeof(*more));
		if (more == NULL) {
			ts->failed = 1;
			return NULL;
		}
		t->items = more;
		t->cap = cap;
	}
	it = malloc(sizeof(*it) + len + 1);
	if (it == NULL) {
		ts->failed = 1;
		return NULL;
	}
	it->wall_ns = r->wall_ns;
	it->seq = r->seq;
	it->offset = r->offset;
	it->kind = kind;
	it->flags = 0;
	it->len = 0;
	t->items[t->n++] = it;
	return it;
}

/* A chunk of one direction: bytes beyond the bound are left out by where they
 * stand in the stream, so that the order of the files does not matter. */
static void
take_chunk(struct talks *ts, struct talk *t, const struct vrec *r)
{
	struct vstr s = r->data_b64.p != NULL ? r->data_b64 : r->data;
	uint64_t room = r->offset < ts->limit.stream ?
	    ts->limit.stream - r->offset : 0;
	size_t cap = r->data_b64.p != NULL ? s.n / 4 * 3 + 3 : s.n;
	struct talk_item *it;

	if (room == 0) {
		t->shortened = 1;
		return;
	}
	it = item_new(ts, t, r, r->out ? TALK_OUT : TALK_IN, cap);
	if (it == NULL)
		return;
	if (r->data_b64.p != NULL)
		it->len = (uint32_t)html_unb64(s.p, s.n, it->data, cap);
	else if (s.p != NULL)
		it->len = (uint32_t)vstr_text(s, (char *)it->data, cap);
	if (r->flags & EV_CHUNK_CUT)
		it->flags |= TALK_CUT;
	if (r->flags & EV_CHUNK_DGRAM)
		it->flags |= TALK_DGRAM;
	if (it->len > room) {
		it->len = (uint32_t)room;
		it->flags |= TALK_SHORT;
		t->shortened = 1;
	}
	t->bytes[it->kind] += it->len;
}

/* Text of a record that is not of the stream: raw JSON or a string's body. */
static void
take_text(struct talks *ts, struct talk *t, const struct vrec *r, uint8_t kind,
    struct vstr s)
{
	const struct event_row *row = event_row(r->kind);
	const char *name = kind == TALK_NOTE && row != NULL ? row->name : "";
	size_t head = strlen(name);
	struct talk_item *it;

	if (t->bytes[kind] + head + s.n > ts->limit.text) {
		t->shortened = 1;
		return;
	}
	it = item_new(ts, t, r, kind, head + 1 + s.n);
	if (it == NULL)
		return;
	memcpy(it->data, name, head);
	it->len = (uint32_t)head;
	if (head > 0 && s.p != NULL && s.n > 0)
		it->data[it->len++] = ' ';
	if (s.p != NULL && kind == TALK_FIELD) {
		memcpy(it->data + it->len, s.p, s.n);
		it->len += s.n;
	} else if (s.p != NULL) {
		it->len += (uint32_t)vstr_text(s, (char *)it->data + it->len,
		    s.n);
	}
	t->bytes[kind] += it->len;
}

static void
take(struct talks *ts, struct talk *t, const struct vrec *r)
{
	struct vstr s;

	switch (r->kind) {
	case EV_SESSION_DATA:
		take_chunk(ts, t, r);
		return;
	case EV_SVC_LINE:
		take_text(ts, t, r, TALK_LINE, r->message);
		return;
	case EV_SVC_FIELD:
		s = r->script;
		if (s.p == NULL)
			s = rec_member(r, "script_text");
		take_text(ts, t, r, TALK_FIELD, s);
		return;
	default:
		if (ts->limit.notes)
			take_text(ts, t, r, TALK_NOTE,
			    r->why.p != NULL ? r->why : r->service);
	}
}

void
talks_take(struct talks *ts, const struct vrec *r)
{
	size_t i;
	uint32_t at;

	if (r->session == 0 || r->form != VIEW_JSON)
		return;
	i = look(ts, r->sensor, r->boot, r->session);
	at = ts->index[i];
	if (at == 0)
		return;
	pthread_mutex_lock(&ts->lock[at % TALK_LOCKS]);
	take(ts, &ts->t[at - 1], r);
	pthread_mutex_unlock(&ts->lock[at % TALK_LOCKS]);
}

int
talks_scan(struct view *v, unsigned int nthreads, view_fn fn, void *state)
{
	struct view some = *v;
	size_t i;
	int rc;

	some.files = calloc(v->nfiles + 1, sizeof(*some.files));
	if (some.files == NULL) {
		fprintf(stderr, "hpview: no memory\n");
		return -1;
	}
	some.nfiles = 0;
	for (i = 0; i < v->nfiles; i++)
		if (v->files[i].stream != STREAM_PROBES)
			some.files[some.nfiles++] = v->files[i];
	for (i = 0; i < some.nfiles; i++) { /* the others stay v's */
		some.files[i].marks = NULL;
		some.files[i].nmarks = 0;
	}
	rc = view_scan(&some, nthreads, fn, state);
	view_marks_free(&some);
	free(some.files);
	return rc;
}

static int
order(const void *a, const void *b)
{
	const struct talk_item *x = *(struct talk_item *const *)a;
	const struct talk_item *y = *(struct talk_item *const *)b;

	if (x->wall_ns != y->wall_ns)
		return x->wall_ns < y->wall_ns ? -1 : 1;
	if (x->kind == y->kind && x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void
talks_sort(struct talks *ts)
{
	size_t i;

	for (i = 0; i < ts->n; i++)
		if (ts->t[i].n > 1)
			qsort(ts->t[i].items, ts->t[i].n,
			    sizeof(*ts->t[i].items), order);
}
