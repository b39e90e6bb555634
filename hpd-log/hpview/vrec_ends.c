/* SPDX-License-Identifier: ISC */
/*
 * Who and whom in a line of JSON, in hpview. Must never read beyond the line.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "hpd-log/hpview/vrec_int.h"

/* Dotted quad at p; its length, 0 when it is none. */
static inline size_t
quad(const char *p, const char *end, uint8_t addr[16])
{
	const char *s = p, *start;
	unsigned int v, i;

	for (i = 0;; i++, p++) {
		for (v = 0, start = p;
		     p < end && *p >= '0' && *p <= '9' && v < 256; p++)
			v = v * 10 + (unsigned int)(*p - '0');
		if (p == start || v > 255)
			return 0;
		addr[i] = (uint8_t)v;
		if (i == 3)
			return (size_t)(p - s);
		if (p == end || *p != '.')
			return 0;
	}
}

static int
address(struct cur *c, struct vrec *r, uint8_t addr[16])
{
	struct vstr s;
	char b[46];

	if (cur_string(c, &s) == -1 || s.n >= sizeof(b))
		return -1;
	if (s.n > 0 && quad(s.p, s.p + s.n, addr) == s.n) {
		r->ver = 4;
		return 0;
	}
	memset(addr, 0, 16);
	memcpy(b, s.p, s.n);
	b[s.n] = '\0';
	if (inet_pton(AF_INET6, b, addr) != 1)
		return -1;
	r->ver = 6;
	return 0;
}

/* "source" and "destination" of the common schema. */
int
vrec_side(struct cur *c, struct vrec *r, int dst)
{
	struct vstr key;
	uint64_t v = 0;
	int m, first = 1;

	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "ip")) {
			m = address(c, r, dst ? r->dst : r->src);
		} else if (vstr_is(&key, "port")) {
			m = cur_small(c, 65535, &v);
			*(dst ? &r->dport : &r->sport) = (uint16_t)v;
		} else if (vstr_is(&key, "bytes")) {
			m = cur_u64(c, dst ? &r->bytes_out : &r->bytes_in);
		} else {
			m = cur_skip(c, VJSON_DEPTH - 1);
		}
		if (m == -1)
			return -1;
	}
	return m;
}

int
vrec_network(struct cur *c, struct vrec *r)
{
	struct vstr key, s;
	struct cur in;
	uint64_t v;
	int m, first = 1;

	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "iana_number")) {
			if (cur_string(c, &s) == -1)
				return -1;
			in.p = s.p;
			in.end = s.p + s.n;
			if (cur_small(&in, 255, &v) == -1 || in.p != in.end)
				return -1;
			r->proto = (uint8_t)v;
		} else if (vstr_is(&key, "type")) {
			if (cur_string(c, &s) == -1)
				return -1;
			if (r->ver == 0) /* no address in it */
				r->ver = vstr_is(&s, "ipv6") ? 6 : 4;
		} else if (cur_skip(c, VJSON_DEPTH - 1) == -1) {
			return -1;
		}
	}
	return m;
}

/* One side as hpd-log writes it: {"ip":"192.0.2.7","port":4242 and what
 * follows. 0, the cursor behind the brace; -1: otherwise. */
static inline int
known_side(struct cur *c, uint8_t addr[16], uint16_t *port, uint64_t *bytes)
{
	uint64_t v;
	size_t n;

	if (!CUR_LIT(c, "{\"ip\":\""))
		return -1;
	n = quad(c->p, c->end, addr);
	c->p += n;
	if (n == 0 || !cur_eat(c, '"'))
		return -1;
	if (CUR_LIT(c, ",\"port\":")) {
		if (cur_small(c, 65535, &v) == -1)
			return -1;
		*port = (uint16_t)v;
	}
	if (CUR_LIT(c, ",\"packets\":")) {
		if (cur_u64(c, &v) == -1)
			return -1;
	} else if (CUR_LIT(c, ",\"bytes\":") && cur_u64(c, bytes) == -1) {
		return -1;
	}
	return cur_eat(c, '}') ? 0 : -1;
}

void
vrec_known_ends(struct cur *c, struct vrec *r)
{
	struct cur in = *c;

	if (CUR_LIT(&in, ",\"source\":") &&
	    known_side(&in, r->src, &r->sport, &r->bytes_in) == 0 &&
	    CUR_LIT(&in, ",\"destination\":") &&
	    known_side(&in, r->dst, &r->dport, &r->bytes_out) == 0 &&
	    CUR_LIT(&in, ",\"network\":{\"type\":\"ipv4\",")) {
		if (CUR_LIT(&in, "\"transport\":\"tcp\","
				 "\"iana_number\":\"6\"}"))
			r->proto = IPPROTO_TCP;
		else if (CUR_LIT(&in, "\"transport\":\"udp\","
				      "\"iana_number\":\"17\"}"))
			r->proto = IPPROTO_UDP;
		else if (CUR_LIT(&in, "\"transport\":\"icmp\","
				      "\"iana_number\":\"1\"}"))
			r->proto = IPPROTO_ICMP;
		if (r->proto != 0) {
			r->ver = 4;
			*c = in;
			return;
		}
	}
	memset(r->src, 0, sizeof(r->src));
	memset(r->dst, 0, sizeof(r->dst));
	r->sport = r->dport = 0;
	r->bytes_in = r->bytes_out = 0;
}
