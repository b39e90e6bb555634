/* SPDX-License-Identifier: ISC */
/*
 * hpd-parent -P in hpd-net, hpd-log and hpd-svc: see wide.h. Runs before the
 * sandbox, on an image that hpd-conf made and the parent sealed; takes nothing
 * from it but the filter.
 */
#include "wide.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "narrow.h"
#include "proc.h"

const struct sandbox_policy *
wide_policy(const struct sandbox_policy *shipped, enum img_policy_of of)
{
	static struct sandbox_policy wide;
	const struct img_policy *p;
	struct sandbox_insn *f;
	struct image img;
	struct stat st;
	int r;

	narrow_off();
	if (fstat(FD_IMAGE, &st) == -1)
		fatal("-P: the image");
	if ((r = image_map(FD_IMAGE, (size_t)st.st_size, &img)) != IMAGE_OK)
		fatalx("-P: the image: %s", image_strerror(r));
	if ((p = image_policy(&img, of)) == NULL) {
		image_unmap(&img);
		return shipped;
	}
	f = malloc(p->insn_count * sizeof(*f));
	if (f == NULL)
		fatal("-P");
	memcpy(f, img.insns + p->insn_first, p->insn_count * sizeof(*f));
	wide = *shipped;
	wide.filter = f;
	wide.filter_len = (uint16_t)p->insn_count;
	image_unmap(&img);
	diag_warnx("policy %s is the operator's, not the shipped one (-P)",
	    image_policy_name(of));
	return &wide;
}
