/* SPDX-License-Identifier: ISC */
/*
 * Line splitter and token bucket of hpd-svc. Input is whatever a script, maybe
 * taken over by its peer, writes. Must never interpret, allocate, or hold more
 * than one line a stream.
 */
#include "hpd-svc/lines.h"

#include <string.h>

#include "common/clock.h"

void
lines_init(struct lines *l, char mem[LINES_MAX])
{
	l->part = mem;
	l->len = 0;
}

static void
lines_keep(struct lines *l, const char *data, size_t n)
{
	size_t room = LINES_MAX - l->len;

	if (n > room)
		n = room;
	memcpy(l->part + l->len, data, n);
	l->len += (uint32_t)n;
}

void
lines_feed(struct lines *l, const char *data, size_t n, lines_fn fn, void *arg)
{
	while (n > 0) {
		const char *nl = memchr(data, '\n', n);
		size_t seg = nl != NULL ? (size_t)(nl - data) : n;

		if (nl == NULL) {
			lines_keep(l, data, seg);
			return;
		}
		if (l->len > 0) {
			lines_keep(l, data, seg);
			fn(arg, l->part, l->len);
			l->len = 0;
		} else if (seg > 0) {
			fn(arg, data, seg < LINES_MAX ? seg : LINES_MAX);
		}
		data += seg + 1;
		n -= seg + 1;
	}
}

void
lines_end(struct lines *l, lines_fn fn, void *arg)
{
	if (l->len > 0)
		fn(arg, l->part, l->len);
	l->len = 0;
}

void
bucket_init(struct bucket *b, int64_t now_ns, uint32_t rate, uint32_t burst)
{
	b->last_ns = now_ns;
	b->credit = (int64_t)burst * (NS_SEC / rate);
}

int
bucket_take(struct bucket *b, int64_t now_ns, uint32_t rate, uint32_t burst)
{
	int64_t cost = NS_SEC / rate, full = (int64_t)burst * cost;
	int64_t gone = now_ns - b->last_ns;

	if (gone > 0) {
		b->last_ns = now_ns;
		b->credit = gone < full - b->credit ? b->credit + gone : full;
	}
	if (b->credit < cost)
		return 0;
	b->credit -= cost;
	return 1;
}
