/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: sessions with the runners (hpd-svc, hpd-svc -S): SVC_* messages,
 * session ids, numbers of session descriptors. Bytes never pass here. Must
 * never wait for a runner.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/addr.h"
#include "../common/diag.h"
#include "../common/evq.h"
#include "net.h"
#include "report.h"
#include "sess.h"
#include "timer.h"

#define RETRY_MS 20
#define DENIED_SECOND 1000 /* told one by one */

enum sess_state { SESS_FREE = 0, SESS_ASKED, SESS_OPEN, SESS_CLOSING };

struct sess {
	uint64_t id;
	const struct sess_owner *owner;
	void *ctx;
	uint32_t next;	/* hash chain or free list */
	uint8_t state, proc, reason;
};

#define NONE UINT32_MAX

static struct {
	struct sess *s;
	uint32_t *bucket, mask;
	uint32_t max, count, free;
	uint32_t closing;  /* SVC_CLOSE still to be sent */
	uint64_t *fds;	   /* bit per descriptor from FD_SESSION_MIN */
	uint32_t nfds;
	struct chan *runner[2];
	struct net_timer retry;
} sm;

static void retry_fire(struct net_timer *);

static int
slot_of(uint8_t proc)
{
	return proc == PROC_SVC ? 0 : proc == PROC_SVC_SHELL ? 1 : -1;
}

void
sess_init(uint32_t max)
{
	uint32_t i, n = 16;

	free(sm.s);
	free(sm.bucket);
	free(sm.fds);
	memset(&sm, 0, sizeof(sm));
	if (max == 0)
		max = 1;
	if (max > 65536)
		max = 65536;
	while (n < max)
		n <<= 1;
	sm.max = max;
	sm.mask = n - 1;
	sm.nfds = (2 * max + 127) / 64 * 64;
	sm.s = calloc(max, sizeof(*sm.s));
	sm.bucket = malloc(n * sizeof(*sm.bucket));
	sm.fds = calloc(sm.nfds / 64, sizeof(*sm.fds));
	if (sm.s == NULL || sm.bucket == NULL || sm.fds == NULL)
		fatal("%u sessions", max);
	for (i = 0; i < n; i++)
		sm.bucket[i] = NONE;
	for (i = 0; i < max; i++)
		sm.s[i].next = i + 1 == max ? NONE : i + 1;
	net_timer_init(&sm.retry, retry_fire);
}

uint64_t
sess_new_id(void)
{
	if (net.next_session == 0)
		net.next_session = 1;
	return net.next_session++;
}

static struct sess *
find(uint64_t id)
{
	uint32_t i;

	for (i = sm.bucket[id & sm.mask]; i != NONE; i = sm.s[i].next)
		if (sm.s[i].id == id)
			return &sm.s[i];
	return NULL;
}

static struct sess *
add(uint64_t id)
{
	struct sess *s;

	if (sm.free == NONE)
		return NULL;
	s = &sm.s[sm.free];
	sm.free = s->next;
	memset(s, 0, sizeof(*s));
	s->id = id;
	s->next = sm.bucket[id & sm.mask];
	sm.bucket[id & sm.mask] = (uint32_t)(s - sm.s);
	sm.count++;
	STAT_INC(SESS_OPEN);
	return s;
}

static void
forget(struct sess *s)
{
	uint32_t i = (uint32_t)(s - sm.s), *p;

	for (p = &sm.bucket[s->id & sm.mask]; *p != i; p = &sm.s[*p].next)
		;
	*p = s->next;
	if (s->state == SESS_CLOSING)
		sm.closing--;
	s->state = SESS_FREE;
	s->next = sm.free;
	sm.free = i;
	sm.count--;
	STAT_DEC(SESS_OPEN);
}

static int
denied(uint64_t id, const struct sess_flow *f, uint8_t reason)
{
	static uint32_t second, left;
	struct event ev;

	STAT_INC(SESS_DENIED);
	if (net.now_ms / 1000 != second) {
		second = net.now_ms / 1000;
		left = DENIED_SECOND;
	}
	if (left == 0) {
		report_limit("denials of a second", 1);
		return reason;
	}
	left--;
	memset(&ev, 0, sizeof(ev));
	ev.kind = EV_SVC_DENIED;
	ev.verdict = reason;
	ev.ver = 4;
	ev.proto = f->proto;
	ev.session = id;
	addr_set4(ev.src, f->src);
	addr_set4(ev.dst, f->dst);
	ev.sport = f->sport;
	ev.dport = f->dport;
	ev.count = 1;
	ev.wall_ns = net.now_wall_ns;
	evq_put(&net.evq, &ev, NULL, 0);
	return reason;
}

int
sess_open(uint64_t id, const struct sess_flow *f,
    const struct sess_owner *owner, void *ctx)
{
	struct msg_svc_open m;
	struct sess *s;
	struct chan *ch;
	uint8_t proc = PROC_SVC;

	if (f->service >= net.img.nservices)
		return denied(id, f, DENIED_UNKNOWN);
	if (net.draining)
		return denied(id, f, DENIED_DRAIN);
	if (net.img.services[f->service].profile == PROFILE_SHELL)
		proc = PROC_SVC_SHELL;
	ch = sm.runner[slot_of(proc)];
	if (ch == NULL || ch->state != CHAN_RUN)
		return denied(id, f, DENIED_DOWN);
	if ((s = add(id)) == NULL)
		return denied(id, f, DENIED_TOTAL);
	memset(&m, 0, sizeof(m));
	m.generation = net.img.hdr->generation;
	m.service = f->service;
	m.tmpl = f->tmpl;
	m.persona = f->persona;
	m.srcos = f->srcos;
	m.ifindex = f->ifindex;
	addr_set4(m.src, f->src);
	addr_set4(m.dst, f->dst);
	m.sport = f->sport;
	m.dport = f->dport;
	m.proto = f->proto;
	m.ver = 4;
	if (chan_send(ch, MSG_SVC_OPEN, id, &m, sizeof(m), -1) == -1) {
		forget(s);
		return denied(id, f,
		    ch->err == CHAN_E_QUEUE ? DENIED_TOTAL : DENIED_DOWN);
	}
	s->owner = owner;
	s->ctx = ctx;
	s->proc = proc;
	s->state = SESS_ASKED;
	return 0;
}

/* 1 sent (or no longer needed), 0 the queue is full. */
static int
send_close(const struct sess *s)
{
	struct chan *ch = sm.runner[slot_of(s->proc)];
	struct msg_svc_close m;

	if (ch == NULL)
		return 1;
	memset(&m, 0, sizeof(m));
	m.reason = s->reason;
	return chan_send(ch, MSG_SVC_CLOSE, s->id, &m, sizeof(m), -1) == 0 ||
	    ch->err != CHAN_E_QUEUE;
}

static void
retry_fire(struct net_timer *t)
{
	uint32_t i;

	for (i = 0; i < sm.max && sm.closing > 0; i++)
		if (sm.s[i].state == SESS_CLOSING && send_close(&sm.s[i]))
			forget(&sm.s[i]);
	if (sm.closing > 0)
		net_timer_set(t, RETRY_MS);
}

void
sess_close(uint64_t id, uint8_t reason)
{
	struct sess *s = find(id);

	if (s == NULL || s->state == SESS_CLOSING)
		return;
	s->reason = reason;
	s->ctx = NULL;
	if (send_close(s)) {
		forget(s);
		return;
	}
	s->state = SESS_CLOSING;
	sm.closing++;
	if (!net_timer_armed(&sm.retry))
		net_timer_set(&sm.retry, RETRY_MS);
}

/* Session descriptors live above all fixed ones. Returns fd's number there,
 * or -1 (closed). */
static int
place(int fd)
{
	uint32_t i, b;

	if (fd >= FD_SESSION_MIN) {
		i = (uint32_t)(fd - FD_SESSION_MIN);
		if (i < sm.nfds) {
			sm.fds[i / 64] |= 1ULL << (i % 64);
			return fd;
		}
		close(fd);
		return -1;
	}
	for (i = 0; i < sm.nfds / 64; i++) {
		if (~sm.fds[i] == 0)
			continue;
		b = (uint32_t)__builtin_ctzll(~sm.fds[i]);
		fd = fd_place(fd, (int)(FD_SESSION_MIN + i * 64 + b));
		if (fd != -1)
			sm.fds[i] |= 1ULL << b;
		return fd;
	}
	close(fd);
	return -1;
}

void
sess_fd_closed(int fd)
{
	uint32_t i = (uint32_t)(fd - FD_SESSION_MIN);

	if (fd >= FD_SESSION_MIN && i < sm.nfds)
		sm.fds[i / 64] &= ~(1ULL << (i % 64));
}

static int
on_opened(struct sess *s, const struct chan_msg *m)
{
	uint64_t id = s->id;
	int fd;

	if (s->state == SESS_OPEN) {
		close(m->fd);
		return -1; /* twice */
	}
	if (s->state != SESS_ASKED) {
		close(m->fd);
		return 0;
	}
	if ((fd = place(m->fd)) == -1) {
		const struct sess_owner *o = s->owner;
		void *ctx = s->ctx;

		diag_warn("session descriptor");
		sess_close(id, 3);
		o->denied(id, ctx, DENIED_TOTAL);
		return 0;
	}
	s->state = SESS_OPEN;
	s->owner->opened(id, s->ctx, fd, m->u.svc_opened.transport);
	return 0;
}

/* An unknown session that existed is a crossing with our SVC_CLOSE. */
static int
unknown(const struct chan_msg *m)
{
	if (m->fd != -1)
		close(m->fd);
	return m->id != 0 && m->id < net.next_session ? 0 : -1;
}

int
sess_message(uint8_t proc, const struct chan_msg *m)
{
	struct sess *s = find(m->id);
	const struct sess_owner *o;
	void *ctx;
	uint8_t st;

	if (slot_of(proc) == -1)
		return -1;
	if (s == NULL || s->proc != proc)
		return unknown(m);
	o = s->owner;
	ctx = s->ctx;
	st = s->state;
	switch (m->type) {
	case MSG_SVC_OPENED:
		return on_opened(s, m);
	case MSG_SVC_DENIED:
		if (st == SESS_OPEN)
			return -1;
		forget(s);
		STAT_INC(SESS_DENIED);
		if (st == SESS_ASKED)
			o->denied(m->id, ctx, m->u.svc_denied.reason);
		return 0;
	case MSG_SVC_EXIT:
		forget(s);
		if (st != SESS_CLOSING)
			o->exited(m->id, ctx, &m->u.svc_exit);
		return 0;
	default:
		return -1;
	}
}

void
sess_peer(uint8_t proc, struct chan *ch)
{
	uint32_t i;

	if (slot_of(proc) == -1)
		return;
	if (sm.runner[slot_of(proc)] != NULL || ch == NULL)
		for (i = 0; i < sm.max; i++)
			if (sm.s[i].state != SESS_FREE &&
			    sm.s[i].proc == proc)
				forget(&sm.s[i]);
	sm.runner[slot_of(proc)] = ch;
}
