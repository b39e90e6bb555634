/* SPDX-License-Identifier: ISC */
/*
 * hpd-log's own records: segments, gaps, counts, figures. They wait as lines
 * without seal and get it when they go behind the events' lines. Their sequence
 * starts at 1 with each start of hpd-log, which the field hpd.run tells apart;
 * counts have one of their own (instance 1) that goes on, so that a reader sees
 * when one was written twice. Must never carry a peer's bytes but as text that
 * the JSON writer escapes.
 */
#include <stdarg.h>
#include <stdio.h>

#include "common/clock.h"
#include "hpd-log/log.h"

struct own {
	struct event ev;
	uint8_t data[EVENT_DATA_MAX];
};

static void
make(struct own *o, uint16_t kind, uint8_t verdict, size_t len)
{
	memset(&o->ev, 0, sizeof(o->ev));
	o->ev.kind = kind;
	o->ev.verdict = verdict;
	o->ev.wall_ns = clock_wall_ns();
	o->ev.count = 1;
	o->ev.pad = (uint8_t)(-len & 7);
	o->ev.len = (uint16_t)(sizeof(o->ev) + len + o->ev.pad);
	memset(o->data + len, 0, o->ev.pad);
}

/* Behind what waits. 1, or 0: no room. */
static int
put(struct logd *ld, struct own *o, const struct json_who *who)
{
	struct lines *l = &ld->own;
	struct note *n;

	if (l->w.len > LOG_OWN_ROOM || l->n == LOG_NOTES ||
	    json_event(&ld->json, &l->w, who, &o->ev) == 0) {
		ld->stats[LS_OWN_LOST]++;
		return 0;
	}
	n = &l->note[l->n++];
	memset(n, 0, sizeof(*n));
	n->end = l->w.len;
	n->kind = o->ev.kind;
	n->count = o->ev.count;
	n->wall_ns = o->ev.wall_ns;
	ld->stats[LS_OWN]++;
	return 1;
}

static void
put_own(struct logd *ld, struct own *o)
{
	struct json_who who = { ld->boot, ld->own_seq, ld->run, PROC_LOG, 0 };

	if (put(ld, o, &who))
		ld->own_seq++;
}

void
own_text(struct logd *ld, uint16_t kind, uint8_t verdict, const char *fmt, ...)
{
	struct own o;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf((char *)o.data, sizeof(o.data) - 8, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(o.data) - 8)
		n = (int)sizeof(o.data) - 9;
	make(&o, kind, verdict, (size_t)n);
	put_own(ld, &o);
}

void
own_data(struct logd *ld, uint16_t kind, const void *data, size_t len)
{
	struct own o;

	memcpy(o.data, data, len);
	make(&o, kind, 0, len);
	put_own(ld, &o);
}

void
own_lost(struct logd *ld, uint16_t kind, const struct ev_lost *l)
{
	own_data(ld, kind, l, sizeof(*l));
}

int
own_fold(struct logd *ld, uint64_t seq, const struct ev_fold *f)
{
	struct json_who who = { ld->boot, seq, ld->boot, PROC_LOG, 1 };
	struct own o;

	memcpy(o.data, f, sizeof(*f));
	make(&o, EV_LOG_FOLDED, 0, sizeof(*f));
	return put(ld, &o, &who);
}

void
own_mark(struct logd *ld, unsigned int chain, const struct ev_segment *s,
    int begin)
{
	struct json_who who = { ld->boot, ld->own_seq, ld->run, PROC_LOG, 0 };
	struct lines *l = &ld->out[chain];
	size_t start = l->w.len;
	struct own o;

	memcpy(o.data, s, sizeof(*s));
	make(&o, EV_LOG_SEGMENT, 0, sizeof(*s));
	if (l->n == LOG_NOTES ||
	    json_event(&ld->json, &l->w, &who, &o.ev) == 0) {
		ld->stats[LS_OWN_LOST]++;
		return;
	}
	ld->own_seq++;
	ld->stats[LS_OWN]++;
	sealing_line(ld, chain, start, &o.ev, begin);
}

void
own_move(struct logd *ld)
{
	struct lines *o = &ld->own, *l = &ld->out[SEAL_EVENTS];
	size_t at = o->done > 0 ? o->note[o->done - 1].end : 0;

	/* one note less: a segment that follows this one begins with its own */
	while (o->done < o->n && l->n < LOG_NOTES - 1) {
		const struct note *n = &o->note[o->done];
		struct event ev = { .kind = n->kind, .count = n->count,
			.wall_ns = n->wall_ns };
		size_t start = l->w.len;

		if (l->w.cap - start < n->end - at + SEAL_TAIL_MAX)
			return;
		memcpy(l->w.data + start, o->w.data + at, n->end - at);
		l->w.len += n->end - at;
		sealing_line(ld, SEAL_EVENTS, start, &ev, 0);
		at = n->end;
		o->done++;
	}
	if (o->done == o->n) {
		o->n = o->done = 0;
		o->w.len = 0;
	}
}

/* What a counter has gained since the last record of figures. */
static uint64_t
gained(struct logd *ld, unsigned int id)
{
	uint64_t n = ld->stats[id] - ld->period_base[id];

	ld->period_base[id] = ld->stats[id];
	return n;
}

void
own_stats(struct logd *ld, int64_t now)
{
	struct ev_logstats *e = &ld->period;

	if (now - ld->period_ns < LOG_STATS_NS)
		return;
	ld->period_ns = now;
	e->records = gained(ld, LS_RECORDS);
	e->lines = gained(ld, LS_LINES);
	e->bytes = gained(ld, LS_BYTES);
	e->lost = gained(ld, LS_GAP_RECORDS) + gained(ld, LS_UNFIT) +
	    gained(ld, LS_OWN_LOST) + gained(ld, LS_TEXT_LOST);
	e->folded = gained(ld, LS_FOLDED);
	e->syncs = gained(ld, LS_SYNCS);
	if (e->records + e->lost + e->folded > 0)
		own_data(ld, EV_LOG_STATS, e, sizeof(*e));
	memset(e, 0, sizeof(*e));
}
