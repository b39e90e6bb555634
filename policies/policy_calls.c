/* SPDX-License-Identifier: ISC */
/*
 * System calls known to the policy language by argument: names and widths as
 * the kernel reads them (the C library's prototypes differ for some), and the
 * calls nobody may allow without saying why. Build time and hpaudit only.
 */
#include <string.h>

#include "policy.h"

#define I PT_INT
#define F PT_FD
#define L PT_LONG
#define P PT_PTR

struct call_arg {
	const char *name;
	uint8_t type;
};

static const struct call_args {
	const char *call;
	struct call_arg arg[6];
} calls[] = {
    {"accept4", {{"fd", F}, {"addr", P}, {"len", P}, {"flags", I}}},
    {"bind", {{"fd", F}, {"addr", P}, {"len", I}}},
    {"chmod", {{"path", P}, {"mode", I}}},
    {"clock_gettime", {{"clock", I}}},
    {"clock_nanosleep", {{"clock", I}, {"flags", I}}},
    {"clone", {{"flags", L}, {"stack", L}}},
    {"close", {{"fd", F}}},
    {"close_range", {{"first", I}, {"last", I}, {"flags", I}}},
    {"connect", {{"fd", F}, {"addr", P}, {"len", I}}},
    {"dup2", {{"fd", F}, {"newfd", F}}},
    {"dup3", {{"fd", F}, {"newfd", F}, {"flags", I}}},
    {"dup", {{"fd", F}}},
    {"epoll_create1", {{"flags", I}}},
    {"epoll_ctl", {{"epfd", F}, {"op", I}, {"fd", F}}},
    {"epoll_pwait", {{"epfd", F}}},
    {"epoll_wait", {{"epfd", F}}},
    {"execveat",
	{{"fd", F}, {"path", P}, {"argv", P}, {"envp", P}, {"flags", I}}},
    {"faccessat2", {{"dirfd", I}, {"path", P}, {"mode", I}, {"flags", I}}},
    {"fadvise64", {{"fd", F}}},
    {"fchmod", {{"fd", F}, {"mode", I}}},
    {"fcntl", {{"fd", F}, {"cmd", I}, {"arg", L}}},
    {"fdatasync", {{"fd", F}}},
    {"fstat", {{"fd", F}}},
    {"fsync", {{"fd", F}}},
    {"ftruncate", {{"fd", F}, {"len", L}}},
    {"futex", {{"addr", P}, {"op", I}}},
    {"getdents64", {{"fd", F}, {"buf", P}, {"len", I}}},
    {"getrandom", {{"buf", P}, {"len", L}, {"flags", I}}},
    {"getsockopt", {{"fd", F}, {"level", I}, {"opt", I}}},
    {"ioctl", {{"fd", F}, {"cmd", I}, {"arg", L}}},
    {"kill", {{"pid", I}, {"sig", I}}},
    {"landlock_create_ruleset", {{"attr", P}, {"size", L}, {"flags", I}}},
    {"landlock_restrict_self", {{"fd", F}, {"flags", I}}},
    {"lseek", {{"fd", F}, {"off", L}, {"whence", I}}},
    {"madvise", {{"addr", L}, {"len", L}, {"advice", I}}},
    {"memfd_create", {{"name", P}, {"flags", I}}},
    {"mmap",
	{{"addr", L}, {"len", L}, {"prot", L}, {"flags", L}, {"fd", F},
	    {"off", L}}},
    {"mount",
	{{"source", P}, {"target", P}, {"type", P}, {"flags", L},
	    {"data", P}}},
    {"mprotect", {{"addr", L}, {"len", L}, {"prot", L}}},
    {"mremap",
	{{"addr", L}, {"old", L}, {"new", L}, {"flags", L}, {"to", L}}},
    {"msync", {{"addr", L}, {"len", L}, {"flags", I}}},
    {"newfstatat", {{"dirfd", I}, {"path", P}, {"buf", P}, {"flags", I}}},
    {"open", {{"path", P}, {"flags", I}, {"mode", I}}},
    {"openat", {{"dirfd", I}, {"path", P}, {"flags", I}, {"mode", I}}},
    {"openat2", {{"dirfd", I}, {"path", P}, {"how", P}, {"size", L}}},
    {"pidfd_open", {{"pid", I}, {"flags", I}}},
    {"pidfd_send_signal",
	{{"fd", F}, {"sig", I}, {"info", P}, {"flags", I}}},
    {"pipe2", {{"fds", P}, {"flags", I}}},
    {"prctl",
	{{"option", I}, {"arg2", L}, {"arg3", L}, {"arg4", L}, {"arg5", L}}},
    {"pread64", {{"fd", F}}},
    {"prlimit64", {{"pid", I}, {"resource", I}, {"new", P}, {"old", P}}},
    {"pwrite64", {{"fd", F}, {"buf", P}, {"len", L}, {"off", L}}},
    {"read", {{"fd", F}}},
    {"readv", {{"fd", F}}},
    {"recvfrom",
	{{"fd", F}, {"buf", P}, {"len", L}, {"flags", I}, {"addr", P},
	    {"addrlen", P}}},
    {"recvmmsg", {{"fd", F}, {"vec", P}, {"n", I}, {"flags", I}}},
    {"recvmsg", {{"fd", F}, {"msg", P}, {"flags", I}}},
    {"rt_sigaction", {{"sig", I}}},
    {"rt_sigprocmask", {{"how", I}}},
    {"sched_getaffinity", {{"pid", I}}},
    {"seccomp", {{"op", I}, {"flags", I}}},
    {"sendfile", {{"out", F}, {"in", F}}},
    {"sendmmsg", {{"fd", F}, {"vec", P}, {"n", I}, {"flags", I}}},
    {"sendmsg", {{"fd", F}, {"msg", P}, {"flags", I}}},
    {"sendto",
	{{"fd", F}, {"buf", P}, {"len", L}, {"flags", I}, {"addr", P},
	    {"addrlen", I}}},
    {"setgid", {{"gid", I}}},
    {"setgroups", {{"n", L}, {"list", P}}},
    {"setns", {{"fd", F}, {"type", I}}},
    {"setpriority", {{"which", I}, {"who", I}, {"prio", I}}},
    {"setresgid", {{"rgid", I}, {"egid", I}, {"sgid", I}}},
    {"setresuid", {{"ruid", I}, {"euid", I}, {"suid", I}}},
    {"setrlimit", {{"resource", I}}},
    {"setsockopt", {{"fd", F}, {"level", I}, {"opt", I}}},
    {"setuid", {{"uid", I}}},
    {"shutdown", {{"fd", F}, {"how", I}}},
    {"socket", {{"domain", I}, {"type", I}, {"proto", I}}},
    {"socketpair", {{"domain", I}, {"type", I}, {"proto", I}}},
    {"splice", {{"in", F}, {"offin", P}, {"out", F}}},
    {"tgkill", {{"tgid", I}, {"tid", I}, {"sig", I}}},
    {"umount2", {{"path", P}, {"flags", I}}},
    {"unshare", {{"flags", L}}},
    {"wait4", {{"pid", I}, {"status", P}, {"options", I}}},
    {"waitid",
	{{"which", I}, {"pid", I}, {"info", P}, {"options", I}}},
    {"write", {{"fd", F}}},
    {"writev", {{"fd", F}}},
};

/* Sorted by what they open: code, files, other processes, network, limits. */
static const char *const dangerous[] = {"execve", "execveat", "fork", "vfork",
    "clone", "clone3", "mmap", "mprotect", "pkey_mprotect", "mremap",
    "remap_file_pages", "memfd_create", "modify_ldt", "personality", "open",
    "openat", "openat2", "creat", "open_by_handle_at", "rename", "renameat",
    "renameat2", "unlink", "unlinkat", "link", "linkat", "symlink",
    "symlinkat", "mkdir", "mkdirat", "mknod", "mknodat", "truncate",
    "ftruncate", "fallocate", "chmod", "fchmod", "fchmodat", "chown",
    "fchown", "lchown", "fchownat", "pwrite64", "pwritev", "pwritev2",
    "setxattr", "fsetxattr", "lsetxattr", "kill", "tkill", "tgkill",
    "rt_sigqueueinfo", "pidfd_open", "pidfd_send_signal", "pidfd_getfd",
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "socket",
    "socketpair", "bind", "connect", "listen", "accept", "accept4",
    "setsockopt", "sendto", "sendmsg", "sendmmsg", "recvmsg", "recvmmsg",
    "ioctl", "prctl", "arch_prctl", "fcntl", "dup", "dup2", "dup3", "setuid",
    "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
    "setfsuid", "setfsgid", "capset", "chroot", "pivot_root", "mount",
    "umount2", "unshare", "setns", "fsopen", "fsconfig", "fsmount",
    "move_mount", "open_tree", "mount_setattr", "seccomp", "bpf",
    "perf_event_open", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "userfaultfd", "keyctl", "add_key", "request_key",
    "prlimit64", "setrlimit", "setpriority", "sched_setscheduler",
    "sched_setaffinity", "init_module", "finit_module", "kexec_load",
    "splice", "tee", "vmsplice", "sendfile"};

int
policy_arg(const char *call, const char *name, uint8_t *type)
{
	size_t i;
	int a;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].call, call) != 0)
			continue;
		for (a = 0; a < 6; a++)
			if (calls[i].arg[a].name != NULL &&
			    strcmp(calls[i].arg[a].name, name) == 0) {
				*type = calls[i].arg[a].type;
				return a;
			}
		return -1;
	}
	return -1;
}

int
policy_dangerous(const char *call)
{
	size_t i;

	for (i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++)
		if (strcmp(dangerous[i], call) == 0)
			return 1;
	return 0;
}
