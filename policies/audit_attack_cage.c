/* SPDX-License-Identifier: ISC */
/*
 * hpaudit attack, in a daemon's place: each attempt is a process that goes the
 * daemon's way to its sandbox (namespaces, the parent's filter, then
 * sandbox_enter() with the daemon's policy), holds the daemon's descriptors on
 * their numbers, and then is hostile. The control is a process that is not in
 * the sandbox. Answers come by shared memory: the sandbox need not allow any
 * other way.
 */
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/diag.h"
#include "../common/proc.h"
#include "audit_attack.h"

#define NOBODY	  65534
#define CONTROL_S 10 /* a control that takes longer is ended */

static struct {
	volatile int done, rc, err;
} *answer;

static char place[128], segment[160], jail[128];

int
cage_init(const char *dir, const char *jaildir)
{
	diag_init("hpaudit", DIAG_WARN);
	(void)snprintf(place, sizeof(place), "%s/place", dir);
	(void)snprintf(segment, sizeof(segment), "%s/segment", place);
	(void)snprintf(jail, sizeof(jail), "%s", jaildir);
	answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answer == MAP_FAILED) {
		perror("hpaudit");
		return -1;
	}
	return 0;
}

/* An empty directory of nobody's with one old file in it. */
static int
fresh_place(void)
{
	char old[160];
	int fd;

	(void)tree_remove(place);
	(void)snprintf(old, sizeof(old), "%s/old", place);
	if (mkdir(place, 0755) == -1 ||
	    chown(place, NOBODY, NOBODY) == -1 ||
	    (fd = open(old, O_WRONLY | O_CREAT | O_EXCL, 0644)) == -1)
		return -1;
	if (fchown(fd, NOBODY, NOBODY) == -1)
		return -1;
	return close(fd);
}

static int
packet_socket(void)
{
	struct sock_filter one = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog f = {1, &one};
	struct sockaddr_ll a;
	int fd, on = 1;

	memset(&a, 0, sizeof(a));
	a.sll_family = AF_PACKET;
	a.sll_protocol = 0x0300;
	a.sll_ifindex = (int)if_nametoindex("hpda0");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	if (fd == -1 || a.sll_ifindex == 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof(f)) ||
	    setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		return -1;
	return fd;
}

static int
new_segment(char who)
{
	uid_t uid = who == 'L' ? UID_LOG_FALLBACK : UID_SHIP_FALLBACK;
	int fd = open(segment, (who == 'L' ? O_WRONLY | O_APPEND : O_RDWR) |
	    O_CREAT | O_EXCL, 0640);

	if (fd == -1 || write(fd, "one line\n", 9) != 9 ||
	    fchown(fd, uid, uid) == -1)
		return -1;
	return fd;
}

static int
has_segment(char who)
{
	return who == 'L' || who == 'Y';
}

/* What the daemon holds, -1: nothing. hpship's may be written to, as its own
 * may not: the filter must be enough. Errors end the process. */
static int
held(char who)
{
	int fd = who == 'N' ? packet_socket() :
	    has_segment(who) ? new_segment(who) : -1;

	if (fd == -1 && (who == 'N' || has_segment(who)))
		_exit(9);
	/* out of the way of the fixed numbers */
	return fd == -1 ? -1 : fcntl(fd, F_DUPFD, 100);
}

/* hpship's socket: datagrams to somebody of ours. */
static int
syslog_socket(void)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sv) == -1 ||
	    fcntl(sv[1], F_DUPFD, 1100) == -1)
		_exit(9);
	return fcntl(sv[0], F_DUPFD, 100);
}

/* The daemon's descriptors on their numbers, and no others. */
static void
descriptors(char who, int fd)
{
	int null = open("/dev/null", O_RDWR), sv[2], n;
	int out = who == 'Y' ? syslog_socket() : -1;
	int at = who == 'N' ? FD_PACKET_MIN : FD_SEGMENT_MIN;

	if (null == -1 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, sv) == -1)
		_exit(9);
	sv[0] = fcntl(sv[0], F_DUPFD, 100);
	null = fcntl(null, F_DUPFD, 100);
	if (dup2(null, 0) == -1 || dup2(null, 1) == -1 ||
	    dup2(sv[0], FD_PARENT) == -1 || dup2(sv[0], FD_LOG) == -1 ||
	    dup2(sv[0], FD_PEER_MIN) == -1 ||
	    (fd != -1 && dup2(fd, at) == -1) ||
	    (out != -1 && dup2(out, FD_SYSLOG) == -1))
		_exit(9);
	for (n = FD_LOG + 1; n < 1024; n++)
		if ((fd == -1 || n != at) && n != FD_PEER_MIN &&
		    (out == -1 || n != FD_SYSLOG))
			(void)close(n);
}

static const struct sandbox_policy *
policy_of(char who)
{
	return who == 'N' ? &policy_net : who == 'L' ? &policy_log :
	    who == 'Y' ? &policy_ship : &policy_svc;
}

static void
say(int rc)
{
	answer->err = errno;
	answer->rc = rc;
	answer->done = 1;
}

static void
in_place(const struct attack *a, char who, int fd, int other)
{
	struct attack_place at = {.who = who, .dir = "/", .file = segment};
	struct sandbox_ids ids = {0, 0, NULL};

	at.other = other;
	if (who == 'N')
		ids.uid = ids.gid = UID_NET_FALLBACK;
	else if (who == 'L')
		ids.uid = ids.gid = UID_LOG_FALLBACK;
	else if (who == 'Y')
		ids.uid = ids.gid = UID_SHIP_FALLBACK;
	else
		ids.root = jail;
	descriptors(who, fd);
	if (sandbox_filter(&policy_parent) == -1)
		_exit(9);
	(void)sandbox_enter(policy_of(who), &ids);
	say(attack_try(a, &at));
	_exit(0);
}

static long
namespaces(uint8_t bits)
{
	return ((bits & SBX_NS_NET) ? CLONE_NEWNET : 0) |
	    ((bits & SBX_NS_IPC) ? CLONE_NEWIPC : 0) |
	    ((bits & SBX_NS_UTS) ? CLONE_NEWUTS : 0) |
	    ((bits & SBX_NS_MNT) ? CLONE_NEWNS : 0) |
	    ((bits & SBX_NS_PID) ? CLONE_NEWPID : 0);
}

/* Wait for it, at most CONTROL_S seconds. The wait status. */
static int
outlast(pid_t pid)
{
	double end = attack_clock() + CONTROL_S;
	struct timespec nap = {0, 1000000};
	int status;
	pid_t r;

	while ((r = waitpid(pid, &status, WNOHANG)) == 0 &&
	    attack_clock() < end)
		(void)nanosleep(&nap, NULL);
	if (r == 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
	}
	return status;
}

static void
judge(int status, struct attempt *t)
{
	if (answer->done) {
		t->out = answer->rc == 0 ? OUT_WORKED : OUT_REFUSED;
		t->err = answer->err;
	} else if (WIFSIGNALED(status)) {
		t->out = OUT_KILLED;
		t->sig = WTERMSIG(status);
	} else if (WEXITSTATUS(status) == 0)
		t->out = OUT_WORKED; /* became another program */
	else {
		t->out = OUT_ERROR;
		(void)snprintf(t->text, sizeof(t->text), "exit %d",
		    WEXITSTATUS(status));
	}
}

/* Stands for hpd-parent: opens what the daemon gets, starts it, ends as it
 * ended. */
static void
stand_in(const struct attack *a, char who)
{
	int fd = held(who), other = (int)if_nametoindex("hpda1"), status;
	pid_t pid;

	pid = (pid_t)syscall(SYS_clone, SIGCHLD |
	    namespaces(policy_of(who)->ns), NULL, NULL, NULL, NULL);
	if (pid == 0)
		in_place(a, who, fd, other);
	if (pid == -1)
		_exit(9);
	status = outlast(pid);
	if (WIFSIGNALED(status)) {
		(void)signal(WTERMSIG(status), SIG_DFL);
		(void)prctl(PR_SET_DUMPABLE, 0);
		(void)kill(getpid(), WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

void
cage_try(const struct attack *a, char who, struct attempt *t)
{
	int status;
	pid_t pid;

	memset(t, 0, sizeof(*t));
	memset(answer, 0, sizeof(*answer));
	t->out = OUT_ERROR;
	if (fresh_place() == -1) {
		(void)snprintf(t->text, sizeof(t->text), "%s: %s", place,
		    strerror(errno));
		return;
	}
	(void)fflush(stdout);
	if ((pid = fork()) == 0)
		stand_in(a, who);
	if (pid != -1 && waitpid(pid, &status, 0) == pid)
		judge(status, t);
}

/* ---- controls ---- */

static void
outside(const struct attack *a, char who)
{
	struct attack_place at = {.who = 'C', .dir = place, .file = segment};
	int null;

	at.other = (int)if_nametoindex("hpda1");
	if (who == 'N' || has_segment(who))
		descriptors(who, held(who));
	if (a->flags & ATT_ROOT && (unshare(CLONE_NEWNS | CLONE_NEWNET |
	    CLONE_NEWIPC | CLONE_NEWUTS) == -1 || mount(NULL, "/", NULL,
	    MS_REC | MS_PRIVATE, NULL) == -1))
		_exit(9);
	if (who != 'N' && !has_segment(who)) {
		null = open("/dev/null", O_RDWR);
		(void)dup2(null, 0);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		(void)setsid();
	}
	if (chdir(place) == -1)
		_exit(9);
	if (!(a->flags & ATT_ROOT)) {
		uid_t uid = who == 'L' ? UID_LOG_FALLBACK :
		    who == 'Y' ? UID_SHIP_FALLBACK : NOBODY;

		if (has_segment(who) && chown(place, uid, uid) == -1)
			_exit(9);
		if (setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) ||
		    setresuid(uid, uid, uid) == -1)
			_exit(9);
	}
	say(attack_try(a, &at));
	_exit(0);
}

void
cage_control(const struct attack *a, char who, struct attempt *t)
{
	pid_t pid;

	memset(t, 0, sizeof(*t));
	memset(answer, 0, sizeof(*answer));
	t->out = OUT_ERROR;
	if (fresh_place() == -1)
		return;
	(void)fflush(stdout);
	if ((pid = fork()) == 0)
		outside(a, strchr(a->from, 'S') != NULL ||
		    strchr(a->from, 'H') != NULL ? 'S' : who);
	if (pid != -1)
		judge(outlast(pid), t);
}
