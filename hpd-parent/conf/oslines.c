/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: answers to nmap's probes as the lines of a fingerprint. Pure; the
 * answers are predicted ones or from the wire.
 */
#include "osseq.h"

#define LINE(L, W_, S_, A_, F_, O_, RD_) \
	{ OSA_##L##_R, OSA_##L##_DF, OSA_##L##_T, OSA_##L##_TG, W_, S_, A_, \
	    F_, O_, RD_, OSA_##L##_Q }
#define TCP_LINE(L) \
	LINE(L, OSA_##L##_W, OSA_##L##_S, OSA_##L##_A, OSA_##L##_F, \
	    OSA_##L##_O, OSA_##L##_RD)
static const struct {
	uint8_t r, df, t, tg, w, s, a, f, o, rd, q; /* OSA_MAX: not there */
} lines[OSL_MAX] = {
	LINE(ECN, OSA_ECN_W, OSA_MAX, OSA_MAX, OSA_MAX, OSA_ECN_O, OSA_MAX),
	LINE(T1, OSA_MAX, OSA_T1_S, OSA_T1_A, OSA_T1_F, OSA_MAX, OSA_T1_RD),
	TCP_LINE(T2), TCP_LINE(T3), TCP_LINE(T4), TCP_LINE(T5), TCP_LINE(T6),
	TCP_LINE(T7),
};

static void
ttl_attrs(struct os_obs *o, unsigned t, unsigned tg, uint8_t ttl, int dist)
{
	if (dist == OS_DIST_UNKNOWN)
		os_obs_set(o, tg, "%X", os_ttl_guess(ttl));
	else
		os_obs_set(o, t, "%X", (unsigned)(ttl + dist));
}

/* Z, or same as the other side's number, or one more (with a plus), or O. */
static void
number_attr(struct os_obs *o, unsigned a, uint32_t v, uint32_t other, char name)
{
	if (v == 0)
		os_obs_set(o, a, "Z");
	else if (v == other)
		os_obs_set(o, a, "%c", name);
	else if (v == other + 1)
		os_obs_set(o, a, "%c+", name);
	else
		os_obs_set(o, a, "O");
}

static void
options_attr(struct os_obs *o, unsigned a, const struct os_reply *r)
{
	char text[OS_OPT_TEXT];

	os_opt_text(r->opt, r->optlen, text);
	os_obs_set(o, a, "%s", text);
}

void
os_tcp_line(struct os_obs *o, enum os_line l, const struct os_reply *r,
    int dist)
{
	char flags[8];

	os_obs_set(o, lines[l].r, r->came ? "Y" : "N");
	if (!r->came)
		return;
	os_obs_set(o, lines[l].df, r->df ? "Y" : "N");
	ttl_attrs(o, lines[l].t, lines[l].tg, r->ttl, dist);
	os_obs_set(o, lines[l].q, "%s%s", r->reserved ? "R" : "",
	    r->urp ? "U" : "");
	if (lines[l].w != OSA_MAX) {
		os_obs_set(o, lines[l].w, "%X", r->window);
		options_attr(o, lines[l].o, r);
	}
	if (l == OSL_ECN) {
		os_obs_set(o, OSA_ECN_CC, "%c", "NYOS"[(r->flags >> 6 & 1) |
		    (r->flags >> 7) << 1]);
		return;
	}
	number_attr(o, lines[l].s, r->seq, r->probe_ack, 'A');
	number_attr(o, lines[l].a, r->ack, r->probe_seq, 'S');
	os_flags_text(r->flags, flags);
	os_obs_set(o, lines[l].f, "%s", flags);
	if ((r->flags & 0x04) && r->datalen > 0)
		os_obs_set(o, lines[l].rd, "%08X",
		    os_crc32(r->data, r->datalen));
	else
		os_obs_set(o, lines[l].rd, "0");
}

void
os_syn_lines(struct os_obs *o, const struct os_reply r[OS_SYNS])
{
	unsigned i;

	for (i = 0; i < OS_SYNS; i++)
		if (!r[i].came)
			return;
	for (i = 0; i < OS_SYNS; i++) {
		options_attr(o, OSA_OPS_O1 + i, &r[i]);
		os_obs_set(o, OSA_WIN_W1 + i, "%X", r[i].window);
	}
}

void
os_unreach_line(struct os_obs *o, const struct os_unreach *u, int dist)
{
	os_obs_set(o, OSA_U1_R, u->came ? "Y" : "N");
	if (!u->came)
		return;
	os_obs_set(o, OSA_U1_DF, u->df ? "Y" : "N");
	ttl_attrs(o, OSA_U1_T, OSA_U1_TG, u->ttl, dist);
	os_obs_set(o, OSA_U1_IPL, "%X", u->ipl);
	os_obs_set(o, OSA_U1_UN, "%X", u->un);
	if (u->ripl == 328) /* 20 + 8 + 300 */
		os_obs_set(o, OSA_U1_RIPL, "G");
	else
		os_obs_set(o, OSA_U1_RIPL, "%X", u->ripl);
	if (u->rid == 0x1042)
		os_obs_set(o, OSA_U1_RID, "G");
	else
		os_obs_set(o, OSA_U1_RID, "%X", u->rid);
	os_obs_set(o, OSA_U1_RIPCK, "%c", u->ripck);
	if (u->ruck == u->ruck_sent)
		os_obs_set(o, OSA_U1_RUCK, "G");
	else
		os_obs_set(o, OSA_U1_RUCK, "%X", u->ruck);
	os_obs_set(o, OSA_U1_RUD, "%c", u->rud);
}

void
os_echo_line(struct os_obs *o, const struct os_echo *e, int dist)
{
	os_obs_set(o, OSA_IE_R, e->came ? "Y" : "N");
	if (!e->came)
		return;
	/* as asked: the first with DF, the second without */
	os_obs_set(o, OSA_IE_DFI, "%c", "NSOY"[(e->df[0] ? 1 : 0) +
		(e->df[1] ? 2 : 0)]);
	ttl_attrs(o, OSA_IE_T, OSA_IE_TG, e->ttl, dist);
	if (e->code[0] == 0 && e->code[1] == 0)
		os_obs_set(o, OSA_IE_CD, "Z");
	else if (e->code[0] == 9 && e->code[1] == 0)
		os_obs_set(o, OSA_IE_CD, "S");
	else if (e->code[0] == e->code[1])
		os_obs_set(o, OSA_IE_CD, "%X", e->code[0]);
	else
		os_obs_set(o, OSA_IE_CD, "O");
}
