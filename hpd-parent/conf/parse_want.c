/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the pieces statements are made of. Each takes its tokens or gives
 * one message at the line where the piece should have been.
 */
#include "parse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

int
want(struct conf *c, const char *what, struct tok *t)
{
	if (peek_end(c)) {
		conf_error(c, c->lex.last, "%s is missing", what);
		return -1;
	}
	*t = lex_next(c);
	return 0;
}

int
want_word(struct conf *c, const char *what, const char *const *words,
    size_t n)
{
	struct tok t;
	size_t i;

	if (want(c, what, &t) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (words[i] != NULL && t.kind == TOK_WORD &&
		    strcmp(t.text, words[i]) == 0)
			return (int)i;
	conf_error(c, t.pos, "%s expected, not '%s'%s", what,
	    conf_show(c, t.text), conf_did_you_mean(c, t.text, words, n));
	return -1;
}

/* Decimal digits only; -2 when above UINT64_MAX. */
static int
number(const char *s, uint64_t *v)
{
	if (*s == '\0')
		return -1;
	for (*v = 0; *s != '\0'; s++) {
		if (!isdigit((unsigned char)*s))
			return -1;
		if (*v > (UINT64_MAX - 9) / 10)
			return -2;
		*v = *v * 10 + (uint64_t)(*s - '0');
	}
	return 0;
}

int
want_u64(struct conf *c, const char *what, uint64_t min, uint64_t max,
    uint64_t *v)
{
	struct tok t;
	int r;

	if (peek_end(c)) {
		conf_error(c, c->lex.last, "%s: a number is missing", what);
		return -1;
	}
	t = lex_next(c);
	r = number(t.text, v);
	if (r == -1) {
		conf_error(c, t.pos, "%s: '%s' is not a number", what,
		    conf_show(c, t.text));
		return -1;
	}
	if (r == -2 || *v < min || *v > max) {
		conf_error(c, t.pos, "%s: %s is out of range (%llu-%llu)",
		    what, conf_show(c, t.text), (unsigned long long)min,
		    (unsigned long long)max);
		return -1;
	}
	return 0;
}

int
want_u32(struct conf *c, const char *what, uint32_t min, uint32_t max,
    uint32_t *v)
{
	uint64_t w;

	if (want_u64(c, what, min, max, &w) == -1)
		return -1;
	*v = (uint32_t)w;
	return 0;
}

int
want_size(struct conf *c, const char *what, uint64_t min, uint64_t max,
    uint64_t *v)
{
	struct tok t;
	char buf[24];
	size_t n;
	unsigned shift = 0;
	int r = -1;

	if (peek_end(c)) {
		conf_error(c, c->lex.last, "%s: a size is missing", what);
		return -1;
	}
	t = lex_next(c);
	n = t.len;
	if (n > 1 && n < sizeof(buf)) {
		if (t.text[n - 1] == 'K')
			shift = 10;
		else if (t.text[n - 1] == 'M')
			shift = 20;
		else if (t.text[n - 1] == 'G')
			shift = 30;
	}
	if (n < sizeof(buf)) {
		memcpy(buf, t.text, n + 1);
		if (shift)
			buf[n - 1] = '\0';
		r = number(buf, v);
	}
	if (r == -1) {
		conf_error(c, t.pos, "%s: '%s' is not a size (N, NK, NM or "
		    "NG)", what, conf_show(c, t.text));
		return -1;
	}
	if (r == -2 || *v > max >> shift || *v << shift < min) {
		conf_error(c, t.pos, "%s: %s is out of range (%llu-%llu)",
		    what, conf_show(c, t.text), (unsigned long long)min,
		    (unsigned long long)max);
		return -1;
	}
	*v <<= shift;
	return 0;
}

int
want_size_or(struct conf *c, const char *what, const char *word, uint64_t min,
    uint64_t max, uint64_t *v)
{
	if (!peek_is(c, word))
		return want_size(c, what, min, max, v);
	lex_next(c);
	*v = 0;
	return 0;
}

/* 0 to 100 with at most four decimals. */
int
want_percent_ppm(struct conf *c, const char *what, uint32_t *ppm)
{
	const char *s;
	uint32_t whole = 0, part = 0, unit = 10000;
	struct tok t;

	if (peek_end(c)) {
		conf_error(c, c->lex.last, "%s: a percentage is missing", what);
		return -1;
	}
	t = lex_next(c);
	for (s = t.text; isdigit((unsigned char)*s) && whole <= 100; s++)
		whole = whole * 10 + (uint32_t)(*s - '0');
	if (s > t.text && *s == '.')
		for (s++; isdigit((unsigned char)*s) && unit >= 10; s++) {
			unit /= 10;
			part += unit * (uint32_t)(*s - '0');
		}
	if (t.len == 0 || *s != '\0' || s[-1] == '.') {
		conf_error(c, t.pos, "%s: '%s' is not a percentage (0-100, at "
		    "most four decimals)", what, conf_show(c, t.text));
		return -1;
	}
	*ppm = whole * 10000 + part;
	if (*ppm > 1000000) {
		conf_error(c, t.pos, "%s: %s is out of range (0-100)", what,
		    conf_show(c, t.text));
		return -1;
	}
	return 0;
}

int
want_string(struct conf *c, const char *what, struct tok *t)
{
	if (want(c, what, t) == -1)
		return -1;
	if (t->kind == TOK_STRING)
		return 0;
	conf_error(c, t->pos, "%s must stand in quotes: \"%s\"", what,
	    conf_show(c, t->text));
	return -1;
}

int
want_name(struct conf *c, const char *what, struct tok *t)
{
	const char *why, *s;
	uint32_t lo, hi;
	uint8_t bits;

	if (want(c, what, t) == -1)
		return -1;
	if (t->len == 0)
		return -1; /* said by the lexer */
	if (t->len > CONF_NAME_MAX) {
		conf_error(c, t->pos, "a template's name has at most %d bytes",
		    CONF_NAME_MAX);
		return -1;
	}
	for (s = t->text; *s != '\0'; s++)
		if (iscntrl((unsigned char)*s)) {
			conf_error(c, t->pos, "a control byte in a template's "
			    "name");
			return -1;
		}
	if (t->kind == TOK_WORD &&
	    conf_ip4_span(t->text, &lo, &hi, &bits, &why) != -1) {
		conf_error(c, t->pos, "'%s' is an address, not a template's "
		    "name: write bind %s TEMPLATE, or quote it",
		    conf_show(c, t->text), conf_show(c, t->text));
		return -1;
	}
	return 0;
}

static void
no_template(struct conf *c, const struct tok *t)
{
	const char *near = NULL, *name;
	char list[256] = "";
	size_t n = 0;
	uint32_t i, listed = 0;

	for (i = 0; i < c->ntmpls && i < 4096; i++) {
		if (c->tmpls[i].deleted || c->tmpls[i].is_private)
			continue;
		name = c->tmpls[i].name;
		if (near == NULL)
			near = conf_nearest(t->text, &name, 1);
		if (listed < 8 && n < sizeof(list) - 70) {
			n += (size_t)snprintf(list + n, sizeof(list) - n,
			    "%s%.60s", listed ? ", " : "",
			    conf_show(c, name));
			listed++;
		} else if (listed++ < 1000000 && n < sizeof(list) - 5) {
			n += (size_t)snprintf(list + n, sizeof(list) - n,
			    ", ...");
			listed = 1000000;
		}
	}
	if (near != NULL)
		conf_error(c, t->pos, "no template '%s' (did you mean '%s'?)",
		    conf_show(c, t->text), conf_show(c, near));
	else if (listed == 0)
		conf_error(c, t->pos, "no template '%s' (none is created "
		    "yet)", conf_show(c, t->text));
	else
		conf_error(c, t->pos, "no template '%s' (created: %s)",
		    conf_show(c, t->text), list);
}

int
template_of(struct conf *c, const struct tok *t, int change, uint32_t *tmpl)
{
	unsigned before = c->nerrors;
	uint32_t addr, b;

	*tmpl = conf_tmpl_find(c, t->text);
	if (*tmpl != IMG_NONE)
		return c->tmpls[*tmpl].dynamic ? -2 : 0;
	if (conf_ip4(t->text, &addr) == -1) {
		no_template(c, t);
		return -1;
	}
	b = conf_bind_covering(c, addr);
	if (b != IMG_NONE && change)
		*tmpl = conf_bind_private(c, addr, t->pos);
	else if (b != IMG_NONE)
		*tmpl = c->binds[b].tmpl;
	if (*tmpl != IMG_NONE)
		return c->tmpls[*tmpl].dynamic ? -2 : 0;
	if (c->nerrors == before)
		conf_error(c, t->pos, "%s is bound to no template: first bind "
		    "%s TEMPLATE", t->text, t->text);
	return -1;
}

int
want_template(struct conf *c, const char *what, int change, uint32_t *tmpl)
{
	struct tok t;

	if (want(c, what, &t) == -1)
		return -1;
	return template_of(c, &t, change, tmpl);
}

int
not_built(struct conf *c, struct conf_pos pos, const char *what)
{
	conf_error(c, pos, "%s: this is not built yet", what);
	return 0;
}
