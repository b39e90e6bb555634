/* SPDX-License-Identifier: ISC */
/*
 * The seal at the start of the suite: the keys move on to the next start, the
 * page that hpd-log seals with is made. Files in the seal directory (0700,
 * root's):
 *   carry  key of the next start (seal_carry_pack)
 *   state  what hpd-log keeps on disk: two slots of SEAL_STATE_SIZE
 *   root   32 bytes, the verification key, until `hpview key' has shown it
 */
#ifndef HPD_SEAL_START_H
#define HPD_SEAL_START_H

#include <stddef.h>
#include <stdint.h>

#include "../common/seal.h"

struct seal_start {
	int dir;  /* the seal directory, locked as long as we live */
	int page; /* memfd of SEAL_STATE_SIZE bytes, its size sealed */
	int file; /* state, O_WRONLY */
	struct seal_state *state; /* the page, mapped */
	uint64_t ordinal;	  /* of this start */
	uint8_t unclaimed;	  /* root is still there */
	uint8_t known;		  /* state told of the last start */
	uint8_t damaged;	  /* it should have, and did not */
};

/*
 * Begin the next start under dir (made when it does not exist, with a key of
 * its own). When this returns 0 the key of the start after this one is on the
 * disk, durable, and this start's key is nowhere but in the page. -1 with a
 * message in err, one sentence or two that say what to do: a directory that
 * was changed is never taken for a new one.
 */
int seal_start(struct seal_start *, const char *dir, uint64_t boot, char *err,
    size_t errlen);

/* seal_page_linux.c: the page, zero. The descriptor, or -1 with errno; *at
 * gets the mapping. */
int seal_page(void **at, size_t size);

#endif
