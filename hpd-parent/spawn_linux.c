/* SPDX-License-Identifier: ISC */
/*
 * Starting a child on Linux: clone into its namespaces, fixed descriptors,
 * exec of an already opened program. Runs as root in hpd-parent; between clone
 * and exec only system calls are made. Nothing is looked up by name and
 * nothing of the environment is handed on. Also the image's memfd.
 */
#include "spawn.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/sandbox.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define EXEC_FAILED 127
#define ASIDE	    100 /* descriptors wait here before they are placed */

int
spawn_open(const char *dir, const char *name)
{
	int dfd, fd, saved;

	dfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dfd == -1)
		return -1;
	fd = openat(dfd, name, O_PATH | O_CLOEXEC);
	saved = errno;
	close(dfd);
	errno = saved;
	return fd;
}

static int
clone_flags(uint8_t ns)
{
	static const struct {
		uint8_t bit;
		int flag;
	} map[] = {
		{SBX_NS_NET, CLONE_NEWNET},
		{SBX_NS_IPC, CLONE_NEWIPC},
		{SBX_NS_UTS, CLONE_NEWUTS},
		{SBX_NS_MNT, CLONE_NEWNS},
		{SBX_NS_PID, CLONE_NEWPID},
	};
	int flags = SIGCHLD;

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (ns & map[i].bit)
			flags |= map[i].flag;
	return flags;
}

/* Descriptors to 0..nfds-1; all others vanish at exec. 0 or -1. */
static int
place(const struct spawn *s)
{
	int aside[SPAWN_MAX_FDS];

	for (int i = 0; i < s->nfds; i++) {
		aside[i] = fcntl(s->fd[i], F_DUPFD_CLOEXEC, ASIDE);
		if (aside[i] == -1)
			return -1;
	}
	for (int i = 0; i < s->nfds; i++)
		if (dup2(aside[i], i) == -1)
			return -1;
	return (int)syscall(SYS_close_range, (unsigned)s->nfds, ~0U,
	    CLOSE_RANGE_CLOEXEC);
}

static void
child(const struct spawn *s)
{
	static char *const no_env[] = {NULL};
	/* The kernel's struct, all zero: SIG_DFL. glibc's own function leaves
	 * out 32 and 33, which may come ignored from whoever started us. */
	static const unsigned long dfl[8];
	sigset_t none;
	int exe;

	exe = fcntl(s->exe, F_DUPFD_CLOEXEC, ASIDE + SPAWN_MAX_FDS);
	if (exe == -1 || place(s) == -1)
		_exit(EXEC_FAILED);
	for (int sig = 1; sig < _NSIG; sig++)
		(void)syscall(SYS_rt_sigaction, sig, dfl, NULL, _NSIG / 8);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == -1 || setsid() == -1 ||
	    chdir("/") == -1)
		_exit(EXEC_FAILED);
	syscall(SYS_execveat, exe, "", s->argv, no_env, AT_EMPTY_PATH);
	_exit(EXEC_FAILED);
}

pid_t
spawn(const struct spawn *s)
{
	sigset_t all, old;
	pid_t pid;
	int saved;

	/* No handler of ours may run in the child. */
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, &old) == -1)
		return -1;
	pid = (pid_t)syscall(SYS_clone, (long)clone_flags(s->ns), NULL, NULL,
	    NULL, NULL);
	if (pid == 0)
		child(s);
	saved = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = saved;
	return pid;
}

int
spawn_image_new(void)
{
	int fd;

	fd = memfd_create("hpd-image",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd == -1 && errno == EINVAL) /* before 6.3 */
		fd = memfd_create("hpd-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

int
spawn_image_seal(int fd, size_t *size)
{
	char path[32];
	struct stat st;
	int ro = -1, saved;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0 &&
	    fstat(fd, &st) == 0) {
		*size = (size_t)st.st_size;
		ro = open(path, O_RDONLY | O_CLOEXEC);
	}
	saved = errno;
	close(fd);
	errno = saved;
	return ro;
}
