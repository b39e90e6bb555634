/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: text to tokens. Words end at blanks, quotes and #; strings stand
 * in double quotes, without escapes. Macros ($name from -D) are replaced here.
 * Files are opened below the configuration's directory only.
 */
#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const script_vars[] = { "ipsrc", "ipdst", "sport", "dport",
	"srcport", "date" };

const char *
conf_macro(const struct conf *c, const char *name, size_t len)
{
	uint32_t i;

	for (i = c->nmacros; i-- > 0;)
		if (strlen(c->macros[i].name) == len &&
		    memcmp(c->macros[i].name, name, len) == 0)
			return c->macros[i].value;
	return NULL;
}

static size_t
macro_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!(s[i] == '_' || isalpha((unsigned char)s[i]) ||
			(i > 0 && isdigit((unsigned char)s[i]))))
			break;
	return i;
}

int
conf_macro_add(struct conf *c, const char *arg)
{
	const char *eq = strchr(arg, '=');
	size_t n, i;

	if (eq == NULL)
		return -1;
	n = (size_t)(eq - arg);
	if (n == 0 || macro_name(arg, n) != n || strlen(eq + 1) > 1024)
		return -1;
	for (i = 1; eq[i] != '\0'; i++)
		if (eq[i] == '"' || iscntrl((unsigned char)eq[i]))
			return -1;
	c->macros = conf_grow(c->macros, c->nmacros, &c->cmacros,
	    sizeof(*c->macros));
	c->macros[c->nmacros].name = arena_dup(&c->mem, arg, n);
	c->macros[c->nmacros++].value = arena_dup(&c->mem, eq + 1,
	    strlen(eq + 1));
	return 0;
}

int
lex_push_mem(struct conf *c, const char *name, const char *buf, size_t len)
{
	struct lex_src *s = &c->lex.src[c->lex.depth];

	memset(s, 0, sizeof(*s));
	s->buf = buf;
	s->len = len;
	s->bol = 1;
	s->pos.line = 1;
	s->pos.file = conf_file(c, name);
	c->lex.depth++;
	return 0;
}

/* name: beneath conf_dir. by: the include statement, NULL for the first. */
int
lex_push_file(struct conf *c, const char *name, const struct tok *by)
{
	struct conf_pos pos = { 0 };
	char *buf, *keep;
	size_t len;
	int fd, e, d;

	if (by != NULL)
		pos = by->pos;
	if (c->lex.depth > CONF_INCLUDE_MAX ||
	    c->nfiles >= CONF_FILES_MAX - 1) {
		conf_error(c, pos, "include '%s': more than %d files deep or "
		    "%d in all", conf_show(c, name), CONF_INCLUDE_MAX,
		    CONF_FILES_MAX - 2);
		return -1;
	}
	for (d = 0; d < c->lex.depth; d++)
		if (strcmp(c->files[c->lex.src[d].pos.file], name) == 0) {
			conf_error(c, pos, "'%s' includes itself",
			    conf_show(c, name));
			return -1;
		}
	if (c->conf_dir == -1) {
		conf_error(c, pos, "include '%s': no directory to read from",
		    conf_show(c, name));
		return -1;
	}
	fd = conf_open_beneath(c->conf_dir, name);
	buf = NULL;
	if (fd != -1)
		buf = conf_slurp(fd, CONF_FILE_MAX, &len);
	e = errno;
	if (fd != -1)
		close(fd);
	if (buf == NULL) {
		conf_error(c, pos, "can't read '%s': %s", conf_show(c, name),
		    e == EXDEV ? "it lies outside the configuration's "
		    "directory" : e == EACCES ? "Permission denied (started "
		    "by root, user _hpdconf reads it)" : strerror(e));
		return -1;
	}
	keep = arena_dup(&c->mem, buf, len);
	free(buf);
	return lex_push_mem(c, name, keep, len);
}

/* Text with macros replaced, in the arena. A word must know its macros; a
 * string keeps what it does not know, with a warning. */
static const char *
expand(struct conf *c, const struct tok *t, const char *s, size_t n,
    size_t *len)
{
	char out[2 * CONF_STRING_MAX];
	const char *value, *name;
	size_t i, k = 0, m, v;
	unsigned j;

	if (memchr(s, '$', n) == NULL) {
		*len = n;
		return arena_dup(&c->mem, s, n);
	}
	for (i = 0; i < n && k < sizeof(out) - 1; i++) {
		m = s[i] == '$' ? macro_name(s + i + 1, n - i - 1) : 0;
		if (m == 0) {
			out[k++] = s[i];
			continue;
		}
		value = conf_macro(c, s + i + 1, m);
		name = arena_dup(&c->mem, s + i + 1, m);
		if (value == NULL) {
			for (j = 0; j < 6; j++)
				if (strcmp(name, script_vars[j]) == 0)
					break;
			if (t->kind == TOK_WORD && j == 6)
				conf_error(c, t->pos, "macro '%s' is not "
				    "defined (-D %s=value)",
				    conf_show(c, name), conf_show(c, name));
			else if (j == 6)
				conf_warn(c, t->pos, "macro '%s' is not "
				    "defined: '$%s' stays as it is",
				    conf_show(c, name), conf_show(c, name));
			out[k++] = s[i];
			continue;
		}
		v = strlen(value);
		if (v > sizeof(out) - 1 - k)
			v = sizeof(out) - 1 - k;
		memcpy(out + k, value, v);
		k += v;
		i += m;
	}
	if (k > CONF_STRING_MAX) {
		conf_error(c, t->pos, "text is longer than %d bytes with its "
		    "macros", CONF_STRING_MAX);
		k = CONF_STRING_MAX;
	}
	*len = k;
	return arena_dup(&c->mem, out, k);
}

/* Does a line start here that is clearly a statement? Then the quote before
 * was not meant to reach so far. */
static int
statement_line(const char *s, size_t n)
{
	char word[24];
	size_t i = 0, k = 0;

	while (i < n && (s[i] == ' ' || s[i] == '\t'))
		i++;
	while (i < n && k < sizeof(word) - 1 &&
	    (isalpha((unsigned char)s[i]) || s[i] == '-'))
		word[k++] = s[i++];
	word[k] = '\0';
	return i < n && (s[i] == ' ' || s[i] == '\t') && statement_known(word);
}

static void
lex_string(struct conf *c, struct lex_src *s, struct tok *t)
{
	size_t start = ++s->off, end, cut;
	int closed = 0, nul = 0;

	t->kind = TOK_STRING;
	for (end = start; end < s->len; end++) {
		if (s->buf[end] == '"') {
			closed = 1;
			break;
		}
		if (s->buf[end] == '\n' &&
		    statement_line(s->buf + end + 1, s->len - end - 1))
			break;
		if (s->buf[end] == '\0' && !nul++)
			conf_error(c, s->pos, "a NUL byte in a string");
		if (s->buf[end] == '\n')
			s->pos.line++;
	}
	s->off = end + (closed ? 1 : 0);
	if (!closed) {
		conf_error(c, t->pos, "this string is never closed (\")");
		for (cut = start; cut < end && s->buf[cut] != '\n'; cut++)
			;
		end = cut;
	} else if (end == start)
		conf_error(c, t->pos, "an empty string");
	if (end - start > CONF_STRING_MAX) {
		conf_error(c, t->pos, "a string longer than %d bytes",
		    CONF_STRING_MAX);
		end = start + CONF_STRING_MAX;
	}
	t->text = expand(c, t, s->buf + start, end - start, &t->len);
	t->len = strlen(t->text);
}

static void
lex_word(struct conf *c, struct lex_src *s, struct tok *t)
{
	size_t start = s->off, i = start;

	while (i < s->len && isgraph((unsigned char)s->buf[i]) &&
	    (unsigned char)s->buf[i] < 0x80 && s->buf[i] != '"' &&
	    s->buf[i] != '#')
		i++;
	t->kind = TOK_WORD;
	s->off = i;
	if (i - start > CONF_STRING_MAX) {
		conf_error(c, t->pos, "a word longer than %d bytes",
		    CONF_STRING_MAX);
		i = start + CONF_STRING_MAX;
	}
	t->text = expand(c, t, s->buf + start, i - start, &t->len);
}

/* Blanks, comments and bytes that belong nowhere. 0: the end of s. */
static int
skip(struct conf *c, struct lex_src *s)
{
	unsigned char b;
	int told = 0;

	for (; s->off < s->len; s->off++) {
		b = (unsigned char)s->buf[s->off];
		if (b == '\n') {
			s->pos.line++;
			s->bol = 1;
			told = 0;
		} else if (b == '#') {
			while (s->off + 1 < s->len &&
			    s->buf[s->off + 1] != '\n')
				s->off++;
		} else if (b == '"' || (b > ' ' && b < 0x7f))
			return 1;
		else if (b != ' ' && b != '\t' && b != '\r' && !told++)
			conf_error(c, s->pos, "a byte 0x%02x outside of a "
			    "string", b);
	}
	return 0;
}

const struct tok *
lex_peek(struct conf *c)
{
	struct lex *l = &c->lex;
	struct lex_src *s;
	struct tok *t = &l->ahead;

	if (l->have_ahead)
		return t;
	memset(t, 0, sizeof(*t));
	t->text = "";
	while (l->depth > 0) {
		s = &l->src[l->depth - 1];
		if (!skip(c, s)) {
			l->depth--;
			continue;
		}
		t->first = s->bol;
		t->pos = s->pos;
		s->bol = 0;
		if (s->buf[s->off] == '"')
			lex_string(c, s, t);
		else
			lex_word(c, s, t);
		break;
	}
	l->have_ahead = 1;
	return t;
}

struct tok
lex_next(struct conf *c)
{
	struct tok t = *lex_peek(c);

	c->lex.have_ahead = 0;
	if (t.kind != TOK_EOF)
		c->lex.last = t.pos;
	return t;
}
