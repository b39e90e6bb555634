/* SPDX-License-Identifier: ISC */
/*
 * image_check(): a good image is taken and readable; every single fault listed
 * here is refused for the right reason; no byte can be flipped unnoticed; and
 * mapping wants seals.
 */
#include <sys/mman.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/image_int.h"
#include "common/image_seal.h"
#include "image_faults.h"
#include "image_sample.h"
#include "tests/lib/persona_any.h"

static union {
	uint8_t b[SAMPLE_MAX];
	struct img_header h;
} mem, good;
static size_t size;

static int
setup(void **state)
{
	(void)state;
	size = sample_image(good.b);
	return 0;
}

static void
reads_back(void **state)
{
	struct image img;
	const struct img_port *p;

	(void)state;
	assert_int_equal(image_check(good.b, size, &img), IMAGE_OK);
	assert_int_equal(image_lookup4(&img, 0x0a010203), 0);
	assert_int_equal(image_lookup4(&img, 0x0a010204), 1);
	assert_int_equal(image_lookup4(&img, 0x0a0103ff), 1);
	assert_int_equal(image_lookup4(&img, 0x0aff0000), 1);
	assert_int_equal(image_lookup4(&img, 0x0a000001), IMG_NONE);
	assert_int_equal(image_lookup4(&img, 0x0a000100), 1);
	assert_int_equal(image_lookup4(&img, 0x0b000000), IMG_NONE);
	assert_int_equal(image_lookup4(&img, 0), IMG_NONE);
	assert_int_equal(image_lookup4(&img, UINT32_MAX), IMG_NONE);
	assert_string_equal(image_str(&img, img.templates[0].name), "web");
	p = image_port(&img, &img.templates[0], 6, 80);
	assert_non_null(p);
	assert_int_equal(p->service, 0);
	p = image_port(&img, &img.templates[0], 17, 53);
	assert_non_null(p);
	assert_int_equal(p->service, 1);
	assert_null(image_port(&img, &img.templates[0], 17, 80));
	assert_null(image_port(&img, &img.templates[0], 6, 0));
	assert_non_null(image_port(&img, &img.templates[1], 6, 0));
	assert_int_equal(img.ntemplates, 2);
	assert_int_equal(img.nexcludes, 2);
}

static void
every_fault(void **state)
{
	struct image img, before;
	const struct fault *f;
	size_t i, off;
	int err;

	(void)state;
	memset(&img, 0x77, sizeof(img));
	before = img;
	for (i = 0; i < NFAULTS; i++) {
		f = &faults[i];
		memcpy(mem.b, good.b, size);
		off = f->off + (f->table < IMG_TABLES
		    ? (size_t)good.h.table[f->table].off : 0);
		if (memcmp(mem.b + off, &f->value, f->width) == 0)
			fail_msg("fault %zu changes nothing", i);
		memcpy(mem.b + off, &f->value, f->width);
		mem.h.checksum = image_checksum(mem.b, size);
		err = image_check(mem.b, size, &img);
		if (err != f->err)
			fail_msg("fault %zu: %s, not %s", i,
			    image_strerror(err), image_strerror(f->err));
		assert_memory_equal(&img, &before, sizeof(img));
	}
}

/* Any flipped bit is noticed; any other length too. */
static void
flips_and_cuts(void **state)
{
	struct image img;
	size_t i, n;

	(void)state;
	memcpy(mem.b, good.b, size);
	for (i = 0; i < size; i += i < 2048 ? 1 : 4099) {
		mem.b[i] ^= (uint8_t)(1u << i % 8);
		if (image_check(mem.b, size, &img) == IMAGE_OK)
			fail_msg("byte %zu", i);
		mem.b[i] ^= (uint8_t)(1u << i % 8);
	}
	for (n = 0; n < size; n += n < 2048 ? 1 : 4099) {
		uint64_t *cut = malloc(n + 8); /* the sanitizer sees the end */

		memcpy(cut, good.b, n);
		assert_int_not_equal(image_check(cut, n, &img), IMAGE_OK);
		free(cut);
	}
	assert_int_equal(image_check(good.b + 4, size, &img), IMAGE_E_SIZE);
	assert_int_equal(image_check(NULL, size, &img), IMAGE_E_SIZE);
	assert_int_equal(image_check(good.b, size + 8, &img), IMAGE_E_SIZE);
	assert_int_equal(image_check(good.b, (size_t)IMAGE_MAX + 1, &img),
	    IMAGE_E_SIZE);
	assert_int_equal(image_check(good.b, size, &img), IMAGE_OK);
}

/* Empty tables anywhere aligned are fine; so is an image of nothing. */
static void
empty_tables(void **state)
{
	struct image img;
	unsigned int t;

	(void)state;
	memcpy(mem.b, good.b, size);
	for (t = 0; t < IMG_TABLES; t++)
		if (t != IMG_STRINGS && t != IMG_TRIE_ROOT) {
			mem.h.table[t].count = 0;
			mem.h.table[t].off = t % 2 ? 0 : size;
		}
	memset(mem.b + mem.h.table[IMG_TRIE_ROOT].off, 0, 4 * 65536);
	mem.h.default_tmpl = IMG_NONE;
	mem.h.frames_snap = 0; /* and syslog has no path */
	memset(&mem.h.syslog, 0, sizeof(mem.h.syslog));
	sample_seal(mem.b);
	assert_int_equal(image_check(mem.b, size, &img), IMAGE_OK);
	assert_int_equal(image_lookup4(&img, 0x0a010203), IMG_NONE);
}

static void
mapping(void **state)
{
	struct image img;
	char path[64];
	int fd, ro;

	(void)state;
	fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(write(fd, good.b, size), size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(image_map(ro, size, &img), IMAGE_E_SEAL);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	assert_int_equal(image_map(ro, size, &img), IMAGE_E_SEAL);
	assert_int_equal(image_seal(fd), 0);
	assert_int_equal(image_map(fd, size, &img), IMAGE_E_SEAL); /* rw */
	assert_int_equal(image_map(ro, size - 8, &img), IMAGE_E_SEAL);
	assert_int_equal(image_map(ro, size + 8, &img), IMAGE_E_SEAL);
	assert_int_equal(image_map(ro, 8, &img), IMAGE_E_SIZE);
	assert_int_equal(image_map(ro, (size_t)IMAGE_MAX + 8, &img),
	    IMAGE_E_SIZE);
	assert_int_equal(image_map(ro, size, &img), IMAGE_OK);
	assert_int_equal(image_lookup4(&img, 0x0a010203), 0);
	image_unmap(&img);
	assert_null(img.hdr);
	image_unmap(&img); /* twice is harmless */
	close(fd);
	close(ro);
	fd = open("/dev/zero", O_RDONLY);
	assert_int_equal(image_map(fd, size, &img), IMAGE_E_SEAL);
	close(fd);
	assert_string_equal(image_strerror(99), "?");
}

/* What other tests take for any persona of an image is one. */
static void
any_persona(void **state)
{
	struct img_persona p;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		persona_any(&p, i);
		assert_int_equal(image_check_persona(&p), IMAGE_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_back),
	    cmocka_unit_test(every_fault),
	    cmocka_unit_test(flips_and_cuts),
	    cmocka_unit_test(empty_tables),
	    cmocka_unit_test(mapping),
	    cmocka_unit_test(any_persona),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
