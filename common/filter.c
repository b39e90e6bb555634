/* SPDX-License-Identifier: ISC */
/*
 * Programs of operator policies: what the compiler may have made, and the
 * merge of a script's two. Run wherever an image is taken, on bytes nobody has
 * looked at yet: must never read past len.
 */
#include "filter.h"

#include <string.h>

/* Classic BPF by number: the image is checked on every system. */
#define LD  0x20 /* A = word k of the call */
#define AND 0x54
#define JA  0x05
#define JEQ 0x15
#define JGE 0x35
#define RET 0x06

#define OFF_NR	 0u
#define OFF_ARCH 4u
#define OFF_ARGS 16u /* 8 to 15: the caller's address, never asked */
#define OFF_END	 64u

#define R_ALLOW 0x7fff0000u
#define R_KILL	0x80000000u
#define R_ERRNO 0x00050000u
#define ERR_MAX 4095u

static int
insn_ok(const struct sandbox_insn *i, size_t left)
{
	switch (i->code) {
	case LD:
		return i->jt == 0 && i->jf == 0 && (i->k == OFF_NR ||
		    i->k == OFF_ARCH || (i->k >= OFF_ARGS && i->k < OFF_END &&
		    i->k % 4 == 0));
	case AND:
		return i->jt == 0 && i->jf == 0;
	case JA:
		return i->jt == 0 && i->jf == 0 && i->k < left;
	case JEQ:
	case JGE:
		return i->jt < left && i->jf < left;
	case RET:
		return i->jt == 0 && i->jf == 0 && (i->k == R_ALLOW ||
		    i->k == R_KILL ||
		    (i->k > R_ERRNO && i->k <= (R_ERRNO | ERR_MAX)));
	default:
		return 0;
	}
}

int
filter_check(const struct sandbox_insn *f, size_t len)
{
	size_t i;

	if (len == 0 || len > FILTER_MAX || f[len - 1].code != RET)
		return -1;
	for (i = 0; i < len; i++)
		if (!insn_ok(&f[i], len - 1 - i)) /* so many behind it */
			return -1;
	return 0;
}

size_t
filter_merge(const struct sandbox_insn *first, size_t nfirst,
    const struct sandbox_insn *second, size_t nsecond,
    struct sandbox_insn *out, size_t max)
{
	size_t i;

	if (max > FILTER_MAX)
		max = FILTER_MAX;
	if (nfirst > max || nsecond > max - nfirst)
		return 0;
	memcpy(out, first, nfirst * sizeof(*out));
	memcpy(out + nfirst, second, nsecond * sizeof(*out));
	for (i = 0; i < nfirst; i++)
		if (out[i].code == RET && out[i].k == R_ALLOW) {
			out[i].code = JA; /* to the first of second */
			out[i].k = (uint32_t)(nfirst - 1 - i);
		}
	return nfirst + nsecond;
}
