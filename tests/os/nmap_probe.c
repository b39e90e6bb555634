/* SPDX-License-Identifier: ISC */
/*
 * Tests: the frames nmap 7.93 sends for OS detection, and before it.
 */
#include "nmap_probe.h"

#include <string.h>

#include <netinet/in.h>

#include "common/buf.h"
#include "hpd-net/csum.h"

#define WS10  3, 3, 10
#define WS15  3, 3, 15
#define NOP   1
#define MSS(n) 2, 4, (n) >> 8, (n) & 0xff
#define TS    8, 10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0
#define SOK   4, 2
#define TAIL  NOP, MSS(265), TS, SOK

struct tcp_probe {
	uint8_t flags, df, optlen;
	uint16_t window;
	uint8_t opt[20];
};

static const struct tcp_probe syns[6] = {
	{ 0x02, 0, 20, 1, { WS10, NOP, MSS(1460), TS, SOK } },
	{ 0x02, 0, 20, 63, { MSS(1400), 3, 3, 0, SOK, TS, 0 } },
	{ 0x02, 0, 20, 4, { TS, NOP, NOP, 3, 3, 5, NOP, MSS(640) } },
	{ 0x02, 0, 16, 4, { SOK, TS, WS10, 0 } },
	{ 0x02, 0, 20, 16, { MSS(536), SOK, TS, WS10, 0 } },
	{ 0x02, 0, 16, 512, { MSS(265), SOK, TS } },
};
static const struct tcp_probe ecn = { 0xc2, 0, 12, 3,
	{ WS10, NOP, MSS(1460), SOK, NOP, NOP } };
static const struct tcp_probe others[6] = { /* T2 to T7 */
	{ 0x00, 1, 20, 128, { WS10, TAIL } },
	{ 0x2b, 0, 20, 256, { WS10, TAIL } },
	{ 0x10, 1, 20, 1024, { WS10, TAIL } },
	{ 0x02, 0, 20, 31337, { WS10, TAIL } },
	{ 0x10, 1, 20, 32768, { WS10, TAIL } },
	{ 0x29, 0, 20, 65535, { WS15, TAIL } },
};

uint32_t
scan_rnd(struct scan *s, uint32_t n)
{
	s->chance = s->chance * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)s->chance * n >> 32);
}

void
scan_round(struct scan *s)
{
	s->from = PROBER;
	s->seq = 1 + scan_rnd(s, UINT32_MAX - 100);
	s->ack = 1 + scan_rnd(s, UINT32_MAX - 100);
	s->icmp_id = (uint16_t)scan_rnd(s, 65535);
	s->u1_ttl = (uint8_t)(51 + scan_rnd(s, 14));
	if (s->port_base == 0)
		s->port_base = (uint16_t)(33000 + scan_rnd(s, 30000));
	s->udp_sport = s->port_base;
	s->udp_dport = (uint16_t)(30000 + scan_rnd(s, 14781));
	memset(s->got, 0, sizeof(s->got));
}

static void
ip_header(struct scan *s, uint8_t *f, uint8_t proto, uint32_t len, uint16_t id,
    uint8_t ttl, int df)
{
	static const uint8_t from[6] = { 2, 0xaa, 0, 0, 0, 1 };
	uint8_t *ip = f + 14;

	memcpy(f, s->mac, 6);
	memcpy(f + 6, from, 6);
	put16(f + 12, 0x0800);
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, 20 + len);
	put16(ip + 4, id);
	put16(ip + 6, df ? 0x4000 : 0);
	ip[8] = (uint8_t)(ttl - s->hops);
	ip[9] = proto;
	put32(ip + 12, s->from);
	put32(ip + 16, s->addr);
	put16(ip + 10, csum_fold(csum_add(0, ip, 20)));
}

static uint16_t
l4_sum(const struct scan *s, const uint8_t *l4, uint8_t proto, uint32_t len)
{
	return csum_fold(csum_add(csum_pseudo(s->from, s->addr, proto, len), l4,
	    len));
}

static uint32_t
tcp_frame(struct scan *s, uint8_t *f, uint16_t sport, uint16_t dport,
    uint32_t seq, uint32_t ack, const struct tcp_probe *p)
{
	uint8_t *l4 = f + 34;
	uint32_t len = 20u + p->optlen;

	ip_header(s, f, IPPROTO_TCP, len, (uint16_t)scan_rnd(s, 65536),
	    (uint8_t)(37 + scan_rnd(s, 23)), p->df);
	memset(l4, 0, 20);
	put16(l4, sport);
	put16(l4 + 2, dport);
	put32(l4 + 4, seq);
	put32(l4 + 8, ack);
	l4[12] = (uint8_t)(len << 2);
	l4[13] = p->flags;
	put16(l4 + 14, p->window);
	memcpy(l4 + 20, p->opt, p->optlen);
	if (p == &ecn) {
		l4[12] |= 8;
		put16(l4 + 18, 0xf7f5);
	}
	put16(l4 + 16, l4_sum(s, l4, IPPROTO_TCP, len));
	return 34 + len;
}

static uint32_t
echo_frame(struct scan *s, uint8_t *f, unsigned n)
{
	uint32_t len = 8 + (n == 0 ? 120 : 150);
	uint8_t *l4 = f + 34;

	ip_header(s, f, IPPROTO_ICMP, len, (uint16_t)scan_rnd(s, 65536),
	    (uint8_t)(37 + scan_rnd(s, 23)), n == 0);
	if (n == 1) {
		f[15] = 4; /* TOS */
		put16(f + 24, 0);
		put16(f + 24, csum_fold(csum_add(0, f + 14, 20)));
	}
	memset(l4, 0, len);
	l4[0] = 8;
	l4[1] = n == 0 ? 9 : 0;
	put16(l4 + 4, s->icmp_id + n);
	put16(l4 + 6, 295 + n);
	put16(l4 + 2, csum_fold(csum_add(0, l4, len)));
	return 34 + len;
}

static uint32_t
udp_frame(struct scan *s, uint8_t *f)
{
	uint8_t *l4 = f + 34;
	uint32_t len = 8 + 300;

	ip_header(s, f, IPPROTO_UDP, len, 0x1042, s->u1_ttl, 0);
	put16(l4, s->udp_sport);
	put16(l4 + 2, s->udp_dport);
	put16(l4 + 4, len);
	put16(l4 + 6, 0);
	memset(l4 + 8, 'C', 300);
	s->u1_sum = l4_sum(s, l4, IPPROTO_UDP, len);
	if (s->u1_sum == 0) /* would say "none" */
		s->u1_sum = 0xffff;
	put16(l4 + 6, s->u1_sum);
	return 34 + len;
}

uint32_t
probe_frame(struct scan *s, enum probe p, uint8_t *f)
{
	uint16_t b = s->port_base;

	if (p < P_IE)
		return tcp_frame(s, f, (uint16_t)(b + p), PORT_OPEN,
		    s->seq + p, s->ack, &syns[p]);
	if (p < P_U1)
		return echo_frame(s, f, p - P_IE);
	if (p == P_U1)
		return udp_frame(s, f);
	if (p < P_ECN)
		return tcp_frame(s, f, (uint16_t)(b + 6 + p - P_OPS),
		    PORT_OPEN, s->seq, s->ack, &syns[p - P_OPS]);
	if (p == P_ECN)
		return tcp_frame(s, f, (uint16_t)(b + 12), PORT_OPEN, s->seq,
		    0, &ecn);
	if (p == P_T1)
		return tcp_frame(s, f, (uint16_t)(b + 13), PORT_OPEN, s->seq,
		    s->ack, &syns[0]);
	return tcp_frame(s, f, (uint16_t)(b + 14 + p - P_T2),
	    p < P_T5 ? PORT_OPEN : PORT_CLOSED, s->seq, s->ack,
	    &others[p - P_T2]);
}

uint32_t
probe_syn(struct scan *s, uint16_t port, uint8_t *f)
{
	static const struct tcp_probe scan = { 0x02, 0, 4, 1024,
		{ MSS(1460) } };

	return tcp_frame(s, f, (uint16_t)(s->port_base - 1000), port, s->seq,
	    0, &scan);
}

uint32_t
probe_ordinary(struct scan *s, unsigned n, uint8_t *f)
{
	static const struct tcp_probe ask = { 0x02, 1, 20, 64240,
		{ MSS(1460), SOK, 8, 10, 0, 1, 2, 3, 0, 0, 0, 0, NOP, 3, 3,
		    7 } };
	uint32_t len = 8 + 56;

	if (n % 3 < 2)
		return tcp_frame(s, f, (uint16_t)(20000 + n),
		    n % 3 ? PORT_CLOSED : PORT_OPEN, n * 77777u, 0, &ask);
	ip_header(s, f, IPPROTO_ICMP, len, (uint16_t)n, 64, 1);
	memset(f + 34, 0, len);
	f[34] = 8;
	put16(f + 38, n);
	put16(f + 36, csum_fold(csum_add(0, f + 34, len)));
	return 34 + len;
}

uint32_t
probe_reset(struct scan *s, const uint8_t *ip, uint8_t *f)
{
	static const struct tcp_probe rst = { 0x04, 1, 0, 0, { 0 } };
	const uint8_t *l4 = ip + 20;
	uint32_t n = tcp_frame(s, f, be16(l4 + 2), be16(l4), be32(l4 + 8), 0,
	    &rst);

	ip_header(s, f, IPPROTO_TCP, 20, 0, 64, 1); /* the kernel's */
	return n;
}

int
probe_done(const struct scan *s, enum probe p)
{
	if (s->got[p].came)
		return 1;
	if (p >= P_OPS && p < P_ECN)
		return s->got[p - P_OPS].came;
	return p == P_T1 && s->got[P_SEQ].came;
}
