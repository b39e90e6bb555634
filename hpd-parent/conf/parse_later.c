/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: statements of honeyd's language that are read in full but whose
 * behaviour does not exist: each gives one error, so that nobody believes a
 * topology or a condition to be in force. Those we never want say why.
 */
#include "parse.h"

#include <ctype.h>
#include <string.h>

/* A number with one of the units glued or behind it. */
static int
number_unit(struct conf *c, const char *what, const char *units)
{
	struct tok t;
	size_t n;

	if (want(c, what, &t) == -1)
		return -1;
	n = strspn(t.text, "0123456789");
	if (n == 0 || (t.text[n] != '\0' && (*units == '\0' ||
	    strstr(units, t.text + n) == NULL))) {
		conf_error(c, t.pos, "%s: '%s' is no number%s%s", what,
		    conf_show(c, t.text), *units ? " with unit " : "", units);
		return -1;
	}
	if (t.text[n] == '\0' && *units != '\0' && !peek_end(c) &&
	    strstr(units, lex_peek(c)->text) != NULL)
		lex_next(c);
	return 0;
}

static int
an_address(struct conf *c, const char *what, int net)
{
	uint32_t lo, hi;
	const char *why = "not an IPv4 address (a.b.c.d)";
	uint8_t bits = 32;
	struct tok t;
	int r;

	if (peek_end(c)) {
		conf_error(c, c->lex.last, "%s: an address is missing", what);
		return -1;
	}
	t = lex_next(c);
	r = conf_ip4_span(t.text, &lo, &hi, &bits, &why);
	if (r == -2 && net && strncmp(why, "bits", 4) == 0)
		return 0;
	if (r == 0 && (bits == 255 || (!net && bits != 32)))
		r = -1;
	if (r != 0) {
		conf_error(c, t.pos, "%s: '%s': %s", what,
		    conf_show(c, t.text), r == -2 ? why : net ?
		    "not a network (a.b.c.d/len)" : "not an address");
		return -1;
	}
	return 0;
}

static int
route_link(struct conf *c, int *tunnel)
{
	static const char *const word[] = { "net" };
	uint32_t ppm;

	if (want_word(c, "route add: 'net'", word, 1) == -1 ||
	    an_address(c, "route add net", 1) == -1)
		return -1;
	*tunnel = peek_is(c, "tunnel");
	if (*tunnel) {
		lex_next(c);
		return an_address(c, "tunnel: source", 0) == -1 ? -1 :
		    an_address(c, "tunnel: destination", 0);
	}
	if (an_address(c, "route add net: gateway", 0) == -1)
		return -1;
	for (;;) {
		if (peek_is(c, "latency")) {
			lex_next(c);
			if (number_unit(c, "latency", "ms") == -1)
				return -1;
		} else if (peek_is(c, "loss")) {
			lex_next(c);
			if (want_percent_ppm(c, "loss", &ppm) == -1)
				return -1;
		} else if (peek_is(c, "bandwidth")) {
			lex_next(c);
			if (number_unit(c, "bandwidth", "Kbps|Mbps") == -1)
				return -1;
		} else if (peek_is(c, "drop")) {
			static const char *const between[] = { "between" };
			static const char *const dash[] = { "-" };

			lex_next(c);
			if (want_word(c, "drop: 'between'", between, 1) == -1 ||
			    number_unit(c, "drop between", "ms") == -1 ||
			    want_word(c, "drop between: '-'", dash, 1) == -1 ||
			    number_unit(c, "drop between", "ms") == -1)
				return -1;
		} else
			return 0;
	}
}

int
parse_route(struct conf *c)
{
	static const char *const words[] = { "link", "unreach", "add" };
	struct conf_pos pos = c->lex.last;
	int which, tunnel = 0;

	if (peek_is(c, "entry")) {
		lex_next(c);
		if (an_address(c, "route entry", 0) == -1)
			return -1;
		if (peek_is(c, "network")) {
			lex_next(c);
			if (an_address(c, "route entry network", 1) == -1)
				return -1;
		}
		return not_built(c, pos, "route entry (virtual routers)");
	}
	if (an_address(c, "route", 0) == -1)
		return -1;
	which = want_word(c, "route: link, unreach or add", words, 3);
	if (which == -1)
		return -1;
	if (which < 2) {
		if (an_address(c, "route", 1) == -1)
			return -1;
		return not_built(c, pos, which == 0 ?
		    "route link (virtual routers)" :
		    "route unreach (virtual routers)");
	}
	if (route_link(c, &tunnel) == -1)
		return -1;
	return not_built(c, pos, tunnel ? "route tunnel (GRE)" :
	    "route add net (virtual routers)");
}

/* source os = "X" | source ip = NET | time between A - B | tcp|udp|icmp. The
 * first word is taken already. */
static int
condition(struct conf *c, const char *first)
{
	static const char *const source[] = { "os", "ip" };
	static const char *const equals[] = { "=" };
	static const char *const between[] = { "between" };
	static const char *const dash[] = { "-" };
	struct tok t;
	int i;

	if (strcmp(first, "source") == 0) {
		i = want_word(c, "source: os or ip", source, 2);
		if (i == -1 || want_word(c, "source: '='", equals, 1) == -1)
			return -1;
		if (i == 1)
			return an_address(c, "source ip", 1);
		return want_string(c, "source os", &t);
	}
	if (strcmp(first, "time") == 0) {
		if (want_word(c, "time: 'between'", between, 1) == -1 ||
		    want(c, "time between: a TIME", &t) == -1 ||
		    want_word(c, "time between: '-'", dash, 1) == -1 ||
		    want(c, "time between: a TIME", &t) == -1)
			return -1;
	}
	return 0;
}

int
parse_bind_condition(struct conf *c, const char *first, struct conf_pos pos)
{
	uint32_t tmpl;

	if (condition(c, first) == -1 ||
	    an_address(c, "bind", 0) == -1 ||
	    want_template(c, "bind: a TEMPLATE", 0, &tmpl) == -1)
		return -1;
	return not_built(c, pos, "bind with a condition");
}

/* add D use T if COND | add D otherwise use T */
int
parse_add_dynamic(struct conf *c, uint32_t tmpl, struct conf_pos pos)
{
	static const char *const use[] = { "use" };
	static const char *const word_if[] = { "if" };
	static const char *const conds[] = { "source", "time", "tcp", "udp",
		"icmp" };
	struct tok t = lex_next(c);
	uint32_t child;
	int i, otherwise = strcmp(t.text, "otherwise") == 0;

	if (otherwise && want_word(c, "otherwise: 'use'", use, 1) == -1)
		return -1;
	if (want_template(c, "use: a TEMPLATE", 0, &child) == -1)
		return -1;
	if (!otherwise) {
		if (want_word(c, "use: 'if'", word_if, 1) == -1)
			return -1;
		i = want_word(c, "if: a condition", conds, 5);
		if (i == -1 || condition(c, conds[i]) == -1)
			return -1;
	}
	if (tmpl != IMG_NONE && !c->tmpls[tmpl].dynamic)
		conf_error(c, pos, "add use: '%s' is not dynamic",
		    conf_show(c, c->tmpls[tmpl].name));
	else
		not_built(c, pos, "add use (dynamic templates)");
	return 0;
}

int
parse_dynamic(struct conf *c)
{
	struct tok t;
	uint32_t i;

	if (want_name(c, "dynamic: a template's NAME", &t) == -1)
		return -1;
	if (conf_tmpl_find(c, t.text) != IMG_NONE)
		conf_error(c, t.pos, "template '%s' exists already",
		    conf_show(c, t.text));
	else {
		i = conf_tmpl_new(c, t.text, t.pos);
		c->tmpls[i].dynamic = c->tmpls[i].used = 1;
	}
	return not_built(c, t.pos, "dynamic templates");
}

int
parse_dhcp(struct conf *c)
{
	static const char *const on[] = { "on" };
	struct conf_pos pos = c->lex.last;
	uint32_t tmpl;
	struct tok t;

	if (want_template(c, "dhcp: a TEMPLATE", 0, &tmpl) == -1 ||
	    want_word(c, "dhcp: 'on'", on, 1) == -1 ||
	    want(c, "dhcp: an INTERFACE", &t) == -1)
		return -1;
	if (tmpl != IMG_NONE)
		c->tmpls[tmpl].used = 1;
	if (peek_is(c, "ethernet")) {
		lex_next(c);
		if (want(c, "dhcp: a \"VENDOR\" or MAC address", &t) == -1)
			return -1;
	}
	return not_built(c, pos, "dhcp (addresses by lease)");
}

/* broadcast T srcport N dstport N time SECS ACTION */
int
parse_broadcast(struct conf *c)
{
	static const char *const words[] = { "srcport", "dstport", "time" };
	static const char *const what[] = { "broadcast: 'srcport'",
		"broadcast: 'dstport'", "broadcast: 'time'" };
	struct conf_pos pos = c->lex.last;
	uint32_t tmpl, v;
	struct tok t;
	int i;

	if (want_template(c, "broadcast: a TEMPLATE", 0, &tmpl) == -1)
		return -1;
	for (i = 0; i < 3; i++)
		if (want_word(c, what[i], words + i, 1) == -1 ||
		    want_u32(c, words[i], 1, i < 2 ? 65535 : 604800, &v) == -1)
			return -1;
	if (want(c, "broadcast: an action", &t) == -1)
		return -1;
	return not_built(c, pos, "broadcast");
}

int
parse_list(struct conf *c)
{
	static const char *const words[] = { "template", "subsystem" };
	struct conf_pos pos = c->lex.last;

	if (want_word(c, "list: template or subsystem", words, 2) == -1)
		return -1;
	if (!peek_end(c) && !lex_peek(c)->first)
		lex_next(c);
	return not_built(c, pos, "list (a console command)");
}

int
parse_option(struct conf *c)
{
	struct conf_pos pos = c->lex.last;
	struct tok t;

	if (want(c, "option: a PLUGIN", &t) == -1 ||
	    want(c, "option: a KEY", &t) == -1 ||
	    want(c, "option: a VALUE", &t) == -1)
		return -1;
	conf_error(c, pos, "option is not supported: there are no plugins; "
	    "write a service as a \"COMMAND\"");
	return 0;
}

int
parse_debug(struct conf *c)
{
	static const char *const words[] = { "fd", "trace" };
	struct conf_pos pos = c->lex.last;
	uint32_t v;

	if (want_word(c, "debug: fd or trace", words, 2) == -1 ||
	    want_u32(c, "debug", 0, UINT32_MAX, &v) == -1)
		return -1;
	conf_error(c, pos, "debug is not supported: start hpd-parent with -d "
	    "-v");
	return 0;
}
