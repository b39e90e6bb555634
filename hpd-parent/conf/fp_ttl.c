/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: initial TTLs of all lines, and what is added to the TTL in quoted
 * headers. nmap measures the distance by the quoted TTL of U1: then it knows
 * initial TTLs exactly (T), else it guesses them (TG).
 */
#include "fp.h"

#include <stdio.h>
#include <string.h>

#include "osseq.h"

#define ADDED_MOST 64

static const struct {
	uint8_t r, t, tg;
} lines[] = {
	{ OSA_T1_R, OSA_T1_T, OSA_T1_TG }, { OSA_ECN_R, OSA_ECN_T, OSA_ECN_TG },
	{ OSA_T2_R, OSA_T2_T, OSA_T2_TG }, { OSA_T3_R, OSA_T3_T, OSA_T3_TG },
	{ OSA_T4_R, OSA_T4_T, OSA_T4_TG }, { OSA_T5_R, OSA_T5_T, OSA_T5_TG },
	{ OSA_T6_R, OSA_T6_T, OSA_T6_TG }, { OSA_T7_R, OSA_T7_T, OSA_T7_TG },
	{ OSA_U1_R, OSA_U1_T, OSA_U1_TG }, { OSA_IE_R, OSA_IE_T, OSA_IE_TG },
};
#define NLINES (sizeof(lines) / sizeof(lines[0]))

static int
accepts(const char *x, unsigned n)
{
	char s[16];

	if (x == NULL)
		return 1;
	snprintf(s, sizeof(s), "%X", n);
	return os_expr_match(x, strlen(x), s);
}

/* A TTL for a line, 0: none. known: nmap knows the distance; then T counts
 * and is the TTL plus added. strict: what does not count agrees as well. */
static unsigned
ttl_of(const struct fp *f, size_t line, unsigned added, int known, int strict,
    unsigned skip)
{
	static const uint8_t usual[] = { 64, 128, 255, 32, 60, 30, 200, 100 };
	const char *t = f->x[lines[line].t], *tg = f->x[lines[line].tg];
	unsigned i, ttl;

	for (i = 0; i < sizeof(usual) + 255; i++) {
		ttl = i < sizeof(usual) ? usual[i] :
		    255 - (unsigned)(i - sizeof(usual));
		if ((known || strict) && !accepts(t, ttl + added))
			continue;
		if ((!known || strict) && !accepts(tg, os_ttl_guess(ttl)))
			continue;
		if (skip-- == 0)
			return ttl;
	}
	return 0;
}

static unsigned
either_way(const struct fp *f, size_t line, unsigned added, int known)
{
	unsigned skip = line == 0 ? f->ttl_skip : 0, ttl;

	ttl = ttl_of(f, line, added, known, 1, skip);
	if (ttl == 0)
		ttl = ttl_of(f, line, added, known, 0, 0);
	return ttl;
}

static int
all_lines(const struct fp *f, unsigned added, int known, uint8_t ttl[NLINES])
{
	size_t i;

	for (i = 0; i < NLINES; i++) {
		ttl[i] = 0;
		if (fp_is(f, lines[i].r, "N") ||
		    (f->x[lines[i].t] == NULL && f->x[lines[i].tg] == NULL))
			continue;
		ttl[i] = (uint8_t)either_way(f, i, added, known);
		if (ttl[i] == 0)
			return 0;
	}
	return 1;
}

static void
use(struct img_persona *p, const uint8_t ttl[NLINES])
{
	unsigned i;

	if (ttl[0] != 0) {
		for (i = ANS_SYN1; i <= ANS_SYN6; i++)
			p->answer[i].ttl = ttl[0];
		for (i = ANS_GEN; i < ANS_MAX; i++)
			p->answer[i].ttl = ttl[0];
		p->ttl = ttl[0];
	}
	for (i = 1; i < 8; i++) /* ECN, T2..T7 */
		if (ttl[i] != 0)
			p->answer[ANS_ECN + i - 1].ttl = ttl[i];
	if (ttl[8] != 0)
		p->u1.ttl = ttl[8];
	if (ttl[9] != 0)
		p->ie.ttl = ttl[9];
}

void
fp_ttls(struct fp *f)
{
	int known = !fp_is(f, OSA_U1_R, "N") && !(f->tricks & FPT_NO_U1);
	uint8_t ttl[NLINES];
	unsigned added;

	f->p->u1.ttl_add = 0;
	for (added = 0; added <= ADDED_MOST; added++)
		if (all_lines(f, added, known, ttl))
			break;
	if (added <= ADDED_MOST) {
		/* the box took so much off before it quoted */
		f->p->u1.ttl_add = (uint8_t)-added;
		use(f->p, ttl);
		return;
	}
	/* No initial TTL is as high as that. With two added the distance
	 * would be negative, and nmap goes back to guesses. */
	f->p->u1.ttl_add = 2;
	all_lines(f, 0, 0, ttl);
	use(f->p, ttl);
}
