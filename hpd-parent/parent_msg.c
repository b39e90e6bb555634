/* SPDX-License-Identifier: ISC */
/*
 * What a child may say to hpd-parent, one small handler a type. A message that
 * fails a check, or says what cannot be, costs its sender its life. Decisions
 * come from the parent's own state, never from a field of a message.
 */
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/diag.h"
#include "../common/proto_table.h"
#include "../common/sandbox.h"

#include "parent.h"
#include "reload.h"

#define TURN_MSGS  256 /* of one child in one turn */
#define LINGER	   NS_SEC /* closed its channel: time to end by itself */
#define NO_ROOM	   NS_SEC /* until a segment that may not be is asked for */
#define SCANT	   65536  /* a new hpd-log gets its segments all the same */

typedef void (*handler)(struct parent *, struct kid *, struct chan_msg *);

/* The next segment of a stream; first: for a new hpd-log, which has none. */
static void
new_segment(struct parent *p, int stream, int first)
{
	struct msg_log_segment m = {.stream = (uint32_t)stream};
	struct segments *s = &p->seg;
	int fd, room;

	s->retry_at[stream] = 0;
	room = retire_may_open(p, m.stream);
	if (!first && !room) {
		s->retry_at[stream] = p->now + NO_ROOM;
		return;
	}
	fd = segments_next(s, stream);
	if (fd == -1) {
		if (!s->failing[stream])
			diag_warn("new log segment in %s", p->flags.logdir);
		s->failing[stream] = 1;
		s->retry_at[stream] = p->now + SEGMENT_RETRY;
		return;
	}
	if (s->failing[stream])
		info("log segments can be made again");
	s->failing[stream] = 0;
	m.number = s->number[stream];
	m.quota = room ? retire_quota(p, m.stream) : SCANT;
	s->quota[stream] = m.quota;
	s->made_at[stream] = p->now;
	s->asked_at[stream] = 0;
	kid_send(p, &p->kids[KID_LOG], MSG_LOG_SEGMENT, &m, sizeof(m), fd);
	close(fd);
	retire_made(p, m.stream);
	ship_new_segment(p, stream);
}

void
parent_msg_segments(struct parent *p, enum segments_for what)
{
	const struct kid *k = &p->kids[KID_LOG];

	if (!k->open || k->state != KID_RUN)
		return;
	for (int i = 0; i < STREAM_MAX; i++) {
		int due = p->seg.retry_at[i] != 0 &&
		    p->now >= p->seg.retry_at[i];

		if (p->seg.wanted[i] && (what != SEGMENTS_DUE || due))
			new_segment(p, i, what == SEGMENTS_FIRST);
	}
}

static void
setup_log(struct parent *p, struct kid *k)
{
	struct msg_seal seal = {.ordinal = p->seal.ordinal};

	kid_send(p, k, MSG_SEAL_PAGE, &seal, sizeof(seal), p->seal.page);
	kid_send(p, k, MSG_SEAL_FILE, &seal, sizeof(seal), p->seal.file);
	retire_tell(p);
	channels_log_up(p);
	for (uint8_t i = 0; i < LOG_SLOTS; i++) {
		struct msg_log_skip m = {.slot = i};

		if (p->slots[i].skip)
			kid_send(p, k, MSG_LOG_SKIP, &m, sizeof(m), -1);
		p->slots[i].skip = 0;
	}
}

/* HELLO came: all it needs to get READY. */
static void
on_hello(struct parent *p, struct kid *k, struct chan_msg *m)
{
	struct msg_image im = {p->generation, (uint32_t)p->image_size};

	(void)m;
	k->state = KID_SETUP;
	k->gen_sent = p->generation;
	kid_send(p, k, MSG_IMAGE, &im, sizeof(im), p->image_fd);
	if (k->id == KID_LOG)
		setup_log(p, k);
	if (k->id == KID_NET && packets_send(p, k, 1) == -1)
		watch_stop(p, EX_FAIL, "no packet descriptors");
	channels_link(p);
}

static void
on_image_ack(struct parent *p, struct kid *k, struct chan_msg *m)
{
	const struct msg_image_ack *a = &m->u.image_ack;

	if (a->generation != k->gen_sent || k->gen == k->gen_sent) {
		kid_kill(p, k, EV_CHAN_BROKEN, "IMAGE_ACK of generation %u",
		    a->generation);
		return;
	}
	if (k->state == KID_RUN) {
		reload_acked(p, k, a->result);
		return;
	}
	if (a->result != 0) {
		kid_kill(p, k, EV_NONE, "refused the image: %s",
		    image_strerror((int)a->result));
		return;
	}
	k->gen = k->gen_sent;
}

static void
say_missing(struct parent *p, struct kid *k, uint32_t mask)
{
	if (mask == k->missing)
		return;
	k->missing = mask;
	for (int i = 0; i < SBX_STEP_MAX; i++) {
		if (!(mask >> i & 1))
			continue;
		evq_text(&p->evq, EV_SANDBOX_MISSING, 0,
		    "%s: %s (Linux %s and later)", proc_name(k->proc),
		    sandbox_needs[i].name, sandbox_needs[i].since);
		info("%s runs without %s: this kernel has none (since %s)",
		    proc_name(k->proc), sandbox_needs[i].name,
		    sandbox_needs[i].since);
	}
}

static void
on_ready(struct parent *p, struct kid *k, struct chan_msg *m)
{
	if (k->gen != k->gen_sent) {
		kid_kill(p, k, EV_CHAN_BROKEN, "READY before its image");
		return;
	}
	k->state = KID_READY;
	say_missing(p, k, m->u.ready.missing);
	/* hpd-log at once: it writes down how the others start. */
	if (p->phase == PHASE_RUN || k->id == KID_LOG)
		parent_msg_start(p, k);
}

void
parent_msg_start(struct parent *p, struct kid *k)
{
	struct msg_start m;

	memset(&m, 0, sizeof(m));
	if (k->id != KID_LOG)
		memcpy(m.key, p->key, sizeof(m.key));
	/* Each life of a process has a sequence of its own in the log. */
	m.boot = p->boot + k->starts - 1;
	m.session = (uint64_t)k->starts << 40 | 1;
	kid_send(p, k, MSG_START, &m, sizeof(m), -1);
	explicit_bzero(&m, sizeof(m));
	k->state = KID_RUN;
	evq_text(&p->evq, EV_PROC_UP, 0, "%s pid %d", proc_name(k->proc),
	    (int)k->pid);
	debug("%s runs, pid %d", proc_name(k->proc), (int)k->pid);
	if (k->id == KID_LOG)
		parent_msg_segments(p, SEGMENTS_FIRST);
	if (k->id == KID_SHIP)
		ship_started(p, k);
	reload_step(p);
}

static void
on_stats(struct parent *p, struct kid *k, struct chan_msg *m)
{
	(void)p;
	debug("%s: %u counters", proc_name(k->proc), m->u.stats.count);
}

/*
 * Every TROUBLE costs another process its life or its sessions, so a process
 * in wrong hands could take the others down by talk. It has a few, and fewer
 * than the deaths that stop the suite; then it is the one that is killed.
 */
static int
believed(struct parent *p, struct kid *k)
{
	unsigned n = 0;

	for (int i = 0; i < TROUBLES_MAX; i++)
		if (k->trouble[i] != 0 && p->now - k->trouble[i] < DEATHS_WINDOW)
			n++;
	if (n == TROUBLES_MAX) {
		kid_kill(p, k, EV_CHAN_BROKEN, "TROUBLE with others %d times "
		    "in %d s", TROUBLES_MAX + 1, (int)(DEATHS_WINDOW / NS_SEC));
		return 0;
	}
	memmove(k->trouble, k->trouble + 1,
	    sizeof(k->trouble) - sizeof(k->trouble[0]));
	k->trouble[TROUBLES_MAX - 1] = p->now;
	return 1;
}

/* k says that the channel it had with another one was broken by that one. */
static void
on_trouble(struct parent *p, struct kid *k, struct chan_msg *m)
{
	const struct msg_trouble *t = &m->u.trouble;
	struct kid *by = kid_by_proc(p, t->proc);
	int pair = (k->id == KID_NET || (by != NULL && by->id == KID_NET)) &&
	    by != NULL && by->id != KID_LOG && k->id != KID_LOG && by != k &&
	    by->id != KID_SHIP && k->id != KID_SHIP;

	if (k->id == KID_LOG && t->slot < LOG_SLOTS) {
		if (believed(p, k))
			channels_reset(p, t->slot);
		return;
	}
	if (!pair) {
		kid_kill(p, k, EV_CHAN_BROKEN, "TROUBLE with process %u",
		    t->proc);
		return;
	}
	if (!believed(p, k))
		return;
	if (t->step == CHAN_E_EOF) { /* closed, not broken: a new pair */
		/* this pair only: hpd-net's one with the other runner stays */
		channels_unlink(p, k->id == KID_NET ? by : k);
		channels_link(p);
		return;
	}
	if (by->open)
		kid_kill(p, by, EV_CHAN_BROKEN, "%s says: %s, message %s",
		    proc_name(k->proc), chan_strerror(t->step),
		    proto_type_name(t->type));
}

static void
on_log_full(struct parent *p, struct kid *k, struct chan_msg *m)
{
	const struct msg_log_full *f = &m->u.log_full;
	int64_t max_ns;

	(void)k;
	if (f->stream >= STREAM_MAX ||
	    f->number != p->seg.number[f->stream] ||
	    p->seg.retry_at[f->stream] != 0)
		return; /* a newer one is on its way */
	if (f->why == 3) {
		/* The disk said no: the next file would hear the same. */
		p->seg.retry_at[f->stream] = p->now +
		    segments_error_wait(&p->seg, (int)f->stream);
		return;
	}
	/* A file is made only when the old one really is full or old: else an
	 * hpd-log in wrong hands could fill the directory. It asks again. */
	max_ns = (int64_t)p->image.hdr->log_segment_seconds * NS_SEC;
	if (segments_due(&p->seg, (int)f->stream, max_ns, p->now))
		new_segment(p, (int)f->stream, 0);
}

static void
on_sealed(struct parent *p, struct kid *k, struct chan_msg *m)
{
	(void)k;
	if (m->u.sealed.proc == PROC_PARENT)
		retire_sealed(p, m->u.sealed.seq);
}

static void
on_ship_down(struct parent *p, struct kid *k, struct chan_msg *m)
{
	(void)k;
	ship_lost(p, &m->u.ship_down);
}

static const struct {
	uint16_t type;
	handler fn;
} handlers[] = {
	{MSG_HELLO, on_hello},
	{MSG_IMAGE_ACK, on_image_ack},
	{MSG_READY, on_ready},
	{MSG_STATS, on_stats},
	{MSG_TROUBLE, on_trouble},
	{MSG_LOG_FULL, on_log_full},
	{MSG_SEALED, on_sealed},
	{MSG_SHIP_DOWN, on_ship_down},
};

static void
dispatch(struct parent *p, struct kid *k, struct chan_msg *m)
{
	if (m->fd != -1) { /* no row to the parent carries one */
		close(m->fd);
		m->fd = -1;
	}
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].type == m->type) {
			handlers[i].fn(p, k, m);
			return;
		}
	}
	kid_kill(p, k, EV_CHAN_BROKEN, "message %s has no handler",
	    proto_type_name(m->type));
}

void
parent_msg_read(struct parent *p, struct kid *k)
{
	static struct chan_msg m;
	int r = 0;

	for (int i = 0; i < TURN_MSGS && k->open; i++) {
		r = chan_recv(&k->chan, &m);
		if (r != 1)
			break;
		dispatch(p, k, &m);
	}
	if (r != -1 || !k->open)
		return;
	if (k->chan.err == CHAN_E_EOF) {
		kid_close(k); /* its end follows, or is helped along */
		k->at = p->now + LINGER;
	} else {
		kid_kill(p, k, EV_CHAN_BROKEN, "%s, message %s",
		    chan_strerror(k->chan.err),
		    proto_type_name(k->chan.err_type));
	}
}
