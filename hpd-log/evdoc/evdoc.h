/* SPDX-License-Identifier: ISC */
/*
 * evdoc: writes what the lines of the log look like, from the table of kinds
 * (common/event.c) and the table of fields (fields.c): as a JSON Schema and as
 * hpd-events(7). Runs at build time only.
 */
#ifndef HPD_EVDOC_H
#define HPD_EVDOC_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/event.h"

enum ftype {
	T_OBJ,	  /* an object of the fields below it */
	T_TEXT,	  /* any string */
	T_CONST,  /* the one string of ->words */
	T_WORDS,  /* one of ->words, separated by | */
	T_ACTION, /* "hpd." and the kind's name */
	T_CATEGORY, T_TYPE, /* the kind's own lists */
	T_ALERT,  /* "alert" or "event", by kind */
	T_PRODUCER, /* who may say it */
	T_PROC,	  /* any process of the suite, or ? */
	T_VERDICT, /* words by kind */
	T_STREAM, /* a stream of the log */
	T_KIND,	  /* name of a kind */
	T_TIME, T_HEX64, T_HEX256, T_TAG, T_SEAL, T_IP, T_MAC, T_B64, T_DIGITS,
	T_FLAGS,  /* of TCP, as letters */
	T_ONE,	  /* the number 1 */
	T_U64, T_U32, T_U16, T_U8, T_COUNT,
	T_BOOL, T_TRUE,
	T_COUNTS, /* an object of kinds and numbers */
	T_SCRIPT  /* a flat object of the script's own */
};

enum fwhere { /* which lines have it */
	W_ALL,
	W_ENDS, /* those about a packet, flow or session: they have addresses */
	W_SELF, /* the others */
	W_DATA, /* those with that enum ev_data */
	W_KIND	/* those of that kind */
};

struct field {
	uint8_t where, of; /* of: enum ev_data or kind */
	uint8_t must;	   /* always there, when the object it is in is */
	uint8_t type;	   /* enum ftype */
	const char *path;  /* "hpd.packet.ttl" */
	const char *words;
	const char *meaning;
};

extern const struct field fields[];
extern const size_t nfields;

/* Is there such a line at all? Frames have none. */
int kind_has_lines(const struct event_row *);
/* May this kind's lines have that field? */
int field_of(const struct field *, const struct event_row *);

void write_schema(FILE *);
void write_page(FILE *);

#endif
