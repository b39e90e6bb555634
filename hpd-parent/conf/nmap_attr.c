/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: test lines and attributes of one nmap-os-db entry. Only text that
 * was indexed is read, never behind the entry's end.
 */
#include "nmap_attr.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Go to a test line of the entry. 0, or -1: it has none. */
int
nmap_line(struct nmap_reader *r, const char *name)
{
	const char *s = r->e->body, *end = s + r->e->body_len, *nl;
	size_t k = strlen(name), n;

	r->pos.file = r->db->file;
	r->pos.line = r->e->line;
	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		r->pos.line++;
		n = (size_t)(nl - s);
		while (n > 0 && (s[n - 1] == '\r' || s[n - 1] == ' '))
			n--;
		if (n > k + 1 && memcmp(s, name, k) == 0 && s[k] == '(') {
			r->line = s + k + 1;
			r->len = n - k - 2;
			return 0;
		}
	}
	r->len = 0;
	return -1;
}

/* The expression of an attribute into out; -1: not in this line. */
static int
attr(struct nmap_reader *r, const char *key, char out[256])
{
	const char *s = r->line, *end = s + r->len, *p;
	size_t k = strlen(key), n;

	for (; s < end; s = p + 1) {
		p = memchr(s, '%', (size_t)(end - s));
		if (p == NULL)
			p = end;
		n = (size_t)(p - s);
		if (n <= k || memcmp(s, key, k) != 0 || s[k] != '=')
			continue;
		n -= k + 1;
		if (n > 255)
			n = 255;
		memcpy(out, s + k + 1, n);
		out[n] = '\0';
		return 0;
	}
	return -1;
}

/* First alternative that is not empty, unless all are. */
int
nmap_pick(struct nmap_reader *r, const char *key, char out[256])
{
	char all[256];
	const char *s = all;
	size_t n;

	if (attr(r, key, all) == -1)
		return -1;
	for (; *s == '|'; s++)
		;
	n = strcspn(s, "|");
	memcpy(out, s, n);
	out[n] = '\0';
	return 0;
}

void
nmap_bad(struct nmap_reader *r, const char *key, const char *value)
{
	conf_error(r->c, r->pos, "%s=%s: not understood", key,
	    conf_show(r->c, value));
	r->bad = 1;
}

/* One alternative as a range: "A", "A-B", "<A", ">A". -1: not numeric. */
int
nmap_range(const char *s, uint64_t *lo, uint64_t *hi)
{
	char *end;

	if (*s == '<' || *s == '>') {
		*lo = strtoull(s + 1, &end, 16);
		*hi = *lo > 0 ? *lo - 1 : 0;
		if (*s == '<')
			*lo = 0;
		else
			*hi = ++*lo;
		return end == s + 1 || *end != '\0' ? -1 : 0;
	}
	if (!isxdigit((unsigned char)*s))
		return -1;
	*lo = *hi = strtoull(s, &end, 16);
	if (*end == '-' && isxdigit((unsigned char)end[1]))
		*hi = strtoull(end + 1, &end, 16);
	return *end != '\0' || *hi < *lo ? -1 : 0;
}

/* The middle of the first alternative. -1: no such attribute, or no number. */
int
nmap_number(struct nmap_reader *r, const char *key, uint64_t *v)
{
	uint64_t lo, hi;
	char s[256];

	if (nmap_pick(r, key, s) == -1 || s[0] == '\0')
		return -1;
	if (nmap_range(s, &lo, &hi) == -1) {
		nmap_bad(r, key, s);
		return -1;
	}
	*v = lo + (hi - lo) / 2;
	return 0;
}
