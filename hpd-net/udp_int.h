/* SPDX-License-Identifier: ISC */
/* UDP inside: flows of datagrams with a service. */
#ifndef HPD_UDP_INT_H
#define HPD_UDP_INT_H

#include "host.h"
#include "pkt.h"
#include "reply.h"
#include "sess.h"
#include "tcp_table.h"
#include "timer.h"
#include "transcript.h"
#include "udp.h"

#define UDP_HDR	      8
#define UDP_QUEUE_MAX 10    /* datagrams waiting for the session, a flow */
#define UDP_QUEUE_MEM (16u << 20) /* bytes waiting in all */
#define UDP_IDLE_MS   60000
#define UDP_TURN      32    /* datagrams read from a session a turn */
#define UDP_PAYLOAD   65507

#define UF_SESSION 0x01 /* sess.c knows us */
#define UF_SHELL   0x02 /* ... by hpd-svc -S */
#define UF_DENIED  0x04 /* no session: swallow for a while */

struct udp_dgram {
	struct udp_dgram *next;
	uint32_t len;
	uint8_t data[];
};

struct udp_flow {
	struct net_timer timer;
	struct tuple t;
	uint32_t prev, next; /* least recently used first; free list */
	uint64_t session;
	int64_t start_ns;
	uint64_t bytes_in, bytes_out;
	uint32_t service;
	struct peer peer;
	int fd; /* -1 none */
	struct loop_fd *watch;
	struct udp_dgram *q, **qtail;
	struct transcript tr;
	uint8_t nq, flags, transport, used;
};
extern uint32_t udp_queued; /* bytes waiting in all flows */

/* udp_table.c: the flow of a tuple, or NULL; it was used just now; a new one,
 * without timer, peer and session. NULL: no room, counted. */
struct udp_flow *udp_flow_find(const struct tuple *);
void udp_flow_used(struct udp_flow *);
struct udp_flow *udp_flow_new(const struct tuple *);
void udp_flow_event(const struct udp_flow *, uint16_t kind, uint32_t why);
void udp_drop_queue(struct udp_flow *);

/* The flow of a datagram to a service, made if new. NULL: no room. */
struct udp_flow *udp_flow_get(const struct tuple *, struct pkt *,
    struct host *, uint32_t service);
/* One datagram to the session, now or as soon as it can take it. */
void udp_flow_put(struct udp_flow *, const uint8_t *, uint32_t len);
void udp_flow_send(struct udp_flow *, const uint8_t *, uint32_t len);
/* Forget it, told to log and runner. why as ev_flow's. */
void udp_flow_end(struct udp_flow *, uint32_t why);

#endif
