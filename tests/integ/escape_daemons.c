/* SPDX-License-Identifier: ISC */
/*
 * hpd-log and hpd-net in an intruder's hands: each attack is tried by a process
 * of that daemon's uid, first without its sandbox (what the attack is worth),
 * then inside it. For tests only.
 *	escape_daemons log FILE | escape_daemons net INTERFACE OTHER-INTERFACE
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/proc.h"
#include "common/sandbox.h"

#define TEXT	"one line\n"
#define SEGMENT FD_SEGMENT_MIN
#define PACKET	FD_PACKET_MIN
#define FRAME	60
#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND 0x20
#endif

/* KEEP: the sandbox allows the call, it does no harm. */
enum wanted { KILL, REFUSE, KEEP };
enum { WORKED = 0, REFUSED = 1 };

static const char *path, *iface, *other;
static char moved[256];
static uint8_t frame[FRAME];

struct attack {
	const char *name;
	int (*run)(void); /* 0: it worked; -1 refused */
	enum wanted want;
};

static int
yes(long r)
{
	return r == -1 ? -1 : 0;
}

static int
l_pwrite(void)
{
	return yes(pwrite(SEGMENT, "X", 1, 0));
}

static int
l_noappend(void)
{
	struct iovec v = {(void *)(uintptr_t) "X", 1};

	return yes(pwritev2(SEGMENT, &v, 1, 0, RWF_NOAPPEND));
}

static int
l_truncate(void)
{
	return ftruncate(SEGMENT, 0);
}

static int
l_setfl(void)
{
	return fcntl(SEGMENT, F_SETFL, 0);
}

static int
l_setfl_peer(void) /* as a channel's number, which F_SETFL might be for */
{
	if (dup3(SEGMENT, FD_PEER_MIN, O_CLOEXEC) == -1)
		return -1;
	return fcntl(FD_PEER_MIN, F_SETFL, O_NONBLOCK);
}

static int
l_lseek(void)
{
	return yes(lseek(SEGMENT, 0, SEEK_SET));
}

static int
l_fallocate(void)
{
	return fallocate(SEGMENT, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    0, 4096);
}

static int
l_mmap(void) /* MAP_SHARED of the file: needs a readable descriptor */
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, SEGMENT,
		   0) == MAP_FAILED ? -1 : 0;
}

static int
l_sendfile(void)
{
	return yes(sendfile(SEGMENT, SEGMENT, NULL, 1));
}

static int
l_dup(void)
{
	return yes(dup(SEGMENT));
}

static int
l_setflags(void)
{
	int attr = 0;

	return ioctl(SEGMENT, FS_IOC_GETFLAGS, &attr);
}

static int
l_fchmod(void)
{
	return fchmod(SEGMENT, 0666);
}

static int
l_reopen(void)
{
	return yes(open(path, O_WRONLY | O_TRUNC));
}

static int
l_reopen_proc(void)
{
	char p[32];

	snprintf(p, sizeof(p), "/proc/self/fd/%d", SEGMENT);
	return yes(open(p, O_WRONLY | O_TRUNC));
}

static int
l_unlink(void)
{
	return unlink(path);
}

static int
l_rename(void)
{
	return rename(path, moved);
}

static int
l_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return yes(pid);
}

static int
l_socket(void)
{
	return yes(socket(AF_INET, SOCK_STREAM, 0));
}

static int
l_exec(void)
{
	char *const argv[] = {(char *)(uintptr_t) "true", NULL};

	if (access("/bin/true", X_OK) == -1)
		return -1;
	execv("/bin/true", argv); /* exits 0: it worked */
	return -1;
}

static int
l_append(void)
{
	return write(SEGMENT, "more\n", 5) == 5 ? 0 : -1;
}

static const struct attack log_attacks[] = {
	{"pwrite at 0", l_pwrite, KILL},
	{"pwritev2 with RWF_NOAPPEND", l_noappend, KILL},
	{"ftruncate", l_truncate, KILL},
	{"F_SETFL without O_APPEND", l_setfl, KILL},
	{"the same of a copy on a channel's number", l_setfl_peer, KILL},
	{"lseek", l_lseek, KILL},
	{"fallocate: punch a hole", l_fallocate, KILL},
	{"mmap shared", l_mmap, KILL},
	{"sendfile", l_sendfile, KILL},
	{"dup", l_dup, KILL},
	{"FS_IOC_GETFLAGS", l_setflags, KILL},
	{"fchmod", l_fchmod, KILL},
	{"open with O_TRUNC", l_reopen, KILL},
	{"open /proc/self/fd/N", l_reopen_proc, KILL},
	{"unlink", l_unlink, KILL},
	{"rename", l_rename, KILL},
	{"fork", l_fork, KILL},
	{"socket", l_socket, KILL},
	{"exec", l_exec, KILL},
	{"append a line", l_append, KEEP},
};

static void
other_addr(struct sockaddr_ll *a)
{
	memset(a, 0, sizeof(*a));
	a->sll_family = AF_PACKET;
	a->sll_protocol = htons(ETH_P_ALL);
	a->sll_ifindex = (int)if_nametoindex(other);
	a->sll_halen = 6;
}

static struct sockaddr_ll to_other; /* filled before any sandbox */

static int
n_sendto(void)
{
	return yes(sendto(PACKET, frame, FRAME, 0,
	    (struct sockaddr *)&to_other, sizeof(to_other)));
}

static void
message(struct msghdr *m, struct iovec *v)
{
	memset(m, 0, sizeof(*m));
	v->iov_base = frame;
	v->iov_len = FRAME;
	m->msg_iov = v;
	m->msg_iovlen = 1;
	m->msg_name = &to_other;
	m->msg_namelen = sizeof(to_other);
}

static int
n_sendmsg(void)
{
	struct msghdr m;
	struct iovec v;

	message(&m, &v);
	return yes(sendmsg(PACKET, &m, 0));
}

static int
n_sendmsg_peer(void)
{
	struct msghdr m;
	struct iovec v;

	message(&m, &v);
	if (dup3(PACKET, FD_PEER_MIN, O_CLOEXEC) == -1)
		return -1;
	return yes(sendmsg(FD_PEER_MIN, &m, 0));
}

static int
n_sendmmsg(void)
{
	struct mmsghdr mm;
	struct iovec v;

	memset(&mm, 0, sizeof(mm));
	message(&mm.msg_hdr, &v);
	return sendmmsg(PACKET, &mm, 1, 0) == 1 ? 0 : -1;
}

static int
n_sendto_session(void)
{
	if (dup3(PACKET, FD_SESSION_MIN, O_CLOEXEC) == -1)
		return -1;
	return yes(sendto(FD_SESSION_MIN, frame, FRAME, 0,
	    (struct sockaddr *)&to_other, sizeof(to_other)));
}

static int
n_bind(void)
{
	return bind(PACKET, (struct sockaddr *)&to_other, sizeof(to_other));
}

static int
n_attach(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog f = {1, &all};

	return setsockopt(PACKET, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof(f));
}

static int
n_promisc(void)
{
	struct packet_mreq m;

	memset(&m, 0, sizeof(m));
	m.mr_ifindex = to_other.sll_ifindex;
	m.mr_type = PACKET_MR_PROMISC;
	return setsockopt(PACKET, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m,
	    sizeof(m));
}

static int
n_ioctl(void) /* what the interface is called: any ioctl at all */
{
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	r.ifr_ifindex = to_other.sll_ifindex;
	return ioctl(PACKET, SIOCGIFNAME, &r);
}

static int
n_dup_parent(void) /* take the place of the parent's channel */
{
	return yes(dup3(PACKET, FD_PARENT, O_CLOEXEC));
}

static int
n_packet_socket(void)
{
	return yes(socket(AF_PACKET, SOCK_RAW, 0));
}

static int
n_open(void)
{
	return yes(open("/etc/passwd", O_RDONLY));
}

static int
n_kill(void)
{
	return kill(getpid(), 0);
}

static int
n_close(void)
{
	return close(PACKET);
}

static int
n_send(void)
{
	return yes(send(PACKET, frame, FRAME, 0));
}

static const struct attack net_attacks[] = {
	{"sendto another interface", n_sendto, KILL},
	{"sendmsg to another interface", n_sendmsg, KILL},
	{"the same of a copy on a channel's number", n_sendmsg_peer, KILL},
	{"sendto of a copy on a session's number", n_sendto_session, KILL},
	{"sendmmsg to another interface", n_sendmmsg, REFUSE},
	{"bind to another interface", n_bind, KILL},
	{"SO_ATTACH_FILTER", n_attach, KILL},
	{"PACKET_ADD_MEMBERSHIP promisc", n_promisc, KILL},
	{"ioctl", n_ioctl, KILL},
	{"dup3 onto the parent's channel", n_dup_parent, KILL},
	{"a packet socket of its own", n_packet_socket, KILL},
	{"a TCP socket", l_socket, KILL},
	{"open /etc/passwd", n_open, KILL},
	{"kill", n_kill, KILL},
	{"fork", l_fork, KILL},
	{"exec", l_exec, KILL},
	{"close of the packet descriptor", n_close, KEEP},
	{"send on its own interface", n_send, KEEP},
};

static int
new_segment(void)
{
	int fd;

	(void)unlink(path);
	(void)unlink(moved);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0640);
	if (fd == -1 || write(fd, TEXT, strlen(TEXT)) != (int)strlen(TEXT) ||
	    fchown(fd, UID_LOG_FALLBACK, UID_LOG_FALLBACK) == -1)
		fatal("%s", path);
	return fd;
}

/* Does it still begin with what was there? */
static int
intact(void)
{
	char buf[32] = "";
	int fd = open(path, O_RDONLY);
	ssize_t n = fd == -1 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd != -1)
		close(fd);
	return n >= (ssize_t)strlen(TEXT) &&
	    memcmp(buf, TEXT, strlen(TEXT)) == 0;
}

static int
packet_socket(void)
{
	struct sockaddr_ll a;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

	other_addr(&to_other);
	a = to_other;
	a.sll_ifindex = (int)if_nametoindex(iface);
	if (fd == -1 || a.sll_ifindex == 0 || to_other.sll_ifindex == 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		fatal("packet socket");
	memset(frame, 0xff, 6);
	memset(frame + 6, 2, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5; /* for experiments */
	return fd;
}

static void
child(const struct attack *a, int is_log, int caged, int fd)
{
	struct sandbox_ids ids = {UID_NET_FALLBACK, UID_NET_FALLBACK, NULL};
	int want = is_log ? SEGMENT : PACKET;

	if (is_log)
		ids.uid = ids.gid = UID_LOG_FALLBACK;
	if (dup2(fd, want) == -1)
		_exit(9);
	if (caged)
		(void)sandbox_enter(is_log ? &policy_log : &policy_net, &ids);
	else if (setgid(ids.gid) == -1 || setuid(ids.uid) == -1)
		_exit(9);
	_exit(a->run() == 0 ? WORKED : REFUSED);
}

/* Exit code, or -signal. */
static int
try(const struct attack *a, int is_log, int caged)
{
	int fd = is_log ? new_segment() : packet_socket(), status;
	long flags = SIGCHLD | CLONE_NEWPID | CLONE_NEWNS;
	pid_t pid;

	fflush(stdout);
	pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == -1)
		fatal("clone");
	if (pid == 0)
		child(a, is_log, caged, fd);
	if (waitpid(pid, &status, 0) != pid)
		fatal("waitpid");
	close(fd);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* 1 when it works without the sandbox. */
static int
one(int n, const struct attack *a, int is_log)
{
	static const int want[] = {
		[KILL] = -SIGSYS, [REFUSE] = REFUSED, [KEEP] = WORKED};
	int free_ = try(a, is_log, 0), caged = try(a, is_log, 1);
	int good = caged == want[a->want] && (!is_log || intact());

	printf("%sok %d - %s: %s\n", good ? "" : "not ", n, a->name,
	    caged == -SIGSYS ? "killed"
		: caged == REFUSED ? "refused"
		: caged == WORKED  ? "allowed, harmless"
				   : "?");
	printf("#   without the sandbox: %s%s\n",
	    free_ == WORKED ? "works" : "absent here",
	    good ? "" : "; result or file not as wanted");
	return free_ == WORKED;
}

int
main(int argc, char **argv)
{
	int is_log = argc == 3 && strcmp(argv[1], "log") == 0;
	const struct attack *a = is_log ? log_attacks : net_attacks;
	size_t n = is_log ? sizeof(log_attacks) / sizeof(*a)
			  : sizeof(net_attacks) / sizeof(*a);
	int real = 0;

	diag_init("escape_daemons", DIAG_WARN);
	if (!is_log && (argc != 4 || strcmp(argv[1], "net") != 0))
		fatalx("usage: escape_daemons log FILE | net IF OTHER-IF");
	path = argv[2];
	snprintf(moved, sizeof(moved), "%s.moved", path);
	iface = argv[2];
	other = argv[3];
	printf("1..%zu\n", n + 1);
	for (size_t i = 0; i < n; i++)
		real += one((int)i + 1, &a[i], is_log);
	printf("%sok %zu - the attacks are real: %d work without the sandbox\n",
	    real >= (int)n / 2 ? "" : "not ", n + 1, real);
	return 0;
}
