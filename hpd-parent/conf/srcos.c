/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: p0f.fp as a whole: lines, sections, labels; and the table of
 * signatures in the image's order. The file is the system's own (package p0f)
 * or one the operator names; a line that is not understood is an error, so
 * that a damaged file is found before it is used.
 */
#include "srcos.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERRORS_MAX 10 /* of one file */

enum section { SEC_NONE, SEC_OTHER, SEC_REQUEST };

struct reader {
	struct conf *c;
	struct conf_pos pos;
	unsigned errors;
	enum section section;
	const char *classes; /* as written; NULL: not seen */
	struct srcos_label label;
	uint8_t have_label, have_sys;
};

static void
wrong(struct reader *r, const char *what, const char *text)
{
	if (r->errors++ < ERRORS_MAX)
		conf_error(r->c, r->pos, "%s: '%s'", what,
		    conf_show(r->c, text));
}

void
srcos_add(struct conf *c, const struct srcos_label *l,
    const struct img_srcos *row)
{
	struct conf_srcos *s;

	c->srcos = conf_grow(c->srcos, c->nsrcos, &c->csrcos,
	    sizeof(*c->srcos));
	s = &c->srcos[c->nsrcos];
	s->r = *row;
	s->r.flags |= l->flags;
	s->name = l->name;
	s->flavor = l->flavor;
	s->family = l->family;
	s->order = c->nsrcos++;
}

/* One of the words of "a,b,c"? */
static int
in_list(const char *list, const char *word)
{
	size_t n = strlen(word), k;

	for (;;) {
		list += strspn(list, " \t,");
		k = strcspn(list, ",");
		if (k == 0)
			return 0;
		if (strncmp(list, word, n) == 0 &&
		    strspn(list + n, " \t") == k - n && k >= n)
			return 1;
		list += k;
	}
}

/* "[module]" or "[module:direction]": the ones we have no use for are passed
 * over, whatever their lines hold. */
static void
section(struct reader *r, char *s, size_t n)
{
	size_t i, colons = 0;

	r->have_label = 0;
	r->section = SEC_OTHER;
	for (i = 1; i + 1 < n; i++) {
		if (s[i] == ':' && i > 1 && i + 2 < n)
			colons++;
		else if (!isalnum((unsigned char)s[i]) && s[i] != '_' &&
		    s[i] != '-')
			colons = 9;
	}
	if (n < 3 || s[n - 1] != ']' || colons > 1)
		wrong(r, "not a section", s);
	else if (strcmp(s, "[tcp:request]") == 0)
		r->section = SEC_REQUEST;
}

static void
label(struct reader *r, const char *v)
{
	const char *why;

	r->have_label = r->have_sys = 0;
	if (srcos_label_parse(r->c, v, &r->label, &why) == -1) {
		wrong(r, why, v);
		return;
	}
	if (!(r->label.flags & SRCOS_F_TOOL) &&
	    (r->classes == NULL || !in_list(r->classes, r->label.family))) {
		wrong(r, "class not among the file's classes", v);
		return;
	}
	r->have_label = 1;
}

static void
signature(struct reader *r, const char *v)
{
	struct img_srcos row;
	const char *why;
	int ret;

	memset(&row, 0, sizeof(row));
	if (!r->have_label) {
		wrong(r, "signature without a label", v);
		return;
	}
	if ((r->label.flags & SRCOS_F_TOOL) && !r->have_sys) {
		wrong(r, "signature of a program without a sys line", v);
		return;
	}
	ret = srcos_sig_parse(v, 0, &row, &why);
	if (ret == -1) {
		wrong(r, why, v);
		return;
	}
	if (ret == 1)
		return; /* decoys speak IPv4 */
	if (r->c->nsrcos == SRCOS_MAX) {
		wrong(r, "more signatures than fit", v);
		return;
	}
	row.line = r->pos.line;
	srcos_add(r->c, &r->label, &row);
}

/* "key = value" of [tcp:request] or of the file's head. */
static void
setting(struct reader *r, const char *key, const char *v)
{
	if (r->section == SEC_NONE) {
		if (strcmp(key, "classes") != 0 || *v == '\0')
			wrong(r, "not known before the first section", key);
		else
			r->classes = v;
	} else if (strcmp(key, "label") == 0)
		label(r, v);
	else if (strcmp(key, "sig") == 0)
		signature(r, v);
	else if (strcmp(key, "sys") != 0)
		wrong(r, "not known here", key);
	else if (!r->have_label || !(r->label.flags & SRCOS_F_TOOL) ||
	    *v == '\0')
		wrong(r, "sys belongs below the label of a program", v);
	else
		r->have_sys = 1;
}

static void
line(struct reader *r, char *s, size_t n)
{
	char *eq, *v;

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t' ||
			    s[n - 1] == '\r'))
		s[--n] = '\0';
	while (*s == ' ' || *s == '\t') {
		s++;
		n--;
	}
	if (n == 0 || s[0] == ';')
		return;
	if (strlen(s) != n) {
		wrong(r, "a NUL byte in the line", s);
		return;
	}
	if (s[0] == '[') {
		section(r, s, n);
		return;
	}
	eq = strchr(s, '=');
	if (eq == NULL || eq == s) {
		wrong(r, "neither a section nor key = value", s);
		return;
	}
	if (r->section == SEC_OTHER)
		return;
	for (v = eq + 1; *v == ' ' || *v == '\t'; v++)
		;
	while (eq > s && (eq[-1] == ' ' || eq[-1] == '\t'))
		eq--;
	*eq = '\0';
	setting(r, s, v);
}

int
srcos_file_parse(struct conf *c, const char *file, char *buf, size_t len)
{
	struct reader r = { .c = c };
	uint32_t before = c->nsrcos;
	char *s, *nl;

	r.pos.file = conf_file(c, file);
	for (s = buf; s < buf + len; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(buf + len - s));
		if (nl == NULL)
			nl = buf + len;
		*nl = '\0';
		r.pos.line++;
		line(&r, s, (size_t)(nl - s));
	}
	if (r.errors > ERRORS_MAX)
		conf_error(c, r.pos, "%u more such lines",
		    r.errors - ERRORS_MAX);
	if (r.errors == 0 && c->nsrcos == before) {
		r.pos.line = 1;
		conf_error(c, r.pos, "no signature of [tcp:request] in it: "
		    "not p0f.fp");
		return -1;
	}
	return r.errors == 0 ? 0 : -1;
}

static int
image_order(const void *a, const void *b)
{
	const struct conf_srcos *x = a, *y = b;
	unsigned gx = x->r.flags & SRCOS_F_GENERIC;
	unsigned gy = y->r.flags & SRCOS_F_GENERIC;

	if (x->r.layout != y->r.layout)
		return x->r.layout < y->r.layout ? -1 : 1;
	if (gx != gy)
		return gx < gy ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void
srcos_sort(struct conf *c)
{
	conf_sort(c->srcos, c->nsrcos, sizeof(*c->srcos), image_order);
}

static int
load_file(struct conf *c)
{
	struct conf_pos none = { 0 };
	char *buf = NULL;
	size_t len = 0;
	int fd, ret;

	fd = conf_open_beneath(c->fp_dir, c->fp_name);
	if (fd != -1)
		buf = conf_slurp(fd, CONF_TABLE_MAX, &len);
	if (buf == NULL)
		conf_error(c, none, "can't read '%s': %s",
		    conf_show(c, c->fp_name), strerror(errno));
	if (fd != -1)
		close(fd);
	if (buf == NULL)
		return -1;
	ret = srcos_file_parse(c, c->fp_name, buf, len);
	free(buf);
	return ret;
}

int
srcos_load(struct conf *c)
{
	int ret = 0;

	c->nsrcos = 0;
	srcos_own(c);
	if (c->fp_dir != -1)
		ret = load_file(c);
	srcos_sort(c);
	return ret;
}
