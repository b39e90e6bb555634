/* SPDX-License-Identifier: ISC */
/* The same line with blanks that keep the parser off its short cuts, and
 * whether two lines said the same. */
#ifndef VIEW_SAME_H
#define VIEW_SAME_H

#include <string.h>

#include "hpd-log/hpview/view.h"

/* A blank behind every brace and comma outside of strings; out has room for
 * twice len. Returns its length. */
static inline size_t
loosen(const char *line, size_t len, char *out)
{
	size_t i, n = 0;
	int in = 0;

	for (i = 0; i < len; i++) {
		out[n++] = line[i];
		if (in && line[i] == '\\' && i + 1 < len) {
			out[n++] = line[++i];
			continue;
		}
		if (line[i] == '"')
			in = !in;
		else if (!in && (line[i] == '{' || line[i] == ','))
			out[n++] = ' ';
	}
	return n;
}

static inline int
same_text(struct vstr a, struct vstr b)
{
	return (a.p == NULL) == (b.p == NULL) && a.n == b.n &&
	    (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline int
same_rec(const struct vrec *a, const struct vrec *b)
{
	return a->kind == b->kind && a->proto == b->proto &&
	    a->ver == b->ver && a->proc == b->proc &&
	    a->instance == b->instance && a->verdict == b->verdict &&
	    a->out == b->out && a->flags == b->flags && a->sport == b->sport &&
	    a->dport == b->dport && a->wall_ns == b->wall_ns &&
	    a->boot == b->boot && a->run == b->run && a->seq == b->seq &&
	    a->session == b->session && a->count == b->count &&
	    memcmp(a->src, b->src, 16) == 0 &&
	    memcmp(a->dst, b->dst, 16) == 0 && a->bytes_in == b->bytes_in &&
	    a->bytes_out == b->bytes_out && a->duration_ns == b->duration_ns &&
	    a->offset == b->offset && a->lost_first == b->lost_first &&
	    a->lost_last == b->lost_last && a->lost_count == b->lost_count &&
	    a->lag_us == b->lag_us && a->seal == b->seal &&
	    a->ip_len == b->ip_len && a->window == b->window &&
	    a->tcp_flags == b->tcp_flags && a->ttl == b->ttl &&
	    same_text(a->action, b->action) && same_text(a->tmpl, b->tmpl) &&
	    same_text(a->persona, b->persona) &&
	    same_text(a->service, b->service) &&
	    same_text(a->message, b->message) && same_text(a->why, b->why) &&
	    same_text(a->verdict_name, b->verdict_name) &&
	    same_text(a->os, b->os) && same_text(a->os_name, b->os_name) &&
	    same_text(a->os_version, b->os_version) &&
	    same_text(a->tool, b->tool) &&
	    same_text(a->tool_mode, b->tool_mode) &&
	    same_text(a->observer, b->observer) &&
	    same_text(a->event, b->event) && same_text(a->user, b->user) &&
	    same_text(a->password, b->password) &&
	    same_text(a->data_b64, b->data_b64) && same_text(a->data, b->data);
}

#endif
