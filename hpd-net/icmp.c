/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: ICMP queries answered as the persona does, errors about our own
 * segments handed to tcp. A reply carries the request's bytes and ours only:
 * the request's IP options and anything behind ip_len never go out.
 */
#include "icmp.h"

#include <netinet/in.h>
#include <string.h>

#include "../common/buf.h"
#include "../common/clock.h"
#include "csum.h"
#include "reply.h"
#include "report.h"
#include "tcp.h"

#define ECHO_REPLY 0
#define UNREACH	   3
#define ECHO	   8
#define EXCEEDED   11
#define PARAM	   12
#define TSTAMP	   13
#define INFO	   15
#define MASK	   17

static uint8_t buf[65536];

static void
send_reply(const struct pkt *p, struct host *h, uint32_t len)
{
	struct ip_out o;
	struct peer pe;

	memset(&o, 0, sizeof(o));
	o.src = p->dst;
	o.dst = p->src;
	o.proto = IPPROTO_ICMP;
	o.ttl = h->p->ttl_icmp;
	o.tos = p->ip_tos;
	o.df = h->p->df_icmp;
	o.id = host_ipid(h, IPID_FOR_ICMP, p->src);
	put16(buf + 2, 0);
	put16(buf + 2, csum_fold(csum_add(0, buf, len)));
	reply_peer(&pe, p);
	reply_large(&pe, &o, buf, len);
	STAT_INC(ANSWERED_ECHO);
}

static int
echo(const struct pkt *p, struct host *h)
{
	if (!h->p->echo_ok || p->l4_len < 8)
		return 0;
#ifdef HPD_TEST_INJECT
	if (p->l4_len >= 17 && memcmp(p->l4 + 8, "HPD-CRASH", 9) == 0)
		*(volatile int *)NULL = 1;
#endif
	memcpy(buf, p->l4, p->l4_len);
	buf[0] = ECHO_REPLY;
	if (!h->p->echo_code)
		buf[1] = 0;
	send_reply(p, h, p->l4_len);
	return 1;
}

static int
timestamp(const struct pkt *p, struct host *h)
{
	uint32_t ms;

	if (!h->p->timestamp_ok || p->l4_len < 20)
		return 0;
	ms = (uint32_t)(net.now_wall_ns / NS_MSEC % 86400000);
	memcpy(buf, p->l4, 12); /* id, seq, originate */
	buf[0] = TSTAMP + 1;
	buf[1] = 0;
	put32(buf + 12, ms); /* UT since midnight (RFC 792) */
	put32(buf + 16, ms);
	send_reply(p, h, 20);
	return 1;
}

static int
mask(const struct pkt *p, struct host *h)
{
	if (!h->p->mask_ok || p->l4_len < 12)
		return 0;
	memcpy(buf, p->l4, 8);
	buf[0] = MASK + 1;
	buf[1] = 0;
	put32(buf + 8, p->nif->mask ? p->nif->mask : 0xffffff00u);
	send_reply(p, h, 12);
	return 1;
}

static int
information(const struct pkt *p, struct host *h)
{
	if (!h->p->info_ok || p->l4_len < 8)
		return 0;
	memcpy(buf, p->l4, 8);
	buf[0] = INFO + 1;
	buf[1] = 0;
	send_reply(p, h, 8);
	return 1;
}

/* An error that quotes one of our segments. */
static void
quoted(const struct pkt *p)
{
	const uint8_t *q = p->l4 + 8;
	uint32_t n, hlen;

	if (p->l4_len < 8 + 28)
		return;
	n = p->l4_len - 8;
	hlen = (q[0] & 15) * 4u;
	if (q[0] >> 4 != 4 || hlen < 20 || hlen + 8 > n ||
	    q[9] != IPPROTO_TCP || be32(q + 12) != p->dst)
		return;
	tcp_icmp_error(be32(q + 12), be32(q + 16), be16(q + hlen),
	    be16(q + hlen + 2), p->l4[0], p->l4[1]);
}

void
icmp_input(struct pkt *p, struct host *h)
{
	uint8_t verdict = VERDICT_IGNORED;
	int done = 0;

	if (p->l4_len < 4 || (p->l4[0] == ECHO && p->l4_len < 8)) {
		STAT_INC(DROP_ICMP_SHORT);
		return;
	}
	if (!p->csum_ok && csum_fold(csum_add(0, p->l4, p->l4_len)) != 0) {
		STAT_INC(DROP_ICMP_CSUM);
		return;
	}
	switch (p->l4[0]) {
	case UNREACH:
	case EXCEEDED:
	case PARAM:
		quoted(p);
		report_probe(p, EV_ICMP_PROBE, VERDICT_IGNORED, p->l4[0],
		    p->l4[1], 0, 0);
		return;
	}
	if (h->t->act_icmp == ACT_FILTERED) {
		report_probe(p, EV_ICMP_PROBE, VERDICT_FILTERED, p->l4[0],
		    p->l4[1], 0, 0);
		return;
	}
	switch (p->l4[0]) {
	case ECHO:
		done = echo(p, h);
		break;
	case TSTAMP:
		done = timestamp(p, h);
		break;
	case MASK:
		done = mask(p, h);
		break;
	case INFO:
		done = information(p, h);
		break;
	}
	if (done)
		verdict = VERDICT_REPLIED;
	report_probe(p, EV_ICMP_PROBE, verdict, p->l4[0], p->l4[1], 0, 0);
}
