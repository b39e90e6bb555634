/* SPDX-License-Identifier: ISC */
/*
 * A session on the terminal, in hpview session. Must never write a byte of the
 * log but through view_safe(); session_raw() is for files and pipes.
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/addr.h"
#include "hpd-log/hpview/session.h"
#include "hpd-log/hpview/vtime.h"

#define MARK_IN	 '<'
#define MARK_OUT '>'
#define HEX_ROW	 16

/* Untrusted text, at most what fits. */
static void
put_safe(const void *p, size_t n)
{
	char *b = malloc(n * 12 + 1);

	if (b == NULL)
		return;
	view_safe(p, n, b, n * 12 + 1);
	fputs(b, stdout);
	free(b);
}

static void
put_row(const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	printf("  %-9s", name);
	put_safe(text, strlen(text));
	putchar('\n');
}

void
session_head_show(const struct session_head *h, const struct session_key *k,
    const char *sensor)
{
	char a[ADDR_STRLEN], b[ADDR_STRLEN], when[20];

	printf("Session %016" PRIx64 ", boot %016" PRIx64 "\n", k->id, k->boot);
	put_row("sensor", sensor);
	printf("  %-9s%s.%03d UTC, %.3f s\n", "time",
	    vtime_text(h->first_ns, when),
	    (int)(h->first_ns / 1000000 % 1000),
	    (double)(h->last_ns - h->first_ns) / 1e9);
	printf("  %-9s%s port %u\n", "source", addr_text(h->ver, h->src, a),
	    h->sport);
	printf("  %-9s%s port %u/%s\n", "decoy", addr_text(h->ver, h->dst, b),
	    h->dport, h->proto == IPPROTO_UDP ? "udp" : "tcp");
	put_row("template", h->tmpl);
	put_row("persona", h->persona);
	put_row("system", h->os);
	put_row("service", h->service);
	printf("  %-9s%" PRIu64 " in, %" PRIu64 " out\n", "bytes", h->bytes_in,
	    h->bytes_out);
	put_row("ended", h->why);
	put_row("script", h->end);
}

static void
wait_until(int64_t *shown, int64_t at, const struct session_show *o)
{
	int64_t ns = at - *shown;
	struct timespec ts;

	*shown = at;
	if (o->replay <= 0 || ns <= 0)
		return;
	if (o->pause_ns > 0 && ns > o->pause_ns)
		ns = o->pause_ns;
	ns = (int64_t)((double)ns / o->replay);
	ts.tv_sec = ns / 1000000000;
	ts.tv_nsec = ns % 1000000000;
	fflush(stdout);
	(void)nanosleep(&ts, NULL);
}

static void
put_mark(const struct session_show *o, int64_t since, char mark)
{
	if (o->color)
		fputs(mark == MARK_IN ? "\033[36m" :
			mark == MARK_OUT ? "\033[0m" : "\033[33m", stdout);
	printf("%9.3f %c ", (double)since / 1e9, mark);
}

static void
put_end(const struct session_show *o)
{
	fputs(o->color ? "\033[0m\n" : "\n", stdout);
}

/* One piece line by line; a line's end may be CR LF. */
static void
put_lines(const struct session_show *o, int64_t since, char mark,
    const uint8_t *p, size_t n)
{
	const uint8_t *nl;
	size_t len, text;

	do {
		nl = memchr(p, '\n', n);
		len = nl != NULL ? (size_t)(nl - p) : n;
		text = len;
		if (nl != NULL && text > 0 && p[text - 1] == '\r')
			text--;
		put_mark(o, since, mark);
		put_safe(p, text);
		put_end(o);
		if (nl != NULL)
			len++;
		p += len;
		n -= len;
	} while (n > 0);
}

static void
put_hex(const struct session_show *o, int64_t since, char mark,
    const struct talk_item *it)
{
	size_t i, k;

	for (i = 0; i < it->len; i += HEX_ROW) {
		put_mark(o, since, mark);
		printf("%08" PRIx64 " ", it->offset + i);
		for (k = i; k < i + HEX_ROW; k++)
			if (k < it->len)
				printf(" %02x", it->data[k]);
			else
				fputs("   ", stdout);
		fputs("  |", stdout);
		for (k = i; k < i + HEX_ROW && k < it->len; k++)
			putchar(it->data[k] >= 0x20 && it->data[k] < 0x7f ?
				it->data[k] : '.');
		putchar('|');
		put_end(o);
	}
}

static void
put_note(const struct session_show *o, int64_t since, const char *text)
{
	put_mark(o, since, '-');
	fputs(text, stdout);
	put_end(o);
}

/* Bytes of a direction that are not there; what is told of the end of it. */
static void
put_gaps(const struct session_show *o, int64_t since,
    const struct talk_item *it, uint64_t next[2])
{
	char text[96];

	if (it->kind > TALK_OUT)
		return;
	if (it->offset > next[it->kind]) {
		snprintf(text, sizeof(text), "%" PRIu64 " bytes %s are not in "
		    "the log", it->offset - next[it->kind],
		    it->kind == TALK_IN ? "from the visitor" :
			"to the visitor");
		put_note(o, since, text);
	}
	if (it->offset + it->len > next[it->kind])
		next[it->kind] = it->offset + it->len;
}

void
session_talk_show(const struct talk *t, const struct session_show *o)
{
	static const char marks[] = { MARK_IN, MARK_OUT, '!', '*', '-' };
	uint64_t next[2] = { 0, 0 };
	const struct talk_item *it;
	int64_t shown = t->n > 0 ? t->items[0]->wall_ns : 0, zero = shown, at;
	size_t i;

	for (i = 0; i < t->n; i++) {
		it = t->items[i];
		at = it->wall_ns - zero;
		wait_until(&shown, it->wall_ns, o);
		put_gaps(o, at, it, next);
		if (it->flags & TALK_DGRAM)
			put_note(o, at, it->kind == TALK_IN ?
				"a datagram from the visitor" :
				"a datagram to the visitor");
		if (o->hex && it->kind <= TALK_OUT)
			put_hex(o, at, marks[it->kind], it);
		else if (it->len > 0)
			put_lines(o, at, marks[it->kind], it->data, it->len);
		if (it->flags & TALK_CUT)
			put_note(o, at, it->kind == TALK_IN ?
				"the log keeps no more from the visitor" :
				"the log keeps no more to the visitor");
	}
	if (t->shortened)
		put_note(o, shown - zero, "more than is shown here");
	fflush(stdout);
}

int
session_raw(const struct talk *t, uint8_t kind)
{
	const struct talk_item *it;
	size_t i;

	for (i = 0; i < t->n; i++) {
		it = t->items[i];
		if (it->kind == kind &&
		    fwrite(it->data, 1, it->len, stdout) != it->len)
			return -1;
	}
	return fflush(stdout) == 0 ? 0 : -1;
}
