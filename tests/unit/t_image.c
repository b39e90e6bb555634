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

#include "common/image_seal.h"
#include "image_sample.h"

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

/* width bytes at off (from the start of table, or of the image when table is
 * IMG_TABLES) set to value, checksum made right again. */
struct fault {
	unsigned int table;
	size_t off;
	uint8_t width;
	uint64_t value;
	int err;
};
#define F(t, rec, s, field, v, err)                                          \
	{t, (rec) * sizeof(struct s) + offsetof(struct s, field),            \
	    sizeof(((struct s *)0)->field), v, err}
#define F1(t, rec, s, field, v, err)                                         \
	{t, (rec) * sizeof(struct s) + offsetof(struct s, field), 1, v, err}
#define H(field, v, err) F(IMG_TABLES, 0, img_header, field, v, err)
#define R(t, field, v)                                                       \
	{IMG_TABLES,                                                         \
	    offsetof(struct img_header, table) + (t) * sizeof(struct img_ref) + \
		offsetof(struct img_ref, field),                             \
	    sizeof(((struct img_ref *)0)->field), v, IMAGE_E_TABLE}
#define T(rec, field, v, err) F(IMG_TEMPLATES, rec, img_template, field, v, err)
#define P(rec, field, v, err) F(IMG_PORTS, rec, img_port, field, v, err)
#define S(rec, field, v, err) F(IMG_SERVICES, rec, img_service, field, v, err)
#define O(field, v)							     \
	F(IMG_PERSONAS, 0, img_persona, field, v, IMAGE_E_VALUE)
#define B(rec, field, v, err) F(IMG_BINDINGS, rec, img_binding, field, v, err)
#define VAL IMAGE_E_VALUE
#define IDX IMAGE_E_INDEX

static const struct fault faults[] = {
    H(magic, IMAGE_MAGIC + 1, IMAGE_E_MAGIC),
    H(version, IMAGE_VERSION + 1, IMAGE_E_MAGIC),
    H(size, 8, IMAGE_E_SIZE),
    H(size, UINT64_MAX, IMAGE_E_SIZE),
    H(flags, 0x80, VAL),
    H(default_tmpl, 2, IDX),
    H(max_sessions, 0, VAL),
    H(max_sessions_source, 0, VAL),
    H(max_connections, 0, VAL),
    H(max_connections_source, 0, VAL),
    H(log_segment_bytes, 0, VAL),
    H(log_segment_bytes, UINT64_MAX, VAL),
    H(log_segment_seconds, 0, VAL),
    H(arp_pace_ms, 0, VAL),
    /* tables */
    R(IMG_STRINGS, count, 0),
    R(IMG_STRINGS, count, UINT32_MAX),
    R(IMG_STRINGS, off, 0),
    R(IMG_STRINGS, off, sizeof(struct img_header) - 8),
    R(IMG_STRINGS, size, 2),
    R(IMG_ARGS, off, 1),
    R(IMG_ARGS, off, UINT64_MAX - 7),
    R(IMG_ARGS, off, UINT64_MAX),
    R(IMG_ARGS, off, 1u << 31),
    R(IMG_TEMPLATES, size, 40),
    R(IMG_TEMPLATES, count, UINT32_MAX),
    R(IMG_TEMPLATES, count, 3), /* runs into the ports */
    R(IMG_PERSONAS, count, 0x80000000),
    R(IMG_TRIE_ROOT, count, 65535),
    R(IMG_TRIE_ROOT, count, 65537),
    R(IMG_TRIE_ROOT, count, 0),
    R(IMG_TRIE_BLOCKS, count, 4), /* one beyond the end */
    R(IMG_ROUTES, count, 1),
    R(IMG_CONDITIONS, count, 1),
    R(IMG_SRCOS, count, 1),
    R(IMG_SRCOS, off, 4),
    R(IMG_SRCOS, off, 1u << 30),
    R(IMG_NETS, count, IMG_NETS_MAX + 1),
    /* strings and arguments */
    {IMG_STRINGS, 0, 1, 'x', IDX},
    {IMG_STRINGS, sizeof(sample_pool) - 1, 1, 'x', IDX},
    {IMG_ARGS, 0, 4, sizeof(sample_pool), IDX},
    {IMG_ARGS, 8, 4, UINT32_MAX, IDX},
    /* templates */
    T(0, name, sizeof(sample_pool), IDX),
    T(0, persona, 1, IDX),
    T(0, persona, UINT32_MAX, IDX),
    T(0, port_first, 2, IDX),
    T(0, port_first, UINT32_MAX, IDX),
    T(0, port_count, 4, IDX),
    T(0, port_count, UINT32_MAX, IDX),
    T(1, port_first, UINT32_MAX - 1, IDX),
    T(0, port_count, 3, VAL), /* not in order */
    T(0, banner, 1u << 20, IDX),
    T(0, drop_ppm, 1000001, VAL),
    T(0, mac_mode, MAC_VENDOR + 1, VAL),
    F1(IMG_TEMPLATES, 1, img_template, mac[0], 1, VAL), /* multicast */
    T(0, act_tcp, ACT_SERVICE, VAL),
    T(0, act_tcp, ACT_TARPIT_SERVICE, VAL),
    T(0, act_udp, ACT_SERVICE, VAL),
    T(0, act_icmp, 200, VAL),
    T(0, denied, 2, VAL),
    F1(IMG_TEMPLATES, 0, img_template, reserved[4], 1, VAL),
    /* ports */
    P(0, proto, 1, VAL),
    P(0, action, ACT_TARPIT_SERVICE + 1, VAL),
    P(0, service, 2, IDX),
    P(0, service, IMG_NONE, IDX),
    P(0, service, 1, VAL), /* a UDP service on a TCP port */
    P(0, action, ACT_OPEN, IDX), /* open, yet with a service */
    P(2, service, 0, IDX),
    P(1, proto, 6, VAL), /* order: 80 before 53 */
    /* services */
    S(0, name, UINT32_MAX, IDX),
    S(0, interp, sizeof(sample_pool), IDX),
    S(0, interp, S_PERL, VAL), /* not absolute */
    S(0, interp, 0, VAL),
    S(0, arg_first, 2, IDX),
    S(0, arg_first, UINT32_MAX, IDX),
    S(0, arg_count, 0, VAL),
    S(0, arg_count, UINT32_MAX, IDX),
    S(0, wall_s, 0, VAL),
    S(0, idle_s, 0, VAL),
    S(0, cpu_s, 0, VAL),
    S(0, max_sessions, 0, VAL),
    S(0, max_sessions_source, 0, VAL),
    S(0, nofile, 3, VAL),
    S(0, nofile, 33, VAL),
    S(0, max_bytes_out, 0, VAL),
    S(0, memory, 0, VAL),
    S(0, profile, PROFILE_SHELL + 1, VAL),
    H(flags, 0, VAL), /* shell profile without IMG_F_SHELL */
    S(0, proto, 58, VAL),
    F1(IMG_SERVICES, 0, img_service, reserved[0], 1, VAL),
    /* personas */
    F(IMG_PERSONAS, 0, img_persona, name, 1000, IDX),
    O(family, FAM_MAX),
    O(ttl, 0),
    O(ttl_icmp, 0),
    O(ttl_unreach, 0),
    O(wscale, 15),
    O(df_tcp, 2),
    O(df_rst, 2),
    O(df_icmp, 2),
    O(df_unreach, 2),
    O(df_udp, 2),
    O(ipid_tcp, IPID_PER_DST + 1),
    O(ipid_rst, IPID_PER_DST + 1),
    O(ipid_icmp, IPID_PER_DST + 1),
    O(ipid_shared, 2),
    O(isn, ISN_CONST + 1),
    O(isn, ISN_TIME), /* with isn_gcd 0 */
    O(ecn, 2),
    F1(IMG_PERSONAS, 0, img_persona, synack_opts[15], OPTL_EOL + 1, VAL),
    O(rto_init_ms, 0),
    O(frag_policy, 6),
    O(echo_ok, 2),
    O(timestamp_ok, 2),
    O(mask_ok, 2),
    O(info_ok, 2),
    O(echo_code, 2),
    O(psh_each, 2),
    O(reserved1, 1),
    F1(IMG_PERSONAS, 0, img_persona, reply[5].respond, 2, VAL),
    F1(IMG_PERSONAS, 0, img_persona, reply[0].seq, 4, VAL),
    F1(IMG_PERSONAS, 0, img_persona, reply[0].ack, 4, VAL),
    F1(IMG_PERSONAS, 0, img_persona, reply[0].df, 2, VAL),
    /* bindings and prefixes */
    B(0, tmpl, 2, IDX),
    B(0, tmpl, IMG_NONE, IDX),
    B(0, ver, 0, VAL),
    B(0, bits, 33, VAL),
    B(2, bits, 31, VAL), /* a bit below the prefix */
    B(0, reserved, 1, VAL),
    F1(IMG_BINDINGS, 0, img_binding, addr[4], 1, VAL),
    B(1, bits, 8, VAL), /* the same twice */
    F1(IMG_BINDINGS, 1, img_binding, addr[0], 11, VAL), /* order */
    B(0, ver, 6, VAL), /* order of versions */
    F1(IMG_NETS, 0, prefix, addr[1], 1, VAL),
    F(IMG_NETS, 0, prefix, ver, 0, VAL),
    F1(IMG_NETS, 0, prefix, reserved[0], 1, VAL),
    F(IMG_EXCLUDES, 0, prefix, bits, 33, VAL),
    F(IMG_EXCLUDES, 1, prefix, bits, 129, VAL),
    /* trie */
    {IMG_TRIE_ROOT, 0, 4, 3, IDX},
    {IMG_TRIE_ROOT, 65535 * 4, 4, 0x7fffffff, IDX},
    {IMG_TRIE_ROOT, 0, 4, IMG_TRIE_BLOCK | 3, IDX},
    {IMG_TRIE_ROOT, 0, 4, UINT32_MAX, IDX},
    {IMG_TRIE_BLOCKS, 3 * 1024 - 4, 4, 3, IDX},
    {IMG_TRIE_BLOCKS, 0, 4, IMG_TRIE_BLOCK | 3, IDX},
    {IMG_TRIE_BLOCKS, 0, 4, IMG_TRIE_BLOCK | 1, IDX}, /* three deep */
    {IMG_TRIE_BLOCKS, 0, 4, IMG_TRIE_BLOCK | 0, IDX}, /* itself */
};

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
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_back),
	    cmocka_unit_test(every_fault),
	    cmocka_unit_test(flips_and_cuts),
	    cmocka_unit_test(empty_tables),
	    cmocka_unit_test(mapping),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
