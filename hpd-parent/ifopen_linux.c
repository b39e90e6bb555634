/* SPDX-License-Identifier: ISC */
/*
 * hpd-parent on Linux: the packet descriptors of an interface. Each is made
 * with protocol 0 (receives nothing), set up, filtered, and only then bound;
 * its filter is locked before anybody else sees it. Runs as root; never reads
 * from any of them.
 */
#include "ifopen.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/buf.h"
#include "ifopen_filter.h"
#include "ifopen_netns.h"

#ifndef SOL_XDP
#define SOL_XDP 283
#endif
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

#define RING_BLOCK  65536
#define RING_BLOCKS 256
#define RING_FRAME  2048
#define COPY_BUF    (8 << 20)  /* frames larger than a slot wait here */
#define SEND_BUF    (16 << 20) /* frames in flight */
#define UMEM_FRAMES 4096
#define UMEM_FRAME  2048
#define XSK_RING    2048
#define DLT_ETHERNET 1

_Static_assert(sizeof(struct ifopen_insn) == sizeof(struct sock_filter),
    "ifopen_insn is sock_filter");

struct ctx {
	const char *name;
	struct msg_net_iface base; /* what all messages say */
	struct ifopen_set *out;
	char *err;
	size_t errlen;
};

static int
fail(struct ctx *c, const char *what)
{
	snprintf(c->err, c->errlen, "%s: %s: %s", c->name, what,
	    strerror(errno));
	return -1;
}

static int
opt(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static void
add(struct ctx *c, int fd, uint8_t role)
{
	struct ifopen_set *s = c->out;
	struct msg_net_iface *m = &s->msg[s->n];

	*m = c->base;
	m->role = role;
	m->slot = (uint8_t)(c->base.slot + s->n);
	s->fd[s->n++] = fd;
}

static int
if_ioctl(int s, const char *name, unsigned long req, struct ifreq *r)
{
	memset(r, 0, sizeof(*r));
	if (str_copy(r->ifr_name, name, sizeof(r->ifr_name)) >=
	    sizeof(r->ifr_name)) {
		errno = ENODEV;
		return -1;
	}
	return ioctl(s, req, r);
}

/* Index, MTU, MAC, link and first address. */
static int
describe(struct ctx *c, int s)
{
	struct msg_net_iface *m = &c->base;
	struct ifreq r;

	if (if_ioctl(s, c->name, SIOCGIFINDEX, &r) == -1)
		return fail(c, "no such interface");
	m->ifindex = (uint32_t)r.ifr_ifindex;
	if (if_ioctl(s, c->name, SIOCGIFMTU, &r) == -1)
		return fail(c, "mtu");
	m->mtu = (uint32_t)r.ifr_mtu;
	if (if_ioctl(s, c->name, SIOCGIFHWADDR, &r) == -1)
		return fail(c, "address");
	if (r.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
		errno = ENOTSUP;
		return fail(c, "not an Ethernet interface");
	}
	memcpy(m->mac, r.ifr_hwaddr.sa_data, 6);
	m->linktype = DLT_ETHERNET;
	m->link_up = ifopen_link_up(s, c->name) == 1;
	if (if_ioctl(s, c->name, SIOCGIFADDR, &r) == 0)
		memcpy(m->addr, r.ifr_addr.sa_data + 2, 4);
	if (if_ioctl(s, c->name, SIOCGIFNETMASK, &r) == 0)
		memcpy(m->mask, r.ifr_netmask.sa_data + 2, 4);
	(void)str_copy(m->name, c->name, sizeof(m->name));
	return 0;
}

/* No merged frames: a decoy answers what was sent. Not all drivers can. */
static void
offloads_off(int s, const char *name)
{
	struct ethtool_value v;
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	(void)str_copy(r.ifr_name, name, sizeof(r.ifr_name));
	memset(&v, 0, sizeof(v));
	v.cmd = ETHTOOL_SGRO;
	r.ifr_data = (void *)&v;
	(void)ioctl(s, SIOCETHTOOL, &r);
	v.cmd = ETHTOOL_GFLAGS;
	if (ioctl(s, SIOCETHTOOL, &r) == 0 && v.data & ETH_FLAG_LRO) {
		v.cmd = ETHTOOL_SFLAGS;
		v.data &= ~(uint32_t)ETH_FLAG_LRO;
		(void)ioctl(s, SIOCETHTOOL, &r);
	}
}

static int
bind_to(int fd, uint32_t ifindex, uint16_t proto)
{
	struct sockaddr_ll sl;

	memset(&sl, 0, sizeof(sl));
	sl.sll_family = AF_PACKET;
	sl.sll_protocol = htons(proto);
	sl.sll_ifindex = (int)ifindex;
	return bind(fd, (struct sockaddr *)(void *)&sl, sizeof(sl));
}

static int
attach(int fd, struct ifopen_insn *insn, int n)
{
	struct sock_fprog prog;

	prog.len = (unsigned short)n;
	prog.filter = (struct sock_filter *)(void *)insn;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
	    sizeof(prog));
}

/* A socket that only sends: bound, deaf for good. */
static int
open_sender(struct ctx *c, int vnet, int bypass)
{
	struct ifopen_insn none = {BPF_RET | BPF_K, 0, 0, 0};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return fail(c, "packet socket");
	if (attach(fd, &none, 1) == -1 ||
	    opt(fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUF) == -1 ||
	    (vnet && opt(fd, SOL_PACKET, PACKET_VNET_HDR, 1) == -1) ||
	    (bypass && opt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1) == -1) ||
	    bind_to(fd, c->base.ifindex, 0) == -1 ||
	    opt(fd, SOL_SOCKET, SO_LOCK_FILTER, 1) == -1) {
		fail(c, vnet ? "GSO socket" : "sending socket");
		close(fd);
		return -1;
	}
	add(c, fd, vnet ? IFACE_GSO : IFACE_TX);
	return 0;
}

static int
receiver_setup(struct ctx *c, int fd, struct ifopen_insn *insn, int ninsn)
{
	struct tpacket_req req = {RING_BLOCK, RING_BLOCKS, RING_FRAME,
	    RING_BLOCK / RING_FRAME * RING_BLOCKS};
	struct packet_mreq mr;

	memset(&mr, 0, sizeof(mr));
	mr.mr_ifindex = (int)c->base.ifindex;
	mr.mr_type = PACKET_MR_PROMISC;
	if (opt(fd, SOL_PACKET, PACKET_VERSION, TPACKET_V2) == -1)
		return fail(c, "TPACKET_V2");
	if (setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) ==
	    -1)
		return fail(c, "receive ring");
	if (opt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1) == -1 ||
	    opt(fd, SOL_PACKET, PACKET_TIMESTAMP,
		SOF_TIMESTAMPING_SOFTWARE) == -1 ||
	    opt(fd, SOL_PACKET, PACKET_COPY_THRESH, 1) == -1 ||
	    opt(fd, SOL_SOCKET, SO_RCVBUFFORCE, COPY_BUF) == -1)
		return fail(c, "receive options");
	if (attach(fd, insn, ninsn) == -1)
		return fail(c, "filter");
	if (bind_to(fd, c->base.ifindex, ETH_P_ALL) == -1)
		return fail(c, "bind");
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr,
		sizeof(mr)) == -1)
		return fail(c, "promiscuous mode");
	if (opt(fd, SOL_SOCKET, SO_LOCK_FILTER, 1) == -1)
		return fail(c, "filter lock");
	return 0;
}

static int
open_receiver(struct ctx *c, const struct prefix *nets, size_t nnets)
{
	struct ifopen_insn insn[IFOPEN_FILTER_MAX];
	struct msg_net_iface *m;
	int fd, n;

	n = ifopen_filter(nets, nnets, insn, c->err, c->errlen);
	if (n < 0)
		return -1;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return fail(c, "packet socket");
	if (receiver_setup(c, fd, insn, n) == -1) {
		close(fd);
		return -1;
	}
	add(c, fd, IFACE_RX);
	m = &c->out->msg[c->out->n - 1];
	m->ring_block_size = RING_BLOCK;
	m->ring_block_nr = RING_BLOCKS;
	m->ring_frame_size = RING_FRAME;
	m->ring_frame_nr = RING_BLOCK / RING_FRAME * RING_BLOCKS;
	return 0;
}

/* The memory behind the AF_XDP socket, at its final size for good. */
static int
umem_new(size_t size)
{
	int fd = memfd_create("hpd-umem", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		return -1;
	if (ftruncate(fd, (off_t)size) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
		F_SEAL_SEAL) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
xsk_setup(int fd, int umem, uint32_t ifindex)
{
	const size_t size = (size_t)UMEM_FRAMES * UMEM_FRAME;
	struct sockaddr_xdp sx;
	struct xdp_umem_reg reg;
	void *mem;
	int r;

	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, umem, 0);
	if (mem == MAP_FAILED)
		return -1;
	memset(&reg, 0, sizeof(reg));
	reg.addr = (uint64_t)(uintptr_t)mem;
	reg.len = size;
	reg.chunk_size = UMEM_FRAME;
	memset(&sx, 0, sizeof(sx));
	sx.sxdp_family = AF_XDP;
	sx.sxdp_ifindex = ifindex;
	sx.sxdp_flags = XDP_COPY;
	r = setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg));
	munmap(mem, size); /* the kernel holds its own pages */
	if (r == -1 ||
	    opt(fd, SOL_XDP, XDP_UMEM_FILL_RING, 64) == -1 ||
	    opt(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, UMEM_FRAMES) == -1 ||
	    opt(fd, SOL_XDP, XDP_TX_RING, XSK_RING) == -1 ||
	    opt(fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUF) == -1)
		return -1;
	return bind(fd, (struct sockaddr *)(void *)&sx, sizeof(sx));
}

/* Not there (kernel, driver, queue taken): hpd-net sends by sendmmsg. */
static void
open_xsk(struct ctx *c)
{
	int umem, fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return;
	umem = umem_new((size_t)UMEM_FRAMES * UMEM_FRAME);
	if (umem == -1 || xsk_setup(fd, umem, c->base.ifindex) == -1) {
		close(fd);
		if (umem != -1)
			close(umem);
		return;
	}
	add(c, fd, IFACE_XSK);
	add(c, umem, IFACE_UMEM);
}

static int
open_all(struct ctx *c, const struct prefix *nets, size_t nnets, int compat)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	if (s == -1)
		return fail(c, "socket");
	r = describe(c, s);
	if (r == 0)
		offloads_off(s, c->name);
	close(s);
	if (r == -1)
		return -1;
	if (!compat) {
		open_xsk(c);
		if (open_sender(c, 1, 0) == -1)
			return -1;
	}
	/* The receiver last: its message completes the set. */
	if (open_sender(c, 0, !compat) == -1)
		return -1;
	return open_receiver(c, nets, nnets);
}

int
ifopen(const char *name, const struct prefix *nets, size_t nnets,
    uint8_t unit, uint8_t first_slot, int compat, int netns,
    struct ifopen_set *out, char *err, size_t errlen)
{
	struct ctx c;
	int home, r;

	memset(&c, 0, sizeof(c));
	memset(out, 0, sizeof(*out));
	c.name = name;
	c.base.unit = unit;
	c.base.slot = first_slot;
	c.out = out;
	c.err = err;
	c.errlen = errlen;
	home = ifopen_netns_enter(netns);
	if (home == -1)
		return fail(&c, "network namespace");
	r = open_all(&c, nets, nnets, compat);
	ifopen_netns_leave(home);
	if (r == -1)
		ifopen_close(out);
	return r;
}

void
ifopen_close(struct ifopen_set *s)
{
	while (s->n > 0)
		if (s->fd[--s->n] != -1)
			close(s->fd[s->n]);
}
