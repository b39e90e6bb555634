/* SPDX-License-Identifier: ISC */
/*
 * hpd-parent on Linux: network namespaces, the state of an interface, and the
 * addresses that are never a decoy's (the sensor's own, its gateways') over
 * libdnet.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

#include <dumbnet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "../common/buf.h"
#include "../common/diag.h"
#include "ifopen.h"
#include "ifopen_netns.h"

#define STAY 1000000 /* "home" when no namespace was entered */

int
ifopen_netns_enter(int netns)
{
	int home, e;

	if (netns == -1)
		return STAY;
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home == -1)
		return -1;
	if (setns(netns, CLONE_NEWNET) == -1) {
		e = errno;
		close(home);
		errno = e;
		return -1;
	}
	return home;
}

void
ifopen_netns_leave(int home)
{
	if (home == STAY)
		return;
	if (setns(home, CLONE_NEWNET) == -1)
		fatal("back to the own network namespace");
	close(home);
}

int
ifopen_link_up(int s, const char *name)
{
	struct ethtool_value v;
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	(void)str_copy(r.ifr_name, name, sizeof(r.ifr_name));
	if (ioctl(s, SIOCGIFFLAGS, &r) == -1)
		return -1;
	if (!(r.ifr_flags & IFF_UP))
		return 0;
	/* The carrier itself: IFF_RUNNING follows it up to a second later. */
	memset(&v, 0, sizeof(v));
	v.cmd = ETHTOOL_GLINK;
	r.ifr_data = (void *)&v;
	if (ioctl(s, SIOCETHTOOL, &r) == 0)
		return v.data != 0;
	if (ioctl(s, SIOCGIFFLAGS, &r) == -1)
		return -1;
	return (r.ifr_flags & IFF_RUNNING) != 0;
}

struct owned {
	struct msg_net_owned *list;
	size_t n, max;
};

static void
owned_add(struct owned *o, const struct addr *a, uint8_t why)
{
	struct msg_net_owned *m;

	if (a->addr_type != ADDR_TYPE_IP || a->addr_ip == 0 ||
	    o->n == o->max)
		return;
	m = &o->list[o->n++];
	memset(m, 0, sizeof(*m));
	memcpy(m->addr, &a->addr_ip, 4);
	m->ver = 4;
	m->why = why;
}

static int
on_intf(const struct intf_entry *e, void *arg)
{
	u_int i;

	owned_add(arg, &e->intf_addr, 1);
	for (i = 0; i < e->intf_alias_num; i++)
		owned_add(arg, &e->intf_alias_addrs[i], 1);
	return 0;
}

static int
on_route(const struct route_entry *e, void *arg)
{
	owned_add(arg, &e->route_gw, 2);
	return 0;
}

int
ifopen_owned(int netns, struct msg_net_owned *list, size_t max)
{
	struct owned o = {list, 0, max};
	intf_t *i;
	route_t *r;
	int home = ifopen_netns_enter(netns), ok = 1;

	if (home == -1)
		return -1;
	if ((i = intf_open()) == NULL || intf_loop(i, on_intf, &o) == -1)
		ok = 0;
	if (i != NULL)
		intf_close(i);
	if ((r = route_open()) == NULL || route_loop(r, on_route, &o) == -1)
		ok = 0;
	if (r != NULL)
		route_close(r);
	ifopen_netns_leave(home);
	return ok ? (int)o.n : -1;
}

int
ifopen_link(const char *name, int netns, uint32_t *mtu, uint32_t *ifindex)
{
	int home = ifopen_netns_enter(netns), s, state = 2;
	struct ifreq r;

	if (home == -1)
		return 2;
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memset(&r, 0, sizeof(r));
	(void)str_copy(r.ifr_name, name, sizeof(r.ifr_name));
	if (s != -1 && ioctl(s, SIOCGIFINDEX, &r) == 0) {
		*ifindex = (uint32_t)r.ifr_ifindex;
		if (ioctl(s, SIOCGIFMTU, &r) == 0)
			*mtu = (uint32_t)r.ifr_mtu;
		state = ifopen_link_up(s, name);
		if (state == -1)
			state = 2;
	}
	if (s != -1)
		close(s);
	ifopen_netns_leave(home);
	return state;
}
