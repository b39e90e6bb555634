/* SPDX-License-Identifier: ISC */
/*
 * hpview session: what was said in one session, at once or at the speed at
 * which it was said; without an id, which sessions there are.
 */
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/addr.h"
#include "hpd-log/hpview/cmd.h"
#include "hpd-log/hpview/session.h"
#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/vsum.h"
#include "hpd-log/hpview/vtime.h"

#define PAUSE_MAX_NS 2000000000

struct gather {
	struct session_key key;
	struct session_head head;
	struct talks talks;
	pthread_mutex_t lock;
};

struct opts {
	struct session_show show;
	int raw; /* enum talk_kind + 1, 0 no */
};

static int
newest(const void *a, const void *b)
{
	const struct vsum_session *x = a, *y = b;

	return x->start_ns < y->start_ns ? 1 : x->start_ns > y->start_ns ? -1 :
	    0;
}

static int
list(struct view *v)
{
	struct vsum *s = calloc(1, sizeof(*s));
	char a[ADDR_STRLEN], b[ADDR_STRLEN], when[20], safe[160];
	const struct vsum_session *x;
	size_t i;

	if (s == NULL || vsum_make(s, v, 0) == -1) {
		free(s);
		return 70;
	}
	qsort(s->sessions, s->n_sessions, sizeof(*s->sessions), newest);
	for (i = 0; i < s->n_sessions; i++) {
		x = &s->sessions[i];
		view_safe(x->service, strnlen(x->service, sizeof(x->service)),
		    safe, sizeof(safe));
		printf("%016" PRIx64 "  %s  %-15s > %-15s %5u/%s %7" PRIu64
		       " in %7" PRIu64 " out %4u pieces  %s%s\n", x->id,
		    vtime_text(x->start_ns, when), addr_text(x->ver, x->src, a),
		    addr_text(x->ver, x->dst, b), x->dport,
		    x->proto == IPPROTO_UDP ? "udp" : "tcp", x->bytes_in,
		    x->bytes_out, x->chunks, safe, x->trip ? "  TRIP" : "");
	}
	if (s->nsessions > s->n_sessions)
		printf("%zu of %" PRIu64 " sessions; filters narrow it\n",
		    s->n_sessions, s->nsessions);
	vsum_free(s);
	free(s);
	return 0;
}

static void
keep(char *to, size_t cap, struct vstr s)
{
	if (s.p != NULL && to[0] == '\0')
		to[vstr_text(s, to, cap - 1)] = '\0';
}
#define KEEP(a, s) keep(a, sizeof(a), s)

static void
head_take(struct session_head *h, const struct vrec *r)
{
	if (h->first_ns == 0 || r->wall_ns < h->first_ns)
		h->first_ns = r->wall_ns;
	if (r->wall_ns > h->last_ns)
		h->last_ns = r->wall_ns;
	if (h->ver == 0 && r->ver != 0) {
		h->ver = r->ver;
		h->proto = r->proto;
		h->sport = r->sport;
		h->dport = r->dport;
		memcpy(h->src, r->src, sizeof(h->src));
		memcpy(h->dst, r->dst, sizeof(h->dst));
	}
	KEEP(h->tmpl, r->tmpl);
	KEEP(h->persona, r->persona);
	KEEP(h->service, r->service);
	KEEP(h->os, r->os);
	if (r->kind == EV_TCP_CLOSE || r->kind == EV_UDP_CLOSE) {
		h->bytes_in = r->bytes_in;
		h->bytes_out = r->bytes_out;
		h->duration_ns = r->duration_ns;
		KEEP(h->why, r->why);
	} else if (r->kind == EV_SVC_EXIT)
		KEEP(h->end, r->why);
}

static void
take(void *state, unsigned int thread, const struct vrec *r)
{
	struct gather *g = state;

	(void)thread;
	if (r->session != g->key.id || r->boot != g->key.boot ||
	    r->sensor != g->key.sensor || r->form != VIEW_JSON)
		return;
	pthread_mutex_lock(&g->lock);
	head_take(&g->head, r);
	pthread_mutex_unlock(&g->lock);
	talks_take(&g->talks, r);
}

static int
show(struct view *v, const struct session_key *k, const struct opts *o)
{
	static const struct talk_limit limit = { .stream = 256u << 20,
		.text = 64u << 20, .items = 4u << 20, .notes = 1 };
	struct gather *g = calloc(1, sizeof(*g));
	int rc = 0;

	if (g == NULL || talks_init(&g->talks, 1, &limit) == -1) {
		fprintf(stderr, "hpview session: no memory\n");
		free(g);
		return 70;
	}
	g->key = *k;
	g->talks.t[0].sensor = k->sensor;
	g->talks.t[0].boot = k->boot;
	g->talks.t[0].id = k->id;
	(void)talks_index(&g->talks);
	pthread_mutex_init(&g->lock, NULL);
	if (talks_scan(v, 0, take, g) == -1) {
		rc = 70;
	} else {
		talks_sort(&g->talks);
		if (o->raw) {
			rc = session_raw(&g->talks.t[0],
			    (uint8_t)(o->raw - 1)) == 0 ? 0 : 70;
		} else {
			session_head_show(&g->head, k,
			    k->sensor < v->nsensors ? v->sensors[k->sensor] :
				"");
			putchar('\n');
			session_talk_show(&g->talks.t[0], &o->show);
		}
	}
	talks_free(&g->talks);
	free(g);
	return rc;
}

static int
one(struct view *v, const struct session_want *want, const struct opts *o)
{
	struct session_key k[SESSION_SAME];
	char when[20], safe[512];
	const char *s;
	long n, i;

	n = session_find(v, want, k);
	if (n == -1)
		return 70;
	if (n == 0) {
		fprintf(stderr, "hpview session: no session %s here\n",
		    want->digits);
		return 66;
	}
	if (n == 1)
		return show(v, &k[0], o);
	fprintf(stderr, "hpview session: %s is %s%ld sessions:\n",
	    want->digits, n == SESSION_SAME ? "at least " : "", n);
	for (i = 0; i < n; i++) {
		s = k[i].sensor < v->nsensors ? v->sensors[k[i].sensor] : "";
		view_safe(s, strlen(s), safe, sizeof(safe));
		fprintf(stderr, "  %016" PRIx64 ":%016" PRIx64 "  %s  %s\n",
		    k[i].boot, k[i].id, vtime_text(k[i].first_ns, when), safe);
	}
	return 64;
}

static int
usage(void)
{
	fprintf(stderr,
	    "usage: hpview session " FILTER_USAGE " [LOGDIR ...]\n"
	    "       hpview session [BOOT:]ID [-cx] [-r[SPEED]] [-i | -o] "
	    "[-n SENSOR] [LOGDIR ...]\n");
	return 64;
}

/* -r's speed: 1 when it is not there, else above 0. */
static double
speed(const char *arg)
{
	char *end;
	double v;

	if (arg == NULL)
		return 1;
	v = strtod(arg, &end);
	return *end == '\0' && v > 0 && v <= 1e6 ? v : 0;
}

static int
options(int argc, char *argv[], struct opts *o, struct filter *f)
{
	struct timespec now;
	int c;

	clock_gettime(CLOCK_REALTIME, &now);
	while ((c = getopt(argc, argv, "r::cxio" FILTER_OPTS)) != -1) {
		if (c == 'r') {
			o->show.replay = speed(optarg);
			if (o->show.replay == 0)
				return -1;
		} else if (c == 'c') {
			o->show.pause_ns = PAUSE_MAX_NS;
		} else if (c == 'x') {
			o->show.hex = 1;
		} else if (c == 'i' || c == 'o') {
			o->raw = 1 + (c == 'i' ? TALK_IN : TALK_OUT);
		} else if (c == '?' || filter_option(f, c, optarg,
		    (int64_t)now.tv_sec * 1000000000 + now.tv_nsec) == -1) {
			return -1;
		}
	}
	return 0;
}

int
cmd_session(int argc, char *argv[])
{
	struct filter *f = malloc(sizeof(*f));
	struct session_want want;
	struct opts o = { .raw = 0 };
	struct view v;
	int rc, given = 0;

	if (f == NULL)
		return 70;
	filter_init(f);
	if (options(argc, argv, &o, f) == -1) {
		free(f);
		return usage();
	}
	argc -= optind;
	argv += optind;
	if (argc > 0 && session_parse(argv[0], &want) == 0) {
		given = 1;
		argc--;
		argv++;
	}
	if (o.raw && isatty(STDOUT_FILENO)) {
		fprintf(stderr, "hpview session: -i and -o write raw bytes: "
			"to a file or a pipe\n");
		free(f);
		return 64;
	}
	o.show.color = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	if (view_open(&v, argv, argc) == -1) {
		free(f);
		return 66;
	}
	v.filter = f;
	rc = given ? one(&v, &want, &o) : list(&v);
	view_close(&v);
	free(f);
	return rc;
}
