/* SPDX-License-Identifier: ISC */
/*
 * What hpd-parent knows while it runs, and the functions that share it. The
 * whole is one struct, owned by main() and handed around; nothing here comes
 * from the wire.
 */
#ifndef HPD_PARENT_H
#define HPD_PARENT_H

#include <sys/types.h>

#include <poll.h>
#include <stdint.h>

#include "../common/chan.h"
#include "../common/evq.h"
#include "../common/image.h"
#include "../common/proc.h"

#include "conf_run.h"
#include "flags.h"
#include "ifopen.h"
#include "retire.h"
#include "seal_start.h"
#include "segments.h"
#include "ship_parent.h"

enum kid_id { /* also the order of starting */
	KID_LOG = 0,
	KID_SVC,
	KID_SVC_SHELL,
	KID_NET,
	KID_SHIP, /* only where syslog is configured */
	KID_MAX
};

enum kid_state {
	KID_OFF = 0, /* not wanted, or not yet */
	KID_WAIT,    /* down, to be started at ->at */
	KID_BOOT,    /* running, no HELLO yet */
	KID_SETUP,   /* HELLO came, set-up messages are out */
	KID_READY,   /* READY came, START not sent */
	KID_RUN
};

/* The event channels' slots at hpd-log; slot order is part of the protocol. */
enum log_slot {
	SLOT_PARENT = 0,
	SLOT_NET,
	SLOT_SVC,
	SLOT_SVC_SHELL,
	SLOT_SHIP,
	LOG_SLOTS
};
#define SLOT_NONE 0xff

#define DEATHS_MAX    10 /* in DEATHS_WINDOW: the suite stops */
#define DEATHS_WINDOW (300 * NS_SEC)
#define TROUBLES_MAX  6	 /* accusations in that time that are believed */
#define BACKOFF_MIN   (100 * NS_MSEC)
#define BACKOFF_MAX   (10 * NS_SEC)
#define BACKOFF_RESET (60 * NS_SEC) /* up that long: back-off starts over */
#define READY_LIMIT   (10 * NS_SEC)
#define KID_QUEUE     1024 /* messages waiting for a child */

struct kid {
	uint8_t id;	/* enum kid_id */
	uint8_t proc;	/* enum proc */
	uint8_t slot;	/* enum log_slot or SLOT_NONE */
	uint8_t state;	/* enum kid_state */
	uint8_t open;	/* the channel is */
	uint8_t killed; /* by us, reason recorded */
	uint8_t reaped; /* its pid may be somebody else's by now */
	uint8_t mute;	/* its death was asked for: not recorded */
	int exe;	/* program, opened before the sandbox */
	pid_t pid;	/* 0: none */
	struct chan chan;
	int64_t since;	/* started at (monotonic ns, as all times here) */
	int64_t at;	/* WAIT: start; BOOT, SETUP: latest READY */
	int64_t backoff;
	int64_t death[DEATHS_MAX]; /* newest last */
	unsigned ndeaths;
	int64_t trouble[TROUBLES_MAX]; /* accused another; newest last */
	uint32_t starts;
	uint32_t gen_sent, gen; /* image generations: sent, taken */
	uint32_t missing;	/* sandbox steps it said are not there */
};

#define SLOT_ENDS 8 /* reading ends of successive incarnations */

struct slot { /* one producer's event channel, reading side */
	int end[SLOT_ENDS]; /* oldest first */
	int n;
	uint8_t given;	     /* end[0] is with the running hpd-log */
	uint8_t skip;	     /* the next hpd-log leaves the first one out */
	uint64_t head;	     /* digest of the first datagram at a death */
};

struct unit { /* one of our interfaces */
	const char *name;
	int link;	  /* 0 down, 1 up, 2 gone, -1 never looked */
	uint32_t mtu, ifindex;
	uint8_t base;	  /* first descriptor slot */
	uint8_t reopen;	  /* new packet descriptors are wanted */
	int64_t retry_at; /* after a failed opening */
};

enum phase { PHASE_START = 0, PHASE_RUN, PHASE_DRAIN, PHASE_KILL, PHASE_LOG,
	PHASE_LOG_KILL, PHASE_SHIP, PHASE_DONE };

struct parent {
	struct flags flags;
	enum phase phase;
	int64_t phase_at; /* the phase's time limit */
	int exit_code;
	int64_t now;
	uint64_t boot;
	uint8_t key[16];
	uint32_t uid_net, gid_net, uid_log, gid_log, uid_ship, gid_ship;
	int null; /* /dev/null */
	int netns;
	struct kid kids[KID_MAX];
	uint8_t linked[2]; /* net with svc, with svc -S */
	struct slot slots[LOG_SLOTS];
	struct evq evq;
	uint8_t evq_full;
	struct unit units[FLAGS_MAX_IFACES];
	int nunits;
	int64_t link_at;
	struct segments seg;
	struct ship_state ship;
	struct seal_start seal;
	struct retire retire;
	/* configuration */
	int conf_exe;
	struct conf_run conf;
	int image_fd;
	size_t image_size;
	struct image image;
	uint32_t generation; /* of image */
	uint8_t reload_again, reloading;
	/* poll set of this turn, and whose each entry is */
	struct pollfd pfd[KID_MAX + 2];
	uint8_t who[KID_MAX + 2];
	int npfd;
};

/* kids.c: starting, ending and counting children. */
void kids_init(struct parent *);
int kid_start(struct parent *, struct kid *); /* 0, or -1 with a diag */
/* Kill it because of why (recorded as kind with text). */
void kid_kill(struct parent *, struct kid *, uint16_t kind, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));
/* Collect the dead; restart by the rules. */
void kids_reap(struct parent *);
/* Starts and limits that are due. */
void kids_timers(struct parent *);
/* Close our side of its channel. */
void kid_close(struct kid *);
int kid_up(const struct kid *); /* is there a process? */
struct kid *kid_by_proc(struct parent *, uint8_t proc);
/* Send; a child whose queue is full is killed. */
void kid_send(struct parent *, struct kid *, uint16_t type,
    const void *payload, size_t len, int fd);

/* channels.c: who is connected with whom. */
int channels_init(struct parent *);	/* the parent's own event channel */
int channels_producer(struct parent *, struct kid *); /* writing end or -1 */
void channels_log_up(struct parent *);	/* hand every reading end over */
void channels_log_down(struct parent *); /* it died: same datagram again? */
void channels_retired(struct parent *); /* next ends after drained ones */
int channels_drained(const struct parent *); /* nothing left unread */
void channels_link(struct parent *);	/* net <-> svc, where both are there */
void channels_unlink(struct parent *, struct kid *dead);
/* hpd-log closed the channel in slot: make the producer a new one. */
void channels_reset(struct parent *, uint8_t slot);

/* parent_msg.c: what a child may say. */
void parent_msg_read(struct parent *, struct kid *);
enum segments_for {
	SEGMENTS_FIRST, /* a new hpd-log: one for each stream */
	SEGMENTS_ALL,	/* asked for: likewise, where there is room */
	SEGMENTS_DUE	/* where one is due */
};
/* New files for the log's streams. */
void parent_msg_segments(struct parent *, enum segments_for);
/* READY is there and its turn has come. */
void parent_msg_start(struct parent *, struct kid *);

/* packets.c: interfaces and their descriptors. */
int packets_init(struct parent *);
int packets_send(struct parent *, struct kid *net, int first);
void packets_timers(struct parent *);
void packets_reopen(struct parent *); /* nets changed */

/* watch.c: runs until the suite has stopped; the exit code. */
int watch_run(struct parent *);
void watch_signals(void); /* block and catch; before the first child */
int watch_took(int sig);  /* did it come since the last question? */
/* Sleep in ppoll until a signal, ms passed or something on fds. */
int watch_sleep(struct pollfd *, int n, int64_t ns);
void watch_stop(struct parent *, int code, const char *why);

#endif
