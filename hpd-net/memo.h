/* SPDX-License-Identifier: ISC */
/*
 * Table hashes a packet needs more than once (prefetch, find, insert, delete):
 * the last few are remembered. Direct-mapped, so a miss costs what it always
 * did; the remembered input is compared whole, so nothing depends on it.
 */
#ifndef HPD_MEMO_H
#define HPD_MEMO_H

#include <stdint.h>
#include <string.h>

#include "../common/siphash.h"
#include "net.h"

#define MEMO_SLOTS 128 /* two batches */

struct memo {
	uint64_t key; /* first half of the key it was made with */
	uint64_t hash;
	uint32_t in[3];
	uint32_t used;
};

/* SipHash-1-3 of the 12 bytes under net.hash_key. m has MEMO_SLOTS entries. */
static inline uint64_t
memo_hash(struct memo *m, const uint32_t in[3])
{
	uint64_t key;

	memcpy(&key, net.hash_key, sizeof(key));
	m += (in[0] ^ in[1] ^ in[2] ^ in[2] >> 16) & (MEMO_SLOTS - 1);
	if (!m->used || m->key != key || memcmp(m->in, in, 12) != 0) {
		m->used = 1;
		m->key = key;
		memcpy(m->in, in, 12);
		m->hash = siphash13(net.hash_key, in, 12);
	}
	return m->hash;
}

#endif
