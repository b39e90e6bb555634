/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: what TCP tells the log: a connection's begin and end, and segments
 * that made none. No formatting, no waiting.
 */
#include <netinet/in.h>
#include <string.h>

#include "net.h"
#include "report.h"
#include "srcos.h"
#include "tcp_int.h"

#define OPENS_SECOND 1000

static void
flow(const struct tcp_conn *c, uint16_t kind, uint32_t why)
{
	struct ev_flow f;

	memset(&f, 0, sizeof(f));
	if (c->d != NULL) {
		f.bytes_in = c->d->bytes_in;
		f.bytes_out = c->d->bytes_out;
	}
	f.duration_ns = (uint64_t)(net.now_mono_ns - c->start_ns);
	f.service = c->service;
	if (c->d != NULL && c->d->ended != 0 &&
	    (why == WHY_FIN || why == WHY_TIMEOUT))
		why = c->d->ended; /* what began the end */
	f.why = (uint8_t)why;
	f.srcos = srcos_conn[c - tcp.conn];
	if (f.srcos == 0)
		f.srcos = srcos_known(c->t.raddr);
	f.ttl = c->syn_ttl;
	report_flow(kind, IPPROTO_TCP, c->session, c->t.raddr, c->t.rport,
	    c->t.laddr, c->t.lport, &f);
}

/* A connection is two records that no shortage of space ever takes back; so
 * many begin in a second with one. 1 or 0. */
static int
may_tell(void)
{
	static uint32_t second, left;
	uint32_t now = net.now_ms / 1000;

	if (now != second) {
		second = now;
		left = OPENS_SECOND;
	}
	if (left == 0)
		return 0;
	left--;
	return 1;
}

void
tcp_event_open(struct tcp_conn *c)
{
	srcos_learn(c->t.raddr, srcos_conn[c - tcp.conn]);
	if (!may_tell())
		c->flags |= CF_QUIET; /* until it has data or a script */
	else
		flow(c, EV_TCP_OPEN, 0);
}

void
tcp_event_loud(struct tcp_conn *c)
{
	int64_t now = net.now_wall_ns;

	c->flags &= (uint16_t)~CF_QUIET;
	net.now_wall_ns -= net.now_mono_ns - c->start_ns;
	flow(c, EV_TCP_OPEN, 0);
	net.now_wall_ns = now;
}

/* Its SYN, as far as it is known. */
static void
first_packet(const struct tcp_conn *c, struct pkt *p)
{
	memset(p, 0, sizeof(*p));
	p->nif = &net.ifs[c->peer.nif];
	p->src = c->t.raddr;
	p->dst = c->t.laddr;
	p->ip_proto = IPPROTO_TCP;
	p->ip_len = c->syn_len;
	p->ip_ttl = c->syn_ttl;
	p->srcos = srcos_conn[c - tcp.conn];
	p->ts_ns = net.now_wall_ns - (net.now_mono_ns - c->start_ns);
}

void
tcp_event_close(const struct tcp_conn *c, enum tcp_why why)
{
	struct pkt p;

	if (c->flags & CF_QUIET) {
		first_packet(c, &p);
		report_unseen(&p, c->t.rport, c->t.lport);
		return;
	}
	flow(c, EV_TCP_CLOSE, why);
}

void
tcp_event_probe(const struct seg *s, uint8_t verdict)
{
	report_probe(s->p, EV_TCP_PROBE, verdict, s->sport, s->dport, s->flags,
	    s->window);
}

void
tcp_half_event(const struct tcp_conn *c)
{
	struct pkt p;

	first_packet(c, &p);
	report_probes(&p, EV_TCP_PROBE, VERDICT_OPEN, c->t.rport, c->t.lport,
	    c->syn_flags, c->syn_window,
	    1 + (c->session < UINT32_MAX ? (uint32_t)c->session
					 : UINT32_MAX - 1));
}
