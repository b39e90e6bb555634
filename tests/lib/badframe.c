/* SPDX-License-Identifier: ISC */
/*
 * The generator behind badframe.h. A valid frame of a random kind is built,
 * then zero to three faults are put in; checksums are repaired afterwards in
 * three of four frames, so that the fault itself is met and not the checksum.
 */
#include "badframe.h"

#include <string.h>

#include "../../common/buf.h"

static uint32_t
rnd(struct badframe *b)
{
	b->rng ^= b->rng << 13;
	b->rng ^= b->rng >> 7;
	b->rng ^= b->rng << 17;
	return (uint32_t)(b->rng >> 16);
}

static void
noise(struct badframe *b, uint8_t *p, size_t n)
{
	while (n-- > 0)
		*p++ = (uint8_t)rnd(b);
}

static uint32_t
sum16(const uint8_t *p, size_t n, uint32_t s)
{
	for (; n > 1; n -= 2, p += 2)
		s += be16(p);
	if (n)
		s += (uint32_t)p[0] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* Options of kinds that exist with lengths that may lie. */
static size_t
options(struct badframe *b, uint8_t *p, size_t max)
{
	static const uint8_t kinds[] = { 0, 1, 2, 3, 4, 5, 8, 7, 68, 131, 137,
	    148, 30, 255 };
	size_t n = 0;

	while (n < max && rnd(b) % 5) {
		uint8_t k = kinds[rnd(b) % sizeof(kinds)];

		p[n++] = k;
		if (k > 1 && n < max) {
			uint32_t l = rnd(b) % 4 ? 2 + rnd(b) % 11 : rnd(b) & 255;

			p[n++] = (uint8_t)l;
			while (l-- > 2 && n < max)
				p[n++] = (uint8_t)rnd(b);
		}
	}
	while (n % 4 && n < max)
		p[n++] = (uint8_t)(rnd(b) & 1);
	return n & ~(size_t)3;
}

static size_t
layer4(struct badframe *b, uint8_t proto, uint8_t *l4, size_t max)
{
	size_t n = rnd(b) % 3 ? rnd(b) % 64 : rnd(b) % (max - 64);

	switch (proto) {
	case 1:
		noise(b, l4, 8 + n);
		l4[0] = (uint8_t)(rnd(b) % 2 ? 8 : rnd(b) % 20);
		l4[1] = (uint8_t)(rnd(b) % 3 ? 0 : rnd(b));
		return 8 + n;
	case 6: {
		size_t o;

		noise(b, l4, 20);
		put16(l4 + 2, rnd(b) % 2 ? 80 : rnd(b));
		o = options(b, l4 + 20, 40);
		l4[12] = (uint8_t)((rnd(b) % 8 ? (20 + o) / 4 : rnd(b)) << 4);
		l4[13] = (uint8_t)(rnd(b) % 2 ? 0x02 : rnd(b));
		noise(b, l4 + 20 + o, n);
		return 20 + o + n;
	}
	case 17:
		noise(b, l4, 8 + n);
		put16(l4 + 4, rnd(b) % 4 ? 8 + n : rnd(b));
		return 8 + n;
	default:
		noise(b, l4, n);
		return n;
	}
}

static void
fault_ip(struct badframe *b, uint8_t *ip)
{
	switch (rnd(b) % 9) {
	case 0: ip[0] = (uint8_t)(rnd(b) << 4 | (ip[0] & 15)); break;
	case 1: ip[0] = (uint8_t)((ip[0] & 0xf0) | (rnd(b) & 15)); break;
	case 2: put16(ip + 2, rnd(b)); break;
	case 3: put16(ip + 6, rnd(b)); break;
	case 4: put16(ip + 6, 0x2000 | (rnd(b) % 64)); break;
	case 5: put32(ip + 12, rnd(b) % 2 ? 0xffffffff : rnd(b)); break;
	case 6: ip[8] = (uint8_t)(rnd(b) & 1); break;
	case 7: memcpy(ip + 12, ip + 16, 4); break;
	default: ip[rnd(b) % 20] ^= (uint8_t)(1u << (rnd(b) % 8)); break;
	}
}

static size_t
frame_arp(struct badframe *b, uint8_t *f)
{
	put16(f + 12, 0x0806);
	noise(b, f + 14, 46);
	put16(f + 14, rnd(b) % 8 ? 1 : rnd(b));
	put16(f + 16, rnd(b) % 8 ? 0x0800 : rnd(b));
	f[18] = (uint8_t)(rnd(b) % 8 ? 6 : rnd(b));
	f[19] = (uint8_t)(rnd(b) % 8 ? 4 : rnd(b));
	put16(f + 20, rnd(b) % 4 ? 1 + rnd(b) % 2 : rnd(b));
	put32(f + 28, b->src);
	put32(f + 38, b->dst ^ (rnd(b) & b->dst_mask));
	if (rnd(b) % 2)
		memset(f, 0xff, 6);
	return rnd(b) % 8 ? 60 : 14 + rnd(b) % 46;
}

static void
repair(uint8_t *ip, size_t hl, uint8_t proto, size_t l4len)
{
	uint8_t *l4 = ip + hl;
	size_t off = proto == 6 ? 16 : proto == 17 ? 6 : proto == 1 ? 2 : 0;
	uint32_t s = 0;

	put16(ip + 10, 0);
	put16(ip + 10, ~sum16(ip, hl, 0));
	if (off == 0 || l4len < off + 2)
		return;
	put16(l4 + off, 0);
	if (proto != 1)
		s = sum16(ip + 12, 8, proto + (uint32_t)l4len);
	put16(l4 + off, ~sum16(l4, l4len, s));
}

size_t
badframe_next(struct badframe *b, uint8_t *f)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 1, 1, 2, 47, 132, 255 };
	uint8_t *ip = f + 14, proto;
	size_t hl = 20, n, len;
	uint32_t i, faults;

	memcpy(f, b->dst_mac, 6);
	memcpy(f + 6, b->src_mac, 6);
	if (rnd(b) % 16 == 0)
		return frame_arp(b, f);
	put16(f + 12, rnd(b) % 32 ? 0x0800 : rnd(b));
	noise(b, ip, 20);
	if (rnd(b) % 6 == 0)
		hl += options(b, ip + 20, 40);
	proto = protos[rnd(b) % sizeof(protos)];
	n = layer4(b, proto, ip + hl, 1400 - hl);
	ip[0] = (uint8_t)(0x40 | hl / 4);
	put16(ip + 2, (uint32_t)(hl + n));
	put16(ip + 6, rnd(b) % 6 ? 0x4000 : 0x2000 | (rnd(b) % 190));
	if (rnd(b) % 6 == 0)
		put16(ip + 4, rnd(b) % 8);
	ip[8] = 64;
	ip[9] = proto;
	put32(ip + 12, rnd(b) % 4 ? b->src : rnd(b));
	put32(ip + 16, b->dst ^ (rnd(b) & b->dst_mask));
	faults = rnd(b) % 4;
	for (i = 0; i < faults; i++) {
		if (rnd(b) % 2)
			fault_ip(b, ip);
		else if (n)
			ip[hl + rnd(b) % n] = (uint8_t)rnd(b);
	}
	if (rnd(b) % 4)
		repair(ip, hl, proto, n);
	len = 14 + hl + n;
	if (rnd(b) % 16 == 0)
		len = 14 + rnd(b) % (len - 13);
	return len;
}
