/* SPDX-License-Identifier: ISC */
/*
 * Members of the lines hpd-log writes, for hpview verify. Knows the order they
 * are written in; a line that is not so is one without them. Must never read
 * beyond a line, whatever stands in it: an intruder in hpd-log may have sealed
 * anything.
 */
#include <string.h>

#include "common/proc.h"
#include "hpd-log/hpview/verify.h"

struct cur {
	const char *p, *end;
};

/* Behind the next occurrence of s, within the first max bytes. */
static int
find(struct cur *c, const char *s, size_t max)
{
	size_t n = strlen(s), room = (size_t)(c->end - c->p);
	const char *at = memmem(c->p, room < max ? room : max, s, n);

	if (at == NULL)
		return -1;
	c->p = at + n;
	return 0;
}

static int
lit(struct cur *c, const char *s)
{
	size_t n = strlen(s);

	if ((size_t)(c->end - c->p) < n || memcmp(c->p, s, n) != 0)
		return -1;
	c->p += n;
	return 0;
}

static int
num(struct cur *c, uint64_t *v)
{
	uint64_t x = 0;
	const char *from = c->p;

	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		if (x > (UINT64_MAX - 9) / 10)
			return -1;
		x = x * 10 + (uint64_t)(*c->p - '0');
	}
	*v = x;
	return c->p == from ? -1 : 0;
}

static int
hex(struct cur *c, uint64_t *v)
{
	uint64_t x = 0;
	int n, d;

	for (n = 0; c->p < c->end && n < 17; c->p++, n++) {
		if (*c->p >= '0' && *c->p <= '9')
			d = *c->p - '0';
		else if (*c->p >= 'a' && *c->p <= 'f')
			d = *c->p - 'a' + 10;
		else
			break;
		x = x << 4 | (uint64_t)d;
	}
	*v = x;
	return n == 0 || n > 16 ? -1 : 0;
}

/* A plain word up to its quote: no escape in it. NUL-ended into out. */
static int
word(struct cur *c, char *out, size_t cap)
{
	size_t n = 0;

	for (; c->p < c->end && *c->p != '"'; c->p++) {
		if (n + 1 >= cap || *c->p == '\\' || *c->p < ' ' ||
		    *c->p > '~')
			return -1;
		out[n++] = *c->p;
	}
	out[n] = '\0';
	if (c->p == c->end)
		return -1;
	c->p++;
	return 0;
}

static uint16_t
kind_of(const char *name)
{
	size_t i;

	for (i = 0; i < event_nrows; i++)
		if (strcmp(event_rows[i].name, name) == 0)
			return event_rows[i].kind;
	return EV_NONE;
}

/* The kind from the line's head: behind a time stamp of fixed width. */
static uint16_t
head_kind(struct cur *c)
{
	static __thread char last[32];
	static __thread uint16_t last_kind;
	char name[32];

	if (find(c, "\"action\":\"hpd.", 160) == -1 ||
	    word(c, name, sizeof(name)) == -1)
		return EV_NONE;
	if (strcmp(name, last) != 0) {
		last_kind = kind_of(name);
		memcpy(last, name, sizeof(name));
	}
	return last_kind;
}

static uint8_t
proc_of(const char *name)
{
	uint8_t i;

	for (i = PROC_NONE + 1; i < PROC_MAX; i++)
		if (strcmp(proc_name(i), name) == 0)
			return i;
	return PROC_NONE;
}

static int
who(struct cur *c, struct vf_line *l)
{
	char name[16];
	uint64_t n;

	if (find(c, ",\"hpd\":{\"schema\":1,\"boot\":\"", SIZE_MAX) == -1 ||
	    hex(c, &l->boot) == -1 || lit(c, "\",\"seq\":") == -1 ||
	    num(c, &l->seq) == -1 || lit(c, ",\"producer\":\"") == -1 ||
	    word(c, name, sizeof(name)) == -1 ||
	    lit(c, ",\"instance\":") == -1 || num(c, &n) == -1 || n > 255)
		return -1;
	l->proc = proc_of(name);
	l->instance = (uint8_t)n;
	l->run = 0;
	if (lit(c, ",\"run\":\"") == 0 &&
	    (hex(c, &l->run) == -1 || lit(c, "\"") == -1))
		return -1;
	return 0;
}

void
vf_line_read(const char *line, size_t len, struct vf_line *l)
{
	struct cur c = { line, line + len };

	memset(l, 0, sizeof(*l));
	l->kind = head_kind(&c);
	l->has_who = who(&c, l) == 0;
	l->rest = l->has_who ? c.p : NULL;
}

int
vf_boot_read(const char *line, size_t len, uint64_t *boot)
{
	struct cur c = { line, line + len };

	return find(&c, ",\"hpd\":{\"schema\":1,\"boot\":\"", SIZE_MAX) == -1 ||
	    hex(&c, boot) == -1 ? -1 : 0;
}

static int
stream_of(struct cur *c, uint64_t *stream)
{
	static const char *const names[STREAM_MAX] = { "events", "honeyd",
		"service", "probes", "pcap" };
	char w[16];
	size_t i;

	if (lit(c, "\"stream\":\"") == -1 || word(c, w, sizeof(w)) == -1)
		return -1;
	for (i = 0; i < STREAM_MAX; i++)
		if (strcmp(names[i], w) == 0) {
			*stream = i;
			return 0;
		}
	return -1;
}

/* Inside an object without deeper ones or escapes: behind "name": . c stays at
 * the object's start, so that the order does not matter. */
static int
member(const struct cur *obj, const char *name, struct cur *out)
{
	size_t n = strlen(name);
	const char *p = obj->p;

	while (p < obj->end && (size_t)(obj->end - p) > n + 3) {
		p = memchr(p, '"', (size_t)(obj->end - p));
		if (p == NULL || (size_t)(obj->end - p) <= n + 3)
			return -1;
		if (memcmp(p + 1, name, n) == 0 && p[n + 1] == '"' &&
		    p[n + 2] == ':' && (p[-1] == ',' || p[-1] == '{')) {
			out->p = p + n + 3;
			out->end = obj->end;
			return 0;
		}
		p++;
	}
	return -1;
}

static int
number_of(const struct cur *obj, const char *name, uint64_t *v)
{
	struct cur c;

	return member(obj, name, &c) == -1 ? -1 : num(&c, v);
}

static int
word_of(const struct cur *obj, const char *name, char *out, size_t cap)
{
	struct cur c;

	if (member(obj, name, &c) == -1 || lit(&c, "\"") == -1)
		return -1;
	return word(&c, out, cap);
}

/* The object `name' of a line about the log; its bytes, brace excluded. */
static int
object(const char *line, size_t len, const char *name, struct cur *c)
{
	c->p = line;
	c->end = line + len;
	if (find(c, ",\"hpd\":{", SIZE_MAX) == -1 ||
	    find(c, name, SIZE_MAX) == -1)
		return -1;
	return 0;
}

static int
tag_of(const struct cur *obj, uint8_t tag[SEAL_TAG_LEN])
{
	char line[80] = "{" SEAL_MEMBER "0.", w[32];
	size_t body, n = strlen(line);
	uint64_t i;

	if (word_of(obj, "prev_tag", w, sizeof(w)) == -1 || strlen(w) != 22)
		return -1;
	memcpy(line + n, w, 22);
	memcpy(line + n + 22, "\"}\n", 3);
	return seal_parse(line, n + 25, &body, &i, tag);
}

/* Stream, number, phase and ordinal of a log.segment line. */
static int
segment(const char *line, size_t len, const char *phase, struct cur *obj,
    uint64_t *stream, uint64_t *number, uint64_t *ordinal)
{
	struct cur c;
	char w[16];

	if (object(line, len, ",\"segment\":{", obj) == -1)
		return -1;
	c = *obj;
	if (stream_of(&c, stream) == -1 ||
	    number_of(obj, "number", number) == -1 ||
	    word_of(obj, "phase", w, sizeof(w)) == -1 || strcmp(w, phase) != 0 ||
	    number_of(obj, "ordinal", ordinal) == -1)
		return -1;
	return 0;
}

int
vf_begin_read(const char *line, size_t len, struct vf_begin *b)
{
	struct cur obj;

	memset(b, 0, sizeof(*b));
	if (segment(line, len, "begin", &obj, &b->stream, &b->number,
	    &b->ordinal) == -1)
		return -1;
	b->prev_ordinal = b->ordinal;
	(void)number_of(&obj, "prev_number", &b->prev_number);
	(void)number_of(&obj, "prev_ordinal", &b->prev_ordinal);
	(void)number_of(&obj, "doubt_from", &b->doubt_from);
	(void)number_of(&obj, "doubt_to", &b->doubt_to);
	(void)tag_of(&obj, b->tag);
	b->there = 1;
	return 0;
}

/* {"tcp.probe":12,...} into kinds; the sum. */
static uint64_t
sums(struct cur *c, uint64_t kinds[EV_KIND_MAX])
{
	uint64_t all = 0, n;
	char w[32];
	uint16_t k;

	if (lit(c, "{") == -1)
		return 0;
	while (lit(c, "\"") == 0 && word(c, w, sizeof(w)) == 0 &&
	    lit(c, ":") == 0 && num(c, &n) == 0) {
		k = kind_of(w);
		all += n;
		if (kinds != NULL)
			kinds[k] += n;
		(void)lit(c, ",");
	}
	return all;
}

int
vf_end_read(const char *line, size_t len, struct vf_end *e,
    uint64_t kinds[EV_KIND_MAX])
{
	struct cur obj, c;
	char w[16];

	memset(e, 0, sizeof(*e));
	if (segment(line, len, "end", &obj, &e->stream, &e->number,
	    &e->ordinal) == -1)
		return -1;
	(void)number_of(&obj, "lines", &e->lines);
	(void)number_of(&obj, "bytes", &e->bytes);
	if (kinds != NULL)
		memset(kinds, 0, EV_KIND_MAX * sizeof(kinds[0]));
	if (member(&obj, "records", &c) == 0)
		e->records = sums(&c, kinds);
	e->stop = word_of(&obj, "why", w, sizeof(w)) == 0 &&
	    strcmp(w, "stop") == 0;
	e->there = 1;
	return 0;
}

static int
hash_of(const struct cur *obj, uint8_t out[32])
{
	char w[72];
	struct cur c;
	uint64_t v;
	size_t i;

	if (word_of(obj, "blake2b", w, sizeof(w)) == -1 || strlen(w) != 64)
		return -1;
	for (i = 0; i < 32; i++) {
		c.p = w + i * 2;
		c.end = c.p + 2;
		if (hex(&c, &v) == -1 || c.p != c.end)
			return -1;
		out[i] = (uint8_t)v;
	}
	return 0;
}

static int
retired(struct cur *obj, struct vf_ctl *t)
{
	static const char *const whys[] = { "", "budget", "stream", "reserve",
		"age" };
	char name[64], why[16];
	uint64_t number;

	if (number_of(obj, "number", &number) == -1 ||
	    word_of(obj, "name", name, sizeof(name)) == -1 ||
	    word_of(obj, "why", why, sizeof(why)) == -1 ||
	    vf_name_parse(name, &t->name) == -1 || number > UINT32_MAX ||
	    t->name.number != number || t->name.stream != t->stream)
		return -1;
	(void)number_of(obj, "bytes", &t->a);
	for (t->why = RETIRE_AGE; t->why > 0; t->why--)
		if (strcmp(whys[t->why], why) == 0)
			break;
	t->number = (uint32_t)number;
	return 0;
}

static int
lost(struct cur *obj, struct vf_ctl *t, struct vf_line *of)
{
	char w[16];
	uint64_t i;

	if (number_of(obj, "first", &t->a) == -1 ||
	    number_of(obj, "last", &t->b) == -1 ||
	    number_of(obj, "count", &t->c) == -1 ||
	    word_of(obj, "producer", w, sizeof(w)) == -1 ||
	    number_of(obj, "instance", &i) == -1 || i > 255)
		return -1;
	of->proc = proc_of(w);
	of->instance = (uint8_t)i;
	return 0;
}

/* The objects that are read, by kind. */
static const struct {
	uint16_t ev;
	uint8_t ctl;
	const char *object;
} objects[] = {
	{ EV_LOG_RETIRED, CTL_RETIRED, ",\"retired\":{" },
	{ EV_LOG_DIGEST, CTL_DIGEST, ",\"digest\":{" },
	{ EV_LOG_GAP, CTL_GAP, ",\"lost\":{" },
	{ EV_LOG_LOST, CTL_LOST, ",\"lost\":{" },
	{ EV_LOG_FOLDED, CTL_FOLDED, ",\"folded\":{" },
};

static int
fill(struct vf_ctl *t, struct cur *obj, struct vf_line *of)
{
	struct cur c = *obj, f;
	uint64_t n, stream;

	if (t->kind == CTL_GAP || t->kind == CTL_LOST)
		return lost(obj, t, of);
	if (t->kind == CTL_FOLDED)
		return number_of(obj, "records", &t->a);
	if (stream_of(&c, &stream) == -1)
		return -1;
	t->stream = (uint8_t)stream;
	if (t->kind == CTL_RETIRED)
		return retired(obj, t);
	if (number_of(obj, "number", &n) == -1 || n > UINT32_MAX ||
	    number_of(obj, "bytes", &t->a) == -1 ||
	    hash_of(obj, t->hash) == -1)
		return -1;
	t->number = (uint32_t)n;
	t->final = member(obj, "final", &f) == 0 && lit(&f, "true") == 0;
	return 0;
}

int
vf_ctl_read(const char *line, size_t len, const struct vf_line *l,
    struct vf_ctl *t)
{
	struct cur c = { line, line + len };
	struct vf_line of = *l;
	struct vf_begin b;
	struct vf_end e;
	size_t i;

	memset(t, 0, sizeof(*t));
	t->boot = l->boot;
	if (lit(&c, "{\"@timestamp\":\"") == -1 ||
	    word(&c, t->when, sizeof(t->when)) == -1)
		t->when[0] = '\0';
	if (l->kind == EV_LOG_SEGMENT &&
	    vf_begin_read(line, len, &b) == 0) {
		t->kind = CTL_BEGIN;
		t->stream = (uint8_t)b.stream;
		t->number = (uint32_t)b.number;
		t->ordinal = b.ordinal;
		return 0;
	}
	if (l->kind == EV_LOG_SEGMENT) {
		if (vf_end_read(line, len, &e, NULL) == -1)
			return -1;
		t->kind = CTL_END;
		t->stream = (uint8_t)e.stream;
		t->number = (uint32_t)e.number;
		t->ordinal = e.ordinal;
		t->a = e.records;
		return 0;
	}
	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		if (objects[i].ev != l->kind)
			continue;
		t->kind = objects[i].ctl;
		if (object(line, len, objects[i].object, &c) == -1)
			return -1;
		return fill(t, &c, &of);
	}
	return -1;
}
