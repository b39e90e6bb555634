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

#endif
