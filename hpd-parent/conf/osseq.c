/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: nmap's arithmetic over a host's sequence numbers, IP IDs and
 * timestamps. Pure; the same for predicted answers and for received ones.
 */
#include "osseq.h"

#include <math.h>
#include <string.h>

#define TH_RST 0x04
#define TH_SA  0x12 /* SYN and ACK */

static uint32_t
gcd32(uint32_t a, uint32_t b)
{
	uint32_t t;

	for (; b != 0; b = t) {
		t = a % b;
		a = b;
	}
	return a;
}

/* Distance of two numbers on the circle. */
static uint32_t
apart(uint32_t a, uint32_t b)
{
	return a - b < b - a ? a - b : b - a;
}

/* SP, GCD, ISR; n answers with a number. */
static void
isn_attrs(struct os_obs *o, const struct os_syn *const s[], unsigned n,
    const double sec[])
{
	double rate[OS_SYNS], mean = 0, dev = 0, x;
	uint32_t gcd = 0, by, d;
	unsigned i, isr = 0, sp = 0;

	if (n < 4)
		return;
	for (i = 1; i < n; i++) {
		d = apart(s[i]->isn, s[i - 1]->isn);
		gcd = gcd32(gcd, d);
		rate[i] = d / sec[i];
		mean += rate[i] / (n - 1);
	}
	if (gcd != 0) {
		isr = (unsigned)(8 * log2(mean) + 0.5);
		by = gcd > 9 ? gcd : 1;
		for (i = 1; i < n; i++) {
			x = (rate[i] - mean) / by;
			dev += x * x;
		}
		dev = sqrt(dev / (n - 2));
		if (dev > 1)
			sp = (unsigned)(8 * log2(dev) + 0.5);
	}
	os_obs_set(o, OSA_SEQ_SP, "%X", sp);
	os_obs_set(o, OSA_SEQ_GCD, "%X", gcd);
	os_obs_set(o, OSA_SEQ_ISR, "%X", isr);
}

/* TS, of n answers with a number; how: '\0' all have a clock, else what the
 * last one without said. */
static void
ts_attr(struct os_obs *o, const struct os_syn *const s[], unsigned n,
    const double sec[], char how)
{
	double hz = 0;
	unsigned i;

	if (how != '\0') {
		os_obs_set(o, OSA_SEQ_TS, "%c", how);
		return;
	}
	for (i = 1; i < n; i++)
		hz += apart(s[i]->tsval, s[i - 1]->tsval) / sec[i] / (n - 1);
	if (!(hz > 0))
		return;
	if (hz <= 5.66)
		i = 1;
	else if (hz > 70 && hz <= 150)
		i = 7;
	else if (hz > 150 && hz <= 350)
		i = 8;
	else
		i = (unsigned)(log2(hz) + 0.5);
	os_obs_set(o, OSA_SEQ_TS, "%X", i);
}

enum { CLASS_NONE = 0, CLASS_OTHER, CLASS_COUNTS }; /* counts: I, BI, RI */

/* TI, CI, II. CLASS_COUNTS: it takes part in SS. */
static int
id_attr(struct os_obs *o, enum os_attr a, const uint16_t *id, unsigned n,
    unsigned least)
{
	int zero = 1, same = 1, broken = 1, even = 1, small = 1, jumps = 0;
	uint32_t d;
	unsigned i;

	if (n < least)
		return CLASS_NONE;
	for (i = 1; i < n; i++) {
		d = (uint32_t)id[i] - id[i - 1]; /* one back: very large */
		if (n > 2 && d > 20000) {
			os_obs_set(o, a, "RD");
			return CLASS_OTHER;
		}
		zero &= id[i] == 0 && id[i - 1] == 0;
		same &= d == 0;
		jumps |= d > 1000 && (d % 256 != 0 || d >= 25600);
		broken &= d % 256 == 0 && d <= 5120;
		even &= d % 2 == 0;
		small &= d < 10;
	}
	if (zero)
		os_obs_set(o, a, "Z");
	else if (same)
		os_obs_set(o, a, "%X", id[0]);
	else if (jumps)
		os_obs_set(o, a, "RI");
	else if (broken)
		os_obs_set(o, a, "BI");
	else if (even || small)
		os_obs_set(o, a, "I");
	else
		return CLASS_OTHER;
	return zero || same || (!jumps && !broken && even) ? CLASS_OTHER :
							    CLASS_COUNTS;
}

void
os_seq_line(struct os_obs *o, const struct os_samples *m)
{
	const struct os_syn *s[OS_SYNS], *p;
	unsigned i, n = 0, nid = 0;
	uint16_t id[OS_SYNS], last = 0;
	double sec[OS_SYNS];
	int tcp, icmp, known = 0, avg;
	char how = '\0';

	for (i = 0; i < OS_SYNS; i++) {
		p = &m->syn[i];
		if (!p->came || (last != 0 && p->id == last))
			continue; /* taken for the last one come twice */
		last = p->id;
		if ((p->flags & (TH_SA | TH_RST)) != TH_SA)
			continue;
		id[nid++] = p->id;
		if (!p->has_ts)
			how = 'U';
		else if (p->tsval == 0)
			how = '0';
		known = 1;
		if (p->isn == 0)
			continue; /* no answer, to nmap */
		if (n > 0)
			sec[n] = p->sent_us == s[n - 1]->sent_us ? 1e-6 :
			    (double)(p->sent_us - s[n - 1]->sent_us) / 1e6;
		s[n++] = p;
	}
	isn_attrs(o, s, n, sec);
	tcp = id_attr(o, OSA_SEQ_TI, id, nid, 3);
	(void)id_attr(o, OSA_SEQ_CI, m->closed, m->nclosed, 2);
	icmp = id_attr(o, OSA_SEQ_II, m->icmp, m->nicmp, 2);
	if (tcp == CLASS_COUNTS && icmp == CLASS_COUNTS) {
		avg = (id[nid - 1] - id[0]) / (int)(nid - 1);
		os_obs_set(o, OSA_SEQ_SS, "%s",
		    m->icmp[0] < id[nid - 1] + 3 * avg ? "S" : "O");
	}
	if (known && (how != '\0' || n >= 2))
		ts_attr(o, s, n, sec, how);
}
