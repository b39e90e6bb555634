/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the connections themselves: slots, classes and their quotas. A
 * half-open connection never takes the place of an established one. Must never
 * allocate a slot after tcp_init().
 */
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../common/diag.h"
#include "net.h"
#include "report.h"
#include "srcos.h"
#include "tcp_int.h"

struct tcp_mod tcp;

#define IDX(c) ((uint32_t)((c) - tcp.conn))
#define EVICT_IDLE_NS (300 * 1000000000LL)
#define EVICT_LOOK    64
#define MUTE_MS	      60000

static void
list_put(enum tcp_list l, struct tcp_conn *c)
{
	uint32_t i = IDX(c);

	c->next = TTAB_NONE;
	c->prev = tcp.list[l].tail;
	if (c->prev == TTAB_NONE)
		tcp.list[l].head = i;
	else
		tcp.conn[c->prev].next = i;
	tcp.list[l].tail = i;
	tcp.list[l].count++;
}

static void
list_take(enum tcp_list l, struct tcp_conn *c)
{
	if (c->prev == TTAB_NONE)
		tcp.list[l].head = c->next;
	else
		tcp.conn[c->prev].next = c->next;
	if (c->next == TTAB_NONE)
		tcp.list[l].tail = c->prev;
	else
		tcp.conn[c->next].prev = c->prev;
	tcp.list[l].count--;
}

static enum tcp_list
list_of(const struct tcp_conn *c)
{
	switch (c->state) {
	case TCPS_FREE:
		return LIST_FREE;
	case TCPS_SYN_RCVD:
		return LIST_HALF;
	case TCPS_TIME_WAIT:
		return LIST_TW;
	default:
		return LIST_EST;
	}
}

static void
count_lists(void)
{
	stats[ST_TCP_HALF_OPEN] = tcp.list[LIST_HALF].count;
	stats[ST_TCP_ESTABLISHED] = tcp.list[LIST_EST].count;
	stats[ST_TCP_TIME_WAIT] = tcp.list[LIST_TW].count;
}

void
tcp_finish(void)
{
	uint32_t i;

	for (i = 0; i < tcp.nconn; i++) {
		struct tcp_conn *c = &tcp.conn[i];

		if (c->state == TCPS_FREE)
			continue;
		tcp_end(c, host_get(c->t.laddr), WHY_DRAIN, 1);
	}
}

static void
drain_over(struct net_timer *t)
{
	(void)t;
	tcp_finish();
}

void
tcp_init(uint32_t max)
{
	uint32_t i;

	memset(&tcp, 0, sizeof(tcp));
	if (max < 16)
		max = 16;
	if (max > 1u << 22)
		max = 1u << 22;
	tcp.max_est = max;
	tcp.max_half = max / 2 < 1024 ? 1024 : max / 2;
	tcp.max_tw = max / 4;
	tcp.nconn = tcp.max_est + tcp.max_half;
	srcos_conn_init(tcp.nconn);
	if (net.img.hdr != NULL)
		tcp.max_src = net.img.hdr->max_connections_source;
	tcp.conn = calloc(tcp.nconn, sizeof(*tcp.conn));
	if (tcp.conn == NULL)
		fatal("%u connections", tcp.nconn);
	for (i = 0; i < LIST_MAX; i++)
		tcp.list[i].head = tcp.list[i].tail = TTAB_NONE;
	for (i = 0; i < tcp.nconn; i++)
		list_put(LIST_FREE, &tcp.conn[i]);
	ttab_init(&tcp.tab, tcp.nconn, tcp.conn, sizeof(*tcp.conn),
	    offsetof(struct tcp_conn, t));
	srctab_init(&tcp.src, tcp.nconn);
	net_timer_init(&tcp.drain, drain_over);
}

void
tcp_prefetch(const struct pkt *p)
{
	struct tuple t;

	if (p->l4_len < 4)
		return;
	t.raddr = p->src;
	t.laddr = p->dst;
	t.rport = (uint16_t)(p->l4[0] << 8 | p->l4[1]);
	t.lport = (uint16_t)(p->l4[2] << 8 | p->l4[3]);
	ttab_prefetch(&tcp.tab, ttab_hash(&t));
}

struct tcp_conn *
tcp_find(const struct tuple *t)
{
	uint32_t i = ttab_find(&tcp.tab, t, ttab_hash(t));

	return i == TTAB_NONE ? NULL : &tcp.conn[i];
}

static void
full(const char *what)
{
	STAT_INC(TCP_TABLE_FULL);
	report_limit(what, 1);
}

/* Asked at a handshake's both ends: many may be under way at once. */
static int
source_full(uint32_t raddr)
{
	if (!tcp.max_src || srctab_count(&tcp.src, raddr) < tcp.max_src)
		return 0;
	STAT_INC(LIMIT_SOURCE);
	report_limit("tcp connections of one source", 1);
	return 1;
}

/* A slot for a SYN: the oldest half-open one goes when their quota is used. */
struct tcp_conn *
tcp_alloc(const struct tuple *t)
{
	struct tcp_conn *c;

	if (tcp.draining)
		return NULL;
	if (source_full(t->raddr))
		return NULL;
	if (tcp.list[LIST_HALF].count >= tcp.max_half ||
	    tcp.list[LIST_FREE].head == TTAB_NONE) {
		if (tcp.list[LIST_HALF].head == TTAB_NONE) {
			full("tcp connections");
			return NULL;
		}
		STAT_INC(TCP_EVICTED);
		report_limit("tcp half-open", 1);
		c = &tcp.conn[tcp.list[LIST_HALF].head];
		tcp_half_event(c);
		tcp_free(c);
	}
	c = &tcp.conn[tcp.list[LIST_FREE].head];
	list_take(LIST_FREE, c);
	memset(c, 0, sizeof(*c));
	c->t = *t;
	c->state = TCPS_SYN_RCVD;
	c->service = IMG_NONE;
	c->start_ns = net.now_mono_ns;
	net_timer_init(&c->timer, tcp_timer_fire);
	list_put(LIST_HALF, c);
	ttab_put(&tcp.tab, IDX(c), ttab_hash(t));
	count_lists();
	return c;
}

/* Somebody's place for a finished handshake: the oldest TIME_WAIT, else one
 * among the oldest connections that was idle for minutes. */
static int
make_room(void)
{
	struct tcp_conn *c;
	uint32_t i, n;
	int64_t last;

	if (tcp.list[LIST_TW].head != TTAB_NONE) {
		tcp_free(&tcp.conn[tcp.list[LIST_TW].head]);
		return 0;
	}
	i = tcp.list[LIST_EST].head;
	for (n = 0; n < EVICT_LOOK && i != TTAB_NONE; n++) {
		c = &tcp.conn[i];
		i = c->next;
		last = c->start_ns;
		if (c->d != NULL)
			last = net.now_mono_ns -
			    (int64_t)(net.now_ms - c->d->last_ms) * 1000000;
		if (net.now_mono_ns - last < EVICT_IDLE_NS)
			continue;
		STAT_INC(TCP_EVICTED);
		tcp_end(c, host_get(c->t.laddr), WHY_EVICTED, 1);
		return 0;
	}
	full("tcp connections");
	return -1;
}

int
tcp_to_established(struct tcp_conn *c)
{
	if (source_full(c->t.raddr))
		return -1;
	if (tcp.list[LIST_EST].count + tcp.list[LIST_TW].count >=
		tcp.max_est &&
	    make_room() == -1)
		return -1;
	list_take(LIST_HALF, c);
	c->state = TCPS_ESTABLISHED;
	list_put(LIST_EST, c);
	srctab_inc(&tcp.src, c->t.raddr);
	count_lists();
	return 0;
}

/* The connection is over for the log; its ports rest. */
void
tcp_to_time_wait(struct tcp_conn *c, struct host *h)
{
	uint32_t s = h != NULL && h->p->time_wait_s != 0 ? h->p->time_wait_s
							 : 60;

	tcp_event_close(c, WHY_FIN);
	tcp_sess_end(c, 1);
	tcp_data_drop(c);
	if (tcp.list[LIST_TW].count >= tcp.max_tw)
		tcp_free(&tcp.conn[tcp.list[LIST_TW].head]);
	list_take(LIST_EST, c);
	c->state = TCPS_TIME_WAIT;
	list_put(LIST_TW, c);
	srctab_dec(&tcp.src, c->t.raddr);
	net_timer_set(&c->timer, s * 1000);
	count_lists();
}

void
tcp_free(struct tcp_conn *c)
{
	enum tcp_list l = list_of(c);

	if (l == LIST_EST)
		srctab_dec(&tcp.src, c->t.raddr);
	tcp_data_drop(c);
	net_timer_del(&c->timer);
	ttab_del(&tcp.tab, IDX(c), ttab_hash(&c->t));
	list_take(l, c);
	c->state = TCPS_FREE;
	list_put(LIST_FREE, c);
	count_lists();
}

void
tcp_end(struct tcp_conn *c, struct host *h, enum tcp_why why, int rst)
{
	static const uint8_t reason[] = {1, 1, 2, 3, 4, 4, 4};

	if (c->state == TCPS_SYN_RCVD)
		tcp_half_event(c);
	else if (c->state != TCPS_TIME_WAIT && !(c->flags & CF_MUTE)) {
		if (rst && h != NULL)
			tcp_send_rst(c, h);
		tcp_event_close(c, why);
		tcp_sess_end(c, reason[why]);
	}
	tcp_free(c);
}

/* Over for the log, but the peer hears nothing more: what it still sends is
 * swallowed for a while instead of being answered with RST. */
void
tcp_mute(struct tcp_conn *c, enum tcp_why why)
{
	tcp_event_close(c, why);
	tcp_sess_end(c, 5);
	tcp_data_drop(c);
	c->flags |= CF_MUTE;
	net_timer_set(&c->timer, MUTE_MS);
}

/* What the decoy does on a port; *service is IMG_NONE without one. */
uint32_t
tcp_action(const struct host *h, uint16_t port, uint32_t *service)
{
	const struct img_port *ip;

	*service = IMG_NONE;
	ip = image_port(&net.img, h->t, IPPROTO_TCP, port);
	if (ip == NULL)
		return h->t->act_tcp;
	*service = ip->service;
	return ip->action;
}

uint32_t
tcp_active(void)
{
	return tcp.list[LIST_EST].count;
}

/* New image: ports and services may have moved, addresses may be gone. */
void
tcp_reload(void)
{
	struct tcp_conn *c;
	struct host *h;
	uint32_t i, act;

	if (net.img.hdr != NULL)
		tcp.max_src = net.img.hdr->max_connections_source;
	for (i = 0; i < tcp.nconn; i++) {
		c = &tcp.conn[i];
		if (c->state == TCPS_FREE || c->state == TCPS_TIME_WAIT)
			continue;
		if ((h = host_get(c->t.laddr)) == NULL) {
			tcp_end(c, NULL, WHY_SERVICE, 0);
			continue;
		}
		act = tcp_action(h, c->t.lport, &c->service);
		if (c->state != TCPS_SYN_RCVD)
			continue;
		c->action = (uint8_t)act;
		if (!tcp_half_fits(c, h->p))
			tcp_end(c, NULL, WHY_SERVICE, 0);
	}
}

void
tcp_drain(uint32_t ms)
{
	tcp.draining = 1;
	net_timer_set(&tcp.drain, ms);
}

void
tcp_svc_down(uint8_t proc)
{
	struct tcp_conn *c;
	struct host *h;
	uint32_t i;

	for (i = 0; i < tcp.nconn; i++) {
		c = &tcp.conn[i];
		if (!(c->flags & CF_SESSION) || list_of(c) != LIST_EST ||
		    ((c->flags & CF_SHELL) != 0) != (proc == PROC_SVC_SHELL))
			continue;
		h = host_get(c->t.laddr);
		if (h == NULL || h->t->denied != 1) {
			tcp_end(c, h, WHY_SERVICE, 1);
			continue;
		}
		tcp_mute(c, WHY_SERVICE);
	}
}

/* Soft (RFC 5461): only "fragmentation needed" changes anything. */
void
tcp_icmp_error(uint32_t src, uint32_t dst, uint16_t sport, uint16_t dport,
    uint8_t type, uint8_t code)
{
	struct tuple t = {dst, src, dport, sport};
	struct tcp_conn *c;

	if (type != 3 || code != 4 || (c = tcp_find(&t)) == NULL)
		return;
	if (c->mss > 536)
		c->mss = c->mss - c->mss / 8 < 536
		    ? 536
		    : (uint16_t)(c->mss - c->mss / 8);
}
