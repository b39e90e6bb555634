/* SPDX-License-Identifier: ISC */
/*
 * One line of JSON into a vrec, in hpview. A line is whatever an attacker, a
 * dying machine or another program left in the file: all of it is checked,
 * nothing allocated. Must never read beyond the line.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>

#include "common/proc.h"
#include "hpd-log/hpview/vjson.h"
#include "hpd-log/hpview/vtime.h"
#include "hpd-log/json.h"

#define NAMES 16 /* verdicts of a kind */

/* Made once: what hpd-log writes between the stamp and the outcome, by kind;
 * and kinds by a hash of their names. */
static struct json_ctx heads;
static uint8_t by_name[256];
static uint8_t name_len[256]; /* by row */
static const char *verdicts[3][NAMES]; /* probes, svc.denied, diag */
static uint8_t verdict_len[3][NAMES];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static inline unsigned int
name_hash(const char *p, size_t n)
{
	uint32_t h = (uint32_t)n * 31;

	while (n-- > 0)
		h = (h ^ (uint8_t)*p++) * 0x01000193u;
	return (h ^ h >> 15) & 255;
}

static void
make_tables(void)
{
	static const uint16_t of[3] = { EV_TCP_PROBE, EV_SVC_DENIED, EV_DIAG };
	struct event ev;
	unsigned int h, i, j;
	size_t k;

	json_init(&heads, "");
	for (k = 0; k < event_nrows; k++) {
		h = name_hash(event_rows[k].name, strlen(event_rows[k].name));
		while (by_name[h] != 0)
			h = (h + 1) & 255;
		by_name[h] = (uint8_t)(k + 1);
		name_len[k] = (uint8_t)strlen(event_rows[k].name);
	}
	memset(&ev, 0, sizeof(ev));
	for (i = 0; i < 3; i++) {
		for (j = 0; j < NAMES; j++) {
			ev.kind = of[i];
			ev.verdict = (uint8_t)j;
			verdicts[i][j] = verdict_name(&ev);
			verdict_len[i][j] = (uint8_t)strlen(verdicts[i][j]);
		}
	}
}

static uint16_t
kind_of(const char *p, size_t n)
{
	unsigned int h = name_hash(p, n);
	const char *name;

	for (; by_name[h] != 0; h = (h + 1) & 255) {
		name = event_rows[by_name[h] - 1].name;
		if (name_len[by_name[h] - 1] == n && memcmp(name, p, n) == 0)
			return event_rows[by_name[h] - 1].kind;
	}
	return EV_NONE;
}

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
small(struct cur *c, uint64_t max, uint64_t *v)
{
	return cur_u64(c, v) == -1 || *v > max ? -1 : 0;
}

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
static int
side(struct cur *c, struct vrec *r, int dst)
{
	struct vstr key;
	uint64_t v = 0;
	int m, first = 1;

	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "ip")) {
			m = address(c, r, dst ? r->dst : r->src);
		} else if (vstr_is(&key, "port")) {
			m = small(c, 65535, &v);
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

static int
network(struct cur *c, struct vrec *r)
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
			if (small(&in, 255, &v) == -1 || in.p != in.end)
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

static int
packet(struct cur *c, struct vrec *r)
{
	static const char flag[] = "FSRPAUEC";
	struct vstr key, s;
	struct cur in = *c;
	uint64_t v = 0;
	int m, first = 1;
	uint32_t i;

	if (CUR_LIT(&in, "{\"len\":") && small(&in, 65535, &v) == 0) {
		r->ip_len = (uint16_t)v;
		*c = in;
		first = 0;
		if (CUR_LIT(&in, ",\"ttl\":") && small(&in, 255, &v) == 0) {
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
		if (small(c, 65535, &v) == -1)
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

/* Objects with a few members of which some are wanted. */
struct want {
	const char *name;
	uint8_t len;
	uint8_t what; /* 's' string, 'n' number, 'b' true or false */
	void *into;   /* struct vstr, uint64_t, uint8_t; */
};
#define WANT(name, what, into) { name, sizeof(name) - 1, what, into }

static int
wanted(struct cur *c, const struct want *w, size_t n)
{
	struct vstr key, s;
	size_t i;
	int m, first = 1;

	while ((m = cur_member(c, &key, &first)) == 1) {
		for (i = 0; i < n; i++)
			if (vstr_is_n(&key, w[i].name, w[i].len))
				break;
		if (i == n) {
			m = cur_skip(c, VJSON_DEPTH - 1);
		} else if (w[i].what == 's') {
			if (c->p < c->end && *c->p != '"') /* of another type */
				m = cur_skip(c, VJSON_DEPTH - 1);
			else if ((m = cur_string(c, &s)) == 0)
				*(struct vstr *)w[i].into = s;
		} else if (w[i].what == 'n') {
			m = cur_u64(c, w[i].into);
		} else {
			*(uint8_t *)w[i].into = c->p < c->end && *c->p == 't';
			m = cur_skip(c, 1);
		}
		if (m == -1)
			return -1;
	}
	return m;
}

/* hpd.source: os and distance. */
static int
sender(struct cur *c, struct vrec *r)
{
	const struct want w[] = { WANT("name", 's', &r->os_name),
		WANT("version", 's', &r->os_version),
		WANT("full", 's', &r->os) };
	struct vstr key;
	int m, first = 1;

	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "os"))
			m = wanted(c, w, 3);
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

	if (wanted(c, w, 4) == -1)
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
	if (wanted(c, w, 3) == -1)
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

/* Its number, once the kind is known. */
static void
verdict(struct vrec *r)
{
	unsigned int t = r->kind == EV_DIAG ? 2 : r->kind == EV_SVC_DENIED;
	const struct vstr *s = &r->verdict_name;
	uint8_t i;

	for (i = 0; i < NAMES; i++)
		if (s->n == verdict_len[t][i] &&
		    memcmp(verdicts[t][i], s->p, s->n) == 0) {
			r->verdict = i;
			return;
		}
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
		return wanted(c, tool, 2);
	if (vstr_is(key, "script"))
		return script(c, r);
	if (vstr_is(key, "data"))
		return chunk(c, r);
	if (vstr_is(key, "raw_b64"))
		return cur_string(c, &r->data_b64);
	if (vstr_is(key, "lost"))
		return wanted(c, lost, 3);
	if (vstr_is(key, "folded"))
		return wanted(c, fold, 1);
	if (vstr_is(key, "stats"))
		return wanted(c, stats, 1);
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
	if (!CUR_LIT(&in, ",\"instance\":") || small(&in, 255, &v) == -1)
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

static int
hpd(struct cur *c, struct vrec *r)
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
			m = small(c, 255, &v);
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

static int
action(struct cur *c, struct vrec *r)
{
	if (cur_string(c, &r->action) == -1 || r->action.n <= 4 ||
	    memcmp(r->action.p, "hpd.", 4) != 0)
		return -1;
	r->action.p += 4;
	r->action.n -= 4;
	r->kind = kind_of(r->action.p, r->action.n);
	return 0;
}

static int
event(struct cur *c, struct vrec *r)
{
	struct vstr key;
	int m, first = 1;

	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "action"))
			m = action(c, r);
		else if (vstr_is(&key, "duration"))
			m = cur_u64(c, &r->duration_ns);
		else
			m = cur_skip(c, VJSON_DEPTH - 1);
		if (m == -1)
			return -1;
	}
	return m;
}

static int
seal(struct cur *c, struct vrec *r)
{
	struct vstr s;
	struct cur in;

	if (cur_string(c, &s) == -1)
		return -1;
	in.p = s.p;
	in.end = memchr(s.p, '.', s.n);
	if (in.end != NULL && (cur_u64(&in, &r->seal) == -1 || in.p != in.end))
		r->seal = UINT64_MAX;
	return 0;
}

static int
top(struct cur *c, struct vrec *r, const struct vstr *key)
{
	const struct want observer[] = { WANT("name", 's', &r->observer) };
	struct vstr s;

	if (vstr_is(key, "@timestamp"))
		return cur_string(c, &s) == -1 ? -1 :
		    vtime_rfc3339(s.p, s.n, &r->wall_ns) == -1 ? -1 : 1;
	if (vstr_is(key, "source"))
		return side(c, r, 0);
	if (vstr_is(key, "destination"))
		return side(c, r, 1);
	if (vstr_is(key, "network"))
		return network(c, r);
	if (vstr_is(key, "hpd"))
		return hpd(c, r);
	if (vstr_is(key, "message"))
		return cur_string(c, &r->message);
	if (vstr_is(key, "seal"))
		return seal(c, r);
	if (vstr_is(key, "event"))
		return event(c, r);
	if (vstr_is(key, "observer"))
		return wanted(c, observer, 1);
	return cur_skip(c, VJSON_DEPTH);
}

/* The end of "event" and "observer" as hpd-log writes them; mostly the same
 * bytes in all lines of a log. */
static inline int
observer(struct cur *c, struct vrec *r)
{
	static const char head[] = "},\"observer\":{\"name\":";
	static _Thread_local char last[256];
	static _Thread_local size_t last_len, name;
	const char *start = c->p;
	struct vstr s;

	if (last_len > 0 && (size_t)(c->end - start) > last_len &&
	    memcmp(start, last, last_len) == 0) {
		r->observer.p = start + sizeof(head);
		r->observer.n = (uint32_t)name;
		c->p += last_len;
		return 0;
	}
	if (!CUR_LIT(c, "},\"observer\":{\"name\":") ||
	    cur_string(c, &r->observer) == -1 ||
	    !CUR_LIT(c, ",\"type\":\"honeypot\",\"vendor\":\"hpd\","
			"\"product\":\"hpd\",\"version\":") ||
	    cur_string(c, &s) == -1 || !cur_eat(c, '}'))
		return -1;
	if ((size_t)(c->p - start) <= sizeof(last)) {
		last_len = (size_t)(c->p - start);
		name = r->observer.n;
		memcpy(last, start, last_len);
	}
	return 0;
}

/*
 * The beginning of a line as hpd-log writes it, up to the end of "event". 1;
 * or 0, the cursor where it was: another order or another version's.
 */
static int
known_head(struct cur *c, struct vrec *r)
{
	static const char before[] = "\",\"ecs\":{\"version\":\"8.11.0\"},"
				     "\"event\":{\"action\":\"hpd.";
	static _Thread_local uint16_t before_kind; /* of the line before */
	static _Thread_local uint32_t before_name;
	static _Thread_local size_t before_len;
	const size_t stamp = sizeof("{\"@timestamp\":\"") - 1, blen =
	    sizeof(before) - 1;
	const char *p = c->p + stamp + LOG_RFC3339_LEN, *q;
	struct cur in;
	struct vstr s;

	if ((size_t)(c->end - c->p) < 256 ||
	    memcmp(c->p, "{\"@timestamp\":\"", stamp) != 0 ||
	    memcmp(p, before, blen) != 0)
		return 0;
	r->action.p = p + blen;
	if (before_kind != EV_NONE && before_len < (size_t)(c->end - p) &&
	    memcmp(p, heads.head[before_kind], before_len) == 0) {
		r->kind = before_kind; /* as the line before */
		r->action.n = before_name;
	} else {
		q = memchr(p + blen, '"', 32);
		if (q == NULL)
			return 0;
		r->action.n = (uint32_t)(q - r->action.p);
		r->kind = kind_of(r->action.p, r->action.n);
		if (r->kind == EV_NONE ||
		    heads.head_len[r->kind] >= (size_t)(c->end - p) ||
		    memcmp(p, heads.head[r->kind], heads.head_len[r->kind]))
			return 0;
		before_kind = r->kind;
		before_name = r->action.n;
		before_len = heads.head_len[r->kind];
	}
	in.p = p + before_len;
	in.end = c->end;
	if (vtime_rfc3339(c->p + stamp, LOG_RFC3339_LEN, &r->wall_ns) == -1)
		return 0;
	if (CUR_LIT(&in, ",\"outcome\":") && cur_string(&in, &s) == -1)
		return 0;
	if (CUR_LIT(&in, ",\"duration\":") &&
	    cur_u64(&in, &r->duration_ns) == -1)
		return 0;
	if (observer(&in, r) == -1)
		return 0;
	c->p = in.p;
	return 1;
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
		if (small(c, 65535, &v) == -1)
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

/* Both sides and the network of IPv4. The cursor where it was when they stand
 * otherwise. */
static void
known_ends(struct cur *c, struct vrec *r)
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

int
vrec_parse(const char *line, size_t len, struct vrec *r)
{
	struct cur c = { line, line + len };
	struct vstr key;
	int m, first = 1, stamped = 0;

	(void)pthread_once(&once, make_tables);
	memset(r, 0, sizeof(*r));
	r->seal = UINT64_MAX;
	if (len > UINT32_MAX / 2 || len < 32)
		return -1;
	r->line = line;
	r->len = (uint32_t)len;
	if (known_head(&c, r)) {
		first = 0;
		stamped = 1;
		known_ends(&c, r);
	} else {
		memset(&r->action, 0, sizeof(r->action));
		r->kind = EV_NONE;
	}
	while ((m = cur_member(&c, &key, &first)) == 1) {
		m = top(&c, r, &key);
		if (m == -1)
			return -1;
		stamped |= m;
	}
	cur_blanks(&c);
	if (c.p < c.end && *c.p == '\r')
		c.p++;
	if (m == -1 || c.p != c.end || !stamped || r->action.p == NULL)
		return -1;
	if (r->verdict_name.p != NULL)
		verdict(r);
	if (r->kind == EV_SESSION_DATA)
		r->data = r->message;
	return 0;
}
