/* SPDX-License-Identifier: ISC */
/*
 * Sessions: a flow with a service. sess.c speaks SVC_* with the two hpd-svc
 * instances, numbers sessions, and tells the owner what became of each.
 */
#ifndef HPD_SESS_H
#define HPD_SESS_H

#include <stdint.h>

#include "../common/chan.h"

struct sess_owner { /* tcp.c and udp.c give one const each */
	/* fd is the owner's now (already moved to FD_SESSION_MIN..).
	 * transport: 1 stream, 2 seqpacket. */
	void (*opened)(uint64_t session, void *ctx, int fd,
	    uint8_t transport);
	void (*denied)(uint64_t session, void *ctx, uint8_t reason);
	void (*exited)(uint64_t session, void *ctx,
	    const struct msg_svc_exit *);
};

struct sess_flow {
	uint32_t src, dst; /* host order */
	uint16_t sport, dport;
	uint8_t proto;
	uint32_t service, tmpl, persona, ifindex;
	uint16_t srcos; /* of the peer, 0 unknown */
};

void sess_init(uint32_t max);
/* A fresh session id (never 0). Connections without service use it too. */
uint64_t sess_new_id(void);
/* Ask for a service. 0, or a DENIED_* reason (callback not called). */
int sess_open(uint64_t session, const struct sess_flow *,
    const struct sess_owner *, void *ctx);
/* The owner is done (peer closed or reset, ...): SVC_CLOSE is sent, ctx is
 * forgotten; no callbacks any more. The owner closes its fd itself (and tells
 * sess_fd_closed). After denied() or exited() there is nothing to close. */
void sess_close(uint64_t session, uint8_t reason);
/* The owner closed a session's descriptor: its number is free again. */
void sess_fd_closed(int fd);
/* Message from a runner (SVC_*). 0, or -1: the channel broke the rules. */
int sess_message(uint8_t proc, const struct chan_msg *);
/* Runner up (its channel) or down (NULL): PEER_UP, PEER_DOWN. Going down
 * forgets its sessions without callbacks: tcp_svc_down() and udp_svc_down()
 * end the flows. */
void sess_peer(uint8_t proc, struct chan *);

#endif
