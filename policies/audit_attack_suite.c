/* SPDX-License-Identifier: ISC */
/*
 * hpaudit attack, in a script's place: the real suite in network namespaces
 * made for it, a jail with hpd-attack as its only service, and a tester that
 * connects to a decoy. Everything has names of its own and is removed again.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit_attack.h"
#include "audit_proc.h"

#define DECOY	   "10.66.0.10"
#define PORT_S	   1000
#define PORT_H	   1001
#define START_S	   20
#define TRY_S	   15 /* an attempt that is no bomb */

static int sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Our own words only: nothing of them comes from outside. */
static int
sh(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return system(line) == 0 ? 0 : -1;
}

static void
nap(double s)
{
	struct timespec t = {(time_t)s, (long)((s - (double)(time_t)s) * 1e9)};

	(void)nanosleep(&t, NULL);
}

static int
write_file(const char *dir, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
write_file(const char *dir, const char *name, const char *fmt, ...)
{
	char path[256];
	va_list ap;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "we")) == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vfprintf(f, fmt, ap);
	va_end(ap);
	return fclose(f);
}

static int
make_jail(struct suite *s)
{
	char m[160], init[AUDIT_PATH_MAX + 32], verb[] = "mkjail", fm[] = "-m",
	    fs[] = "-s", fi[] = "-i";
	char *argv[] = {verb, fm, m, fs, s->dir, fi, init, s->jail, NULL};

	(void)snprintf(s->jail, sizeof(s->jail), "%s/jail", s->dir);
	(void)snprintf(m, sizeof(m), "%s/manifest", s->dir);
	(void)snprintf(init, sizeof(init), "%s/hpd-init", s->bin);
	if (write_file(s->dir, "manifest", "dir /dev\nnull /dev/null\n"
	    "dir /tmp\ndir /scripts\nprogram /bin/busybox\n"
	    "links busybox /bin sh cat true echo\n"
	    "program %s/hpd-attack /bin/hpd-attack\ninit /bin/hpd-init\n",
	    s->bin) == -1)
		return -1;
	optind = 0; /* getopt anew */
	return audit_mkjail(8, argv) == 0 ? 0 : -1;
}

static int
make_conf(const struct suite *s)
{
	static const char limits[] = "cpu 2 wall 4 idle 30 bytes 4M "
	    "memory 64M sessions 100 source 100";

	return write_file(s->dir, "hpd.conf", "create a\n"
	    "set a default tcp action closed\n"
	    "add a tcp port %d \"/bin/hpd-attack S\" %s\n"
	    "add a tcp port %d \"/bin/hpd-attack H\" profile shell %s\n"
	    "create b\nset b default tcp action closed\n"
	    "add b tcp port 7 \"cat\"\n"
	    "bind " DECOY " a\nbind 10.66.0.11 b\n", PORT_S, limits, PORT_H,
	    limits);
}

static int
make_nets(struct suite *s)
{
	(void)snprintf(s->ns_t, sizeof(s->ns_t), "hpda-%d-t", (int)getpid());
	(void)snprintf(s->ns_d, sizeof(s->ns_d), "hpda-%d-d", (int)getpid());
	return sh("ip netns add %s && ip netns add %s && "
	    "ip link add tap0 netns %s type veth peer name decoy0 netns %s && "
	    "ip -n %s link add hpda0 type veth peer name hpda2 && "
	    "ip -n %s link add hpda1 type veth peer name hpda3 && "
	    "for i in hpda0 hpda1 hpda2 hpda3; do ip -n %s link set $i up; done && "
	    "ip -n %s addr add 10.66.0.1/24 dev tap0 && "
	    "ip -n %s link set lo up && ip -n %s link set tap0 up && "
	    "ip -n %s link set decoy0 up", s->ns_t, s->ns_d, s->ns_t, s->ns_d,
	    s->ns_t, s->ns_t, s->ns_t, s->ns_t, s->ns_t, s->ns_t, s->ns_d);
}

static int
start(struct suite *s)
{
	char prog[AUDIT_PATH_MAX + 32], conf[96], log[96], err[96];
	double end = attack_clock() + START_S;
	int fd;

	(void)snprintf(prog, sizeof(prog), "%s/hpd-parent", s->bin);
	if (access(prog, X_OK) == -1) /* installed: beside hpaudit */
		(void)snprintf(prog, sizeof(prog), "hpd-parent");
	(void)snprintf(conf, sizeof(conf), "%s/hpd.conf", s->dir);
	(void)snprintf(log, sizeof(log), "%s/log", s->dir);
	(void)snprintf(err, sizeof(err), "%s/err", s->dir);
	if (mkdir(log, 0755) == -1)
		return -1;
	if ((s->parent = fork()) == 0) {
		fd = open(err, O_WRONLY | O_CREAT | O_APPEND, 0600);
		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		(void)execlp(prog, "hpd-parent", "-A", "-d", "-v", "-L",
		    s->bin, "-f", conf, "-l", log, "-j", s->jail, "-N",
		    s->ns_d, "-i", "decoy0", (char *)NULL);
		_exit(127);
	}
	while (attack_clock() < end) {
		if (sh("grep -q 'hpd-parent: running' %s 2>/dev/null", err) == 0)
			return 0;
		if (waitpid(s->parent, NULL, WNOHANG) == s->parent)
			break;
		nap(0.1);
	}
	(void)sh("tail -5 %s >&2", err);
	return -1;
}

int
suite_up(struct suite *s, const char *bindir)
{
	char path[64];
	int fd;

	(void)snprintf(s->bin, sizeof(s->bin), "%s", bindir);
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/hpd-attack.XXXXXX");
	(void)umask(0022);
	if (mkdtemp(s->dir) == NULL || chmod(s->dir, 0755) == -1) {
		perror(s->dir);
		s->dir[0] = '\0';
		return -1;
	}
	if (make_jail(s) == -1 || make_conf(s) == -1 || make_nets(s) == -1 ||
	    start(s) == -1) {
		(void)fprintf(stderr, "hpaudit: the suite could not be "
		    "started for the attacks\n");
		return -1;
	}
	(void)snprintf(path, sizeof(path), "/run/netns/%s", s->ns_t);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || setns(fd, CLONE_NEWNET) == -1) {
		perror(path);
		return -1;
	}
	return close(fd);
}

void
suite_down(struct suite *s)
{
	int i;

	if (s->parent > 0) {
		(void)kill(s->parent, SIGTERM);
		for (i = 0; i < 100 &&
		    waitpid(s->parent, NULL, WNOHANG) == 0; i++)
			nap(0.1);
		if (i == 100) {
			(void)kill(s->parent, SIGKILL);
			(void)waitpid(s->parent, NULL, 0);
		}
	}
	if (s->ns_t[0] != '\0')
		(void)sh("ip netns del %s 2>/dev/null; "
		    "ip netns del %s 2>/dev/null", s->ns_t, s->ns_d);
	if (s->dir[0] != '\0')
		(void)tree_remove(s->dir);
	memset(s, 0, sizeof(*s));
}

unsigned
suite_events(const struct suite *s, const char *action)
{
	char line[512];
	unsigned n = 0;
	FILE *f;

	(void)snprintf(line, sizeof(line), "cat %s/log/events-*.jsonl "
	    "2>/dev/null | grep -c '\"hpd.%s\"*'", s->dir, action);
	if ((f = popen(line, "re")) == NULL)
		return 0;
	if (fscanf(f, "%u", &n) != 1)
		n = 0;
	(void)pclose(f);
	return n;
}

static void
count_script(void *arg, pid_t pid)
{
	struct subject p;
	unsigned *n = arg;

	if (proc_identify(&p, pid) == 0 && strcmp(p.name, "script") == 0)
		++*n;
}

unsigned
suite_scripts(const struct suite *s)
{
	unsigned n = 0;

	(void)proc_all(s->parent, count_script, &n);
	return n;
}

/* Connected within some seconds, or -1. */
static int
reach(uint16_t port)
{
	struct sockaddr_in a;
	struct timeval t = {5, 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(port);
	(void)inet_pton(AF_INET, DECOY, &a.sin_addr);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* What it says first (what does not fit is thrown away), until its end or the
 * deadline. Returns 1 at its end. mute: read no more than the first line; the
 * end is then that no script is left. */
static int
hear(const struct suite *s, int fd, char *out, size_t max, double end,
    int mute)
{
	struct pollfd p = {fd, POLLIN, 0};
	char buf[65536];
	size_t used = 0;
	ssize_t n;
	double left;

	out[0] = '\0';
	while ((left = end - attack_clock()) > 0) {
		if (mute && strchr(out, '\n') != NULL) {
			if (suite_scripts(s) == 0)
				return 1;
			nap(0.1);
			continue;
		}
		if (poll(&p, 1, (int)(left * 1000) + 1) <= 0)
			continue;
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			return 1;
		if (used + 1 < max) {
			size_t take = (size_t)n < max - 1 - used ? (size_t)n :
			    max - 1 - used;

			memcpy(out + used, buf, take);
			used += take;
			out[used] = '\0';
		}
	}
	return 0;
}

static void
read_answer(struct attempt *t, int ended, const char *got, int bomb)
{
	const char *s;

	t->out = OUT_KILLED;
	if (strstr(got, "WORKED") != NULL)
		t->out = OUT_WORKED;
	else if ((s = strstr(got, "STOPPED")) != NULL) {
		t->out = OUT_STOPPED;
		(void)snprintf(t->text, sizeof(t->text), "%.*s",
		    (int)strcspn(s + 8, "\n"), s + 8);
	} else if ((s = strstr(got, "REFUSED")) != NULL) {
		t->out = OUT_REFUSED;
		(void)snprintf(t->text, sizeof(t->text), "%.*s",
		    (int)strcspn(s + 8, "\n"), s + 8);
	}
	if (!ended && bomb)
		t->out = OUT_LATE;
	else if (!ended) {
		t->out = OUT_ERROR;
		(void)snprintf(t->text, sizeof(t->text), "no answer");
	}
}

void
suite_try(struct suite *s, unsigned i, char who, struct attempt *t)
{
	const struct attack *a = attack_get(i);
	int fd = reach(who == 'S' ? PORT_S : PORT_H), bomb, ended;
	char got[256], ask[32];
	double began = attack_clock(), end;

	memset(t, 0, sizeof(*t));
	t->out = OUT_ERROR;
	if (fd == -1) {
		(void)snprintf(t->text, sizeof(t->text), "no connection: %s",
		    strerror(errno));
		return;
	}
	bomb = (a->flags & ATT_BOMB) != 0;
	end = began + (bomb ? a->max_s : TRY_S);
	(void)snprintf(ask, sizeof(ask), "%u\n", i);
	(void)!send(fd, ask, strlen(ask), MSG_NOSIGNAL);
	if (a->row == 40) { /* hear it begin, and go */
		struct linger l = {1, 0};

		ended = recv(fd, got, 3, MSG_WAITALL) == 3;
		got[0] = '\0';
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	} else
		ended = hear(s, fd, got, sizeof(got), end, a->row == 39);
	(void)close(fd);
	read_answer(t, ended, got, bomb);
	if (!bomb)
		return;
	while (suite_scripts(s) != 0 && attack_clock() < end)
		nap(0.02);
	t->seconds = attack_clock() - began;
	if (suite_scripts(s) != 0)
		t->out = OUT_LATE;
}
