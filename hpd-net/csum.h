/* SPDX-License-Identifier: ISC */
/* Internet checksum, RFC 1071. */
#ifndef HPD_CSUM_H
#define HPD_CSUM_H

#include <stdint.h>

/* Unfolded sum of len bytes added to sum (big-endian words). */
uint64_t csum_add(uint64_t sum, const void *data, uint32_t len);
/* Final 16 bits, ready for put16(). */
uint16_t csum_fold(uint64_t sum);
/* Pseudo-header sum; addresses in host order. */
uint64_t csum_pseudo(uint32_t src, uint32_t dst, uint8_t proto, uint32_t len);

#endif
