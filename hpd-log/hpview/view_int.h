/* SPDX-License-Identifier: ISC */
/* What the view*.c share. */
#ifndef HPD_VIEW_INT_H
#define HPD_VIEW_INT_H

#include "hpd-log/hpview/view.h"
#include "hpd-log/hpview/vline.h"

/* "no memory" on stderr; -1. */
int view_nomem(void);

/* A segment's name: form, stream, number and stamp into f. 0, or -1. */
int view_name(const char *name, struct vfile *);
/* All segments of a directory into ->files (unsorted). Those new, or -1. */
int view_list(struct view *, const char *dir, uint16_t sensor);
void view_sort(struct view *);

/* Open a file to read. -1: gone (counted) or an error (*err set, message). */
int view_file(struct view *, const struct vfile *, int *err);
int view_parse(const struct vfile *, const char *line, size_t len,
    struct vrec *);

/*
 * Duplicates. Marks: the highest sequence of each life of a producer that
 * stands at the end of earlier segments of the same stream; view_marks() finds
 * them, reading no more than the ends of segments that were not closed in
 * order. view_seen: is r a record that an earlier segment has?
 */
struct vmark {
	uint64_t boot, run, seq;
	uint8_t proc, instance;
};
int view_marks(struct view *);
void view_marks_free(struct view *);
int view_seen(const struct vfile *, const struct vrec *);

void view_follow_free(struct view *);

#endif
