/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the decoys' small mutable state. A hash table over a fixed array
 * with a least-recently-used list; nothing is allocated, the oldest goes when
 * it is full. What can be derived from the sensor's key is, so that a decoy is
 * the same after eviction or a restart. Must never make an entry for an
 * address that is not a decoy's.
 */
#include "host.h"
#include "memo.h"

#include <string.h>

#include "../common/siphash.h"

#define HOST_BUCKETS   65536 /* power of two */
#define HOST_IDLE_MS   1800000u
#define HOST_OWNED_MAX 64
#define LRU_GRAIN_MS   1000u /* order of the list is this exact */

static struct host hosts[HOST_MAX + 1]; /* 0 is nobody: end of chains */
static uint32_t buckets[HOST_BUCKETS];
static uint32_t free_list, used; /* used: high-water mark of hosts[] */
static uint32_t lru_first, lru_last; /* newest, oldest */
static uint32_t epoch = 1; /* image generations seen */
static struct host *last;

static uint32_t owned[HOST_OWNED_MAX];
static uint32_t nowned;

static uint32_t *
bucket_of(uint32_t addr)
{
	static struct memo memo[MEMO_SLOTS];
	const uint32_t in[3] = {addr, 0, 0};

	return &buckets[memo_hash(memo, in) & (HOST_BUCKETS - 1)];
}

int
host_owned_add(uint32_t addr)
{
	if (host_owned(addr))
		return 0;
	if (nowned == HOST_OWNED_MAX)
		return -1;
	owned[nowned++] = addr;
	host_reload();
	return 0;
}

int
host_owned(uint32_t addr)
{
	uint32_t i;

	for (i = 0; i < nowned; i++)
		if (owned[i] == addr)
			return 1;
	for (i = 0; i < net.nifs; i++)
		if (net.ifs[i].addr == addr && addr != 0)
			return 1;
	return 0;
}

/* Is addr the first or last of its subnet? */
static int
is_edge(uint32_t addr, uint32_t mask)
{
	return mask < 0xfffffffeu && mask != 0 &&
	    ((addr & ~mask) == 0 || (addr & ~mask) == ~mask);
}

int
host_subnet_edge(uint32_t addr)
{
	const struct netif *nif;
	const struct prefix *n;
	uint32_t i;

	for (i = 0; i < net.nifs; i++) {
		nif = &net.ifs[i];
		if (nif->addr != 0 && nif->mask != 0 &&
		    (addr & nif->mask) == (nif->addr & nif->mask))
			return is_edge(addr, nif->mask);
	}
	/* No interface knows: whole blocks of /24 and more tell. */
	if ((addr & 0xff) != 0 && (addr & 0xff) != 0xff)
		return 0;
	for (i = 0; i < net.img.nnets; i++) {
		n = &net.img.nets[i];
		if (n->ver == 4 && n->bits >= 1 && n->bits <= 24 &&
		    prefix_has4(n, addr))
			return is_edge(addr, UINT32_MAX << (32 - n->bits));
	}
	return 0;
}

uint32_t
host_template(uint32_t addr)
{
	uint32_t i, t;

	if (net.img.trie_root == NULL)
		return IMG_NONE;
	t = image_lookup4(&net.img, addr);
	if (t == IMG_NONE || host_owned(addr) ||
	    host_subnet_edge(addr))
		return IMG_NONE;
	for (i = 0; i < net.img.nexcludes; i++)
		if (net.img.excludes[i].ver == 4 &&
		    prefix_has4(&net.img.excludes[i], addr))
			return IMG_NONE;
	return t;
}

static void
lru_unlink(struct host *h)
{
	if (h->lru_prev)
		hosts[h->lru_prev].lru_next = h->lru_next;
	else
		lru_first = h->lru_next;
	if (h->lru_next)
		hosts[h->lru_next].lru_prev = h->lru_prev;
	else
		lru_last = h->lru_prev;
}

static void
lru_front(struct host *h)
{
	uint32_t i = (uint32_t)(h - hosts);

	h->lru_prev = 0;
	h->lru_next = lru_first;
	if (lru_first)
		hosts[lru_first].lru_prev = i;
	else
		lru_last = i;
	lru_first = i;
}

static void
host_drop(struct host *h)
{
	uint32_t *p = bucket_of(h->addr);
	uint32_t i = (uint32_t)(h - hosts);

	while (*p != i)
		p = &hosts[*p].next;
	*p = h->next;
	lru_unlink(h);
	h->next = free_list;
	free_list = i;
	if (last == h)
		last = NULL;
	STAT_DEC(HOST_ENTRIES);
}

static void
derive_mac(uint32_t addr, const struct img_template *t, uint8_t mac[6])
{
	uint8_t in[8] = {'m', 'a', 'c', 0};
	uint64_t h;

	if (t->mac_mode == MAC_EXACT) {
		memcpy(mac, t->mac, 6);
		return;
	}
	memcpy(in + 4, &addr, 4);
	h = siphash24(net.key, in, sizeof(in));
	memcpy(mac, &h, 6);
	if (t->mac_mode == MAC_VENDOR)
		memcpy(mac, t->mac, 3);
	else
		mac[0] = (uint8_t)((mac[0] & 0xfc) | 0x02);
}

static void
host_point(struct host *h)
{
	h->t = &net.img.templates[h->tmpl];
	h->p = &net.img.personas[h->t->persona];
	h->generation = epoch;
	derive_mac(h->addr, h->t, h->mac);
}

static struct host *
host_make(uint32_t addr)
{
	uint32_t *b, i, t = host_template(addr);
	struct host *h;

	if (t == IMG_NONE)
		return NULL;
	if (free_list == 0 && used == HOST_MAX) {
		host_drop(&hosts[lru_last]);
		STAT_INC(HOST_EVICTED);
	}
	if (free_list) {
		i = free_list;
		free_list = hosts[i].next;
	} else {
		i = ++used;
	}
	h = &hosts[i];
	memset(h, 0, sizeof(*h));
	h->addr = addr;
	h->tmpl = t;
	h->last_ms = net.now_ms;
	host_point(h);
	host_clock_init(h);
	b = bucket_of(addr);
	h->next = *b;
	*b = i;
	lru_front(h);
	STAT_INC(HOST_ENTRIES);
	return h;
}

/* The image changed since h was last used. NULL: no decoy any more. */
static struct host *
host_renew(struct host *h)
{
	uint32_t t = host_template(h->addr);

	if (t == IMG_NONE) {
		host_drop(h);
		return NULL;
	}
	h->tmpl = t;
	host_point(h);
	host_clock_renew(h);
	return h;
}

struct host *
host_peek(uint32_t addr)
{
	uint32_t i;

	if (last != NULL && last->addr == addr)
		return last;
	for (i = *bucket_of(addr); i != 0; i = hosts[i].next)
		if (hosts[i].addr == addr)
			return last = &hosts[i];
	return NULL;
}

struct host *
host_get(uint32_t addr)
{
	struct host *h = host_peek(addr);

	if (h == NULL)
		return last = host_make(addr);
	if (h->generation != epoch)
		return last = host_renew(h);
	if (net.now_ms - h->last_ms > LRU_GRAIN_MS) {
		h->last_ms = net.now_ms;
		lru_unlink(h);
		lru_front(h);
	}
	return h;
}

void
host_prefetch(uint32_t addr)
{
	__builtin_prefetch(bucket_of(addr));
}

void
host_reload(void)
{
	epoch++;
	last = NULL;
}

void
host_tick(void)
{
	uint32_t n;

	for (n = 0; n < 1024 && lru_last != 0; n++) {
		if (net.now_ms - hosts[lru_last].last_ms < HOST_IDLE_MS)
			break;
		host_drop(&hosts[lru_last]);
	}
}

void
host_mac(const struct netif *nif, uint32_t addr, uint8_t mac[6])
{
	struct host *h;
	uint32_t t;

	if (net.img.hdr != NULL && net.img.hdr->flags & IMG_F_MAC_HOST) {
		memcpy(mac, nif->mac, 6);
		return;
	}
	h = host_peek(addr);
	if (h != NULL && h->generation == epoch) {
		memcpy(mac, h->mac, 6);
		return;
	}
	t = host_template(addr);
	if (t == IMG_NONE)
		memcpy(mac, nif->mac, 6);
	else
		derive_mac(addr, &net.img.templates[t], mac);
}
