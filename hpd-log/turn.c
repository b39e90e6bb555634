/* SPDX-License-Identifier: ISC */
/*
 * From one segment to the next, in hpd-log: last words, first words, and who
 * hears of them. Sealed streams say it in their own chain, as their first and
 * last line; the others in the events stream, with a hash. Must never put a
 * line between a sealed segment's begin and the file's start, nor behind its
 * end.
 */
#include <string.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-log/honeyd_text.h"
#include "hpd-log/log.h"
#include "hpd-log/pcap.h"

uint32_t
turn_why(const struct logd *ld, unsigned int stream, int64_t now)
{
	const struct segment *s = &ld->seg[stream];
	int64_t max_ns = 0;

	if (s->state == SEG_NONE)
		return ld->seal->segment[stream] == 0 ? SEG_WHY_START :
		    SEG_WHY_RESTART;
	if (ld->has_image)
		max_ns = ld->img.hdr->log_segment_seconds * NS_SEC;
	return (uint32_t)segment_full(s, now, max_ns);
}

static void
fill(const struct logd *ld, struct ev_segment *e, unsigned int stream,
    uint32_t phase, uint32_t why, int error)
{
	const struct segment *s = &ld->seg[stream];

	memset(e, 0, sizeof(*e));
	e->stream = stream;
	e->number = s->number;
	e->phase = phase;
	e->why = why;
	e->error = why == SEG_FULL_ERROR ? error : 0;
	e->ordinal = ld->seal->ordinal;
	if (phase == 2) {
		e->lines = s->lines;
		e->bytes = s->size;
	}
}

/* A begin or end that is not in the file has not been said: its number is
 * free again. */
static void
unsay(struct logd *ld, struct lines *l)
{
	ld->own_seq--;
	l->w.len = l->off = 0;
	l->n = l->done = 0;
}

/* What stops at a begin or end is said after its number is free again: two
 * records must never have the same. */
static void
mark_probes(struct logd *ld)
{
	struct segment *s = &ld->seg[STREAM_PROBES];
	uint64_t lines = s->lines;
	uint8_t said = s->said;

	s->said = 1;
	stream_probes(ld);
	s->said = said;
	if (s->lines > lines)
		return;
	ld->own_seq--;
	stream_stopped(ld, STREAM_PROBES);
}

static void
end_events(struct logd *ld, const struct ev_segment *e)
{
	struct lines *l = &ld->out[SEAL_EVENTS];
	struct segment *s = &ld->seg[STREAM_EVENTS];
	struct ev_segment now = *e;
	uint8_t said;

	if (!stream_flush(ld) || s->state != SEG_OK)
		return;
	now.lines = s->lines;
	now.bytes = s->size;
	ld->json.sums = &ld->sums[SEAL_EVENTS];
	own_mark(ld, SEAL_EVENTS, &now, 0);
	ld->json.sums = NULL;
	said = s->said;
	s->said = 1;
	if (!stream_events(ld)) {
		s->said = said;
		unsay(ld, l);
		stream_stopped(ld, STREAM_EVENTS);
	}
}

static void
end_probes(struct logd *ld, const struct ev_segment *e)
{
	struct segment *s = &ld->seg[STREAM_PROBES];
	struct json_sums sums = ld->sums[SEAL_PROBES];

	ld->json.sums = &sums;
	if (s->state == SEG_OK) {
		own_mark(ld, SEAL_PROBES, e, 0);
		mark_probes(ld);
	}
	own_data(ld, EV_LOG_SEGMENT, e, sizeof(*e));
	ld->json.sums = NULL;
}

void
turn_end(struct logd *ld, unsigned int stream, uint32_t why)
{
	struct segment *s = &ld->seg[stream];
	int64_t now = clock_mono_ns();
	struct ev_segment e;

	if (s->state == SEG_NONE)
		return;
	s->quota += SEGMENT_OVER_MAX; /* nothing but the last words follows */
	fill(ld, &e, stream, 2, why, s->error);
	segment_retry(s);
	if (stream == STREAM_EVENTS) {
		end_events(ld, &e);
	} else if (stream == STREAM_PROBES) {
		end_probes(ld, &e);
	} else if (stream == STREAM_HONEYD) {
		honeyd_mark(&ld->time, &ld->text[stream], clock_wall_ns(), 0);
		ld->text_lines[stream]++;
		stream_text(ld, stream);
	}
	if (s->torn) /* best effort: end the torn line for other readers */
		(void)segment_write(s, "\n", 1, 1, now);
	if (sealing_chain(stream) < 0) {
		e.lines = s->lines;
		e.bytes = s->size;
		own_data(ld, EV_LOG_SEGMENT, &e, sizeof(e));
		digest_tell(ld, stream, 1);
	}
	stream_sync(ld, stream, now);
}

/* The probes segment of one that died: its sums as far as they hold. */
static void
tell_orphan(struct logd *ld)
{
	const struct seal_half *h = &ld->work;
	struct json_sums sums;
	struct ev_segment e;
	uint16_t k;
	int i;

	if (h->number == 0)
		return;
	memset(&sums, 0, sizeof(sums));
	for (k = 0; k < EV_KIND_MAX; k++) {
		if ((i = fold_index(k)) < 0)
			continue;
		sums.records[k] = h->probes[i].records;
		sums.packets[k] = h->probes[i].packets;
	}
	sums.records[EV_LOG_SEGMENT] = sums.packets[EV_LOG_SEGMENT] = 1;
	fill(ld, &e, STREAM_PROBES, 2, SEG_WHY_RESTART, 0);
	e.number = (uint32_t)h->number;
	e.lines = h->lines;
	e.bytes = h->bytes;
	ld->json.sums = &sums;
	own_data(ld, EV_LOG_SEGMENT, &e, sizeof(e));
	ld->json.sums = NULL;
}

static void
begin_probes(struct logd *ld, const struct ev_segment *e)
{
	struct segment *s = &ld->seg[STREAM_PROBES];

	if (e->why == SEG_WHY_RESTART)
		tell_orphan(ld);
	memset(ld->work.probes, 0, sizeof(ld->work.probes));
	ld->work.lines = ld->work.bytes = 0;
	ld->work.number = s->number;
	own_mark(ld, SEAL_PROBES, e, 1);
	mark_probes(ld);
	if (ld->held == -1)
		fold_commit(ld);
}

void
turn_begin(struct logd *ld, unsigned int stream, uint32_t why, int error)
{
	int chain = sealing_chain(stream);
	struct ev_segment e;

	fill(ld, &e, stream, 1, why, error);
	e.prev_number = ld->seal->segment[stream];
	ld->seal->segment[stream] = e.number;
	if (chain >= 0) {
		memset(&ld->sums[chain], 0, sizeof(ld->sums[chain]));
		seal_told(ld->seal, (unsigned int)chain, &e);
	}
	if (stream == STREAM_EVENTS) {
		sealing_again(ld, &e);
		return;
	}
	if (stream == STREAM_PROBES) {
		begin_probes(ld, &e);
		return;
	}
	digest_begin(ld, stream);
	own_data(ld, EV_LOG_SEGMENT, &e, sizeof(e));
	if (stream == STREAM_HONEYD) {
		honeyd_mark(&ld->time, &ld->text[stream], clock_wall_ns(), 1);
		ld->text_lines[stream]++;
		stream_text(ld, stream);
	} else if (stream == STREAM_PCAP) {
		pcap_head(&ld->text[stream]);
		stream_frames(ld);
	}
}
