/* SPDX-License-Identifier: ISC */
/*
 * The table of sessions in hpd-svc: lookup by id, pid and source, deadlines,
 * close and kill. Must never reuse a row (and with it an uid) before its
 * process was reaped.
 */
#include "hpd-svc/session.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "common/clock.h"
#include "common/diag.h"
#include "common/siphash.h"

void
sessions_init(struct svc *svc, uint32_t max)
{
	uint32_t i;

	memset(svc->by_id, 0xff, sizeof(svc->by_id));
	memset(svc->by_pid, 0xff, sizeof(svc->by_pid));
	memset(svc->by_src, 0xff, sizeof(svc->by_src));
	slots_init(&svc->slots,
	    svc->proc == PROC_SVC_SHELL ? SLOT_BASE_SHELL : SLOT_BASE, max);
	for (i = 0; i < SLOT_COUNT; i++)
		svc->session[i].fd[0] = svc->session[i].fd[1] = -1;
}

static uint32_t
hash_src(const struct svc *svc, const uint8_t src[16])
{
	return (uint32_t)siphash13(svc->key, src, 16) & (HASH_SIZE - 1);
}

uint16_t
sessions_of_source(const struct svc *svc, const struct msg_svc_open *open)
{
	return svc->by_src[hash_src(svc, open->src)];
}

struct session *
session_by_id(struct svc *svc, uint64_t id)
{
	uint16_t i;

	for (i = svc->by_id[id & (HASH_SIZE - 1)]; i != SESSION_NONE;
	     i = svc->session[i].next_id)
		if (svc->session[i].id == id)
			return &svc->session[i];
	return NULL;
}

struct session *
session_by_pid(struct svc *svc, pid_t pid)
{
	uint16_t i;

	for (i = svc->by_pid[(uint32_t)pid & (HASH_SIZE - 1)];
	     i != SESSION_NONE; i = svc->session[i].next_pid)
		if (svc->session[i].pid == pid)
			return &svc->session[i];
	return NULL;
}

void
session_link_pid(struct svc *svc, struct session *s)
{
	uint16_t *head = &svc->by_pid[(uint32_t)s->pid & (HASH_SIZE - 1)];

	s->next_pid = *head;
	*head = (uint16_t)(s - svc->session);
}

void
session_link(struct svc *svc, struct session *s)
{
	uint16_t row = (uint16_t)(s - svc->session), *head;

	head = &svc->by_id[s->id & (HASH_SIZE - 1)];
	s->next_id = *head;
	*head = row;
	head = &svc->by_src[hash_src(svc, s->open.src)];
	s->next_src = *head;
	*head = row;
	svc->running++;
	if (s->gen != NULL)
		s->gen->running[s->open.service]++;
}

void
session_unlink(struct svc *svc, struct session *s)
{
	uint16_t row = (uint16_t)(s - svc->session), *p;

	p = &svc->by_pid[(uint32_t)s->pid & (HASH_SIZE - 1)];
	while (*p != row)
		p = &svc->session[*p].next_pid;
	*p = s->next_pid;
	if (s->waiting)
		return; /* of the pool: in no other chain */
	p = &svc->by_id[s->id & (HASH_SIZE - 1)];
	while (*p != row)
		p = &svc->session[*p].next_id;
	*p = s->next_id;
	p = &svc->by_src[hash_src(svc, s->open.src)];
	while (*p != row)
		p = &svc->session[*p].next_src;
	*p = s->next_src;
	svc->running--;
	if (s->gen != NULL)
		s->gen->running[s->open.service]--;
}

void
session_kill(struct svc *svc, struct session *s, uint8_t why)
{
	if (s->killed)
		return;
	s->killed = 1;
	s->why = why;
	svc->stat[SVC_STAT_KILLED]++;
	/* unreaped child of ours: the pid can't be somebody else's. A shell's
	 * is the first of its pid namespace, all of which ends with it. */
	if (s->pid <= 1 || kill(s->pid, SIGKILL) == -1)
		diag_warn("kill of session %llu",
		    (unsigned long long)s->id);
}

void
session_close(struct svc *svc, struct session *s, uint8_t reason)
{
	if (s->closing || s->killed)
		return;
	s->closing = reason;
	session_deadline(svc, s, CLOSE_GRACE_MS);
}

void
session_deadline(struct svc *svc, struct session *s, uint64_t ms)
{
	/* the wheel stands still while we wait for something to happen */
	uint32_t now = (uint32_t)(clock_mono_ns() / NS_MSEC);

	ms += now - svc->wheel.now;
	wheel_set(&svc->wheel, &s->timer,
	    ms < UINT32_MAX / 2 ? (uint32_t)ms : UINT32_MAX / 2);
}

void
session_timeout(struct wheel *w, struct wheel_entry *e, void *arg)
{
	struct session *s = (struct session *)(void *)((char *)e -
	    offsetof(struct session, timer));
	struct svc *svc = arg;

	(void)w;
	if (s->closing)
		session_kill(svc, s,
		    s->closing == 5	? SVC_END_IDLE
		    : s->closing == 6	? SVC_END_BYTES
		    : svc->draining ? SVC_END_DRAIN
				    : SVC_END_PEER);
	else
		session_kill(svc, s, SVC_END_WALL);
}

void
sessions_kill(struct svc *svc, int peer, uint8_t why)
{
	uint32_t i;

	for (i = 0; i < SLOT_COUNT; i++)
		if (svc->session[i].used &&
		    (peer == -1 || svc->session[i].peer == peer))
			session_kill(svc, &svc->session[i], why);
}

void
sessions_forget(void *arg, struct generation *g)
{
	struct svc *svc = arg;
	uint32_t i;

	for (i = 0; i < SLOT_COUNT; i++)
		if (svc->session[i].used && svc->session[i].gen == g)
			svc->session[i].gen = NULL;
}
