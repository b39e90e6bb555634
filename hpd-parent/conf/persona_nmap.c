/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: an nmap-os-db entry to a persona: the first value each expression
 * accepts, laid over the family's defaults. An attribute the entry does not
 * have stays the family's. What cannot be understood is an error at the
 * table's own line. A finer fingerprint engine takes this file's place later.
 */
#include "nmap_attr.h"
#include "persona_habit.h"

#include <stdlib.h>
#include <string.h>

/* The initial TTL: one of the usual ones in T's range, TG else. */
static void
pick_ttl(struct nmap_reader *r, uint8_t *ttl)
{
	static const uint8_t usual[] = { 64, 128, 255, 32, 60, 30 };
	uint64_t lo, hi, tg;
	char s[256];
	size_t i;

	if (nmap_pick(r, "T", s) == 0 && nmap_range(s, &lo, &hi) == 0) {
		for (i = 0; i < sizeof(usual); i++)
			if (usual[i] >= lo && usual[i] <= hi) {
				*ttl = usual[i];
				return;
			}
		if (lo <= 255 && hi > 0) {
			*ttl = (uint8_t)(hi > 255 ? 255 : hi);
			return;
		}
	}
	if (nmap_number(r, "TG", &tg) == 0 && tg > 0 && tg <= 255)
		*ttl = (uint8_t)tg;
}

/* Y or N; others keep the default. */
static void
pick_yes(struct nmap_reader *r, const char *key, uint8_t *v)
{
	char s[256];

	if (nmap_pick(r, key, s) == 0 && (s[0] == 'Y' || s[0] == 'N'))
		*v = s[0] == 'Y';
}

static int
silent(struct nmap_reader *r)
{
	char s[256];

	return nmap_pick(r, "R", s) == 0 && s[0] == 'N';
}

/* "M5B4ST11NW7" to the order of options, MSS, scale and timestamps. */
static void
read_options(struct nmap_reader *r, struct img_persona *p)
{
	char s[256], *q = s, *end;
	unsigned long v;
	size_t n = 0;

	if (nmap_pick(r, "O1", s) == -1)
		return;
	memset(p->synack_opts, 0, sizeof(p->synack_opts));
	p->wscale = 255;
	int stamps = 0;

	while (*q != '\0' && n < sizeof(p->synack_opts) - 1) {
		switch (*q++) {
		case 'M':
			v = strtoul(q, &end, 16);
			p->mss = v == 1460 ? 0 : (uint16_t)v;
			q = end;
			p->synack_opts[n++] = OPTL_MSS;
			break;
		case 'W': /* one or two digits: a shift is at most E */
			v = strtoul(q, &end, 16);
			p->wscale = v > 14 ? 14 : (uint8_t)v;
			q = end;
			p->synack_opts[n++] = OPTL_WS;
			break;
		case 'T':
			stamps = 1;
			q += strspn(q, "01");
			p->synack_opts[n++] = OPTL_TS;
			break;
		case 'S':
			p->synack_opts[n++] = OPTL_SACK;
			break;
		case 'N':
			p->synack_opts[n++] = OPTL_NOP;
			break;
		case 'L':
			p->synack_opts[n++] = OPTL_EOL;
			break;
		default:
			nmap_bad(r, "O1", s);
			return;
		}
	}
	if (!stamps)
		p->ts_mhz = 0;
	else if (p->ts_mhz == 0)
		p->ts_mhz = 1000; /* SEQ may say better */
}

static int
ipid_class(struct nmap_reader *r, const char *key, uint8_t *out)
{
	static const struct {
		const char *s;
		enum img_ipid id;
	} rows[] = { { "Z", IPID_ZERO }, { "I", IPID_INCR },
		{ "BI", IPID_BROKEN }, { "RI", IPID_RANDINC },
		{ "RD", IPID_RANDOM } };
	char s[256];
	size_t i;

	if (nmap_pick(r, key, s) == -1 || s[0] == '\0')
		return -1;
	for (i = 0; i < 5; i++)
		if (strcmp(s, rows[i].s) == 0) {
			*out = (uint8_t)rows[i].id;
			return 0;
		}
	if (strspn(s, "0123456789ABCDEF") == strlen(s)) {
		*out = IPID_CONST;
		return 0;
	}
	nmap_bad(r, key, s);
	return -1;
}

/* 2^(v/8): nmap's ISR is eight times the logarithm of the mean rate. */
static uint32_t
rate_of(uint64_t isr)
{
	static const uint32_t eighth[] = { 1000, 1091, 1189, 1297, 1414, 1542,
		1682, 1834 }; /* 1000 x 2^(i/8) */
	uint64_t v;

	if (isr > 0xff)
		isr = 0xff;
	v = (1ULL << (isr / 8)) * eighth[isr % 8] / 1000;
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static void
read_isn(struct nmap_reader *r, struct img_persona *p)
{
	uint64_t gcd, isr;

	if (nmap_number(r, "GCD", &gcd) == -1 ||
	    nmap_number(r, "ISR", &isr) == -1)
		return;
	p->isn_gcd = gcd > 9 && gcd <= UINT32_MAX ? (uint32_t)gcd : 1;
	p->isn_rate = rate_of(isr);
	if (gcd == 0)
		p->isn = ISN_CONST;
	else if (gcd == 64000)
		p->isn = ISN_64K;
	else if (gcd > 9)
		p->isn = ISN_TIME;
	else if (isr >= 0xf0)
		p->isn = ISN_RFC6528;
	else
		p->isn = ISN_RANDINC;
}

static void
read_stamps(struct nmap_reader *r, struct img_persona *p)
{
	static const uint32_t mhz[] = { 1, 2500, 1000, 8600, 16000, 32000,
		56000, 100000, 250000, 500000, 1000000 };
	uint64_t ts;
	char s[256];

	if (p->ts_mhz == 0 || nmap_pick(r, "TS", s) == -1 || s[0] == 'U' ||
	    s[0] == '\0')
		return;
	if (nmap_number(r, "TS", &ts) == -1)
		return;
	if (ts <= 10)
		p->ts_mhz = mhz[ts];
	else
		p->ts_mhz = ts < 22 ? 1000u << ts : UINT32_MAX;
}

static void
read_seq(struct nmap_reader *r, struct img_persona *p)
{
	char s[256];
	int ti, ii;

	if (nmap_line(r, "SEQ") == -1 || silent(r))
		return;
	ti = ipid_class(r, "TI", &p->ipid_tcp);
	if (ipid_class(r, "CI", &p->ipid_rst) == -1 && ti == 0)
		p->ipid_rst = p->ipid_tcp;
	ii = ipid_class(r, "II", &p->ipid_icmp);
	if (ii == -1 && ti == 0)
		p->ipid_icmp = p->ipid_tcp;
	p->ipid_shared = nmap_pick(r, "SS", s) == 0 ? s[0] == 'S' :
	    p->ipid_tcp == p->ipid_icmp && p->ipid_tcp == IPID_INCR;
	read_isn(r, p);
	read_stamps(r, p);
}

static void
read_reply(struct nmap_reader *r, const char *name, struct img_persona *p,
    int id)
{
	struct img_reply *y = &p->reply[id];
	static const char letters[] = "FSRPAUE"; /* from bit 0 up */
	uint64_t w;
	char s[256];
	const char *q, *l;

	if (nmap_line(r, name) == -1)
		return;
	y->ttl = p->ttl;
	if (silent(r)) {
		y->respond = 0;
		return;
	}
	y->respond = 1;
	pick_yes(r, "DF", &y->df);
	pick_ttl(r, &y->ttl);
	if (nmap_number(r, "W", &w) == 0)
		y->window = (uint16_t)w;
	if (nmap_pick(r, "S", s) == 0) {
		if (s[0] == '\0' || strchr("ZAO", s[0]) == NULL)
			nmap_bad(r, "S", s);
		else
			y->seq = s[0] == 'Z' ? 0 : s[0] == 'O' ? 3 :
			    s[1] == '+' ? 2 : 1;
	}
	if (nmap_pick(r, "A", s) == 0) {
		if (s[0] == '\0' || strchr("ZSO", s[0]) == NULL)
			nmap_bad(r, "A", s);
		else
			y->ack = s[0] == 'Z' ? 0 : s[0] == 'O' ? 3 :
			    s[1] == '+' ? 2 : 1;
	}
	if (nmap_pick(r, "F", s) == 0) {
		for (y->flags = 0, q = s; *q != '\0'; q++) {
			l = strchr(letters, *q);
			if (l == NULL) {
				nmap_bad(r, "F", s);
				return;
			}
			y->flags |= (uint8_t)(1 << (l - letters));
		}
	}
}

static void
read_icmp(struct nmap_reader *r, struct img_persona *p)
{
	uint64_t ipl;
	char s[256];

	if (nmap_line(r, "U1") == 0 && !silent(r)) {
		pick_yes(r, "DF", &p->df_unreach);
		pick_ttl(r, &p->ttl_unreach);
		if (nmap_number(r, "IPL", &ipl) == 0 && ipl >= 56)
			p->quote_len = ipl >= 0x164 ? 548 :
						      (uint16_t)(ipl - 28);
	}
	if (nmap_line(r, "IE") == 0 && !silent(r)) {
		if (nmap_pick(r, "DFI", s) == 0)
			p->df_icmp = s[0] == 'Y';
		pick_ttl(r, &p->ttl_icmp);
		if (nmap_pick(r, "CD", s) == 0)
			p->echo_code = s[0] == 'S' || s[0] == 'O';
	}
}

int
persona_from_nmap(struct conf *c, const struct nmapdb *db, uint32_t entry,
    struct img_persona *p)
{
	static const char *const tests[REPLY_MAX] = { "T2", "T3", "T4", "T5",
		"T6", "T7" };
	struct nmap_reader r = { .c = c, .db = db, .e = &db->e[entry] };
	uint64_t w;
	char s[256];
	int i;

	persona_family_defaults(p, persona_family_of(r.e));
	persona_habits_of(p, r.e);
	p->line = r.e->line;
	if (nmap_line(&r, "T1") == 0 && !silent(&r)) {
		pick_yes(&r, "DF", &p->df_tcp);
		pick_ttl(&r, &p->ttl);
	}
	if (nmap_line(&r, "OPS") == 0 && !silent(&r))
		read_options(&r, p);
	if (nmap_line(&r, "WIN") == 0 && !silent(&r) &&
	    nmap_number(&r, "W1", &w) == 0)
		p->window = (uint16_t)w;
	read_seq(&r, p);
	if (nmap_line(&r, "ECN") == 0 && !silent(&r) &&
	    nmap_pick(&r, "CC", s) == 0)
		p->ecn = s[0] == 'Y' || s[0] == 'S';
	if (nmap_line(&r, "T5") == 0 && !silent(&r))
		pick_yes(&r, "DF", &p->df_rst);
	for (i = 0; i < REPLY_MAX; i++)
		read_reply(&r, tests[i], p, i);
	read_icmp(&r, p);
	persona_icmp_fields(p);
	return r.bad ? -1 : 0;
}
