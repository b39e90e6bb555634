/* SPDX-License-Identifier: ISC */
/*
 * AF_XDP for sending only, copy mode, on raw system calls: the UMEM is a memfd
 * shared with nobody but the kernel, rings are mapped from the socket. hpd-net
 * and the bench. Must never receive: there is no fill ring in use, no program
 * on the interface.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <linux/if_xdp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io_linux.h"
#include "stats.h"

#ifndef SOL_XDP
#define SOL_XDP 283
#endif
#define KICKS 64 /* of up to 32 frames each, in one flush */

struct xsk {
	int fd, umem_fd;
	uint8_t *umem;
	void *tx_map, *cq_map;
	size_t tx_len, cq_len;
	uint32_t *tx_prod, *tx_cons, *cq_prod, *cq_cons;
	struct xdp_desc *tx_desc;
	uint64_t *cq_desc;
	uint32_t tx_mask, cq_mask;
	uint32_t prod, cq_seen; /* our copies */
	uint32_t committed;	/* not yet handed over */
	uint32_t nfree;
	uint32_t free[XSK_FRAMES]; /* a stack: the warm ones first */
};

static uint32_t
load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void
reclaim(struct xsk *x)
{
	uint32_t prod = load(x->cq_prod);
	uint64_t addr;

	while (x->cq_seen != prod) {
		addr = x->cq_desc[x->cq_seen++ & x->cq_mask];
		if (x->nfree < XSK_FRAMES && addr < XSK_FRAMES * XSK_FRAME)
			x->free[x->nfree++] = (uint32_t)(addr / XSK_FRAME);
	}
	__atomic_store_n(x->cq_cons, x->cq_seen, __ATOMIC_RELEASE);
}

static int
map_rings(struct xsk *x)
{
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);
	uint8_t *t, *c;

	if (getsockopt(x->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len) == -1)
		return -1;
	if (len != sizeof(off)) {
		errno = EPROTO;
		return -1;
	}
	x->tx_len = off.tx.desc + XSK_TX_RING * sizeof(struct xdp_desc);
	x->cq_len = off.cr.desc + XSK_FRAMES * sizeof(uint64_t);
	x->tx_map = mmap(NULL, x->tx_len, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_POPULATE, x->fd, XDP_PGOFF_TX_RING);
	if (x->tx_map == MAP_FAILED)
		return -1;
	x->cq_map = mmap(NULL, x->cq_len, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_POPULATE, x->fd,
	    (off_t)XDP_UMEM_PGOFF_COMPLETION_RING);
	if (x->cq_map == MAP_FAILED)
		return -1;
	t = x->tx_map;
	c = x->cq_map;
	x->tx_prod = (uint32_t *)(void *)(t + off.tx.producer);
	x->tx_cons = (uint32_t *)(void *)(t + off.tx.consumer);
	x->tx_desc = (struct xdp_desc *)(void *)(t + off.tx.desc);
	x->cq_prod = (uint32_t *)(void *)(c + off.cr.producer);
	x->cq_cons = (uint32_t *)(void *)(c + off.cr.consumer);
	x->cq_desc = (uint64_t *)(void *)(c + off.cr.desc);
	x->tx_mask = XSK_TX_RING - 1;
	x->cq_mask = XSK_FRAMES - 1;
	x->prod = *x->tx_prod;
	x->cq_seen = *x->cq_cons;
	return 0;
}

static void
unmap(struct xsk *x)
{
	if (x->umem != MAP_FAILED)
		munmap(x->umem, (size_t)XSK_FRAMES * XSK_FRAME);
	if (x->tx_map != MAP_FAILED)
		munmap(x->tx_map, x->tx_len);
	if (x->cq_map != MAP_FAILED)
		munmap(x->cq_map, x->cq_len);
}

struct xsk *
xsk_open(int fd, int umem)
{
	struct xsk *x = calloc(1, sizeof(*x));
	uint32_t i;
	int e;

	if (x == NULL)
		return NULL;
	x->fd = fd;
	x->umem_fd = umem;
	x->tx_map = x->cq_map = MAP_FAILED;
	x->umem = mmap(NULL, (size_t)XSK_FRAMES * XSK_FRAME,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, umem, 0);
	if (x->umem == MAP_FAILED || map_rings(x) == -1) {
		e = errno;
		unmap(x);
		free(x);
		errno = e;
		return NULL;
	}
	for (i = 0; i < XSK_FRAMES; i++)
		x->free[x->nfree++] = XSK_FRAMES - 1 - i;
	return x;
}

void
xsk_close(struct xsk *x)
{
	unmap(x);
	close(x->fd);
	close(x->umem_fd);
	free(x);
}

uint8_t *
xsk_slot(struct xsk *x)
{
	if (x->nfree == 0 ||
	    x->prod - load(x->tx_cons) >= XSK_TX_RING) {
		xsk_flush(x);
		if (x->nfree == 0 ||
		    x->prod - load(x->tx_cons) >= XSK_TX_RING)
			return NULL;
	}
	return x->umem + (size_t)x->free[x->nfree - 1] * XSK_FRAME;
}

void
xsk_commit(struct xsk *x, uint32_t len)
{
	struct xdp_desc *d = &x->tx_desc[x->prod++ & x->tx_mask];

	d->addr = (uint64_t)x->free[--x->nfree] * XSK_FRAME;
	d->len = len;
	d->options = 0;
	x->committed++;
}

void
xsk_flush(struct xsk *x)
{
	uint32_t before;
	int i;

	if (x->committed == 0 && load(x->tx_cons) == x->prod)
		return;
	__atomic_store_n(x->tx_prod, x->prod, __ATOMIC_RELEASE);
	x->committed = 0;
	for (i = 0; i < KICKS; i++) {
		before = load(x->tx_cons);
		if (before == x->prod)
			break;
		if (sendto(x->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) == -1 &&
		    errno != EAGAIN && errno != EBUSY && errno != ENOBUFS &&
		    errno != EINTR) {
			STAT_INC(TX_ERRORS); /* link down, interface gone */
			break;
		}
		reclaim(x);
		if (load(x->tx_cons) == before)
			break; /* full below: the next flush goes on */
	}
	reclaim(x);
}
