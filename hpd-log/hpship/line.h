/* SPDX-License-Identifier: ISC */
/*
 * One line of a sealed stream as hpship sees it: is it whole and as hpd-log
 * writes them, and what of it goes into a syslog header. Pure functions.
 */
#ifndef HPD_SHIP_LINE_H
#define HPD_SHIP_LINE_H

#include <stddef.h>
#include <stdint.h>

#define LINE_MAX_BYTES 65536 /* longer than hpd-log's longest (JSON_LINE_MAX) */
#define LINE_DEPTH     16    /* of nesting */

struct span { /* bytes of the line, between the quotes, as they stand */
	const char *p;
	size_t len;
};

struct ship_line {
	struct span stamp;  /* "@timestamp" */
	struct span action; /* "event"."action" */
	struct span level;  /* "hpd"."level" */
	uint8_t wide;	    /* there is a byte above 0x7f */
};

/*
 * Is this (len bytes, without the newline) one JSON object, complete, in
 * UTF-8, without a raw control character (C0, DEL, C1)? 0, and *l filled with
 * what there is of it; -1: it is torn or not the log's, and *l is undefined.
 */
int line_scan(const char *line, size_t len, struct ship_line *l);

#endif
