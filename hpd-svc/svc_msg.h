/* SPDX-License-Identifier: ISC */
/*
 * What hpd-svc hears and says: the channel to hpd-parent and those to the
 * hpd-nets. Messages arrive checked by chan.c; here is what they mean.
 */
#ifndef HPD_SVC_MSG_H
#define HPD_SVC_MSG_H

#include "hpd-svc/session.h"

enum open_verdict {
	OPEN_START = 0,	 /* fine: start it */
	OPEN_UNKNOWN = 1, /* no such generation: denied */
	OPEN_BROKEN = 2	 /* nothing hpd-net may ask: its channel is closed */
};

/* What a SVC_OPEN with this session id deserves; *gen on OPEN_START. */
enum open_verdict svc_open_check(struct svc *, uint64_t id,
    const struct msg_svc_open *, struct generation **gen);

/* Descriptor FD_PARENT: HELLO goes out, reading begins. */
void parent_start(struct svc *);
/* SVC_EXIT to the hpd-net in this slot, when it is still there. */
void peer_send_exit(struct svc *, uint8_t slot, uint64_t id,
    const struct msg_svc_exit *);
/* Watch for writing where something is queued; once a turn. */
void chans_flush(struct svc *);
/* End all sessions; the process ends when they have. */
void svc_stop(struct svc *);

#endif
