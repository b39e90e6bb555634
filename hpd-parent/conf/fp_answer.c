/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the answers to nmap's own TCP probes: six SYN layouts (OPS, WIN,
 * T1), ECN, T2..T7. What a line does not say stays as it was.
 */
#include "fp.h"

#include <string.h>

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10
#define URG 0x20
#define ECE 0x40
#define CWR 0x80

#define IPID_TCP   0 /* img_answer.ipid */
#define IPID_RST   1
#define IPID_STRAY 3

static uint8_t
flags_of(const char *s)
{
	static const char letters[] = "FSRPAUE"; /* from bit 0 up */
	uint8_t flags = 0;
	const char *l;

	for (; *s != '\0'; s++) {
		l = strchr(letters, *s);
		if (l != NULL)
			flags |= (uint8_t)(1 << (l - letters));
	}
	return flags;
}

/* "Z", "A" or "S", the same with "+", "O" */
static uint8_t
num_of(const char *s)
{
	if (s[0] == 'Z')
		return NUM_ZERO;
	if (s[0] == 'O')
		return NUM_OTHER;
	return s[0] != '\0' && s[1] == '+' ? NUM_NEXT : NUM_SAME;
}

static uint8_t
quirks_of(const char *s)
{
	return (uint8_t)((strchr(s, 'R') != NULL ? ANQ_RESERVED : 0) |
	    (strchr(s, 'U') != NULL ? ANQ_URP : 0));
}

void
fp_crc_inverse(uint32_t crc, uint8_t out[4])
{
	uint32_t x = ~crc;
	int i;

	/* 32 steps of the shift register, backwards */
	for (i = 0; i < 32; i++)
		x = x & 0x80000000u ? (x ^ 0xedb88320u) << 1 | 1 : x << 1;
	x = ~x;
	for (i = 0; i < 4; i++)
		out[i] = (uint8_t)(x >> i * 8);
}

static void
set_data(struct img_answer *a, const struct fp *f, enum os_attr rd)
{
	if (f->v[rd] == NULL)
		return;
	a->datalen = 0;
	memset(a->data, 0, sizeof(a->data));
	if (!fp_is(f, rd, "0")) {
		a->datalen = 4;
		fp_crc_inverse(fp_hex(f, rd, 0), a->data);
	}
}

static void
set_df(struct img_answer *a, const struct fp *f, enum os_attr df)
{
	if (f->v[df] != NULL)
		a->df = fp_is(f, df, "Y");
}

/* T2..T7 */
static void
line(struct fp *f, unsigned id)
{
	unsigned b = OSA_T2_FIRST + (id - ANS_T2) * OSA_TCP_STEP - OSA_T2_R;
	struct img_answer *a = &f->p->answer[id];

#define AT(x) (b + OSA_T2_##x)
	if (fp_is(f, AT(R), "N")) {
		a->respond = RESPOND_NO;
		return;
	}
	a->respond = RESPOND_YES;
	a->quirks = 0;
	set_df(a, f, AT(DF));
	set_data(a, f, AT(RD));
	if (f->v[AT(W)] != NULL)
		a->window = (uint16_t)fp_hex(f, AT(W), 0);
	if (f->v[AT(S)] != NULL)
		a->seq = num_of(f->v[AT(S)]);
	if (f->v[AT(A)] != NULL)
		a->ack = num_of(f->v[AT(A)]);
	if (f->v[AT(F)] != NULL)
		a->flags = flags_of(f->v[AT(F)]);
	if (f->v[AT(Q)] != NULL)
		a->quirks = quirks_of(f->v[AT(Q)]);
	fp_opts_set(a, f->v[AT(O)] != NULL ? f->v[AT(O)] : "");
#undef AT
}

uint8_t
fp_layout_offers(unsigned id)
{
	static const uint8_t without[] = { [ANS_SYN1] = 0, [1] = 0,
		[2] = OFFER_SACK, [3] = OFFER_MSS, [4] = 0,
		[ANS_SYN6] = OFFER_WS, [ANS_ECN] = OFFER_TS };

	return id > ANS_ECN ? 0 : (uint8_t)(15 & ~without[id]);
}

static void
ecn(struct fp *f)
{
	struct img_answer *a = &f->p->answer[ANS_ECN];
	const char *cc = f->v[OSA_ECN_CC];

	if (fp_is(f, OSA_ECN_R, "N")) {
		a->respond = RESPOND_NO;
		return;
	}
	a->respond = RESPOND_YES;
	a->quirks = 0;
	a->seq = NUM_OTHER;
	a->ack = NUM_NEXT;
	set_df(a, f, OSA_ECN_DF);
	if (f->v[OSA_ECN_W] != NULL)
		a->window = (uint16_t)fp_hex(f, OSA_ECN_W, 0);
	if (f->v[OSA_ECN_O] != NULL)
		fp_opts_set(a, f->v[OSA_ECN_O]);
	if (f->v[OSA_ECN_Q] != NULL)
		a->quirks = quirks_of(f->v[OSA_ECN_Q]);
	if (cc != NULL) {
		a->flags = (uint8_t)(SYN | ACK |
		    (cc[0] == 'Y' || cc[0] == 'S' ? ECE : 0) |
		    (cc[0] == 'S' || cc[0] == 'O' ? CWR : 0));
		f->p->ecn = cc[0] == 'Y' || cc[0] == 'S';
	}
}

/* The text of layout n (0..5): the entry's, or made of another. NULL: there
 * is nothing to make it of, the family's stays. */
static const char *
layout_text(const struct fp *f, unsigned n, char buf[FP_OPTS])
{
	static const uint8_t base[] = { OSA_OPS_O1, OSA_OPS_O2, OSA_ECN_O,
		OSA_T3_O };
	unsigned i;

	if (f->v[OSA_OPS_O1 + n] != NULL)
		return f->v[OSA_OPS_O1 + n];
	for (i = 0; i < sizeof(base); i++)
		if (f->v[base[i]] != NULL && f->v[base[i]][0] != '\0') {
			fp_opts_drop(f->v[base[i]], fp_layout_offers(n), buf);
			return buf;
		}
	return NULL;
}

/* Is this one of the trailing layouts for which there was no room left? */
static int
refused(const struct fp *f, unsigned n)
{
	unsigned i;

	if (n == 0 || !(f->tricks & FPT_REFUSE))
		return 0;
	for (i = n; i < 6; i++)
		if (!fp_is(f, OSA_OPS_O1 + i, "") ||
		    !fp_is(f, OSA_WIN_W1 + i, "0"))
			return 0;
	return !fp_is(f, OSA_OPS_O1, "") || !fp_is(f, OSA_WIN_W1, "0");
}

static void
layout(struct fp *f, unsigned n)
{
	struct img_answer *a = &f->p->answer[ANS_SYN1 + n];
	char buf[FP_OPTS];
	const char *text = layout_text(f, n, buf);

	a->respond = RESPOND_YES;
	a->ipid = IPID_TCP;
	if (text != NULL)
		fp_opts_set(a, text);
	if (f->v[OSA_WIN_W1 + n] != NULL)
		a->window = (uint16_t)fp_hex(f, OSA_WIN_W1 + n, 0);
	else if (f->v[OSA_ECN_W] != NULL)
		a->window = (uint16_t)fp_hex(f, OSA_ECN_W, 0);
	set_df(a, f, OSA_T1_DF);
	set_data(a, f, OSA_T1_RD);
	if (f->v[OSA_T1_F] != NULL)
		a->flags = flags_of(f->v[OSA_T1_F]);
	if (f->v[OSA_T1_A] != NULL)
		a->ack = num_of(f->v[OSA_T1_A]);
	if (f->v[OSA_T1_Q] != NULL)
		a->quirks = quirks_of(f->v[OSA_T1_Q]);
	if (refused(f, n)) {
		a->flags = RST | ACK;
		a->seq = NUM_ZERO;
		a->ack = NUM_NEXT;
		a->ipid = IPID_STRAY;
		a->datalen = 0;
	}
	if (f->tricks & FPT_REPEAT)
		a->respond = RESPOND_REPEAT;
}

/* Where the ISNs of the six come from, and who stays silent. */
static void
layouts_seq(struct fp *f)
{
	struct img_answer *a = f->p->answer;
	int measured = f->x[OSA_SEQ_SP] != NULL || f->x[OSA_SEQ_TI] != NULL;
	unsigned n, s = NUM_OTHER;

	if (f->v[OSA_T1_S] != NULL)
		s = num_of(f->v[OSA_T1_S]);
	for (n = 0; n < 6; n++) {
		if (refused(f, n))
			continue;
		a[n].seq = NUM_OTHER;
		/* All alike, unless SEQ shows that the others are not. */
		if (n == 0 || !measured || fp_is(f, OSA_SEQ_GCD, "0") ||
		    (a[0].flags & (SYN | RST)) != SYN)
			a[n].seq = (uint8_t)s;
		if (n >= 3 && f->tricks & FPT_ZERO_ISN)
			a[n].seq = NUM_ZERO;
	}
	if (f->tricks & FPT_LATE1)
		a[0].respond = RESPOND_REPEAT;
	if (fp_is(f, OSA_T1_R, "N"))
		for (n = 0; n < (measured ? 1u : 6u); n++)
			a[n].respond = RESPOND_NO;
}

void
fp_answers(struct fp *f)
{
	unsigned i;

	for (i = 0; i < 6; i++)
		layout(f, i);
	layouts_seq(f);
	ecn(f);
	for (i = ANS_T2; i <= ANS_T7; i++) {
		line(f, i);
		f->p->answer[i].ipid = i >= ANS_T5 ? IPID_RST : IPID_TCP;
	}
	f->p->df_tcp = f->p->answer[ANS_SYN1].df;
	f->p->df_rst = f->p->answer[ANS_T5].df;
}
