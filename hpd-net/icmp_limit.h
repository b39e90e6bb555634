/* SPDX-License-Identifier: ISC */
/*
 * How many ICMP errors a decoy tells (RFC 1812 4.3.2.8), by its family's habit,
 * and how many the sensor tells in all, so that a /16 of decoys answering
 * forged sources is no reflector.
 */
#ifndef HPD_ICMP_LIMIT_H
#define HPD_ICMP_LIMIT_H

#include "host.h"

#define ICMP_BURST_MIN	  4 /* a scan's first probes get through */
#define ICMP_SENSOR_RATE  2000 /* errors a second of all decoys */
#define ICMP_SENSOR_BURST 4000

/* The bucket of a new host: full. */
void icmp_limit_init(struct host *);
/* May h tell peer of an error now? Takes a token. 1, or 0: counted. */
int icmp_error_allowed(struct host *, uint32_t peer);

#endif
