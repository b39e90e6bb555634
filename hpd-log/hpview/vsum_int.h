/* SPDX-License-Identifier: ISC */
/* What the vsum*.c share: the tables of one thread. */
#ifndef HPD_VSUM_INT_H
#define HPD_VSUM_INT_H

#include "hpd-log/hpview/vsum.h"
#include "hpd-log/hpview/vtab.h"

#define MAX_SOURCES  (256u << 10) /* rows a thread keeps */
#define MAX_DECOYS   (128u << 10)
#define MAX_PORTS    (140u << 10) /* all of TCP and UDP */
#define MAX_LOGINS   (64u << 10)
#define MAX_SESSIONS (128u << 10)
#define MAX_PAIRS    (4u << 20)

struct row_source {
	struct vkey key; /* address, version */
	struct vsum_source s;
};
struct row_decoy {
	struct vkey key;
	struct vsum_decoy d;
};
struct row_port {
	struct vkey key; /* proto << 16 | port */
	struct vsum_port p;
};
struct row_login {
	struct vkey key; /* hashes of both texts */
	struct vsum_login l;
};
struct row_session {
	struct vkey key; /* sensor, boot, session */
	struct vsum_session s;
};

enum { TAB_SOURCES, TAB_DECOYS, TAB_PORTS, TAB_LOGINS, TAB_SESSIONS, TABS };
enum { PAIR_DECOY, PAIR_PORT, PAIR_LOGIN, PAIRS }; /* source with ... */

struct vsum_thread {
	struct vtab tab[TABS];
	struct vpairs pair[PAIRS];
	uint32_t port_row[2][65536]; /* TCP, UDP: row + 1 */
	struct vsum sum; /* the plain numbers */
	/* The ends of the record before: often this one's as well. */
	uint8_t last_src[16], last_dst[16], last_ver;
	uint32_t src, dst;
	int failed; /* no memory */
};

int vsum_thread_init(struct vsum_thread *);
void vsum_thread_free(struct vsum_thread *);
/* Count one record. */
void vsum_add(struct vsum_thread *, const struct vrec *);
/* After the last record. 0, or -1: memory was short once. */
int vsum_settle(struct vsum_thread *);
/* All of b into a. 0 or -1. */
int vsum_merge(struct vsum_thread *a, const struct vsum_thread *b);
/* The tables' largest rows, ordered, into the summary. 0 or -1. */
int vsum_rows(struct vsum *, struct vsum_thread *);

#endif
