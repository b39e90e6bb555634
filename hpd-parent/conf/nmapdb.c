/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the index of nmap-os-db. One pass over the text; every line must
 * be of a known kind, so that a damaged table is found before it is used.
 */
#include "osmatch.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/siphash.h"

static const uint8_t no_key[16];

static uint32_t *
slot_of(const struct nmapdb *db, const char *name)
{
	uint32_t i = (uint32_t)siphash13(no_key, name, strlen(name)) &
	    (db->slots - 1);

	while (db->slot[i] != IMG_NONE &&
	    strcmp(db->e[db->slot[i]].name, name) != 0)
		i = (i + 1) & (db->slots - 1);
	return &db->slot[i];
}

uint32_t
nmapdb_find(const struct nmapdb *db, const char *name)
{
	return db->n == 0 ? IMG_NONE : *slot_of(db, name);
}

static void
make_names(struct nmapdb *db)
{
	uint32_t i, *s, *last;

	for (db->slots = 64; db->slots < db->n * 2; db->slots *= 2)
		;
	db->slot = malloc(db->slots * sizeof(*db->slot));
	last = malloc((db->n + 1) * sizeof(*last));
	if (db->slot == NULL || last == NULL)
		fatalx("out of memory");
	memset(db->slot, 0xff, db->slots * sizeof(*db->slot));
	for (i = 0; i < db->n; i++) {
		s = slot_of(db, db->e[i].name);
		db->e[i].next = IMG_NONE;
		db->e[i].k = 1;
		if (*s == IMG_NONE)
			*s = i;
		else {
			db->e[last[*s]].next = i;
			db->e[i].k = db->e[last[*s]].k + 1;
		}
		last[*s] = i;
	}
	free(last);
}

/* "T1(R=Y%...)" */
static int
is_test(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (isupper((unsigned char)s[i]) ||
			    isdigit((unsigned char)s[i])))
		i++;
	return i >= 2 && i <= 3 && i < n && s[i] == '(' && s[n - 1] == ')';
}

static int
starts(const char *s, size_t n, const char *word)
{
	size_t k = strlen(word);

	return n >= k && memcmp(s, word, k) == 0;
}

static void
new_entry(struct nmapdb *db, char *name, size_t n, char *body, uint32_t line)
{
	struct nmap_entry *e;

	db->e = conf_grow(db->e, db->n, &db->cap, sizeof(*db->e));
	e = &db->e[db->n++];
	memset(e, 0, sizeof(*e));
	name[n] = '\0'; /* a newline or blank until now */
	e->name = name;
	e->body = body;
	e->line = line;
}

struct nmapdb *
nmapdb_index(struct conf *c, const char *file, char *buf, size_t len)
{
	struct nmapdb *db = calloc(1, sizeof(*db));
	unsigned before = c->nerrors;
	struct conf_pos pos = { 0 };
	char *s, *end, *nl;
	size_t n;

	if (db == NULL)
		fatalx("out of memory");
	db->buf = buf;
	db->len = len;
	pos.file = db->file = conf_file(c, file);
	for (s = buf, end = buf + len; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		n = (size_t)(nl - s);
		while (n > 0 && (s[n - 1] == '\r' || s[n - 1] == ' '))
			n--;
		pos.line++;
		if (n == 0 || s[0] == '#' || is_test(s, n) ||
		    (starts(s, n, "Class ") && db->n > 0) ||
		    (starts(s, n, "CPE ") && db->n > 0) ||
		    (n == 11 && starts(s, n, "MatchPoints")))
			;
		else if (starts(s, n, "Fingerprint ") && n > 12 &&
		    memchr(s, '\0', n) == NULL)
			new_entry(db, s + 12, n - 12, nl < end ? nl + 1 : end,
			    pos.line);
		else if (c->nerrors - before < 10)
			conf_error(c, pos, "not a line of nmap-os-db");
		if (db->n > 0)
			db->e[db->n - 1].body_len = (size_t)((nl < end ?
			    nl + 1 : end) - db->e[db->n - 1].body);
	}
	if (db->n == 0 && c->nerrors == before) {
		pos.line = 1;
		conf_error(c, pos, "no fingerprints in it: not nmap-os-db");
	}
	if (c->nerrors != before) {
		nmapdb_free(db);
		return NULL;
	}
	make_names(db);
	return db;
}

void
nmapdb_free(struct nmapdb *db)
{
	if (db == NULL)
		return;
	osdb_free(db->osdb);
	free(db->buf);
	free(db->e);
	free(db->slot);
	free(db);
}

struct nmapdb *
nmapdb_get(struct conf *c, struct conf_pos pos)
{
	char *buf = NULL;
	size_t len;
	int fd;

	if (c->nmapdb_tried)
		return c->nmapdb;
	c->nmapdb_tried = 1;
	if (c->db_dir == -1) {
		conf_error(c, pos, "personalities need nmap-os-db, and none "
		    "was given (-p)");
		return NULL;
	}
	fd = conf_open_beneath(c->db_dir, c->db_name);
	if (fd != -1)
		buf = conf_slurp(fd, CONF_TABLE_MAX, &len);
	if (buf == NULL)
		conf_error(c, pos, "can't read '%s': %s",
		    conf_show(c, c->db_name), strerror(errno));
	if (fd != -1)
		close(fd);
	if (buf != NULL)
		c->nmapdb = nmapdb_index(c, c->db_name, buf, len);
	return c->nmapdb;
}
