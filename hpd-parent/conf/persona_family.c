/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: what a family of systems is known for and a fingerprint does not
 * say: retransmission, error rates, ICMP queries, fragments. One row a family.
 *
 * Sources of the numbers, by column:
 *  retries, rto  Linux: tcp(7) tcp_synack_retries 5, tcp_retries2 15; 3 s first
 *		  timeout before 3.1 (RFC 2988), 1 s since (RFC 6298), 200 ms
 *		  minimum. Windows: TcpMaxConnectResponseRetransmissions 2,
 *		  TcpMaxDataRetransmissions 5, 3 s first (1 s since 8), 300 ms.
 *		  BSD: net.inet.tcp.syncache.rexmtlimit 3, TCP_MAXRXTSHIFT 12,
 *		  TCPTV_RTOBASE 3 s, 1 s minimum (FreeBSD 30 ms since 5.3).
 *		  Solaris: ndd tcp_rexmit_interval_initial 3000, _min 400.
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
 *  time wait	  Linux 60 s fixed; Windows TcpTimedWaitDelay 240, 120 since
 *		  Vista; BSD 2 x 30 s MSL; Solaris 60 since 10.
 *  quote	  Linux quotes up to 548 bytes (RFC 1812 4.3.2.3), Solaris 64,
 *		  macOS and most others 8 bytes behind the header.
 */
#include "table.h"

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
	uint8_t synack_retries, data_retries;
	uint16_t rto_init_ms, rto_min_ms;
	uint16_t icmp_rate, icmp_burst, quote_len;
	uint8_t frag_policy;
	uint16_t frag_timeout_s, time_wait_s;
	uint8_t timestamp_ok, mask_ok, info_ok, echo_code, psh_each;
};

enum { FIRST, LAST, BSD, LINUX, WINDOWS, DROP }; /* img_persona.frag_policy */

static const struct family families[FAM_MAX] = {
	[FAM_GENERIC] = { "generic", 64, 64, 29200, 7, 1, 1, 0, 0, 1,
	    IPID_ZERO, ISN_RFC6528, 1000000, "MSTNW", 5, 15, 1000, 200, 1, 6,
	    548, LINUX, 30, 60, 1, 0, 0, 1, 0 },
	[FAM_LINUX24] = { "Linux 2.4", 64, 64, 5792, 0, 1, 1, 0, 0, 1,
	    IPID_ZERO, ISN_RANDINC, 100000, "MSTNW", 5, 15, 3000, 200, 1, 6,
	    548, LINUX, 30, 60, 1, 0, 0, 1, 0 },
	[FAM_LINUX26] = { "Linux 2.6", 64, 64, 5792, 6, 1, 1, 0, 0, 1,
	    IPID_ZERO, ISN_RANDINC, 250000, "MSTNW", 5, 15, 3000, 200, 1, 6,
	    548, LINUX, 30, 60, 1, 0, 0, 1, 0 },
	[FAM_LINUX] = { "Linux", 64, 64, 28960, 7, 1, 1, 0, 0, 1, IPID_ZERO,
	    ISN_RFC6528, 1000000, "MSTNW", 5, 15, 1000, 200, 1, 6, 548, LINUX,
	    30, 60, 1, 0, 0, 1, 0 },
	[FAM_WIN_OLD] = { "Windows 9x/NT/2000", 128, 128, 17520, 0, 1, 0, 0, 0,
	    0, IPID_INCR, ISN_RANDINC, 10000, "MNWNNTNNS", 2, 5, 3000, 300, 0,
	    0, 28, WINDOWS, 60, 240, 1, 1, 0, 0, 0 },
	[FAM_WIN_XP] = { "Windows XP/2003", 128, 128, 65535, 0, 1, 0, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 10000, "MNWNNTNNS", 2, 5, 3000, 300, 0, 0,
	    28, WINDOWS, 60, 240, 1, 0, 0, 0, 0 },
	[FAM_WIN_7] = { "Windows Vista-8.1", 128, 128, 8192, 8, 1, 1, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 100000, "MNWST", 2, 5, 3000, 300, 0, 0, 28,
	    WINDOWS, 60, 120, 0, 0, 0, 0, 0 },
	[FAM_WIN_10] = { "Windows 10", 128, 128, 65535, 8, 1, 1, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 1000000, "MNWST", 2, 5, 1000, 300, 0, 0,
	    28, WINDOWS, 60, 120, 0, 0, 0, 0, 0 },
	[FAM_FREEBSD] = { "FreeBSD", 64, 64, 65535, 6, 1, 1, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 1000000, "MNWST", 3, 12, 3000, 30, 200, 0,
	    28, BSD, 30, 60, 1, 0, 0, 1, 0 },
	[FAM_OPENBSD] = { "OpenBSD", 64, 255, 16384, 3, 1, 0, 0, 0, 0,
	    IPID_RANDOM, ISN_RFC6528, 2000, "MNNSNWNNT", 3, 12, 3000, 1000,
	    100, 0, 28, BSD, 30, 60, 1, 0, 0, 1, 0 },
	[FAM_NETBSD] = { "NetBSD", 64, 255, 32768, 3, 1, 0, 0, 0, 0, IPID_INCR,
	    ISN_RFC6528, 2000, "MNWNNTSNN", 3, 12, 3000, 1000, 100, 0, 28, BSD,
	    30, 60, 1, 0, 0, 1, 0 },
	[FAM_MACOS] = { "macOS", 64, 64, 65535, 5, 1, 0, 0, 0, 0, IPID_INCR,
	    ISN_RFC6528, 1000000, "MNWNNTSL", 3, 12, 1000, 30, 250, 0, 28, BSD,
	    30, 30, 1, 0, 0, 1, 0 },
	[FAM_SOLARIS] = { "Solaris", 64, 255, 49232, 0, 1, 1, 1, 1, 1,
	    IPID_INCR, ISN_RFC6528, 100000, "NNTMNWNNS", 3, 12, 3000, 400, 10,
	    10, 112, FIRST, 60, 60, 1, 1, 0, 1, 0 },
	[FAM_IOS] = { "Cisco IOS", 255, 255, 4128, 255, 0, 0, 0, 0, 0,
	    IPID_INCR, ISN_RFC6528, 0, "M", 3, 12, 2000, 300, 2, 0, 28, LAST,
	    3, 60, 1, 1, 1, 1, 1 },
	[FAM_VXWORKS] = { "VxWorks", 64, 64, 8192, 255, 1, 0, 0, 0, 0,
	    IPID_INCR, ISN_64K, 0, "M", 3, 12, 3000, 1000, 0, 0, 28, BSD, 30,
	    60, 1, 1, 0, 1, 1 },
	[FAM_PRINTER] = { "printer", 64, 64, 8192, 255, 0, 0, 0, 0, 0,
	    IPID_INCR, ISN_RANDINC, 0, "M", 3, 8, 3000, 1000, 0, 0, 28, FIRST,
	    30, 60, 0, 0, 0, 1, 1 },
	[FAM_EMBEDDED] = { "embedded", 64, 64, 5840, 255, 0, 0, 0, 0, 0,
	    IPID_INCR, ISN_RANDINC, 0, "M", 3, 8, 3000, 1000, 0, 0, 28, FIRST,
	    30, 60, 0, 0, 0, 1, 1 },
};

const char *
persona_family_name(enum img_family f)
{
	return families[f].name;
}

/* RFC 793's answers; nobody answers T2 (no flags) or T3 to an open port. */
static void
rfc793_replies(struct img_persona *p)
{
	static const struct img_reply rst[REPLY_MAX] = {
		[REPLY_T4] = { 1, 0x04, 1, 0, 0, 0, 0 },
		[REPLY_T5] = { 1, 0x14, 0, 2, 0, 0, 0 },
		[REPLY_T6] = { 1, 0x04, 1, 0, 0, 0, 0 },
		[REPLY_T7] = { 1, 0x14, 0, 2, 0, 0, 0 },
	};
	int i;

	memcpy(p->reply, rst, sizeof(p->reply));
	for (i = 0; i < REPLY_MAX; i++) {
		p->reply[i].ttl = p->ttl;
		p->reply[i].df = p->df_rst;
	}
}

void
persona_icmp_fields(struct img_persona *p)
{
	p->u1.respond = p->ie.respond = 1;
	p->u1.ttl = p->ttl_unreach;
	p->u1.df = p->df_unreach;
	p->u1.ip_len = (uint16_t)(p->quote_len + 28);
	p->ie.ttl = p->ttl_icmp;
	p->ie.dfi = p->df_icmp ? DFI_Y : DFI_N;
	p->ie.cd = p->echo_code ? CD_S : CD_Z;
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
	p->synack_retries = f->synack_retries;
	p->data_retries = f->data_retries;
	p->rto_init_ms = f->rto_init_ms;
	p->rto_min_ms = f->rto_min_ms;
	p->icmp_rate = f->icmp_rate;
	p->icmp_burst = f->icmp_burst;
	p->quote_len = f->quote_len;
	p->frag_policy = f->frag_policy;
	p->frag_timeout_s = f->frag_timeout_s;
	p->time_wait_s = f->time_wait_s;
	p->echo_ok = 1;
	p->timestamp_ok = f->timestamp_ok;
	p->mask_ok = f->mask_ok;
	p->info_ok = f->info_ok;
	p->echo_code = f->echo_code;
	p->psh_each = f->psh_each;
	persona_icmp_fields(p);
	rfc793_replies(p);
}

/* The parts of "Class VENDOR | FAMILY | GEN | TYPE" into f[4]. */
static void
class_fields(const struct nmap_entry *e, char f[4][40])
{
	const char *s = e->body, *end = s + e->body_len, *nl;
	size_t n;
	int i;

	memset(f, 0, 4 * 40);
	while (s < end && strncmp(s, "Class ", 6) != 0) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			return;
		s = nl + 1;
	}
	for (s += 6, i = 0; i < 4 && s < end; i++) {
		s += strspn(s, " ");
		n = strcspn(s, "|\r\n");
		memcpy(f[i], s, n < 39 ? n : 39);
		while (n > 0 && n <= 39 && f[i][n - 1] == ' ')
			f[i][--n] = '\0';
		s += strcspn(s, "|\r\n");
		if (*s != '|')
			return;
		s++;
	}
}

static enum img_family
windows_of(const char *gen)
{
	static const struct {
		const char *gen;
		enum img_family f;
	} rows[] = { { "95", FAM_WIN_OLD }, { "98", FAM_WIN_OLD },
		{ "Me", FAM_WIN_OLD }, { "NT", FAM_WIN_OLD },
		{ "2000", FAM_WIN_OLD }, { "3.X", FAM_WIN_OLD },
		{ "XP", FAM_WIN_XP }, { "2003", FAM_WIN_XP },
		{ "10", FAM_WIN_10 }, { "11", FAM_WIN_10 },
		{ "2016", FAM_WIN_10 }, { "2019", FAM_WIN_10 },
		{ "2022", FAM_WIN_10 }, { "PocketPC/CE", FAM_EMBEDDED } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(gen, rows[i].gen) == 0)
			return rows[i].f;
	return FAM_WIN_7; /* Vista, 2008, 7, 8, 8.1, 2012, Phone, Longhorn */
}

enum img_family
persona_family_of(const struct nmap_entry *e)
{
	static const struct {
		const char *family;
		enum img_family f;
	} rows[] = { { "Android", FAM_LINUX }, { "RouterOS", FAM_LINUX },
		{ "FreeBSD", FAM_FREEBSD }, { "FreeNAS", FAM_FREEBSD },
		{ "DragonFly BSD", FAM_FREEBSD }, { "m0n0wall", FAM_FREEBSD },
		{ "pfSense", FAM_FREEBSD }, { "JUNOS", FAM_FREEBSD },
		{ "OpenBSD", FAM_OPENBSD }, { "NetBSD", FAM_NETBSD },
		{ "Mac OS X", FAM_MACOS }, { "macOS", FAM_MACOS },
		{ "OS X", FAM_MACOS }, { "iPhone OS", FAM_MACOS },
		{ "Solaris", FAM_SOLARIS }, { "OpenSolaris", FAM_SOLARIS },
		{ "SunOS", FAM_SOLARIS }, { "IOS", FAM_IOS },
		{ "IOS XE", FAM_IOS }, { "IOS XR", FAM_IOS },
		{ "VxWorks", FAM_VXWORKS } };
	char f[4][40];
	size_t i;

	class_fields(e, f);
	if (strcmp(f[1], "Linux") == 0) {
		if (f[2][0] == '1' || strncmp(f[2], "2.0", 3) == 0 ||
		    strncmp(f[2], "2.2", 3) == 0 ||
		    strncmp(f[2], "2.4", 3) == 0)
			return FAM_LINUX24;
		return strncmp(f[2], "2.", 2) == 0 ? FAM_LINUX26 : FAM_LINUX;
	}
	if (strcmp(f[1], "Windows") == 0)
		return windows_of(f[2]);
	if (strcmp(f[1], "iOS") == 0)
		return FAM_MACOS;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(f[1], rows[i].family) == 0)
			return rows[i].f;
	if (strcmp(f[3], "printer") == 0 || strcmp(f[3], "print server") == 0)
		return FAM_PRINTER;
	return strcmp(f[1], "embedded") == 0 ? FAM_EMBEDDED : FAM_GENERIC;
}
