/* SPDX-License-Identifier: ISC */
/* The log directory into the table of retire.c. */
#ifndef HPD_RETIRE_SCAN_H
#define HPD_RETIRE_SCAN_H

#include "retire.h"
#include "segments.h"

/*
 * Read the directory: segments that are new join the table, those that are
 * gone leave it, sizes are taken. Bounded by RETIRE_FILES and RETIRE_SCAN;
 * what the table has no room for is in ->others and ->more.
 */
void retire_scan(struct retire *, const struct segments *, int64_t now);

/* One that was just made. */
void retire_add(struct retire *, const struct segments *, const char *name,
    int64_t now);

/* Size and last change of a file. 0, or -1: it is gone, or no segment. */
int retire_stat(const struct segments *, struct budget_file *);

#endif
