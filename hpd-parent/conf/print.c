/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf -P: the compiled configuration as text that compiles to the same
 * image: everything said explicitly, in the image's order.
 */
#include "conf.h"

#include <ctype.h>
#include <string.h>

#include "parse.h"

/* A name bare where that is surely read as a name, else quoted. */
static void
name(FILE *f, const char *s)
{
	const char *p;
	int bare = isalpha((unsigned char)*s) != 0 && !statement_known(s) &&
	    strcmp(s, "template") != 0 && strcmp(s, "source") != 0 &&
	    strcmp(s, "time") != 0 && strcmp(s, "tcp") != 0 &&
	    strcmp(s, "udp") != 0 && strcmp(s, "icmp") != 0;

	for (p = s; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("._-/", *p) == NULL)
			bare = 0;
	fprintf(f, bare ? "%s" : "\"%s\"", s);
}

static const char *
action_word(uint8_t a)
{
	switch (a) {
	case ACT_CLOSED:
		return "closed";
	case ACT_OPEN:
		return "open";
	case ACT_TARPIT_OPEN:
		return "tarpit open";
	default:
		return "filtered";
	}
}

static void
print_suite(const struct conf *c, FILE *f)
{
	uint32_t i;
	char text[16];

	fprintf(f, "limit sessions %u source %u\n", c->max_sessions,
	    c->max_sessions_source);
	fprintf(f, "limit connections %u source %u\n", c->max_connections,
	    c->max_connections_source);
	if (c->scripts_processes != SCRIPTS_PROCESSES)
		fprintf(f, "limit scripts processes %u\n",
		    c->scripts_processes);
	if (c->scripts_memory != 0) {
		fprintf(f, "limit scripts memory ");
		conf_print_size(f, c->scripts_memory);
		fprintf(f, "\n");
	}
	if (c->scripts_cpu != 0)
		fprintf(f, "limit scripts cpu %u\n", c->scripts_cpu);
	conf_print_log(c, f);
	if (c->flags & IMG_F_MAC_HOST)
		fprintf(f, "mac host\n");
	if (c->flags & IMG_F_ARP_FULL)
		fprintf(f, "arp full\n");
	fprintf(f, "arp pace %u\n", c->arp_pace_ms);
	if (c->flags & IMG_F_CRASH_STOP)
		fprintf(f, "on-crash stop\n");
	if (c->flags & IMG_F_COMPAT)
		fprintf(f, "packet-io compat\n");
	for (i = 0; i < c->nexcludes; i++)
		fprintf(f, "exclude %s/%u\n",
		    conf_ip4_text(c->excludes[i].addr, text),
		    c->excludes[i].bits);
}

static void
print_port(const struct conf *c, const struct conf_tmpl *t,
    const struct conf_port *p, FILE *f)
{
	const struct conf_service *s;

	fprintf(f, "add ");
	name(f, t->name);
	fprintf(f, " %s port %u ", p->proto == 6 ? "tcp" : "udp", p->port);
	if (p->service == IMG_NONE) {
		fprintf(f, "%s\n", action_word(p->action));
		return;
	}
	s = &c->services[p->service];
	fprintf(f, "%s\"%s\" profile %s wall %u idle %u cpu %u bytes ",
	    p->action == ACT_TARPIT_SERVICE ? "tarpit " : "", s->command,
	    s->profile == PROFILE_SHELL ? "shell" : "nofork", s->wall_s,
	    s->idle_s, s->cpu_s);
	conf_print_size(f, s->max_bytes_out);
	fprintf(f, " sessions %u source %u memory ", s->max_sessions,
	    s->max_sessions_source);
	conf_print_size(f, s->memory);
	if (s->pool != 0)
		fprintf(f, " pool %u", s->pool);
	fputc('\n', f);
}

static void
set(const struct conf_tmpl *t, FILE *f)
{
	fprintf(f, "set ");
	name(f, t->name);
	fputc(' ', f);
}

static void
print_mac(const struct conf_tmpl *t, FILE *f)
{
	if (t->mac_mode == MAC_DERIVED)
		return;
	set(t, f);
	if (t->mac_mode == MAC_VENDOR)
		fprintf(f, "ethernet \"%s\"\n", t->vendor);
	else
		fprintf(f, "ethernet %02x:%02x:%02x:%02x:%02x:%02x\n",
		    t->mac[0], t->mac[1], t->mac[2], t->mac[3], t->mac[4],
		    t->mac[5]);
}

static void
print_template(const struct conf *c, const struct conf_tmpl *t, FILE *f)
{
	const struct conf_persona *p = &c->personas[t->persona];
	uint32_t i;

	fprintf(f, "\ncreate ");
	name(f, t->name);
	fputc('\n', f);
	if (p->name != NULL) {
		set(t, f);
		fprintf(f, "personality \"%s\"\n", p->name);
	}
	print_mac(t, f);
	over_print(t, set, f);
	if (t->uptime != IMG_NONE) {
		set(t, f);
		fprintf(f, "uptime %u\n", t->uptime);
	}
	if (t->drop_ppm != 0) {
		set(t, f);
		fprintf(f, "droprate in %u.%04u\n", t->drop_ppm / 10000,
		    t->drop_ppm % 10000);
	}
	if (t->nofile != CONF_NOFILE) {
		set(t, f);
		fprintf(f, "maxfds %u\n", t->nofile);
	}
	if (t->banner != NULL) {
		set(t, f);
		fprintf(f, "banner \"%s\"\n", t->banner);
	}
	if (t->transcript != CONF_TRANSCRIPT) {
		set(t, f);
		fprintf(f, "transcript ");
		if (t->transcript == 0)
			fprintf(f, "off");
		else
			conf_print_size(f, t->transcript);
		fputc('\n', f);
	}
	set(t, f);
	fprintf(f, "default tcp action %s\n", action_word(t->act_tcp));
	set(t, f);
	fprintf(f, "default udp action %s\n", action_word(t->act_udp));
	set(t, f);
	fprintf(f, "default icmp action %s\n", action_word(t->act_icmp));
	set(t, f);
	if (t->denied == 2)
		fprintf(f, "denied \"%s\"\n", t->denied_text);
	else
		fprintf(f, "denied %s\n", t->denied ? "silence" : "reset");
	for (i = 0; i < t->nports; i++)
		print_port(c, t, &t->ports[i], f);
}

int
conf_print(const struct conf *c, FILE *f)
{
	const struct conf_bind *b;
	char text[16];
	uint32_t i;

	print_suite(c, f);
	for (i = 0; i < c->ntmpls; i++)
		if (!c->tmpls[i].deleted)
			print_template(c, &c->tmpls[i], f);
	if (c->nbinds > 0)
		fputc('\n', f);
	for (i = 0; i < c->nbinds; i++) {
		b = &c->binds[i];
		fprintf(f, "bind %s", conf_ip4_text(b->addr, text));
		if (b->bits != 32)
			fprintf(f, "/%u", b->bits);
		fputc(' ', f);
		name(f, c->tmpls[b->tmpl].name);
		fputc('\n', f);
	}
	return fflush(f) == EOF || ferror(f) ? -1 : 0;
}
