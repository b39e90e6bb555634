/* SPDX-License-Identifier: ISC */
/*
 * The parent's packet descriptors: opened, filtered (libpcap compiles), bound
 * and locked before anybody else sees them. One implementation an OS:
 * ifopen_linux.c, ifopen_openbsd.c. Runs as root in hpd-parent; reads nothing
 * from the wire.
 */
#ifndef HPD_IFOPEN_H
#define HPD_IFOPEN_H

#include <stddef.h>
#include <stdint.h>

#include "../common/addr.h"
#include "../common/proto.h"

#define IFOPEN_MAX_FDS 5

struct ifopen_set {
	int n;
	int fd[IFOPEN_MAX_FDS];
	struct msg_net_iface msg[IFOPEN_MAX_FDS];
};

/*
 * Open every descriptor hpd-net needs on interface name for nets (cover of
 * what we answer for). unit: our number of the interface; first_slot: first
 * FD_PACKET slot to use. compat: plain sends only (no XSK). netns: descriptor
 * of the network namespace the interface is in, or -1 for ours; the calling
 * process is back in its own on return. 0, or -1 with a message in err.
 */
int ifopen(const char *name, const struct prefix *nets, size_t nnets,
    uint8_t unit, uint8_t first_slot, int compat, int netns,
    struct ifopen_set *out, char *err, size_t errlen);
/* Close what is left in the set. */
void ifopen_close(struct ifopen_set *);

/* The sensor's own addresses and its gateways on all interfaces (of netns),
 * over libdnet. Returns how many were stored (at most max), -1 on error. */
int ifopen_owned(int netns, struct msg_net_owned *, size_t max);

/* Current state: 1 up, 0 down, 2 gone; *mtu set when there. */
int ifopen_link(const char *name, int netns, uint32_t *mtu, uint32_t *ifindex);

#endif
