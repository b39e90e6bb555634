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
	struct io_fds fds; /* in use, or being collected */
	uint8_t collecting;
	struct pump pump;
	struct loop_fd *watch;
	int64_t last_ns;   /* stamp of the last frame handled */
	struct xsk *kept;  /* the old set's AF_XDP, when the new has none */
	int kept_fd[2];
} units[NET_MAX_IFS];

static void
on_readable(int fd, int what, void *arg)
{
	struct unit *u = arg;

	(void)fd, (void)what;
	(void)pump_run(&u->pump);
}

static void
on_batch(struct pkt *pk, int n, void *arg)
{
	struct unit *u = arg;

	u->last_ns = pk[n - 1].ts_ns;
	net_batch(pk, n, NULL);
}

static int
in_use(int fd)
{
	const struct unit *u;
	int i;

	for (i = 0; i < NET_MAX_IFS; i++) {
		u = &units[i];
		if ((u->collecting || u->watch != NULL) &&
		    (u->fds.rx == fd || u->fds.tx == fd || u->fds.xsk == fd ||
			u->fds.umem == fd || u->fds.gso == fd))
			return 1;
		if (u->kept != NULL &&
		    (u->kept_fd[0] == fd || u->kept_fd[1] == fd))
			return 1;
	}
	return 0;
}

/* The parent's slot when it is free, else the first free one: two sets of an
 * interface may be there for a moment. */
static int
choose(uint8_t slot)
{
	int fd = FD_PACKET_MIN + slot;

	if (!in_use(fd))
		return fd;
	for (fd = FD_PACKET_MIN; fd <= FD_PACKET_MAX; fd++)
		if (!in_use(fd))
			return fd;
	fatalx("NET_IFACE: no descriptor number left");
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

/* The first message of a new set came: drain the old one and close it. Its
 * AF_XDP socket still has the interface's queue, so that the parent could open
 * none: it is kept for the new set. */
static void
retire(struct netif *nif, struct unit *u, const struct msg_net_iface *m)
{
	int i;

	loop_fd_del(u->watch);
	u->watch = NULL;
	for (i = 0; i < DRAIN_ROUNDS && pump_run(&u->pump) > 0; i++)
		;
	io_tx_flush(nif);
	if (m->role != IFACE_XSK && nif->ifindex == m->ifindex) {
		u->kept_fd[0] = u->fds.xsk;
		u->kept_fd[1] = u->fds.umem;
		u->kept = io_linux_take_xsk(nif);
	}
	io_close(nif);
}

/* Frames that both rings saw are not answered twice. */
static void
first_drain(struct netif *nif, struct unit *u)
{
	struct pkt pk[IO_BATCH];
	int64_t last = u->last_ns;
	int i, n, skip;

	do {
		n = io_rx(nif, pk, IO_BATCH);
		for (i = skip = 0; i < n && pk[i].ts_ns <= last; i++)
			skip++;
		if (n > skip)
			on_batch(pk + skip, n - skip, u);
		io_rx_done(nif);
	} while (n > 0 && skip == n);
}

static void
complete(struct unit *u, const struct msg_net_iface *m)
{
	struct netif *nif = &net.ifs[m->unit];

	fill(nif, m);
	if (io_linux_open(nif, &u->fds) == -1)
		fatal("%s: packet sockets", nif->name);
	if (u->kept != NULL)
		io_linux_give_xsk(nif, u->kept, u->kept_fd);
	if (u->kept != NULL && u->fds.xsk == -1) {
		u->fds.xsk = u->kept_fd[0];
		u->fds.umem = u->kept_fd[1];
	}
	u->kept = NULL;
	u->collecting = 0;
	if (m->unit >= net.nifs)
		net.nifs = (uint8_t)(m->unit + 1);
	pump_init(&u->pump, nif, on_batch, u);
	u->pump.hurry = &net.hurry;
	u->watch = loop_fd_add(net.loop, io_rx_fd(nif), LOOP_READ,
	    on_readable, u);
	if (u->watch == NULL)
		fatal("%s: watch", nif->name);
	info("%s: sending by %s%s", nif->name, io_linux_tx_name(nif),
	    io_has_gso(nif) ? ", large sends by GSO" : "");
	host_reload(); /* the interface's own addresses are nobody's */
	first_drain(nif, u);
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
	if (!u->collecting) {
		if (u->watch != NULL)
			retire(&net.ifs[n->unit], u, n);
		io_fds_init(&u->fds);
		u->collecting = 1;
	}
	fd = fd_place(m->fd, choose(n->slot));
	if (fd == -1)
		fatal("NET_IFACE: descriptor");
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
