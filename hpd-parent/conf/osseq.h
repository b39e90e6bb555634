/* SPDX-License-Identifier: ISC */
/*
 * What nmap 7.93 reads out of the numbers of a host: the SEQ line, and words
 * of the other lines that take arithmetic. Pure functions; the caller brings
 * what the answers held, from frames or from a persona.
 */
#ifndef HPD_CONF_OSSEQ_H
#define HPD_CONF_OSSEQ_H

#include "osmatch.h"

#define OS_SYNS	  6
#define OS_CLOSED 3

struct os_syn { /* first answer to one of the six SYNs */
	uint8_t came;
	uint8_t flags; /* TCP flags */
	uint8_t has_ts;
	uint16_t id;
	uint32_t isn, tsval;
	int64_t sent_us; /* of the probe */
};

struct os_samples {
	struct os_syn syn[OS_SYNS];
	uint16_t closed[OS_CLOSED]; /* IP IDs of the answers to T5..T7 */
	unsigned nclosed;
	uint16_t icmp[2]; /* of the echo replies */
	unsigned nicmp;
};

/* Set the SEQ line's attributes that nmap would. */
void os_seq_line(struct os_obs *, const struct os_samples *);

/* --- answers, line by line ------------------------------------------------ */

/* How much was lost of a TTL on the way there, from the TTL quoted by U1.
 * Added to every TTL (T); unknown: TTLs are guessed (TG). */
#define OS_DIST_UNKNOWN (-2)

struct os_reply { /* to ECN and T1..T7; came 0: the rest is not read */
	uint8_t came;
	uint8_t flags, df, ttl;
	uint8_t reserved, urp; /* nibble not zero; urgent pointer, no URG */
	uint8_t datalen;       /* 0..255, of a RST */
	uint16_t window;
	uint32_t seq, ack;
	uint32_t probe_seq, probe_ack;
	uint32_t optlen;
	const uint8_t *opt, *data;
};

enum os_line { OSL_ECN, OSL_T1, OSL_T2, OSL_T3, OSL_T4, OSL_T5, OSL_T6, OSL_T7,
	OSL_MAX };
void os_tcp_line(struct os_obs *, enum os_line, const struct os_reply *,
    int dist);

/* OPS and WIN, from the first answers to the six SYNs' layouts. Nothing is
 * set unless all came. */
void os_syn_lines(struct os_obs *, const struct os_reply[OS_SYNS]);

struct os_unreach { /* U1 */
	uint8_t came, df, ttl;
	char ripck, rud; /* G, I, Z */
	uint16_t ipl, un, ripl, rid, ruck;
	uint16_t ruck_sent;
};
void os_unreach_line(struct os_obs *, const struct os_unreach *, int dist);

struct os_echo { /* IE; came: both */
	uint8_t came, df[2], code[2], ttl;
};
void os_echo_line(struct os_obs *, const struct os_echo *, int dist);

/* --- words ---------------------------------------------------------------- */

/* TCP options as nmap prints them ("M5B4ST11NW7"), "" when one is cut off;
 * out has room for 128. */
#define OS_OPT_TEXT 128
void os_opt_text(const uint8_t *opt, uint32_t len, char out[OS_OPT_TEXT]);
/* The first timestamp option before an end-of-list: 0 and *tsval, or -1. */
int os_opt_ts(const uint8_t *opt, uint32_t len, uint32_t *tsval);

/* "AS" of TCP flags. */
void os_flags_text(uint8_t flags, char out[8]);
/* A TTL rounded up to a usual initial one: 32, 64, 128 or 255. */
unsigned os_ttl_guess(unsigned ttl);
/* CRC-32 as zlib's, of a RST's data. */
uint32_t os_crc32(const uint8_t *data, size_t len);

#endif
