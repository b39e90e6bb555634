/* SPDX-License-Identifier: ISC */
/* Bounded readers and writers with a sticky error, and unaligned big-endian
 * loads and stores. No allocation. */
#ifndef HPD_BUF_H
#define HPD_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t
be16(const void *p)
{
	const uint8_t *b = p;

	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t
be32(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
}

static inline void
put16(void *p, uint32_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static inline void
put32(void *p, uint32_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 24);
	b[1] = (uint8_t)(v >> 16);
	b[2] = (uint8_t)(v >> 8);
	b[3] = (uint8_t)v;
}

/* A text or byte writer over caller's memory; never writes a NUL of its own
 * inside len. Once over is set nothing more is taken, so the bytes are always
 * a whole prefix of what was asked. wbuf_fmt() needs one spare byte. */
struct wbuf {
	char *data;
	size_t len, cap;
	int over; /* sticky: something did not fit and was left out whole */
};

void wbuf_init(struct wbuf *, void *mem, size_t cap);
void wbuf_bytes(struct wbuf *, const void *, size_t);
void wbuf_str(struct wbuf *, const char *);
void wbuf_char(struct wbuf *, char);
void wbuf_u64(struct wbuf *, uint64_t);
void wbuf_i64(struct wbuf *, int64_t);
void wbuf_fmt(struct wbuf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* dst always NUL-ended; returns strlen(src) like strlcpy(3). */
size_t str_copy(char *dst, const char *src, size_t dstlen);

/* A decimal number of digits only, 0..max, into *out. 0, or -1. */
int str_u32(const char *text, uint32_t max, uint32_t *out);

#endif
