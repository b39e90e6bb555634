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
#include "../common/siphash.h"
#include "csum.h"
#include "persona_probe_icmp.h"
#include "reply.h"
#include "report.h"
#include "srcos.h"
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

/* DF of an answer (DFI), the request's given. */
static uint8_t
df_of(const struct img_echo *e, uint8_t asked)
{
	switch (e->dfi) {
	case DFI_S:
		return asked;
	case DFI_Y:
		return 1;
	case DFI_O:
		return !asked;
	default:
		return 0;
	}
}

/* Windows answers with TOS 0 (Arkin, "ICMP usage in scanning", 2001: 2000 and
 * later), the others turn the request's header round and keep it. */
static uint8_t
tos_of(const struct pkt *p, const struct host *h)
{
	return h->p->family >= FAM_WIN_OLD && h->p->family <= FAM_WIN_10
	    ? 0
	    : p->ip_tos;
}

static void
send_reply(const struct pkt *p, struct host *h, uint32_t len)
{
	struct ip_out o;
	struct peer pe;

	memset(&o, 0, sizeof(o));
	o.src = p->dst;
	o.dst = p->src;
	o.proto = IPPROTO_ICMP;
	o.ttl = h->p->ie.ttl;
	o.tos = tos_of(p, h);
	o.df = df_of(&h->p->ie, p->ip_df);
	o.id = host_ipid(h, IPID_FOR_ICMP, p->src);
	put16(buf + 2, 0);
	put16(buf + 2, csum_fold(csum_add(0, buf, len)));
	reply_peer(&pe, p);
	reply_large(&pe, &o, buf, len);
	STAT_INC(ANSWERED_ECHO);
}

/* Code of an echo reply (CD). O is none of the others: one less than asked,
 * so that an ordinary ping sees nothing odd. */
static uint8_t
code_of(const struct img_echo *e, uint8_t asked)
{
	switch (e->cd) {
	case CD_S:
		return asked;
	case CD_VALUE:
		return e->cd_value;
	case CD_O:
		return asked > 0 ? asked - 1 : 0;
	default:
		return 0;
	}
}

int
icmp_echo(const struct pkt *p, struct host *h)
{
	if (!h->p->echo_ok || p->l4_len < 8)
		return 0;
#ifdef HPD_TEST_INJECT
	if (p->l4_len >= 17 && memcmp(p->l4 + 8, "HPD-CRASH", 9) == 0)
		*(volatile int *)NULL = 1;
#endif
	if (!h->p->ie.respond && persona_probe_ie(p))
		return 0;
	memcpy(buf, p->l4, p->l4_len);
	buf[0] = ECHO_REPLY;
	buf[1] = code_of(&h->p->ie, p->l4[1]);
	send_reply(p, h, p->l4_len);
	return 1;
}

/* The host's own clock, UT since midnight (RFC 792): set when the suite began,
 * most hosts within 100 ms and all within a second, from then on it drifts as
 * its TSval does. */
static uint32_t
ms_of_day(const struct host *h)
{
	uint8_t in[8] = {'t', 'o', 'd', 0};
	int64_t ns = net.now_wall_ns, up = ns - net.start_wall_ns, x;

	memcpy(in + 4, &h->addr, 4);
	x = (int64_t)(siphash24(net.key, in, sizeof(in)) % 2001) - 1000;
	ns += x * x * x;
	if (up > 0)
		ns += up / NS_MSEC * h->skew_ppb / 1000;
	return ns < 0 ? 0 : (uint32_t)(ns / NS_MSEC % 86400000);
}

static int
timestamp(const struct pkt *p, struct host *h)
{
	uint32_t ms;

	if (!h->p->timestamp_ok || p->l4_len < 20)
		return 0;
	ms = ms_of_day(h);
	/* Windows: little-endian (Nessus plugin 10114 tells of it; a class of
	 * its own in Rye, Beverly, "Sundials in the Shade", 2019). */
	if (h->p->family == FAM_WIN_OLD || h->p->family == FAM_WIN_XP)
		ms = __builtin_bswap32(ms);
	memcpy(buf, p->l4, 12); /* id, seq, originate */
	buf[0] = TSTAMP + 1;
	buf[1] = 0;
	put32(buf + 12, ms);
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
	p->srcos = srcos_icmp(p);
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
		done = icmp_echo(p, h);
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
