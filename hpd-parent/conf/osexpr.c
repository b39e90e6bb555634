/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: does a value satisfy an expression of nmap-os-db? Decides what
 * nmap 7.93 decides, where that differs from what the table's format promises
 * too. Pure: reads its arguments and nothing else.
 */
#include "osmatch.h"

#include <string.h>

/* A digit's value, or -1. Both cases count: that is strtol's way. */
static int
hexdigit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Number at s, before end; *rest is behind its digits. No digits: 0. More
 * than 32 bits: the lowest of them, as nmap's. */
static uint32_t
number(const char *s, const char *end, const char **rest)
{
	uint32_t v = 0;

	for (; s < end && hexdigit(*s) != -1; s++)
		v = v << 4 | (uint32_t)hexdigit(*s);
	*rest = s;
	return v;
}

/* "<h" and ">h" of alternative s..bar. */
static int
limit(const char *s, const char *bar, uint32_t v)
{
	const char *rest;
	uint32_t n = number(s + 1, bar, &rest);

	if (rest != bar)
		return 0;
	return *s == '<' ? v < n : v > n;
}

/* Alternative s..bar when a '-' stands in it or anywhere behind it: a range
 * or nothing; a single number never matches here. */
static int
range(const char *s, const char *bar, const char *dash, uint32_t v)
{
	const char *rest;
	uint32_t lo, hi;

	lo = number(s, bar, &rest);
	if (rest != dash)
		return 0;
	hi = number(dash + 1, bar, &rest);
	return rest == bar && v >= lo && v <= hi;
}

int
os_expr_match(const char *expr, size_t len, const char *value)
{
	const char *s = expr, *end = expr + len, *bar, *dash, *rest;
	size_t vlen = strlen(value), n;
	uint32_t v = number(value, value + vlen, &rest);
	int numeric = rest == value + vlen; /* the empty value too */

	for (;; s = bar + 1) {
		bar = memchr(s, '|', (size_t)(end - s));
		if (bar == NULL)
			bar = end;
		n = (size_t)(bar - s);
		if (numeric && n > 0 && (*s == '<' || *s == '>')) {
			if (limit(s, bar, v))
				return 1;
		} else if (numeric &&
		    (dash = memchr(s, '-', (size_t)(end - s))) != NULL) {
			if (range(s, bar, dash, v))
				return 1;
		} else if (n <= vlen && memcmp(s, value, n) == 0 &&
		    (bar < end || n == vlen))
			return 1;
		if (bar == end)
			return 0;
	}
}
