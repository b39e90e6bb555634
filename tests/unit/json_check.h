/* SPDX-License-Identifier: ISC */
/*
 * A strict reader of one JSON text for tests, written apart from the writer it
 * judges: RFC 8259, valid UTF-8 without control characters, no member name
 * twice in an object, nothing behind the value. Fetches members by path.
 */
#ifndef TESTS_JSON_CHECK_H
#define TESTS_JSON_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct jc {
	const unsigned char *p, *end;
	int depth;
	const char *want;      /* path looked for: "hpd.raw_b64", or NULL */
	char path[256];
	const unsigned char *found, *found_end;
};

static int jc_value(struct jc *);

static void
jc_blank(struct jc *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t'))
		j->p++;
}

static int
jc_utf8(struct jc *j)
{
	size_t n = *j->p >= 0xf0 ? 4 : *j->p >= 0xe0 ? 3 : 2, i;
	uint32_t c = *j->p & (0xffu >> (n + 1));

	if (*j->p < 0xc2 || *j->p > 0xf4 || (size_t)(j->end - j->p) < n)
		return -1;
	for (i = 1; i < n; i++) {
		if ((j->p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (j->p[i] & 0x3f);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c < 0xe000) || (c >= 0x80 && c < 0xa0) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	    c == 0x2028 || c == 0x2029)
		return -1;
	j->p += n;
	return 0;
}

static int
jc_string(struct jc *j)
{
	int i;

	if (j->p >= j->end || *j->p++ != '"')
		return -1;
	while (j->p < j->end && *j->p != '"') {
		if (*j->p < 0x20 || *j->p == 0x7f)
			return -1;
		if (*j->p >= 0x80) {
			if (jc_utf8(j) == -1)
				return -1;
			continue;
		}
		if (*j->p++ != '\\')
			continue;
		if (j->p >= j->end || strchr("\"\\/bfnrtu", *j->p) == NULL)
			return -1;
		if (*j->p++ == 'u') {
			for (i = 0; i < 4; i++, j->p++) {
				if (j->p >= j->end || *j->p == '\0' ||
				    strchr("0123456789abcdefABCDEF", *j->p) ==
					NULL)
					return -1;
			}
		}
	}
	if (j->p >= j->end)
		return -1;
	j->p++;
	return 0;
}

static int
jc_digits(struct jc *j)
{
	const unsigned char *s = j->p;

	while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
		j->p++;
	return j->p > s ? 0 : -1;
}

static int
jc_number(struct jc *j)
{
	if (j->p < j->end && *j->p == '-')
		j->p++;
	if (j->p < j->end && *j->p == '0')
		j->p++;
	else if (jc_digits(j) == -1)
		return -1;
	if (j->p < j->end && *j->p == '.') {
		j->p++;
		if (jc_digits(j) == -1)
			return -1;
	}
	if (j->p < j->end && (*j->p | 0x20) == 'e') {
		j->p++;
		if (j->p < j->end && (*j->p == '+' || *j->p == '-'))
			j->p++;
		return jc_digits(j);
	}
	return 0;
}

static int
jc_container(struct jc *j, int object)
{
	struct {
		const unsigned char *p;
		size_t n;
	} names[80];
	size_t nnames = 0, i, plen = strlen(j->path), n;
	const unsigned char *name;
	int close = object ? '}' : ']';

	if (++j->depth > 8)
		return -1;
	j->p++;
	jc_blank(j);
	if (j->p < j->end && *j->p == close) {
		j->p++;
		j->depth--;
		return 0;
	}
	for (;;) {
		jc_blank(j);
		if (object) {
			name = j->p;
			if (jc_string(j) == -1 || nnames == 80)
				return -1;
			n = (size_t)(j->p - name);
			for (i = 0; i < nnames; i++)
				if (names[i].n == n &&
				    memcmp(names[i].p, name, n) == 0)
					return -1;
			names[nnames].p = name;
			names[nnames++].n = n;
			jc_blank(j);
			if (j->p >= j->end || *j->p++ != ':')
				return -1;
			if (plen + n < sizeof(j->path)) {
				if (plen)
					j->path[plen] = '.';
				memcpy(j->path + plen + (plen > 0), name + 1,
				    n - 2);
				j->path[plen + (plen > 0) + n - 2] = '\0';
			}
		}
		jc_blank(j);
		name = j->p;
		i = j->want != NULL && strcmp(j->want, j->path) == 0;
		if (jc_value(j) == -1)
			return -1;
		if (i && object) {
			j->found = name;
			j->found_end = j->p;
		}
		j->path[plen] = '\0';
		jc_blank(j);
		if (j->p >= j->end)
			return -1;
		if (*j->p == close) {
			j->p++;
			j->depth--;
			return 0;
		}
		if (*j->p++ != ',')
			return -1;
	}
}

static int
jc_value(struct jc *j)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	if (j->p >= j->end)
		return -1;
	if (*j->p == '{' || *j->p == '[')
		return jc_container(j, *j->p == '{');
	if (*j->p == '"')
		return jc_string(j);
	for (i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(j->end - j->p) >= n &&
		    memcmp(j->p, words[i], n) == 0) {
			j->p += n;
			return 0;
		}
	}
	return jc_number(j);
}

/* Is text (without newline) exactly one object? want: a member to fetch into
 * out as its JSON text ("" when absent); may be NULL. */
static int
json_check(const char *text, size_t len, const char *want, char *out,
    size_t outlen)
{
	struct jc j;
	size_t n;

	memset(&j, 0, sizeof(j));
	j.p = (const unsigned char *)text;
	j.end = j.p + len;
	j.want = want;
	if (out != NULL)
		out[0] = '\0';
	if (len == 0 || *j.p != '{' || jc_value(&j) == -1 || j.p != j.end)
		return -1;
	if (out != NULL && j.found != NULL) {
		n = (size_t)(j.found_end - j.found);
		if (n >= outlen)
			return -1;
		memcpy(out, j.found, n);
		out[n] = '\0';
	}
	return 0;
}

/* Decode the base64 text in quotes; bytes written, or -1. */
static inline long
b64_decode(const char *s, unsigned char *out, size_t outlen)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t v = 0;
	size_t n = 0;
	int bits = 0;

	if (*s++ != '"')
		return -1;
	for (; *s != '"' && *s != '='; s++) {
		const char *at = *s ? strchr(set, *s) : NULL;

		if (at == NULL)
			return -1;
		v = v << 6 | (uint32_t)(at - set);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			if (n == outlen)
				return -1;
			out[n++] = (unsigned char)(v >> bits);
		}
	}
	return (long)n;
}

#endif
