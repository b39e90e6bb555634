/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: what a family of systems is known for and a fingerprint does not
 * say: error rates, ICMP queries, fragments. One row a family; how it looks
 * without a fingerprint is in fp_look.c, how it times its connections in
 * persona_habit.c.
 *
 * Sources of the numbers, by column:
 *  icmp rate	  Linux: icmp_ratelimit 1000 ms a target, burst 6; since 3.18
 *		  icmp_msgs_per_sec 1000, burst 50 besides: a target still gets
 *		  one a second. FreeBSD net.inet.icmp.icmplim 200, OpenBSD
 *		  net.inet.icmp.errppslimit 100, NetBSD likewise 100. Solaris:
 *		  ip_icmp_err_interval 100 ms, burst 10. IOS: ip icmp rate-limit
 *		  unreachable 500 ms. Windows: none.
 *  queries	  timestamp: BSD, Solaris, Linux, old Windows yes, Windows since
 *		  Vista no; mask: Solaris, old Windows, IOS; information: IOS.
 *  fragments	  overlap: Ptacek, Newsham 1998, Novak 2005 ("target-based
 *		  fragmentation reassembly"); timeouts: Linux ipfrag_time 30,
 *		  BSD IPFRAGTTL 30, Windows 60, Solaris 60, IOS 3.
 */
#include "persona_habit.h"
#include "fp.h"

#include <string.h>

struct family {
	const char *name;
	uint16_t icmp_rate, icmp_burst;
	uint8_t frag_policy;
	uint16_t frag_timeout_s;
	uint8_t timestamp_ok, mask_ok, info_ok;
};

enum { FIRST, LAST, BSD, LINUX, WINDOWS, DROP }; /* img_persona.frag_policy */

static const struct family families[FAM_MAX] = {
	[FAM_GENERIC] = { "generic", 1, 6, LINUX, 30, 1, 0, 0 },
	[FAM_LINUX24] = { "Linux 2.4", 1, 6, LINUX, 30, 1, 0, 0 },
	[FAM_LINUX26] = { "Linux 2.6", 1, 6, LINUX, 30, 1, 0, 0 },
	[FAM_LINUX] = { "Linux", 1, 6, LINUX, 30, 1, 0, 0 },
	[FAM_WIN_OLD] = { "Windows 9x/NT/2000", 0, 0, WINDOWS, 60, 1, 1, 0 },
	[FAM_WIN_XP] = { "Windows XP/2003", 0, 0, WINDOWS, 60, 1, 0, 0 },
	[FAM_WIN_7] = { "Windows Vista-8.1", 0, 0, WINDOWS, 60, 0, 0, 0 },
	[FAM_WIN_10] = { "Windows 10", 0, 0, WINDOWS, 60, 0, 0, 0 },
	[FAM_FREEBSD] = { "FreeBSD", 200, 0, BSD, 30, 1, 0, 0 },
	[FAM_OPENBSD] = { "OpenBSD", 100, 0, BSD, 30, 1, 0, 0 },
	[FAM_NETBSD] = { "NetBSD", 100, 0, BSD, 30, 1, 0, 0 },
	[FAM_MACOS] = { "macOS", 250, 0, BSD, 30, 1, 0, 0 },
	[FAM_SOLARIS] = { "Solaris", 10, 10, FIRST, 60, 1, 1, 0 },
	[FAM_IOS] = { "Cisco IOS", 2, 0, LAST, 3, 1, 1, 1 },
	[FAM_VXWORKS] = { "VxWorks", 0, 0, BSD, 30, 1, 1, 0 },
	[FAM_PRINTER] = { "printer", 0, 0, FIRST, 30, 0, 0, 0 },
	[FAM_EMBEDDED] = { "embedded", 0, 0, FIRST, 30, 0, 0, 0 },
};

const char *
persona_family_name(enum img_family f)
{
	return families[f].name;
}

void
persona_family_defaults(struct img_persona *p, enum img_family fam)
{
	const struct family *f = &families[fam];

	memset(p, 0, sizeof(*p));
	p->family = (uint8_t)fam;
	p->icmp_rate = f->icmp_rate;
	p->icmp_burst = f->icmp_burst;
	p->frag_policy = f->frag_policy;
	p->frag_timeout_s = f->frag_timeout_s;
	p->echo_ok = 1;
	p->timestamp_ok = f->timestamp_ok;
	p->mask_ok = f->mask_ok;
	p->info_ok = f->info_ok;
	persona_habits(p, fam);
	fp_look(p, fam);
}
