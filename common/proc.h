/* SPDX-License-Identifier: ISC */
/*
 * Who takes part in the suite: process ids used on every channel, and the
 * descriptor numbers each process finds after exec. One place for both, so
 * that the policies (policies/ *.policy, names $parent, $log ...) and the code
 * cannot disagree; tests/unit/t_audit_proc.c compares them.
 */
#ifndef HPD_PROC_H
#define HPD_PROC_H

#include <stdint.h>

enum proc {
	PROC_NONE = 0,
	PROC_PARENT = 1,
	PROC_CONF = 2,
	PROC_NET = 3,
	PROC_SVC = 4,	    /* runner of svc-nofork scripts */
	PROC_SVC_SHELL = 5, /* runner of svc-shell scripts (hpd-svc -S) */
	PROC_LOG = 6,
	PROC_SHIP = 7,	    /* hpship: sends the log on as syslog */
	PROC_MAX
};

/* Fixed descriptors after exec. 0 and 1 are /dev/null, 2 is diag. */
#define FD_DIAG	       2
#define FD_PARENT      3 /* channel to hpd-parent */
#define FD_LOG	       4 /* channel to hpd-log (its writing end) */
#define FD_IMAGE       5 /* sealed configuration image, read-only */
#define FD_PACKET_MIN  6 /* packet, XSK, UMEM, GSO descriptors (hpd-net) */
#define FD_PACKET_MAX  15
#define FD_PEER_MIN    16 /* channels to workers, runners, producers */
#define FD_PEER_MAX    31
#define FD_SEGMENT_MIN 32 /* log segments (hpd-log); slot = stream */
#define FD_SEGMENT_MAX 45 /* in hpship: segments it reads, syslog's socket 45 */
#define FD_SYSLOG      45
#define FD_SEAL_PAGE   46 /* the seal's state, shared with the parent */
#define FD_SEAL_FILE   47 /* the same on disk */
#define FD_LOOP_MIN    48 /* epoll, signal pair: whatever libevent needs */
#define FD_LOOP_MAX    63
#define FD_SESSION_MIN 64
#define FD_INTERP      1000 /* the one thing a script's process may exec */

/*
 * Numeric ids. Session slots are fixed ranges so that hpd-svc's filter can bind
 * setresuid to them; they lie where systemd's UID map says "unused". Daemons
 * use the named users when the system has them, else these.
 */
#define SLOT_BASE	1879099392u /* svc-nofork: SLOT_BASE .. + SLOT_COUNT-1 */
#define SLOT_BASE_SHELL 1879101440u /* svc-shell likewise */
#define SLOT_COUNT	1024u	    /* bases are multiples: one masked compare */
#define UID_CONF_FALLBACK 1879099001u
#define UID_NET_FALLBACK  1879099002u
#define UID_LOG_FALLBACK  1879099003u
#define UID_SHIP_FALLBACK 1879099004u
#define USER_CONF "_hpdconf"
#define USER_NET  "_hpdnet"
#define USER_LOG  "_hpdlog"
#define USER_SHIP "_hpdship"

/* Printable name ("hpd-net"); "?" for an unknown id. */
const char *proc_name(uint8_t proc);

#endif
