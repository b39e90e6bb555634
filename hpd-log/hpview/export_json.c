/* SPDX-License-Identifier: ISC */
/*
 * hpview export -f json: lines as they stand, or with other names for the
 * sources. A changed line loses its seal; unless told to keep them it loses
 * everything an attacker or a daemon put into words as well, for that may hold
 * addresses: "message", the members raw_b64, script and script_text of "hpd",
 * and hardware addresses.
 */
#include <string.h>

#include "hpd-log/hpview/export.h"
#include "hpd-log/hpview/vjson.h"
#include "hpd-log/json_out.h"

static void
member(struct wbuf *w, int *n, const struct vstr *key)
{
	out_mem(w, *n ? ",\"" : "\"", *n ? 2 : 1);
	*n = 1;
	out_mem(w, key->p, key->n);
	out_lit(w, "\":");
}

/* A value as it stands. */
static int
same(struct wbuf *w, struct cur *c)
{
	const char *start = c->p;

	if (cur_skip(c, VJSON_DEPTH) == -1)
		return -1;
	out_mem(w, start, (size_t)(c->p - start));
	return 0;
}

/* "source", or "destination" of a record about hardware addresses. */
static int
side(struct wbuf *w, struct cur *c, const struct vrec *r,
    const struct pseudo *p, int src)
{
	char name[PSEUDO_TEXT];
	struct vstr key;
	int m, n = 0, first = 1;

	out_lit(w, "{");
	while ((m = cur_member(c, &key, &first)) == 1) {
		if (vstr_is(&key, "mac")) {
			if (cur_skip(c, VJSON_DEPTH) == -1)
				return -1;
			continue;
		}
		member(w, &n, &key);
		if (src && vstr_is(&key, "ip")) {
			if (cur_skip(c, 1) == -1)
				return -1;
			pseudo_name(p, r->ver, r->src, name);
			out_lit(w, "\"");
			out_text(w, name);
			out_lit(w, "\"");
		} else if (same(w, c) == -1) {
			return -1;
		}
	}
	out_lit(w, "}");
	return m;
}

static int
hpd(struct wbuf *w, struct cur *c, const struct pseudo *p)
{
	struct vstr key;
	int m, n = 0, first = 1;

	out_lit(w, "{");
	while ((m = cur_member(c, &key, &first)) == 1) {
		if (!p->keep_data &&
		    (vstr_is(&key, "raw_b64") || vstr_is(&key, "script") ||
			vstr_is(&key, "script_text"))) {
			if (cur_skip(c, VJSON_DEPTH) == -1)
				return -1;
			continue;
		}
		member(w, &n, &key);
		if (same(w, c) == -1)
			return -1;
	}
	out_lit(w, "}");
	return m;
}

void
export_json(struct wbuf *w, const struct vrec *r, const struct pseudo *p)
{
	struct cur c = { r->line, r->line + r->len };
	struct wbuf save = *w;
	struct vstr key;
	int m, n = 0, first = 1;

	if (!p->on) {
		out_mem(w, r->line, r->len);
		out_lit(w, "\n");
		return;
	}
	out_lit(w, "{");
	while ((m = cur_member(&c, &key, &first)) == 1) {
		if (vstr_is(&key, "seal") ||
		    (vstr_is(&key, "message") && !p->keep_data)) {
			if (cur_skip(&c, VJSON_DEPTH) == -1)
				break;
			continue;
		}
		member(w, &n, &key);
		if (vstr_is(&key, "source"))
			m = side(w, &c, r, p, 1);
		else if (vstr_is(&key, "destination"))
			m = side(w, &c, r, p, 0);
		else if (vstr_is(&key, "hpd"))
			m = hpd(w, &c, p);
		else
			m = same(w, &c);
		if (m == -1)
			break;
	}
	out_lit(w, "}\n");
	if (m != 0)
		*w = save;
}
