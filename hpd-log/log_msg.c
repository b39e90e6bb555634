/* SPDX-License-Identifier: ISC */
/*
 * What the parent says, in hpd-log: one handler a message, found in a table.
 * chan.c has checked form, state and meaning. A message that has no handler,
 * a broken one or the end of this channel end the process: hpd-log never runs
 * without its parent.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"
#include "common/narrow.h"
#include "hpd-log/log.h"

#define FINISH_NS (2 * NS_SEC)

void
log_tell(struct logd *ld, uint16_t type, const void *m, size_t len)
{
	if (chan_send(&ld->parent, type, 0, m, len, -1) == -1)
		fatalx("%s to hpd-parent: %s", proto_type_name(type),
		    chan_strerror(ld->parent.err));
	if (chan_pending(&ld->parent))
		(void)loop_fd_set(ld->parent_watch, LOOP_READ | LOOP_WRITE);
}

static void
on_hello(struct logd *ld, struct chan_msg *m)
{
	(void)ld;
	(void)m;
}

static void
on_image(struct logd *ld, struct chan_msg *m)
{
	struct msg_image_ack ack = { m->u.image.generation, 0 };
	struct msg_ready ready;
	struct image img;
	int fd;

	fd = fd_place(m->fd, FD_IMAGE);
	if (fd == -1)
		fatal("image descriptor");
	ack.result = (uint32_t)image_map(fd, m->u.image.size, &img);
	if (ack.result == 0) {
		narrow_image(&img, NARROW_LOG);
		if (ld->has_image)
			image_unmap(&ld->img);
		ld->img = img;
		ld->has_image = 1;
		ld->json.img = &ld->img;
	}
	log_tell(ld, MSG_IMAGE_ACK, &ack, sizeof(ack));
	if (ack.result != 0 || ld->ready)
		return;
	memset(&ready, 0, sizeof(ready));
	ready.generation = m->u.image.generation;
	ready.missing = ld->missing;
	log_tell(ld, MSG_READY, &ready, sizeof(ready));
	ld->ready = 1;
}

static void
on_start(struct logd *ld, struct chan_msg *m)
{
	ld->boot = m->u.start.boot;
	ld->running = 1;
	(void)stream_flush(ld);
	producers_watch(ld);
}

static void
on_drain(struct logd *ld, struct chan_msg *m)
{
	(void)ld;
	(void)m; /* the others finish; what they still say is wanted */
}

/* Everybody else is gone: what they left, closing records, the end. */
static void
on_stop(struct logd *ld, struct chan_msg *m)
{
	int64_t end = clock_mono_ns() + FINISH_NS;
	unsigned int i, n;

	(void)m;
	ld->stopping = 1;
	do {
		for (i = 0, n = 0; i < LOG_SLOTS; i++)
			n += producer_pump(ld, i, 16);
	} while (n > 0 && clock_mono_ns() < end);
	stream_finish(ld);
	(void)chan_flush(&ld->parent);
	loop_stop(ld->loop);
}

static void
on_stats(struct logd *ld, struct chan_msg *m)
{
	struct {
		struct msg_stats head;
		uint64_t v[LS_MAX];
	} out;

	(void)m;
	memset(&out, 0, sizeof(out));
	out.head.count = LS_MAX;
	memcpy(out.v, ld->stats, sizeof(out.v));
	log_tell(ld, MSG_STATS, &out, sizeof(out));
}

static void
on_peer_up(struct logd *ld, struct chan_msg *m)
{
	producer_up(ld, &m->u.peer, m->fd);
}

static void
on_peer_down(struct logd *ld, struct chan_msg *m)
{
	(void)ld;
	(void)m; /* its channel ends by itself, behind what is left in it */
}

static void
on_segment(struct logd *ld, struct chan_msg *m)
{
	stream_segment(ld, &m->u.log_segment, m->fd);
}

static void
on_skip(struct logd *ld, struct chan_msg *m)
{
	producer_skip(ld, m->u.log_skip.slot);
}

/* The seal and the level: taken, nothing is sealed or left out yet. */
static void
on_seal(struct logd *ld, struct chan_msg *m)
{
	(void)ld;
	if (m->fd != -1)
		close(m->fd);
}

static const struct {
	uint16_t type;
	void (*fn)(struct logd *, struct chan_msg *);
} handlers[] = {
	{ MSG_HELLO, on_hello },
	{ MSG_IMAGE, on_image },
	{ MSG_START, on_start },
	{ MSG_DRAIN, on_drain },
	{ MSG_STOP, on_stop },
	{ MSG_STATS_REQ, on_stats },
	{ MSG_PEER_UP, on_peer_up },
	{ MSG_PEER_DOWN, on_peer_down },
	{ MSG_LOG_SEGMENT, on_segment },
	{ MSG_LOG_SKIP, on_skip },
	{ MSG_LOG_LEVEL, on_seal },
	{ MSG_SEAL_PAGE, on_seal },
	{ MSG_SEAL_FILE, on_seal },
};

static void
dispatch(struct logd *ld, struct chan_msg *m)
{
	size_t i;

	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].type == m->type) {
			handlers[i].fn(ld, m);
			return;
		}
	}
	fatalx("no handler for %s", proto_type_name(m->type));
}

static void
on_parent(int fd, int what, void *arg)
{
	struct logd *ld = arg;
	int r;

	(void)fd;
	if (what & LOOP_WRITE) {
		r = chan_flush(&ld->parent);
		if (r == -1)
			fatalx("hpd-parent is gone");
		if (r == 0)
			(void)loop_fd_set(ld->parent_watch, LOOP_READ);
	}
	if (!(what & LOOP_READ))
		return;
	while (!ld->stopping &&
	    (r = chan_recv(&ld->parent, &ld->pmsg)) != 0) {
		if (r == -1 && ld->parent.err == CHAN_E_EOF)
			fatalx("hpd-parent is gone");
		if (r == -1)
			fatalx("broken message of hpd-parent: %s (%s)",
			    chan_strerror(ld->parent.err),
			    proto_type_name(ld->parent.err_type));
		dispatch(ld, &ld->pmsg);
	}
}

static void
on_tick(void *arg)
{
	struct logd *ld = arg;

	stream_tick(ld);
	loop_timer_set(ld->tick, 1000000);
}

int
log_init(struct logd *ld, struct loop *loop, const char *host)
{
	unsigned int i;
	void *mem;

	memset(ld, 0, sizeof(*ld));
	ld->loop = loop;
	ld->run = (uint64_t)clock_wall_ns();
	ld->own_seq = 1; /* as every producer's */
	json_init(&ld->json, host);
	mem = malloc(LOG_BUF);
	if (mem == NULL)
		return -1;
	wbuf_init(&ld->ev, mem, LOG_BUF);
	for (i = 1; i < STREAM_MAX; i++) {
		mem = malloc(LOG_TEXT_BUF);
		if (mem == NULL)
			return -1;
		wbuf_init(&ld->text[i], mem, LOG_TEXT_BUF);
	}
	producer_init(ld);
	ld->tick = loop_timer_new(loop, on_tick, ld);
	return ld->tick == NULL ? -1 : 0;
}

void
log_start(struct logd *ld)
{
	chan_init(&ld->parent, FD_PARENT, PROC_LOG, PROC_PARENT, 0, 256);
	ld->parent_watch = loop_fd_add(ld->loop, FD_PARENT, LOOP_READ,
	    on_parent, ld);
	if (ld->parent_watch == NULL)
		fatal("watch of hpd-parent");
	if (chan_hello(&ld->parent, 0) == -1)
		fatalx("HELLO: %s", chan_strerror(ld->parent.err));
	if (chan_pending(&ld->parent))
		(void)loop_fd_set(ld->parent_watch, LOOP_READ | LOOP_WRITE);
	loop_timer_set(ld->tick, 1000000);
}

void
log_free(struct logd *ld)
{
	unsigned int i;

	free(ld->ev.data);
	for (i = 1; i < STREAM_MAX; i++)
		free(ld->text[i].data);
	if (ld->has_image)
		image_unmap(&ld->img);
	loop_timer_free(ld->tick);
}
