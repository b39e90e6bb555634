/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: an nmap-os-db entry to a persona: the family's habits and look,
 * and over them the values of the fingerprint, chosen and verified (fp.h).
 */
#include "fp.h"

int
persona_from_nmap(struct conf *c, struct nmapdb *db, uint32_t entry,
    struct img_persona *p)
{
	struct osdb *all = osdb_get(c, db);

	if (all == NULL)
		return -1;
	persona_family_defaults(p, persona_family_of(&db->e[entry]));
	p->line = db->e[entry].line;
	return fp_compile(c, db, all, entry, p);
}
