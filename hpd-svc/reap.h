/* SPDX-License-Identifier: ISC */
/* Reaping: see reap.c. */
#ifndef HPD_SVC_REAP_H
#define HPD_SVC_REAP_H

#include "hpd-svc/session.h"

/* Wait for everything that has ended; never blocks. */
void reap_all(struct svc *);

#endif
