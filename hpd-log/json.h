/* SPDX-License-Identifier: ISC */
/*
 * One event as one line of JSON (JSON Lines, RFC 8259) with the field names of
 * the Elastic Common Schema and our own below "hpd". Pure: all it needs comes
 * with the call.
 */
#ifndef HPD_LOG_JSON_H
#define HPD_LOG_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/event.h"
#include "common/image.h"
#include "hpd-log/log_time.h"

/* The longest line: 4096 bytes of data as \uXXXX and in base64, the longest
 * names an image may have, and all other fields. */
#define JSON_LINE_MAX 49152
#define JSON_NAME_MAX 512 /* bytes of a name from the image that are shown */

#define JSON_FRAGS  256 /* power of two */
#define JSON_FRAG_MAX 240 /* longer ones are written anew each time */

struct json_frag { /* what the same names become each time */
	uint32_t key; /* 0: empty */
	uint32_t len;
	char text[JSON_FRAG_MAX];
};

struct json_sums { /* of the lines of a segment, by kind */
	uint64_t records[EV_KIND_MAX], packets[EV_KIND_MAX];
};

/* Whose record it is: not in the record itself. */
struct json_who {
	uint64_t boot, seq;
	uint64_t run; /* which life of the producer; 0 unknown */
	uint8_t proc, instance;
};

struct json_ctx {
	char head[EV_KIND_MAX][224]; /* "ecs", start of "event", per kind */
	uint16_t head_len[EV_KIND_MAX];
	char observer[640];
	uint16_t observer_len;
	struct log_time time;
	const struct image *img; /* names of templates, services; or NULL */
	const struct json_sums *sums; /* for the end of a segment, or NULL */
	struct json_who last;	 /* of whom these two speak */
	char before[64], after[160]; /* what stands around hpd.seq */
	uint16_t before_len, after_len;
	struct json_frag decoy[JSON_FRAGS], source[JSON_FRAGS];
};

/* Prepare what is the same in every line. host: the sensor's name, any
 * bytes, at most 64 of it are used. */
void json_init(struct json_ctx *, const char *host);

/* Names are those of this image from now on; NULL: none. Also when what it
 * points to has changed. */
void json_image(struct json_ctx *, const struct image *);

/*
 * Append the line, newline included. ev must have passed event_check().
 * Returns the bytes written, 0 when it did not fit (w is as before).
 */
size_t json_event(struct json_ctx *, struct wbuf *w, const struct json_who *,
    const struct event *ev);

/* Names used in both the JSON and the text logs. */
const char *verdict_name(const struct event *);
const char *log_stream_name(uint32_t stream);

#endif
