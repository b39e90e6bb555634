/* SPDX-License-Identifier: ISC */
/* hpview summary's two outputs. */
#ifndef HPD_VIEW_SUMMARY_H
#define HPD_VIEW_SUMMARY_H

#include "hpd-log/hpview/vsum.h"

/* One JSON object on stdout; at most rows of each table. */
void summary_json(const struct view *, const struct vsum *, size_t rows,
    int geo);

#endif
