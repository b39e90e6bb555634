/* SPDX-License-Identifier: ISC */
/*
 * What nmap makes of a host, and how it compares that with its table: a
 * matcher of nmap 7.93's generation, its quirks included, over the whole table
 * parsed once. Used offline: to choose a persona's values, to prove that they
 * satisfy their entry, and by the tests.
 */
#ifndef HPD_CONF_OSMATCH_H
#define HPD_CONF_OSMATCH_H

#include "table.h"

/* Every attribute of every test line, in nmap-os-db's order. */
#define OSA_TCP(X, L) \
	X(L, R) X(L, DF) X(L, T) X(L, TG) X(L, W) X(L, S) X(L, A) X(L, F) \
	X(L, O) X(L, RD) X(L, Q)
#define OSA_ALL(X) \
	X(SEQ, R) X(SEQ, SP) X(SEQ, GCD) X(SEQ, ISR) X(SEQ, TI) X(SEQ, CI) \
	X(SEQ, II) X(SEQ, SS) X(SEQ, TS) \
	X(OPS, R) X(OPS, O1) X(OPS, O2) X(OPS, O3) X(OPS, O4) X(OPS, O5) \
	X(OPS, O6) \
	X(WIN, R) X(WIN, W1) X(WIN, W2) X(WIN, W3) X(WIN, W4) X(WIN, W5) \
	X(WIN, W6) \
	X(ECN, R) X(ECN, DF) X(ECN, T) X(ECN, TG) X(ECN, W) X(ECN, O) \
	X(ECN, CC) X(ECN, Q) \
	X(T1, R) X(T1, DF) X(T1, T) X(T1, TG) X(T1, S) X(T1, A) X(T1, F) \
	X(T1, RD) X(T1, Q) \
	OSA_TCP(X, T2) OSA_TCP(X, T3) OSA_TCP(X, T4) OSA_TCP(X, T5) \
	OSA_TCP(X, T6) OSA_TCP(X, T7) \
	X(U1, R) X(U1, DF) X(U1, T) X(U1, TG) X(U1, IPL) X(U1, UN) \
	X(U1, RIPL) X(U1, RID) X(U1, RIPCK) X(U1, RUCK) X(U1, RUD) \
	X(IE, R) X(IE, DFI) X(IE, T) X(IE, TG) X(IE, CD)

#define OSA_ENUM(L, A) OSA_##L##_##A,
enum os_attr { OSA_ALL(OSA_ENUM) OSA_MAX };
#define OSA_T2_FIRST OSA_T2_R
#define OSA_TCP_STEP (OSA_T3_R - OSA_T2_R) /* T2's to T3's attribute ... */

/* "T1", "DF" of an attribute; never NULL below OSA_MAX. */
const char *os_attr_line(enum os_attr);
const char *os_attr_name(enum os_attr);

/* An observation as nmap would print it. NULL: the attribute is not there. */
#define OS_OBS_TEXT 2048
struct os_obs {
	const char *v[OSA_MAX]; /* into text, or constants */
	size_t used;
	char text[OS_OBS_TEXT];
};
void os_obs_clear(struct os_obs *);
/* Set an attribute to a copy of text, or to printf's (for numbers: "%X"). */
void os_obs_set(struct os_obs *, enum os_attr, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Print it as nmap prints a fingerprint: "SEQ(SP=..%..)" lines. */
void os_obs_print(const struct os_obs *, FILE *);

/*
 * Does value satisfy the expression (a|b|lo-hi|<h|>h)? As nmap 7.93 decides:
 * a number before a range never matches by number, an alternative that is not
 * the last matches what it is a prefix of. 1 or 0.
 */
int os_expr_match(const char *expr, size_t len, const char *value);

/* The table with every expression parsed and shared. Made on first call, kept
 * in the nmapdb; NULL: messages given (a line that can't be understood). */
struct osdb;
struct osdb *osdb_get(struct conf *, struct nmapdb *);
void osdb_free(struct osdb *);

/* Expression of an entry's attribute (NUL-ended), or NULL: it has none. */
const char *osdb_expr(const struct osdb *, uint32_t entry, enum os_attr);
/* Line of the table where the entry's test line stands (for messages). */
uint32_t osdb_line(const struct osdb *, uint32_t entry, enum os_attr);

/* Is the observation a perfect match for the entry: every attribute that both
 * have agrees? *bad (may be NULL): the first that does not. */
int os_match_entry(const struct osdb *, uint32_t entry, const struct os_obs *,
    enum os_attr *bad);
/* nmap's score of it, 0..1 (MatchPoints). */
double os_match_score(const struct osdb *, uint32_t entry,
    const struct os_obs *);
/* Entries (first of its name each) that match perfectly, in file order: up to
 * max of them; returns how many names there are in all. */
uint32_t os_match_names(const struct osdb *, const struct os_obs *,
    uint32_t *entries, uint32_t max);
/* How many entries of another name than that entry's match perfectly. Fast:
 * gives up an entry at its first mismatch. */
uint32_t os_match_others(const struct osdb *, const struct os_obs *,
    uint32_t entry);

/* What nmap would see of a decoy with this persona, open and closed TCP port,
 * closed UDP port, nothing lost, probes 100 ms apart, at distance 0: from the
 * record alone, with the arithmetic of hpd-net's generators. */
void os_predict(const struct img_persona *, struct os_obs *);

#endif
