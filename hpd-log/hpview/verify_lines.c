/* SPDX-License-Identifier: ISC */
/*
 * Every line of one segment against its chain, in hpview verify. What does not
 * verify stays `pending' until the next line that does tells by its index what
 * happened: altered, missing, inserted. Must stay fast where all is well, and
 * bounded where nothing is.
 */
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/verify.h"

#define MARK_EVERY  1024 /* records between two copies of the chain */
#define SKIP_MAX    (1ull << 24) /* records looked ahead for one line */
#define TRIALS_MAX  2000 /* lines of a segment that get a closer look */
#define WASTE_MAX   (1ull << 26) /* records skipped for what was not true */
#define NAMED_MAX   100  /* of which are named one by one */

struct walk {
	struct vf_work *w;
	struct vf_seg *s;
	struct seal_chain c;	/* at the next record expected */
	struct seal_chain mark; /* somewhere before */
	struct vf_range *miss;
	size_t nmiss, misscap;
	struct vf_pend pend;
	uint64_t waste;
	uint64_t line, trials, named, at; /* at: of the last line's first byte */
	uint64_t kinds[EV_KIND_MAX], want[EV_KIND_MAX];
};

static void
back_to(struct walk *k, uint64_t i)
{
	k->c = k->mark.index <= i ? k->mark : k->s->at;
	seal_skip(&k->c, i);
}

static int
true_at(struct walk *k, uint64_t i, const char *line, size_t body,
    const uint8_t tag[SEAL_TAG_LEN])
{
	struct seal_chain c = k->mark.index <= i ? k->mark : k->s->at;

	uint64_t work = i - c.index;

	if (i < c.index || work > SKIP_MAX ||
	    (k->waste > WASTE_MAX && work > 2 * MARK_EVERY))
		return 0;
	seal_skip(&c, i);
	if (seal_check(&c, line, body, tag))
		return 1;
	k->waste += work;
	return 0;
}

static int
may_name(struct walk *k)
{
	return k->named++ < NAMED_MAX;
}

/* Pending lines stand for the records [from, to), or for none. */
static void
settle(struct walk *k, uint64_t from, uint64_t to)
{
	struct vf_pend *p = &k->pend;
	uint64_t room = to - from, n;

	if (p->n == 0 && room == 0)
		return;
	n = p->n < room ? p->n : room;
	if (n > 0)
		vf_seg_add(k->s, VF_ALTERED, p->first_line, from, from + n,
		    n == 1 ? "a record was altered" :
		    "%llu lines were altered", (unsigned long long)n);
	if (p->n > room)
		vf_seg_add(k->s, VF_INSERTED, p->first_line + room, 0, 0,
		    "%llu line%s inserted", (unsigned long long)(p->n - room),
		    p->n - room == 1 ? " was" : "s were");
	if (room > p->n) {
		vf_seg_add(k->s, VF_MISSING, k->line, from + n, to,
		    "%llu record%s missing before this line",
		    (unsigned long long)(room - n), room - n == 1 ? " is" :
		    "s are");
		if (k->nmiss == k->misscap) {
			size_t cap = k->misscap ? k->misscap * 2 : 16;
			void *v = realloc(k->miss, cap * sizeof(*k->miss));

			if (v == NULL)
				abort();
			k->miss = v;
			k->misscap = cap;
		}
		k->miss[k->nmiss++] = (struct vf_range){ from, to, k->line };
	}
	memset(p, 0, sizeof(*p));
}

static void
pending(struct walk *k)
{
	if (k->pend.n++ == 0)
		k->pend.first_line = k->line;
	k->pend.last_line = k->line;
}

static void
control(struct walk *k, const char *line, size_t body, struct vf_line *l)
{
	struct vf_seg *s = k->s;
	struct vf_ctl t;
	struct vf_begin b;
	struct vf_end e;

	if (l->kind == EV_LOG_SEGMENT && k->line == 1 &&
	    vf_begin_read(line, body, &b) == 0) {
		s->begin = b;
		return;
	}
	/* The events stream holds other streams' end records as well. */
	if (l->kind == EV_LOG_SEGMENT &&
	    vf_end_read(line, body, &e, NULL) == 0 &&
	    e.stream == s->name.stream && e.number == s->name.number)
		(void)vf_end_read(line, body, &s->end, k->want);
	if (vf_ctl_read(line, body, l, &t) == -1)
		return;
	if (s->nctl == s->ctlcap) {
		size_t cap = s->ctlcap ? s->ctlcap * 2 : 16;
		void *v = realloc(s->ctl, cap * sizeof(*s->ctl));

		if (v == NULL)
			abort();
		s->ctl = v;
		s->ctlcap = cap;
	}
	t.line = k->line;
	if (t.kind != CTL_END && t.kind != CTL_BEGIN)
		t.ordinal = s->ordinal;
	s->ctl[s->nctl++] = t;
}

/* A true record, index i. */
static void
good(struct walk *k, const char *line, size_t body, uint64_t i,
    const uint8_t tag[SEAL_TAG_LEN])
{
	struct vf_seg *s = k->s;
	struct vf_line l;

	s->good++;
	s->next = i + 1;
	memcpy(s->last_tag, tag, SEAL_TAG_LEN);
	vf_line_read(line, body, &l);
	if (s->end.there) { /* the very last line, it says */
		vf_seg_add(s, VF_TELLS, k->line, i, i + 1,
		    "a record behind the end of the segment");
		s->end.there = 0;
	}
	if (l.kind >= EV_LOG_LOST && l.kind <= EV_LOG_TEXT)
		control(k, line, body, &l);
	if (!s->end.there && l.kind < EV_KIND_MAX)
		k->kinds[l.kind]++;
	if (l.has_who && !k->w->set->no_seqs)
		vf_seqs_put(k->w->seqs, &l);
	if (k->c.index - k->mark.index >= MARK_EVERY)
		k->mark = k->c;
}

/* A line with an index of its own that is not the next one. */
static void
elsewhere(struct walk *k, const char *line, size_t body, uint64_t i,
    const uint8_t tag[SEAL_TAG_LEN])
{
	uint64_t e = k->s->next;
	size_t m;

	if (k->trials++ >= TRIALS_MAX) {
		pending(k);
		return;
	}
	if (i > e && i <= k->w->limit && true_at(k, i, line, body, tag)) {
		settle(k, e, i);
		back_to(k, i + 1);
		good(k, line, body, i, tag);
		return;
	}
	if (i < e && i >= k->s->first && true_at(k, i, line, body, tag)) {
		for (m = 0; m < k->nmiss; m++)
			if (i >= k->miss[m].from && i < k->miss[m].to)
				break;
		if (may_name(k))
			vf_seg_add(k->s, m < k->nmiss ? VF_ORDER : VF_REPEATED,
			    k->line, i, i + 1, m < k->nmiss ?
			    "a record that belongs further up" :
			    "a record once more");
		return;
	}
	pending(k);
	back_to(k, e);
}

static void
one(struct walk *k, const char *line, size_t len)
{
	uint8_t tag[SEAL_TAG_LEN];
	uint64_t i;
	size_t body;

	k->line++;
	if (seal_parse(line, len, &body, &i, tag) == -1) {
		pending(k);
		return;
	}
	if (i != k->s->next) {
		elsewhere(k, line, body, i, tag);
		return;
	}
	if (seal_check(&k->c, line, body, tag)) {
		settle(k, i, i);
		good(k, line, body, i, tag);
		return;
	}
	pending(k);
	back_to(k, i);
}

/* The begin and end records against the file that they stand in. */
static void
ends(struct walk *k)
{
	struct vf_seg *s = k->s;
	uint64_t lines = s->lines - 1;
	size_t i;

	if (s->good == 0)
		return;
	if (!s->begin.there && s->nbad == 0 && s->tail.n == 0)
		vf_seg_add(s, VF_TELLS, 1, s->first, s->first + 1,
		    "the segment does not begin with a begin record");
	if (s->begin.there && (s->begin.stream != s->name.stream ||
	    s->begin.number != s->name.number ||
	    s->begin.ordinal != s->ordinal))
		vf_seg_add(s, VF_FOREIGN, 1, 0, 0, "the file is not what its "
		    "name says: it was %s, number %llu",
		    s->begin.stream == STREAM_PROBES ? "probes" : "events",
		    (unsigned long long)s->begin.number);
	if (!s->end.there || s->nbad > 0 || s->tail.n > 0)
		return;
	if (s->end.lines != lines)
		vf_seg_add(s, VF_TELLS, s->lines, 0, 0, "the end record "
		    "counts %llu lines, there are %llu",
		    (unsigned long long)s->end.lines,
		    (unsigned long long)lines);
	if (s->end.bytes != k->at)
		vf_seg_add(s, VF_TELLS, s->lines, 0, 0, "the end record "
		    "counts %llu bytes, there are %llu",
		    (unsigned long long)s->end.bytes,
		    (unsigned long long)k->at);
	for (i = 0; s->end.records > 0 && i < EV_KIND_MAX; i++)
		if (k->want[i] != k->kinds[i])
			vf_seg_add(s, VF_TELLS, s->lines, 0, 0,
			    "the end record counts %llu of kind %s, there are "
			    "%llu", (unsigned long long)k->want[i],
			    event_row((uint16_t)i) == NULL ? "?" :
			    event_row((uint16_t)i)->name,
			    (unsigned long long)k->kinds[i]);
}

/* Can that be what was written of a record before the writer died, or the disk
 * was full (then it was ended with a newline)? */
static int
is_torn(const char *p, size_t len)
{
	static const char head[] = "{\"@timestamp\":\"";
	size_t n;

	if (len > 0 && p[len - 1] == '\n' && --len > 0 && p[len - 1] == '}')
		return 0;
	n = len < sizeof(head) - 1 ? len : sizeof(head) - 1;
	return len > 0 && memcmp(p, head, n) == 0;
}

void
vf_lines(struct vf_work *w, struct vf_seg *s, unsigned int thread)
{
	static const char none[1];
	struct walk *k = calloc(1, sizeof(*k));
	const char *p = s->in->len > 0 ? s->in->data : none;
	const char *end = p + s->in->len, *nl, *last = p;

	(void)thread;
	if (k == NULL)
		abort();
	k->w = w;
	k->s = s;
	k->c = k->mark = s->at;
	s->next = s->first;
	for (; p < end; p = nl + 1) {
		last = p;
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL) {
			s->torn = 1;
			k->line++;
			pending(k);
			break;
		}
		one(k, p, (size_t)(nl - p) + 1);
	}
	s->lines = k->line;
	k->at = (uint64_t)(last - s->in->data);
	s->tail = k->pend;
	s->tail_torn = s->tail.n > 0 && is_torn(last, (size_t)(end - last));
	ends(k);
	if (k->named > NAMED_MAX)
		vf_seg_add(s, VF_ORDER, 0, 0, 0, "%llu more of these",
		    (unsigned long long)(k->named - NAMED_MAX));
	free(k->miss);
	free(k);
}
