/* SPDX-License-Identifier: ISC */
/* The SYN/ACKs of a persona and their options. */
#ifndef HPD_CONF_LAYOUT_H
#define HPD_CONF_LAYOUT_H

#include <stdint.h>

#include "common/persona.h"

#define SYN 0x02
#define RST 0x04
#define ACK 0x10
#define ECE 0x40
#define CWR 0x80

#define OPT_EOL	 0
#define OPT_NOP	 1
#define OPT_MSS	 2
#define OPT_WS	 3
#define OPT_SACK 4
#define OPT_TS	 8
#define NOWHERE	 255

#define LAYOUTS 24 /* nmap's six, ECN, T3, and ANS_GEN's sixteen */

/* The i-th answer to a SYN, what was offered, and the peer's MSS (65535: any).
 * NULL: no SYN/ACK. */
struct img_answer *layout_synack(struct img_persona *, unsigned i,
    uint8_t *offers, uint16_t *mss);
/* Offset of an option, NOWHERE when it is not there; *end: behind the last
 * option that is no padding. */
uint8_t layout_option(const struct img_answer *, uint8_t kind, uint8_t *end);
/* The window again, where it counts segments. */
void layout_recount(struct img_answer *);
/* Take OFFER_* away as the stack itself would when the peer did not offer
 * them: the persona has an answer for every set of offers. */
void layout_refuse(struct img_persona *, uint8_t what);
/* Agree to one OFFER_* (not MSS) wherever it is offered; shift: of OFFER_WS.
 * 0, or -1: no room. */
int layout_agree(struct img_persona *, uint8_t what, uint8_t shift);

#endif
