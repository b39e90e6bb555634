/* SPDX-License-Identifier: ISC */
/*
 * Overrides on a persona, field by field: what each changes, everywhere the
 * same is said, and that nothing else moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-parent/conf/conf.h"
#include "hpd-parent/conf/layout.h"

#define NO 255

static const uint8_t layout_offers[7] = { 15, 15, OFFER_MSS | OFFER_WS |
	OFFER_TS, OFFER_WS | OFFER_SACK | OFFER_TS, 15, OFFER_MSS |
	OFFER_SACK | OFFER_TS, OFFER_MSS | OFFER_WS | OFFER_SACK };

static void
put(struct img_answer *a, const uint8_t *o, size_t n)
{
	memcpy(a->opts + a->optlen, o, n);
	a->optlen = (uint8_t)(a->optlen + n);
}

/* As Linux lays them out: MSS, SACK, TS, NOP, WS. */
static void
options(struct img_answer *a, uint8_t offers)
{
	static const uint8_t nop[2] = { 1, 1 }, sack[2] = { 4, 2 },
			     ts[10] = { 8, 10 }, ws[4] = { 1, 3, 3, 7 },
			     mss[4] = { 2, 4, 0x05, 0xb4 };

	a->agree = offers | OFFER_MSS;
	a->wscale = offers & OFFER_WS ? 7 : 0;
	a->ts_off = a->ts2_off = NO;
	a->mss_off = 2;
	put(a, mss, 4);
	if (offers & (OFFER_SACK | OFFER_TS))
		put(a, offers & OFFER_SACK ? sack : nop, 2);
	if (offers & OFFER_TS) {
		a->ts_off = (uint8_t)(a->optlen + 2);
		a->ts_form = TS_VALUE | TS_ECHO;
		put(a, ts, 10);
	} else if (offers & OFFER_SACK)
		put(a, nop, 2);
	if (offers & OFFER_WS)
		put(a, ws, 4);
}

static void
sample(struct img_persona *p)
{
	struct img_answer *a;
	int i;

	memset(p, 0, sizeof(*p));
	p->ttl = 64;
	p->df_tcp = p->df_udp = 1;
	p->ecn = 1;
	p->ts_mhz = 250000;
	p->icmp_rate = 1;
	p->icmp_burst = 6;
	p->frag_policy = 3;
	p->u1.ttl = 255;
	p->u1.respond = 1;
	p->ie.ttl = 64;
	p->ipid[1].how = p->ipid[2].how = IPID_INCR;
	p->ipid[2].lo = 5;
	p->ipid[2].hi = 50;
	p->isn_gen.how = ISN_PATTERN;
	p->isn_gen.hashed = 1;
	p->isn_gen.gcd = 1;
	for (i = 0; i < ANS_MAX; i++) {
		a = &p->answer[i];
		a->respond = RESPOND_YES;
		a->ttl = 64;
		a->df = 1;
		a->mss_off = a->ts_off = a->ts2_off = NO;
		a->seq = NUM_OTHER;
		a->ack = NUM_NEXT;
		if (i <= ANS_ECN || i >= ANS_GEN) {
			a->flags = SYN | ACK;
			options(a, i >= ANS_GEN ? (uint8_t)(i - ANS_GEN) :
						  layout_offers[i]);
			a->window = a->agree & OFFER_TS ? 5792 : 5840;
			a->win_mss = i >= ANS_GEN ? 4 : 0;
			a->quirks = i >= ANS_GEN ? ANQ_WIN_TS : 0;
		} else {
			a->flags = RST;
			a->ipid = i >= ANS_T5;
		}
	}
	p->answer[ANS_ECN].flags |= ECE;
	p->answer[ANS_T2].respond = p->answer[ANS_T3].respond = RESPOND_NO;
	p->answer[ANS_T7].flags = RST | ACK;
	p->answer[ANS_T7].ttl = 60;
	p->answer[ANS_T7].window = 77;
	p->answer[5].flags = RST | ACK; /* a backlog that ran full */
	p->answer[5].window = 0;
	p->answer[5].ipid = 3;
}

static void
apply(struct img_persona *p, enum conf_over_id id, uint32_t v)
{
	struct conf_over o = { .set = OVER_BIT(id) };
	const char *why;

	sample(p);
	o.v[id] = v;
	assert_int_equal(persona_override(p, &o, &why), 0);
	assert_null(why);
}

static int
is_synack(const struct img_answer *a)
{
	return a->respond && (a->flags & (SYN | ACK | RST)) == (SYN | ACK);
}

/* Options parse, positions point at them, padding is there. */
static void
well_formed(const struct img_answer *a)
{
	uint8_t i = 0, mss = NO, ts = NO, agree = 0, n;

	assert_int_equal(a->optlen % 4, 0);
	assert_true(a->optlen <= 40);
	while (i < a->optlen && a->opts[i] != OPT_EOL) {
		if (a->opts[i] == OPT_NOP) {
			i++;
			continue;
		}
		n = a->opts[i + 1];
		assert_true(n >= 2 && n <= a->optlen - i);
		if (a->opts[i] == OPT_MSS) {
			mss = (uint8_t)(i + 2);
			agree |= OFFER_MSS;
		} else if (a->opts[i] == OPT_TS) {
			ts = (uint8_t)(i + 2);
			agree |= OFFER_TS;
		} else if (a->opts[i] == OPT_WS) {
			assert_int_equal(a->opts[i + 2], a->wscale);
			agree |= OFFER_WS;
		} else if (a->opts[i] == OPT_SACK)
			agree |= OFFER_SACK;
		i = (uint8_t)(i + n);
	}
	assert_int_equal(a->mss_off, mss);
	assert_int_equal(a->ts_off, ts);
	assert_int_equal(a->agree, agree);
	for (; i < 40; i++)
		assert_int_equal(a->opts[i], 0);
}

static void
all_well_formed(const struct img_persona *p)
{
	int i;

	for (i = 0; i < ANS_MAX; i++)
		if (is_synack(&p->answer[i]))
			well_formed(&p->answer[i]);
}

/* Everything but the answers, and the answers but what the mask allows. */
static void
same_but_answers(const struct img_persona *p)
{
	struct img_persona was, now = *p;

	sample(&was);
	memset(was.answer, 0, sizeof(was.answer));
	memset(now.answer, 0, sizeof(now.answer));
	assert_memory_equal(&was, &now, sizeof(was));
}

static void
test_nothing(void **state)
{
	struct conf_over o = { 0 };
	struct img_persona p, was;
	const char *why;

	(void)state;
	sample(&p);
	sample(&was);
	assert_int_equal(persona_override(&p, &o, &why), 0);
	assert_memory_equal(&p, &was, sizeof(p));
	all_well_formed(&p);
}

static void
test_ttl(void **state)
{
	struct img_persona p, was;
	int i;

	(void)state;
	apply(&p, OVER_TTL, 200);
	sample(&was);
	assert_int_equal(p.ttl, 200);
	assert_int_equal(p.ie.ttl, 200);
	assert_int_equal(p.u1.ttl, 255); /* was another than TCP's */
	for (i = 0; i < ANS_MAX; i++) {
		assert_int_equal(p.answer[i].ttl, i == ANS_T7 ? 60 : 200);
		was.answer[i].ttl = p.answer[i].ttl;
	}
	was.ttl = was.ie.ttl = 200;
	assert_memory_equal(&p, &was, sizeof(p));
}

static void
test_window(void **state)
{
	struct img_persona p;
	int i;

	(void)state;
	apply(&p, OVER_WINDOW, 31000);
	for (i = 0; i < ANS_MAX; i++)
		if (is_synack(&p.answer[i])) {
			assert_int_equal(p.answer[i].window, 31000);
			assert_int_equal(p.answer[i].win_mss, 0);
			assert_int_equal(p.answer[i].quirks, 0);
		}
	assert_int_equal(p.answer[5].window, 0);
	assert_int_equal(p.answer[ANS_T7].window, 77);
	same_but_answers(&p);
}

static void
test_mss(void **state)
{
	static const uint16_t least[7] = { 1000, 1000, 640, 536, 536, 0,
		1000 };
	struct conf_over o = { .set = OVER_BIT(OVER_MSS) };
	struct img_persona p;
	struct img_answer *a;
	const char *why;
	int i;

	(void)state;
	apply(&p, OVER_MSS, 1000);
	assert_int_equal(p.mss, 1000);
	all_well_formed(&p);
	for (i = 0; i < ANS_MAX; i++) {
		a = &p.answer[i];
		if (!is_synack(a))
			continue;
		assert_int_equal(a->opts[2] << 8 | a->opts[3], 1000);
		if (i >= ANS_GEN)
			assert_int_equal(a->window, a->agree & OFFER_TS ?
			    3952 : 4000);
		else
			assert_int_equal(a->window, a->agree & OFFER_TS ?
			    5792 : 5840);
	}
	/* a stack that answers no more than the peer's */
	sample(&p);
	p.mss_min = 1;
	o.v[OVER_MSS] = 1000;
	assert_int_equal(persona_override(&p, &o, &why), 0);
	for (i = 0; i < 7; i++)
		if (least[i] != 0)
			assert_int_equal(p.answer[i].opts[2] << 8 |
			    p.answer[i].opts[3], least[i]);
}

static void
test_wscale(void **state)
{
	struct img_persona p;
	int i;

	(void)state;
	apply(&p, OVER_WSCALE, 0);
	all_well_formed(&p);
	assert_int_equal(p.answer[0].wscale, 0);
	assert_int_equal(p.answer[0].agree, 15);
	apply(&p, OVER_WSCALE, 14);
	all_well_formed(&p);
	assert_int_equal(p.answer[ANS_GEN + 15].wscale, 14);
	assert_int_equal(p.answer[0].optlen, 20);
	apply(&p, OVER_WSCALE, OVER_OFF);
	all_well_formed(&p);
	for (i = 0; i < ANS_MAX; i++)
		if (is_synack(&p.answer[i]))
			assert_int_equal(p.answer[i].agree & OFFER_WS, 0);
	assert_int_equal(p.answer[0].optlen, 16);
	same_but_answers(&p);
}

static void
test_sack(void **state)
{
	/* no SACK before TS: two NOPs, as for a peer without it */
	static const uint8_t want[20] = { 2, 4, 5, 0xb4, 1, 1, 8, 10, 0, 0, 0,
		0, 0, 0, 0, 0, 1, 3, 3, 7 };
	struct conf_over o = { .set = OVER_BIT(OVER_SACK) };
	struct img_persona p;
	const char *why;
	int i;

	(void)state;
	apply(&p, OVER_SACK, 0);
	all_well_formed(&p);
	assert_int_equal(p.answer[0].optlen, 20);
	assert_memory_equal(p.answer[0].opts, want, 20);
	for (i = 0; i < ANS_MAX; i++)
		if (is_synack(&p.answer[i]))
			assert_int_equal(p.answer[i].agree & OFFER_SACK, 0);
	same_but_answers(&p);
	/* and back: behind the others */
	o.v[OVER_SACK] = 1;
	assert_int_equal(persona_override(&p, &o, &why), 0);
	all_well_formed(&p);
	assert_int_equal(p.answer[0].optlen, 24);
	assert_int_equal(p.answer[2].agree & OFFER_SACK, 0); /* not offered */
	assert_int_equal(p.answer[4].agree, 15);
}

static void
test_tsrate(void **state)
{
	struct conf_over o = { .set = OVER_BIT(OVER_TSRATE) };
	static const uint8_t on[24] = { 2, 4, 5, 0xb4, 4, 2, 1, 1, 1, 3, 3, 7,
		1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct img_persona p;
	const char *why;
	int i;

	(void)state;
	apply(&p, OVER_TSRATE, 100000);
	assert_int_equal(p.ts_mhz, 100000);
	p.ts_mhz = 250000;
	same_but_answers(&p);

	apply(&p, OVER_TSRATE, 0);
	assert_int_equal(p.ts_mhz, 0);
	all_well_formed(&p);
	for (i = 0; i < ANS_MAX; i++) {
		assert_int_equal(p.answer[i].ts_form, 0);
		if (!is_synack(&p.answer[i]))
			continue;
		assert_int_equal(p.answer[i].agree & OFFER_TS, 0);
		/* the window of a connection without stamps */
		assert_int_equal(p.answer[i].window, 5840);
	}
	assert_int_equal(p.answer[0].optlen, 12);

	o.v[OVER_TSRATE] = 512500; /* a stack that had none */
	p.ts_const = 1;
	p.ts_log2 = 32;
	assert_int_equal(persona_override(&p, &o, &why), 0);
	assert_int_equal(p.ts_mhz, 512500);
	assert_int_equal(p.ts_const, 0);
	assert_int_equal(p.ts_log2, 0);
	all_well_formed(&p);
	assert_int_equal(p.answer[0].optlen, 24);
	assert_memory_equal(p.answer[0].opts, on, 24);
	assert_int_equal(p.answer[0].ts_form, TS_VALUE | TS_ECHO);
	assert_int_equal(p.answer[ANS_ECN].agree & OFFER_TS, 0);
	assert_int_equal(p.answer[ANS_GEN].optlen, 4);

	sample(&p); /* stamps of zero begin to count */
	p.answer[0].ts_form = TS_ECHO;
	assert_int_equal(persona_override(&p, &o, &why), 0);
	assert_int_equal(p.answer[0].ts_form, TS_VALUE | TS_ECHO);
}

/* An answer that is full already: an error, no overrun. */
static void
test_no_room(void **state)
{
	struct conf_over o = { .set = OVER_BIT(OVER_TSRATE) };
	struct img_persona p;
	const char *why;

	(void)state;
	apply(&p, OVER_TSRATE, 0);
	p.answer[0].optlen = 40;
	memset(p.answer[0].opts + 12, OPT_NOP, 28);
	o.v[OVER_TSRATE] = 100000;
	/* padding gives way ... */
	assert_int_equal(persona_override(&p, &o, &why), 0);
	assert_int_equal(p.answer[0].optlen, 24);
	/* ... options of other kinds do not */
	apply(&p, OVER_TSRATE, 0);
	p.answer[0].optlen = 40;
	p.answer[0].opts[12] = 30;
	p.answer[0].opts[13] = 28;
	assert_int_equal(persona_override(&p, &o, &why), -1);
	assert_non_null(why);
}

/* Options that make no sense are not followed. */
static void
test_broken_options(void **state)
{
	struct img_answer a = { .optlen = 8, .opts = { 2, 0, 1, 1, 3, 3, 3, 3 } };
	uint8_t end;

	(void)state;
	assert_int_equal(layout_option(&a, OPT_WS, &end), NO);
	assert_int_equal(end, 0);
	a.opts[1] = 9;
	assert_int_equal(layout_option(&a, OPT_MSS, &end), NO);
	a.optlen = 1;
	assert_int_equal(layout_option(&a, OPT_MSS, &end), NO);
	a.optlen = 0;
	assert_int_equal(layout_option(&a, OPT_MSS, &end), NO);
}

static void
test_df(void **state)
{
	struct img_persona p, was;
	int i;

	(void)state;
	apply(&p, OVER_DF, 0);
	sample(&was);
	was.df_tcp = was.df_rst = was.df_udp = 0;
	for (i = 0; i < ANS_MAX; i++)
		was.answer[i].df = 0;
	assert_memory_equal(&p, &was, sizeof(p));
	apply(&p, OVER_DF, 1);
	assert_int_equal(p.df_rst, 1);
}

static void
test_ipid(void **state)
{
	struct conf_over o = { .set = OVER_BIT(OVER_IPID) };
	struct img_persona p;
	const char *why;
	uint8_t how;
	int i;

	(void)state;
	for (how = IPID_ZERO; how <= IPID_PER_DST; how++) {
		sample(&p);
		o.v[OVER_IPID] = how;
		o.ipid_value = 4711;
		assert_int_equal(persona_override(&p, &o, &why), 0);
		for (i = 0; i < 3; i++) {
			assert_int_equal(p.ipid[i].how, how);
			assert_int_equal(p.ipid[i].counter, 0);
			assert_int_equal(p.ipid[i].lo,
			    how == IPID_CONST ? 4711 : 0);
			assert_int_equal(p.ipid[i].hi, p.ipid[i].lo);
		}
		assert_int_equal(p.answer[5].ipid, 0);
		assert_int_equal(p.answer[ANS_T5].ipid, 1);
	}
}

static void
test_isn(void **state)
{
	struct conf_over o = { .set = OVER_BIT(OVER_ISN) };
	struct img_persona p;
	const char *why;
	int i;

	(void)state;
	apply(&p, OVER_ISN, OVER_ISN_RANDOM);
	assert_int_equal(p.isn_gen.how, ISN_RFC6528);
	assert_int_equal(p.isn_gen.hashed, 1);
	apply(&p, OVER_ISN, OVER_ISN_64K);
	assert_int_equal(p.isn_gen.how, ISN_PATTERN);
	assert_int_equal(p.isn_gen.gcd, 64000);
	assert_int_equal(p.isn_gen.step[4], 1);
	apply(&p, OVER_ISN, OVER_ISN_TIME);
	assert_int_equal(p.isn_gen.how, ISN_PATTERN);
	assert_int_equal(p.isn_gen.gcd, 1);
	for (i = 0; i < ISN_STEPS; i++)
		assert_int_equal(p.isn_gen.step[i], 25000);
	sample(&p);
	p.answer[0].seq = NUM_ZERO; /* first numbers of a trick go */
	p.answer[ANS_T4].seq = NUM_SAME;
	o.v[OVER_ISN] = OVER_ISN_CONST;
	o.isn_value = 4000000000u;
	assert_int_equal(persona_override(&p, &o, &why), 0);
	assert_int_equal(p.isn_gen.how, ISN_CONST);
	assert_int_equal(p.isn_gen.first, 4000000000u);
	assert_int_equal(p.answer[0].seq, NUM_OTHER);
	assert_int_equal(p.answer[ANS_T4].seq, NUM_SAME);
}

static void
test_finscan(void **state)
{
	struct conf_over o = { .set = OVER_BIT(OVER_FINSCAN) };
	struct img_persona p, was;
	const char *why;

	(void)state;
	sample(&was);
	apply(&p, OVER_FINSCAN, 1); /* it works already */
	assert_memory_equal(&p, &was, sizeof(p));
	apply(&p, OVER_FINSCAN, 0); /* as the closed port answers */
	assert_int_equal(p.answer[ANS_T2].respond, RESPOND_YES);
	assert_int_equal(p.answer[ANS_T2].flags, RST | ACK);
	assert_int_equal(p.answer[ANS_T2].seq, NUM_ZERO);
	assert_int_equal(p.answer[ANS_T2].ack, NUM_SAME);
	assert_int_equal(p.answer[ANS_T2].ttl, 60);
	assert_int_equal(p.answer[ANS_T2].window, 77);
	assert_int_equal(p.answer[ANS_T2].mss_off, NO);
	same_but_answers(&p);
	/* closed ports silent: a plain reset */
	sample(&p);
	p.answer[ANS_T5].respond = p.answer[ANS_T7].respond = 0;
	assert_int_equal(persona_override(&p, &o, &why), 0);
	assert_int_equal(p.answer[ANS_T2].respond, RESPOND_YES);
	assert_int_equal(p.answer[ANS_T2].ttl, 64);
	/* an answer of its own stays */
	sample(&p);
	p.answer[ANS_T2].respond = RESPOND_YES;
	p.answer[ANS_T2].window = 99;
	assert_int_equal(persona_override(&p, &o, &why), 0);
	assert_int_equal(p.answer[ANS_T2].window, 99);
	o.v[OVER_FINSCAN] = 1;
	assert_int_equal(persona_override(&p, &o, &why), 0);
	assert_int_equal(p.answer[ANS_T2].respond, RESPOND_NO);
}

static void
test_rest(void **state)
{
	struct img_persona p, was;

	(void)state;
	sample(&was);
	apply(&p, OVER_ECN, 0);
	assert_int_equal(p.ecn, 0);
	assert_int_equal(p.answer[ANS_ECN].flags, SYN | ACK);
	apply(&p, OVER_ECN, 1);
	assert_memory_equal(&p, &was, sizeof(p));
	apply(&p, OVER_FRAGMENT, 5);
	was.frag_policy = 5;
	assert_memory_equal(&p, &was, sizeof(p));
	apply(&p, OVER_ICMPRATE, 3);
	assert_int_equal(p.icmp_rate, 3);
	assert_int_equal(p.icmp_burst, 6);
	apply(&p, OVER_ICMPRATE, 100);
	assert_int_equal(p.icmp_rate, 100);
	assert_int_equal(p.icmp_burst, 0);
	apply(&p, OVER_ICMPRATE, 0);
	assert_int_equal(p.icmp_rate, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_ttl),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_mss),
		cmocka_unit_test(test_wscale),
		cmocka_unit_test(test_sack),
		cmocka_unit_test(test_tsrate),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_broken_options),
		cmocka_unit_test(test_df),
		cmocka_unit_test(test_ipid),
		cmocka_unit_test(test_isn),
		cmocka_unit_test(test_finscan),
		cmocka_unit_test(test_rest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
