/* SPDX-License-Identifier: ISC */
/*
 * The seal as text: the member at a line's end, and the verification key as
 * people copy it. In hpd-parent, hpd-log, hpview. Must never accept a second
 * spelling of a seal: what stands in the file is either covered by the tag or
 * has one form only, so that no byte of a line can change unseen.
 */
#include <sodium.h>
#include <string.h>

#include "seal.h"

#define MEMBER_LEN (sizeof(SEAL_MEMBER) - 1)
#define TAG_TEXT   22 /* characters of 16 bytes in base64 without padding */

static const char b64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789-_";

static void
tag_text(char *o, const uint8_t t[SEAL_TAG_LEN])
{
	uint32_t v;
	int i;

	for (i = 0; i < 15; i += 3, o += 4) {
		v = (uint32_t)t[i] << 16 | (uint32_t)t[i + 1] << 8 | t[i + 2];
		o[0] = b64url[v >> 18];
		o[1] = b64url[v >> 12 & 63];
		o[2] = b64url[v >> 6 & 63];
		o[3] = b64url[v & 63];
	}
	o[0] = b64url[t[15] >> 2];
	o[1] = b64url[(t[15] & 3) << 4];
}

/* Value of a character, 64 and more: none. */
static unsigned int
b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned int)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0') + 52;
	return c == '-' ? 62 : c == '_' ? 63 : 64;
}

static int
tag_parse(const char *p, uint8_t t[SEAL_TAG_LEN])
{
	unsigned int v = 0, bits = 0, d;
	size_t i, n = 0;

	for (i = 0; i < TAG_TEXT; i++) {
		if ((d = b64_value(p[i])) > 63)
			return -1;
		v = v << 6 | d;
		if ((bits += 6) >= 8) {
			bits -= 8;
			t[n++] = (uint8_t)(v >> bits);
			v &= (1u << bits) - 1;
		}
	}
	return v == 0 ? 0 : -1; /* the bits left over: one spelling only */
}

size_t
seal_line(struct seal_chain *c, char *buf, size_t len,
    uint8_t tag[SEAL_TAG_LEN])
{
	uint8_t t[SEAL_TAG_LEN];
	char num[20], *o = buf + len - 2;
	uint64_t i = c->index;
	size_t n = sizeof(num);

	seal_tag(c, buf, len - 2, t);
	if (tag != NULL)
		memcpy(tag, t, sizeof(t));
	memcpy(o, SEAL_MEMBER, MEMBER_LEN);
	o += MEMBER_LEN;
	do
		num[--n] = (char)('0' + i % 10);
	while ((i /= 10) != 0);
	memcpy(o, num + n, sizeof(num) - n);
	o += sizeof(num) - n;
	*o++ = '.';
	tag_text(o, t);
	o += TAG_TEXT;
	memcpy(o, "\"}\n", 3);
	return (size_t)(o + 3 - buf);
}

/* Decimal without leading zeros. */
static int
number(const char *p, size_t n, uint64_t *v)
{
	uint64_t x = 0;
	size_t i;

	if (n == 0 || n > 20 || (n > 1 && p[0] == '0'))
		return -1;
	for (i = 0; i < n; i++) {
		unsigned int d = (unsigned int)(p[i] - '0');

		if (d > 9 || x > (UINT64_MAX - d) / 10)
			return -1;
		x = x * 10 + d;
	}
	*v = x;
	return 0;
}

int
seal_parse(const char *line, size_t len, size_t *body, uint64_t *index,
    uint8_t tag[SEAL_TAG_LEN])
{
	const char *end = line + len - 3, *p, *dig;

	if (len < MEMBER_LEN + 1 + 1 + TAG_TEXT + 3 ||
	    memcmp(end, "\"}\n", 3) != 0)
		return -1;
	p = end - TAG_TEXT;
	if (tag_parse(p, tag) == -1 || *--p != '.')
		return -1;
	for (dig = p; dig > line && dig[-1] >= '0' && dig[-1] <= '9';)
		if (p - --dig > 20)
			return -1;
	if (number(dig, (size_t)(p - dig), index) == -1 ||
	    (size_t)(dig - line) < MEMBER_LEN ||
	    memcmp(dig - MEMBER_LEN, SEAL_MEMBER, MEMBER_LEN) != 0)
		return -1;
	*body = (size_t)(dig - line) - MEMBER_LEN;
	return 0;
}

#define KEY_LETTERS   52 /* of 32 bytes; the last four bits are zero */
#define CHECK_LETTERS 8
#define ALL_LETTERS   (KEY_LETTERS + CHECK_LETTERS)
static const char key_prefix[] = "hpd1";
static const char b32[] = "abcdefghijklmnopqrstuvwxyz234567";

static void
key_check(const uint8_t root[SEAL_KEY_LEN], uint8_t out[16])
{
	static const char label[] = "hpd seal key check";
	crypto_generichash_state h;

	(void)crypto_generichash_init(&h, NULL, 0, 16);
	(void)crypto_generichash_update(&h, (const uint8_t *)label,
	    sizeof(label) - 1);
	(void)crypto_generichash_update(&h, root, SEAL_KEY_LEN);
	(void)crypto_generichash_final(&h, out, 16);
	sodium_memzero(&h, sizeof(h));
}

/* n letters of the bits of p, nbytes long, zeros behind. */
static void
base32(char *o, size_t n, const uint8_t *p, size_t nbytes)
{
	size_t i, bit, at;
	unsigned int v;

	for (i = 0; i < n; i++) {
		bit = i * 5;
		at = bit / 8;
		v = (unsigned int)p[at] << 8;
		if (at + 1 < nbytes)
			v |= p[at + 1];
		o[i] = b32[v >> (11 - bit % 8) & 31];
	}
}

void
seal_key_text(const uint8_t root[SEAL_KEY_LEN], char out[SEAL_KEY_TEXT])
{
	char raw[ALL_LETTERS], *o = out;
	uint8_t check[16];
	size_t i;

	base32(raw, KEY_LETTERS, root, SEAL_KEY_LEN);
	key_check(root, check);
	base32(raw + KEY_LETTERS, CHECK_LETTERS, check, sizeof(check));
	memcpy(o, key_prefix, 4);
	o += 4;
	for (i = 0; i < ALL_LETTERS; i++) {
		if (i % 4 == 0)
			*o++ = '-';
		*o++ = raw[i];
	}
	*o = '\0';
	sodium_memzero(raw, sizeof(raw));
}

/* The text's letters, in lower case, without what stands between them. -1: too
 * many, or something else among them. */
static int
letters(const char *text, char out[4 + ALL_LETTERS])
{
	size_t n = 0;
	char c;

	for (; (c = *text) != '\0'; text++) {
		if (c == '-' || c == ' ' || c == '\t' || c == '\n' ||
		    c == '\r')
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (n >= 4 && (c == '0' || c == '1'))
			c = c == '0' ? 'o' : 'l';
		if (n == 4 + ALL_LETTERS ||
		    (n < 4 ? c != key_prefix[n] : strchr(b32, c) == NULL))
			return -1;
		out[n++] = c;
	}
	return n == 4 + ALL_LETTERS ? 0 : -1;
}

int
seal_key_parse(const char *text, uint8_t root[SEAL_KEY_LEN])
{
	char raw[4 + ALL_LETTERS], again[SEAL_KEY_TEXT], same[sizeof(raw)];
	uint8_t key[SEAL_KEY_LEN];
	unsigned int v = 0, bits = 0;
	size_t i, n = 0;
	int ok;

	if (letters(text, raw) == -1)
		return -1;
	for (i = 0; i < KEY_LETTERS; i++) {
		v = v << 5 | (unsigned int)(strchr(b32, raw[4 + i]) - b32);
		if ((bits += 5) >= 8) {
			bits -= 8;
			key[n++] = (uint8_t)(v >> bits);
			v &= (1u << bits) - 1;
		}
	}
	seal_key_text(key, again);
	ok = letters(again, same) == 0 && memcmp(raw, same, sizeof(raw)) == 0;
	if (ok)
		memcpy(root, key, sizeof(key));
	sodium_memzero(raw, sizeof(raw));
	sodium_memzero(again, sizeof(again));
	sodium_memzero(same, sizeof(same));
	sodium_memzero(key, sizeof(key));
	return ok ? 0 : -1;
}
