/* SPDX-License-Identifier: ISC */
/*
 * Pieces of JSON into a wbuf: inline for literals and numbers, json_escape.c
 * for everything that may hold somebody else's bytes. What does not fit sets
 * ->over and is left out; the caller drops the whole line then.
 */
#ifndef HPD_JSON_OUT_H
#define HPD_JSON_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/buf.h"

static inline void
out_mem(struct wbuf *w, const void *p, size_t n)
{
	if (w->over || w->cap - w->len < n) {
		w->over = 1;
		return;
	}
	memcpy(w->data + w->len, p, n);
	w->len += n;
}

/* A string literal. */
#define out_lit(w, s) out_mem((w), "" s, sizeof(s) - 1)

static inline void
out_text(struct wbuf *w, const char *s)
{
	out_mem(w, s, strlen(s));
}

/* "00" to "99". */
extern const char out_pairs[201];

static inline void
out_u64(struct wbuf *w, uint64_t v)
{
	char b[20], *p = b + sizeof(b);
	uint32_t n;

	while (v > UINT32_MAX) {
		p -= 2;
		memcpy(p, out_pairs + v % 100 * 2, 2);
		v /= 100;
	}
	for (n = (uint32_t)v; n >= 100; n /= 100) {
		p -= 2;
		memcpy(p, out_pairs + n % 100 * 2, 2);
	}
	if (n >= 10) {
		p -= 2;
		memcpy(p, out_pairs + n * 2, 2);
	} else {
		*--p = (char)('0' + n);
	}
	out_mem(w, p, (size_t)(b + sizeof(b) - p));
}

static inline void
out_i64(struct wbuf *w, int64_t v)
{
	if (v < 0)
		out_mem(w, "-", 1);
	out_u64(w, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

/* An identifier: 16 hexadecimal digits in quotes, so that no reader rounds
 * it to a double. */
void out_hex64(struct wbuf *, uint64_t);

/* An address as text without quotes; ver 4 or 6. */
void out_addr(struct wbuf *, uint8_t ver, const uint8_t addr[16]);

/*
 * len bytes as a JSON string with its quotes. Valid, printable UTF-8 stays;
 * control characters, bytes that are not UTF-8, characters that reorder or
 * hide text and line separators become \uXXXX (a stray byte by its value).
 * At most 6 output bytes an input byte. Returns 1 when everything was clean
 * printable UTF-8, else 0: then the reader can't know the exact bytes and the
 * caller adds them in base64.
 */
int json_str(struct wbuf *, const void *, size_t len);

/* One non-ASCII character (bytes p..p+n) inside a string, as json_str does.
 * Returns the bytes it has, 0 when it is not valid UTF-8. */
size_t json_utf8(struct wbuf *, const uint8_t *p, size_t n, int *clean);

/* len bytes in base64 (RFC 4648) with quotes. */
void json_b64(struct wbuf *, const void *, size_t len);

/*
 * A script's own record: one flat JSON object of at most 64 members, names of
 * [a-z0-9_.] up to 64 bytes, none twice, values string, number without
 * exponent, true, false or null. When in is exactly that, it is written to w
 * (strings cleaned as json_str does) and 1 returned; else 0, w unchanged.
 */
int json_script(struct wbuf *, const void *in, size_t len);

#endif
