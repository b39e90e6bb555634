/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the bytes of datagrams under reassembly. They lie in pages of one
 * arena at their final place; a sorted list of pieces says who owns which
 * bytes, so that each overlap policy is one comparison. No allocation.
 */
#include "frag_int.h"

#include <string.h>

struct seg frag_segs[SEGS + 1];
static uint8_t arena[PAGES + 1][PAGE_SIZE];
static uint16_t seg_free[SEGS], page_free[PAGES];
static uint32_t seg_nfree, page_nfree;
static uint16_t src_pages[SRC_SLOTS];

void
frag_seg_reset(void)
{
	uint32_t i;

	seg_nfree = page_nfree = 0;
	for (i = SEGS; i > 0; i--)
		seg_free[seg_nfree++] = (uint16_t)i;
	for (i = PAGES; i > 0; i--)
		page_free[page_nfree++] = (uint16_t)i;
	memset(src_pages, 0, sizeof(src_pages));
	stats[ST_FRAG_BYTES] = 0;
}

void
frag_seg_free(struct queue *q)
{
	uint16_t s;
	int i;

	for (s = q->first; s != 0; s = frag_segs[s].next)
		seg_free[seg_nfree++] = s;
	for (i = 0; i < 32; i++) {
		if (q->page[i] == 0)
			continue;
		page_free[page_nfree++] = q->page[i];
		src_pages[q->slot]--;
		STAT_ADD(FRAG_BYTES, (uint64_t)-PAGE_SIZE);
	}
}

/* Does the new fragment take the bytes it shares with an older piece? */
static int
newer_wins(uint8_t policy, uint32_t off, uint32_t end, const struct seg *s)
{
	switch (policy) {
	case FRAG_LAST:
		return 1;
	case FRAG_BSD:
		return s->off > off;
	case FRAG_LINUX:
		return s->off >= off;
	case FRAG_WINDOWS:
		return off < s->off && end > s->end;
	default:
		return 0;
	}
}

/* A page for the i-th 2 KB of q. When the arena is empty the oldest datagram
 * goes, unless it is q itself. */
static int
page_get(struct queue *q, uint32_t i)
{
	if (q->page[i] != 0)
		return 0;
	if (src_pages[q->slot] >= SRC_PAGES)
		return -1;
	if (page_nfree == 0) {
		if (frag_evict(q) == -1 || page_nfree == 0)
			return -1;
	}
	q->page[i] = page_free[--page_nfree];
	src_pages[q->slot]++;
	STAT_ADD(FRAG_BYTES, PAGE_SIZE);
	return 0;
}

static int
copy_in(struct queue *q, uint32_t off, uint32_t end, const uint8_t *data)
{
	uint32_t n;

	for (; off < end; off += n, data += n) {
		n = PAGE_SIZE - off % PAGE_SIZE;
		if (n > end - off)
			n = end - off;
		if (page_get(q, off / PAGE_SIZE) == -1)
			return -1;
		memcpy(arena[q->page[off / PAGE_SIZE]] + off % PAGE_SIZE,
		    data, n);
	}
	return 0;
}

void
frag_copy_out(const struct queue *q, uint8_t *to, uint32_t len)
{
	uint32_t off, n;

	for (off = 0; off < len; off += n) {
		n = len - off > PAGE_SIZE ? PAGE_SIZE : len - off;
		memcpy(to + off, arena[q->page[off / PAGE_SIZE]], n);
	}
}

static uint16_t *
seg_put(struct queue *q, uint16_t *at, uint32_t off, uint32_t end)
{
	uint16_t i;

	if (seg_nfree == 0 || q->nseg >= SEGS_QUEUE)
		return NULL;
	i = seg_free[--seg_nfree];
	frag_segs[i].off = (uint16_t)off;
	frag_segs[i].end = (uint16_t)end;
	frag_segs[i].next = *at;
	frag_segs[i].run = *at == 0 && off != 0 && q->last_end == off;
	if (*at == 0)
		q->last_end = (uint16_t)end;
	*at = i;
	q->nseg++;
	return &frag_segs[i].next;
}

/* A piece of the new fragment that nobody older keeps. */
static uint16_t *
piece_put(struct queue *q, uint16_t *at, uint32_t off, uint32_t end,
    const struct pkt *p, uint32_t base)
{
	if (off >= end)
		return at;
	if (copy_in(q, off, end, p->l4 + (off - base)) == -1)
		return NULL;
	if (off == 0) {
		memcpy(q->hdr, p->ip, p->ip_hlen);
		memcpy(q->eth, p->data, ETH_LEN);
		q->hlen = p->ip_hlen;
		q->first_len = (uint16_t)p->l4_len;
	}
	q->have += end - off;
	return seg_put(q, at, off, end);
}

/* The new fragment off..end-1 takes its part of *at; returns where to go on. */
static uint16_t *
take_from(struct queue *q, uint16_t *at, uint32_t off, uint32_t end)
{
	struct seg *s = &frag_segs[*at];
	uint16_t i = *at;
	uint32_t a = s->off > off ? s->off : off;
	uint32_t b = s->end < end ? s->end : end;
	uint32_t s_end = s->end;

	q->have -= b - a;
	if (s->off < off) {
		s->end = (uint16_t)off;
		if (s_end > end && seg_put(q, &s->next, end, s_end) == NULL)
			return NULL;
		return &s->next;
	}
	if (s->end > end) {
		s->off = (uint16_t)end;
		return at;
	}
	*at = s->next;
	seg_free[seg_nfree++] = i;
	q->nseg--;
	return at;
}

int
frag_insert(struct queue *q, const struct pkt *p, uint32_t off, uint32_t end)
{
	uint16_t *at = &q->first;
	uint32_t pos = off;
	struct seg *s;

	while (*at != 0) {
		s = &frag_segs[*at];
		if (s->end <= off) {
			at = &s->next;
			continue;
		}
		if (s->off >= end)
			break;
		if (newer_wins(q->policy, off, end, s)) {
			at = take_from(q, at, off, end);
			if (at == NULL)
				return -1;
			continue;
		}
		if (pos < s->off) {
			at = piece_put(q, at, pos, s->off, p, off);
			if (at == NULL)
				return -1;
		}
		pos = s->end;
		at = &s->next;
	}
	return piece_put(q, at, pos, end, p, off) == NULL ? -1 : 0;
}

int
frag_overlap(const struct queue *q, uint32_t off, uint32_t end)
{
	const struct seg *s;
	uint32_t a, b;
	uint16_t i;

	for (i = q->first; i != 0; i = s->next) {
		s = &frag_segs[i];
		a = s->off;
		for (b = s->end; s->next != 0 && frag_segs[s->next].run;
		     b = s->end)
			s = &frag_segs[s->next];
		if (b <= off || a >= end)
			continue;
		return a <= off && b >= end ? 1 : 2;
	}
	return 0;
}
