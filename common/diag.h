/* SPDX-License-Identifier: ISC */
/*
 * Diagnostics of our own: always to descriptor 2 when verbose or foreground,
 * and as diag events once an evq is attached. errno is preserved. Text is
 * ours; peer bytes in it are escaped by the caller (diag_esc).
 */
#ifndef HPD_DIAG_H
#define HPD_DIAG_H

#include <stddef.h>

enum diag_level {
	DIAG_FATAL = 1,
	DIAG_WARN = 2,
	DIAG_INFO = 3,
	DIAG_DEBUG = 4
};

struct evq;

/* name: "hpd-net"; level: highest enum diag_level printed on stderr. */
void diag_init(const char *name, int level);
/* From now on also as events (DEBUG ones not). NULL detaches. */
void diag_attach(struct evq *);
int diag_level(void);

/* With errno's text / without; exit code 1. */
void fatal(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
void fatalx(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
/* Exit with a code of sysexits.h (64, 77, 78) or 1. */
void fatal_code(int code, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
void diag_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void diag_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* src as printable ASCII into dst (always NUL-ended, \xNN escapes), returns
 * dst. */
char *diag_esc(char *dst, size_t dstlen, const void *src, size_t len);

#endif
