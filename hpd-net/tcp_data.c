/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the data part of a connection and its two byte rings. A ring is
 * indexed by sequence number, so out-of-order bytes are stored where they
 * belong. Must never let all of them together pass TCP_MEM_MAX.
 */
#include <stdlib.h>
#include <string.h>

#include "net.h"
#include "report.h"
#include "tcp_int.h"

#define SPARE_MAX 64

static int
mem_take(uint64_t n)
{
	if (tcp.mem + n > TCP_MEM_MAX) {
		report_limit("tcp memory", 1);
		return -1;
	}
	tcp.mem += n;
	stats[ST_TCP_MEM_BYTES] = tcp.mem;
	return 0;
}

static void
mem_give(uint64_t n)
{
	tcp.mem -= n;
	stats[ST_TCP_MEM_BYTES] = tcp.mem;
}

int
ring_grow(struct ring *r, uint32_t base, uint32_t keep, uint32_t end,
    uint32_t max)
{
	struct ring n;
	uint32_t want = end - base, size, off, len;

	if (want <= r->size)
		return 0;
	if (want > max)
		return -1;
	size = r->size == 0 ? TCP_BUF_MIN : r->size;
	while (size < want)
		size <<= 1;
	if (mem_take(size - r->size) == -1)
		return -1;
	if ((n.mem = malloc(size)) == NULL) {
		mem_give(size - r->size);
		return -1;
	}
	n.size = size;
	for (off = 0; off < keep; off += len) {
		const uint8_t *src;

		len = keep - off;
		src = ring_at(r, base + off, &len);
		ring_put(&n, base + off, src, len);
	}
	free(r->mem);
	*r = n;
	return 0;
}

void
ring_free(struct ring *r)
{
	free(r->mem);
	mem_give(r->size);
	r->mem = NULL;
	r->size = 0;
}

uint8_t *
ring_at(const struct ring *r, uint32_t seq, uint32_t *len)
{
	uint32_t pos = seq & (r->size - 1);

	if (*len > r->size - pos)
		*len = r->size - pos;
	return r->mem + pos;
}

void
ring_put(struct ring *r, uint32_t seq, const uint8_t *src, uint32_t len)
{
	uint32_t n;

	while (len > 0) {
		uint8_t *at;

		n = len;
		at = ring_at(r, seq, &n);
		memcpy(at, src, n);
		seq += n;
		src += n;
		len -= n;
	}
}

void
ring_get(const struct ring *r, uint32_t seq, uint8_t *dst, uint32_t len)
{
	uint32_t n;

	while (len > 0) {
		const uint8_t *at;

		n = len;
		at = ring_at(r, seq, &n);
		memcpy(dst, at, n);
		seq += n;
		dst += n;
		len -= n;
	}
}

/* What the SYN/ACK announced is the buffer; but Windows since Vista says 8192
 * there and has 64 KB in whole segments when both sides scale, of which its
 * next segment tells, not one more for that alone. */
static uint32_t
first_limit(struct tcp_conn *c, const struct host *h)
{
	uint32_t win = c->rcv_adv - c->rcv_nxt, ws = c->scales & 15;

	if (c->action == ACT_TARPIT_OPEN || c->action == ACT_TARPIT_SERVICE)
		return TCP_TARPIT_WND;
	if (h != NULL && ws > 1 && win < 65536 &&
	    (h->p->family == FAM_WIN_7 || h->p->family == FAM_WIN_10)) {
		win = (65535u / c->mss + 1) * c->mss;
		c->rcv_adv = c->rcv_nxt + (win >> ws << ws);
	}
	return win < TCP_BUF_MIN ? TCP_BUF_MIN : win;
}

/* Of a connection nobody reads, the beginning. */
static uint32_t
kept(const struct tcp_conn *c, const struct host *h)
{
	uint32_t n = h == NULL ? 0 : h->t->transcript;

	return c->service == IMG_NONE && n > TRANSCRIPT_ORPHAN
	    ? TRANSCRIPT_ORPHAN
	    : n;
}

/* Made on first need, for a connection past its handshake. */
struct tcp_data *
tcp_data_get(struct tcp_conn *c, struct host *h)
{
	struct tcp_data *d;

	if (c->d != NULL)
		return c->d;
	if (mem_take(sizeof(*d)) == -1)
		return NULL;
	if ((d = tcp.spare) != NULL) {
		tcp.spare = d->dirty_next;
		tcp.nspare--;
		memset(d, 0, sizeof(*d));
	} else if ((d = calloc(1, sizeof(*d))) == NULL) {
		mem_give(sizeof(*d));
		return NULL;
	}
	c->d = d;
	d->c = c;
	d->fd = -1;
	d->snd_end = c->snd_nxt;
	d->snd_sml = c->snd_una;
	d->max_wnd = c->snd_wnd;
	d->wl1 = c->rcv_nxt;
	d->wl2 = c->snd_una;
	d->rcv_read = c->rcv_nxt;
	d->last_ack = c->rcv_nxt;
	d->rcv_limit = first_limit(c, h);
	d->quick = h != NULL ? h->p->quick_acks : 0;
	d->last_ms = d->moved_ms = net.now_ms;
	transcript_begin(&d->tr, kept(c, h));
	tcp_cc_init(c, h);
	return d;
}

void
tcp_data_drop(struct tcp_conn *c)
{
	struct tcp_data *d = c->d, **p;

	if (d == NULL)
		return;
	relay_close(c);
	if (d->dirty) {
		for (p = &tcp.dirty; *p != NULL && *p != d;
		     p = &(*p)->dirty_next)
			;
		if (*p == d)
			*p = d->dirty_next;
	}
	ring_free(&d->snd);
	ring_free(&d->rcv);
	mem_give(sizeof(*d));
	c->d = NULL;
	if (tcp.nspare >= SPARE_MAX) {
		free(d);
		return;
	}
	d->dirty_next = tcp.spare;
	tcp.spare = d;
	tcp.nspare++;
}
