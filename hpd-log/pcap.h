/* SPDX-License-Identifier: ISC */
/*
 * libpcap's file format with nanoseconds (draft-ietf-opsawg-pcap), Ethernet,
 * in this machine's byte order: readers tell it by the magic number.
 */
#ifndef HPD_LOG_PCAP_H
#define HPD_LOG_PCAP_H

#include "common/buf.h"
#include "common/event.h"

#define PCAP_MAGIC_NS 0xa1b23c4du
#define PCAP_SNAP     262144 /* what readers take at most */
#define PCAP_ETHERNET 1

/* What a file begins with: 24 bytes. */
void pcap_head(struct wbuf *);

/* An EV_FRAME record that passed event_check(). 1, or 0: does not fit, w is
 * as before. */
int pcap_frame(struct wbuf *, const struct event *);

struct pcap_rec { /* in front of each frame */
	uint32_t sec, nsec, len, wire_len;
};

/* The frame at p, of which len bytes are there: its head; returns its bytes
 * with the head, 0 when it is not whole. */
size_t pcap_next(const void *p, size_t len, struct pcap_rec *);

#endif
