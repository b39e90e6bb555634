/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: which entry of today's nmap-os-db a name of another table means.
 * Names are taken apart into words, versions (also ranges) and service packs;
 * rare words weigh more than common ones, the vendor most.
 */
#include "table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/diag.h"

#define TOKENS 24
#define PARTS  4

struct piece {
	char word[24];	     /* letters in front, lower case */
	uint16_t lo[PARTS], hi[PARTS];
	uint8_t nlo, nhi;    /* numbers; 0: a plain word */
	uint8_t any;	     /* "2.6.X" */
};

struct parsed {
	struct piece p[TOKENS];
	unsigned n;
};

static const char *const fillers[] = { "or", "and", "to", "the", "with",
	"running", "version", "for", "on", "based", "kernel", "release",
	"series", "software", "system", "through", "actual", "beta",
	"a", "of", "in", "box", "pre", "os", "sparc", "operating",
	"build", "firmware", "platform", "no", "early", "access", "server" };

static const struct {
	const char *from, *to;
} synonyms[] = { { "pro", "professional" }, { "win", "windows" },
	{ "ms", "microsoft" }, { "me", "millennium" }, { "w2k", "2000" },
	{ "sunos", "solaris" }, { "pixos", "pix" }, { "osx", "os" },
	{ "hpux", "hp-ux" }, { "wks", "workstation" } };

static int
filler(const char *w)
{
	size_t i;

	for (i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
		if (strcmp(w, fillers[i]) == 0)
			return 1;
	return 0;
}

/* Numbers of a version into v[]; "(5)" counts as ".5". Returns behind. */
static const char *
numbers(const char *s, uint16_t *v, uint8_t *n, uint8_t *any)
{
	unsigned x;

	*n = 0;
	for (;;) {
		for (x = 0; isdigit((unsigned char)*s); s++)
			x = x > 6500 ? 65535 : x * 10 + (unsigned)(*s - '0');
		if (*n < PARTS)
			v[(*n)++] = (uint16_t)x;
		if ((*s == '.' || *s == '(') &&
		    isdigit((unsigned char)s[1])) {
			s++;
			continue;
		}
		if (*s == '.' && (s[1] == 'X' || s[1] == 'x')) {
			*any = 1;
			s += 2;
		}
		while (isalnum((unsigned char)*s)) /* "1601R", "11.00b" */
			s++;
		return s;
	}
}

static void
parse_name(const char *s, struct parsed *out)
{
	struct piece *p;
	const char *r;
	size_t n, i;

	out->n = 0;
	while (*s != '\0' && out->n < TOKENS) {
		if (!isalnum((unsigned char)*s)) {
			s++;
			continue;
		}
		p = &out->p[out->n++];
		memset(p, 0, sizeof(*p));
		for (n = 0; isalpha((unsigned char)*s) || (n > 0 &&
			*s == '-' && isalpha((unsigned char)s[1]) &&
			!isalpha((unsigned char)s[2])); s++)
			if (n < sizeof(p->word) - 1)
				p->word[n++] = (char)tolower((unsigned char)*s);
		if (strcmp(p->word, "v") == 0 && isdigit((unsigned char)*s))
			p->word[0] = '\0';
		for (i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
			if (strcmp(p->word, synonyms[i].from) == 0)
				str_copy(p->word, synonyms[i].to,
				    sizeof(p->word));
		if (!isdigit((unsigned char)*s))
			continue;
		s = numbers(s, p->lo, &p->nlo, &p->any);
		memcpy(p->hi, p->lo, sizeof(p->hi));
		p->nhi = p->nlo;
		if (strncmp(s, " - ", 3) != 0)
			continue;
		r = s + 3; /* a range, when the same kind follows */
		n = strlen(p->word);
		for (i = 0; i < n && tolower((unsigned char)r[i]) ==
			p->word[i]; i++)
			;
		if (i == n && isdigit((unsigned char)r[i])) {
			s = numbers(r + i, p->hi, &p->nhi, &p->any);
		}
	}
}

static int
compare(const uint16_t *a, unsigned na, const uint16_t *b, unsigned nb)
{
	unsigned i;

	for (i = 0; i < na && i < nb; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0; /* equal as far as both go */
}

/* How well version e answers q: 0..1. */
static double
version_like(const struct piece *q, const struct piece *e)
{
	unsigned i, same = 0, a, b;
	double d;

	if (compare(q->lo, q->nlo, e->lo, e->nlo) >= 0 &&
	    compare(q->hi, q->nhi, e->hi, e->nhi) <= 0) {
		if (compare(e->lo, e->nlo, e->hi, e->nhi) == 0 && !e->any)
			return q->nlo == e->nlo ? 1.0 : 0.92;
		return 0.9;
	}
	if (q->nlo == 1 && e->nlo == 1) { /* model numbers, "8" and "9" */
		a = q->lo[0];
		b = e->lo[0];
		if (a >= 100 && b >= 100 && a / 100 == b / 100)
			return a / 10 == b / 10 ? 0.7 : 0.5;
		d = a > b ? a - b : b - a;
		return a < 100 && b < 100 && d <= 2 ? 0.3 - 0.1 * d : 0;
	}
	for (i = 0; i < q->nlo && i < e->nlo && q->lo[i] == e->lo[i]; i++)
		same++;
	if (same == 0)
		return 0;
	d = i < q->nlo && i < e->nlo ? abs((int)q->lo[i] - (int)e->lo[i]) : 0;
	return same >= 2 ? 0.8 - 0.01 * (d > 20 ? 20 : d) :
			   0.6 - 0.05 * (d > 8 ? 8 : d);
}

static double
piece_like(const struct piece *q, const struct piece *e)
{
	if (strcmp(q->word, e->word) != 0)
		return 0;
	if (q->nlo == 0 && e->nlo == 0)
		return 1;
	if (q->nlo == 0 || e->nlo == 0)
		return 0;
	if (q->word[0] != '\0') { /* sp1 and sp2 */
		double v = version_like(q, e);

		return v < 0.2 ? 0.2 : v;
	}
	return version_like(q, e);
}

struct word_count {
	char word[24];
	uint32_t n;
};

#define COUNTS 16384

static uint32_t *
count_of(struct word_count *t, const char *w)
{
	uint32_t h = 5381, i;
	const char *s;

	for (s = w; *s != '\0'; s++)
		h = h * 33 + (unsigned char)*s;
	for (i = 0; i < COUNTS; i++, h++) {
		struct word_count *k = &t[h % COUNTS];

		if (k->word[0] == '\0')
			str_copy(k->word, w, sizeof(k->word));
		if (strcmp(k->word, w) == 0)
			return &k->n;
	}
	return &t[0].n; /* full: a wrong weight, nothing worse */
}

/* Base 2 logarithm of x >= 1, linear between powers: near enough here. */
static double
lg2(double x)
{
	double n = 0;

	for (; x >= 2; x /= 2)
		n++;
	return n + x - 1;
}

static double
weight(struct word_count *t, const struct nmapdb *db, const struct piece *p)
{
	double w;

	if (p->nlo > 0 && ((p->lo[0] == 86 && strcmp(p->word, "x") == 0) ||
	    (p->lo[0] == 386 && strcmp(p->word, "i") == 0)))
		return 0.3; /* x86, i386 */
	if (p->nlo > 0)
		return p->word[0] == '\0' ? 5.0 : 2.0;
	if (filler(p->word))
		return 0.3;
	w = lg2((db->n + 1.0) / (*count_of(t, p->word) + 1.0));
	return w < 2 ? 2 : w > 7 ? 7 : w;
}

static uint32_t
score(struct word_count *t, const struct nmapdb *db, const struct parsed *q,
    const struct parsed *e)
{
	double all = 0, got = 0, extra = 0, best, w, v, lead = 0;
	uint8_t used[TOKENS] = { 0 };
	unsigned i, j, at, lead_at = 0;

	for (i = 0; i < q->n; i++) {
		w = weight(t, db, &q->p[i]);
		if (i == 0)
			w *= 1.5; /* the vendor */
		for (best = 0, at = 0, j = 0; j < e->n; j++) {
			v = piece_like(&q->p[i], &e->p[j]);
			if (v > best) {
				best = v;
				at = j;
			}
		}
		if (best > 0)
			used[at] = 1;
		if (i == 0) {
			lead = best;
			lead_at = at;
		}
		all += w;
		got += w * best;
	}
	for (j = 0; j < e->n; j++)
		if (!used[j])
			extra += weight(t, db, &e->p[j]) *
			    (e->p[j].nlo > 0 ? 0.4 : 1);
	if (all < 1)
		return 0; /* nothing but filling words */
	v = got / (all + 0.15 * extra);
	if (lead == 0)
		v *= 0.7;
	else if (lead_at > 1) /* "Dell NAS device (NetBSD 1.6)" for NetBSD */
		v *= 0.9;
	return (uint32_t)(v * 1000);
}

/* "Linux 6.1" when the table ends before: the newest entry of just that system
 * ("Linux 4.15 - 5.6"). IMG_NONE: not asked for, or there is an older one. */
static uint32_t
newest(const struct nmapdb *db, const struct parsed *q,
    const struct parsed *all)
{
	const struct piece *v, *top = NULL;
	uint32_t i, j, found = IMG_NONE;

	if (q->n != 2 || q->p[0].nlo > 0 || q->p[1].nlo == 0 ||
	    q->p[1].word[0] != '\0')
		return IMG_NONE;
	for (i = 0; i < db->n; i++) {
		if (strcmp(all[i].p[0].word, q->p[0].word) != 0)
			continue;
		for (j = 1; j < all[i].n; j++) {
			v = &all[i].p[j];
			if (v->nlo == 0 && strcmp(v->word, "release") == 0)
				continue; /* "12.0-RELEASE - 13.0-CURRENT" */
			if (v->nlo < 2 || v->word[0] != '\0' ||
			    (j > 1 && all[i].p[j - 1].nlo > 0))
				break;
			if (compare(q->p[1].lo, q->p[1].nlo, v->hi,
			    v->nhi) <= 0)
				return IMG_NONE;
			if (top != NULL && compare(v->hi, v->nhi, top->hi,
			    top->nhi) <= 0)
				continue;
			top = v;
			found = i;
		}
	}
	return found;
}

unsigned
nmapdb_near(const struct nmapdb *db, const char *name, struct nmap_near *out,
    unsigned max)
{
	struct word_count *t = calloc(COUNTS, sizeof(*t));
	struct parsed *all = calloc(db->n + 1, sizeof(*all));
	struct parsed q;
	unsigned n = 0, k;
	uint32_t i, j, s;

	if (t == NULL || all == NULL)
		fatalx("out of memory");
	for (i = 0; i < db->n; i++) {
		parse_name(db->e[i].name, &all[i]);
		for (j = 0; j < all[i].n; j++)
			if (all[i].p[j].nlo == 0)
				++*count_of(t, all[i].p[j].word);
	}
	parse_name(name, &q);
	i = newest(db, &q, all);
	if (i != IMG_NONE && max > 0) {
		out[0].entry = i;
		out[0].score = 900;
		n = 1;
	}
	for (i = 0; i < db->n; i++) {
		if (db->e[i].k != 1)
			continue; /* the first of its name stands for all */
		s = score(t, db, &q, &all[i]);
		if (s == 0 || (n == max && s <= out[n - 1].score))
			continue;
		if (n < max)
			n++;
		for (k = n - 1; k > 0 && out[k - 1].score < s; k--)
			out[k] = out[k - 1];
		out[k].entry = i;
		out[k].score = s;
	}
	free(t);
	free(all);
	return n;
}
