/* SPDX-License-Identifier: ISC */
/* The members of a line's "hpd" object; shared by json.c and json_hpd.c. */
#ifndef HPD_LOG_JSON_HPD_H
#define HPD_LOG_JSON_HPD_H

#include "common/buf.h"
#include "common/event.h"
#include "common/image.h"
#include "hpd-log/json.h"
#include "hpd-log/json_out.h"

#define NAME(table, i)                                                        \
	((size_t)(i) < sizeof(table) / sizeof((table)[0]) &&                   \
		    (table)[i] != NULL                                         \
		? (table)[i]                                                   \
		: "unknown")

/* ,"name":v and ,"name":"v": name is a literal, v is ours. */
#define json_num(w, name, v)                                                  \
	do {                                                                  \
		out_lit((w), ",\"" name "\":");                               \
		out_u64((w), (v));                                            \
	} while (0)
#define json_word(w, name, v)                                                 \
	do {                                                                  \
		out_lit((w), ",\"" name "\":\"");                             \
		out_text((w), (v));                                           \
		out_lit((w), "\"");                                           \
	} while (0)

/* ,"template":..,"persona":..: the decoy's names, from its address. */
void json_decoy(struct json_ctx *, struct wbuf *, const struct event *);

/* What a record's data says, by enum ev_data, and the end of the line. */
void json_data(struct json_ctx *, struct wbuf *, const struct event *,
    uint8_t kind_of_data);

/* json_log.c: EVD_SEGMENT, EVD_RETIRED, EVD_FOLD, EVD_DIGEST, EVD_LOGSTATS;
 * sums: of an ended segment, or NULL. */
void json_log(struct wbuf *, const struct json_sums *sums,
    uint8_t kind_of_data, const void *data);

/* A peer's bytes as "message", the exact ones in base64 below "hpd" when the
 * text does not tell them. Ends the line. */
void json_message(struct wbuf *, const void *data, size_t len);

/* EVD_CHUNK: what of which session, then its bytes. Ends the line. */
void json_chunk(struct wbuf *, const void *data, size_t len);

#endif
