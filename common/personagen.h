/* SPDX-License-Identifier: ISC */
/*
 * The arithmetic of a persona's generators: initial sequence numbers, IP IDs,
 * timestamps. Pure functions over small states, so that hpd-conf's prediction
 * and hpd-net's answers can't differ. Chance and time come from the caller.
 */
#ifndef HPD_PERSONAGEN_H
#define HPD_PERSONAGEN_H

#include <stdint.h>

#include "persona.h"

#define GEN_NS_STEP   100000000LL  /* steps are differences of 100 ms */
#define GEN_NS_LEAST  20000000LL   /* shorter and longer pauses count as */
#define GEN_NS_MOST   2000000000LL /* ... these */
#define GEN_QUIET_MS  2000u	   /* after this counters may go back: longer
				      than a scanner's answers are late */

/* --- initial sequence numbers ------------------------------------------- */

struct gen_isn {
	uint32_t last;	  /* number given last, or where to begin */
	uint32_t k1, k2, k3; /* multipliers of the last differences, 0 none */
	uint8_t index;	  /* of the next step, below ISN_STEPS */
};

/* Multiplier of gcd for the next difference: step scaled by dt_ns (since the
 * last number, clamped), at least 1, the difference at most 2^31. Steps below
 * 10 are taken as they are for 60..160 ms; from 50 on it moves by as little as
 * keeps the common divisor of four differences in a row at gcd_max. */
uint32_t gen_isn_mult(const struct img_isn_gen *, const struct gen_isn *,
    int64_t dt_ns);
/* Next number for ISN_PATTERN and ISN_CONST, never 0 but for a constant 0.
 * (ISN_RFC6528 needs a key: hpd-net's.) */
uint32_t gen_isn_next(const struct img_isn_gen *, struct gen_isn *,
    int64_t dt_ns);

/* --- IP IDs -------------------------------------------------------------- */

struct gen_ipid {
	uint16_t id[3];	/* by counter: the one given last */
	uint8_t sides;	/* bit n: use n's next random one is a high one */
};

/* The counters before the first number. entropy: 64 bits derived from what
 * the host is, so that it begins at the same place again. */
void gen_ipid_init(const struct img_ipid_use use[3], struct gen_ipid *,
    uint64_t entropy);
/* After GEN_QUIET_MS without an answer: counters beyond their hi go back. */
void gen_ipid_rest(const struct img_ipid_use use[3], struct gen_ipid *,
    uint32_t rnd);
/* Next number of use n (0 TCP, 1 RST, 2 ICMP) by its class. rnd: any 32 bits.
 * IPID_PER_DST counts up by one here: a single peer's view. */
uint16_t gen_ipid_next(const struct img_ipid_use use[3], struct gen_ipid *,
    unsigned n, uint32_t rnd);
/* A number of no counter (ipid 3): what the class shows, but nothing moves. */
uint16_t gen_ipid_stray(const struct img_ipid_use use[3],
    const struct gen_ipid *, uint32_t rnd);

/* --- timestamps ---------------------------------------------------------- */

/* Ticks of a clock of ts_mhz millihertz in ns nanoseconds (not negative). */
uint32_t gen_ticks(uint32_t ts_mhz, int64_t ns);
/* Ticks of a clock of 2^log2 Hz, log2 at most 34. */
uint32_t gen_ticks_log2(uint8_t log2, int64_t ns);
/* TSval of persona's clock that began at base ns ago; never 0. nmap: 1 for
 * nmap's own layouts (ts_log2). A clock that stands still gives base, or 1. */
uint32_t gen_tsval(const struct img_persona *, uint32_t base, int64_t ns,
    int nmap);

#endif
