/* SPDX-License-Identifier: ISC */
/* The files of a set for hpview verify, and the seal's own. */
#ifndef HPD_VIEW_VERIFY_SET_H
#define HPD_VIEW_VERIFY_SET_H

#include "hpd-log/hpview/verify.h"

#define SET_SEAL_DIR "/var/lib/hpd/seal"

struct vset {
	struct vf_input *in;
	size_t n, cap;
	char **path; /* what ->in points to, freed with it */
	size_t strange; /* names that are none of the log's */
	uint8_t state[2 * SEAL_STATE_SIZE];
	size_t state_len;
	uint8_t carry[SEAL_CARRY_SIZE];
	int has_state, has_carry;
	int64_t newest; /* last change of a file, seconds since 1970 */
};

/*
 * Map every segment of the directories; sealdir's files (NULL: not asked for)
 * are read before, so that the log is never behind them. A line that is being
 * written is waited for. 0, or -1 (message on stderr).
 */
int vset_open(struct vset *, char *const dirs[], size_t ndirs,
    const char *sealdir);
void vset_close(struct vset *);

/* Was one of the files written to in the last seconds? */
int vset_fresh(const struct vset *);

#endif
