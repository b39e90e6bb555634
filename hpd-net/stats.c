/* SPDX-License-Identifier: ISC */
/* The counters of hpd-net and their names, one row each in stats.h. */
#include "stats.h"

uint64_t stats[ST_MAX];

#define STATS_NAME(id, name) name,
const char *const stats_name[ST_MAX] = {STATS_LIST(STATS_NAME)};
