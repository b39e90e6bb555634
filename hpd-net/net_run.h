/* SPDX-License-Identifier: ISC */
/* hpd-net's own turns: the batch, what follows each turn of the loop, and the
 * messages of the parent and the runners. */
#ifndef HPD_NET_RUN_H
#define HPD_NET_RUN_H

#include "net.h"

/* Everything that hangs on net: random table key, wheel, empty image. */
void net_init(void);
/* Parse all, prefetch, answer all, send all. arg unused. */
void net_batch(struct pkt *, int n, void *arg);
/* After every turn of the loop: due timers, frames and events go out. */
void net_after(void);
/* The end: connections and flows are closed and told, counters told, all of
 * it given to hpd-log as far as it takes it. */
void net_end(void);
/* Timers and watches on loop (net.loop). */
void net_timers_init(void);

/* Channel to the parent: watch it, say HELLO. missing: of sandbox_enter. */
void net_msg_init(uint32_t missing);
/* Queued messages: watch the channels for writing as needed. */
void net_msg_after(void);
/* The drain's end came: nothing left, or its time is over. */
int net_msg_finished(void);

/* Interfaces (net_if.c). */
struct chan_msg;
void net_if_message(struct chan_msg *); /* NET_IFACE */
void net_link_message(const struct msg_net_link *);

#endif
