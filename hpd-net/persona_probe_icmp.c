/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the shapes of nmap's U1 and IE probes, for personas whose entry
 * says that they are not answered. Nothing else may be mistaken for them: an
 * ordinary ping or datagram gets its answer.
 */
#include "persona_probe_icmp.h"

#include <netinet/in.h>

#include "../common/buf.h"

#define L4_HDR 8 /* UDP's and ICMP's */

static int
all_bytes(const uint8_t *p, uint32_t n, uint8_t byte)
{
	while (n > 0)
		if (p[--n] != byte)
			return 0;
	return 1;
}

int
persona_probe_u1(const struct pkt *p)
{
	return p->ip_proto == IPPROTO_UDP && p->l4_len == L4_HDR + 300 &&
	    be16(p->l4 + 4) == L4_HDR + 300 &&
	    all_bytes(p->l4 + L4_HDR, 300, 'C');
}

int
persona_probe_ie(const struct pkt *p)
{
	uint32_t n;

	if (p->ip_proto != IPPROTO_ICMP || p->l4_len < L4_HDR)
		return 0;
	n = p->l4_len - L4_HDR;
	if ((n != 120 || p->l4[1] != 9) &&
	    (n != 150 || p->l4[1] != 0 || p->ip_tos != 4))
		return 0;
	return all_bytes(p->l4 + L4_HDR, n, 0);
}
