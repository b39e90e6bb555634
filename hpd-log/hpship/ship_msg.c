/* SPDX-License-Identifier: ISC */
/*
 * What the parent says, in hpship: one handler a message, found in a table.
 * chan.c has checked form, state and meaning. The end of this channel ends the
 * process: hpship never runs without its parent.
 */
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"
#include "common/narrow.h"
#include "common/proto_table.h"
#include "hpd-log/hpship/ship.h"

#define BOOT_LIVES 0xffffULL /* low bits of a boot id: which life of a process */

void
ship_tell(struct ship *sh, uint16_t type, const void *m, size_t len)
{
	if (chan_send(&sh->parent, type, 0, m, len, -1) == -1)
		fatalx("%s to hpd-parent: %s", proto_type_name(type),
		    chan_strerror(sh->parent.err));
	if (chan_pending(&sh->parent))
		(void)loop_fd_set(sh->parent_watch, LOOP_READ | LOOP_WRITE);
}

static void
on_nothing(struct ship *sh, struct chan_msg *m)
{
	(void)sh;
	(void)m;
}

/* Only the operator's policy is of interest in it. */
static void
on_image(struct ship *sh, struct chan_msg *m)
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
		narrow_image(&img, NARROW_SHIP);
		image_unmap(&img);
	}
	ship_tell(sh, MSG_IMAGE_ACK, &ack, sizeof(ack));
	if (ack.result != 0 || sh->ready)
		return;
	memset(&ready, 0, sizeof(ready));
	ready.generation = m->u.image.generation;
	ready.missing = sh->missing;
	ship_tell(sh, MSG_READY, &ready, sizeof(ready));
	sh->ready = 1;
}

static void
on_start(struct ship *sh, struct chan_msg *m)
{
	syslog_ident(&sh->id, sh->host, m->u.start.boot & ~BOOT_LIVES);
	evq_start(&sh->evq, m->u.start.boot);
	sh->running = 1;
	ship_turn(sh);
}

static void
on_stop(struct ship *sh, struct chan_msg *m)
{
	(void)m;
	ship_stop(sh);
}

static void
on_stats(struct ship *sh, struct chan_msg *m)
{
	struct {
		struct msg_stats head;
		uint64_t v[SHS_MAX];
	} out;

	(void)m;
	memset(&out, 0, sizeof(out));
	out.head.count = SHS_MAX;
	memcpy(out.v, sh->stats, sizeof(out.v));
	ship_tell(sh, MSG_STATS, &out, sizeof(out));
}

static void
on_segment(struct ship *sh, struct chan_msg *m)
{
	ship_segment(sh, &m->u.ship_segment, m->fd);
}

static void
on_socket(struct ship *sh, struct chan_msg *m)
{
	ship_socket(sh, &m->u.ship_socket, m->fd);
}

static const struct {
	uint16_t type;
	void (*fn)(struct ship *, struct chan_msg *);
} handlers[] = {
	{ MSG_HELLO, on_nothing },
	{ MSG_IMAGE, on_image },
	{ MSG_START, on_start },
	{ MSG_DRAIN, on_nothing }, /* what the others still say is wanted */
	{ MSG_STOP, on_stop },
	{ MSG_STATS_REQ, on_stats },
	{ MSG_SHIP_SEGMENT, on_segment },
	{ MSG_SHIP_SOCKET, on_socket },
};

static void
dispatch(struct ship *sh, struct chan_msg *m)
{
	size_t i;

	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].type == m->type) {
			handlers[i].fn(sh, m);
			return;
		}
	}
	fatalx("no handler for %s", proto_type_name(m->type));
}

static void
on_parent(int fd, int what, void *arg)
{
	struct ship *sh = arg;
	int r;

	(void)fd;
	if (what & LOOP_WRITE) {
		r = chan_flush(&sh->parent);
		if (r == -1)
			fatalx("hpd-parent is gone");
		if (r == 0)
			(void)loop_fd_set(sh->parent_watch, LOOP_READ);
	}
	if (!(what & LOOP_READ))
		return;
	while ((r = chan_recv(&sh->parent, &sh->msg)) != 0) {
		if (r == -1 && sh->parent.err == CHAN_E_EOF)
			fatalx("hpd-parent is gone");
		if (r == -1)
			fatalx("broken message of hpd-parent: %s (%s)",
			    chan_strerror(sh->parent.err),
			    proto_type_name(sh->parent.err_type));
		dispatch(sh, &sh->msg);
	}
}

static void
on_timer(void *arg)
{
	ship_turn(arg);
}

void
ship_msg_start(struct ship *sh)
{
	chan_init(&sh->parent, FD_PARENT, PROC_SHIP, PROC_PARENT, 0, 64);
	sh->parent_watch = loop_fd_add(sh->loop, FD_PARENT, LOOP_READ,
	    on_parent, sh);
	sh->timer = loop_timer_new(sh->loop, on_timer, sh);
	if (sh->parent_watch == NULL || sh->timer == NULL)
		fatal("watch of hpd-parent");
	if (chan_hello(&sh->parent, 0) == -1)
		fatalx("HELLO: %s", chan_strerror(sh->parent.err));
	if (chan_pending(&sh->parent))
		(void)loop_fd_set(sh->parent_watch, LOOP_READ | LOOP_WRITE);
}
