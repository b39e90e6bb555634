/* SPDX-License-Identifier: ISC */
/*
 * Observations: nmap's arithmetic over the numbers of a host, its words for
 * what answers hold, and what is predicted of a persona.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-parent/conf/osseq.h"

/* --- numbers -------------------------------------------------------------- */

static struct os_obs obs;

static void
isns(const uint32_t isn[6], int gap_us)
{
	struct os_samples m;
	int i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < 6; i++) {
		m.syn[i].came = 1;
		m.syn[i].flags = 0x12;
		m.syn[i].isn = isn[i];
		m.syn[i].sent_us = 1000000 + i * gap_us;
	}
	os_obs_clear(&obs);
	os_seq_line(&obs, &m);
}

static void
test_isn(void **state)
{
	static const uint32_t same[6] = { 7, 7, 7, 7, 7, 7 },
		steady[6] = { 64000, 128000, 192000, 256000, 320000, 384000 },
		two[6] = { 10, 30, 70, 90, 130, 150 },
		wrap[6] = { 0xfffffff0, 0x10, 0x30, 0x50, 0x70, 0x90 },
		down[6] = { 0x80000005, 5, 0x80000005, 5, 0x80000005, 5 },
		three[6] = { 0, 0, 0, 5, 6, 7 }, four[6] = { 0, 0, 4, 5, 6, 7 };

	(void)state;
	isns(same, 100000);
	assert_string_equal(obs.v[OSA_SEQ_SP], "0");
	assert_string_equal(obs.v[OSA_SEQ_GCD], "0");
	assert_string_equal(obs.v[OSA_SEQ_ISR], "0");
	isns(steady, 100000);
	assert_string_equal(obs.v[OSA_SEQ_GCD], "FA00");
	assert_string_equal(obs.v[OSA_SEQ_ISR], "9A"); /* 8 log2 640000 */
	assert_string_equal(obs.v[OSA_SEQ_SP], "0");
	/* rates 200 and 400, divided by 20: 10 and 20; sigma 5.48 */
	isns(two, 100000);
	assert_string_equal(obs.v[OSA_SEQ_GCD], "14");
	assert_string_equal(obs.v[OSA_SEQ_SP], "14"); /* 8 log2 5.48 + .5 */
	assert_string_equal(obs.v[OSA_SEQ_ISR], "41"); /* mean 280 */
	isns(wrap, 100000);
	assert_string_equal(obs.v[OSA_SEQ_GCD], "20");
	isns(down, 100000); /* 2^31 is the most there is */
	assert_string_equal(obs.v[OSA_SEQ_GCD], "80000000");
	assert_string_equal(obs.v[OSA_SEQ_ISR], "113");
	isns(three, 100000); /* a zero is no answer */
	assert_null(obs.v[OSA_SEQ_SP]);
	isns(four, 100000);
	assert_string_equal(obs.v[OSA_SEQ_GCD], "1");
	assert_string_equal(obs.v[OSA_SEQ_ISR], "1B"); /* 10 a second */
}

/* Classes of TI, with ICMP's IDs beside: "I BI S" for TI, II, SS. */
static void
ids(const char *want, const uint16_t tcp[6], uint16_t icmp1, uint16_t icmp2)
{
	struct os_samples m;
	char got[64];
	int i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < 6; i++) {
		m.syn[i].came = 1;
		m.syn[i].flags = 0x12;
		m.syn[i].id = tcp[i];
		m.syn[i].isn = 1;
		m.syn[i].sent_us = i * 100000;
	}
	m.icmp[0] = icmp1;
	m.icmp[1] = icmp2;
	m.nicmp = 2;
	os_obs_clear(&obs);
	os_seq_line(&obs, &m);
	snprintf(got, sizeof(got), "%s %s %s",
	    obs.v[OSA_SEQ_TI] ? obs.v[OSA_SEQ_TI] : "-",
	    obs.v[OSA_SEQ_II] ? obs.v[OSA_SEQ_II] : "-",
	    obs.v[OSA_SEQ_SS] ? obs.v[OSA_SEQ_SS] : "-");
	assert_string_equal(got, want);
}

static void
test_ids(void **state)
{
	static const uint16_t zero[6] = { 0 },
		one[6] = { 10, 11, 12, 13, 14, 15 },
		twos[6] = { 10, 12, 14, 16, 18, 20 },
		bytes[6] = { 256, 512, 768, 1024, 1280, 1536 },
		jumps[6] = { 1, 1200, 2500, 3700, 4900, 6000 },
		random[6] = { 1, 40000, 60000, 20000, 10, 3 },
		odd[6] = { 1, 38, 75, 112, 149, 186 },
		back[6] = { 10, 11, 12, 11, 12, 13 },
		again[6] = { 5, 5, 5, 5, 5, 5 };

	(void)state;
	ids("Z Z -", zero, 0, 0);
	ids("I I S", one, 16, 17);
	ids("I I S", one, 3, 4);    /* lower is taken for shared */
	ids("I I O", one, 18, 19);  /* 15 + 3 * 1 */
	ids("I 5 -", one, 5, 5);
	ids("I I -", twos, 21, 22); /* by two: "I", but no SS */
	ids("BI BI S", bytes, 1792, 2048);
	ids("RI RI S", jumps, 7000, 9001);
	ids("RD I -", random, 7, 8);
	ids("RD I -", back, 7, 8); /* a step back is a jump of 2^32 */
	ids("- I -", odd, 7, 8);
	ids("I RI S", one, 9, 8); /* two samples can't be random */
	ids("- I -", again, 7, 8); /* all but one taken for repeats */
}

static void
clocks(const char *want, uint32_t step, int zero_at, int none_at)
{
	struct os_samples m;
	int i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < 6; i++) {
		m.syn[i].came = 1;
		m.syn[i].flags = 0x12;
		m.syn[i].isn = 1;
		m.syn[i].sent_us = i * 100000;
		m.syn[i].has_ts = i != none_at;
		m.syn[i].tsval = i == zero_at ? 0 : 1000 + step * (uint32_t)i;
	}
	os_obs_clear(&obs);
	os_seq_line(&obs, &m);
	if (want == NULL)
		assert_null(obs.v[OSA_SEQ_TS]);
	else
		assert_string_equal(obs.v[OSA_SEQ_TS], want);
}

static void
test_clocks(void **state)
{
	(void)state;
	clocks("7", 10, -1, -1);
	clocks("8", 25, -1, -1);
	clocks("A", 100, -1, -1);
	clocks("3", 1, -1, -1);
	clocks("14", 100000, -1, -1);
	clocks(NULL, 0, -1, -1); /* stands still */
	clocks("0", 10, 3, -1);
	clocks("U", 10, -1, 2);
	clocks("U", 10, 2, 4); /* the last that says so */
	clocks("0", 10, 4, 2);
}

/* A RST is no answer to SEQ, but its ID makes the next one a repeat. */
static void
test_resets(void **state)
{
	struct os_samples m;
	int i;

	(void)state;
	memset(&m, 0, sizeof(m));
	for (i = 0; i < 6; i++) {
		m.syn[i].came = i != 5;
		m.syn[i].flags = i == 1 ? 0x14 : 0x12;
		m.syn[i].id = (uint16_t)(i == 2 ? 1 : i);
		m.syn[i].isn = 100 + (uint32_t)i;
		m.syn[i].sent_us = i * 100000;
	}
	m.closed[0] = 4;
	m.closed[1] = 5;
	m.nclosed = 2;
	os_obs_clear(&obs);
	os_seq_line(&obs, &m); /* 0, 3 and 4 are left */
	assert_null(obs.v[OSA_SEQ_SP]);
	assert_string_equal(obs.v[OSA_SEQ_TI], "I");
	assert_string_equal(obs.v[OSA_SEQ_CI], "I");
	assert_null(obs.v[OSA_SEQ_II]);
	m.nclosed = 1;
	os_obs_clear(&obs);
	os_seq_line(&obs, &m);
	assert_null(obs.v[OSA_SEQ_CI]);
}

/* --- words ---------------------------------------------------------------- */

static void
test_words(void **state)
{
	static const uint8_t linux_opt[] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
		0, 9, 0xff, 0xff, 0xff, 0xff, 1, 3, 3, 7 },
		old[] = { 2, 4, 2, 0x18, 0, 8, 10, 0, 0, 0, 0, 0, 0, 0, 1, 1 },
		cut[] = { 2, 4, 5, 0xb4, 8, 10, 1 };
	char t[OS_OPT_TEXT];
	uint32_t v = 0;

	(void)state;
	os_opt_text(linux_opt, sizeof(linux_opt), t);
	assert_string_equal(t, "M5B4ST11NW7");
	assert_int_equal(os_opt_ts(linux_opt, sizeof(linux_opt), &v), 0);
	assert_int_equal(v, 9);
	os_opt_text(old, sizeof(old), t); /* the printer goes on behind L */
	assert_string_equal(t, "M218LT01N");
	assert_int_equal(os_opt_ts(old, sizeof(old), &v), -1);
	os_opt_text(cut, sizeof(cut), t);
	assert_string_equal(t, "");
	assert_int_equal(os_opt_ts(cut, sizeof(cut), &v), -1);
	os_opt_text(cut, 0, t);
	assert_string_equal(t, "");
	os_flags_text(0xff, t); /* no letter for CWR */
	assert_string_equal(t, "EUAPRSF");
	os_flags_text(0x14, t);
	assert_string_equal(t, "AR");
	assert_int_equal(os_crc32((const uint8_t *)"123456789", 9),
	    0xcbf43926);
	assert_int_equal(os_ttl_guess(32), 32);
	assert_int_equal(os_ttl_guess(33), 64);
	assert_int_equal(os_ttl_guess(65), 128);
	assert_int_equal(os_ttl_guess(129), 255);
}

static void
test_lines(void **state)
{
	static const uint8_t data[4] = { 1, 2, 3, 4 };
	struct os_reply r = { .came = 1, .flags = 0x14, .df = 1, .ttl = 64,
		.seq = 5, .ack = 101, .probe_seq = 100, .probe_ack = 5,
		.data = data, .datalen = 4 };
	struct os_unreach u = { .came = 1, .ttl = 255, .ripck = 'G',
		.rud = 'G', .ipl = 0x164, .ripl = 328, .rid = 0x4210,
		.ruck = 7, .ruck_sent = 7 };
	struct os_echo e = { .came = 1, .df = { 1, 0 }, .code = { 9, 0 },
		.ttl = 255 };

	(void)state;
	os_obs_clear(&obs);
	os_tcp_line(&obs, OSL_T5, &r, 0);
	os_unreach_line(&obs, &u, 1);
	os_echo_line(&obs, &e, OS_DIST_UNKNOWN);
	assert_string_equal(obs.v[OSA_T5_S], "A");
	assert_string_equal(obs.v[OSA_T5_A], "S+");
	assert_string_equal(obs.v[OSA_T5_F], "AR");
	assert_string_equal(obs.v[OSA_T5_T], "40");
	assert_null(obs.v[OSA_T5_TG]);
	assert_string_equal(obs.v[OSA_T5_RD], "B63CFBCD");
	assert_string_equal(obs.v[OSA_T5_Q], "");
	assert_string_equal(obs.v[OSA_U1_T], "100"); /* may exceed FF */
	assert_string_equal(obs.v[OSA_U1_RIPL], "G");
	assert_string_equal(obs.v[OSA_U1_RID], "4210");
	assert_string_equal(obs.v[OSA_U1_RUCK], "G");
	assert_string_equal(obs.v[OSA_IE_TG], "FF");
	assert_string_equal(obs.v[OSA_IE_DFI], "S");
	assert_string_equal(obs.v[OSA_IE_CD], "S");
	r.flags = 0xc2;
	r.ack = 100;
	r.seq = 0;
	r.reserved = r.urp = 1;
	os_obs_clear(&obs);
	os_tcp_line(&obs, OSL_T2, &r, 0);
	os_tcp_line(&obs, OSL_ECN, &r, 0);
	os_tcp_line(&obs, OSL_T7, &(struct os_reply){ 0 }, 0);
	assert_string_equal(obs.v[OSA_T2_S], "Z");
	assert_string_equal(obs.v[OSA_T2_A], "S");
	assert_string_equal(obs.v[OSA_T2_RD], "0"); /* of RSTs only */
	assert_string_equal(obs.v[OSA_ECN_CC], "S");
	assert_string_equal(obs.v[OSA_ECN_Q], "RU");
	assert_string_equal(obs.v[OSA_T7_R], "N");
	assert_null(obs.v[OSA_T7_T]);
}

static void
test_obs(void **state)
{
	char big[200], *text = NULL;
	size_t n = 0;
	FILE *f;
	int i;

	(void)state;
	memset(big, 'A', sizeof(big));
	big[199] = '\0';
	os_obs_clear(&obs);
	for (i = 0; i < 1000; i++) { /* room is found again */
		os_obs_set(&obs, OSA_T1_F, "AS");
		os_obs_set(&obs, OSA_OPS_O1 + i % 6, "%s", big);
	}
	assert_string_equal(obs.v[OSA_T1_F], "AS");
	assert_string_equal(obs.v[OSA_OPS_O6], big);
	os_obs_clear(&obs);
	os_obs_set(&obs, OSA_SEQ_SP, "%X", 255);
	os_obs_set(&obs, OSA_SEQ_GCD, "%X", 1);
	os_obs_set(&obs, OSA_T1_R, "N");
	f = open_memstream(&text, &n);
	os_obs_print(&obs, f);
	fclose(f);
	assert_string_equal(text, "SEQ(SP=FF%GCD=1)\nT1(R=N)\n");
	free(text);
}

/* --- predictions ---------------------------------------------------------- */

static struct img_persona persona;

static void
answer(unsigned n, uint8_t flags, uint8_t seq, uint8_t ack, uint16_t window)
{
	persona.answer[n] = (struct img_answer){ .respond = RESPOND_YES,
		.flags = flags, .seq = seq, .ack = ack, .window = window,
		.df = 1, .ttl = 64, .mss_off = 255, .ts_off = 255,
		.ts2_off = 255 };
}

static void
make_persona(void)
{
	static const uint8_t opt[20] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0,
		0, 0, 0, 0, 0, 1, 3, 3, 7 };
	struct img_answer *a;
	unsigned i;

	memset(&persona, 0, sizeof(persona));
	for (i = ANS_SYN1; i <= ANS_ECN; i++) {
		answer(i, 0x12, NUM_OTHER, NUM_NEXT, 28960);
		a = &persona.answer[i];
		memcpy(a->opts, opt, sizeof(opt));
		a->optlen = 20;
		a->mss_off = 2;
		a->ts_off = 8;
		a->ts_form = TS_VALUE | TS_ECHO;
		a->agree = OFFER_MSS | OFFER_TS;
	}
	answer(ANS_T4, 0x04, NUM_SAME, NUM_ZERO, 0);
	answer(ANS_T5, 0x14, NUM_ZERO, NUM_NEXT, 0);
	answer(ANS_T6, 0x04, NUM_SAME, NUM_ZERO, 0);
	answer(ANS_T7, 0x14, NUM_ZERO, NUM_NEXT, 0);
	for (i = ANS_T5; i <= ANS_T7; i++)
		persona.answer[i].ipid = 1;
	persona.answer[ANS_ECN].flags = 0x52;
	persona.ts_mhz = 250000;
	persona.isn_gen = (struct img_isn_gen){ .how = ISN_PATTERN,
		.gcd = 64000, .gcd_max = 64000, .step = { 2, 1, 2, 1, 1 } };
	for (i = 0; i < 3; i++)
		persona.ipid[i] = (struct img_ipid_use){ .how = IPID_INCR,
			.counter = (uint8_t)i, .lo = (uint16_t)(1000 * i + 9),
			.hi = (uint16_t)(1000 * i + 9) };
	persona.u1 = (struct img_unreach){ .respond = 1, .ttl = 64,
		.ip_len = 0x164 };
	persona.ie = (struct img_echo){ .respond = 1, .dfi = DFI_S,
		.cd = CD_S, .ttl = 64 };
}

static void
predicts(const char *want)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	os_predict(&persona, &obs);
	os_obs_print(&obs, f);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

static void
test_predict(void **state)
{
	(void)state;
	make_persona();
	predicts(
	    "SEQ(SP=14%GCD=FA00%ISR=9E%TI=I%CI=I%II=I%SS=O%TS=8)\n"
	    "OPS(O1=M5B4ST11NW7%O2=M5B4ST11NW7%O3=M5B4ST11NW7%"
	    "O4=M5B4ST11NW7%O5=M5B4ST11NW7%O6=M5B4ST11NW7)\n"
	    "WIN(W1=7120%W2=7120%W3=7120%W4=7120%W5=7120%W6=7120)\n"
	    "ECN(R=Y%DF=Y%T=40%W=7120%O=M5B4ST11NW7%CC=Y%Q=)\n"
	    "T1(R=Y%DF=Y%T=40%S=O%A=S+%F=AS%RD=0%Q=)\n"
	    "T2(R=N)\nT3(R=N)\n"
	    "T4(R=Y%DF=Y%T=40%W=0%S=A%A=Z%F=R%O=%RD=0%Q=)\n"
	    "T5(R=Y%DF=Y%T=40%W=0%S=Z%A=S+%F=AR%O=%RD=0%Q=)\n"
	    "T6(R=Y%DF=Y%T=40%W=0%S=A%A=Z%F=R%O=%RD=0%Q=)\n"
	    "T7(R=Y%DF=Y%T=40%W=0%S=Z%A=S+%F=AR%O=%RD=0%Q=)\n"
	    "U1(R=Y%DF=N%T=40%IPL=164%UN=0%RIPL=G%RID=G%RIPCK=G%RUCK=G%"
	    "RUD=G)\n"
	    "IE(R=Y%DFI=S%T=40%CD=S)\n");
}

static void
test_predict_tricks(void **state)
{
	struct img_unreach *u = &persona.u1;

	(void)state;
	make_persona();
	/* only the repeated first SYN is answered */
	persona.answer[ANS_SYN1].respond = RESPOND_REPEAT;
	os_predict(&persona, &obs);
	assert_string_equal(obs.v[OSA_T1_R], "Y");
	assert_string_equal(obs.v[OSA_OPS_O1], "M5B4ST11NW7");
	assert_non_null(obs.v[OSA_SEQ_SP]);
	persona.answer[ANS_SYN1].respond = RESPOND_NO;
	os_predict(&persona, &obs);
	assert_string_equal(obs.v[OSA_T1_R], "N");
	assert_null(obs.v[OSA_OPS_O1]);
	assert_null(obs.v[OSA_WIN_W2]);
	/* a full backlog: RSTs count for OPS and WIN, not for SEQ */
	make_persona();
	answer(ANS_SYN1 + 3, 0x14, NUM_ZERO, NUM_NEXT, 0);
	answer(ANS_SYN1 + 4, 0x14, NUM_ZERO, NUM_NEXT, 0);
	answer(ANS_SYN1 + 5, 0x14, NUM_ZERO, NUM_NEXT, 0);
	os_predict(&persona, &obs);
	assert_null(obs.v[OSA_SEQ_SP]);
	assert_string_equal(obs.v[OSA_OPS_O4], "");
	assert_string_equal(obs.v[OSA_WIN_W6], "0");
	/* the window in segments, without room for the stamps */
	make_persona();
	persona.answer[ANS_SYN1].win_mss = 4;
	persona.answer[ANS_SYN1].quirks = ANQ_WIN_TS | ANQ_RESERVED;
	/* U1 */
	u->ttl_add = 255;
	u->ripl = QUOTE_ADD;
	u->ripl_value = 20;
	u->rid = QUOTE_SWAP;
	u->ripck = QUOTE_VALUE;
	u->ruck = QUOTE_VALUE;
	u->rud = 1;
	u->ip_len = 0x164;
	u->len_swap = 1;
	persona.ie.cd = CD_VALUE;
	persona.ie.cd_value = 3;
	persona.ie.dfi = DFI_O;
	os_predict(&persona, &obs);
	assert_string_equal(obs.v[OSA_WIN_W1], "16A0");
	assert_string_equal(obs.v[OSA_T1_Q], "R");
	assert_string_equal(obs.v[OSA_T1_T], "41");
	assert_string_equal(obs.v[OSA_U1_RIPL], "15C");
	assert_string_equal(obs.v[OSA_U1_RID], "4210");
	assert_string_equal(obs.v[OSA_U1_RIPCK], "Z");
	assert_string_equal(obs.v[OSA_U1_RUCK], "0");
	assert_string_equal(obs.v[OSA_U1_RUD], "I");
	assert_string_equal(obs.v[OSA_U1_IPL], "6401");
	assert_string_equal(obs.v[OSA_IE_CD], "3");
	assert_string_equal(obs.v[OSA_IE_DFI], "O");
	u->ttl_add = 2; /* as if nothing were known */
	os_predict(&persona, &obs);
	assert_null(obs.v[OSA_T1_T]);
	assert_string_equal(obs.v[OSA_T1_TG], "40");
	u->respond = 0;
	persona.ie.respond = 0;
	persona.isn_gen.how = ISN_CONST;
	persona.isn_gen.first = 5;
	os_predict(&persona, &obs);
	assert_string_equal(obs.v[OSA_U1_R], "N");
	assert_string_equal(obs.v[OSA_IE_R], "N");
	assert_string_equal(obs.v[OSA_SEQ_GCD], "0");
	assert_null(obs.v[OSA_SEQ_II]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_isn),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_obs),
		cmocka_unit_test(test_predict),
		cmocka_unit_test(test_predict_tricks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
