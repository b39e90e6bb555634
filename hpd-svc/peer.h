/* SPDX-License-Identifier: ISC */
/* The channels to the hpd-nets: see peer.c. */
#ifndef HPD_SVC_PEER_H
#define HPD_SVC_PEER_H

#include "hpd-svc/session.h"

/* A descriptor of ours that a later dup3 may use: taken, so that no session's
 * pipe ever gets its number. */
void fd_reserve(int first, int last);

/* A new channel for this slot (fd becomes FD_PEER_MIN + slot); what was there
 * is ended first. */
void peer_up(struct svc *, uint8_t slot, uint8_t instance, int fd);
/* That hpd-net is gone: its scripts end, the channel is closed. */
void peer_down(struct svc *, uint8_t slot);

#endif
