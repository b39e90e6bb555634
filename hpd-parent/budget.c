/* SPDX-License-Identifier: ISC */
/*
 * What has to go when the log needs room. Runs in hpd-parent; decides on a
 * table and numbers only, opens and removes nothing.
 */
#include "budget.h"

#include <string.h>

#include "../common/clock.h"

#define QUOTA_MIN (64u << 10)

/* In this order; the last two only with `log full oldest', by age alone. */
static const uint8_t sacrifice[] = {STREAM_PCAP, STREAM_HONEYD,
	STREAM_PROBES};

static int
kept(unsigned int stream)
{
	return stream == STREAM_EVENTS || stream == STREAM_SERVICE;
}

void
budget_sum(struct budget_sum *s, const struct budget_file *f, size_t n)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < n; i++) {
		if (f[i].going) {
			s->going += f[i].bytes;
			continue;
		}
		s->total += f[i].bytes;
		s->stream[f[i].stream] += f[i].bytes;
	}
}

void
budget_take(struct budget_sum *s, struct budget_file *f)
{
	f->going = 1;
	s->total -= f->bytes;
	s->stream[f->stream] -= f->bytes;
	s->going += f->bytes;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Is used, and ahead more, over limit? Looking ahead never costs more than
 * half of a limit, or a burst would empty the log. */
static int
over(uint64_t used, uint64_t ahead, uint64_t limit)
{
	return limit != 0 && used + least(ahead, limit / 2) > limit;
}

/* Will less than reserve be free? Looking ahead keeps twice of it at most. */
static int
under(const struct budget_now *now, const struct budget_sum *s, uint64_t ahead,
    uint64_t reserve)
{
	return reserve != 0 && now->avail != BUDGET_UNKNOWN &&
	    now->avail + s->going < reserve + least(ahead, reserve);
}

static int
older(const struct budget_file *a, const struct budget_file *b)
{
	if (a->made_s != b->made_s)
		return a->made_s < b->made_s;
	return a->number < b->number;
}

/* The oldest that may go, of the streams in mask; -1 none. */
static int
oldest(const struct budget_file *f, size_t n, uint32_t mask)
{
	int best = -1;

	for (size_t i = 0; i < n; i++) {
		if (f[i].live || f[i].going || f[i].held ||
		    !(mask >> f[i].stream & 1))
			continue;
		if (best == -1 || older(&f[i], &f[best]))
			best = (int)i;
	}
	return best;
}

static int
expired(const struct budget_rules *r, const struct budget_now *now,
    const struct budget_file *f, size_t n)
{
	int best = -1;

	for (size_t i = 0; i < n; i++) {
		int64_t keep = (int64_t)r->keep_s[f[i].stream] * NS_SEC;

		if (keep == 0 || f[i].live || f[i].going || f[i].held ||
		    now->wall_ns - f[i].newest_ns < keep)
			continue;
		if (best == -1 || older(&f[i], &f[best]))
			best = (int)i;
	}
	return best;
}

static int
of_stream(const struct budget_rules *r, const struct budget_now *now,
    const struct budget_sum *s, const struct budget_file *f, size_t n)
{
	int i;

	for (unsigned int st = 0; st < STREAM_MAX; st++) {
		if ((kept(st) && !r->oldest) ||
		    !over(s->stream[st], now->ahead[st], r->stream[st]))
			continue;
		i = oldest(f, n, 1u << st);
		if (i != -1)
			return i;
	}
	return -1;
}

static int
of_all(const struct budget_rules *r, const struct budget_file *f, size_t n)
{
	int best = -1;

	for (size_t i = 0; i < sizeof(sacrifice) && best == -1; i++)
		best = oldest(f, n, 1u << sacrifice[i]);
	if (best == -1 && r->oldest)
		best = oldest(f, n, 1u << STREAM_EVENTS | 1u << STREAM_SERVICE);
	return best;
}

int
budget_pick(const struct budget_rules *r, const struct budget_now *now,
    const struct budget_sum *s, const struct budget_file *f, size_t n,
    uint32_t *why)
{
	uint64_t ahead = 0, reserve_ahead;
	int i;

	for (unsigned int st = 0; st < STREAM_MAX; st++)
		ahead += now->ahead[st];
	reserve_ahead = ahead;
	if (now->margin) {
		if (ahead < r->total / 16)
			ahead = r->total / 16;
		if (reserve_ahead < r->reserve / 4)
			reserve_ahead = r->reserve / 4;
	}
	*why = RETIRE_AGE;
	i = expired(r, now, f, n);
	if (i != -1)
		return i;
	*why = RETIRE_STREAM;
	i = of_stream(r, now, s, f, n);
	if (i != -1)
		return i;
	if (over(s->total + now->others, ahead, r->total))
		*why = RETIRE_BUDGET;
	else if (under(now, s, reserve_ahead, r->reserve))
		*why = RETIRE_RESERVE;
	else
		return -1;
	return of_all(r, f, n);
}

uint32_t
budget_short(const struct budget_rules *r, const struct budget_now *now,
    const struct budget_sum *s)
{
	if (over(s->total + now->others, 0, r->total))
		return RETIRE_BUDGET;
	return under(now, s, 0, r->reserve) ? RETIRE_RESERVE : 0;
}

uint32_t
budget_full(const struct budget_rules *r, const struct budget_now *now,
    const struct budget_sum *s)
{
	if (over(s->total + now->others, 0, r->total))
		return RETIRE_BUDGET;
	return under(now, s, 0, r->reserve / 2) ? RETIRE_RESERVE : 0;
}

int
budget_stream_full(const struct budget_rules *r, const struct budget_sum *s,
    unsigned int stream)
{
	return over(s->stream[stream], 0, r->stream[stream]);
}

int
budget_calm(const struct budget_rules *r, const struct budget_now *now,
    const struct budget_sum *s)
{
	return !over(s->total + now->others, r->total / 16, r->total) &&
	    !under(now, s, r->reserve / 4, r->reserve);
}

int
budget_level(struct budget_level *l, int is_short, int calm, int64_t mono)
{
	if (!calm)
		l->calm_since = 0;
	else if (l->calm_since == 0)
		l->calm_since = mono;
	if (is_short && l->level < LEVEL_FOLD &&
	    (l->level == LEVEL_ALL || mono - l->at >= BUDGET_WORSE)) {
		l->level++;
		l->at = mono;
		return 1;
	}
	if (calm && l->level > LEVEL_ALL &&
	    mono - l->calm_since >= BUDGET_BETTER) {
		l->level--;
		l->calm_since = mono; /* the next one as long again */
		return 1;
	}
	return 0;
}

uint64_t
budget_quota(const struct budget_rules *r, unsigned int stream, uint64_t want,
    uint64_t fs_bytes)
{
	uint64_t q = want;

	if (r->total != 0)
		q = least(q, r->total / 16);
	if (r->stream[stream] != 0)
		q = least(q, r->stream[stream] / 8);
	if (fs_bytes != 0)
		q = least(q, fs_bytes / 16);
	return q < QUOTA_MIN ? least(want, QUOTA_MIN) : q;
}
