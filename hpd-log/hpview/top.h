/* SPDX-License-Identifier: ISC */
/* hpview top's parts: what is counted, and one frame of it as text. */
#ifndef HPD_VIEW_TOP_H
#define HPD_VIEW_TOP_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "hpd-log/hpview/view.h"

#define TOP_ROWS   8192 /* of a table; then the smaller half goes */
#define TOP_LATEST 32	/* sessions, logins, alerts kept */
#define TOP_SECS   128	/* seconds of rates kept */
#define TOP_KEY	   18

struct top_row {
	uint8_t key[TOP_KEY]; /* address and family, or port and protocol */
	uint8_t used;
	uint64_t n;
	char label[48]; /* printable ASCII */
};

struct top_table {
	struct top_row *row;
	size_t used;
	uint64_t cut; /* rows that were dropped */
};

struct top_line { /* something that happened: newest first */
	int64_t wall_ns;
	char text[160]; /* printable ASCII */
};

struct top_lines {
	struct top_line v[TOP_LATEST];
	size_t n;
};

struct top_sec {
	int64_t sec;
	uint64_t events, probes, sessions;
};

struct top {
	struct top_table sources, decoys, ports;
	struct top_lines sessions, logins, alerts;
	struct top_sec sec[TOP_SECS];
	uint64_t records, probes, opens, tries, alarms, lost, gaps;
	uint64_t lag_us; /* of the newest log.stats */
	int64_t lag_at, newest_ns, since_ns;
};

/* 0, or -1 no memory. */
int top_init(struct top *);
void top_free(struct top *);
void top_take(struct top *, const struct vrec *);

/* One frame of width by height, lines ended by newline; nothing in it but
 * printable ASCII. what: the logs' names. */
void top_frame(struct top *, struct wbuf *, unsigned int width,
    unsigned int height, int64_t now_ns, const char *what);

/* Untrusted bytes as printable ASCII into out: view_safe()'s way, other
 * characters as ?. */
void top_plain(struct vstr, char *out, size_t cap);

#endif
