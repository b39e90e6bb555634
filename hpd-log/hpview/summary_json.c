/* SPDX-License-Identifier: ISC */
/*
 * hpview summary -j: one JSON object. Numbers above 2^53 do not occur but in
 * byte counts of centuries; identifiers are strings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"
#include "hpd-log/hpview/summary.h"
#include "hpd-log/json_out.h"
#include "hpd-log/log_time.h"

#define ROW_MAX 8192

static char mem[ROW_MAX];
static struct wbuf w;

static void
flush(void)
{
	(void)fwrite(w.data, 1, w.len, stdout);
	w.len = 0;
}

static void
n(const char *name, uint64_t v)
{
	if (w.len > 0 && w.data[w.len - 1] != '{')
		out_lit(&w, ",");
	out_lit(&w, "\"");
	out_text(&w, name);
	out_lit(&w, "\":");
	out_u64(&w, v);
}

static void
key(const char *name)
{
	if (w.len > 0 && w.data[w.len - 1] != '{')
		out_lit(&w, ",");
	out_lit(&w, "\"");
	out_text(&w, name);
	out_lit(&w, "\":");
}

static void
text(const char *name, const char *v, size_t cap)
{
	key(name);
	(void)json_str(&w, v, strnlen(v, cap));
}

static void
when(const char *name, int64_t ns)
{
	struct log_time t;
	char b[LOG_RFC3339_LEN];

	memset(&t, 0, sizeof(t));
	log_time_rfc3339(&t, ns, b);
	key(name);
	out_lit(&w, "\"");
	out_mem(&w, b, sizeof(b));
	out_lit(&w, "\"");
}

static void
address(uint8_t ver, const uint8_t addr[16])
{
	key("ip");
	out_lit(&w, "\"");
	out_addr(&w, ver, addr);
	out_lit(&w, "\"");
}

static void
begin_table(const char *name)
{
	printf(",\n\"%s\":[", name);
}

static void
begin_row(size_t i)
{
	out_text(&w, i ? ",\n{" : "\n{");
}

static void
end_row(void)
{
	out_lit(&w, "}");
	flush();
}

static void
sources(const struct vsum *s, size_t rows, int geo)
{
	size_t i;

	begin_table("sources");
	for (i = 0; i < s->n_sources && i < rows; i++) {
		const struct vsum_source *r = &s->sources[i];

		begin_row(i);
		address(r->ver, r->addr);
		n("events", r->events);
		n("probes", r->probes);
		n("sessions", r->sessions);
		n("logins", r->logins);
		n("bytes_in", r->bytes_in);
		n("bytes_out", r->bytes_out);
		n("decoys", r->ndecoys);
		n("ports", r->nports);
		when("first", r->first_ns);
		when("last", r->last_ns);
		text("os", r->os, sizeof(r->os));
		text("tool", r->tool, sizeof(r->tool));
		if (geo)
			text("country", r->country, sizeof(r->country));
		end_row();
	}
	printf("]");
}

static void
decoys(const struct vsum *s, size_t rows)
{
	size_t i;

	begin_table("decoys");
	for (i = 0; i < s->n_decoys && i < rows; i++) {
		const struct vsum_decoy *r = &s->decoys[i];

		begin_row(i);
		address(r->ver, r->addr);
		n("events", r->events);
		n("probes", r->probes);
		n("sessions", r->sessions);
		n("sources", r->nsources);
		text("template", r->tmpl, sizeof(r->tmpl));
		text("persona", r->persona, sizeof(r->persona));
		when("last", r->last_ns);
		end_row();
	}
	printf("]");
}

static void
ports(const struct vsum *s, size_t rows)
{
	size_t i;

	begin_table("ports");
	for (i = 0; i < s->n_ports && i < rows; i++) {
		const struct vsum_port *r = &s->ports[i];

		begin_row(i);
		n("port", r->port);
		text("proto", r->proto == 6 ? "tcp" : "udp", 4);
		n("probes", r->probes);
		n("sessions", r->sessions);
		n("sources", r->nsources);
		text("service", r->service, sizeof(r->service));
		end_row();
	}
	printf("]");
}

static void
logins(const struct vsum *s, size_t rows)
{
	size_t i;

	begin_table("logins");
	for (i = 0; i < s->n_logins && i < rows; i++) {
		const struct vsum_login *r = &s->logins[i];

		begin_row(i);
		text("user", r->user, sizeof(r->user));
		text("password", r->password, sizeof(r->password));
		n("tries", r->tries);
		n("sources", r->nsources);
		when("first", r->first_ns);
		end_row();
	}
	printf("]");
}

static void
kinds(const struct vsum *s)
{
	size_t i;

	out_lit(&w, ",\n\"kinds\":{");
	for (i = 0; i < event_nrows; i++) {
		uint16_t k = event_rows[i].kind;

		if (s->kinds[k] == 0)
			continue;
		key(event_rows[i].name);
		out_lit(&w, "{");
		n("records", s->kinds[k]);
		n("count", s->counts[k]);
		out_lit(&w, "}");
	}
	out_lit(&w, "}");
	flush();
}

static void
totals(const struct view *v, const struct vsum *s)
{
	uint64_t tried = 0;
	size_t i;

	for (i = 0; i < VSUM_BUCKETS; i++)
		tried += s->bucket[i].logins;
	n("records", s->records);
	n("lines", s->lines);
	n("bytes", s->bytes);
	n("torn", s->torn);
	n("duplicates", s->duplicates);
	n("vanished_files", v->vanished);
	n("sources_total", s->nsources);
	n("sources_new", s->new_sources);
	n("decoys_total", s->ndecoys);
	n("ports_total", s->nports);
	n("logins_total", s->nlogins);
	n("logins_tried", tried);
	n("sessions_total", s->nsessions);
	n("lost", s->lost);
	n("gaps", s->gaps);
	n("folded", s->folded);
	n("segments_retired", s->retired);
	n("lag_max_us", s->lag_max_us);
	key("left_out");
	out_lit(&w, "{");
	n("sources", s->left_sources);
	n("decoys", s->left_decoys);
	n("ports", s->left_ports);
	n("logins", s->left_logins);
	n("sessions", s->left_sessions);
	n("meetings", s->left_pairs);
	out_lit(&w, "}");
	flush();
}

void
summary_json(const struct view *v, const struct vsum *s, size_t rows,
    int geo)
{
	unsigned int i;

	wbuf_init(&w, mem, sizeof(mem));
	out_lit(&w, "{\"sensors\":[");
	for (i = 0; i < v->nsensors; i++) {
		if (i)
			out_lit(&w, ",");
		(void)json_str(&w, v->sensors[i],
		    strnlen(v->sensors[i], 1024));
		flush();
	}
	out_lit(&w, "],\n");
	flush();
	/* The buffer is empty: no comma before the first member. */
	if (s->records > 0) {
		when("first", s->first_ns);
		when("last", s->last_ns);
	}
	totals(v, s);
	kinds(s);
	sources(s, rows, geo);
	decoys(s, rows);
	ports(s, rows);
	logins(s, rows);
	printf("}\n");
}
