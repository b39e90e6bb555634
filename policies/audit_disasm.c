/* SPDX-License-Identifier: ISC */
/*
 * hpaudit show -b: a compiled filter as text, one instruction a line with the
 * targets of its jumps. hpaudit only; takes any program.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <inttypes.h>
#include <stdio.h>

#include "audit.h"
#include "audit_call.h"

static void
load(uint32_t off)
{
	if (off == 0)
		(void)printf("A = nr");
	else if (off == 4)
		(void)printf("A = arch");
	else if (off >= 16 && off < 64 && off % 4 == 0)
		(void)printf("A = %s of a%u", off % 8 == 0 ? "low" : "high",
		    (off - 16) / 8);
	else
		(void)printf("A = data[%u]", off);
}

static void
jump(const struct sandbox_insn *i, size_t pc)
{
	static const char *const ops[] = {"", "==", ">", ">=", "&"};
	unsigned op = BPF_OP(i->code) >> 4;

	if (op == 0) {
		(void)printf("goto %zu", pc + 1 + i->k);
		return;
	}
	(void)printf("if A %s %#" PRIx32, op <= 4 ? ops[op] : "?", i->k);
	if (op == 1) {
		const char *call = i->k < AUDIT_MAX_NR ?
		    audit_call_name((int)i->k) : NULL;

		if (call != NULL)
			(void)printf(" (%s)", call);
	}
	(void)printf(" goto %zu else %zu", pc + 1 + i->jt, pc + 1 + i->jf);
}

void
audit_show_bpf(const struct audit_filter *f)
{
	const struct sandbox_insn *i;
	char buf[64];
	size_t pc;

	for (pc = 0; pc < f->len; pc++) {
		i = &f->insns[pc];
		(void)printf("%4zu: %04x %02x %02x %08" PRIx32 "  ", pc,
		    i->code, i->jt, i->jf, i->k);
		if (i->code == (BPF_LD | BPF_W | BPF_ABS))
			load(i->k);
		else if (BPF_CLASS(i->code) == BPF_JMP)
			jump(i, pc);
		else if (i->code == (BPF_RET | BPF_K))
			(void)printf("%s", sim_name(i->k, buf, sizeof(buf)));
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			(void)printf("A &= %#" PRIx32, i->k);
		else
			(void)printf("(other)");
		(void)printf("\n");
	}
}

int
audit_show_raw(const struct audit_filter *f)
{
	return fwrite(f->insns, sizeof(f->insns[0]), f->len, stdout) ==
	    f->len ? 0 : -1;
}
