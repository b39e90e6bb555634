/* SPDX-License-Identifier: ISC */
/*
 * Packet input and output: hands each call to the back end of the interface
 * and keeps the transmit counters. hpd-net and the bench. Must never look into
 * a frame itself (io_tx_seen may).
 */
#include "io_impl.h"
#include "stats.h"

void (*io_tx_seen)(const struct netif *, const uint8_t *, uint32_t,
    const uint8_t *, uint32_t);

int
io_rx(struct netif *nif, struct pkt *pk, int max)
{
	return nif->io->ops->rx(nif, pk, max);
}

void
io_rx_done(struct netif *nif)
{
	nif->io->ops->rx_done(nif);
}

int
io_rx_fd(const struct netif *nif)
{
	return nif->io->ops->rx_fd(nif);
}

uint8_t *
io_tx_slot(struct netif *nif)
{
	uint8_t *slot;

	if (nif->io == (void *)0)
		return (void *)0;
	nif->slot = slot = nif->io->ops->tx_slot(nif);
	if (slot == (void *)0)
		STAT_INC(TX_ERRORS);
	return slot;
}

void
io_tx_commit(struct netif *nif, uint32_t len)
{
	STAT_INC(TX_FRAMES);
	STAT_ADD(TX_BYTES, len);
	if (io_tx_seen != (void *)0)
		io_tx_seen(nif, nif->slot, len, (void *)0, 0);
	nif->io->ops->tx_commit(nif, len);
}

void
io_tx_flush(struct netif *nif)
{
	if (nif->io != (void *)0)
		nif->io->ops->tx_flush(nif);
}

int
io_tx_gso(struct netif *nif, const uint8_t *hdr, uint32_t hdr_len,
    const uint8_t *payload, uint32_t len, uint16_t mss)
{
	if (nif->io == (void *)0 || mss == 0)
		return -1;
	if (nif->io->ops->tx_gso(nif, hdr, hdr_len, payload, len, mss) == -1)
		return -1;
	STAT_ADD(TX_FRAMES, (len + mss - 1) / mss);
	STAT_ADD(TX_BYTES, len);
	if (io_tx_seen != (void *)0)
		io_tx_seen(nif, hdr, hdr_len, payload, len);
	return 0;
}

int
io_has_gso(const struct netif *nif)
{
	return nif->io != (void *)0 && nif->io->ops->has_gso(nif);
}

uint64_t
io_rx_drops(struct netif *nif)
{
	return nif->io == (void *)0 ? 0 : nif->io->ops->rx_drops(nif);
}

void
io_close(struct netif *nif)
{
	if (nif->io != (void *)0)
		nif->io->ops->close(nif);
}
