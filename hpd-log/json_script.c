/* SPDX-License-Identifier: ISC */
/*
 * What a script says about itself on descriptor 3, in hpd-log. A script may be
 * in an attacker's hands, so its line is taken into the log as fields only
 * when it is exactly one small flat object; anything else is kept as a string
 * by the caller. Must never copy a byte that this grammar did not accept.
 */
#include "hpd-log/json_out.h"

#define MEMBERS_MAX 64
#define NAME_BYTES  64
#define NUMBER_MAX  24

struct in {
	const uint8_t *p, *end;
};

static void
blanks(struct in *in)
{
	while (in->p < in->end && (*in->p == ' ' || *in->p == '\t'))
		in->p++;
}

static int
eat(struct in *in, uint8_t c)
{
	if (in->p == in->end || *in->p != c)
		return 0;
	in->p++;
	return 1;
}

/* Four hexadecimal digits, or -1. */
static int32_t
hex4(struct in *in)
{
	int32_t v = 0;
	int i;

	if (in->end - in->p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		uint8_t c = *in->p++;

		if (c >= '0' && c <= '9')
			v = v * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v * 16 + ((c | 0x20) - 'a') + 10;
		else
			return -1;
	}
	return v;
}

/* Behind the backslash: copy one escape when it is a valid one. */
static int
escape(struct in *in, struct wbuf *w)
{
	const uint8_t *start = in->p - 1;
	int32_t v;
	uint8_t c;

	if (in->p == in->end)
		return -1;
	c = *in->p++;
	if (c == 'u') {
		v = hex4(in);
		if (v == -1 || (v >= 0xdc00 && v <= 0xdfff))
			return -1;
		if (v >= 0xd800 && v <= 0xdbff) { /* the other half */
			if (!eat(in, '\\') || !eat(in, 'u'))
				return -1;
			v = hex4(in);
			if (v < 0xdc00 || v > 0xdfff)
				return -1;
		}
	} else if (memchr("\"\\/bfnrt", c, 8) == NULL) {
		return -1;
	}
	out_mem(w, start, (size_t)(in->p - start));
	return 0;
}

static int
string(struct in *in, struct wbuf *w)
{
	int clean = 1;
	size_t n;

	if (!eat(in, '"'))
		return -1;
	out_lit(w, "\"");
	while (in->p < in->end && *in->p != '"') {
		if (*in->p == '\\') {
			in->p++;
			if (escape(in, w) == -1)
				return -1;
		} else if (*in->p >= 0x80) {
			n = json_utf8(w, in->p, (size_t)(in->end - in->p),
			    &clean);
			if (n == 0)
				return -1;
			in->p += n;
		} else if (*in->p < 0x20 || *in->p == 0x7f) {
			return -1;
		} else {
			out_mem(w, in->p++, 1);
		}
	}
	out_lit(w, "\"");
	return eat(in, '"') ? 0 : -1;
}

static int
digits(struct in *in)
{
	const uint8_t *start = in->p;

	while (in->p < in->end && *in->p >= '0' && *in->p <= '9')
		in->p++;
	return in->p != start;
}

static int
number(struct in *in, struct wbuf *w)
{
	const uint8_t *start = in->p;

	(void)eat(in, '-');
	if (!eat(in, '0') && !digits(in))
		return -1;
	if (eat(in, '.') && !digits(in))
		return -1;
	if (in->p - start > NUMBER_MAX)
		return -1;
	out_mem(w, start, (size_t)(in->p - start));
	return 0;
}

static int
word(struct in *in, struct wbuf *w, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(in->end - in->p) < n || memcmp(in->p, text, n) != 0)
		return -1;
	in->p += n;
	out_mem(w, text, n);
	return 0;
}

static int
value(struct in *in, struct wbuf *w)
{
	if (in->p == in->end)
		return -1;
	switch (*in->p) {
	case '"':
		return string(in, w);
	case 't':
		return word(in, w, "true");
	case 'f':
		return word(in, w, "false");
	case 'n':
		return word(in, w, "null");
	default:
		return number(in, w);
	}
}

/* A member's name into w; refused when it was there before. */
static int
name(struct in *in, struct wbuf *w, struct in *seen, size_t nseen)
{
	const uint8_t *start;
	size_t n, i;

	if (!eat(in, '"'))
		return -1;
	start = in->p;
	while (in->p < in->end &&
	    ((*in->p >= 'a' && *in->p <= 'z') ||
		(*in->p >= '0' && *in->p <= '9') || *in->p == '_' ||
		*in->p == '.'))
		in->p++;
	n = (size_t)(in->p - start);
	if (n == 0 || n > NAME_BYTES || !eat(in, '"'))
		return -1;
	for (i = 0; i < nseen; i++) {
		if ((size_t)(seen[i].end - seen[i].p) == n &&
		    memcmp(seen[i].p, start, n) == 0)
			return -1;
	}
	seen[nseen].p = start;
	seen[nseen].end = start + n;
	out_lit(w, "\"");
	out_mem(w, start, n);
	out_lit(w, "\":");
	return 0;
}

static int
object(struct in *in, struct wbuf *w)
{
	struct in seen[MEMBERS_MAX];
	size_t n = 0;

	blanks(in);
	if (!eat(in, '{'))
		return -1;
	out_lit(w, "{");
	blanks(in);
	if (!eat(in, '}')) {
		for (;;) {
			blanks(in);
			if (n == MEMBERS_MAX || name(in, w, seen, n++) == -1)
				return -1;
			blanks(in);
			if (!eat(in, ':'))
				return -1;
			blanks(in);
			if (value(in, w) == -1)
				return -1;
			blanks(in);
			if (eat(in, '}'))
				break;
			if (!eat(in, ','))
				return -1;
			out_lit(w, ",");
		}
	}
	out_lit(w, "}");
	blanks(in);
	return in->p == in->end ? 0 : -1;
}

int
json_script(struct wbuf *w, const void *data, size_t len)
{
	struct in in = { data, (const uint8_t *)data + len };
	struct wbuf save = *w;

	if (len == 0 || object(&in, w) == -1 || w->over) {
		*w = save;
		return 0;
	}
	return 1;
}
