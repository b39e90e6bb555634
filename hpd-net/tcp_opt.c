/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: TCP options, parsed with every length checked and written in the
 * persona's manner. Pure functions.
 */
#include <string.h>

#include "../common/buf.h"
#include "../common/image.h"
#include "tcp_int.h"

/* One option with a length. -1: it lies. */
static int
opt_one(const uint8_t *o, uint32_t len, struct tcp_opts *t)
{
	uint32_t i;

	switch (o[0]) {
	case 2:
		if (len != 4)
			return -1;
		t->has_mss = 1;
		t->mss = be16(o + 2);
		break;
	case 3:
		if (len != 3)
			return -1;
		t->wscale = o[2] > 14 ? 14 : o[2];
		break;
	case 4:
		if (len != 2)
			return -1;
		t->sack_ok = 1;
		break;
	case 5:
		if (len < 10 || len > 34 || (len - 2) % 8 != 0)
			return -1;
		t->nsack = (uint8_t)((len - 2) / 8);
		for (i = 0; i < t->nsack; i++) {
			t->sack[i].a = be32(o + 2 + i * 8);
			t->sack[i].b = be32(o + 6 + i * 8);
		}
		break;
	case 8:
		if (len != 10)
			return -1;
		t->has_ts = 1;
		t->tsval = be32(o + 2);
		t->tsecr = be32(o + 6);
		break;
	default: /* unknown ones are skipped */
		break;
	}
	return 0;
}

/* 0, or -1: a length leads outside or does not fit its kind. */
int
tcp_opt_parse(const uint8_t *o, uint32_t len, struct tcp_opts *t)
{
	uint32_t i = 0;

	memset(t, 0, sizeof(*t));
	t->wscale = 255;
	if (len == 12 && be32(o) == 0x0101080a) { /* the usual data segment */
		t->has_ts = 1;
		t->tsval = be32(o + 4);
		t->tsecr = be32(o + 8);
		return 0;
	}
	while (i < len) {
		if (o[i] == 0)
			return 0;
		if (o[i] == 1) {
			i++;
			continue;
		}
		if (i + 1 >= len || o[i + 1] < 2 || o[i + 1] > len - i)
			return -1;
		if (opt_one(o + i, o[i + 1], t) == -1)
			return -1;
		i += o[i + 1];
	}
	return 0;
}

struct optw {
	uint8_t *p;
	uint32_t n;
};

static void
w_byte(struct optw *w, uint8_t b)
{
	if (w->n < 40)
		w->p[w->n++] = b;
}

static void
w_ts(struct optw *w, uint32_t val, uint32_t ecr)
{
	if (w->n + 10 > 40)
		return;
	w->p[w->n] = 8;
	w->p[w->n + 1] = 10;
	put32(w->p + w->n + 2, val);
	put32(w->p + w->n + 6, ecr);
	w->n += 10;
}

uint32_t
tcp_opt_answer(uint8_t out[40], const struct img_answer *a, uint32_t tsval,
    uint32_t tsecr)
{
	memcpy(out, a->opts, sizeof(a->opts));
	if (a->ts_off == 255)
		return a->optlen;
	if (!(a->ts_form & TS_VALUE))
		tsval = 0;
	if (!(a->ts_form & TS_ECHO))
		tsecr = 0;
	put32(out + a->ts_off, tsval);
	put32(out + a->ts_off + 4, tsecr);
	if (a->ts2_off != 255) {
		put32(out + a->ts2_off, tsval);
		put32(out + a->ts2_off + 4, tsecr);
	}
	return a->optlen;
}

/* Options of every later segment; sack: report what lies out of order. */
uint32_t
tcp_opt_data(uint8_t out[40], const struct tcp_conn *c, uint32_t tsval,
    int sack)
{
	const struct tcp_data *d = c->d;
	struct optw w = {out, 0};
	struct range blk[4];
	uint32_t i, j, k, n = 0, max;

	if (c->flags & CF_TS) {
		w_byte(&w, 1);
		w_byte(&w, 1);
		w_ts(&w, tsval, c->ts_recent);
	}
	if (!sack || !(c->flags & CF_SACK) || d == NULL)
		return w.n;
	max = c->flags & CF_TS ? 3 : 4;
	if (d->dsack.a != d->dsack.b)
		blk[n++] = d->dsack;
	for (i = 0; i < 3 && n < max; i++) {
		for (j = 0; j < d->ooo.n; j++)
			if (SEQ_LE(d->ooo.r[j].a, d->recent[i]) &&
			    SEQ_LT(d->recent[i], d->ooo.r[j].b))
				break;
		if (j == d->ooo.n)
			continue;
		for (k = 0; k < n; k++)
			if (blk[k].a == d->ooo.r[j].a &&
			    blk[k].b == d->ooo.r[j].b)
				break;
		if (k == n)
			blk[n++] = d->ooo.r[j];
	}
	if (n == 0)
		return w.n;
	w_byte(&w, 1);
	w_byte(&w, 1);
	w_byte(&w, 5);
	w_byte(&w, (uint8_t)(2 + n * 8));
	for (i = 0; i < n; i++) {
		put32(out + w.n, blk[i].a);
		put32(out + w.n + 4, blk[i].b);
		w.n += 8;
	}
	return w.n;
}
