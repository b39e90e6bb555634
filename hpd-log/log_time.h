/* SPDX-License-Identifier: ISC */
/* Time stamps of the log, without time zone data: always UTC. */
#ifndef HPD_LOG_TIME_H
#define HPD_LOG_TIME_H

#include <stdint.h>

#define LOG_RFC3339_LEN 27 /* 2026-11-23T06:31:02.114503Z */
#define LOG_HONEYD_LEN	24 /* 2026-11-23-06:25:02.8063 */

/* The second written last, so that records of one second share the work. */
struct log_time {
	int64_t sec;
	char text[20]; /* "2026-11-23T06:31:02" */
	uint8_t valid;
};

/* Write exactly LOG_RFC3339_LEN bytes, no NUL. Any int64 is accepted. */
void log_time_rfc3339(struct log_time *, int64_t wall_ns, char *out);

/* Write exactly LOG_HONEYD_LEN bytes, no NUL; the last four digits are units
 * of 100 microseconds. */
void log_time_honeyd(struct log_time *, int64_t wall_ns, char *out);

#endif
