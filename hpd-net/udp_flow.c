/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: flows of datagrams and their sessions. What comes before the session
 * is there waits in a short queue. Must never wait for a runner.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/diag.h"
#include "net.h"
#include "report.h"
#include "srcos.h"
#include "udp_int.h"

#define DENIED_NS 5000000000LL

static void
idle_fire(struct net_timer *t)
{
	struct udp_flow *f = (struct udp_flow *)(void *)t; /* first member */

	if (f->flags & UF_SESSION)
		STAT_INC(UDP_IDLE);
	udp_flow_end(f, f->flags & UF_SESSION ? 7 : 3);
}

/* No datagram either way for so long ends it. */
static uint32_t
idle_ms(const struct udp_flow *f)
{
	uint32_t s;

	if ((f->flags & UF_DENIED) || f->service >= net.img.nservices)
		return UDP_IDLE_MS;
	s = net.img.services[f->service].idle_s;
	return s > UINT32_MAX / 4000 ? UINT32_MAX / 4 : s * 1000;
}

/* Over for the log; its datagrams are swallowed until it is idle. */
static void
refuse(struct udp_flow *f)
{
	f->flags &= (uint8_t)~UF_SESSION;
	udp_flow_event(f, EV_UDP_CLOSE, 6);
	f->flags |= UF_DENIED;
	udp_drop_queue(f);
}

/* It gave all it may: no more of it, and nothing to a new one for a while. */
static void
over(struct udp_flow *f)
{
	STAT_INC(SESS_BYTES);
	report_limit("bytes of a session", 1);
	if (f->flags & UF_SESSION)
		sess_close(f->session, 6);
	loop_fd_del(f->watch);
	f->watch = NULL;
	close(f->fd);
	sess_fd_closed(f->fd);
	f->fd = -1;
	f->flags &= (uint8_t)~UF_SESSION;
	udp_flow_event(f, EV_UDP_CLOSE, 8);
	f->flags |= UF_DENIED;
	f->start_ns = net.now_mono_ns;
	udp_drop_queue(f);
}

/* 0, or -1: n more bytes would be too many. */
static int
may_give(const struct udp_flow *f, uint32_t n)
{
	return f->service >= net.img.nservices ||
	    f->bytes_out + n <= net.img.services[f->service].max_bytes_out
	    ? 0
	    : -1;
}

/* 1 taken, 0 not now, -1 the session is over. */
static int
give(struct udp_flow *f, const uint8_t *data, uint32_t len)
{
	ssize_t r = send(f->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (r >= 0)
		transcript_in(&f->tr, f->session, &f->t, IPPROTO_UDP, data,
		    (uint32_t)r, TRANSCRIPT_DGRAM);
	if (r >= 0 || errno == EMSGSIZE)
		return 1;
	return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -1;
}

static void
give_queued(struct udp_flow *f)
{
	struct udp_dgram *g;
	int r;

	while ((g = f->q) != NULL) {
		if ((r = give(f, g->data, g->len)) == 0)
			break;
		if (r == -1) {
			udp_drop_queue(f);
			break;
		}
		if ((f->q = g->next) == NULL)
			f->qtail = &f->q;
		f->nq--;
		udp_queued -= g->len;
		free(g);
	}
	loop_fd_set(f->watch, LOOP_READ | (f->q != NULL ? LOOP_WRITE : 0));
}

static void
on_ready(int fd, int what, void *arg)
{
	static uint8_t buf[UDP_PAYLOAD];
	struct udp_flow *f = arg;
	uint8_t nif = f->peer.nif;
	ssize_t r;
	int i;

	net_now();
	if (what & LOOP_WRITE)
		give_queued(f);
	for (i = 0; (what & LOOP_READ) && i < UDP_TURN; i++) {
		r = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (r == -1 && (errno == EAGAIN || errno == EINTR))
			break;
		if (r <= 0) {
			udp_flow_end(f, 1);
			break;
		}
		if (may_give(f, (uint32_t)r) == -1) {
			over(f);
			break;
		}
		transcript_out(&f->tr, f->session, &f->t, IPPROTO_UDP, buf,
		    (uint32_t)r, TRANSCRIPT_DGRAM);
		udp_flow_send(f, buf, (uint32_t)r);
		net_timer_touch(&f->timer, idle_ms(f));
	}
	io_tx_flush(net_if(nif));
}

static void
on_opened(uint64_t session, void *ctx, int fd, uint8_t transport)
{
	struct udp_flow *f = ctx;

	(void)session;
	net_now();
	f->fd = fd;
	f->transport = transport;
	f->watch = loop_fd_add(net.loop, fd, LOOP_READ, on_ready, f);
	if (f->watch == NULL) {
		udp_flow_end(f, 6);
		return;
	}
	give_queued(f);
}

static void
on_denied(uint64_t session, void *ctx, uint8_t reason)
{
	(void)session;
	(void)reason;
	refuse(ctx);
}

static void
on_exited(uint64_t session, void *ctx, const struct msg_svc_exit *x)
{
	struct udp_flow *f = ctx;

	(void)session;
	(void)x;
	f->flags &= (uint8_t)~UF_SESSION;
	if (f->fd == -1)
		udp_flow_end(f, 1); /* else what its socket holds comes first */
}

static const struct sess_owner owner = {
    .opened = on_opened, .denied = on_denied, .exited = on_exited};

struct udp_flow *
udp_flow_get(const struct tuple *t, struct pkt *p, struct host *h,
    uint32_t service)
{
	struct sess_flow sf = {.src = t->raddr,
	    .dst = t->laddr,
	    .sport = t->rport,
	    .dport = t->lport,
	    .proto = IPPROTO_UDP,
	    .service = service,
	    .tmpl = h->tmpl,
	    .persona = h->t->persona,
	    .srcos = srcos_known(t->raddr)};
	struct udp_flow *f = udp_flow_find(t);

	if (f != NULL && (f->flags & UF_DENIED) &&
	    net.now_mono_ns - f->start_ns > DENIED_NS) {
		udp_flow_end(f, 6); /* perhaps it works now */
		f = NULL;
	}
	if (f != NULL) {
		udp_flow_used(f);
		reply_peer(&f->peer, p);
		return f;
	}
	if ((f = udp_flow_new(t)) == NULL)
		return NULL;
	f->service = service;
	f->start_ns = net.now_mono_ns;
	f->session = sess_new_id();
	reply_peer(&f->peer, p);
	net_timer_init(&f->timer, idle_fire);
	net_timer_set(&f->timer, idle_ms(f));
	transcript_begin(&f->tr, h->t->transcript);
	udp_flow_event(f, EV_UDP_OPEN, 0);
	sf.ifindex = net_if(f->peer.nif)->ifindex;
	if (sess_open(f->session, &sf, &owner, f) != 0) {
		refuse(f);
		return f;
	}
	f->flags |= UF_SESSION;
	if (net.img.services[service].profile == PROFILE_SHELL)
		f->flags |= UF_SHELL;
	return f;
}

void
udp_flow_put(struct udp_flow *f, const uint8_t *data, uint32_t len)
{
	struct udp_dgram *g;

	net_timer_touch(&f->timer, idle_ms(f));
	if (f->flags & UF_DENIED)
		return;
	f->bytes_in += len;
	if (f->fd != -1 && f->q == NULL && give(f, data, len) != 0)
		return;
	if (f->nq >= UDP_QUEUE_MAX || udp_queued + len > UDP_QUEUE_MEM ||
	    (g = malloc(sizeof(*g) + len)) == NULL) {
		report_limit("udp datagrams waiting", 1);
		return;
	}
	g->next = NULL;
	g->len = len;
	memcpy(g->data, data, len);
	*f->qtail = g;
	f->qtail = &g->next;
	f->nq++;
	udp_queued += len;
	if (f->watch != NULL)
		loop_fd_set(f->watch, LOOP_READ | LOOP_WRITE);
}

