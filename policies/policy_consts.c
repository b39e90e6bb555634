/* SPDX-License-Identifier: ISC */
/*
 * The words of the policy language that stand for numbers: constants of the
 * system's headers, $names of common/proc.h, limits, capabilities, Landlock
 * rights, namespaces. Build time and hpaudit only.
 */
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/capability.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy.h"
#include "../common/proc.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define C(x) {#x, (int64_t)(x)}

static const struct {
	const char *name;
	int64_t value;
} consts[] = {
    /* mmap, mprotect, mremap, madvise */
    C(PROT_NONE), C(PROT_READ), C(PROT_WRITE), C(PROT_EXEC), C(MAP_SHARED),
    C(MAP_PRIVATE), C(MAP_ANONYMOUS), C(MAP_FIXED), C(MAP_NORESERVE),
    C(MAP_POPULATE), C(MAP_STACK), C(MAP_DENYWRITE), C(MAP_LOCKED),
    C(MAP_HUGETLB), C(MAP_GROWSDOWN), C(MAP_FIXED_NOREPLACE),
    C(MAP_SHARED_VALIDATE),
    C(MREMAP_MAYMOVE), C(MREMAP_FIXED), C(MREMAP_DONTUNMAP),
    C(MADV_DONTNEED), C(MADV_FREE), C(MADV_WILLNEED), C(MADV_RANDOM),
    C(MADV_HUGEPAGE), C(MADV_NOHUGEPAGE), C(MADV_DONTDUMP),
    /* files */
    C(AT_FDCWD), C(AT_EMPTY_PATH), C(AT_SYMLINK_NOFOLLOW), C(O_RDONLY),
    C(O_WRONLY), C(O_RDWR), C(O_ACCMODE), C(O_CREAT), C(O_EXCL), C(O_TRUNC),
    C(O_APPEND), C(O_CLOEXEC), C(O_NONBLOCK), C(O_PATH), C(O_DIRECTORY),
    C(O_NOFOLLOW), C(O_TMPFILE), C(O_DIRECT), C(O_ASYNC), C(O_LARGEFILE),
    C(SEEK_SET),
    C(SEEK_CUR), C(SEEK_END), C(F_DUPFD), C(F_DUPFD_CLOEXEC), C(F_GETFD),
    C(F_SETFD), C(F_GETFL), C(F_SETFL), C(F_GET_SEALS), C(F_ADD_SEALS),
    C(FD_CLOEXEC), C(MFD_CLOEXEC), C(MFD_ALLOW_SEALING),
    /* sockets */
    C(AF_UNIX), C(AF_INET), C(AF_INET6), C(AF_NETLINK), C(AF_PACKET),
    C(AF_XDP), C(SOCK_STREAM), C(SOCK_DGRAM), C(SOCK_SEQPACKET), C(SOCK_RAW),
    C(SOCK_CLOEXEC), C(SOCK_NONBLOCK), C(SOL_SOCKET), C(SOL_PACKET),
    C(SOL_XDP), C(SO_DOMAIN), C(SO_TYPE), C(SO_PROTOCOL), C(SO_ERROR),
    C(SO_ACCEPTCONN), C(SO_SNDBUF), C(SO_RCVBUF), C(SO_PEERCRED),
    C(PACKET_STATISTICS), C(XDP_STATISTICS),
    C(XDP_MMAP_OFFSETS), C(XDP_OPTIONS), C(MSG_DONTWAIT), C(MSG_NOSIGNAL),
    C(MSG_PEEK), C(MSG_TRUNC), C(MSG_CMSG_CLOEXEC), C(MSG_WAITALL),
    C(SHUT_RD), C(SHUT_WR), C(SHUT_RDWR), C(EPOLL_CLOEXEC),
    C(EPOLL_CTL_ADD), C(EPOLL_CTL_MOD), C(EPOLL_CTL_DEL),
    /* processes */
    C(CLONE_VM), C(CLONE_FS), C(CLONE_FILES), C(CLONE_SIGHAND),
    C(CLONE_VFORK), C(CLONE_PARENT), C(CLONE_THREAD), C(CLONE_NEWNS),
    C(CLONE_SYSVSEM), C(CLONE_SETTLS), C(CLONE_PARENT_SETTID),
    C(CLONE_CHILD_CLEARTID), C(CLONE_UNTRACED), C(CLONE_CHILD_SETTID),
    C(CLONE_NEWCGROUP), C(CLONE_NEWUTS), C(CLONE_NEWIPC), C(CLONE_NEWUSER),
    C(CLONE_NEWPID), C(CLONE_NEWNET), C(CLONE_IO), C(CLONE_PIDFD),
    C(CLONE_PTRACE), C(SIGCHLD), C(SIGKILL), C(SIGTERM), C(SIGHUP),
    C(SIGINT), C(SIGALRM), C(SIGPIPE), C(SIGABRT), C(SIGSTOP), C(SIGCONT),
    C(WNOHANG), C(WUNTRACED), C(WEXITED), C(WSTOPPED), C(P_PID), C(P_ALL),
    C(P_PIDFD), C(PRIO_PROCESS), C(CLOCK_REALTIME), C(CLOCK_MONOTONIC),
    C(CLOCK_BOOTTIME), C(TIMER_ABSTIME),
    /* prctl */
    C(PR_SET_PDEATHSIG), C(PR_GET_PDEATHSIG), C(PR_GET_DUMPABLE),
    C(PR_SET_DUMPABLE), C(PR_SET_NAME), C(PR_GET_NAME), C(PR_GET_SECCOMP),
    C(PR_SET_NO_NEW_PRIVS), C(PR_GET_NO_NEW_PRIVS), C(PR_SET_MDWE),
    C(PR_CAPBSET_READ), C(PR_CAPBSET_DROP), C(PR_SET_VMA),
    C(SECCOMP_SET_MODE_FILTER), C(SECCOMP_GET_ACTION_AVAIL),
    C(LANDLOCK_CREATE_RULESET_VERSION),
    /* ioctl, mount */
    C(TCGETS), C(TCSETS), C(TIOCGWINSZ), C(TIOCGPGRP), C(TIOCSTI),
    C(TIOCLINUX), C(FIONREAD), C(TIOCOUTQ), C(FIONBIO), C(FIOCLEX),
    C(MS_RDONLY),
    C(MS_NOSUID), C(MS_NODEV), C(MS_NOEXEC), C(MS_BIND), C(MS_REC),
    C(MS_PRIVATE), C(MS_REMOUNT), C(MNT_DETACH),
    /* limits */
    C(RLIMIT_AS), C(RLIMIT_CORE), C(RLIMIT_CPU), C(RLIMIT_DATA),
    C(RLIMIT_FSIZE), C(RLIMIT_MEMLOCK), C(RLIMIT_MSGQUEUE), C(RLIMIT_NICE),
    C(RLIMIT_NOFILE), C(RLIMIT_NPROC), C(RLIMIT_RTPRIO),
    C(RLIMIT_SIGPENDING), C(RLIMIT_STACK),
    /* errno */
    C(EPERM), C(ENOENT), C(EACCES), C(EINVAL), C(ENOSYS), C(ENOTTY),
    C(EAGAIN), C(EBADF), C(ENOTSUP), C(EAFNOSUPPORT), C(ENODEV), C(EROFS),
};

/* The numbers of common/proc.h under the names policies use. */
static const struct {
	const char *name;
	int64_t lo, hi;
} names[] = {
    {"$diag", FD_DIAG, FD_DIAG},
    {"$parent", FD_PARENT, FD_PARENT},
    {"$log", FD_LOG, FD_LOG},
    {"$image", FD_IMAGE, FD_IMAGE},
    {"$packet", FD_PACKET_MIN, FD_PACKET_MAX},
    {"$peer", FD_PEER_MIN, FD_PEER_MAX},
    {"$segment", FD_SEGMENT_MIN, FD_SEGMENT_MAX},
    {"$sealpage", FD_SEAL_PAGE, FD_SEAL_PAGE},
    {"$sealfile", FD_SEAL_FILE, FD_SEAL_FILE},
    {"$shipped", FD_SEGMENT_MIN, FD_SYSLOG - 1},
    {"$syslog", FD_SYSLOG, FD_SYSLOG},
    {"$loop", FD_LOOP_MIN, FD_LOOP_MAX},
    {"$session", FD_SESSION_MIN, (1 << 20) - 1},
    {"$interp", FD_INTERP, FD_INTERP},
    {"$slot", SLOT_BASE, (int64_t)SLOT_BASE + SLOT_COUNT - 1},
    {"$slotshell", SLOT_BASE_SHELL, (int64_t)SLOT_BASE_SHELL + SLOT_COUNT - 1},
};

#define R(w, m) {w, m, #m}
static const struct {
	const char *name;
	int resource;
	const char *macro;
} rlimits[] = {
    R("as", RLIMIT_AS), R("core", RLIMIT_CORE), R("cpu", RLIMIT_CPU),
    R("data", RLIMIT_DATA), R("fsize", RLIMIT_FSIZE),
    R("memlock", RLIMIT_MEMLOCK), R("msgqueue", RLIMIT_MSGQUEUE),
    R("nice", RLIMIT_NICE), R("nofile", RLIMIT_NOFILE),
    R("nproc", RLIMIT_NPROC), R("rtprio", RLIMIT_RTPRIO),
    R("sigpending", RLIMIT_SIGPENDING), R("stack", RLIMIT_STACK),
};

#define B(w, c) {w, 1ULL << (c)}
struct word_bits {
	const char *name;
	uint64_t bits;
};
static const struct word_bits caps[] = {
    B("chown", CAP_CHOWN), B("dac_override", CAP_DAC_OVERRIDE),
    B("dac_read_search", CAP_DAC_READ_SEARCH), B("fowner", CAP_FOWNER),
    B("fsetid", CAP_FSETID), B("kill", CAP_KILL), B("setgid", CAP_SETGID),
    B("setuid", CAP_SETUID), B("setpcap", CAP_SETPCAP),
    B("linux_immutable", CAP_LINUX_IMMUTABLE), B("net_admin", CAP_NET_ADMIN),
    B("net_raw", CAP_NET_RAW), B("ipc_lock", CAP_IPC_LOCK),
    B("sys_chroot", CAP_SYS_CHROOT), B("sys_admin", CAP_SYS_ADMIN),
    B("sys_resource", CAP_SYS_RESOURCE), B("sys_nice", CAP_SYS_NICE),
    B("mknod", CAP_MKNOD),
};
static const struct word_bits rights[] = {
    {"read", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR},
    {"readfile", LANDLOCK_ACCESS_FS_READ_FILE},
    {"exec", LANDLOCK_ACCESS_FS_EXECUTE},
    {"write", LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE},
};
static const struct word_bits nss[] = {
    {"net", SBX_NS_NET}, {"ipc", SBX_NS_IPC}, {"uts", SBX_NS_UTS},
    {"mnt", SBX_NS_MNT}, {"pid", SBX_NS_PID},
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

static int
bits_of(const struct word_bits *t, size_t n, const char *word, uint64_t *bits)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(t[i].name, word) == 0) {
			*bits = t[i].bits;
			return 0;
		}
	return -1;
}

int
policy_const(const char *word, int64_t *value)
{
	size_t i;
	char *end;
	unsigned long long v;

	if (word[0] >= '0' && word[0] <= '9') {
		errno = 0;
		v = strtoull(word, &end, word[1] == 'x' ? 16 : 10);
		if (errno != 0 || *end != '\0' || end == word ||
		    v > INT64_MAX)
			return -1;
		*value = (int64_t)v;
		return 0;
	}
	for (i = 0; i < N(consts); i++)
		if (strcmp(consts[i].name, word) == 0) {
			*value = consts[i].value;
			return 0;
		}
	return -1;
}

int
policy_name(const char *word, int64_t *lo, int64_t *hi)
{
	size_t i;

	for (i = 0; i < N(names); i++)
		if (strcmp(names[i].name, word) == 0) {
			*lo = names[i].lo;
			*hi = names[i].hi;
			return 0;
		}
	return -1;
}

int
policy_rlimit(const char *word, int *resource, const char **macro)
{
	size_t i;

	for (i = 0; i < N(rlimits); i++)
		if (strcmp(rlimits[i].name, word) == 0) {
			*resource = rlimits[i].resource;
			*macro = rlimits[i].macro;
			return 0;
		}
	return -1;
}

int
policy_cap(const char *word, uint64_t *bit)
{
	return bits_of(caps, N(caps), word, bit);
}

int
policy_right(const char *word, uint64_t *r)
{
	return bits_of(rights, N(rights), word, r);
}

int
policy_ns(const char *word, uint8_t *bit)
{
	uint64_t b;

	if (bits_of(nss, N(nss), word, &b) == -1)
		return -1;
	*bit = (uint8_t)b;
	return 0;
}
