/* SPDX-License-Identifier: ISC */
/*
 * The streams that never wait, in hpd-log: probes and frames become counts when
 * their file takes no more, honeyd's texts drop and count. Must never hold up a
 * datagram.
 */
#include <string.h>

#include "common/clock.h"
#include "hpd-log/log.h"
#include "hpd-log/pcap.h"

void
stream_probes(struct logd *ld)
{
	struct segment *s = &ld->seg[STREAM_PROBES];
	struct lines *l = &ld->out[SEAL_PROBES];
	int64_t now;

	if (l->w.len == 0)
		return;
	now = clock_mono_ns();
	l->off = segment_write(s, l->w.data, l->w.len, 0, now);
	ld->stats[LS_BYTES] += l->off;
	sealing_written(ld, SEAL_PROBES);
	if (l->off < l->w.len) {
		s->final = 1; /* its chain goes on in the next one */
		stream_stopped(ld, STREAM_PROBES);
	}
	for (; l->done < l->n; l->done++)
		fold_add(ld, l->note[l->done].kind, l->note[l->done].count, 0,
		    l->note[l->done].wall_ns, FOLD_STOPPED);
	l->w.len = l->off = 0;
	l->n = l->done = 0;
	stream_ask(ld, STREAM_PROBES, now);
	if (s->unsynced > 0 && s->unsynced >= s->sync_bytes)
		stream_sync(ld, STREAM_PROBES, now);
}

/* Frames that are not whole in the file become counts. */
static void
fold_frames(struct logd *ld, const char *p, size_t len, size_t done)
{
	struct pcap_rec r;
	size_t at = 0, n;

	while ((n = pcap_next(p + at, len - at, &r)) > 0) {
		if (at + n > done)
			fold_add(ld, EV_FRAME, 1, r.wire_len,
			    (int64_t)r.sec * NS_SEC + r.nsec, FOLD_STOPPED);
		else
			ld->seg[STREAM_PCAP].lines++;
		at += n;
	}
}

void
stream_frames(struct logd *ld)
{
	struct segment *s = &ld->seg[STREAM_PCAP];
	struct wbuf *w = &ld->text[STREAM_PCAP];
	int64_t now;
	size_t done;

	if (w->len == 0)
		return;
	now = clock_mono_ns();
	if (segment_bytes(s, w->data, w->len, &done, now)) {
		s->lines += ld->text_lines[STREAM_PCAP];
		ld->stats[LS_FRAMES] += ld->text_lines[STREAM_PCAP];
	} else {
		stream_stopped(ld, STREAM_PCAP);
		if (ld->text_lines[STREAM_PCAP] > 0)
			fold_frames(ld, w->data, w->len, done);
	}
	ld->stats[LS_BYTES] += done;
	w->len = 0;
	ld->text_lines[STREAM_PCAP] = 0;
	stream_ask(ld, STREAM_PCAP, now);
	if (s->unsynced > 0 && s->unsynced >= s->sync_bytes)
		stream_sync(ld, STREAM_PCAP, now);
}

/* Lines that were dropped while a honeyd stream was stopped. */
static void
tell_lost(struct logd *ld, unsigned int stream)
{
	struct segment *s = &ld->seg[stream];
	struct ev_lost l;

	if (s->lost == 0)
		return;
	memset(&l, 0, sizeof(l));
	l.count = s->lost;
	l.proc = PROC_LOG;
	l.instance = stream;
	own_lost(ld, EV_LOG_LOST, &l);
	own_text(ld, EV_LOG_TEXT, 0,
	    "stream %s works again: %llu lines are missing in it",
	    log_stream_name(stream), (unsigned long long)s->lost);
	s->lost = 0;
}

static uint32_t
count_lines(const char *p, size_t len)
{
	const char *end = p + len, *nl;
	uint32_t n = 0;

	while (p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p = nl + 1;
	}
	return n;
}

void
stream_text(struct logd *ld, unsigned int stream)
{
	struct segment *s = &ld->seg[stream];
	struct wbuf *w = &ld->text[stream];
	uint32_t lines = ld->text_lines[stream], whole;
	int64_t now;
	size_t done;
	int was = s->state;

	if (w->len == 0)
		return;
	now = clock_mono_ns();
	done = segment_write(s, w->data, w->len, 0, now);
	whole = done == w->len ? lines : count_lines(w->data, done);
	ld->stats[LS_BYTES] += done;
	ld->stats[LS_TEXT_LINES] += whole;
	s->lines += whole;
	if (whole < lines) {
		ld->stats[LS_TEXT_LOST] += lines - whole;
		s->lost += lines - whole;
		if (was == SEG_OK)
			stream_stopped(ld, stream);
	} else {
		tell_lost(ld, stream);
	}
	w->len = 0;
	ld->text_lines[stream] = 0;
	stream_ask(ld, stream, now);
}
