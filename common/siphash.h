/* SPDX-License-Identifier: ISC */
/*
 * SipHash-1-3 (tables keyed by what attackers choose) and SipHash-2-4
 * (derived secrets: ISN bases, MAC tails, seeds). Aumasson, Bernstein 2012.
 */
#ifndef HPD_SIPHASH_H
#define HPD_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash13(const uint8_t key[16], const void *data, size_t len);
uint64_t siphash24(const uint8_t key[16], const void *data, size_t len);

/* In pieces: init, any number of updates, final. c, d: rounds (1 3 or 2 4). */
struct siphash {
	uint64_t v[4];
	uint64_t tail; /* bytes not yet mixed in, low end first */
	uint64_t len;  /* bytes so far */
	uint8_t c, d;
};
void siphash_init(struct siphash *, const uint8_t key[16], uint8_t c,
    uint8_t d);
void siphash_update(struct siphash *, const void *data, size_t len);
uint64_t siphash_final(struct siphash *);

#endif
