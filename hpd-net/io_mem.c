/* SPDX-License-Identifier: ISC */
/*
 * Memory back end of io.h: a queue of frames in, a list of answers out. Tests,
 * fuzzing and savefile replay; never part of a running sensor's packet path.
 * Each received frame is an allocation of its own, so that a sanitizer sees a
 * read of one byte too many.
 */
#include "io_mem.h"

#include <stdlib.h>
#include <string.h>

#include "io_impl.h"

struct mem_frame {
	uint8_t *data;
	uint32_t len;
	int64_t ts_ns;
	int csum_ok;
};

struct io_mem {
	struct io io;
	struct mem_frame in[IO_MEM_QUEUE];
	uint32_t in_head, in_count, in_taken;
	struct mem_frame out[IO_MEM_QUEUE];
	uint32_t out_count;
	uint8_t slot[IO_FRAME_MAX];
	io_mem_fn fn;
	void *arg;
	int64_t now_ns;
};

static struct io_mem *
mem_of(const struct netif *nif)
{
	return (struct io_mem *)nif->io;
}

static int
mem_rx(struct netif *nif, struct pkt *pk, int max)
{
	struct io_mem *m = mem_of(nif);
	const struct mem_frame *f;
	int n = 0;

	while (n < max && m->in_taken < m->in_count) {
		f = &m->in[(m->in_head + m->in_taken) % IO_MEM_QUEUE];
		m->in_taken++;
		memset(&pk[n], 0, sizeof(pk[n]));
		pk[n].nif = nif;
		pk[n].data = f->data;
		pk[n].len = f->len;
		pk[n].ts_ns = f->ts_ns;
		pk[n].csum_ok = (uint8_t)f->csum_ok;
		m->now_ns = f->ts_ns;
		n++;
	}
	return n;
}

static void
mem_rx_done(struct netif *nif)
{
	struct io_mem *m = mem_of(nif);

	for (; m->in_taken > 0; m->in_taken--, m->in_count--) {
		free(m->in[m->in_head].data);
		m->in[m->in_head].data = NULL;
		m->in_head = (m->in_head + 1) % IO_MEM_QUEUE;
	}
}

static int
mem_rx_fd(const struct netif *nif)
{
	(void)nif;
	return -1;
}

static uint8_t *
mem_tx_slot(struct netif *nif)
{
	return mem_of(nif)->slot;
}

static void
mem_tx_commit(struct netif *nif, uint32_t len)
{
	struct io_mem *m = mem_of(nif);
	struct mem_frame *f;

	if (len > IO_FRAME_MAX)
		abort();
	if (m->fn != NULL) {
		m->fn(m->arg, m->slot, len, m->now_ns);
		return;
	}
	if (m->out_count == IO_MEM_QUEUE)
		return;
	f = &m->out[m->out_count];
	f->data = malloc(len ? len : 1);
	if (f->data == NULL)
		return;
	memcpy(f->data, m->slot, len);
	f->len = len;
	m->out_count++;
}

static void
mem_tx_flush(struct netif *nif)
{
	(void)nif;
}

static int
mem_tx_gso(struct netif *nif, const uint8_t *hdr, uint32_t hdr_len,
    const uint8_t *payload, uint32_t len, uint16_t mss)
{
	(void)nif, (void)hdr, (void)hdr_len;
	(void)payload, (void)len, (void)mss;
	return -1;
}

static int
mem_has_gso(const struct netif *nif)
{
	(void)nif;
	return 0;
}

static uint64_t
mem_rx_drops(struct netif *nif)
{
	(void)nif;
	return 0;
}

static const struct io_ops mem_ops = {
	.rx = mem_rx,
	.rx_done = mem_rx_done,
	.rx_fd = mem_rx_fd,
	.tx_slot = mem_tx_slot,
	.tx_commit = mem_tx_commit,
	.tx_flush = mem_tx_flush,
	.tx_gso = mem_tx_gso,
	.has_gso = mem_has_gso,
	.rx_drops = mem_rx_drops,
	.close = io_mem_close,
};

int
io_mem_open(struct netif *nif)
{
	struct io_mem *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return -1;
	m->io.ops = &mem_ops;
	nif->io = &m->io;
	return 0;
}

void
io_mem_close(struct netif *nif)
{
	struct io_mem *m = mem_of(nif);

	if (m == NULL)
		return;
	m->in_taken = m->in_count;
	mem_rx_done(nif);
	io_mem_clear(nif);
	free(m);
	nif->io = NULL;
}

int
io_mem_push(struct netif *nif, const void *frame, uint32_t len, int64_t ts_ns,
    int csum_ok)
{
	struct io_mem *m = mem_of(nif);
	struct mem_frame *f;

	if (m->in_count == IO_MEM_QUEUE || len > 65550)
		return -1;
	f = &m->in[(m->in_head + m->in_count) % IO_MEM_QUEUE];
	f->data = malloc(len ? len : 1);
	if (f->data == NULL)
		return -1;
	memcpy(f->data, frame, len);
	f->len = len;
	f->ts_ns = ts_ns;
	f->csum_ok = csum_ok;
	m->in_count++;
	return 0;
}

uint32_t
io_mem_count(const struct netif *nif)
{
	return mem_of(nif)->out_count;
}

const uint8_t *
io_mem_frame(const struct netif *nif, uint32_t i, uint32_t *len)
{
	const struct io_mem *m = mem_of(nif);

	if (i >= m->out_count)
		return NULL;
	*len = m->out[i].len;
	return m->out[i].data;
}

void
io_mem_clear(struct netif *nif)
{
	struct io_mem *m = mem_of(nif);

	while (m->out_count > 0)
		free(m->out[--m->out_count].data);
}

void
io_mem_sink(struct netif *nif, io_mem_fn fn, void *arg)
{
	mem_of(nif)->fn = fn;
	mem_of(nif)->arg = arg;
}
