/* SPDX-License-Identifier: ISC */
/*
 * Every entry of nmap-os-db as a decoy, asked by nmap's own questions, without
 * a network: personas compiled by hpd-conf's code, answers by hpd-net's, the
 * observation and its verdict by a matcher of nmap 7.93's kind. Passes when
 * each is a perfect match for its own name in the rounds allowed, 99.8 % of
 * them in the first.
 *
 *   offline [-ac] [--summary] [-d DIR] [-l LINE] [-n COUNT]
 *       [HOSTS[:ROUNDS[:NS[:SEED[:BUSY[:HOPS]]]]]]...
 *   -a all failures and all entries that others match too; -c compile and
 *   predict only; -d where nmap-os-db is; -l one entry with its observation;
 *   -n so many, evenly spread. Each operand is a pass over all: so many hosts
 *   at once (1), at most so many rounds (1), so much jitter (2000 ns), other
 *   chances, so many packets of another client between two probes (0), so
 *   many routers in between (0). On a busy host only the SEQ line may differ;
 *   behind routers quoted TTLs that hide the distance do not work.
 */
#include "offline.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>
#include <getopt.h>

#define SHOWN 15 /* failures, without -a */

uint32_t offline_jitter_ns = 2000, offline_busy;

static struct conf conf;
static struct nmapdb *db;
static struct osdb *osdb;
static struct image img;
static int all, compile_only;
static unsigned rounds = 1, at_once = 1, seed;
static uint8_t hops;
static uint32_t only_line;

static struct result {
	uint32_t entry, addr;
	uint8_t unsatisfied; /* hpd-conf would not */
	uint8_t round;	     /* of the perfect match, 0 none */
	uint8_t predicted;
	uint32_t others; /* other names */
} *res;
static uint32_t nres;
static uint32_t failed_attr[OSA_MAX], predicted_attr[OSA_MAX];
static uint32_t shown;

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
choose(uint32_t count)
{
	uint32_t i, e;

	res = calloc(db->n, sizeof(*res));
	if (res == NULL)
		abort();
	if (count == 0 || count > db->n)
		count = db->n;
	for (i = 0; i < count; i++) {
		e = (uint32_t)((uint64_t)i * db->n / count);
		if (only_line != 0) {
			for (e = 0; e < db->n && db->e[e].line != only_line;)
				e++;
			if (e == db->n) {
				printf("no entry on line %u\n", only_line);
				exit(2);
			}
			count = 1;
		}
		res[nres].entry = e;
		res[nres].addr = 0x0a010001u + (nres / 250 << 8) + nres % 250;
		nres++;
	}
}

/* Which entries have a persona; the others are told and left out. */
static void
try_personas(void)
{
	struct conf_pos pos = { 0 };
	char name[32];
	uint32_t i;

	for (i = 0; i < nres; i++) {
		snprintf(name, sizeof(name), "line:%u",
		    db->e[res[i].entry].line);
		if (conf_persona(&conf, name, "t", pos) == IMG_NONE)
			res[i].unsatisfied = 1;
		conf.nerrors = 0;
		conf.gave_up = 0;
	}
}

static void
compile(void)
{
	size_t room = (size_t)nres * 256 + 256, n = 0, size;
	char *text = malloc(room), ip[16];
	uint32_t i;
	void *mem;

	if (text == NULL)
		abort();
	for (i = 0; i < nres; i++) {
		if (res[i].unsatisfied)
			continue;
		n += (size_t)snprintf(text + n, room - n, "create e%u\n"
		    "set e%u personality \"line:%u\"\n"
		    "set e%u default tcp action closed\n"
		    "set e%u default udp action closed\n"
		    "add e%u tcp port %u open\nbind %s e%u\n", i, i,
		    db->e[res[i].entry].line, i, i, i, PORT_OPEN,
		    conf_ip4_text(res[i].addr, ip), i);
	}
	if (conf_load_mem(&conf, "offline.conf", text, n) == -1)
		exit(1);
	mem = conf_image(&conf, 1, &size);
	if (mem == NULL || image_check(mem, size, &img) != IMAGE_OK)
		exit(1);
	free(text);
	printf("# image of %zu KiB\n", size / 1024);
}

static const struct img_persona *
persona_of(const struct result *r)
{
	uint32_t t = image_lookup4(&img, r->addr);

	return &img.personas[img.templates[t].persona];
}

static void
tell(const struct result *r, const char *what, enum os_attr a,
    const struct os_obs *o)
{
	const char *x = osdb_expr(osdb, r->entry, a);

	printf("# %u \"%s\": %s %s.%s is '%s', wanted '%s'\n",
	    db->e[r->entry].line, db->e[r->entry].name, what, os_attr_line(a),
	    os_attr_name(a), o->v[a], x);
}

/* Count, and show if wanted, what does not agree. */
static void
failures(const struct result *r, const char *what, const struct os_obs *o,
    uint32_t count[OSA_MAX])
{
	const char *x;
	unsigned a;

	for (a = 0; a < OSA_MAX; a++) {
		x = osdb_expr(osdb, r->entry, a);
		if (x == NULL || o->v[a] == NULL ||
		    os_expr_match(x, strlen(x), o->v[a]))
			continue;
		count[a]++;
		if (all || only_line || shown < SHOWN)
			tell(r, what, a, o);
		shown++;
	}
}

static void
predict(struct result *r)
{
	struct os_obs o;

	os_predict(persona_of(r), &o);
	r->predicted = (uint8_t)os_match_entry(osdb, r->entry, &o, NULL);
	if (!r->predicted)
		failures(r, "predicted", &o, predicted_attr);
	if (only_line) {
		printf("predicted:\n");
		os_obs_print(&o, stdout);
	}
}

/* The names nmap would print: is the right one among them? */
static int
verdict(struct result *r, const struct scan *s, struct os_obs *o)
{
	uint32_t e[64], n, i;

	scan_observe(s, o);
	if (only_line) {
		printf("observed:\n");
		os_obs_print(o, stdout);
		if (s->bad)
			printf("%u bad frames: %s\n", s->bad, s->why);
	}
	n = os_match_names(osdb, o, e, 64);
	for (i = 0; i < n && i < 64; i++)
		if (strcmp(db->e[e[i]].name, db->e[r->entry].name) == 0) {
			r->others = n - 1;
			return s->bad == 0;
		}
	return 0;
}

static void
scan_group(struct result *r, unsigned n)
{
	struct scan s[OFFLINE_HOSTS], again[OFFLINE_HOSTS];
	struct result *left[OFFLINE_HOSTS];
	struct os_obs o;
	unsigned i, k, round;

	memset(s, 0, sizeof(s));
	for (i = 0; i < n; i++) {
		s[i].addr = r[i].addr;
		s[i].chance = r[i].entry * 2654435761u + seed;
		s[i].hops = hops;
		left[i] = &r[i];
	}
	for (round = 1; round <= rounds && n > 0; round++) {
		for (i = 0; i < n; i++)
			scan_round(&s[i]);
		world_scan(s, n, round == 1);
		for (i = k = 0; i < n; i++) {
			if (verdict(left[i], &s[i], &o)) {
				left[i]->round = (uint8_t)round;
				continue;
			}
			if (round == rounds || round == 1)
				failures(left[i], round == 1 ? "1st round" :
				    "last round", &o, failed_attr);
			if (s[i].bad && round == 1)
				printf("# %u: bad frame: %s\n",
				    db->e[left[i]->entry].line, s[i].why);
			if (round == 1 && ((s[i].scan_open & 0x12) != 0x12 ||
			    !(s[i].scan_closed & 4)))
				printf("# %u: port scan: open %02x closed "
				    "%02x\n", db->e[left[i]->entry].line,
				    s[i].scan_open, s[i].scan_closed);
			s[i].bad = 0;
			left[k] = left[i];
			again[k++] = s[i];
		}
		memcpy(s, again, k * sizeof(s[0]));
		n = k;
	}
}

static void
by_attr(const char *what, const uint32_t count[OSA_MAX])
{
	unsigned a;

	for (a = 0; a < OSA_MAX; a++)
		if (count[a] != 0)
			printf("%s %s.%s %u\n", what, os_attr_line(a),
			    os_attr_name(a), count[a]);
}

static int
report(void)
{
	uint32_t i, first = 0, perfect = 0, others[5] = { 0 };
	struct result *r;

	for (i = 0; i < nres; i++) {
		r = &res[i];
		first += r->round == 1;
		perfect += r->round != 0;
		if (r->round == 0)
			continue;
		others[r->others < 4 ? r->others : 4]++;
		if (all && r->others > 0)
			printf("# %u \"%s\": %u others match too\n",
			    db->e[r->entry].line, db->e[r->entry].name,
			    r->others);
	}
	by_attr("observed", failed_attr);
	printf("%u at once, %u rounds, %u ns, %u hops: perfect at once %u, "
	    "perfect %u of %u\n", at_once, rounds, offline_jitter_ns, hops,
	    first, perfect, nres);
	printf("other names too: none %u, one %u, two %u, three %u, more %u\n",
	    others[0], others[1], others[2], others[3], others[4]);
	if (offline_busy) {
		printf("another client got %llu answers\n",
		    (unsigned long long)world_client_got);
		for (i = 0; i < OSA_MAX; i++)
			if (failed_attr[i] != 0 &&
			    strcmp(os_attr_line(i), "SEQ") != 0)
				return 1;
		return world_client_got == 0;
	}
	if (hops)
		return perfect * 1000ULL < nres * 997ULL;
	return perfect == nres && first * 1000ULL >= nres * 998ULL ? 0 : 1;
}

/* HOSTS[:ROUNDS[:NS[:SEED[:BUSY[:HOPS]]]]] */
static int
pass(const char *arg)
{
	static unsigned passes;
	unsigned k = 1, r = 1, j = 2000, x = 0, busy = 0, h = 0;
	uint32_t i, n;
	double at = seconds();

	if (sscanf(arg, "%u:%u:%u:%u:%u:%u", &k, &r, &j, &x, &busy,
		&h) < 1 || k < 1 || busy > 20 || h > 30 ||
	    k > OFFLINE_HOSTS || r < 1 || r > 99)
		return 2;
	at_once = k;
	rounds = r;
	seed = x * 7919 + k + 101 * ++passes;
	offline_jitter_ns = j;
	offline_busy = busy;
	hops = (uint8_t)h;
	world_client_got = 0;
	memset(failed_attr, 0, sizeof(failed_attr));
	for (i = 0; i < nres; i++)
		res[i].round = 0;
	world_sleep(600);
	for (i = 0; i < nres; i += n) {
		for (n = 0; n < at_once && i + n < nres &&
		    !res[i + n].unsatisfied; n++)
			;
		scan_group(&res[i], n);
		n = n ? n : 1;
	}
	r = (unsigned)report();
	printf("# %.1f s\n", seconds() - at);
	return (int)r;
}

static int
predictions(void)
{
	uint32_t i, perfect = 0, refused = 0;

	for (i = 0; i < nres; i++) {
		refused += res[i].unsatisfied;
		if (!res[i].unsatisfied)
			predict(&res[i]);
		perfect += res[i].predicted;
	}
	by_attr("predicted", predicted_attr);
	printf("entries %u, refused %u, predicted perfect %u\n", nres, refused,
	    perfect);
	return perfect == nres ? 0 : 1;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "summary", no_argument, NULL, 's' }, { 0 } };
	const char *dir = "/usr/share/nmap";
	struct conf_pos pos = { 0 };
	uint32_t count = 0, n;
	double at = seconds();
	int c;

	while ((c = getopt_long(argc, argv, "acd:l:n:s", longs, NULL)) != -1) {
		n = optarg ? (uint32_t)strtoul(optarg, NULL, 10) : 0;
		if (c == 'a')
			all = 1;
		else if (c == 'c')
			compile_only = 1;
		else if (c == 'd')
			dir = optarg;
		else if (c == 'l')
			only_line = n;
		else if (c == 'n')
			count = n;
		else if (c == 's')
			shown = UINT32_MAX / 2;
		else
			return 2;
	}
	conf_init(&conf, stderr);
	conf.db_dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	conf.db_name = "nmap-os-db";
	db = nmapdb_get(&conf, pos);
	if (db == NULL || (osdb = osdb_get(&conf, db)) == NULL)
		return 1;
	choose(count);
	try_personas();
	compile();
	c = predictions();
	printf("# %.1f s to compile\n", seconds() - at);
	if (!compile_only) {
		world_start(&img);
		if (optind == argc)
			c |= pass("1");
		for (; optind < argc; optind++)
			c |= pass(argv[optind]);
	}
	conf_free(&conf);
	free(res);
	return c;
}
