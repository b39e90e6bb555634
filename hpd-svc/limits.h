/* SPDX-License-Identifier: ISC */
/*
 * Caps on sessions: in all, per service, per source, per source and service.
 * Counted over running sessions; what is over a cap is answered SVC_DENIED
 * with the reason.
 */
#ifndef HPD_SVC_LIMITS_H
#define HPD_SVC_LIMITS_H

#include <stdint.h>

#include "hpd-svc/session.h"

/* May this session start? 0, or the enum svc_denied why not. */
uint8_t limits_check(const struct svc *, const struct generation *,
    const struct msg_svc_open *);

/* enum svc_end of a session that ended: why it was killed, or what its
 * status tells. status as in SVC_EXIT. */
uint8_t limits_end(const struct session *, int32_t status, uint64_t cpu_us);

#endif
