/* SPDX-License-Identifier: ISC */
/*
 * Escaping for the report, in hpview: the one place through which a byte of
 * the log gets into the page. Must never write a character that means
 * something to HTML, nor one that is not ASCII.
 */
#include <inttypes.h>
#include <string.h>

#include "hpd-log/hpview/html.h"

static const char hexdigit[] = "0123456789abcdef";

/* Decode one UTF-8 character (RFC 3629). Its length, 0 when it is not one. */
static size_t
decode(const uint8_t *p, size_t n, uint32_t *cp)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;
	uint32_t c = p[0];

	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || n < len)
		return 0;
	c &= 0x7fu >> len;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return len;
}

static size_t
escape16(uint32_t v, char *out)
{
	out[0] = '\\';
	out[1] = 'u';
	out[2] = hexdigit[v >> 12 & 15];
	out[3] = hexdigit[v >> 8 & 15];
	out[4] = hexdigit[v >> 4 & 15];
	out[5] = hexdigit[v & 15];
	return 6;
}

size_t
html_char(const uint8_t *p, size_t n, char out[HTML_CHAR_MAX], size_t *used)
{
	uint32_t c;

	*used = decode(p, n, &c);
	if (*used == 0) {
		*used = 1;
		c = 0xfffd;
	}
	if (c >= 0x20 && c < 0x7f && strchr("<>&\"'\\`", (int)c) == NULL) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x10000)
		return escape16(c, out);
	c -= 0x10000;
	(void)escape16(0xd800 | c >> 10, out);
	return 6 + escape16(0xdc00 | (c & 0x3ff), out + 6);
}

void
html_str(FILE *f, const void *data, size_t n)
{
	const uint8_t *p = data;
	char out[HTML_CHAR_MAX];
	size_t used;

	putc_unlocked('"', f);
	for (; n > 0; p += used, n -= used)
		fwrite_unlocked(out, 1, html_char(p, n, out, &used), f);
	putc_unlocked('"', f);
}

void
html_cstr(FILE *f, const char *s)
{
	html_str(f, s, strlen(s));
}

static const char b64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
html_b64(FILE *f, const void *data, size_t n)
{
	const uint8_t *p = data;
	uint32_t v;
	size_t i;

	putc_unlocked('"', f);
	for (i = 0; i < n; i += 3) {
		v = (uint32_t)p[i] << 16;
		if (i + 1 < n)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < n)
			v |= p[i + 2];
		putc_unlocked(b64[v >> 18], f);
		putc_unlocked(b64[v >> 12 & 63], f);
		putc_unlocked(i + 1 < n ? b64[v >> 6 & 63] : '=', f);
		putc_unlocked(i + 2 < n ? b64[v & 63] : '=', f);
	}
	putc_unlocked('"', f);
}

static int
value64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t
html_unb64(const char *s, size_t n, uint8_t *out, size_t cap)
{
	uint32_t v = 0;
	size_t i, got = 0;
	int d, bits = 0;

	for (i = 0; i < n && got < cap; i++) {
		if ((d = value64(s[i])) < 0)
			break;
		v = v << 6 | (uint32_t)d;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[got++] = (uint8_t)(v >> bits);
		}
	}
	return got;
}

void
html_ms(FILE *f, int64_t ns)
{
	int64_t us = ns / 1000;

	if (us < 0)
		us = 0;
	fprintf(f, "%" PRId64 ".%03d", us / 1000, (int)(us % 1000));
}
