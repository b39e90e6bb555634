/* SPDX-License-Identifier: ISC */
/*
 * Streams, in hpd-log: what waits, what is in the segment, when the next one
 * is needed, what to do when the disk says no. The events stream, here, holds:
 * it loses nothing while the producers have room; the others are in side.c.
 * Must never open a file: segments come from the parent.
 */
#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-log/log.h"

#define HURRY_NS (50 * NS_MSEC) /* between syncs that somebody waits for */
#define ASK_AGAIN_NS (100 * NS_MSEC) /* a full one; after an error: */
#define ERR_AGAIN_NS (10 * NS_SEC)
#define TURN_ROOM    (SEGMENT_OVER_MAX / 2) /* kept for what is under way */
#define TURN_WAIT_NS (2 * NS_SEC)

/* Far over its quota, but the next one is on its way: worth waiting for? */
static int
turning(const struct segment *s)
{
	return s->state == SEG_OK && s->asked &&
	    s->size > s->quota + SEGMENT_OVER_MAX - TURN_ROOM &&
	    clock_mono_ns() - s->full_ns < TURN_WAIT_NS;
}

int
stream_waits(const struct logd *ld)
{
	return turning(&ld->seg[STREAM_PROBES]) ||
	    turning(&ld->seg[STREAM_PCAP]);
}

int
stream_ready(const struct logd *ld)
{
	return ld->running && ld->held == -1 &&
	    ld->seg[STREAM_EVENTS].state == SEG_OK &&
	    ld->out[SEAL_EVENTS].w.len == 0 && !stream_waits(ld);
}

void
stream_ask(struct logd *ld, unsigned int stream, int64_t now)
{
	struct segment *s = &ld->seg[stream];
	struct msg_log_full m;
	uint32_t why;

	/* A parent that is busy is not told more than it reads: a queue that
	 * runs over would be the end of us. */
	if (s->state == SEG_NONE || chan_pending(&ld->parent) ||
	    (why = turn_why(ld, stream, now)) == 0 ||
	    (s->asked && now - ld->asked_ns[stream] <
		(why == SEG_FULL_ERROR ? ERR_AGAIN_NS : ASK_AGAIN_NS)))
		return;
	if (!s->asked)
		s->full_ns = now;
	memset(&m, 0, sizeof(m));
	m.stream = stream;
	m.number = s->number;
	m.why = why;
	m.error = why == SEG_FULL_ERROR ? s->error : 0;
	s->asked = 1;
	ld->asked_ns[stream] = now;
	log_tell(ld, MSG_LOG_FULL, &m, sizeof(m));
}

void
stream_stopped(struct logd *ld, unsigned int stream)
{
	struct segment *s = &ld->seg[stream];
	const char *why = s->error ? strerror(s->error) : "over its quota";

	if (s->said)
		return;
	s->said = 1;
	ld->stats[LS_STOPS]++;
	diag_warnx("stream %s stopped: %s", log_stream_name(stream), why);
	own_text(ld, EV_LOG_TEXT, 0, "stream %s stopped: %s",
	    log_stream_name(stream), why);
}

void
stream_sync(struct logd *ld, unsigned int stream, int64_t now)
{
	struct segment *s = &ld->seg[stream];
	uint64_t us;
	int error;

	ld->stats[LS_SYNCS]++;
	if (segment_sync(s, now) == -1) {
		error = errno;
		ld->stats[LS_SYNC_ERRORS]++;
		if (s->sync_error == error)
			return;
		s->sync_error = error;
		diag_warn("fdatasync of stream %s", log_stream_name(stream));
		own_text(ld, EV_LOG_TEXT, 0, "stream %s, segment %u: not "
		    "durable, a power failure may cost what was written: %s",
		    log_stream_name(stream), s->number, strerror(error));
		return;
	}
	s->sync_error = 0;
	us = (uint64_t)((clock_mono_ns() - now) / NS_USEC);
	if (us > ld->period.sync_max_us)
		ld->period.sync_max_us = us;
	if (sealing_chain(stream) >= 0)
		producers_sealed(ld);
}

/* The first `end' bytes of what waits. 1 they are in the segment, 0 stopped. */
static int
write_to(struct logd *ld, size_t end)
{
	struct segment *s = &ld->seg[STREAM_EVENTS];
	struct lines *l = &ld->out[SEAL_EVENTS];
	const char *p = l->w.data + l->off;
	size_t done;
	int was = s->state;

	done = segment_write(s, p, end - l->off, l->off > 0 && p[-1] != '\n',
	    clock_mono_ns());
	l->off += done;
	ld->stats[LS_BYTES] += done;
	sealing_written(ld, SEAL_EVENTS);
	if (l->off == end)
		return 1;
	if (was == SEG_OK && s->state == SEG_STOPPED)
		stream_stopped(ld, STREAM_EVENTS);
	return 0;
}

int
stream_events(struct logd *ld)
{
	struct lines *l = &ld->out[SEAL_EVENTS];

	if (l->stale) {
		if (!write_to(ld, l->note[0].end))
			return 0;
		sealing_rest(ld);
	}
	if (l->w.len == 0)
		return 1;
	if (!write_to(ld, l->w.len))
		return 0;
	l->w.len = l->off = 0;
	l->n = l->done = 0;
	return 1;
}

int
stream_flush(struct logd *ld)
{
	struct segment *s = &ld->seg[STREAM_EVENTS];
	int64_t now;

	for (;;) {
		if (!stream_events(ld)) {
			stream_ask(ld, STREAM_EVENTS, clock_mono_ns());
			producers_watch(ld);
			return 0;
		}
		if (ld->own.n == 0)
			break;
		if (s->state != SEG_OK)
			return 0;
		own_move(ld);
	}
	if (ld->held != -1)
		producer_took(ld);
	fold_told(ld);
	now = clock_mono_ns();
	stream_ask(ld, STREAM_EVENTS, now);
	if (s->unsynced > 0 && (s->unsynced >= s->sync_bytes ||
	    (ld->hurry && now - s->synced_ns >= HURRY_NS))) {
		ld->hurry = 0;
		stream_sync(ld, STREAM_EVENTS, now);
	}
	return 1;
}

void
stream_segment(struct logd *ld, const struct msg_log_segment *m, int fd)
{
	struct segment *s = &ld->seg[m->stream];
	int64_t now = clock_mono_ns();
	uint64_t lost = s->lost;
	uint32_t why = turn_why(ld, m->stream, now);
	int error = s->error;
	struct stat st;

	if (sealing_chain(m->stream) >= 0 && !ld->sealing)
		fatalx("a segment to seal, but no seal");
	turn_end(ld, m->stream, why);
	fd = fd_place(fd, FD_SEGMENT_MIN + (int)m->stream);
	if (fd == -1)
		fatal("segment descriptor");
	if (fstat(fd, &st) == -1)
		fatal("segment");
	segment_open(s, fd, m->number, m->quota,
	    st.st_size > 0 ? (uint64_t)st.st_size : 0,
	    m->stream == STREAM_EVENTS ? SEGMENT_SYNC_EVENTS :
	    SEGMENT_SYNC_OTHERS, now);
	s->lost = lost;
	ld->stats[LS_SEGMENTS]++;
	turn_begin(ld, m->stream, why, error);
	/* From its first records on, a start is known to the disk: else a power
	 * failure in its first second would look like its removal. */
	if (stream_flush(ld) && why == SEG_WHY_START &&
	    sealing_chain(m->stream) >= 0)
		sealing_save(ld, 0, clock_mono_ns());
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
	if (!stream_events(ld)) {
		s->stopped_ns = since;
		return;
	}
	own_text(ld, EV_LOG_TEXT, 0,
	    "events stream works again after %lld s: %s",
	    (long long)((now - since) / NS_SEC), strerror(error));
	(void)stream_flush(ld);
	producers_watch(ld);
}

/* Figures, hashes and counts become records. */
static void
tell(struct logd *ld, int64_t now)
{
	unsigned int i;

	if (ld->stats[LS_OWN_LOST] != ld->own_lost_said &&
	    ld->own.w.len <= LOG_OWN_ROOM) {
		own_text(ld, EV_DIAG, DIAG_WARN,
		    "%llu records of hpd-log itself had no room",
		    (unsigned long long)(ld->stats[LS_OWN_LOST] -
			ld->own_lost_said));
		ld->own_lost_said = ld->stats[LS_OWN_LOST];
	}
	if (ld->seg[STREAM_EVENTS].state != SEG_OK)
		return;
	fold_tell(ld);
	own_stats(ld, now);
	if (now - ld->digest_ns >= LOG_STATS_NS) {
		ld->digest_ns = now;
		for (i = 0; i < STREAM_MAX; i++)
			digest_tell(ld, i, 0);
	}
}

void
stream_tick(struct logd *ld)
{
	int64_t now = clock_mono_ns();
	unsigned int i;

	retry_events(ld, now);
	tell(ld, now);
	if (ld->seg[STREAM_EVENTS].state == SEG_OK &&
	    (ld->own.n > 0 || ld->out[SEAL_EVENTS].w.len > 0))
		(void)stream_flush(ld);
	if (ld->sealing && now - ld->saved_ns >= NS_SEC &&
	    (ld->saved_written[0] != ld->seal->chain[0].written ||
		ld->saved_written[1] != ld->seal->chain[1].written))
		sealing_save(ld, 0, now);
	for (i = 0; i < STREAM_MAX; i++) {
		if (i != STREAM_EVENTS && ld->seg[i].error != 0)
			segment_retry(&ld->seg[i]);
		if (segment_due(&ld->seg[i], now))
			stream_sync(ld, i, now);
		stream_ask(ld, i, now);
	}
}

void
stream_finish(struct logd *ld)
{
	struct lines *l = &ld->out[SEAL_EVENTS];
	unsigned int i;

	if (ld->seg[STREAM_EVENTS].state == SEG_STOPPED) {
		segment_retry(&ld->seg[STREAM_EVENTS]);
		(void)stream_flush(ld);
	}
	ld->period_ns = 0;
	tell(ld, clock_mono_ns());
	for (i = STREAM_MAX; i-- > 1;)
		turn_end(ld, i, SEG_WHY_STOP);
	turn_end(ld, STREAM_EVENTS, SEG_WHY_STOP);
	sealing_save(ld, l->n == 0 && ld->own.n == 0 && ld->held == -1,
	    clock_mono_ns());
	if (l->n > l->done)
		diag_warnx("%u lines of events could not be written",
		    l->n - l->done);
}
