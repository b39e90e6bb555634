/* SPDX-License-Identifier: ISC */
/* nmap-os-db and nmap-mac-prefixes of any bytes: index, search by likeness,
 * and every entry made a persona. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-parent/conf/conf.h"
#include "hpd-parent/conf/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nmap_near near[3];
	struct img_persona p;
	struct nmapdb *db;
	struct ouidb *oui;
	struct conf c;
	uint32_t i;
	char *copy;

	conf_init(&c, NULL);
	copy = malloc(size + 1);
	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	db = nmapdb_index(&c, "db", copy, size);
	if (db != NULL) {
		for (i = 0; i < db->n && i < 64; i++)
			persona_from_nmap(&c, db, i, &p);
		nmapdb_near(db, "Microsoft Windows XP SP1", near, 3);
		nmapdb_near(db, db->e[0].name, near, 3);
	}
	nmapdb_free(db);
	copy = malloc(size + 1);
	if (copy != NULL) {
		memcpy(copy, data, size);
		copy[size] = '\0';
		oui = ouidb_index(&c, "oui", copy, size);
		ouidb_free(oui);
	}
	conf_free(&c);
	return 0;
}
