/* SPDX-License-Identifier: ISC */
/*
 * Giving privileges up: ids and capabilities of the calling process, each with
 * a read-back, so that success means "it is so" and not "the call returned 0".
 * Only the sandbox (sandbox_linux.c) and the jail call these.
 *
 * Order for a child that ends without powers: privdrop_caps() with SETUID and
 * SETGID kept (the bounding set can only be cut while SETPCAP is there), then
 * privdrop_ids(), then privdrop_caps(0, 0), then privdrop_verify().
 */
#ifndef HPD_PRIVDROP_H
#define HPD_PRIVDROP_H

#include <stdint.h>

/*
 * Clear the supplementary groups, set real, effective and saved gid, then uid,
 * read them back and, when uid is not 0, try to become root again: that must
 * fail. uid 0 gid 0 only clears the groups and pins all ids to 0. 0, or -1
 * with errno (EPERM when root could be regained or the read-back differs).
 */
int privdrop_ids(uint32_t uid, uint32_t gid);

/*
 * Permitted and effective set become keep (bit i: capability i), inheritable
 * and ambient empty, the bounding set becomes bounding. Bits that are not
 * there already are never added: keep must be a subset of what is permitted,
 * bounding of the present bounding set. Cutting the bounding set needs SETPCAP
 * unless there is nothing left to cut. 0, or -1 with errno.
 */
int privdrop_caps(uint64_t keep, uint64_t bounding);

/*
 * Are all uids and gids exactly these, the groups empty, permitted and
 * effective exactly keep, inheritable and ambient empty? With uid not 0 also:
 * becoming root fails. 0, or -1 with errno EPERM.
 */
int privdrop_verify(uint32_t uid, uint32_t gid, uint64_t keep);

/* The bounding set of the calling process as a mask. */
uint64_t privdrop_bounding(void);

#endif
