/* SPDX-License-Identifier: ISC */
/*
 * Generator of malformed and odd frames, deterministic by seed: right enough
 * to reach deep, wrong somewhere: headers, options, fragments, lengths,
 * checksums, flags. Used against the running suite (blast.c) and in process
 * under sanitizers.
 */
#ifndef HPD_BADFRAME_H
#define HPD_BADFRAME_H

#include <stddef.h>
#include <stdint.h>

struct badframe {
	uint64_t rng;
	uint8_t src_mac[6], dst_mac[6];
	uint32_t src, dst; /* host order; dst's low bits are varied by dst_mask */
	uint32_t dst_mask; /* bits of dst that may vary */
};

#define BADFRAME_MAX 1514

/* One frame into buf[BADFRAME_MAX]; returns its length (14..1514). */
size_t badframe_next(struct badframe *, uint8_t *buf);

#endif
