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

/* One fragment straight into frag.c. 1: complete. */
static int
put_bytes(uint32_t dst, uint16_t id, uint8_t proto, uint32_t off,
    const uint8_t *data, uint32_t len, int more)
{
	uint32_t n;

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

/* The same, bytes all `fill`. */
static int
put(uint32_t dst, uint16_t id, uint8_t proto, uint32_t off, uint32_t len,
    int more, int fill)
{
	static uint8_t data[65536];

	memset(data, fill, len);
	return put_bytes(dst, id, proto, off, data, len, more);
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

/*
 * The published models. Shankar, Paxson ("Active mapping", 2003): three pieces
 * with holes, then three over them; Novak ("Target-based fragmentation
 * reassembly", 2005): nine, then eight. A letter is 8 bytes. The columns of
 * BSD-right and Solaris are left out, no persona has them.
 */
struct piece {
	char letter;
	uint8_t off, len; /* in blocks of 8 */
};

static const struct piece shankar[] = {{'1', 0, 3}, {'2', 4, 2}, {'3', 6, 3},
    {'4', 1, 4}, {'5', 6, 3}, {'6', 9, 3}};
static const struct piece novak[] = {{'A', 0, 3}, {'B', 4, 2}, {'C', 6, 3},
    {'D', 10, 1}, {'E', 13, 2}, {'F', 15, 3}, {'G', 18, 2}, {'H', 20, 2},
    {'I', 22, 1}, {'J', 1, 4}, {'K', 6, 3}, {'L', 9, 3}, {'M', 12, 3},
    {'N', 16, 1}, {'O', 19, 1}, {'P', 20, 1}, {'Q', 22, 2}};
static const char *const shankar_want[] = {
    [FRAG_FIRST] = "111422333666",
    [FRAG_LAST] = "144442555666",
    [FRAG_BSD] = "111442333666",
    [FRAG_LINUX] = "111442555666",
    [FRAG_WINDOWS] = "111422333666",
};
static const char *const novak_want[] = {
    [FRAG_FIRST] = "AAAJBBCCCLDLMEEFFFGGHHIQ",
    [FRAG_LAST] = "AJJJJBKKKLLLMMMFNFGOPHQQ",
    [FRAG_BSD] = "AAAJJBCCCLLLMMMFFFGGHHIQ",
    [FRAG_LINUX] = "AAAJJBKKKLLLMMMFFFGGPHQQ",
    [FRAG_WINDOWS] = "AAAJBBCCCLLLMEEFFFGGHHIQ",
};

static void
one_published(int policy, const struct piece *p, size_t n, const char *want)
{
	uint32_t dst = FIX_POL + (uint32_t)policy;
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(put(dst, 77, 17, p[i].off * 8u,
		    p[i].len * 8u, i + 1 < n, p[i].letter), i + 1 == n);
	assert_int_equal(pk.l4_len, strlen(want) * 8);
	for (i = 0; i < pk.l4_len; i++)
		if (pk.l4[i] != want[i / 8])
			fail_msg("policy %d block %d: %c, published %c",
			    policy, (int)(i / 8), pk.l4[i], want[i / 8]);
}

static void
test_published(void **state)
{
	int p;

	(void)state;
	for (p = FRAG_FIRST; p <= FRAG_WINDOWS; p++) {
		one_published(p, shankar, sizeof(shankar) / sizeof(*shankar),
		    shankar_want[p]);
		one_published(p, novak, sizeof(novak) / sizeof(*novak),
		    novak_want[p]);
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

/* Drop (Linux since 4.19): what lies inside of a run that came in order is a
 * duplicate; any other overlap, and an end that contradicts another, and the
 * datagram is forgotten: the next piece begins a new one. */
static void
test_drop_policy(void **state)
{
	uint32_t d = FIX_POL + FRAG_DROP;

	(void)state;
	put(d, 1, 17, 0, 16, 1, 'a');
	put(d, 1, 17, 0, 16, 1, 'b');
	put(d, 1, 17, 16, 16, 1, 'c');
	put(d, 1, 17, 8, 16, 1, 'd'); /* over both, in their run */
	assert_int_equal(put(d, 1, 17, 32, 8, 0, 'e'), 1);
	assert_int_equal(pk.l4[15], 'a');
	assert_int_equal(pk.l4[16], 'c');
	assert_int_equal(stats[ST_DROP_FRAG_BAD], 2);

	put(d, 2, 17, 0, 16, 1, 'a');
	put(d, 2, 17, 8, 16, 1, 'x');
	assert_int_equal(stats[ST_DROP_FRAG_BAD], 4);
	assert_int_equal(stats[ST_FRAG_QUEUES], 0);
	assert_int_equal(put(d, 2, 17, 16, 8, 0, 'b'), 0);
	assert_int_equal(put(d, 2, 17, 0, 16, 1, 'c'), 1);

	put(d, 3, 17, 16, 16, 1, 'b'); /* backwards: two runs */
	put(d, 3, 17, 0, 16, 1, 'a');
	put(d, 3, 17, 8, 16, 1, 'x');
	assert_int_equal(stats[ST_DROP_FRAG_BAD], 7);
	assert_int_equal(stats[ST_FRAG_QUEUES], 0);

	put(d, 4, 17, 16, 8, 0, 'b');
	put(d, 4, 17, 24, 8, 0, 'c');
	assert_int_equal(stats[ST_DROP_FRAG_BAD], 9);
	assert_int_equal(stats[ST_FRAG_QUEUES], 0);
}

/* nmap -f: 8 bytes a piece split the TCP header; --mtu 16, --mtu 24 too. In
 * any order it is whole again. */
static void
test_tcp_header_split(void **state)
{
	static const uint8_t h[24] = {0x9c, 0x40, 0, 80, 1, 2, 3, 4, 0, 0, 0,
	    0, 0x60, 2, 4, 0, 0xaa, 0xbb, 0, 0, 2, 4, 5, 0xb4};
	int mtu, back, done, off, n;

	(void)state;
	for (mtu = 8; mtu <= 16; mtu += 8)
		for (back = 0; back < 2; back++) {
			for (done = 0, n = 0; n < 24; n += mtu) {
				off = back ? (24 - 1) / mtu * mtu - n : n;
				assert_int_equal(done, 0);
				done = put_bytes(FIX_H, (uint16_t)(mtu + back),
				    6, (uint32_t)off, h + off,
				    (uint32_t)(24 - off < mtu ? 24 - off
							      : mtu),
				    off + mtu < 24);
			}
			assert_int_equal(done, 1);
			assert_int_equal(pk.l4_len, 24);
			assert_memory_equal(pk.l4, h, 24);
		}
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

/* What is quoted is the first piece as it came, as u1 says; BSD is silent; a
 * later piece or another's first does not matter. Families differ in time. */
static void
test_timeout_families(void **state)
{
	struct img_persona *p = &fix_pers[0];
	uint8_t fam, sent[52];
	const uint8_t *r;
	uint32_t n;

	(void)state;
	p->u1.ip_len = 0x164;
	p->u1.unused = 5;
	p->u1.rid = QUOTE_SWAP;
	p->frag_timeout_s = 3;
	net.now_ms += 100000;
	put(FIX_H, 0x1234, 17, 0, 32, 1, 'a');
	memcpy(sent, cur.mem + 14, 52);
	put(FIX_H, 0x1234, 17, 32, 64, 1, 'b');
	put(FIX_H, 0x1234, 17, 104, 64, 0, 'c');
	assert_int_equal(timed_out(2900), 0);
	assert_int_equal(timed_out(200), 1);
	r = io_mem_frame(&net.ifs[0], 0, &n) + 14;
	assert_int_equal(n, 14 + 28 + 52);
	assert_int_equal(be16(r + 26), 5);
	assert_int_equal(be16(r + 32), 0x3412);
	assert_memory_equal(r + 28, sent, 4);
	assert_memory_equal(r + 34, sent + 6, 4);
	assert_memory_equal(r + 40, sent + 12, 40);
	for (fam = FAM_GENERIC; fam < FAM_MAX; fam++) {
		p->family = fam;
		put(FIX_H, fam, 17, 0, 8, 1, 'a');
		assert_int_equal(timed_out(3100), fam != FAM_FREEBSD &&
		    fam != FAM_OPENBSD && fam != FAM_NETBSD &&
		    fam != FAM_MACOS && fam != FAM_VXWORKS);
	}
	memset(p, 0, sizeof(*p));
	fix_persona(p);
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
	    T(model), T(three_way), T(published), T(families), T(drop_policy),
	    T(tcp_header_split), T(key),
	    T(df_kept), T(hostile), T(largest), T(timeout),
	    T(timeout_families), T(bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
