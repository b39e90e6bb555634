/* SPDX-License-Identifier: ISC */
/*
 * Linux packet input and output for hpd-net and the bench: a mmapped
 * TPACKET_V2 ring in (frame-wise, so light traffic is seen at once), out by
 * AF_XDP, else sendmmsg, else send; large TCP sends by a socket with
 * PACKET_VNET_HDR. Everything was opened, filtered and bound by hpd-parent; no
 * address is ever given to a send.
 */
#include "io_linux.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io_impl.h"
#include "stats.h"

#define BIG_BUFS 4
#define BIG_LEN	 66000 /* a 64 KB segment with its headers */

struct io_linux {
	struct io io;
	struct io_fds fds;
	uint8_t *ring;
	size_t ring_len;
	uint32_t head, taken; /* frames; taken from head on */
	int nbig;
	uint8_t *big; /* BIG_BUFS of BIG_LEN: frames larger than a slot */
	struct xsk *xsk;	/* first choice */
	struct sender *sender;	/* else this one */
};

static struct io_linux *
lin(const struct netif *nif)
{
	return (struct io_linux *)nif->io;
}

void
io_fds_init(struct io_fds *f)
{
	memset(f, 0, sizeof(*f));
	f->rx = f->tx = f->xsk = f->umem = f->gso = -1;
}

void
io_fds_take(struct io_fds *f, const struct msg_net_iface *m, int fd)
{
	int *at = NULL;

	switch (m->role) {
	case IFACE_RX:
		at = &f->rx;
		f->block_size = m->ring_block_size;
		f->block_nr = m->ring_block_nr;
		f->frame_size = m->ring_frame_size;
		f->frame_nr = m->ring_frame_nr;
		break;
	case IFACE_TX:
		at = &f->tx;
		break;
	case IFACE_XSK:
		at = &f->xsk;
		break;
	case IFACE_UMEM:
		at = &f->umem;
		break;
	case IFACE_GSO:
		at = &f->gso;
		break;
	}
	if (at == NULL) {
		close(fd);
		return;
	}
	if (*at != -1)
		close(*at);
	*at = fd;
}

void
io_fds_close(struct io_fds *f)
{
	int *all[] = {&f->rx, &f->tx, &f->xsk, &f->umem, &f->gso};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (*all[i] != -1)
			close(*all[i]);
		*all[i] = -1;
	}
}

static struct tpacket2_hdr *
frame_at(const struct io_linux *l, uint32_t i)
{
	return (struct tpacket2_hdr *)(void *)(l->ring +
	    (size_t)(i % l->fds.frame_nr) * l->fds.frame_size);
}

/* A frame that did not fit its slot waits whole in the socket's queue. */
static int
take_big(struct io_linux *l, struct pkt *p)
{
	uint8_t *b = l->big + (size_t)l->nbig * BIG_LEN;
	ssize_t n;

	n = recvfrom(l->fds.rx, b, BIG_LEN, MSG_DONTWAIT, NULL, NULL);
	if (n <= 0)
		return -1;
	p->data = b;
	p->len = (uint32_t)n;
	l->nbig++;
	return 0;
}

/* 1 filled, 0 skip this frame. */
static int
take(struct io_linux *l, struct netif *nif, struct tpacket2_hdr *h,
    struct pkt *p)
{
	memset(p, 0, sizeof(*p));
	p->nif = nif;
	p->data = (const uint8_t *)h + h->tp_mac;
	p->len = h->tp_snaplen;
	p->ts_ns = (int64_t)h->tp_sec * 1000000000 + h->tp_nsec;
	p->csum_ok = (h->tp_status &
	    (TP_STATUS_CSUMNOTREADY | TP_STATUS_CSUM_VALID)) != 0;
	if (h->tp_status & TP_STATUS_VLAN_VALID)
		p->vlan = h->tp_vlan_tci;
	if (h->tp_mac > l->fds.frame_size ||
	    h->tp_snaplen > l->fds.frame_size - h->tp_mac) {
		STAT_INC(DROP_SHORT); /* not a frame the kernel writes */
		return 0;
	}
	if (h->tp_status & TP_STATUS_COPY) {
		if (take_big(l, p) == -1) {
			STAT_INC(DROP_SHORT);
			return 0;
		}
	} else if (h->tp_len > h->tp_snaplen) {
		STAT_INC(DROP_SHORT); /* cut: no room for the copy */
		return 0;
	}
	return 1;
}

static int
lin_rx(struct netif *nif, struct pkt *pk, int max)
{
	struct io_linux *l = lin(nif);
	struct tpacket2_hdr *h;
	uint8_t c;
	int n = 0;

	while (n < max && l->taken < l->fds.frame_nr && l->nbig < BIG_BUFS) {
		h = frame_at(l, l->head + l->taken);
		if (!(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) &
			TP_STATUS_USER))
			break;
		__builtin_prefetch(frame_at(l, l->head + l->taken + 2));
		l->taken++;
		n += take(l, nif, h, &pk[n]);
	}
	/* An error (link down) makes the descriptor readable for ever: fetch
	 * it. MSG_PEEK leaves a frame that just came where it is. */
	if (n == 0 && l->taken == 0)
		(void)recvfrom(l->fds.rx, &c, 1, MSG_PEEK | MSG_DONTWAIT, NULL,
		    NULL);
	return n;
}

static void
lin_rx_done(struct netif *nif)
{
	struct io_linux *l = lin(nif);
	struct tpacket2_hdr *h;

	for (; l->taken > 0; l->taken--) {
		h = frame_at(l, l->head);
		__atomic_store_n(&h->tp_status, TP_STATUS_KERNEL,
		    __ATOMIC_RELEASE);
		l->head = (l->head + 1) % l->fds.frame_nr;
	}
	l->nbig = 0;
}

static int
lin_rx_fd(const struct netif *nif)
{
	return lin(nif)->fds.rx;
}

static void
lin_tx_flush(struct netif *nif)
{
	struct io_linux *l = lin(nif);

	if (l->xsk != NULL)
		xsk_flush(l->xsk);
	else
		sender_flush(l->sender);
}

static uint8_t *
lin_tx_slot(struct netif *nif)
{
	struct io_linux *l = lin(nif);

	return l->xsk != NULL ? xsk_slot(l->xsk) : sender_slot(l->sender);
}

static void
lin_tx_commit(struct netif *nif, uint32_t len)
{
	struct io_linux *l = lin(nif);

	if (l->xsk != NULL)
		xsk_commit(l->xsk, len);
	else
		sender_commit(l->sender, len);
}

static int
lin_tx_gso(struct netif *nif, const uint8_t *hdr, uint32_t hdr_len,
    const uint8_t *payload, uint32_t len, uint16_t mss)
{
	struct io_linux *l = lin(nif);

	if (l->fds.gso == -1)
		return -1;
	lin_tx_flush(nif); /* keep the order of the flow */
	return gso_send(l->fds.gso, hdr, hdr_len, payload, len, mss);
}

static int
lin_has_gso(const struct netif *nif)
{
	return lin(nif)->fds.gso != -1;
}

static uint64_t
lin_rx_drops(struct netif *nif)
{
	struct tpacket_stats s;
	socklen_t len = sizeof(s);

	/* The kernel starts again at zero with every read. */
	if (getsockopt(lin(nif)->fds.rx, SOL_PACKET, PACKET_STATISTICS, &s,
		&len) == -1)
		return 0;
	return s.tp_drops;
}

void
io_linux_close(struct netif *nif)
{
	struct io_linux *l = lin(nif);

	if (l == NULL)
		return;
	if (l->xsk != NULL) {
		xsk_close(l->xsk);
		l->fds.xsk = l->fds.umem = -1;
	}
	if (l->ring != MAP_FAILED)
		munmap(l->ring, l->ring_len);
	io_fds_close(&l->fds);
	free(l->big);
	sender_close(l->sender);
	free(l);
	nif->io = NULL;
}

struct xsk *
io_linux_take_xsk(struct netif *nif)
{
	struct io_linux *l = lin(nif);
	struct xsk *x = l->xsk;

	if (x != NULL) {
		xsk_flush(x);
		l->xsk = NULL;
		l->fds.xsk = l->fds.umem = -1;
	}
	return x;
}

void
io_linux_give_xsk(struct netif *nif, struct xsk *x, const int fds[2])
{
	struct io_linux *l = lin(nif);

	if (l->xsk != NULL) {
		xsk_close(x);
		return;
	}
	l->xsk = x;
	l->fds.xsk = fds[0];
	l->fds.umem = fds[1];
}

const char *
io_linux_tx_name(const struct netif *nif)
{
	const struct io_linux *l = lin(nif);

	return l->xsk != NULL ? "af_xdp" : sender_name(l->sender);
}

static const struct io_ops lin_ops = {
	.rx = lin_rx,
	.rx_done = lin_rx_done,
	.rx_fd = lin_rx_fd,
	.tx_slot = lin_tx_slot,
	.tx_commit = lin_tx_commit,
	.tx_flush = lin_tx_flush,
	.tx_gso = lin_tx_gso,
	.has_gso = lin_has_gso,
	.rx_drops = lin_rx_drops,
	.close = io_linux_close,
};

int
io_linux_open(struct netif *nif, const struct io_fds *fds)
{
	struct io_linux *l;
	int e;

	if (fds->rx == -1 || fds->frame_nr == 0 || fds->frame_size < 128 ||
	    fds->block_size % fds->frame_size != 0 ||
	    (uint64_t)fds->frame_nr * fds->frame_size !=
		(uint64_t)fds->block_nr * fds->block_size) {
		errno = EINVAL;
		return -1;
	}
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return -1;
	l->io.ops = &lin_ops;
	l->ring_len = (size_t)fds->block_nr * fds->block_size;
	l->ring = mmap(NULL, l->ring_len, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_POPULATE, fds->rx, 0);
	l->big = malloc((size_t)BIG_BUFS * BIG_LEN);
	l->sender = sender_open(fds->tx);
	if (l->ring == MAP_FAILED || l->big == NULL || l->sender == NULL)
		goto fail;
	if (fds->xsk != -1 && fds->umem != -1)
		l->xsk = xsk_open(fds->xsk, fds->umem);
	if (l->xsk == NULL && fds->tx == -1)
		goto fail;
	l->fds = *fds;
	nif->io = &l->io;
	return 0;
fail:
	e = errno;
	if (l->ring != MAP_FAILED)
		munmap(l->ring, l->ring_len);
	free(l->big);
	sender_close(l->sender);
	free(l);
	errno = e;
	return -1;
}
