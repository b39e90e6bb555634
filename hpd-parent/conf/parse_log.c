/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: `log ...`: what is written, how much room it may take, how long it
 * is kept, who else gets it. The last word on a matter counts.
 */
#include "parse.h"

#include <sys/un.h>

#include <arpa/inet.h>
#include <string.h>

#include "common/addr.h"
#include "common/proto.h"
#include "logwords.h"

#define DAY 86400u
#define SYSLOG_PORT 514
#define SPACE_MAX (1ULL << 50)

const char *const conf_streams[STREAM_MAX] = {
	[STREAM_EVENTS] = "events",
	[STREAM_HONEYD] = "honeyd",
	[STREAM_SERVICE] = "service",
	[STREAM_PROBES] = "probes",
	[STREAM_PCAP] = "frames",
};

const char *const conf_facilities[CONF_FACILITIES] = { "kern", "user", "mail",
	"daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
	"ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2",
	"local3", "local4", "local5", "local6", "local7" };

void
conf_log_defaults(struct conf *c)
{
	c->log.budget = CONF_BUDGET;
	c->log.reserve = IMG_RESERVE_AUTO;
	c->log.full = FULL_STOP;
}

/* budget [STREAM] SIZE | budget [STREAM] off */
static int
log_budget(struct conf *c)
{
	struct conf_log *l = &c->log;
	int i;

	for (i = 0; i < STREAM_MAX; i++)
		if (peek_is(c, conf_streams[i]))
			break;
	if (i == STREAM_MAX) {
		l->budget_pos = lex_peek(c)->pos;
		return want_size_or(c, "log budget", "off", 1u << 20,
		    SPACE_MAX, &l->budget);
	}
	l->stream_pos[i] = lex_next(c).pos;
	return want_size_or(c, "log budget", "off", 1u << 20, SPACE_MAX,
	    &l->stream_budget[i]);
}

/* reserve SIZE | auto | off */
static int
log_reserve(struct conf *c)
{
	if (peek_is(c, "auto")) {
		lex_next(c);
		c->log.reserve = IMG_RESERVE_AUTO;
		return 0;
	}
	return want_size_or(c, "log reserve", "off", 1, SPACE_MAX,
	    &c->log.reserve);
}

/* SECONDS, Nh, Nd or ever */
static int
want_age(struct conf *c, uint32_t *seconds)
{
	uint64_t v = 0, unit = 1;
	const char *s;
	struct tok t;

	if (want(c, "log keep: SECONDS, Nh, Nd or ever", &t) == -1)
		return -1;
	if (strcmp(t.text, "ever") == 0) {
		*seconds = 0;
		return 0;
	}
	for (s = t.text; *s >= '0' && *s <= '9' && v <= UINT32_MAX; s++)
		v = v * 10 + (uint64_t)(*s - '0');
	if (s > t.text && (*s == 'h' || *s == 'd'))
		unit = *s++ == 'h' ? 3600 : DAY;
	if (s == t.text || (*s != '\0' && v <= UINT32_MAX)) {
		conf_error(c, t.pos, "log keep: '%s' is no age (SECONDS, Nh, "
		    "Nd or ever)", conf_show(c, t.text));
		return -1;
	}
	if (v == 0 || v * unit > 36500ULL * DAY) {
		conf_error(c, t.pos, "log keep: %s is out of range (1 second "
		    "to 36500d)", conf_show(c, t.text));
		return -1;
	}
	*seconds = (uint32_t)(v * unit);
	return 0;
}

static int
log_keep(struct conf *c)
{
	int i = want_word(c, "log keep: a stream (events, probes, frames, "
	    "honeyd or service)", conf_streams, STREAM_MAX);

	return i == -1 ? -1 : want_age(c, &c->log.keep_s[i]);
}

/* frames "FILTER" | all [snap N] | frames off */
static int
log_frames(struct conf *c)
{
	struct conf_log *l = &c->log;
	uint32_t snap = IMG_SNAP_MAX;
	struct tok t;

	if (want(c, "log frames: a \"FILTER\", all or off", &t) == -1)
		return -1;
	if (t.kind == TOK_WORD && strcmp(t.text, "off") == 0) {
		l->frames = NULL;
		l->ninsns = 0;
		return 0;
	}
	if (t.kind == TOK_WORD && strcmp(t.text, "all") != 0) {
		conf_error(c, t.pos, "log frames: a filter must stand in "
		    "quotes: \"%s ...\"", conf_show(c, t.text));
		return -1;
	}
	if (peek_is(c, "snap")) {
		lex_next(c);
		if (want_u32(c, "log frames snap", IMG_SNAP_MIN, IMG_SNAP_MAX,
			&snap) == -1)
			return -1;
	}
	if (t.kind == TOK_STRING && t.len == 0)
		return 0; /* said by the lexer */
	l->snap = snap;
	l->frames = t.kind == TOK_STRING ? t.text : "";
	(void)conf_frames(c, l->frames, t.pos);
	return 0;
}

/* ADDR, ADDR:PORT, [ADDR6]:PORT. 0, or -1 (message given). */
static int
syslog_peer(struct conf *c, const struct tok *t, struct img_syslog *s)
{
	char text[ADDR_STRLEN + 8];
	char *port = NULL, *at = text, *end;
	uint32_t a, n = 0;

	if (t->len >= sizeof(text))
		goto bad;
	memcpy(text, t->text, t->len + 1);
	if (*at == '[' && (end = strchr(at, ']')) != NULL) {
		at++;
		*end = '\0';
		if (end[1] != '\0' && end[1] != ':')
			goto bad;
		port = end[1] == ':' ? end + 2 : NULL;
	} else if ((end = strchr(at, ':')) != NULL &&
	    strchr(end + 1, ':') == NULL) {
		*end = '\0';
		port = end + 1;
	}
	s->port = SYSLOG_PORT;
	if (port != NULL) {
		for (end = port; *end >= '0' && *end <= '9' && n < 65536; end++)
			n = n * 10 + (uint32_t)(*end - '0');
		if (*end != '\0' || n == 0 || n > 65535)
			goto bad;
		s->port = (uint16_t)n;
	}
	s->ver = strchr(at, ':') != NULL ? 6 : 4;
	if (s->ver == 4 && conf_ip4(at, &a) == 0 && a != 0) {
		addr_set4(s->addr, a);
		return 0;
	}
	if (s->ver == 6 && inet_pton(AF_INET6, at, s->addr) == 1 &&
	    memcmp(s->addr, &in6addr_any, 16) != 0)
		return 0;
bad:
	conf_error(c, t->pos, "log syslog: '%s' is not ADDRESS, ADDRESS:PORT "
	    "or [ADDRESS6]:PORT (names are not resolved)",
	    conf_show(c, t->text));
	return -1;
}

static int
syslog_path(struct conf *c, const struct tok *t)
{
	const size_t max = sizeof(((struct sockaddr_un *)0)->sun_path);
	size_t i;

	for (i = 0; i < t->len; i++)
		if ((unsigned char)t->text[i] < 0x20 || t->text[i] == 0x7f)
			break;
	if (t->len > 0 && *t->text == '/' && t->len < max && i == t->len)
		return 0;
	conf_error(c, t->pos, "log syslog unix: '%s' is not the absolute path "
	    "of a socket of at most %zu bytes", conf_show(c, t->text),
	    max - 1);
	return -1;
}

/* [facility NAME] [probes] */
static int
syslog_options(struct conf *c, struct img_syslog *s)
{
	int i;

	for (;;) {
		if (peek_is(c, "facility")) {
			lex_next(c);
			i = want_word(c, "log syslog: a facility",
			    conf_facilities, CONF_FACILITIES);
			if (i == -1)
				return -1;
			s->facility = (uint8_t)i;
		} else if (peek_is(c, "probes")) {
			lex_next(c);
			s->probes = 1;
		} else
			return 0;
	}
}

/* syslog unix "PATH" | udp PEER | tcp PEER [facility NAME] [probes] | off */
static int
log_syslog(struct conf *c)
{
	static const char *const words[] = { "off", "unix", "udp", "tcp" };
	struct img_syslog s = { .facility = 3 };
	struct tok t = { 0 };
	int i = want_word(c, "log syslog: unix, udp, tcp or off", words, 4);

	if (i == -1)
		return -1;
	if (i == 0) {
		memset(&c->log.syslog, 0, sizeof(c->log.syslog));
		c->log.path = NULL;
		return 0;
	}
	s.transport = (uint8_t)i; /* SHIP_UNIX, SHIP_UDP, SHIP_TCP */
	if (want(c, i == SHIP_UNIX ? "log syslog unix: a \"PATH\"" :
		"log syslog: an ADDRESS", &t) == -1 ||
	    (i == SHIP_UNIX ? syslog_path(c, &t) :
		    syslog_peer(c, &t, &s)) == -1 ||
	    syslog_options(c, &s) == -1)
		return -1;
	c->log.syslog = s;
	c->log.path = i == SHIP_UNIX ? t.text : NULL;
	return 0;
}

int
parse_log(struct conf *c)
{
	static const char *const words[] = { "packets", "services", "size",
		"age", "budget", "reserve", "keep", "full", "frames",
		"syslog" };
	static const char *const full[] = { "stop", "oldest" };
	int i;

	switch (want_word(c, "log: packets, services, size, age, budget, "
	    "reserve, keep, full, frames or syslog", words, 10)) {
	case 0:
		c->flags |= IMG_F_HONEYD;
		return 0;
	case 1:
		c->flags |= IMG_F_SERVICE;
		return 0;
	case 2:
		return want_size(c, "log size", 1u << 20, 1ULL << 40,
		    &c->log_segment_bytes);
	case 3:
		return want_u32(c, "log age", 60, 366 * DAY,
		    &c->log_segment_seconds);
	case 4:
		return log_budget(c);
	case 5:
		return log_reserve(c);
	case 6:
		return log_keep(c);
	case 7:
		i = want_word(c, "log full: stop or oldest", full, 2);
		if (i != -1)
			c->log.full = (uint32_t)i; /* FULL_STOP, FULL_OLDEST */
		return i == -1 ? -1 : 0;
	case 8:
		return log_frames(c);
	case 9:
		return log_syslog(c);
	}
	return -1;
}

/* A budget that its first segment fills is no budget. */
static void
too_small(struct conf *c, struct conf_pos pos, const char *of, uint64_t budget)
{
	if (budget != 0 && budget / 2 < c->log_segment_bytes)
		conf_warn(c, pos, "log budget%s%s: less than two segments: the "
		    "newest is never removed, so give log size at most half "
		    "of it", *of ? " " : "", of);
}

void
conf_log_check(struct conf *c)
{
	const struct conf_log *l = &c->log;
	int i;

	too_small(c, l->budget_pos, "", l->budget);
	for (i = 0; i < STREAM_MAX; i++) {
		too_small(c, l->stream_pos[i], conf_streams[i],
		    l->stream_budget[i]);
		if (l->budget != 0 && l->stream_budget[i] > l->budget)
			conf_warn(c, l->stream_pos[i], "log budget %s: more "
			    "than the budget of all streams together",
			    conf_streams[i]);
	}
}
