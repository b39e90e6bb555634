/* SPDX-License-Identifier: ISC */
/*
 * Becoming a daemon, before any child exists: two forks, a session of its own,
 * and a pipe on which the processes left behind wait for the news. Runs in
 * hpd-parent only.
 */
#include "background.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../common/diag.h"

static int ready_fd = -1;
static pid_t waiting[3];

/* Left behind: exit as the start went. */
static void
await(int fd, pid_t pid)
{
	char c;
	ssize_t n;
	int status;

	do
		n = read(fd, &c, 1);
	while (n == -1 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void
step(int pipefd[2])
{
	pid_t pid;

	waiting[waiting[0] != 0] = getpid();
	pid = fork();
	if (pid == -1)
		fatal("fork");
	if (pid > 0) {
		close(pipefd[1]);
		await(pipefd[0], pid);
	}
}

void
background_enter(void)
{
	int pipefd[2];

	if (pipe2(pipefd, O_CLOEXEC) == -1)
		fatal("pipe");
	step(pipefd);
	if (setsid() == -1)
		fatal("setsid");
	step(pipefd);
	close(pipefd[0]);
	ready_fd = pipefd[1];
}

void
background_waiting(pid_t pids[3])
{
	memcpy(pids, waiting, sizeof(waiting));
}

void
background_ready(void)
{
	int null;

	if (ready_fd == -1)
		return;
	/* Two readers are waiting. */
	if (write(ready_fd, "RR", 2) != 2)
		diag_warn("whoever started us is gone");
	close(ready_fd);
	ready_fd = -1;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null == -1)
		return;
	for (int fd = 0; fd <= 2; fd++)
		(void)dup2(null, fd);
	if (null > 2)
		close(null);
}
