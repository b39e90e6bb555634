/* SPDX-License-Identifier: ISC */
/*
 * Diagnostics of the daemons: one line each on descriptor 2 and, once an evq is
 * attached, one diag event each. All processes. One write(2) a line, no stdio
 * stream, no allocation; never calls itself through the event queue.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "evq.h"
#include "proc.h"

#define LINE_MAX_LEN 1024

static const char *prog = "hpd";
static int max_level = DIAG_WARN;
static struct evq *events;
static int busy; /* inside the event queue: no second time */

void
diag_init(const char *name, int level)
{
	prog = name;
	max_level = level;
}

void
diag_attach(struct evq *q)
{
	events = q;
}

int
diag_level(void)
{
	return max_level;
}

static void
say_event(int level, const char *text)
{
	if (events == NULL || busy || level > DIAG_INFO)
		return;
	busy = 1;
	(void)evq_text(events, EV_DIAG, (uint8_t)level, "%s", text);
	if (level == DIAG_FATAL)
		(void)evq_flush(events, 1);
	busy = 0;
}

/* err: errno to spell out, or 0. */
static void __attribute__((format(printf, 3, 0)))
say(int level, int err, const char *fmt, va_list ap)
{
	char line[LINE_MAX_LEN];
	size_t head, len;
	int save = errno, n;

	n = snprintf(line, sizeof(line) - 1, "%s: ", prog);
	head = n < 0 ? 0 : (size_t)n;
	if (head > 64) /* a name is ours and short */
		head = 64;
	n = vsnprintf(line + head, sizeof(line) - 1 - head, fmt, ap);
	len = strlen(line);
	if (n >= 0 && err != 0 && len < sizeof(line) - 2)
		(void)snprintf(line + len, sizeof(line) - 1 - len, ": %s",
		    strerror(err));
	len = strlen(line);
	if (level <= max_level) {
		line[len] = '\n';
		if (write(FD_DIAG, line, len + 1) == -1) {
			/* nowhere left to complain */
		}
		line[len] = '\0';
	}
	say_event(level, line + head);
	errno = save;
}

#define SAY(level, err)                                                      \
	do {                                                                 \
		va_list ap;                                                  \
		va_start(ap, fmt);                                           \
		say(level, err, fmt, ap);                                    \
		va_end(ap);                                                  \
	} while (0)

void
fatal(const char *fmt, ...)
{
	SAY(DIAG_FATAL, errno);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	SAY(DIAG_FATAL, 0);
	exit(1);
}

void
fatal_code(int code, const char *fmt, ...)
{
	SAY(DIAG_FATAL, 0);
	exit(code);
}

void
diag_warn(const char *fmt, ...)
{
	SAY(DIAG_WARN, errno);
}

void
diag_warnx(const char *fmt, ...)
{
	SAY(DIAG_WARN, 0);
}

void
info(const char *fmt, ...)
{
	SAY(DIAG_INFO, 0);
}

void
debug(const char *fmt, ...)
{
	if (max_level >= DIAG_DEBUG)
		SAY(DIAG_DEBUG, 0);
}

char *
diag_esc(char *dst, size_t dstlen, const void *src, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *s = src;
	size_t i, o = 0;

	if (dstlen == 0)
		return dst;
	for (i = 0; i < len; i++) {
		if (s[i] >= 0x20 && s[i] < 0x7f && s[i] != '\\') {
			if (o + 2 > dstlen)
				break;
			dst[o++] = (char)s[i];
		} else {
			if (o + 5 > dstlen)
				break;
			dst[o++] = '\\';
			dst[o++] = 'x';
			dst[o++] = hex[s[i] >> 4];
			dst[o++] = hex[s[i] & 15];
		}
	}
	dst[o] = '\0';
	return dst;
}
