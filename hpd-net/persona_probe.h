/* SPDX-License-Identifier: ISC */
/*
 * The one place where a probe's own shape decides: which of the persona's
 * answers a TCP segment without a connection gets. nmap's six SYN layouts, its
 * ECN probe and its closed-port SYN are known by their bytes, everything else
 * by port state and flags.
 */
#ifndef HPD_PERSONA_PROBE_H
#define HPD_PERSONA_PROBE_H

#include "tcp_int.h"

/* A SYN (no ACK, RST, FIN) to an open port: ANS_SYN1..6, ANS_ECN, or ANS_GEN
 * plus what it offers. */
uint8_t persona_syn(const struct seg *);
/* Any other segment without a connection: ANS_T2..T7 by flags. */
uint8_t persona_stray(const struct seg *, int open);
/* The answer, or NULL: silence. Keeps the state of RESPOND_REPEAT; a SYN to a
 * closed port that is not nmap's is refused even where nmap's is not, or not so
 * that a client would understand. */
const struct img_answer *persona_answer(const struct seg *, uint8_t id);
/* Is the answer one that opens a connection? Others are sent as they are and
 * forgotten. */
int persona_opens(const struct img_answer *);

#endif
