/* SPDX-License-Identifier: ISC */
/* hpd-conf: `set TEMPLATE ...`. */
#include "parse.h"

#include <ctype.h>
#include <string.h>

#include "common/addr.h"

/* Stands in for a template that does not exist, so that the rest of the
 * statement is checked too. */
static uint32_t
scratch(struct conf *c)
{
	uint32_t i = conf_tmpl_new(c, "\001", (struct conf_pos){ 0 });

	c->tmpls[i].deleted = 1;
	return i;
}

static int
set_default(struct conf *c, uint32_t tmpl)
{
	static const char *const protos[] = { "tcp", "udp", "icmp" };
	static const char *const action[] = { "action" };
	static const uint8_t numbers[] = { 6, 17, 1 };
	struct conf_tmpl *t;
	struct conf_port p = { 0 };
	int proto = want_word(c, "set default: tcp, udp or icmp", protos, 3);

	if (proto == -1 ||
	    want_word(c, "set default: 'action'", action, 1) == -1 ||
	    parse_action(c, &p, numbers[proto], 0) == -1)
		return -1;
	t = &c->tmpls[tmpl];
	if (proto == 0)
		t->act_tcp = p.action;
	else if (proto == 1)
		t->act_udp = p.action;
	else
		t->act_icmp = p.action;
	return 0;
}

/* A name of several words without quotes: all of it, to show what was meant. */
static int
unquoted_name(struct conf *c, const struct tok *first)
{
	char all[100];
	size_t n = (size_t)snprintf(all, sizeof(all), "%s", first->text);

	if (first->kind != TOK_WORD || peek_end(c) || lex_peek(c)->first)
		return 0;
	while (!peek_end(c) && !lex_peek(c)->first) {
		struct tok t = lex_next(c);

		if (n < sizeof(all))
			n += (size_t)snprintf(all + n, sizeof(all) - n, " %s",
			    t.text);
	}
	conf_error(c, first->pos, "set personality: a name with blanks stands "
	    "in quotes: \"%s\"", conf_show(c, all));
	return 1;
}

static int
set_personality(struct conf *c, uint32_t tmpl)
{
	uint32_t i;
	struct tok t;

	if (want(c, "set personality: a \"NAME\"", &t) == -1)
		return -1;
	if (t.len == 0 || unquoted_name(c, &t))
		return 0; /* said */
	i = conf_persona(c, t.text, c->tmpls[tmpl].name, t.pos);
	if (i == IMG_NONE)
		return 0; /* message given; the statement is complete */
	c->tmpls[tmpl].persona = i;
	over_annotated(c, tmpl);
	return 0;
}

static int
set_ethernet(struct conf *c, uint32_t tmpl)
{
	struct conf_tmpl *m = &c->tmpls[tmpl];
	const char *found;
	uint8_t mac[6];
	struct tok t;
	size_t n;

	if (want(c, "set ethernet: a \"VENDOR\" or MAC address", &t) == -1)
		return -1;
	n = strspn(t.text, "0123456789abcdefABCDEF:");
	if (strchr(t.text, ':') != NULL && n == t.len) {
		if (n != 17 || addr_mac_parse(t.text, mac) == -1) {
			conf_error(c, t.pos, "set ethernet: '%s' is not a MAC "
			    "address (aa:bb:cc:dd:ee:ff)",
			    conf_show(c, t.text));
			return 0;
		}
		if (mac[0] & 1) {
			conf_error(c, t.pos, "set ethernet: %s is a group "
			    "address: no host has it", t.text);
			return 0;
		}
		m->mac_mode = MAC_EXACT;
		memcpy(m->mac, mac, 6);
		return 0;
	}
	memset(mac, 0, sizeof(mac));
	if (conf_vendor(c, t.text, t.pos, mac, &found) == -1)
		return 0;
	m->mac_mode = MAC_VENDOR;
	memcpy(m->mac, mac, 6);
	m->vendor = found;
	return 0;
}

static int
set_droprate(struct conf *c, uint32_t tmpl)
{
	static const char *const words[] = { "in", "syn" };
	struct conf_pos pos = lex_peek(c)->pos;
	uint32_t ppm;
	int which = want_word(c, "set droprate: 'in'", words, 2);

	if (which == -1 ||
	    want_percent_ppm(c, "set droprate", &ppm) == -1)
		return -1;
	if (which == 1)
		conf_error(c, pos, "droprate syn is not supported: losing SYNs "
		    "only gives a decoy away; use droprate in");
	else
		c->tmpls[tmpl].drop_ppm = ppm;
	return 0;
}

static int
set_maxfds(struct conf *c, uint32_t tmpl)
{
	struct conf_pos pos = lex_peek(c)->pos;
	uint32_t n;

	if (want_u32(c, "set maxfds", 4, 65536, &n) == -1)
		return -1;
	if (n > 32) {
		conf_warn(c, pos, "maxfds %u is cut to 32, what a script's "
		    "sandbox allows", n);
		n = 32;
	}
	c->tmpls[tmpl].nofile = n;
	return 0;
}

/* uid N [gid N]: of honeyd; ours never run under an id of the host. */
static int
set_uid(struct conf *c, const char *word)
{
	struct conf_pos pos = c->lex.last;
	uint32_t n;

	if (want_u32(c, word, 0, UINT32_MAX - 1, &n) == -1)
		return -1;
	if (strcmp(word, "uid") == 0 && peek_is(c, "gid")) {
		lex_next(c);
		if (want_u32(c, "gid", 0, UINT32_MAX - 1, &n) == -1)
			return -1;
		word = "uid and gid have";
	} else
		word = strcmp(word, "uid") == 0 ? "uid has" : "gid has";
	conf_warn(c, pos, "%s no effect: every session has an uid of its own",
	    word);
	return 0;
}

static int
set_spoof(struct conf *c)
{
	static const char *const words[] = { "from", "to" };
	struct conf_pos pos = c->lex.last;
	struct tok t;
	int n;

	for (n = 0; n < 2; n++) {
		if (n == 1 && !peek_is(c, "from") && !peek_is(c, "to"))
			break;
		if (want_word(c, "set spoof: from or to", words, 2) == -1 ||
		    want(c, "set spoof: an ADDRESS", &t) == -1)
			return -1;
	}
	conf_error(c, pos, "spoof is not supported: a decoy never sends under "
	    "another's address; bind the template to the address instead");
	return 0;
}

/* A string that goes to the peer as a line: 0; 1: a message was given. */
static int
plain_line(struct conf *c, const char *what, const struct tok *t)
{
	size_t i;

	if (t->len > 1024) {
		conf_error(c, t->pos, "%s: longer than 1024 bytes", what);
		return 1;
	}
	for (i = 0; i < t->len; i++)
		if (iscntrl((unsigned char)t->text[i])) {
			conf_error(c, t->pos, "%s: control byte 0x%02x", what,
			    (unsigned char)t->text[i]);
			return 1;
		}
	return 0;
}

static int
set_banner(struct conf *c, uint32_t tmpl)
{
	struct tok t;

	if (want_string(c, "set banner", &t) == -1)
		return -1;
	if (plain_line(c, "set banner", &t) == 0)
		c->tmpls[tmpl].banner = t.text;
	return 0;
}

static int
set_denied(struct conf *c, uint32_t tmpl)
{
	static const char *const words[] = { "reset", "silence" };
	struct tok t;
	int i;

	if (lex_peek(c)->kind == TOK_STRING) {
		if (want_string(c, "set denied", &t) == -1)
			return -1;
		if (plain_line(c, "set denied", &t) == 0) {
			c->tmpls[tmpl].denied = 2;
			c->tmpls[tmpl].denied_text = t.text;
		}
		return 0;
	}
	i = want_word(c, "set denied: reset, silence or a \"LINE\"", words, 2);
	if (i == -1)
		return -1;
	c->tmpls[tmpl].denied = (uint8_t)i;
	return 0;
}

/* transcript SIZE | off */
static int
set_transcript(struct conf *c, uint32_t tmpl)
{
	uint64_t v;

	if (want_size_or(c, "set transcript", "off", 1, IMG_TRANSCRIPT_MAX,
		&v) == -1)
		return -1;
	c->tmpls[tmpl].transcript = (uint32_t)v;
	return 0;
}

int
parse_set(struct conf *c)
{
	static const char *const words[] = { "default", "personality",
		"ethernet", "uptime", "droprate", "maxfds", "uid", "gid",
		"spoof", "banner", "denied", "subsystem", "transcript",
		CONF_OVER_WORDS };
	uint32_t tmpl, v;
	struct tok t;
	int r, dynamic = 0;

	if (want(c, "set: a TEMPLATE", &t) == -1)
		return -1;
	r = template_of(c, &t, 1, &tmpl);
	if (r == -2)
		dynamic = 1;
	if (r < 0)
		tmpl = scratch(c);
	r = want_word(c, "set: a property", words,
	    sizeof(words) / sizeof(words[0]));
	if (dynamic && r != -1) {
		conf_error(c, t.pos, "'%s' is dynamic and has no properties of "
		    "its own: set its children", conf_show(c, t.text));
		return -1;
	}
	switch (r) {
	case 0:
		return set_default(c, tmpl);
	case 1:
		return set_personality(c, tmpl);
	case 2:
		return set_ethernet(c, tmpl);
	case 3:
		if (want_u32(c, "set uptime", 0, UINT32_MAX - 1, &v) == -1)
			return -1;
		c->tmpls[tmpl].uptime = v;
		c->tmpls[tmpl].uptime_pos = c->lex.last;
		return 0;
	case 4:
		return set_droprate(c, tmpl);
	case 5:
		return set_maxfds(c, tmpl);
	case 6:
	case 7:
		return set_uid(c, words[r]);
	case 8:
		return set_spoof(c);
	case 9:
		return set_banner(c, tmpl);
	case 10:
		return set_denied(c, tmpl);
	case 11:
		conf_error(c, c->lex.last, "subsystem is not supported: it "
		    "loads code into a foreign program; use add TEMPLATE tcp "
		    "port N \"COMMAND\"");
		return -1;
	case 12:
		return set_transcript(c, tmpl);
	case -1:
		return -1;
	}
	return parse_over(c, tmpl, (enum conf_over_id)(r - 13));
}
