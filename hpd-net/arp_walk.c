/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the paced walk over the on-link nets, so that addresses are claimed
 * before anybody asks. Each tick looks at a bounded number of them; off-link
 * nets are routed to the sensor and need no claim.
 */
#include "arp_int.h"

#include <string.h>

#define STEPS 4096 /* addresses looked at in one tick */

static struct {
	uint32_t nif, net, off; /* where the walk is */
	uint32_t started, due_ms;
	uint8_t on;
} walk;

static int
onlink(const struct netif *nif, uint32_t addr)
{
	return nif->addr == 0 || nif->mask == 0 ||
	    (addr & nif->mask) == (nif->addr & nif->mask);
}

/* Next address of the walk, 0 at its end or when this tick's steps are up. */
static uint32_t
walk_next(uint32_t *steps)
{
	const struct prefix *n;
	uint32_t size, addr;

	while (*steps > 0) {
		if (walk.nif >= net.nifs) {
			walk.on = 0;
			return 0;
		}
		if (walk.net >= net.img.nnets) {
			walk.nif++;
			walk.net = walk.off = 0;
			continue;
		}
		n = &net.img.nets[walk.net];
		size = n->bits == 0 ? UINT32_MAX : 1u << (32 - n->bits);
		addr = addr_ip4(n->addr) + walk.off;
		if (n->ver != 4 || walk.off >= size) {
			walk.net++;
			walk.off = 0;
			continue;
		}
		--*steps;
		walk.off++;
		if (onlink(&net.ifs[walk.nif], addr) &&
		    host_template(addr) != IMG_NONE &&
		    arp_state(addr) == ARP_NONE)
			return addr;
	}
	return 0;
}

void
arp_walk_tick(void)
{
	uint32_t pace = 0, steps = STEPS, addr;

	if (net.img.hdr != NULL)
		pace = net.img.hdr->arp_pace_ms;
	if (pace == 0)
		pace = ARP_TICK_MS;
	while (walk.on && (int32_t)(net.now_ms - walk.due_ms) >= 0) {
		if (!arp_background_room())
			return;
		addr = walk_next(&steps);
		if (addr == 0)
			return;
		if (arp_background(&net.ifs[walk.nif], addr) == -1)
			return;
		walk.due_ms += pace;
		if (++walk.started >= ARP_BACKGROUND)
			walk.on = 0;
	}
}

void
arp_start(void)
{
	memset(&walk, 0, sizeof(walk));
	walk.on = 1;
	walk.due_ms = net.now_ms;
	arp_arm();
}

int
arp_walking(void)
{
	return walk.on;
}

void
arp_walk_reset(void)
{
	memset(&walk, 0, sizeof(walk));
}
