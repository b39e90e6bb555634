/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: overrides in the language: `set TEMPLATE ttl 63` and its like,
 * honeyd's `annotate`, and how they are printed. What a value does to a
 * persona is not known here.
 */
#include "parse.h"

#include <ctype.h>
#include <string.h>

#include "over.h"

static const char *const names[OVER_MAX] = { CONF_OVER_WORDS };
static const char *const yes_no[] = { "no", "yes", "off", "on" };
static const char *const ipids[] = { /* enum img_ipid */
	"zero", "incremental", "broken", "randominc", "random", "constant",
	"per-destination" };
static const char *const isns[] = { /* enum conf_over_isn */
	"random", "constant", "time", "64k" };
/* img_persona.frag_policy; two of honeyd's names at the end */
static const char *const fragments[] = { "first", "last", "bsd", "linux",
	"windows", "drop", "old", "new" };
#define FRAGMENT_OLD 6 /* first */
#define FRAGMENT_NEW 7 /* last */

/* What one property takes: words (the index is the value), a number, or a word
 * for a number of its own. */
static const struct over_kind {
	const char *const *words;
	uint8_t nwords;
	const char *expect;
	uint32_t min, max; /* max 0: no number */
	const char *word;  /* stands for: */
	uint32_t word_value;
} kinds[OVER_MAX] = {
	[OVER_TTL] = { .expect = "1-255", .min = 1, .max = 255 },
	[OVER_WINDOW] = { .expect = "1-65535", .min = 1, .max = 65535 },
	[OVER_MSS] = { .expect = "64-65495", .min = 64, .max = 65495 },
	[OVER_WSCALE] = { .expect = "0-14 or off", .max = 14, .word = "off",
	    .word_value = OVER_OFF },
	[OVER_SACK] = { yes_no, 4, "yes or no", 0, 0, NULL, 0 },
	[OVER_ECN] = { yes_no, 4, "yes or no", 0, 0, NULL, 0 },
	[OVER_TSRATE] = { .expect = "a rate in hertz (at most three decimals) or off",
	    .word = "off", .word_value = 0 },
	[OVER_DF] = { yes_no, 4, "yes or no", 0, 0, NULL, 0 },
	[OVER_IPID] = { ipids, 7, "zero, incremental, broken, randominc, "
	    "random, per-destination or constant", 0, 0, NULL, 0 },
	[OVER_ISN] = { isns, 4, "random, constant, time or 64k", 0, 0, NULL,
	    0 },
	[OVER_FINSCAN] = { yes_no, 4, "yes or no", 0, 0, NULL, 0 },
	[OVER_FRAGMENT] = { fragments, 8, "first, last, bsd, linux, windows "
	    "or drop", 0, 0, NULL, 0 },
	[OVER_ICMPRATE] = { .expect = "1-65535 or off", .min = 1,
	    .max = 65535, .word = "off", .word_value = 0 },
	[OVER_SKEW] = { .expect = "-1000 to 1000 parts per million (at most "
	    "three decimals)" },
};

/* A decimal number with at most three places, in thousandths. -1: none, -2:
 * above a million. */
static int
millis(const char *s, uint32_t *v)
{
	uint32_t whole = 0, part = 0, unit = 1000;
	const char *start = s;

	for (; isdigit((unsigned char)*s) && whole <= 1000000; s++)
		whole = whole * 10 + (uint32_t)(*s - '0');
	if (s == start)
		return -1;
	if (*s == '.' && isdigit((unsigned char)s[1]))
		for (s++; isdigit((unsigned char)*s) && unit > 1; s++) {
			unit /= 10;
			part += unit * (uint32_t)(*s - '0');
		}
	if (*s != '\0')
		return isdigit((unsigned char)*s) && unit == 1000 ? -2 : -1;
	*v = whole * 1000 + part;
	return whole > 1000000 || *v > 1000000000 ? -2 : 0;
}

static int
rate(const char *s, uint32_t *v)
{
	int r = millis(s, v);

	return r == 0 && *v < 100 ? -2 : r;
}

static int
skew(const char *s, uint32_t *v)
{
	int32_t sign = *s == '-' ? -1 : 1;
	int r = millis(s + (*s == '-' || *s == '+'), v);

	if (r == 0 && *v > 1000000)
		return -2;
	*v = (uint32_t)(sign * (int32_t)*v);
	return r;
}

/* Digits only. -1 no number, -2 too large. */
static int
digits(const char *s, uint64_t *v)
{
	if (*s == '\0' || strspn(s, "0123456789") != strlen(s))
		return -1;
	for (*v = 0; *s != '\0'; s++) {
		if (*v > UINT32_MAX)
			return -2;
		*v = *v * 10 + (uint64_t)(*s - '0');
	}
	return 0;
}

/* The words a property takes, `default` too. */
static size_t
words_of(const struct over_kind *k, const char *out[10])
{
	size_t n;

	for (n = 0; n < k->nwords; n++)
		out[n] = k->words[n];
	if (k->word != NULL)
		out[n++] = k->word;
	out[n++] = "default";
	return n;
}

enum { VALUE, UNSET, WRONG };

static int
value_of(struct conf *c, enum conf_over_id id, const struct tok *t,
    uint32_t *v)
{
	const struct over_kind *k = &kinds[id];
	const char *words[10];
	uint64_t n = 0;
	size_t i;
	int r = -1;

	if (strcmp(t->text, "default") == 0)
		return UNSET;
	for (i = 0; i < k->nwords; i++)
		if (strcmp(t->text, k->words[i]) == 0) {
			*v = (uint32_t)i;
			return VALUE;
		}
	if (k->word != NULL && strcmp(t->text, k->word) == 0) {
		*v = k->word_value;
		return VALUE;
	}
	if (id == OVER_TSRATE)
		r = rate(t->text, v);
	else if (id == OVER_SKEW)
		r = skew(t->text, v);
	else if (k->max > 0) {
		r = digits(t->text, &n);
		if (r == 0 && (n < k->min || n > k->max))
			r = -2;
		*v = (uint32_t)n;
	}
	if (r == 0)
		return VALUE;
	if (r == -2)
		conf_error(c, t->pos, "set %s: %s is out of range (%s)",
		    names[id], conf_show(c, t->text), id == OVER_TSRATE ?
		    "0.1-1000000, or off" : id == OVER_SKEW ?
		    "-1000 to 1000" : k->expect);
	else
		conf_error(c, t->pos, "set %s: %s%s expected, not '%s'%s",
		    names[id], isdigit((unsigned char)*k->expect) ?
		    "a number " : "", k->expect, conf_show(c, t->text),
		    conf_did_you_mean(c, t->text, words,
			words_of(k, words)));
	return WRONG;
}

int
parse_over(struct conf *c, uint32_t tmpl, enum conf_over_id id)
{
	char what[32];
	struct conf_over *o;
	struct tok t;
	uint32_t v = 0, number = 0;
	int r;

	snprintf(what, sizeof(what), "set %s: a value", names[id]);
	if (want(c, what, &t) == -1)
		return -1;
	r = value_of(c, id, &t, &v);
	if (r == WRONG)
		return 0; /* said; the statement is complete */
	if (r == VALUE && id == OVER_IPID && v == IPID_CONST &&
	    want_u32(c, "set ipid constant", 0, 65535, &number) == -1)
		return -1;
	if (r == VALUE && id == OVER_ISN && v == OVER_ISN_CONST &&
	    want_u32(c, "set isn constant", 1, UINT32_MAX, &number) == -1)
		return -1;
	if (kinds[id].words == yes_no)
		v &= 1;
	if (id == OVER_FRAGMENT && v >= FRAGMENT_OLD)
		v -= FRAGMENT_OLD;
	o = &c->tmpls[tmpl].over;
	o->noted &= ~OVER_BIT(id);
	o->set |= OVER_BIT(id);
	o->v[id] = v;
	if (id == OVER_IPID)
		o->ipid_value = (uint16_t)number;
	if (id == OVER_ISN)
		o->isn_value = number;
	if (r == UNSET) {
		o->set &= ~OVER_BIT(id);
		o->v[id] = 0;
	} else
		c->tmpls[tmpl].over_pos = t.pos;
	return 0;
}

static void
print_value(const struct conf_over *o, int id, FILE *f)
{
	const struct over_kind *k = &kinds[id];
	uint32_t v = o->v[id];

	if (k->word != NULL && v == k->word_value)
		fprintf(f, "%s", k->word);
	else if (k->nwords > 0)
		fprintf(f, "%s", k->words[v]);
	else if (id == OVER_TSRATE || id == OVER_SKEW) {
		if (id == OVER_SKEW && (int32_t)v < 0) {
			fputc('-', f);
			v = -v;
		}
		fprintf(f, "%u", v / 1000);
		if (v % 1000 != 0)
			fprintf(f, v % 100 != 0 ? ".%03u" : ".%u",
			    v % 100 != 0 ? v % 1000 : v % 1000 / 100);
	} else
		fprintf(f, "%u", v);
	if (id == OVER_IPID && v == IPID_CONST)
		fprintf(f, " %u", o->ipid_value);
	if (id == OVER_ISN && v == OVER_ISN_CONST)
		fprintf(f, " %u", o->isn_value);
}

void
over_print(const struct conf_tmpl *t,
    void (*set)(const struct conf_tmpl *, FILE *), FILE *f)
{
	int id;

	for (id = 0; id < OVER_MAX; id++) {
		if (!(t->over.set & OVER_BIT(id)))
			continue;
		set(t, f);
		fprintf(f, "%s ", names[id]);
		print_value(&t->over, id, f);
		fputc('\n', f);
	}
}

/* --- honeyd's annotate -------------------------------------------------- */

static struct conf_annotation *
annotation(struct conf *c, uint32_t persona)
{
	struct conf_annotation *n;
	uint32_t i;

	for (i = 0; i < c->nannotations; i++)
		if (c->annotations[i].persona == persona)
			return &c->annotations[i];
	c->annotations = conf_grow(c->annotations, c->nannotations,
	    &c->cannotations, sizeof(*c->annotations));
	n = &c->annotations[c->nannotations++];
	memset(n, 0, sizeof(*n));
	n->persona = persona;
	return n;
}

/* Templates made before keep what they have, as in honeyd: say so. */
static void
annotated_late(struct conf *c, uint32_t persona, struct conf_pos pos)
{
	const struct conf_tmpl *t;
	uint32_t i;

	for (i = 0; i < c->ntmpls; i++) {
		t = &c->tmpls[i];
		if (t->deleted || t->persona != persona)
			continue;
		conf_warn(c, pos, "annotate comes too late for template '%s', "
		    "which has this personality already: write it before",
		    conf_show(c, t->name));
		return;
	}
}

/* annotate "PERS" [no] finscan | fragment drop|old|new */
int
parse_annotate(struct conf *c)
{
	static const char *const words[] = { "no", "finscan", "fragment" };
	static const char *const finscan[] = { "finscan" };
	static const char *const policy[] = { "drop", "old", "new" };
	static const uint8_t policies[] = { 5, 0, 1 };
	struct conf_annotation *n;
	struct tok t;
	uint32_t persona = IMG_NONE, v;
	enum conf_over_id id = OVER_FINSCAN;
	int i;

	if (want_string(c, "annotate: a \"PERSONALITY\"", &t) == -1)
		return -1;
	i = want_word(c, "annotate: finscan or fragment", words, 3);
	if (i == -1 ||
	    (i == 0 && want_word(c, "annotate no: finscan", finscan, 1) == -1))
		return -1;
	v = i == 1;
	if (i == 2) {
		id = OVER_FRAGMENT;
		i = want_word(c, "fragment: drop, old or new", policy, 3);
		if (i == -1)
			return -1;
		v = policies[i];
	}
	if (strcmp(t.text, "random") == 0)
		conf_error(c, t.pos, "annotate: the name of one personality "
		    "expected, not 'random'");
	else
		persona = conf_persona(c, t.text, "", t.pos);
	if (persona == IMG_NONE)
		return 0; /* said */
	annotated_late(c, persona, t.pos);
	n = annotation(c, persona);
	n->set |= OVER_BIT(id);
	n->v[id] = v;
	return 0;
}

void
over_annotated(struct conf *c, uint32_t tmpl)
{
	struct conf_tmpl *t = &c->tmpls[tmpl];
	struct conf_over *o = &t->over;
	const struct conf_annotation *n = NULL;
	uint32_t i, take;
	int id;

	o->set &= ~o->noted;
	for (id = 0; id < OVER_MAX; id++)
		if (o->noted & OVER_BIT(id))
			o->v[id] = 0;
	o->noted = 0;
	for (i = 0; i < c->nannotations; i++)
		if (c->annotations[i].persona == t->persona)
			n = &c->annotations[i];
	if (n == NULL)
		return;
	take = n->set & ~o->set;
	for (id = 0; id < OVER_MAX; id++)
		if (take & OVER_BIT(id))
			o->v[id] = n->v[id];
	o->set |= take;
	o->noted = take;
	t->over_pos = t->pos;
}
