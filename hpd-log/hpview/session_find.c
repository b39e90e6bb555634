/* SPDX-License-Identifier: ISC */
/*
 * Which session is meant, in hpview session: ids are numbers within one start
 * of the suite (boot), so that the same one may be there several times.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/session.h"

struct search {
	const struct session_want *want;
	pthread_mutex_t lock;
	struct {
		struct session_key k[SESSION_SAME];
		long n;
	} exact, prefix;
};

static int
hex64(const char *s, size_t n, uint64_t *v)
{
	size_t i;

	if (n == 0 || n > 16)
		return -1;
	*v = 0;
	for (i = 0; i < n; i++) {
		const char *d = strchr("0123456789abcdef", s[i]);

		if (d == NULL || s[i] == '\0')
			return -1;
		*v = *v << 4 | (uint64_t)(d - "0123456789abcdef");
	}
	return 0;
}

int
session_parse(const char *text, struct session_want *w)
{
	char low[40];
	const char *colon, *id = low;
	size_t i, n = strlen(text);

	if (n >= sizeof(low))
		return -1;
	for (i = 0; i <= n; i++)
		low[i] = text[i] >= 'A' && text[i] <= 'F' ?
		    (char)(text[i] | 0x20) : text[i];
	memset(w, 0, sizeof(*w));
	colon = strchr(low, ':');
	if (colon != NULL) {
		if (hex64(low, (size_t)(colon - low), &w->boot) == -1)
			return -1;
		w->has_boot = 1;
		id = colon + 1;
	}
	if (hex64(id, strlen(id), &w->number) == -1)
		return -1;
	memcpy(w->digits, id, strlen(id) + 1);
	return 0;
}

static void
add(struct session_key *k, long *n, const struct vrec *r)
{
	long i, have = *n < SESSION_SAME ? *n : SESSION_SAME;

	for (i = 0; i < have; i++)
		if (k[i].id == r->session && k[i].boot == r->boot &&
		    k[i].sensor == r->sensor) {
			if (r->wall_ns < k[i].first_ns)
				k[i].first_ns = r->wall_ns;
			return;
		}
	if (*n < SESSION_SAME) {
		k[i].sensor = r->sensor;
		k[i].boot = r->boot;
		k[i].id = r->session;
		k[i].first_ns = r->wall_ns;
		++*n;
	} /* more than can be named: the count stays at the bound */
}

static void
look(void *state, unsigned int thread, const struct vrec *r)
{
	struct search *s = state;
	char digits[17];
	int same;

	(void)thread;
	if (r->session == 0 || r->form != VIEW_JSON ||
	    (s->want->has_boot && r->boot != s->want->boot))
		return;
	same = r->session == s->want->number;
	if (!same) {
		snprintf(digits, sizeof(digits), "%016" PRIx64, r->session);
		if (strncmp(digits, s->want->digits,
		    strlen(s->want->digits)) != 0)
			return;
	}
	pthread_mutex_lock(&s->lock);
	if (same)
		add(s->exact.k, &s->exact.n, r);
	else
		add(s->prefix.k, &s->prefix.n, r);
	pthread_mutex_unlock(&s->lock);
}

long
session_find(struct view *v, const struct session_want *want,
    struct session_key k[SESSION_SAME])
{
	struct search *s = calloc(1, sizeof(*s));
	long n = -1;

	if (s == NULL)
		return -1;
	s->want = want;
	pthread_mutex_init(&s->lock, NULL);
	if (talks_scan(v, 0, look, s) == 0) {
		n = s->exact.n > 0 ? s->exact.n : s->prefix.n;
		memcpy(k, s->exact.n > 0 ? s->exact.k : s->prefix.k,
		    sizeof(*k) * SESSION_SAME);
	}
	free(s);
	return n;
}
