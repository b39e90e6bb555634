/* SPDX-License-Identifier: ISC */
/*
 * Bounded writers with a sticky error. All processes; no allocation. What does
 * not fit is left out whole and remembered, never cut in the middle.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"

void
wbuf_init(struct wbuf *w, void *mem, size_t cap)
{
	w->data = mem;
	w->len = 0;
	w->cap = cap;
	w->over = 0;
}

void
wbuf_bytes(struct wbuf *w, const void *p, size_t n)
{
	if (w->over || n > w->cap - w->len) {
		w->over = 1;
		return;
	}
	if (n > 0)
		memcpy(w->data + w->len, p, n);
	w->len += n;
}

void
wbuf_str(struct wbuf *w, const char *s)
{
	wbuf_bytes(w, s, strlen(s));
}

void
wbuf_char(struct wbuf *w, char c)
{
	wbuf_bytes(w, &c, 1);
}

void
wbuf_u64(struct wbuf *w, uint64_t v)
{
	char tmp[20]; /* 2^64 - 1 has 20 digits */
	size_t i = sizeof(tmp);

	do {
		tmp[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	wbuf_bytes(w, tmp + i, sizeof(tmp) - i);
}

void
wbuf_i64(struct wbuf *w, int64_t v)
{
	char tmp[21];
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	size_t i = sizeof(tmp);

	do {
		tmp[--i] = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	if (v < 0)
		tmp[--i] = '-';
	wbuf_bytes(w, tmp + i, sizeof(tmp) - i);
}

/* The NUL vsnprintf writes must fit too, though it is not counted. */
void
wbuf_fmt(struct wbuf *w, const char *fmt, ...)
{
	size_t room = w->cap - w->len;
	va_list ap;
	int n;

	if (w->over)
		return;
	va_start(ap, fmt);
	n = vsnprintf(room > 0 ? w->data + w->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		w->over = 1;
	else
		w->len += (size_t)n;
}

size_t
str_copy(char *dst, const char *src, size_t dstlen)
{
	size_t n = strlen(src), k;

	if (dstlen > 0) {
		k = n < dstlen ? n : dstlen - 1;
		memcpy(dst, src, k);
		dst[k] = '\0';
	}
	return n;
}

int
str_u32(const char *text, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		v = v * 10 + (uint64_t)(*text - '0');
		if (v > max)
			return -1;
	}
	*out = (uint32_t)v;
	return 0;
}
