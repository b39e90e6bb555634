/* SPDX-License-Identifier: ISC */
/* What a program started by spawn() finds, and the image once sealed. */
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hpd-parent/spawn.h"

/* Run sh -c script with its standard output into out; exit code. */
static int
run(const char *script, char *out, size_t outlen)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	struct spawn s = {.argv = argv, .nfds = 3};
	int pipefd[2], status, null;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipefd), 0);
	null = open("/dev/null", O_RDWR);
	s.exe = spawn_open("/bin", "sh");
	assert_true(s.exe >= 0 && null >= 0);
	s.fd[0] = null;
	s.fd[1] = pipefd[1];
	s.fd[2] = pipefd[1];
	pid = spawn(&s);
	assert_true(pid > 0);
	close(pipefd[1]);
	while ((n = read(pipefd[0], out + len, outlen - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	close(pipefd[0]);
	close(null);
	close(s.exe);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
only_the_given_descriptors(void **state)
{
	char out[4096];
	int extra = open("/dev/null", O_RDONLY); /* not close-on-exec */

	(void)state;
	assert_true(extra > 2);
	assert_int_equal(run("cd /proc/$$/fd && for f in *; do "
			     "[ ! -e $f ] || echo $f; done",
			     out, sizeof(out)),
	    0);
	assert_string_equal(out, "0\n1\n2\n");
	close(extra);
}

static void
environment_is_empty(void **state)
{
	char out[4096];

	(void)state;
	assert_int_equal(setenv("HPD_TEST_SECRET", "x", 1), 0);
	/* sh itself adds PWD and the like; ours must not be there */
	assert_int_equal(run("tr '\\0' '\\n' < /proc/$$/environ", out,
			     sizeof(out)),
	    0);
	assert_string_equal(out, "");
}

static void
signals_are_default(void **state)
{
	char out[256];
	sigset_t set, old;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &old);
	assert_int_equal(run("while read k v; do case $k in "
			     "SigBlk:|SigIgn:) echo $v;; esac; done "
			     "< /proc/$$/status",
			     out, sizeof(out)),
	    0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	assert_string_equal(out, "0000000000000000\n0000000000000000\n");
}

static void
program_missing_is_said(void **state)
{
	(void)state;
	assert_int_equal(spawn_open("/bin", "no-such-program"), -1);
	assert_int_equal(errno, ENOENT);
}

static void
sealed_image_cannot_change(void **state)
{
	int fd = spawn_image_new(), ro, other;
	size_t size = 0;
	char c;

	(void)state;
	assert_true(fd >= 0);
	other = dup(fd); /* as a writer that kept one */
	assert_int_equal(write(fd, "image", 5), 5);
	ro = spawn_image_seal(fd, &size);
	assert_true(ro >= 0);
	assert_int_equal(size, 5);
	assert_int_equal(fcntl(ro, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(write(other, "x", 1), -1);
	assert_int_equal(ftruncate(other, 0), -1);
	assert_ptr_equal(mmap(NULL, 5, PROT_WRITE, MAP_SHARED, other, 0),
	    MAP_FAILED);
	assert_int_equal(pread(ro, &c, 1, 0), 1);
	assert_int_equal(c, 'i');
	close(ro);
	close(other);
}

static void
image_still_mapped_for_writing_is_refused(void **state)
{
	int fd = spawn_image_new();
	size_t size;
	void *map;

	(void)state;
	assert_int_equal(ftruncate(fd, 4096), 0);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	assert_int_equal(spawn_image_seal(fd, &size), -1);
	munmap(map, 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_the_given_descriptors),
	    cmocka_unit_test(environment_is_empty),
	    cmocka_unit_test(signals_are_default),
	    cmocka_unit_test(program_missing_is_said),
	    cmocka_unit_test(sealed_image_cannot_change),
	    cmocka_unit_test(image_still_mapped_for_writing_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
