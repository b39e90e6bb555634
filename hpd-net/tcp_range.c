/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: small sorted sets of sequence ranges, for out-of-order data and for
 * what the peer reported by SACK. Pure functions; bounded by TCP_RANGES.
 */
#include <string.h>

#include "tcp_int.h"

int
ranges_add(struct ranges *s, uint32_t a, uint32_t b, int *dup)
{
	uint32_t i = 0, j;

	*dup = 0;
	while (i < s->n && SEQ_LT(s->r[i].b, a))
		i++;
	if (i < s->n && SEQ_LE(s->r[i].a, a) && SEQ_GE(s->r[i].b, b)) {
		*dup = 1;
		return 0;
	}
	for (j = i; j < s->n && SEQ_LE(s->r[j].a, b); j++) {
		a = SEQ_MIN(a, s->r[j].a);
		b = SEQ_MAX(b, s->r[j].b);
	}
	if (j == i) { /* touches none: a new one in front of i */
		if (s->n == TCP_RANGES)
			return -1;
		memmove(&s->r[i + 1], &s->r[i],
		    (s->n - i) * sizeof(s->r[0]));
		s->n++;
	} else if (j > i + 1) { /* several become one */
		memmove(&s->r[i + 1], &s->r[j],
		    (s->n - j) * sizeof(s->r[0]));
		s->n -= j - i - 1;
	}
	s->r[i].a = a;
	s->r[i].b = b;
	return 0;
}

void
ranges_trim(struct ranges *s, uint32_t below)
{
	uint32_t i = 0;

	while (i < s->n && SEQ_LE(s->r[i].b, below))
		i++;
	if (i > 0) {
		memmove(&s->r[0], &s->r[i], (s->n - i) * sizeof(s->r[0]));
		s->n -= i;
	}
	if (s->n > 0 && SEQ_LT(s->r[0].a, below))
		s->r[0].a = below;
}

uint32_t
ranges_bytes(const struct ranges *s, uint32_t from, uint32_t to)
{
	uint32_t i, sum = 0, a, b;

	for (i = 0; i < s->n; i++) {
		a = SEQ_MAX(s->r[i].a, from);
		b = SEQ_MIN(s->r[i].b, to);
		if (SEQ_LT(a, b))
			sum += b - a;
	}
	return sum;
}

int
ranges_gap(const struct ranges *s, uint32_t seq, uint32_t end, uint32_t *a,
    uint32_t *b)
{
	uint32_t i;

	for (i = 0; i < s->n; i++) {
		if (SEQ_LE(s->r[i].b, seq))
			continue;
		if (SEQ_LE(s->r[i].a, seq)) {
			seq = s->r[i].b;
			continue;
		}
		end = SEQ_MIN(end, s->r[i].a);
		break;
	}
	if (SEQ_GE(seq, end))
		return 0;
	*a = seq;
	*b = end;
	return 1;
}
