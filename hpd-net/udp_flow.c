/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: flows of datagrams with a service: a bounded table, the longest idle
 * one goes when it is full. What comes before the session is there waits in a
 * short queue. Must never wait for a runner.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/diag.h"
#include "net.h"
#include "report.h"
#include "srcos.h"
#include "udp_int.h"

#define SOURCE_LOOK 64
#define DENIED_NS   5000000000LL
#define NEW_SECOND  1000 /* flows begun in a second: sources may be false */

static struct {
	struct udp_flow *f;
	uint32_t max, max_src, count;
	uint32_t head, tail, free;
	struct ttab tab;
	struct srctab src;
	uint32_t queued; /* bytes */
	uint32_t new_s, new_left; /* flows that may begin in second new_s */
	uint8_t draining;
} um;

#define IDX(x) ((uint32_t)((x) - um.f))

static void
lru_take(struct udp_flow *f)
{
	if (f->prev == TTAB_NONE)
		um.head = f->next;
	else
		um.f[f->prev].next = f->next;
	if (f->next == TTAB_NONE)
		um.tail = f->prev;
	else
		um.f[f->next].prev = f->prev;
}

static void
lru_put(struct udp_flow *f)
{
	f->next = TTAB_NONE;
	f->prev = um.tail;
	if (um.tail == TTAB_NONE)
		um.head = IDX(f);
	else
		um.f[um.tail].next = IDX(f);
	um.tail = IDX(f);
}

static void
event(const struct udp_flow *f, uint16_t kind, uint32_t why)
{
	struct ev_flow e;

	memset(&e, 0, sizeof(e));
	e.bytes_in = f->bytes_in;
	e.bytes_out = f->bytes_out;
	e.duration_ns = (uint64_t)(net.now_mono_ns - f->start_ns);
	e.service = f->service;
	e.why = (uint8_t)why;
	e.srcos = srcos_known(f->t.raddr);
	report_flow(kind, IPPROTO_UDP, f->session, f->t.raddr, f->t.rport,
	    f->t.laddr, f->t.lport, &e);
}

static void
drop_queue(struct udp_flow *f)
{
	struct udp_dgram *g;

	while ((g = f->q) != NULL) {
		f->q = g->next;
		um.queued -= g->len;
		free(g);
	}
	f->qtail = &f->q;
	f->nq = 0;
}

void
udp_flow_end(struct udp_flow *f, uint32_t why)
{
	if (f->flags & UF_SESSION)
		sess_close(f->session, why == 7	? 5
			: why == 3 || why == 4	? (uint8_t)why
						: 1);
	if (f->watch != NULL)
		loop_fd_del(f->watch);
	if (f->fd != -1) {
		close(f->fd);
		sess_fd_closed(f->fd);
	}
	drop_queue(f);
	net_timer_del(&f->timer);
	if (!(f->flags & UF_DENIED))
		event(f, EV_UDP_CLOSE, why);
	ttab_del(&um.tab, IDX(f), ttab_hash(&f->t));
	srctab_dec(&um.src, f->t.raddr);
	lru_take(f);
	f->used = 0;
	f->next = um.free;
	um.free = IDX(f);
	um.count--;
	STAT_DEC(UDP_FLOWS);
}

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
	event(f, EV_UDP_CLOSE, 6);
	f->flags |= UF_DENIED;
	drop_queue(f);
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
	event(f, EV_UDP_CLOSE, 8);
	f->flags |= UF_DENIED;
	f->start_ns = net.now_mono_ns;
	drop_queue(f);
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
give(const struct udp_flow *f, const uint8_t *data, uint32_t len)
{
	ssize_t r = send(f->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

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
			drop_queue(f);
			break;
		}
		if ((f->q = g->next) == NULL)
			f->qtail = &f->q;
		f->nq--;
		um.queued -= g->len;
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

/* Each flow costs records and a message to the runner, and a sender of one
 * datagram proves nothing. 0, or -1: enough of them this second. */
static int
may_begin(void)
{
	uint32_t now = net.now_ms / 1000;

	if (now != um.new_s) {
		um.new_s = now;
		um.new_left = NEW_SECOND;
	}
	if (um.new_left == 0) {
		report_limit("udp flows of a second", 1);
		return -1;
	}
	um.new_left--;
	return 0;
}

/* A free place: the source's own oldest when it has its share. */
static int
make_room(uint32_t raddr)
{
	uint32_t i = um.head, n;

	if (srctab_count(&um.src, raddr) >= um.max_src) {
		STAT_INC(LIMIT_SOURCE);
		report_limit("udp flows of one source", 1);
		for (n = 0; n < SOURCE_LOOK && i != TTAB_NONE; n++) {
			if (um.f[i].t.raddr == raddr) {
				udp_flow_end(&um.f[i], 4);
				return 0;
			}
			i = um.f[i].next;
		}
		return -1;
	}
	if (um.count < um.max)
		return 0;
	STAT_INC(UDP_FLOWS_FULL);
	report_limit("udp flows", 1);
	udp_flow_end(&um.f[um.head], 4);
	return 0;
}

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
	uint64_t hash = ttab_hash(t);
	uint32_t i = ttab_find(&um.tab, t, hash);
	struct udp_flow *f;

	if (i != TTAB_NONE && (um.f[i].flags & UF_DENIED) &&
	    net.now_mono_ns - um.f[i].start_ns > DENIED_NS) {
		udp_flow_end(&um.f[i], 6); /* perhaps it works now */
		i = TTAB_NONE;
	}
	if (i != TTAB_NONE) {
		f = &um.f[i];
		lru_take(f);
		lru_put(f);
		reply_peer(&f->peer, p);
		return f;
	}
	if (um.draining || may_begin() == -1 || make_room(t->raddr) == -1)
		return NULL;
	f = &um.f[um.free];
	um.free = f->next;
	memset(f, 0, sizeof(*f));
	f->t = *t;
	f->fd = -1;
	f->qtail = &f->q;
	f->used = 1;
	f->service = service;
	f->start_ns = net.now_mono_ns;
	f->session = sess_new_id();
	reply_peer(&f->peer, p);
	net_timer_init(&f->timer, idle_fire);
	net_timer_set(&f->timer, idle_ms(f));
	ttab_put(&um.tab, IDX(f), hash);
	srctab_inc(&um.src, t->raddr);
	lru_put(f);
	um.count++;
	STAT_INC(UDP_FLOWS);
	event(f, EV_UDP_OPEN, 0);
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
	if (f->nq >= UDP_QUEUE_MAX || um.queued + len > UDP_QUEUE_MEM ||
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
	um.queued += len;
	if (f->watch != NULL)
		loop_fd_set(f->watch, LOOP_READ | LOOP_WRITE);
}

void
udp_finish(void)
{
	uint32_t i;

	for (i = 0; i < um.max; i++)
		if (um.f[i].used)
			udp_flow_end(&um.f[i], 5);
}

void
udp_init(uint32_t max)
{
	uint32_t i;

	udp_finish();
	free(um.f);
	ttab_free(&um.tab);
	srctab_free(&um.src);
	memset(&um, 0, sizeof(um));
	um.max = max < 16 ? 16 : max > 1u << 20 ? 1u << 20 : max;
	um.max_src = um.max / 8 < 16 ? 16 : um.max / 8;
	if ((um.f = calloc(um.max, sizeof(*um.f))) == NULL)
		fatal("%u UDP flows", um.max);
	for (i = 0; i < um.max; i++)
		um.f[i].next = i + 1 == um.max ? TTAB_NONE : i + 1;
	um.head = um.tail = TTAB_NONE;
	ttab_init(&um.tab, um.max, um.f, sizeof(*um.f),
	    offsetof(struct udp_flow, t));
	srctab_init(&um.src, um.max);
}

void
udp_svc_down(uint8_t proc)
{
	uint32_t i;

	for (i = 0; i < um.max; i++) {
		struct udp_flow *f = &um.f[i];

		if (f->used && (f->flags & UF_SESSION) &&
		    ((f->flags & UF_SHELL) != 0) == (proc == PROC_SVC_SHELL))
			udp_flow_end(f, 6);
	}
}

/* New image: addresses may be gone, service numbers have moved. */
void
udp_reload(void)
{
	const struct img_port *p;
	struct host *h;
	uint32_t i;

	for (i = 0; i < um.max; i++) {
		struct udp_flow *f = &um.f[i];

		if (!f->used)
			continue;
		if ((h = host_get(f->t.laddr)) == NULL) {
			udp_flow_end(f, 6);
			continue;
		}
		p = image_port(&net.img, h->t, IPPROTO_UDP, f->t.lport);
		f->service = p == NULL ? IMG_NONE : p->service;
	}
}

void
udp_drain(void)
{
	um.draining = 1;
}

uint32_t
udp_active(void)
{
	return um.count;
}
