/* SPDX-License-Identifier: ISC */
/*
 * ICMP in the persona's manner: what errors quote and alter, DF, code and TOS
 * of echo replies, silence to nmap's probes only, the host's clock, limits of
 * errors. Frames through the whole stack; time is this file's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net_fix.h"

#include "hpd-net/icmp_limit.h"

#define U1_ID  0x1042
#define U1_TTL 57

static int64_t clock_ns = 1700000000000000000; /* wall */
static uint8_t frame[4096];
static const uint8_t *sent = frame + 14; /* the packet asked about */
static uint32_t sent_len;
static const uint8_t *r; /* the answer's IP header */
static uint32_t rlen;

void
net_now(void)
{
	net.now_wall_ns = clock_ns;
	net.now_mono_ns = clock_ns;
	net.now_ms = (uint32_t)(clock_ns / 1000000);
}

static void
pass_ms(int64_t ms)
{
	clock_ns += ms * 1000000;
	net_now();
}

static struct img_persona *
persona(void)
{
	return &fix_pers[0];
}

static int
setup(void **state)
{
	(void)state;
	fix_init();
	memset(persona(), 0, sizeof(*persona()));
	fix_persona(persona());
	pass_ms(20000); /* every bucket is full again */
	host_reload();
	io_mem_clear(&net.ifs[0]);
	return 0;
}

/* The frame of sent_len bytes of IP, through the stack. Answers. */
static uint32_t
run(void)
{
	uint32_t n;

	io_mem_clear(&net.ifs[0]);
	fix_run(frame, 14 + sent_len);
	if (io_mem_count(&net.ifs[0]) == 0)
		return 0;
	r = io_mem_frame(&net.ifs[0], 0, &n) + 14;
	rlen = n - 14;
	return io_mem_count(&net.ifs[0]);
}

static void
ip_sum(uint8_t *ip)
{
	uint32_t hl = (ip[0] & 15) * 4u;

	put16(ip + 10, 0);
	put16(ip + 10, csum_fold(csum_add(0, ip, hl)));
}

/* A datagram to a closed port: n bytes of c. */
static void
udp_of(uint32_t n, int c)
{
	uint8_t u[2048];
	uint16_t sum;

	put16(u, 40000);
	put16(u + 2, 40125);
	put16(u + 4, 8 + n);
	put16(u + 6, 0);
	memset(u + 8, c, n);
	sum = csum_fold(csum_add(csum_pseudo(FIX_A, FIX_H, 17, 8 + n), u,
	    8 + n));
	put16(u + 6, sum ? sum : 0xffff);
	sent_len = fix_ip(frame, FIX_A, FIX_H, 17, U1_ID, 0, u, 8 + n) - 14;
	frame[14 + 8] = U1_TTL;
	ip_sum(frame + 14);
}

static void
echo_of(uint32_t n, int c, uint8_t code, uint8_t tos, int df)
{
	uint8_t e[2048];

	memset(e, c, 8 + n);
	e[0] = 8;
	e[1] = code;
	put16(e + 2, 0);
	put16(e + 4, 0x4321);
	put16(e + 6, 295);
	put16(e + 2, csum_fold(csum_add(0, e, 8 + n)));
	sent_len = fix_ip(frame, FIX_A, FIX_H, 1, 7, df ? 0x4000 : 0, e,
	    8 + n) - 14;
	frame[14 + 1] = tos;
	ip_sum(frame + 14);
}

/* An answer that is whole: lengths and checksums right. */
static void
whole(int type, int code)
{
	assert_int_equal(be16(r + 2), rlen);
	assert_int_equal(csum_add(0, r, 20) % 0xffff, 0);
	assert_int_equal(csum_add(0, r + 20, rlen - 20) % 0xffff, 0);
	assert_int_equal(r[20], type);
	assert_int_equal(r[21], code);
}

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

static void
test_echo_df(void **state)
{
	static const uint8_t want[4][2] = { /* asked without, with DF */
	    [DFI_N] = {0, 0}, [DFI_S] = {0, 1}, [DFI_Y] = {1, 1},
	    [DFI_O] = {1, 0}};
	int dfi, df;

	(void)state;
	for (dfi = 0; dfi < 4; dfi++)
		for (df = 0; df < 2; df++) {
			persona()->ie.dfi = (uint8_t)dfi;
			echo_of(120, 0, 0, 0, df);
			assert_int_equal(run(), 1);
			whole(0, 0);
			assert_int_equal(r[6] >> 6 & 1, want[dfi][df]);
		}
}

static int
code_of(uint8_t cd, uint8_t code)
{
	persona()->ie.cd = cd;
	persona()->ie.cd_value = 0x2a;
	echo_of(56, 'p', code, 0, 0);
	assert_int_equal(run(), 1);
	assert_int_equal(r[20], 0);
	assert_int_equal(csum_add(0, r + 20, rlen - 20) % 0xffff, 0);
	assert_memory_equal(r + 24, sent + 24, 60);
	return r[21];
}

static void
test_echo_code(void **state)
{
	(void)state;
	assert_int_equal(code_of(CD_Z, 9), 0);
	assert_int_equal(code_of(CD_Z, 0), 0);
	assert_int_equal(code_of(CD_S, 9), 9);
	assert_int_equal(code_of(CD_S, 0), 0);
	assert_int_equal(code_of(CD_VALUE, 9), 0x2a);
	assert_int_equal(code_of(CD_VALUE, 0), 0x2a);
	assert_int_not_equal(code_of(CD_O, 9), 9);
	assert_int_not_equal(code_of(CD_O, 9), 0);
	assert_int_equal(code_of(CD_O, 0), 0);
}

static void
test_echo_header(void **state)
{
	(void)state;
	persona()->ie.ttl = 99;
	echo_of(56, 'p', 0, 0x18, 0);
	assert_int_equal(run(), 1);
	assert_int_equal(r[8], 99);
	assert_int_equal(r[1], 0x18);
	persona()->family = FAM_WIN_10;
	assert_int_equal(run(), 1);
	assert_int_equal(r[1], 0);
}

/* IE R=N: nmap's two, and nothing that is only like them. */
static void
test_ie_silence(void **state)
{
	static const struct {
		uint32_t n;
		int byte, code, tos, answers;
	} rows[] = {
	    {120, 0, 9, 0, 0}, {150, 0, 0, 4, 0}, {120, 0, 0, 0, 1},
	    {150, 0, 0, 0, 1}, {119, 0, 9, 0, 1}, {151, 0, 0, 4, 1},
	    {120, 1, 9, 0, 1}, {150, 'a', 0, 4, 1}, {56, 0, 0, 0, 1},
	    {150, 0, 9, 4, 1}, {0, 0, 9, 0, 1}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		echo_of(rows[i].n, rows[i].byte, (uint8_t)rows[i].code,
		    (uint8_t)rows[i].tos, 0);
		persona()->ie.respond = 0;
		if ((int)run() != rows[i].answers)
			fail_msg("row %d", (int)i);
		persona()->ie.respond = 1;
		assert_int_equal(run(), 1);
	}
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

static uint32_t
stamp_of(uint32_t addr)
{
	uint8_t q[20] = {13, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 9};

	put16(q + 2, csum_fold(csum_add(0, q, 20)));
	sent_len = fix_ip(frame, FIX_A, addr, 1, 1, 0, q, 20) - 14;
	assert_int_equal(run(), 1);
	whole(14, 0);
	assert_memory_equal(r + 24, q + 4, 8);
	assert_int_equal(be32(r + 32), be32(r + 36));
	return be32(r + 32);
}

/* Each host's clock is its own, near ours at first, and drifts. */
static void
test_timestamp(void **state)
{
	uint32_t a, b, now;
	int32_t d0, d1;

	(void)state;
	net.start_wall_ns = clock_ns;
	now = (uint32_t)(clock_ns / 1000000 % 86400000);
	a = stamp_of(FIX_H);
	b = stamp_of(FIX_POL);
	d0 = (int32_t)(a - now);
	assert_in_range(d0 + 1001, 0, 2002);
	assert_int_not_equal(a, b);
	clock_ns += 86400000000000; /* a day */
	d1 = (int32_t)(stamp_of(FIX_H) - now);
	assert_int_not_equal(d1, d0);
	assert_in_range(d1 - d0 + 2600, 0, 5200); /* 30 ppm */
	persona()->family = FAM_WIN_XP;
	a = stamp_of(FIX_H);
	assert_int_equal(__builtin_bswap32(a), now + (uint32_t)d1);
	persona()->family = FAM_WIN_7;
	persona()->timestamp_ok = 0;
	frame[14 + 4] ^= 1;
	ip_sum(frame + 14);
	assert_int_equal(run(), 0);
}

static uint32_t
burst(uint32_t peer, uint32_t n)
{
	struct host *h = host_get(FIX_H);
	uint32_t got = 0;

	while (n-- > 0)
		got += (uint32_t)icmp_error_allowed(h, peer);
	return got;
}

static void
fresh(uint8_t family, uint16_t rate, uint16_t at_once)
{
	persona()->family = family;
	persona()->icmp_rate = rate;
	persona()->icmp_burst = at_once;
	pass_ms(20000);
	icmp_limit_init(host_get(FIX_H));
}

/* Linux: six at once to a target, one a second from then on; another target
 * has its own; 50 of the host at once and 1000 a second in all. */
static void
test_limit_linux(void **state)
{
	uint32_t i, n;

	(void)state;
	fresh(FAM_LINUX, 1, 6);
	assert_int_equal(burst(FIX_A, 100), 6);
	assert_int_equal(burst(FIX_A + 1, 100), 6);
	pass_ms(999);
	assert_int_equal(burst(FIX_A, 1), 0);
	pass_ms(1);
	assert_int_equal(burst(FIX_A, 9), 1);
	pass_ms(2500);
	assert_int_equal(burst(FIX_A, 9), 2);
	pass_ms(100);
	for (n = i = 0; i < 100; i++)
		n += burst(0x0b000000 + i, 1);
	assert_int_equal(n, 50);
	pass_ms(10);
	for (n = i = 0; i < 100; i++)
		n += burst(0x0b000100 + i, 1);
	assert_int_equal(n, 10);
	fresh(FAM_LINUX26, 1, 6); /* before 3.18: by target only */
	for (n = i = 0; i < 100; i++)
		n += burst(0x0b000000 + i, 1);
	assert_int_equal(n, 100);
}

static void
test_limit_others(void **state)
{
	uint32_t i, n;

	(void)state;
	fresh(FAM_OPENBSD, 100, 0); /* by seconds */
	pass_ms(1000);
	assert_int_equal(burst(FIX_A, 300), 100);
	pass_ms(900);
	assert_int_equal(burst(FIX_A, 300), 0);
	pass_ms(100);
	assert_int_equal(burst(FIX_A + 1, 300), 100);
	fresh(FAM_SOLARIS, 5, 20); /* a bucket */
	assert_int_equal(burst(FIX_A, 100), 20);
	for (n = i = 0; i < 60000; i++) {
		pass_ms(1);
		n += burst(FIX_A, 1);
	}
	assert_in_range(n, 299, 301);
	fresh(FAM_IOS, 2, 0); /* a scan's first probes get through */
	assert_int_equal(burst(FIX_A, 100), ICMP_BURST_MIN);
	fresh(FAM_WIN_10, 0, 0);
	assert_int_equal(burst(FIX_A, 1000), 1000);
}

/* All decoys together: a reflector has an end, and it is counted. */
static void
test_limit_sensor(void **state)
{
	uint64_t was = stats[ST_LIMIT_ICMP_SENSOR];
	uint64_t own = stats[ST_LIMIT_ICMP];

	(void)state;
	fresh(FAM_WIN_10, 0, 0);
	assert_int_equal(burst(FIX_A, 10000), ICMP_SENSOR_BURST);
	assert_int_equal(stats[ST_LIMIT_ICMP_SENSOR] - was,
	    10000 - ICMP_SENSOR_BURST);
	assert_int_equal(stats[ST_LIMIT_ICMP], own);
	udp_of(300, 'C');
	assert_int_equal(run(), 0);
	pass_ms(500);
	assert_int_equal(burst(FIX_A, 10000), ICMP_SENSOR_RATE / 2);
	pass_ms(2);
	assert_int_equal(run(), 1);
}

/* An echo request to everybody; how many answer, each under its own name. */
static uint32_t
everybody(uint32_t src, uint32_t dst, int damage)
{
	const uint8_t *f;
	uint32_t i, n, len;

	echo_of(56, 'p', 0, 0, 0);
	memset(frame, 0xff, 6);
	put32(frame + 14 + 12, src);
	put32(frame + 14 + 16, dst);
	frame[14 + 30] ^= (uint8_t)damage;
	ip_sum(frame + 14);
	n = run();
	for (i = 0; i < n; i++) {
		f = io_mem_frame(&net.ifs[0], i, &len);
		assert_int_equal(len, 14 + sent_len);
		assert_memory_equal(f, fix_amac, 6);
		assert_int_equal(be32(f + 14 + 16), src);
		assert_int_not_equal(be32(f + 14 + 12), dst);
		assert_int_equal(f[14 + 20], 0);
		assert_memory_equal(f + 14 + 24, sent + 24, 60);
		if (i > 0)
			assert_true(be32(f + 14 + 12) >
			    be32(io_mem_frame(&net.ifs[0], i - 1, &len) + 26));
	}
	return n;
}

/* Solaris, XNU and IOS answer an echo request to the broadcast address, others
 * do not; nobody does for a source off the link; few are heard a second. */
static void
test_broadcast(void **state)
{
	uint64_t ip = stats[ST_RX_IP], bad = stats[ST_DROP_IP_BCAST];
	int i;

	(void)state;
	fix_pers[0].family = FAM_SOLARIS;
	fix_pers[1].family = FAM_SOLARIS; /* filtered */
	fix_pers[3].family = FAM_MACOS;
	fix_pers[4].family = FAM_IOS;
	fix_pers[5].family = FAM_LINUX;
	assert_int_equal(everybody(FIX_A, 0x0a0100ff, 0), 3);
	assert_int_equal(everybody(FIX_A, 0xffffffff, 0), 3);
	assert_int_equal(everybody(FIX_A, 0xe0000001, 0), 2);
	assert_int_equal(everybody(0x0a020001, 0x0a0100ff, 0), 0);
	assert_int_equal(everybody(FIX_A, 0x0a0100ff, 1), 0);
	assert_int_equal(stats[ST_RX_IP] - ip, 5);
	assert_int_equal(everybody(FIX_A, FIX_H, 0), 0);
	assert_int_equal(everybody(FIX_A, 0x0a010000, 0), 0);
	assert_int_equal(stats[ST_DROP_IP_BCAST] - bad, 2);
	pass_ms(1000);
	for (i = 0; i < 6; i++)
		assert_int_equal(everybody(FIX_A, 0x0a0100ff, 0),
		    i < 4 ? 3 : 0);
	for (i = 0; i < 6; i++)
		fix_pers[i].family = FAM_GENERIC;
}

#define T(name) cmocka_unit_test_setup(test_##name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(quote_length), T(quote_options), T(quote_fields),
	    T(quote_checksum), T(quote_ttl), T(quote_payload),
	    T(odd_lengths), T(error_header), T(u1_silence), T(badsum),
	    T(echo_df), T(echo_code), T(echo_header), T(ie_silence),
	    T(protocols), T(no_error_for_error), T(timestamp),
	    T(limit_linux), T(limit_others), T(limit_sensor), T(broadcast),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
