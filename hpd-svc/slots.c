/* SPDX-License-Identifier: ISC */
/*
 * The pool of session uids in hpd-svc. Must never hand out one uid twice at
 * a time, nor one outside the range that the policy allows setresuid for.
 */
#include "hpd-svc/slots.h"

#include <string.h>

#include "common/diag.h"

void
slots_init(struct slots *s, uint32_t base, uint32_t max)
{
	uint32_t i;

	memset(s, 0, sizeof(*s));
	s->base = base;
	s->max = max < 1 ? 1 : max > SLOT_COUNT ? SLOT_COUNT : max;
	s->nfree = s->max;
	for (i = 0; i < s->max; i++)
		s->ring[i] = (uint16_t)i;
}

int
slots_take(struct slots *s)
{
	uint16_t slot;

	if (s->nfree == 0)
		return -1;
	slot = s->ring[s->head];
	s->head = (s->head + 1) % s->max;
	s->nfree--;
	s->busy[slot] = 1;
	return slot;
}

void
slots_give(struct slots *s, uint32_t slot)
{
	if (slot >= s->max || !s->busy[slot])
		fatalx("slot %u given back but not taken", slot);
	s->busy[slot] = 0;
	s->ring[(s->head + s->nfree) % s->max] = (uint16_t)slot;
	s->nfree++;
}

uint32_t
slots_uid(const struct slots *s, uint32_t slot)
{
	return s->base + slot;
}
