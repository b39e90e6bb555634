/* SPDX-License-Identifier: ISC */
/*
 * Packet input and output of one interface: batches in, batches out. Back
 * ends: io_linux.c (mmapped TPACKET_V2 ring in; AF_XDP TX in copy mode, else
 * sendmmsg, else send), io_pcap.c (a savefile through the same stack, tests
 * and fuzzing without root), io_openbsd.c (bpf). The same calls serve hpd-net
 * and the bench's reflector.
 */
#ifndef HPD_IO_H
#define HPD_IO_H

#include <stddef.h>
#include <stdint.h>

#include "pkt.h"

#define IO_BATCH     64
#define IO_FRAME_MAX 2048  /* one transmit slot */

struct io;

struct netif {
	struct io *io;
	uint32_t ifindex;
	uint32_t mtu;
	uint8_t unit;
	uint8_t link_up;
	uint8_t mac[6];	   /* the interface's own */
	uint32_t addr, mask; /* sensor's own IPv4 there, host order, or 0 */
	char name[16];
	uint32_t generation;
	uint8_t *slot; /* as io_tx_slot() gave it last */
};

/* Who looks at what is sent, or NULL: a whole frame, or (len not 0) the head
 * and the data of a large TCP send. Called before the kernel has a frame, and
 * behind a large send it took. */
extern void (*io_tx_seen)(const struct netif *, const uint8_t *head,
    uint32_t head_len, const uint8_t *data, uint32_t len);

/* Take up to max frames. Their memory is valid until io_rx_done(). Returns the
 * number; 0: nothing there. */
int io_rx(struct netif *, struct pkt *, int max);
void io_rx_done(struct netif *);
/* Descriptor to watch for reading. */
int io_rx_fd(const struct netif *);

/* A transmit slot of IO_FRAME_MAX bytes, or NULL when the queue is full and
 * cannot be flushed (counted). Build the frame there, then commit its length;
 * without commit the slot is reused. */
uint8_t *io_tx_slot(struct netif *);
void io_tx_commit(struct netif *, uint32_t len);
/* Hand everything committed to the kernel; called once a batch. */
void io_tx_flush(struct netif *);

/* Large TCP send: hdr (Ethernet+IP+TCP, hdr_len bytes, checksums as for one
 * big segment: TCP pseudo-header sum only) and payload, split by the kernel
 * into mss-sized segments with IP ID +1 each and PSH/FIN on the last. 0, or -1
 * when there is no GSO socket or it is full (caller sends single frames). */
int io_tx_gso(struct netif *, const uint8_t *hdr, uint32_t hdr_len,
    const uint8_t *payload, uint32_t len, uint16_t mss);
int io_has_gso(const struct netif *);

/* Release the back end and its descriptors; nif->io is NULL then. */
void io_close(struct netif *);

/* Ring drops since the last call. */
uint64_t io_rx_drops(struct netif *);

#endif
