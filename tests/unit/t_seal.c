/* SPDX-License-Identifier: ISC */
/*
 * The seal: known answers (made with Python's hashlib and cryptography, not
 * with this code), forward secrecy, a kill at every single instruction, one
 * spelling of a seal, the state on disk, the key's text.
 */
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/proto.h"
#include "common/seal.h"

#define BOOT 0x0123456789abcdefULL

static uint8_t root[SEAL_KEY_LEN];

static void
unhex(uint8_t *out, const char *hex)
{
	unsigned int v;

	for (; *hex != '\0'; hex += 2) {
		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		*out++ = (uint8_t)v;
	}
}

static const struct known {
	uint64_t ordinal;
	unsigned int chain;
	uint64_t index;
	const char *line, *tag;
} known[] = {
	{ 0, 0, 0, "7b2261223a31", "37dfff2dc3d1ec22f5ef345d019101b1" },
	{ 0, 0, 1, "7b2261223a31", "cccb30d63d73d5e3ce7a25f7fe8da48b" },
	{ 0, 1, 0, "7b2261223a31", "abca9e4dc9427588af2c8d24c7506fd9" },
	{ 0, 0, 31, "7b2262223a32", "4e50bc03f4f678c349edefe9aa089c01" },
	{ 0, 0, 32, "7b2262223a32", "ff25e09b32eee119ab2e7b27bf4ee876" },
	{ 3, 1, 1000,
	    "7b226d223a22808182838485868788898a8b8c8d8e8f9091929394959697"
	    "98999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5"
	    "b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3"
	    "d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1"
	    "f2f3f4f5f6f7f8f9fafbfcfdfeff22",
	    "0134955116e01d302e9b9bece982db10" },
	{ 2, 0, 123456, "7b", "40ae648295c12e960d9e89faff08c925" },
};

static void
known_tags(void **state)
{
	struct seal_chain c;
	uint8_t line[256], want[16], got[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		n = strlen(known[i].line) / 2;
		unhex(line, known[i].line);
		unhex(want, known[i].tag);
		seal_derive(&c, root, known[i].ordinal, BOOT, known[i].chain);
		seal_skip(&c, known[i].index);
		seal_tag(&c, line, n, got);
		assert_memory_equal(got, want, sizeof(want));
		assert_int_equal(c.index, known[i].index + 1);
		/* the same by steps, as the writer goes */
		seal_derive(&c, root, known[i].ordinal, BOOT, known[i].chain);
		while (c.index < known[i].index)
			seal_tag(&c, "x", 1, got);
		assert_int_equal(seal_check(&c, line, n, want), 1);
	}
}

static void
known_carry(void **state)
{
	static const char at3[] = "0300000000000000856d8decbb42b80a19289d98215"
	    "64b2867b95614d6e7f75b3650473b6c45d2a6d7a2fdeda6a465bbe4748d429621"
	    "6d8e";
	struct seal_state s;
	uint8_t c[SEAL_KEY_LEN], next[SEAL_KEY_LEN], want[SEAL_CARRY_SIZE],
	    file[SEAL_CARRY_SIZE], zero[SEAL_KEY_LEN] = { 0 };
	uint64_t n;
	int i;

	(void)state;
	unhex(want, at3);
	memcpy(c, root, sizeof(c));
	for (i = 0; i < 3; i++) {
		seal_begin(&s, c, (uint64_t)i, BOOT, next);
		assert_memory_equal(c, zero, sizeof(c));
		memcpy(c, next, sizeof(c));
	}
	seal_carry_pack(file, 3, c);
	assert_memory_equal(file, want, sizeof(want));
	assert_int_equal(seal_carry_unpack(file, &n, next), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(next, c, sizeof(c));
	for (i = 0; i < SEAL_CARRY_SIZE * 8; i++) {
		file[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(seal_carry_unpack(file, &n, next), -1);
		file[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void
known_line(void **state)
{
	static const char line[] =
	    "{\"@timestamp\":\"x\",\"message\":\"hello\"}\n";
	static const char want[] =
	    "{\"@timestamp\":\"x\",\"message\":\"hello\","
	    "\"seal\":\"7.zlYuPm9AB_kSaA81kFd1bA\"}\n";
	char buf[256];
	struct seal_chain c;
	uint8_t tag[16], got[16];
	uint64_t i;
	size_t n, body;

	(void)state;
	seal_derive(&c, root, 5, BOOT, 0);
	seal_skip(&c, 7);
	memcpy(buf, line, sizeof(line));
	n = seal_line(&c, buf, sizeof(line) - 1, tag);
	assert_int_equal(n, sizeof(want) - 1);
	assert_memory_equal(buf, want, n);
	assert_int_equal(seal_parse(buf, n, &body, &i, got), 0);
	assert_int_equal(i, 7);
	assert_int_equal(body, sizeof(line) - 3);
	assert_memory_equal(got, tag, sizeof(tag));
}

/* The largest index fits SEAL_TAIL_MAX and comes back. */
static void
tail_max(void **state)
{
	char buf[128] = "{}\n";
	struct seal_chain c;
	uint8_t tag[16];
	uint64_t i;
	size_t n, body;

	(void)state;
	seal_derive(&c, root, 0, BOOT, 0);
	c.index = UINT64_MAX - 31; /* keys do not matter here */
	n = seal_line(&c, buf, 3, NULL);
	assert_true(n <= 3 + SEAL_TAIL_MAX);
	assert_int_equal(seal_parse(buf, n, &body, &i, tag), 0);
	assert_int_equal(i, UINT64_MAX - 31);
}

/* Every change of one byte of a line and every cut is no seal, or another
 * body, index or tag: nothing has two spellings. */
static void
one_spelling(void **state)
{
	char line[128] = "{\"m\":\"x\"}\n", was;
	struct seal_chain c, at;
	uint8_t tag[16];
	uint64_t i;
	size_t n, p, body;
	int v;

	(void)state;
	seal_derive(&c, root, 1, BOOT, 1);
	seal_skip(&c, 40);
	at = c;
	n = seal_line(&c, line, strlen(line), NULL);
	for (p = 0; p < n; p++) {
		was = line[p];
		for (v = 0; v < 256; v++) {
			line[p] = (char)v;
			c = at;
			if (seal_parse(line, n, &body, &i, tag) == 0 &&
			    i == 40 && seal_check(&c, line, body, tag))
				assert_int_equal((char)v, was);
		}
		line[p] = was;
	}
	for (p = 0; p < n; p++)
		assert_int_equal(seal_parse(line, p, &body, &i, tag), -1);
}

static void
odd_seals(void **state)
{
	static const char *const bad[] = {
		"{,\"seal\":\"07.zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"{,\"seal\":\".zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"{,\"seal\":\"-1.zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"{,\"seal\":\"18446744073709551616.zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"{,\"seal\":\"99999999999999999999.zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"{,\"seal\":\"111111111111111111111.zlYuPm9AB_kSaA81kFd1bA\"}"
		"\n",
		"{,\"seal\":\"7.zlYuPm9AB_kSaA81kFd1bB\"}\n",
		"{,\"seal\":\"7.zlYuPm9AB/kSaA81kFd1bA\"}\n",
		"{,\"seal\":\"7.zlYuPm9AB_kSaA81kFd1bA\" }\n",
		"{, \"seal\":\"7.zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"{,\"Seal\":\"7.zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"\"seal\":\"7.zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"7.zlYuPm9AB_kSaA81kFd1bA\"}\n",
		"\"}\n",
		"\n",
		"",
	};
	uint8_t tag[16];
	uint64_t n;
	size_t i, body;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(seal_parse(bad[i], strlen(bad[i]), &body, &n,
		    tag), -1);
}

/* Index, and only keys that are still to be used. */
static void
sane(const struct seal_chain *c, const struct seal_chain *want)
{
	assert_int_equal(c->index, want->index);
	assert_memory_equal(c->epoch, want->epoch, sizeof(c->epoch));
}

static void
keys_gone(void **state)
{
	static const uint8_t zero[sizeof(struct seal_epoch)];
	struct seal_chain c;
	const struct seal_epoch *h;
	uint8_t tag[16];
	uint64_t i, k;

	(void)state;
	seal_derive(&c, root, 0, BOOT, 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(c.index, i);
		h = &c.epoch[i / SEAL_EPOCH & 1];
		assert_memory_equal(&c.epoch[~(i / SEAL_EPOCH) & 1], zero,
		    sizeof(zero));
		for (k = 0; k < SEAL_EPOCH; k++)
			assert_int_equal(memcmp(h->once[k], zero,
			    SEAL_KEY_LEN) == 0, k < i % SEAL_EPOCH);
		seal_tag(&c, "x", 1, tag);
	}
}

/* By skips of any length the same as by steps. */
static void
skips(void **state)
{
	static struct seal_chain steps[200];
	struct seal_chain c;
	uint8_t tag[16];
	uint64_t i, k;

	(void)state;
	seal_derive(&c, root, 0, BOOT, 1);
	for (i = 0; i < 200; i++) {
		steps[i] = c;
		seal_tag(&c, "x", 1, tag);
	}
	for (i = 0; i < 200; i++)
		for (k = 0; k < 200; k++) {
			c = steps[i];
			seal_skip(&c, k);
			sane(&c, &steps[k > i ? k : i]);
		}
}

/*
 * A writer killed anywhere. A child seals records one instruction at a time;
 * after each, a copy of its page is what a successor would find: it must be
 * the chain before or after the record, nothing between.
 */
static void
kill_anywhere(void **state)
{
	static const uint64_t from[] = { 31, 62 };
	static struct seal_state copy;
	struct seal_chain want[3];
	struct seal_state *page;
	uint64_t steps, moved;
	uint8_t tag[16];
	size_t i;
	pid_t pid;
	int st, k;

	(void)state;
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(page != MAP_FAILED);
	for (i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		for (k = 0; k < 3; k++) {
			seal_derive(&want[k], root, 0, BOOT, 0);
			seal_skip(&want[k], from[i] + (uint64_t)k);
		}
		memset(page, 0, sizeof(*page));
		page->chain[0] = want[0];
		if ((pid = fork()) == 0) {
			ptrace(PTRACE_TRACEME, 0, NULL, NULL);
			raise(SIGSTOP);
			seal_tag(&page->chain[0], "x", 1, tag);
			seal_tag(&page->chain[0], "y", 1, tag);
			raise(SIGSTOP);
			_exit(0);
		}
		assert_true(pid > 0 && waitpid(pid, &st, 0) == pid);
		assert_true(WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP);
		for (steps = moved = 0;; steps++) {
			ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
			assert_int_equal(waitpid(pid, &st, 0), pid);
			if (!WIFSTOPPED(st) || WSTOPSIG(st) != SIGTRAP)
				break;
			memcpy(&copy, page, sizeof(copy));
			k = (int)(copy.chain[0].index - from[i]);
			assert_in_range(k, moved, 2);
			moved = (uint64_t)k;
			seal_resume(&copy);
			/* what was half made is gone, or not there yet */
			if (memcmp(copy.chain[0].epoch, want[k].epoch,
				sizeof(want[k].epoch)) != 0)
				fail_msg("index %d, instruction %d",
				    (int)copy.chain[0].index, (int)steps);
		}
		assert_true(WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP);
		assert_int_equal(moved, 2);
		assert_true(steps > 500);
		kill(pid, SIGKILL);
		waitpid(pid, &st, 0);
	}
	munmap(page, sizeof(*page));
}

static void
told(const struct seal_state *s, unsigned int chain, uint64_t ordinal,
    uint64_t from, uint64_t to, uint32_t number, const uint8_t tag[16])
{
	struct ev_segment e = { .prev_number = 7 };

	seal_told(s, chain, &e);
	assert_int_equal(e.ordinal, s->ordinal);
	assert_int_equal(e.prev_ordinal, ordinal);
	assert_int_equal(e.prev_number, number);
	assert_int_equal(e.doubt_from, from);
	assert_int_equal(e.doubt_to, to);
	assert_memory_equal(e.prev_tag, tag, sizeof(e.prev_tag));
}

/* A state as it stands on disk: no key in it, true only of its index. */
static void
disk(void **state)
{
	static struct seal_state s, old, got;
	static uint8_t slots[2 * SEAL_STATE_SIZE], page[SEAL_STATE_SIZE];
	struct seal_chain at;
	uint8_t carry[SEAL_KEY_LEN], next[SEAL_KEY_LEN], tag[16];
	size_t i, k;
	int n;

	(void)state;
	memcpy(carry, root, sizeof(carry));
	seal_begin(&s, carry, 0, BOOT, next);
	assert_int_equal(seal_unpack(&got, slots, sizeof(slots)), -1);
	for (n = 1; n <= 5; n++) {
		for (i = 0; i < 13; i++)
			seal_tag(&s.chain[0], "x", 1, tag);
		seal_tag(&s.chain[1], "x", 1, tag);
		s.last[1][0].index = s.chain[1].index - 1;
		memcpy(s.last[1][0].tag, tag, sizeof(tag));
		seal_pack(&s, page);
		assert_int_equal(s.saved, n);
		memcpy(slots + (s.saved & 1) * SEAL_STATE_SIZE, page,
		    sizeof(page));
		assert_int_equal(seal_unpack(&got, slots, sizeof(slots)), 0);
		assert_int_equal(got.saved, n);
		assert_int_equal(got.chain[0].index, 13 * n);
		for (i = 0; i < SEAL_CHAINS; i++) {
			seal_derive(&at, root, 0, BOOT, (unsigned int)i);
			seal_skip(&at, got.chain[i].index);
			assert_int_equal(seal_proof(&got, (unsigned int)i,
			    &at), 1);
			for (k = 0; k < SEAL_EPOCH; k++)
				assert_true(memmem(page, sizeof(page),
				    at.epoch[at.index / SEAL_EPOCH & 1].once[k],
				    SEAL_KEY_LEN) == NULL ||
				    k < at.index % SEAL_EPOCH);
			assert_null(memmem(page, sizeof(page),
			    at.epoch[at.index / SEAL_EPOCH & 1].next,
			    SEAL_KEY_LEN));
			/* anything in it, another index: false */
			old = got;
			old.clean ^= 1;
			assert_int_equal(seal_proof(&old, (unsigned int)i,
			    &at), 0);
			old = got;
			old.chain[i].index--;
			seal_derive(&at, root, 0, BOOT, (unsigned int)i);
			seal_skip(&at, old.chain[i].index);
			assert_int_equal(seal_proof(&old, (unsigned int)i,
			    &at), 0);
		}
	}
	/* one slot torn: the other one; both: none */
	slots[SEAL_STATE_SIZE + 100] ^= 1;
	assert_int_equal(seal_unpack(&got, slots, sizeof(slots)), 0);
	assert_int_equal(got.saved, 4);
	assert_int_equal(seal_unpack(&old, slots, SEAL_STATE_SIZE + 5), 0);
	slots[100] ^= 1;
	assert_int_equal(seal_unpack(&got, slots, sizeof(slots)), -1);
	/* a start later */
	memcpy(carry, next, sizeof(carry));
	s.segment[STREAM_PROBES] = 9;
	old = s;
	seal_begin(&s, carry, 1, BOOT + 1, next);
	seal_follow(&s, &old);
	assert_int_equal(s.saved, 5);
	assert_int_equal(s.prev[0].index, 65);
	assert_int_equal(s.prev[1].index, 5);
	told(&s, 1, 0, 5, SEAL_OPEN, 9, tag);
	/* its first record, written; the second one not yet */
	seal_tag(&s.chain[1], "x", 1, tag);
	s.last[1][1].index = 0;
	memcpy(s.last[1][1].tag, tag, sizeof(tag));
	s.chain[1].written = 1;
	told(&s, 1, 1, 1, 1, 7, tag);
	seal_tag(&s.chain[1], "y", 1, page);
	told(&s, 1, 1, 1, 2, 7, tag);
	memset(page, 0, 16); /* no tag is known of a record not written */
	/* a start that had no probes: the one before it counts */
	s.clean = 1;
	old = s;
	seal_begin(&s, carry, 2, BOOT, next);
	seal_follow(&s, &old);
	told(&s, 1, 1, 2, 2, 0, page);
	assert_int_equal(s.prev[0].ordinal, 0);
	assert_int_equal(s.prev[0].index, 65);
	assert_int_equal(s.prev[0].clean, 0);
	/* the first start of all */
	seal_begin(&s, carry, 0, BOOT, next);
	seal_follow(&s, NULL);
	memset(tag, 0, sizeof(tag));
	told(&s, 0, 0, 0, 0, 0, tag);
}

static void
key_text(void **state)
{
	static const char want[] = "hpd1-amfb-cga7-eywt-io2c-jfif-oxtf-nrzx-"
	    "vami-r6lj-3jfl-wk44-br6o-2xoa-2bay-al7e";
	char text[SEAL_KEY_TEXT], was;
	uint8_t key[SEAL_KEY_LEN];
	size_t i;

	(void)state;
	seal_key_text(root, text);
	assert_string_equal(text, want);
	assert_int_equal(seal_key_parse(text, key), 0);
	assert_memory_equal(key, root, sizeof(key));
	assert_int_equal(seal_key_parse("HPD1 AMFBCGA7eywtio2cjfifoxtf nrzx\n"
	    "vamir6lj3jflwk44br6o2xoa2bayal7e\r\n", key), 0);
	assert_int_equal(seal_key_parse("hpd1-amfb-cga7-eywt-i02c-jfif-oxtf-"
	    "nrzx-vami-r61j-3jfl-wk44-br6o-2xoa-2bay-al7e", key), 0);
	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] == '-')
			continue;
		was = text[i];
		text[i] = was == 'x' ? 'y' : 'x';
		assert_int_equal(seal_key_parse(text, key), -1);
		text[i] = was;
	}
	assert_int_equal(seal_key_parse("", key), -1);
	assert_int_equal(seal_key_parse("hpd1", key), -1);
	text[strlen(text) - 1] = '\0';
	assert_int_equal(seal_key_parse(text, key), -1);
	strncat(text, "ea", 3);
	assert_int_equal(seal_key_parse(text, key), -1);
}

static void
cost(void **state)
{
	static char line[1024];
	struct seal_chain c;
	struct timespec a, b;
	double us;
	int i, n = 100000;

	(void)state;
	memset(line, 'x', sizeof(line));
	seal_derive(&c, root, 0, BOOT, 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < n; i++) {
		memcpy(line + 798, "}\n", 2);
		(void)seal_line(&c, line, 800, NULL);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	us = ((double)(b.tv_sec - a.tv_sec) * 1e9 +
	    (double)(b.tv_nsec - a.tv_nsec)) / 1e3 / n;
	print_message("# %.3f microseconds for a line of 800 bytes\n", us);
	assert_true(us < 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_tags),
		cmocka_unit_test(known_carry),
		cmocka_unit_test(known_line),
		cmocka_unit_test(tail_max),
		cmocka_unit_test(one_spelling),
		cmocka_unit_test(odd_seals),
		cmocka_unit_test(keys_gone),
		cmocka_unit_test(skips),
		cmocka_unit_test(kill_anywhere),
		cmocka_unit_test(disk),
		cmocka_unit_test(key_text),
		cmocka_unit_test(cost),
	};
	size_t i;

	for (i = 0; i < sizeof(root); i++)
		root[i] = (uint8_t)(i * 7 + 3);
	if (seal_init() == -1)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
