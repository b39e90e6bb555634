/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: interfaces as the parent hands them over, one descriptor a message;
 * the receiving one comes last and completes a set. A new set for an interface
 * replaces the old one after that was drained. Linux back end.
 */
#include <string.h>

#include "../common/buf.h"
#include "../common/chan.h"
#include "../common/diag.h"
#include "../common/proc.h"
#include "arp.h"
#include "host.h"
#include "io_linux.h"
#include "net_run.h"
#include "pump.h"

#define DLT_ETHERNET 1
#define DRAIN_ROUNDS 64 /* of the old ring, PUMP_FRAMES each */

static struct unit {
	struct io_fds fds; /* being collected */
	uint8_t collecting;
	struct pump pump;
	struct loop_fd *watch;
} units[NET_MAX_IFS];

static void
on_readable(int fd, int what, void *arg)
{
	struct unit *u = arg;

	(void)fd, (void)what;
	(void)pump_run(&u->pump);
}

static void
fill(struct netif *nif, const struct msg_net_iface *m)
{
	nif->ifindex = m->ifindex;
	nif->mtu = m->mtu;
	nif->unit = m->unit;
	nif->link_up = m->link_up;
	memcpy(nif->mac, m->mac, 6);
	nif->addr = be32(m->addr);
	nif->mask = be32(m->mask);
	memcpy(nif->name, m->name, sizeof(nif->name));
	nif->name[sizeof(nif->name) - 1] = '\0';
	nif->generation = m->generation;
}

static void
close_old(struct netif *nif, struct unit *u)
{
	int i;

	loop_fd_del(u->watch);
	u->watch = NULL;
	for (i = 0; i < DRAIN_ROUNDS && pump_run(&u->pump) > 0; i++)
		;
	io_tx_flush(nif);
	io_close(nif);
}

static void
complete(struct unit *u, const struct msg_net_iface *m)
{
	struct netif *nif = &net.ifs[m->unit];
	struct xsk *x = NULL;

	if (nif->io != NULL) {
		if (u->fds.xsk == -1 && nif->ifindex == m->ifindex &&
		    u->fds.tx != -1)
			x = io_linux_take_xsk(nif);
		close_old(nif, u);
	}
	fill(nif, m);
	if (io_linux_open(nif, &u->fds) == -1)
		fatal("%s: packet sockets", nif->name);
	if (x != NULL)
		io_linux_give_xsk(nif, x);
	u->collecting = 0;
	if (m->unit >= net.nifs)
		net.nifs = (uint8_t)(m->unit + 1);
	pump_init(&u->pump, nif, net_batch, NULL);
	u->watch = loop_fd_add(net.loop, io_rx_fd(nif), LOOP_READ,
	    on_readable, u);
	if (u->watch == NULL)
		fatal("%s: watch", nif->name);
	info("%s: sending by %s%s", nif->name, io_linux_tx_name(nif),
	    io_has_gso(nif) ? ", large sends by GSO" : "");
	host_reload(); /* the interface's own addresses are nobody's */
	if (net.running)
		arp_start();
}

void
net_if_message(struct chan_msg *m)
{
	const struct msg_net_iface *n = &m->u.net_iface;
	struct unit *u;
	int fd;

	if (n->unit >= NET_MAX_IFS || n->linktype != DLT_ETHERNET ||
	    n->slot > FD_PACKET_MAX - FD_PACKET_MIN)
		fatalx("NET_IFACE: unit %u, slot %u, link type %u", n->unit,
		    n->slot, n->linktype);
	u = &units[n->unit];
	fd = fd_place(m->fd, FD_PACKET_MIN + n->slot);
	if (fd == -1)
		fatal("NET_IFACE: descriptor");
	if (!u->collecting) {
		io_fds_init(&u->fds);
		u->collecting = 1;
	}
	io_fds_take(&u->fds, n, fd);
	if (n->role == IFACE_RX)
		complete(u, n);
}

void
net_link_message(const struct msg_net_link *m)
{
	static const char *const word[] = {"down", "up", "gone"};
	struct netif *nif;

	if (m->unit >= net.nifs || m->state > 2)
		return;
	nif = &net.ifs[m->unit];
	nif->link_up = m->state == 1;
	if (m->mtu != 0)
		nif->mtu = m->mtu;
	(void)evq_text(&net.evq, EV_NET_LINK, 0, "%s %s", nif->name,
	    word[m->state]);
	info("%s: link %s, mtu %u", nif->name, word[m->state], nif->mtu);
	if (m->state == 1 && net.running)
		arp_start();
}
