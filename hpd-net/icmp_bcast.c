/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: an echo request to everybody on the link. RFC 1122 3.2.2.6 lets a
 * host be silent, and most are: Linux since 2.6.14 (icmp_echo_ignore_
 * broadcasts), Windows, the BSDs (icmp.bmcastecho 0). Solaris (ip_respond_to_
 * echo_broadcast 1), XNU (bmcastecho 1), Linux 2.4 and IOS answer. One request
 * is many answers: whom it says it is from must be on the link, few requests a
 * second are heard, and no more than some decoys answer one.
 */
#include <netinet/in.h>

#include "csum.h"
#include "host.h"
#include "icmp.h"
#include "ip4.h"
#include "report.h"

#define ALL_HOSTS   0xe0000001u /* 224.0.0.1 */
#define LIMITED	    0xffffffffu
#define STEPS	    4096 /* addresses looked at for a request */
#define ANSWERS     64
#define A_SECOND    4	 /* requests heard */
#define DATA_MAX    1480 /* as it fits into one frame */

static struct {
	uint32_t second, left;
} heard;

static int
to_everybody(uint32_t dst)
{
	/* the last address of a subnet is odd, the first is not */
	return dst == LIMITED || dst == ALL_HOSTS ||
	    ((dst & 1) && host_subnet_edge(dst));
}

/* An interface without an address does not say what its link is: the decoys'
 * networks, or the /24 around smaller ones. */
static int
near(uint32_t addr)
{
	const struct prefix *n;
	uint32_t i, mask;

	for (i = 0; i < net.img.nnets; i++) {
		n = &net.img.nets[i];
		if (n->ver != 4 || n->bits == 0)
			continue;
		mask = UINT32_MAX << (32 - (n->bits > 24 ? 24 : n->bits));
		if (((addr ^ addr_ip4(n->addr)) & mask) == 0)
			return 1;
	}
	return 0;
}

static int
onlink(const struct netif *nif, uint32_t addr)
{
	if (nif->addr == 0 || nif->mask == 0)
		return near(addr);
	return (addr & nif->mask) == (nif->addr & nif->mask);
}

int
icmp_is_broadcast(const struct pkt *p)
{
	return p->bcast && p->ip_proto == IPPROTO_ICMP && p->l4_len >= 8 &&
	    p->l4_len <= DATA_MAX && p->l4[0] == 8 && !ip4_is_fragment(p) &&
	    to_everybody(p->dst);
}

static int
answers(const struct img_persona *p, uint32_t dst)
{
	switch (p->family) {
	case FAM_LINUX24:
	case FAM_MACOS:
	case FAM_SOLARIS:
		return 1;
	case FAM_IOS:
		return dst != ALL_HOSTS;
	default:
		return 0;
	}
}

/* addr's answer, if it is a decoy that gives one. */
static int
one(const struct pkt *p, uint32_t addr)
{
	uint32_t t = host_template(addr);
	const struct img_template *tm;
	struct host *h;
	struct pkt q;

	if (t == IMG_NONE || addr == p->src)
		return 0;
	tm = &net.img.templates[t];
	if (tm->act_icmp == ACT_FILTERED || tm->drop_ppm != 0 ||
	    !answers(&net.img.personas[tm->persona], p->dst) ||
	    (h = host_get(addr)) == NULL || h->flags & HOST_F_MUTE)
		return 0;
	q = *p;
	q.dst = addr;
	q.bcast = 0;
	return icmp_echo(&q, h);
}

static uint32_t
all(const struct pkt *p)
{
	uint32_t i, addr, size, k, steps = STEPS, n = 0;
	const struct prefix *net4;

	for (i = 0; i < net.img.nnets; i++) {
		net4 = &net.img.nets[i];
		if (net4->ver != 4)
			continue;
		size = net4->bits == 0 ? UINT32_MAX : 1u << (32 - net4->bits);
		for (k = 0; k < size; k++) {
			if (steps-- == 0 || n == ANSWERS) {
				report_limit("answers to a broadcast", 1);
				return n;
			}
			addr = addr_ip4(net4->addr) + k;
			if (onlink(p->nif, addr))
				n += (uint32_t)one(p, addr);
		}
	}
	return n;
}

void
icmp_broadcast(const struct pkt *p)
{
	uint32_t now = net.now_ms / 1000;
	uint8_t verdict = VERDICT_IGNORED;

	if (!p->csum_ok && csum_fold(csum_add(0, p->l4, p->l4_len)) != 0) {
		STAT_INC(DROP_ICMP_CSUM);
		return;
	}
	if (heard.second != now) {
		heard.second = now;
		heard.left = A_SECOND;
	}
	if (heard.left == 0) {
		report_limit("broadcast echo requests", 1);
		verdict = VERDICT_LIMITED;
	} else if (onlink(p->nif, p->src)) {
		heard.left--;
		if (all(p) > 0)
			verdict = VERDICT_REPLIED;
	}
	report_probe(p, EV_ICMP_PROBE, verdict, p->l4[0], p->l4[1], 0, 0);
}
