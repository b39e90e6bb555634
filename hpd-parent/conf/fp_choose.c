/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the values of a fingerprint's attributes. Each expression gives
 * candidates, the likely ones first; what is chosen is built into a persona
 * and shown to the matcher. An attribute it rejects gets its next candidate,
 * or the trick that helps; where other names match as well, candidates that
 * leave fewer of them are taken.
 */
#include "fp.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define REPAIRS 48 /* rounds of build and match */

int
fp_is(const struct fp *f, enum os_attr a, const char *value)
{
	return f->v[a] != NULL && strcmp(f->v[a], value) == 0;
}

uint32_t
fp_hex(const struct fp *f, enum os_attr a, uint32_t def)
{
	unsigned long v;
	char *end;

	if (f->v[a] == NULL)
		return def;
	v = strtoul(f->v[a], &end, 16);
	return end == f->v[a] || *end != '\0' || v > UINT32_MAX ? def :
	    (uint32_t)v;
}

const char *
fp_text(struct fp *f, const char *fmt, ...)
{
	char *at = f->pool + f->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(at, sizeof(f->pool) - f->used, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(f->pool) - f->used)
		return "";
	f->used += (size_t)n + 1;
	return at;
}

/* --- candidates ---------------------------------------------------------- */

static void
add(struct fp *f, enum os_attr a, struct fp_cands *c, const char *s)
{
	unsigned i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->s[i], s) == 0)
			return;
	if (c->n < FP_CANDS && os_expr_match(f->x[a], strlen(f->x[a]), s))
		c->s[c->n++] = s;
}

static void
add_number(struct fp *f, enum os_attr a, struct fp_cands *c, uint64_t v)
{
	char s[24];
	size_t was = f->used;
	unsigned n = c->n;
	const char *t;

	snprintf(s, sizeof(s), "%llX", (unsigned long long)v);
	t = fp_text(f, "%s", s);
	add(f, a, c, t);
	if (c->n == n)
		f->used = was;
}

/* Points of lo..hi: the middle, then quarters, then the ends. */
static void
add_range(struct fp *f, enum os_attr a, struct fp_cands *c, uint64_t lo,
    uint64_t hi)
{
	uint64_t n = hi - lo, i;

	add_number(f, a, c, lo + n / 2);
	add_number(f, a, c, lo + n / 4);
	add_number(f, a, c, lo + n - n / 4);
	add_number(f, a, c, lo + n / 8);
	add_number(f, a, c, lo + n - n / 8);
	for (i = 0; i <= n && i < 4; i++) {
		add_number(f, a, c, lo + i);
		add_number(f, a, c, hi - i);
	}
}

/* One alternative of n characters. */
static void
add_alternative(struct fp *f, enum os_attr a, struct fp_cands *c,
    const char *s, size_t n)
{
	const char *dash = memchr(s, '-', n);
	uint64_t lo, most = 0xffff;

	if (a == OSA_SEQ_GCD || a == OSA_SEQ_ISR || a == OSA_SEQ_SP)
		most = UINT32_MAX;
	if (dash != NULL)
		add_range(f, a, c, strtoull(s, NULL, 16),
		    strtoull(dash + 1, NULL, 16));
	else if (n > 1 && (*s == '<' || *s == '>')) {
		lo = strtoull(s + 1, NULL, 16);
		if (*s == '<')
			add_range(f, a, c, 0, lo > 0 ? lo - 1 : 0);
		else {
			add_number(f, a, c, lo + 1);
			add_number(f, a, c, (lo + 1) * 2);
			add_range(f, a, c, lo + 1, most > lo ? most : lo + 1);
		}
	} else
		add(f, a, c, fp_text(f, "%.*s", (int)n, s));
}

static int
is_options(enum os_attr a)
{
	return strcmp(os_attr_name(a), "O") == 0 ||
	    (a >= OSA_OPS_O1 && a <= OSA_OPS_O6);
}

/* Does a text of options agree with the timestamp class? */
static int
fits_stamps(const struct fp *f, const char *text)
{
	const char *x = f->x[OSA_SEQ_TS];

	if (x == NULL)
		return 1;
	if (strcmp(x, "U") == 0)
		return strchr(text, 'T') == NULL;
	if (strcmp(x, "0") == 0)
		return strstr(text, "T0") != NULL;
	return strstr(text, "T1") != NULL;
}

/* Options: such as agree with TS first, none last. */
static void
sort_options(const struct fp *f, struct fp_cands *c)
{
	struct fp_cands o = { .n = 0 };
	unsigned i, pass, class;

	for (pass = 0; pass < 3; pass++)
		for (i = 0; i < c->n; i++) {
			class = c->s[i][0] == '\0' ? 2 :
			    fits_stamps(f, c->s[i]) ? 0 : 1;
			if (class == pass)
				o.s[o.n++] = c->s[i];
		}
	*c = o;
}

void
fp_cands(struct fp *f, enum os_attr a, struct fp_cands *c)
{
	const char *s = f->x[a];
	size_t n;

	c->n = 0;
	if (s == NULL)
		return;
	if (strcmp(os_attr_name(a), "R") == 0)
		add(f, a, c, "Y");
	if (a == OSA_T1_F)
		add(f, a, c, "AS");
	if (a == OSA_T1_S)
		add(f, a, c, "O");
	for (;; s += n + 1) {
		n = strcspn(s, "|");
		add_alternative(f, a, c, s, n);
		if (s[n] == '\0')
			break;
	}
	if (is_options(a) && c->n > 1)
		sort_options(f, c);
}

/* --- building and matching ----------------------------------------------- */

void
fp_build(struct fp *f)
{
	fp_answers(f);
	fp_icmp(f);
	fp_ttls(f);
	fp_generic(f);
	fp_ipids(f);
	fp_isn(f);
	fp_stamps(f);
}

/* Values before the matcher has said anything. */
static void
first_values(struct fp *f)
{
	struct fp_cands c;
	unsigned a;

	for (a = 0; a < OSA_MAX; a++) {
		f->x[a] = osdb_expr(f->db, f->entry, a);
		f->v[a] = NULL;
	}
	for (a = 0; a < OSA_MAX; a++) {
		if (a == OSA_SEQ_SP || a == OSA_SEQ_ISR)
			continue; /* the solver's */
		fp_cands(f, a, &c);
		if (a == OSA_SEQ_GCD ? c.n == 1 : c.n > 0)
			f->v[a] = c.s[0];
	}
	f->tricks = FPT_REFUSE;
	if (fp_is(f, OSA_U1_RID, "1042"))
		f->tricks |= FPT_NO_U1;
}

struct attempt {
	struct img_persona before; /* the family's look */
	struct os_obs obs;
	enum os_attr bad;
};

static int
attempt(struct fp *f, struct attempt *t)
{
	*f->p = t->before;
	fp_build(f);
	if (f->isn_failed && !(f->tricks & FPT_ZERO_ISN)) {
		f->tricks |= FPT_ZERO_ISN;
		return attempt(f, t);
	}
	os_predict(f->p, &t->obs);
	return os_match_entry(f->db, f->entry, &t->obs, &t->bad);
}

/* Another value for the attribute that was rejected. 0, or -1: all tried. */
static int
next_value(struct fp *f, enum os_attr a, uint8_t tried[OSA_MAX])
{
	size_t was = f->used;
	struct fp_cands c;

	fp_cands(f, a, &c);
	if (++tried[a] >= c.n) {
		f->used = was;
		return -1;
	}
	f->v[a] = c.s[tried[a]];
	return 0;
}

/* What helps when no value does. 0, or -1: nothing is left. */
static int
next_trick(struct fp *f, enum os_attr bad)
{
	unsigned t = 0;

	if (f->tricks & FPT_REFUSE && bad <= OSA_WIN_W6)
		f->tricks &= ~(unsigned)FPT_REFUSE;
	else if (bad == OSA_SEQ_TS)
		t = FPT_REPEAT;
	else if (bad == OSA_SEQ_SP || bad == OSA_SEQ_ISR || bad == OSA_SEQ_GCD)
		t = fp_is(f, OSA_T1_S, "A") ? FPT_LATE1 : FPT_ZERO_ISN;
	else if (bad == OSA_U1_RID)
		t = FPT_NO_U1;
	else
		return -1;
	if (t != 0 && f->tricks & t)
		return -1;
	f->tricks |= t;
	return 0;
}

/* Values and tricks until the matcher is content. 0 or -1 (t->bad). */
static int
satisfy(struct fp *f, struct attempt *t)
{
	uint8_t tried[OSA_MAX] = { 0 };
	enum os_attr a;
	unsigned i;

	for (i = 0; i < REPAIRS; i++) {
		if (attempt(f, t))
			return 0;
		a = t->bad;
		if (a == OSA_SEQ_SP || a == OSA_SEQ_ISR || a == OSA_SEQ_GCD) {
			if (next_trick(f, a) == -1)
				return -1;
		} else if (next_value(f, a, tried) == -1 &&
		    next_trick(f, a) == -1)
			return -1;
	}
	return -1;
}

/* Fewer other names: each attribute with a choice in turn, while there are
 * others. */
static void
fewer_names(struct fp *f, struct attempt *t)
{
	uint32_t n = os_match_others(f->db, &t->obs, f->entry), m;
	struct img_persona best = *f->p;
	struct fp_cands c;
	const char *was;
	unsigned a, i;
	size_t used;

	for (a = 0; a < OSA_MAX && n > 0; a++) {
		if (f->x[a] == NULL || strpbrk(f->x[a], "|-<>") == NULL)
			continue;
		was = f->v[a];
		used = f->used;
		fp_cands(f, a, &c);
		for (i = 0; i < c.n && n > 0; i++) {
			if (f->v[a] != NULL && strcmp(f->v[a], c.s[i]) == 0)
				continue;
			f->v[a] = c.s[i];
			if (!attempt(f, t))
				continue;
			m = os_match_others(f->db, &t->obs, f->entry);
			if (m < n) {
				n = m;
				best = *f->p;
				was = c.s[i];
			}
		}
		f->v[a] = was;
		if (was == NULL || was < f->pool + used)
			f->used = used;
	}
	*f->p = best;
}

int
fp_compile(struct conf *c, const struct nmapdb *ndb, const struct osdb *db,
    uint32_t entry, struct img_persona *p)
{
	static struct attempt t; /* large, and never two at once */
	static struct fp f;
	struct conf_pos pos = { 0 };

	memset(&f, 0, sizeof(f));
	f.c = c;
	f.db = db;
	f.entry = entry;
	f.p = p;
	t.before = *p;
	first_values(&f);
	if (satisfy(&f, &t) == -1) {
		pos.file = ndb->file;
		pos.line = osdb_line(db, entry, t.bad);
		conf_error(c, pos, "can't be satisfied: %s.%s=%s",
		    os_attr_line(t.bad), os_attr_name(t.bad),
		    conf_show(c, osdb_expr(db, entry, t.bad)));
		return -1;
	}
	fewer_names(&f, &t);
	return 0;
}
