/* SPDX-License-Identifier: ISC */
/*
 * The formatter of hpship: header and message of RFC 5424. Takes lines that
 * line_scan() found good. Must never put a byte into a header that is not
 * printable ASCII, whatever the line says.
 */
#include "hpd-log/hpship/rfc5424.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "hpd."
#define BOM    "\xef\xbb\xbf"
#define MSGID_MAX 32
#define STAMP_MAX 40

/* What is not here is SEV_NOTICE: sessions, the suite's own doings. */
static const struct {
	const char *kind;
	enum severity sev;
} severities[] = {
	{ "svc.trip", SEV_ALERT },
	{ "sandbox.kill", SEV_ALERT },
	{ "chan.broken", SEV_ALERT },
	{ "log.lost", SEV_ERR },
	{ "log.gap", SEV_ERR },
	{ "log.skip", SEV_ERR },
	{ "ship.lost", SEV_ERR },
	{ "proc.down", SEV_ERR },
	{ "arp.conflict", SEV_WARNING },
	{ "arp.yield", SEV_WARNING },
	{ "net.limit", SEV_WARNING },
	{ "net.link", SEV_WARNING },
	{ "svc.denied", SEV_WARNING },
	{ "svc.lost", SEV_WARNING },
	{ "sandbox.missing", SEV_WARNING },
	{ "log.level", SEV_WARNING },
	{ "log.folded", SEV_WARNING },
	{ "tcp.probe", SEV_INFO },
	{ "udp.probe", SEV_INFO },
	{ "icmp.probe", SEV_INFO },
	{ "ip.probe", SEV_INFO },
	{ "flood", SEV_INFO },
	{ "tcp.connects", SEV_INFO },
	{ "net.drop", SEV_INFO },
	{ "arp.claim", SEV_INFO },
	{ "log.segment", SEV_INFO },
	{ "log.retired", SEV_INFO },
	{ "log.digest", SEV_INFO },
	{ "log.stats", SEV_INFO },
	{ "log.text", SEV_INFO },
	{ "session.data", SEV_DEBUG },
};
static const struct {
	const char *level;
	enum severity sev;
} levels[] = {
	{ "fatal", SEV_CRIT },
	{ "warning", SEV_WARNING },
	{ "info", SEV_INFO },
	{ "debug", SEV_DEBUG },
};

static int
same(const struct span *s, const char *name)
{
	return s->len == strlen(name) && memcmp(s->p, name, s->len) == 0;
}

/* The kind without its prefix. */
static struct span
kind_of(const struct span *action)
{
	struct span k = *action;
	size_t n = strlen(PREFIX);

	if (k.len > n && memcmp(k.p, PREFIX, n) == 0) {
		k.p += n;
		k.len -= n;
	}
	return k;
}

enum severity
syslog_severity(const struct span *action, const struct span *level)
{
	struct span k = kind_of(action);
	size_t i;

	if (same(&k, "diag"))
		for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
			if (same(level, levels[i].level))
				return levels[i].sev;
	for (i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (same(&k, severities[i].kind))
			return severities[i].sev;
	return SEV_NOTICE;
}

static int
printable(char c)
{
	return c > 0x20 && c < 0x7f;
}

void
syslog_ident(struct syslog_ident *id, const char *host, uint64_t boot)
{
	size_t i;

	for (i = 0; host[i] != '\0' && i < SYSLOG_HOST_MAX; i++)
		id->host[i] = printable(host[i]) ? host[i] : '-';
	if (i == 0)
		id->host[i++] = '-';
	id->host[i] = '\0';
	(void)snprintf(id->procid, sizeof(id->procid), "%016llx",
	    (unsigned long long)boot);
}

/* n digits at p as a number, or -1. */
static int
number(const char *p, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + (*p++ - '0');
	}
	return v;
}

static int
between(int v, int lo, int hi)
{
	return v >= lo && v <= hi;
}

/* "2026-11-23T06:31:02", all in range? (No leap second: RFC 5424 6.2.3.) */
static int
date_ok(const char *p)
{
	return number(p, 4) >= 0 && p[4] == '-' && p[7] == '-' &&
	    between(number(p + 5, 2), 1, 12) &&
	    between(number(p + 8, 2), 1, 31) && p[10] == 'T' &&
	    between(number(p + 11, 2), 0, 23) && p[13] == ':' &&
	    between(number(p + 14, 2), 0, 59) && p[16] == ':' &&
	    between(number(p + 17, 2), 0, 59);
}

/* "Z" or "+01:00", and nothing behind it? */
static int
zone_ok(const char *p, size_t len)
{
	if (len == 1)
		return *p == 'Z';
	return len == 6 && (*p == '+' || *p == '-') && p[3] == ':' &&
	    between(number(p + 1, 2), 0, 23) &&
	    between(number(p + 4, 2), 0, 59);
}

size_t
syslog_stamp(const struct span *s, char *out)
{
	size_t at = 19, frac = 0, n;

	out[0] = '-';
	if (s->len < 20 || !date_ok(s->p))
		return 1;
	if (s->p[at] == '.') {
		for (at++; at < s->len && s->p[at] >= '0' && s->p[at] <= '9';
		    at++)
			frac++;
		if (frac == 0)
			return 1;
	}
	if (!zone_ok(s->p + at, s->len - at))
		return 1;
	n = 19 + (frac == 0 ? 0 : 1 + (frac < 6 ? frac : 6));
	memcpy(out, s->p, n);
	memcpy(out + n, s->p + at, s->len - at);
	return n + s->len - at;
}

/* The kind, where it can stand in a header; else "-". */
static struct span
msgid(const struct span *action)
{
	static const struct span nil = { "-", 1 };
	struct span k = kind_of(action);
	size_t i;

	if (k.len == 0 || k.len > MSGID_MAX)
		return nil;
	for (i = 0; i < k.len; i++)
		if (!printable(k.p[i]))
			return nil;
	return k;
}

static size_t
header(const struct syslog_ident *id, const struct ship_line *l, char *buf)
{
	struct span kind = msgid(&l->action);
	char stamp[STAMP_MAX];
	size_t n = syslog_stamp(&l->stamp, stamp);
	int r;

	r = snprintf(buf, SYSLOG_HEADER_MAX, "<%u>1 %.*s %s hpd %s %.*s - %s",
	    id->facility * 8u +
		(unsigned)syslog_severity(&l->action, &l->level),
	    (int)n, stamp, id->host, id->procid, (int)kind.len, kind.p,
	    l->wide ? BOM : "");
	return (size_t)r; /* all parts are bounded: it fits */
}

/* As many of len bytes as fit into room without splitting a character. */
static size_t
whole(const char *p, size_t len, size_t room)
{
	if (len <= room)
		return len;
	while (room > 0 && ((uint8_t)p[room] & 0xc0) == 0x80)
		room--;
	return room;
}

size_t
syslog_format(const struct syslog_ident *id, const struct ship_line *l,
    const char *line, size_t len, char *buf, size_t size, int *cut)
{
	char head[SYSLOG_HEADER_MAX];
	size_t n = header(id, l, head), mark = strlen(SYSLOG_CUT), room;

	*cut = n + len > size;
	if (*cut) {
		room = size - mark > n ? size - mark - n : 0;
		len = whole(line, len, room);
	}
	memcpy(buf, head, n);
	memcpy(buf + n, line, len);
	n += len;
	if (*cut) {
		memcpy(buf + n, SYSLOG_CUT, mark);
		n += mark;
	}
	return n;
}
