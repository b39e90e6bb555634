/* SPDX-License-Identifier: ISC */
/*
 * What sessions say: their stderr and descriptor 3 as events, and the events
 * of their lives.
 */
#ifndef HPD_SVC_OUTPUT_H
#define HPD_SVC_OUTPUT_H

#include "hpd-svc/session.h"

/* One event of this session: ids, addresses and ports filled in. */
void output_event(struct svc *, const struct session *, uint16_t kind,
    uint8_t verdict, uint32_t count, const void *data, size_t len);

/* loop_fd_cb of a session's two pipes; arg: its struct session. */
void output_ready(int fd, int what, void *session);

/* The script is gone: read what is left (at most TAIL_MAX a pipe), hand out
 * begun lines, tell lost ones, close. */
void output_end(struct svc *, struct session *);

#endif
