/* SPDX-License-Identifier: ISC */
/*
 * hpd-log as a whole: one struct, no globals. Datagrams of events are peeked,
 * written, then taken: being killed anywhere in between writes some twice,
 * loses none. At most one datagram is under way; while the events stream can't
 * be written it stays where it is and nothing more is read, so that the
 * producers' own rings hold what they can and count the rest.
 */
#ifndef HPD_LOG_LOG_H
#define HPD_LOG_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/chan.h"
#include "common/image.h"
#include "common/loop.h"
#include "common/proc.h"
#include "common/proto_table.h"
#include "hpd-log/json.h"
#include "hpd-log/log_stats.h"
#include "hpd-log/log_time.h"
#include "hpd-log/segment.h"

#define LOG_SLOTS    (FD_PEER_MAX - FD_PEER_MIN + 1)
#define LOG_BUF	     (2u << 20)	  /* the longest lines of EVENTS_MAX records */
#define LOG_TEXT_BUF (512u << 10) /* the same in honeyd's formats */
#define LOG_OWN_ROOM (256u << 10) /* own records wait in no more than this */

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
	struct wbuf ev;	      /* lines for the events stream */
	size_t ev_off;	      /* bytes of it already in the segment */
	struct wbuf text[STREAM_MAX]; /* honeyd's streams: [1], [2] */
	int held;	      /* slot whose datagram is in ev, or -1 */
	uint64_t held_next;   /* next_seq when it is taken */
	uint32_t held_records;
	int64_t asked_ns[STREAM_MAX];

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
/* Write ->text[stream]; dropped and counted when that stream is stopped. */
void stream_text(struct logd *, unsigned int stream);
/* May a datagram be read and written now? */
int stream_ready(const struct logd *);
/* Each second: age, sync, retry. */
void stream_tick(struct logd *);
/* The end: all that waits, closing records, sync. */
void stream_finish(struct logd *);

/* own.c: hpd-log's own records, into the events stream. */
void own_text(struct logd *, uint16_t kind, uint8_t verdict, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));
void own_lost(struct logd *, uint16_t kind, const struct ev_lost *);

#endif
