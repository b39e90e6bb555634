/* SPDX-License-Identifier: ISC */
/*
 * One line of JSON into a vrec, in hpview. A line is whatever an attacker, a
 * dying machine or another program left in the file: all of it is checked,
 * nothing allocated. Must never read beyond the line.
 */
#include <pthread.h>

#include "hpd-log/hpview/vrec_int.h"
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
		return vrec_side(c, r, 0);
	if (vstr_is(key, "destination"))
		return vrec_side(c, r, 1);
	if (vstr_is(key, "network"))
		return vrec_network(c, r);
	if (vstr_is(key, "hpd"))
		return vrec_hpd(c, r);
	if (vstr_is(key, "message"))
		return cur_string(c, &r->message);
	if (vstr_is(key, "seal"))
		return seal(c, r);
	if (vstr_is(key, "event"))
		return event(c, r);
	if (vstr_is(key, "observer"))
		return cur_wanted(c, observer, 1);
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
		vrec_known_ends(&c, r);
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
