/* SPDX-License-Identifier: ISC */
/*
 * hpd-log as a whole: one struct, no globals. Datagrams of events are peeked,
 * written, then taken: being killed anywhere in between writes some twice,
 * loses none, and counts nothing twice. At most one datagram is under way;
 * while the events stream can't be written it stays where it is and nothing
 * more is read, so that the producers' own rings hold what they can and count
 * the rest. Probes and frames never wait: what their streams do not take
 * becomes counts.
 */
#ifndef HPD_LOG_LOG_H
#define HPD_LOG_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/chan.h"
#include "common/clock.h"
#include "common/image.h"
#include "common/loop.h"
#include "common/proc.h"
#include "common/proto_table.h"
#include "common/seal.h"
#include "hpd-log/json.h"
#include "hpd-log/log_stats.h"
#include "hpd-log/log_time.h"
#include "hpd-log/segment.h"

#define LOG_SLOTS    (FD_PEER_MAX - FD_PEER_MIN + 1)
#define LOG_BUF	     (2u << 20)	  /* the longest lines of EVENTS_MAX records */
#define LOG_TEXT_BUF (512u << 10) /* the same in honeyd's formats */
#define LOG_PCAP_BUF (64u << 10)  /* the frames of a datagram */
#define LOG_OWN_ROOM (256u << 10) /* own records wait in no more than this */
#define LOG_NOTES    512	  /* lines under way in one stream */
#define LOG_STATS_NS (10 * NS_SEC)
#define LOG_TICK_US  1000000
#define LOG_TURN_US  50000	  /* while a segment is waited for */

/* A line under way: what it was, and its place in the chain. */
struct note {
	size_t end;	 /* offset behind it */
	uint64_t index;
	int64_t wall_ns;
	uint32_t count;
	uint16_t kind;
	uint8_t begin;	 /* the segment's first line */
	uint8_t tag[SEAL_TAG_LEN];
};

/* Lines on their way into a segment. */
struct lines {
	struct wbuf w;
	size_t off;	    /* bytes of it already in the file */
	struct note *note;
	uint32_t n, done;   /* notes; those whose lines are whole in the file */
	uint8_t stale;	    /* all but the first are sealed for a segment left */
};

struct producer {
	struct chan chan;
	struct loop_fd *watch;
	int next_fd;	   /* successor's channel, or -1 */
	uint8_t next_proc, next_instance;
	uint8_t open, proc, instance;
	uint8_t skip;	   /* LOG_SKIP came for its first datagram */
	uint8_t have_seq;
	uint64_t boot;	   /* of its last datagram */
	uint32_t run;
	uint64_t next_seq; /* expected */
	uint64_t synced[SEAL_CHAINS]; /* durable in that stream: all below */
	uint64_t sealed;   /* told as durable: all below */
};

struct logd {
	struct loop *loop;
	struct chan parent;
	struct loop_fd *parent_watch;
	struct loop_timer *tick;
	struct image img;
	uint8_t has_image, ready, running, stopping;
	uint32_t missing; /* sandbox steps that were not present */

	uint64_t boot, run, own_seq;
	uint64_t own_lost_said;
	struct json_ctx json;
	struct log_time time;

	struct segment seg[STREAM_MAX];
	struct lines out[SEAL_CHAINS]; /* sealed lines: events, probes */
	struct lines own;      /* hpd-log's, not sealed yet, for events */
	char *spare;	       /* as large as out[0]'s buffer */
	struct note *spare_note;
	uint64_t mark_seq;     /* of the events segment's begin */
	struct json_sums sums[SEAL_CHAINS]; /* of the segments */
	struct wbuf text[STREAM_MAX]; /* honeyd's streams, frames */
	uint32_t text_lines[STREAM_MAX]; /* in it */
	struct digest *digest; /* STREAM_MAX of them */
	int held;	       /* slot whose datagram is in out[0], or -1 */
	uint64_t held_next;    /* next_seq when it is taken */
	uint32_t held_records;
	int64_t held_wall_ns;  /* of its first record */
	int64_t digest_ns;
	int64_t asked_ns[STREAM_MAX];
	uint32_t level, level_why;
	uint8_t hurry; /* the parent waits for a record to be durable */

	struct seal_state *seal; /* the parent's page, or memory of our own */
	struct seal_state *own_seal;
	uint8_t sealing;       /* the page came */
	uint8_t seal_file;     /* so did the file */
	uint8_t save_failed;
	int64_t saved_ns;
	uint64_t saved_written[SEAL_CHAINS];
	struct seal_half work; /* becomes the active half at a commit */
	struct seal_way doubt; /* a predecessor's; end 0: none */
	uint8_t told_queued;

	struct ev_logstats period; /* since the last log.stats */
	int64_t period_ns;
	uint64_t period_base[LS_MAX];
	struct producer prod[LOG_SLOTS];
	struct chan_msg msg; /* of producers */
	struct chan_msg pmsg; /* of the parent */
	uint64_t stats[LS_MAX];
};

/* main.c's parts. log_init: memory and names, before the sandbox; host: the
 * sensor's name. log_start: channels, before the loop runs. 0 or -1. */
int log_init(struct logd *, struct loop *, const char *host);
void log_start(struct logd *);
void log_free(struct logd *);


/* Send or queue to the parent; failure is fatal. */
void log_tell(struct logd *, uint16_t type, const void *, size_t len);

/* producer.c */
void producer_init(struct logd *);
/* PEER_UP: fd is this process's reading end from now on. */
void producer_up(struct logd *, const struct msg_peer *, int fd);
void producer_skip(struct logd *, uint8_t slot);
/* Read what is there. Returns datagrams taken. */
unsigned int producer_pump(struct logd *, unsigned int slot,
    unsigned int most);
/* The events stream went on or stopped: read again, or not. */
void producers_watch(struct logd *);
/* The datagram under way is in the log: take it off its channel. */
void producer_took(struct logd *);
/* After a sync: tell the parent what is durable. */
void producers_sealed(struct logd *);

/* stream.c */
/* LOG_SEGMENT: fd is the stream's file from now on. */
void stream_segment(struct logd *, const struct msg_log_segment *, int fd);
/* Write what waits for the events stream. 1 nothing waits any more (and the
 * datagram under way was taken), 0 stopped or no segment. */
int stream_flush(struct logd *);
/* The events' lines alone. 1 all are in the segment, 0 stopped. */
int stream_events(struct logd *);
/* May a datagram be read and written now? */
int stream_ready(const struct logd *);
/* Only because a full segment's successor is on its way? */
int stream_waits(const struct logd *);
/* fdatasync, with what follows from it. */
void stream_sync(struct logd *, unsigned int stream, int64_t now);
/* Each second: age, sync, retry. */
void stream_tick(struct logd *);
/* The end: all that waits, closing records, sync. */
void stream_finish(struct logd *);

/* Ask the parent for the next segment, if it is time; again while it does not
 * come. */
void stream_ask(struct logd *, unsigned int stream, int64_t now);
/* The file takes nothing more: said once. */
void stream_stopped(struct logd *, unsigned int stream);

/* side.c */
/* Write the probes' lines and the frames of a datagram; what is not taken
 * becomes counts. */
void stream_probes(struct logd *);
void stream_frames(struct logd *);
/* Write ->text[stream]; dropped and counted when that stream is stopped. */
void stream_text(struct logd *, unsigned int stream);

/* turn.c: from one segment to the next. */
/* Why the segment of stream is left now: 0 or enum segment_why. */
uint32_t turn_why(const struct logd *, unsigned int stream, int64_t now);
/* Last words of a segment, sync; its end told in the events stream. */
void turn_end(struct logd *, unsigned int stream, uint32_t why);
/* First words of a new one; lines that were sealed for the old one are sealed
 * again behind them. */
void turn_begin(struct logd *, unsigned int stream, uint32_t why, int error);

/* route.c: a record to the streams it belongs to. */
/* A datagram of slot begins: its records are first .. first + n - 1. */
void route_begin(struct logd *, unsigned int slot, const struct msg_events *);
void route(struct logd *, unsigned int slot, const struct json_who *,
    const struct event *);

/* sealing.c: the seal's state, and lines with it. */
/* SEAL_PAGE, SEAL_FILE. */
void sealing_page(struct logd *, uint64_t ordinal, int fd);
void sealing_file(struct logd *, int fd);
int sealing_chain(unsigned int stream); /* enum seal_chain_id, or -1 */
/* The line of l from start on: sealed, noted. */
void sealing_line(struct logd *, unsigned int chain, size_t start,
    const struct event *, int begin);
/* After a write: what is whole in the file. */
void sealing_written(struct logd *, unsigned int chain);
/* Begin an events segment: its first line, and behind it what was sealed for
 * the one before and is not whole there. That is sealed anew by sealing_rest()
 * once the first line is whole: segments that take nothing cost one number
 * each, or a disk full for hours would look like SEAL_DOUBT_MAX exceeded. */
void sealing_again(struct logd *, const struct ev_segment *);
void sealing_rest(struct logd *);
/* Make the streams durable and keep the state on disk; clean: for the last
 * time. */
void sealing_save(struct logd *, int clean, int64_t now);

/* fold.c: counts instead of records. */
void fold_init(void);
/* Place of a kind in seal_half, or -1: never folded. */
int fold_index(uint16_t kind);
/* What a predecessor left in the page. */
void fold_adopt(struct logd *);
void fold_add(struct logd *, uint16_t kind, uint32_t count, uint64_t bytes,
    int64_t wall_ns, uint32_t why);
/* ->work holds from now on. */
void fold_commit(struct logd *);
/* Put the counts into records, when those before are written. */
void fold_tell(struct logd *);
/* All own records are written: the counts told are done with. */
void fold_told(struct logd *);

/* digest.c: hashes of the streams that have no seal. */
int digest_init(struct logd *);
void digest_free(struct logd *);
/* A new segment, empty or not. */
void digest_begin(struct logd *, unsigned int stream);
/* Record it; final: the segment is closed. Nothing when nothing is new. */
void digest_tell(struct logd *, unsigned int stream, int final);

/* own.c: hpd-log's own records, into the events stream. */
void own_text(struct logd *, uint16_t kind, uint8_t verdict, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));
void own_data(struct logd *, uint16_t kind, const void *data, size_t len);
void own_lost(struct logd *, uint16_t kind, const struct ev_lost *);
/* With an identity of its own, that survives hpd-log: 1 queued, 0 no room. */
int own_fold(struct logd *, uint64_t seq, const struct ev_fold *);
/* A line of a segment's begin or end, sealed, behind what waits there. */
void own_mark(struct logd *, unsigned int chain, const struct ev_segment *,
    int begin);
/* Seal what waits and put it behind the events' lines, as far as it fits. */
void own_move(struct logd *);
/* log.stats, when ten seconds are over and something happened. */
void own_stats(struct logd *, int64_t now);

#endif
