/* SPDX-License-Identifier: ISC */
/* hpd-conf's address map, prefix cover and image against naive models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-parent/conf/conf.h"

static uint32_t seed;

static uint32_t
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

struct row {
	uint32_t addr, value;
	uint8_t bits;
};

/* Addresses that like to fall together. */
static uint32_t
near_addr(void)
{
	return 0x0a000000 | (rnd() % 3) << 16 | (rnd() % 4) << 8 |
	    (rnd() & 0xff) | (rnd() % 7 == 0 ? rnd() : 0);
}

static uint32_t
naive(const struct row *r, unsigned n, uint32_t a)
{
	uint32_t v = 0;
	unsigned i;
	int best = -1;

	for (i = 0; i < n; i++)
		if (((a ^ r[i].addr) & conf_mask(r[i].bits)) == 0 &&
		    r[i].bits >= best) {
			best = r[i].bits;
			v = r[i].value;
		}
	return v;
}

static uint32_t
look(const struct conf_trie *t, uint32_t a)
{
	struct image img = { .trie_root = t->root, .trie_blocks = t->blocks };

	return image_lookup4(&img, a) + 1;
}

static void
test_trie(void **state)
{
	struct row r[200];
	struct conf_trie t;
	unsigned round, n, i, k;
	uint32_t a;
	int bits;

	(void)state;
	seed = 0x1234567;
	for (round = 0; round < 200; round++) {
		n = rnd() % 200;
		for (i = 0; i < n; i++) {
			r[i].bits = (uint8_t)(rnd() % 33);
			if (rnd() % 2)
				r[i].bits = (uint8_t)(20 + rnd() % 13);
			r[i].addr = near_addr() & conf_mask(r[i].bits);
			r[i].value = 1 + rnd() % 1000;
		}
		conf_trie_init(&t);
		for (bits = 0; bits <= 32; bits++)
			for (i = 0; i < n; i++)
				if (r[i].bits == bits)
					conf_trie_add(&t, r[i].addr,
					    r[i].bits, r[i].value);
		for (k = 0; k < 500; k++) {
			a = near_addr();
			if (n > 0 && k % 3 == 0)
				a = r[k % n].addr + (rnd() % 3) - 1;
			assert_int_equal(look(&t, a), naive(r, n, a));
		}
		conf_trie_free(&t);
	}
}

static int
inside(const struct conf_net *r, uint32_t n, uint32_t a)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (((a ^ r[i].addr) & conf_mask(r[i].bits)) == 0)
			return 1;
	return 0;
}

/* Nothing lost, in order, disjoint; exact when there is room. */
static void
check_cover(const struct conf_net *in, uint32_t n, uint32_t max)
{
	struct conf_net out[400];
	uint32_t m, i;
	uint64_t end = 0;

	memcpy(out, in, n * sizeof(*in));
	m = conf_cover(out, n, max);
	assert_true(m <= max);
	for (i = 0; i < n; i++) {
		assert_true(inside(out, m, in[i].addr));
		assert_true(inside(out, m, in[i].addr |
		    ~conf_mask(in[i].bits)));
	}
	for (i = 0; i < m; i++) {
		assert_int_equal(out[i].addr & ~conf_mask(out[i].bits), 0);
		assert_true(out[i].addr >= end);
		end = out[i].addr + (1ULL << (32 - out[i].bits));
	}
	if (max < 400)
		return;
	for (i = 0; i < 300; i++) {
		uint32_t a = near_addr();

		assert_int_equal(inside(in, n, a), inside(out, m, a));
	}
}

static void
test_cover(void **state)
{
	struct conf_net in[300];
	uint32_t n, i, round;

	(void)state;
	seed = 0x7654321;
	for (round = 0; round < 300; round++) {
		n = rnd() % 300;
		for (i = 0; i < n; i++) {
			in[i].bits = (uint8_t)(8 + rnd() % 25);
			if (rnd() % 2)
				in[i].bits = 32;
			in[i].addr = near_addr() & conf_mask(in[i].bits);
		}
		check_cover(in, n, 400);
		check_cover(in, n, IMG_NETS_MAX);
		check_cover(in, n, 1 + rnd() % 20);
	}
}

/* Siblings join all the way up; what is inside another goes. */
static void
test_cover_least(void **state)
{
	struct conf_net r[257];
	uint32_t i;

	(void)state;
	for (i = 0; i < 256; i++) {
		r[i].addr = 0xc0000200 | (i * 37 & 255);
		r[i].bits = 32;
	}
	r[256].addr = 0xc0000280;
	r[256].bits = 26;
	assert_int_equal(conf_cover(r, 257, 120), 1);
	assert_int_equal(r[0].addr, 0xc0000200);
	assert_int_equal(r[0].bits, 24);
	r[0].addr = 0;
	r[0].bits = 1;
	r[1].addr = 0x80000000;
	r[1].bits = 1;
	assert_int_equal(conf_cover(r, 2, 120), 1);
	assert_int_equal(r[0].bits, 0);
	assert_int_equal(conf_cover(r, 0, 120), 0);
	/* widening takes the cheap neighbours first */
	r[0] = (struct conf_net){ 0x0a000001, 32 };
	r[1] = (struct conf_net){ 0x0a000002, 32 };
	r[2] = (struct conf_net){ 0xc0000001, 32 };
	assert_int_equal(conf_cover(r, 3, 2), 2);
	assert_int_equal(r[0].addr, 0x0a000000);
	assert_int_equal(r[0].bits, 30);
	assert_int_equal(r[1].bits, 32);
}

/* Through the whole program: the image answers as the text says. */
static void
test_image(void **state)
{
	static const char text[] =
	    "create default set default default tcp action closed\n"
	    "create a create b\n"
	    "bind 10.0.0.0/8 a bind 10.0.1.0/24 b bind 10.0.1.7 a\n"
	    "add a tcp port 80 open add a udp port 53 open\n"
	    "add a tcp port 22 closed\n";
	static const struct {
		uint32_t addr;
		const char *name;
	} want[] = { { 0x0a000000, "a" }, { 0x0a000105, "b" },
		{ 0x0a000107, "a" }, { 0x0affffff, "a" },
		{ 0xc0000201, "default" } };
	struct image img;
	struct conf c;
	size_t size, i;
	uint32_t t;
	void *mem;

	(void)state;
	conf_init(&c, NULL);
	assert_int_equal(conf_net_add(&c, "192.0.2.0/24"), 0);
	assert_int_equal(conf_net_add(&c, "10.0.2.0/24"), 0);
	assert_int_equal(conf_load_mem(&c, "t", text, sizeof(text) - 1), 0);
	mem = conf_image(&c, 7, &size);
	assert_non_null(mem);
	assert_int_equal(image_check(mem, size, &img), IMAGE_OK);
	assert_int_equal(img.hdr->generation, 7);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		t = image_lookup4(&img, want[i].addr);
		assert_true(t < img.ntemplates);
		assert_string_equal(image_str(&img, img.templates[t].name),
		    want[i].name);
	}
	assert_int_equal(image_lookup4(&img, 0x0b000000), IMG_NONE);
	assert_int_equal(img.nnets, 2);
	t = image_lookup4(&img, 0x0a000000);
	assert_int_equal(image_port(&img, &img.templates[t], 6, 80)->action,
	    ACT_OPEN);
	assert_int_equal(image_port(&img, &img.templates[t], 6, 22)->action,
	    ACT_CLOSED);
	assert_null(image_port(&img, &img.templates[t], 17, 80));
	assert_int_equal(img.templates[img.hdr->default_tmpl].act_tcp,
	    ACT_CLOSED);
	free(mem);
	conf_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trie),
		cmocka_unit_test(test_cover),
		cmocka_unit_test(test_cover_least),
		cmocka_unit_test(test_image),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
