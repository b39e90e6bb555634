/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: TCP options as nmap writes them ("M5B4ST11NW7") into bytes, and
 * what is left of them for a peer that offers less.
 */
#include "fp.h"

#include <string.h>

#define ROOM 40 /* bytes of TCP options */

struct opt { /* one of a text */
	char kind; /* M W S T N L */
	uint8_t len, form;
	uint32_t value;
};

static uint8_t
hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* The next option of a text; *s moves on. 0, or -1: no option. */
static int
next(const char **s, struct opt *o)
{
	size_t n;

	memset(o, 0, sizeof(*o));
	o->kind = *(*s)++;
	switch (o->kind) {
	case 'N':
	case 'L':
		o->len = 1;
		return 0;
	case 'S':
		o->len = 2;
		return 0;
	case 'T':
		o->len = 10;
		if (strspn(*s, "01") < 2)
			return -1;
		o->form = (uint8_t)(((*s)[0] == '1' ? TS_VALUE : 0) |
		    ((*s)[1] == '1' ? TS_ECHO : 0));
		*s += 2;
		return 0;
	case 'M':
	case 'W':
		n = strspn(*s, "0123456789ABCDEF");
		if (n > (o->kind == 'M' ? 4 : 2))
			return -1;
		for (; n > 0; n--)
			o->value = o->value << 4 | hex_digit(*(*s)++);
		o->len = o->kind == 'M' ? 4 : 3;
		return 0;
	default:
		return -1;
	}
}

static void
store(struct img_answer *a, const struct opt *o)
{
	uint8_t *p = a->opts + a->optlen, at = (uint8_t)(a->optlen + 2);

	switch (o->kind) {
	case 'N':
		p[0] = 1;
		break;
	case 'L':
		p[0] = 0;
		break;
	case 'S':
		p[0] = 4;
		p[1] = 2;
		a->agree |= OFFER_SACK;
		break;
	case 'M':
		p[0] = 2;
		p[1] = 4;
		p[2] = (uint8_t)(o->value >> 8);
		p[3] = (uint8_t)o->value;
		if (a->mss_off == 255)
			a->mss_off = at;
		a->agree |= OFFER_MSS;
		break;
	case 'W':
		p[0] = 3;
		p[1] = 3;
		p[2] = (uint8_t)o->value;
		a->wscale = (uint8_t)(o->value > 14 ? 14 : o->value);
		a->agree |= OFFER_WS;
		break;
	case 'T':
		p[0] = 8;
		p[1] = 10;
		if (a->ts_off == 255) {
			a->ts_off = at;
			a->ts_form = o->form;
		} else
			a->ts2_off = at;
		a->agree |= OFFER_TS;
		break;
	}
	a->optlen = (uint8_t)(a->optlen + o->len);
}

int
fp_opts_set(struct img_answer *a, const char *text)
{
	const char *s = text;
	struct opt o;
	int bad = 0;

	memset(a->opts, 0, sizeof(a->opts));
	a->optlen = a->agree = a->wscale = a->ts_form = 0;
	a->mss_off = a->ts_off = a->ts2_off = 255;
	while (*s != '\0' && !bad) {
		bad = next(&s, &o) == -1 || a->optlen + o.len > ROOM;
		if (!bad)
			store(a, &o);
	}
	if (!bad && a->optlen % 4 == 0)
		return 0;
	if (!bad) { /* ends within a word: the end of list fills it */
		a->optlen = (uint8_t)((a->optlen + 3) & ~3);
		return 0;
	}
	memset(a->opts, 0, sizeof(a->opts));
	a->optlen = a->agree = a->wscale = a->ts_form = 0;
	a->mss_off = a->ts_off = a->ts2_off = 255;
	return -1;
}

uint16_t
fp_opts_mss(const char *text)
{
	struct opt o;

	while (*text != '\0' && next(&text, &o) == 0)
		if (o.kind == 'M')
			return (uint16_t)o.value;
	return 0;
}

static int
offered(char kind, uint8_t offers)
{
	switch (kind) {
	case 'W':
		return offers & OFFER_WS;
	case 'S':
		return offers & OFFER_SACK;
	case 'T':
		return offers & OFFER_TS;
	default:
		return 1;
	}
}

/* One group of whole words, from..to: what is offered, padded in front. */
static void
drop_group(const char *from, const char *to, uint8_t offers, char *out)
{
	const char *s, *was;
	unsigned len = 0, dropped = 0;
	int real = 0;
	struct opt o;
	size_t n;

	for (s = from; s < to && next(&s, &o) == 0;) {
		if (!offered(o.kind, offers))
			dropped = 1;
		else if (o.kind != 'N' && o.kind != 'L') {
			real = 1;
			len += o.len;
		}
	}
	n = strlen(out);
	if (!dropped) {
		memcpy(out + n, from, (size_t)(to - from));
		out[n + (size_t)(to - from)] = '\0';
		return;
	}
	if (!real)
		return;
	for (; len % 4 != 0; len++)
		out[n++] = 'N';
	for (s = from; s < to;) {
		was = s;
		if (next(&s, &o) == -1)
			break;
		if (offered(o.kind, offers) && o.kind != 'N' && o.kind != 'L') {
			memcpy(out + n, was, (size_t)(s - was));
			n += (size_t)(s - was);
		}
	}
	out[n] = '\0';
}

void
fp_opts_drop(const char *text, uint8_t offers, char out[FP_OPTS])
{
	const char *s = text, *from = text;
	unsigned len = 0;
	struct opt o;

	out[0] = '\0';
	if (strlen(text) > FP_OPTS / 2)
		return;
	while (*s != '\0' && next(&s, &o) == 0) {
		len += o.len;
		if (len % 4 == 0 || *s == '\0') {
			drop_group(from, s, offers, out);
			from = s;
		}
	}
}
