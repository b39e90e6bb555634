/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the list of ours: scanners, and the systems that came after
 * p0f.fp. In p0f's notation, so that p0f.fp's rows and these compare alike;
 * ours are asked first. Where a row was seen on the wire its comment says so
 * and with which version; the others are from what is generally known.
 */
#include "srcos.h"

#include <string.h>

#include "common/diag.h"

#define FIN 0x01
#define SYN 0x02
#define ACK 0x10

static const struct own {
	const char *label, *sig;
	uint8_t what, tcp_flags, probe;
} own[] = {
/* nmap -sS; 7.93 seen. Before it took 1024 only it drew one of four. */
{"s:!:Nmap:SYN scan", "*:64-:0:1460:1024,0:mss::0", SRCOS_SYN, 0, 0},
{"s:!:Nmap:SYN scan", "*:64-:0:1460:2048,0:mss::0", SRCOS_SYN, 0, 0},
{"s:!:Nmap:SYN scan", "*:64-:0:1460:3072,0:mss::0", SRCOS_SYN, 0, 0},
{"s:!:Nmap:SYN scan", "*:64-:0:1460:4096,0:mss::0", SRCOS_SYN, 0, 0},
/* nmap -O; all seen, 7.93. Six SYNs to an open port, the ECN one, ... */
#define OSD "s:!:Nmap:OS detection"
{OSD, "*:64-:0:1460:1,10:ws,nop,mss,ts,sok:ack+:0", SRCOS_SYN, 0, 1},
{OSD, "*:64-:0:1400:63,0:mss,ws,sok,ts,eol+0:ack+:0", SRCOS_SYN, 0, 1},
{OSD, "*:64-:0:640:4,5:ts,nop,nop,ws,nop,mss:ack+:0", SRCOS_SYN, 0, 1},
{OSD, "*:64-:0:0:4,10:sok,ts,ws,eol+0:ack+:0", SRCOS_SYN, 0, 1},
{OSD, "*:64-:0:536:16,10:mss,sok,ts,ws,eol+0:ack+:0", SRCOS_SYN, 0, 1},
{OSD, "*:64-:0:265:512,0:mss,sok,ts:ack+:0", SRCOS_SYN, 0, 1},
{OSD, "*:64-:0:1460:3,10:ws,nop,mss,sok,nop,nop:ecn,uptr+:0", SRCOS_SYN, 0, 1},
/* ... T5, then T2, T3, T4, T6 and T7, ... */
{OSD, "*:64-:0:265:31337,10:ws,nop,mss,ts,sok:ack+:0", SRCOS_SYN, 0, 1},
{OSD, "*:64-:0:265:128,10:ws,nop,mss,ts,sok:df,id+,ack+:0", SRCOS_TCP, 0, 1},
{OSD, "*:64-:0:265:256,10:ws,nop,mss,ts,sok:ack+,urgf+,pushf+:0", SRCOS_TCP,
    FIN | SYN, 1},
{OSD, "*:64-:0:265:1024,10:ws,nop,mss,ts,sok:df,id+:0", SRCOS_TCP, ACK, 1},
{OSD, "*:64-:0:265:32768,10:ws,nop,mss,ts,sok:df,id+:0", SRCOS_TCP, ACK, 1},
{OSD, "*:64-:0:265:65535,15:ws,nop,mss,ts,sok:ack+,urgf+,pushf+,exws:0",
    SRCOS_TCP, FIN, 1},
/* ... U1, and the first of the two echo requests. */
{OSD, NULL, SRCOS_UDP_C300, 0, 1},
{OSD, NULL, SRCOS_ECHO_9, 0, 1},
/* masscan; 1.3.2 seen. Later ones offer an MSS. */
{"s:!:masscan:", "*:255:0:0:1024,0::id=mix:0", SRCOS_SYN, 0, 0},
{"s:!:masscan:", "*:255:0:1460:1024,0:mss:id=mix:0", SRCOS_SYN, 0, 0},
/* zmap; 2.1.1 seen. Later ones offer an MSS, or draw the IP ID. */
{"s:!:ZMap:", "*:255:0:0:65535,0::id=54321:0", SRCOS_SYN, 0, 0},
{"s:!:ZMap:", "*:255:0:1460:65535,0:mss:id=54321:0", SRCOS_SYN, 0, 0},
/* Mirai and what was made of it: any window. */
{"s:!:Mirai:", "*:64:0:0:*,0::seq=dst:0", SRCOS_SYN, 0, 0},
/* hping3 -S; 3.0.0-alpha-2 seen, without and with -y. */
{"s:!:hping3:", "*:64:0:0:512,0::ack+:0", SRCOS_SYN, 0, 0},
{"s:!:hping3:", "*:64:0:0:512,0::df,id+,ack+:0", SRCOS_SYN, 0, 0},
/* Systems. Linux takes the largest multiple of its MSS below 65536 since 4.20;
 * 6.18 seen. */
#define LINUX "s:unix:Linux:4.20 and newer"
{LINUX, "*:64:0:*:mss*44,*:mss,sok,ts,nop,ws:df,id+:0", SRCOS_SYN, 0, 0},
{LINUX, "*:64:0:*:mss*45,*:mss,sok,ts,nop,ws:df,id+:0", SRCOS_SYN, 0, 0},
{LINUX, "*:64:0:*:mss*46,*:mss,sok,ts,nop,ws:df,id+:0", SRCOS_SYN, 0, 0},
{LINUX, "*:64:0:*:mss*47,*:mss,sok,ts,nop,ws:df,id+:0", SRCOS_SYN, 0, 0},
{LINUX, "*:64:0:*:mss*48,*:mss,sok,ts,nop,ws:df,id+:0", SRCOS_SYN, 0, 0},
{"s:win:Windows:10 or 11", "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0",
    SRCOS_SYN, 0, 0},
{"s:win:Windows:10 or 11", "*:128:0:*:65535,8:mss,nop,ws,nop,nop,sok:df,id+:0",
    SRCOS_SYN, 0, 0},
{"s:unix:macOS:10.14 and newer, or iOS",
    "*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df:0", SRCOS_SYN,
    0, 0},
{"s:unix:macOS:10.11 to 10.13, or iOS",
    "*:64:0:*:65535,5:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0", SRCOS_SYN,
    0, 0},
/* Behind p0f.fp's: as much as can be said when it is not there. */
{"g:unix:Linux:", "*:64:0:*:*,*:mss,sok,ts,nop,ws:df,id+:0", SRCOS_SYN, 0, 0},
{"g:win:Windows:", "*:128:0:*:*,*:mss,nop,ws,nop,nop,sok:df,id+:0", SRCOS_SYN,
    0, 0},
};

void
srcos_own(struct conf *c)
{
	struct srcos_label l;
	struct img_srcos r;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		memset(&r, 0, sizeof(r));
		r.layout = SRCOS_LAYOUT;
		r.ttl = 255;
		if (srcos_label_parse(c, own[i].label, &l, &why) == -1 ||
		    (own[i].sig != NULL &&
		    srcos_sig_parse(own[i].sig, 1, &r, &why) == -1))
			fatalx("bug: own signature %zu: %s", i, why);
		r.what = own[i].what;
		r.tcp_flags = own[i].tcp_flags;
		if (own[i].probe)
			r.flags |= SRCOS_F_PROBE;
		srcos_add(c, &l, &r);
		if (l.flags & SRCOS_F_GENERIC)
			c->srcos[c->nsrcos - 1].order += SRCOS_MAX;
	}
}
