/* SPDX-License-Identifier: ISC */
/*
 * What hpd-parent does for hpship: connects its socket, opens the segments it
 * reads. A descriptor of each segment stays here; its offset is moved by
 * hpship to where everything is delivered, so that a successor goes on there.
 */
#ifndef HPD_SHIP_PARENT_H
#define HPD_SHIP_PARENT_H

#include <stddef.h>
#include <stdint.h>

#include "../common/image.h"
#include "../common/proc.h"
#include "../common/proto.h"

#define SHIP_SEGMENTS	 (FD_SYSLOG - FD_SEGMENT_MIN) /* as hpship holds */
#define SHIP_BACKOFF_MIN (1 * NS_SEC)
#define SHIP_BACKOFF_MAX (60 * NS_SEC)
#define SHIP_STEADY	 (10 * NS_SEC) /* a socket that lasted so long */
#define SHIP_PATH	 256

struct ship_seg {
	int fd; /* O_RDONLY */
	uint32_t stream, number;
};

struct ship_state {
	uint8_t on;	 /* syslog is configured */
	uint8_t told;	 /* its failure was said */
	uint8_t socket;	 /* hpship has one */
	uint8_t restart; /* stopped by one reload, wanted by the next */
	struct img_syslog conf;
	char path[SHIP_PATH];
	int64_t retry_at; /* connect then; 0: not */
	int64_t since;	  /* the socket is there */
	int64_t backoff;
	int64_t looked_at; /* for segments that were removed */
	struct ship_seg seg[SHIP_SEGMENTS]; /* oldest first */
	int nsegs;
};

struct parent;
struct kid;

/* A configuration came (also the first one): on, off, another receiver. */
void ship_config(struct parent *);
/* The newest segment of stream was just made and given to hpd-log. */
void ship_new_segment(struct parent *, int stream);
/* hpship gets START: all it goes on with, and a socket. */
void ship_started(struct parent *, struct kid *);
/* It says that its socket failed. */
void ship_lost(struct parent *, const struct msg_ship_down *);
/* It died. 1: it was asked to, and nothing is to be done about it. */
int ship_died(struct parent *, struct kid *);
/* Connect again where it is due; the soonest time for that, or 0. */
void ship_timers(struct parent *);
int64_t ship_due(const struct parent *);

/*
 * A connected (TCP: connecting) socket that does not block; -1 with errno. In
 * this process's network namespace; names are not resolved. path: SHIP_UNIX.
 */
int ship_connect(const struct img_syslog *, const char *path);

#endif
