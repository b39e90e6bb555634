/* SPDX-License-Identifier: ISC */
/*
 * hpd-svc's side of the channels to the hpd-nets: SVC_OPEN and SVC_CLOSE in,
 * answers out. hpd-net may be in an attacker's hands: whatever it may not ask
 * closes its channel and is told to the parent. Must never take a path, a
 * command, a descriptor or an uid from it.
 */
#include "hpd-svc/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/proto_table.h"
#include "hpd-svc/svc_msg.h"

#define PEER_QUEUE 4096 /* an answer and an end a session, and denials */
#define PEER_TURN  64	/* messages a turn */

void
fd_reserve(int first, int last)
{
	int fd;

	for (fd = first; fd <= last; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    dup3(STDIN_FILENO, fd, O_CLOEXEC) == -1)
			fatal("descriptor %d", fd);
}

void
peer_down(struct svc *svc, uint8_t slot)
{
	struct peer *p = &svc->peer[slot];
	uint32_t i;

	if (!p->up)
		return;
	p->up = 0;
	loop_fd_del(p->watch);
	p->watch = NULL;
	chan_close(&p->chan);
	fd_reserve(FD_PEER_MIN + slot, FD_PEER_MIN + slot);
	sessions_kill(svc, slot, SVC_END_PEER);
	/* a successor in this slot knows nothing of them */
	for (i = 0; i < SLOT_COUNT; i++)
		if (svc->session[i].used && svc->session[i].peer == slot)
			svc->session[i].peer = PEER_GONE;
}

/* It said what it may not, or does not take its answers. */
static void
peer_broken(struct svc *svc, uint8_t slot, uint8_t step, uint16_t type)
{
	struct peer *p = &svc->peer[slot];
	struct msg_trouble t;

	memset(&t, 0, sizeof(t));
	t.proc = PROC_NET;
	t.instance = p->chan.instance;
	t.slot = slot;
	t.step = step;
	t.type = type;
	diag_warnx("%s %u: %s (%s)", proc_name(PROC_NET), t.instance,
	    chan_strerror(step), proto_type_name(type));
	svc->stat[SVC_STAT_PEER_BROKEN]++;
	peer_down(svc, slot);
	if (chan_send(&svc->parent, MSG_TROUBLE, 0, &t, sizeof(t), -1) == -1)
		fatalx("parent: %s", chan_strerror(svc->parent.err));
}

static void
peer_send(struct svc *svc, uint8_t slot, uint16_t type, uint64_t id,
    const void *payload, size_t len, int fd)
{
	struct peer *p = &svc->peer[slot];

	if (!p->up)
		return;
	if (chan_send(&p->chan, type, id, payload, len, fd) == 0)
		return;
	if (p->chan.err == CHAN_E_EOF)
		peer_down(svc, slot);
	else
		peer_broken(svc, slot, p->chan.err, type);
}

void
peer_send_exit(struct svc *svc, uint8_t slot, uint64_t id,
    const struct msg_svc_exit *x)
{
	if (slot >= PEERS_MAX)
		return;
	peer_send(svc, slot, MSG_SVC_EXIT, id, x, sizeof(*x), -1);
}

enum open_verdict
svc_open_check(struct svc *svc, uint64_t id, const struct msg_svc_open *o,
    struct generation **gen)
{
	static const uint8_t zero[12];
	const struct img_service *s;
	struct generation *g;

	if (id == 0 || session_by_id(svc, id) != NULL)
		return OPEN_BROKEN;
	if ((o->ver != 4 && o->ver != 6) || o->reserved != 0 ||
	    (o->proto != IPPROTO_TCP && o->proto != IPPROTO_UDP))
		return OPEN_BROKEN;
	if (o->ver == 4 && (memcmp(o->src + 4, zero, sizeof(zero)) != 0 ||
	    memcmp(o->dst + 4, zero, sizeof(zero)) != 0))
		return OPEN_BROKEN;
	g = services_find(&svc->services, o->generation);
	if (g == NULL) /* a reload passed it by */
		return OPEN_UNKNOWN;
	if (o->service >= g->img.nservices || o->tmpl >= g->img.ntemplates ||
	    o->persona >= g->img.npersonas || o->srcos > g->img.nsrcos)
		return OPEN_BROKEN;
	s = &g->img.services[o->service];
	if (s->proto != o->proto || s->profile != svc->profile)
		return OPEN_BROKEN;
	*gen = g;
	return OPEN_START;
}

static void
on_svc_open(struct svc *svc, uint8_t slot, const struct chan_msg *m)
{
	const struct msg_svc_open *o = &m->u.svc_open;
	struct msg_svc_opened opened;
	struct msg_svc_denied denied;
	struct generation *g = NULL;
	uint8_t why = 0;
	int sock = -1;

	switch (svc_open_check(svc, m->id, o, &g)) {
	case OPEN_BROKEN:
		peer_broken(svc, slot, CHAN_E_MEANING, m->type);
		return;
	case OPEN_UNKNOWN:
		why = DENIED_UNKNOWN;
		break;
	case OPEN_START:
		why = svc->draining ? DENIED_DRAIN : 0;
		break;
	}
	if (why != 0)
		session_denied(svc, m->id, o, why, NULL, 0);
	else
		why = session_open(svc, slot, m->id, o, g, &sock);
	if (why != 0) {
		memset(&denied, 0, sizeof(denied));
		denied.reason = why;
		peer_send(svc, slot, MSG_SVC_DENIED, m->id, &denied,
		    sizeof(denied), -1);
		return;
	}
	memset(&opened, 0, sizeof(opened));
	opened.transport = o->proto == IPPROTO_UDP &&
	    svc->profile == PROFILE_NOFORK ? 2 : 1;
	peer_send(svc, slot, MSG_SVC_OPENED, m->id, &opened, sizeof(opened),
	    sock);
	close(sock);
}

static void
on_svc_close(struct svc *svc, uint8_t slot, const struct chan_msg *m)
{
	struct session *s = session_by_id(svc, m->id);

	if (s == NULL) { /* SVC_EXIT is on its way */
		svc->stat[SVC_STAT_CLOSE_LATE]++;
		return;
	}
	if (s->peer != slot || m->u.svc_close.reason < 1 ||
	    m->u.svc_close.reason > 6) {
		peer_broken(svc, slot, CHAN_E_MEANING, m->type);
		return;
	}
	session_close(svc, s, m->u.svc_close.reason);
}

static void
peer_ready(int fd, int what, void *arg)
{
	static struct chan_msg m;
	struct peer *p = arg;
	struct svc *svc = p->svc;
	uint8_t slot = p->slot;
	int n, r = 0;

	(void)fd;
	if (what & LOOP_WRITE && chan_flush(&p->chan) == -1)
		r = -1;
	for (n = 0; r != -1 && what & LOOP_READ && n < PEER_TURN; n++) {
		r = chan_recv(&p->chan, &m);
		if (r != 1)
			break;
		if (m.type == MSG_SVC_OPEN)
			on_svc_open(svc, slot, &m);
		else if (m.type == MSG_SVC_CLOSE)
			on_svc_close(svc, slot, &m);
		else if (m.type != MSG_HELLO)
			peer_broken(svc, slot, CHAN_E_TYPE, m.type);
		if (!p->up)
			return;
	}
	if (r != -1)
		return;
	if (p->chan.err == CHAN_E_EOF)
		peer_down(svc, slot);
	else
		peer_broken(svc, slot, p->chan.err, p->chan.err_type);
}

void
peer_up(struct svc *svc, uint8_t slot, uint8_t instance, int fd)
{
	struct peer *p = &svc->peer[slot];

	peer_down(svc, slot);
	fd = fd_place(fd, FD_PEER_MIN + slot);
	if (fd == -1)
		fatal("peer descriptor");
	p->svc = svc;
	p->slot = slot;
	chan_init(&p->chan, fd, svc->proc, PROC_NET, instance, PEER_QUEUE);
	p->watch = loop_fd_add(svc->loop, fd, LOOP_READ, peer_ready, p);
	if (p->watch == NULL)
		fatal("watching a peer");
	p->up = 1;
	if (chan_hello(&p->chan, 0) == 0)
		return;
	if (p->chan.err == CHAN_E_EOF) /* died meanwhile; PEER_UP follows */
		peer_down(svc, slot);
	else
		peer_broken(svc, slot, p->chan.err, MSG_HELLO);
}
