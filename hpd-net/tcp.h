/* SPDX-License-Identifier: ISC */
/* TCP of the decoys: input from ip4.c, sessions through sess.h. */
#ifndef HPD_TCP_H
#define HPD_TCP_H

#include "host.h"
#include "pkt.h"

/* Allocate the tables for max connections. Fatal when memory is short. */
void tcp_init(uint32_t max_connections);
/* A TCP segment for a decoy: header and checksum still unverified. */
void tcp_input(struct pkt *, struct host *);
/* Prefetch for the batch: hash of the 4-tuple of a parsed packet. */
void tcp_prefetch(const struct pkt *);
/* After a batch and on the wheel's timer: send what became due. */
void tcp_flush(void);
/* An ICMP unreachable quoting one of our segments (RFC 5461: soft). */
void tcp_icmp_error(uint32_t src, uint32_t dst, uint16_t sport, uint16_t dport,
    uint8_t type, uint8_t code);
/* hpd-svc went away: end its sessions as the templates say. */
void tcp_svc_down(uint8_t proc);
void tcp_reload(void);
/* DRAIN: no new connections; open ones until ms are over. */
void tcp_drain(uint32_t ms);
/* End what is left, at the end of the process. */
void tcp_finish(void);
uint32_t tcp_active(void);

#endif
