/* SPDX-License-Identifier: ISC */
/*
 * Who is calling: the signatures of the image (common/srcos.h) against what a
 * sender's packets look like. Nothing is sent for it. A number is a row of
 * IMG_SRCOS plus one in the image at hand, 0 unknown.
 */
#ifndef HPD_NET_SRCOS_H
#define HPD_NET_SRCOS_H

#include "../common/srcos.h"
#include "pkt.h"

struct seg;

#define SRCOS_KNOW_S 300 /* what was learnt of a source is kept so long */
#define SRCOS_TELL_S 60	 /* a source's tool is told of once in so long */

/*
 * The sender of a segment that belongs to no connection: of a SYN, or of a
 * probe that no ordinary stack sends. Remembered shapes cost a comparison.
 * A tool that asks for our system is told to the log (bounded).
 */
uint16_t srcos_tcp(const struct seg *);
/* The same of a datagram (len bytes with its header) or of an ICMP message. */
uint16_t srcos_udp(const struct pkt *, uint32_t len);
uint16_t srcos_icmp(const struct pkt *);

/* What the SYN of connection slot i said; 0 unknown. Not kept beyond a
 * change of the table of signatures. */
extern uint16_t *srcos_conn;
void srcos_conn_init(uint32_t n);

/* The system at an address (host order), when a packet of it told within
 * SRCOS_KNOW_S; tools are no system. */
uint16_t srcos_known(uint32_t addr);
/* A packet of addr was number: what srcos_known() will say. */
void srcos_learn(uint32_t addr, uint16_t number);

/* A new image: when its signatures are others, all is forgotten, for numbers
 * are those of the image. */
void srcos_image(void);
/* Once a second: what is still to be told of tools. all: whatever its age. */
void srcos_tick(int all);

#endif
