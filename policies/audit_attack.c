/* SPDX-License-Identifier: ISC */
/*
 * hpaudit attack: every row of the catalogue from every process it names, each
 * beside a control outside the sandbox, as TAP. Needs root; makes its own
 * network namespaces, files and suite, and removes them.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit_attack.h"

#define ROWS 72

static struct suite suite;
static unsigned told, findings, worked_outside, absent_outside;
static uint8_t row_seen[ROWS + 1];

/* Rows that are no attack of one process: where they are tried. */
static const struct {
	uint8_t row;
	const char *where;
} elsewhere[] = {
    {57, "hpaudit live: every condition of every policy"},
    {61, "tests/integ/garbage.t, tests/fuzz/proto.t"},
    {62, "tests/integ/garbage.t"}, {63, "tests/integ/garbage-peers.t"},
    {64, "tests/integ/garbage-peers.t, tests/jail/svc.t"},
    {66, "tests/unit/t_log_json.c, tests/integ/disk-full.t"},
    {67, "tests/integ/restart-limits.t, tests/integ/kill-child.t"},
    {69, "tests/jail/slots.t"}, {72, "tests/jail/steps.t"}};

double
attack_clock(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
attack_tell(int good, const char *fmt, ...)
{
	va_list ap;

	findings += !good;
	(void)printf("%sok %u - ", good ? "" : "not ", ++told);
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
	(void)fflush(stdout);
}

void
attack_note(const char *fmt, ...)
{
	va_list ap;

	(void)printf("# ");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
}

const char *
attack_words(const struct attempt *t, char *buf, size_t len)
{
	const char *name;

	switch (t->out) {
	case OUT_WORKED:
		return "WORKED";
	case OUT_REFUSED:
		name = t->err != 0 ? strerrorname_np(t->err) : t->text;
		(void)snprintf(buf, len, "refused (%s)",
		    name != NULL ? name : "?");
		return buf;
	case OUT_KILLED:
		if (t->sig != 0 && t->sig != SIGSYS)
			(void)snprintf(buf, len, "ended by signal %d", t->sig);
		else
			(void)snprintf(buf, len, "killed");
		return buf;
	case OUT_STOPPED:
		(void)snprintf(buf, len, "stopped at %s", t->text);
		return buf;
	case OUT_LATE:
		return "STILL THERE";
	default:
		(void)snprintf(buf, len, "COULD NOT BE TRIED (%s)", t->text);
		return buf;
	}
}

/* A refusal that is not one of right shows that the call was let in. */
static int
control_worked(const struct attempt *t)
{
	return t->out == OUT_WORKED || t->out == OUT_STOPPED ||
	    (t->out == OUT_REFUSED && t->err != EPERM && t->err != EACCES &&
		t->err != ENOSYS && t->err != EAFNOSUPPORT &&
		t->err != EPROTONOSUPPORT && t->err != ENOENT &&
		t->err != EROFS && t->err != ESRCH);
}

/* A call must be refused as the filter refuses, not let in and found wrong:
 * its arguments would only have to be better ones. Row 44's are stopped by the
 * limit of descriptors. */
static int
refused_at_the_door(const struct attack *a, const struct attempt *t)
{
	const char *name = t->err != 0 ? strerrorname_np(t->err) : t->text;

	if (t->out != OUT_REFUSED || a->fn != NULL || a->row == 44)
		return 1;
	return name != NULL && (strcmp(name, "EPERM") == 0 ||
	    strcmp(name, "ENOSYS") == 0);
}

static void
one(unsigned i, const struct attack *a, char who)
{
	struct attempt t, c;
	char x[200], y[200], time[48] = "";
	int good, may = strchr(a->may, who) != NULL;

	if (who == 'S' || who == 'H')
		suite_try(&suite, i, who, &t);
	else
		cage_try(a, who, &t);
	cage_control(a, who, &c);
	good = t.out == OUT_REFUSED || t.out == OUT_KILLED ||
	    t.out == OUT_STOPPED || (may && t.out == OUT_WORKED);
	good = good && refused_at_the_door(a, &t);
	if (control_worked(&c))
		worked_outside++;
	else
		absent_outside++;
	if (a->flags & ATT_BOMB)
		(void)snprintf(time, sizeof(time), ", gone after %.2f s",
		    t.seconds);
	row_seen[a->row] = 1;
	attack_tell(good, "row %u %c: %s: %s%s%s; outside: %s", a->row, who,
	    a->name, attack_words(&t, x, sizeof(x)),
	    may && t.out == OUT_WORKED ? ", may" : "", time,
	    control_worked(&c) ? attack_words(&c, y, sizeof(y)) :
	    "absent here");
}

static int
wanted(const struct attack *a, char who, const char *from, long row)
{
	return strchr(a->from, who) != NULL && strchr(from, who) != NULL &&
	    (row == 0 || row == a->row);
}

static void
all(const char *from, long row)
{
	const char *w;
	unsigned i;

	for (w = "SHNLRY"; *w != '\0'; w++)
		for (i = 0; i < attack_count(); i++)
			if (wanted(attack_get(i), *w, from, row))
				one(i, attack_get(i), *w);
}

/* Row 71: a trip is an event that names service, source and session. */
static void
trips(void)
{
	struct attempt t;
	double began;
	unsigned i, n;

	for (i = 0; i < attack_count() &&
	    strcmp(attack_get(i)->name, "bpf") != 0; i++)
		;
	n = suite_events(&suite, "svc.trip");
	began = attack_clock();
	suite_try(&suite, i, 'S', &t);
	while (suite_events(&suite, "svc.trip") == n &&
	    attack_clock() < began + 5)
		(void)usleep(50000);
	began = attack_clock() - began;
	row_seen[71] = 1;
	attack_tell(suite_events(&suite, "svc.trip") > n && began < 1,
	    "row 71 S: a trip is an event, after %.2f s", began);
	n = suite_events(&suite, "svc.trip");
	attack_tell(suite_events(&suite, "svc.trip\".*\"ip\":\"10.66.0.1\""
	    ".*\"session\":\"0.*\"service\":\"/bin/hpd-attack [SH]") == n,
	    "... that names source, session and service (all %u)", n);
}

static void
summary(void)
{
	unsigned i, k;

	for (i = 1; i <= ROWS; i++) {
		if (row_seen[i])
			continue;
		for (k = 0; k < sizeof(elsewhere) / sizeof(elsewhere[0]); k++)
			if (elsewhere[k].row == i)
				attack_note("row %u is tried by %s", i,
				    elsewhere[k].where);
	}
	attack_note("%u attempts and checks, %u findings; of the attempts' "
	    "controls %u work outside, %u are absent here", told, findings,
	    worked_outside, absent_outside);
	(void)printf("1..%u\n", told);
}

static int
list(void)
{
	const struct attack *a;
	unsigned i;
	size_t k;

	for (i = 0; i < attack_count(); i++) {
		a = attack_get(i);
		(void)printf("%2u %-5s %s%s\n", a->row, a->from, a->name,
		    a->flags & ATT_BOMB ? " (bomb)" : "");
	}
	for (k = 0; k < sizeof(elsewhere) / sizeof(elsewhere[0]); k++)
		(void)printf("%2u       %s\n", elsewhere[k].row,
		    elsewhere[k].where);
	return 0;
}

static void
interrupted(int sig)
{
	(void)sig;
	suite_down(&suite); /* best effort: we are going down anyway */
	_exit(130);
}

/* Where the programs of the suite are: beside us, or installed. */
static const char *
programs(const char *given)
{
	static char dir[AUDIT_PATH_MAX];
	char probe[AUDIT_PATH_MAX + 16];
	ssize_t n;

	if (given != NULL)
		return realpath(given, NULL); /* lives as long as we */
	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (n > 0) {
		dir[n] = '\0';
		*strrchr(dir, '/') = '\0';
		(void)snprintf(probe, sizeof(probe), "%s/hpd-net", dir);
		if (access(probe, X_OK) == 0)
			return dir;
	}
	return HPD_LIBEXECDIR;
}

int
audit_attack(int argc, char **argv)
{
	static const struct option longs[] = {{"all", no_argument, NULL, 'a'},
	    {"from", required_argument, NULL, 'f'},
	    {"row", required_argument, NULL, 'r'},
	    {"list", no_argument, NULL, 'l'}, {NULL, 0, NULL, 0}};
	const char *from = "SHNLRY", *bin = NULL;
	int ch, everything = 0;
	long row = 0;

	while ((ch = getopt_long(argc, argv, "L:", longs, NULL)) != -1)
		switch (ch) {
		case 'a':
			everything = 1;
			break;
		case 'f':
			from = optarg;
			break;
		case 'r':
			row = strtol(optarg, NULL, 10);
			if (row < 1 || row > ROWS)
				return AUDIT_USAGE;
			break;
		case 'l':
			return list();
		case 'L':
			bin = optarg;
			break;
		default:
			return AUDIT_USAGE;
		}
	if (optind != argc || strspn(from, "SHNLRY") != strlen(from) ||
	    (!everything && argc == 1))
		return AUDIT_USAGE;
	if (geteuid() != 0)
		errx(77, "attack needs root");
	(void)signal(SIGINT, interrupted);
	(void)signal(SIGTERM, interrupted);
	(void)signal(SIGPIPE, SIG_IGN);
	if ((bin = programs(bin)) == NULL || suite_up(&suite, bin) == -1 ||
	    cage_init(suite.dir, suite.jail) == -1) {
		suite_down(&suite);
		return 1;
	}
	all(from, row);
	if (row == 0 && strchr(from, 'S') != NULL) {
		trips();
		(void)suite_storm(&suite);
		attack_tell(suite_events(&suite, "proc.down") == 0,
		    "no process of the suite was lost");
	}
	suite_down(&suite);
	if (row == 0)
		attack_tell(worked_outside > absent_outside * 2,
		    "the attacks are real: %u work outside, %u do not",
		    worked_outside, absent_outside);
	summary();
	return findings == 0 && told > 0 ? 0 : 1;
}
