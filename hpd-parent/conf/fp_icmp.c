/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: U1 (port unreachable) and IE (echo replies) of a fingerprint.
 */
#include "fp.h"

#include <string.h>

#define U1_WHOLE 0x164 /* IPL when all of nmap's probe is quoted */
#define U1_LEN	 0x148 /* of that probe */

static uint16_t
swapped(uint32_t v)
{
	return (uint16_t)((v & 0xff) << 8 | (v >> 8 & 0xff));
}

static void
quoted_length(const struct fp *f, struct img_unreach *u)
{
	uint32_t v;

	if (f->v[OSA_U1_RIPL] == NULL)
		return;
	u->ripl = QUOTE_SAME;
	u->ripl_value = 0;
	if (fp_is(f, OSA_U1_RIPL, "G"))
		return;
	v = fp_hex(f, OSA_U1_RIPL, 0);
	if (v == swapped(U1_LEN))
		u->ripl = QUOTE_SWAP;
	else if (v == U1_LEN - 20 || v == U1_LEN + 20) {
		/* its own stack had taken the header off, or counted it twice */
		u->ripl = QUOTE_ADD;
		u->ripl_value = (uint16_t)(v - U1_LEN);
	} else {
		u->ripl = QUOTE_VALUE;
		u->ripl_value = (uint16_t)v;
	}
}

static void
quoted_rest(const struct fp *f, struct img_unreach *u)
{
	uint32_t v;

	if (f->v[OSA_U1_RID] != NULL) {
		v = fp_hex(f, OSA_U1_RID, 0);
		u->rid_value = 0;
		u->rid = QUOTE_SAME;
		if (v == swapped(0x1042))
			u->rid = QUOTE_SWAP;
		else if (!fp_is(f, OSA_U1_RID, "G")) {
			u->rid = QUOTE_VALUE;
			u->rid_value = (uint16_t)v;
		}
	}
	if (f->v[OSA_U1_RIPCK] != NULL)
		u->ripck = fp_is(f, OSA_U1_RIPCK, "Z") ? QUOTE_VALUE :
		    fp_is(f, OSA_U1_RIPCK, "I") ? QUOTE_BAD : QUOTE_SAME;
	if (f->v[OSA_U1_RUCK] != NULL) {
		u->ruck = QUOTE_SAME;
		u->ruck_value = 0;
		if (!fp_is(f, OSA_U1_RUCK, "G")) {
			u->ruck = QUOTE_VALUE;
			u->ruck_value = (uint16_t)fp_hex(f, OSA_U1_RUCK, 0);
		}
	}
	if (f->v[OSA_U1_RUD] != NULL)
		u->rud = fp_is(f, OSA_U1_RUD, "I");
}

static void
unreachable(struct fp *f)
{
	struct img_unreach *u = &f->p->u1;
	uint32_t len;

	u->respond = !fp_is(f, OSA_U1_R, "N") && !(f->tricks & FPT_NO_U1);
	if (fp_is(f, OSA_U1_R, "N"))
		return;
	if (f->v[OSA_U1_DF] != NULL)
		u->df = fp_is(f, OSA_U1_DF, "Y");
	if (f->v[OSA_U1_IPL] != NULL) {
		len = fp_hex(f, OSA_U1_IPL, U1_WHOLE);
		u->len_swap = 0;
		if (len > 1500 && swapped(len) <= 1500) {
			len = swapped(len);
			u->len_swap = 1;
		}
		u->pad = len > U1_WHOLE;
		u->ip_len = (uint16_t)len;
	}
	if (f->v[OSA_U1_UN] != NULL)
		u->unused = (uint16_t)fp_hex(f, OSA_U1_UN, 0);
	quoted_length(f, u);
	quoted_rest(f, u);
}

void
fp_icmp(struct fp *f)
{
	struct img_echo *e = &f->p->ie;
	const char *v = f->v[OSA_IE_DFI];

	unreachable(f);
	e->respond = !fp_is(f, OSA_IE_R, "N");
	if (!e->respond)
		return;
	if (v != NULL)
		e->dfi = v[0] == 'Y' ? DFI_Y : v[0] == 'S' ? DFI_S :
		    v[0] == 'O' ? DFI_O : DFI_N;
	v = f->v[OSA_IE_CD];
	if (v == NULL)
		return;
	e->cd_value = 0;
	e->cd = v[0] == 'S' ? CD_S : v[0] == 'Z' ? CD_Z : v[0] == 'O' ? CD_O :
	    CD_VALUE;
	if (e->cd == CD_VALUE)
		e->cd_value = (uint8_t)fp_hex(f, OSA_IE_CD, 0);
}
