/* SPDX-License-Identifier: ISC */
/*
 * The producer's side of the log: a bounded ring of records, sent in batches
 * on the one-way channel FD_LOG. What enters the ring spends a sequence
 * number; what does not is counted by class and told in log.lost records as soon
 * as there is room. Never blocks, never allocates after evq_init().
 *
 * What enters when the ring fills (enum lost_class, event.h): frames while it
 * is less than half full, probes (kinds of the probes stream) while less than
 * seven eighths, everything else while there is room.
 */
#ifndef HPD_EVQ_H
#define HPD_EVQ_H

#include <stddef.h>
#include <stdint.h>

#include "chan.h"
#include "event.h"

struct evq_lost {
	uint64_t records, packets; /* packets: counts of probes, floods */
	int64_t first, last;	   /* wall */
};

struct evq {
	struct chan chan;
	uint8_t *ring;	  /* bytes */
	uint32_t size;	  /* power of two */
	uint32_t head, tail; /* byte positions, free running */
	uint32_t last_at; /* of the record that entered last */
	uint32_t nrec;	  /* records waiting */
	uint64_t boot;
	uint64_t first_seq; /* of the oldest record waiting */
	uint64_t next_seq;
	struct evq_lost lost[LOST_MAX]; /* not told yet */
	uint64_t nlost;			/* records in it */
	uint64_t n_sent, n_lost_total;
	uint32_t run;	  /* this life of the producer */
	uint8_t proc, instance;
	uint8_t ready; /* boot known (START came): may send */
	uint8_t ending; /* the process ends: losses are told at once */
};

/* Make the ring (size bytes, power of two, >= 65536) on descriptor fd. 0/-1. */
int evq_init(struct evq *, int fd, uint8_t proc, uint8_t instance,
    uint32_t size);

/* START came: records so far and from now on carry this boot id. */
void evq_start(struct evq *, uint64_t boot);

/* Append one record; *ev's len and pad are set here from dlen. Returns 0, or
 * -1 when it was counted as lost. ev->wall_ns 0 means now. */
int evq_put(struct evq *, const struct event *ev, const void *data,
    size_t dlen);

/* Room for one more record of that kind and dlen data, built in place: fast
 * path of the packet loop. count: what it will stand for. NULL: counted as
 * lost. */
struct event *evq_reserve(struct evq *, uint16_t kind, uint32_t count,
    size_t dlen);

/* Bytes of records of that kind that are sure to enter, heads included; 8-byte
 * multiples each. Who can wait asks before it puts. */
uint32_t evq_room(const struct evq *, uint16_t kind);

/* The record that entered last, while it still waits here, or NULL; and make
 * it longer by n bytes of data: 0, or -1 when it can't (put another). */
struct event *evq_last(struct evq *);
int evq_extend(struct evq *, const void *more, size_t n);

/* Convenience: a record with text (cut at EVENT_DATA_MAX). */
int evq_text(struct evq *, uint16_t kind, uint8_t verdict, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Send full batches, and with force also part ones. 1: the channel is full,
 * watch for writing; 0: nothing left to send; -1: hpd-log is gone. */
int evq_flush(struct evq *, int force);

/* At the end of a process: send all, waiting for hpd-log at most ms. Returns
 * the records that had to stay behind. */
uint32_t evq_finish(struct evq *, int ms);

#endif
