/* SPDX-License-Identifier: ISC */
/*
 * The report's data, in hpview: totals, tables and transcripts as JSON inside
 * the page. Must never write a string but through html_str or html_b64. What
 * each array holds is read by report_main.js in this order.
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/addr.h"
#include "hpd-log/hpview/html.h"
#include "hpd-log/hpview/report.h"

static void
put(FILE *f, uint64_t v)
{
	fprintf(f, ",%" PRIu64, v);
}

static void
put_addr(FILE *f, uint8_t ver, const uint8_t addr[16])
{
	char b[ADDR_STRLEN];

	html_cstr(f, ver == 0 ? "" : addr_text(ver, addr, b));
}

static void
put_str(FILE *f, const char *s, size_t max)
{
	putc(',', f);
	html_str(f, s, strnlen(s, max));
}
#define PUT_STR(f, a) put_str(f, a, sizeof(a))

static void
put_ms(FILE *f, int64_t ns)
{
	putc(',', f);
	html_ms(f, ns);
}

static const char *
proto_word(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	default:
		return "ip";
	}
}

static void
put_sources(FILE *f, const struct vsum *s)
{
	const struct vsum_source *x;
	size_t i;

	fprintf(f, ",\n\"sources\":[");
	for (i = 0; i < s->n_sources; i++) {
		x = &s->sources[i];
		fprintf(f, i ? ",\n[" : "[");
		put_addr(f, x->ver, x->addr);
		put(f, x->events);
		put(f, x->probes);
		put(f, x->sessions);
		put(f, x->logins);
		put(f, x->bytes_in);
		put(f, x->bytes_out);
		put_ms(f, x->first_ns);
		put_ms(f, x->last_ns);
		put(f, x->ndecoys);
		put(f, x->nports);
		PUT_STR(f, x->os);
		PUT_STR(f, x->tool);
		PUT_STR(f, x->country);
		putc(']', f);
	}
	putc(']', f);
}

static void
put_decoys(FILE *f, const struct vsum *s)
{
	const struct vsum_decoy *x;
	size_t i;

	fprintf(f, ",\n\"decoys\":[");
	for (i = 0; i < s->n_decoys; i++) {
		x = &s->decoys[i];
		fprintf(f, i ? ",\n[" : "[");
		put_addr(f, x->ver, x->addr);
		PUT_STR(f, x->tmpl);
		PUT_STR(f, x->persona);
		put(f, x->events);
		put(f, x->probes);
		put(f, x->sessions);
		put(f, x->nsources);
		put_ms(f, x->last_ns);
		putc(']', f);
	}
	putc(']', f);
}

static void
put_ports(FILE *f, const struct vsum *s)
{
	const struct vsum_port *x;
	size_t i;

	fprintf(f, ",\n\"ports\":[");
	for (i = 0; i < s->n_ports; i++) {
		x = &s->ports[i];
		fprintf(f, "%s[%u,\"%s\"", i ? ",\n" : "", x->port,
		    proto_word(x->proto));
		PUT_STR(f, x->service);
		put(f, x->probes);
		put(f, x->sessions);
		put(f, x->nsources);
		putc(']', f);
	}
	putc(']', f);
}

static void
put_logins(FILE *f, const struct vsum *s)
{
	const struct vsum_login *x;
	size_t i;

	fprintf(f, ",\n\"logins\":[");
	for (i = 0; i < s->n_logins; i++) {
		x = &s->logins[i];
		fprintf(f, i ? ",\n[" : "[");
		html_str(f, x->user, strnlen(x->user, sizeof(x->user)));
		PUT_STR(f, x->password);
		put(f, x->tries);
		put(f, x->nsources);
		put_ms(f, x->first_ns);
		putc(']', f);
	}
	putc(']', f);
}

/* The system of a session's source, when that is among the sources listed:
 * found by a table sorted by address. */
static int
by_addr(const void *a, const void *b)
{
	const struct vsum_source *x = *(const struct vsum_source *const *)a;
	const struct vsum_source *y = *(const struct vsum_source *const *)b;
	int d = memcmp(x->addr, y->addr, sizeof(x->addr));

	return d != 0 ? d : (int)x->ver - (int)y->ver;
}

static void
put_sessions(FILE *f, const struct vsum *s)
{
	const struct vsum_source **os, **hit, *want;
	struct vsum_source key;
	const struct vsum_session *x;
	size_t i;

	os = calloc(s->n_sources + 1, sizeof(*os));
	for (i = 0; os != NULL && i < s->n_sources; i++)
		os[i] = &s->sources[i];
	if (os != NULL)
		qsort(os, s->n_sources, sizeof(*os), by_addr);
	memset(&key, 0, sizeof(key));
	want = &key;
	fprintf(f, ",\n\"sessions\":[");
	for (i = 0; i < s->n_sessions; i++) {
		x = &s->sessions[i];
		fprintf(f, "%s[\"%016" PRIx64 "\",\"%016" PRIx64 "\",%u,",
		    i ? ",\n" : "", x->id, x->boot, x->sensor);
		put_addr(f, x->ver, x->src);
		fprintf(f, ",%u,", x->sport);
		put_addr(f, x->ver, x->dst);
		fprintf(f, ",%u,\"%s\"", x->dport, proto_word(x->proto));
		put_ms(f, x->start_ns);
		put_ms(f, x->duration_ns);
		put(f, x->bytes_in);
		put(f, x->bytes_out);
		PUT_STR(f, x->service);
		PUT_STR(f, x->why);
		fprintf(f, ",%u,%u,%u,%u", x->chunks, x->lines, x->logins,
		    x->trip);
		key.ver = x->ver;
		memcpy(key.addr, x->src, sizeof(key.addr));
		hit = os == NULL || s->n_sources == 0 ? NULL :
		    bsearch(&want, os, s->n_sources, sizeof(*os), by_addr);
		put_str(f, hit != NULL ? (*hit)->os : "", sizeof((*hit)->os));
		putc(']', f);
	}
	putc(']', f);
	free(os);
}

static void
put_counts(FILE *f, const struct vsum *s)
{
	const struct event_row *row;
	size_t i, nb;
	int first = 1;

	fprintf(f, ",\n\"kinds\":[");
	for (i = 0; i < EV_KIND_MAX; i++) {
		row = event_row((uint16_t)i);
		if (s->kinds[i] == 0)
			continue;
		fprintf(f, first ? "[" : ",[");
		first = 0;
		html_cstr(f, row != NULL ? row->name : "other");
		put(f, s->kinds[i]);
		put(f, s->counts[i]);
		putc(']', f);
	}
	fprintf(f, "],\n\"heat\":[");
	for (i = 0; i < s->n_heat; i++)
		fprintf(f, "%s[%u,%u,%" PRIu64 "]", i ? "," : "",
		    s->heat[i].src, s->heat[i].dst, s->heat[i].events);
	nb = s->bucket_ns <= 0 || s->last_ns < s->bucket0_ns ? 0 :
	    (size_t)((s->last_ns - s->bucket0_ns) / s->bucket_ns) + 1;
	if (nb > VSUM_BUCKETS)
		nb = VSUM_BUCKETS;
	fprintf(f, "],\n\"bucket_ms\":");
	html_ms(f, s->bucket_ns);
	fprintf(f, ",\"bucket0\":");
	html_ms(f, s->bucket0_ns);
	fprintf(f, ",\"buckets\":[");
	for (i = 0; i < nb; i++)
		fprintf(f, "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
			"]", i ? "," : "", s->bucket[i].probes,
		    s->bucket[i].sessions, s->bucket[i].logins,
		    s->bucket[i].alerts);
	putc(']', f);
}

static void
put_notes(FILE *f, const char *name, const struct report_notes *ns, int ends)
{
	const struct event_row *row;
	const struct report_note *x;
	size_t i;

	fprintf(f, ",\n\"%s\":[", name);
	for (i = 0; i < ns->n; i++) {
		x = &ns->v[i];
		row = event_row(x->kind);
		fprintf(f, i ? ",\n[" : "[");
		html_ms(f, x->wall_ns);
		put_str(f, row != NULL ? row->name : "?", 32);
		if (ends) {
			putc(',', f);
			put_addr(f, x->ver, x->src);
			putc(',', f);
			put_addr(f, x->ver, x->dst);
		}
		PUT_STR(f, x->text);
		putc(']', f);
	}
	putc(']', f);
}

static void
put_totals(FILE *f, const struct report *r)
{
	const struct vsum *s = &r->sum;
	uint64_t sealed = 0, open = 0;
	unsigned int i;

	for (i = 0; i < REPORT_THREADS; i++) {
		sealed += r->seal[i].sealed;
		open += r->seal[i].open;
	}
	fprintf(f, "{\"version\":\"" HPD_VERSION "\",\"made\":%lld",
	    (long long)time(NULL) * 1000);
	fprintf(f, ",\"sensors\":[");
	for (i = 0; i < r->nsensors; i++) {
		if (i)
			putc(',', f);
		html_cstr(f, r->sensors[i]);
	}
	fprintf(f, "],\"filter\":");
	html_cstr(f, r->filter != NULL ? r->filter : "");
	fprintf(f, ",\"files\":%zu,\"records\":%" PRIu64 ",\"lines\":%" PRIu64
		",\"bytes\":%" PRIu64 ",\"torn\":%" PRIu64
		",\"duplicates\":%" PRIu64 ",\"lost\":%" PRIu64
		",\"gaps\":%" PRIu64 ",\"folded\":%" PRIu64
		",\"retired\":%" PRIu64 ",\"lag_us\":%" PRIu64,
	    r->files, s->records, s->lines, s->bytes, s->torn, s->duplicates,
	    s->lost, s->gaps, s->folded, s->retired, s->lag_max_us);
	fprintf(f, ",\"first\":");
	html_ms(f, s->first_ns);
	fprintf(f, ",\"last\":");
	html_ms(f, s->last_ns);
	fprintf(f, ",\"totals\":{\"sources\":%" PRIu64 ",\"decoys\":%" PRIu64
		",\"ports\":%" PRIu64 ",\"logins\":%" PRIu64
		",\"sessions\":%" PRIu64 ",\"new_sources\":%" PRIu64 "}",
	    s->nsources, s->ndecoys, s->nports, s->nlogins, s->nsessions,
	    s->new_sources);
	fprintf(f, ",\"seal\":{\"sealed\":%" PRIu64 ",\"open\":%" PRIu64 "}",
	    sealed, open);
	fprintf(f, ",\"alerts_all\":%" PRIu64, r->alerts.all);
}

static void
put_bounds(FILE *f, const struct report *r)
{
	char line[256];

	fprintf(f, ",\n\"bounds\":[");
	snprintf(line, sizeof(line), "Tables hold the largest %u rows; the "
	    "numbers above count all.", VSUM_TOP);
	html_cstr(f, line);
	snprintf(line, sizeof(line), "Rows that fell out while counting, those "
	    "with the fewest events first: %" PRIu64 " sources, %" PRIu64
	    " decoys, %" PRIu64 " ports, %" PRIu64 " credentials, %" PRIu64
	    " sessions.", r->sum.left_sources, r->sum.left_decoys,
	    r->sum.left_ports, r->sum.left_logins, r->sum.left_sessions);
	put_str(f, line, sizeof(line));
	snprintf(line, sizeof(line), "The heat map holds the busiest %u "
	    "sources and %u decoys.", VSUM_HEAT, VSUM_HEAT);
	put_str(f, line, sizeof(line));
	snprintf(line, sizeof(line), "Sessions: at most %u, those with data "
	    "first; a transcript holds the first %u KiB of each direction and "
	    "at most %u pieces; all together %u MiB.", VSUM_SESSIONS,
	    REPORT_STREAM >> 10, REPORT_ITEMS, REPORT_TALKS >> 20);
	put_str(f, line, sizeof(line));
	snprintf(line, sizeof(line), "Transcripts left out for that: %zu.",
	    r->talks_left_out);
	put_str(f, line, sizeof(line));
	snprintf(line, sizeof(line), "Alerts and losses: the newest %u each.",
	    REPORT_NOTES);
	put_str(f, line, sizeof(line));
	putc(']', f);
}

/* One session's transcript; its time counts from the first thing known. */
static void
put_talk(FILE *f, const struct talk *t, int64_t start, size_t number)
{
	const struct talk_item *it;
	int64_t zero = start != 0 && start <= t->items[0]->wall_ns ?
	    start : t->items[0]->wall_ns;
	unsigned int flags;
	size_t i;

	fprintf(f, "<script type=\"application/json\" id=\"t%zu\">[", number);
	for (i = 0; i < t->n; i++) {
		it = t->items[i];
		flags = it->flags;
		if (i == t->n - 1 && t->shortened)
			flags |= TALK_SHORT;
		fprintf(f, "%s[%u,", i ? ",\n" : "", it->kind);
		html_ms(f, it->wall_ns - zero);
		fprintf(f, ",%u,%" PRIu64 ",", flags, it->offset);
		if (it->kind <= TALK_OUT)
			html_b64(f, it->data, it->len);
		else
			html_str(f, it->data, it->len);
		putc(']', f);
	}
	fprintf(f, "]</script>\n");
}

/* Which transcripts there is room for: from the first session on. */
static void
choose(struct report *r)
{
	uint64_t total = 0, size;
	struct talk *t;
	unsigned int k;
	size_t i;

	r->talks_left_out = 0;
	for (i = 0; i < r->talks.n; i++) {
		t = &r->talks.t[i];
		for (size = t->n * 32, k = 0; k <= TALK_NOTE; k++)
			size += t->bytes[k];
		t->left_out = total + size > REPORT_TALKS;
		if (t->left_out)
			r->talks_left_out++;
		else
			total += size;
	}
}

void
report_talks(FILE *f, const struct report *r)
{
	size_t i;

	for (i = 0; i < r->talks.n; i++)
		if (r->talks.t[i].n > 0 && !r->talks.t[i].left_out)
			put_talk(f, &r->talks.t[i],
			    r->sum.sessions[i].start_ns, i);
}

void
report_data(FILE *f, struct report *r)
{
	choose(r);
	fprintf(f, "<script type=\"application/json\" id=\"data\">");
	put_totals(f, r);
	put_sources(f, &r->sum);
	put_decoys(f, &r->sum);
	put_ports(f, &r->sum);
	put_logins(f, &r->sum);
	put_sessions(f, &r->sum);
	put_counts(f, &r->sum);
	put_notes(f, "alerts", &r->alerts, 1);
	put_notes(f, "losses", &r->losses, 0);
	put_bounds(f, r);
	fprintf(f, "}</script>\n");
}
