/* SPDX-License-Identifier: ISC */
/* The report's parts (report*.c): collected from the log, then written. */
#ifndef HPD_VIEW_REPORT_H
#define HPD_VIEW_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "hpd-log/hpview/talk.h"
#include "hpd-log/hpview/view.h"
#include "hpd-log/hpview/vsum.h"

#define REPORT_STREAM (16u << 10) /* bytes of a direction of a session */
#define REPORT_TEXT   (8u << 10)  /* of a script's lines, of its fields */
#define REPORT_ITEMS  400	  /* pieces of a session */
#define REPORT_TALKS  (24u << 20) /* bytes of all transcripts */
#define REPORT_NOTES  500	  /* alerts; losses: the newest */
#define REPORT_THREADS 8
#define REPORT_CHART_MAX (4u << 20) /* bytes of a chart library */

struct report_note {
	int64_t wall_ns;
	uint16_t kind;
	uint8_t ver;
	uint8_t src[16], dst[16];
	char text[320]; /* UTF-8 as the log has it */
};

struct report_notes { /* the newest REPORT_NOTES of all */
	struct report_note *v;
	size_t n;
	uint64_t all;
};

struct report {
	struct vsum sum;
	struct talks talks; /* in the order of sum.sessions */
	struct report_notes alerts, losses;
	pthread_mutex_t lock; /* of the notes */
	struct {
		uint64_t sealed, open, pad[6];
	} seal[REPORT_THREADS];
	char *const *sensors;
	unsigned int nsensors;
	size_t files;
	const char *filter; /* its words, or "" */
	const char *geo;    /* database of countries, or NULL: the usual one */
	size_t talks_left_out; /* by report_data */
};

/* Everything from an open view. 0 or -1 (message). */
int report_collect(struct report *, struct view *);
void report_free(struct report *);

/* A kind is an alert, or a loss of some kind. */
int report_is_alert(uint16_t kind);
int report_is_loss(uint16_t kind);

/* The page's data, as elements of type application/json: totals and tables;
 * then, behind the script so that nothing waits for them, transcripts. */
void report_data(FILE *, struct report *);
void report_talks(FILE *, const struct report *);

/* The whole page. chart: text of the library, or NULL. 0, or -1 (message):
 * a script that can't be put into a page. Errors of f are the caller's. */
int report_page(FILE *, struct report *, const char *chart, size_t chart_len);

/* Files of the page, made into the program (Makefile). */
extern const unsigned char page_html[], page_css[], page_js[];
extern const size_t page_html_len, page_css_len, page_js_len;

#endif
