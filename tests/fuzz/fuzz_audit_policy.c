/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a policy: the parser must refuse or accept it, nothing else;
 * what it accepts must compile into a program that every image may have and
 * that answers as the text says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/seccomp.h>

#include "../../common/filter.h"
#include "../../policies/bpf_sim.h"
#include "../../policies/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct sandbox_insn insns[POLICY_MAX_INSNS];

static void
one_answer(const struct policy *p, int len, int nr, const uint64_t args[6])
{
	struct sim_call c;
	uint16_t err = 0;
	uint32_t ret, want;

	memset(&c, 0, sizeof(c));
	c.nr = (uint32_t)nr;
	c.arch = SIM_ARCH_NATIVE;
	memcpy(c.args, args, sizeof(c.args));
	if (sim_run(insns, (size_t)len, &c, &ret) == -1)
		abort();
	switch (policy_eval(p, nr, args, &err)) {
	case PV_ALLOW:
		want = SECCOMP_RET_ALLOW;
		break;
	case PV_ERRNO:
		want = SECCOMP_RET_ERRNO | err;
		break;
	default:
		want = SECCOMP_RET_KILL_PROCESS;
		break;
	}
	if (ret != want)
		abort();
}

static void
answers(const struct policy *p, int len)
{
	static const uint64_t zero[6], ones[6] = {UINT64_MAX, UINT64_MAX,
	    UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
	uint64_t args[6];
	size_t i;
	uint8_t k;

	for (i = 0; i < p->nrules && i < 32; i++) {
		const struct policy_rule *r = &p->rules[i];

		if (r->nr < 0)
			continue;
		one_answer(p, len, r->nr, zero);
		one_answer(p, len, r->nr, ones);
		if (r->conj_count == 0)
			continue;
		memset(args, 0, sizeof(args));
		for (k = 0; k < p->conj[r->conj_first].n; k++) {
			const struct policy_cmp *m =
			    &p->conj[r->conj_first].cmp[k];

			args[m->arg] = m->value;
		}
		one_answer(p, len, r->nr, args);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy p;
	char msg[256];
	int len;

	if (size > 16384)
		return 0;
	if (policy_parse(&p, "fuzz", (const char *)data, size, NULL, NULL) ==
	    0) {
		len = policy_compile(&p, insns, POLICY_MAX_INSNS, msg,
		    sizeof(msg));
		if (len > 0 && filter_check(insns, (size_t)len) == -1)
			abort();
		if (len > 0)
			answers(&p, len);
	}
	policy_free(&p);
	return 0;
}
