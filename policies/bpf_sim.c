/* SPDX-License-Identifier: ISC */
/*
 * Interpreter of seccomp's classic BPF. hpaudit and tests only; takes any
 * bytes as a program and must never run out of their bounds.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <stdio.h>
#include <string.h>

#include "bpf_sim.h"

#define DATA_WORDS (sizeof(struct seccomp_data) / 4)

struct machine {
	uint32_t a, x, mem[BPF_MEMWORDS];
	int a_known; /* for sim_answers: does not depend on arguments */
};

static void
words_of(const struct sim_call *c, uint32_t w[DATA_WORDS])
{
	struct seccomp_data d;

	memset(&d, 0, sizeof(d));
	d.nr = (int)c->nr;
	d.arch = c->arch;
	d.instruction_pointer = c->ip;
	memcpy(d.args, c->args, sizeof(d.args));
	memcpy(w, &d, sizeof(d));
}

/* a op b; -1: the kernel refuses it. */
static int
alu(uint16_t op, uint32_t *a, uint32_t b)
{
	switch (op) {
	case BPF_ADD:
		*a += b;
		return 0;
	case BPF_SUB:
		*a -= b;
		return 0;
	case BPF_MUL:
		*a *= b;
		return 0;
	case BPF_DIV:
		if (b == 0)
			return -1;
		*a /= b;
		return 0;
	case BPF_AND:
		*a &= b;
		return 0;
	case BPF_OR:
		*a |= b;
		return 0;
	case BPF_XOR:
		*a ^= b;
		return 0;
	case BPF_LSH:
		*a = b < 32 ? *a << b : 0;
		return 0;
	case BPF_RSH:
		*a = b < 32 ? *a >> b : 0;
		return 0;
	case BPF_NEG:
		*a = 0 - *a;
		return 0;
	default:
		return -1;
	}
}

/* 1 true, 0 false, -1 no such test. */
static int
compare(uint16_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JSET:
		return (a & b) != 0;
	default:
		return -1;
	}
}

/* Everything but jumps and returns. */
static int
straight(struct machine *m, const struct sandbox_insn *i, const uint32_t *w)
{
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (i->k % 4 != 0 || i->k / 4 >= DATA_WORDS)
			return -1;
		m->a = w[i->k / 4];
		m->a_known = i->k / 4 < 2; /* nr, arch */
		return 0;
	case BPF_LD | BPF_IMM:
		m->a = i->k;
		m->a_known = 1;
		return 0;
	case BPF_LDX | BPF_IMM:
		m->x = i->k;
		return 0;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		if (i->k >= BPF_MEMWORDS)
			return -1;
		if (i->code == (BPF_LD | BPF_MEM)) {
			m->a = m->mem[i->k];
			m->a_known = 0;
		} else if (i->code == (BPF_LDX | BPF_MEM))
			m->x = m->mem[i->k];
		else
			m->mem[i->k] = i->code == BPF_ST ? m->a : m->x;
		return 0;
	case BPF_MISC | BPF_TAX:
		m->x = m->a;
		return 0;
	case BPF_MISC | BPF_TXA:
		m->a = m->x;
		m->a_known = 0;
		return 0;
	default:
		if (BPF_CLASS(i->code) != BPF_ALU)
			return -1;
		return alu(BPF_OP(i->code), &m->a,
		    BPF_SRC(i->code) == BPF_X ? m->x : i->k);
	}
}

int
sim_run(const struct sandbox_insn *f, size_t len, const struct sim_call *c,
    uint32_t *ret)
{
	uint32_t w[DATA_WORDS];
	struct machine m;
	size_t pc = 0;
	int t;

	memset(&m, 0, sizeof(m));
	words_of(c, w);
	while (pc < len) {
		const struct sandbox_insn *i = &f[pc++];

		if (BPF_CLASS(i->code) == BPF_RET) {
			*ret = BPF_RVAL(i->code) == BPF_A ? m.a : i->k;
			return 0;
		}
		if (i->code == (BPF_JMP | BPF_JA)) {
			if (i->k >= len)
				return -1;
			pc += i->k;
		} else if (BPF_CLASS(i->code) == BPF_JMP) {
			t = compare(BPF_OP(i->code), m.a,
			    BPF_SRC(i->code) == BPF_X ? m.x : i->k);
			if (t == -1)
				return -1;
			pc += t ? i->jt : i->jf;
		} else if (straight(&m, i, w) == -1)
			return -1;
	}
	return -1;
}

struct walk {
	const struct sandbox_insn *f;
	size_t len;
	uint32_t w[DATA_WORDS];
	/* Jumps only go forward, so states are merged going up: at pc, can it
	 * be reached with A unknown, and with A known (one value: nr or arch
	 * seen through the same instructions)? */
	uint8_t unknown[BPF_MAXINSNS + 1];
	uint8_t known[BPF_MAXINSNS + 1];
	struct machine at[BPF_MAXINSNS + 1];
};

static int
reach(struct walk *k, size_t pc, const struct machine *m)
{
	if (pc >= k->len)
		return -1;
	if (!m->a_known) {
		k->unknown[pc] = 1;
		return 0;
	}
	if (k->known[pc] && k->at[pc].a != m->a)
		k->unknown[pc] = 1; /* two values: take any */
	k->known[pc] = 1;
	k->at[pc] = *m;
	return 0;
}

static int
add_answer(uint32_t *out, int n, size_t max, uint32_t v)
{
	int i;

	for (i = 0; i < n; i++)
		if (out[i] == v)
			return n;
	if ((size_t)n == max)
		return -1;
	out[n] = v;
	return n + 1;
}

/* One instruction from state m: where to. n answers so far; -1 bad. */
static int
branch(struct walk *k, size_t pc, struct machine m, uint32_t *out, int n,
    size_t max)
{
	const struct sandbox_insn *i = &k->f[pc];
	int t;

	if (BPF_CLASS(i->code) == BPF_RET)
		return BPF_RVAL(i->code) == BPF_A ? -1 :
		    add_answer(out, n, max, i->k);
	if (i->code == (BPF_JMP | BPF_JA))
		return i->k >= k->len || reach(k, pc + 1 + i->k, &m) == -1 ?
		    -1 : n;
	if (BPF_CLASS(i->code) == BPF_JMP) {
		t = compare(BPF_OP(i->code), m.a, i->k);
		if (t == -1 || BPF_SRC(i->code) == BPF_X)
			return -1;
		if ((!m.a_known || t) &&
		    reach(k, pc + 1 + i->jt, &m) == -1)
			return -1;
		if ((!m.a_known || !t) &&
		    reach(k, pc + 1 + i->jf, &m) == -1)
			return -1;
		return n;
	}
	if (straight(&m, i, k->w) == -1 || reach(k, pc + 1, &m) == -1)
		return -1;
	return n;
}

int
sim_answers(const struct sandbox_insn *f, size_t len, uint32_t arch,
    uint32_t nr, uint32_t *out, size_t max)
{
	static struct walk k; /* large; hpaudit is single-threaded */
	struct sim_call c;
	struct machine m;
	size_t pc;
	int n = 0;

	if (len == 0 || len > BPF_MAXINSNS)
		return -1;
	memset(&k, 0, sizeof(k));
	memset(&c, 0, sizeof(c));
	memset(&m, 0, sizeof(m));
	c.nr = nr;
	c.arch = arch;
	words_of(&c, k.w);
	k.f = f;
	k.len = len;
	m.a_known = 1;
	(void)reach(&k, 0, &m);
	for (pc = 0; pc < len && n != -1; pc++) {
		if (k.known[pc])
			n = branch(&k, pc, k.at[pc], out, n, max);
		if (n != -1 && k.unknown[pc]) {
			memset(&m, 0, sizeof(m));
			n = branch(&k, pc, m, out, n, max);
		}
	}
	return n;
}

uint32_t
sim_stack(const uint32_t *answers, size_t n)
{
	uint32_t best = SECCOMP_RET_ALLOW;
	size_t i;

	for (i = n; i-- > 0;)
		if ((int32_t)(answers[i] & SECCOMP_RET_ACTION_FULL) <
		    (int32_t)(best & SECCOMP_RET_ACTION_FULL))
			best = answers[i];
	return best;
}

const char *
sim_name(uint32_t ret, char *buf, size_t len)
{
	uint32_t data = ret & SECCOMP_RET_DATA;

	switch (ret & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		(void)snprintf(buf, len, "allow");
		break;
	case SECCOMP_RET_ERRNO:
		(void)snprintf(buf, len, "errno %s",
		    strerrorname_np((int)data));
		break;
	case SECCOMP_RET_KILL_PROCESS:
		(void)snprintf(buf, len, "kill");
		break;
	default:
		(void)snprintf(buf, len, "0x%08x", ret);
		break;
	}
	return buf;
}
