/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: IPv4 addresses, prefixes and ranges as written. Strict: no names,
 * no octal, no missing parts.
 */
#include "conf.h"

#include <stdio.h>
#include <string.h>

/* One number 0..max at *p, no leading zero, at most three digits. */
static int
number(const char **p, unsigned max, unsigned *v)
{
	const char *s = *p;

	if (*s < '0' || *s > '9')
		return -1;
	for (*v = 0; *s >= '0' && *s <= '9'; s++) {
		if (s > *p && *v == 0)
			return -1;
		*v = *v * 10 + (unsigned)(*s - '0');
		if (*v > max)
			return -1;
	}
	*p = s;
	return 0;
}

static int
quad(const char **p, uint32_t *addr)
{
	unsigned v;
	int i;

	*addr = 0;
	for (i = 0; i < 4; i++) {
		if (i > 0 && *(*p)++ != '.')
			return -1;
		if (number(p, 255, &v) == -1)
			return -1;
		*addr = *addr << 8 | v;
	}
	return 0;
}

int
conf_ip4(const char *text, uint32_t *addr)
{
	return quad(&text, addr) == -1 || *text != '\0' ? -1 : 0;
}

/* Digits and dots (with / or - behind): meant as an address. */
static int
looks_like(const char *s)
{
	size_t n = strspn(s, "0123456789.");
	const char *dot = memchr(s, '.', n);

	return n > 2 && dot != NULL && s[0] != '.' &&
	    (s[n] == '\0' || s[n] == '/' || s[n] == '-') &&
	    memchr(dot + 1, '.', n - (size_t)(dot + 1 - s)) != NULL;
}

int
conf_ip4_span(const char *text, uint32_t *lo, uint32_t *hi, uint8_t *bits,
    const char **why)
{
	const char *p = text;
	unsigned v;

	if (!looks_like(text))
		return -1;
	*why = "not an IPv4 address (a.b.c.d)";
	if (quad(&p, lo) == -1)
		return -2;
	if (*p == '\0') {
		*hi = *lo;
		*bits = 32;
		return 0;
	}
	if (*p == '/') {
		*why = "the length behind / is not 0-32";
		p++;
		if (number(&p, 32, &v) == -1 || *p != '\0')
			return -2;
		*bits = (uint8_t)v;
		*why = "bits are set behind the prefix length";
		if (*lo & ~conf_mask(*bits))
			return -2;
		*hi = *lo | ~conf_mask(*bits);
		return 0;
	}
	*why = "not a range (a.b.c.d-e.f.g.h)";
	if (*p++ != '-' || quad(&p, hi) == -1 || *p != '\0')
		return -2;
	*why = "the range ends before it begins";
	*bits = 255;
	return *lo > *hi ? -2 : 0;
}

const char *
conf_ip4_unfit(uint32_t lo, uint32_t hi)
{
	if (hi < 0x01000000)
		return "0.0.0.0/8 is no host's";
	if (lo >> 24 == 127 && hi >> 24 == 127)
		return "127.0.0.0/8 is the loopback's";
	if (lo >= 0xe0000000)
		return "multicast and reserved addresses are no host's";
	return NULL;
}

char *
conf_ip4_text(uint32_t a, char buf[16])
{
	snprintf(buf, 16, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255,
	    a & 255);
	return buf;
}

void
conf_ip4_split(uint32_t lo, uint32_t hi,
    void (*fn)(void *, uint32_t, uint8_t), void *arg)
{
	uint64_t at = lo, end = (uint64_t)hi + 1, size;
	uint8_t bits;

	while (at < end) {
		bits = 32;
		size = 1;
		while (bits > 0 && (at & (size * 2 - 1)) == 0 &&
		    at + size * 2 <= end) {
			size *= 2;
			bits--;
		}
		fn(arg, (uint32_t)at, bits);
		at += size;
	}
}
