/* SPDX-License-Identifier: ISC */
/*
 * Reassembly: every overlap policy against a byte model, at random and for
 * known three-way overlaps; bounds, time-outs, hostile lengths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net_fix.h"

#include "hpd-net/eth.h"
#include "hpd-net/frag.h"
#include "hpd-net/ip4.h"

#define SIZE 96 /* bytes of a model datagram, 12 blocks */

static uint8_t frame[2048];
static struct pkt pk;
static struct { /* every frame must live while it is looked at */
	uint8_t mem[2048];
} cur;

/* One fragment straight into frag.c: bytes all `fill`. 1: complete. */
static int
put(uint32_t dst, uint16_t id, uint8_t proto, uint32_t off, uint32_t len,
    int more, int fill)
{
	static uint8_t data[65536];
	uint32_t n;

	memset(data, fill, len);
	n = fix_ip(frame, FIX_A, dst, proto, id,
	    (uint16_t)(off / 8 | (more ? 0x2000 : 0)), data, len);
	memcpy(cur.mem, frame, n);
	memset(&pk, 0, sizeof(pk));
	pk.nif = &net.ifs[0];
	pk.data = cur.mem;
	pk.len = n;
	assert_int_equal(eth_parse(&pk), ETH_IS_IP4);
	assert_int_equal(ip4_parse(&pk), 0);
	return frag_input(&pk, host_get(dst));
}

static int
setup(void **state)
{
	(void)state;
	fix_init();
	frag_reset();
	memset(stats, 0, sizeof(stats));
	io_mem_clear(&net.ifs[0]);
	return 0;
}

/* The model: an owner a byte. What an older owner's piece is now is the run
 * of its bytes around the one in question. */
struct model {
	int owner[SIZE]; /* fragment number + 1 */
};

static int
model_wins(const struct model *m, int policy, int i, int off, int end)
{
	int a = i, b = i + 1;

	while (a > 0 && m->owner[a - 1] == m->owner[i])
		a--;
	while (b < SIZE && m->owner[b] == m->owner[i])
		b++;
	switch (policy) {
	case FRAG_LAST:
		return 1;
	case FRAG_BSD:
		return a > off;
	case FRAG_LINUX:
		return a >= off;
	case FRAG_WINDOWS:
		return off < a && end > b;
	default:
		return 0;
	}
}

static int
model_put(struct model *m, int policy, int off, int end, int number)
{
	struct model was = *m;
	int i, full = 1;

	for (i = off; i < end; i++)
		if (was.owner[i] == 0 || model_wins(&was, policy, i, off, end))
			m->owner[i] = number;
	for (i = 0; i < SIZE; i++)
		full &= m->owner[i] != 0;
	return full;
}

static void
one_random(int policy, uint16_t id)
{
	uint32_t dst = FIX_POL + (uint32_t)policy;
	int n = 0, off, end, full, done, i;
	struct model m;

	memset(&m, 0, sizeof(m));
	do {
		n++;
		off = rand() % 12 * 8;
		end = off + (1 + rand() % 5) * 8;
		if (end > SIZE)
			end = SIZE;
		/* the last byte comes as a last fragment */
		full = model_put(&m, policy, off, end, n);
		done = put(dst, id, 17, (uint32_t)off, (uint32_t)(end - off),
		    end != SIZE, n);
		assert_int_equal(full, done);
	} while (!full && n < 250);
	if (!full)
		return;
	assert_int_equal(pk.l4_len, SIZE);
	for (i = 0; i < SIZE; i++)
		if (pk.l4[i] != m.owner[i])
			fail_msg("policy %d byte %d: %d, model %d", policy, i,
			    pk.l4[i], m.owner[i]);
	assert_int_equal(pk.ip_len, 20 + SIZE);
	assert_int_equal(csum_add(0, pk.ip, 20) % 0xffff, 0);
}

static void
test_model(void **state)
{
	int policy, i;

	(void)state;
	srand(1);
	for (policy = FRAG_FIRST; policy <= FRAG_WINDOWS; policy++)
		for (i = 0; i < 2000; i++) {
			one_random(policy, (uint16_t)i);
			if (i % 100 == 99)
				frag_reset(); /* the unfinished ones */
		}
	assert_int_equal(stats[ST_DROP_FRAG_BAD], 0);
}

/* A at 0..24, B at 16..40, C over both at 8..32, D ends it: by hand. */
static void
test_three_way(void **state)
{
	static const char *const want[] = {
	    "AAABBD", /* first */
	    "ACCCBD", /* last */
	    "AAACBD", /* BSD: A begins before C, what is left of B behind */
	    "AAACBD", /* Linux: the same */
	    "AAABBD", /* Windows: C encloses neither */
	};
	int p, i;

	(void)state;
	for (p = 0; p <= FRAG_WINDOWS; p++) {
		uint32_t dst = FIX_POL + (uint32_t)p;

		assert_int_equal(put(dst, 9, 17, 0, 24, 1, 'A'), 0);
		assert_int_equal(put(dst, 9, 17, 16, 24, 1, 'B'), 0);
		assert_int_equal(put(dst, 9, 17, 8, 24, 1, 'C'), 0);
		assert_int_equal(put(dst, 9, 17, 40, 8, 0, 'D'), 1);
		for (i = 0; i < 6; i++) {
			if (pk.l4[i * 8] != want[p][i])
				fail_msg("policy %d block %d: %c", p, i,
				    pk.l4[i * 8]);
		}
	}
}

/* Equal offsets part BSD from Linux; an enclosing one shows Windows. */
static void
test_families(void **state)
{
	(void)state;
	put(FIX_POL + FRAG_BSD, 1, 17, 8, 8, 1, 'o');
	put(FIX_POL + FRAG_BSD, 1, 17, 8, 8, 1, 'n');
	put(FIX_POL + FRAG_BSD, 1, 17, 16, 8, 0, 'z');
	assert_int_equal(put(FIX_POL + FRAG_BSD, 1, 17, 0, 8, 1, 'a'), 1);
	assert_int_equal(pk.l4[8], 'o');
	put(FIX_POL + FRAG_LINUX, 1, 17, 8, 8, 1, 'o');
	put(FIX_POL + FRAG_LINUX, 1, 17, 8, 8, 1, 'n');
	put(FIX_POL + FRAG_LINUX, 1, 17, 16, 8, 0, 'z');
	assert_int_equal(put(FIX_POL + FRAG_LINUX, 1, 17, 0, 8, 1, 'a'), 1);
	assert_int_equal(pk.l4[8], 'n');
	put(FIX_POL + FRAG_WINDOWS, 1, 17, 8, 8, 1, 'o');
	put(FIX_POL + FRAG_WINDOWS, 1, 17, 24, 8, 0, 'z');
	assert_int_equal(put(FIX_POL + FRAG_WINDOWS, 1, 17, 0, 24, 1, 'n'), 1);
	assert_int_equal(pk.l4[8], 'n');
	put(FIX_POL + FRAG_WINDOWS, 2, 17, 8, 8, 1, 'o');
	put(FIX_POL + FRAG_WINDOWS, 2, 17, 16, 8, 0, 'z');
	assert_int_equal(put(FIX_POL + FRAG_WINDOWS, 2, 17, 0, 16, 1, 'n'), 1);
	assert_int_equal(pk.l4[8], 'o');
}

/* Drop: an overlap spoils the datagram, the same fragment again does not. */
static void
test_drop_policy(void **state)
{
	uint32_t d = FIX_POL + FRAG_DROP;

	(void)state;
	put(d, 1, 17, 0, 16, 1, 'a');
	put(d, 1, 17, 0, 16, 1, 'a');
	assert_int_equal(put(d, 1, 17, 16, 8, 0, 'b'), 1);
	put(d, 2, 17, 0, 16, 1, 'a');
	put(d, 2, 17, 8, 16, 1, 'x');
	assert_int_equal(put(d, 2, 17, 24, 8, 0, 'b'), 0);
	assert_int_equal(stats[ST_DROP_FRAG_BAD], 3);
}

/* Protocol, id, address: each is part of the key. */
static void
test_key(void **state)
{
	(void)state;
	put(FIX_H, 5, 17, 0, 8, 1, 'a');
	assert_int_equal(put(FIX_H, 5, 1, 8, 8, 0, 'b'), 0);
	assert_int_equal(put(FIX_H, 6, 17, 8, 8, 0, 'b'), 0);
	assert_int_equal(put(FIX_FILT, 5, 17, 8, 8, 0, 'b'), 0);
	assert_int_equal(stats[ST_FRAG_QUEUES], 4);
	assert_int_equal(put(FIX_H, 5, 17, 8, 8, 0, 'b'), 1);
	assert_int_equal(stats[ST_FRAG_QUEUES], 3);
}

/* A middle fragment with DF set is a fragment like any other. */
static void
test_df_kept(void **state)
{
	(void)state;
	put(FIX_H, 5, 17, 0, 8, 1, 'a');
	assert_int_equal(put(FIX_H, 5, 17, 8 + 0x4000 * 8, 8, 1, 'b'), 0);
	assert_int_equal(put(FIX_H, 5, 17, 16, 8, 0, 'c'), 1);
	assert_int_equal(pk.l4[8], 'b');
}

/* Ends that contradict each other, and ends beyond 65535. */
static void
test_hostile(void **state)
{
	(void)state;
	put(FIX_H, 1, 17, 16, 8, 0, 'a');
	assert_int_equal(put(FIX_H, 1, 17, 24, 8, 0, 'b'), 0);
	assert_int_equal(put(FIX_H, 1, 17, 8, 32, 1, 'b'), 0);
	assert_int_equal(put(FIX_H, 1, 17, 0, 4, 0, 'b'), 0);
	assert_int_equal(put(FIX_H, 2, 17, 65512, 1000, 0, 'b'), 0);
	assert_int_equal(stats[ST_DROP_FRAG_BAD], 4);
	assert_int_equal(put(FIX_H, 1, 17, 0, 16, 1, 'b'), 1);
	assert_int_equal(pk.l4_len, 24);
}

/* The largest datagram there is, backwards. */
static void
test_largest(void **state)
{
	int off, done = 0;

	(void)state;
	for (off = 65515 / 1480 * 1480; off >= 0; off -= 1480)
		done = put(FIX_H, 3, 17, (uint32_t)off,
		    off + 1480 > 65515 ? 65515 - (uint32_t)off : 1480,
		    off + 1480 <= 65515, off / 1480);
	assert_int_equal(done, 1);
	assert_int_equal(pk.ip_len, 65535);
	for (off = 0; off < 65515; off++)
		if (pk.l4[off] != off / 1480)
			fail_msg("byte %d", off);
	assert_int_equal(stats[ST_FRAG_BYTES], 0);
}

static int
timed_out(uint32_t ms)
{
	net.now_ms += ms;
	io_mem_clear(&net.ifs[0]);
	frag_tick();
	return (int)io_mem_count(&net.ifs[0]);
}

/* ICMP 11/1 after the persona's time, only when the first fragment came. */
static void
test_timeout(void **state)
{
	const uint8_t *r;
	uint32_t n;

	(void)state;
	net.now_ms += 100000;
	put(FIX_H, 1, 17, 0, 64, 1, 'a');
	put(FIX_H, 2, 17, 64, 64, 1, 'a');
	assert_int_equal(timed_out(29000), 0);
	assert_int_equal(timed_out(1500), 1);
	r = io_mem_frame(&net.ifs[0], 0, &n);
	assert_int_equal(r[34], 11);
	assert_int_equal(r[35], 1);
	assert_int_equal(be16(r + 42 + 4), 1); /* quoted id */
	assert_int_equal(csum_add(0, r + 34, n - 34) % 0xffff, 0);
	assert_int_equal(stats[ST_DROP_FRAG_TIMEOUT], 2);
	assert_int_equal(stats[ST_FRAG_QUEUES], 0);
}

/* One source may not fill everything; the sum of counters is what was sent. */
static void
test_bounds(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 3000; i++)
		put(FIX_H, (uint16_t)i, 17, 0, 8, 1, 'a');
	assert_true(stats[ST_FRAG_QUEUES] <= FRAG_QUEUES_MAX / 4);
	assert_int_equal(stats[ST_DROP_FRAG_FULL] + stats[ST_FRAG_QUEUES],
	    3000);
	/* pieces of one datagram */
	frag_reset();
	memset(stats, 0, sizeof(stats));
	for (i = 0; i < 600; i++)
		put(FIX_H, 1, 17, i * 16, 8, 1, 'a');
	assert_true(stats[ST_DROP_FRAG_FULL] > 0);
	assert_true(stats[ST_FRAG_BYTES] <= 64 * 2048);
}

#define T(name) cmocka_unit_test_setup(test_##name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(model), T(three_way), T(families), T(drop_policy), T(key),
	    T(df_kept), T(hostile), T(largest), T(timeout), T(bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
