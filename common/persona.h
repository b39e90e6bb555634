/* SPDX-License-Identifier: ISC */
/*
 * A persona as it stands in the image: everything by which a host's stack can
 * be told, ready to be sent. hpd-conf fills it from a fingerprint of
 * nmap-os-db and the family's habits; hpd-net only looks up, copies and
 * patches what moves. Host byte order; reserved bytes zero. Test names (SEQ,
 * T1, U1 ...) are nmap's.
 */
#ifndef HPD_PERSONA_H
#define HPD_PERSONA_H

#include <stdint.h>

enum img_family {
	FAM_GENERIC = 0,
	FAM_LINUX24,
	FAM_LINUX26,
	FAM_LINUX,   /* 3.x and later */
	FAM_WIN_OLD, /* 9x, NT, 2000 */
	FAM_WIN_XP,  /* XP, 2003 */
	FAM_WIN_7,   /* Vista .. 8.1, 2008 .. 2012 */
	FAM_WIN_10,
	FAM_FREEBSD,
	FAM_OPENBSD,
	FAM_NETBSD,
	FAM_MACOS,
	FAM_SOLARIS,
	FAM_IOS,
	FAM_VXWORKS,
	FAM_PRINTER,
	FAM_EMBEDDED,
	FAM_MAX
};

/* --- one TCP answer ----------------------------------------------------- */

/* What a peer's SYN offers; also what an answer's options agree to. */
#define OFFER_MSS  1
#define OFFER_WS   2
#define OFFER_SACK 4
#define OFFER_TS   8

enum img_answer_id { /* index into img_persona.answer */
	ANS_SYN1 = 0,	 /* open port: nmap's six SYN layouts ... */
	ANS_SYN6 = 5,
	ANS_ECN = 6,	 /* ... and its ECN probe (SYN ECE CWR) */
	ANS_T2 = 7,	 /* open: no flags */
	ANS_T3,		 /* open: SYN FIN URG PSH */
	ANS_T4,		 /* open: ACK without connection */
	ANS_T5,		 /* closed: SYN */
	ANS_T6,		 /* closed: ACK */
	ANS_T7,		 /* closed: FIN PSH URG */
	ANS_GEN = 13,	 /* open: any other SYN, plus its OFFER_* bits */
	ANS_MAX = ANS_GEN + 16
};

enum img_respond {
	RESPOND_NO = 0,
	RESPOND_YES = 1,
	RESPOND_REPEAT = 2 /* not to the first of its layout, but to the next */
};

enum img_num { /* a sequence or acknowledgement number of an answer */
	NUM_ZERO = 0,
	NUM_SAME = 1, /* seq: the probe's ack; ack: the probe's seq */
	NUM_NEXT = 2, /* that plus one (in a stack: what the segment took) */
	NUM_OTHER = 3 /* seq of a SYN/ACK: the ISN; else nothing alike */
};

#define ANQ_RESERVED 0x01 /* reserved nibble not zero (Q=R) */
#define ANQ_URP	     0x02 /* urgent pointer set without URG (Q=U) */
#define ANQ_WIN_TS   0x04 /* win_mss counts MSS less 12 when TS is agreed */
#define ANQ_WIN_UP   0x08 /* ANS_GEN: window is rounded up to a multiple of the
			     smaller MSS (ANQ_WIN_TS likewise) */

#define TS_VALUE 1 /* ts_form: TSval is the clock, else 0 */
#define TS_ECHO	 2 /* TSecr is the peer's TSval (our own when it sent none), else
		      0 */

struct img_answer {
	uint8_t respond;   /* enum img_respond */
	uint8_t flags;	   /* TCP flags, bit 0 FIN ... bit 7 CWR */
	uint8_t seq, ack;  /* enum img_num */
	uint16_t window;   /* as sent, unscaled */
	uint8_t df;	   /* 0 or 1 */
	uint8_t ttl;	   /* 1..255 */
	uint8_t quirks;	   /* ANQ_* */
	uint8_t agree;	   /* OFFER_* that opts holds: the connection's */
	uint8_t wscale;	   /* ours when OFFER_WS is agreed, 0..14 */
	uint8_t win_mss;   /* not 0: window is this many times the MSS sent */
	uint8_t optlen;	   /* of opts, multiple of 4, 0..40 */
	uint8_t mss_off;   /* of the MSS's two bytes in opts, 255: none */
	uint8_t ts_off;	   /* of TSval in opts, 255: none */
	uint8_t ts_form;   /* TS_* */
	uint8_t opts[40];  /* as sent, with 0 where ts_form patches */
	uint8_t data[4];   /* payload of a RST (RD) */
	uint8_t datalen;   /* 0 or 4 */
	uint8_t ipid;	   /* which counter: 0 TCP, 1 RST, 2 ICMP; 3: a number
			      of none of them */
	uint8_t ts2_off;   /* a second TSval in opts (patched alike), or 255 */
	uint8_t reserved;
};
_Static_assert(sizeof(struct img_answer) == 64, "img_answer");

/* --- generators --------------------------------------------------------- */

enum img_ipid { /* how the next IP ID is made */
	IPID_ZERO = 0,
	IPID_INCR,     /* +1 */
	IPID_BROKEN,   /* +256: little-endian counter */
	IPID_RANDINC,  /* +1100..1499, never a multiple of 256 */
	IPID_RANDOM,
	IPID_CONST,
	IPID_PER_DST,  /* Linux: a counter a peer */
	IPID_ODD,      /* +37..75, odd: no class of nmap's */
	IPID_MAX
};

/* IP IDs for TCP (SEQ, T1..T4), RSTs of closed ports (T5..T7) and ICMP. */
struct img_ipid_use {
	uint8_t how;	  /* enum img_ipid */
	uint8_t counter;  /* 0..2: uses with the same one count together */
	uint16_t lo, hi;  /* the counter begins in lo..hi and goes back there
			     when it is beyond hi and the host was quiet, or
			     nmap's first SYN comes (personagen.h); both 0:
			     1..57343. Of uses that share a counter the first
			     one's hold. IPID_CONST: lo is the value */
};

enum img_isn {
	ISN_RFC6528 = 0, /* keyed hash of the 4-tuple + clock */
	ISN_PATTERN,	 /* five differences in turn, scaled by the clock */
	ISN_CONST,	 /* always the same */
	ISN_MAX
};

#define ISN_STEPS 5
struct img_isn_gen {
	uint8_t how;	  /* enum img_isn */
	uint8_t hashed;	  /* 1: only nmap's layouts follow the pattern, other
			     SYNs get RFC 6528's (stacks with random ISNs) */
	uint8_t reserved[2];
	uint32_t gcd;	  /* every difference is a multiple of it, >= 1 */
	uint32_t gcd_max; /* largest greatest common divisor the entry takes */
	uint32_t first;	  /* ISN_CONST: the value */
	/* difference n in 100 ms is step[n] * gcd, 1..2^31 */
	uint32_t step[ISN_STEPS];
};

/* --- ICMP --------------------------------------------------------------- */

enum img_quote { /* a field of the quoted header */
	QUOTE_SAME = 0,	 /* as it came; checksums: right for what is quoted */
	QUOTE_VALUE = 1, /* always the value given */
	QUOTE_SWAP = 2,	 /* bytes swapped */
	QUOTE_ADD = 3,	 /* plus the value given (signed) */
	QUOTE_BAD = 4	 /* checksums: wrong, not zero */
};

struct img_unreach { /* U1: ICMP errors */
	uint8_t respond; /* 0: silent to nmap's 300 bytes of 'C' */
	uint8_t df, ttl, tos;
	uint16_t ip_len;   /* total length of the error when the packet quoted
			      is long enough (IPL) */
	uint16_t unused;   /* low 16 bits of the unused word (UN) */
	uint16_t ripl_value, rid_value, ruck_value;
	uint8_t ripl, rid, ripck, ruck; /* enum img_quote */
	uint8_t rud;	   /* 1: quoted payload is altered (RUD=I) */
	uint8_t ttl_add;   /* quoted TTL is what arrived plus this, as int8_t:
			      255 is one less (T > FF), 2 two more */
	uint8_t pad;	   /* 1: fill up to ip_len with the payload's last byte
			      although nothing is left to quote (IPL=240) */
	uint8_t len_swap;  /* 1: length bytes swapped in the header (IPL=6401) */
	uint8_t reserved[2];
};
_Static_assert(sizeof(struct img_unreach) == 24, "img_unreach");

enum img_dfi { DFI_N = 0, DFI_S, DFI_Y, DFI_O }; /* DF of echo replies */
enum img_cd { CD_Z = 0, CD_S, CD_VALUE, CD_O };	 /* code of echo replies */

struct img_echo { /* IE */
	uint8_t respond; /* 0: silent to nmap's two echo requests only */
	uint8_t dfi;	 /* enum img_dfi */
	uint8_t cd;	 /* enum img_cd */
	uint8_t cd_value;
	uint8_t ttl;
	uint8_t reserved[3];
};

/* --- habits -------------------------------------------------------------- */

#define GIVEUP_SYNACK 1 /* RST when the last SYN/ACK led nowhere */
#define GIVEUP_DATA   2 /* RST when data was never acknowledged */

#define TWR_SEQ 1 /* TIME_WAIT does not end for a SYN of a higher number ... */
#define TWR_TS	2 /* ... nor for a later time stamp (RFC 6191) */

enum img_tw_else { TW_ACK = 0, TW_DROP, TW_RST };

#define LAX_SYN 1 /* a SYN within the window ends the connection with a RST
		     (RFC 793), else challenge ACK (RFC 5961) */
#define LAX_RST 2 /* a RST anywhere in the window counts, not only at the very
		     number */

enum img_nagle { NAGLE_MINSHALL = 0, NAGLE_CLASSIC, NAGLE_OFF };

/* --- the record --------------------------------------------------------- */

struct img_persona {
	uint32_t name;	/* string: the nmap-os-db entry's name */
	uint32_t line;	/* where in nmap-os-db; 0: family default only */
	uint8_t family; /* enum img_family */

	/* ordinary traffic */
	uint8_t ttl;	/* of a connection's segments and UDP */
	uint8_t df_tcp; /* of a connection's segments */
	uint8_t df_rst; /* of RSTs no fingerprint line speaks of */
	uint8_t df_udp;
	uint8_t ecn;	/* 1: an ECN-setup SYN gets ECE in its SYN/ACK */
	uint8_t mss_min; /* 1: answers min(own, peer's) MSS, else its own */
	uint16_t mss;	/* own, as answered; 0: interface MTU - 40 */
	uint32_t ts_mhz; /* timestamp clock in millihertz; 0: none */
	uint8_t ts_const; /* 1: the clock stands still (not at 0) */
	uint8_t ts_log2; /* not 0: every connection has an offset of its own,
			    and what nmap's layouts get looks like a clock of
			    2^ts_log2 Hz (TS=20..22 hex); at most 34 */
	uint8_t reserved0[2];

	/* habits of the family (persona_family.c says where from) */
	uint8_t synack_retries;	 /* SYN/ACK sent again so often */
	uint8_t data_retries;	 /* data likewise, then it is given up */
	uint16_t rto_init_ms;
	uint16_t rto_min_ms;
	uint16_t icmp_rate;  /* unreachables a second, 0 unlimited */
	uint16_t icmp_burst;
	uint8_t frag_policy; /* 0 first, 1 last, 2 BSD, 3 Linux, 4 Windows, 5
				drop */
	uint8_t echo_ok, timestamp_ok, mask_ok, info_ok; /* ICMP queries */
	uint8_t psh_each;    /* PSH on every data segment */
	uint16_t frag_timeout_s;
	uint16_t time_wait_s;
	uint8_t synack_life_s; /* half-open no longer than this, 0: retries */
	uint8_t give_up;     /* GIVEUP_*: what gives up with a RST */
	uint8_t rto_max_s;   /* 0: 120 */
	uint8_t backoff_max; /* RTO is doubled so often at most, 0: 12 */
	uint8_t orphan_retries; /* data_retries once our end is closed, 0: as
				that */
	uint16_t persist_ms; /* first window probe, at least; 0: the RTO */
	uint8_t persist_max_s; /* between probes at most, 0: 120 */
	uint8_t persist_byte; /* 1: a probe carries the next byte, 0: none */
	uint16_t fin_wait_s; /* in FIN_WAIT_2, 0: 60 */
	uint8_t tw_refuse;   /* TWR_*: SYNs that do not end TIME_WAIT */
	uint8_t tw_else;     /* enum img_tw_else: the answer to others */
	uint8_t lax;	     /* LAX_*: before RFC 5961 */
	uint8_t fin_alone;   /* 1: FIN never rides on waiting data */
	uint8_t rst_unread;  /* 1: RST when closed with bytes unread (and nothing
				said: who answers has read) */
	uint8_t quick_acks;  /* of a connection's first segments */
	uint16_t delack_ms;  /* 0: 40 */
	uint8_t ack_every;   /* full segments an ACK, 0: 2 */
	uint8_t init_cwnd;   /* segments, 0: RFC 3390 */
	uint8_t nagle;	     /* enum img_nagle */
	uint8_t loss_probe;  /* 1: RFC 8985's before the RTO */
	uint8_t reserved1[3];

	/* the fingerprint */
	struct img_ipid_use ipid[3];
	struct img_isn_gen isn_gen;
	struct img_unreach u1;
	struct img_echo ie;
	struct img_answer answer[ANS_MAX];
};

#endif
