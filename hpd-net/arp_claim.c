/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: which addresses are ours on the link. States in a 16-way table that
 * does not grow with the nets (a claim pushed out is only probed again), and a
 * bounded list of probes under way.
 * Must never claim the sensor's own address, a gateway's or a live host's
 * (host_template says which are nobody's).
 */
#include "arp_int.h"

#include <string.h>

#include "../common/siphash.h"
#include "report.h"
#include "timer.h"

#define WAYS	   16
#define SETS	   (ARP_CLAIMS_MAX / WAYS)
#define BG_PENDING 256 /* of the pending ones, unasked */
#define AGAIN_MAX  1024

struct claim {
	uint32_t addr; /* 0: free */
	uint32_t ms;   /* last change or use */
	uint32_t defend_ms;
	uint8_t state, nif;
	uint8_t defended, spare;
};

struct pending {
	uint32_t addr, next_ms;
	uint32_t asker_ip;
	uint8_t asker[6];
	uint8_t nif, probes, announced, asked, background;
};

static struct claim table[SETS][WAYS];
static struct pending pend[ARP_PENDING_MAX];
static uint32_t npend, nbg;
static struct { /* yielded ones, oldest first: all wait equally long */
	uint32_t addr, ms;
	uint8_t nif;
} again[AGAIN_MAX];
static uint32_t again_head, again_count;
static struct net_timer timer;

static int
full(void)
{
	return net.img.hdr != NULL && net.img.hdr->flags & IMG_F_ARP_FULL;
}

static struct claim *
set_of(uint32_t addr)
{
	return table[siphash13(net.hash_key, &addr, sizeof(addr)) & (SETS - 1)];
}

static struct claim *
find(uint32_t addr)
{
	struct claim *c = set_of(addr);
	int i;

	for (i = 0; i < WAYS; i++)
		if (c[i].addr == addr)
			return &c[i];
	return NULL;
}

/* A row for addr; the longest unused settled one of its set makes room. */
static struct claim *
find_or_make(uint32_t addr)
{
	struct claim *c = find(addr), *old = NULL;
	int i;

	if (c != NULL)
		return c;
	c = set_of(addr);
	for (i = 0; i < WAYS; i++) {
		if (c[i].addr == 0) {
			old = &c[i];
			break;
		}
		if (c[i].state == ARP_PROBING)
			continue;
		if (old == NULL || net.now_ms - c[i].ms > net.now_ms - old->ms)
			old = &c[i];
	}
	if (old == NULL)
		return NULL;
	if (old->addr != 0 && old->state == ARP_CLAIMED)
		STAT_DEC(ARP_CLAIMED);
	memset(old, 0, sizeof(*old));
	old->addr = addr;
	old->ms = net.now_ms;
	return old;
}

enum arp_state
arp_state(uint32_t addr)
{
	const struct claim *c = find(addr);

	return c == NULL ? ARP_NONE : (enum arp_state)c->state;
}

static void
set_state(struct claim *c, uint8_t state)
{
	struct host *h;

	if (c->state == ARP_CLAIMED)
		STAT_DEC(ARP_CLAIMED);
	if (state == ARP_CLAIMED)
		STAT_INC(ARP_CLAIMED);
	c->state = state;
	c->ms = net.now_ms;
	if (state == ARP_CLAIMED && (h = host_peek(c->addr)) != NULL)
		h->flags &= (uint16_t)~HOST_F_MUTE;
	else if ((state == ARP_LIVE || state == ARP_YIELDED) &&
	    (h = host_get(c->addr)) != NULL)
		h->flags |= HOST_F_MUTE;
}

static void
on_timer(struct net_timer *t)
{
	arp_tick();
	if (npend > 0 || arp_walking() || again_count > 0)
		net_timer_set(t, ARP_TICK_MS);
}

void
arp_arm(void)
{
	if (timer.fn == NULL)
		net_timer_init(&timer, on_timer);
	if (!net_timer_armed(&timer))
		net_timer_set(&timer, ARP_TICK_MS);
}

static void
pend_del(uint32_t i)
{
	nbg -= pend[i].background;
	pend[i] = pend[--npend];
}

/* Begin probing. NULL: too many under way. */
static struct pending *
pend_add(struct netif *nif, uint32_t addr, int background)
{
	struct claim *c;
	struct pending *pd;

	if (npend == ARP_PENDING_MAX || (background && nbg >= BG_PENDING))
		return NULL;
	c = find_or_make(addr);
	if (c == NULL)
		return NULL;
	set_state(c, ARP_PROBING);
	c->nif = nif->unit;
	pd = &pend[npend++];
	memset(pd, 0, sizeof(*pd));
	pd->addr = addr;
	pd->nif = nif->unit;
	pd->background = background != 0;
	nbg += pd->background;
	pd->next_ms = net.now_ms + (full() ? net_rnd() % 1000 : 0);
	arp_arm();
	return pd;
}

int
arp_background(struct netif *nif, uint32_t addr)
{
	return pend_add(nif, addr, 1) == NULL ? -1 : 0;
}

int
arp_background_room(void)
{
	return nbg < BG_PENDING && npend < ARP_PENDING_MAX;
}

static int
expired(const struct claim *c)
{
	uint32_t age = net.now_ms - c->ms;

	return (c->state == ARP_LIVE && age >= ARP_LIVE_MS) ||
	    (c->state == ARP_YIELDED && age >= ARP_YIELD_MS);
}

static struct pending *
pend_find(uint32_t addr)
{
	uint32_t i;

	for (i = 0; i < npend; i++)
		if (pend[i].addr == addr)
			return &pend[i];
	return NULL;
}

enum arp_state
arp_want(struct netif *nif, uint32_t addr, const uint8_t mac[6], uint32_t ip)
{
	struct claim *c = find(addr);
	struct pending *pd = NULL;

	if (c != NULL && c->state == ARP_CLAIMED) {
		c->ms = net.now_ms;
		return ARP_CLAIMED;
	}
	if (c != NULL && c->state == ARP_PROBING)
		pd = pend_find(addr);
	else if (c == NULL || c->state == ARP_NONE || expired(c))
		pd = pend_add(nif, addr, 0);
	else
		return (enum arp_state)c->state;
	if (pd == NULL) {
		STAT_INC(ARP_PENDING_FULL);
		report_limit("arp probes", 1);
		return ARP_NONE;
	}
	if (!pd->asked && ip != 0) {
		pd->asked = 1;
		pd->asker_ip = ip;
		memcpy(pd->asker, mac, 6);
	}
	if (pd->probes == 0 && !full() && pd->next_ms == net.now_ms) {
		arp_send_probe(nif, addr);
		pd->probes = 1;
		pd->next_ms = net.now_ms + 150;
	}
	return ARP_PROBING;
}

static void
lost_probe(struct claim *c, const uint8_t mac[6])
{
	uint32_t i;

	for (i = 0; i < npend; i++)
		if (pend[i].addr == c->addr) {
			pend_del(i);
			break;
		}
	set_state(c, ARP_LIVE);
	report_mac(EV_ARP_YIELD, c->addr, mac);
}

static void
conflict(struct netif *nif, struct claim *c, const uint8_t mac[6])
{
	STAT_INC(ARP_CONFLICTS);
	report_mac(EV_ARP_CONFLICT, c->addr, mac);
	if (!c->defended || net.now_ms - c->defend_ms >= ARP_DEFEND_MS) {
		c->defended = 1;
		c->defend_ms = net.now_ms;
		arp_send_announce(nif, c->addr);
		return;
	}
	c->defended = 0;
	set_state(c, ARP_YIELDED);
	STAT_INC(ARP_YIELDED);
	report_mac(EV_ARP_YIELD, c->addr, mac);
	if (again_count == AGAIN_MAX)
		return; /* probed again when somebody asks */
	again[(again_head + again_count) % AGAIN_MAX].addr = c->addr;
	again[(again_head + again_count) % AGAIN_MAX].ms = net.now_ms;
	again[(again_head + again_count) % AGAIN_MAX].nif = nif->unit;
	again_count++;
	arp_arm();
}

void
arp_seen(struct netif *nif, uint32_t addr, const uint8_t mac[6], int probe)
{
	uint8_t own[6];
	struct claim *c;

	if (host_template(addr) == IMG_NONE)
		return;
	host_mac(nif, addr, own);
	if (memcmp(own, mac, 6) == 0)
		return;
	c = find(addr);
	if (probe) {
		/* Another one wants it: while we do, theirs (RFC 5227 2.1.1);
		 * once claimed, our reply is the defence. */
		if (c != NULL && c->state == ARP_PROBING)
			lost_probe(c, mac);
		return;
	}
	if (c == NULL)
		c = find_or_make(addr);
	if (c == NULL)
		return;
	switch (c->state) {
	case ARP_PROBING:
		lost_probe(c, mac);
		break;
	case ARP_CLAIMED:
		conflict(nif, c, mac);
		break;
	case ARP_NONE:
		set_state(c, ARP_LIVE);
		break;
	case ARP_LIVE:
		c->ms = net.now_ms;
		break;
	}
}

static void
claim(struct pending *pd, struct claim *c)
{
	struct netif *nif = net_if(pd->nif);
	uint8_t mac[6];

	host_mac(nif, pd->addr, mac);
	set_state(c, ARP_CLAIMED);
	report_mac(EV_ARP_CLAIM, pd->addr, mac);
	arp_send_announce(nif, pd->addr);
	pd->announced = 1;
	if (pd->asked) {
		arp_send(nif, 2, pd->asker, mac, pd->addr, pd->asker,
		    pd->asker_ip);
		STAT_INC(ANSWERED_ARP);
	}
}

/* One due step of pend[i]. Returns 1 when it is over and was removed. */
static int
pend_step(uint32_t i)
{
	struct pending *pd = &pend[i];
	struct claim *c = find(pd->addr);
	int probes = full() ? 3 : 2;

	if (c == NULL || host_template(pd->addr) == IMG_NONE ||
	    (c->state != ARP_PROBING && !pd->announced)) {
		if (c != NULL && c->state == ARP_PROBING)
			set_state(c, ARP_NONE);
		pend_del(i);
		return 1;
	}
	if (pd->announced) { /* RFC 5227: a second time, 2 s later */
		if (c->state == ARP_CLAIMED)
			arp_send_announce(net_if(pd->nif), pd->addr);
		pend_del(i);
		return 1;
	}
	if (pd->probes < probes) {
		arp_send_probe(net_if(pd->nif), pd->addr);
		pd->probes++;
		if (!full())
			pd->next_ms = net.now_ms + 150;
		else if (pd->probes < probes)
			pd->next_ms = net.now_ms + 1000 + net_rnd() % 1000;
		else
			pd->next_ms = net.now_ms + 2000;
		return 0;
	}
	claim(pd, c);
	if (full()) {
		pd->next_ms = net.now_ms + 2000;
		return 0;
	}
	pend_del(i);
	return 1;
}

void
arp_tick(void)
{
	struct claim *c;
	uint32_t i = 0;

	while (i < npend)
		if ((int32_t)(net.now_ms - pend[i].next_ms) < 0 ||
		    !pend_step(i))
			i++;
	while (again_count > 0 &&
	    net.now_ms - again[again_head].ms >= ARP_YIELD_MS) {
		c = find(again[again_head].addr);
		if (c != NULL && c->state == ARP_YIELDED &&
		    pend_add(net_if(again[again_head].nif), c->addr, 1) == NULL)
			break; /* no room now: next tick */
		again_head = (again_head + 1) % AGAIN_MAX;
		again_count--;
	}
	arp_walk_tick();
}

void
arp_reset(void)
{
	memset(table, 0, sizeof(table));
	npend = nbg = again_head = again_count = 0;
	arp_walk_reset();
	net_timer_del(&timer);
	stats[ST_ARP_CLAIMED] = 0;
}
