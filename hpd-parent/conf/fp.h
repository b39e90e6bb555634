/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: a fingerprint on its way into a persona. For each attribute of
 * the entry one value is chosen that it accepts (fp_choose.c); fp_build()
 * lays the chosen values over the persona, which holds the family's look
 * before; os_predict() tells whether that satisfies the entry.
 */
#ifndef HPD_CONF_FP_H
#define HPD_CONF_FP_H

#include "osmatch.h"

#define FP_POOL	 16384
#define FP_CANDS 16 /* values of one attribute that are considered */

#define FPT_ZERO_ISN 0x01 /* SYN 4..6 get ISN 0: too few to be measured */
#define FPT_REPEAT   0x02 /* SYNs are answered when they are repeated */
#define FPT_REFUSE   0x04 /* trailing layouts without options: RST */
#define FPT_NO_U1    0x08 /* no answer to nmap's UDP probe */
#define FPT_LATE1    0x10 /* only layout 1 is answered when repeated */

struct fp {
	struct conf *c;
	const struct osdb *db;
	uint32_t entry;
	struct img_persona *p;
	const char *x[OSA_MAX]; /* expression of the entry, NULL: none */
	const char *v[OSA_MAX]; /* value chosen, NULL: none */
	unsigned tricks;	/* FPT_* */
	uint8_t isn_failed;	/* no pattern satisfies GCD, ISR and SP */
	uint8_t ttl_skip;	/* so many possible TTLs of T1 are passed over */
	/* the ISN pattern found last, and what for */
	const char *solved_gcd;
	int solved, solved_isr, solved_sp, failures;
	unsigned solved_nd;
	struct img_isn_gen gen;
	size_t used;
	char pool[FP_POOL]; /* of values */
};

struct fp_cands {
	unsigned n;
	const char *s[FP_CANDS];
};

/* Values of an attribute that its expression accepts, the likely ones first;
 * they live in the pool. n is 0 when the entry does not have it. */
void fp_cands(struct fp *, enum os_attr, struct fp_cands *);
/* A copy of text in the pool; "" when it is full. */
const char *fp_text(struct fp *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Has the attribute the value? */
int fp_is(const struct fp *, enum os_attr, const char *value);
/* The attribute's value as a number, or def. */
uint32_t fp_hex(const struct fp *, enum os_attr, uint32_t def);

/* Everything v[] says into *p. */
void fp_build(struct fp *);
/* Its parts. */
void fp_ttls(struct fp *);    /* T, TG of all lines, ttl_add */
void fp_answers(struct fp *); /* OPS WIN ECN T1..T7 */
void fp_generic(struct fp *); /* ANS_GEN.. and ordinary traffic */
void fp_ipids(struct fp *);   /* TI CI II SS */
void fp_isn(struct fp *);     /* GCD ISR SP */
void fp_stamps(struct fp *);  /* TS */
void fp_icmp(struct fp *);    /* U1 IE */

/* How nmap's layout offers (OFFER_*): ANS_SYN1..ANS_ECN; 0 for others. */
uint8_t fp_layout_offers(unsigned id);

/* --- options ------------------------------------------------------------- */

#define FP_OPTS 96 /* bytes of a text of options */

/* "M5B4ST11NW7" into opts, optlen, offsets, agree and wscale. 0, or -1: not
 * understood or longer than 40 bytes (then there are none). */
int fp_opts_set(struct img_answer *, const char *text);
/* Drop what is not offered (MSS stays), pads with it, and pad what is left:
 * groups of four bytes keep their order. */
void fp_opts_drop(const char *text, uint8_t offers, char out[FP_OPTS]);
/* MSS of a text, 0: none. */
uint16_t fp_opts_mss(const char *text);

/* --- numbers ------------------------------------------------------------- */

/* What makes these differences a 100 ms: GCD, ISR and SP as nmap computes
 * them from n differences. */
struct fp_seq {
	uint32_t gcd, isr, sp;
};
void fp_seq_of(const uint32_t *diff, const double *seconds, unsigned n,
    struct fp_seq *);
/*
 * Find steps for expressions (NULL: any) that hold for any nd differences in
 * a row, 3..5. sp, isr: wanted most, -1 none. How many of FP_TRIALS scans with
 * intervals as they are in practice would not show it, or -1: there are none.
 */
#define FP_TRIALS 24
int fp_isn_solve(const char *gcd, const char *isr, const char *sp,
    int want_isr, int want_sp, unsigned nd, struct img_isn_gen *);

/* Four bytes of which this is the CRC-32 (zlib's). */
void fp_crc_inverse(uint32_t crc, uint8_t out[4]);

/* --- families ------------------------------------------------------------ */

/* How a system of the family looks when no fingerprint says it: all of the
 * record but the habits. */
void fp_look(struct img_persona *, enum img_family);

/* Choose, build and verify. 0, or -1 (message with the table's line). */
int fp_compile(struct conf *, const struct nmapdb *, const struct osdb *,
    uint32_t entry, struct img_persona *);

#endif
