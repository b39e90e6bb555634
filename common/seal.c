/* SPDX-License-Identifier: ISC */
/*
 * The seal's keys and tags (seal.h): in hpd-parent, hpd-log, hpview. Must
 * never leave a used key in memory, never tag two records under one key, and
 * never be found half done: hpd-log can be killed anywhere and its successor
 * goes on with the same page. Hence the order in step(): the new epoch is made
 * beside the old one, then index moves, then the old one is erased.
 */
#include <sodium.h>
#include <string.h>

#include "proto.h"
#include "seal.h"

#define EPOCH(i) ((i) / SEAL_EPOCH)
#define SLOT(i)	 ((i) % SEAL_EPOCH)

/* What was stored before is in memory before the index says so. */
static void
index_set(struct seal_chain *c, uint64_t i)
{
	__atomic_store_n(&c->index, i, __ATOMIC_RELEASE);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

int
seal_init(void)
{
	return sodium_init() == -1 ? -1 : 0;
}

/* The keys of an epoch from its own, K(e). */
static void
expand(struct seal_epoch *h, const uint8_t key[SEAL_KEY_LEN])
{
	static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];

	_Static_assert(sizeof(*h) == SEAL_KEY_LEN * (SEAL_EPOCH + 1),
	    "seal_epoch is the keystream as it comes");
	(void)crypto_stream_chacha20((uint8_t *)h, sizeof(*h), nonce, key);
}

/* K(e+1) alone. */
static void
advance(uint8_t key[SEAL_KEY_LEN])
{
	static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
	uint8_t out[SEAL_KEY_LEN];

	(void)crypto_stream_chacha20(out, sizeof(out), nonce, key);
	memcpy(key, out, sizeof(out));
	sodium_memzero(out, sizeof(out));
}

/* Index i, of another epoch than the chain's, which has the key given. */
static void
enter(struct seal_chain *c, uint64_t i, const uint8_t key[SEAL_KEY_LEN])
{
	struct seal_epoch *old = &c->epoch[EPOCH(c->index) & 1];
	struct seal_epoch *h = &c->epoch[EPOCH(i) & 1];

	expand(h, key);
	sodium_memzero(h->once, SLOT(i) * SEAL_KEY_LEN);
	index_set(c, i);
	if (h != old)
		sodium_memzero(old, sizeof(*old));
}

/* The record at index is done. */
static void
step(struct seal_chain *c)
{
	uint64_t i = c->index;
	struct seal_epoch *h = &c->epoch[EPOCH(i) & 1];

	if (SLOT(i + 1) == 0) {
		enter(c, i + 1, h->next);
		return;
	}
	index_set(c, i + 1);
	sodium_memzero(h->once[SLOT(i)], SEAL_KEY_LEN);
}

void
seal_chain_key(struct seal_chain *c, const uint8_t carry[SEAL_KEY_LEN],
    uint64_t boot, unsigned int chain)
{
	static const char label[] = "hpd seal stream";
	uint8_t in[sizeof(label) - 1 + 1 + 8], key[SEAL_KEY_LEN];
	size_t n = sizeof(label) - 1;
	int i;

	memcpy(in, label, n);
	in[n++] = (uint8_t)chain;
	for (i = 0; i < 8; i++)
		in[n++] = (uint8_t)(boot >> 8 * i);
	(void)crypto_generichash(key, sizeof(key), in, n, carry, SEAL_KEY_LEN);
	memset(c, 0, sizeof(*c));
	expand(&c->epoch[0], key);
	sodium_memzero(key, sizeof(key));
}

void
seal_carry(uint8_t carry[SEAL_KEY_LEN])
{
	static const char label[] = "hpd seal next start";
	uint8_t out[SEAL_KEY_LEN];

	(void)crypto_generichash(out, sizeof(out), (const uint8_t *)label,
	    sizeof(label) - 1, carry, SEAL_KEY_LEN);
	memcpy(carry, out, sizeof(out));
	sodium_memzero(out, sizeof(out));
}

void
seal_derive(struct seal_chain *c, const uint8_t root[SEAL_KEY_LEN],
    uint64_t ordinal, uint64_t boot, unsigned int chain)
{
	uint8_t carry[SEAL_KEY_LEN];

	memcpy(carry, root, sizeof(carry));
	while (ordinal-- > 0)
		seal_carry(carry);
	seal_chain_key(c, carry, boot, chain);
	sodium_memzero(carry, sizeof(carry));
}

void
seal_begin(struct seal_state *s, uint8_t carry[SEAL_KEY_LEN], uint64_t ordinal,
    uint64_t boot, uint8_t next[SEAL_KEY_LEN])
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->magic = SEAL_MAGIC;
	s->version = SEAL_VERSION;
	s->ordinal = ordinal;
	s->boot = boot;
	for (i = 0; i < SEAL_CHAINS; i++)
		seal_chain_key(&s->chain[i], carry, boot, i);
	seal_carry(carry);
	memcpy(next, carry, SEAL_KEY_LEN);
	sodium_memzero(carry, SEAL_KEY_LEN);
}

/* Tag of record i of a chain as far as the state has it. */
static void
tag_of(const struct seal_state *s, unsigned int chain, uint64_t i,
    uint8_t tag[SEAL_TAG_LEN])
{
	unsigned int k;

	memset(tag, 0, SEAL_TAG_LEN);
	for (k = 0; k < 2; k++)
		if (s->last[chain][k].index == i)
			memcpy(tag, s->last[chain][k].tag, SEAL_TAG_LEN);
}

void
seal_follow(struct seal_state *s, const struct seal_state *old)
{
	static const uint8_t stream[SEAL_CHAINS] = { STREAM_EVENTS,
		STREAM_PROBES };
	struct seal_prev *p;
	unsigned int i;

	if (old == NULL)
		return;
	s->saved = old->saved; /* the slots go on in turn */
	for (i = 0; i < SEAL_CHAINS; i++) {
		p = &s->prev[i];
		if (old->chain[i].index == 0) { /* never used it */
			*p = old->prev[i];
			continue;
		}
		p->known = 1;
		p->clean = old->clean == 1;
		p->ordinal = old->ordinal;
		p->index = old->chain[i].index;
		p->number = old->segment[stream[i]];
		tag_of(old, i, p->index - 1, p->tag);
	}
}

void
seal_told(const struct seal_state *s, unsigned int chain, struct ev_segment *e)
{
	const struct seal_chain *c = &s->chain[chain];
	const struct seal_prev *p = &s->prev[chain];

	e->ordinal = e->prev_ordinal = s->ordinal;
	e->doubt_from = c->written;
	e->doubt_to = c->index;
	memset(e->prev_tag, 0, sizeof(e->prev_tag));
	if (c->index > 0) {
		if (c->written > 0)
			tag_of(s, chain, c->written - 1, e->prev_tag);
		return;
	}
	e->prev_number = 0;
	if (!p->known)
		return;
	e->prev_ordinal = p->ordinal;
	e->prev_number = p->number;
	e->doubt_from = p->index;
	e->doubt_to = p->clean ? p->index : SEAL_OPEN;
	memcpy(e->prev_tag, p->tag, sizeof(e->prev_tag));
}

void
seal_resume(struct seal_state *s)
{
	struct seal_chain *c;
	unsigned int i;

	for (i = 0; i < SEAL_CHAINS; i++) {
		c = &s->chain[i];
		sodium_memzero(&c->epoch[~EPOCH(c->index) & 1],
		    sizeof(c->epoch[0]));
		sodium_memzero(c->epoch[EPOCH(c->index) & 1].once,
		    SLOT(c->index) * SEAL_KEY_LEN);
	}
}

void
seal_skip(struct seal_chain *c, uint64_t i)
{
	uint8_t key[SEAL_KEY_LEN];
	uint64_t e = EPOCH(c->index);
	struct seal_epoch *h = &c->epoch[e & 1];
	uint64_t from = SLOT(c->index);

	if (i <= c->index)
		return;
	if (EPOCH(i) == e) {
		index_set(c, i);
		sodium_memzero(h->once[from], (SLOT(i) - from) * SEAL_KEY_LEN);
		return;
	}
	if ((EPOCH(i) - e) % 2 == 0) { /* never over the epoch in use */
		enter(c, (e + 1) * SEAL_EPOCH, h->next);
		h = &c->epoch[++e & 1];
	}
	memcpy(key, h->next, sizeof(key));
	while (++e < EPOCH(i))
		advance(key);
	enter(c, i, key);
	sodium_memzero(key, sizeof(key));
}

void
seal_tag(struct seal_chain *c, const void *line, size_t len,
    uint8_t tag[SEAL_TAG_LEN])
{
	const struct seal_epoch *h = &c->epoch[EPOCH(c->index) & 1];

	(void)crypto_onetimeauth(tag, line, len, h->once[SLOT(c->index)]);
	step(c);
}

int
seal_check(struct seal_chain *c, const void *line, size_t len,
    const uint8_t tag[SEAL_TAG_LEN])
{
	uint8_t want[SEAL_TAG_LEN];

	seal_tag(c, line, len, want);
	return crypto_verify_16(want, tag) == 0;
}
