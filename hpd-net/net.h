/* SPDX-License-Identifier: ISC */
/*
 * hpd-net's one context: the mapped image, interfaces, clocks, loop and event
 * queue. Single-threaded; everything hangs on it or is static in its module.
 */
#ifndef HPD_NET_H
#define HPD_NET_H

#include <stdint.h>

#include "../common/evq.h"
#include "../common/image.h"
#include "../common/loop.h"
#include "../common/wheel.h"
#include "io.h"
#include "stats.h"

#define NET_MAX_IFS 4

struct net {
	struct image img;
	uint8_t key[16];     /* sensor key, from START */
	uint8_t hash_key[16]; /* random per start: hash tables only */
	uint64_t boot;
	uint64_t next_session;
	int64_t now_wall_ns; /* read once a batch (or the ring's stamp) */
	int64_t now_mono_ns;
	uint32_t now_ms;     /* wheel time */
	int64_t start_wall_ns; /* when the suite (not this process) began: the
				  uptime base, derived from boot */
	struct netif ifs[NET_MAX_IFS];
	uint8_t nifs;
	uint8_t running;     /* START came */
	uint8_t draining;
	uint8_t hurry;	     /* a bulk transfer is under way: no waiting */
	uint32_t bulk_ms;    /* when one last moved much, wheel time */
	struct loop *loop;
	struct wheel wheel;  /* shared by tcp, udp flows, frag, arp */
	struct evq evq;
};

extern struct net net;

/* Unpredictable 32 bits (SipHash of a counter under hash_key). */
uint32_t net_rnd(void);
/* Interface of an index as struct peer keeps it; never NULL. */
static inline struct netif *
net_if(uint8_t i)
{
	return &net.ifs[i < NET_MAX_IFS ? i : 0];
}

#endif
