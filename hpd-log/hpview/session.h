/* SPDX-License-Identifier: ISC */
/* hpview session's parts: which one is meant, and how it is shown. */
#ifndef HPD_VIEW_SESSION_H
#define HPD_VIEW_SESSION_H

#include <stdint.h>

#include "hpd-log/hpview/talk.h"

#define SESSION_SAME 32 /* sessions that fit an id, kept to name them */

/* An id as typed: [BOOT:]ID, ID hexadecimal: the number, or the first of its
 * sixteen digits. */
struct session_want {
	char digits[17]; /* lower case */
	uint64_t number, boot;
	int has_boot;
};

struct session_key {
	uint16_t sensor;
	uint64_t boot, id;
	int64_t first_ns;
};

/* 0, or -1: no such form. */
int session_parse(const char *text, struct session_want *);

/* All sessions of the view that fit: those with that number, else those whose
 * id begins with it. Returns how many (at most SESSION_SAME of them in k), -1
 * on error. */
long session_find(struct view *, const struct session_want *,
    struct session_key k[SESSION_SAME]);

struct session_head { /* what the records around it tell */
	uint8_t ver, proto, src[16], dst[16];
	uint16_t sport, dport;
	int64_t first_ns, last_ns;
	uint64_t bytes_in, bytes_out, duration_ns;
	char tmpl[64], persona[128], service[128], os[128], why[32], end[32];
};

struct session_show {
	double replay;	 /* speed; 0: at once */
	int64_t pause_ns; /* longest pause of a replay, 0 any */
	int hex, color;
};

void session_head_show(const struct session_head *,
    const struct session_key *, const char *sensor);
void session_talk_show(const struct talk *, const struct session_show *);
/* The bytes of one direction as they were, to stdout. 0 or -1. */
int session_raw(const struct talk *, uint8_t kind);

#endif
