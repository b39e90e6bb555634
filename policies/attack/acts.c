/* SPDX-License-Identifier: ISC */
/*
 * The catalogue's attacks that take more than one call. In hpd-attack and
 * hpaudit.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

extern char **environ;

static int
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd == -1)
		return -1;
	(void)close(fd);
	return 0;
}

/* 0 when one of them opens. */
static int
one_opens(const char *const *paths, int flags)
{
	for (; *paths != NULL; paths++)
		if (opens(*paths, flags) == 0)
			return 0;
	return -1;
}

static int
passwd(const struct attack_place *at)
{
	static const char *const p[] = {"/etc/passwd", "/../../etc/passwd",
	    "../../../../etc/passwd", "/proc/self/root/etc/passwd", NULL};

	(void)at;
	return one_opens(p, O_RDONLY);
}

static int
proc(const struct attack_place *at)
{
	static const char *const p[] = {"/proc/self/maps", "/proc/1/root",
	    "/sys", "/dev/kmsg", "/dev/mem", "/dev/zero", "/dev/shm", NULL};

	(void)at;
	return one_opens(p, O_RDONLY);
}

static int
create(const struct attack_place *at)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/created", at->dir);
	return opens(path, O_WRONLY | O_CREAT);
}

static int
own_program(const struct attack_place *at)
{
	static const char *const p[] = {"/bin/hpd-attack", "/bin/busybox",
	    "/scripts/x", NULL};
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/old", at->dir);
	if (opens(path, O_WRONLY | O_APPEND) == 0)
		return 0;
	return one_opens(p, O_WRONLY | O_APPEND);
}

/* The classic: a root below the one we are in, and out by a kept directory. */
static int
chroot_out(const struct attack_place *at)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	(void)at;
	if (fd == -1 || chroot("tmp") == -1 || fchdir(fd) == -1 ||
	    chdir("../../../..") == -1)
		return -1;
	return opens("etc/passwd", O_RDONLY);
}

/* A directory, or a file or socket beyond what the process is given. */
static int
kept(const struct attack_place *at)
{
	struct stat st;
	int fd, from = at->who == 'S' || at->who == 'H' ? 4 : 64;

	if (at->who == 'C') /* outside there may be one */
		(void)!dup2(open("/", O_RDONLY), 64);
	for (fd = from; fd < 1200; fd++)
		if (fstat(fd, &st) == 0)
			return 0;
	for (fd = 0; fd < 1200; fd++)
		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return 0;
	return -1;
}

static int
setuid_file_in(const char *dir, int depth)
{
	struct dirent *e;
	struct stat st;
	char path[512];
	int rc = -1;
	DIR *d = opendir(dir);

	if (d == NULL)
		return -1;
	while (rc == -1 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || snprintf(path, sizeof(path),
		    "%s/%s", dir, e->d_name) >= (int)sizeof(path) ||
		    lstat(path, &st) == -1)
			continue;
		if (S_ISREG(st.st_mode) && (st.st_mode & 06000) != 0)
			rc = 0;
		else if (S_ISDIR(st.st_mode) && depth > 0 &&
		    strcmp(path, "/proc") != 0 && strcmp(path, "/sys") != 0)
			rc = setuid_file_in(path, depth - 1);
	}
	(void)closedir(d);
	return rc;
}

static int
setuid_file(const struct attack_place *at)
{
	(void)at;
	return setuid_file_in(at->who == 'C' ? "/usr/bin" : "", 6);
}

static int
stranger(const struct attack_place *at)
{
	pid_t pid, last = at->who == 'C' ? 32768 : 6000;

	for (pid = 1; pid < last; pid++) {
		if (pid == getpid() || pid == getppid())
			continue;
		if (kill(pid, 0) == 0 || (errno == EPERM && at->who == 'C'))
			return 0;
	}
	errno = ESRCH;
	return -1;
}

static int
fork_once(const struct attack_place *at)
{
	pid_t pid = fork();

	(void)at;
	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : 0;
}

/* Where it works the program says so itself. */
static int
run_program(const struct attack_place *at)
{
	static char echo[] = "echo", worked[] = "WORKED";
	static char *const argv[] = {echo, worked, NULL};

	(void)at;
	(void)execve("/bin/busybox", argv, environ);
	(void)execve("/bin/echo", argv, environ);
	return -1;
}

static int
shell_command(const struct attack_place *at)
{
	FILE *f = popen("echo x", "r");
	char buf[8];
	int rc;

	(void)at;
	if (f == NULL)
		return -1;
	rc = fgets(buf, sizeof(buf), f) != NULL ? 0 : -1;
	(void)pclose(f);
	return rc;
}

static int
raise_nofile(const struct attack_place *at)
{
	uint64_t l[2] = {4096, 4096};

	(void)at;
	return (int)syscall(SYS_prlimit64, 0, 7, l, NULL);
}

static int
memfd_exec(const struct attack_place *at)
{
	static char name[] = "x";
	static char *const argv[] = {name, NULL};
	int fd = (int)syscall(SYS_memfd_create, "x", 0);

	(void)at;
	if (fd == -1)
		return -1;
	if (write(fd, "\177ELF", 4) != 4)
		return -1;
	(void)syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return errno == ENOEXEC || errno == EACCES ? 0 : -1;
}

/* A file mapped for execution that was just written. */
static int
map_own_file(const struct attack_place *at)
{
	char path[256];
	void *p;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/code", at->dir);
	fd = open(path, O_RDWR | O_CREAT, 0755);
	if (fd == -1 || ftruncate(fd, 4096) == -1)
		return -1;
	p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	return p == MAP_FAILED ? -1 : 0;
}

static int
protect(int first, int then)
{
	void *p = mmap(NULL, 4096, first, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	return mprotect(p, 4096, then);
}

static int
write_then_exec(const struct attack_place *at)
{
	(void)at;
	return protect(PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC);
}

static int
read_then_exec(const struct attack_place *at)
{
	(void)at;
	return protect(PROT_READ, PROT_READ | PROT_EXEC);
}

static int
pkey_exec(const struct attack_place *at)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)at;
	return p == MAP_FAILED ? -1 :
	    (int)syscall(SYS_pkey_mprotect, p, 4096, PROT_READ | PROT_EXEC,
	    -1);
}

static int
environment(const struct attack_place *at)
{
	static const char *const known[] = {"HONEYD_", "HPD_", "PATH=",
	    "LC_ALL=", "HOME=", "PWD=", "SHLVL=", "_=", NULL};
	size_t i, k;

	(void)at;
	for (i = 0; environ != NULL && environ[i] != NULL; i++) {
		for (k = 0; known[k] != NULL; k++)
			if (strncmp(environ[i], known[k],
			    strlen(known[k])) == 0)
				break;
		if (known[k] == NULL)
			return 0;
	}
	return -1;
}

/* A variable that a shell or another line could be made of. */
static int
environment_text(const struct attack_place *at)
{
	size_t i;

	(void)at;
	if (at->who == 'C')
		return setenv("HPD_X", "a\n;`$(b)", 1);
	for (i = 0; environ != NULL && environ[i] != NULL; i++)
		if (strpbrk(environ[i], "\n;`\\\"'<>|&") != NULL)
			return 0;
	return -1;
}

static int
i386_call(const struct attack_place *at)
{
#if defined(__x86_64__)
	long r;

	(void)at;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory");
	if (r > 0)
		return 0;
	errno = (int)-r;
	return -1;
#else
	(void)at;
	errno = ENOSYS;
	return -1;
#endif
}

/* Files, shared memory, ports: anything two sessions could meet at. */
static int
meet(const struct attack_place *at)
{
	static const char *const p[] = {"/tmp/meet", "/dev/shm/meet",
	    "/var/tmp/meet", "/run/meet", NULL};

	(void)at;
	if (one_opens(p, O_RDWR | O_CREAT) == 0 ||
	    syscall(SYS_shmget, 4711, 4096, 01600) != -1)
		return 0;
	return opens("/proc/net/tcp", O_RDONLY);
}

static int
dumpable(const struct attack_place *at)
{
	(void)at;
	return prctl(PR_SET_DUMPABLE, 1) == 0 &&
	    prctl(PR_GET_DUMPABLE) == 1 ? 0 : -1;
}

#define ALL "SHNLRY"
#define ACT(row, name, from, may, fn) \
	{row, name, from, may, 0, 0, 0, {0}, fn}

const struct attack attack_acts[] = {
    ACT(1, "read /etc/passwd", ALL, "", passwd),
    ACT(2, "/proc, /sys, /dev", ALL, "", proc),
    ACT(3, "create a file", "SH", "", create),
    ACT(4, "write the program itself", "SH", "", own_program),
    ACT(7, "chroot and out again", "SH", "", chroot_out),
    ACT(8, "descriptors kept", "SH", "", kept),
    ACT(13, "a setuid file", "H", "", setuid_file),
    ACT(27, "signal a stranger", "SH", "", stranger),
    ACT(28, "fork", "SHNLY", "H", fork_once),
    ACT(43, "execute a program", "SHNLY", "H", run_program),
    ACT(44, "raise the limit of descriptors", "SHNLY", "", raise_nofile),
    ACT(45, "a command by the shell", "SH", "H", shell_command),
    ACT(46, "execute memory", ALL, "", memfd_exec),
    ACT(46, "map a file of its own for execution", "SH", "", map_own_file),
    ACT(47, "mprotect W to X", ALL, "", write_then_exec),
    ACT(47, "mprotect R to X", ALL, "", read_then_exec),
    ACT(47, "pkey_mprotect", ALL, "", pkey_exec),
    ACT(48, "variables of the host", "SH", "", environment),
    ACT(49, "attacker's text in variables", "SH", "", environment_text),
    ACT(55, "a 32-bit call", ALL, "", i386_call),
    ACT(68, "a place to meet", "SH", "", meet),
    ACT(70, "become dumpable", ALL, "", dumpable),
    {0, NULL, NULL, NULL, 0, 0, 0, {0}, NULL}};
