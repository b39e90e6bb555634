/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: how the systems of a family look on the wire when no fingerprint
 * says it (the generic decoy, and whatever an entry leaves open): in the
 * entries' own notation, from the systems' documentation and sources and from
 * what they are seen to send. The habits are persona_family.c's.
 */
#include "fp.h"

#include <string.h>

static const struct look {
	const char *o;	    /* options to a peer that offers everything */
	const char *bare;   /* to one without timestamps */
	uint16_t w, w_bare; /* the windows then */
	uint8_t ttl, ttl_icmp;
	uint8_t df, df_rst, df_udp, df_icmp; /* df_icmp: of errors */
	const char *ti, *ci, *ii;
	uint8_t shared;		/* one counter for all that count */
	uint8_t random_isn;	/* else 64,000 a connection */
	uint32_t ts_mhz;
	uint8_t ecn;
	uint8_t odd; /* a flagless or SYN-FIN-URG-PSH segment to an open port:
			0 nothing, 1 RST to both, 2 SYN/ACK to the latter */
	uint16_t ip_len; /* of ICMP errors */
	char dfi, cd;	 /* of echo replies */
} looks[FAM_MAX] = {
	[FAM_GENERIC] = { "M5B4ST11NW7", "M5B4NNSNW7", 28960, 29200, 64, 64, 1,
	    1, 1, 0, "Z", "Z", "RD", 0, 1, 1000000, 1, 0, 576, 'N', 'S' },
	[FAM_LINUX24] = { "M5B4ST11NW0", "M5B4NNSNW0", 5792, 5840, 64, 64, 1, 1,
	    1, 0, "Z", "Z", "I", 0, 1, 100000, 0, 2, 576, 'N', 'S' },
	[FAM_LINUX26] = { "M5B4ST11NW6", "M5B4NNSNW6", 5792, 5840, 64, 64, 1, 1,
	    1, 0, "Z", "Z", "I", 0, 1, 250000, 0, 2, 576, 'N', 'S' },
	[FAM_LINUX] = { "M5B4ST11NW7", "M5B4NNSNW7", 28960, 29200, 64, 64, 1, 1,
	    1, 0, "Z", "Z", "I", 0, 1, 1000000, 1, 0, 576, 'N', 'S' },
	[FAM_WIN_OLD] = { "M5B4NW0NNT00NNS", "M5B4NW0NNS", 17520, 17520, 128,
	    128, 1, 0, 0, 0, "I", "I", "I", 1, 1, 10000, 0, 1, 56, 'S', 'Z' },
	[FAM_WIN_XP] = { "M5B4NW0NNT00NNS", "M5B4NW0NNS", 65535, 65535, 128,
	    128, 1, 0, 0, 0, "I", "I", "I", 1, 1, 10000, 0, 1, 176, 'S', 'Z' },
	[FAM_WIN_7] = { "M5B4NW8ST11", "M5B4NW8NNS", 8192, 8192, 128, 128, 1, 1,
	    0, 0, "I", "I", "I", 1, 1, 100000, 0, 1, 356, 'N', 'Z' },
	[FAM_WIN_10] = { "M5B4NW8ST11", "M5B4NW8NNS", 65535, 65535, 128, 128,
	    1, 1, 0, 0, "I", "I", "I", 1, 1, 1000000, 0, 1, 356, 'N', 'Z' },
	[FAM_FREEBSD] = { "M5B4NW6ST11", "M5B4NW6SLL", 65535, 65535, 64, 64, 1,
	    1, 0, 0, "I", "I", "I", 1, 1, 1000000, 0, 2, 56, 'S', 'S' },
	[FAM_OPENBSD] = { "M5B4NNSNW3NNT11", "M5B4NNSNW3", 16384, 16384, 64, 255,
	    1, 0, 0, 0, "RD", "RD", "RD", 0, 1, 2000, 0, 2, 56, 'S', 'S' },
	[FAM_NETBSD] = { "M5B4NW3NNT11NNS", "M5B4NW3NNS", 32768, 32768, 64, 255,
	    1, 0, 0, 0, "I", "I", "I", 1, 1, 2000, 0, 2, 56, 'S', 'S' },
	[FAM_MACOS] = { "M5B4NW5NNT11SLL", "M5B4NW5SLL", 65535, 65535, 64, 64, 1,
	    0, 0, 0, "Z", "Z", "RD", 0, 1, 1000000, 0, 0, 56, 'N', 'S' },
	[FAM_SOLARIS] = { "NNT11M5B4NW0NNS", "NNSNW0M5B4", 49232, 49640, 64,
	    255, 1, 1, 1, 1, "I", "I", "I", 1, 1, 100000, 0, 0, 112, 'Y', 'S' },
	[FAM_IOS] = { "M218", "M218", 4128, 4128, 255, 255, 0, 0, 0, 0, "I", "I",
	    "I", 1, 1, 0, 0, 0, 56, 'S', 'S' },
	[FAM_VXWORKS] = { "M5B4", "M5B4", 8192, 8192, 64, 64, 1, 0, 0, 0, "I",
	    "I", "I", 1, 0, 0, 0, 2, 56, 'S', 'S' },
	[FAM_PRINTER] = { "M5B4", "M5B4", 8192, 8192, 64, 64, 0, 0, 0, 0, "I",
	    "I", "I", 1, 0, 0, 0, 2, 56, 'N', 'S' },
	[FAM_EMBEDDED] = { "M5B4", "M5B4", 5840, 5840, 64, 64, 0, 0, 0, 0, "I",
	    "I", "I", 1, 0, 0, 0, 0, 56, 'N', 'S' },
};

/* A line T2..T7: flags "" is silence. */
static void
set_line(struct fp *f, unsigned id, const char *flags, const char *s,
    const char *a, int df)
{
	unsigned b = (id - ANS_T2) * OSA_TCP_STEP;

	f->v[b + OSA_T2_R] = flags[0] == '\0' ? "N" : "Y";
	f->v[b + OSA_T2_F] = flags;
	f->v[b + OSA_T2_S] = s;
	f->v[b + OSA_T2_A] = a;
	f->v[b + OSA_T2_W] = "0";
	f->v[b + OSA_T2_O] = f->v[b + OSA_T2_Q] = "";
	f->v[b + OSA_T2_RD] = "0";
	f->v[b + OSA_T2_DF] = df ? "Y" : "N";
}

static void
set_lines(struct fp *f, const struct look *l)
{
	unsigned b = (ANS_T3 - ANS_T2) * OSA_TCP_STEP;

	set_line(f, ANS_T2, l->odd == 1 ? "AR" : "", "Z", "S", l->df_rst);
	set_line(f, ANS_T3, l->odd == 1 ? "AR" : "", "Z", "O", l->df_rst);
	if (l->odd == 2) {
		set_line(f, ANS_T3, "AS", "O", "S+", l->df);
		f->v[b + OSA_T2_O] = l->o;
		f->v[b + OSA_T2_W] = fp_text(f, "%X", l->w);
	}
	set_line(f, ANS_T4, "R", "A", "Z", l->df_rst);
	set_line(f, ANS_T5, "AR", "Z", "S+", l->df_rst);
	set_line(f, ANS_T6, "R", "A", "Z", l->df_rst);
	set_line(f, ANS_T7, "AR", "Z", "S+", l->df_rst);
}

static void
set_values(struct fp *f, const struct look *l)
{
	static const char cd[] = "S\0Z";
	unsigned i;

	f->v[OSA_OPS_O1] = l->o;
	f->v[OSA_ECN_O] = l->bare;
	for (i = 0; i < 6; i++)
		f->v[OSA_WIN_W1 + i] = fp_text(f, "%X", l->w);
	f->v[OSA_ECN_W] = fp_text(f, "%X", l->w_bare);
	f->v[OSA_ECN_CC] = l->ecn ? "Y" : "N";
	f->v[OSA_T1_DF] = f->v[OSA_ECN_DF] = l->df ? "Y" : "N";
	f->v[OSA_T1_F] = "AS";
	f->v[OSA_T1_S] = "O";
	f->v[OSA_T1_A] = "S+";
	f->v[OSA_T1_RD] = "0";
	f->v[OSA_T1_Q] = f->v[OSA_ECN_Q] = "";
	set_lines(f, l);
	f->v[OSA_SEQ_TI] = l->ti;
	f->v[OSA_SEQ_CI] = l->ci;
	f->v[OSA_SEQ_II] = l->ii;
	f->v[OSA_SEQ_SS] = l->shared ? "S" : NULL;
	f->v[OSA_U1_DF] = l->df_icmp ? "Y" : "N";
	f->v[OSA_U1_UN] = "0";
	f->v[OSA_U1_RIPL] = f->v[OSA_U1_RID] = f->v[OSA_U1_RIPCK] = "G";
	f->v[OSA_U1_RUCK] = f->v[OSA_U1_RUD] = "G";
	f->v[OSA_U1_IPL] = fp_text(f, "%X", l->ip_len);
	f->v[OSA_IE_DFI] = fp_text(f, "%c", l->dfi);
	f->v[OSA_IE_CD] = l->cd == 'Z' ? cd + 2 : cd;
}

void
fp_look(struct img_persona *p, enum img_family fam)
{
	static const struct img_isn_gen hash = { .how = ISN_RFC6528,
		.hashed = 1, .gcd = 1, .gcd_max = 1,
		.step = { 0x70000000, 0x20000000, 0x58000000, 0x18000000,
		    0x40000000 } };
	static const struct img_isn_gen count = { .how = ISN_PATTERN,
		.gcd = 64000, .gcd_max = 320000, .step = { 1, 1, 1, 1, 1 } };
	const struct look *l = &looks[fam];
	static struct fp f; /* large */
	unsigned i;

	memset(&f, 0, sizeof(f));
	f.p = p;
	set_values(&f, l);
	for (i = 0; i < ANS_MAX; i++) {
		p->answer[i].ttl = l->ttl;
		fp_opts_set(&p->answer[i], ""); /* the silent ones as well */
	}
	p->ttl = l->ttl;
	p->u1.ttl = p->ie.ttl = l->ttl_icmp;
	p->ts_mhz = l->ts_mhz;
	fp_answers(&f);
	fp_generic(&f);
	fp_icmp(&f);
	fp_ipids(&f);
	p->u1.pad = 0; /* the longest it quotes, not what is made up */
	p->u1.ip_len = l->ip_len;
	p->isn_gen = l->random_isn ? hash : count;
	fp_stamps(&f);
	p->df_udp = l->df_udp;
	p->ecn = l->ecn;
}
