/* SPDX-License-Identifier: ISC */
/* hpd-conf -P: what is said of the log, as statements. */
#include "conf.h"

#include "common/addr.h"
#include "logwords.h"

void
conf_print_size(FILE *f, uint64_t v)
{
	static const char unit[] = " KMG";
	int i = 0;

	while (i < 3 && v >= 1024 && v % 1024 == 0) {
		v /= 1024;
		i++;
	}
	fprintf(f, "%llu", (unsigned long long)v);
	if (i > 0)
		fputc(unit[i], f);
}

static void
space(const struct conf_log *l, FILE *f)
{
	int i;

	fprintf(f, "log budget ");
	if (l->budget == 0)
		fprintf(f, "off");
	else
		conf_print_size(f, l->budget);
	fprintf(f, "\nlog reserve ");
	if (l->reserve == IMG_RESERVE_AUTO)
		fprintf(f, "auto");
	else if (l->reserve == 0)
		fprintf(f, "off");
	else
		conf_print_size(f, l->reserve);
	fprintf(f, "\nlog full %s\n",
	    l->full == FULL_OLDEST ? "oldest" : "stop");
	for (i = 0; i < STREAM_MAX; i++) {
		if (l->stream_budget[i] == 0)
			continue;
		fprintf(f, "log budget %s ", conf_streams[i]);
		conf_print_size(f, l->stream_budget[i]);
		fputc('\n', f);
	}
	for (i = 0; i < STREAM_MAX; i++)
		if (l->keep_s[i] != 0)
			fprintf(f, "log keep %s %u\n", conf_streams[i],
			    l->keep_s[i]);
}

static void
forward(const struct conf_log *l, FILE *f)
{
	const struct img_syslog *s = &l->syslog;
	char text[ADDR_STRLEN];

	if (s->transport == SHIP_NONE)
		return;
	fprintf(f, "log syslog ");
	if (s->transport == SHIP_UNIX)
		fprintf(f, "unix \"%s\"", l->path);
	else
		fprintf(f, s->ver == 6 ? "%s [%s]:%u" : "%s %s:%u",
		    s->transport == SHIP_UDP ? "udp" : "tcp",
		    addr_text(s->ver, s->addr, text), s->port);
	fprintf(f, " facility %s%s\n", conf_facilities[s->facility],
	    s->probes ? " probes" : "");
}

void
conf_print_log(const struct conf *c, FILE *f)
{
	const struct conf_log *l = &c->log;

	fprintf(f, "log size ");
	conf_print_size(f, c->log_segment_bytes);
	fprintf(f, "\nlog age %u\n", c->log_segment_seconds);
	space(l, f);
	if (c->flags & IMG_F_HONEYD)
		fprintf(f, "log packets\n");
	if (c->flags & IMG_F_SERVICE)
		fprintf(f, "log services\n");
	if (l->ninsns > 0 && *l->frames == '\0')
		fprintf(f, "log frames all snap %u\n", l->snap);
	else if (l->ninsns > 0)
		fprintf(f, "log frames \"%s\" snap %u\n", l->frames, l->snap);
	forward(l, f);
}
