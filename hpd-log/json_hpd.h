/* SPDX-License-Identifier: ISC */
/* The members of a line's "hpd" object; shared by json.c and json_hpd.c. */
#ifndef HPD_LOG_JSON_HPD_H
#define HPD_LOG_JSON_HPD_H

#include "common/buf.h"
#include "common/event.h"
#include "common/image.h"

#define NAME(table, i)                                                        \
	((size_t)(i) < sizeof(table) / sizeof((table)[0]) &&                   \
		    (table)[i] != NULL                                         \
		? (table)[i]                                                   \
		: "unknown")

/* ,"name":v and ,"name":"v": both names and v are ours. */
void json_num(struct wbuf *, const char *name, uint64_t v);
void json_word(struct wbuf *, const char *name, const char *v);

/* ,"template":..,"persona":..: the decoy's names, from its address. */
void json_decoy(struct wbuf *, const struct image *, const struct event *);

/* What a record's data says, by enum ev_data, and the end of the line. */
void json_data(struct wbuf *, const struct image *, const struct event *,
    uint8_t kind_of_data);

#endif
