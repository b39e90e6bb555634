/* SPDX-License-Identifier: ISC */
/* Time stamps as text, in hpview. */
#ifndef HPD_VTIME_H
#define HPD_VTIME_H

#include <stddef.h>
#include <stdint.h>

/* What nanoseconds since 1970 can tell, and the difference of any two of them;
 * other years are refused. */
#define VTIME_YEAR_MIN 1970
#define VTIME_YEAR_MAX 2261

/* "2026-11-23T06:31:02.114503Z", at least the seconds, up to nine digits of
 * fraction, Z or +hh:mm. 0 or -1. */
int vtime_rfc3339(const char *, size_t len, int64_t *wall_ns);

/* What people type: RFC 3339, a date, "2026-11-23 06:31" (UTC), "-2h" (s, m,
 * h, d, w before now), "now", "today", "yesterday" (UTC midnight). 0 or -1. */
int vtime_parse(const char *, int64_t now_ns, int64_t *wall_ns);

/* Seconds since 1970 of a date and time that are in range. */
int64_t vtime_civil(int year, unsigned int month, unsigned int day,
    unsigned int hour, unsigned int min, unsigned int sec);

/* Now, nanoseconds since 1970. */
int64_t vtime_now(void);

/* "2026-11-23 06:31:02" into out[20]; returns out. */
char *vtime_text(int64_t wall_ns, char out[20]);

/* Zone of stamps that name none (honeyd's logs), in force for the process:
 * "+01:00", "UTC" or "" for this machine's local time. 0 or -1. */
int vtime_zone(const char *);
/* Seconds since 1970 of such a stamp. */
int64_t vtime_local(int year, unsigned int month, unsigned int day,
    unsigned int hour, unsigned int min, unsigned int sec);

#endif
