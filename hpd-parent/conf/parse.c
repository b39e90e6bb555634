/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: statements. After an error the parser goes on at the next line
 * that starts with a statement's word, so that one run reports everything.
 */
#include "parse.h"

#include <string.h>

static int parse_create(struct conf *);
static int parse_clone(struct conf *);
static int parse_delete(struct conf *);
static int parse_include(struct conf *);

static const struct statement {
	const char *word;
	int (*parse)(struct conf *);
} statements[] = {
	{ "create", parse_create },
	{ "clone", parse_clone },
	{ "bind", parse_bind },
	{ "set", parse_set },
	{ "add", parse_add },
	{ "delete", parse_delete },
	{ "include", parse_include },
	{ "exclude", parse_exclude },
	{ "log", parse_log },
	{ "limit", parse_limit },
	{ "mac", parse_mac },
	{ "arp", parse_arp },
	{ "on-crash", parse_on_crash },
	{ "packet-io", parse_packet_io },
	{ "route", parse_route },
	{ "dynamic", parse_dynamic },
	{ "dhcp", parse_dhcp },
	{ "broadcast", parse_broadcast },
	{ "annotate", parse_annotate },
	{ "list", parse_list },
	{ "option", parse_option },
	{ "debug", parse_debug },
};
#define NSTATEMENTS (sizeof(statements) / sizeof(statements[0]))

int
statement_known(const char *word)
{
	size_t i;

	for (i = 0; i < NSTATEMENTS; i++)
		if (strcmp(word, statements[i].word) == 0)
			return 1;
	return 0;
}

int
peek_end(struct conf *c)
{
	const struct tok *t = lex_peek(c);

	return t->kind == TOK_EOF ||
	    (t->kind == TOK_WORD && t->first && statement_known(t->text));
}

int
peek_is(struct conf *c, const char *word)
{
	return !peek_end(c) && lex_peek(c)->kind == TOK_WORD &&
	    strcmp(lex_peek(c)->text, word) == 0;
}

/* create [template] NAME */
static int
parse_create(struct conf *c)
{
	struct tok t;

	if (peek_is(c, "template")) {
		t = lex_next(c);
		if (peek_end(c) || lex_peek(c)->first)
			goto have; /* a template of that name */
	}
	if (want_name(c, "create: a template's NAME", &t) == -1)
		return -1;
have:
	if (conf_tmpl_find(c, t.text) != IMG_NONE) {
		uint32_t i = conf_tmpl_find(c, t.text);

		conf_error(c, t.pos, "template '%s' exists already (line %u)",
		    conf_show(c, t.text), c->tmpls[i].pos.line);
		return -1;
	}
	if (c->ntmpls >= CONF_TMPL_MAX) {
		conf_error(c, t.pos, "more than %u templates", CONF_TMPL_MAX);
		return -1;
	}
	conf_tmpl_new(c, t.text, t.pos);
	return 0;
}

/* clone NEW OLD */
static int
parse_clone(struct conf *c)
{
	uint32_t old;
	struct tok t;
	int r;

	if (want_name(c, "clone: the new template's NAME", &t) == -1)
		return -1;
	r = want_template(c, "clone: the OLD template", 0, &old);
	if (conf_tmpl_find(c, t.text) != IMG_NONE) {
		conf_error(c, t.pos, "template '%s' exists already",
		    conf_show(c, t.text));
		return -1;
	}
	if (r < 0) { /* known from here on: no errors that follow from it */
		old = conf_tmpl_new(c, t.text, t.pos);
		c->tmpls[old].used = 1;
		return -1;
	}
	conf_tmpl_clone(c, old, t.text, t.pos);
	return 0;
}

static int
delete_port(struct conf *c, uint32_t tmpl, const struct tok *name)
{
	static const char *const protos[] = { "tcp", "udp" };
	uint32_t port;
	int proto;

	proto = want_word(c, "delete: tcp or udp", protos, 2);
	if (proto == -1)
		return -1;
	if (!peek_is(c, "port")) {
		conf_error(c, c->lex.last, "delete: 'port' is missing: delete "
		    "%s %s port NUMBER", conf_show(c, name->text),
		    protos[proto]);
		return -1;
	}
	lex_next(c);
	if (want_u32(c, "port", 1, 65535, &port) == -1)
		return -1;
	if (conf_port_delete(c, tmpl, proto == 0 ? 6 : 17,
		(uint16_t)port) == -1) {
		conf_error(c, name->pos, "'%s' has no %s port %u",
		    conf_show(c, name->text), protos[proto], port);
		return -1;
	}
	return 0;
}

/* Does anything still point at the template? */
static uint32_t
bound_to(const struct conf *c, uint32_t tmpl)
{
	uint32_t i;

	for (i = 0; i < c->nbinds; i++)
		if (c->binds[i].tmpl == tmpl)
			return i;
	return IMG_NONE;
}

/* delete T | delete T tcp|udp port N | delete ADDRESS */
static int
parse_delete(struct conf *c)
{
	uint32_t tmpl, addr, b;
	char text[16];
	struct tok t;
	int ports;

	if (want(c, "delete: a TEMPLATE or ADDRESS", &t) == -1)
		return -1;
	ports = !peek_end(c) && !lex_peek(c)->first;
	if (!ports && t.kind == TOK_WORD && conf_ip4(t.text, &addr) == 0) {
		b = conf_bind_find(c, addr, 32);
		if (b == IMG_NONE) {
			conf_error(c, t.pos, "%s is bound to no template",
			    t.text);
			return -1;
		}
		c->binds[b].tmpl = IMG_NONE;
		return 0;
	}
	if (template_of(c, &t, ports, &tmpl) < 0)
		return -1;
	if (ports)
		return delete_port(c, tmpl, &t);
	b = bound_to(c, tmpl);
	if (b != IMG_NONE) {
		conf_error(c, t.pos, "template '%s' is bound to %s: delete "
		    "that first", conf_show(c, t.text),
		    conf_ip4_text(c->binds[b].addr, text));
		return -1;
	}
	conf_tmpl_delete(c, tmpl);
	return 0;
}

static int
parse_include(struct conf *c)
{
	struct tok t;

	if (want(c, "include: a FILE", &t) == -1)
		return -1;
	return lex_push_file(c, t.text, &t);
}

static const char *
nearest_statement(const char *word)
{
	const char *words[NSTATEMENTS];
	size_t i;

	for (i = 0; i < NSTATEMENTS; i++)
		words[i] = statements[i].word;
	return conf_nearest(word, words, NSTATEMENTS);
}

/* On to the next statement: a line that starts with its word, or nearly. */
static void
resync(struct conf *c)
{
	const struct tok *t;

	while (!peek_end(c)) {
		t = lex_peek(c);
		if (t->kind == TOK_WORD && t->first &&
		    nearest_statement(t->text) != NULL)
			break;
		lex_next(c);
	}
}

static void
unknown(struct conf *c, const struct tok *t)
{
	const char *near = nearest_statement(t->text);

	if (!t->first)
		conf_error(c, t->pos, "'%s' is too much here",
		    conf_show(c, t->text));
	else if (near != NULL)
		conf_error(c, t->pos, "unknown statement '%s' (did you mean "
		    "'%s'?)", conf_show(c, t->text), near);
	else
		conf_error(c, t->pos, "unknown statement '%s'",
		    conf_show(c, t->text));
	while (!peek_end(c) && !lex_peek(c)->first)
		lex_next(c);
}

int
parse_file(struct conf *c)
{
	struct tok t;
	size_t i;

	while (!c->gave_up) {
		t = lex_next(c);
		if (t.kind == TOK_EOF)
			break;
		for (i = 0; i < NSTATEMENTS; i++)
			if (t.kind == TOK_WORD &&
			    strcmp(t.text, statements[i].word) == 0)
				break;
		if (i == NSTATEMENTS)
			unknown(c, &t);
		else if (statements[i].parse(c) < 0)
			resync(c);
	}
	return c->nerrors ? -1 : 0;
}
