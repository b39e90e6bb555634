/* SPDX-License-Identifier: ISC */
/*
 * Who is connected with whom: the event channels, whose reading ends the
 * parent keeps so that their queues survive hpd-log, and the pairs between
 * hpd-net and the runners. Runs in hpd-parent. Datagrams of event channels are
 * looked at (their digest, whether one is there) but never read or parsed.
 */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../common/diag.h"
#include "../common/siphash.h"

#include "parent.h"

#define EVQ_SIZE (256u << 10)
#define EVQ_SENDQ 64

static const uint8_t slot_proc[LOG_SLOTS] = {
	[SLOT_PARENT] = PROC_PARENT,
	[SLOT_NET] = PROC_NET,
	[SLOT_SVC] = PROC_SVC,
	[SLOT_SVC_SHELL] = PROC_SVC_SHELL,
	[SLOT_SHIP] = PROC_SHIP,
};

static int
log_reads(struct parent *p)
{
	const struct kid *k = &p->kids[KID_LOG];

	return k->open && k->state >= KID_SETUP;
}

/* Hand the slot's oldest end to hpd-log. */
static void
give(struct parent *p, uint8_t i)
{
	struct slot *s = &p->slots[i];
	struct msg_peer m = {.proc = slot_proc[i], .slot = i};

	kid_send(p, &p->kids[KID_LOG], MSG_PEER_UP, &m, sizeof(m), s->end[0]);
	s->given = 1;
}

static void
drop_end(struct slot *s, int i)
{
	close(s->end[i]);
	s->n--;
	memmove(s->end + i, s->end + i + 1,
	    (size_t)(s->n - i) * sizeof(s->end[0]));
	if (i == 0)
		s->given = 0;
}

/* A new pair for slot i: its reading end joins the line. Writing end or -1. */
static int
new_pair(struct parent *p, uint8_t i)
{
	struct slot *s = &p->slots[i];
	int pair[2];

	if (chan_pair(pair) == -1)
		return -1;
	if (s->n == SLOT_ENDS) {
		/* hpd-log was away for that many lives of the producer. */
		diag_warnx("events of one life of %s are lost",
		    proc_name(slot_proc[i]));
		drop_end(s, 1);
	}
	s->end[s->n++] = pair[0];
	if (s->n == 1 && log_reads(p))
		give(p, i);
	return pair[1];
}

int
channels_init(struct parent *p)
{
	int fd = new_pair(p, SLOT_PARENT);

	if (fd == -1 || evq_init(&p->evq, fd, PROC_PARENT, 0, EVQ_SIZE) == -1)
		return -1;
	evq_start(&p->evq, p->boot);
	diag_attach(&p->evq);
	return 0;
}

int
channels_producer(struct parent *p, struct kid *k)
{
	return new_pair(p, k->slot);
}

void
channels_reset(struct parent *p, uint8_t slot)
{
	struct kid *k = kid_by_proc(p, slot_proc[slot]);
	int fd;

	if (k != NULL && !k->open)
		return; /* gone already: its successor gets a new one anyhow */
	if (k != NULL) {
		kid_kill(p, k, EV_CHAN_BROKEN, "hpd-log closed its channel");
		return;
	}
	fd = new_pair(p, slot); /* our own */
	if (fd == -1) {
		diag_warn("own event channel");
		return;
	}
	chan_close(&p->evq.chan);
	chan_init_oneway(&p->evq.chan, fd, PROC_PARENT, PROC_LOG, 0,
	    EVQ_SENDQ);
}

void
channels_log_up(struct parent *p)
{
	for (uint8_t i = 0; i < LOG_SLOTS; i++)
		if (p->slots[i].n > 0)
			give(p, i);
}

/* Digest of the first datagram waiting on fd; 0 when there is none. */
static uint64_t
head_digest(int fd)
{
	static const uint8_t no_key[16];
	static uint8_t buf[PROTO_MAX_MSG];
	ssize_t n;

	n = recv(fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT);
	if (n <= 0)
		return 0;
	return siphash13(no_key, buf, (size_t)n) | 1;
}

/*
 * The same datagram in front at two deaths running: the successor skips it.
 * One slot at a time, since the others may only have had no turn yet. While the
 * events stream has no room the same one is in front for that reason.
 */
void
channels_log_down(struct parent *p)
{
	int chosen = 0, full = p->seg.retry_at[STREAM_EVENTS] != 0;

	for (uint8_t i = 0; i < LOG_SLOTS; i++) {
		struct slot *s = &p->slots[i];
		uint64_t head = s->n > 0 && !full ? head_digest(s->end[0]) : 0;

		s->skip = head != 0 && head == s->head && !chosen;
		chosen |= s->skip;
		s->head = head;
		s->given = 0;
	}
}

/* 1: something to read; 0: nothing; -1: nothing and never again. */
static int
unread(int fd)
{
	char c;
	ssize_t n;

	n = recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n > 0)
		return 1;
	return n == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

void
channels_retired(struct parent *p)
{
	for (uint8_t i = 0; i < LOG_SLOTS; i++) {
		struct slot *s = &p->slots[i];

		while (s->n > 1 && unread(s->end[0]) == -1) {
			drop_end(s, 0);
			if (s->n == 1 || unread(s->end[0]) != -1)
				break;
		}
		if (s->n > 0 && !s->given && log_reads(p))
			give(p, i);
	}
}

int
channels_drained(const struct parent *p)
{
	for (int i = 0; i < LOG_SLOTS; i++)
		for (int j = 0; j < p->slots[i].n; j++)
			if (unread(p->slots[i].end[j]) == 1)
				return 0;
	return 1;
}

static int
talks(const struct kid *k)
{
	return k->open && k->state >= KID_SETUP;
}

void
channels_link(struct parent *p)
{
	struct kid *net = &p->kids[KID_NET];

	for (uint8_t i = 0; i < 2; i++) {
		struct kid *svc = &p->kids[KID_SVC + i];
		struct msg_peer to_net = {.proc = svc->proc, .slot = i};
		struct msg_peer to_svc = {.proc = PROC_NET, .slot = 0};
		int pair[2];

		if (p->linked[i] || !talks(net) || !talks(svc))
			continue;
		if (chan_pair(pair) == -1) {
			diag_warn("channel hpd-net to %s",
			    proc_name(svc->proc));
			continue;
		}
		p->linked[i] = 1;
		kid_send(p, svc, MSG_PEER_UP, &to_svc, sizeof(to_svc), pair[1]);
		kid_send(p, net, MSG_PEER_UP, &to_net, sizeof(to_net), pair[0]);
		close(pair[0]);
		close(pair[1]);
	}
}

void
channels_unlink(struct parent *p, struct kid *dead)
{
	struct kid *net = &p->kids[KID_NET];

	for (uint8_t i = 0; i < 2; i++) {
		struct kid *svc = &p->kids[KID_SVC + i];
		struct msg_peer to_net = {.proc = svc->proc, .slot = i};
		struct msg_peer to_svc = {.proc = PROC_NET, .slot = 0};

		if (!p->linked[i] || (dead != net && dead != svc))
			continue;
		p->linked[i] = 0;
		if (dead == net)
			kid_send(p, svc, MSG_PEER_DOWN, &to_svc,
			    sizeof(to_svc), -1);
		else
			kid_send(p, net, MSG_PEER_DOWN, &to_net,
			    sizeof(to_net), -1);
	}
}
