/* SPDX-License-Identifier: ISC */
/*
 * The tables of nmap as hpd-conf reads them: nmap-os-db (an index of entries;
 * only the chosen ones are read in full) and nmap-mac-prefixes. Loaded once,
 * on first need.
 */
#ifndef HPD_CONF_TABLE_H
#define HPD_CONF_TABLE_H

#include "conf.h"

struct nmap_entry {
	const char *name;
	const char *body; /* first line behind the name */
	size_t body_len;
	uint32_t line;	  /* of "Fingerprint", from 1 */
	uint32_t k;	  /* which of its name, from 1 */
	uint32_t next;	  /* next of the same name, or IMG_NONE */
};

struct nmapdb {
	char *buf;
	size_t len;
	uint16_t file; /* for messages */
	struct nmap_entry *e;
	uint32_t n, cap;
	uint32_t *slot; /* by name: the first of it */
	uint32_t slots;
	struct osdb *osdb; /* all of it parsed (osmatch.h), on first need */
	uint8_t osdb_tried;
};

/* Index a table in memory; takes buf (NUL-ended, from malloc). NULL: messages
 * given, buf freed. */
struct nmapdb *nmapdb_index(struct conf *, const char *file, char *buf,
    size_t len);
void nmapdb_free(struct nmapdb *);
/* The table, loaded on first call; NULL: a message was given (once). */
struct nmapdb *nmapdb_get(struct conf *, struct conf_pos);
uint32_t nmapdb_find(const struct nmapdb *, const char *name); /* IMG_NONE */

/* The entries most like a name, best first, of different names; returns how
 * many of out[max] were filled. score: 0 (nothing in common) to 1000. */
struct nmap_near {
	uint32_t entry;
	uint32_t score;
};
unsigned nmapdb_near(const struct nmapdb *, const char *name,
    struct nmap_near *out, unsigned max);
#define NMAP_NEAR_ENOUGH 480 /* score from which a name is taken as meant */

/* Fill a persona from an entry on top of its family's defaults. 0 or -1
 * (message with the table's line given). */
int persona_from_nmap(struct conf *, struct nmapdb *, uint32_t entry,
    struct img_persona *);
/* The family of an entry: by its Class lines, name and CPE. */
enum img_family persona_family_of(const struct nmap_entry *);
/* Everything a family is known for; nothing else in p survives. */
void persona_family_defaults(struct img_persona *, enum img_family);
const char *persona_family_name(enum img_family);

struct ouidb_row {
	uint8_t oui[3];
	const char *vendor;
};
struct ouidb {
	char *buf;
	struct ouidb_row *row;
	uint32_t n, cap;
};
struct ouidb *ouidb_index(struct conf *, const char *file, char *buf,
    size_t len);
void ouidb_free(struct ouidb *);

#endif
