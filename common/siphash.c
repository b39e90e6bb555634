/* SPDX-License-Identifier: ISC */
/*
 * SipHash (Aumasson, Bernstein 2012) with 1-3 and 2-4 rounds. All processes;
 * pure functions. The key decides whether a table can be flooded: it must
 * never be printed or logged.
 */
#include <stdint.h>
#include <string.h>

#include "siphash.h"

__attribute__((always_inline)) static inline uint64_t
rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

__attribute__((always_inline)) static inline uint64_t
le64(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	    (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

__attribute__((always_inline)) static inline void
rounds(uint64_t v[4], int n)
{
#pragma GCC unroll 4
	for (int i = 0; i < n; i++) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

__attribute__((always_inline)) static inline void
start(uint64_t v[4], const uint8_t key[16])
{
	uint64_t k0 = le64(key), k1 = le64(key + 8);

	v[0] = k0 ^ 0x736f6d6570736575ULL;
	v[1] = k1 ^ 0x646f72616e646f6dULL;
	v[2] = k0 ^ 0x6c7967656e657261ULL;
	v[3] = k1 ^ 0x7465646279746573ULL;
}

__attribute__((always_inline)) static inline void
mix(uint64_t v[4], uint64_t m, int c)
{
	v[3] ^= m;
	rounds(v, c);
	v[0] ^= m;
}

__attribute__((always_inline)) static inline uint64_t
finish(uint64_t v[4], int d)
{
	v[2] ^= 0xff;
	rounds(v, d);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The up to seven bytes at the end, length in the top byte. */
static inline uint64_t
last_word(const uint8_t *p, size_t left, uint64_t len)
{
	uint64_t m = len << 56;

	switch (left) {
	case 7:
		m |= (uint64_t)p[6] << 48; /* FALLTHROUGH */
	case 6:
		m |= (uint64_t)p[5] << 40; /* FALLTHROUGH */
	case 5:
		m |= (uint64_t)p[4] << 32; /* FALLTHROUGH */
	case 4:
		m |= (uint64_t)p[3] << 24; /* FALLTHROUGH */
	case 3:
		m |= (uint64_t)p[2] << 16; /* FALLTHROUGH */
	case 2:
		m |= (uint64_t)p[1] << 8; /* FALLTHROUGH */
	case 1:
		m |= p[0];
		break;
	default:
		break;
	}
	return m;
}

/* Several of these a packet: c and d are constants where it is called, so
 * inlining leaves straight code on four registers. */
__attribute__((always_inline)) static inline uint64_t
whole(const uint8_t key[16], const void *data, size_t len, int c, int d)
{
	const uint8_t *p = data;
	uint64_t v[4];
	size_t i;

	start(v, key);
	for (i = 0; i + 8 <= len; i += 8)
		mix(v, le64(p + i), c);
	mix(v, last_word(p + i, len - i, len), c);
	return finish(v, d);
}

uint64_t
siphash13(const uint8_t key[16], const void *data, size_t len)
{
	return whole(key, data, len, 1, 3);
}

uint64_t
siphash24(const uint8_t key[16], const void *data, size_t len)
{
	return whole(key, data, len, 2, 4);
}

void
siphash_init(struct siphash *s, const uint8_t key[16], uint8_t c, uint8_t d)
{
	memset(s, 0, sizeof(*s));
	start(s->v, key);
	s->c = c;
	s->d = d;
}

void
siphash_update(struct siphash *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 0 && s->len % 8 != 0; len--, s->len++) {
		s->tail |= (uint64_t)*p++ << s->len % 8 * 8;
		if (s->len % 8 == 7) {
			mix(s->v, s->tail, s->c);
			s->tail = 0;
		}
	}
	for (; len >= 8; len -= 8, p += 8, s->len += 8)
		mix(s->v, le64(p), s->c);
	for (; len > 0; len--, s->len++)
		s->tail |= (uint64_t)*p++ << s->len % 8 * 8;
}

uint64_t
siphash_final(struct siphash *s)
{
	mix(s->v, s->tail | s->len << 56, s->c);
	return finish(s->v, s->d);
}
