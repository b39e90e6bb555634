/* SPDX-License-Identifier: ISC */
/*
 * Linux back end: takes the descriptors hpd-parent opened (ifopen_linux.c),
 * maps them, and needs no privilege.
 */
#ifndef HPD_IO_LINUX_H
#define HPD_IO_LINUX_H

#include "../common/proto.h"
#include "io.h"

struct io_fds { /* -1: not there; rx is a must, and tx or xsk + umem */
	int rx, tx, xsk, umem, gso;
	uint32_t block_size, block_nr, frame_size, frame_nr; /* of the ring */
};

/* Fill from the messages of one interface: fd as received for each. */
void io_fds_init(struct io_fds *);
void io_fds_take(struct io_fds *, const struct msg_net_iface *, int fd);
void io_fds_close(struct io_fds *);

/* Map and take over the descriptors (closed by io_linux_close). 0, or -1 with
 * errno, descriptors still the caller's. nif's other fields are filled
 * already. */
int io_linux_open(struct netif *, const struct io_fds *);
void io_linux_close(struct netif *);
/* "af_xdp", "sendmmsg" or "send": how single frames go out. */
const char *io_linux_tx_name(const struct netif *);

/* A new socket set while the old one still holds the interface's AF_XDP
 * queue: take it from the old (NULL: has none), give it to the new. */
struct xsk;
struct xsk *io_linux_take_xsk(struct netif *);
void io_linux_give_xsk(struct netif *, struct xsk *, const int fds[2]);

/* TX-only AF_XDP (io_xsk_linux.c). */
struct xsk *xsk_open(int fd, int umem); /* NULL with errno */
void xsk_close(struct xsk *); /* unmaps; closes both descriptors */
uint8_t *xsk_slot(struct xsk *); /* NULL: all frames in flight */
void xsk_commit(struct xsk *, uint32_t len);
/* Kick until the kernel took all, a bounded number of times. */
void xsk_flush(struct xsk *);

/* Without it: sendmmsg, else send (io_send_linux.c). fd stays the caller's. */
struct sender;
struct sender *sender_open(int fd); /* NULL: no memory */
void sender_close(struct sender *);
uint8_t *sender_slot(struct sender *);
void sender_commit(struct sender *, uint32_t len);
void sender_flush(struct sender *);
const char *sender_name(const struct sender *);
/* As io_tx_gso() on a socket with PACKET_VNET_HDR. */
int gso_send(int fd, const uint8_t *hdr, uint32_t hdr_len,
    const uint8_t *payload, uint32_t len, uint16_t mss);

#define XSK_FRAMES  4096
#define XSK_FRAME   2048
#define XSK_TX_RING 2048

#endif
