/* SPDX-License-Identifier: ISC */
/*
 * From a fingerprint to a persona: options as bytes and for lesser peers,
 * RST data by its checksum, patterns of ISNs, counters' windows, and the
 * tricks that entries take which no plain answer satisfies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-parent/conf/fp.h"
#include "hpd-parent/conf/osseq.h"

/* --- options ------------------------------------------------------------- */

static void
test_options(void **state)
{
	static const char *const texts[] = { "", "M5B4", "M5B4ST11NW7",
		"M5B4NW0NNT00NNS", "NNT10M218NWANNS", "M3FD8NW5NNT11SLL",
		"WANM109T10S", "T01NN" };
	struct img_answer a;
	char back[OS_OPT_TEXT];
	uint8_t opts[40];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memset(&a, 0, sizeof(a));
		assert_int_equal(fp_opts_set(&a, texts[i]), 0);
		assert_int_equal(a.optlen % 4, 0);
		memcpy(opts, a.opts, sizeof(opts));
		assert_int_equal(a.ts2_off, 255);
		if (strchr(texts[i], 'T') == NULL)
			assert_int_equal(a.ts_off, 255);
		else {
			if (a.ts_form & TS_VALUE)
				opts[a.ts_off] = 1;
			if (a.ts_form & TS_ECHO)
				opts[a.ts_off + 4] = 1;
		}
		os_opt_text(opts, a.optlen, back);
		assert_string_equal(back, texts[i]);
	}
	fp_opts_set(&a, "M5B4NW7NNT11");
	assert_int_equal(a.agree, OFFER_MSS | OFFER_WS | OFFER_TS);
	assert_int_equal(a.wscale, 7);
	assert_int_equal(a.mss_off, 2);
	assert_int_equal(a.ts_off, 12);
	/* a shift beyond RFC 7323's is sent as it is, and used as 14 */
	fp_opts_set(&a, "WFN");
	assert_int_equal(a.opts[2], 15);
	assert_int_equal(a.wscale, 14);
	fp_opts_set(&a, "T11T11");
	assert_int_equal(a.ts2_off, 12);
	/* not options; too many: none then */
	assert_int_equal(fp_opts_set(&a, "M5B4X"), -1);
	assert_int_equal(a.optlen, 0);
	assert_int_equal(a.mss_off, 255);
	assert_int_equal(fp_opts_set(&a, "T11T11T11T11T11"), -1);
	assert_int_equal(fp_opts_set(&a, "T1"), -1);
	assert_int_equal(fp_opts_mss("NNT11M5B4"), 0x5b4);
	assert_int_equal(fp_opts_mss("NNS"), 0);
}

static void
test_options_dropped(void **state)
{
	static const struct {
		const char *all;
		uint8_t offers;
		const char *left;
	} rows[] = {
		{ "M5B4ST11NW7", 15, "M5B4ST11NW7" },
		{ "M5B4ST11NW7", 15 & ~OFFER_TS, "M5B4NNSNW7" },
		{ "M5B4ST11NW7", 15 & ~OFFER_SACK, "M5B4NNT11NW7" },
		{ "M5B4ST11NW7", OFFER_MSS, "M5B4" },
		{ "M5B4ST11NW7", 0, "M5B4" }, /* MSS needs no asking */
		{ "M5B4NW0NNT00NNS", OFFER_MSS | OFFER_TS, "M5B4NNT00" },
		{ "NNT11M5B4NW0NNS", OFFER_SACK, "M5B4NNS" },
		{ "M3FD8NW5NNT11SLL", 15 & ~OFFER_SACK, "M3FD8NW5NNT11" },
		{ "M3FD8NW5NNT11SLL", OFFER_SACK, "M3FD8SLL" },
		{ "", 15, "" },
	};
	char out[FP_OPTS];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fp_opts_drop(rows[i].all, rows[i].offers, out);
		assert_string_equal(out, rows[i].left);
	}
}

static void
test_crc(void **state)
{
	static const uint32_t known[] = { 0xe44a4e43, 0xbd1ab510, 0x1f59b3d4,
		0, 0xffffffff, 1 };
	uint32_t x = 12345;
	uint8_t data[4];
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		fp_crc_inverse(known[i], data);
		assert_int_equal(os_crc32(data, 4), known[i]);
	}
	for (i = 0; i < 10000; i++) {
		x = x * 1664525u + 1013904223u;
		fp_crc_inverse(x, data);
		assert_int_equal(os_crc32(data, 4), x);
	}
}

/* --- ISN patterns -------------------------------------------------------- */

/* Does any row of nd differences show what is wanted? */
static void
assert_shows(const struct img_isn_gen *g, unsigned nd, const char *gcd,
    const char *isr, const char *sp)
{
	static const double t[ISN_STEPS] = { 0.1, 0.1, 0.1, 0.1, 0.1 };
	uint32_t d[ISN_STEPS];
	unsigned from, i;
	struct fp_seq s;
	char text[3][16];

	for (from = 0; from < ISN_STEPS; from++) {
		for (i = 0; i < nd; i++)
			d[i] = g->step[(from + i) % ISN_STEPS] * g->gcd;
		fp_seq_of(d, t, nd, &s);
		snprintf(text[0], sizeof(text[0]), "%X", s.gcd);
		snprintf(text[1], sizeof(text[1]), "%X", s.isr);
		snprintf(text[2], sizeof(text[2]), "%X", s.sp);
		assert_true(os_expr_match(gcd, strlen(gcd), text[0]));
		assert_true(os_expr_match(isr, strlen(isr), text[1]));
		assert_true(os_expr_match(sp, strlen(sp), text[2]));
	}
}

static void
test_isn(void **state)
{
	static const struct {
		const char *gcd, *isr, *sp;
		unsigned nd;
		uint32_t g; /* the GCD that is to be taken */
	} rows[] = {
		/* random increments, few and many */
		{ "1-6", "C8-D2", "C0-D0", 5, 1 },
		{ "1-6", "104-110", "FB-105", 5, 1 },
		{ "1-6", "104-110", "FB-105", 3, 1 },
		/* 64,000 a connection: always one, seldom two, up to three */
		{ "FA00|1F400|2EE00|3E800|4E200", "98-A2", "0-5", 5, 64000 },
		{ "FA00|1F400", "9C-A0", "10-15", 5, 64000 },
		{ "FA00|1F400|2EE00|3E800|4E200", "9C-A2", "19-1C", 4, 64000 },
		/* the spread is the mean's double: one high, four low */
		{ "1-6", "AB-B5", "AE-B8", 5, 1 },
		/* the large one counts: a clock's jitter is divided by it */
		{ "1|>1000000", "E8-F2", "0-7", 5, 0x1000001 },
		{ "1-6|64|C8|12C|190|1F4", "4B-55", "D-1D", 5, 100 },
		/* all alike: the step must be a divisor itself */
		{ "4|8|C|10", "28-34", "0", 5, 4 },
		/* wide and tight at once */
		{ "1-6", "0-151", "0-18", 5, 1 },
	};
	struct img_isn_gen g;
	size_t i;
	int failed;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		failed = fp_isn_solve(rows[i].gcd, rows[i].isr, rows[i].sp, -1,
		    -1, rows[i].nd, &g);
		if (failed < 0 || failed > FP_TRIALS / 2)
			fail_msg("row %zu: %d", i, failed);
		assert_int_equal(g.gcd, rows[i].g);
		assert_true(g.gcd_max >= g.gcd);
		assert_shows(&g, rows[i].nd, rows[i].gcd, rows[i].isr,
		    rows[i].sp);
	}
	/* Impossible: a rate below a step a second, no spread at all with a
	 * mean that is no divisor, a divisor above all differences. */
	assert_int_equal(fp_isn_solve("1-6", "0-5", "0-5", -1, -1, 5, &g), -1);
	assert_int_equal(fp_isn_solve("1-6", "C8-D2", "0", -1, -1, 5, &g), -1);
	assert_int_equal(fp_isn_solve("FA00", "40-50", "0-5", -1, -1, 5, &g),
	    -1);
}

/* What is asked for is taken, when the entry has it. */
static void
test_isn_wanted(void **state)
{
	static const double t[ISN_STEPS] = { 0.1, 0.1, 0.1, 0.1, 0.1 };
	struct img_isn_gen g;
	struct fp_seq s;

	(void)state;
	assert_int_equal(fp_isn_solve("1", "C0-D0", "A0-C0", 0xc3, 0xbd, 5,
	    &g), 0);
	fp_seq_of(g.step, t, 5, &s);
	assert_int_equal(s.isr, 0xc3);
	assert_int_equal(s.sp, 0xbd);
	assert_int_equal(s.gcd, 1);
}

/* --- whole entries ------------------------------------------------------- */

static struct conf c;
static struct nmapdb *db;

/* A table with one entry, "Linux" by class; later attributes of `over` take
 * the place of those of the sample's line. */
static int
build(const char *seq, const char *rest, struct img_persona *p, FILE *out)
{
	char *text = malloc(4096);
	int r;

	conf_init(&c, out);
	snprintf(text, 4096, "Fingerprint X\nClass L | Linux | 2.6.X | g\n"
	    "SEQ(%s)\n%s", seq, rest);
	db = nmapdb_index(&c, "sample", text, strlen(text));
	assert_non_null(db);
	r = persona_from_nmap(&c, db, 0, p);
	nmapdb_free(db);
	conf_free(&c);
	return r;
}

#define OPS6(o) "OPS(O1=" o "%O2=" o "%O3=" o "%O4=" o "%O5=" o "%O6=" o ")\n"
#define WIN6(w) "WIN(W1=" w "%W2=" w "%W3=" w "%W4=" w "%W5=" w "%W6=" w ")\n"
#define T1_AS	"T1(R=Y%DF=Y%T=3B-45%TG=40%S=O%A=S+%F=AS%RD=0%Q=)\n"
#define NICE	"SP=C0-D0%GCD=1-6%ISR=C8-D2%TI=I%CI=I%II=I%SS=S"

static void
test_silence(void **state)
{
	struct img_persona p;

	(void)state;
	/* no SYN of nmap's is answered, others are */
	assert_int_equal(build("R=N", "OPS(R=N)\nWIN(R=N)\nT1(R=N)\nT5(R=N)\n",
	    &p, NULL), 0);
	assert_int_equal(p.answer[ANS_SYN1].respond, RESPOND_NO);
	assert_int_equal(p.answer[ANS_SYN6].respond, RESPOND_NO);
	assert_int_equal(p.answer[ANS_GEN].respond, RESPOND_YES);
	assert_int_equal(p.answer[ANS_GEN].flags, 0x12);
	assert_int_equal(p.answer[ANS_T5].respond, RESPOND_NO);
	assert_int_equal(p.answer[ANS_T5].flags, 0x14);
	/* only the first, when the table knows what the others show */
	assert_int_equal(build(NICE, "OPS(R=N)\nWIN(R=N)\nT1(R=N)\n", &p,
	    NULL), 0);
	assert_int_equal(p.answer[ANS_SYN1].respond, RESPOND_NO);
	assert_int_equal(p.answer[1].respond, RESPOND_YES);
	/* what nmap can't print is not sent */
	assert_int_equal(build(NICE, T1_AS "U1(DF=N%IPL=38%RID=1042)\n", &p,
	    NULL), 0);
	assert_int_equal(p.u1.respond, 0);
}

static void
test_refused(void **state)
{
	struct img_persona p;
	int i;

	(void)state;
	/* a backlog of three */
	assert_int_equal(build("TI=I%TS=U",
	    "OPS(O1=M5B4%O2=M5B4%O3=M5B4%O4=%O5=%O6=)\n"
	    "WIN(W1=1000%W2=1000%W3=1000%W4=0%W5=0%W6=0)\n" T1_AS, &p, NULL),
	    0);
	for (i = 0; i < 6; i++) {
		assert_int_equal(p.answer[i].flags, i < 3 ? 0x12 : 0x14);
		assert_int_equal(p.answer[i].ipid, i < 3 ? 0 : 3);
	}
	assert_int_equal(p.answer[ANS_GEN + 15].flags, 0x12);
	assert_int_equal(p.answer[ANS_GEN + 15].window, 0x1000);
	/* a stack without options and window is none that refuses */
	assert_int_equal(build(NICE, OPS6("") WIN6("0") T1_AS, &p, NULL), 0);
	assert_int_equal(p.answer[5].flags, 0x12);
	assert_int_not_equal(p.answer[ANS_GEN].window, 0);
	/* a port that was not open: nmap's SYNs are refused, all of them */
	assert_int_equal(build("CI=I", "T1(R=Y%DF=N%TG=40%S=Z%A=S+%F=AR)\n",
	    &p, NULL), 0);
	assert_int_equal(p.answer[0].flags, 0x14);
	assert_int_equal(p.answer[5].flags, 0x14);
	assert_int_equal(p.answer[5].seq, NUM_ZERO);
	assert_int_equal(p.answer[ANS_GEN + 15].flags, 0x12);
	assert_int_equal(p.answer[ANS_GEN + 15].seq, NUM_OTHER);
}

static void
test_numbers(void **state)
{
	struct img_persona p;
	int i;

	(void)state;
	/* the first ISN is 0, the rest goes on */
	assert_int_equal(build(NICE, "T1(R=Y%S=Z%A=S+%F=AS)\n", &p, NULL), 0);
	assert_int_equal(p.answer[0].seq, NUM_ZERO);
	assert_int_equal(p.answer[1].seq, NUM_OTHER);
	assert_int_equal(p.isn_gen.hashed, 1);
	/* nmap's own acknowledgement number, so always the same */
	assert_int_equal(build("SP=0-5%GCD=0%ISR=0-5%TI=Z",
	    "T1(R=Y%S=A%A=S+%F=AS)\n", &p, NULL), 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(p.answer[i].seq, NUM_SAME);
	assert_int_equal(p.isn_gen.how, ISN_CONST);
	/* the same first number, but the next are others */
	assert_int_equal(build(NICE, "T1(R=Y%S=A%A=S+%F=AS)\n", &p, NULL), 0);
	assert_int_equal(p.answer[0].seq, NUM_SAME);
	assert_int_equal(p.answer[0].respond, RESPOND_REPEAT);
	assert_int_equal(p.answer[1].respond, RESPOND_YES);
	/* no pattern does it: three answers are not measured */
	assert_int_equal(build("SP=1-6%GCD=1-6%ISR=C8-D2%TI=I", T1_AS, &p,
	    NULL), 0);
	assert_int_equal(p.answer[2].seq, NUM_OTHER);
	for (i = 3; i < 6; i++)
		assert_int_equal(p.answer[i].seq, NUM_ZERO);
}

static void
test_stamps(void **state)
{
	struct img_persona p;

	(void)state;
	assert_int_equal(build(NICE "%TS=A", OPS6("M5B4ST11NW2") T1_AS, &p,
	    NULL), 0);
	assert_int_equal(p.ts_mhz, 1000000);
	/* the alternative that agrees with TS is taken */
	assert_int_equal(build(NICE "%TS=0", OPS6("M5B4ST11NW2|M5B4ST00NW2")
	    T1_AS, &p, NULL), 0);
	assert_int_equal(p.answer[0].ts_form, 0);
	assert_int_equal(build(NICE "%TS=U", OPS6("M5B4ST11NW2|M5B4NW2") T1_AS,
	    &p, NULL), 0);
	assert_int_equal(p.answer[3].ts_off, 255);
	assert_int_equal(p.ts_mhz, 0);
	/* a class that no rate is printed as */
	assert_int_equal(build(NICE "%TS=2", OPS6("M5B4ST11NW2") T1_AS, &p,
	    NULL), 0);
	assert_int_equal(p.ts_const, 1);
	assert_int_equal(build(NICE "%TS=20-22", OPS6("M5B4ST11NW2") T1_AS, &p,
	    NULL), 0);
	assert_in_range(p.ts_log2, 0x20, 0x22);
	/* TS contradicts the options: seen only in repeated answers */
	assert_int_equal(build("TI=Z%TS=U", OPS6("M5B4NNT00") T1_AS, &p, NULL),
	    0);
	assert_int_equal(p.answer[0].respond, RESPOND_REPEAT);
	assert_int_equal(p.answer[5].respond, RESPOND_REPEAT);
}

static void
test_ttls(void **state)
{
	struct img_persona p;

	(void)state;
	/* 70 of U1 is no usual one; the others' are */
	assert_int_equal(build(NICE, T1_AS "U1(T=46%TG=80%IPL=38)\n"
	    "IE(DFI=N%T=FA-104%TG=FF%CD=Z)\n", &p, NULL), 0);
	assert_int_equal(p.ttl, 64);
	assert_int_equal(p.u1.ttl, 70);
	assert_int_equal(p.ie.ttl, 255);
	assert_int_equal(p.u1.ttl_add, 0);
	/* decremented 50 times before it was quoted */
	assert_int_equal(build(NICE, "T1(R=Y%T=72%TG=40%S=O%A=S+%F=AS)\n"
	    "U1(T=131%TG=FF%IPL=38)\n", &p, NULL), 0);
	assert_int_equal(p.ttl, 64);
	assert_int_equal((int8_t)p.u1.ttl_add, -50);
	assert_int_equal(p.u1.ttl, 255);
	/* more than can be: the distance becomes unknown */
	assert_int_equal(build(NICE, T1_AS "U1(T=250-25A%TG=FF%IPL=38)\n", &p,
	    NULL), 0);
	assert_int_equal((int8_t)p.u1.ttl_add, 2);
	assert_int_equal(p.ttl, 64);
}

static void
test_counters(void **state)
{
	const struct img_ipid_use *u;
	struct img_persona p;

	(void)state;
	u = p.ipid;
	assert_int_equal(build(NICE, T1_AS, &p, NULL), 0);
	assert_int_equal(u[1].counter, 0);
	assert_int_equal(u[2].counter, 0);
	/* echo replies count by themselves, far above; closed ports with TCP */
	assert_int_equal(build("SP=C0-D0%GCD=1-6%ISR=C8-D2%TI=I%II=I%SS=O",
	    T1_AS, &p, NULL), 0);
	assert_int_equal(u[0].how, IPID_INCR);
	assert_int_equal(u[1].counter, 0);
	assert_int_equal(u[2].counter, 2);
	assert_true(u[2].lo > u[0].hi + 20000);
	/* other classes that still look like one counter: below */
	assert_int_equal(build("SP=C0-D0%GCD=1-6%ISR=C8-D2%TI=I%II=RI%SS=S",
	    T1_AS, &p, NULL), 0);
	assert_int_equal(u[2].how, IPID_RANDINC);
	assert_true(u[2].hi + 10000 < u[0].lo);
	/* nothing was recognised: nothing is */
	assert_int_equal(build("SP=C0-D0%GCD=1-6%ISR=C8-D2%II=I", T1_AS, &p,
	    NULL), 0);
	assert_int_equal(u[0].how, IPID_ODD);
	assert_int_equal(build("SP=C0-D0%GCD=1-6%ISR=C8-D2%TI=Z%CI=RD%II=BI",
	    T1_AS, &p, NULL), 0);
	assert_int_equal(u[0].how, IPID_ZERO);
	assert_int_equal(u[1].how, IPID_RANDOM);
	assert_int_equal(u[2].how, IPID_BROKEN);
}

/* Windows that count segments, the MSS of both ends. */
static void
test_ordinary(void **state)
{
	struct img_persona p;

	(void)state;
	assert_int_equal(build(NICE "%TS=8",
	    "OPS(O1=M5B4ST11NW6%O2=M578ST11NW6%O3=M280NNT11NW6%"
	    "O4=M5B4ST11NW6%O5=M218ST11NW6%O6=M109ST11)\n"
	    "WIN(W1=16A0%W2=15B0%W3=9D0%W4=16A0%W5=830%W6=3F4)\n"
	    "ECN(R=Y%DF=Y%T=40%W=16D0%O=M5B4NNSNW6%CC=N%Q=)\n" T1_AS, &p,
	    NULL), 0);
	assert_int_equal(p.mss_min, 1);
	assert_int_equal(p.mss, 0);
	assert_int_equal(p.answer[ANS_GEN + 15].win_mss, 4);
	assert_int_equal(p.answer[ANS_GEN + 15].quirks, ANQ_WIN_TS);
	assert_int_equal(p.answer[ANS_GEN + 15].window, 4 * 1448);
	assert_int_equal(p.answer[ANS_GEN + OFFER_MSS].window, 4 * 1460);
	assert_int_equal(p.answer[ANS_SYN1].win_mss, 0);
	/* a small MSS of its own, never another window */
	assert_int_equal(build(NICE, OPS6("M400") WIN6("FFFF") T1_AS, &p,
	    NULL), 0);
	assert_int_equal(p.mss, 0x400);
	assert_int_equal(p.mss_min, 0);
	assert_int_equal(p.answer[ANS_GEN + 15].win_mss, 0);
	assert_int_equal(p.answer[ANS_GEN + 15].window, 0xffff);
}

/* What can't be is told with its place. */
static void
test_messages(void **state)
{
	struct img_persona p;
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	assert_non_null(f);
	assert_int_equal(build(NICE, T1_AS "U1(DF=N%IPL=38%RUD=X)\n", &p, f),
	    -1);
	fclose(f);
	assert_non_null(strstr(text, "sample:5:"));
	assert_non_null(strstr(text, "can't be satisfied: U1.RUD=X"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_options_dropped),
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_isn),
		cmocka_unit_test(test_isn_wanted),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_ttls),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_ordinary),
		cmocka_unit_test(test_messages),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
