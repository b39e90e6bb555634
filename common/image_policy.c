/* SPDX-License-Identifier: ISC */
/*
 * Operator policies in the image: their rows, their programs. Checked wherever
 * an image is taken; must never follow a number it has not compared.
 */
#include <stdint.h>
#include <string.h>

#include "filter.h"
#include "image_int.h"

_Static_assert(IMG_POLICY_INSNS == FILTER_MAX, "IMG_POLICY_INSNS");

static const char *const names[NARROW_MAX] = {
    [NARROW_NET] = "net",
    [NARROW_LOG] = "log",
    [NARROW_SVC] = "svc",
    [NARROW_SVC_S] = "svc-S",
    [NARROW_SVC_NOFORK] = "svc-nofork",
    [NARROW_SVC_SHELL] = "svc-shell",
    [NARROW_SHIP] = "ship",
};

const char *
image_policy_name(enum img_policy_of of)
{
	return (unsigned)of < NARROW_MAX ? names[of] : "?";
}

const struct img_policy *
image_policy(const struct image *img, enum img_policy_of of)
{
	uint32_t i;

	for (i = 0; i < img->npolicies; i++)
		if (img->policies[i].of == of)
			return &img->policies[i];
	return NULL;
}

static int
rlimits_ok(const struct img_policy *p)
{
	static const struct img_rlimit none;
	const struct img_rlimit *r;
	uint32_t seen = 0, i;

	if (p->nrlimits > IMG_POLICY_RLIMITS || (p->nrlimits > 0 &&
	    p->of != NARROW_SVC_NOFORK && p->of != NARROW_SVC_SHELL))
		return 0;
	for (i = 0; i < p->nrlimits; i++) {
		r = &p->rlimits[i];
		if (r->resource >= IMG_POLICY_RLIMITS || r->reserved != 0 ||
		    seen >> r->resource & 1 || r->soft > r->hard)
			return 0;
		seen |= 1u << r->resource;
	}
	for (; i < IMG_POLICY_RLIMITS; i++)
		if (memcmp(&p->rlimits[i], &none, sizeof(none)) != 0)
			return 0;
	return 1;
}

int
image_check_policies(const struct image *img)
{
	static const uint8_t zero[sizeof(img->policies->reserved)];
	uint32_t i, next = 0, ninsns = img->hdr->table[IMG_INSNS].count;
	const struct img_policy *p;

	for (i = 0; i < img->npolicies; i++) {
		p = &img->policies[i];
		if (p->of >= NARROW_MAX ||
		    (i > 0 && p->of <= img->policies[i - 1].of) ||
		    memcmp(p->reserved, zero, sizeof(zero)) != 0 ||
		    !rlimits_ok(p))
			return IMAGE_E_VALUE;
		if (p->insn_first != next || p->insn_count > ninsns - next)
			return IMAGE_E_INDEX;
		if (filter_check(img->insns + next, p->insn_count) == -1)
			return IMAGE_E_VALUE;
		next += p->insn_count;
	}
	return next == ninsns ? IMAGE_OK : IMAGE_E_INDEX;
}
