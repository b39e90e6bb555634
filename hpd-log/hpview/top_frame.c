/* SPDX-License-Identifier: ISC */
/*
 * One frame of hpview top as text: what is there is cut to the terminal's
 * size. Everything from the log was made printable ASCII before.
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"
#include "hpd-log/hpview/top.h"
#include "hpd-log/hpview/vtime.h"

#define LINE_MAX_COLS 512

struct frame {
	struct wbuf *w;
	unsigned int width, left; /* columns; lines that still fit */
};

static void put(struct frame *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A line, cut to the width. */
static void
put(struct frame *f, const char *fmt, ...)
{
	char line[LINE_MAX_COLS + 1];
	va_list ap;
	size_t n;

	if (f->left == 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	n = strnlen(line, f->width);
	while (n > 0 && line[n - 1] == ' ')
		n--;
	wbuf_bytes(f->w, line, n);
	wbuf_char(f->w, '\n');
	f->left--;
}

/* 12345678 as 12.3M: six columns at most. */
static const char *
brief(uint64_t n, char out[24])
{
	static const char unit[] = "kMGTPE";
	double v = (double)n;
	int u = -1;

	if (n < 100000) {
		snprintf(out, 24, "%" PRIu64, n);
		return out;
	}
	while (v >= 1000 && u < 5) {
		v /= 1000;
		u++;
	}
	snprintf(out, 24, "%.1f%c", v, unit[u]);
	return out;
}

static void
sums(const struct top *t, int64_t now_sec, int secs, double out[3])
{
	const struct top_sec *s;
	int64_t sec;

	out[0] = out[1] = out[2] = 0;
	/* the second that is under way is not whole */
	for (sec = now_sec - secs; sec < now_sec; sec++) {
		s = &t->sec[(uint64_t)sec % TOP_SECS];
		if (s->sec != sec)
			continue;
		out[0] += (double)s->events / secs;
		out[1] += (double)s->probes / secs;
		out[2] += (double)s->sessions / secs;
	}
}

/* The last minute's probes, a column a second, 0 to 9 of the largest. */
static void
put_minute(struct frame *f, const struct top *t, int64_t now_sec)
{
	char bar[61];
	uint64_t v[60], max = 0;
	int i;

	for (i = 0; i < 60; i++) {
		const struct top_sec *s =
		    &t->sec[(uint64_t)(now_sec - 60 + i) % TOP_SECS];

		v[i] = s->sec == now_sec - 60 + i ? s->probes : 0;
		if (v[i] > max)
			max = v[i];
	}
	for (i = 0; i < 60; i++)
		bar[i] = v[i] == 0 ? '.' :
		    (char)('0' + (v[i] * 9 + max - 1) / max);
	bar[60] = '\0';
	put(f, "last minute %s", bar);
}

static void
put_head(struct frame *f, const struct top *t, int64_t now_ns,
    const char *what)
{
	char when[20], since[20], n[6][24], lag[32] = "-", age[32] = "-";
	int64_t sec = now_ns / 1000000000;
	double a[3], b[3];

	put(f, "hpview top  %s UTC  %s", vtime_text(now_ns, when), what);
	sums(t, sec, 10, a);
	sums(t, sec, 60, b);
	put(f, "per second  events %.1f (1 min %.1f)  probes %.1f (%.1f)  "
	    "sessions %.2f (%.2f)", a[0], b[0], a[1], b[1], a[2], b[2]);
	if (t->lag_at != 0)
		snprintf(lag, sizeof(lag), "%.1f ms",
		    (double)t->lag_us / 1000);
	if (t->newest_ns != 0)
		snprintf(age, sizeof(age), "%.1f s",
		    (double)(now_ns - t->newest_ns) / 1e9);
	put(f, "since %s  records %s  probes %s  sessions %s",
	    t->since_ns ? vtime_text(t->since_ns, since) + 11 : "-",
	    brief(t->records, n[0]), brief(t->probes, n[1]),
	    brief(t->opens, n[2]));
	put(f, "logins %s  alerts %s  lost %s  gaps %s  lag %s  newest %s ago",
	    brief(t->tries, n[0]), brief(t->alarms, n[1]),
	    brief(t->lost, n[2]), brief(t->gaps, n[3]), lag, age);
	put_minute(f, t, sec);
}

static int
larger(const void *a, const void *b)
{
	const struct top_row *x = *(const struct top_row *const *)a;
	const struct top_row *y = *(const struct top_row *const *)b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return memcmp(x->key, y->key, TOP_KEY);
}

/* The largest rows of a table, at most max. */
static size_t
best(const struct top_table *t, const struct top_row **out, size_t max)
{
	const struct top_row **all = calloc(t->used + 1, sizeof(*all));
	size_t i, n = 0;

	if (all == NULL)
		return 0;
	for (i = 0; i < TOP_ROWS && n < t->used; i++)
		if (t->row[i].used)
			all[n++] = &t->row[i];
	qsort(all, n, sizeof(*all), larger);
	if (n > max)
		n = max;
	memcpy(out, all, n * sizeof(*out));
	free(all);
	return n;
}

static void
row_text(const struct top_row *r, int port, char *out, size_t cap)
{
	char a[ADDR_STRLEN], n[24];

	if (port)
		snprintf(out, cap, "%6s %5u/%s %s", brief(r->n, n),
		    (unsigned int)r->key[0] << 8 | r->key[1],
		    r->key[2] == IPPROTO_UDP ? "udp" : "tcp", r->label);
	else
		snprintf(out, cap, "%6s %-15s %s", brief(r->n, n),
		    addr_text(r->key[16], r->key, a), r->label);
}

#define BLOCK_MAX 64

/* Two tables side by side: the right one of ports, or of lines. */
static void
put_block(struct frame *f, const char *lname, const struct top_table *l,
    const char *rname, const struct top_table *r,
    const struct top_lines *lines, unsigned int rows)
{
	const struct top_row *lv[BLOCK_MAX], *rv[BLOCK_MAX];
	char lt[LINE_MAX_COLS], rt[LINE_MAX_COLS];
	int half = (int)f->width / 2;
	size_t nl, nr = 0, i;

	if (rows > BLOCK_MAX)
		rows = BLOCK_MAX;
	nl = best(l, lv, rows);
	if (r != NULL)
		nr = best(r, rv, rows);
	put(f, "%-*s%s", half, lname, rname);
	for (i = 0; i < rows; i++) {
		lt[0] = rt[0] = '\0';
		if (i < nl)
			row_text(lv[i], 0, lt, sizeof(lt));
		if (r != NULL && i < nr)
			row_text(rv[i], 1, rt, sizeof(rt));
		else if (lines != NULL && i < lines->n)
			(void)str_copy(rt, lines->v[i].text, sizeof(rt));
		put(f, "%-*.*s %s", half - 1, half - 1, lt, rt);
	}
}

static void
put_lines(struct frame *f, const char *name, const struct top_lines *l,
    unsigned int rows)
{
	char when[20];
	unsigned int i;

	put(f, "%s", name);
	for (i = 0; i < rows; i++) {
		if (i < l->n)
			put(f, "%s %s", vtime_text(l->v[i].wall_ns, when) + 11,
			    l->v[i].text);
		else
			put(f, "%s", "");
	}
}

void
top_frame(struct top *t, struct wbuf *w, unsigned int width,
    unsigned int height, int64_t now_ns, const char *what)
{
	struct frame f = { w, width < LINE_MAX_COLS ? width : LINE_MAX_COLS,
		height };
	unsigned int rest = height > 9 ? height - 9 : 0;
	unsigned int a = rest * 5 / 15, b = rest * 4 / 15;
	unsigned int d = rest * 2 / 15;

	put_head(&f, t, now_ns, what);
	put_block(&f, "SOURCES", &t->sources, "PORTS", &t->ports, NULL, a);
	put_block(&f, "DECOYS", &t->decoys, "LOGINS", NULL, &t->logins, b);
	put_lines(&f, "SESSIONS", &t->sessions,
	    rest > a + b + d ? rest - a - b - d : 0);
	put_lines(&f, "ALERTS", &t->alerts, d);
}
