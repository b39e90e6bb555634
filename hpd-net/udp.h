/* SPDX-License-Identifier: ISC */
/* UDP of the decoys: closed, filtered, open ports and service flows. */
#ifndef HPD_UDP_H
#define HPD_UDP_H

#include "host.h"
#include "pkt.h"

void udp_init(uint32_t max_flows);
void udp_input(struct pkt *, struct host *);
void udp_svc_down(uint8_t proc);
void udp_reload(void);
void udp_drain(void);
void udp_finish(void);
uint32_t udp_active(void);

#endif
