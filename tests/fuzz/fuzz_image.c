/* SPDX-License-Identifier: ISC */
/*
 * image_check() on hostile bytes. First byte: bit 0 set: the rest are changes
 * to a good image, { u32 offset, u8 width - 1, u64 value }; not set: the rest
 * is the image. Bit 1: make size and checksum right. What is taken is then used
 * through every accessor, under the sanitizers' eyes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/filter.h"
#include "tests/unit/image_sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink;

/* What two good programs become is one. */
static void
use_policies(const struct image *img)
{
	static struct sandbox_insn out[FILTER_MAX];
	const struct img_policy *p;
	size_t n;
	int of;

	for (of = 0; of < NARROW_MAX; of++) {
		p = image_policy(img, (enum img_policy_of)of);
		if (p == NULL)
			continue;
		n = filter_merge(img->insns + p->insn_first, p->insn_count,
		    img->insns + p->insn_first, p->insn_count, out,
		    FILTER_MAX);
		if (n != 0 && filter_check(out, n) == -1)
			abort();
		sink += n;
	}
}

static void
use(const struct image *img)
{
	const struct img_template *t;
	const struct img_port *p;
	uint32_t i, j, a, tmpl;

	for (i = 0; i < img->ntemplates; i++) {
		t = &img->templates[i];
		sink += strlen(image_str(img, t->name)) +
		    strlen(image_str(img, t->banner)) +
		    img->personas[t->persona].ttl;
		for (j = 0; j < 70000; j += 1 + j % 97) {
			p = image_port(img, t, j & 1 ? 6 : 17, (uint16_t)j);
			if (p != NULL && p->service != IMG_NONE)
				sink += img->services[p->service].nofile;
		}
	}
	for (i = 0; i < img->nservices; i++) {
		sink += strlen(image_str(img, img->services[i].interp));
		for (j = 0; j < img->services[i].arg_count; j++)
			sink += strlen(image_str(img,
			    img->args[img->services[i].arg_first + j]));
	}
	for (i = 0; i < img->nbindings; i++)
		sink += img->templates[img->bindings[i].tmpl].name;
	for (i = 0; i < 65536; i++) {
		a = i << 16 | (i * 40503u & 0xffff);
		tmpl = image_lookup4(img, a);
		if (tmpl != IMG_NONE)
			sink += img->templates[tmpl].name;
	}
	for (i = 0; i < 1024; i++) { /* where the sample's blocks hang */
		tmpl = image_lookup4(img, 10u << 24 | i * 257);
		if (tmpl != IMG_NONE)
			sink += img->templates[tmpl].name;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t good[SAMPLE_MAX / 8];
	static size_t good_size;
	struct img_header *h;
	struct image img;
	uint8_t *mem, op;
	uint32_t off;
	size_t n;

	if (good_size == 0)
		good_size = sample_image((uint8_t *)good);
	if (size == 0)
		return 0;
	op = *data++;
	size--;
	n = op & 1 ? good_size : size;
	if ((mem = malloc(n > 0 ? n : 1)) == NULL)
		return 0;
	memcpy(mem, op & 1 ? (const void *)good : data, n);
	for (; op & 1 && size >= 13; data += 13, size -= 13) {
		memcpy(&off, data, 4);
		off %= (uint32_t)(n - 8);
		memcpy(mem + off, data + 5, data[4] % 8 + 1u);
	}
	h = (struct img_header *)(void *)mem;
	if (op & 2 && n >= sizeof(*h)) {
		h->size = n;
		h->checksum = image_checksum(mem, n);
	}
	if (image_check(mem, n, &img) == IMAGE_OK) {
		use(&img);
		use_policies(&img);
	}
	free(mem);
	return 0;
}
