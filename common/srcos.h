/* SPDX-License-Identifier: ISC */
/*
 * Signatures of senders as they stand in the image: what the first packet of
 * somebody tells of the system or the tool it came from. hpd-conf fills them
 * from p0f 3's p0f.fp and a list of ours, hpd-net compares, hpd-log and
 * hpd-svc show names. A source-OS number in events and messages is a row of
 * IMG_SRCOS plus one; 0 is "unknown". Host byte order; reserved bytes zero.
 */
#ifndef HPD_SRCOS_H
#define HPD_SRCOS_H

#include <stddef.h>
#include <stdint.h>

#define SRCOS_MAX	 8192 /* rows */
#define SRCOS_NAME_MAX	 64   /* bytes of a name or family */
#define SRCOS_FLAVOR_MAX 128
#define SRCOS_FULL_MAX	 (2 * SRCOS_NAME_MAX + SRCOS_FLAVOR_MAX)

enum srcos_what { /* which packets a row is about */
	SRCOS_SYN = 0,	/* SYN without ACK, FIN and RST */
	SRCOS_TCP,	/* a segment with exactly tcp_flags */
	SRCOS_UDP_C300, /* UDP, IP ID 0x1042, 300 times 'C' */
	SRCOS_ECHO_9,	/* echo request of code 9 and 120 zero bytes */
	SRCOS_WHATS
};

enum srcos_win {
	SRCOS_WIN_ANY = 0,
	SRCOS_WIN_VALUE, /* exactly win */
	SRCOS_WIN_MOD,	 /* a multiple of win */
	SRCOS_WIN_MSS,	 /* win times the MSS */
	SRCOS_WIN_MTU	 /* win times the MTU the MSS tells of */
};

/* Quirks: all must be equal (a few may differ in a fuzzy match). */
#define SRCOS_Q_DF    0x0001 /* do not fragment */
#define SRCOS_Q_IDP   0x0002 /* ... with an IP ID */
#define SRCOS_Q_IDM   0x0004 /* fragments allowed, IP ID 0 */
#define SRCOS_Q_ECN   0x0008 /* ECN bits in IP, or ECE or CWR */
#define SRCOS_Q_MBZ   0x0010 /* reserved bit of IP set */
#define SRCOS_Q_SEQM  0x0020 /* sequence number 0 */
#define SRCOS_Q_ACKP  0x0040 /* acknowledgement number without ACK */
#define SRCOS_Q_ACKM  0x0080 /* ACK with acknowledgement number 0 */
#define SRCOS_Q_UPTRP 0x0100 /* urgent pointer without URG */
#define SRCOS_Q_URGF  0x0200 /* URG */
#define SRCOS_Q_PUSHF 0x0400 /* PSH */
#define SRCOS_Q_TS1M  0x0800 /* own time stamp 0 */
#define SRCOS_Q_TS2P  0x1000 /* echoed time stamp not 0 */
#define SRCOS_Q_OPTP  0x2000 /* something behind the end of options */
#define SRCOS_Q_EXWS  0x4000 /* window scale above 14 */
#define SRCOS_Q_BAD   0x8000 /* malformed options: never seen here */
#define SRCOS_Q_ALL   0xffff

/* Facts: what a row needs must be so, what it does not need may be. */
#define SRCOS_SEQ_DST  0x01 /* sequence number is the destination address */
#define SRCOS_ID_MIX   0x02 /* IP ID is address ^ port ^ sequence number */
#define SRCOS_ID_54321 0x04
#define SRCOS_FACTS    0x07

#define SRCOS_F_GENERIC 0x01 /* only when nothing specific fits */
#define SRCOS_F_TOOL	0x02 /* not a system but a program */
#define SRCOS_F_MSS_ANY 0x04
#define SRCOS_F_TTL_MAX 0x08 /* ttl is the largest it begins with */
#define SRCOS_F_PROBE	0x10 /* of a tool that asks for our system */
#define SRCOS_F_ALL	0x1f

#define SRCOS_SCALE_ANY	  255
#define SRCOS_PAYLOAD_ANY 2

struct img_srcos {
	uint64_t layout; /* srcos_layout() of the option kinds in order */
	uint32_t name, flavor; /* strings; flavor 0: none */
	uint32_t family; /* string: "unix", "win" ...; 0 for tools */
	uint32_t line;	 /* in p0f.fp; 0: list of ours */
	uint32_t quirks; /* SRCOS_Q_* */
	uint16_t mss;	 /* 0: no such option */
	uint16_t win;	 /* value, divisor or factor by win_type */
	uint8_t win_type;
	uint8_t scale;	 /* 0 also without the option; SRCOS_SCALE_ANY */
	uint8_t ttl;	 /* initial */
	uint8_t olen;	 /* bytes of IP options */
	uint8_t eol_pad; /* bytes behind the end-of-options option */
	uint8_t payload; /* 0 none, 1 some, SRCOS_PAYLOAD_ANY */
	uint8_t facts;	 /* SRCOS_SEQ_DST ...: needed */
	uint8_t flags;	 /* SRCOS_F_* */
	uint8_t what;	 /* enum srcos_what */
	uint8_t tcp_flags; /* FIN SYN RST ACK of SRCOS_TCP */
	uint8_t reserved[2];
};
_Static_assert(sizeof(struct img_srcos) == 48, "img_srcos");

/* The kinds of options in order as one number: begin with SRCOS_LAYOUT, add
 * each kind (NOP 1, end 0; nothing behind the end). */
#define SRCOS_LAYOUT 0xcbf29ce484222325ULL
static inline uint64_t
srcos_layout(uint64_t key, uint8_t kind)
{
	return (key ^ kind) * 0x100000001b3ULL;
}

struct image;

/* Row of a number, or NULL: unknown, or beyond this image. */
const struct img_srcos *srcos_row(const struct image *, uint32_t number);

/* "NAME FLAVOR" of a number, "" when unknown; always ended. */
#define SRCOS_NAME_BUF (SRCOS_FULL_MAX + 4)
void srcos_name(const struct image *, uint32_t number,
    char buf[SRCOS_NAME_BUF]);

/* How far the sender is, by what is left of its TTL; -1: can't be told. */
int srcos_distance(const struct img_srcos *, uint8_t ttl);

/* Everything image_check() wants of the table. Enum image_err. */
int srcos_check(const struct image *);

#endif
