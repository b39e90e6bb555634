/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: memory, messages, nearness of words. Runs in hpd-conf only, on
 * the operator's own text; must never print bytes of it unescaped.
 */
#include "conf.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/diag.h"

#define CHUNK 65536u

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	max_align_t data[];
};

void *
arena_alloc(struct arena *a, size_t n)
{
	struct arena_chunk *k = a->head;
	size_t size;
	void *p;

	if (n > SIZE_MAX / 2)
		fatalx("out of memory");
	n = (n + 15) & ~(size_t)15;
	if (k == NULL || k->size - k->used < n) {
		size = n > CHUNK / 4 ? n : CHUNK;
		k = calloc(1, sizeof(*k) + size);
		if (k == NULL)
			fatalx("out of memory");
		k->size = size;
		if (a->head != NULL && size != CHUNK) { /* keep filling head */
			k->next = a->head->next;
			a->head->next = k;
		} else {
			k->next = a->head;
			a->head = k;
		}
	}
	p = (char *)k->data + k->used;
	k->used += n;
	return p;
}

char *
arena_dup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

void
arena_free(struct arena *a)
{
	struct arena_chunk *k;

	while ((k = a->head) != NULL) {
		a->head = k->next;
		free(k);
	}
}

void *
conf_grow(void *mem, uint32_t used, uint32_t *cap, size_t size)
{
	uint32_t n;

	if (used < *cap)
		return mem;
	n = *cap ? *cap * 2 : 16;
	if (n < *cap)
		fatalx("out of memory");
	mem = reallocarray(mem, n, size);
	if (mem == NULL)
		fatalx("out of memory");
	*cap = n;
	return mem;
}

uint16_t
conf_file(struct conf *c, const char *name)
{
	if (c->nfiles == CONF_FILES_MAX)
		return CONF_FILES_MAX - 1;
	c->files = conf_grow(c->files, c->nfiles, &c->cfiles,
	    sizeof(*c->files));
	c->files[c->nfiles] = arena_dup(&c->mem, name, strlen(name));
	return (uint16_t)c->nfiles++;
}

static const char *
first_file(const struct conf *c)
{
	return c->nfiles > 0 ? c->files[0] : "hpd-conf";
}

static void
say(struct conf *c, struct conf_pos pos, const char *kind, const char *fmt,
    va_list ap)
{
	if (c->out == NULL)
		return;
	if (pos.line != 0 && pos.file < c->nfiles)
		fprintf(c->out, "%s:%u: ", c->files[pos.file], pos.line);
	else
		fprintf(c->out, "%s: ", first_file(c));
	fputs(kind, c->out);
	vfprintf(c->out, fmt, ap);
	fputc('\n', c->out);
}

void
conf_error(struct conf *c, struct conf_pos pos, const char *fmt, ...)
{
	va_list ap;

	c->nerrors++;
	if (c->gave_up)
		return;
	va_start(ap, fmt);
	say(c, pos, "", fmt, ap);
	va_end(ap);
	if (c->nerrors == CONF_ERRORS_MAX) {
		c->gave_up = 1;
		if (c->out != NULL)
			fprintf(c->out, "%s: too many errors\n", first_file(c));
	}
}

void
conf_warn(struct conf *c, struct conf_pos pos, const char *fmt, ...)
{
	va_list ap;

	if (++c->nwarnings > CONF_ERRORS_MAX || c->gave_up)
		return;
	va_start(ap, fmt);
	say(c, pos, "warning: ", fmt, ap);
	va_end(ap);
	if (c->nwarnings == CONF_ERRORS_MAX && c->out != NULL)
		fprintf(c->out, "%s: no more warnings are printed\n",
		    first_file(c));
}

const char *
conf_show(struct conf *c, const char *text)
{
	size_t n = strlen(text);
	char buf[4 * 60 + 8];

	diag_esc(buf, sizeof(buf), text, n > 60 ? 60 : n);
	if (n > 60)
		str_copy(buf + strlen(buf), "...", 4);
	return arena_dup(&c->mem, buf, strlen(buf));
}

#define DIST_MAX 80

unsigned
conf_distance(const char *a, const char *b, unsigned limit)
{
	unsigned row[3][DIST_MAX + 1];
	unsigned *p2 = row[0], *p1 = row[1], *cur = row[2];
	size_t la = strlen(a), lb = strlen(b), i, j;
	unsigned v, best, *t;

	if (la > DIST_MAX || lb > DIST_MAX || la > lb + limit ||
	    lb > la + limit)
		return limit + 1;
	for (j = 0; j <= lb; j++)
		p1[j] = (unsigned)j;
	for (i = 1; i <= la; i++) {
		int ca = tolower((unsigned char)a[i - 1]);

		best = cur[0] = (unsigned)i;
		for (j = 1; j <= lb; j++) {
			int cb = tolower((unsigned char)b[j - 1]);

			v = p1[j - 1] + (ca != cb);
			if (p1[j] + 1 < v)
				v = p1[j] + 1;
			if (cur[j - 1] + 1 < v)
				v = cur[j - 1] + 1;
			if (i > 1 && j > 1 &&
			    ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]) &&
			    p2[j - 2] + 1 < v)
				v = p2[j - 2] + 1;
			cur[j] = v;
			if (v < best)
				best = v;
		}
		if (best > limit)
			return limit + 1;
		t = p2, p2 = p1, p1 = cur, cur = t;
	}
	return p1[lb] > limit ? limit + 1 : p1[lb];
}

const char *
conf_nearest(const char *word, const char *const *words, size_t n)
{
	unsigned limit = strlen(word) < 5 ? 1 : 2, d, best = limit + 1;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (words[i] == NULL)
			continue;
		d = conf_distance(word, words[i], limit);
		if (d < best && d < strlen(words[i])) {
			best = d;
			found = words[i];
		}
	}
	return found;
}

const char *
conf_did_you_mean(struct conf *c, const char *word, const char *const *words,
    size_t n)
{
	const char *near = conf_nearest(word, words, n);
	char buf[128];

	if (near == NULL)
		return "";
	snprintf(buf, sizeof(buf), " (did you mean '%.80s'?)",
	    conf_show(c, near));
	return arena_dup(&c->mem, buf, strlen(buf));
}
