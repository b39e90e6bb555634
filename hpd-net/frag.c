/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: reassembly of datagrams: their table, age, time-outs and delivery.
 * No allocation; no fragment is believed about any length but its own.
 */
#include "frag_int.h"

#include <string.h>

#include "../common/buf.h"
#include "../common/siphash.h"
#include "csum.h"
#include "reply.h"
#include "report.h"
#include "timer.h"

static struct queue queues[FRAG_QUEUES_MAX + 1];
static uint16_t q_hash[FRAG_QUEUES_MAX];
static uint16_t q_free[FRAG_QUEUES_MAX];
static uint32_t q_nfree;
static uint16_t oldest, newest;
static uint16_t src_queues[SRC_SLOTS];
static uint8_t buf[ETH_LEN + 60 + 65536];
static struct net_timer timer;
static int ready;

void
frag_reset(void)
{
	uint32_t i;

	q_nfree = 0;
	for (i = FRAG_QUEUES_MAX; i > 0; i--)
		q_free[q_nfree++] = (uint16_t)i;
	frag_seg_reset();
	memset(q_hash, 0, sizeof(q_hash));
	memset(queues, 0, sizeof(queues));
	memset(src_queues, 0, sizeof(src_queues));
	oldest = newest = 0;
	stats[ST_FRAG_QUEUES] = 0;
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
	uint16_t qi = (uint16_t)(q - queues), *p;

	frag_seg_free(q);
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

int
frag_evict(const struct queue *q)
{
	if (&queues[oldest] == q)
		return -1;
	queue_drop_full(&queues[oldest]);
	return 0;
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

/* Length rules across fragments. 0 or -1. */
static int
check_total(struct queue *q, uint32_t end, int more)
{
	uint16_t i;
	uint32_t max = 0;

	if (more)
		return q->total != 0 && end > q->total ? -1 : 0;
	for (i = q->first; i != 0; i = frag_segs[i].next)
		max = frag_segs[i].end;
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
	frag_copy_out(q, ip + q->hlen, q->total);
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

/* Linux since 4.19 forgets the whole datagram for an overlap or an end that
 * contradicts another; a fragment inside what is there is only dropped. */
static int
spoils(struct queue *q, uint32_t off, uint32_t end, int more)
{
	int o = q->policy == FRAG_DROP ? frag_overlap(q, off, end) : 0;

	if (check_total(q, end, more) == 0 && o == 0)
		return 0;
	STAT_INC(DROP_FRAG_BAD);
	if (q->policy == FRAG_DROP && o != 1) {
		STAT_ADD(DROP_FRAG_BAD, q->nfrag);
		queue_free(q);
	}
	return 1;
}

int
frag_input(struct pkt *p, struct host *h)
{
	uint32_t w = be16(p->ip + 6), off = (w & 0x1fff) * 8;
	uint32_t end = off + p->l4_len;
	int more = (w & 0x2000) != 0;
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
	if (spoils(q, off, end, more))
		return 0;
	q->nfrag++;
	if (frag_insert(q, p, off, end) == -1) {
		queue_drop_full(q);
		return 0;
	}
	if (q->total == 0 || q->have != q->total)
		return 0;
	return deliver(q, p);
}

/* BSD's ip_slowtimo() frees what it has and says nothing (Stevens, "TCP/IP
 * Illustrated" 2, 10.6), though RFC 1122 3.3.2 wants it. */
static int
says_nothing(const struct host *h)
{
	return (h->p->family >= FAM_FREEBSD && h->p->family <= FAM_MACOS) ||
	    h->p->family == FAM_VXWORKS;
}

/* Time exceeded in reassembly, when the first fragment came (RFC 792). */
static void
tell_timeout(const struct queue *q)
{
	struct host *h = host_get(q->dst);
	uint32_t n = frag_segs[q->first].end;
	struct pkt p;

	if (h == NULL || says_nothing(h) || q->hlen == 0 || q->first == 0 ||
	    frag_segs[q->first].off != 0 || h->t->act_icmp == ACT_FILTERED)
		return;
	if (n > PAGE_SIZE)
		n = PAGE_SIZE;
	if (n > q->first_len)
		n = q->first_len;
	memset(&p, 0, sizeof(p));
	memcpy(buf, q->eth, ETH_LEN);
	memcpy(buf + ETH_LEN, q->hdr, q->hlen);
	frag_copy_out(q, buf + ETH_LEN + q->hlen, n);
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
		tell_timeout(q);
		queue_free(q);
	}
}
