/* SPDX-License-Identifier: ISC */
/*
 * Habits: how a family of systems times and ends its connections, the columns
 * of struct img_persona that no fingerprint speaks of.
 */
#ifndef HPD_CONF_PERSONA_HABIT_H
#define HPD_CONF_PERSONA_HABIT_H

#include "common/persona.h"

struct nmap_entry;

/* Versions as they compare: major, minor and patch below 256 each. */
#define VERSION(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (c))

/* The lowest and the highest version an entry's name gives behind the word
 * system ("Linux 2.6.32 - 3.10": 2.6.32 and 3.10.0); 0 and 0: it gives none.
 * "2.6.X" reads as 2.6.0. */
void persona_versions(const struct nmap_entry *, const char *system,
    uint32_t *low, uint32_t *high);

/* The family's row into the record's habit columns (TCP ones only). */
void persona_habits(struct img_persona *, enum img_family);

/* What the entry's own versions change of that: p->family is set, habits and
 * frag_policy are the family's. */
void persona_habits_of(struct img_persona *, const struct nmap_entry *);

#endif
