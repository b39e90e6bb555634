/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: one label and one signature in p0f 3's notation (its README,
 * section 5) to a row of the image. Pure functions but for the arena.
 */
#include "srcos.h"

#include <string.h>

#include "common/buf.h"

#define FIELDS	   8
#define LAYOUT_MAX 40 /* options: each has a byte at least */

/* text[0..n) as a number up to max. 0 or -1. */
static int
number(const char *text, size_t n, uint32_t max, uint32_t *v)
{
	char b[12];

	if (n == 0 || n >= sizeof(b))
		return -1;
	memcpy(b, text, n);
	b[n] = '\0';
	return str_u32(b, max, v);
}

static int
is(const char *text, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(text, word, n) == 0;
}

static int
printable(const char *s, size_t n)
{
	while (n-- > 0)
		if (s[n] < 0x20 || s[n] > 0x7e)
			return 0;
	return 1;
}

int
srcos_label_parse(struct conf *c, const char *text, struct srcos_label *l,
    const char **why)
{
	const char *type = text, *class, *name, *flavor;
	size_t nc, nn, nf;

	memset(l, 0, sizeof(*l));
	*why = "label wants type:class:name:flavor";
	if ((class = strchr(type, ':')) == NULL ||
	    (name = strchr(++class, ':')) == NULL ||
	    (flavor = strchr(++name, ':')) == NULL)
		return -1;
	nc = (size_t)(name - class) - 1;
	nn = (size_t)(flavor - name);
	nf = strlen(++flavor);
	if (nc == 0 || nn == 0)
		return -1;
	*why = "label is neither specific (s) nor generic (g)";
	if (class - type != 2 || (type[0] != 's' && type[0] != 'g'))
		return -1;
	*why = "label too long or not ASCII";
	if (nc > SRCOS_NAME_MAX || nn > SRCOS_NAME_MAX ||
	    nf > SRCOS_FLAVOR_MAX || !printable(text, strlen(text)))
		return -1;
	l->flags = type[0] == 'g' ? SRCOS_F_GENERIC : 0;
	if (is(class, nc, "!"))
		l->flags |= SRCOS_F_TOOL;
	else
		l->family = arena_dup(&c->mem, class, nc);
	l->name = arena_dup(&c->mem, name, nn);
	l->flavor = nf == 0 ? NULL : arena_dup(&c->mem, flavor, nf);
	return 0;
}

/* "64", "64-" (random, at most), "54+10" (seen, distance). */
static int
ttl(const char *s, size_t n, struct img_srcos *r)
{
	const char *plus = memchr(s, '+', n);
	uint32_t a, b = 0;

	if (n > 0 && s[n - 1] == '-') {
		r->flags |= SRCOS_F_TTL_MAX;
		n--;
	} else if (plus != NULL) {
		if (number(plus + 1, n - (size_t)(plus + 1 - s), 255, &b) ==
		    -1)
			return -1;
		n = (size_t)(plus - s);
	}
	if (number(s, n, 255, &a) == -1 || a == 0 || a + b > 255)
		return -1;
	r->ttl = (uint8_t)(a + b);
	return 0;
}

static int
mss(const char *s, size_t n, struct img_srcos *r)
{
	uint32_t v;

	if (is(s, n, "*")) {
		r->flags |= SRCOS_F_MSS_ANY;
		return 0;
	}
	if (number(s, n, 65535, &v) == -1)
		return -1;
	r->mss = (uint16_t)v;
	return 0;
}

/* "wsize,scale" */
static int
window(const char *s, size_t n, struct img_srcos *r)
{
	const char *comma = memchr(s, ',', n), *scale;
	uint32_t v = 0, least = 0, max = 65535;
	size_t k;

	if (comma == NULL)
		return -1;
	scale = comma + 1;
	k = n - (size_t)(scale - s);
	n = (size_t)(comma - s);
	r->win_type = SRCOS_WIN_VALUE;
	if (n > 4 && memcmp(s, "mss*", 4) == 0)
		r->win_type = SRCOS_WIN_MSS;
	else if (n > 4 && memcmp(s, "mtu*", 4) == 0)
		r->win_type = SRCOS_WIN_MTU;
	else if (n > 1 && s[0] == '%')
		r->win_type = SRCOS_WIN_MOD;
	else if (is(s, n, "*"))
		r->win_type = SRCOS_WIN_ANY;
	if (r->win_type == SRCOS_WIN_MSS || r->win_type == SRCOS_WIN_MTU) {
		s += 4;
		n -= 4;
		least = 1;
		max = 1000;
	} else if (r->win_type == SRCOS_WIN_MOD) {
		s++;
		n--;
		least = 2;
	}
	if (r->win_type != SRCOS_WIN_ANY &&
	    (number(s, n, max, &v) == -1 || v < least))
		return -1;
	r->win = (uint16_t)v;
	if (is(scale, k, "*"))
		v = SRCOS_SCALE_ANY;
	else if (number(scale, k, 254, &v) == -1)
		return -1;
	r->scale = (uint8_t)v;
	return 0;
}

/* One option of a layout; *end: nothing may follow. */
static int
option(const char *s, size_t n, struct img_srcos *r, int *end)
{
	static const struct {
		const char *word;
		uint8_t kind;
	} words[] = { { "nop", 1 }, { "mss", 2 }, { "ws", 3 }, { "sok", 4 },
		{ "sack", 5 }, { "ts", 8 } };
	uint32_t v;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is(s, n, words[i].word)) {
			r->layout = srcos_layout(r->layout, words[i].kind);
			return 0;
		}
	if (n > 4 && memcmp(s, "eol+", 4) == 0) {
		if (number(s + 4, n - 4, 39, &v) == -1)
			return -1;
		r->layout = srcos_layout(r->layout, 0);
		r->eol_pad = (uint8_t)v;
		*end = 1;
		return 0;
	}
	if (n < 2 || s[0] != '?' || number(s + 1, n - 1, 255, &v) == -1 ||
	    v < 6)
		return -1;
	r->layout = srcos_layout(r->layout, (uint8_t)v);
	return 0;
}

static int
layout(const char *s, size_t n, struct img_srcos *r)
{
	size_t k, count = 0;
	int end = 0;

	r->layout = SRCOS_LAYOUT;
	while (n > 0) {
		const char *comma = memchr(s, ',', n);

		k = comma == NULL ? n : (size_t)(comma - s);
		if (end || ++count > LAYOUT_MAX || option(s, k, r, &end) == -1)
			return -1;
		if (comma != NULL && k + 1 == n)
			return -1; /* ends with a comma */
		s += comma == NULL ? k : k + 1;
		n -= comma == NULL ? k : k + 1;
	}
	return 0;
}

static int
quirk(const char *s, size_t n, int own, struct img_srcos *r)
{
	static const struct {
		const char *word;
		uint16_t quirk;
		uint8_t fact;
	} words[] = {
		{ "df", SRCOS_Q_DF, 0 }, { "id+", SRCOS_Q_IDP, 0 },
		{ "id-", SRCOS_Q_IDM, 0 }, { "ecn", SRCOS_Q_ECN, 0 },
		{ "0+", SRCOS_Q_MBZ, 0 }, { "flow", 0, 0 }, /* IPv6 */
		{ "seq-", SRCOS_Q_SEQM, 0 }, { "ack+", SRCOS_Q_ACKP, 0 },
		{ "ack-", SRCOS_Q_ACKM, 0 }, { "uptr+", SRCOS_Q_UPTRP, 0 },
		{ "urgf+", SRCOS_Q_URGF, 0 }, { "pushf+", SRCOS_Q_PUSHF, 0 },
		{ "ts1-", SRCOS_Q_TS1M, 0 }, { "ts2+", SRCOS_Q_TS2P, 0 },
		{ "opt+", SRCOS_Q_OPTP, 0 }, { "exws", SRCOS_Q_EXWS, 0 },
		{ "bad", SRCOS_Q_BAD, 0 },
		/* ours */
		{ "seq=dst", 0, SRCOS_SEQ_DST }, { "id=mix", 0, SRCOS_ID_MIX },
		{ "id=54321", 0, SRCOS_ID_54321 } };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!is(s, n, words[i].word) || (words[i].fact && !own))
			continue;
		if ((r->quirks & words[i].quirk) || (r->facts & words[i].fact))
			return -1; /* twice */
		r->quirks |= words[i].quirk;
		r->facts |= words[i].fact;
		return 0;
	}
	return -1;
}

static int
quirks(const char *s, size_t n, int own, struct img_srcos *r)
{
	size_t k;

	while (n > 0) {
		const char *comma = memchr(s, ',', n);

		k = comma == NULL ? n : (size_t)(comma - s);
		if (quirk(s, k, own, r) == -1 || (comma && k + 1 == n))
			return -1;
		s += comma == NULL ? k : k + 1;
		n -= comma == NULL ? k : k + 1;
	}
	return 0;
}

int
srcos_sig_parse(const char *text, int own, struct img_srcos *r,
    const char **why)
{
	const char *f[FIELDS + 1];
	size_t len[FIELDS];
	uint32_t v;
	int i;

	*why = "signature wants ver:ittl:olen:mss:wsize,scale:olayout:quirks:"
	       "pclass";
	f[0] = text;
	for (i = 0; i < FIELDS; i++) {
		len[i] = strcspn(f[i], ":");
		if ((f[i][len[i]] == '\0') != (i == FIELDS - 1))
			return -1;
		f[i + 1] = f[i] + len[i] + 1;
	}
	*why = "IP version is not 4, 6 or *";
	if (len[0] != 1 || strchr("46*", f[0][0]) == NULL)
		return -1;
	*why = "initial TTL wants 64, 64- or 54+10";
	if (ttl(f[1], len[1], r) == -1)
		return -1;
	*why = "length of IP options wants a number up to 255";
	if (number(f[2], len[2], 255, &v) == -1)
		return -1;
	r->olen = (uint8_t)v;
	*why = "MSS wants a number or *";
	if (mss(f[3], len[3], r) == -1)
		return -1;
	*why = "window wants *, a number, mss*N, mtu*N or %N, then a comma and "
	       "a scale or *";
	if (window(f[4], len[4], r) == -1)
		return -1;
	*why = "option not known, or something behind eol+N";
	if (layout(f[5], len[5], r) == -1)
		return -1;
	*why = "quirk not known, or named twice";
	if (quirks(f[6], len[6], own, r) == -1)
		return -1;
	*why = "payload class is not 0, + or *";
	if (len[7] != 1 || strchr("0+*", f[7][0]) == NULL)
		return -1;
	r->payload = f[7][0] == '*' ? SRCOS_PAYLOAD_ANY : f[7][0] == '+';
	return f[0][0] == '6';
}
