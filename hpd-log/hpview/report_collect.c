/* SPDX-License-Identifier: ISC */
/*
 * What goes into a report, in hpview: the totals (vsum), then one more pass
 * for the transcripts of the sessions they list, alerts and losses. Must never
 * keep more than its bounds, however long the log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/report.h"

int
report_is_alert(uint16_t kind)
{
	return kind == EV_SVC_TRIP || kind == EV_SANDBOX_KILL ||
	    kind == EV_ARP_CONFLICT || kind == EV_CHAN_BROKEN;
}

int
report_is_loss(uint16_t kind)
{
	return kind == EV_LOG_LOST || kind == EV_LOG_GAP ||
	    kind == EV_LOG_FOLDED || kind == EV_LOG_RETIRED ||
	    kind == EV_LOG_LEVEL || kind == EV_LOG_SKIP ||
	    kind == EV_LOG_TEXT || kind == EV_SVC_LOST || kind == EV_NET_LIMIT;
}

static int
newer(const void *a, const void *b)
{
	const struct report_note *x = a, *y = b;

	return x->wall_ns < y->wall_ns ? 1 : x->wall_ns > y->wall_ns ? -1 : 0;
}

/* Twice the room, cut back to the newest when it is full. */
static void
notes_add(struct report_notes *ns, const struct report_note *note)
{
	ns->all++;
	if (ns->v == NULL)
		return;
	if (ns->n == 2 * REPORT_NOTES) {
		qsort(ns->v, ns->n, sizeof(*ns->v), newer);
		ns->n = REPORT_NOTES;
	}
	ns->v[ns->n++] = *note;
}

static void
notes_end(struct report_notes *ns)
{
	if (ns->v == NULL)
		return;
	qsort(ns->v, ns->n, sizeof(*ns->v), newer);
	if (ns->n > REPORT_NOTES)
		ns->n = REPORT_NOTES;
}

/* What the record says in words: its message, or the members that tell. */
static void
note_text(struct report_note *note, const struct vrec *r)
{
	static const char *const names[] = { "lost", "retired", "folded",
		"service", "verdict" };
	struct vstr s = r->message;
	size_t i, n;

	if (s.p != NULL) {
		n = vstr_text(s, note->text, sizeof(note->text) - 1);
		note->text[n] = '\0';
		return;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		s = rec_member(r, names[i]);
		if (s.p != NULL)
			break;
	}
	if (s.p == NULL) {
		snprintf(note->text, sizeof(note->text), "count %llu",
		    (unsigned long long)r->count);
		return;
	}
	n = s.n < sizeof(note->text) ? s.n : sizeof(note->text) - 1;
	memcpy(note->text, s.p, n);
	note->text[n] = '\0';
}

static void
note_take(struct report *r, const struct vrec *rec)
{
	struct report_note note;

	memset(&note, 0, sizeof(note));
	note.wall_ns = rec->wall_ns;
	note.kind = rec->kind;
	note.ver = rec->ver;
	memcpy(note.src, rec->src, sizeof(note.src));
	memcpy(note.dst, rec->dst, sizeof(note.dst));
	note_text(&note, rec);
	pthread_mutex_lock(&r->lock);
	notes_add(report_is_alert(rec->kind) ? &r->alerts : &r->losses, &note);
	pthread_mutex_unlock(&r->lock);
}

static void
take(void *state, unsigned int thread, const struct vrec *rec)
{
	struct report *r = state;

	if (rec->seal != UINT64_MAX)
		r->seal[thread % REPORT_THREADS].sealed++;
	else if (rec->form == VIEW_JSON)
		r->seal[thread % REPORT_THREADS].open++;
	if (rec->session != 0)
		talks_take(&r->talks, rec);
	if (report_is_alert(rec->kind) || report_is_loss(rec->kind))
		note_take(r, rec);
}

int
report_collect(struct report *r, struct view *v)
{
	static const struct talk_limit limit = { .stream = REPORT_STREAM,
		.text = REPORT_TEXT, .items = REPORT_ITEMS };
	const struct vsum_session *s;
	size_t i;

	if (vsum_make(&r->sum, v, 0) == -1 || vsum_geo(&r->sum, r->geo) == -1)
		return -1;
	pthread_mutex_init(&r->lock, NULL);
	r->sensors = v->sensors;
	r->nsensors = v->nsensors;
	r->files = v->nfiles;
	r->alerts.v = calloc(2 * REPORT_NOTES, sizeof(*r->alerts.v));
	r->losses.v = calloc(2 * REPORT_NOTES, sizeof(*r->losses.v));
	if (r->alerts.v == NULL || r->losses.v == NULL ||
	    talks_init(&r->talks, r->sum.n_sessions, &limit) == -1) {
		fprintf(stderr, "hpview: no memory\n");
		return -1;
	}
	for (i = 0; i < r->talks.n; i++) {
		s = &r->sum.sessions[i];
		r->talks.t[i].sensor = s->sensor;
		r->talks.t[i].boot = s->boot;
		r->talks.t[i].id = s->id;
	}
	(void)talks_index(&r->talks);
	if (talks_scan(v, REPORT_THREADS, take, r) == -1)
		return -1;
	talks_sort(&r->talks);
	notes_end(&r->alerts);
	notes_end(&r->losses);
	return 0;
}

void
report_free(struct report *r)
{
	talks_free(&r->talks);
	free(r->alerts.v);
	free(r->losses.v);
	vsum_free(&r->sum);
}
