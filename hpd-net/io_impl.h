/* SPDX-License-Identifier: ISC */
/*
 * What every packet back end provides; io.c calls through it. Private to
 * io*.c: users see io.h.
 */
#ifndef HPD_IO_IMPL_H
#define HPD_IO_IMPL_H

#include "io.h"

struct io_ops {
	int (*rx)(struct netif *, struct pkt *, int max);
	void (*rx_done)(struct netif *);
	int (*rx_fd)(const struct netif *);
	uint8_t *(*tx_slot)(struct netif *);
	void (*tx_commit)(struct netif *, uint32_t len);
	void (*tx_flush)(struct netif *);
	int (*tx_gso)(struct netif *, const uint8_t *hdr, uint32_t hdr_len,
	    const uint8_t *payload, uint32_t len, uint16_t mss);
	int (*has_gso)(const struct netif *);
	uint64_t (*rx_drops)(struct netif *);
	void (*close)(struct netif *);
};

struct io {
	const struct io_ops *ops; /* first member of every back end's state */
};

#endif
