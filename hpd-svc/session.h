/* SPDX-License-Identifier: ISC */
/*
 * Sessions: one running script each, from SVC_OPEN to SVC_EXIT. The session's
 * row is its slot, so there are at most SLOT_COUNT.
 */
#ifndef HPD_SVC_SESSION_H
#define HPD_SVC_SESSION_H

#include <sys/resource.h>
#include <sys/types.h>

#include <stdint.h>

#include "common/chan.h"
#include "common/evq.h"
#include "common/loop.h"
#include "common/wheel.h"
#include "hpd-svc/env.h"
#include "hpd-svc/lines.h"
#include "hpd-svc/service.h"
#include "hpd-svc/slots.h"

#define PEERS_MAX	16
#define PEER_GONE	0xff /* session.peer: nobody to tell its end */
#define HASH_SIZE	2048 /* power of two */
#define SESSION_NONE	UINT16_MAX
#define CLOSE_GRACE_MS	2000 /* SVC_CLOSE to SIGKILL */
#define TAIL_MAX	262144 /* bytes read from a pipe after the end */
#define DENIED_RATE	100 /* svc.denied events a second; more are folded */
#define DENIED_BURST	200

enum svc_stat { /* the counters of STATS, in this order */
	SVC_STAT_RUNNING,
	SVC_STAT_OPENED,
	SVC_STAT_DENIED,
	SVC_STAT_SPAWN_FAILED,
	SVC_STAT_EXITED,
	SVC_STAT_KILLED,      /* by us: wall, close, drain, peer down */
	SVC_STAT_TRIPS,
	SVC_STAT_LINES,	      /* copied, stderr */
	SVC_STAT_FIELDS,      /* copied, descriptor 3 */
	SVC_STAT_LINES_LOST,  /* over a session's bucket */
	SVC_STAT_CLOSE_LATE,  /* SVC_CLOSE of a session already gone */
	SVC_STAT_PEER_BROKEN,
	SVC_STAT_ORPHANS,     /* reaped, but no session of ours */
	SVC_STAT_POOL,	      /* sessions that a waiting script took */
	SVC_STAT_MAX
};

struct svc;

struct session {
	struct svc *svc;
	uint64_t id;
	pid_t pid;
	uint8_t used;
	uint8_t why;	  /* enum svc_end when we ended it, else 0 */
	uint8_t killed;	  /* SIGKILL sent */
	uint8_t closing;  /* SVC_CLOSE came: reason */
	uint8_t peer;	  /* slot of the hpd-net that asked */
	uint8_t shell;	  /* runs under hpd-init */
	uint8_t waiting;  /* in the pool: no session yet, see pool.h */
	uint8_t reserved[1];
	int sock;	  /* of a waiting one: its session's; else -1 */
	uint16_t next_id, next_pid, next_src; /* hash chains */
	struct msg_svc_open open;
	struct generation *gen; /* NULL: left the table meanwhile */
	uint32_t cpu_s;
	int64_t start_ns;	/* monotonic */
	int fd[2];		/* reading ends: stderr, descriptor 3; or -1 */
	struct loop_fd *watch[2];
	struct lines lines[2];
	struct bucket bucket;
	uint64_t lost; /* lines over the bucket, not told yet */
	struct wheel_entry timer;
	char name[128];
};

struct peer {
	struct chan chan;
	struct loop_fd *watch;
	uint8_t up;
	uint8_t slot;
	struct svc *svc;
};

struct svc {
	struct loop *loop;
	struct loop_timer *tick, *deadline; /* wheel; drain or stop */
	struct loop_timer *events; /* part batches leave when it fires */
	uint8_t events_due, events_wait;
	struct loop_fd *parent_watch, *log_watch;
	struct evq evq;
	struct chan parent;
	struct peer peer[PEERS_MAX];
	struct services services;
	struct slots slots;
	struct wheel wheel;
	const struct sandbox_policy *script; /* of the profile we run */
	uint8_t proc;	  /* PROC_SVC or PROC_SVC_SHELL */
	uint8_t profile;  /* enum img_profile */
	uint8_t started;  /* START came */
	uint8_t draining, stopping;
	uint8_t wide; /* -P: the operator's policies replace the shipped */
	uint32_t missing; /* of sandbox_enter */
	int landlock;	  /* ruleset for scripts, -1 none */
	uint8_t key[16];
	uint32_t running;
	struct bucket denied;
	uint32_t denied_folded;
	uint64_t stat[SVC_STAT_MAX];
	uint16_t by_id[HASH_SIZE], by_pid[HASH_SIZE], by_src[HASH_SIZE];
	uint16_t waiting[256]; /* rows of the pool */
	uint32_t nwaiting;
	uint32_t pool_at; /* ms: not filled before */
	struct loop_timer *pool_timer;
	struct session session[SLOT_COUNT];
	char part[SLOT_COUNT][2][LINES_MAX];
};

void sessions_init(struct svc *, uint32_t max);

/* Start what SVC_OPEN asks for (checked by svc_msg.c). 0 with *sock the
 * session socket, the caller's to send and close; else enum svc_denied. */
uint8_t session_open(struct svc *, uint8_t peer, uint64_t id,
    const struct msg_svc_open *, struct generation *, int *sock);
/* A denied session as event (above DENIED_RATE folded into the next one's
 * count), and a diag naming the step of the start that failed with errno
 * error, when step is not NULL. */
void session_denied(struct svc *, uint64_t id, const struct msg_svc_open *,
    uint8_t reason, const char *step, int error);
/* SVC_CLOSE: its connection is gone; end of file, grace, SIGKILL. */
void session_close(struct svc *, struct session *, uint8_t reason);
/* SIGKILL now; why: enum svc_end. Done by session_ended() after the reap. */
void session_kill(struct svc *, struct session *, uint8_t why);
/* All of one peer (slot), or of everybody (-1). */
void sessions_kill(struct svc *, int peer, uint8_t why);
/* Reaped: last lines, events, SVC_EXIT, slot free. */
void session_ended(struct svc *, struct session *, int wait_status,
    const struct rusage *);
/* (Re-)arm the session's deadline: so many ms from now. */
void session_deadline(struct svc *, struct session *, uint64_t ms);
/* The deadline of the wheel. */
void session_timeout(struct wheel *, struct wheel_entry *, void *svc);
/* A generation leaves the table: nobody may point into it. */
void sessions_forget(void *svc, struct generation *);

/* A script that waits is found by its pid only. */
void session_link_pid(struct svc *, struct session *);
/* Put a filled row into the hash chains and counts, and take it out. */
void session_link(struct svc *, struct session *);
void session_unlink(struct svc *, struct session *);

struct session *session_by_id(struct svc *, uint64_t id);
struct session *session_by_pid(struct svc *, pid_t);
/* Chain of sessions with this source's hash: first row or SESSION_NONE. */
uint16_t sessions_of_source(const struct svc *, const struct msg_svc_open *);

#endif
