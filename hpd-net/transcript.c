/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the first bytes of sessions into the log. Looks at no byte; copies
 * those it keeps once. Must never let a flood of sessions fill the log, nor
 * keep a byte twice.
 */
#include "transcript.h"

#include <string.h>

#include "../common/clock.h"
#include "net.h"
#include "report.h"

static uint64_t tokens; /* bytes of log */
static int64_t tokens_ns;

/* 1: so many bytes of log may be written. */
static int
may_write(uint64_t need)
{
	int64_t dt = net.now_mono_ns - tokens_ns;

	if (tokens_ns == 0 || dt < 0 ||
	    dt / NS_SEC > TRANSCRIPT_BURST / TRANSCRIPT_RATE) {
		tokens = TRANSCRIPT_BURST;
		tokens_ns = net.now_mono_ns;
	} else if (dt >= NS_MSEC) {
		tokens += (uint64_t)dt * TRANSCRIPT_RATE / NS_SEC;
		if (tokens > TRANSCRIPT_BURST)
			tokens = TRANSCRIPT_BURST;
		tokens_ns = net.now_mono_ns;
	}
	if (tokens < need)
		return 0;
	tokens -= need;
	return 1;
}

/* The waiting record, when it is this direction's last chunk, ends where the
 * new bytes begin and is so young that nobody misses the time between. */
static struct event *
can_join(uint64_t session, int out, uint32_t at, uint32_t n)
{
	struct event *e = evq_last(&net.evq);
	struct ev_chunk c;
	size_t len;

	if (e == NULL || e->kind != EV_SESSION_DATA || e->session != session ||
	    net.now_wall_ns - e->wall_ns > TRANSCRIPT_JOIN_NS)
		return NULL;
	memcpy(&c, e + 1, sizeof(c));
	len = e->len - sizeof(*e) - e->pad - sizeof(c);
	if (c.out != out || c.flags != 0 || c.offset + len != at ||
	    len + n > EV_CHUNK_MAX)
		return NULL;
	return e;
}

static void
put(uint64_t session, const struct tuple *tu, uint8_t proto,
    const struct ev_chunk *c, const uint8_t *data, uint32_t n)
{
	struct event *e;

	e = evq_reserve(&net.evq, EV_SESSION_DATA, 1, sizeof(*c) + n);
	if (e == NULL) { /* the next offset shows it */
		STAT_INC(EVENTS_LOST);
		return;
	}
	e->proto = proto;
	e->ver = 4;
	e->wall_ns = net.now_wall_ns;
	e->session = session;
	addr_set4(e->src, tu->raddr);
	addr_set4(e->dst, tu->laddr);
	e->sport = tu->rport;
	e->dport = tu->lport;
	memcpy(e + 1, c, sizeof(*c));
	memcpy((uint8_t *)(e + 1) + sizeof(*c), data, n);
	STAT_INC(EVENTS_PUT);
	STAT_ADD(TRANSCRIPT_BYTES, n);
}

/* One record at most; the bytes taken. */
static uint32_t
keep_some(struct transcript *t, int out, uint64_t session,
    const struct tuple *tu, uint8_t proto, const uint8_t *data, uint32_t len,
    uint8_t flags)
{
	struct ev_chunk c = {.offset = t->at[out],
	    .out = (uint8_t)out,
	    .flags = flags};
	uint32_t n = len < t->left[out] ? len : t->left[out];
	struct event *e;

	if (n > EV_CHUNK_MAX)
		n = EV_CHUNK_MAX;
	e = flags == 0 ? can_join(session, out, t->at[out], n) : NULL;
	if (!may_write(n + (e == NULL ? TRANSCRIPT_COST : 0))) {
		e = NULL;
		STAT_INC(TRANSCRIPT_CUT);
		report_limit("transcripts", 1);
		n = 0;
		t->left[out] = 0;
	} else if (e == NULL && ++t->nrec[out] == TRANSCRIPT_RECORDS) {
		t->left[out] = n; /* the last one */
	}
	t->left[out] -= n;
	if (t->left[out] == 0)
		c.flags |= EV_CHUNK_CUT;
	if (e != NULL && evq_extend(&net.evq, data, n) == 0) {
		((struct ev_chunk *)(void *)(e + 1))->flags |= c.flags;
		STAT_ADD(TRANSCRIPT_BYTES, n);
	} else {
		put(session, tu, proto, &c, data, n);
	}
	t->at[out] += n;
	return n;
}

void
transcript_keep(struct transcript *t, int out, uint64_t session,
    const struct tuple *tu, uint8_t proto, const uint8_t *data, uint32_t len,
    enum transcript_how how)
{
	uint8_t flags = how == TRANSCRIPT_DGRAM ? EV_CHUNK_DGRAM : 0;
	uint32_t n;

	while (len > 0 && t->left[out] != 0) {
		n = keep_some(t, out, session, tu, proto, data, len, flags);
		data += n;
		len -= n;
		flags = 0; /* the rest of a large datagram */
	}
}

void
transcript_begin(struct transcript *t, uint32_t max)
{
	memset(t, 0, sizeof(*t));
	t->left[0] = t->left[1] = max;
}
