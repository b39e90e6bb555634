/* SPDX-License-Identifier: ISC */
/*
 * hpview show: the records that pass the filters, in order of time. On a
 * terminal one short line each; into a pipe the lines as they stand in the
 * log. Must never put an attacker's byte on a terminal but through
 * view_safe().
 */
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/buf.h"
#include "hpd-log/hpview/cmd.h"
#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/vtime.h"
#include "hpd-log/json.h"

#define TEXT_MAX 8192 /* bytes of a text that are shown */

struct show {
	const struct view *v;
	int raw, safe;	 /* lines as they stand; made safe */
	int sensors;	 /* more than one: name it */
	uint64_t left;	 /* records still to show */
	char *buf;
	size_t cap;
};

/* Untrusted text, already a JSON body. */
static void
text(const char *before, struct vstr s, const char *behind)
{
	static char raw[TEXT_MAX], safe[TEXT_MAX * 4 + 1];
	size_t n;

	if (s.p == NULL)
		return;
	n = vstr_text(s, raw, sizeof(raw));
	(void)view_safe(raw, n, safe, sizeof(safe));
	printf("%s%s%s%s", before, safe, n + 4 > sizeof(raw) ? "..." : "",
	    behind);
}

static void
end(const struct vrec *r, const uint8_t addr[16], uint16_t port)
{
	static const uint8_t none[16];
	char b[ADDR_STRLEN];

	if (memcmp(addr, none, 16) == 0)
		printf("*");
	else
		printf(r->ver == 6 && port != 0 ? "[%s]" : "%s",
		    addr_text(r->ver, addr, b));
	if (r->proto == IPPROTO_TCP || r->proto == IPPROTO_UDP)
		printf(":%u", port);
}

static void
people(struct show *s, const struct vrec *r)
{
	char when[20], name[128];
	const char *base;

	printf("%s.%03u ", vtime_text(r->wall_ns, when),
	    (unsigned int)(r->wall_ns / 1000000 % 1000));
	if (s->sensors) {
		base = strrchr(s->v->sensors[r->sensor], '/');
		base = base != NULL ? base + 1 : s->v->sensors[r->sensor];
		(void)view_safe(base, strlen(base), name, sizeof(name));
		printf("%s ", name);
	}
	(void)view_safe(r->action.p, r->action.n, name, sizeof(name));
	printf("%-12s", name);
	if (r->ver != 0) {
		printf(" ");
		end(r, r->src, r->sport);
		printf(" > ");
		end(r, r->dst, r->dport);
	}
	if (r->session != 0)
		printf(" #%llx", (unsigned long long)r->session);
	if (r->kind == EV_ICMP_PROBE)
		printf(" type %u code %u", r->sport, r->dport);
	text(" ", r->verdict_name, "");
	if (r->count > 1)
		printf(" x%llu", (unsigned long long)r->count);
	text(" ", r->why, "");
	if (r->bytes_in + r->bytes_out > 0)
		printf(" in %llu out %llu", (unsigned long long)r->bytes_in,
		    (unsigned long long)r->bytes_out);
	if (r->kind == EV_SESSION_DATA)
		printf(" %s", r->out ? "out" : "in");
	text(" [", r->service, "]");
	text(" (", r->os, ")");
	text(" (", r->tool, ")");
	text(" ", r->script, "");
	text(" ", r->message, "");
	if (r->lost_count > 0)
		printf(" %llu records", (unsigned long long)r->lost_count);
	printf("\n");
}

static int
one(void *state, const struct vrec *r)
{
	struct show *s = state;
	size_t need = (size_t)r->len * 4 + 1;
	char *p;

	if (s->left == 0)
		return 1;
	s->left--;
	if (!s->raw) {
		people(s, r);
	} else if (!s->safe) {
		(void)fwrite(r->line, 1, r->len, stdout);
		(void)putchar('\n');
	} else {
		if (need > s->cap) {
			p = realloc(s->buf, need);
			if (p == NULL)
				return -1;
			s->buf = p;
			s->cap = need;
		}
		(void)view_safe(r->line, r->len, s->buf, s->cap);
		(void)puts(s->buf);
	}
	return ferror(stdout) ? 1 : 0;
}

static int
run(struct view *v, struct show *s, int follow)
{
	int r = view_merge(v, one, s);

	while (r == 0 && follow && fflush(stdout) == 0)
		r = view_follow(v, 500, one, s);
	free(s->buf);
	if (v->torn > 0)
		fprintf(stderr, "hpview: %llu lines are no records\n",
		    (unsigned long long)v->torn);
	if (r == -1)
		return 70;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("hpview: standard output");
		return 70;
	}
	return 0;
}

int
cmd_show(int argc, char *argv[])
{
	struct filter f;
	struct show s;
	struct view v;
	uint32_t n;
	int c, r, follow = 0;

	memset(&s, 0, sizeof(s));
	s.left = UINT64_MAX;
	s.safe = isatty(STDOUT_FILENO);
	s.raw = !s.safe;
	filter_init(&f);
	while ((c = getopt(argc, argv, FILTER_OPTS "jtFN:")) != -1) {
		if (c == 'j')
			s.raw = 1;
		else if (c == 't')
			s.raw = 0;
		else if (c == 'F')
			follow = 1;
		else if (c == 'N' && str_u32(optarg, UINT32_MAX, &n) == 0)
			s.left = n;
		else if (c == '?' ||
		    filter_option(&f, c, optarg, vtime_now()) == -1)
			return 64;
	}
	if (view_open(&v, argv + optind, argc - optind) == -1)
		return 66;
	v.filter = &f;
	s.v = &v;
	s.sensors = v.nsensors > 1;
	r = run(&v, &s, follow);
	view_close(&v);
	return r;
}
