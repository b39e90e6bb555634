/* SPDX-License-Identifier: ISC */
/* hpship as a whole: one struct, no globals but main's. */
#ifndef HPD_SHIP_SHIP_H
#define HPD_SHIP_SHIP_H

#include <stdint.h>

#include "common/chan.h"
#include "common/evq.h"
#include "common/loop.h"
#include "hpd-log/hpship/rfc5424.h"
#include "hpd-log/hpship/send.h"
#include "hpd-log/hpship/tail.h"

enum ship_stat { /* what STATS brings, in this order */
	SHS_MESSAGES,
	SHS_CUT,   /* of those, shortened */
	SHS_TORN,  /* lines that were none */
	SHS_LOST,  /* lines given up */
	SHS_DOWN,  /* sockets that failed */
	SHS_MAX
};

struct ship {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_fd *parent_watch;
	struct loop_fd *watch; /* of the socket; NULL: none */
	struct chan parent;
	struct chan_msg msg;
	struct evq evq;
	uint32_t missing; /* sandbox steps that were not present */
	uint8_t ready, running, stopping;
	int64_t stop_at; /* stopping: the latest end */

	char host[65];
	struct syslog_ident id;
	struct tail tail;
	struct sender send;
	struct place last[2]; /* of the newest checkpoint */
	uint64_t last_given;
	uint64_t torn_said;
	int64_t torn_at;
	int64_t looked_at; /* for segments that were removed */
	uint64_t stats[SHS_MAX];
};

/* Memory, timer; before the sandbox. 0 or -1. */
int ship_init(struct ship *, struct loop *);
void ship_free(struct ship *);

/* One turn: what is delivered, what is new, when the next one is due. */
void ship_turn(struct ship *);
/* SHIP_SEGMENT, SHIP_SOCKET, STOP. */
void ship_segment(struct ship *, const struct msg_ship_segment *, int fd);
void ship_socket(struct ship *, const struct msg_ship_socket *, int fd);
void ship_stop(struct ship *);

/* ship_msg.c: the channel to the parent; before the loop runs. */
void ship_msg_start(struct ship *);
/* Send or queue to the parent; failure is fatal. */
void ship_tell(struct ship *, uint16_t type, const void *, size_t len);

#endif
