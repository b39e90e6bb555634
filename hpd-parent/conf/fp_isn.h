/* SPDX-License-Identifier: ISC */
/*
 * Inside of the search for ISN patterns (fp_isn.c, fp_isn_shape.c).
 */
#ifndef HPD_CONF_FP_ISN_H
#define HPD_CONF_FP_ISN_H

#include "fp.h"

#define SEQ_TOP	 0x180	     /* values of ISR and SP that are looked at */
#define DIFF_MAX 0x80000000u /* beyond it nmap counts from the other side */

struct fp_want {
	const char *gcd;		   /* expression or NULL */
	uint8_t isr[SEQ_TOP], sp[SEQ_TOP]; /* 1: accepted */
	int isr_mid, sp_mid;		   /* wanted most */
	int isr_lo, isr_hi, sp_hi;	   /* accepted at all */
	unsigned nisr, nsp;		   /* how many are accepted */
	unsigned nd;			   /* differences nmap sees */

	struct img_isn_gen gen; /* gcd under trial, its gcd_max, steps */
	struct img_isn_gen best;
	unsigned least;	   /* failures of best, FP_TRIALS + 1: none yet */
	unsigned examined; /* that were accepted, with this gcd */
};

/* Is x (NULL: anything goes) satisfied by n in hexadecimal? */
int fp_accepts(const char *x, uint32_t n);
/* Look for steps of w->gen's gcd whose mean is some small multiple, or any.
 * The best so far is kept in w; 1: it can't get better. */
int fp_isn_small(struct fp_want *);
int fp_isn_shape(struct fp_want *);
/* Begin the best steps where they serve most. */
void fp_isn_turn(struct fp_want *);

#endif
