/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: every test line of nmap-os-db taken apart once. An expression that
 * occurs in many entries is kept once for its attribute. What is not of the
 * format is an error at the table's line; nothing is guessed.
 */
#include "osdb.h"

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/siphash.h"

#define MESSAGES 10

struct reader {
	struct conf *c;
	struct osdb *d;
	struct conf_pos pos;
	unsigned before; /* errors then */
	uint32_t *slot;	 /* hash: attribute << 16 | expression */
	uint32_t slots, used;
};

static struct line_kind {
	const char *name;
	uint8_t first, end; /* attributes */
} kinds[16];
static unsigned nkinds;

static void
make_kinds(void)
{
	unsigned a;

	if (nkinds != 0)
		return;
	for (a = 0; a < OSA_MAX; a++) {
		if (a == 0 || strcmp(os_attr_line(a), os_attr_line(a - 1))) {
			kinds[nkinds].name = os_attr_line(a);
			kinds[nkinds++].first = (uint8_t)a;
		}
		kinds[nkinds - 1].end = (uint8_t)(a + 1);
	}
}

static void
complain(struct reader *r, const char *what, const char *s, size_t n)
{
	if (r->c->nerrors - r->before < MESSAGES)
		conf_error(r->c, r->pos, "%s: '%s'", what,
		    conf_show(r->c, arena_dup(&r->c->mem, s, n > 60 ? 60 : n)));
}

/* --- expressions ---------------------------------------------------------- */

static int
is_hex(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((s[i] >= '0' && s[i] <= '9') ||
			(s[i] >= 'A' && s[i] <= 'F')))
			return 0;
	return n > 0 && n <= 8;
}

static int
alternative_ok(const char *s, size_t n)
{
	const char *dash = memchr(s, '-', n);
	size_t i;

	if (dash != NULL)
		return is_hex(s, (size_t)(dash - s)) &&
		    is_hex(dash + 1, n - (size_t)(dash - s) - 1);
	if (n > 0 && (*s == '<' || *s == '>'))
		return is_hex(s + 1, n - 1);
	for (i = 0; i < n; i++)
		if (!((s[i] >= '0' && s[i] <= '9') ||
			(s[i] >= 'A' && s[i] <= 'Z') || s[i] == '+'))
			return 0;
	return 1;
}

static int
expr_ok(const char *s, size_t n)
{
	const char *end = s + n, *bar;

	for (;; s = bar + 1) {
		bar = memchr(s, '|', (size_t)(end - s));
		if (!alternative_ok(s, (size_t)((bar ? bar : end) - s)))
			return 0;
		if (bar == NULL)
			return 1;
	}
}

static uint32_t
place(unsigned a, const char *s, size_t n)
{
	static const uint8_t no_key[16];

	return (uint32_t)siphash13(no_key, s, n) + a * 0x9e3779b1u;
}

static void
more_slots(struct reader *r)
{
	uint32_t *old = r->slot, was = r->slots, i, k;
	const struct os_expr *x;

	r->slots = was == 0 ? 32768 : was * 2;
	r->slot = calloc(r->slots, sizeof(*r->slot));
	if (r->slot == NULL)
		fatalx("out of memory");
	for (i = 0; i < was; i++) {
		if (old[i] == 0)
			continue;
		x = &r->d->col[old[i] >> 16].expr[old[i] & 0xffff];
		k = place(old[i] >> 16, r->d->text + x->off, x->len);
		while (r->slot[k & (r->slots - 1)] != 0)
			k++;
		r->slot[k & (r->slots - 1)] = old[i];
	}
	free(old);
}

static uint32_t
keep_text(struct osdb *d, const char *s, size_t n)
{
	uint32_t off = d->text_len;

	while (d->text_cap - d->text_len < n + 1) {
		d->text_cap = d->text_cap == 0 ? 65536 : d->text_cap * 2;
		d->text = realloc(d->text, d->text_cap);
		if (d->text == NULL)
			fatalx("out of memory");
	}
	memcpy(d->text + off, s, n);
	d->text[off + n] = '\0';
	d->text_len += (uint32_t)n + 1;
	return off;
}

/* Number of an expression in its column, 0: it can't be understood. */
static uint16_t
intern(struct reader *r, unsigned a, const char *s, size_t n)
{
	struct os_column *col = &r->d->col[a];
	const struct os_expr *x;
	uint32_t k, v;

	if (r->used * 2 >= r->slots)
		more_slots(r);
	for (k = place(a, s, n);; k++) {
		v = r->slot[k & (r->slots - 1)];
		if (v == 0)
			break;
		x = &col->expr[v & 0xffff];
		if (v >> 16 == a && x->len == n &&
		    memcmp(r->d->text + x->off, s, n) == 0)
			return (uint16_t)v;
	}
	if (!expr_ok(s, n)) {
		complain(r, "not an expression", s, n);
		return 0;
	}
	if (col->n >= OSDB_EXPRS) {
		complain(r, "too many different expressions", s, n);
		return 0;
	}
	col->expr = conf_grow(col->expr, col->n, &col->cap, sizeof(*col->expr));
	col->expr[col->n].off = keep_text(r->d, s, n);
	col->expr[col->n].len = (uint32_t)n;
	r->slot[k & (r->slots - 1)] = (uint32_t)a << 16 | col->n;
	r->used++;
	return (uint16_t)col->n++;
}

/* --- lines ---------------------------------------------------------------- */

static const struct line_kind *
kind_of(const char *s, size_t n)
{
	unsigned i;

	for (i = 0; i < nkinds; i++)
		if (strlen(kinds[i].name) == n &&
		    memcmp(kinds[i].name, s, n) == 0)
			return &kinds[i];
	return NULL;
}

/* Attribute of key s..s+n, looked for from *a on. 0 or -1. */
static int
find_attr(const struct line_kind *k, const char *s, size_t n, unsigned *a)
{
	unsigned i, at = *a;
	const char *name;

	for (i = k->first; i < k->end; i++, at++) {
		if (at >= k->end)
			at = k->first;
		name = os_attr_name(at);
		if (strlen(name) == n && memcmp(name, s, n) == 0) {
			*a = at;
			return 0;
		}
	}
	return -1;
}

/* "25" for MatchPoints. */
static void
points(struct reader *r, unsigned a, const char *s, size_t n)
{
	uint32_t v = 0;
	size_t i;

	for (i = 0; i < n && s[i] >= '0' && s[i] <= '9' && v < 6000; i++)
		v = v * 10 + (uint32_t)(s[i] - '0');
	if (n == 0 || i < n)
		complain(r, "not a number of points", s, n);
	r->d->col[a].points = (uint16_t)v;
}

/* NAME(k=v%k=v). entry IMG_NONE: of MatchPoints. */
static void
test_line(struct reader *r, const char *s, size_t n, uint32_t entry,
    uint32_t *kinds_seen)
{
	const char *open = memchr(s, '(', n), *end = s + n - 1, *eq, *next;
	const struct line_kind *k;
	uint16_t *cell;
	unsigned a;

	k = open == NULL || *end != ')' ? NULL :
					  kind_of(s, (size_t)(open - s));
	if (k == NULL) {
		complain(r, "no such test", s, n);
		return;
	}
	if (*kinds_seen & 1u << (k - kinds)) {
		complain(r, "a second line of this test", s, n);
		return;
	}
	*kinds_seen |= 1u << (k - kinds);
	a = k->first;
	for (s = open + 1; s < end; s = next + 1) {
		next = memchr(s, '%', (size_t)(end - s));
		if (next == NULL)
			next = end;
		eq = memchr(s, '=', (size_t)(next - s));
		if (eq == NULL ||
		    find_attr(k, s, (size_t)(eq - s), &a) == -1) {
			complain(r, "no attribute of this test", s,
			    (size_t)(next - s));
			return;
		}
		eq++;
		cell = entry == IMG_NONE ? NULL : &r->d->col[a].cell[entry];
		if (cell == NULL)
			points(r, a, eq, (size_t)(next - eq));
		else if (*cell != 0)
			complain(r, "attribute given twice", s,
			    (size_t)(next - s));
		else
			*cell = intern(r, a, eq, (size_t)(next - eq));
	}
}

static void
test_lines(struct reader *r, const char *s, const char *end, uint32_t entry)
{
	const char *nl, *p;
	uint32_t seen = 0;
	size_t n;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		r->pos.line++;
		n = (size_t)(nl - s);
		while (n > 0 && (s[n - 1] == '\r' || s[n - 1] == ' '))
			n--;
		for (p = s; p < s + n && ((*p >= 'A' && *p <= 'Z') ||
				(*p >= '0' && *p <= '9')); p++)
			; /* others: comment, Class, CPE */
		if (p > s && p < s + n && *p == '(')
			test_line(r, s, n, entry, &seen);
	}
}

/* --- the table ------------------------------------------------------------ */

static struct osdb *
new_osdb(const struct nmapdb *db)
{
	struct osdb *d = calloc(1, sizeof(*d));
	unsigned a;

	if (d == NULL)
		fatalx("out of memory");
	d->db = db;
	d->n = db->n;
	d->first = calloc(db->n, sizeof(*d->first));
	d->alive = calloc(db->n, sizeof(*d->alive));
	d->seen = calloc(db->n + 1, sizeof(*d->seen));
	d->memo = calloc(OSA_MAX, sizeof(*d->memo));
	if (d->first == NULL || d->alive == NULL || d->seen == NULL ||
	    d->memo == NULL)
		fatalx("out of memory");
	for (a = 0; a < OSA_MAX; a++) {
		d->col[a].cell = calloc(db->n, sizeof(*d->col[a].cell));
		if (d->col[a].cell == NULL)
			fatalx("out of memory");
		d->col[a].expr = conf_grow(NULL, 0, &d->col[a].cap,
		    sizeof(*d->col[a].expr));
		d->col[a].n = 1; /* 0 is none */
	}
	return d;
}

struct osdb *
osdb_get(struct conf *c, struct nmapdb *db)
{
	struct reader r = { .c = c, .before = c->nerrors };
	uint32_t i, j;
	unsigned a;

	if (db->osdb_tried)
		return db->osdb;
	db->osdb_tried = 1;
	make_kinds();
	r.d = new_osdb(db);
	r.pos.file = db->file;
	test_lines(&r, db->buf, db->e[0].name, IMG_NONE);
	for (i = 0; i < db->n; i++) {
		r.pos.line = db->e[i].line;
		test_lines(&r, db->e[i].body, db->e[i].body +
		    db->e[i].body_len, i);
		if (db->e[i].k == 1)
			for (j = i; j != IMG_NONE; j = db->e[j].next)
				r.d->first[j] = i;
	}
	free(r.slot);
	for (a = 0; a < OSA_MAX; a++)
		if ((r.d->memo[a].verdict = calloc(1, r.d->col[a].n)) == NULL)
			fatalx("out of memory");
	if (c->nerrors != r.before) {
		osdb_free(r.d);
		return NULL;
	}
	return db->osdb = r.d;
}

void
osdb_free(struct osdb *d)
{
	unsigned a;

	if (d == NULL)
		return;
	for (a = 0; a < OSA_MAX; a++) {
		free(d->col[a].cell);
		free(d->col[a].expr);
		free(d->memo[a].verdict);
	}
	free(d->memo);
	free(d->first);
	free(d->alive);
	free(d->seen);
	free(d->text);
	free(d);
}

const char *
osdb_expr(const struct osdb *d, uint32_t entry, enum os_attr a)
{
	uint16_t x = d->col[a].cell[entry];

	return x == 0 ? NULL : d->text + d->col[a].expr[x].off;
}

uint32_t
osdb_line(const struct osdb *d, uint32_t entry, enum os_attr a)
{
	const struct nmap_entry *e = &d->db->e[entry];
	const char *s = e->body, *end = s + e->body_len, *nl;
	const char *name = os_attr_line(a);
	size_t k = strlen(name);
	uint32_t line = e->line;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		line++;
		if ((size_t)(nl - s) > k && memcmp(s, name, k) == 0 &&
		    s[k] == '(')
			return line;
	}
	return e->line;
}
