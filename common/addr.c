/* SPDX-License-Identifier: ISC */
/*
 * Addresses over libdnet. hpd-conf and hpd-parent parse with it, the others
 * print. The library's own addr_pton() would ask the resolver for what is not
 * an address: only its numeric converters are used here, behind a check of
 * every character.
 */
#include <sys/types.h>

#include <dumbnet.h>
#include <stdint.h>
#include <string.h>

#include "addr.h"

/* One to max decimal digits without a leading zero, at most top. Moves *s past
 * them. The value, or -1. */
static int
small_number(const char **s, int top)
{
	const char *p = *s;
	int v = 0, n = 0;

	for (; *p >= '0' && *p <= '9'; p++, n++) {
		if (n == 3 || (n == 1 && v == 0))
			return -1;
		v = v * 10 + (*p - '0');
	}
	if (n == 0 || v > top)
		return -1;
	*s = p;
	return v;
}

int
addr_prefix_parse(const char *text, struct prefix *out)
{
	char host[sizeof("255.255.255.255")];
	struct prefix p;
	const char *s = text;
	ip_addr_t ip;
	int i, bits = 32;

	for (i = 0; i < 4; i++)
		if ((i > 0 && *s++ != '.') || small_number(&s, 255) == -1)
			return -1;
	if ((size_t)(s - text) >= sizeof(host))
		return -1;
	memcpy(host, text, (size_t)(s - text));
	host[s - text] = '\0';
	if (*s == '/') {
		s++;
		if ((bits = small_number(&s, 32)) == -1)
			return -1;
	}
	if (*s != '\0' || ip_pton(host, &ip) != 0)
		return -1;
	memset(&p, 0, sizeof(p));
	memcpy(p.addr, &ip, 4);
	addr_set4(p.addr, addr_ip4(p.addr) &
	    (bits == 0 ? 0 : UINT32_MAX << (32 - bits)));
	p.ver = 4;
	p.bits = (uint8_t)bits;
	*out = p;
	return 0;
}

char *
addr_text(uint8_t ver, const uint8_t addr[16], char *buf)
{
	ip_addr_t ip;
	ip6_addr_t ip6;
	char *r = NULL;

	if (ver == 4) {
		memcpy(&ip, addr, sizeof(ip));
		r = ip_ntop(&ip, buf, ADDR_STRLEN);
	} else if (ver == 6) {
		memcpy(&ip6, addr, sizeof(ip6));
		r = ip6_ntop(&ip6, buf, ADDR_STRLEN);
	}
	if (r == NULL) {
		buf[0] = '-';
		buf[1] = '\0';
	}
	return buf;
}

uint32_t
addr_ip4(const uint8_t addr[16])
{
	return (uint32_t)addr[0] << 24 | (uint32_t)addr[1] << 16 |
	    (uint32_t)addr[2] << 8 | addr[3];
}

void
addr_set4(uint8_t addr[16], uint32_t a)
{
	memset(addr, 0, 16);
	addr[0] = (uint8_t)(a >> 24);
	addr[1] = (uint8_t)(a >> 16);
	addr[2] = (uint8_t)(a >> 8);
	addr[3] = (uint8_t)a;
}

int
prefix_has4(const struct prefix *p, uint32_t a)
{
	if (p->ver != 4)
		return 0;
	if (p->bits == 0)
		return 1;
	return ((addr_ip4(p->addr) ^ a) >> (32 - p->bits)) == 0;
}

int
prefix_valid(const struct prefix *p)
{
	unsigned int i, top, all = 0;

	if (p->ver != 4 && p->ver != 6)
		return 0;
	top = p->ver == 4 ? 32 : 128;
	if (p->bits > top)
		return 0;
	for (i = 0; i < sizeof(p->reserved); i++)
		all |= p->reserved[i];
	for (i = p->bits / 8; i < 16; i++)
		all |= i == p->bits / 8u
		    ? (unsigned)(p->addr[i] & (0xff >> p->bits % 8))
		    : p->addr[i];
	return all == 0;
}

int
addr_mac_parse(const char *text, uint8_t mac[6])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t out[6];
	const char *s = text, *d;
	int i, n, v;

	for (i = 0; i < 6; i++) {
		if (i > 0 && *s++ != ':')
			return -1;
		for (n = v = 0; n < 2 && *s != '\0'; n++, s++) {
			d = strchr(hex, *s >= 'A' && *s <= 'F' ? *s + 32 : *s);
			if (d == NULL)
				break;
			v = v * 16 + (int)(d - hex);
		}
		if (n == 0)
			return -1;
		out[i] = (uint8_t)v;
	}
	if (*s != '\0')
		return -1;
	memcpy(mac, out, 6);
	return 0;
}
