/* SPDX-License-Identifier: ISC */
/*
 * A line of the log as a syslog message (RFC 5424):
 *
 *   <PRI>1 TIMESTAMP HOSTNAME hpd PROCID MSGID - MSG
 *
 * TIMESTAMP is the event's own, PROCID the start of the suite, MSGID the kind.
 * There is no structured data: its names need an enterprise number, which hpd
 * has none of (32473 is for documentation only), and MSG, the line itself as
 * it stands in the log, says everything. Pure functions.
 */
#ifndef HPD_SHIP_RFC5424_H
#define HPD_SHIP_RFC5424_H

#include <stddef.h>
#include <stdint.h>

#include "hpd-log/hpship/line.h"

#define SYSLOG_HOST_MAX	  255
#define SYSLOG_HEADER_MAX 512
#define SYSLOG_LEAST	  480  /* every receiver takes that (RFC 5426 3.2) */
#define SYSLOG_DGRAM	  8192 /* a datagram of ours is no longer */

enum severity { /* RFC 5424 6.2.1 */
	SEV_ALERT = 1,
	SEV_CRIT = 2,
	SEV_ERR = 3,
	SEV_WARNING = 4,
	SEV_NOTICE = 5,
	SEV_INFO = 6,
	SEV_DEBUG = 7
};

struct syslog_ident { /* what is the same in every message */
	char host[SYSLOG_HOST_MAX + 1];
	char procid[17];
	uint8_t facility; /* 0..23 */
};

/* Fill host from the system's name: bytes that a header may not have become
 * '-'; nothing left: NILVALUE. boot: into procid, in hex. */
void syslog_ident(struct syslog_ident *, const char *host, uint64_t boot);

/* Severity of a kind ("hpd.svc.trip"); level: of a diag event. */
enum severity syslog_severity(const struct span *action,
    const struct span *level);

/* The event's time with at most six digits of a second's fraction, as RFC 5424
 * wants it, into out (40 bytes); "-" when it is none. Returns its length. */
size_t syslog_stamp(const struct span *stamp, char *out);

/*
 * The message of a scanned line (len bytes) into buf, at most size bytes of it
 * (size >= SYSLOG_LEAST). Longer ones are cut behind a whole character and end
 * in SYSLOG_CUT; *cut tells. The byte order mark stands before MSG only when
 * MSG is not all ASCII: RFC 5424 6.4 asks for it before UTF-8 and not before
 * ASCII, and many JSON readers stumble over it. Returns the bytes written.
 */
size_t syslog_format(const struct syslog_ident *, const struct ship_line *,
    const char *line, size_t len, char *buf, size_t size, int *cut);
#define SYSLOG_CUT " ...[cut]"

#endif
