/* SPDX-License-Identifier: ISC */
/*
 * Operator policies behind the shipped ones: the merged program against both
 * texts for every call and arguments around every constant in them; what
 * filter_check() takes can be run, and what the compiler makes it takes; the
 * comparison names what is wider.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <linux/seccomp.h>

#include "common/filter.h"
#include "policies/policy_diff.h"

#define MAX_NR 500
#define HIGH   0xffffffff00000000ULL

struct side {
	struct policy p;
	struct sandbox_insn insns[FILTER_MAX];
	size_t len;
};
static struct side base, own;
static struct sandbox_insn merged[FILTER_MAX];
static size_t nmerged;
static unsigned long compared;

static void
tell(void *arg, const char *file, uint32_t line, const char *text)
{
	(void)arg;
	fail_msg("%s:%u: %s", file, line, text);
}

static void
compile(struct side *s)
{
	char msg[256];
	int n = policy_compile(&s->p, s->insns, FILTER_MAX, msg, sizeof(msg));

	assert_true(n > 0);
	s->len = (size_t)n;
}

static void
load(struct side *s, const char *file)
{
	assert_int_equal(policy_load(&s->p, file, tell, NULL), 0);
	compile(s);
}

static void
parse(struct side *s, const char *calls)
{
	char text[4096];

	snprintf(text, sizeof(text), "policy x v1\n%s\nbadarch kill\nlandlock "
	    "none\nns none\ncaps none\nbounding none\nmdwe off\n", calls);
	assert_int_equal(policy_parse(&s->p, "x", text, strlen(text), tell,
	    NULL), 0);
	compile(s);
}

static uint32_t
by_text(const struct policy *p, int nr, const uint64_t args[6])
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

static void
compare(int nr, const uint64_t args[6])
{
	uint32_t want = by_text(&base.p, nr, args), got = 0;
	struct sim_call c;

	memset(&c, 0, sizeof(c));
	c.nr = (uint32_t)nr;
	c.arch = SIM_ARCH_NATIVE;
	memcpy(c.args, args, sizeof(c.args));
	assert_int_equal(sim_run(merged, nmerged, &c, &got), 0);
	if (want == SECCOMP_RET_ALLOW)
		want = by_text(&own.p, nr, args);
	compared++;
	if (want != got)
		fail_msg("%s and %s: call %d (%#lx %#lx %#lx): texts %#x, "
		    "program %#x", base.p.name, own.p.name, nr,
		    (unsigned long)args[0], (unsigned long)args[1],
		    (unsigned long)args[2], want, got);
}

/* A conjunction made true, then each argument moved around its edge. */
static void
around(int nr, const struct policy_conj *c)
{
	uint64_t full[6] = {0}, args[6];
	uint8_t i;
	size_t k;

	for (i = 0; i < c->n; i++)
		full[c->cmp[i].arg] = c->cmp[i].value;
	compare(nr, full);
	for (i = 0; i < c->n; i++) {
		uint64_t v = c->cmp[i].value, m = c->cmp[i].mask;
		const uint64_t near[] = {v - 1, v + 1, v | HIGH, ~v,
		    v | 1ULL << 32, v ^ (m & (0 - m)), v | ~m, (v | ~m) + 1,
		    0, 1, UINT32_MAX, UINT64_MAX, 1ULL << 31};

		for (k = 0; k < sizeof(near) / sizeof(near[0]); k++) {
			memcpy(args, full, sizeof(args));
			args[c->cmp[i].arg] = near[k];
			compare(nr, args);
		}
	}
}

static void
around_all(const struct policy *p)
{
	size_t i, k;

	for (i = 0; i < p->nrules; i++)
		for (k = 0; k < p->rules[i].conj_count; k++)
			around(p->rules[i].nr,
			    &p->conj[p->rules[i].conj_first + k]);
}

static void
foreign(void)
{
	static const struct sim_call c[] = {{.nr = 4, .arch = SIM_ARCH_I386},
#if defined(__x86_64__)
	    {.nr = SIM_X32_BIT | 1, .arch = SIM_ARCH_NATIVE},
#endif
	    };
	uint32_t got;
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		assert_int_equal(sim_run(merged, nmerged, &c[i], &got), 0);
		assert_int_equal(got, SECCOMP_RET_KILL_PROCESS);
	}
}

static void
pair(void)
{
	static const uint64_t some[][6] = {{0}, {1, 1, 1, 1, 1, 1},
	    {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
		UINT64_MAX}, {HIGH | 3, 0, HIGH, 0, 0, 0}};
	size_t k;
	int nr;

	nmerged = filter_merge(base.insns, base.len, own.insns, own.len,
	    merged, FILTER_MAX);
	assert_int_equal(nmerged, base.len + own.len);
	assert_int_equal(filter_check(merged, nmerged), 0);
	for (nr = 0; nr < MAX_NR; nr++)
		for (k = 0; k < sizeof(some) / sizeof(some[0]); k++)
			compare(nr, some[k]);
	around_all(&base.p);
	around_all(&own.p);
	foreign();
}

static void
merges(void **state)
{
	static const char *const scripts[] = {"policies/svc-nofork.policy",
	    "policies/svc-shell.policy"};
	static const char *const files[] = {"policies/svc-nofork.policy",
	    "policies/svc-shell.policy", "policies/net.policy",
	    "policies/parent.policy"};
	static const char *const texts[] = {"default allow",
	    "default kill", "default errno EACCES\nallow read exit_group",
	    "default allow\nerrno EPERM getpid\nerrno ENOSYS write if fd == 2\n"
	    "trip mmap if prot has PROT_EXEC and flags has MAP_ANONYMOUS\n"
	    "errno EACCES lseek if off >= 0x100000000"};
	size_t s, i;

	(void)state;
	for (s = 0; s < sizeof(scripts) / sizeof(scripts[0]); s++) {
		load(&base, scripts[s]);
		for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
			load(&own, files[i]);
			pair();
			policy_free(&own.p);
		}
		for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
			parse(&own, texts[i]);
			pair();
			policy_free(&own.p);
		}
		policy_free(&base.p);
	}
	assert_true(compared > 30000);
}

static void
too_long(void **state)
{
	static struct sandbox_insn a[FILTER_MAX], out[FILTER_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < FILTER_MAX; i++)
		a[i] = (struct sandbox_insn){0x06, 0, 0, SECCOMP_RET_ALLOW};
	assert_int_equal(filter_check(a, FILTER_MAX), 0);
	assert_int_equal(filter_check(a, FILTER_MAX + 1), -1);
	assert_int_equal(filter_check(a, 0), -1);
	assert_int_equal(filter_merge(a, 4000, a, 96, out, FILTER_MAX), 4096);
	assert_int_equal(filter_check(out, 4096), 0);
	assert_int_equal(filter_merge(a, 4000, a, 97, out, FILTER_MAX), 0);
	assert_int_equal(filter_merge(a, 4000, a, 97, out, FILTER_MAX + 1), 0);
	assert_int_equal(filter_merge(a, 5, a, 5, out, 9), 0);
	assert_int_equal(filter_merge(a, 5, a, SIZE_MAX, out, FILTER_MAX), 0);
}

/* Whatever filter_check() takes ends, inside its bounds, with an answer of
 * ours. */
static void
mutated(void **state)
{
	static struct sandbox_insn f[FILTER_MAX];
	static const uint16_t codes[] = {0x20, 0x54, 0x05, 0x15, 0x35, 0x06,
	    0x16, 0x60, 0x25, 0x1d, 0x00, 0x07, 0x87, 0x61, 0x02};
	struct sim_call c;
	unsigned taken = 0, refused = 0, i;
	uint32_t ret;
	size_t at;

	(void)state;
	srandom(1);
	load(&base, "policies/svc-nofork.policy");
	for (i = 0; i < 20000; i++) {
		memcpy(f, base.insns, base.len * sizeof(f[0]));
		at = (size_t)random() % base.len;
		switch (random() % 4) {
		case 0:
			f[at].code = codes[(size_t)random() %
			    (sizeof(codes) / sizeof(codes[0]))];
			break;
		case 1:
			f[at].k = (uint32_t)random() % 80;
			break;
		case 2:
			f[at].jt = (uint8_t)random();
			break;
		default:
			f[at].jf = (uint8_t)random();
		}
		if (filter_check(f, base.len) == -1) {
			refused++;
			continue;
		}
		taken++;
		memset(&c, 0, sizeof(c));
		c.nr = (uint32_t)random() % MAX_NR;
		c.arch = SIM_ARCH_NATIVE;
		c.args[0] = (uint64_t)random();
		assert_int_equal(sim_run(f, base.len, &c, &ret), 0);
		assert_true(ret == SECCOMP_RET_ALLOW ||
		    ret == SECCOMP_RET_KILL_PROCESS ||
		    (ret & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO);
	}
	assert_true(taken > 1000 && refused > 1000);
	policy_free(&base.p);
}

struct told {
	unsigned kinds[4];
	char names[4][256];
};

static void
note(void *arg, enum policy_difference kind, const char *name,
    const struct sim_call *c, uint32_t a, uint32_t b)
{
	struct told *t = arg;
	size_t n = strlen(t->names[kind]);

	(void)c;
	if (kind != PD_UNKNOWN)
		assert_int_not_equal(a, b);
	t->kinds[kind]++;
	snprintf(t->names[kind] + n, sizeof(t->names[kind]) - n, "%s ", name);
}

static void
differences(void **state)
{
	struct policy_side a, b;
	struct told t;

	(void)state;
	memset(&t, 0, sizeof(t));
	parse(&base, "default kill\nallow read if fd in 3..5\nallow write\n"
	    "errno ENOSYS clone3");
	parse(&own, "default kill\nallow read if fd in 3..6\nallow getpid\n"
	    "errno EPERM clone3");
	a = (struct policy_side){&base.p, base.insns, base.len};
	b = (struct policy_side){&own.p, own.insns, own.len};
	assert_int_equal(policy_diff_calls(&a, &b, 100000, note, &t), 0);
	assert_string_equal(t.names[PD_WIDER], "read getpid ");
	assert_string_equal(t.names[PD_NARROWER], "write ");
	assert_string_equal(t.names[PD_OTHER], "clone3 ");
	assert_int_equal(t.kinds[PD_UNKNOWN], 0);
	memset(&t, 0, sizeof(t));
	assert_int_equal(policy_diff_calls(&a, &b, 4, note, &t), -1);
	assert_true(t.kinds[PD_UNKNOWN] > 0);
	policy_free(&base.p);
	policy_free(&own.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(merges), cmocka_unit_test(too_long),
	    cmocka_unit_test(mutated), cmocka_unit_test(differences)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
