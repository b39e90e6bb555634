/* SPDX-License-Identifier: ISC */
/*
 * Records to streams, in hpd-log, by the table of kinds: events as lines,
 * probes as lines or counts, frames as libpcap's records or counts, and
 * honeyd's texts beside. Must never make a count of a record of the events
 * stream, nor a line of a frame.
 */
#include <string.h>

#include "hpd-log/honeyd_text.h"
#include "hpd-log/log.h"
#include "hpd-log/pcap.h"

void
route_begin(struct logd *ld, unsigned int slot, const struct msg_events *h)
{
	struct seal_way *y = &ld->seal->way;

	__atomic_store_n(&y->end, 0, __ATOMIC_RELEASE);
	y->slot = slot;
	y->run = h->run;
	y->boot = h->boot;
	y->first = h->first_seq;
	__atomic_store_n(&y->end, h->first_seq + h->count, __ATOMIC_RELEASE);
}

/* May it stand in a segment already, written by one who was killed then? */
static int
in_doubt(const struct logd *ld, unsigned int slot, const struct json_who *who)
{
	const struct seal_way *y = &ld->doubt;

	return y->end != 0 && y->slot == slot && y->boot == who->boot &&
	    y->run == who->run && who->seq >= y->first && who->seq < y->end;
}

static void
line(struct logd *ld, unsigned int chain, const struct json_who *who,
    const struct event *ev)
{
	struct lines *l = &ld->out[chain];
	size_t start = l->w.len;

	if (l->w.cap - start < JSON_LINE_MAX + SEAL_TAIL_MAX ||
	    l->n == LOG_NOTES ||
	    json_event(&ld->json, &l->w, who, ev) == 0) {
		ld->stats[LS_UNFIT]++;
		return;
	}
	sealing_line(ld, chain, start, ev, 0);
}

static void
frame(struct logd *ld, const struct event *ev)
{
	const struct ev_frame *f;
	size_t len;

	f = event_data(ev, &len);
	if (ld->level >= LEVEL_NO_FRAMES)
		fold_add(ld, ev->kind, ev->count, f->wire_len, ev->wall_ns,
		    FOLD_LEVEL);
	else if (ld->seg[STREAM_PCAP].state != SEG_OK ||
	    !pcap_frame(&ld->text[STREAM_PCAP], ev))
		fold_add(ld, ev->kind, ev->count, f->wire_len, ev->wall_ns,
		    FOLD_STOPPED);
	else
		ld->text_lines[STREAM_PCAP]++;
}

static void
texts(struct logd *ld, const struct event *ev)
{
	if (ld->seg[STREAM_HONEYD].state != SEG_NONE)
		ld->text_lines[STREAM_HONEYD] += (uint32_t)honeyd_packet(
		    &ld->time, &ld->text[STREAM_HONEYD], ld->json.img, ev);
	if (ld->seg[STREAM_SERVICE].state != SEG_NONE)
		ld->text_lines[STREAM_SERVICE] += (uint32_t)honeyd_service(
		    &ld->time, &ld->text[STREAM_SERVICE], ev);
}

/* A probe: its own stream; the events' where there is none, and for one that
 * may stand in a segment already: a count could not be told from it. */
static void
probe(struct logd *ld, unsigned int slot, const struct json_who *who,
    const struct event *ev)
{
	const struct segment *s = &ld->seg[STREAM_PROBES];
	int doubt = in_doubt(ld, slot, who);

	if (ld->level >= LEVEL_FOLD && !doubt) {
		fold_add(ld, ev->kind, ev->count, 0, ev->wall_ns, FOLD_LEVEL);
		return;
	}
	if (s->state == SEG_OK && ld->level < LEVEL_FOLD)
		line(ld, SEAL_PROBES, who, ev);
	else if (s->state == SEG_NONE || doubt)
		line(ld, SEAL_EVENTS, who, ev);
	else
		fold_add(ld, ev->kind, ev->count, 0, ev->wall_ns,
		    FOLD_STOPPED);
	texts(ld, ev);
}

void
route(struct logd *ld, unsigned int slot, const struct json_who *who,
    const struct event *ev)
{
	const struct event_row *row = event_row(ev->kind);

	if (row->stream == STREAM_PCAP) {
		frame(ld, ev);
	} else if (row->stream == STREAM_PROBES) {
		probe(ld, slot, who, ev);
	} else {
		line(ld, SEAL_EVENTS, who, ev);
		texts(ld, ev);
		if (ev->kind == EV_LOG_RETIRED)
			ld->hurry = 1;
	}
}
