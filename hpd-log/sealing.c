/* SPDX-License-Identifier: ISC */
/*
 * The seal, in hpd-log: its state in the page shared with the parent and in the
 * file on disk, and the lines it goes to. Keys are gone from the page before a
 * line is written. Must never move ->written beyond what is whole in a file.
 */
#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-log/log.h"

int
sealing_chain(unsigned int stream)
{
	return stream == STREAM_EVENTS ? SEAL_EVENTS :
	    stream == STREAM_PROBES    ? SEAL_PROBES : -1;
}

void
sealing_page(struct logd *ld, uint64_t ordinal, int fd)
{
	struct seal_state *st;

	fd = fd_place(fd, FD_SEAL_PAGE);
	if (fd == -1)
		fatal("seal page");
	st = mmap(NULL, SEAL_STATE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (st == MAP_FAILED)
		fatal("seal page");
	if (st->magic != SEAL_MAGIC || st->version != SEAL_VERSION ||
	    st->ordinal != ordinal || st->active > 1)
		fatalx("the seal's page is none");
	seal_resume(st);
	ld->seal = st;
	ld->sealing = 1;
	ld->boot = st->boot;
	fold_adopt(ld);
}

void
sealing_file(struct logd *ld, int fd)
{
	if (fd_place(fd, FD_SEAL_FILE) == -1)
		fatal("seal file");
	ld->seal_file = 1;
}

void
sealing_line(struct logd *ld, unsigned int chain, size_t start,
    const struct event *ev, int begin)
{
	struct lines *l = &ld->out[chain];
	struct seal_chain *c = &ld->seal->chain[chain];
	struct note *n = &l->note[l->n++];

	n->index = c->index;
	n->wall_ns = ev->wall_ns;
	n->count = ev->count;
	n->kind = ev->kind;
	n->begin = (uint8_t)begin;
	if (ld->sealing)
		l->w.len = start + seal_line(c, l->w.data + start,
		    l->w.len - start, n->tag);
	n->end = l->w.len;
}

/* Record n is whole in a segment, and so are all before it. */
static void
moved(struct logd *ld, unsigned int chain, const struct note *n)
{
	struct seal_chain *c = &ld->seal->chain[chain];
	struct seal_last *last = ld->seal->last[chain];

	if (!ld->sealing)
		return;
	if (last->index + 1 == c->written && c->written != 0)
		last++; /* that one is to stay whole until the store below */
	last->index = n->index;
	memcpy(last->tag, n->tag, sizeof(last->tag));
	__atomic_store_n(&c->written, n->index + 1, __ATOMIC_RELEASE);
}

void
sealing_written(struct logd *ld, unsigned int chain)
{
	unsigned int stream =
	    chain == SEAL_EVENTS ? STREAM_EVENTS : STREAM_PROBES;
	struct lines *l = &ld->out[chain];
	struct json_sums *sums = &ld->sums[chain];
	uint32_t was = l->done;

	while (l->done < l->n && l->note[l->done].end <= l->off) {
		const struct note *n = &l->note[l->done++];

		sums->records[n->kind]++;
		sums->packets[n->kind] += n->count;
		if (chain == SEAL_PROBES) {
			int i = fold_index(n->kind);

			if (i >= 0) {
				ld->work.probes[i].records++;
				ld->work.probes[i].packets += n->count;
			}
		}
	}
	if (l->done == was)
		return;
	ld->seg[stream].lines += l->done - was;
	ld->stats[LS_LINES] += l->done - was;
	moved(ld, chain, &l->note[l->done - 1]);
	if (chain == SEAL_PROBES) {
		ld->work.lines = ld->seg[stream].lines;
		ld->work.bytes = ld->seg[stream].size;
	}
}

/* Buffers and notes change places with the spare ones, which are empty. */
static struct lines
set_aside(struct logd *ld)
{
	struct lines *l = &ld->out[SEAL_EVENTS], was = *l;

	l->w.data = ld->spare;
	l->note = ld->spare_note;
	ld->spare = was.w.data;
	ld->spare_note = was.note;
	l->w.len = l->off = 0;
	l->n = l->done = 0;
	l->stale = 0;
	return was;
}

/* A line of another buffer, as it is. */
static void
copy(struct lines *l, const char *p, size_t len, const struct note *n)
{
	memcpy(l->w.data + l->w.len, p, len);
	l->w.len += len;
	l->note[l->n] = *n;
	l->note[l->n++].end = l->w.len;
}

void
sealing_again(struct logd *ld, const struct ev_segment *e)
{
	struct lines *l = &ld->out[SEAL_EVENTS], was = set_aside(ld);
	size_t at = was.done > 0 ? was.note[was.done - 1].end : 0;
	uint64_t seq = ld->own_seq;
	int again = 0;

	for (uint32_t i = was.done; i < was.n; i++)
		again |= was.note[i].begin;
	if (again) /* that one was never said: so is its number */
		ld->own_seq = ld->mark_seq;
	else
		ld->mark_seq = seq;
	own_mark(ld, SEAL_EVENTS, e, 1);
	if (again)
		ld->own_seq = seq;
	for (uint32_t i = was.done; i < was.n; i++) {
		const struct note *n = &was.note[i];

		if (!n->begin)
			copy(l, was.w.data + at, n->end - at, n);
		at = n->end;
	}
	l->stale = l->n > 1;
}

void
sealing_rest(struct logd *ld)
{
	struct lines *l = &ld->out[SEAL_EVENTS], was = set_aside(ld);
	size_t at = was.note[0].end, body;
	uint64_t index;
	uint8_t tag[SEAL_TAG_LEN];

	for (uint32_t i = 1; i < was.n; i++) {
		const struct note *n = &was.note[i];
		struct event ev = { .kind = n->kind, .count = n->count,
			.wall_ns = n->wall_ns };
		size_t start = l->w.len, len = n->end - at;

		memcpy(l->w.data + start, was.w.data + at, len);
		if (ld->sealing && seal_parse(was.w.data + at, len, &body,
		    &index, tag) == 0) {
			memcpy(l->w.data + start + body, "}\n", 2);
			len = body + 2;
		}
		l->w.len += len;
		sealing_line(ld, SEAL_EVENTS, start, &ev, 0);
		at = n->end;
	}
}

/* One page of the state, behind all that it speaks of. */
static int
keep(struct logd *ld, const uint8_t page[SEAL_STATE_SIZE])
{
	off_t at = (off_t)(ld->seal->saved & 1) * SEAL_STATE_SIZE;

	return pwrite(FD_SEAL_FILE, page, SEAL_STATE_SIZE, at) ==
		    SEAL_STATE_SIZE &&
		fdatasync(FD_SEAL_FILE) == 0 ? 0 : -1;
}

void
sealing_save(struct logd *ld, int clean, int64_t now)
{
	static _Alignas(8) uint8_t page[SEAL_STATE_SIZE];
	int whole = ld->sealing && ld->seal_file;
	unsigned int i;

	for (i = 0; i < SEAL_CHAINS; i++) {
		ld->saved_written[i] = ld->seal->chain[i].written;
		whole &= ld->seal->chain[i].index == ld->saved_written[i];
	}
	ld->saved_ns = now;
	if (whole) {
		if (clean)
			ld->seal->clean = 1;
		seal_pack(ld->seal, page);
	}
	if (ld->seg[STREAM_EVENTS].unsynced > 0)
		stream_sync(ld, STREAM_EVENTS, now);
	if (ld->seg[STREAM_PROBES].unsynced > 0)
		stream_sync(ld, STREAM_PROBES, now);
	if (!whole)
		return;
	if (ld->seg[STREAM_EVENTS].unsynced > 0 ||
	    ld->seg[STREAM_PROBES].unsynced > 0) {
		ld->seal->saved--; /* it speaks of what may not be there */
		ld->seal->clean = 0;
		ld->stats[LS_SAVE_ERRORS]++;
		return;
	}
	ld->stats[LS_SAVES]++;
	if (keep(ld, page) == 0) {
		if (ld->save_failed)
			own_text(ld, EV_LOG_TEXT, 0,
			    "the seal's state can be kept again");
		ld->save_failed = 0;
	} else {
		ld->seal->saved--; /* the slot that is torn now, not the other */
		ld->stats[LS_SAVE_ERRORS]++;
		if (!ld->save_failed) {
			diag_warn("state of the seal");
			own_text(ld, EV_LOG_TEXT, 0,
			    "the seal's state can't be kept on disk: a power "
			    "failure now would look like a cut log");
		}
		ld->save_failed = 1;
	}
	memset(page, 0, sizeof(page));
}
