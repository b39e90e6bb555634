/* SPDX-License-Identifier: ISC */
/*
 * nmap's side of OS detection, in this process: its probes as frames, and what
 * it notes down of the frames that come back. One struct scan is one host. All
 * times are virtual, microseconds; all chance comes from the scan's seed.
 */
#ifndef OS_NMAP_PROBE_H
#define OS_NMAP_PROBE_H

#include "hpd-parent/conf/osseq.h"

#define PROBER	    0x0a000001u /* 10.0.0.1 */
#define CLIENT	    0x0a000063u /* somebody else who talks to the host */
#define PORT_OPEN   80
#define PORT_CLOSED 81
#define FRAME_MAX   600

enum probe {
	P_SEQ = 0, /* six */
	P_IE = 6,  /* two */
	P_U1 = 8,
	P_OPS = 9, /* six */
	P_ECN = 15,
	P_T1,
	P_T2,
	P_T5 = P_T2 + 3,
	P_T7 = P_T2 + 5,
	P_MAX
};

struct answer {
	uint8_t came;
	uint16_t len; /* from the IP header on */
	uint8_t ip[FRAME_MAX];
};

struct scan {
	uint32_t addr;
	uint32_t from; /* PROBER, or CLIENT for a moment */
	uint8_t hops;  /* routers in between */
	uint32_t chance;
	uint8_t mac[6];
	uint16_t port_base, icmp_id, udp_sport, udp_dport;
	uint32_t seq, ack;
	uint8_t u1_ttl;
	uint16_t u1_sum; /* checksum of the UDP probe */
	int64_t sent_us[P_MAX];
	struct answer got[P_MAX];
	uint8_t scan_open, scan_closed; /* flags of the port scan's answers */
	unsigned bad; /* answers no capture would have taken */
	const char *why;
};

/* Any number below n. */
uint32_t scan_rnd(struct scan *, uint32_t n);
/* Numbers for a new round; forgets what came. */
void scan_round(struct scan *);
/* The frame of a probe; its length. */
uint32_t probe_frame(struct scan *, enum probe, uint8_t *frame);
/* Of the port scan before, and the tester's kernel to a SYN|ACK. */
uint32_t probe_syn(struct scan *, uint16_t port, uint8_t *frame);
uint32_t probe_reset(struct scan *, const uint8_t *synack, uint8_t *frame);
/* What an ordinary client sends: a SYN to the open port, one to the closed
 * port, an echo request, by turns. */
uint32_t probe_ordinary(struct scan *, unsigned n, uint8_t *frame);
/* May this probe be left out, or be taken as answered? */
int probe_done(const struct scan *, enum probe);

/* A frame came back from the host. 1: a SYN|ACK, to be reset. */
int scan_frame(struct scan *, const uint8_t *frame, uint32_t len);
/* The observation of a round. */
void scan_observe(const struct scan *, struct os_obs *);

#endif
