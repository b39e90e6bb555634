/* SPDX-License-Identifier: ISC */
/* Every reason to drop an IPv4 frame, and what ICMP answers: one frame each
 * through the whole stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net_fix.h"

static uint8_t frame[2048], echo[1600];
static uint32_t flen;

static void
good(void)
{
	fix_init();
	io_mem_clear(&net.ifs[0]);
	flen = fix_ip(frame, FIX_A, FIX_H, 1, 1, 0, echo,
	    fix_echo(echo, 32, 1));
}

static void
recheck(void)
{
	uint32_t hl = (frame[14] & 15) * 4u;

	put16(frame + 24, 0);
	put16(frame + 24, csum_fold(csum_add(0, frame + 14, hl)));
}

/* The frame gets no answer and exactly this counter moves. */
static void
expect_drop(int id)
{
	uint64_t was[ST_MAX];
	int i;

	memcpy(was, stats, sizeof(was));
	fix_run(frame, flen);
	assert_int_equal(io_mem_count(&net.ifs[0]), 0);
	for (i = ST_DROP_SHORT; i <= ST_DROP_RATE; i++)
		if (stats[i] != was[i] + (i == id))
			fail_msg("%s moved by %d", stats_name[i],
			    (int)(stats[i] - was[i]));
}

static void
test_echo(void **state)
{
	const uint8_t *r;
	uint32_t n;

	(void)state;
	good();
	fix_run(frame, flen);
	assert_int_equal(io_mem_count(&net.ifs[0]), 1);
	r = io_mem_frame(&net.ifs[0], 0, &n);
	assert_int_equal(n, flen);
	assert_memory_equal(r, fix_amac, 6);
	assert_memory_equal(r + 6, frame, 6);
	assert_int_equal(be32(r + 26), FIX_H);
	assert_int_equal(be32(r + 30), FIX_A);
	assert_int_equal(csum_add(0, r + 14, 20) % 0xffff, 0);
	assert_int_equal(csum_add(0, r + 34, n - 34) % 0xffff, 0);
	assert_int_equal(r[34], 0);
	assert_memory_equal(r + 38, frame + 38, flen - 38);
}

/* The fault of each test is a change to a good frame. */
#define DROP_TEST(name, change, id)                                          \
	static void test_##name(void **state)                                \
	{                                                                    \
		(void)state;                                                 \
		good();                                                      \
		change;                                                      \
		expect_drop(ST_DROP_##id);                                   \
	}

DROP_TEST(short_eth, flen = 13, SHORT)
DROP_TEST(short_ip, flen = 33, SHORT)
DROP_TEST(group_source_mac, frame[6] |= 1, FOREIGN_MAC)
DROP_TEST(foreign_mac, frame[5] ^= 1, FOREIGN_MAC)
DROP_TEST(ethertype, put16(frame + 12, 0x86dd), ETHERTYPE)
DROP_TEST(vlan, put16(frame + 12, 0x8100), VLAN)
DROP_TEST(version, (frame[14] = 0x65, recheck()), IP_VERSION)
DROP_TEST(ihl_small, frame[14] = 0x44, IP_HLEN)
DROP_TEST(ihl_beyond, (frame[14] = 0x4f, flen = 14 + 40), IP_HLEN)
DROP_TEST(len_small, (put16(frame + 16, 19), recheck()), IP_LEN)
DROP_TEST(len_beyond, (put16(frame + 16, flen), recheck()), IP_LEN)
DROP_TEST(checksum, frame[24] ^= 1, IP_CSUM)
DROP_TEST(src_zero, (put32(frame + 26, 0), recheck()), IP_SRC)
DROP_TEST(src_loop, (put32(frame + 26, 0x7f000001), recheck()), IP_SRC)
DROP_TEST(src_group, (put32(frame + 26, 0xe0000001), recheck()), IP_SRC)
DROP_TEST(src_bcast, (put32(frame + 26, 0xffffffff), recheck()), IP_SRC)
DROP_TEST(src_own, (put32(frame + 26, FIX_H), recheck()), IP_SRC)
DROP_TEST(src_subnet, (put32(frame + 26, 0x0a0100ff), recheck()), IP_SRC)
DROP_TEST(bcast_frame, memset(frame, 0xff, 6), IP_BCAST)
DROP_TEST(not_bound, (put32(frame + 30, 0x0a010032), recheck()), NOT_OURS)
DROP_TEST(group_dst, (put32(frame + 30, 0xe0000001), recheck()), NOT_OURS)
DROP_TEST(own_dst, (put32(frame + 30, 0x0a0100fe), recheck()), NOT_OURS)
DROP_TEST(frag_empty, (flen = fix_ip(frame, FIX_A, FIX_H, 1, 2, 0x2000, "",
    0)), FRAG_BAD)
DROP_TEST(frag_odd, (flen = fix_ip(frame, FIX_A, FIX_H, 1, 2, 0x2000,
    "123456789", 9)), FRAG_BAD)
DROP_TEST(frag_beyond, (flen = fix_ip(frame, FIX_A, FIX_H, 1, 2, 0x1fff,
    echo, 40)), FRAG_BAD)
DROP_TEST(icmp_short, (flen = fix_ip(frame, FIX_A, FIX_H, 1, 2, 0, "\10\0\0",
    3)), ICMP_SHORT)
DROP_TEST(icmp_csum, frame[36] ^= 1, ICMP_CSUM)
DROP_TEST(droprate, (flen = fix_ip(frame, FIX_A, FIX_DROP, 1, 1, 0, echo,
    40)), RATE)

/* 40 bytes of options, of the given bytes. */
static void
with_options(const uint8_t *o, uint32_t n)
{
	memmove(frame + 34 + 40, frame + 34, flen - 34);
	memset(frame + 34, 0, 40);
	memcpy(frame + 34, o, n);
	frame[14] = 0x4f;
	flen += 40;
	put16(frame + 16, flen - 14);
	recheck();
}

DROP_TEST(opt_source_route, with_options((const uint8_t *)"\203\3\4", 3),
    IP_OPTIONS)
DROP_TEST(opt_len_zero, with_options((const uint8_t *)"\7\0", 2), IP_OPTIONS)
DROP_TEST(opt_len_beyond, with_options((const uint8_t *)"\7\51", 2),
    IP_OPTIONS)

/* Options are taken, and none of their bytes come back. */
static void
test_options_not_echoed(void **state)
{
	const uint8_t *r;
	uint32_t n;

	(void)state;
	good();
	with_options((const uint8_t *)"\1\7\47\4secretsecretsecret", 22);
	fix_run(frame, flen);
	assert_int_equal(io_mem_count(&net.ifs[0]), 1);
	r = io_mem_frame(&net.ifs[0], 0, &n);
	assert_int_equal(n, flen - 40);
	assert_int_equal(r[14], 0x45);
	assert_null(memmem(r, n, "secret", 6));
	assert_memory_equal(r + 42, frame + 42 + 40, 32);
}

/* What lies behind ip_len (padding) is not part of the answer. */
static void
test_trailer(void **state)
{
	uint32_t n, was;

	(void)state;
	good();
	was = flen;
	memset(frame + flen, 0x55, 18);
	flen += 18;
	fix_run(frame, flen);
	assert_non_null(io_mem_frame(&net.ifs[0], 0, &n));
	assert_int_equal(n, was);
}

static void
test_filtered(void **state)
{
	(void)state;
	good();
	flen = fix_ip(frame, FIX_A, FIX_FILT, 1, 1, 0, echo, 40);
	expect_drop(-1);
	flen = fix_ip(frame, FIX_A, FIX_FILT, 132, 1, 0, echo, 40);
	expect_drop(-1);
}

/* Another protocol: unreachable 3/2 with the header and 8 bytes quoted. */
static void
test_protocol_unreachable(void **state)
{
	const uint8_t *r;
	uint32_t n;

	(void)state;
	good();
	flen = fix_ip(frame, FIX_A, FIX_H, 132, 1, 0, echo, 40);
	fix_run(frame, flen);
	assert_int_equal(io_mem_count(&net.ifs[0]), 1);
	r = io_mem_frame(&net.ifs[0], 0, &n);
	assert_int_equal(n, 14 + 20 + 8 + 28);
	assert_int_equal(r[34], 3);
	assert_int_equal(r[35], 2);
	assert_memory_equal(r + 42, frame + 14, 28);
	assert_int_equal(csum_add(0, r + 34, n - 34) % 0xffff, 0);
}

/* RFC 792 timestamp: UT since midnight, both stamps the same. */
static void
test_timestamp(void **state)
{
	uint8_t q[20] = {13, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 9};
	const uint8_t *r;
	uint32_t n, ms;

	(void)state;
	good();
	put16(q + 2, csum_fold(csum_add(0, q, 20)));
	flen = fix_ip(frame, FIX_A, FIX_H, 1, 1, 0, q, 20);
	fix_run(frame, flen);
	r = io_mem_frame(&net.ifs[0], 0, &n);
	assert_non_null(r);
	assert_int_equal(n, 54);
	assert_int_equal(r[34], 14);
	assert_memory_equal(r + 38, q + 4, 8);
	ms = be32(r + 46);
	assert_int_equal(ms, be32(r + 50));
	assert_true(ms <= 86400000);
	/* the host's clock is within a second of ours */
	assert_true((uint32_t)(net.now_wall_ns / 1000000 % 86400000) - ms +
		2000 < 4000);
}

/* 1480 + 8 bytes do not fit: fragments, and they are the same bytes. */
static void
test_large_out(void **state)
{
	static uint8_t big[4096];
	const uint8_t *r;
	uint32_t n, i, off, total = 0, elen = fix_echo(big, 4000, 3);

	(void)state;
	good();
	for (off = 0; off < elen; off += 1480) {
		n = elen - off > 1480 ? 1480 : elen - off;
		fix_run(frame, fix_ip(frame, FIX_A, FIX_H, 1, 77,
		    (uint16_t)(off / 8 | (off + n < elen ? 0x2000 : 0)),
		    big + off, n));
	}
	assert_int_equal(io_mem_count(&net.ifs[0]), 3);
	for (i = 0; i < 3; i++) {
		r = io_mem_frame(&net.ifs[0], i, &n);
		assert_int_equal((be16(r + 20) & 0x1fff) * 8, total);
		assert_int_equal((be16(r + 20) & 0x2000) != 0, i < 2);
		if (i > 0)
			assert_memory_equal(r + 34, big + total, n - 34);
		total += n - 34;
	}
	assert_int_equal(total, elen);
}

#define T(name) cmocka_unit_test(test_##name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(echo), T(short_eth), T(short_ip), T(group_source_mac),
	    T(foreign_mac), T(ethertype), T(vlan), T(version), T(ihl_small),
	    T(ihl_beyond), T(len_small), T(len_beyond), T(checksum),
	    T(src_zero), T(src_loop), T(src_group), T(src_bcast), T(src_own),
	    T(src_subnet), T(bcast_frame), T(not_bound), T(group_dst),
	    T(own_dst), T(frag_empty), T(frag_odd), T(frag_beyond),
	    T(icmp_short), T(icmp_csum), T(droprate), T(opt_source_route),
	    T(opt_len_zero), T(opt_len_beyond), T(options_not_echoed),
	    T(trailer), T(filtered), T(protocol_unreachable), T(timestamp),
	    T(large_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
