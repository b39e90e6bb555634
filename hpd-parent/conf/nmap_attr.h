/* SPDX-License-Identifier: ISC */
/*
 * One nmap-os-db entry, line by line: "T1(R=Y%DF=Y%...)" has attributes, an
 * attribute an expression of alternatives (a|b|lo-hi|<h|>h, hexadecimal).
 */
#ifndef HPD_CONF_NMAP_ATTR_H
#define HPD_CONF_NMAP_ATTR_H

#include "table.h"

struct nmap_reader {
	struct conf *c;
	const struct nmapdb *db;
	const struct nmap_entry *e;
	const char *line;   /* of the current test, behind "NAME(" */
	size_t len;
	struct conf_pos pos;
	int bad;
};

/* Go to a test line of the entry. 0, or -1: it has none. */
int nmap_line(struct nmap_reader *, const char *name);
/* First alternative of an attribute that is not empty, unless all are. 0, or
 * -1: the line has no such attribute. */
int nmap_pick(struct nmap_reader *, const char *key, char out[256]);
/* One alternative as lo..hi. -1: not numeric. */
int nmap_range(const char *, uint64_t *lo, uint64_t *hi);
/* The middle of the first alternative. -1: no attribute, or no number (then
 * the entry is bad). */
int nmap_number(struct nmap_reader *, const char *key, uint64_t *);
/* Say at the table's line that a value makes no sense; marks the entry. */
void nmap_bad(struct nmap_reader *, const char *key, const char *value);

#endif
