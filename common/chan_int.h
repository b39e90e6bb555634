/* SPDX-License-Identifier: ISC */
/*
 * Shared by the files of the channel (chan.c, chan_check.c, chan_recv.c) and
 * nobody else.
 */
#ifndef HPD_CHAN_INT_H
#define HPD_CHAN_INT_H

#include <stddef.h>
#include <stdint.h>

#include "chan.h"
#include "proto_table.h"

/* One message under examination; row is filled by the TYPE step. */
struct chan_look {
	const struct chan *c;
	const struct proto_hdr *hdr;
	const void *payload; /* 8-aligned */
	size_t size;	     /* payload bytes really there */
	uint8_t from, to;    /* enum proc */
	uint8_t seq_any;
	uint32_t seq; /* expected */
	int nfd;      /* descriptors that came along */
	int fd;	      /* the first, or -1 */
	const struct proto_row *row;
};

/* Steps FRAME..MEANING in their order. Enum chan_err. */
uint8_t chan_look(struct chan_look *);

/* The message was sent or received: once, HELLO, START, DRAIN, STOP. */
void chan_moved(struct chan *, const struct proto_row *, int incoming);

/* Note a failure in ->err; returns -1. */
int chan_fail(struct chan *, uint8_t err, uint16_t type);

#endif
