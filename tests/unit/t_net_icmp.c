/* SPDX-License-Identifier: ISC */
/*
 * ICMP errors in the persona's manner: what they quote and alter, their
 * headers, silence to nmap's probe only, protocols nobody has.
 */
#include "icmp_fix.h"

/* Only what arrived is quoted, so many bytes of it. */
static void
quotes(uint32_t n)
{
	assert_int_equal(run(), 1);
	whole(3, 3);
	assert_int_equal(rlen, 28 + n);
	assert_memory_equal(r + 28, sent, n);
}

static void
test_quote_length(void **state)
{
	struct img_unreach *u = &persona()->u1;

	(void)state;
	udp_of(300, 'C');
	u->ip_len = 56; /* header and 8 bytes */
	quotes(28);
	u->ip_len = 112; /* 64 bytes behind the header */
	quotes(84);
	u->ip_len = 0x164;
	quotes(328);
	u->ip_len = 0; /* no entry has it: the header's worth of nothing */
	quotes(0);
	/* other sizes, the same habit; what quotes all stops at 576 */
	udp_of(1000, 'x');
	u->ip_len = 56;
	quotes(28);
	u->ip_len = 112;
	quotes(84);
	u->ip_len = 0x164;
	quotes(548);
	udp_of(3, 'x');
	quotes(31);
	u->ip_len = 112;
	quotes(31);
	u->ip_len = 65535; /* never more than a frame */
	udp_of(1400, 'x');
	quotes(1428);
}

/* Options of the quoted header are part of it, 8 bytes come behind them. */
static void
test_quote_options(void **state)
{
	(void)state;
	udp_of(300, 'C');
	memmove(frame + 14 + 32, frame + 14 + 20, sent_len - 20);
	memset(frame + 14 + 20, 1, 12);
	frame[14] = 0x48;
	sent_len += 12;
	put16(frame + 14 + 2, sent_len);
	ip_sum(frame + 14);
	persona()->u1.ip_len = 56;
	quotes(40);
	persona()->u1.ripl = QUOTE_ADD;
	persona()->u1.ripl_value = 20;
	assert_int_equal(run(), 1);
	assert_int_equal(be16(r + 30), sent_len + 20);
	assert_int_equal(csum_add(0, r + 28, 32) % 0xffff, 0);
}

/* One field of the quoted header altered at a time; its checksum is right
 * for what is quoted. */
static void
test_quote_fields(void **state)
{
	static const struct {
		uint8_t how;
		uint16_t value;
		uint16_t ripl, rid; /* as quoted */
	} rows[] = {
	    {QUOTE_SAME, 9, 328, U1_ID},
	    {QUOTE_VALUE, 0, 0, 0},
	    {QUOTE_VALUE, 0x1234, 0x1234, 0x1234},
	    {QUOTE_SWAP, 9, 0x4801, 0x4210},
	    {QUOTE_ADD, 20, 348, U1_ID + 20},
	    {QUOTE_ADD, (uint16_t)-20, 308, U1_ID - 20},
	};
	struct img_unreach *u = &persona()->u1;
	uint16_t ck;
	size_t i;

	(void)state;
	udp_of(300, 'C');
	ck = be16(sent + 26);
	u->ip_len = 0x164;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&u->ripl_value, 0, 6);
		u->rid = u->ruck = 0;
		u->ripl = rows[i].how;
		u->ripl_value = rows[i].value;
		assert_int_equal(run(), 1);
		assert_int_equal(be16(r + 30), rows[i].ripl);
		assert_int_equal(csum_add(0, r + 28, 20) % 0xffff, 0);
		u->ripl = 0;
		u->rid = rows[i].how;
		u->rid_value = rows[i].value;
		assert_int_equal(run(), 1);
		whole(3, 3);
		assert_int_equal(be16(r + 32), rows[i].rid);
		assert_int_equal(csum_add(0, r + 28, 20) % 0xffff, 0);
		u->rid = 0;
		u->ruck = rows[i].how;
		u->ruck_value = rows[i].value;
		assert_int_equal(run(), 1);
		assert_int_equal(be16(r + 54),
		    rows[i].how == QUOTE_SAME	 ? ck
			: rows[i].how == QUOTE_SWAP ? (uint16_t)(ck << 8 |
				ck >> 8)
			: rows[i].how == QUOTE_ADD
			? (uint16_t)(ck + rows[i].value)
			: rows[i].value);
		assert_memory_equal(r + 28, sent, 26);
	}
	u->ruck = QUOTE_BAD;
	assert_int_equal(run(), 1);
	assert_int_not_equal(be16(r + 54), ck);
	assert_int_not_equal(be16(r + 54), 0);
}

/* RIPCK: right, zero, or wrong, whatever else is altered. */
static void
test_quote_checksum(void **state)
{
	struct img_unreach *u = &persona()->u1;
	int touched;

	(void)state;
	udp_of(300, 'C');
	for (touched = 0; touched < 3; touched++) {
		u->ripl = touched == 1 ? QUOTE_SWAP : QUOTE_SAME;
		u->ttl_add = touched == 2 ? 255 : 0;
		u->ripck = QUOTE_SAME;
		assert_int_equal(run(), 1);
		assert_int_equal(csum_add(0, r + 28, 20) % 0xffff, 0);
		u->ripck = QUOTE_VALUE;
		assert_int_equal(run(), 1);
		assert_int_equal(be16(r + 38), 0);
		u->ripck = QUOTE_BAD;
		assert_int_equal(run(), 1);
		whole(3, 3);
		assert_int_not_equal(be16(r + 38), 0);
		assert_int_not_equal(csum_add(0, r + 28, 20) % 0xffff, 0);
	}
}

static void
test_quote_ttl(void **state)
{
	struct img_unreach *u = &persona()->u1;

	(void)state;
	udp_of(300, 'C');
	assert_int_equal(run(), 1);
	assert_int_equal(r[36], U1_TTL);
	u->ttl_add = 2;
	assert_int_equal(run(), 1);
	assert_int_equal(r[36], U1_TTL + 2);
	u->ttl_add = 255;
	assert_int_equal(run(), 1);
	assert_int_equal(r[36], U1_TTL - 1);
	u->ttl_add = (uint8_t)-57;
	assert_int_equal(run(), 1);
	assert_int_equal(r[36], 0);
	u->ttl_add = (uint8_t)-58; /* none left: two more tell as little */
	assert_int_equal(run(), 1);
	assert_int_equal(r[36], U1_TTL + 2);
}

/* RUD=I: the payload is not what came, the headers are. */
static void
test_quote_payload(void **state)
{
	uint32_t i;

	(void)state;
	udp_of(300, 'C');
	persona()->u1.ip_len = 0x164;
	persona()->u1.rud = 1;
	assert_int_equal(run(), 1);
	whole(3, 3);
	assert_memory_equal(r + 28, sent, 28);
	for (i = 56; i < rlen; i++)
		assert_int_not_equal(r[i], 'C');
}

/* IPL=240: longer than there is to quote, filled up; IPL=6401: the length in
 * the header has its bytes swapped, the frame has them all. */
static void
test_odd_lengths(void **state)
{
	struct img_unreach *u = &persona()->u1;
	uint32_t i;

	(void)state;
	udp_of(300, 'C');
	u->ip_len = 576;
	u->pad = 1;
	assert_int_equal(run(), 1);
	whole(3, 3);
	assert_int_equal(rlen, 576);
	assert_memory_equal(r + 28, sent, 328);
	for (i = 28 + 328; i < rlen; i++)
		assert_int_equal(r[i], 'C');
	u->ip_len = 500;
	assert_int_equal(run(), 1);
	assert_int_equal(rlen, 500);
	u->ip_len = 576;
	udp_of(0, 0);
	assert_int_equal(run(), 1);
	whole(3, 3);
	assert_int_equal(rlen, 576);
	for (i = 56; i < rlen; i++)
		assert_int_equal(r[i], 0);
	udp_of(300, 'C');
	u->pad = 0;
	u->ip_len = 0x164;
	u->len_swap = 1;
	assert_int_equal(run(), 1);
	assert_int_equal(rlen, 0x164);
	assert_int_equal(be16(r + 2), 0x6401);
	assert_int_equal(csum_add(0, r, 20) % 0xffff, 0);
	assert_memory_equal(r + 28, sent, 328);
}

static void
test_error_header(void **state)
{
	struct img_unreach *u = &persona()->u1;
	int df;

	(void)state;
	udp_of(300, 'C');
	frame[14 + 1] = 0x0b; /* TOS */
	ip_sum(frame + 14);
	u->ttl = 200;
	u->tos = 0x20;
	u->unused = 0xbeef;
	for (df = 0; df < 2; df++) {
		u->df = (uint8_t)df;
		assert_int_equal(run(), 1);
		whole(3, 3);
		assert_int_equal(r[8], 200);
		assert_int_equal(r[1], 0x20);
		assert_int_equal(be16(r + 6), df ? 0x4000 : 0);
		assert_int_equal(be16(r + 24), 0);
		assert_int_equal(be16(r + 26), 0xbeef);
	}
	persona()->family = FAM_LINUX;
	assert_int_equal(run(), 1);
	assert_int_equal(r[1], 0xca);
}

/* U1 R=N: nobody but nmap meets silence. */
static void
test_u1_silence(void **state)
{
	(void)state;
	persona()->u1.respond = 0;
	udp_of(300, 'C');
	assert_int_equal(run(), 0);
	udp_of(299, 'C');
	assert_int_equal(run(), 1);
	udp_of(301, 'C');
	assert_int_equal(run(), 1);
	udp_of(300, 'c');
	assert_int_equal(run(), 1);
	udp_of(0, 0);
	assert_int_equal(run(), 1);
	udp_of(300, 'C');
	persona()->u1.respond = 1;
	assert_int_equal(run(), 1);
}

/* A wrong checksum makes nobody answer (nmap --badsum). */
static void
test_badsum(void **state)
{
	uint8_t t[20] = {0x9c, 0x40, 0, 81, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 4};

	(void)state;
	udp_of(300, 'C');
	frame[14 + 26] ^= 1;
	assert_int_equal(run(), 0);
	echo_of(8, 'x', 0, 0, 0);
	frame[14 + 22] ^= 1;
	assert_int_equal(run(), 0);
	sent_len = fix_ip(frame, FIX_A, FIX_H, 6, 9, 0, t, 20) - 14;
	assert_int_equal(run(), 0);
}

/* nmap -sO: 3/2 for what no host has, an empty packet quoted as it is. */
static void
test_protocols(void **state)
{
	int p, n;

	(void)state;
	persona()->family = FAM_LINUX;
	persona()->u1.ip_len = 0x164;
	for (p = 0; p < 256; p++) {
		if (p == 1 || p == 6 || p == 17)
			continue;
		sent_len = fix_ip(frame, FIX_A, FIX_H, (uint8_t)p, 5, 0, "",
		    0) - 14;
		n = (int)run();
		assert_int_equal(n, p != 2 && p != 136);
		if (n == 0)
			continue;
		whole(3, 2);
		assert_int_equal(rlen, 48);
		assert_memory_equal(r + 28, sent, 20);
	}
	/* U1's habits are those of every error */
	persona()->family = FAM_GENERIC;
	persona()->u1.rid = QUOTE_SWAP;
	persona()->u1.ip_len = 56;
	persona()->u1.unused = 7;
	sent_len = fix_ip(frame, FIX_A, FIX_H, 136, 0x1234, 0, "0123456789ab",
	    12) - 14;
	assert_int_equal(run(), 1);
	whole(3, 2);
	assert_int_equal(rlen, 56);
	assert_int_equal(be16(r + 32), 0x3412);
	assert_int_equal(be16(r + 26), 7);
	assert_memory_equal(r + 48, "01234567", 8);
}

/* Never an error about an error or a reply. */
static void
test_no_error_for_error(void **state)
{
	uint8_t e[36] = {3, 3};

	(void)state;
	memcpy(e + 8, "\x45\0\0\x1c", 4);
	put16(e + 2, csum_fold(csum_add(0, e, 36)));
	sent_len = fix_ip(frame, FIX_A, FIX_H, 1, 5, 0, e, 36) - 14;
	assert_int_equal(run(), 0);
	e[0] = 0;
	put16(e + 2, 0);
	put16(e + 2, csum_fold(csum_add(0, e, 36)));
	sent_len = fix_ip(frame, FIX_A, FIX_H, 1, 5, 0, e, 36) - 14;
	assert_int_equal(run(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(quote_length), T(quote_options), T(quote_fields),
	    T(quote_checksum), T(quote_ttl), T(quote_payload), T(odd_lengths),
	    T(error_header), T(u1_silence), T(badsum), T(protocols),
	    T(no_error_for_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
