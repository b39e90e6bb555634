/* SPDX-License-Identifier: ISC */
/*
 * Tests: answers as frames, and the observation nmap 7.93 makes of them.
 */
#include "nmap_probe.h"

#include <string.h>

#include <netinet/in.h>

#include "common/buf.h"
#include "hpd-net/csum.h"

static int
refuse(struct scan *s, const char *why)
{
	s->bad++;
	s->why = why;
	return 0;
}

static void
keep(struct scan *s, enum probe p, const uint8_t *ip, uint32_t len)
{
	struct answer *a = &s->got[p];

	if (a->came || len > FRAME_MAX)
		return; /* the first one counts */
	a->came = 1;
	a->len = (uint16_t)len;
	memcpy(a->ip, ip, len);
	a->ip[8] = (uint8_t)(ip[8] > s->hops ? ip[8] - s->hops : 0);
}

/* Which probe a TCP answer is for, by the port it goes to; P_MAX: none. */
static enum probe
tcp_for(const struct scan *s, uint16_t sport, uint16_t dport)
{
	unsigned n = (uint16_t)(dport - s->port_base);

	if (sport != (n < 17 ? PORT_OPEN : PORT_CLOSED))
		return P_MAX;
	if (n < 6)
		return P_SEQ + n;
	if (n < 12)
		return P_OPS + n - 6;
	return n == 12 ? P_ECN : n < 20 ? P_T1 + n - 13 : P_MAX;
}

static int
tcp_came(struct scan *s, const uint8_t *ip, uint32_t len)
{
	const uint8_t *l4 = ip + 20;
	uint32_t n = len - 20, hlen;
	uint16_t sport, dport;

	if (n < 20)
		return refuse(s, "TCP header cut off");
	hlen = (uint32_t)(l4[12] >> 4) * 4;
	if (hlen < 20 || hlen > n)
		return refuse(s, "TCP header length");
	if (csum_fold(csum_add(csum_pseudo(s->addr, PROBER, IPPROTO_TCP, n),
		l4, n)) != 0)
		return refuse(s, "TCP checksum");
	sport = be16(l4);
	dport = be16(l4 + 2);
	if (dport == (uint16_t)(s->port_base - 1000)) {
		if (sport == PORT_OPEN)
			s->scan_open = l4[13];
		else
			s->scan_closed = l4[13];
	} else if (tcp_for(s, sport, dport) != P_MAX)
		keep(s, tcp_for(s, sport, dport), ip, len);
	else
		return refuse(s, "TCP to no probe's port");
	return (l4[13] & 0x16) == 0x12;
}

static int
icmp_came(struct scan *s, const uint8_t *ip, uint32_t len)
{
	const uint8_t *l4 = ip + 20;
	uint32_t n = len - 20;
	uint16_t id;

	if (n < 8)
		return refuse(s, "ICMP header cut off");
	if (csum_fold(csum_add(0, l4, n)) != 0)
		return refuse(s, "ICMP checksum");
	id = (uint16_t)(be16(l4 + 4) - s->icmp_id);
	if (l4[0] == 0) {
		if (id > 1 || be16(l4 + 6) != 295 + id)
			return refuse(s, "echo reply to nothing");
		keep(s, P_IE + id, ip, len);
		return 0;
	}
	if (l4[0] != 3 || l4[1] != 3)
		return refuse(s, "ICMP type and code");
	if (n < 8 + 28 || l4[8] != 0x45 || l4[17] != IPPROTO_UDP ||
	    be16(l4 + 28) != s->udp_sport || be16(l4 + 30) != s->udp_dport)
		return refuse(s, "quoted packet");
	keep(s, P_U1, ip, len);
	return 0;
}

int
scan_frame(struct scan *s, const uint8_t *f, uint32_t len)
{
	const uint8_t *ip = f + 14;
	uint32_t n;

	if (len < 34 || be16(f + 12) != 0x0800 || ip[0] != 0x45)
		return refuse(s, "not IPv4");
	if (memcmp(f + 6, s->mac, 6) != 0 || be32(ip + 16) != PROBER)
		return refuse(s, "addresses");
	if (csum_fold(csum_add(0, ip, 20)) != 0)
		return refuse(s, "IP checksum");
	if (be16(ip + 6) & 0x3fff)
		return refuse(s, "a fragment");
	n = be16(ip + 2);
	if (n != len - 14 && /* or with its bytes swapped */
	    (uint16_t)(n << 8 | n >> 8) != len - 14)
		return refuse(s, "IP length");
	if (ip[9] == IPPROTO_TCP)
		return tcp_came(s, ip, len - 14);
	if (ip[9] == IPPROTO_ICMP)
		return icmp_came(s, ip, len - 14);
	return refuse(s, "protocol");
}

/* --- the observation ------------------------------------------------------ */

static struct os_reply
tcp_reply(const struct scan *s, enum probe p)
{
	const struct answer *a = &s->got[p];
	const uint8_t *ip = a->ip, *l4 = ip + 20;
	struct os_reply r = { .came = a->came };
	uint32_t hlen;

	if (!a->came)
		return r;
	hlen = (uint32_t)(l4[12] >> 4) * 4;
	r.flags = l4[13];
	r.df = ip[6] & 0x40;
	r.ttl = ip[8];
	r.reserved = l4[12] & 0x0f;
	r.urp = be16(l4 + 18) != 0 && !(l4[13] & 0x20);
	r.window = be16(l4 + 14);
	r.seq = be32(l4 + 4);
	r.ack = be32(l4 + 8);
	r.probe_seq = s->seq + (p < P_IE ? (uint32_t)p : 0);
	r.probe_ack = p == P_ECN ? 0 : s->ack;
	r.opt = l4 + 20;
	r.optlen = hlen - 20;
	r.data = l4 + hlen;
	r.datalen = (uint8_t)(a->len - 20 - hlen);
	return r;
}

static struct os_unreach
unreach(const struct scan *s, int *dist)
{
	const struct answer *a = &s->got[P_U1];
	const uint8_t *ip = a->ip, *q = ip + 28, *d, *end = ip + a->len;
	struct os_unreach u = { .came = a->came };

	*dist = OS_DIST_UNKNOWN;
	if (!a->came)
		return u;
	*dist = s->u1_ttl - q[8];
	u.df = ip[6] & 0x40;
	u.ttl = ip[8];
	u.ipl = be16(ip + 2);
	u.un = be16(ip + 26);
	u.ripl = be16(q + 2);
	u.rid = be16(q + 4);
	u.ripck = be16(q + 10) == 0 ? 'Z' :
	    csum_fold(csum_add(0, q, 20)) == 0 ? 'G' : 'I';
	u.ruck = be16(q + 26);
	u.ruck_sent = s->u1_sum;
	u.rud = 'G';
	for (d = q + 28; d < end; d++)
		if (*d != 'C')
			u.rud = 'I';
	return u;
}

static struct os_echo
echo(const struct scan *s)
{
	const struct answer *a = &s->got[P_IE];
	struct os_echo e = { .came = a[0].came && a[1].came };
	unsigned i;

	for (i = 0; i < 2 && e.came; i++) {
		e.df[i] = a[i].ip[6] & 0x40;
		e.code[i] = a[i].ip[21];
	}
	e.ttl = a[0].ip[8];
	return e;
}

static void
samples(const struct scan *s, const struct os_reply syn[OS_SYNS],
    struct os_samples *m)
{
	unsigned i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < OS_SYNS; i++) {
		if (!s->got[P_SEQ + i].came)
			continue;
		m->syn[i].came = 1;
		m->syn[i].flags = syn[i].flags;
		m->syn[i].id = be16(s->got[P_SEQ + i].ip + 4);
		m->syn[i].isn = syn[i].seq;
		m->syn[i].sent_us = s->sent_us[P_SEQ + i];
		m->syn[i].has_ts = os_opt_ts(syn[i].opt, syn[i].optlen,
				       &m->syn[i].tsval) == 0;
	}
	for (i = P_T5; i <= P_T7; i++)
		if (s->got[i].came)
			m->closed[m->nclosed++] = be16(s->got[i].ip + 4);
	for (i = P_IE; i < P_U1; i++)
		if (s->got[i].came)
			m->icmp[m->nicmp++] = be16(s->got[i].ip + 4);
}

void
scan_observe(const struct scan *s, struct os_obs *o)
{
	struct os_reply r[OS_SYNS], l;
	struct os_samples m;
	struct os_unreach u;
	struct os_echo e;
	unsigned i;
	int dist;

	for (i = 0; i < OS_SYNS; i++)
		r[i] = tcp_reply(s, P_SEQ + i);
	samples(s, r, &m);
	os_obs_clear(o);
	os_seq_line(o, &m);
	u = unreach(s, &dist);
	for (i = 0; i < OS_SYNS; i++)
		if (!r[i].came)
			r[i] = tcp_reply(s, P_OPS + i);
	os_syn_lines(o, r);
	l = tcp_reply(s, P_ECN);
	os_tcp_line(o, OSL_ECN, &l, dist);
	l = tcp_reply(s, s->got[P_SEQ].came ? P_SEQ : P_T1);
	os_tcp_line(o, OSL_T1, &l, dist);
	for (i = OSL_T2; i < OSL_MAX; i++) {
		l = tcp_reply(s, P_T2 + i - OSL_T2);
		os_tcp_line(o, i, &l, dist);
	}
	os_unreach_line(o, &u, dist);
	e = echo(s);
	os_echo_line(o, &e, dist);
}
