/* SPDX-License-Identifier: ISC */
/*
 * What the jail costs: a session from SVC_OPEN to SVC_EXIT against a bare
 * posix_spawn of the same script, in turn.
 *   svc_cost HPD-SVC JAILDIR [ROUNDS [busybox | perl | shell]]
 * shell: busybox sh in the shell profile. Prints medians, and for the bench
 * "# bench SESSION LIMIT" in microseconds, the limit being COST_MAX bare
 * ones; TAP with a generous bound, as the machine may be busy.
 */
#include "svc_harness.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#define ROUNDS_MAX 5000
#define COST_MAX   1.3

static char sh_script[] = "read x; echo \"got $x\"";
static char perl_script[] = "$x = <STDIN>; print \"got $x\"";
static struct tsvc svc = {
	.name = "cost", .interp = "/bin/sh", .argv = { "sh", "-c", sh_script }
};

/* Talk to the script until it closes. 0, or -1 when it said something else. */
static int
talk(int fd)
{
	char buf[64];
	size_t n = 0;
	ssize_t r;

	if (send(fd, "hello\n", 6, MSG_NOSIGNAL) != 6)
		return -1;
	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };

		if (poll(&p, 1, 2000) != 1)
			return -1;
		r = recv(fd, buf + n, sizeof(buf) - n, 0);
		if (r <= 0)
			break;
		n += (size_t)r;
	}
	return n == 10 && memcmp(buf, "got hello\n", 10) == 0 ? 0 : -1;
}

static int
cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Run it with the session on 0 and 1, in us; -1: it failed. */
static double
spawned(const char *exe, char *const argv[])
{
	char path[] = "PATH=/usr/bin:/bin";
	char *envp[] = { path, NULL };
	posix_spawn_file_actions_t act;
	int64_t t0 = clock_mono_ns();
	int sp[2], st = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sp) == -1)
		exit(1);
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_adddup2(&act, sp[1], 0);
	posix_spawn_file_actions_adddup2(&act, sp[1], 1);
	if (posix_spawn(&pid, exe, &act, NULL, argv, envp) != 0)
		exit(1);
	posix_spawn_file_actions_destroy(&act);
	close(sp[1]);
	if (talk(sp[0]) == -1)
		st = 1;
	close(sp[0]);
	if (st == 1)
		kill(pid, SIGKILL);
	waitpid(pid, st == 1 ? NULL : &st, 0);
	return st == 0 ? (double)(clock_mono_ns() - t0) / 1000 : -1;
}

static double
bare(const char *exe)
{
	char a0[] = "sh", a1[] = "-c", a2[] = "-e";
	char *argv[] = { a0, a1, sh_script, NULL };

	if (strcmp(svc.argv[0], "perl") == 0) {
		argv[1] = a2;
		argv[2] = perl_script;
	}
	return spawned(exe, argv);
}

/* Other jailers round the same shell, where they are installed: a root of its
 * own, every namespace, no filter. */
static void
others(const char *jail, int n)
{
	static double v[ROUNDS_MAX];
	char dir[512];
	const char *const jailers[][16] = {
		{ "/usr/bin/bwrap", "--ro-bind", dir, "/", "--unshare-all",
		    "--die-with-parent", "--", "/bin/busybox" },
		{ "/usr/bin/nsjail", "-Mo", "-Q", "-c", dir, "--",
		    "/bin/busybox" },
		{ "/usr/bin/firejail", "--quiet", "--noprofile", "--net=none",
		    "--seccomp", "/bin/busybox" } };
	char *argv[20];
	size_t k, i;
	int r;

	snprintf(dir, sizeof(dir), "%s", jail);
	for (k = 0; k < sizeof(jailers) / sizeof(jailers[0]); k++) {
		if (access(jailers[k][0], X_OK) == -1)
			continue;
		for (i = 0; jailers[k][i] != NULL; i++)
			argv[i] = strdup(jailers[k][i]);
		argv[i++] = strdup("sh");
		argv[i++] = strdup("-c");
		argv[i++] = sh_script;
		argv[i] = NULL;
		for (r = 0; r < n && (v[r] = spawned(argv[0], argv)) >= 0; r++)
			;
		qsort(v, (size_t)r, sizeof(v[0]), cmp);
		if (r == n)
			printf("# other %s %.0f\n",
			    strrchr(jailers[k][0], '/') + 1, v[n / 2]);
	}
}

static double
jailed(void)
{
	int64_t t0 = clock_mono_ns();
	struct tsession t = h_open("cost", 1);

	if (t.sock == -1 || talk(t.sock) == -1)
		return -1;
	close(t.sock);
	while (!h_ended(&t))
		h_pump(1000);
	return (double)(clock_mono_ns() - t0) / 1000;
}

int
main(int argc, char *argv[])
{
	static double b[ROUNDS_MAX], j[ROUNDS_MAX];
	int i, n = argc > 3 ? atoi(argv[3]) : 300;
	const char *what = argc > 4 ? argv[4] : "busybox";
	char exe[512];

	if (argc < 3 || n < 1 || n > ROUNDS_MAX)
		return 64;
	if (strcmp(what, "perl") == 0) {
		svc.argv[0] = "perl";
		svc.argv[1] = "-e";
		svc.argv[2] = perl_script;
		svc.interp = "/usr/bin/perl";
		snprintf(exe, sizeof(exe), "%s%s", argv[2], svc.interp);
		if (access(exe, F_OK) == -1)
			svc.interp = "/bin/perl";
	}
	snprintf(exe, sizeof(exe), "%s%s", argv[2], svc.interp);
	h_start(argv[1], argv[2], &svc, 1, strcmp(what, "shell") == 0);
	for (i = 0; i < n; i++) {
		b[i] = bare(exe);
		j[i] = jailed();
		h_pump(1); /* the events, outside of what is measured */
		if (j[i] < 0 || b[i] < 0) {
			ok(0, "session %d", i);
			return done();
		}
	}
	qsort(b, (size_t)n, sizeof(b[0]), cmp);
	qsort(j, (size_t)n, sizeof(j[0]), cmp);
	printf("# bare %.0f us, session %.0f us, ratio %.2f (medians of %d); "
	    "10th percentiles %.0f and %.0f\n", b[n / 2], j[n / 2],
	    j[n / 2] / b[n / 2], n, b[n / 10], j[n / 10]);
	printf("# bench %.0f %.0f\n", j[n / 2], COST_MAX * b[n / 2]);
	if (strcmp(what, "busybox") == 0)
		others(argv[2], n < 50 ? n : 50);
	if (strcmp(what, "shell") == 0) /* hpd-init as well, a namespace */
		ok(j[n / 10] < 5 * b[n / 10], "less than five bare spawns");
	else
		ok(j[n / 10] < 2 * b[n / 10], "less than two bare spawns");
	return done();
}
