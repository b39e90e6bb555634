/* SPDX-License-Identifier: ISC */
/*
 * Frames of UDP and ICMP to the decoy of net_fix.h and what comes back; time
 * is this file's.
 */
#ifndef ICMP_FIX_H
#define ICMP_FIX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net_fix.h"

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

static inline void
pass_ms(int64_t ms)
{
	clock_ns += ms * 1000000;
	net_now();
}

static inline struct img_persona *
persona(void)
{
	return &fix_pers[0];
}

static inline int
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
static inline uint32_t
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

static inline void
ip_sum(uint8_t *ip)
{
	uint32_t hl = (ip[0] & 15) * 4u;

	put16(ip + 10, 0);
	put16(ip + 10, csum_fold(csum_add(0, ip, hl)));
}

/* A datagram to a closed port: n bytes of c. */
static inline void
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

static inline void
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
static inline void
whole(int type, int code)
{
	assert_int_equal(be16(r + 2), rlen);
	assert_int_equal(csum_add(0, r, 20) % 0xffff, 0);
	assert_int_equal(csum_add(0, r + 20, rlen - 20) % 0xffff, 0);
	assert_int_equal(r[20], type);
	assert_int_equal(r[21], code);
}

#define T(name) cmocka_unit_test_setup(test_##name, setup)

#endif
