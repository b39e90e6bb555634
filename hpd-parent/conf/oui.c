/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: a vendor's name to the first three bytes of its network cards, by
 * nmap-mac-prefixes. The first prefix of a name stands for all of them.
 */
#include "table.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/diag.h"

static int
hex6(const char *s, uint8_t out[3])
{
	unsigned v = 0;
	int i;

	for (i = 0; i < 6; i++) {
		if (!isxdigit((unsigned char)s[i]))
			return -1;
		v = v << 4 | (unsigned)(isdigit((unsigned char)s[i]) ?
		    s[i] - '0' : tolower((unsigned char)s[i]) - 'a' + 10);
	}
	out[0] = (uint8_t)(v >> 16);
	out[1] = (uint8_t)(v >> 8);
	out[2] = (uint8_t)v;
	return 0;
}

struct ouidb *
ouidb_index(struct conf *c, const char *file, char *buf, size_t len)
{
	struct ouidb *db = calloc(1, sizeof(*db));
	unsigned before = c->nerrors;
	struct conf_pos pos = { 0, conf_file(c, file) };
	char *s, *nl;
	size_t n;

	if (db == NULL)
		fatalx("out of memory");
	db->buf = buf;
	for (s = buf; s < buf + len; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(buf + len - s));
		if (nl == NULL)
			nl = buf + len;
		*nl = '\0';
		pos.line++;
		n = strcspn(s, "\r");
		s[n] = '\0';
		if (s[0] == '#' || s[0] == '\0')
			continue;
		db->row = conf_grow(db->row, db->n, &db->cap,
		    sizeof(*db->row));
		if (n < 8 || hex6(s, db->row[db->n].oui) == -1 ||
		    (s[6] != ' ' && !isxdigit((unsigned char)s[6]))) {
			if (c->nerrors - before < 10)
				conf_error(c, pos, "not a line of "
				    "nmap-mac-prefixes");
			continue;
		}
		if (s[6] != ' ')
			continue; /* longer prefixes of newer tables */
		db->row[db->n++].vendor = s + 7;
	}
	if (db->n > 0 && c->nerrors == before)
		return db;
	if (c->nerrors == before) {
		pos.line = 1;
		conf_error(c, pos, "no prefixes in it: not "
		    "nmap-mac-prefixes");
	}
	ouidb_free(db);
	return NULL;
}

void
ouidb_free(struct ouidb *db)
{
	if (db == NULL)
		return;
	free(db->buf);
	free(db->row);
	free(db);
}

static struct ouidb *
ouidb_get(struct conf *c, struct conf_pos pos)
{
	char *buf = NULL;
	size_t len;
	int fd;

	if (c->ouidb_tried)
		return c->ouidb;
	c->ouidb_tried = 1;
	if (c->oui_dir == -1) {
		conf_error(c, pos, "vendors need nmap-mac-prefixes, and none "
		    "was given (-m)");
		return NULL;
	}
	fd = conf_open_beneath(c->oui_dir, c->oui_name);
	if (fd != -1)
		buf = conf_slurp(fd, CONF_TABLE_MAX, &len);
	if (buf == NULL)
		conf_error(c, pos, "can't read '%s': %s",
		    conf_show(c, c->oui_name), strerror(errno));
	if (fd != -1)
		close(fd);
	if (buf != NULL)
		c->ouidb = ouidb_index(c, c->oui_name, buf, len);
	return c->ouidb;
}

/* Is every word of a the beginning of some word of b? "cisco" - "Cisco
 * Systems", "dell computer" - "Dell": a's later words may fail, counted. */
static unsigned
words_in(const char *a, const char *b, unsigned *missed)
{
	unsigned got = 0;
	const char *w;
	size_t n;
	int hit;

	for (*missed = 0; *a != '\0'; a += n) {
		if (!isalnum((unsigned char)*a)) {
			n = 1;
			continue;
		}
		for (n = 0; isalnum((unsigned char)a[n]); n++)
			;
		hit = 0;
		for (w = b; *w != '\0' && !hit; w++)
			if ((w == b || !isalnum((unsigned char)w[-1])) &&
			    strncasecmp(w, a, n) == 0 &&
			    (n > 3 || !isalnum((unsigned char)w[n])))
				hit = 1;
		if (hit)
			got++;
		else if (got == 0) {
			*missed = 99; /* the first word says who it is */
			return 0;
		} else
			++*missed;
	}
	return got;
}

static void
unknown(struct conf *c, const struct ouidb *db, const char *name,
    struct conf_pos pos)
{
	unsigned d, best[3] = { 99, 99, 99 };
	const char *near[3] = { NULL, NULL, NULL };
	char list[300] = "";
	uint32_t i;
	size_t n = 0;
	int k, j;

	for (i = 0; i < db->n; i++) {
		d = conf_distance(name, db->row[i].vendor, 4);
		for (k = 0; k < 3 && near[k] != NULL; k++)
			if (strcmp(near[k], db->row[i].vendor) == 0)
				d = 99;
		for (k = 0; k < 3 && d <= 4 && best[k] <= d; k++)
			;
		if (d > 4 || k == 3)
			continue;
		for (j = 2; j > k; j--) {
			best[j] = best[j - 1];
			near[j] = near[j - 1];
		}
		best[k] = d;
		near[k] = db->row[i].vendor;
	}
	for (k = 0; k < 3 && near[k] != NULL; k++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s'%.60s'",
		    k ? ", " : "", conf_show(c, near[k]));
	conf_error(c, pos, "unknown vendor '%s'%s%s%s", conf_show(c, name),
	    n ? " (nearest: " : "", list, n ? ")" : "");
}

/* Among the vendors that fit best, the one with most prefixes. */
static const struct ouidb_row *
best_fit(const struct ouidb *db, const char *name)
{
	const struct ouidb_row *best = NULL;
	unsigned got, missed, fit, top = 0, n, most = 0;
	uint32_t i, j;

	for (i = 0; i < db->n; i++) {
		got = words_in(name, db->row[i].vendor, &missed);
		if (got == 0 || missed > got + 1)
			continue;
		fit = got * 100 - missed * 10;
		if (strncasecmp(name, db->row[i].vendor, 3) == 0)
			fit += 20;
		if (fit < top)
			continue;
		if (best != NULL && strcmp(best->vendor,
			db->row[i].vendor) == 0)
			continue;
		for (n = 0, j = i; j < db->n; j++)
			n += strcmp(db->row[j].vendor, db->row[i].vendor) == 0;
		if (fit > top || n > most) {
			top = fit;
			most = n;
			best = &db->row[i];
		}
	}
	return best;
}

/* Row of a vendor's name; IMG_NONE: no such one, not even nearly. */
static uint32_t
find(struct conf *c, const struct ouidb *db, const char *name)
{
	struct conf_memo *m = conf_memo(c->vendor_memo, name);
	const struct ouidb_row *best;
	uint32_t i;

	if (m->name != NULL && strcmp(m->name, name) == 0)
		return m->found;
	for (i = 0; i < db->n; i++)
		if (strcasecmp(db->row[i].vendor, name) == 0)
			break;
	if (i == db->n) {
		best = best_fit(db, name);
		if (best == NULL)
			return IMG_NONE;
		i = (uint32_t)(best - db->row);
	}
	m->name = arena_dup(&c->mem, name, strlen(name));
	m->found = i;
	return i;
}

int
conf_vendor(struct conf *c, const char *name, struct conf_pos pos,
    uint8_t oui[3], const char **found)
{
	struct ouidb *db = ouidb_get(c, pos);
	uint32_t i;

	if (db == NULL)
		return -1;
	i = find(c, db, name);
	if (i == IMG_NONE) {
		unknown(c, db, name, pos);
		return -1;
	}
	memcpy(oui, db->row[i].oui, 3);
	*found = db->row[i].vendor;
	if (strcasecmp(*found, name) != 0)
		conf_warn(c, pos, "vendor '%s' is not in nmap-mac-prefixes: "
		    "taken as '%s'", conf_show(c, name),
		    conf_show(c, *found));
	return 0;
}
