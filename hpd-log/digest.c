/* SPDX-License-Identifier: ISC */
/*
 * Hashes of what has no seal of its own (honeyd's texts, frames), in hpd-log:
 * taken while it is written, told in sealed records. Must never claim anything
 * of a file that was not empty when it came.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/log.h"

struct digest {
	crypto_generichash_state state; /* aligned to 64 bytes by its type */
	uint64_t bytes, told;
	uint8_t on;
};

int
digest_init(struct logd *ld)
{
	size_t n = STREAM_MAX * sizeof(struct digest);

	ld->digest = aligned_alloc(_Alignof(struct digest), n);
	if (ld->digest == NULL)
		return -1;
	memset(ld->digest, 0, n);
	return 0;
}

void
digest_free(struct logd *ld)
{
	free(ld->digest);
}

static void
add(void *arg, const char *p, size_t n)
{
	struct digest *d = arg;

	(void)crypto_generichash_update(&d->state, (const uint8_t *)p, n);
	d->bytes += n;
}

void
digest_begin(struct logd *ld, unsigned int stream)
{
	struct segment *s = &ld->seg[stream];
	struct digest *d = &ld->digest[stream];

	d->on = s->size == 0;
	d->bytes = d->told = 0;
	if (!d->on)
		return;
	(void)crypto_generichash_init(&d->state, NULL, 0, 32);
	s->tap = add;
	s->tap_arg = d;
}

void
digest_tell(struct logd *ld, unsigned int stream, int final)
{
	struct digest *d = &ld->digest[stream];
	crypto_generichash_state copy;
	struct ev_digest e;

	if (!d->on || (d->bytes == d->told && !final))
		return;
	memset(&e, 0, sizeof(e));
	e.stream = stream;
	e.number = ld->seg[stream].number;
	e.bytes = d->told = d->bytes;
	e.final = (uint32_t)final;
	copy = d->state;
	(void)crypto_generichash_final(&copy, e.hash, sizeof(e.hash));
	own_data(ld, EV_LOG_DIGEST, &e, sizeof(e));
	ld->stats[LS_DIGESTS]++;
	if (final)
		d->on = 0;
}
