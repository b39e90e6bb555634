/* SPDX-License-Identifier: ISC */
/*
 * Slots: one uid for every running session. First freed, first used again, so
 * that an uid rests as long as possible. A slot is given back only after its
 * process was reaped (shell: the first process of its pid namespace, with
 * which everything in it is gone).
 */
#ifndef HPD_SVC_SLOTS_H
#define HPD_SVC_SLOTS_H

#include <stdint.h>

#include "common/proc.h"

struct slots {
	uint32_t base;		   /* uid of slot 0 */
	uint32_t max;		   /* slots in use at most, 1..SLOT_COUNT */
	uint32_t nfree;
	uint32_t head;		   /* next to hand out */
	uint16_t ring[SLOT_COUNT]; /* free ones, in order of return */
	uint8_t busy[SLOT_COUNT];
};

/* base: SLOT_BASE or SLOT_BASE_SHELL; max is cut to 1..SLOT_COUNT. */
void slots_init(struct slots *, uint32_t base, uint32_t max);
/* A free slot 0..max-1, or -1 when all are taken. */
int slots_take(struct slots *);
/* Give it back; a slot that is not taken is a bug of ours (fatal). */
void slots_give(struct slots *, uint32_t slot);
uint32_t slots_uid(const struct slots *, uint32_t slot);

#endif
