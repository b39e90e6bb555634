/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: TCP options, parsed with every length checked and written in the
 * persona's order. Pure functions.
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

static int
wanted(uint8_t o, const struct tcp_conn *c)
{
	switch (o) {
	case OPTL_MSS:
		return 1;
	case OPTL_WS:
		return (c->flags & CF_WS) != 0;
	case OPTL_SACK:
		return (c->flags & CF_SACK) != 0;
	case OPTL_TS:
		return (c->flags & CF_TS) != 0;
	default:
		return 0;
	}
}

/*
 * SYN/ACK options in the persona's order, less those the peer did not offer:
 * padding in front of an option goes with it, and SACK and timestamps, which
 * fill 12 bytes together, are padded when alone. Returns a multiple of 4.
 */
uint32_t
tcp_opt_synack(uint8_t out[40], const struct img_persona *p,
    const struct tcp_conn *c, uint16_t mss, uint32_t tsval)
{
	struct optw w = {out, 0};
	uint32_t i, nops = 0, pair = 0;
	uint8_t o, prev = 0, eol = 0;

	for (i = 0; i + 1 < sizeof(p->synack_opts) && p->synack_opts[i]; i++)
		if ((p->synack_opts[i] == OPTL_SACK &&
			p->synack_opts[i + 1] == OPTL_TS) ||
		    (p->synack_opts[i] == OPTL_TS &&
			p->synack_opts[i + 1] == OPTL_SACK))
			pair = 1;
	for (i = 0; i < sizeof(p->synack_opts); i++) {
		o = p->synack_opts[i];
		if (o == OPTL_END)
			break;
		if (o == OPTL_EOL) {
			eol = 1;
			continue;
		}
		if (o == OPTL_NOP) {
			nops++;
			continue;
		}
		if (!wanted(o, c)) {
			nops = 0;
			continue;
		}
		if (pair && nops == 0 && !eol &&
		    (o == OPTL_SACK || o == OPTL_TS) &&
		    ((c->flags & CF_TS) != 0) != ((c->flags & CF_SACK) != 0))
			nops = 2;
		for (; nops > 0; nops--)
			w_byte(&w, 1);
		prev = o;
		if (o == OPTL_MSS) {
			w_byte(&w, 2);
			w_byte(&w, 4);
			w_byte(&w, (uint8_t)(mss >> 8));
			w_byte(&w, (uint8_t)mss);
		} else if (o == OPTL_WS) {
			w_byte(&w, 3);
			w_byte(&w, 3);
			w_byte(&w, c->scales & 15);
		} else if (o == OPTL_SACK) {
			w_byte(&w, 4);
			w_byte(&w, 2);
		} else
			w_ts(&w, tsval, c->ts_recent);
	}
	if (prev != 0)
		for (; nops > 0; nops--)
			w_byte(&w, 1);
	while (w.n % 4 != 0)
		w_byte(&w, eol ? 0 : 1);
	return w.n;
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
