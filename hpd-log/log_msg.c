/* SPDX-License-Identifier: ISC */
/*
 * What the parent says, in hpd-log: one handler a message, found in a table.
 * chan.c has checked form, state and meaning. A message that has no handler,
 * a broken one or the end of this channel end the process: hpd-log never runs
 * without its parent.
 */
#include <sys/mman.h>

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
		json_image(&ld->json, &ld->img);
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
	if (!ld->sealing) /* else the page's: the same in all our lives */
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

static void
on_level(struct logd *ld, struct chan_msg *m)
{
	ld->level = m->u.log_level.level;
	ld->level_why = m->u.log_level.why;
}

static void
on_seal_page(struct logd *ld, struct chan_msg *m)
{
	sealing_page(ld, m->u.seal.ordinal, m->fd);
}

static void
on_seal_file(struct logd *ld, struct chan_msg *m)
{
	sealing_file(ld, m->fd);
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
	{ MSG_LOG_LEVEL, on_level },
	{ MSG_SEAL_PAGE, on_seal_page },
	{ MSG_SEAL_FILE, on_seal_file },
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
	producers_watch(ld);
	loop_timer_set(ld->tick, stream_waits(ld) ? LOG_TURN_US : LOG_TICK_US);
}

static int
lines_init(struct lines *l, size_t size)
{
	void *mem = malloc(size);

	l->note = calloc(LOG_NOTES, sizeof(*l->note));
	if (mem == NULL || l->note == NULL)
		return -1;
	wbuf_init(&l->w, mem, size);
	return 0;
}

/* Memory for all that waits; touched only when it does. */
static int
buffers(struct logd *ld)
{
	static const size_t sizes[STREAM_MAX] = { [STREAM_HONEYD] = LOG_TEXT_BUF,
		[STREAM_SERVICE] = LOG_TEXT_BUF, [STREAM_PCAP] = LOG_PCAP_BUF };
	unsigned int i;
	void *mem;

	if (lines_init(&ld->out[SEAL_EVENTS], LOG_BUF) == -1 ||
	    lines_init(&ld->out[SEAL_PROBES], LOG_BUF) == -1 ||
	    lines_init(&ld->own, LOG_OWN_ROOM + 2 * JSON_LINE_MAX) == -1)
		return -1;
	ld->spare = malloc(LOG_BUF);
	ld->spare_note = calloc(LOG_NOTES, sizeof(*ld->spare_note));
	ld->own_seal = calloc(1, SEAL_STATE_SIZE);
	if (ld->spare == NULL || ld->spare_note == NULL || ld->own_seal == NULL)
		return -1;
	ld->seal = ld->own_seal;
	for (i = 0; i < STREAM_MAX; i++) {
		if (sizes[i] == 0)
			continue;
		mem = malloc(sizes[i]);
		if (mem == NULL)
			return -1;
		wbuf_init(&ld->text[i], mem, sizes[i]);
	}
	return digest_init(ld);
}

int
log_init(struct logd *ld, struct loop *loop, const char *host)
{
	memset(ld, 0, sizeof(*ld));
	if (seal_init() == -1)
		return -1;
	ld->loop = loop;
	ld->run = (uint64_t)clock_wall_ns();
	ld->own_seq = 1; /* as every producer's */
	ld->period_ns = clock_mono_ns();
	json_init(&ld->json, host);
	fold_init();
	if (buffers(ld) == -1)
		return -1;
	fold_adopt(ld);
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
	loop_timer_set(ld->tick, LOG_TICK_US);
}

void
log_free(struct logd *ld)
{
	unsigned int i;

	for (i = 0; i < SEAL_CHAINS; i++) {
		free(ld->out[i].w.data);
		free(ld->out[i].note);
	}
	free(ld->own.w.data);
	free(ld->own.note);
	free(ld->spare);
	free(ld->spare_note);
	free(ld->own_seal);
	for (i = 0; i < STREAM_MAX; i++)
		free(ld->text[i].data);
	digest_free(ld);
	if (ld->sealing)
		munmap(ld->seal, SEAL_STATE_SIZE);
	if (ld->has_image)
		image_unmap(&ld->img);
	loop_timer_free(ld->tick);
}
