/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: a personality as written to a persona: an exact name of
 * nmap-os-db, NAME#k, line:N, random, or a name of an older table.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "common/siphash.h"

static uint32_t
remember(struct conf *c, const struct img_persona *p, const char *name,
    const char *title)
{
	struct conf_persona *n;

	c->personas = conf_grow(c->personas, c->npersonas, &c->cpersonas,
	    sizeof(*c->personas));
	n = &c->personas[c->npersonas];
	n->p = *p;
	n->name = name;
	n->title = title;
	return c->npersonas++;
}

static uint32_t
of_entry(struct conf *c, struct nmapdb *db, uint32_t e)
{
	struct img_persona p;
	char num[16];
	char *name;
	size_t n;
	uint32_t i;

	for (i = 0; i < c->npersonas; i++)
		if (c->personas[i].p.line == db->e[e].line)
			return i;
	if (persona_from_nmap(c, db, e, &p) == -1)
		return IMG_NONE;
	n = strlen(db->e[e].name);
	name = arena_alloc(&c->mem, n + sizeof(num) + 1);
	memcpy(name, db->e[e].name, n);
	if (db->e[e].k > 1)
		snprintf(name + n, sizeof(num), "#%u", db->e[e].k);
	return remember(c, &p, name, db->e[e].name);
}

static uint32_t
generic(struct conf *c)
{
	struct img_persona p;
	uint32_t i;

	for (i = 0; i < c->npersonas; i++)
		if (c->personas[i].p.line == 0)
			return i;
	persona_family_defaults(&p, FAM_GENERIC);
	return remember(c, &p, NULL, "generic");
}

/* All digits, 1..; 0 when not. */
static uint32_t
ordinal(const char *s)
{
	uint32_t v = 0;

	if (strspn(s, "0123456789") != strlen(s) || strlen(s) > 8)
		return 0;
	for (; *s != '\0'; s++)
		v = v * 10 + (uint32_t)(*s - '0');
	return v;
}

/* NAME#k. IMG_NONE: no such name, or not that many (message, *told). */
static uint32_t
find_kth(struct conf *c, const struct nmapdb *db, const char *name,
    struct conf_pos pos, int *told)
{
	const char *hash = strrchr(name, '#');
	uint32_t k, i, last = 0;
	size_t n;

	if (hash == NULL)
		return IMG_NONE;
	k = ordinal(hash + 1);
	for (n = (size_t)(hash - name); n > 0 && name[n - 1] == ' '; n--)
		;
	i = nmapdb_find(db, arena_dup(&c->mem, name, n));
	if (i == IMG_NONE)
		return IMG_NONE;
	for (; i != IMG_NONE; i = db->e[i].next) {
		last = db->e[i].k;
		if (last == k)
			return i;
	}
	conf_error(c, pos, "personality '%s': nmap-os-db has %u of that name, "
	    "#1 to #%u", conf_show(c, name), last, last);
	*told = 1;
	return IMG_NONE;
}

static uint32_t
find_line(struct conf *c, const struct nmapdb *db, const char *name,
    struct conf_pos pos)
{
	uint32_t line = ordinal(name + 5), lo = 0, hi = db->n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (db->e[mid].line < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (line != 0 && lo < db->n && db->e[lo].line == line)
		return lo;
	if (line != 0 && lo > 0)
		conf_error(c, pos, "personality '%s': no Fingerprint on that "
		    "line, the one before it is line:%u (%s)",
		    conf_show(c, name), db->e[lo - 1].line,
		    db->e[lo - 1].name);
	else
		conf_error(c, pos, "personality '%s': no Fingerprint on that "
		    "line", conf_show(c, name));
	return IMG_NONE;
}

static uint32_t
find_similar(struct conf *c, const struct nmapdb *db, const char *name,
    struct conf_pos pos)
{
	static const char *const keys[] = { "random", "line:N" };
	struct conf_memo *m = conf_memo(c->near_memo, name);
	struct nmap_near near[3] = { { 0 } };
	char list[400] = "";
	size_t k = 0;
	unsigned n, i;

	if (m->name != NULL && strcmp(m->name, name) == 0) {
		near[0].entry = m->found;
		near[0].score = NMAP_NEAR_ENOUGH;
		n = 1;
	} else
		n = nmapdb_near(db, name, near, 3);
	if (n > 0 && near[0].score >= NMAP_NEAR_ENOUGH) {
		conf_warn(c, pos, "personality '%s' is not in nmap-os-db: "
		    "taken as '%s'", conf_show(c, name),
		    db->e[near[0].entry].name);
		m->name = arena_dup(&c->mem, name, strlen(name));
		m->found = near[0].entry;
		return near[0].entry;
	}
	for (i = 0; i < n; i++)
		k += (size_t)snprintf(list + k, sizeof(list) - k,
		    "%s'%.100s'", i ? ", " : "", db->e[near[i].entry].name);
	if (n == 0)
		conf_error(c, pos, "unknown personality '%s'%s",
		    conf_show(c, name), conf_did_you_mean(c, name, keys,
		    sizeof(keys) / sizeof(keys[0])));
	else
		conf_error(c, pos, "unknown personality '%s' (nearest: %s)",
		    conf_show(c, name), list);
	return IMG_NONE;
}

uint32_t
conf_persona(struct conf *c, const char *name, const char *tmpl,
    struct conf_pos pos)
{
	static const uint8_t key[16] = "hpd personality";
	struct nmapdb *db;
	uint32_t e;
	int told = 0;

	if (name == NULL)
		return generic(c);
	db = nmapdb_get(c, pos);
	if (db == NULL)
		return IMG_NONE;
	if (strcmp(name, "random") == 0) /* the same one after each reload */
		return of_entry(c, db, (uint32_t)(siphash13(key, tmpl,
		    strlen(tmpl)) % db->n));
	e = nmapdb_find(db, name);
	if (e == IMG_NONE)
		e = find_kth(c, db, name, pos, &told);
	if (e == IMG_NONE && told)
		return IMG_NONE;
	if (e == IMG_NONE && strncmp(name, "line:", 5) == 0) {
		e = find_line(c, db, name, pos);
		if (e == IMG_NONE)
			return IMG_NONE;
	}
	if (e == IMG_NONE)
		e = find_similar(c, db, name, pos);
	return e == IMG_NONE ? IMG_NONE : of_entry(c, db, e);
}
