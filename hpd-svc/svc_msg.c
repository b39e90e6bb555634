/* SPDX-License-Identifier: ISC */
/*
 * The messages of hpd-parent to hpd-svc, one handler each. A broken message
 * of the parent's ends this process. Must never take a descriptor from
 * anybody but the parent.
 */
#include "hpd-svc/svc_msg.h"

#include <errno.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/narrow.h"
#include "common/proto_table.h"
#include "hpd-svc/peer.h"
#include "hpd-svc/pool.h"

static void
parent_send(struct svc *svc, uint16_t type, const void *p, size_t len)
{
	if (chan_send(&svc->parent, type, 0, p, len, -1) == -1)
		fatalx("parent: %s not sent: %s", proto_type_name(type),
		    chan_strerror(svc->parent.err));
}

static void
on_image(struct svc *svc, struct chan_msg *m)
{
	struct msg_image_ack ack = { m->u.image.generation, 0 };
	struct msg_ready ready = { m->u.image.generation, svc->missing };
	int first = svc->services.newest == 0;
	struct image img;

	if (fd_place(m->fd, FD_IMAGE) == -1)
		fatal("image descriptor");
	ack.result = (uint32_t)image_map(FD_IMAGE, m->u.image.size, &img);
	if (ack.result == 0 && img.hdr->generation != m->u.image.generation) {
		image_unmap(&img);
		ack.result = IMAGE_E_VALUE;
	}
	if (ack.result == 0 && services_add(&svc->services, &img, svc->script, svc->wide,
	    sessions_forget, svc) == -1) {
		image_unmap(&img);
		ack.result = errno == E2BIG ? IMAGE_E_VALUE : IMAGE_E_MAP;
	}
	if (ack.result == 0)
		narrow_image(&img, svc->profile == PROFILE_SHELL ?
		    NARROW_SVC_S : NARROW_SVC);
	if (ack.result == 0)
		pool_flush(svc, 0);
	if (ack.result != 0)
		diag_warnx("image %u refused: %s", m->u.image.generation,
		    image_strerror((int)ack.result));
	parent_send(svc, MSG_IMAGE_ACK, &ack, sizeof(ack));
	if (first && ack.result == 0)
		parent_send(svc, MSG_READY, &ready, sizeof(ready));
}

static void
on_start(struct svc *svc, struct chan_msg *m)
{
	uint32_t i;

	for (i = 0; i < sizeof(svc->key); i++)
		svc->key[i] = m->u.start.key[i];
	svc->started = 1;
	evq_start(&svc->evq, m->u.start.boot);
}

static void
on_drain(struct svc *svc, struct chan_msg *m)
{
	svc->draining = 1;
	pool_flush(svc, 1);
	loop_timer_set(svc->deadline, (uint64_t)m->u.drain.ms * 1000);
}

void
svc_stop(struct svc *svc)
{
	svc->draining = svc->stopping = 1;
	sessions_kill(svc, -1, SVC_END_DRAIN);
	/* reaping them takes moments; wait no longer than this */
	loop_timer_set(svc->deadline, 1000000);
}

static void
on_stop(struct svc *svc, struct chan_msg *m)
{
	(void)m;
	svc_stop(svc);
}

static void
on_stats_req(struct svc *svc, struct chan_msg *m)
{
	struct {
		struct msg_stats head;
		uint64_t value[SVC_STAT_MAX];
	} out = { { SVC_STAT_MAX, 0 }, { 0 } };
	uint32_t i;

	(void)m;
	svc->stat[SVC_STAT_RUNNING] = svc->running;
	for (i = 0; i < SVC_STAT_MAX; i++)
		out.value[i] = svc->stat[i];
	parent_send(svc, MSG_STATS, &out, sizeof(out));
}

static void
on_peer_up(struct svc *svc, struct chan_msg *m)
{
	const struct msg_peer *p = &m->u.peer;

	if (p->proc != PROC_NET || p->slot >= PEERS_MAX)
		fatalx("parent: peer %u in slot %u", p->proc, p->slot);
	peer_up(svc, p->slot, p->instance, m->fd);
}

static void
on_peer_down(struct svc *svc, struct chan_msg *m)
{
	if (m->u.peer.slot >= PEERS_MAX)
		fatalx("parent: peer in slot %u", m->u.peer.slot);
	peer_down(svc, m->u.peer.slot);
}

static void
on_hello(struct svc *svc, struct chan_msg *m)
{
	(void)svc;
	(void)m; /* compared by chan.c */
}

static const struct {
	uint16_t type;
	void (*run)(struct svc *, struct chan_msg *);
} parent_handlers[] = {
	{ MSG_HELLO, on_hello },
	{ MSG_IMAGE, on_image },
	{ MSG_START, on_start },
	{ MSG_DRAIN, on_drain },
	{ MSG_STOP, on_stop },
	{ MSG_STATS_REQ, on_stats_req },
	{ MSG_PEER_UP, on_peer_up },
	{ MSG_PEER_DOWN, on_peer_down },
};

static void
parent_dispatch(struct svc *svc, struct chan_msg *m)
{
	size_t i;

	for (i = 0; i < sizeof(parent_handlers) / sizeof(parent_handlers[0]);
	     i++) {
		if (parent_handlers[i].type == m->type) {
			parent_handlers[i].run(svc, m);
			return;
		}
	}
	fatalx("parent: no handler for %s", proto_type_name(m->type));
}

static void
parent_ready(int fd, int what, void *arg)
{
	static struct chan_msg m;
	struct svc *svc = arg;
	int n, r = 0;

	(void)fd;
	if (what & LOOP_WRITE && chan_flush(&svc->parent) == -1)
		fatalx("parent: %s", chan_strerror(svc->parent.err));
	for (n = 0; what & LOOP_READ && n < 64; n++) {
		r = chan_recv(&svc->parent, &m);
		if (r != 1)
			break;
		parent_dispatch(svc, &m);
	}
	if (r == -1)
		fatalx("parent: %s (%s)", chan_strerror(svc->parent.err),
		    proto_type_name(svc->parent.err_type));
}

void
parent_start(struct svc *svc)
{
	chan_init(&svc->parent, FD_PARENT, svc->proc, PROC_PARENT, 0, 256);
	if (chan_hello(&svc->parent, 0) == -1)
		fatalx("parent: %s", chan_strerror(svc->parent.err));
	svc->parent_watch = loop_fd_add(svc->loop, FD_PARENT, LOOP_READ,
	    parent_ready, svc);
	if (svc->parent_watch == NULL)
		fatal("watching the parent");
}

void
chans_flush(struct svc *svc)
{
	uint32_t i;

	loop_fd_set(svc->parent_watch, chan_pending(&svc->parent)
	    ? LOOP_READ | LOOP_WRITE : LOOP_READ);
	for (i = 0; i < PEERS_MAX; i++)
		if (svc->peer[i].up)
			loop_fd_set(svc->peer[i].watch,
			    chan_pending(&svc->peer[i].chan)
			    ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}
