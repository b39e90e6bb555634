/* SPDX-License-Identifier: ISC */
/* hpd-conf: statements about the whole suite: limit, mac, arp, on-crash,
 * packet-io. Those about the log: parse_log.c. */
#include "parse.h"

#include "common/proc.h"

static int
flag(struct conf *c, const char *what, const char *off, const char *on,
    uint32_t f)
{
	const char *words[2] = { off, on };
	int i = want_word(c, what, words, 2);

	if (i == -1)
		return -1;
	c->flags = (c->flags & ~f) | (i == 1 ? f : 0);
	return 0;
}

/* limit scripts [processes N] [memory SIZE] [cpu PERCENT], at least one */
static int
limit_scripts(struct conf *c)
{
	static const char *const words[] = { "processes", "memory", "cpu" };
	int r;

	do {
		r = want_word(c, "limit scripts: processes, memory or cpu",
		    words, 3);
		if (r == 0)
			r = want_u32(c, "limit scripts processes",
			    SCRIPTS_PROCESSES_MIN, SCRIPTS_PROCESSES_MAX,
			    &c->scripts_processes);
		else if (r == 1)
			r = want_size(c, "limit scripts memory",
			    SCRIPTS_MEMORY_MIN, SCRIPTS_MEMORY_MAX,
			    &c->scripts_memory);
		else if (r == 2)
			r = want_u32(c, "limit scripts cpu", 1,
			    SCRIPTS_CPU_MAX, &c->scripts_cpu);
	} while (r == 0 && !peek_end(c));
	return r;
}

/* limit sessions N [source N] | limit connections N [source N] |
 * limit scripts ... */
int
parse_limit(struct conf *c)
{
	static const char *const words[] = { "sessions", "connections",
		"scripts" };
	uint32_t *total, *source, max;
	const char *what;
	int i = want_word(c, "limit: sessions, connections or scripts", words,
	    3);

	if (i == -1)
		return -1;
	if (i == 2)
		return limit_scripts(c);
	what = i == 0 ? "limit sessions" : "limit connections";
	max = i == 0 ? 2 * SLOT_COUNT : 16u << 20;
	total = i == 0 ? &c->max_sessions : &c->max_connections;
	source = i == 0 ? &c->max_sessions_source :
			  &c->max_connections_source;
	if (want_u32(c, what, 1, max, total) == -1)
		return -1;
	if (*source > *total)
		*source = *total;
	if (!peek_is(c, "source"))
		return 0;
	lex_next(c);
	return want_u32(c, what, 1, *total, source);
}

/* mac host */
int
parse_mac(struct conf *c)
{
	return flag(c, "mac: own or host", "own", "host", IMG_F_MAC_HOST);
}

/* arp full | arp short | arp pace MS */
int
parse_arp(struct conf *c)
{
	static const char *const words[] = { "short", "full", "pace" };
	int i = want_word(c, "arp: full, short or pace", words, 3);

	if (i == 2)
		return want_u32(c, "arp pace", 1, 60000, &c->arp_pace_ms);
	if (i == -1)
		return -1;
	c->flags &= ~IMG_F_ARP_FULL;
	c->flags |= i == 1 ? IMG_F_ARP_FULL : 0;
	return 0;
}

int
parse_on_crash(struct conf *c)
{
	return flag(c, "on-crash: restart or stop", "restart", "stop",
	    IMG_F_CRASH_STOP);
}

int
parse_packet_io(struct conf *c)
{
	return flag(c, "packet-io: fast or compat", "fast", "compat",
	    IMG_F_COMPAT);
}
