/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the table of habits, one row a family, and what a version changes
 * in it. Says nothing of layouts, windows or counters: those are the
 * fingerprint's.
 *
 * Where the numbers come from. K: the system's published source; D: its
 * maker's documentation; B: 4.4BSD as in TCP/IP Illustrated 2, where a stack
 * is known to descend from it; E: estimate, no public source known to us.
 *
 *  SYN/ACK again  Linux K tcp_synack_retries 5, TCP_TIMEOUT_INIT 1 s since
 *		3.1, 3 s before; silence. Windows D
 *		TcpMaxConnectResponseRetransmissions 2, InitialRto 3 s, 1 s in
 *		10: dropped after 21 s, silence. FreeBSD K syncache
 *		rexmtlimit 3, TCPTV_RTOBASE 3 s, 1 s since 12; silence.
 *		OpenBSD, NetBSD K syn cache, 3 s, 75 s keep-init looked at
 *		only when it fires: 4 times; silence. macOS K (no syn cache)
 *		TCPTV_RTOBASE 1 s, doubled, 75 s keep-init, then tcp_drop: RST.
 *		Solaris K tcp_rexmit_interval_initial 3 s,
 *		_max 60 s, tcp_ip_abort_linterval 180 s. IOS D synwait-time
 *		30 s, E 2 s first. VxWorks B 6 s first, 75 s, RST. Embedded
 *		K lwIP: 3 s, TCP_SYN_RCVD_TIMEOUT 20 s. Printers E.
 *  data again	Linux K TCP_RTO_MIN 200 ms, _MAX 120 s, tcp_retries2 15,
 *		tcp_orphan_retries 0 that means 8; silence. Windows D
 *		TcpMaxDataRetransmissions 5, MinRto 300 ms, then aborted:
 *		RST. BSDs K TCP_MAXRXTSHIFT 12, tcp_backoff up to 64 (512 in
 *		FreeBSD since 8), 64 s, tcp_drop: RST; least 1 s, FreeBSD and
 *		macOS 30 ms and a slop of 200. Solaris K _min 400 ms,
 *		tcp_ip_abort_interval 480 s: 14 times from 400 ms. lwIP K
 *		TCP_MAXRTX 12, backoff up to 2^7; silence.
 *  window probe	Linux K no byte, number snd_una - 1, from the RTO to
 *		120 s. BSDs K TCPTV_PERSMIN 5 s, _PERSMAX 60 s, one byte.
 *		Windows, Solaris from the RTO (K Solaris; E), one byte. lwIP
 *		K tcp_persist_backoff 1.5 s to 60 s, one byte.
 *  FIN_WAIT_2	Linux K tcp_fin_timeout 60. Windows D TcpFinWait2Delay 240,
 *		120 since 2003. FreeBSD, macOS K finwait2_timeout 60;
 *		OpenBSD, NetBSD, VxWorks K, B tcp_maxidle 600. Solaris D
 *		tcp_fin_wait_2_flush_interval 675. lwIP K 20. IOS, printers E.
 *  TIME_WAIT	Linux K 60, a later stamp or a higher number opens anew, ACK
 *		else. Windows D TcpTimedWaitDelay 240, 120 since 2003; BSDs K
 *		2 MSL of 30 s, macOS of 15 s; a higher number opens anew,
 *		else ACK, FreeBSD K tcp_twcheck: nothing. Solaris D
 *		tcp_time_wait_interval 60 since 10, 240 before. lwIP K 2 MSL
 *		of 60 s, a SYN in the window gets RST, never opens.
 *  SYN, RST in window  RFC 5961 in Linux 3.6, FreeBSD 10, OpenBSD, NetBSD K
 *		(2004), Windows Vista E, macOS 10.12 E, IOS D (2004); before
 *		that and elsewhere RFC 793. lwIP K: ACK for the SYN, any RST.
 *  FIN		K Linux tcp_send_fin, BSD tcp_output: on the last of the data
 *		still waiting, else alone. Windows, IOS, printers E: alone.
 *  closed unread	Linux K tcp_close, Solaris K, lwIP K, Windows D
 *		(closesocket): RST. BSDs K sorflush: FIN, RST for what comes.
 *  ACKs	Linux K TCP_ATO_MIN 40 ms, 16 quick ones. Windows D
 *		TcpDelAckTicks 200 ms, DelayedAckTimeout 50 in 10. FreeBSD,
 *		macOS K delacktime 100. OpenBSD, NetBSD K 200. Solaris K
 *		tcp_deferred_ack_interval 100. lwIP K 250. A full second
 *		segment is acknowledged at once by all.
 *  loss probe	K Linux since 3.10, D Windows 10 (RFC 8985's ancestor).
 *  first window	RFC 6928's 10: Linux 2.6.39, FreeBSD 10, OpenBSD 5.2, macOS K,
 *		Windows 10 D; Windows before 2 (RFC 5681); else RFC 3390.
 *  Nagle	K Linux as Minshall amended it; classic elsewhere; IOS D: "service
 *		nagle" is off.
 *  PSH		end of what is written; on every segment: IOS, printers E.
 */
#include "persona_habit.h"
#include "table.h"

#include <string.h>

#define GIVEUP_BOTH (GIVEUP_SYNACK | GIVEUP_DATA)
#define LAX_BOTH    (LAX_SYN | LAX_RST)
#define TWR_BOTH    (TWR_SEQ | TWR_TS)

/* Rows hold the record's own columns; what is not named is 0 (see there). */
#define LINUX_ROW(rto, cwnd, lx, tlp)                                         \
	{                                                                     \
		.synack_retries = 5, .rto_init_ms = (rto),                    \
		.rto_min_ms = 200, .rto_max_s = 120, .data_retries = 15,      \
		.orphan_retries = 8, .persist_max_s = 120, .fin_wait_s = 60,  \
		.time_wait_s = 60, .lax = (lx), .rst_unread = 1,              \
		.quick_acks = 16, .delack_ms = 40, .init_cwnd = (cwnd),       \
		.loss_probe = (tlp)                                           \
	}
#define WINDOWS_ROW(rto, rest, lx, ack, cwnd)                                 \
	{                                                                     \
		.synack_retries = 2, .rto_init_ms = (rto),                    \
		.rto_min_ms = 300, .rto_max_s = 240, .data_retries = 5,       \
		.give_up = GIVEUP_DATA, .persist_max_s = 120,                 \
		.persist_byte = 1, .fin_wait_s = (rest),                      \
		.time_wait_s = (rest), .tw_refuse = TWR_TS, .lax = (lx),      \
		.fin_alone = 1, .rst_unread = 1, .delack_ms = (ack),          \
		.init_cwnd = (cwnd), .nagle = NAGLE_CLASSIC,                  \
		.loss_probe = (cwnd) >= 10                                    \
	}
#define BSD_ROW(syn, shift, rto, least, fin, cwnd, ack)                       \
	.synack_retries = (syn), .rto_init_ms = (rto), .rto_min_ms = (least), \
	.rto_max_s = 64, .backoff_max = (shift), .data_retries = 12,          \
	.persist_ms = 5000, .persist_max_s = 60, .persist_byte = 1,           \
	.fin_wait_s = (fin), .tw_refuse = TWR_TS, .delack_ms = (ack),         \
	.init_cwnd = (cwnd), .nagle = NAGLE_CLASSIC

static const struct img_persona rows[FAM_MAX] = {
	[FAM_GENERIC] = LINUX_ROW(1000, 10, 0, 1),
	[FAM_LINUX24] = LINUX_ROW(3000, 0, LAX_BOTH, 0),
	[FAM_LINUX26] = LINUX_ROW(3000, 0, LAX_BOTH, 0),
	[FAM_LINUX] = LINUX_ROW(1000, 10, 0, 1),
	[FAM_WIN_OLD] = WINDOWS_ROW(3000, 240, LAX_BOTH, 200, 2),
	[FAM_WIN_XP] = WINDOWS_ROW(3000, 240, LAX_BOTH, 200, 2),
	[FAM_WIN_7] = WINDOWS_ROW(3000, 120, 0, 200, 2),
	[FAM_WIN_10] = WINDOWS_ROW(1000, 120, 0, 50, 10),
	[FAM_FREEBSD] = { BSD_ROW(3, 9, 3000, 230, 60, 10, 100),
	    .give_up = GIVEUP_DATA, .time_wait_s = 60, .tw_else = TW_DROP },
	[FAM_OPENBSD] = { BSD_ROW(4, 6, 3000, 1000, 600, 0, 200),
	    .give_up = GIVEUP_DATA, .time_wait_s = 60 },
	[FAM_NETBSD] = { BSD_ROW(4, 6, 3000, 1000, 600, 0, 200),
	    .give_up = GIVEUP_DATA, .time_wait_s = 60 },
	[FAM_MACOS] = { BSD_ROW(6, 6, 1000, 230, 60, 10, 100),
	    .synack_life_s = 75, .give_up = GIVEUP_BOTH, .time_wait_s = 30 },
	[FAM_SOLARIS] = { .synack_retries = 6, .rto_init_ms = 3000,
	    .rto_min_ms = 400, .rto_max_s = 60, .data_retries = 14,
	    .persist_max_s = 60, .persist_byte = 1, .fin_wait_s = 675,
	    .time_wait_s = 60, .tw_refuse = TWR_TS, .lax = LAX_BOTH,
	    .rst_unread = 1, .delack_ms = 100, .nagle = NAGLE_CLASSIC },
	[FAM_IOS] = { .synack_retries = 3, .synack_life_s = 30,
	    .rto_init_ms = 2000, .rto_min_ms = 300, .rto_max_s = 60,
	    .data_retries = 12, .give_up = GIVEUP_DATA, .persist_max_s = 60,
	    .persist_byte = 1, .fin_wait_s = 600, .time_wait_s = 60,
	    .tw_refuse = TWR_TS, .fin_alone = 1, .psh_each = 1,
	    .delack_ms = 200, .nagle = NAGLE_OFF },
	[FAM_VXWORKS] = { BSD_ROW(3, 6, 6000, 1000, 600, 0, 200),
	    .synack_life_s = 75, .give_up = GIVEUP_BOTH, .time_wait_s = 60,
	    .lax = LAX_BOTH },
	[FAM_PRINTER] = { BSD_ROW(3, 6, 3000, 1000, 60, 0, 200),
	    .give_up = GIVEUP_DATA, .time_wait_s = 60, .lax = LAX_BOTH,
	    .fin_alone = 1, .psh_each = 1 },
	[FAM_EMBEDDED] = { .synack_retries = 2, .synack_life_s = 20,
	    .rto_init_ms = 3000, .rto_min_ms = 1000, .rto_max_s = 120,
	    .backoff_max = 7, .data_retries = 12, .persist_ms = 1500,
	    .persist_max_s = 60, .persist_byte = 1, .fin_wait_s = 20,
	    .time_wait_s = 120, .tw_refuse = TWR_BOTH, .tw_else = TW_RST,
	    .lax = LAX_RST, .rst_unread = 1, .delack_ms = 250,
	    .nagle = NAGLE_CLASSIC },
};

void
persona_habits(struct img_persona *p, enum img_family fam)
{
	const struct img_persona *f = &rows[fam];

	p->synack_retries = f->synack_retries;
	p->synack_life_s = f->synack_life_s;
	p->rto_init_ms = f->rto_init_ms;
	p->rto_min_ms = f->rto_min_ms;
	p->rto_max_s = f->rto_max_s;
	p->backoff_max = f->backoff_max;
	p->data_retries = f->data_retries;
	p->orphan_retries = f->orphan_retries;
	p->give_up = f->give_up;
	p->persist_ms = f->persist_ms;
	p->persist_max_s = f->persist_max_s;
	p->persist_byte = f->persist_byte;
	p->fin_wait_s = f->fin_wait_s;
	p->time_wait_s = f->time_wait_s;
	p->tw_refuse = f->tw_refuse;
	p->tw_else = f->tw_else;
	p->lax = f->lax;
	p->fin_alone = f->fin_alone;
	p->rst_unread = f->rst_unread;
	p->psh_each = f->psh_each;
	p->quick_acks = f->quick_acks;
	p->delack_ms = f->delack_ms;
	p->ack_every = f->ack_every;
	p->init_cwnd = f->init_cwnd;
	p->nagle = f->nagle;
	p->loss_probe = f->loss_probe;
}

/* Fragments that overlap are dropped since 4.19: where every kernel the entry
 * stands for is as new, so that a doubtful one keeps the older rule. */
static void
linux_habits(struct img_persona *p, const struct nmap_entry *e)
{
	uint32_t low, high;

	persona_versions(e, "Linux", &low, &high);
	if (low >= VERSION(4, 19, 0))
		p->frag_policy = 5;
	if (high != 0 && high < VERSION(3, 6, 0))
		p->lax = LAX_BOTH;
	if (high != 0 && high < VERSION(3, 1, 0))
		p->rto_init_ms = 3000;
	if (high >= VERSION(2, 6, 39))
		p->init_cwnd = 10;
}

static void
freebsd_habits(struct img_persona *p, const struct nmap_entry *e)
{
	uint32_t low, high;

	persona_versions(e, "FreeBSD", &low, &high);
	if (high != 0 && high < VERSION(10, 0, 0)) {
		p->lax = LAX_SYN;
		p->init_cwnd = 0;
	}
	if (high != 0 && high < VERSION(8, 0, 0))
		p->backoff_max = 6;
	if (low >= VERSION(12, 0, 0))
		p->rto_init_ms = 1000;
}

void
persona_habits_of(struct img_persona *p, const struct nmap_entry *e)
{
	uint32_t low, high;

	switch (p->family) {
	case FAM_LINUX26:
	case FAM_LINUX:
		linux_habits(p, e);
		break;
	case FAM_WIN_XP:
		if (strstr(e->name, "2003") != NULL)
			p->time_wait_s = p->fin_wait_s = 120;
		break;
	case FAM_FREEBSD:
		freebsd_habits(p, e);
		break;
	case FAM_OPENBSD:
		persona_versions(e, "OpenBSD", &low, &high);
		if (low >= VERSION(5, 2, 0))
			p->init_cwnd = 10;
		break;
	case FAM_NETBSD: /* AIX, IRIX and the like too: without its repairs */
		if (strstr(e->name, "NetBSD") == NULL)
			p->lax = LAX_BOTH;
		break;
	case FAM_MACOS:
		if (strstr(e->name, "macOS") == NULL)
			p->lax = LAX_SYN;
		break;
	case FAM_SOLARIS:
		persona_versions(e, "Solaris", &low, &high);
		if (high != 0 && high < VERSION(10, 0, 0))
			p->time_wait_s = 240;
		break;
	default:
		break;
	}
}
