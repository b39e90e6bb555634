/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the table of UDP flows: bounded, by tuple and by source, the longest
 * idle one goes when it is full. Must never grow.
 */
#include <netinet/in.h>

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
#define NEW_SECOND  1000 /* flows begun in a second: sources may be false */

static struct {
	struct udp_flow *f;
	uint32_t max, max_src, count;
	uint32_t head, tail, free;
	struct ttab tab;
	struct srctab src;
	uint32_t new_s, new_left; /* flows that may begin in second new_s */
	uint8_t draining;
} um;

#define IDX(x) ((uint32_t)((x) - um.f))

uint32_t udp_queued;

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

void
udp_flow_event(const struct udp_flow *f, uint16_t kind, uint32_t why)
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

void
udp_drop_queue(struct udp_flow *f)
{
	struct udp_dgram *g;

	while ((g = f->q) != NULL) {
		f->q = g->next;
		udp_queued -= g->len;
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
	udp_drop_queue(f);
	net_timer_del(&f->timer);
	if (!(f->flags & UF_DENIED))
		udp_flow_event(f, EV_UDP_CLOSE, why);
	ttab_del(&um.tab, IDX(f), ttab_hash(&f->t));
	srctab_dec(&um.src, f->t.raddr);
	lru_take(f);
	f->used = 0;
	f->next = um.free;
	um.free = IDX(f);
	um.count--;
	STAT_DEC(UDP_FLOWS);
}

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
udp_flow_find(const struct tuple *t)
{
	uint32_t i = ttab_find(&um.tab, t, ttab_hash(t));

	return i == TTAB_NONE ? NULL : &um.f[i];
}

void
udp_flow_used(struct udp_flow *f)
{
	lru_take(f);
	lru_put(f);
}

struct udp_flow *
udp_flow_new(const struct tuple *t)
{
	struct udp_flow *f;

	if (um.draining || may_begin() == -1 || make_room(t->raddr) == -1)
		return NULL;
	f = &um.f[um.free];
	um.free = f->next;
	memset(f, 0, sizeof(*f));
	f->t = *t;
	f->fd = -1;
	f->qtail = &f->q;
	f->used = 1;
	ttab_put(&um.tab, IDX(f), ttab_hash(t));
	srctab_inc(&um.src, t->raddr);
	lru_put(f);
	um.count++;
	STAT_INC(UDP_FLOWS);
	return f;
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
	udp_queued = 0;
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
