/* SPDX-License-Identifier: ISC */
/*
 * hpaudit attack: all bombs at once through real connections, in both
 * profiles, while another decoy is pinged and its service used. What counts:
 * the others go on being answered, and every bomb is gone by its deadline.
 */
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit_attack.h"

#define PINGS	  250 /* one each 20 ms */
#define PING_P99  10.0 /* ms */
#define SESSIONS  20

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* One of a child's: the attack's own outcome is its exit code. */
static pid_t
throw_bomb(struct suite *s, unsigned i, char who)
{
	struct attempt t;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	suite_try(s, i, who, &t);
	_exit(t.out == OUT_WORKED || t.out == OUT_ERROR);
}

static FILE *
start_pings(void)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "ping -n -i 0.02 -c %d -W 1 "
	    "10.66.0.11 2>/dev/null", PINGS);
	return popen(line, "re");
}

static void
judge_pings(FILE *f, unsigned *bad)
{
	static double rtt[PINGS];
	char line[256];
	const char *s;
	unsigned n = 0;
	double p99;

	while (fgets(line, sizeof(line), f) != NULL)
		if ((s = strstr(line, "time=")) != NULL && n < PINGS)
			rtt[n++] = strtod(s + 5, NULL);
	(void)pclose(f);
	qsort(rtt, n, sizeof(rtt[0]), by_value);
	p99 = n > 0 ? rtt[n * 99 / 100 < n ? n * 99 / 100 : n - 1] : 1e9;
	attack_tell(n == PINGS, "meanwhile another decoy answers %u of %d "
	    "pings", n, PINGS);
	*bad += n != PINGS;
	attack_tell(p99 < PING_P99, "... 99 of 100 within %.1f ms "
	    "(median %.2f ms)", p99, n > 0 ? rtt[n / 2] : 0);
	*bad += !(p99 < PING_P99);
}

static void
judge_sessions(unsigned *bad)
{
	unsigned i, served = 0;
	double began = attack_clock(), slowest = 0, one;
	char line[] = "echo hello | timeout 5 nc -N 10.66.0.11 7 2>/dev/null "
	    "| grep -qx hello";

	for (i = 0; i < SESSIONS; i++) {
		one = attack_clock();
		served += system(line) == 0;
		one = attack_clock() - one;
		slowest = one > slowest ? one : slowest;
	}
	attack_tell(served == SESSIONS, "... and serves %u of %d sessions "
	    "(%.1f s, the slowest %.2f s)", served, SESSIONS,
	    attack_clock() - began, slowest);
	*bad += served != SESSIONS;
}

unsigned
suite_storm(struct suite *s)
{
	double began = attack_clock(), deadline = 0;
	unsigned i, n = 0, bad = 0, worked = 0;
	struct timespec nap = {0, 20000000};
	const struct attack *a;
	FILE *pings;
	int status;

	(void)fflush(stdout);
	for (i = 0; i < attack_count(); i++) {
		a = attack_get(i);
		if (!(a->flags & ATT_BOMB))
			continue;
		n += throw_bomb(s, i, 'S') > 0;
		n += throw_bomb(s, i, 'H') > 0;
		deadline = a->max_s > deadline ? a->max_s : deadline;
	}
	pings = start_pings();
	judge_sessions(&bad);
	if (pings != NULL)
		judge_pings(pings, &bad);
	while (suite_scripts(s) != 0 &&
	    attack_clock() < began + 2 * deadline)
		(void)nanosleep(&nap, NULL);
	began = attack_clock() - began;
	status = suite_scripts(s) == 0;
	attack_tell(status && began <= deadline + 1,
	    "%u bombs at once, all gone after %.1f s", n, began);
	bad += !(status && began <= deadline + 1);
	for (i = 0; i < n; i++)
		if (wait(&status) > 0)
			worked += WIFEXITED(status) && WEXITSTATUS(status);
	attack_tell(worked == 0, "... none worked (%u did or could not be "
	    "tried)", worked);
	return bad + (worked != 0);
}
