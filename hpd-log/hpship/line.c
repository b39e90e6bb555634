/* SPDX-License-Identifier: ISC */
/*
 * Is a line of the log whole, and where its time and kind stand, in hpship.
 * A line that hpd-log was killed in, or one that two of its lives wrote at, is
 * not JSON and goes no further; neither does one with a raw control byte. Must
 * never read beyond the line nor change it.
 */
#include "hpd-log/hpship/line.h"

#include <string.h>

struct scan {
	const char *p, *end;
	struct ship_line *out;
};

enum where { AT_TOP, AT_EVENT, AT_HPD, AT_OTHER };

static int value(struct scan *, enum where, int depth, struct span *);

/* The bytes of one UTF-8 character above 0x7f, or 0: invalid, or C1. */
static size_t
utf8(const uint8_t *p, size_t left)
{
	static const uint32_t least[5] = { 0, 0, 0xa0, 0x800, 0x10000 };
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2, i;
	uint32_t c;

	if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
		return 0;
	c = p[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

static int
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

/* Behind a backslash. 0 or -1. */
static int
escape(struct scan *s)
{
	int i;

	if (s->p == s->end)
		return -1;
	if (*s->p != 'u')
		return strchr("\"\\/bfnrt", *s->p) != NULL && *s->p++ != '\0'
		    ? 0 : -1;
	s->p++;
	for (i = 0; i < 4; i++)
		if (s->p == s->end || !is_hex(*s->p++))
			return -1;
	return 0;
}

/* At the opening quote. 0 or -1; what stands between goes to *v. */
static int
string(struct scan *s, struct span *v)
{
	size_t n;
	uint8_t c;

	if (s->p == s->end || *s->p++ != '"')
		return -1;
	v->p = s->p;
	while (s->p < s->end) {
		c = (uint8_t)*s->p;
		if (c == '"') {
			v->len = (size_t)(s->p++ - v->p);
			return 0;
		}
		if (c < 0x20 || c == 0x7f)
			return -1;
		n = 1;
		if (c >= 0x80) {
			s->out->wide = 1;
			n = utf8((const uint8_t *)s->p,
			    (size_t)(s->end - s->p));
			if (n == 0)
				return -1;
		}
		s->p += n;
		if (c == '\\' && escape(s) == -1)
			return -1;
	}
	return -1;
}

/* Does the next byte stand there? It is taken then. */
static int
next_is(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return 0;
	s->p++;
	return 1;
}

static int
digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > from ? 0 : -1;
}

static int
number(struct scan *s)
{
	(void)next_is(s, '-');
	if (digits(s) == -1)
		return -1;
	if (next_is(s, '.') && digits(s) == -1)
		return -1;
	if (next_is(s, 'e') || next_is(s, 'E')) {
		if (!next_is(s, '+'))
			(void)next_is(s, '-');
		return digits(s);
	}
	return 0;
}

static int
word(struct scan *s, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, w, n) != 0)
		return -1;
	s->p += n;
	return 0;
}

static int
is(const struct span *k, const char *name)
{
	return k->len == strlen(name) && memcmp(k->p, name, k->len) == 0;
}

/* What the value of key k is, seen from where: which object it is, and where
 * a string goes. */
static enum where
below(struct scan *s, enum where at, const struct span *k, struct span **to)
{
	*to = NULL;
	if (at == AT_TOP && is(k, "@timestamp"))
		*to = &s->out->stamp;
	else if (at == AT_TOP && is(k, "event"))
		return AT_EVENT;
	else if (at == AT_TOP && is(k, "hpd"))
		return AT_HPD;
	else if (at == AT_EVENT && is(k, "action"))
		*to = &s->out->action;
	else if (at == AT_HPD && is(k, "level"))
		*to = &s->out->level;
	return AT_OTHER;
}

/* Behind the opening brace. */
static int
object(struct scan *s, enum where at, int depth)
{
	struct span key, *to;
	enum where sub;

	if (next_is(s, '}'))
		return 0;
	do {
		if (string(s, &key) == -1 || !next_is(s, ':'))
			return -1;
		sub = below(s, at, &key, &to);
		if (value(s, sub, depth, to) == -1)
			return -1;
	} while (next_is(s, ','));
	return next_is(s, '}') ? 0 : -1;
}

/* Behind the opening bracket. */
static int
array(struct scan *s, int depth)
{
	if (next_is(s, ']'))
		return 0;
	do {
		if (value(s, AT_OTHER, depth, NULL) == -1)
			return -1;
	} while (next_is(s, ','));
	return next_is(s, ']') ? 0 : -1;
}

/* hpd-log writes no white space between tokens: there may be none. */
static int
value(struct scan *s, enum where at, int depth, struct span *to)
{
	struct span v;

	if (s->p == s->end || depth > LINE_DEPTH)
		return -1;
	switch (*s->p) {
	case '{':
		s->p++;
		return object(s, at, depth + 1);
	case '[':
		s->p++;
		return array(s, depth + 1);
	case '"':
		if (string(s, &v) == -1)
			return -1;
		if (to != NULL)
			*to = v;
		return 0;
	case 't':
		return word(s, "true");
	case 'f':
		return word(s, "false");
	case 'n':
		return word(s, "null");
	default:
		return number(s);
	}
}

int
line_scan(const char *line, size_t len, struct ship_line *l)
{
	struct scan s = { line, line + len, l };

	memset(l, 0, sizeof(*l));
	if (len == 0 || *line != '{' || value(&s, AT_TOP, 0, NULL) == -1)
		return -1;
	return s.p == s.end ? 0 : -1;
}
