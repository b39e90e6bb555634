/* SPDX-License-Identifier: ISC */
/*
 * JSON, in hpview: values nobody asked for, and text out of strings. Pure
 * functions; must never read beyond the line nor recurse deeper than
 * VJSON_DEPTH.
 */
#include "hpd-log/hpview/vjson.h"

static size_t
digits(struct cur *c)
{
	const char *start = c->p;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return (size_t)(c->p - start);
}

static int
skip_number(struct cur *c)
{
	(void)cur_eat(c, '-');
	if (!cur_eat(c, '0') && digits(c) == 0)
		return -1;
	if (cur_eat(c, '.') && digits(c) == 0)
		return -1;
	if (c->p < c->end && (*c->p == 'e' || *c->p == 'E')) {
		c->p++;
		if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
			c->p++;
		if (digits(c) == 0)
			return -1;
	}
	return 0;
}

static int
skip_array(struct cur *c, unsigned int depth)
{
	c->p++;
	cur_blanks(c);
	if (cur_eat(c, ']'))
		return 0;
	for (;;) {
		cur_blanks(c);
		if (cur_skip(c, depth) == -1)
			return -1;
		cur_blanks(c);
		if (cur_eat(c, ']'))
			return 0;
		if (!cur_eat(c, ','))
			return -1;
	}
}

int
cur_skip(struct cur *c, unsigned int depth)
{
	struct vstr key;
	int r, first = 1;

	if (depth == 0 || c->p == c->end)
		return -1;
	switch (*c->p) {
	case '"':
		return cur_string(c, &key);
	case '{':
		while ((r = cur_member(c, &key, &first)) == 1)
			if (cur_skip(c, depth - 1) == -1)
				return -1;
		return r;
	case '[':
		return skip_array(c, depth - 1);
	case 't':
		return CUR_LIT(c, "true") ? 0 : -1;
	case 'f':
		return CUR_LIT(c, "false") ? 0 : -1;
	case 'n':
		return CUR_LIT(c, "null") ? 0 : -1;
	default:
		return skip_number(c);
	}
}

int
cur_wanted(struct cur *c, const struct want *w, size_t n)
{
	struct vstr key, s;
	size_t i;
	int m, first = 1;

	while ((m = cur_member(c, &key, &first)) == 1) {
		for (i = 0; i < n; i++)
			if (vstr_is_n(&key, w[i].name, w[i].len))
				break;
		if (i == n) {
			m = cur_skip(c, VJSON_DEPTH - 1);
		} else if (w[i].what == 's') {
			if (c->p < c->end && *c->p != '"') /* of another type */
				m = cur_skip(c, VJSON_DEPTH - 1);
			else if ((m = cur_string(c, &s)) == 0)
				*(struct vstr *)w[i].into = s;
		} else if (w[i].what == 'n') {
			m = cur_u64(c, w[i].into);
		} else {
			*(uint8_t *)w[i].into = c->p < c->end && *c->p == 't';
			m = cur_skip(c, 1);
		}
		if (m == -1)
			return -1;
	}
	return m;
}

/* Four hexadecimal digits that cur_escape() has looked at. */
static uint32_t
hex4(const char *p)
{
	uint32_t v = 0;
	int i;

	for (i = 0; i < 4; i++) {
		char ch = p[i];

		v = v << 4 | (uint32_t)(ch <= '9' ? ch - '0' :
						    (ch | 0x20) - 'a' + 10);
	}
	return v;
}

static size_t
put_utf8(uint32_t v, char out[4])
{
	if (v < 0x80) {
		out[0] = (char)v;
		return 1;
	}
	if (v < 0x800) {
		out[0] = (char)(0xc0 | v >> 6);
		out[1] = (char)(0x80 | (v & 0x3f));
		return 2;
	}
	if (v < 0x10000) {
		out[0] = (char)(0xe0 | v >> 12);
		out[1] = (char)(0x80 | (v >> 6 & 0x3f));
		out[2] = (char)(0x80 | (v & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | v >> 18);
	out[1] = (char)(0x80 | (v >> 12 & 0x3f));
	out[2] = (char)(0x80 | (v >> 6 & 0x3f));
	out[3] = (char)(0x80 | (v & 0x3f));
	return 4;
}

/* One escape at the backslash p into out; its length there, *n bytes of it.
 * Half a surrogate pair becomes U+FFFD. */
static size_t
one_escape(const char *p, const char *end, char out[4], size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	size_t len = cur_escape(p + 1, end);
	uint32_t v, low;

	if (len == 0) { /* not one: the backslash itself */
		out[0] = '\\';
		*n = 1;
		return 1;
	}
	if (len == 1) {
		out[0] = to[strchr(from, p[1]) - from];
		*n = 1;
		return 2;
	}
	v = hex4(p + 2);
	len = 6;
	if (v >= 0xd800 && v < 0xe000) {
		low = 0;
		if (v < 0xdc00 && end - p >= 12 && p[6] == '\\' &&
		    cur_escape(p + 7, end) == 5)
			low = hex4(p + 8);
		if (low >= 0xdc00 && low < 0xe000) {
			v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
			len = 12;
		} else {
			v = 0xfffd;
		}
	}
	*n = put_utf8(v, out);
	return len;
}

size_t
vstr_text(struct vstr s, char *out, size_t cap)
{
	const char *p = s.p, *end;
	char b[4];
	size_t len = 0, n, step;

	if (p == NULL)
		return 0;
	for (end = p + s.n; p < end; p += step) {
		if (*p == '\\') {
			step = one_escape(p, end, b, &n);
		} else {
			/* A whole character, so that none is cut in two. */
			step = 1;
			while (step < 4 && p + step < end &&
			    ((uint8_t)p[step] & 0xc0) == 0x80 &&
			    (uint8_t)*p >= 0xc0)
				step++;
			n = step;
			memcpy(b, p, n);
		}
		if (cap - len < n)
			break;
		memcpy(out + len, b, n);
		len += n;
	}
	return len;
}
