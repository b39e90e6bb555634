/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: IP ID counters (TI, CI, II, SS) and the timestamp clock (TS). SS
 * compares the echo replies' numbers with the SYN/ACKs': the same counter
 * when they follow, so counters of their own begin in windows that lie as the
 * entry says.
 */
#include "fp.h"

#include <stdlib.h>
#include <string.h>

enum { TCP, CLOSED, ICMP };

static const struct window {
	uint16_t lo, hi;
} whole = { 1, 40000 },	 /* room for a scan's answers by large steps */
  low = { 1, 8000 }, middle = { 20000, 28000 }, high = { 45000, 55000 },
  below = { 1, 12000 }, above = { 30000, 38000 };

/* The class of an attribute: enum img_ipid, def when it has none. */
static uint8_t
class_of(const struct fp *f, enum os_attr a, uint8_t def, uint16_t *value)
{
	const char *v = f->v[a];

	if (v == NULL)
		return def;
	if (strcmp(v, "Z") == 0)
		return IPID_ZERO;
	if (strcmp(v, "I") == 0)
		return IPID_INCR;
	if (strcmp(v, "BI") == 0)
		return IPID_BROKEN;
	if (strcmp(v, "RI") == 0)
		return IPID_RANDINC;
	if (strcmp(v, "RD") == 0)
		return IPID_RANDOM;
	*value = (uint16_t)strtoul(v, NULL, 16);
	return IPID_CONST;
}

static int
counts(uint8_t how)
{
	return how == IPID_INCR || how == IPID_BROKEN || how == IPID_RANDINC;
}

static void
begin(struct img_ipid_use *u, const struct window *w)
{
	u->lo = w->lo;
	u->hi = w->hi;
}

/* Could nmap have seen a class here, and saw none? (CI is younger than the
 * rest: where it is not, nobody looked.) */
static uint8_t
unseen(const struct fp *f, enum os_attr a, uint8_t def)
{
	if (f->x[OSA_SEQ_SP] == NULL && f->x[OSA_SEQ_TI] == NULL &&
	    f->x[OSA_SEQ_CI] == NULL && f->x[OSA_SEQ_II] == NULL)
		return def; /* no SEQ line at all */
	if (a == OSA_SEQ_CI ||
	    (a == OSA_SEQ_TI && f->x[OSA_SEQ_SP] == NULL))
		return def;
	if (a == OSA_SEQ_II && !f->p->ie.respond)
		return def;
	return IPID_ODD;
}

/* Linux since 2.4 counts for each peer by itself, where it counts at all. */
static int
is_linux(const struct img_persona *p)
{
	return p->family == FAM_LINUX24 || p->family == FAM_LINUX26 ||
	    p->family == FAM_LINUX;
}

void
fp_ipids(struct fp *f)
{
	struct img_ipid_use *u = f->p->ipid;
	uint16_t value[3] = { 0, 0, 0 };
	int i, separate = fp_is(f, OSA_SEQ_SS, "O");
	uint8_t was = u[TCP].how;

	u[TCP].how = class_of(f, OSA_SEQ_TI, unseen(f, OSA_SEQ_TI,
	    u[TCP].how), &value[TCP]);
	if (f->v[OSA_SEQ_TI] != NULL)
		was = u[TCP].how; /* what the host counts like */
	u[CLOSED].how = class_of(f, OSA_SEQ_CI, unseen(f, OSA_SEQ_CI, was),
	    &value[CLOSED]);
	u[ICMP].how = class_of(f, OSA_SEQ_II, unseen(f, OSA_SEQ_II, was),
	    &value[ICMP]);
	for (i = 0; i < 3; i++) {
		u[i].counter = (uint8_t)i;
		u[i].lo = u[i].hi = 0;
	}
	for (i = CLOSED; i <= ICMP && is_linux(f->p); i++)
		if (u[i].how == IPID_INCR && u[TCP].how == IPID_ZERO)
			u[i].how = IPID_PER_DST;
	if (u[CLOSED].how == u[TCP].how && counts(u[TCP].how))
		u[CLOSED].counter = TCP;
	if (u[ICMP].how == u[TCP].how && counts(u[TCP].how) && !separate)
		u[ICMP].counter = TCP;
	begin(&u[TCP], &whole);
	begin(&u[CLOSED], &middle);
	begin(&u[ICMP], &whole);
	if (counts(u[TCP].how) && counts(u[ICMP].how) &&
	    u[ICMP].counter != TCP) {
		begin(&u[TCP], separate ? &low : &above);
		begin(&u[ICMP], separate ? &high : &below);
	}
	for (i = 0; i < 3; i++) {
		if (u[i].counter != i)
			u[i].lo = u[i].hi = 0; /* not looked at */
		if (u[i].how == IPID_CONST)
			u[i].lo = u[i].hi = value[i];
		else if (u[i].how == IPID_ZERO || u[i].how == IPID_RANDOM)
			u[i].lo = u[i].hi = 0;
	}
}

/* --- timestamps ---------------------------------------------------------- */

/* Does any answer carry the clock? Windows up to 2003 has one that its
 * SYN/ACKs do not show: the segments behind them do. */
static int
stamped(const struct img_persona *p)
{
	int late = p->family == FAM_WIN_OLD || p->family == FAM_WIN_XP;
	unsigned i;

	for (i = 0; i < ANS_MAX; i++)
		if (p->answer[i].respond != RESPOND_NO &&
		    p->answer[i].ts_off != 255 &&
		    (late || p->answer[i].ts_form & TS_VALUE))
			return 1;
	return 0;
}

void
fp_stamps(struct fp *f)
{
	/* of the classes 1..10: in the middle of what nmap takes for one */
	static const uint32_t mhz[] = { 0, 2500, 0, 8600, 16000, 32000, 56000,
		100000, 250000, 500000, 1000000 };
	struct img_persona *p = f->p;
	uint32_t was = p->ts_mhz, n;

	p->ts_mhz = p->ts_const = p->ts_log2 = 0;
	if (!stamped(p))
		return;
	p->ts_mhz = was ? was : 100000;
	if (f->v[OSA_SEQ_TS] == NULL || fp_is(f, OSA_SEQ_TS, "U") ||
	    fp_is(f, OSA_SEQ_TS, "0"))
		return;
	n = fp_hex(f, OSA_SEQ_TS, 0);
	if (n == 2)
		p->ts_const = 1; /* no class: nmap can't print this one */
	else if (n > 10 && n < 20)
		p->ts_mhz = 1000u << n;
	else if (n >= 20 && n <= 34) {
		p->ts_mhz = 1000000;
		p->ts_log2 = (uint8_t)n;
	} else if (n > 0 && n <= 10)
		p->ts_mhz = mhz[n];
}
