/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: TCP segments written into transmit slots, in the persona's manner.
 * One call is one frame (or one large send). Decides nothing about when.
 */
#include <netinet/in.h>
#include <string.h>

#include "../common/buf.h"
#include "../common/siphash.h"
#include "csum.h"
#include "net.h"
#include "tcp_int.h"

#define TCP_HDR 20
#define IP_HDR  20

/* Stacks that put a counter of the connection's own into established traffic
 * while their SYN/ACK carries zero or what they count for the peer. */
static int
own_ipid(const struct img_persona *p)
{
	uint8_t how = p->ipid[IPID_FOR_TCP].how;

	return (how == IPID_ZERO || how == IPID_PER_DST) &&
	    (p->family == FAM_LINUX24 || p->family == FAM_LINUX26 ||
		p->family == FAM_LINUX);
}

static uint16_t
next_ipid(struct tcp_conn *c, struct host *h)
{
	if (own_ipid(h->p))
		return c->ipid++;
	return host_ipid(h, IPID_FOR_TCP, c->t.raddr);
}

/* The IP ID is filled in when there is a slot: none is spent without one. */
static uint8_t *
begin(struct tcp_conn *c, struct host *h, uint8_t **l4, uint32_t *room)
{
	struct ip_out ip = {.src = c->t.laddr,
	    .dst = c->t.raddr,
	    .proto = IPPROTO_TCP,
	    .ttl = h->p->ttl,
	    .df = h->p->df_tcp};

	return reply_begin(&c->peer, &ip, l4, room);
}

static void
header(uint8_t *l4, const struct tuple *t, uint32_t seq, uint32_t ack,
    uint32_t hlen, uint8_t flags, uint16_t window)
{
	put16(l4, t->lport);
	put16(l4 + 2, t->rport);
	put32(l4 + 4, seq);
	put32(l4 + 8, ack);
	l4[12] = (uint8_t)(hlen << 2);
	l4[13] = flags;
	put16(l4 + 14, window);
	put16(l4 + 16, 0);
	put16(l4 + 18, 0);
}

static void
seal(const struct peer *peer, uint8_t *frame, const struct tuple *t,
    uint8_t *l4, uint32_t len)
{
	uint64_t sum = csum_pseudo(t->laddr, t->raddr, IPPROTO_TCP, len);

	put16(l4 + 16, csum_fold(csum_add(sum, l4, len)));
	reply_commit(peer, frame, len);
}

/* An acknowledgement left with some segment: nothing is owed any more. */
static void
acked(struct tcp_conn *c)
{
	struct tcp_data *d = c->d;

	if (d == NULL)
		return;
	d->ack_now = d->ack_later = 0;
	d->ack_on = 0;
	d->unacked = 0;
	d->dsack.a = d->dsack.b = 0;
	d->last_ack = c->rcv_nxt;
}

/* Where every connection's stamps have an offset of their own. */
static uint32_t
ts_clock(const struct tcp_conn *c, const struct host *h)
{
	int nmap = c->answer <= ANS_SYN6;
	uint32_t v = host_tsval(h, nmap);

	if (h->p->ts_log2 != 0 && !nmap)
		v += (uint32_t)siphash13(net.key, &c->t, sizeof(c->t));
	return v;
}

/* Never back, whatever the wall clock and receive stamps do: the peer would
 * take it for an old segment (PAWS). */
static uint32_t
tsval(const struct tcp_conn *c, struct host *h)
{
	uint32_t v = ts_clock(c, h);

	if (c->d == NULL)
		return v;
	if (c->d->ts_last != 0 && SEQ_LT(v, c->d->ts_last))
		v = c->d->ts_last;
	return c->d->ts_last = v;
}

uint16_t
tcp_mtu_mss(const struct peer *peer)
{
	uint32_t mtu = net.ifs[peer->nif].mtu;

	if (mtu == 0)
		mtu = 1500;
	if (mtu > IO_FRAME_MAX - 14)
		mtu = IO_FRAME_MAX - 14;
	return mtu < 108 ? 68 : (uint16_t)(mtu - IP_HDR - TCP_HDR);
}

/* Our own MSS; or the peer's, if less, where the stack says so. */
static uint16_t
synack_mss(const struct tcp_conn *c, const struct img_persona *p)
{
	uint16_t most = tcp_mtu_mss(&c->peer), mss = p->mss;

	if (mss == 0 || mss > most)
		mss = most;
	return p->mss_min && c->mss < mss ? c->mss : mss;
}

uint32_t
tcp_synack_window(const struct tcp_conn *c, const struct img_persona *p)
{
	const struct img_answer *a = &p->answer[c->answer];
	uint32_t mss, win;

	if (c->action == ACT_TARPIT_OPEN || c->action == ACT_TARPIT_SERVICE)
		return TCP_TARPIT_WND;
	if ((a->win_mss == 0 && !(a->quirks & ANQ_WIN_UP)) ||
	    c->answer < ANS_GEN)
		return a->window;
	mss = synack_mss(c, p);
	if (a->quirks & ANQ_WIN_UP && c->mss < mss)
		mss = c->mss;
	if (a->quirks & ANQ_WIN_TS && c->flags & CF_TS && mss > 24)
		mss -= 12;
	if (mss == 0)
		return a->window;
	win = a->quirks & ANQ_WIN_UP ? (a->window + mss - 1) / mss * mss
				     : mss * a->win_mss;
	return win > 65535 ? 65535 : win;
}

static void
answer_quirks(uint8_t *l4, const struct img_answer *a)
{
	if (a->quirks & ANQ_RESERVED)
		l4[12] |= 8;
	if (a->quirks & ANQ_URP)
		put16(l4 + 18, 1);
}

/* What nmap's own layouts get is sent as it stands in the persona; for others
 * MSS and window go by what the peer and the interface can. */
int
tcp_send_synack(struct tcp_conn *c, struct host *h)
{
	const struct img_answer *a = &h->p->answer[c->answer];
	struct ip_out ip = {.src = c->t.laddr,
	    .dst = c->t.raddr,
	    .proto = IPPROTO_TCP,
	    .ttl = a->ttl,
	    .df = a->df};
	uint8_t *frame, *l4, flags = a->flags;
	uint32_t room, n, win = a->window, own = 0, ecr = c->ts_recent;

	frame = reply_begin(&c->peer, &ip, &l4, &room);
	if (frame == NULL)
		return -1;
	put16(l4 - IP_HDR + 4, host_ipid(h, a->ipid, c->t.raddr));
	if (a->ts_off != 255)
		own = ts_clock(c, h);
	if (ecr == 0 && c->answer < ANS_GEN)
		ecr = own; /* stamps unasked: the table has such */
	n = tcp_opt_answer(l4 + TCP_HDR, a, own, ecr);
	if (c->answer >= ANS_GEN) {
		if (a->mss_off != 255)
			put16(l4 + TCP_HDR + a->mss_off,
			    synack_mss(c, h->p));
		win = c->rcv_adv - c->rcv_nxt;
	}
	if (c->flags & CF_ECN)
		flags |= TH_ECE;
	header(l4, &c->t, c->snd_una, c->rcv_nxt, TCP_HDR + n, flags,
	    (uint16_t)win);
	answer_quirks(l4, a);
	seal(&c->peer, frame, &c->t, l4, TCP_HDR + n);
	STAT_INC(ANSWERED_SYN);
	return 0;
}

int
tcp_send_data(struct tcp_conn *c, struct host *h, uint32_t seq, uint32_t len,
    uint8_t flags)
{
	uint8_t *frame, *l4;
	uint32_t room, n;

	frame = begin(c, h, &l4, &room);
	if (frame == NULL)
		return -1;
	put16(l4 - IP_HDR + 4, next_ipid(c, h));
	n = TCP_HDR +
	    tcp_opt_data(l4 + TCP_HDR, c, tsval(c, h), len == 0);
	if (n + len > room) /* options alone fill the least MTU */
		len = room > n ? room - n : 0;
	if (len > 0)
		ring_get(&c->d->snd, seq, l4 + n, len);
	header(l4, &c->t, seq, c->rcv_nxt, n, flags | TH_ACK,
	    (uint16_t)tcp_rcv_window(c, h));
	seal(&c->peer, frame, &c->t, l4, n + len);
	if (c->d != NULL)
		c->d->bytes_out += len;
	acked(c);
	return 0;
}

/* The kernel's segments count their IP IDs up by one and carry PSH only at the
 * end: for personas that do so too. */
int
tcp_gso_fits(const struct tcp_conn *c, const struct host *h)
{
	return io_has_gso(&net.ifs[c->peer.nif]) && !h->p->psh_each &&
	    (h->p->ipid[IPID_FOR_TCP].how == IPID_INCR || own_ipid(h->p));
}

int
tcp_send_gso(struct tcp_conn *c, struct host *h, uint32_t seq, uint32_t len,
    uint8_t flags)
{
	uint8_t *frame, *l4, *ip;
	const uint8_t *data;
	uint32_t room, n, have = len, segs;
	uint16_t id, mss;

	frame = begin(c, h, &l4, &room);
	if (frame == NULL)
		return -1;
	n = TCP_HDR + tcp_opt_data(l4 + TCP_HDR, c, tsval(c, h), 0);
	mss = (uint16_t)(c->mss - (n - TCP_HDR));
	data = ring_at(&c->d->snd, seq, &have);
	if (have < len)
		return -1;
	segs = (len + mss - 1) / mss;
	ip = l4 - IP_HDR;
	id = next_ipid(c, h);
	put16(ip + 2, IP_HDR + n + len);
	put16(ip + 4, id);
	put16(ip + 10, 0);
	put16(ip + 10, csum_fold(csum_add(0, ip, IP_HDR)));
	header(l4, &c->t, seq, c->rcv_nxt, n, flags | TH_ACK,
	    (uint16_t)tcp_rcv_window(c, h));
	/* only the pseudo header, not complemented: the rest is the card's */
	put16(l4 + 16, (uint16_t)~csum_fold(csum_pseudo(c->t.laddr,
			   c->t.raddr, IPPROTO_TCP, n + len)));
	if (io_tx_gso(&net.ifs[c->peer.nif], frame,
		(uint32_t)(l4 - frame) + n, data, len, mss) == -1) {
		if (own_ipid(h->p))
			c->ipid--;
		return -1;
	}
	for (; segs > 1; segs--)
		next_ipid(c, h);
	c->d->bytes_out += len;
	acked(c);
	return 0;
}

void
tcp_send_ack(struct tcp_conn *c, struct host *h)
{
	if (c->flags & CF_MUTE)
		return;
	tcp_send_data(c, h, c->snd_nxt, 0, TH_ACK);
}

void
tcp_send_rst(struct tcp_conn *c, struct host *h)
{
	struct tcp_raw r = {.t = c->t,
	    .seq = c->snd_nxt,
	    .ack = c->rcv_nxt,
	    .flags = TH_RST | TH_ACK,
	    .ttl = h->p->ttl,
	    .df = h->p->df_tcp,
	    .id = next_ipid(c, h)};

	tcp_send_raw(&c->peer, &r);
	STAT_INC(ANSWERED_RST);
}

void
tcp_send_raw(const struct peer *peer, const struct tcp_raw *r)
{
	struct ip_out ip = {.src = r->t.laddr,
	    .dst = r->t.raddr,
	    .proto = IPPROTO_TCP,
	    .ttl = r->ttl,
	    .df = r->df,
	    .id = r->id};
	uint32_t room, n = TCP_HDR, len = 0;
	uint8_t *frame, *l4;

	frame = reply_begin(peer, &ip, &l4, &room);
	if (frame == NULL)
		return;
	if (r->a != NULL) {
		n += tcp_opt_answer(l4 + TCP_HDR, r->a, r->tsval, r->tsecr);
		len = r->a->datalen;
		memcpy(l4 + n, r->a->data, sizeof(r->a->data));
	}
	header(l4, &r->t, r->seq, r->ack, n, r->flags, r->window);
	if (r->a != NULL)
		answer_quirks(l4, r->a);
	seal(peer, frame, &r->t, l4, n + len);
}
