/* SPDX-License-Identifier: ISC */
/*
 * Interfaces: their packet descriptors are opened here for each life of
 * hpd-net and handed over; their link is looked at once a second. Runs in
 * hpd-parent; no frame is ever read here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/diag.h"

#include "parent.h"

#define OWNED_MAX  1024 /* looked at */
#define OWNED_SEND 64	/* hpd-net keeps so many */
#define LINK_EVERY NS_SEC
#define REOPEN_RETRY (2 * NS_SEC)
#define SLOTS	   (FD_PACKET_MAX - FD_PACKET_MIN + 1)
#define XSK_SLOTS  5 /* receive, send, AF_XDP, its memory, GSO */

#define LINK_DOWN 0
#define LINK_UP	  1
#define LINK_GONE 2

int
packets_init(struct parent *p)
{
	char path[300];

	p->netns = -1;
	if (p->flags.netns != NULL) {
		snprintf(path, sizeof(path), "/run/netns/%s", p->flags.netns);
		p->netns = open(path, O_RDONLY | O_CLOEXEC);
		if (p->netns == -1) {
			diag_warn("%s", path);
			return -1;
		}
	}
	p->nunits = p->flags.nifaces;
	for (int i = 0; i < p->nunits; i++) {
		p->units[i].name = p->flags.ifaces[i];
		p->units[i].base = (uint8_t)(i * (SLOTS / p->nunits));
	}
	return 0;
}

static int
within_nets(const struct image *img, const struct msg_net_owned *m)
{
	for (uint32_t i = 0; i < img->nnets; i++)
		if (m->ver == 4 &&
		    prefix_has4(&img->nets[i], addr_ip4(m->addr)))
			return 1;
	return 0;
}

/* The sensor's own addresses among those we would answer for. */
static void
send_owned(struct parent *p, struct kid *net)
{
	static struct msg_net_owned owned[OWNED_MAX];
	int n, sent = 0;

	n = ifopen_owned(p->netns, owned, OWNED_MAX);
	if (n == -1) {
		diag_warnx("the sensor's own addresses could not be read");
		return;
	}
	for (int i = 0; i < n; i++) {
		if (!within_nets(&p->image, &owned[i]))
			continue;
		if (sent++ < OWNED_SEND)
			kid_send(p, net, MSG_NET_OWNED, &owned[i],
			    sizeof(owned[i]), -1);
	}
	if (n == OWNED_MAX || sent > OWNED_SEND)
		diag_warnx("too many addresses of the sensor's own lie in the "
		    "decoys' networks: exclude them in the configuration");
}

/* Open and send the descriptors of one interface. 0, or -1 with err. */
static int
send_unit(struct parent *p, struct kid *net, int i, char *err, size_t errlen)
{
	struct unit *u = &p->units[i];
	int room = SLOTS / p->nunits;
	int compat = room < XSK_SLOTS ||
	    (p->image.hdr->flags & IMG_F_COMPAT) != 0;
	struct ifopen_set set;

	if (ifopen(u->name, p->image.nets, p->image.nnets, (uint8_t)i, u->base,
		compat, p->netns, &set, err, errlen) == -1)
		return -1;
	if (set.n > room) {
		ifopen_close(&set);
		snprintf(err, errlen, "%d descriptors, room for %d", set.n,
		    room);
		return -1;
	}
	for (int j = 0; j < set.n; j++) {
		set.msg[j].generation = p->generation;
		kid_send(p, net, MSG_NET_IFACE, &set.msg[j],
		    sizeof(set.msg[j]), set.fd[j]);
	}
	u->link = set.msg[0].link_up ? LINK_UP : LINK_DOWN;
	u->mtu = set.msg[0].mtu;
	u->ifindex = set.msg[0].ifindex;
	u->reopen = 0;
	ifopen_close(&set);
	return 0;
}

/* first: a new hpd-net, all of it; else what changed. At the suite's start an
 * interface that cannot be opened is fatal (-1); later it is waited for. */
int
packets_send(struct parent *p, struct kid *net, int first)
{
	char err[256];

	send_owned(p, net);
	for (int i = 0; i < p->nunits; i++) {
		struct unit *u = &p->units[i];

		if (!first && !u->reopen)
			continue;
		if (send_unit(p, net, i, err, sizeof(err)) == 0)
			continue;
		if (p->phase == PHASE_START || u->retry_at == 0)
			diag_warnx("interface %s: %s", u->name, err);
		if (p->phase == PHASE_START)
			return -1;
		u->reopen = 1;
		u->retry_at = p->now + REOPEN_RETRY;
	}
	return 0;
}

void
packets_reopen(struct parent *p)
{
	for (int i = 0; i < p->nunits; i++)
		p->units[i].reopen = 1;
}

/* The link changed, as far as hpd-net has to know. */
static void
link_changed(struct parent *p, struct kid *net, int i, int state, uint32_t mtu,
    uint32_t ifindex)
{
	struct unit *u = &p->units[i];
	struct msg_net_link m = {.unit = (uint8_t)i, .state = (uint8_t)state};
	int back = state != LINK_GONE &&
	    (u->link == LINK_GONE || ifindex != u->ifindex);

	m.mtu = state == LINK_GONE ? u->mtu : mtu;
	u->link = state;
	u->mtu = m.mtu;
	if (back)
		u->reopen = 1;
	if (state != LINK_GONE)
		u->ifindex = ifindex;
	kid_send(p, net, MSG_NET_LINK, &m, sizeof(m), -1);
	info("interface %s: %s", u->name,
	    state == LINK_GONE ? "gone" : state == LINK_UP ? "up" : "down");
}

static void
look(struct parent *p, struct kid *net)
{
	for (int i = 0; i < p->nunits; i++) {
		struct unit *u = &p->units[i];
		uint32_t mtu = 0, ifindex = 0;
		int state = ifopen_link(u->name, p->netns, &mtu, &ifindex);

		if (state < LINK_DOWN || state > LINK_GONE)
			continue;
		if (state != u->link ||
		    (state != LINK_GONE &&
			(mtu != u->mtu || ifindex != u->ifindex)))
			link_changed(p, net, i, state, mtu, ifindex);
	}
}

void
packets_timers(struct parent *p)
{
	struct kid *net = &p->kids[KID_NET];
	int due = 0;

	if (p->phase != PHASE_RUN || net->state != KID_RUN || !net->open)
		return;
	if (p->now >= p->link_at) {
		p->link_at = p->now + LINK_EVERY;
		look(p, net);
	}
	for (int i = 0; i < p->nunits; i++) {
		struct unit *u = &p->units[i];

		if (u->reopen && u->link != LINK_GONE && p->now >= u->retry_at)
			due = 1;
	}
	if (due && net->open && net->gen == p->generation) {
		packets_send(p, net, 0);
		for (int i = 0; i < p->nunits; i++)
			if (!p->units[i].reopen)
				p->units[i].retry_at = 0;
	}
}
