/* SPDX-License-Identifier: ISC */
/* hpview export: records in other programs' formats. */
#ifndef HPD_VIEW_EXPORT_H
#define HPD_VIEW_EXPORT_H

#include "common/buf.h"
#include "hpd-log/hpview/view.h"

#define EXPORT_MAX (8u << 20) /* bytes one record may become */

struct pseudo {
	uint8_t key[32];
	int on;	       /* sources get other names */
	int keep_data; /* what attackers sent stays all the same */
};

/* Key from a file of 16..4096 bytes. 0, or -1 (message). */
int pseudo_key(struct pseudo *, const char *file);
/* "s-" and 12 letters of a-z2-7: 60 bits of a keyed hash. */
#define PSEUDO_TEXT 15
void pseudo_name(const struct pseudo *, uint8_t ver, const uint8_t addr[16],
    char out[PSEUDO_TEXT]);
/* An address of 240.0.0.0/4 in its place: 28 bits of it, so that of 19,000
 * sources two share one as likely as not. */
void pseudo_addr(const struct pseudo *, uint8_t *ver, uint8_t addr[16]);

/* One record appended, or nothing when the format has no place for it. */
void export_csv_head(struct wbuf *);
void export_csv(struct wbuf *, const struct vrec *, const char *sensor,
    const struct pseudo *);
void export_json(struct wbuf *, const struct vrec *, const struct pseudo *);

/* honeyd's packet log, and its service log: what hpd-log would have written. */
void export_honeyd(struct wbuf *, const struct vrec *, const struct pseudo *);
void export_service(struct wbuf *, const struct vrec *,
    const struct pseudo *);

#endif
