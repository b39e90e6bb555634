/* SPDX-License-Identifier: ISC */
/*
 * hpview summary: what a log says in total, on a terminal or as JSON. Must
 * never print an attacker's bytes but through view_safe() or json_str().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/buf.h"
#include "hpd-log/hpview/cmd.h"
#include "hpd-log/hpview/summary.h"
#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/vtime.h"

#define ROWS 10

/* Seven characters or fewer. */
static const char *
num(char b[24], uint64_t v)
{
	static const char unit[] = "kMGTPE";
	size_t u = 0;
	double d = (double)v / 1000;

	if (v < 10000000) {
		(void)snprintf(b, 24, "%llu", (unsigned long long)v);
		return b;
	}
	for (; d >= 1000; d /= 1000)
		u++;
	(void)snprintf(b, 24, d < 100 ? "%.1f%c" : "%.0f%c", d, unit[u]);
	return b;
}

/* Untrusted text of at most width columns: a character is one. */
static const char *
cut(char *b, size_t cap, const char *text, size_t len, unsigned int width)
{
	unsigned int cols = 0;
	size_t i;

	(void)view_safe(text, len, b, cap);
	for (i = 0; b[i] != '\0'; i++) {
		if (((uint8_t)b[i] & 0xc0) == 0x80)
			continue;
		if (cols++ == width) {
			b[i] = '\0';
			break;
		}
	}
	/* Never the beginning of an escape alone. */
	if (b[i] == '\0' && text[0] != '\0' && cols > width && i > 0)
		b[i - 1] = '~';
	return b;
}

static const char *
span(char b[32], int64_t ns)
{
	int64_t s = ns / 1000000000LL;

	if (s < 120)
		(void)snprintf(b, 32, "%lld s", (long long)s);
	else if (s < 7200)
		(void)snprintf(b, 32, "%lld min", (long long)s / 60);
	else if (s < 172800)
		(void)snprintf(b, 32, "%lld h", (long long)s / 3600);
	else
		(void)snprintf(b, 32, "%lld days", (long long)s / 86400);
	return b;
}

static void
heading(const struct view *v, const struct vsum *s)
{
	char a[20], b[20], c[32], name[256];
	unsigned int i;

	for (i = 0; i < v->nsensors; i++) {
		(void)view_safe(v->sensors[i], strlen(v->sensors[i]), name,
		    sizeof(name));
		printf("%s%s", i ? ", " : "Log       ", name);
	}
	printf("\n");
	if (s->records == 0) {
		printf("Time      no records\n");
		return;
	}
	printf("Time      %s to %s UTC (%s)\n", vtime_text(s->first_ns, a),
	    vtime_text(s->last_ns, b), span(c, s->last_ns - s->first_ns));
}

static void
totals(const struct vsum *s)
{
	uint64_t probes = s->counts[EV_TCP_PROBE] + s->counts[EV_UDP_PROBE] +
	    s->counts[EV_ICMP_PROBE] + s->counts[EV_IP_PROBE] +
	    s->counts[EV_FLOOD];
	uint64_t logins = 0, i;

	for (i = 0; i < VSUM_BUCKETS; i++)
		logins += s->bucket[i].logins;
	printf("Records   %llu: %llu probes, %llu sessions, %llu logins "
	       "tried\n", (unsigned long long)s->records,
	    (unsigned long long)probes,
	    (unsigned long long)(s->kinds[EV_TCP_OPEN] +
		s->kinds[EV_UDP_OPEN]), (unsigned long long)logins);
	printf("Met       %llu sources, %llu decoys, %llu ports, %llu "
	       "different logins\n", (unsigned long long)s->nsources,
	    (unsigned long long)s->ndecoys, (unsigned long long)s->nports,
	    (unsigned long long)s->nlogins);
	if (s->last_ns - s->first_ns > 86400LL * 1000000000LL)
		printf("New       %llu sources first seen in the last 24 h of "
		       "the log\n", (unsigned long long)s->new_sources);
	printf("Alerts    %llu intrusions caught, %llu daemons killed, %llu "
	       "address conflicts\n", (unsigned long long)s->kinds[EV_SVC_TRIP],
	    (unsigned long long)s->kinds[EV_SANDBOX_KILL],
	    (unsigned long long)s->kinds[EV_ARP_CONFLICT]);
}

/* What did not make it into the log, and what is odd about it. */
static void
health(const struct view *v, const struct vsum *s)
{
	uint64_t left = s->left_sources + s->left_decoys + s->left_ports +
	    s->left_logins + s->left_sessions + s->left_pairs;

	printf("Dropped   %llu frames, %llu times at a limit\n",
	    (unsigned long long)s->counts[EV_NET_DROP],
	    (unsigned long long)s->counts[EV_NET_LIMIT]);
	printf("Lost      %llu records, %llu in gaps, %llu folded into counts, "
	       "%llu segments retired\n", (unsigned long long)s->lost,
	    (unsigned long long)s->gaps, (unsigned long long)s->folded,
	    (unsigned long long)s->retired);
	if (s->kinds[EV_LOG_STATS] > 0)
		printf("Lag       %.3f s at most from event to disk\n",
		    (double)s->lag_max_us / 1e6);
	if (s->torn + s->duplicates + v->vanished > 0)
		printf("Skipped   %llu lines that are no records, %llu written "
		       "twice, %llu files removed meanwhile\n",
		    (unsigned long long)s->torn,
		    (unsigned long long)s->duplicates,
		    (unsigned long long)v->vanished);
	if (left > 0)
		printf("Left out  of the tables, not of the totals: %llu "
		       "sources, %llu decoys,\n          %llu ports, %llu "
		       "logins, %llu sessions, %llu meetings\n",
		    (unsigned long long)s->left_sources,
		    (unsigned long long)s->left_decoys,
		    (unsigned long long)s->left_ports,
		    (unsigned long long)s->left_logins,
		    (unsigned long long)s->left_sessions,
		    (unsigned long long)s->left_pairs);
}

/* An address in 15 columns, a longer one on a line of its own. */
static void
address(uint8_t ver, const uint8_t addr[16])
{
	char b[ADDR_STRLEN];

	(void)addr_text(ver, addr, b);
	if (strlen(b) > 15)
		printf("%s\n%-15s", b, "");
	else
		printf("%-15s", b);
}

static void
sources(const struct vsum *s, size_t rows, int geo)
{
	char b[6][24], t[512], both[128];
	size_t i;

	printf("\nSource           events  probes sessns logins ports decoy "
	       "%sTool, system\n", geo ? "in " : "");
	for (i = 0; i < s->n_sources && i < rows; i++) {
		const struct vsum_source *r = &s->sources[i];

		address(r->ver, r->addr);
		(void)snprintf(both, sizeof(both), "%s%s%s", r->tool,
		    r->os[0] != '\0' && r->tool[0] != '\0' ? ", " : "",
		    r->os);
		printf(" %7s %7s %6s %6s %5s %5s ", num(b[0], r->events),
		    num(b[1], r->probes), num(b[2], r->sessions),
		    num(b[3], r->logins), num(b[4], r->nports),
		    num(b[5], r->ndecoys));
		if (geo)
			printf("%-2s ", r->country);
		printf("%s\n", cut(t, sizeof(t), both, strlen(both),
		    geo ? 17 : 20));
	}
}

static void
decoys(const struct vsum *s, size_t rows)
{
	char b[4][24], t[512], u[512];
	size_t i;

	printf("\nDecoy            events  probes sessns  srcs Template         "
	       "Persona\n");
	for (i = 0; i < s->n_decoys && i < rows; i++) {
		const struct vsum_decoy *r = &s->decoys[i];

		address(r->ver, r->addr);
		printf(" %7s %7s %6s %5s %-16s %s\n", num(b[0], r->events),
		    num(b[1], r->probes), num(b[2], r->sessions),
		    num(b[3], r->nsources),
		    cut(t, sizeof(t), r->tmpl, strlen(r->tmpl), 16),
		    cut(u, sizeof(u), r->persona, strlen(r->persona), 17));
	}
}

static void
ports(const struct vsum *s, size_t rows)
{
	char b[3][24], t[512];
	size_t i;

	printf("\nPort       probes sessions sources Service\n");
	for (i = 0; i < s->n_ports && i < rows; i++) {
		const struct vsum_port *r = &s->ports[i];

		printf("%5u/%s %7s %8s %7s %s\n", r->port,
		    r->proto == 6 ? "tcp" : "udp", num(b[0], r->probes),
		    num(b[1], r->sessions), num(b[2], r->nsources),
		    cut(t, sizeof(t), r->service, strlen(r->service), 44));
	}
}

static void
logins(const struct vsum *s, size_t rows)
{
	char b[2][24], t[1024], u[1024], when[20];
	size_t i;

	if (s->n_logins == 0)
		return;
	printf("\n  Tries sources First               User             "
	       "Password\n");
	for (i = 0; i < s->n_logins && i < rows; i++) {
		const struct vsum_login *r = &s->logins[i];

		printf("%7s %7s %s %-16s %s\n", num(b[0], r->tries),
		    num(b[1], r->nsources), vtime_text(r->first_ns, when),
		    cut(t, sizeof(t), r->user,
			strnlen(r->user, sizeof(r->user)), 16),
		    cut(u, sizeof(u), r->password,
			strnlen(r->password, sizeof(r->password)), 26));
	}
}

static int
finish(int r)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("hpview: standard output");
		return 70;
	}
	return r;
}

struct opts {
	const char *geo;
	size_t rows;
	unsigned int threads;
	int json;
};

static int
run(struct view *v, const struct opts *o)
{
	struct vsum s;
	int geo;

	if (vsum_make(&s, v, o->threads) == -1)
		return 70;
	geo = vsum_geo(&s, o->geo);
	if (geo == -1 && o->geo != NULL) {
		vsum_free(&s);
		return 66;
	}
	if (o->json) {
		summary_json(v, &s, o->rows, geo == 1);
	} else {
		heading(v, &s);
		totals(&s);
		health(v, &s);
		sources(&s, o->rows, geo == 1);
		decoys(&s, o->rows);
		ports(&s, o->rows);
		logins(&s, o->rows);
	}
	vsum_free(&s);
	return finish(0);
}

int
cmd_summary(int argc, char *argv[])
{
	struct opts o = { NULL, ROWS, 0, 0 };
	struct filter f;
	struct view v;
	uint32_t n;
	int c, r;

	filter_init(&f);
	while ((c = getopt(argc, argv, FILTER_OPTS "jg:N:T:")) !=
	    -1) {
		if (c == 'j')
			o.json = 1;
		else if (c == 'g')
			o.geo = optarg;
		else if (c == 'N' && str_u32(optarg, VSUM_TOP, &n) == 0)
			o.rows = n;
		else if (c == 'T' && str_u32(optarg, VIEW_THREADS, &n) == 0)
			o.threads = n;
		else if (c == '?' ||
		    filter_option(&f, c, optarg, vtime_now()) == -1)
			return 64;
	}
	if (view_open(&v, argv + optind, argc - optind) == -1)
		return 66;
	v.filter = &f;
	r = run(&v, &o);
	view_close(&v);
	return r;
}
