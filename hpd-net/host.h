/* SPDX-License-Identifier: ISC */
/*
 * A decoy as packets see it: the template and persona of an address, and its
 * small mutable state (IP ID counters, ISN and timestamp clocks, error rate
 * bucket), made lazily, bounded, evicted when idle.
 */
#ifndef HPD_HOST_H
#define HPD_HOST_H

#include <stdint.h>

#include "../common/personagen.h"
#include "net.h"

#define HOST_MAX 65536

#define HOST_F_MUTE 0x01 /* flags: the address is another's for now */
#define HOST_F_HERE 0x02 /* frames for it came to its MAC or to ours */

struct host {
	uint32_t addr; /* host order */
	uint32_t tmpl; /* index in the image */
	uint32_t generation;
	uint32_t last_ms;
	const struct img_template *t; /* re-pointed after a reload */
	const struct img_persona *p;
	int64_t isn_ns;	   /* when isn last gave a number */
	struct gen_isn isn;
	struct gen_ipid ipid;
	uint16_t icmp_tokens; /* icmp_limit.c's */
	uint32_t icmp_ms;
	uint32_t ipid_ms;  /* when ipid last gave a number */
	uint32_t probe_seq; /* persona_probe.c's */
	uint32_t ts_base;  /* timestamp clock's value at net.start_wall_ns */
	int32_t skew_ppb;  /* of that clock: derived, or as set */
	uint8_t mac[6];
	uint16_t flags;
	uint32_t next, lru_prev, lru_next; /* host.c's */
};
_Static_assert(sizeof(struct host) <= 128, "host");

/* Template index of an address (trie, excludes, sensor's own), IMG_NONE. */
uint32_t host_template(uint32_t addr);
/* The host, made if new. NULL only when the address is nobody's. The pointer
 * is valid until the next host_get(). */
struct host *host_get(uint32_t addr);
/* The host if it exists already, else NULL. Same lifetime. */
struct host *host_peek(uint32_t addr);
/* An address that is the sensor's own, its gateway's or configured so: never
 * ours. 0, or -1 when the list is full (64). */
int host_owned_add(uint32_t addr);
int host_owned(uint32_t addr);
/* Is addr the network or broadcast address of a subnet: of an interface's own,
 * or, where no interface has an address there, of a block of /24 or more that
 * is decoys' as a whole? */
int host_subnet_edge(uint32_t addr);
/* Bring the hash bucket of an address near (batches). */
void host_prefetch(uint32_t addr);
/* Once a second: forget hosts idle for half an hour, a bounded number. */
void host_tick(void);
/* After a reload: forget cached image pointers. */
void host_reload(void);
/* MAC of a decoy: exact, vendor + keyed tail, or derived; the interface's own
 * with `mac host`. */
void host_mac(const struct netif *, uint32_t addr, uint8_t mac[6]);

/* Set the counters and clocks of a new host (host_clock.c). */
void host_clock_init(struct host *);
/* After a reload the persona may be another: its clock, and counters within
 * its windows, but none begins anew. */
void host_clock_renew(struct host *);

/* index of img_persona.ipid; the last: a number of none of the counters */
enum ipid_use { IPID_FOR_TCP, IPID_FOR_RST, IPID_FOR_ICMP, IPID_FOR_NONE };
/* Next IP ID (host order) by the persona; peer: for per-destination ones. */
uint16_t host_ipid(struct host *, enum ipid_use, uint32_t peer);
/* Counters beyond their window go back into it, although not quiet. */
void host_ipid_rest(struct host *);
/* Initial sequence number. nmap: for one of nmap's own layouts, which alone
 * see the pattern of a stack whose numbers are hashed. */
uint32_t host_isn(struct host *, uint32_t peer, uint16_t sport,
    uint16_t dport, int nmap);
/* TSval now (never 0), or 0 when the persona sends none; nmap: as seen by its
 * own layouts. Where connections have offsets of their own (ts_log2), the
 * caller adds one for others. */
uint32_t host_tsval(const struct host *, int nmap);

#endif
