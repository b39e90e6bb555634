/* SPDX-License-Identifier: ISC */
/*
 * Segments that have to go, and the level of what is written. Runs in
 * hpd-parent. Names in the directory are data: only what segments.c could have
 * named, and that is a regular file of ours, is ever counted or removed. It
 * must never remove a segment whose record was not put before.
 */
#include "retire.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/diag.h"

#include "parent.h"
#include "retire_scan.h"

#define LOOK_EVERY  NS_SEC
#define SCAN_EVERY  (60 * NS_SEC)
#define AHEAD_NUM   3 /* seconds, times 1/2, from choosing one to its end */
#define AHEAD_DEN   2
#define LOOK_APART  (50 * NS_MSEC) /* at least, however many are made */
#define SEALED_WAIT (3 * NS_SEC) /* for hpd-log to make its record durable */
#define FRESH	    (5 * NS_SEC) /* after its follower came, it may grow */
#define SETTLE	    (2 * NS_SEC) /* and is not removed */
#define HELD	    (600 * NS_SEC) /* what can't be removed is left alone */
#define TURN_MIN    (5 * NS_SEC) /* of a segment whose stream is kept short */
#define TURN_PICKS  64 /* chosen in one look */
#define TURN_GOES   64	/* removed in one turn */
#define RESERVE_MAX (1ULL << 30)
#define CLOCK_JUMP  (3600 * NS_SEC) /* between two looks: the clock was set */
#define CLOCK_WAIT  (3600 * NS_SEC) /* for somebody to set it right */

void
retire_soon(struct parent *p)
{
	struct retire *r = &p->retire;

	if (r->next_at > r->looked_at + LOOK_APART)
		r->next_at = r->looked_at + LOOK_APART;
}

/* The configuration's limits, with the file system's size where they depend
 * on it; free bytes. */
static void
rules_now(struct parent *p, struct budget_rules *b, struct budget_now *now)
{
	const struct img_header *h = p->image.hdr;
	struct retire *r = &p->retire;
	struct statvfs fs;

	memset(b, 0, sizeof(*b));
	memset(now, 0, sizeof(*now));
	now->wall_ns = clock_wall_ns();
	now->avail = BUDGET_UNKNOWN;
	now->others = r->others;
	b->total = h->log_budget;
	b->reserve = h->log_reserve;
	b->oldest = h->log_full == FULL_OLDEST;
	for (int i = 0; i < STREAM_MAX; i++) {
		b->stream[i] = h->log_stream_budget[i];
		b->keep_s[i] = h->log_keep_s[i];
		now->ahead[i] = r->rate[i] / AHEAD_DEN * AHEAD_NUM;
	}
	if (fstatvfs(p->seg.dir, &fs) == 0 && fs.f_blocks > 0) {
		now->avail = (uint64_t)fs.f_bavail * fs.f_frsize;
		r->fs_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
	}
	if (b->reserve == IMG_RESERVE_AUTO)
		b->reserve = r->fs_bytes / 20 < RESERVE_MAX ? r->fs_bytes / 20
							    : RESERVE_MAX;
	now->margin = r->level.level > LEVEL_ALL;
}

/* The clock was set far: by a mistake, perhaps, or by who wants the log gone.
 * Nothing is too old for a while. */
static void
clock_set(struct parent *p, struct budget_rules *b, int64_t wall_ns)
{
	struct retire *r = &p->retire;
	int64_t off = wall_ns - p->now, by = off - r->wall_off;

	if (r->wall_off != 0 && (by > CLOCK_JUMP || by < -CLOCK_JUMP)) {
		r->jumped_at = p->now;
		diag_warnx("the system's clock was set by %lld s; no segment "
		    "is removed by its age for an hour",
		    (long long)(by / NS_SEC));
	}
	r->wall_off = off;
	if (r->jumped_at != 0 && p->now - r->jumped_at < CLOCK_WAIT)
		memset(b->keep_s, 0, sizeof(b->keep_s));
}

void
retire_init(struct parent *p)
{
	struct retire *r = &p->retire;
	struct budget_rules b;
	struct budget_now now;

	rules_now(p, &b, &now); /* the file system's size */
	r->scan_at = p->now + SCAN_EVERY;
	r->rated_at = p->now;
	retire_scan(r, &p->seg, p->now);
	if (r->more)
		diag_warnx("%s: more than %d segments; the budget counts all "
		    "that were found, and the others are removed after these",
		    p->flags.logdir, RETIRE_FILES);
}

/* Sizes of what may still grow; bytes that came are counted for the rate. */
static void
sizes(struct parent *p)
{
	struct retire *r = &p->retire;

	for (size_t i = 0; i < r->n; i++) {
		struct budget_file *f = &r->file[i];
		unsigned int s = f->stream;
		int newest = strcmp(f->name, p->seg.newest[s]) == 0;
		uint64_t was = f->bytes;

		if (!newest && f->live && f->fresh == 0)
			f->fresh = p->now + FRESH;
		f->live = (uint8_t)(newest ||
		    (p->seg.number[s] == f->number + 1 && f->fresh != 0 &&
			p->now - p->seg.made_at[s] < SETTLE));
		if (!newest && (f->fresh == 0 || p->now > f->fresh))
			continue;
		if (retire_stat(&p->seg, f) == 0 && f->bytes > was)
			r->grown[s] += f->bytes - was;
	}
}

static void
rates(struct parent *p)
{
	struct retire *r = &p->retire;
	int64_t ms = (p->now - r->rated_at) / NS_MSEC;

	if (ms < 500)
		return;
	for (int i = 0; i < STREAM_MAX; i++) {
		uint64_t rate = r->grown[i] * 1000 / (uint64_t)ms;

		r->rate[i] = rate > r->rate[i] / 2 ? rate : r->rate[i] / 2;
		r->grown[i] = 0;
	}
	r->rated_at = p->now;
}

/* Its record: first of all. 0, or -1 when our queue has no room. */
static int
announce(struct parent *p, struct budget_file *f, uint32_t why)
{
	struct event e = {.kind = EV_LOG_RETIRED};
	struct ev_retired d;

	if (evq_room(&p->evq, EV_LOG_RETIRED) < sizeof(e) + sizeof(d) + 8)
		return -1; /* later; it is not lost */
	memset(&d, 0, sizeof(d));
	d.stream = f->stream;
	d.number = f->number;
	d.why = why;
	d.bytes = f->bytes;
	d.newest_ns = f->newest_ns;
	memcpy(d.name, f->name, sizeof(d.name));
	if (evq_put(&p->evq, &e, &d, sizeof(d)) == -1)
		return -1;
	f->seq = p->evq.next_seq - 1;
	f->at = p->now;
	return 0;
}

static void
drop(struct retire *r, size_t i)
{
	r->file[i] = r->file[--r->n];
}

/* Its record is durable, or could not be made so. 1: it is gone. */
static int
goes(struct parent *p, struct budget_file *f)
{
	struct retire *r = &p->retire;

	if (segments_remove(&p->seg, f->name) == 0 || errno == ENOENT) {
		debug("removed %s", f->name);
		r->said_stuck = 0;
		return 1;
	}
	if (!r->said_stuck)
		diag_warn("%s/%s cannot be removed", p->flags.logdir, f->name);
	r->said_stuck = 1;
	f->going = 0;
	f->held = 1;
	f->at = p->now + HELD;
	return 0;
}

static void
removals(struct parent *p)
{
	struct retire *r = &p->retire;
	int n = 0;

	for (size_t i = 0; i < r->n;) {
		struct budget_file *f = &r->file[i];

		if (f->held && p->now >= f->at)
			f->held = 0;
		if (!f->going || (f->seq > r->sealed &&
		    p->now - f->at < SEALED_WAIT)) {
			i++;
			continue;
		}
		if (n++ == TURN_GOES) {
			r->next_at = p->now;
			return;
		}
		if (goes(p, f))
			drop(r, i);
		else
			i++;
	}
}

static const char *
why_text(uint32_t why)
{
	switch (why) {
	case RETIRE_BUDGET:
		return "the budget of the log is short";
	case RETIRE_STREAM:
		return "the stream's budget is used up";
	case RETIRE_RESERVE:
		return "the file system is short of free space";
	default:
		return "there is room again";
	}
}

void
retire_tell(struct parent *p)
{
	const struct retire *r = &p->retire;
	struct msg_log_level m = {r->level.level, r->level_why};

	if (r->level.level != LEVEL_ALL)
		kid_send(p, &p->kids[KID_LOG], MSG_LOG_LEVEL, &m, sizeof(m),
		    -1);
}

static void
level(struct parent *p, uint32_t why, int full, int calm)
{
	static const char *const words[] = {
		[LEVEL_ALL] = "everything is kept",
		[LEVEL_NO_FRAMES] = "frames are counted, not kept",
		[LEVEL_FOLD] = "frames and probes are counted, not kept",
	};
	struct retire *r = &p->retire;
	struct msg_log_level m;
	struct kid *k = &p->kids[KID_LOG];

	if (full && r->level.level < LEVEL_NO_FRAMES)
		r->level.level = LEVEL_NO_FRAMES; /* no time for one by one */
	if (full)
		r->level.at = p->now - BUDGET_WORSE;
	if (!budget_level(&r->level, why != 0, calm, p->now))
		return;
	if (why != 0)
		r->level_why = why;
	m.level = r->level.level;
	m.why = m.level == LEVEL_ALL ? 0 : r->level_why;
	evq_text(&p->evq, EV_LOG_LEVEL, (uint8_t)m.level, "%s: %s",
	    words[m.level], why_text(why));
	diag_warnx("log: %s", words[m.level]);
	if (k->open && k->state >= KID_SETUP)
		kid_send(p, k, MSG_LOG_LEVEL, &m, sizeof(m), -1);
}

/* What stops at its segment's end. Where the oldest may go nothing has to: it
 * can go as soon as there is a newer one. */
static void
stops(struct parent *p, const struct budget_rules *b,
    const struct budget_sum *s, uint32_t full)
{
	struct retire *r = &p->retire;

	for (unsigned int i = 0; i < STREAM_MAX; i++) {
		uint32_t why = 0;

		if (i == STREAM_EVENTS || i == STREAM_SERVICE) {
			if (budget_stream_full(b, s, i))
				why = RETIRE_STREAM;
			if (full != 0)
				why = full;
			if (b->oldest)
				why = 0;
		} else if (r->level.level == LEVEL_FOLD ||
		    (i == STREAM_PCAP && r->level.level == LEVEL_NO_FRAMES)) {
			why = r->level_why;
		}
		r->full[i] = (uint8_t)why;
		if (why != 0 || !r->said_full[i])
			continue;
		r->said_full[i] = 0;
		evq_text(&p->evq, EV_LOG_LEVEL, (uint8_t)r->level.level,
		    "%s are written again: %s", segments_stem(i), why_text(0));
	}
}

uint64_t
retire_quota(const struct parent *p, unsigned int stream)
{
	const struct img_header *h = p->image.hdr;
	struct budget_rules b = {.total = h->log_budget};

	for (int i = 0; i < STREAM_MAX; i++)
		b.stream[i] = h->log_stream_budget[i];
	return budget_quota(&b, stream, h->log_segment_bytes,
	    p->retire.fs_bytes);
}

/*
 * Segments in use that have to be followed though hpd-log did not ask: a
 * reload made limits tighter than they were made for, or the stream is kept for
 * so short a time that its newest alone would hold it longer.
 */
static void
turns(struct parent *p)
{
	const struct retire *r = &p->retire;
	struct segments *g = &p->seg;

	for (size_t i = 0; i < r->n; i++) {
		const struct budget_file *f = &r->file[i];
		unsigned int s = f->stream;
		uint64_t quota;
		int64_t keep;

		if (!f->live || f->bytes == 0 || g->retry_at[s] != 0 ||
		    strcmp(f->name, g->newest[s]) != 0)
			continue;
		quota = retire_quota(p, s);
		keep = (int64_t)p->image.hdr->log_keep_s[s] * NS_SEC / 4;
		if (keep != 0 && keep < TURN_MIN)
			keep = TURN_MIN;
		if ((quota < g->quota[s] && f->bytes >= quota) ||
		    (keep != 0 && p->now - g->made_at[s] >= keep))
			g->retry_at[s] = p->now;
	}
}

static void
look(struct parent *p)
{
	struct retire *r = &p->retire;
	struct budget_rules b;
	struct budget_now now;
	struct budget_sum s;
	uint32_t why, is_short = 0, full = 0;
	int i = -1, n = 0;

	sizes(p);
	rates(p);
	rules_now(p, &b, &now);
	clock_set(p, &b, now.wall_ns);
	budget_sum(&s, r->file, r->n);
	while (n < TURN_PICKS &&
	    (i = budget_pick(&b, &now, &s, r->file, r->n, &why)) != -1 &&
	    announce(p, &r->file[i], why) == 0) {
		budget_take(&s, &r->file[i]);
		n++;
	}
	if (n == TURN_PICKS)
		r->next_at = p->now; /* the others at the next turn */
	if (i == -1) { /* nothing more to remove */
		is_short = budget_short(&b, &now, &s);
		full = budget_full(&b, &now, &s);
	}
	level(p, is_short, full != 0, budget_calm(&b, &now, &s));
	stops(p, &b, &s, full);
	turns(p);
}

int
retire_may_open(struct parent *p, unsigned int stream)
{
	struct retire *r = &p->retire;

	look(p); /* the one that is full counts as it is now */
	if (r->full[stream] == 0)
		return 1;
	/* Of frames and probes the level says it. */
	if (!r->said_full[stream] && stream != STREAM_PCAP &&
	    stream != STREAM_PROBES) {
		r->said_full[stream] = 1;
		evq_text(&p->evq, EV_LOG_LEVEL, (uint8_t)r->level.level,
		    "%s are not written any more: %s", segments_stem(stream),
		    why_text(r->full[stream]));
		diag_warnx("log: %s are not written any more",
		    segments_stem(stream));
	}
	return 0;
}

void
retire_tick(struct parent *p)
{
	struct retire *r = &p->retire;

	if (p->phase != PHASE_RUN || p->now < r->next_at)
		return;
	r->next_at = p->now + LOOK_EVERY;
	r->looked_at = p->now;
	if (p->now >= r->scan_at || (r->more && r->n < RETIRE_FILES / 2)) {
		r->scan_at = p->now + SCAN_EVERY;
		retire_scan(r, &p->seg, p->now);
	}
	look(p);
	removals(p);
}

void
retire_sealed(struct parent *p, uint64_t seq)
{
	if (seq > p->retire.sealed)
		p->retire.sealed = seq;
	if (p->phase == PHASE_RUN)
		removals(p);
}

void
retire_made(struct parent *p, unsigned int stream)
{
	retire_add(&p->retire, &p->seg, p->seg.newest[stream], p->now);
	retire_soon(p);
}
