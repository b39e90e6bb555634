/* SPDX-License-Identifier: ISC */
/* Time. Who handles packets reads a clock once a batch and keeps the value. */
#ifndef HPD_CLOCK_H
#define HPD_CLOCK_H

#include <stdint.h>

/* Read the kernel's clocks, in ns. */
int64_t clock_mono_ns(void);
int64_t clock_wall_ns(void);

#define NS_SEC	1000000000LL
#define NS_MSEC 1000000LL
#define NS_USEC 1000LL

#endif
