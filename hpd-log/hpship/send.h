/* SPDX-License-Identifier: ISC */
/*
 * hpship's socket. What was given to it is delivered when the receiver's
 * system has it: with TCP when that acknowledged it, with UDP when no error
 * came back for a while, with local datagrams at once. A checkpoint remembers
 * which places of the streams belong to a number of bytes given; when they are
 * delivered the places are. So a broken connection costs nothing that was not
 * in the receiver's own hands, and may bring some messages twice.
 */
#ifndef HPD_SHIP_SEND_H
#define HPD_SHIP_SEND_H

#include <stddef.h>
#include <stdint.h>

#include "common/proto.h"
#include "hpd-log/hpship/rfc5424.h"
#include "hpd-log/hpship/tail.h"

#define SEND_POINTS 64		/* checkpoints under way at most */
#define SEND_POINT_BYTES 65536	/* one at least each so many bytes */
#define SEND_OUT (LINE_MAX_BYTES + SYSLOG_HEADER_MAX + 16 + SEND_POINT_BYTES)
#define SEND_UDP_NS (250 * NS_MSEC) /* time for a refusal to come back */

struct point {
	uint64_t bytes; /* given in all, when it was made */
	int64_t at;	/* monotonic ns */
	struct place events, probes;
};

struct sender {
	int fd; /* -1: none */
	uint8_t transport; /* enum ship_transport */
	uint8_t trial;	   /* UDP: is anybody there? One message first */
	uint8_t blocked;   /* the socket takes no more now */
	int err;	   /* why it failed; 0 it did not */
	size_t limit;	   /* bytes of a datagram */
	char *out;	   /* SEND_OUT: TCP, what the socket did not take yet */
	size_t out_len, out_off;
	uint64_t given;	   /* bytes, since the socket is there */
	uint64_t taken;	   /* ... by the socket */
	struct point point[SEND_POINTS];
	unsigned int first, npoints;
	uint64_t messages, cut;
};

/* 0 or -1. */
int send_init(struct sender *);
void send_free(struct sender *);
/* A socket, from now on; what the last one had is forgotten. */
void send_open(struct sender *, int fd, uint8_t transport);
/* Close it. */
void send_close(struct sender *);

/* One line as a message. 0 it was taken, 1 not now (blocked, or too much is
 * under way) or never (->err). */
int send_line(struct sender *, const struct syslog_ident *,
    const struct ship_line *, const char *line, size_t len);
/* What is still in ->out. */
void send_flush(struct sender *);

/* Is a checkpoint due, is there room for one? */
int send_point_due(const struct sender *);
int send_point_room(const struct sender *);
/* All given so far belongs to these places. */
void send_point(struct sender *, int64_t now, const struct place *events,
    const struct place *probes);
/* What the receiver says (nothing, it should be), whether it is there: ->err.
 * Then the newest checkpoint that is delivered, or NULL; valid until the next
 * call. */
const struct point *send_delivered(struct sender *, int64_t now);

#endif
