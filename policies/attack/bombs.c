/* SPDX-License-Identifier: ISC */
/*
 * The catalogue's bombs: attacks on resources. Each says GO, begins, and never
 * ends by itself, or says STOPPED with what it got. Only in hpd-attack: in a
 * script's place, or outside for a moment as the control, where "outside"
 * stops after a step to show that it works.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

#define MIB (1u << 20)

static int
outside(const struct attack_place *at)
{
	return at->who == 'C';
}

static void
say(const char *text)
{
	(void)!write(1, text, strlen(text));
}

static void
stopped(const char *what, unsigned long n)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "STOPPED %s %lu\n", what, n);
	say(line);
}

static void
deaf(void)
{
	int sig;

	for (sig = 1; sig < 32; sig++)
		if (sig != SIGSEGV && sig != SIGCHLD)
			(void)signal(sig, SIG_IGN);
}

static int
fork_bomb(const struct attack_place *at)
{
	unsigned long n = 0;
	pid_t pid;

	say("GO\n");
	for (;;) {
		pid = fork();
		if (pid == 0) {
			if (outside(at))
				_exit(0);
			for (;;)
				if (fork() == -1)
					(void)usleep(1000);
		}
		if (pid == -1)
			break;
		if (++n == 64)
			return 0; /* outside; nobody stops at 64 inside */
	}
	stopped("children", n);
	if (n == 0)
		return -1;
	for (;;)
		(void)pause();
}

static int
memory_bomb(const struct attack_place *at)
{
	unsigned long n = 0;
	char *p;

	say("GO\n");
	while ((p = malloc(MIB)) != NULL) {
		memset(p, 1, MIB);
		if (++n == 256 || (outside(at) && n == 80))
			return 0;
	}
	stopped("MiB", n);
	return -1;
}

static int __attribute__((noinline))
deeper(volatile char *above, unsigned long n)
{
	volatile char here[4096];

	here[0] = above[0];
	if (n == 4096) /* 16 MiB */
		return 0;
	return deeper(here, n + 1) + (here[0] == 1);
}

static int
recursion(const struct attack_place *at)
{
	char first[1] = {0};

	(void)at;
	say("GO\n");
	(void)deeper(first, outside(at) ? 4096 - 512 : 0);
	return 0; /* 16 MiB of stack were to be had */
}

static int
descriptors(const struct attack_place *at)
{
	unsigned long n = 0;

	(void)at;
	say("GO\n");
	while (dup(0) != -1)
		if (++n == 200)
			return 0;
	stopped("descriptors", n);
	return -1;
}

static int
fill_disk(const struct attack_place *at)
{
	static const char *const dirs[] = {"", "/tmp", "/dev/shm", "/scripts",
	    "/dev", "/bin", NULL};
	char path[300], block[4096];
	int fd, i;

	say("GO\n");
	memset(block, 1, sizeof(block));
	for (i = -1; i < 0 || dirs[i] != NULL; i++) {
		(void)snprintf(path, sizeof(path), "%s/fill",
		    i < 0 ? at->dir : dirs[i]);
		fd = open(path, O_WRONLY | O_CREAT, 0600);
		if (fd == -1)
			continue;
		if (write(fd, block, sizeof(block)) > 0) {
			(void)close(fd);
			(void)unlink(path);
			return 0;
		}
		(void)close(fd);
	}
	/* the one thing that can be written swallows it all */
	fd = open("/dev/null", O_WRONLY);
	for (i = 0; i < 1000 && fd != -1; i++)
		(void)!write(fd, block, sizeof(block));
	errno = EROFS;
	return -1;
}

static int
spin(const struct attack_place *at)
{
	volatile unsigned long n = 0;

	deaf();
	say("GO\n");
	for (;;)
		if (++n > 100000000UL && outside(at))
			return 0;
}

static int
sleep_on(const struct attack_place *at)
{
	deaf();
	say("GO\n");
	if (outside(at))
		return sleep(1) == 0 ? 0 : -1;
	for (;;)
		(void)sleep(1000);
}

/* A child of a child, without a terminal and without descriptors. */
static int
daemonize(const struct attack_place *at)
{
	pid_t pid = fork();

	if (pid == -1)
		return -1;
	if (pid == 0) {
		(void)setsid();
		if (fork() != 0)
			_exit(0);
		deaf();
		(void)close(0);
		(void)close(1);
		(void)close(2);
		(void)close(3);
		if (outside(at))
			_exit(0);
		for (;;)
			(void)sleep(1000);
	}
	(void)waitpid(pid, NULL, 0);
	say("GO\n");
	return outside(at) ? 0 : -1; /* we end, it stays */
}

static int
zombies(const struct attack_place *at)
{
	unsigned long n = 0;
	pid_t pid;

	say("GO\n");
	while (n < 50 && (pid = fork()) != -1) {
		if (pid == 0)
			_exit(0);
		n++;
	}
	stopped("zombies", n);
	if (outside(at))
		return n == 50 ? 0 : -1;
	if (n == 0)
		return -1;
	for (;;)
		(void)pause();
}

static int
stop_itself(const struct attack_place *at)
{
	say("GO\n");
	if (outside(at))
		return 0; /* nobody would let us go on */
	(void)raise(SIGSTOP);
	(void)kill(getpid(), SIGSTOP);
	for (;;)
		(void)pause();
}

/* The parent of a vfork waits until its child has ended: never. */
static int
vfork_pause(const struct attack_place *at)
{
	pid_t pid;

	say("GO\n");
	pid = vfork();
	if (pid == -1)
		return -1;
	if (pid == 0) {
		if (outside(at))
			_exit(0);
		for (;;)
			(void)pause();
	}
	return outside(at) ? 0 : -1;
}

static int
flood(const struct attack_place *at, int fd)
{
	static char block[65536];
	unsigned long n = 0;
	ssize_t w;

	memset(block, 'x', sizeof(block));
	say("GO\n");
	for (;;) {
		w = write(fd, block, sizeof(block));
		if (w == -1 && errno != EINTR && errno != EAGAIN)
			return -1;
		n += w > 0 ? (unsigned long)w : 0;
		if (outside(at) && n > 8 * MIB)
			return 0;
	}
}

static int
output_flood(const struct attack_place *at)
{
	if (outside(at)) {
		int fd = open("/dev/null", O_WRONLY);

		return fd == -1 ? -1 : flood(at, fd);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)flood(at, 1);
	for (;;) /* the peer is gone, and we don't care */
		(void)pause();
}

/* The peer goes after the first line: writing has to end it. */
static int
output_gone(const struct attack_place *at)
{
	if (outside(at))
		return 0;
	return flood(at, 1);
}

static int
slow_output(const struct attack_place *at)
{
	deaf();
	say("GO\n");
	if (outside(at))
		return 0;
	for (;;) {
		(void)!write(1, ".", 1);
		(void)sleep(1);
	}
}

static int
error_flood(const struct attack_place *at)
{
	char line[] = "something went wrong, and again\n";
	unsigned long n;

	say("GO\n");
	for (n = 0; n < 200000; n++) {
		if (write(2, line, sizeof(line) - 1) == -1)
			break;
		if (outside(at) && n == 1000)
			return 0;
	}
	stopped("lines", n);
	return -1;
}

#define BOMB(row, name, from, flags, max_s, fn) \
	{row, name, from, "", ATT_BOMB | (flags), max_s, 0, {0}, fn}

const struct attack attack_bombs[] = {
    BOMB(28, "fork bomb", "SH", 0, 10, fork_bomb),
    BOMB(29, "memory bomb", "SH", 0, 10, memory_bomb),
    BOMB(30, "deep recursion", "SH", 0, 5, recursion),
    BOMB(31, "descriptors without end", "SH", 0, 5, descriptors),
    BOMB(32, "fill the disk", "SH", 0, 5, fill_disk),
    BOMB(34, "spin, deaf to signals", "SH", 0, 10, spin),
    BOMB(35, "sleep for ever, deaf to signals", "SH", 0, 10, sleep_on),
    BOMB(36, "a daemon that stays", "SH", 0, 10, daemonize),
    BOMB(37, "zombies", "SH", 0, 10, zombies),
    BOMB(38, "stop itself", "SH", 0, 10, stop_itself),
    BOMB(38, "vfork and wait", "SH", 0, 10, vfork_pause),
    BOMB(39, "output flood, nobody reads", "SH", 0, 10, output_flood),
    BOMB(40, "output flood, the peer is gone", "SH", 0, 6, output_gone),
    BOMB(41, "a byte a second for ever", "SH", 0, 10, slow_output),
    BOMB(42, "error flood", "SH", 0, 10, error_flood),
    {0, NULL, NULL, NULL, 0, 0, 0, {0}, NULL}};
