/* SPDX-License-Identifier: ISC */
/*
 * Keys for hpview verify: of every start from the root key, and what the
 * sensor's own files say (state, carry). Must bound what a forged number can
 * cost: starts and indices beyond reason are not computed.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/verify.h"

#define STARTS_MAX (1u << 20) /* a start every minute for two years */

int
vf_chain(struct vf_work *w, uint64_t ordinal, uint64_t boot,
    unsigned int chain, struct seal_chain *c)
{
	void *p;
	uint64_t cap;

	if (ordinal >= STARTS_MAX)
		return -1;
	if (ordinal >= w->ncarry) {
		cap = ordinal + 2 + ordinal / 2;
		if ((p = realloc(w->carry, cap * SEAL_KEY_LEN)) == NULL)
			return -1;
		w->carry = p;
		if (w->ncarry == 0) {
			memcpy(w->carry[0], w->set->root, SEAL_KEY_LEN);
			w->ncarry = 1;
		}
		for (; w->ncarry < cap; w->ncarry++) {
			memcpy(w->carry[w->ncarry], w->carry[w->ncarry - 1],
			    SEAL_KEY_LEN);
			seal_carry(w->carry[w->ncarry]);
		}
	}
	seal_chain_key(c, w->carry[ordinal], boot, chain);
	return 0;
}

void
vf_state(struct vf_work *w)
{
	struct seal_chain c;
	unsigned int i;

	if (w->set->state == NULL || w->set->no_state)
		return;
	if (seal_unpack(&w->state, w->set->state, w->set->state_len) == -1) {
		w->state_bad = 1;
		return;
	}
	for (i = 0; i < SEAL_CHAINS; i++) {
		if (w->state.chain[i].index > w->limit ||
		    w->state.chain[i].index > vf_claimed(w, i) ||
		    vf_chain(w, w->state.ordinal, w->state.boot, i, &c) == -1) {
			w->state_bad = 1;
			return;
		}
		seal_skip(&c, w->state.chain[i].index);
		if (!seal_proof(&w->state, i, &c)) {
			w->state_bad = 1;
			return;
		}
	}
	w->has_state = 1;
}

/* The file carry: how many starts there were, and is it of this key? */
static void
carry(struct vf_work *w, uint64_t newest)
{
	struct seal_chain c;
	uint64_t next;
	uint8_t key[SEAL_KEY_LEN];

	if (seal_carry_unpack(w->set->carry, &next, key) == -1) {
		vf_add(w->rep, VF_STATE, NULL, 0, 0, 0, UINT64_MAX,
		    "carry: not whole");
		return;
	}
	if (next == 0 || next > STARTS_MAX) {
		vf_add(w->rep, VF_STATE, NULL, 0, 0, 0, UINT64_MAX,
		    "carry: counts %llu starts", (unsigned long long)next);
		return;
	}
	(void)vf_chain(w, next, 0, 0, &c);
	if (next < w->ncarry &&
	    sodium_memcmp(w->carry[next], key, sizeof(key)) != 0)
		vf_add(w->rep, VF_STATE, NULL, 0, 0, 0, UINT64_MAX,
		    "carry: not of this key: forged");
	sodium_memzero(key, sizeof(key));
	if (next - 1 > newest)
		vf_add(w->rep, VF_START, NULL, 0, 0, 0, newest + 1,
		    "start %llu and up to %llu in all are not there, the "
		    "sensor's file carry says",
		    (unsigned long long)newest + 1,
		    (unsigned long long)next - 1);
	if (next - 1 < newest)
		vf_add(w->rep, VF_STATE, NULL, 0, 0, 0, UINT64_MAX,
		    "carry: of start %llu, but the log has start %llu: it was "
		    "set back", (unsigned long long)next - 1,
		    (unsigned long long)newest);
}

void
vf_state_compare(struct vf_work *w)
{
	uint64_t newest = 0;
	size_t i;

	if (w->set->no_state)
		return;
	for (i = 0; i < w->nseg; i++)
		if (w->seg[i].anchored && w->seg[i].ordinal > newest)
			newest = w->seg[i].ordinal;
	if (w->state_bad)
		vf_add(w->rep, VF_STATE, NULL, 0, 0, 0, UINT64_MAX,
		    "state: not made by hpd-log under this key: forged or "
		    "damaged");
	else if (w->set->state == NULL)
		vf_add(w->rep, VF_STATE, NULL, 0, 0, 0, UINT64_MAX,
		    "the sensor's files of the seal are not there: where the "
		    "newest start ends is not proven");
	if (w->has_state && w->state.ordinal < newest)
		vf_add(w->rep, VF_STATE, NULL, 0, 0, 0, w->state.ordinal,
		    "state: of start %llu, but the log has start %llu: it was "
		    "set back", (unsigned long long)w->state.ordinal,
		    (unsigned long long)newest);
	if (w->set->carry != NULL)
		carry(w, newest);
	else if (w->set->state != NULL)
		vf_add(w->rep, VF_STATE, NULL, 0, 0, 0, UINT64_MAX,
		    "carry: not there");
}
