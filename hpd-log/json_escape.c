/* SPDX-License-Identifier: ISC */
/*
 * Escaping, in hpd-log: the one place where attackers' bytes become text.
 * Whatever they are, the result is valid JSON in one line without a raw
 * control character. Pure functions; must never read beyond len nor trust
 * the bytes in any way.
 */
#include "common/addr.h"
#include "hpd-log/json_out.h"

static const char hexdigit[] = "0123456789abcdef";

const char out_pairs[201] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

/* 1: printable ASCII that needs no escape in a JSON string. */
static inline int
plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
out_u16(struct wbuf *w, uint32_t v)
{
	char b[6] = { '\\', 'u', hexdigit[v >> 12 & 15], hexdigit[v >> 8 & 15],
		hexdigit[v >> 4 & 15], hexdigit[v & 15] };

	out_mem(w, b, sizeof(b));
}

void
out_hex64(struct wbuf *w, uint64_t v)
{
	char b[18];
	int i;

	b[0] = b[17] = '"';
	for (i = 16; i > 0; i--, v >>= 4)
		b[i] = hexdigit[v & 15];
	out_mem(w, b, sizeof(b));
}

/* A number of an address and the dot behind it; filled at first use. */
static struct octet {
	char text[4];
	uint32_t len;
} octets[256];

static void
make_octets(void)
{
	unsigned int i;

	for (i = 0; i < 256; i++) {
		char *p = octets[i].text;

		if (i >= 100)
			*p++ = (char)('0' + i / 100);
		if (i >= 10)
			*p++ = (char)('0' + i / 10 % 10);
		*p++ = (char)('0' + i % 10);
		*p++ = '.';
		octets[i].len = (uint32_t)(p - octets[i].text);
	}
}

void
out_addr(struct wbuf *w, uint8_t ver, const uint8_t addr[16])
{
	char b[ADDR_STRLEN], *p = b;
	int i;

	if (ver != 4) {
		out_text(w, addr_text(ver, addr, b));
		return;
	}
	if (octets[255].len == 0)
		make_octets();
	for (i = 0; i < 4; i++) {
		const struct octet *o = &octets[addr[i]];

		memcpy(p, o->text, sizeof(o->text));
		p += o->len;
	}
	out_mem(w, b, (size_t)(p - b) - 1); /* no last dot */
}

/* Decode one UTF-8 character (RFC 3629: shortest form, no surrogates, up to
 * U+10FFFF). Its length, 0 when it is not one. */
static size_t
utf8(const uint8_t *p, size_t n, uint32_t *cp)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;
	uint32_t c;

	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		len = 2;
		c = p[0] & 0x1f;
	} else if ((p[0] & 0xf0) == 0xe0) {
		len = 3;
		c = p[0] & 0x0f;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		len = 4;
		c = p[0] & 0x07;
	} else {
		return 0;
	}
	if (len > n)
		return 0;
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

/* Characters that are controls, reorder text, are invisible or end a line:
 * nothing of that kind may reach a terminal or a viewer unescaped. */
static int
unsafe(uint32_t c)
{
	return c < 0xa0 || c == 0xad || c == 0x61c || c == 0x180e ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || (c >= 0xe000 && c <= 0xf8ff) ||
	    (c >= 0xfdd0 && c <= 0xfdef) || c == 0xfeff ||
	    (c >= 0xfff0 && c <= 0xfffb) || (c & 0xfffe) == 0xfffe ||
	    c >= 0xe0000;
}

size_t
json_utf8(struct wbuf *w, const uint8_t *p, size_t n, int *clean)
{
	uint32_t c;
	size_t len = utf8(p, n, &c);

	if (len == 0)
		return 0;
	if (!unsafe(c)) {
		out_mem(w, p, len);
		return len;
	}
	*clean = 0;
	if (c >= 0x10000) {
		out_u16(w, 0xd800 + ((c - 0x10000) >> 10));
		out_u16(w, 0xdc00 + ((c - 0x10000) & 0x3ff));
	} else {
		out_u16(w, c);
	}
	return len;
}

int
json_str(struct wbuf *w, const void *data, size_t len)
{
	const uint8_t *p = data, *end = p + len, *run;
	int clean = 1;
	size_t n;

	out_lit(w, "\"");
	while (p < end) {
		run = p;
		while (p < end && plain(*p))
			p++;
		if (p != run)
			out_mem(w, run, (size_t)(p - run));
		if (p == end)
			break;
		if (*p == '"' || *p == '\\') {
			char b[2] = { '\\', (char)*p++ };

			out_mem(w, b, 2);
			continue;
		}
		n = *p < 0x80 ? 0 : json_utf8(w, p, (size_t)(end - p), &clean);
		if (n == 0) {
			out_u16(w, *p++);
			clean = 0;
		}
		p += n;
	}
	out_lit(w, "\"");
	return clean;
}

void
json_b64(struct wbuf *w, const void *data, size_t len)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = data;
	uint32_t v;
	char b[4];

	out_lit(w, "\"");
	for (; len >= 3; len -= 3, p += 3) {
		v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		b[0] = set[v >> 18];
		b[1] = set[v >> 12 & 63];
		b[2] = set[v >> 6 & 63];
		b[3] = set[v & 63];
		out_mem(w, b, 4);
	}
	if (len > 0) {
		v = (uint32_t)p[0] << 16 | (len > 1 ? (uint32_t)p[1] << 8 : 0);
		b[0] = set[v >> 18];
		b[1] = set[v >> 12 & 63];
		b[2] = len > 1 ? set[v >> 6 & 63] : '=';
		b[3] = '=';
		out_mem(w, b, 4);
	}
	out_lit(w, "\"");
}
