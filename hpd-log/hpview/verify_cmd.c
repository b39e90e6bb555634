/* SPDX-License-Identifier: ISC */
/*
 * hpview verify: options, the key, and what was found as text or as JSON
 * lines. Prints nothing that stood in the log but names and times it has
 * checked to be plain.
 */
#include <sodium.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hpd-log/hpview/cmd.h"
#include "hpd-log/hpview/verify_set.h"
#include "hpd-log/hpview/view.h"

#define ULL(x) ((unsigned long long)(x))
#define LOG_DIR "/var/log/hpd"
#define AGAIN	3 /* looks at a sensor at work */

struct opts {
	const char *key, *seal;
	int quiet, verbose, json;
	unsigned int threads;
	char **dirs;
	size_t ndirs;
};

static const char *const streams[STREAM_MAX + 1] = { "events", "honeyd",
	"service", "probes", "pcap", NULL };

static int
usage(void)
{
	fprintf(stderr, "usage: hpview verify [-jqv] [-k keyfile|-] "
	    "[-s sealdir|none] [-t threads] [logdir ...]\n");
	return 64;
}

static int
options(int argc, char *argv[], struct opts *o)
{
	static char *def[] = { NULL, NULL };
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	int c;

	memset(o, 0, sizeof(*o));
	o->threads = n < 1 ? 1 : n > 16 ? 16 : (unsigned int)n;
	optind = 1;
	while ((c = getopt(argc, argv, "jk:qs:t:v")) != -1)
		switch (c) {
		case 'j':
			o->json = 1;
			break;
		case 'k':
			o->key = optarg;
			break;
		case 'q':
			o->quiet = 1;
			break;
		case 's':
			o->seal = optarg;
			break;
		case 't':
			o->threads = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'v':
			o->verbose = 1;
			break;
		default:
			return usage();
		}
	def[0] = strdup(LOG_DIR);
	o->dirs = optind < argc ? argv + optind : def;
	o->ndirs = optind < argc ? (size_t)(argc - optind) : 1;
	return 0;
}

/* Where the sensor keeps the seal's files: beside its log, or the system's. */
static const char *
seal_dir(const struct opts *o)
{
	static char path[4096];
	struct stat st;

	if (o->seal != NULL)
		return strcmp(o->seal, "none") == 0 ? NULL : o->seal;
	(void)snprintf(path, sizeof(path), "%s/.seal", o->dirs[0]);
	return stat(path, &st) == 0 ? path : SET_SEAL_DIR;
}

/* The key: as text in a file or on stdin; not taken yet: where it lies. */
static int
key(const struct opts *o, const char *sealdir, uint8_t root[SEAL_KEY_LEN])
{
	char text[512], path[4200];
	size_t n;
	FILE *f;

	if (o->key == NULL) {
		(void)snprintf(path, sizeof(path), "%s/root",
		    sealdir == NULL ? SET_SEAL_DIR : sealdir);
		f = fopen(path, "r");
		n = f == NULL ? 0 : fread(root, 1, SEAL_KEY_LEN, f);
		if (f != NULL)
			fclose(f);
		if (n == SEAL_KEY_LEN) {
			if (!o->quiet)
				fprintf(stderr, "hpview: with %s: as long as "
				    "the key lies on the sensor, who takes "
				    "the sensor over can forge its log: run "
				    "hpview key\n", path);
			return 0;
		}
		fprintf(stderr, "hpview: the verification key, please (-k "
		    "file, -k - for standard input); hpview key showed it\n");
		return -1;
	}
	f = strcmp(o->key, "-") == 0 ? stdin : fopen(o->key, "r");
	if (f == NULL) {
		perror(o->key);
		return -1;
	}
	if (f == stdin && isatty(0))
		fprintf(stderr, "verification key: ");
	if (f == stdin)
		n = fgets(text, sizeof(text), f) == NULL ? 0 : strlen(text);
	else
		n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	if (f != stdin)
		fclose(f);
	if (n == SEAL_KEY_LEN) /* the bytes themselves */
		memcpy(root, text, n);
	else if (seal_key_parse(text, root) == -1) {
		fprintf(stderr, "hpview: that is no verification key, or it "
		    "was mistyped\n");
		n = 1;
	} else
		n = SEAL_KEY_LEN;
	sodium_memzero(text, sizeof(text));
	return n == SEAL_KEY_LEN ? 0 : -1;
}

static void
json_text(const char *s)
{
	putchar('"');
	for (; *s != '\0'; s++)
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
			printf("\\u%04x", (unsigned char)*s);
		else
			putchar(*s);
	putchar('"');
}

static void
put_json(const struct vf_finding *f)
{
	printf("{\"finding\":\"%s\",\"bad\":%s", vf_word(f->code),
	    f->code < VF_BAD_MAX ? "true" : "false");
	if (f->path != NULL) {
		printf(",\"file\":");
		json_text(f->path);
	}
	if (f->line != 0)
		printf(",\"line\":%llu", ULL(f->line));
	if (f->stream < STREAM_MAX)
		printf(",\"stream\":\"%s\"", streams[f->stream]);
	if (f->ordinal != UINT64_MAX)
		printf(",\"start\":%llu", ULL(f->ordinal));
	if (f->to > f->from)
		printf(",\"from\":%llu,\"to\":%llu", ULL(f->from),
		    ULL(f->to - 1));
	printf(",\"text\":");
	json_text(f->text);
	printf("}\n");
}

static void
put_text(const struct vf_finding *f)
{
	char path[1024];

	if (f->path != NULL) {
		(void)view_safe(f->path, strlen(f->path), path, sizeof(path));
		printf("%s", path);
		if (f->line != 0)
			printf(":%llu", ULL(f->line));
		printf(": ");
	}
	printf("%s: %s", vf_word(f->code), f->text);
	if (f->to == f->from + 1)
		printf(" (record %llu", ULL(f->from));
	else if (f->to > f->from)
		printf(" (records %llu to %llu", ULL(f->from), ULL(f->to - 1));
	if (f->to > f->from)
		printf(f->ordinal != UINT64_MAX ? " of start %llu)\n" : ")\n",
		    ULL(f->ordinal));
	else
		printf("\n");
}

static void
sum_json(const struct vf_report *r, double secs)
{
	printf("{\"summary\":\"%s\",\"findings\":%llu,\"notes\":%llu,"
	       "\"starts\":%llu,\"segments\":%llu,\"records\":%llu,"
	       "\"bytes\":%llu,\"bad_lines\":%llu,\"in_doubt\":%llu,"
	       "\"removed\":%llu,\"not_sealed\":%llu,\"texts\":%llu,"
	       "\"text_bytes\":%llu,\"text_open\":%llu",
	    r->bad ? "not intact" : "intact", ULL(r->bad), ULL(r->notes),
	    ULL(r->starts), ULL(r->segments), ULL(r->records), ULL(r->bytes),
	    ULL(r->bad_lines), ULL(r->doubt_records), ULL(r->retired_files),
	    ULL(r->unsealed), ULL(r->texts), ULL(r->text_bytes),
	    ULL(r->text_open));
	if (r->seqs_known)
		printf(",\"numbers_missing\":%llu,\"named_by_gap\":%llu,"
		       "\"folded\":%llu,\"frames\":%llu,\"in_removed\":%llu,"
		       "\"lost\":%llu",
		    ULL(r->holes), ULL(r->holes_named), ULL(r->holes_folded),
		    ULL(r->holes_frames), ULL(r->holes_gone), ULL(r->lost));
	printf(",\"seconds\":%.3f}\n", secs);
}

static void
sequences(const struct vf_report *r)
{
	uint64_t all = r->holes_named + r->holes_folded + r->holes_frames +
	    r->holes_gone;

	if (!r->seqs_known)
		return;
	printf("records missing: ");
	if (r->holes == 0)
		printf("none");
	else if (r->holes <= all)
		printf("%llu, all named by log.gap %llu, log.folded %llu, "
		       "frames %llu, segments removed %llu", ULL(r->holes),
		    ULL(r->holes_named), ULL(r->holes_folded),
		    ULL(r->holes_frames), ULL(r->holes_gone));
	else
		printf("%llu, %llu unexplained%s", ULL(r->holes),
		    ULL(r->holes - all), r->retired_files > 0 ?
		    " (segments were removed)" : "");
	if (r->lost > 0)
		printf("; %llu more were lost before they were numbered, "
		       "log.lost says", ULL(r->lost));
	printf("\n");
}

static void
sum_text(const struct vf_report *r, const struct opts *o, double secs)
{
	printf("%s: %llu start%s, %llu sealed segment%s, %llu records, "
	       "%llu bytes in %.2f s", r->bad ? "NOT INTACT" : "intact",
	    ULL(r->starts), r->starts == 1 ? "" : "s", ULL(r->segments),
	    r->segments == 1 ? "" : "s", ULL(r->records), ULL(r->bytes), secs);
	if (r->bad > 0)
		printf("; %llu finding%s", ULL(r->bad), r->bad == 1 ? "" :
		    "s");
	printf("\n");
	if (r->doubts > 0)
		printf("%llu records in doubt after %llu deaths of the "
		       "writer\n", ULL(r->doubt_records), ULL(r->doubts));
	if (r->retired_files > 0)
		printf("%llu removals by retention, recorded\n",
		    ULL(r->retired_files));
	if (r->texts > 0)
		printf("%llu text and frames segments: %llu bytes as digested"
		       ", %llu behind the last digest not proven\n",
		    ULL(r->texts), ULL(r->text_bytes), ULL(r->text_open));
	if (r->unsealed > 0)
		printf("%llu segments not sealed (older than the seal): not "
		       "proven\n", ULL(r->unsealed));
	if (o->verbose || r->bad > 0)
		sequences(r);
	if (o->seal != NULL && strcmp(o->seal, "none") == 0)
		printf("without the sensor's state: the end of the newest "
		       "start is not proven\n");
}

static void
cut_while_read(int sig)
{
	static const char msg[] =
	    "hpview: a segment was cut while it was read\n";

	(void)sig;
	(void)!write(2, msg, sizeof(msg) - 1);
	_exit(1);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
report(const struct vf_report *r, const struct opts *o, double secs)
{
	size_t i;

	for (i = 0; !o->quiet && i < r->nf; i++) {
		if (r->f[i].code >= VF_BAD_MAX && !o->verbose)
			continue;
		if (o->json)
			put_json(&r->f[i]);
		else
			put_text(&r->f[i]);
	}
	if (o->json)
		sum_json(r, secs);
	else if (!o->quiet)
		sum_text(r, o, secs);
	return r->bad > 0;
}

/* Only what a sensor at work can look like for a moment: its last line, its
 * state between two starts, a segment made just now. */
static int
momentary(const struct vf_report *r, const struct vset *files)
{
	size_t i;

	if (r->bad == 0 || r->bad != r->nf - r->notes || !vset_fresh(files))
		return 0;
	for (i = 0; i < r->nf; i++)
		switch (r->f[i].code) {
		case VF_STATE:
		case VF_START:
		case VF_OPEN_END:
		case VF_TORN:
		case VF_FOREIGN:
		case VF_SEGMENT:
			break;
		default:
			if (r->f[i].code < VF_BAD_MAX)
				return 0;
		}
	return 1;
}

/* Nothing of it is sealed: neither intact nor not. */
static int
nothing(const struct vf_report *r)
{
	return r->segments == 0 && r->bad == 0;
}

/* Once. 0, or an exit code. */
static int
look(const struct opts *o, const char *dir, struct vf_set *set,
    struct vset *files, struct vf_report *rep)
{
	if (vset_open(files, o->dirs, o->ndirs, dir) == -1)
		return 66;
	if (files->n == 0) {
		fprintf(stderr, "hpview: %s: no segments there\n", o->dirs[0]);
		return 66;
	}
	if (!set->nthreads && key(o, dir, set->root) == -1)
		return 64;
	(void)signal(SIGBUS, cut_while_read);
	set->in = files->in;
	set->nin = files->n;
	set->state = files->has_state ? files->state : NULL;
	set->state_len = files->state_len;
	set->carry = files->has_carry ? files->carry : NULL;
	set->no_state = dir == NULL;
	set->nthreads = o->threads == 0 ? 1 : o->threads;
	vf_run(set, rep);
	return 0;
}

int
cmd_verify(int argc, char *argv[])
{
	struct opts o;
	struct vset files;
	struct vf_set set;
	struct vf_report rep;
	const char *dir;
	double start = now();
	int r, tries;

	if (options(argc, argv, &o) != 0)
		return 64;
	if (seal_init() == -1)
		return 70;
	dir = seal_dir(&o);
	memset(&set, 0, sizeof(set));
	for (tries = 0;; tries++) {
		if ((r = look(&o, dir, &set, &files, &rep)) != 0)
			return r;
		if (tries == AGAIN || !momentary(&rep, &files))
			break;
		vf_free(&rep);
		vset_close(&files);
		(void)usleep(700000);
	}
	r = report(&rep, &o, now() - start);
	if (nothing(&rep)) {
		if (!o.quiet)
			printf("not sealed: nothing of this log can be "
			       "verified\n");
		r = 1;
	}
	sodium_memzero(&set, sizeof(set));
	vf_free(&rep);
	vset_close(&files);
	return r;
}
