/* SPDX-License-Identifier: ISC */
/*
 * The compiled filters: against the text they come from for every call and
 * argument values around every constant in it (also with the upper halves of
 * the registers set), as stacks the way processes carry them, and the
 * simulator against the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <seccomp.h>

#include "../../common/proc.h"
#include "../../policies/bpf_sim.h"
#include "../../policies/policy.h"

#define MAX_NR 500
#define HIGH   0xffffffff00000000ULL

static const struct shipped {
	const char *file;
	const struct sandbox_policy *p;
} shipped[] = {
    {"policies/parent.policy", &policy_parent},
    {"policies/conf.policy", &policy_conf},
    {"policies/net.policy", &policy_net},
    {"policies/svc.policy", &policy_svc},
    {"policies/svc-S.policy", &policy_svc_S},
    {"policies/svc-nofork.policy", &policy_svc_nofork},
    {"policies/svc-shell.policy", &policy_svc_shell},
    {"policies/log.policy", &policy_log},
    {"policies/ship.policy", &policy_ship},
};
#define NSHIPPED (sizeof(shipped) / sizeof(shipped[0]))

static void
tell(void *arg, const char *file, uint32_t line, const char *text)
{
	(void)arg;
	fail_msg("%s:%u: %s", file, line, text);
}

static uint32_t
sim(const struct sandbox_policy *p, int nr, const uint64_t args[6])
{
	struct sim_call c;
	uint32_t ret = 0;

	memset(&c, 0, sizeof(c));
	c.nr = (uint32_t)nr;
	c.arch = SIM_ARCH_NATIVE;
	memcpy(c.args, args, sizeof(c.args));
	assert_int_equal(sim_run(p->filter, p->filter_len, &c, &ret), 0);
	return ret;
}

static uint32_t
expected(const struct policy *p, int nr, const uint64_t args[6])
{
	uint16_t err = 0;

	switch (policy_eval(p, nr, args, &err)) {
	case PV_ALLOW:
		return SECCOMP_RET_ALLOW;
	case PV_ERRNO:
		return SECCOMP_RET_ERRNO | err;
	default:
		return SECCOMP_RET_KILL_PROCESS;
	}
}

static unsigned long compared;

static void
compare(const struct policy *text, const struct sandbox_policy *p, int nr,
    const uint64_t args[6])
{
	uint32_t want = expected(text, nr, args), got = sim(p, nr, args);

	compared++;
	if (want != got)
		fail_msg("%s: call %d (%#lx %#lx %#lx %#lx %#lx %#lx): text "
		    "%#x, filter %#x", p->name, nr, (unsigned long)args[0],
		    (unsigned long)args[1], (unsigned long)args[2],
		    (unsigned long)args[3], (unsigned long)args[4],
		    (unsigned long)args[5], want, got);
}

/* A conjunction made true, then each argument moved around its edge. */
static void
around(const struct policy *text, const struct sandbox_policy *p, int nr,
    const struct policy_conj *c)
{
	uint64_t base[6] = {0}, args[6];
	uint8_t i;
	size_t k;

	for (i = 0; i < c->n; i++)
		base[c->cmp[i].arg] = c->cmp[i].value;
	compare(text, p, nr, base);
	for (i = 0; i < c->n; i++) {
		uint64_t v = c->cmp[i].value, m = c->cmp[i].mask;
		const uint64_t near[] = {v - 1, v + 1, v | HIGH,
		    v | 1ULL << 32, v | 1ULL << 63, ~v, v ^ (m & (0 - m)),
		    v | ~m, (v | ~m) + 1, 0, 1, UINT32_MAX, UINT64_MAX,
		    (uint64_t)INT64_MAX, 1ULL << 31, v ^ 1ULL << 31};

		for (k = 0; k < sizeof(near) / sizeof(near[0]); k++) {
			memcpy(args, base, sizeof(args));
			args[c->cmp[i].arg] = near[k];
			compare(text, p, nr, args);
		}
	}
}

static void
test_text_and_filter(void **state)
{
	static const uint64_t some[][6] = {{0}, {1, 1, 1, 1, 1, 1},
	    {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
		UINT64_MAX}, {HIGH | 3, 0, HIGH, 0, 0, 0}};
	struct policy text;
	size_t s, i, k;
	int nr;

	(void)state;
	for (s = 0; s < NSHIPPED; s++) {
		assert_int_equal(policy_load(&text, shipped[s].file, tell,
		    NULL), 0);
		for (nr = 0; nr < MAX_NR; nr++)
			for (k = 0; k < sizeof(some) / sizeof(some[0]); k++)
				compare(&text, shipped[s].p, nr, some[k]);
		for (i = 0; i < text.nrules; i++)
			for (k = 0; k < text.rules[i].conj_count; k++)
				around(&text, shipped[s].p, text.rules[i].nr,
				    &text.conj[text.rules[i].conj_first + k]);
		policy_free(&text);
	}
	assert_true(compared > 10000);
}

/* Calls of another architecture, of x32, and numbers nobody knows. */
static void
test_foreign(void **state)
{
	struct sim_call c;
	uint32_t ret, want;
	size_t s;

	(void)state;
	for (s = 0; s < NSHIPPED; s++) {
		const struct sandbox_policy *p = shipped[s].p;

		memset(&c, 0, sizeof(c));
		c.arch = SIM_ARCH_I386;
		c.nr = 4; /* write */
		assert_int_equal(sim_run(p->filter, p->filter_len, &c, &ret),
		    0);
		assert_int_equal(ret, SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
		c.arch = SIM_ARCH_X86_64;
		c.nr = SIM_X32_BIT | SYS_write;
		assert_int_equal(sim_run(p->filter, p->filter_len, &c, &ret),
		    0);
		assert_int_equal(ret, SECCOMP_RET_KILL_PROCESS);
#endif
		c.arch = SIM_ARCH_NATIVE;
		c.nr = 4000;
		assert_int_equal(sim_run(p->filter, p->filter_len, &c, &ret),
		    0);
		want = p == &policy_parent ? SECCOMP_RET_ALLOW :
		    p == &policy_net || p == &policy_log || p == &policy_conf ||
		    p == &policy_ship ?
		    SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | EPERM;
		assert_int_equal(ret, want);
	}
}

/* What a script's own policy answers must be what it gets with the filters of
 * its parents below it: the most severe verdict wins. */
static void
stack_one(const struct sandbox_policy *lower, const struct sandbox_policy *own,
    int nr, const uint64_t args[6])
{
	uint32_t a[3];

	a[0] = sim(&policy_parent, nr, args);
	a[1] = sim(lower, nr, args);
	a[2] = sim(own, nr, args);
	if (sim_stack(a, 3) != a[2])
		fail_msg("%s over %s: call %d arg0 %#lx: %#x becomes %#x",
		    own->name, lower->name, nr, (unsigned long)args[0], a[2],
		    sim_stack(a, 3));
}

static void
stack_all(const struct sandbox_policy *lower, const struct shipped *own)
{
	struct policy text;
	uint64_t args[6];
	size_t i, k;
	uint8_t m;
	int nr;

	assert_int_equal(policy_load(&text, own->file, tell, NULL), 0);
	memset(args, 0, sizeof(args));
	for (nr = 0; nr < MAX_NR; nr++)
		stack_one(lower, own->p, nr, args);
	for (i = 0; i < text.nrules; i++)
		for (k = 0; k < text.rules[i].conj_count; k++) {
			const struct policy_conj *c =
			    &text.conj[text.rules[i].conj_first + k];

			memset(args, 0, sizeof(args));
			for (m = 0; m < c->n; m++)
				args[c->cmp[m].arg] = c->cmp[m].value;
			stack_one(lower, own->p, text.rules[i].nr, args);
			for (m = 0; m < c->n; m++)
				args[c->cmp[m].arg] |= ~c->cmp[m].mask &
				    0x7fffffff;
			stack_one(lower, own->p, text.rules[i].nr, args);
		}
	policy_free(&text);
}

static void
test_stacks(void **state)
{
	size_t s;

	(void)state;
	for (s = 1; s < NSHIPPED; s++) {
		const struct sandbox_policy *lower = &policy_parent;

		if (shipped[s].p == &policy_svc_nofork)
			lower = &policy_svc;
		else if (shipped[s].p == &policy_svc_shell)
			lower = &policy_svc_S;
		stack_all(lower, &shipped[s]);
	}
}

static uint32_t
one(const struct sandbox_policy *p, int nr, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	const uint64_t args[6] = {a0, a1, a2, a3, a4, a5};

	return sim(p, nr, args);
}

#define ALLOW SECCOMP_RET_ALLOW
#define KILL  SECCOMP_RET_KILL_PROCESS
#define NOT   (SECCOMP_RET_ERRNO | EPERM)

/* What the design promises of each process, in the words of the kernel. */
static void
test_promises_net(void **state)
{
	const struct sandbox_policy *p = &policy_net;
	static const int never[] = {SYS_openat, SYS_open, SYS_socket,
	    SYS_socketpair, SYS_bind, SYS_connect, SYS_setsockopt, SYS_clone,
	    SYS_clone3, SYS_fork, SYS_vfork, SYS_execve, SYS_execveat,
	    SYS_kill, SYS_tgkill, SYS_ptrace, SYS_mprotect, SYS_memfd_create,
	    SYS_setuid, SYS_unshare, SYS_mount, SYS_ioctl, SYS_dup, SYS_dup2};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_int_equal(one(p, never[i], 0, 0, 0, 0, 0, 0), KILL);
	/* frames out: no address, only packet descriptors */
	assert_int_equal(one(p, SYS_sendto, 6, 1, 60, 0, 0, 0), ALLOW);
	assert_int_equal(one(p, SYS_sendto, 6, 1, 60, 0, 0x1000, 20), KILL);
	assert_int_equal(one(p, SYS_sendto, 6, 1, 60, 0, 1ULL << 32, 0), KILL);
	assert_int_equal(one(p, SYS_sendto, 5, 1, 60, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_sendmsg, 6, 1, 0, 0, 0, 0), KILL);
	/* no message with an address or a descriptor, whatever lies there */
	assert_int_equal(one(p, SYS_sendmsg, 16, 1, 0, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_sendmsg, 4, 1, 0, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_sendmmsg, 6, 1, 1, 0, 0, 0),
	    SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(one(p, SYS_recvmsg, 6, 1, 0, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_write, 5, 1, 1, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_read, 3, 1, 1, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_read, 64, 1, 1, 0, 0, 0), ALLOW);
	assert_int_equal(one(p, SYS_close, 4, 0, 0, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_dup3, 70, 3, O_CLOEXEC, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_dup3, 70, 4, O_CLOEXEC, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_dup3, 9, 70, O_CLOEXEC, 0, 0, 0), ALLOW);
	assert_int_equal(one(p, SYS_dup3, 9, 70, 0, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1, 0), KILL);
	assert_int_equal(one(p, SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED, FD_IMAGE, 0), KILL);
	assert_int_equal(one(p, SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED,
	    FD_IMAGE, 0), ALLOW);
	assert_int_equal(one(p, SYS_fcntl, 6, F_SETFL, O_ASYNC, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_fcntl, 6, F_SETOWN, 1, 0, 0, 0), KILL);
}

static void
test_promises_log(void **state)
{
	const struct sandbox_policy *p = &policy_log;
	static const int never[] = {SYS_openat, SYS_lseek, SYS_pwrite64,
	    SYS_pwritev2, SYS_ftruncate, SYS_fallocate, SYS_sendfile, SYS_splice,
	    SYS_rename, SYS_unlink, SYS_fchmod, SYS_ioctl, SYS_socket,
	    SYS_clone, SYS_execve, SYS_dup, SYS_dup2, SYS_copy_file_range};
	size_t i;
	uint64_t fd;

	(void)state;
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_int_equal(one(p, never[i], 32, 0, 0, 0, 0, 0), KILL);
	for (fd = FD_SEGMENT_MIN; fd <= FD_SEGMENT_MAX; fd++) {
		assert_int_equal(one(p, SYS_write, fd, 0, 1, 0, 0, 0), ALLOW);
		assert_int_equal(one(p, SYS_fdatasync, fd, 0, 0, 0, 0, 0),
		    ALLOW);
		/* O_APPEND cannot be cleared */
		assert_int_equal(one(p, SYS_fcntl, fd, F_SETFL, 0, 0, 0, 0),
		    KILL);
		assert_int_equal(one(p, SYS_fcntl, HIGH | fd, F_SETFL, 0, 0, 0,
		    0), KILL);
		assert_int_equal(one(p, SYS_mmap, 0, 4096,
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), KILL);
	}
	/* nor of a segment copied onto a channel's number */
	assert_int_equal(one(p, SYS_fcntl, FD_PEER_MIN, F_SETFL, O_NONBLOCK, 0,
	    0, 0), KILL);
	assert_int_equal(one(p, SYS_write, 48, 0, 1, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_write, FD_PARENT, 0, 1, 0, 0, 0), KILL);
	assert_int_equal(one(p, SYS_sendmsg, FD_PARENT, 1, 0, 0, 0, 0), KILL);
}

static void
ids_bound(const struct sandbox_policy *p, uint64_t base)
{
	const uint64_t top = base + SLOT_COUNT - 1;

	assert_int_equal(one(p, SYS_setresuid, base, base, base, 0, 0, 0),
	    ALLOW);
	assert_int_equal(one(p, SYS_setresuid, top, top, top, 0, 0, 0), ALLOW);
	assert_int_equal(one(p, SYS_setresuid, base, base, 0, 0, 0, 0), NOT);
	assert_int_equal(one(p, SYS_setresuid, 0, 0, 0, 0, 0, 0), NOT);
	assert_int_equal(one(p, SYS_setresuid, base - 1, base, base, 0, 0, 0),
	    NOT);
	assert_int_equal(one(p, SYS_setresuid, top + 1, top, top, 0, 0, 0),
	    NOT);
	assert_int_equal(one(p, SYS_setresuid, (uint64_t)-1, base, base, 0, 0,
	    0), NOT);
	assert_int_equal(one(p, SYS_setresgid, base, base, 0, 0, 0, 0), NOT);
	assert_int_equal(one(p, SYS_setgroups, 1, 1, 0, 0, 0, 0), NOT);
	assert_int_equal(one(p, SYS_setgroups, 1ULL << 32, 1, 0, 0, 0, 0), NOT);
	assert_int_equal(one(p, SYS_setgroups, 0, 0, 0, 0, 0, 0), ALLOW);
	assert_int_equal(one(p, SYS_setuid, base, 0, 0, 0, 0, 0), NOT);
}

static void
test_promises_svc(void **state)
{
	const uint64_t vf = CLONE_VM | CLONE_VFORK | SIGCHLD;

	(void)state;
	ids_bound(&policy_svc, SLOT_BASE);
	ids_bound(&policy_svc_S, SLOT_BASE_SHELL);
	assert_int_equal(one(&policy_svc, SYS_setresuid, SLOT_BASE_SHELL,
	    SLOT_BASE_SHELL, SLOT_BASE_SHELL, 0, 0, 0), NOT);
	assert_int_equal(one(&policy_svc, SYS_execve, 0, 0, 0, 0, 0, 0), NOT);
	assert_int_equal(one(&policy_svc, SYS_clone, vf, 0, 0, 0, 0, 0), ALLOW);
	assert_int_equal(one(&policy_svc, SYS_clone, vf | CLONE_NEWPID, 0, 0, 0,
	    0, 0), NOT);
	assert_int_equal(one(&policy_svc_S, SYS_clone, vf | CLONE_NEWPID, 0, 0,
	    0, 0, 0), ALLOW);
	assert_int_equal(one(&policy_svc_S, SYS_clone, vf | CLONE_NEWUSER, 0, 0,
	    0, 0, 0), NOT);
	assert_int_equal(one(&policy_svc_S, SYS_clone, vf | CLONE_NEWNS, 0, 0,
	    0, 0, 0), NOT);
	assert_int_equal(one(&policy_svc_S, SYS_kill, (uint64_t)-1, SIGKILL, 0,
	    0, 0, 0), NOT);
	assert_int_equal(one(&policy_svc_S, SYS_socketpair, 2, 1, 0, 0, 0, 0),
	    NOT);
}

static void
test_promises_scripts(void **state)
{
	static const int trips[] = {SYS_ptrace, SYS_bpf, SYS_io_uring_setup,
	    SYS_userfaultfd, SYS_keyctl, SYS_mount, SYS_unshare, SYS_setns,
	    SYS_memfd_create, SYS_process_vm_readv, SYS_seccomp, SYS_chroot};
	static const int no[] = {SYS_socket, SYS_socketpair, SYS_connect,
	    SYS_sendmsg, SYS_recvmsg, SYS_setsockopt, SYS_setsid, SYS_setuid,
	    SYS_chmod, SYS_unlink, SYS_mkdir, SYS_setrlimit,
	    SYS_sched_setaffinity, SYS_mlock, SYS_shmget, SYS_mq_open};
	const uint64_t ex = AT_EMPTY_PATH;
	size_t i;
	int k;

	(void)state;
	for (k = 0; k < 2; k++) {
		const struct sandbox_policy *p = k == 0 ? &policy_svc_nofork :
		    &policy_svc_shell;

		for (i = 0; i < sizeof(trips) / sizeof(trips[0]); i++)
			assert_int_equal(one(p, trips[i], 0, 0, 0, 0, 0, 0),
			    KILL);
		for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
			assert_int_equal(one(p, no[i], 0, 0, 0, 0, 0, 0), NOT);
		assert_int_equal(one(p, SYS_clone3, 0, 0, 0, 0, 0, 0),
		    SECCOMP_RET_ERRNO | ENOSYS);
		assert_int_equal(one(p, SYS_execveat, FD_INTERP, 1, 1, 1, ex,
		    0), ALLOW);
		assert_int_equal(one(p, SYS_execveat, 3, 1, 1, 1, ex, 0), NOT);
		assert_int_equal(one(p, SYS_execveat, FD_INTERP, 1, 1, 1, 0, 0),
		    NOT);
		/* TIOCSTI, also with the upper half of the register set */
		assert_int_equal(one(p, SYS_ioctl, 0, 0x5412, 0, 0, 0, 0), NOT);
		assert_int_equal(one(p, SYS_ioctl, 0, 1ULL << 32 | 0x5412, 0,
		    0, 0, 0), NOT);
		assert_int_equal(one(p, SYS_prlimit64, 0, 7, 1, 0, 0, 0), NOT);
		assert_int_equal(one(p, SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0,
		    0), NOT);
		assert_int_equal(one(p, SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0,
		    0), NOT);
		assert_int_equal(one(p, SYS_mmap, 0, 4096, 7, 0x22, 0, 0), NOT);
		assert_int_equal(one(p, SYS_mprotect, 0, 4096, 5, 0, 0, 0),
		    NOT);
	}
	assert_int_equal(one(&policy_svc_nofork, SYS_clone, SIGCHLD, 0, 0, 0, 0,
	    0), NOT);
	assert_int_equal(one(&policy_svc_nofork, SYS_execve, 0, 0, 0, 0, 0, 0),
	    NOT);
	assert_int_equal(one(&policy_svc_nofork, SYS_kill, 1, 9, 0, 0, 0, 0),
	    NOT);
	assert_int_equal(one(&policy_svc_shell, SYS_clone, CLONE_NEWUSER |
	    SIGCHLD, 0, 0, 0, 0, 0), NOT);
	assert_int_equal(one(&policy_svc_shell, SYS_clone, CLONE_THREAD |
	    CLONE_VM | CLONE_SIGHAND, 0, 0, 0, 0, 0), NOT);
}

/* Severity and ties as the kernel has them. */
static void
test_stack_rule(void **state)
{
	const uint32_t a[] = {SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ALLOW,
	    SECCOMP_RET_ERRNO | 38};
	const uint32_t b[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO | 1};

	(void)state;
	assert_int_equal(sim_stack(a, 3), SECCOMP_RET_ERRNO | 38);
	assert_int_equal(sim_stack(a, 2), SECCOMP_RET_ERRNO | 1);
	assert_int_equal(sim_stack(b, 2), SECCOMP_RET_KILL_PROCESS);
}

/* Programs the kernel would refuse. */
static void
test_bad_programs(void **state)
{
	const struct sandbox_insn noend[] = {{0x20, 0, 0, 0}};
	const struct sandbox_insn jump[] = {{0x15, 9, 9, 0}, {0x06, 0, 0, 0}};
	const struct sandbox_insn load[] = {{0x20, 0, 0, 64}, {0x06, 0, 0, 0}};
	const struct sandbox_insn unknown[] = {{0xffff, 0, 0, 0}};
	struct sim_call c;
	uint32_t r;

	(void)state;
	memset(&c, 0, sizeof(c));
	assert_int_equal(sim_run(noend, 1, &c, &r), -1);
	assert_int_equal(sim_run(jump, 2, &c, &r), -1);
	assert_int_equal(sim_run(load, 2, &c, &r), -1);
	assert_int_equal(sim_run(unknown, 1, &c, &r), -1);
	assert_int_equal(sim_run(noend, 0, &c, &r), -1);
	assert_int_equal(sim_answers(jump, 2, 0, 0, &r, 1), -1);
}

/* ---- simulator and kernel ---- */

#ifndef HPD_SANITIZED /* its own calls would be killed */

/* In a child with the policy loaded: 0 allowed, errno, or 1000 killed. */
static int
kernel(const struct sandbox_policy *p, int nr, const uint64_t a[6])
{
	pid_t pid;
	int status;

	if ((pid = fork()) == 0) {
		/* Marks: what the filter answers cannot be a plain EPERM of
		 * the kernel, the calls below fail with EBADF, EFAULT... */
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    sandbox_filter(p) == -1)
			_exit(99);
		errno = 0;
		(void)syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		(void)syscall(SYS_exit_group, errno == EPERM ? 1 :
		    errno == ENOSYS ? 2 : 0);
	}
	assert_true(pid > 0);
	assert_true(waitpid(pid, &status, 0) == pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGSYS);
		return 1000;
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 99);
	return WEXITSTATUS(status);
}

static void
test_kernel(void **state)
{
	/* Harmless whatever the answer is: descriptors that are not open. */
	static const struct {
		int nr;
		uint64_t a[6];
	} probes[] = {
	    {SYS_read, {700, 0, 0}}, {SYS_read, {3000, 0, 0}},
	    {SYS_write, {700, 0, 0}}, {SYS_write, {44, 0, 0}},
	    {SYS_close, {4}}, {SYS_close, {HIGH | 4}}, {SYS_close, {700}},
	    {SYS_ioctl, {700, 0x5412, 0}}, {SYS_ioctl, {700, 0x5401, 0}},
	    {SYS_ioctl, {700, 1ULL << 32 | 0x5401, 0}},
	    {SYS_sendto, {6, 0, 0, 0, 0, 0}}, {SYS_sendto, {6, 0, 0, 0, 1, 0}},
	    {SYS_dup3, {700, 701, O_CLOEXEC}}, {SYS_dup3, {700, 3, O_CLOEXEC}},
	    {SYS_fcntl, {700, F_GETFL, 0}}, {SYS_fcntl, {700, F_SETFL, 0}},
	    {SYS_execveat, {FD_INTERP, 0, 0, 0, AT_EMPTY_PATH}},
	    {SYS_execveat, {FD_INTERP, 0, 0, 0, 0}}, {SYS_ptrace, {77777}},
	    {SYS_mmap, {0, 0, 7, 0x22, (uint64_t)-1, 0}},
	    {SYS_mmap, {0, 0, 3, 0x22, (uint64_t)-1, 0}},
	    {SYS_mprotect, {0, 0, 4}}, {SYS_getpid, {0}}, {SYS_clone3, {0}},
	    {SYS_socket, {999, 0, 0}}, {SYS_bpf, {999, 0, 0}},
	    {SYS_openat, {700, 0, 0}}, {SYS_openat, {700, 0, 1}},
	    {SYS_lseek, {700, 0, 0}}, {SYS_ftruncate, {700, 0}},
	};
	size_t s, i;

	(void)state;
	for (s = 0; s < NSHIPPED; s++)
		for (i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
			uint32_t want = sim(shipped[s].p, probes[i].nr,
			    probes[i].a);
			int got = kernel(shipped[s].p, probes[i].nr,
			    probes[i].a);

			if ((want == KILL) != (got == 1000) ||
			    (want == NOT && got != 1) ||
			    (want == ALLOW && got == 1000) ||
			    (want == (SECCOMP_RET_ERRNO | ENOSYS) && got != 2))
				fail_msg("%s: probe %zu: simulator %#x, "
				    "kernel %d", shipped[s].p->name, i, want,
				    got);
		}
}

#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_and_filter),
	    cmocka_unit_test(test_foreign),
	    cmocka_unit_test(test_stacks),
	    cmocka_unit_test(test_promises_net),
	    cmocka_unit_test(test_promises_log),
	    cmocka_unit_test(test_promises_svc),
	    cmocka_unit_test(test_promises_scripts),
	    cmocka_unit_test(test_stack_rule),
	    cmocka_unit_test(test_bad_programs),
#ifndef HPD_SANITIZED
	    cmocka_unit_test(test_kernel),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
