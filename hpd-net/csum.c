/* SPDX-License-Identifier: ISC */
/*
 * Internet checksum (RFC 1071), hpd-net and the bench. Sums native 32-bit
 * words (order of bytes does not matter to the one's complement sum) and turns
 * the folded result once. Must never read beyond len.
 */
#include "csum.h"

#include <string.h>

#include "../common/buf.h"

static uint16_t
fold(uint64_t s)
{
	s = (s & 0xffffffffu) + (s >> 32);
	s = (s & 0xffffffffu) + (s >> 32);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

uint64_t
csum_add(uint64_t sum, const void *data, uint32_t len)
{
	const uint8_t *p = data;
	uint64_t a = 0, b = 0;
	uint32_t w[4];
	uint16_t h, f;

	for (; len >= 16; len -= 16, p += 16) {
		memcpy(w, p, 16);
		a += (uint64_t)w[0] + w[1];
		b += (uint64_t)w[2] + w[3];
	}
	for (; len >= 2; len -= 2, p += 2) {
		memcpy(&h, p, 2);
		a += h;
	}
	if (len) {
		h = 0;
		memcpy(&h, p, 1); /* the odd byte is the first of its word */
		a += h;
	}
	f = fold((a & 0xffffffffu) + (a >> 32) + (b & 0xffffffffu) + (b >> 32));
	return sum + be16(&f);
}

uint16_t
csum_fold(uint64_t sum)
{
	return (uint16_t)~fold(sum);
}

uint64_t
csum_pseudo(uint32_t src, uint32_t dst, uint8_t proto, uint32_t len)
{
	return (uint64_t)(src >> 16) + (src & 0xffff) + (dst >> 16) +
	    (dst & 0xffff) + proto + (len >> 16) + (len & 0xffff);
}
