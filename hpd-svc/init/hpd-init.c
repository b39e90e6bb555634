/* SPDX-License-Identifier: ISC */
/*
 * hpd-init PATH ARGV0 [ARG]...: the first process in the pid namespace of a
 * shell session. Runs PATH as its child, reaps whatever becomes an orphan, and
 * exits with the child's status (128 + signal), which ends everything left in
 * the namespace. A program that is process 1 itself would not die of SIGPIPE
 * or SIGALRM; its child does. Runs as the session's slot uid under the
 * svc-shell policy; must never touch the session's bytes or forward a signal.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define EXIT_NOT_RUN 127
#define EXIT_FORK    126

/* Have the children that ended used up what one process is allowed? */
static int
over_cpu(void)
{
	struct rlimit r;
	struct rusage u;

	if (getrlimit(RLIMIT_CPU, &r) == -1 || r.rlim_cur == RLIM_INFINITY ||
	    getrusage(RUSAGE_CHILDREN, &u) == -1)
		return 0;
	return (rlim_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) >= r.rlim_cur;
}

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
		if (pid > 0 && over_cpu())
			return 128 + SIGXCPU;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status);
}
