/* SPDX-License-Identifier: ISC */
/*
 * Started ahead: interpreters that are jailed, have read their script and wait
 * for a session (the service's `pool`). A waiting one is a session's row with
 * its slot and uid, but counts for no cap and no source until it is taken.
 */
#ifndef HPD_SVC_POOL_H
#define HPD_SVC_POOL_H

#include "hpd-svc/session.h"

#define POOL_WAITING_MAX 256  /* of all services together */
#define POOL_TURN	 2    /* started a turn: real sessions come first */
#define POOL_PACE_MS	 20   /* between turns that start some */
#define POOL_BACKOFF_MS	 5000 /* after one that ended while it waited */
#define POOL_HEADER	 4096 /* bytes a waiting script is sent: its
				 environment, filled up with NUL */

/*
 * A waiting script for this service: it is told the environment and becomes a
 * session of the row returned, linked by pid only; the caller fills in the
 * rest. *sock is the session's socket, the caller's. NULL: none waits.
 */
struct session *pool_take(struct svc *, const struct generation *,
    uint32_t service, const struct env *, int *sock);
/* What a script of a service with a pool is told first, whether it waited or
 * was started for the session: its environment, on the session's socket. 0, or
 * -1: not all of it went out. */
int pool_tell(int sock, const struct env *);
/* Fill up what is short, a few at a time. */
void pool_fill(struct svc *);
/* Another image, or the end: those of other generations than the newest go
 * (all of them: all). */
void pool_flush(struct svc *, int all);
/* A waiting one ended: its row is free again. */
void pool_ended(struct svc *, struct session *, int wait_status);

/* spawn.c: start a script that waits, into a row of its own. 0 or -1 (said). */
int session_start_waiting(struct svc *, struct generation *, uint32_t service);

#endif
