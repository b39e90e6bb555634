/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: what a family of systems is known for and a fingerprint does not
 * say: error rates, ICMP queries, fragments; and what it has without one. One
 * row a family; how it times its connections is in persona_habit.c.
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
 *  quote	  Linux quotes up to 548 bytes (RFC 1812 4.3.2.3), Solaris 64,
 *		  macOS and most others 8 bytes behind the header.
 */
#include "persona_habit.h"
#include "fp.h"

#include <string.h>

struct family {
	const char *name;
	uint8_t ttl, ttl_icmp;
	uint16_t window;
	uint8_t wscale;
	uint8_t df_tcp, df_rst, df_icmp, df_unreach, df_udp;
	uint8_t ipid, isn;
	uint32_t ts_mhz;
	const char *opts; /* as nmap writes them */
	uint16_t icmp_rate, icmp_burst, quote_len;
	uint8_t frag_policy;
	uint16_t frag_timeout_s;
	uint8_t timestamp_ok, mask_ok, info_ok, echo_code;
};

enum { FIRST, LAST, BSD, LINUX, WINDOWS, DROP }; /* img_persona.frag_policy */

static const struct family families[FAM_MAX] = {
	[FAM_GENERIC] = { "generic", 64, 64, 29200, 7, 1, 1, 0, 0, 1,
	    IPID_ZERO, ISN_RFC6528, 1000000, "MSTNW", 1, 6, 548, LINUX, 30,
	    1, 0, 0, 1 },
	[FAM_LINUX24] = { "Linux 2.4", 64, 64, 5792, 0, 1, 1, 0, 0, 1,
	    IPID_ZERO, ISN_RANDINC, 100000, "MSTNW", 1, 6, 548, LINUX, 30, 1,
	    0, 0, 1 },
	[FAM_LINUX26] = { "Linux 2.6", 64, 64, 5792, 6, 1, 1, 0, 0, 1,
	    IPID_ZERO, ISN_RANDINC, 250000, "MSTNW", 1, 6, 548, LINUX, 30, 1,
	    0, 0, 1 },
	[FAM_LINUX] = { "Linux", 64, 64, 28960, 7, 1, 1, 0, 0, 1, IPID_ZERO,
	    ISN_RFC6528, 1000000, "MSTNW", 1, 6, 548, LINUX, 30, 1, 0, 0, 1
	    },
	[FAM_WIN_OLD] = { "Windows 9x/NT/2000", 128, 128, 17520, 0, 1, 0, 0,
	    0, 0, IPID_INCR, ISN_RANDINC, 10000, "MNWNNTNNS", 0, 0, 28,
	    WINDOWS, 60, 1, 1, 0, 0 },
	[FAM_WIN_XP] = { "Windows XP/2003", 128, 128, 65535, 0, 1, 0, 0, 0,
	    0, IPID_INCR, ISN_RFC6528, 10000, "MNWNNTNNS", 0, 0, 28, WINDOWS,
	    60, 1, 0, 0, 0 },
	[FAM_WIN_7] = { "Windows Vista-8.1", 128, 128, 8192, 8, 1, 1, 0, 0,
	    0, IPID_INCR, ISN_RFC6528, 100000, "MNWST", 0, 0, 28, WINDOWS,
	    60, 0, 0, 0, 0 },
	[FAM_WIN_10] = { "Windows 10", 128, 128, 65535, 8, 1, 1, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 1000000, "MNWST", 0, 0, 28, WINDOWS, 60,
	    0, 0, 0, 0 },
	[FAM_FREEBSD] = { "FreeBSD", 64, 64, 65535, 6, 1, 1, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 1000000, "MNWST", 200, 0, 28, BSD, 30, 1,
	    0, 0, 1 },
	[FAM_OPENBSD] = { "OpenBSD", 64, 255, 16384, 3, 1, 0, 0, 0, 0,
	    IPID_RANDOM, ISN_RFC6528, 2000, "MNNSNWNNT", 100, 0, 28, BSD, 30,
	    1, 0, 0, 1 },
	[FAM_NETBSD] = { "NetBSD", 64, 255, 32768, 3, 1, 0, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 2000, "MNWNNTSNN", 100, 0, 28, BSD, 30,
	    1, 0, 0, 1 },
	[FAM_MACOS] = { "macOS", 64, 64, 65535, 5, 1, 0, 0, 0, 0, IPID_INCR,
	    ISN_RFC6528, 1000000, "MNWNNTSL", 250, 0, 28, BSD, 30, 1, 0, 0, 1
	    },
	[FAM_SOLARIS] = { "Solaris", 64, 255, 49232, 0, 1, 1, 1, 1, 1,
	    IPID_INCR, ISN_RFC6528, 100000, "NNTMNWNNS", 10, 10, 112, FIRST,
	    60, 1, 1, 0, 1 },
	[FAM_IOS] = { "Cisco IOS", 255, 255, 4128, 255, 0, 0, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 0, "M", 2, 0, 28, LAST, 3, 1, 1, 1, 1 },
	[FAM_VXWORKS] = { "VxWorks", 64, 64, 8192, 255, 1, 0, 0, 0, 0,
	    IPID_INCR, ISN_64K, 0, "M", 0, 0, 28, BSD, 30, 1, 1, 0, 1 },
	[FAM_PRINTER] = { "printer", 64, 64, 8192, 255, 0, 0, 0, 0, 0,
	    IPID_INCR, ISN_RANDINC, 0, "M", 0, 0, 28, FIRST, 30, 0, 0, 0, 1
	    },
	[FAM_EMBEDDED] = { "embedded", 64, 64, 5840, 255, 0, 0, 0, 0, 0,
	    IPID_INCR, ISN_RANDINC, 0, "M", 0, 0, 28, FIRST, 30, 0, 0, 0, 1
	    },
};

const char *
persona_family_name(enum img_family f)
{
	return families[f].name;
}

void
persona_family_defaults(struct img_persona *p, enum img_family fam)
{
	static const char letters[] = " MNWSTL"; /* OPTL_* in order */
	const struct family *f = &families[fam];
	size_t i;

	memset(p, 0, sizeof(*p));
	p->family = (uint8_t)fam;
	p->ttl = f->ttl;
	p->ttl_icmp = p->ttl_unreach = f->ttl_icmp;
	p->window = f->window;
	p->wscale = f->wscale;
	p->df_tcp = f->df_tcp;
	p->df_rst = f->df_rst;
	p->df_icmp = f->df_icmp;
	p->df_unreach = f->df_unreach;
	p->df_udp = f->df_udp;
	p->ipid_tcp = p->ipid_rst = p->ipid_icmp = f->ipid;
	p->ipid_shared = f->ipid == IPID_INCR;
	if (f->ipid == IPID_ZERO)
		p->ipid_icmp = IPID_RANDOM;
	p->isn = f->isn;
	p->isn_gcd = 1;
	p->isn_rate = f->isn == ISN_RANDINC ? 1u << 20 : 0;
	p->ts_mhz = f->ts_mhz;
	for (i = 0; f->opts[i] != '\0'; i++)
		p->synack_opts[i] = (uint8_t)(strchr(letters + 1,
		    f->opts[i]) - letters);
	p->icmp_rate = f->icmp_rate;
	p->icmp_burst = f->icmp_burst;
	p->quote_len = f->quote_len;
	p->frag_policy = f->frag_policy;
	p->frag_timeout_s = f->frag_timeout_s;
	p->echo_ok = 1;
	p->timestamp_ok = f->timestamp_ok;
	p->mask_ok = f->mask_ok;
	p->info_ok = f->info_ok;
	p->echo_code = f->echo_code;
	persona_habits(p, fam);
	fp_look(p, fam);
	fp_old(p);
}
