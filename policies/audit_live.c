/* SPDX-License-Identifier: ISC */
/*
 * hpaudit live FILE...: does the kernel decide as the simulator says? The
 * filter is loaded into children that then make every system call there is,
 * with arguments around every value a rule looks at. Nothing is ever carried
 * out: in the loaded copy "allow" answers with an error number of ours, so the
 * kernel's verdict is all that is seen. Calls the simulator says are killed
 * get a child each; all others share one.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "audit_call.h"

#define MARK_ALLOWED 4000 /* no errno of the kernel's */
#define MAX_PROBES   40000
#define MAX_TOLD     20

struct probe {
	uint32_t nr;
	uint64_t args[6];
	uint32_t want; /* the simulator's answer */
	int32_t got;   /* errno; 0: never came back */
};

struct live {
	struct audit_filter *f;
	struct sock_filter prog[POLICY_MAX_INSNS];
	struct probe *p; /* shared with the children */
	size_t n;
	unsigned wrong, known;
};

/* The kernel runs these past every filter, by design. */
static const struct {
	uint32_t nr;
	const char *name, *why;
} exceptions[] = {
#if defined(__x86_64__)
    {335, "uretprobe", "the kernel's own trampoline, never filtered"},
    {336, "uprobe", "the kernel's own trampoline, never filtered"},
#endif
    {UINT32_MAX, NULL, NULL}};

static const char *
exception(uint32_t nr)
{
	size_t i;

	for (i = 0; exceptions[i].name != NULL; i++)
		if (exceptions[i].nr == nr)
			return exceptions[i].name;
	return NULL;
}

static void
add_probe(struct live *l, uint32_t nr, const uint64_t args[6])
{
	struct sim_call c;
	struct probe *p;

	if (l->n == MAX_PROBES)
		return;
	memset(&c, 0, sizeof(c));
	c.nr = nr;
	c.arch = SIM_ARCH_NATIVE;
	memcpy(c.args, args, sizeof(c.args));
	p = &l->p[l->n++];
	p->nr = nr;
	memcpy(p->args, args, sizeof(p->args));
	p->want = audit_filter_ask(l->f, &c);
	p->got = 0;
}

/* A conjunction made true, then every argument moved over its edge, with the
 * upper half of the register set too. */
static void
around(struct live *l, uint32_t nr, const struct policy_conj *c)
{
	uint64_t base[6] = {0}, args[6];
	uint8_t i, k;

	for (i = 0; i < c->n; i++)
		base[c->cmp[i].arg] = c->cmp[i].value;
	add_probe(l, nr, base);
	for (i = 0; i < c->n; i++) {
		uint64_t v = c->cmp[i].value, m = c->cmp[i].mask;
		const uint64_t near[] = {v - 1, v + 1, v | 1ULL << 32,
		    v | 1ULL << 63, v ^ (m & (0 - m)), v | ~m};

		for (k = 0; k < sizeof(near) / sizeof(near[0]); k++) {
			memcpy(args, base, sizeof(args));
			args[c->cmp[i].arg] = near[k];
			add_probe(l, nr, args);
		}
	}
}

static void
make_probes(struct live *l)
{
	static const uint64_t none[6];
	static const uint32_t odd[] = {10000, 0x3fffffff, 0x7fffffff,
	    0x80000000, UINT32_MAX};
	const struct policy *p = &l->f->p;
	size_t i, k;
	uint32_t nr;

	for (nr = 0; nr < AUDIT_MAX_NR; nr++)
		add_probe(l, nr, none);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		add_probe(l, odd[i], none);
	for (i = 0; i < p->nrules; i++)
		for (k = 0; p->rules[i].nr >= 0 &&
		    k < p->rules[i].conj_count; k++)
			around(l, (uint32_t)p->rules[i].nr,
			    &p->conj[p->rules[i].conj_first + k]);
}

static int
kills(uint32_t ret)
{
	return (ret & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_KILL_PROCESS;
}

/* The filter as loaded: the same program but for what "allow" answers. */
static void
mark(struct live *l)
{
	size_t i;

	for (i = 0; i < l->f->len; i++) {
		l->prog[i].code = l->f->insns[i].code;
		l->prog[i].jt = l->f->insns[i].jt;
		l->prog[i].jf = l->f->insns[i].jf;
		l->prog[i].k = l->f->insns[i].k;
		if (l->prog[i].code == (BPF_RET | BPF_K) &&
		    l->prog[i].k == SECCOMP_RET_ALLOW)
			l->prog[i].k = SECCOMP_RET_ERRNO | MARK_ALLOWED;
	}
}

/* In a child: no call but probes works any more once the filter is loaded, so
 * answers go to shared memory and the end is a trap. */
static void
child(struct live *l, size_t from, size_t to)
{
	struct sock_fprog prog = {(unsigned short)l->f->len, l->prog};
	struct probe *p;
	size_t i;
	long r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == -1)
		_exit(1);
	for (i = from; i < to; i++) {
		p = &l->p[i];
		if (to - from > 1 &&
		    (kills(p->want) || exception(p->nr) != NULL))
			continue;
		errno = 0;
		r = syscall((long)(int32_t)p->nr, p->args[0], p->args[1],
		    p->args[2], p->args[3], p->args[4], p->args[5]);
		p->got = r == -1 ? errno : -1;
	}
	__builtin_trap();
}

/* 0, or -1: no child, or it could not load the filter. */
static int
run(struct live *l, size_t from, size_t to, int *status)
{
	pid_t pid = fork();

	if (pid == -1)
		return -1;
	if (pid == 0)
		child(l, from, to);
	while (waitpid(pid, status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFSIGNALED(*status) ? 0 : -1;
}

static void
told(struct live *l, const struct probe *p, const char *kernel)
{
	char name[64];
	const char *call = audit_call_name((int)p->nr);
	int i;

	if (++l->wrong > MAX_TOLD)
		return;
	(void)printf("BAD %s (%" PRIu32 ")", call != NULL ? call : "?", p->nr);
	for (i = 0; i < 6; i++)
		(void)printf(" %#" PRIx64, p->args[i]);
	(void)printf(": simulator %s, kernel %s\n",
	    sim_name(p->want, name, sizeof(name)), kernel);
}

static void
judge(struct live *l, const struct probe *p, int status, int alone)
{
	uint32_t want = (p->want & SECCOMP_RET_ACTION_FULL) ==
	    SECCOMP_RET_ALLOW ? MARK_ALLOWED : p->want & SECCOMP_RET_DATA;
	char what[32];

	if (kills(p->want)) {
		if (!alone)
			return;
		if (WTERMSIG(status) != SIGSYS)
			told(l, p, "does not kill");
		return;
	}
	if (p->got == (int32_t)want)
		return;
	(void)snprintf(what, sizeof(what), p->got == 0 ? "kills" : p->got == -1
	    ? "carries it out" : "errno %d", p->got);
	told(l, p, what);
}

static int
live_one(struct live *l)
{
	unsigned killed = 0;
	int status;
	size_t i;

	make_probes(l);
	mark(l);
	if (run(l, 0, l->n, &status) == -1)
		return -1;
	for (i = 0; i < l->n; i++) {
		if (exception(l->p[i].nr) != NULL) {
			l->known++;
			continue;
		}
		judge(l, &l->p[i], status, 0);
	}
	for (i = 0; i < l->n; i++) {
		if (!kills(l->p[i].want) || exception(l->p[i].nr) != NULL)
			continue;
		killed++;
		if (run(l, i, i + 1, &status) == -1)
			return -1;
		judge(l, &l->p[i], status, 1);
	}
	(void)printf("%s: %zu probes (%u of them killed), %u disagree, "
	    "%u of calls the kernel never filters\n", l->f->p.name, l->n,
	    killed, l->wrong, l->known);
	return l->wrong == 0 ? 0 : 1;
}

static int
live_file(const char *file)
{
	struct live *l = calloc(1, sizeof(*l));
	int rc = 1;

	if (l == NULL || (l->f = malloc(sizeof(*l->f))) == NULL) {
		perror("hpaudit");
		free(l);
		return 1;
	}
	l->p = mmap(NULL, MAX_PROBES * sizeof(*l->p), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l->p == MAP_FAILED)
		perror("hpaudit");
	else if (audit_filter_load(l->f, file) == 0) {
		(void)fflush(stdout);
		if ((rc = live_one(l)) == -1)
			(void)fprintf(stderr, "%s: the filter cannot be "
			    "loaded here\n", file);
	}
	audit_filter_free(l->f);
	if (l->p != MAP_FAILED)
		(void)munmap(l->p, MAX_PROBES * sizeof(*l->p));
	free(l->f);
	free(l);
	return rc == 0 ? 0 : 1;
}

int
audit_live(int argc, char **argv)
{
	size_t k;
	int i, rc = 0;

	if (argc < 2)
		return AUDIT_USAGE;
	for (i = 1; i < argc; i++)
		rc |= live_file(argv[i]);
	for (k = 0; exceptions[k].name != NULL; k++)
		(void)printf("not filtered by this kernel: %s (%" PRIu32
		    "), %s\n", exceptions[k].name, exceptions[k].nr,
		    exceptions[k].why);
	return rc;
}
