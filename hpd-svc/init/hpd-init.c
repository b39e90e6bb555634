/* SPDX-License-Identifier: ISC */
/*
 * hpd-init PATH ARGV0 [ARG]...: the first process in the pid namespace of a
 * shell session. Runs PATH as its child, reaps whatever becomes an orphan, and
 * exits with the child's status (128 + signal), which ends everything left in
 * the namespace. A program that is process 1 itself would not die of SIGPIPE
 * or SIGALRM; its child does. Runs as the session's slot uid under the
 * svc-shell policy; must never touch the session's bytes or forward a signal.
 */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define EXIT_NOT_RUN 127
#define EXIT_FORK    126

int
main(int argc, char *argv[])
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int sig, status;
	pid_t child, pid;

	if (argc < 3)
		return EXIT_NOT_RUN;
	for (sig = 1; sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid(); /* fails when hpd-svc did it already */
	child = fork();
	if (child == -1)
		return EXIT_FORK;
	if (child == 0) {
		setsid();
		execv(argv[1], argv + 2);
		_exit(EXIT_NOT_RUN);
	}
	/* the session's ends must be the program's alone */
	for (sig = 0; sig < 4; sig++)
		close(sig);
	for (;;) {
		pid = wait(&status);
		if (pid == -1 && errno != EINTR)
			return EXIT_NOT_RUN;
		if (pid == child)
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status);
}
