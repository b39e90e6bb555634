/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: reassembly. A datagram's bytes lie in pages taken from one arena at
 * their final place; a sorted list of pieces says who owns which bytes, so that
 * each policy is one comparison. No allocation; no fragment is believed about
 * any length but its own.
 */
#include "frag.h"

#include <string.h>

#include "../common/buf.h"
#include "../common/siphash.h"
#include "csum.h"
#include "reply.h"
#include "report.h"
#include "timer.h"

#define PAGE_SIZE  2048
#define PAGES	   2048 /* 4 MiB */
#define SEGS	   16384
#define SEGS_QUEUE 256
#define SRC_SLOTS  4096 /* sources share a slot by chance only */
#define SRC_QUEUES (FRAG_QUEUES_MAX / 4)
#define SRC_PAGES  (PAGES / 4)
#define MAX_DATA   65515
#define TICK_MS	   250
#define ETH_LEN	   14

struct seg { /* bytes off..end-1 of the datagram, one fragment's */
	uint16_t off, end, next;
};

struct queue {
	uint32_t src, dst;
	uint16_t id;
	uint8_t proto, policy;
	uint8_t spoiled, nif, hlen, used;
	uint32_t total; /* bytes; 0: last fragment not seen */
	uint32_t have;
	uint32_t start_ms, timeout_ms;
	uint16_t first, nseg, nfrag, slot;
	uint16_t next, older, newer; /* hash chain, age list */
	uint16_t page[32];
	uint16_t first_len; /* of the fragment the header is from */
	uint8_t eth[ETH_LEN];
	uint8_t hdr[60];
};

static struct queue queues[FRAG_QUEUES_MAX + 1];
static struct seg segs[SEGS + 1];
static uint8_t arena[PAGES + 1][PAGE_SIZE];
static uint16_t q_hash[FRAG_QUEUES_MAX];
static uint16_t q_free[FRAG_QUEUES_MAX], seg_free[SEGS], page_free[PAGES];
static uint32_t q_nfree, seg_nfree, page_nfree;
static uint16_t oldest, newest;
static uint16_t src_queues[SRC_SLOTS], src_pages[SRC_SLOTS];
static uint8_t buf[ETH_LEN + 60 + 65536];
static struct net_timer timer;
static int ready;

void
frag_reset(void)
{
	uint32_t i;

	q_nfree = seg_nfree = page_nfree = 0;
	for (i = FRAG_QUEUES_MAX; i > 0; i--)
		q_free[q_nfree++] = (uint16_t)i;
	for (i = SEGS; i > 0; i--)
		seg_free[seg_nfree++] = (uint16_t)i;
	for (i = PAGES; i > 0; i--)
		page_free[page_nfree++] = (uint16_t)i;
	memset(q_hash, 0, sizeof(q_hash));
	memset(queues, 0, sizeof(queues));
	memset(src_queues, 0, sizeof(src_queues));
	memset(src_pages, 0, sizeof(src_pages));
	oldest = newest = 0;
	stats[ST_FRAG_QUEUES] = stats[ST_FRAG_BYTES] = 0;
	ready = 1;
}

static void
on_timer(struct net_timer *t)
{
	frag_tick();
	if (oldest != 0)
		net_timer_set(t, TICK_MS);
}

static uint64_t
key_hash(uint32_t src, uint32_t dst, uint16_t id, uint8_t proto)
{
	uint32_t in[3] = {src, dst, (uint32_t)id << 16 | proto};

	return siphash13(net.hash_key, in, sizeof(in));
}

static uint16_t
src_slot(uint32_t src)
{
	return siphash13(net.hash_key, &src, sizeof(src)) & (SRC_SLOTS - 1);
}

/* Give everything back; its fragments were counted by the caller. */
static void
queue_free(struct queue *q)
{
	uint16_t qi = (uint16_t)(q - queues), s, *p;
	int i;

	for (s = q->first; s != 0; s = segs[s].next)
		seg_free[seg_nfree++] = s;
	for (i = 0; i < 32; i++) {
		if (q->page[i] == 0)
			continue;
		page_free[page_nfree++] = q->page[i];
		src_pages[q->slot]--;
		STAT_ADD(FRAG_BYTES, (uint64_t)-PAGE_SIZE);
	}
	src_queues[q->slot]--;
	p = &q_hash[key_hash(q->src, q->dst, q->id, q->proto) &
	    (FRAG_QUEUES_MAX - 1)];
	while (*p != qi)
		p = &queues[*p].next;
	*p = q->next;
	if (q->older)
		queues[q->older].newer = q->newer;
	else
		oldest = q->newer;
	if (q->newer)
		queues[q->newer].older = q->older;
	else
		newest = q->older;
	q->used = 0;
	q_free[q_nfree++] = qi;
	STAT_DEC(FRAG_QUEUES);
}

static void
queue_drop_full(struct queue *q)
{
	STAT_ADD(DROP_FRAG_FULL, q->nfrag);
	report_limit("fragments", q->nfrag);
	queue_free(q);
}

static struct queue *
queue_make(const struct pkt *p, const struct host *h, uint16_t *chain)
{
	uint16_t slot = src_slot(p->src), qi;
	struct queue *q;

	if (src_queues[slot] >= SRC_QUEUES)
		return NULL;
	if (q_nfree == 0)
		queue_drop_full(&queues[oldest]);
	qi = q_free[--q_nfree];
	q = &queues[qi];
	memset(q, 0, sizeof(*q));
	q->used = 1;
	q->src = p->src;
	q->dst = p->dst;
	q->id = p->ip_id;
	q->proto = p->ip_proto;
	q->policy = h->p->frag_policy;
	q->nif = p->nif->unit;
	q->slot = slot;
	q->start_ms = net.now_ms;
	q->timeout_ms = h->p->frag_timeout_s ?
	    h->p->frag_timeout_s * 1000u : 30000;
	q->next = *chain;
	*chain = qi;
	q->older = newest;
	if (newest)
		queues[newest].newer = qi;
	else
		oldest = qi;
	newest = qi;
	src_queues[slot]++;
	STAT_INC(FRAG_QUEUES);
	if (timer.fn == NULL)
		net_timer_init(&timer, on_timer);
	if (!net_timer_armed(&timer))
		net_timer_set(&timer, TICK_MS);
	return q;
}

static struct queue *
queue_find(const struct pkt *p, const struct host *h)
{
	uint16_t *chain = &q_hash[key_hash(p->src, p->dst, p->ip_id,
	    p->ip_proto) & (FRAG_QUEUES_MAX - 1)];
	struct queue *q;
	uint16_t i;

	for (i = *chain; i != 0; i = queues[i].next) {
		q = &queues[i];
		if (q->src == p->src && q->dst == p->dst &&
		    q->id == p->ip_id && q->proto == p->ip_proto)
			return q;
	}
	return queue_make(p, h, chain);
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
		if (&queues[oldest] == q)
			return -1;
		queue_drop_full(&queues[oldest]);
		if (page_nfree == 0)
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

static void
copy_out(const struct queue *q, uint8_t *to, uint32_t len)
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
	segs[i].off = (uint16_t)off;
	segs[i].end = (uint16_t)end;
	segs[i].next = *at;
	*at = i;
	q->nseg++;
	return &segs[i].next;
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
	struct seg *s = &segs[*at];
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

/* 0, or -1: no room. */
static int
insert(struct queue *q, const struct pkt *p, uint32_t off, uint32_t end)
{
	uint16_t *at = &q->first;
	uint32_t pos = off;
	struct seg *s;

	while (*at != 0) {
		s = &segs[*at];
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

/* How the new fragment lies to what is there: 0 apart, 1 inside one piece,
 * 2 overlapping. */
static int
overlap(const struct queue *q, uint32_t off, uint32_t end)
{
	uint16_t i;

	for (i = q->first; i != 0; i = segs[i].next) {
		if (segs[i].end <= off || segs[i].off >= end)
			continue;
		return segs[i].off <= off && segs[i].end >= end ? 1 : 2;
	}
	return 0;
}

/* Length rules across fragments. 0 or -1. */
static int
check_total(struct queue *q, uint32_t end, int more)
{
	uint16_t i;
	uint32_t max = 0;

	if (more)
		return q->total != 0 && end > q->total ? -1 : 0;
	for (i = q->first; i != 0; i = segs[i].next)
		max = segs[i].end;
	if ((q->total != 0 && q->total != end) || max > end)
		return -1;
	q->total = end;
	return 0;
}

static int
deliver(struct queue *q, struct pkt *p)
{
	uint8_t *ip = buf + ETH_LEN;
	uint32_t len = q->hlen + q->total;

	if (len > 65535) {
		STAT_ADD(DROP_FRAG_BAD, q->nfrag);
		queue_free(q);
		return 0;
	}
	memcpy(buf, q->eth, ETH_LEN);
	memcpy(ip, q->hdr, q->hlen);
	copy_out(q, ip + q->hlen, q->total);
	put16(ip + 2, len);
	put16(ip + 6, 0);
	put16(ip + 10, 0);
	put16(ip + 10, csum_fold(csum_add(0, ip, q->hlen)));
	p->data = buf;
	p->len = ETH_LEN + len;
	p->eth_dst = buf;
	p->eth_src = buf + 6;
	p->csum_ok = 0;
	p->ip = ip;
	p->ip_hlen = q->hlen;
	p->ip_len = (uint16_t)len;
	p->ip_tos = ip[1];
	p->ip_ttl = ip[8];
	p->ip_df = 0;
	p->l4 = ip + q->hlen;
	p->l4_len = q->total;
	p->reassembled = 1;
	queue_free(q);
	return 1;
}

int
frag_input(struct pkt *p, struct host *h)
{
	uint32_t w = be16(p->ip + 6), off = (w & 0x1fff) * 8;
	uint32_t end = off + p->l4_len;
	int more = (w & 0x2000) != 0, o;
	struct queue *q;

	if (!ready)
		frag_reset();
	if (p->l4_len == 0 || end > MAX_DATA || (more && p->l4_len % 8)) {
		STAT_INC(DROP_FRAG_BAD);
		return 0;
	}
	q = queue_find(p, h);
	if (q == NULL) {
		STAT_INC(DROP_FRAG_FULL);
		report_limit("fragments of a source", 1);
		return 0;
	}
	if (q->spoiled || check_total(q, end, more) == -1) {
		STAT_INC(DROP_FRAG_BAD);
		return 0;
	}
	o = overlap(q, off, end);
	if (q->policy == FRAG_DROP && o != 0) {
		if (o == 2)
			q->spoiled = 1;
		STAT_INC(DROP_FRAG_BAD);
		return 0;
	}
	q->nfrag++;
	if (insert(q, p, off, end) == -1) {
		queue_drop_full(q);
		return 0;
	}
	if (q->total == 0 || q->have != q->total)
		return 0;
	return deliver(q, p);
}

/* Time exceeded in reassembly, when the first fragment came (RFC 792). */
static void
tell_timeout(const struct queue *q)
{
	struct host *h = host_get(q->dst);
	uint32_t n = segs[q->first].end;
	struct pkt p;

	if (h == NULL || q->hlen == 0 || q->first == 0 ||
	    segs[q->first].off != 0 || h->t->act_icmp == ACT_FILTERED)
		return;
	if (n > PAGE_SIZE)
		n = PAGE_SIZE;
	if (n > q->first_len)
		n = q->first_len;
	memset(&p, 0, sizeof(p));
	memcpy(buf, q->eth, ETH_LEN);
	memcpy(buf + ETH_LEN, q->hdr, q->hlen);
	copy_out(q, buf + ETH_LEN + q->hlen, n);
	p.nif = net_if(q->nif);
	p.data = p.eth_dst = buf;
	p.eth_src = buf + 6;
	p.ip = buf + ETH_LEN;
	p.ip_hlen = q->hlen;
	p.ip_len = (uint16_t)(q->hlen + n);
	p.len = ETH_LEN + p.ip_len;
	p.ip_proto = q->proto;
	p.src = q->src;
	p.dst = q->dst;
	p.l4 = p.ip + q->hlen;
	p.l4_len = n;
	reply_icmp_error(&p, h, 11, 1);
}

void
frag_tick(void)
{
	struct queue *q;
	uint16_t i, next;

	for (i = oldest; i != 0; i = next) {
		q = &queues[i];
		next = q->newer;
		if (net.now_ms - q->start_ms < q->timeout_ms)
			continue;
		STAT_ADD(DROP_FRAG_TIMEOUT, q->nfrag);
		if (!q->spoiled)
			tell_timeout(q);
		queue_free(q);
	}
}
