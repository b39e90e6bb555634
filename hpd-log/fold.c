/* SPDX-License-Identifier: ISC */
/*
 * Counts instead of records, in hpd-log, and what was taken off the channels:
 * both in the page that survives it, in two halves of which one holds. ->work
 * is the next one; it holds after one store (fold_commit), made when a datagram
 * is written as far as it goes, before it is taken. So a successor neither
 * loses nor doubles a count, whatever instruction was the last one. Must never
 * commit while a datagram is half written.
 */
#include <string.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-log/log.h"

static int8_t place[EV_KIND_MAX]; /* index + 1 */

void
fold_init(void)
{
	int8_t n = 0;
	size_t i;

	memset(place, 0, sizeof(place));
	for (i = 0; i < event_nrows; i++) {
		if (event_rows[i].stream == STREAM_EVENTS)
			continue;
		if (n == SEAL_FOLDS)
			fatalx("too many kinds that may become counts");
		place[event_rows[i].kind] = ++n;
	}
}

int
fold_index(uint16_t kind)
{
	return kind < EV_KIND_MAX ? place[kind] - 1 : -1;
}

void
fold_commit(struct logd *ld)
{
	struct seal_state *st = ld->seal;
	uint64_t next = !st->active;

	memcpy(&st->half[next], &ld->work, sizeof(ld->work));
	__atomic_store_n(&st->active, next, __ATOMIC_RELEASE);
}

void
fold_adopt(struct logd *ld)
{
	const struct seal_state *st = ld->seal;
	const struct seal_way *y = &st->way;
	const struct seal_slot *s;

	ld->work = st->half[st->active];
	if (ld->work.fold_seq == 0)
		ld->work.fold_seq = 1; /* as every producer's */
	ld->told_queued = 0;
	memset(&ld->doubt, 0, sizeof(ld->doubt));
	if (y->slot >= SEAL_SLOTS || y->first >= y->end)
		return;
	s = &ld->work.slot[y->slot];
	if (s->boot != y->boot || s->run != y->run || s->next < y->end)
		ld->doubt = *y;
}

void
fold_add(struct logd *ld, uint16_t kind, uint32_t count, uint64_t bytes,
    int64_t wall_ns, uint32_t why)
{
	int i = fold_index(kind);
	struct seal_fold *f;

	if (i < 0)
		return;
	f = &ld->work.fold[i];
	if (f->records == 0 || wall_ns < f->first_ns)
		f->first_ns = wall_ns;
	if (f->records == 0 || wall_ns > f->last_ns)
		f->last_ns = wall_ns;
	f->records++;
	f->sum += count;
	f->bytes += bytes;
	f->kind = kind;
	f->why = why;
	ld->stats[LS_FOLDED]++;
	ld->stats[LS_FOLDED_SUM] += count;
}

/* Of an array of counts, how many there are. */
static unsigned int
filled(const struct seal_fold *f)
{
	unsigned int i, n = 0;

	for (i = 0; i < SEAL_FOLDS; i++)
		n += f[i].records != 0;
	return n;
}

/* Records of what is told, with the numbers that the page keeps for them. */
static void
queue(struct logd *ld)
{
	uint64_t seq = ld->work.told_seq;
	struct ev_fold e;
	unsigned int i;

	if (ld->own.w.len > LOG_OWN_ROOM / 2 ||
	    ld->own.n + SEAL_FOLDS > LOG_NOTES)
		return;
	for (i = 0; i < SEAL_FOLDS; i++) {
		const struct seal_fold *f = &ld->work.told[i];

		if (f->records == 0)
			continue;
		memset(&e, 0, sizeof(e));
		e.records = f->records;
		e.sum = f->sum;
		e.bytes = f->bytes;
		e.first_ns = f->first_ns;
		e.last_ns = f->last_ns;
		e.kind = f->kind;
		e.why = f->why;
		if (!own_fold(ld, seq++, &e))
			fatalx("no room for counts");
	}
	ld->told_queued = 1;
}

void
fold_tell(struct logd *ld)
{
	struct seal_half *h = &ld->work;
	unsigned int n;

	if (!stream_ready(ld) && !ld->stopping)
		return;
	if (ld->held != -1)
		return;
	if (filled(h->told) == 0 && (n = filled(h->fold)) > 0) {
		memcpy(h->told, h->fold, sizeof(h->told));
		memset(h->fold, 0, sizeof(h->fold));
		h->told_seq = h->fold_seq;
		h->fold_seq += n;
		ld->told_queued = 0;
		fold_commit(ld);
	}
	if (filled(h->told) > 0 && !ld->told_queued)
		queue(ld);
}

void
fold_told(struct logd *ld)
{
	if (!ld->told_queued || ld->held != -1)
		return;
	ld->told_queued = 0;
	memset(ld->work.told, 0, sizeof(ld->work.told));
	fold_commit(ld);
}
