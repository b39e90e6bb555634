/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: which addresses a template answers for (bind), and which ones
 * nobody must ever claim (exclude).
 */
#include "parse.h"

#include <string.h>

struct bind_arg {
	struct conf *c;
	uint32_t tmpl;
	struct conf_pos pos;
};

static void
bind_prefix(void *arg, uint32_t addr, uint8_t bits)
{
	struct bind_arg *a = arg;

	conf_bind_add(a->c, addr, bits, a->tmpl, a->pos);
}

/* An address, prefix or range out of a token: 0 or -1 (message given). */
static int
span(struct conf *c, const struct tok *t, const char *what, uint32_t *lo,
    uint32_t *hi)
{
	const char *why;
	char text[16];
	uint8_t bits;
	int r = conf_ip4_span(t->text, lo, hi, &bits, &why);

	if (r == -1) {
		conf_error(c, t->pos, "%s: '%s' is not an address", what,
		    conf_show(c, t->text));
		return -1;
	}
	if (r == -2 && strncmp(why, "bits", 4) == 0) {
		conf_error(c, t->pos, "%s: %s: %s (did you mean %s/%u?)", what,
		    conf_show(c, t->text), why,
		    conf_ip4_text(*lo & conf_mask(bits), text), bits);
		return -1;
	}
	if (r == -2) {
		conf_error(c, t->pos, "%s: %s: %s", what,
		    conf_show(c, t->text), why);
		return -1;
	}
	why = conf_ip4_unfit(*lo, *hi);
	if (why != NULL) {
		conf_error(c, t->pos, "%s: %s: %s", what,
		    conf_show(c, t->text), why);
		return -1;
	}
	return 0;
}

static int
bind_to_interface(struct conf *c, struct conf_pos pos)
{
	struct tok t;

	lex_next(c);
	if (want(c, "bind ADDRESS to: an INTERFACE", &t) == -1)
		return -1;
	return not_built(c, pos, "bind ADDRESS to INTERFACE (a real machine "
	    "behind a virtual router)");
}

/* The first token is no address: say how it is meant. */
static int
bind_without_address(struct conf *c, const struct tok *t)
{
	const char *name = conf_show(c, t->text);
	uint32_t lo, hi;
	uint8_t bits;
	const char *why;
	struct tok a;

	if (!peek_end(c) && !lex_peek(c)->first &&
	    conf_ip4_span(lex_peek(c)->text, &lo, &hi, &bits, &why) != -1) {
		a = lex_next(c);
		conf_error(c, t->pos, "bind: the address comes first: bind %s "
		    "%s", conf_show(c, a.text), name);
		return -1;
	}
	if (strchr(t->text, ':') != NULL) {
		conf_error(c, t->pos, "bind %s: IPv6 is not built yet", name);
		return -1;
	}
	conf_error(c, t->pos, "bind needs an address before the template: "
	    "bind ADDRESS %s", name);
	return -1;
}

int
parse_bind(struct conf *c)
{
	static const char *const cond[] = { "source", "time", "tcp", "udp",
		"icmp" };
	struct bind_arg a = { .c = c };
	uint32_t lo, hi;
	uint8_t bits;
	const char *why;
	struct tok t, n;
	size_t i;
	int r;

	if (want(c, "bind: an ADDRESS", &t) == -1)
		return -1;
	a.pos = t.pos;
	for (i = 0; i < 5 && t.kind == TOK_WORD; i++)
		if (strcmp(t.text, cond[i]) == 0 && !peek_end(c) &&
		    !lex_peek(c)->first)
			return parse_bind_condition(c, t.text, t.pos);
	if (conf_ip4_span(t.text, &lo, &hi, &bits, &why) == -1)
		return bind_without_address(c, &t);
	r = span(c, &t, "bind", &lo, &hi);
	if (peek_is(c, "to"))
		return bind_to_interface(c, t.pos);
	if (peek_end(c)) {
		conf_error(c, t.pos, "bind: a TEMPLATE is missing: bind %s "
		    "TEMPLATE", conf_show(c, t.text));
		return -1;
	}
	n = lex_next(c);
	switch (template_of(c, &n, 0, &a.tmpl)) {
	case -1:
		return -1;
	case -2:
		return 0;
	}
	c->tmpls[a.tmpl].used = 1;
	if (r == 0)
		conf_ip4_split(lo, hi, bind_prefix, &a);
	return r;
}

static void
net_row(void *arg, uint32_t addr, uint8_t bits)
{
	struct conf *c = arg;

	c->nets = conf_grow(c->nets, c->nnets, &c->cnets, sizeof(*c->nets));
	c->nets[c->nnets].addr = addr;
	c->nets[c->nnets++].bits = bits;
}

int
conf_net_add(struct conf *c, const char *text)
{
	struct tok t = { .kind = TOK_WORD, .text = text };
	uint32_t lo, hi;

	if (span(c, &t, "net", &lo, &hi) == -1)
		return -1;
	conf_ip4_split(lo, hi, net_row, c);
	return 0;
}

static void
exclude_row(void *arg, uint32_t addr, uint8_t bits)
{
	struct conf *c = arg;

	c->excludes = conf_grow(c->excludes, c->nexcludes, &c->cexcludes,
	    sizeof(*c->excludes));
	c->excludes[c->nexcludes].addr = addr;
	c->excludes[c->nexcludes++].bits = bits;
}

/* exclude ADDRESS | NET | A-B */
int
parse_exclude(struct conf *c)
{
	uint32_t lo, hi;
	struct tok t;

	if (want(c, "exclude: an ADDRESS or NET", &t) == -1 ||
	    span(c, &t, "exclude", &lo, &hi) == -1)
		return -1;
	conf_ip4_split(lo, hi, exclude_row, c);
	return 0;
}
