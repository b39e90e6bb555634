/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: messages of the parent and the channels to the runners. The parent
 * is believed (a broken message from it ends us); a runner that breaks the
 * protocol loses its channel and the parent hears of it.
 */
#include <stdlib.h>
#include <string.h>

#include "../common/chan.h"
#include "../common/clock.h"
#include "../common/diag.h"
#include "../common/narrow.h"
#include "../common/proc.h"
#include "arp.h"
#include "frame.h"
#include "host.h"
#include "net_run.h"
#include "sess.h"
#include "srcos.h"
#include "tcp.h"
#include "timer.h"
#include "udp.h"

#define NPEERS	  (FD_PEER_MAX - FD_PEER_MIN + 1)
#define UDP_FLOWS 65536
#define QUEUE	  1024 /* messages a channel may hold for us */
#define MAX_AGE_NS (10 * 365 * 86400 * NS_SEC)
#define TURN	  64   /* messages of one channel in one turn */

static struct chan parent;
static struct loop_fd *parent_fd;
static uint32_t missing_steps;
static struct peer_chan {
	struct chan c;
	struct loop_fd *watch; /* NULL: not there */
	uint8_t proc, instance, slot;
	uint8_t up; /* HELLO came */
} peers[NPEERS];
static uint32_t drain_until;
static uint8_t stopped;
static struct chan_msg msg;

static void
to_parent(uint16_t type, const void *payload, size_t len)
{
	if (chan_send(&parent, type, 0, payload, len, -1) == -1)
		fatalx("to the parent: type %u: %s", type,
		    chan_strerror(parent.err));
}

static void
image_first(void)
{
	struct msg_ready r = {net.img.hdr->generation, missing_steps};

	tcp_init(net.img.hdr->max_connections);
	udp_init(UDP_FLOWS);
	sess_init(net.img.hdr->max_sessions);
	to_parent(MSG_READY, &r, sizeof(r));
}

static void
on_image(struct chan_msg *m)
{
	struct msg_image_ack ack = {m->u.image.generation, 0};
	struct image img, old = net.img;

	if (fd_place(m->fd, FD_IMAGE) == -1)
		fatal("image descriptor");
	ack.result = (uint32_t)image_map(FD_IMAGE, m->u.image.size, &img);
	if (ack.result == 0)
		narrow_image(&img, NARROW_NET);
	to_parent(MSG_IMAGE_ACK, &ack, sizeof(ack));
	if (ack.result != 0) {
		diag_warnx("image of generation %u: %s", ack.generation,
		    image_strerror((int)ack.result));
		return;
	}
	if (old.hdr != NULL)
		srcos_tick(1);
	net.img = img;
	srcos_image();
	frame_image();
	if (old.hdr == NULL) {
		image_first();
		return;
	}
	host_reload();
	tcp_reload();
	udp_reload();
	image_unmap(&old);
	if (net.running)
		arp_start();
}

static void
on_start(const struct msg_start *s)
{
	int64_t at = (int64_t)(s->boot & ~0xffffULL);

	memcpy(net.key, s->key, sizeof(net.key));
	net.boot = s->boot;
	net.next_session = s->session;
	net_now();
	/* The boot id is the suite's start in ns, but for its low 16 bits. A
	 * clock that was set since then: from now on. */
	net.start_wall_ns = net.now_wall_ns;
	if (at <= net.now_wall_ns && at > net.now_wall_ns - MAX_AGE_NS)
		net.start_wall_ns = at;
	evq_start(&net.evq, s->boot);
	net.running = 1;
	arp_start();
}

static void
send_stats(void)
{
	static struct {
		struct msg_stats head;
		uint64_t v[ST_MAX];
	} m;

	m.head.count = ST_MAX;
	memcpy(m.v, stats, sizeof(m.v));
	to_parent(MSG_STATS, &m, sizeof(m));
}

static void
peer_close(struct peer_chan *p)
{
	if (p->watch == NULL)
		return;
	loop_fd_del(p->watch);
	p->watch = NULL;
	if (p->up)
		sess_peer(p->proc, NULL);
	p->up = 0;
	chan_close(&p->c);
	tcp_svc_down(p->proc);
	udp_svc_down(p->proc);
}

static void
peer_broken(struct peer_chan *p, uint8_t step, uint16_t type)
{
	struct msg_trouble t;

	diag_warnx("%s: %s, type %u", proc_name(p->proc), chan_strerror(step),
	    type);
	memset(&t, 0, sizeof(t));
	t.proc = p->proc;
	t.instance = p->instance;
	t.slot = p->slot;
	t.step = step;
	t.type = type;
	peer_close(p);
	to_parent(MSG_TROUBLE, &t, sizeof(t));
}

static void
on_peer(int fd, int what, void *arg)
{
	struct peer_chan *p = arg;
	int i, r;

	(void)fd;
	if (what & LOOP_WRITE && chan_flush(&p->c) == -1) {
		peer_close(p);
		return;
	}
	for (i = 0; i < TURN && p->watch != NULL; i++) {
		r = chan_recv(&p->c, &msg);
		if (r == 0)
			break;
		if (r == -1 && p->c.err == CHAN_E_EOF) {
			peer_close(p);
		} else if (r == -1) {
			peer_broken(p, p->c.err, p->c.err_type);
		} else if (msg.type == MSG_HELLO) {
			p->up = 1;
			sess_peer(p->proc, &p->c);
		} else if (sess_message(p->proc, &msg) == -1) {
			peer_broken(p, CHAN_E_MEANING, msg.type);
		}
	}
}

static void
peer_up(struct chan_msg *m)
{
	const struct msg_peer *d = &m->u.peer;
	struct peer_chan *p;
	int fd;

	if (d->slot >= NPEERS)
		fatalx("PEER_UP: slot %u", d->slot);
	p = &peers[d->slot];
	peer_close(p);
	fd = fd_place(m->fd, FD_PEER_MIN + d->slot);
	if (fd == -1)
		fatal("PEER_UP: descriptor");
	p->proc = d->proc;
	p->instance = d->instance;
	p->slot = d->slot;
	chan_init(&p->c, fd, PROC_NET, d->proc, d->instance, QUEUE);
	p->watch = loop_fd_add(net.loop, fd, LOOP_READ, on_peer, p);
	if (p->watch == NULL)
		fatal("PEER_UP: watch");
	if (chan_hello(&p->c, 0) == -1)
		peer_close(p);
}

static void
on_drain(const struct msg_drain *d)
{
	net_now();
	net.draining = 1;
	drain_until = net.now_ms + d->ms;
	tcp_drain(d->ms);
	udp_drain();
}

static void
dispatch(struct chan_msg *m)
{
	switch (m->type) {
	case MSG_HELLO:
		break;
	case MSG_IMAGE:
		on_image(m);
		break;
	case MSG_START:
		on_start(&m->u.start);
		break;
	case MSG_DRAIN:
		on_drain(&m->u.drain);
		break;
	case MSG_STOP:
		stopped = 1;
		break;
	case MSG_STATS_REQ:
		send_stats();
		break;
	case MSG_PEER_UP:
		peer_up(m);
		break;
	case MSG_PEER_DOWN:
		if (m->u.peer.slot < NPEERS)
			peer_close(&peers[m->u.peer.slot]);
		break;
	case MSG_NET_IFACE:
		net_if_message(m);
		break;
	case MSG_NET_LINK:
		net_link_message(&m->u.net_link);
		break;
	case MSG_NET_OWNED:
		if (m->u.net_owned.ver == 4 &&
		    host_owned_add(addr_ip4(m->u.net_owned.addr)) == -1)
			fatalx("more than %d addresses of our own", 64);
		break;
	default:
		fatalx("message type %u has no case", m->type);
	}
}

static void
on_parent(int fd, int what, void *arg)
{
	int i, r;

	(void)fd, (void)arg;
	if (what & LOOP_WRITE && chan_flush(&parent) == -1)
		fatalx("the parent is gone");
	for (i = 0; i < TURN; i++) {
		r = chan_recv(&parent, &msg);
		if (r == 0)
			return;
		if (r == -1)
			fatalx("from the parent: %s (type %u)",
			    chan_strerror(parent.err), parent.err_type);
		dispatch(&msg);
	}
}

void
net_msg_init(uint32_t missing)
{
	missing_steps = missing;
	chan_init(&parent, FD_PARENT, PROC_NET, PROC_PARENT, 0, QUEUE);
	parent_fd = loop_fd_add(net.loop, FD_PARENT, LOOP_READ, on_parent,
	    NULL);
	if (parent_fd == NULL || chan_hello(&parent, 0) == -1)
		fatalx("the channel to the parent");
}

void
net_msg_after(void)
{
	int i;

	(void)loop_fd_set(parent_fd,
	    LOOP_READ | (chan_pending(&parent) ? LOOP_WRITE : 0));
	for (i = 0; i < NPEERS; i++)
		if (peers[i].watch != NULL)
			(void)loop_fd_set(peers[i].watch, LOOP_READ |
			    (chan_pending(&peers[i].c) ? LOOP_WRITE : 0));
}

int
net_msg_finished(void)
{
	if (stopped)
		return 1;
	return net.draining && ((int32_t)(net.now_ms - drain_until) >= 0 ||
	    tcp_active() + udp_active() == 0);
}
