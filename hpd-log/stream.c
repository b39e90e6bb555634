/* SPDX-License-Identifier: ISC */
/*
 * Streams, in hpd-log: what waits, what is in the segment, when the next one
 * is needed, what to do when the disk says no. The events stream holds (it
 * loses nothing while the producers have room); honeyd's streams drop and
 * count. Must never open a file: segments come from the parent.
 */
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-log/honeyd_text.h"
#include "hpd-log/log.h"

#define ASK_AGAIN_NS (10 * NS_SEC)

static const char *const stream_names[STREAM_MAX] = { "events", "honeyd",
	"service", "probes", "pcap" };

int
stream_ready(const struct logd *ld)
{
	return ld->running && ld->held == -1 &&
	    ld->seg[STREAM_EVENTS].state == SEG_OK && ld->ev_off == 0;
}

/* Ask the parent for the next segment, once and then every ten seconds. */
static void
ask(struct logd *ld, unsigned int stream, int64_t now)
{
	struct segment *s = &ld->seg[stream];
	struct msg_log_full m;
	int64_t max_ns = 0;
	int why;

	if (ld->has_image)
		max_ns = ld->img.hdr->log_segment_seconds * NS_SEC;
	why = segment_full(s, now, max_ns);
	if (why == 0 ||
	    (s->asked && now - ld->asked_ns[stream] < ASK_AGAIN_NS))
		return;
	memset(&m, 0, sizeof(m));
	m.stream = stream;
	m.number = s->number;
	m.why = (uint32_t)why;
	m.error = why == SEG_FULL_ERROR ? s->error : 0;
	s->asked = 1;
	ld->asked_ns[stream] = now;
	log_tell(ld, MSG_LOG_FULL, &m, sizeof(m));
}

static void
stopped(struct logd *ld, unsigned int stream)
{
	const struct segment *s = &ld->seg[stream];

	ld->stats[LS_STOPS]++;
	diag_warnx("stream %s stopped: %s", stream_names[stream],
	    s->error ? strerror(s->error) : "over its quota");
}

static void
sync_one(struct logd *ld, unsigned int stream, int64_t now)
{
	ld->stats[LS_SYNCS]++;
	if (segment_sync(&ld->seg[stream], now) == -1) {
		ld->stats[LS_SYNC_ERRORS]++;
		diag_warn("fdatasync of stream %s", stream_names[stream]);
		return;
	}
	if (stream == STREAM_EVENTS)
		producers_sealed(ld);
}

int
stream_flush(struct logd *ld)
{
	struct segment *s = &ld->seg[STREAM_EVENTS];
	const char *p = ld->ev.data + ld->ev_off;
	size_t len = ld->ev.len - ld->ev_off, done = 0;
	int64_t now = clock_mono_ns();
	int was = s->state;

	if (len > 0)
		done = segment_write(s, p, len,
		    ld->ev_off > 0 && p[-1] != '\n', now);
	ld->ev_off += done;
	ld->stats[LS_BYTES] += done;
	if (done < len) {
		if (was == SEG_OK && s->state == SEG_STOPPED)
			stopped(ld, STREAM_EVENTS);
		ask(ld, STREAM_EVENTS, now);
		producers_watch(ld);
		return 0;
	}
	ld->ev.len = ld->ev_off = 0;
	if (ld->held != -1)
		producer_took(ld);
	ask(ld, STREAM_EVENTS, now);
	if (s->unsynced >= SEGMENT_SYNC_BYTES)
		sync_one(ld, STREAM_EVENTS, now);
	return 1;
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
	    stream_names[stream], (unsigned long long)s->lost);
	s->lost = 0;
}

void
stream_text(struct logd *ld, unsigned int stream)
{
	struct segment *s = &ld->seg[stream];
	struct wbuf *w = &ld->text[stream];
	int64_t now = clock_mono_ns();
	size_t done, i;
	int was = s->state;

	if (w->len == 0)
		return;
	done = segment_write(s, w->data, w->len, 0, now);
	ld->stats[LS_BYTES] += done;
	for (i = 0; i < w->len; i++) {
		if (w->data[i] != '\n')
			continue;
		if (i < done) {
			ld->stats[LS_TEXT_LINES]++;
		} else {
			ld->stats[LS_TEXT_LOST]++;
			s->lost++;
		}
	}
	if (done == w->len)
		tell_lost(ld, stream);
	else if (was == SEG_OK)
		stopped(ld, stream);
	w->len = 0;
	ask(ld, stream, now);
}

/* The last words in a segment, when it still takes them. */
static void
close_segment(struct logd *ld, unsigned int stream)
{
	struct segment *s = &ld->seg[stream];
	int64_t now = clock_mono_ns();

	if (s->state == SEG_NONE)
		return;
	s->quota += SEGMENT_OVER_MAX; /* nothing but the closing line follows */
	segment_retry(s);
	if (stream == STREAM_EVENTS && ld->held == -1 && ld->ev_off == 0) {
		own_text(ld, EV_LOG_TEXT, 0,
		    "%s segment %u ends after %llu lines, %llu bytes",
		    stream_names[stream], s->number,
		    (unsigned long long)s->lines, (unsigned long long)s->size);
		(void)stream_flush(ld);
	} else if (stream == STREAM_HONEYD) {
		honeyd_mark(&ld->time, &ld->text[stream], clock_wall_ns(), 0);
		stream_text(ld, stream);
	}
	if (s->torn) /* best effort: end the torn line for other readers */
		(void)segment_write(s, "\n", 1, 1, now);
	sync_one(ld, stream, now);
}

/* A line of which only a part is in the old segment starts afresh. */
static void
rewind_line(struct logd *ld)
{
	while (ld->ev_off > 0 && ld->ev.data[ld->ev_off - 1] != '\n')
		ld->ev_off--;
}

void
stream_segment(struct logd *ld, const struct msg_log_segment *m, int fd)
{
	struct segment *s = &ld->seg[m->stream];
	int64_t now = clock_mono_ns();
	uint64_t lost = s->lost;
	int was = s->state, error = s->error;
	struct stat st;

	close_segment(ld, m->stream);
	fd = fd_place(fd, FD_SEGMENT_MIN + (int)m->stream);
	if (fd == -1)
		fatal("segment descriptor");
	if (fstat(fd, &st) == -1)
		fatal("segment");
	segment_open(s, fd, m->number, m->quota,
	    st.st_size > 0 ? (uint64_t)st.st_size : 0, now);
	s->lost = lost;
	ld->stats[LS_SEGMENTS]++;
	own_text(ld, EV_LOG_TEXT, 0, "%s segment %u begins%s%s",
	    stream_names[m->stream], m->number,
	    was == SEG_STOPPED ? "; the last one stopped: " : "",
	    was != SEG_STOPPED ? "" : error ? strerror(error) :
					      "over its quota");
	if (m->stream == STREAM_EVENTS) {
		rewind_line(ld);
	} else if (m->stream == STREAM_HONEYD) {
		honeyd_mark(&ld->time, &ld->text[m->stream], clock_wall_ns(),
		    1);
		stream_text(ld, m->stream);
	}
	(void)stream_flush(ld);
	producers_watch(ld);
}

/* The events stream stopped some time ago: does it work again? */
static void
retry_events(struct logd *ld, int64_t now)
{
	struct segment *s = &ld->seg[STREAM_EVENTS];
	int64_t since = s->stopped_ns;
	int error = s->error;

	if (s->state != SEG_STOPPED || error == 0)
		return;
	segment_retry(s);
	if (!stream_flush(ld)) {
		s->stopped_ns = since;
		return;
	}
	own_text(ld, EV_LOG_TEXT, 0,
	    "events stream works again after %lld s: %s",
	    (long long)((now - since) / NS_SEC), strerror(error));
	(void)stream_flush(ld);
	producers_watch(ld);
}

void
stream_tick(struct logd *ld)
{
	int64_t now = clock_mono_ns();
	unsigned int i;

	retry_events(ld, now);
	if (ld->stats[LS_OWN_LOST] != ld->own_lost_said &&
	    ld->ev.len <= LOG_OWN_ROOM) {
		own_text(ld, EV_DIAG, DIAG_WARN,
		    "%llu records of hpd-log itself had no room",
		    (unsigned long long)(ld->stats[LS_OWN_LOST] -
			ld->own_lost_said));
		ld->own_lost_said = ld->stats[LS_OWN_LOST];
	}
	if (ld->ev.len > 0 && ld->seg[STREAM_EVENTS].state == SEG_OK)
		(void)stream_flush(ld);
	for (i = 0; i < STREAM_MAX; i++) {
		if (i != STREAM_EVENTS && ld->seg[i].error != 0)
			segment_retry(&ld->seg[i]);
		if (segment_due(&ld->seg[i], now))
			sync_one(ld, i, now);
		ask(ld, i, now);
	}
}

void
stream_finish(struct logd *ld)
{
	unsigned int i;

	if (ld->seg[STREAM_EVENTS].state == SEG_STOPPED) {
		segment_retry(&ld->seg[STREAM_EVENTS]);
		(void)stream_flush(ld);
	}
	for (i = STREAM_MAX; i-- > 0;)
		close_segment(ld, i);
	if (ld->ev.len > ld->ev_off)
		diag_warnx("%zu bytes of events could not be written",
		    ld->ev.len - ld->ev_off);
}
