/* SPDX-License-Identifier: ISC */
/*
 * Walking over one line of JSON, in hpview: a cursor that never leaves the
 * line, and steps inline because a summary takes them a hundred million times.
 * Syntax is RFC 8259's; whether text is UTF-8 is asked where it is used.
 * Every step returns -1 for what is not JSON, the cursor then means nothing.
 */
#ifndef HPD_VJSON_H
#define HPD_VJSON_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "hpd-log/hpview/view.h"

#define VJSON_DEPTH 16 /* objects in objects; more is not ours */

struct cur {
	const char *p, *end;
};

static inline void
cur_blanks(struct cur *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

static inline int
cur_eat(struct cur *c, char ch)
{
	if (c->p == c->end || *c->p != ch)
		return 0;
	c->p++;
	return 1;
}

/* Is a literal next? */
#define CUR_LIT(c, s)                                                         \
	((size_t)((c)->end - (c)->p) >= sizeof(s) - 1 &&                       \
		    memcmp((c)->p, s, sizeof(s) - 1) == 0                      \
		? ((c)->p += sizeof(s) - 1, 1)                                 \
		: 0)

/* Bytes of p..end before the first one that is '"', '\\' or a control. */
static inline size_t
cur_plain(const char *p, const char *end)
{
	const char *s = p;

#ifdef __SSE2__
	const __m128i q = _mm_set1_epi8('"'), b = _mm_set1_epi8('\\'),
		      ctl = _mm_set1_epi8(0x1f);

	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const void *)p);
		int m = _mm_movemask_epi8(_mm_or_si128(
		    _mm_or_si128(_mm_cmpeq_epi8(x, q), _mm_cmpeq_epi8(x, b)),
		    _mm_cmpeq_epi8(_mm_min_epu8(x, ctl), x)));

		if (m != 0)
			return (size_t)(p - s) + (size_t)__builtin_ctz(
			    (unsigned int)m);
	}
#endif
	while (p < end && *p != '"' && *p != '\\' && (uint8_t)*p >= 0x20)
		p++;
	return (size_t)(p - s);
}

/* Behind a backslash in a string: 1, or 5 for \uXXXX. 0 when it is neither. */
static inline size_t
cur_escape(const char *p, const char *end)
{
	size_t i;

	if (p == end)
		return 0;
	if (*p != 'u')
		return memchr("\"\\/bfnrt", *p, 8) != NULL;
	if (end - p < 5)
		return 0;
	for (i = 1; i < 5; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
			((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')))
			return 0;
	return 5;
}

/* A string; *s is its body as it stands. */
static inline int
cur_string(struct cur *c, struct vstr *s)
{
	const char *start;
	size_t n;

	if (!cur_eat(c, '"'))
		return -1;
	start = c->p;
	for (;;) {
		c->p += cur_plain(c->p, c->end);
		if (c->p == c->end)
			return -1;
		if (*c->p == '"')
			break;
		if (*c->p != '\\')
			return -1;
		n = cur_escape(c->p + 1, c->end);
		if (n == 0)
			return -1;
		c->p += n + 1;
	}
	s->p = start;
	s->n = (uint32_t)(c->p++ - start);
	return 0;
}

/* A number without sign, fraction and exponent that fits. */
static inline int
cur_u64(struct cur *c, uint64_t *v)
{
	const char *start = c->p;
	uint64_t n = 0;

	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		unsigned int d = (unsigned int)(*c->p - '0');

		if (n > (UINT64_MAX - d) / 10)
			return -1;
		n = n * 10 + d;
	}
	if (c->p == start || (*start == '0' && c->p - start > 1))
		return -1;
	if (c->p < c->end &&
	    (*c->p == '.' || *c->p == 'e' || *c->p == 'E'))
		return -1;
	*v = n;
	return 0;
}

/* One of at most max. */
static inline int
cur_small(struct cur *c, uint64_t max, uint64_t *v)
{
	return cur_u64(c, v) == -1 || *v > max ? -1 : 0;
}

/* Any value, its depth bounded. vjson.c */
int cur_skip(struct cur *, unsigned int depth);

/*
 * Members of an object, the cursor on its brace:
 *	if (cur_open(c)) while ((r = cur_member(c, &key)) == 1) ...value...
 * cur_member: 1 a member, the cursor on its value; 0 the object is over;
 * -1. *first is 1 before the first.
 */
static inline int
cur_member(struct cur *c, struct vstr *key, int *first)
{
	cur_blanks(c);
	if (*first) {
		*first = 0;
		if (!cur_eat(c, '{'))
			return -1;
		cur_blanks(c);
		if (cur_eat(c, '}'))
			return 0;
	} else {
		if (cur_eat(c, '}'))
			return 0;
		if (!cur_eat(c, ','))
			return -1;
		cur_blanks(c);
	}
	if (cur_string(c, key) == -1)
		return -1;
	cur_blanks(c);
	if (!cur_eat(c, ':'))
		return -1;
	cur_blanks(c);
	return 1;
}

/* An object with a few members of which some are wanted; a string member of
 * another type is passed over. vjson.c */
struct want {
	const char *name;
	uint8_t len;
	uint8_t what; /* 's' string, 'n' number, 'b' true or not */
	void *into;   /* struct vstr, uint64_t, uint8_t */
};
#define WANT(name, what, into) { name, sizeof(name) - 1, what, into }
int cur_wanted(struct cur *, const struct want *, size_t n);

static inline int
vstr_is_n(const struct vstr *s, const char *text, size_t n)
{
	return s->n == n && memcmp(s->p, text, n) == 0;
}
#define vstr_is(s, lit) vstr_is_n((s), "" lit, sizeof(lit) - 1)

#endif
