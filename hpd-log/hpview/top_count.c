/* SPDX-License-Identifier: ISC */
/*
 * What hpview top counts: a record at a time, tables bounded. Texts are made
 * harmless when they are taken.
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"
#include "hpd-log/hpview/report.h"
#include "hpd-log/hpview/top.h"

int
top_init(struct top *t)
{
	memset(t, 0, sizeof(*t));
	t->sources.row = calloc(TOP_ROWS, sizeof(struct top_row));
	t->decoys.row = calloc(TOP_ROWS, sizeof(struct top_row));
	t->ports.row = calloc(TOP_ROWS, sizeof(struct top_row));
	if (t->sources.row == NULL || t->decoys.row == NULL ||
	    t->ports.row == NULL) {
		top_free(t);
		return -1;
	}
	return 0;
}

void
top_free(struct top *t)
{
	free(t->sources.row);
	free(t->decoys.row);
	free(t->ports.row);
}

void
top_plain(struct vstr s, char *out, size_t cap)
{
	char text[512], safe[2048];
	size_t i, n = 0, len;

	out[0] = '\0';
	if (s.p == NULL || cap == 0)
		return;
	len = view_safe(text, vstr_text(s, text, sizeof(text)), safe,
	    sizeof(safe));
	for (i = 0; i < len && n + 1 < cap; i++) {
		if ((uint8_t)safe[i] < 0x80)
			out[n++] = safe[i];
		else if (((uint8_t)safe[i] & 0xc0) == 0xc0)
			out[n++] = '?';
	}
	out[n] = '\0';
}

static size_t
slot(const uint8_t key[TOP_KEY])
{
	uint64_t h = 0xcbf29ce484222325u;
	int i;

	for (i = 0; i < TOP_KEY; i++)
		h = (h ^ key[i]) * 0x100000001b3u;
	return (size_t)(h ^ h >> 29) % TOP_ROWS;
}

static struct top_row *
find(struct top_table *t, const uint8_t key[TOP_KEY])
{
	size_t i = slot(key);

	while (t->row[i].used && memcmp(t->row[i].key, key, TOP_KEY) != 0)
		i = (i + 1) % TOP_ROWS;
	return &t->row[i];
}

static int
larger(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	if (x->used != y->used)
		return x->used ? -1 : 1;
	return x->n < y->n ? 1 : x->n > y->n ? -1 : 0;
}

/* Keep the larger half. */
static void
halve(struct top_table *t)
{
	struct top_row *old = t->row, *fresh;
	size_t i, keep = t->used / 2;

	fresh = calloc(TOP_ROWS, sizeof(*fresh));
	if (fresh == NULL)
		return;
	qsort(old, TOP_ROWS, sizeof(*old), larger);
	t->cut += t->used - keep;
	t->row = fresh;
	t->used = keep;
	for (i = 0; i < keep; i++)
		*find(t, old[i].key) = old[i];
	free(old);
}

static void
count(struct top_table *t, const uint8_t key[TOP_KEY], uint64_t n,
    struct vstr label)
{
	struct top_row *r = find(t, key);

	if (!r->used) {
		if (t->used >= TOP_ROWS * 3 / 4) {
			halve(t);
			r = find(t, key);
			if (t->used >= TOP_ROWS - 1)
				return;
		}
		memcpy(r->key, key, TOP_KEY);
		r->used = 1;
		t->used++;
	}
	r->n += n;
	if (r->label[0] == '\0' && label.p != NULL)
		top_plain(label, r->label, sizeof(r->label));
}

static void
latest(struct top_lines *l, int64_t wall_ns, const char *text)
{
	size_t i = l->n;

	while (i > 0 && l->v[i - 1].wall_ns <= wall_ns)
		i--;
	if (i == TOP_LATEST)
		return;
	if (l->n < TOP_LATEST)
		l->n++;
	memmove(&l->v[i + 1], &l->v[i],
	    (l->n - 1 - i) * sizeof(l->v[0]));
	l->v[i].wall_ns = wall_ns;
	(void)str_copy(l->v[i].text, text, sizeof(l->v[i].text));
}

static int
is_probe(uint16_t kind)
{
	return kind == EV_TCP_PROBE || kind == EV_UDP_PROBE ||
	    kind == EV_ICMP_PROBE || kind == EV_IP_PROBE || kind == EV_FLOOD;
}

static void
rates(struct top *t, const struct vrec *r)
{
	int64_t sec = r->wall_ns / 1000000000;
	struct top_sec *s = &t->sec[(uint64_t)sec % TOP_SECS];

	if (sec < s->sec)
		return;
	if (sec > s->sec)
		*s = (struct top_sec){ .sec = sec };
	s->events++;
	if (is_probe(r->kind))
		s->probes += r->count;
	if (r->kind == EV_TCP_OPEN || r->kind == EV_UDP_OPEN)
		s->sessions++;
}

static void
tables(struct top *t, const struct vrec *r)
{
	static const uint8_t none[16];
	uint64_t n = is_probe(r->kind) && r->count > 0 ? r->count : 1;
	uint8_t key[TOP_KEY] = { 0 };

	if (r->ver == 0)
		return;
	memcpy(key, r->src, 16);
	key[16] = r->ver;
	if (memcmp(r->src, none, 16) != 0)
		count(&t->sources, key, n, r->os.p != NULL ? r->os : r->tool);
	memcpy(key, r->dst, 16);
	if (memcmp(r->dst, none, 16) != 0)
		count(&t->decoys, key, n, r->tmpl);
	if ((r->proto == IPPROTO_TCP || r->proto == IPPROTO_UDP) &&
	    (is_probe(r->kind) || r->kind == EV_TCP_OPEN ||
		r->kind == EV_UDP_OPEN)) {
		memset(key, 0, sizeof(key));
		key[0] = (uint8_t)(r->dport >> 8);
		key[1] = (uint8_t)r->dport;
		key[2] = r->proto;
		count(&t->ports, key, n, r->service);
	}
}

static void
session(struct top *t, const struct vrec *r)
{
	char a[ADDR_STRLEN], b[ADDR_STRLEN], svc[64], line[160];

	top_plain(r->service, svc, sizeof(svc));
	snprintf(line, sizeof(line), "%-15s > %-15s %5u/%s %016" PRIx64 " %s",
	    addr_text(r->ver, r->src, a), addr_text(r->ver, r->dst, b),
	    r->dport, r->proto == IPPROTO_UDP ? "udp" : "tcp", r->session,
	    svc);
	t->opens++;
	latest(&t->sessions, r->wall_ns, line);
}

static void
login(struct top *t, const struct vrec *r)
{
	char a[ADDR_STRLEN], user[48], pass[48], line[160];

	top_plain(r->user, user, sizeof(user));
	top_plain(r->password, pass, sizeof(pass));
	snprintf(line, sizeof(line), "%-15s %s / %s",
	    addr_text(r->ver, r->src, a), user, pass);
	t->tries++;
	latest(&t->logins, r->wall_ns, line);
}

static void
alert(struct top *t, const struct vrec *r)
{
	const struct event_row *row = event_row(r->kind);
	char a[ADDR_STRLEN], text[96], line[160];

	top_plain(r->message.p != NULL ? r->message : r->service, text,
	    sizeof(text));
	snprintf(line, sizeof(line), "%s %s %s",
	    row != NULL ? row->name : "?", r->ver ?
		addr_text(r->ver, r->src, a) : "", text);
	t->alarms++;
	latest(&t->alerts, r->wall_ns, line);
}

void
top_take(struct top *t, const struct vrec *r)
{
	t->records++;
	if (r->wall_ns > t->newest_ns)
		t->newest_ns = r->wall_ns;
	if (t->since_ns == 0 || r->wall_ns < t->since_ns)
		t->since_ns = r->wall_ns;
	rates(t, r);
	tables(t, r);
	if (is_probe(r->kind))
		t->probes += r->count;
	if (r->kind == EV_TCP_OPEN || r->kind == EV_UDP_OPEN)
		session(t, r);
	else if (r->kind == EV_SVC_FIELD &&
	    (r->user.p != NULL || r->password.p != NULL))
		login(t, r);
	else if (r->kind == EV_LOG_LOST)
		t->lost += r->lost_count;
	else if (r->kind == EV_LOG_GAP)
		t->gaps += r->lost_count;
	else if (r->kind == EV_LOG_STATS && r->wall_ns >= t->lag_at) {
		t->lag_us = r->lag_us;
		t->lag_at = r->wall_ns;
	} else if (report_is_alert(r->kind))
		alert(t, r);
}
