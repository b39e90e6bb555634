/* SPDX-License-Identifier: ISC */
/*
 * Loading the operator's filter in hpd-net, hpd-log and hpd-svc. It comes with
 * the image, whose programs image_check() has proven, and only takes away.
 * Must never be loaded twice.
 */
#include "narrow.h"

#include <stdint.h>

#include "diag.h"
#include "siphash.h"

static int off;

void
narrow_off(void)
{
	off = 1;
}

/* What tells one program from another; 0: none. */
static uint64_t
mark(const struct image *img, const struct img_policy *p)
{
	static const uint8_t key[16];

	if (p == NULL)
		return 0;
	return siphash13(key, img->insns + p->insn_first,
	    p->insn_count * sizeof(*img->insns)) | 1;
}

void
narrow_image(const struct image *img, enum img_policy_of of)
{
	static int first = 1;
	static uint64_t loaded, told;
	const struct img_policy *p = image_policy(img, of);
	uint64_t m = mark(img, p);

	if (off)
		return;
	if (!first) {
		if (m != loaded && m != told)
			diag_warnx("the operator's policy %s is another one "
			    "now: it takes effect when this process is "
			    "started again", image_policy_name(of));
		told = m;
		return;
	}
	first = 0;
	loaded = told = m;
	if (p != NULL && sandbox_filter_more(image_policy_name(of),
	    img->insns + p->insn_first, p->insn_count) == -1)
		fatal("the operator's policy %s", image_policy_name(of));
}
