/* SPDX-License-Identifier: ISC */
/*
 * The "hpd" object of a line of JSON, in hpview: whose record it is and what it
 * says beyond the common schema. Must never read beyond the line.
 */
#include <netinet/in.h>

#include "common/proc.h"
#include "hpd-log/hpview/vrec_int.h"

/* Sixteen hexadecimal digits in quotes. */
static int
hex64(struct cur *c, uint64_t *v)
{
	struct vstr s;
	uint64_t n = 0;
	uint32_t i;

	if (cur_string(c, &s) == -1 || s.n == 0 || s.n > 16)
		return -1;
	for (i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch >= '0' && ch <= '9')
			n = n << 4 | (uint64_t)(ch - '0');
		else if ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'f')
			n = n << 4 | (uint64_t)((ch | 0x20) - 'a' + 10);
		else
			return -1;
	}
	*v = n;
	return 0;
}

static int
packet(struct cur *c, struct vrec *r)
{
	static const char flag[] = "FSRPAUEC";
	struct vstr key, s;
	struct cur in = *c;
	uint64_t v = 0;
	int m, first = 1;
	uint32_t i;

	if (CUR_LIT(&in, "{\"len\":") && cur_small(&in, 65535, &v) == 0) {
		r->ip_len = (uint16_t)v;
		*c = in;
		first = 0;
		if (CUR_LIT(&in, ",\"ttl\":") && cur_small(&in, 255, &v) == 0) {
			r->ttl = (uint8_t)v;
			*c = in;
			if (CUR_LIT(&in, ",\"tcp_flags\":\"S\"")) {
				r->tcp_flags = 2;
				*c = in;
			}
		}
	}
	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "tcp_flags")) {
			if (cur_string(c, &s) == -1)
				return -1;
			for (i = 0; i < s.n; i++) {
				const char *f = memchr(flag, s.p[i], 8);

				if (f == NULL)
					return -1;
				r->tcp_flags |= (uint8_t)(1 << (f - flag));
			}
			continue;
		}
		if (cur_small(c, 65535, &v) == -1)
			return -1;
		if (vstr_is(&key, "len"))
			r->ip_len = (uint16_t)v;
		else if (vstr_is(&key, "ttl"))
			r->ttl = (uint8_t)v;
		else if (vstr_is(&key, "window"))
			r->window = (uint16_t)v;
		else if (vstr_is(&key, "icmp_type"))
			r->sport = (uint16_t)v;
		else if (vstr_is(&key, "icmp_code"))
			r->dport = (uint16_t)v;
	}
	return m;
}

/* An object that stood in lines before: where in it the texts are. */
#define MEMOS 8
struct memo {
	char text[256];
	uint32_t len;
	struct { uint32_t at, n; } part[3];
};

static inline void
recall(struct vstr *s, const char *start, const struct memo *m, int i)
{
	s->p = m->part[i].n > 0 ? start + m->part[i].at : NULL;
	s->n = m->part[i].n;
}

static inline void
remember(struct memo *m, const char *start, int i, struct vstr s)
{
	m->part[i].at = s.p != NULL ? (uint32_t)(s.p - start) : 0;
	m->part[i].n = s.p != NULL ? s.n : 0;
}

static int sender_read(struct cur *, struct vrec *);

/* hpd.source: of a few systems most of the time. */
static int
sender(struct cur *c, struct vrec *r)
{
	static _Thread_local struct memo memo[MEMOS];
	static _Thread_local unsigned int next;
	const char *start = c->p;
	size_t left = (size_t)(c->end - start);
	struct memo *m;
	int i;

	memset(&r->os, 0, sizeof(r->os));
	memset(&r->os_name, 0, sizeof(r->os_name));
	memset(&r->os_version, 0, sizeof(r->os_version));
	for (i = 0, m = memo; i < MEMOS && m->len > 0; i++, m++) {
		if (m->len > left || memcmp(m->text, start, m->len) != 0)
			continue;
		recall(&r->os_name, start, m, 0);
		recall(&r->os_version, start, m, 1);
		recall(&r->os, start, m, 2);
		c->p += m->len;
		return 0;
	}
	if (sender_read(c, r) == -1)
		return -1;
	/* An empty text is not the same as none. */
	if ((size_t)(c->p - start) > sizeof(m->text) ||
	    (r->os_name.p != NULL && r->os_name.n == 0) ||
	    (r->os_version.p != NULL && r->os_version.n == 0) ||
	    (r->os.p != NULL && r->os.n == 0))
		return 0;
	m = &memo[next++ % MEMOS];
	m->len = (uint32_t)(c->p - start);
	memcpy(m->text, start, m->len);
	remember(m, start, 0, r->os_name);
	remember(m, start, 1, r->os_version);
	remember(m, start, 2, r->os);
	return 0;
}

/* hpd.source: os and distance. */
static int
sender_read(struct cur *c, struct vrec *r)
{
	const struct want w[] = { WANT("name", 's', &r->os_name),
		WANT("version", 's', &r->os_version),
		WANT("full", 's', &r->os) };
	struct vstr key;
	int m, first = 1;

	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "os"))
			m = cur_wanted(c, w, 3);
		else
			m = cur_skip(c, VJSON_DEPTH - 2);
		if (m == -1)
			return -1;
	}
	return m;
}

static int
chunk(struct cur *c, struct vrec *r)
{
	struct vstr dir = { NULL, 0 };
	uint8_t cut = 0, dgram = 0;
	const struct want w[] = { WANT("direction", 's', &dir),
		WANT("offset", 'n', &r->offset), WANT("cut", 'b', &cut),
		WANT("datagram", 'b', &dgram) };

	if (cur_wanted(c, w, 4) == -1)
		return -1;
	r->out = dir.p != NULL && vstr_is(&dir, "out");
	r->flags = (uint8_t)((cut ? EV_CHUNK_CUT : 0) |
	    (dgram ? EV_CHUNK_DGRAM : 0));
	return 0;
}

static int
script(struct cur *c, struct vrec *r)
{
	struct vstr user = { NULL, 0 }, password = { NULL, 0 };
	const struct want w[] = { WANT("event", 's', &r->event),
		WANT("user", 's', &user), WANT("password", 's', &password) };

	r->script.p = c->p;
	if (cur_wanted(c, w, 3) == -1)
		return -1;
	r->script.n = (uint32_t)(c->p - r->script.p);
	if (r->event.p != NULL && vstr_is(&r->event, "login")) {
		r->user = user;
		r->password = password;
	}
	return 0;
}

static int
producer(struct cur *c, struct vrec *r)
{
	struct vstr s;
	uint8_t i;

	if (cur_string(c, &s) == -1)
		return -1;
	for (i = 1; i < PROC_MAX; i++) {
		const char *name = proc_name(i);

		if (s.n == strlen(name) && memcmp(name, s.p, s.n) == 0)
			r->proc = i;
	}
	return 0;
}

/* Members of "hpd" that are objects, and the rarer ones. */
static int
hpd_rare(struct cur *c, struct vrec *r, const struct vstr *key)
{
	const struct want lost[] = { WANT("first", 'n', &r->lost_first),
		WANT("last", 'n', &r->lost_last),
		WANT("count", 'n', &r->lost_count) };
	const struct want fold[] = { WANT("records", 'n', &r->lost_count) };
	const struct want stats[] = { WANT("lag_max_us", 'n', &r->lag_us) };
	const struct want tool[] = { WANT("name", 's', &r->tool),
		WANT("mode", 's', &r->tool_mode) };

	if (vstr_is(key, "source"))
		return sender(c, r);
	if (vstr_is(key, "tool"))
		return cur_wanted(c, tool, 2);
	if (vstr_is(key, "script"))
		return script(c, r);
	if (vstr_is(key, "data"))
		return chunk(c, r);
	if (vstr_is(key, "raw_b64"))
		return cur_string(c, &r->data_b64);
	if (vstr_is(key, "lost"))
		return cur_wanted(c, lost, 3);
	if (vstr_is(key, "folded"))
		return cur_wanted(c, fold, 1);
	if (vstr_is(key, "stats"))
		return cur_wanted(c, stats, 1);
	return cur_skip(c, VJSON_DEPTH - 1);
}

/* Sixteen digits that are mostly those of the line before. */
struct same16 {
	char text[16];
	uint64_t v;
};

static inline int
again(struct cur *c, struct same16 *s, uint64_t *v)
{
	struct cur in = { c->p - 1, c->end };

	if ((size_t)(c->end - c->p) < 17)
		return -1;
	if (memcmp(c->p, s->text, 16) != 0) {
		if (hex64(&in, &s->v) == -1 || in.p != c->p + 17) {
			memset(s, 0, sizeof(*s));
			return -1;
		}
		memcpy(s->text, c->p, 16);
	}
	*v = s->v;
	c->p += 16;
	return cur_eat(c, '"') ? 0 : -1;
}

/*
 * "hpd" as hpd-log begins it. 1, the cursor behind one of its members; or 0,
 * the cursor where it was.
 */
static int
known_hpd(struct cur *c, struct vrec *r)
{
	static _Thread_local struct same16 boot, run, session;
	struct cur in = *c;
	uint64_t v;

	if (!CUR_LIT(&in, "{\"schema\":1,\"boot\":\"") ||
	    again(&in, &boot, &r->boot) == -1 || !CUR_LIT(&in, ",\"seq\":") ||
	    cur_u64(&in, &r->seq) == -1)
		return 0;
	if (CUR_LIT(&in, ",\"producer\":\"hpd-net\""))
		r->proc = PROC_NET;
	else if (!CUR_LIT(&in, ",\"producer\":") || producer(&in, r) == -1)
		return 0;
	if (!CUR_LIT(&in, ",\"instance\":") || cur_small(&in, 255, &v) == -1)
		return 0;
	r->instance = (uint8_t)v;
	*c = in;
	if (!CUR_LIT(&in, ",\"run\":\"") || again(&in, &run, &r->run) == -1)
		return 1;
	*c = in;
	if (CUR_LIT(&in, ",\"session\":\"")) {
		if (again(&in, &session, &r->session) == -1)
			return 1;
		*c = in;
	}
	if (!CUR_LIT(&in, ",\"template\":") || cur_string(&in, &r->tmpl) == -1)
		return 1;
	*c = in;
	if (!CUR_LIT(&in, ",\"persona\":") ||
	    cur_string(&in, &r->persona) == -1)
		return 1;
	*c = in;
	if (CUR_LIT(&in, ",\"verdict\":")) {
		if (cur_string(&in, &r->verdict_name) == -1)
			return 1;
		*c = in;
	}
	if (CUR_LIT(&in, ",\"count\":") && cur_u64(&in, &r->count) == 0)
		*c = in;
	return 1;
}

int
vrec_hpd(struct cur *c, struct vrec *r)
{
	struct vstr key;
	uint64_t v = 0;
	int m, first = !known_hpd(c, r);

	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "boot"))
			m = hex64(c, &r->boot);
		else if (vstr_is(&key, "seq"))
			m = cur_u64(c, &r->seq);
		else if (vstr_is(&key, "producer"))
			m = producer(c, r);
		else if (vstr_is(&key, "instance")) {
			m = cur_small(c, 255, &v);
			r->instance = (uint8_t)v;
		} else if (vstr_is(&key, "run"))
			m = hex64(c, &r->run);
		else if (vstr_is(&key, "session"))
			m = hex64(c, &r->session);
		else if (vstr_is(&key, "template"))
			m = cur_string(c, &r->tmpl);
		else if (vstr_is(&key, "persona"))
			m = cur_string(c, &r->persona);
		else if (vstr_is(&key, "verdict") || vstr_is(&key, "level"))
			m = cur_string(c, &r->verdict_name);
		else if (vstr_is(&key, "count"))
			m = cur_u64(c, &r->count);
		else if (vstr_is(&key, "packet"))
			m = packet(c, r);
		else if (vstr_is(&key, "service"))
			m = cur_string(c, &r->service);
		else if (vstr_is(&key, "why"))
			m = cur_string(c, &r->why);
		else
			m = hpd_rare(c, r, &key);
		if (m == -1)
			return -1;
	}
	return m;
}
