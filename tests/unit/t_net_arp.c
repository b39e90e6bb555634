/* SPDX-License-Identifier: ISC */
/* ARP claims in simulated time: probe, claim, answer, defend, yield, again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net_fix.h"

#include "hpd-net/arp.h"
#include "hpd-net/eth.h"

static const uint8_t other[6] = {0, 1, 2, 3, 4, 5};
static const uint8_t group[6] = {255, 255, 255, 255, 255, 255};

static int
setup(void **state)
{
	(void)state;
	fix_init();
	arp_reset();
	fix_hdr.flags = 0;
	net.ifs[0].addr = 0x0a0100fe;
	io_mem_clear(&net.ifs[0]);
	return 0;
}

/* An ARP packet comes in. */
static void
in(int op, const uint8_t *to, const uint8_t *sha, uint32_t spa, uint32_t tpa)
{
	static uint8_t f[42];
	struct pkt p;

	memcpy(f, to, 6);
	memcpy(f + 6, sha, 6);
	memcpy(f + 12, "\10\6\0\1\10\0\6\4\0", 9);
	f[21] = (uint8_t)op;
	memcpy(f + 22, sha, 6);
	put32(f + 28, spa);
	memset(f + 32, 0, 6);
	put32(f + 38, tpa);
	memset(&p, 0, sizeof(p));
	p.nif = &net.ifs[0];
	p.data = f;
	p.len = sizeof(f);
	assert_int_equal(eth_parse(&p), ETH_IS_ARP);
	arp_input(&p);
}

static void
ask(uint32_t tpa)
{
	in(1, group, fix_amac, FIX_A, tpa);
}

/* Let ms go by in steps of 10. */
static void
pass(uint32_t ms)
{
	for (; ms > 0; ms -= 10) {
		net.now_ms += 10;
		arp_tick();
	}
}

/* Frames out so far of one kind; op 2, or op 1 with (announce) or without
 * sender address. Forgets them all. */
static int nreply, nprobe, nannounce;

static void
count(uint32_t addr)
{
	const uint8_t *f;
	uint32_t n, i;

	nreply = nprobe = nannounce = 0;
	for (i = 0; (f = io_mem_frame(&net.ifs[0], i, &n)) != NULL; i++) {
		assert_int_equal(n, 42);
		if (be16(f + 20) == 2)
			nreply += be32(f + 28) == addr;
		else if (be32(f + 38) != addr)
			continue;
		else if (be32(f + 28) == 0)
			nprobe++;
		else
			nannounce++;
	}
	io_mem_clear(&net.ifs[0]);
}

static void
test_first_demand(void **state)
{
	uint8_t mac[6];
	const uint8_t *f;
	uint32_t n;

	(void)state;
	ask(FIX_H);
	pass(290);
	count(FIX_H);
	assert_int_equal(nprobe, 2);
	assert_int_equal(nreply + nannounce, 0);
	pass(20);
	f = io_mem_frame(&net.ifs[0], 1, &n); /* behind the announcement */
	assert_non_null(f);
	host_mac(&net.ifs[0], FIX_H, mac);
	assert_memory_equal(f, fix_amac, 6);
	assert_memory_equal(f + 22, mac, 6);
	assert_memory_equal(f + 32, fix_amac, 6);
	assert_int_equal(be32(f + 38), FIX_A);
	count(FIX_H);
	assert_int_equal(nreply, 1);
	assert_int_equal(nannounce, 1);
	assert_int_equal(arp_state(FIX_H), ARP_CLAIMED);
	/* from now on: one reply a request, at once, to the asker */
	ask(FIX_H);
	ask(FIX_H);
	count(FIX_H);
	assert_int_equal(nreply, 2);
	pass(5000);
	count(FIX_H);
	assert_int_equal(nreply + nprobe + nannounce, 0);
}

/* The frame's destination counts: another's MAC is not for us. */
static void
test_foreign(void **state)
{
	uint64_t was = stats[ST_DROP_FOREIGN_MAC];

	(void)state;
	in(1, other, fix_amac, FIX_A, FIX_H);
	pass(1000);
	assert_int_equal(io_mem_count(&net.ifs[0]), 0);
	assert_int_equal(stats[ST_DROP_FOREIGN_MAC], was + 1);
}

static void
test_unbound(void **state)
{
	(void)state;
	ask(0x0a010032);
	ask(0x0a0100fe); /* the sensor's own */
	pass(1000);
	assert_int_equal(io_mem_count(&net.ifs[0]), 0);
}

/* A host answers the probe: never claimed, and asked again only later. */
static void
test_live(void **state)
{
	uint8_t mac[6];

	(void)state;
	ask(FIX_H);
	host_mac(&net.ifs[0], FIX_H, mac);
	in(2, mac, other, FIX_H, 0);
	pass(1000);
	ask(FIX_H);
	pass(1000);
	count(FIX_H);
	assert_int_equal(nreply + nannounce, 0);
	assert_int_equal(nprobe, 1);
	assert_int_equal(arp_state(FIX_H), ARP_LIVE);
	pass(ARP_LIVE_MS);
	ask(FIX_H); /* it went away */
	pass(400);
	assert_int_equal(arp_state(FIX_H), ARP_CLAIMED);
}

/* Another one probes for what we probe for: theirs. */
static void
test_simultaneous(void **state)
{
	(void)state;
	ask(FIX_H);
	in(1, group, other, 0, FIX_H);
	pass(1000);
	assert_int_equal(arp_state(FIX_H), ARP_LIVE);
}

/* Just seen on the wire with the address: not claimed either. */
static void
test_passive(void **state)
{
	(void)state;
	in(1, group, other, FIX_H, FIX_A);
	ask(FIX_H);
	pass(1000);
	assert_int_equal(io_mem_count(&net.ifs[0]), 0);
}

static void
test_conflict(void **state)
{
	(void)state;
	ask(FIX_H);
	pass(400);
	assert_int_equal(arp_state(FIX_H), ARP_CLAIMED);
	count(FIX_H);
	in(1, group, other, FIX_H, FIX_H);
	count(FIX_H);
	assert_int_equal(nannounce, 1); /* defended, still ours */
	ask(FIX_H);
	count(FIX_H);
	assert_int_equal(nreply, 1);
	pass(1000);
	in(2, group, other, FIX_H, FIX_A);
	count(FIX_H);
	assert_int_equal(nannounce, 0);
	assert_int_equal(arp_state(FIX_H), ARP_YIELDED);
	assert_true(host_get(FIX_H)->flags & HOST_F_MUTE);
	ask(FIX_H);
	pass(ARP_YIELD_MS - 1000);
	count(FIX_H);
	assert_int_equal(nreply + nprobe + nannounce, 0);
	pass(1500); /* by itself */
	count(FIX_H);
	assert_int_equal(nprobe, 2);
	assert_int_equal(nannounce, 1);
	assert_int_equal(arp_state(FIX_H), ARP_CLAIMED);
	assert_false(host_get(FIX_H)->flags & HOST_F_MUTE);
}

/* Conflicts far apart are each defended. */
static void
test_conflict_slow(void **state)
{
	int i;

	(void)state;
	ask(FIX_H);
	pass(400);
	count(FIX_H);
	for (i = 0; i < 5; i++) {
		in(1, group, other, FIX_H, FIX_H);
		pass(ARP_DEFEND_MS);
	}
	count(FIX_H);
	assert_int_equal(nannounce, 5);
	assert_int_equal(arp_state(FIX_H), ARP_CLAIMED);
}

/* RFC 5227 in full: 3 probes 1-2 s apart, 2 s, 2 announcements 2 s apart. */
static void
test_full(void **state)
{
	int t = 0;

	(void)state;
	fix_hdr.flags = IMG_F_ARP_FULL;
	ask(FIX_H);
	while (arp_state(FIX_H) != ARP_CLAIMED && t < 20000) {
		pass(10);
		t += 10;
	}
	assert_in_range(t, 4000, 7100);
	count(FIX_H);
	assert_int_equal(nprobe, 3);
	assert_int_equal(nannounce, 1);
	assert_int_equal(nreply, 1);
	pass(2100);
	count(FIX_H);
	assert_int_equal(nannounce, 1);
	pass(10000);
	assert_int_equal(io_mem_count(&net.ifs[0]), 0);
}

/* All bound on-link addresses, paced, nobody asked. */
static void
test_background(void **state)
{
	int i, n;

	(void)state;
	arp_start();
	pass(30); /* pace 10 ms */
	n = (int)io_mem_count(&net.ifs[0]);
	assert_in_range(n, 2, 5);
	pass(2000);
	assert_int_equal(arp_state(FIX_H), ARP_CLAIMED);
	assert_int_equal(arp_state(FIX_FILT), ARP_CLAIMED);
	for (i = 0; i < 6; i++)
		assert_int_equal(arp_state(FIX_POL + (uint32_t)i),
		    ARP_CLAIMED);
	assert_int_equal(stats[ST_ARP_CLAIMED], 9);
	assert_int_equal(arp_state(0x0a010007), ARP_NONE);
}

/* Off-link nets are routed to us: not probed unasked, answered when asked. */
static void
test_routed(void **state)
{
	(void)state;
	net.ifs[0].addr = 0xc0000201;
	arp_start();
	pass(2000);
	assert_int_equal(io_mem_count(&net.ifs[0]), 0);
	ask(FIX_H);
	pass(400);
	assert_int_equal(arp_state(FIX_H), ARP_CLAIMED);
}

/* More demand than may be pending: counted, and all are claimed in the end. */
static void
test_pending_bound(void **state)
{
	uint64_t was = stats[ST_ARP_PENDING_FULL];
	uint32_t i, k, got = 0;

	(void)state;
	fix_root[0x0c00] = 1;
	for (i = 1; i <= 2000; i++)
		ask(0x0c000000 + i);
	assert_int_equal(stats[ST_ARP_PENDING_FULL] - was,
	    2000 - ARP_PENDING_MAX);
	for (k = 0; k < 3; k++) {
		pass(400);
		io_mem_clear(&net.ifs[0]);
		for (i = 1; i <= 2000; i++)
			ask(0x0c000000 + i);
	}
	for (i = 1; i <= 2000; i++)
		got += arp_state(0x0c000000 + i) == ARP_CLAIMED;
	assert_int_equal(got, 2000);
}

static void
test_bad(void **state)
{
	uint64_t was = stats[ST_DROP_ARP_BAD];

	(void)state;
	in(3, group, fix_amac, FIX_A, FIX_H);
	in(1, group, (const uint8_t *)"\0\0\0\0\0\0", FIX_A, FIX_H);
	assert_int_equal(stats[ST_DROP_ARP_BAD], was + 2);
	pass(1000);
	assert_int_equal(io_mem_count(&net.ifs[0]), 0);
}

#define T(name) cmocka_unit_test_setup(test_##name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(first_demand), T(foreign), T(unbound), T(live),
	    T(simultaneous), T(passive), T(conflict), T(conflict_slow),
	    T(full), T(background), T(routed), T(pending_bound), T(bad),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
