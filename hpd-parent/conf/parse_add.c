/* SPDX-License-Identifier: ISC */
/* hpd-conf: `add TEMPLATE ...`: ports, what they do, and service options. */
#include "parse.h"

#include <string.h>

static const char *const action_words[] = { "open", "closed", "reset",
	"filtered", "block", "proxy", "internal", "tarpit" };
enum { A_OPEN, A_CLOSED, A_RESET, A_FILTERED, A_BLOCK, A_PROXY, A_INTERNAL,
	A_TARPIT, A_COMMAND };

static const char *const options[] = { "profile", "wall", "idle", "cpu",
	"bytes", "sessions", "source", "memory", "pool" };
#define NOPTIONS 9

static int
service_option(struct conf *c, struct conf_service *s, int option)
{
	static const char *const profiles[] = { "nofork", "shell" };
	uint32_t n;
	int i;

	switch (option) {
	case 0:
		i = want_word(c, "profile: nofork or shell", profiles, 2);
		if (i == -1)
			return -1;
		s->profile = i == 0 ? PROFILE_NOFORK : PROFILE_SHELL;
		return 0;
	case 1:
		return want_u32(c, "wall", 1, 604800, &s->wall_s);
	case 2:
		return want_u32(c, "idle", 1, 604800, &s->idle_s);
	case 3:
		return want_u32(c, "cpu", 1, 86400, &s->cpu_s);
	case 4:
		return want_size(c, "bytes", 1024, 1ULL << 40,
		    &s->max_bytes_out);
	case 5:
		return want_u32(c, "sessions", 1, 2048, &s->max_sessions);
	case 6:
		return want_u32(c, "source", 1, 2048,
		    &s->max_sessions_source);
	case 7:
		return want_size(c, "memory", 8u << 20, 4ULL << 30,
		    &s->memory);
	default:
		if (want_u32(c, "pool", 0, 64, &n) == -1)
			return -1;
		s->pool = (uint8_t)n;
		return 0;
	}
}

static int
service_options(struct conf *c, struct conf_service *s)
{
	struct tok t;
	size_t i;

	while (!peek_end(c)) {
		for (i = 0; i < NOPTIONS; i++)
			if (peek_is(c, options[i]))
				break;
		if (i == NOPTIONS && lex_peek(c)->first)
			break;
		t = lex_next(c);
		if (i == NOPTIONS) {
			conf_error(c, t.pos, "unknown service option '%s'%s",
			    conf_show(c, t.text), conf_did_you_mean(c, t.text,
			    options, NOPTIONS));
			return -1;
		}
		if (service_option(c, s, (int)i) == -1)
			return -1;
	}
	return 0;
}

static int
action_command(struct conf *c, struct conf_port *p, const struct tok *t,
    int commands)
{
	struct conf_service s = { .command = t->text, .wall_s = 600,
		.idle_s = 60, .cpu_s = 10, .max_sessions = 256,
		.max_sessions_source = 32, .max_bytes_out = 256u << 20,
		.memory = 128u << 20, .profile = 255, .proto = p->proto };

	if (!commands) {
		conf_error(c, t->pos, "a default action can't be a command: "
		    "add it to the ports that matter");
		return -1;
	}
	if (service_options(c, &s) == -1)
		return -1;
	if (conf_service_resolve(c, &s, t->pos) == -1)
		return 0; /* message given; the statement is complete */
	c->services = conf_grow(c->services, c->nservices, &c->cservices,
	    sizeof(*c->services));
	c->services[c->nservices] = s;
	p->service = c->nservices++;
	p->action = ACT_SERVICE;
	return 0;
}

/* proxy HOST:PORT | HOST : PORT | $ipsrc:PORT | $var */
int
parse_proxy(struct conf *c, struct conf_pos pos)
{
	char last = 0;
	struct tok t;

	if (want(c, "proxy: a HOST:PORT", &t) == -1)
		return -1;
	if (strncmp(t.text, "$ipsrc", 6) == 0) {
		conf_error(c, pos, "proxy $ipsrc is not supported: it would "
		    "turn the sensor against whoever forges an address");
		return -1;
	}
	for (;;) {
		if (t.len > 0)
			last = t.text[t.len - 1];
		if (peek_end(c) || lex_peek(c)->first ||
		    (last != ':' && lex_peek(c)->text[0] != ':'))
			break;
		t = lex_next(c);
	}
	if (last == ':') {
		conf_error(c, t.pos, "proxy: a PORT is missing");
		return -1;
	}
	not_built(c, pos, "proxy");
	return 0;
}

static int
action_other(struct conf *c, struct conf_port *p, int a, const struct tok *t)
{
	struct tok x;

	switch (a) {
	case A_OPEN:
		p->action = ACT_OPEN;
		return 0;
	case A_CLOSED:
	case A_RESET:
		p->action = ACT_CLOSED;
		if (p->proto == 1) {
			p->action = ACT_FILTERED;
			conf_warn(c, t->pos, "icmp '%s' is the same as "
			    "filtered", t->text);
		}
		return 0;
	case A_FILTERED:
	case A_BLOCK:
		p->action = ACT_FILTERED;
		return 0;
	case A_PROXY:
		return parse_proxy(c, t->pos);
	default:
		if (want(c, "internal: a \"MODULE\"", &x) == -1)
			return -1;
		conf_error(c, t->pos, "internal is not supported: no "
		    "interpreter runs in the packet process; write it as a "
		    "\"COMMAND\"");
		return 0;
	}
}

/* Which action a token means; a bare word that is nearly an action is not
 * taken for a command. -1: message given. */
static int
action_of(struct conf *c, const struct tok *t)
{
	const char *near;
	int a;

	if (t->kind == TOK_STRING)
		return A_COMMAND;
	for (a = 0; a < A_COMMAND; a++)
		if (strcmp(t->text, action_words[a]) == 0)
			return a;
	near = conf_nearest(t->text, action_words, A_COMMAND);
	if (near == NULL || strpbrk(t->text, "/.") != NULL)
		return A_COMMAND;
	conf_error(c, t->pos, "unknown action '%s' (did you mean '%s'? a "
	    "command stands in quotes)", conf_show(c, t->text), near);
	return -1;
}

int
parse_action(struct conf *c, struct conf_port *p, uint8_t proto, int commands)
{
	static const char what[] = "an action (open, closed, filtered or "
	    "\"COMMAND\")";
	struct tok t;
	int a, tarpit = 0;

	p->proto = proto;
	p->service = IMG_NONE;
	p->action = ACT_FILTERED;
	if (want(c, what, &t) == -1)
		return -1;
	a = action_of(c, &t);
	if (a == A_TARPIT) {
		tarpit = 1;
		if (want(c, what, &t) == -1)
			return -1;
		a = action_of(c, &t);
	}
	if (a == -1)
		return -1;
	if (tarpit && a != A_OPEN && a != A_COMMAND && a != A_PROXY) {
		conf_error(c, t.pos, "tarpit goes with open or a command, not "
		    "with '%s'", t.text);
		return -1;
	}
	if (tarpit && proto != 6) {
		conf_error(c, t.pos, "tarpit is for tcp only");
		return -1;
	}
	if (a == A_COMMAND) {
		if (action_command(c, p, &t, commands) == -1)
			return -1;
	} else if (action_other(c, p, a, &t) == -1)
		return -1;
	if (tarpit)
		p->action = p->action == ACT_SERVICE ? ACT_TARPIT_SERVICE :
						       ACT_TARPIT_OPEN;
	return 0;
}

static int
add_port(struct conf *c, uint32_t tmpl, int proto, struct conf_pos pos)
{
	static const char *const word[] = { "port" };
	struct conf_port p = { 0 };
	unsigned before = c->nerrors;
	uint32_t port;

	if (want_word(c, "add: 'port'", word, 1) == -1 ||
	    want_u32(c, "port", 1, 65535, &port) == -1 ||
	    parse_action(c, &p, proto == 0 ? 6 : 17, 1) == -1)
		return -1;
	p.port = (uint16_t)port;
	if (tmpl == IMG_NONE || c->nerrors != before)
		return 0;
	conf_port_set(c, tmpl, &p, pos);
	return 0;
}

int
parse_add(struct conf *c)
{
	static const char *const words[] = { "tcp", "udp", "icmp", "subsystem",
		"use", "otherwise" };
	struct conf_pos pos;
	uint32_t tmpl;
	struct tok t;
	int r, what;

	if (want(c, "add: a TEMPLATE", &t) == -1)
		return -1;
	pos = t.pos;
	r = template_of(c, &t, 1, &tmpl);
	if (peek_is(c, "use") || peek_is(c, "otherwise"))
		return parse_add_dynamic(c, tmpl, pos);
	what = want_word(c, "add: tcp or udp", words, 4);
	if (what == -1)
		return -1;
	if (what == 2) {
		conf_error(c, pos, "icmp has no ports: set %s default icmp "
		    "action open|filtered", conf_show(c, t.text));
		return -1;
	}
	if (what == 3) {
		conf_error(c, pos, "subsystem is not supported: it loads code "
		    "into a foreign program; use add TEMPLATE tcp port N "
		    "\"COMMAND\"");
		return -1;
	}
	if (r == -2)
		conf_error(c, pos, "'%s' is dynamic and has no ports of its "
		    "own: add them to its children", conf_show(c, t.text));
	return add_port(c, r < 0 ? IMG_NONE : tmpl, what, pos);
}
