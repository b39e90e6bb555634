/* SPDX-License-Identifier: ISC */
/*
 * The seal's state and carry as bytes of a file: in hpd-parent, hpd-log,
 * hpview. Must never put a chain's key into a page for the disk: a block
 * written over can outlive it there.
 */
#include <sodium.h>
#include <string.h>

#include "seal.h"

#define SUMMED offsetof(struct seal_state, check)

static void
sum16(uint8_t out[16], const void *p, size_t len)
{
	(void)crypto_generichash(out, 16, p, len, NULL, 0);
}

/* s without keys and proofs: what a proof is made of. */
static void
bare(struct seal_state *out, const struct seal_state *s)
{
	unsigned int i;

	memcpy(out, s, sizeof(*out));
	for (i = 0; i < SEAL_CHAINS; i++) {
		sodium_memzero(out->chain[i].epoch, sizeof(out->chain[i].epoch));
		memset(out->chain[i].proof, 0, SEAL_KEY_LEN);
	}
	memset(out->check, 0, sizeof(out->check));
}

/* BLAKE2b(key of the chain's next record, label || chain || the bare state). */
static void
prove(uint8_t out[SEAL_KEY_LEN], const struct seal_state *b, unsigned int chain,
    const struct seal_chain *at)
{
	static const char label[] = "hpd seal saved";
	const struct seal_epoch *h = &at->epoch[at->index / SEAL_EPOCH & 1];
	uint8_t n = (uint8_t)chain;
	crypto_generichash_state st;

	(void)crypto_generichash_init(&st, h->once[at->index % SEAL_EPOCH],
	    SEAL_KEY_LEN, SEAL_KEY_LEN);
	(void)crypto_generichash_update(&st, (const uint8_t *)label,
	    sizeof(label) - 1);
	(void)crypto_generichash_update(&st, &n, 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)b, SUMMED);
	(void)crypto_generichash_final(&st, out, SEAL_KEY_LEN);
	sodium_memzero(&st, sizeof(st));
}

void
seal_pack(struct seal_state *s, uint8_t page[SEAL_STATE_SIZE])
{
	struct seal_state b;
	uint8_t proof[SEAL_CHAINS][SEAL_KEY_LEN];
	unsigned int i;

	s->saved++;
	bare(&b, s);
	for (i = 0; i < SEAL_CHAINS; i++)
		prove(proof[i], &b, i, &s->chain[i]);
	for (i = 0; i < SEAL_CHAINS; i++)
		memcpy(b.chain[i].proof, proof[i], SEAL_KEY_LEN);
	sum16(b.check, &b, SUMMED);
	memset(page, 0, SEAL_STATE_SIZE);
	memcpy(page, &b, sizeof(b));
}

/* One slot: 0, or -1 not whole. Where the keys are in memory is nothing. */
static int
slot_read(struct seal_state *s, const uint8_t *slot)
{
	uint8_t sum[16];
	unsigned int i;

	memcpy(s, slot, sizeof(*s));
	sum16(sum, s, SUMMED);
	if (s->magic != SEAL_MAGIC || s->version != SEAL_VERSION ||
	    memcmp(sum, s->check, sizeof(sum)) != 0)
		return -1;
	for (i = 0; i < SEAL_CHAINS; i++)
		if (!sodium_is_zero((const uint8_t *)s->chain[i].epoch,
		    sizeof(s->chain[i].epoch)))
			return -1;
	return 0;
}

int
seal_unpack(struct seal_state *out, const uint8_t *slots, size_t len)
{
	struct seal_state s;
	int found = -1;
	size_t at;

	for (at = 0; at + SEAL_STATE_SIZE <= len && at < 2 * SEAL_STATE_SIZE;
	     at += SEAL_STATE_SIZE) {
		if (slot_read(&s, slots + at) == -1)
			continue;
		if (found == 0 && (s.ordinal < out->ordinal ||
		    (s.ordinal == out->ordinal && s.saved <= out->saved)))
			continue;
		memcpy(out, &s, sizeof(s));
		found = 0;
	}
	return found;
}

int
seal_proof(const struct seal_state *s, unsigned int chain,
    const struct seal_chain *at)
{
	struct seal_state b;
	uint8_t want[SEAL_KEY_LEN];

	if (s->chain[chain].index != at->index)
		return 0;
	bare(&b, s);
	prove(want, &b, chain, at);
	return sodium_memcmp(want, s->chain[chain].proof, sizeof(want)) == 0;
}

void
seal_carry_pack(uint8_t file[SEAL_CARRY_SIZE], uint64_t ordinal,
    const uint8_t carry[SEAL_KEY_LEN])
{
	memcpy(file, &ordinal, 8);
	memcpy(file + 8, carry, SEAL_KEY_LEN);
	sum16(file + 8 + SEAL_KEY_LEN, file, 8 + SEAL_KEY_LEN);
}

int
seal_carry_unpack(const uint8_t file[SEAL_CARRY_SIZE], uint64_t *ordinal,
    uint8_t carry[SEAL_KEY_LEN])
{
	uint8_t sum[16];

	sum16(sum, file, 8 + SEAL_KEY_LEN);
	if (memcmp(sum, file + 8 + SEAL_KEY_LEN, sizeof(sum)) != 0)
		return -1;
	memcpy(ordinal, file, 8);
	memcpy(carry, file + 8, SEAL_KEY_LEN);
	return 0;
}
