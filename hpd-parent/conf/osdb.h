/* SPDX-License-Identifier: ISC */
/*
 * Inside of the parsed table, for osdb.c and osmatch.c. Attributes are
 * columns: a cell is the number of an expression among the attribute's own.
 */
#ifndef HPD_CONF_OSDB_H
#define HPD_CONF_OSDB_H

#include "osmatch.h"

#define OSDB_EXPRS 65535 /* different ones of one attribute */
#define OSDB_MEMO  128	 /* longest value whose verdicts are kept */

struct os_expr {
	uint32_t off; /* in text */
	uint32_t len;
};

struct os_column {
	uint16_t *cell; /* an entry's expression, from 1; 0: none */
	struct os_expr *expr; /* [1..n - 1] */
	uint32_t n, cap;
	uint16_t points; /* MatchPoints, 0: none */
};

/* What the expressions of a column say to one value. */
struct os_memo {
	char value[OSDB_MEMO];
	uint8_t known;
	uint8_t *verdict; /* by expression: 0 not asked, 1 yes, 2 no */
};

struct osdb {
	const struct nmapdb *db;
	uint32_t n;	 /* entries */
	uint32_t *first; /* the first entry of the same name */
	struct os_column col[OSA_MAX];
	struct os_memo *memo; /* [OSA_MAX], changes with every question */
	uint32_t *alive;      /* scratch of a search, [n] */
	uint32_t *seen; /* by first entry: search it was counted in; [n]: how
			   many searches there were */
	char *text; /* of all expressions, NUL-ended each */
	uint32_t text_len, text_cap;
};

#endif
