/* SPDX-License-Identifier: ISC */
/*
 * The pool of hpd-svc: see pool.h. What a waiting script is told (its
 * environment) goes through its own socket before any byte of the client's
 * can, since hpd-net gets that socket only afterwards. Must never hand one
 * script two sessions.
 */
#include "hpd-svc/pool.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"

static uint32_t
now_ms(void)
{
	return (uint32_t)(clock_mono_ns() / NS_MSEC);
}

static void
forget(struct svc *svc, struct session *s)
{
	uint32_t i;

	for (i = 0; i < svc->nwaiting; i++)
		if (svc->waiting[i] == (uint16_t)(s - svc->session)) {
			svc->waiting[i] = svc->waiting[--svc->nwaiting];
			break;
		}
	s->waiting = 0;
	if (s->sock != -1)
		close(s->sock);
	s->sock = -1;
}

int
pool_tell(int sock, const struct env *e)
{
	static char head[POOL_HEADER];
	size_t used = 0, n;
	uint32_t i;

	memset(head, 0, sizeof(head));
	for (i = 0; i < e->n; i++) {
		n = strlen(e->vec[i]) + 1;
		if (used + n + 1 > sizeof(head))
			return -1;
		memcpy(head + used, e->vec[i], n);
		used += n;
	}
	return write(sock, head, sizeof(head)) == (ssize_t)sizeof(head) ? 0 :
	    -1;
}

struct session *
pool_take(struct svc *svc, const struct generation *g, uint32_t service,
    const struct env *e, int *sock)
{
	struct session *s;
	uint32_t i;

	for (i = svc->nwaiting; i-- > 0;) {
		s = &svc->session[svc->waiting[i]];
		if (s->gen != g || s->open.service != service || s->killed)
			continue;
		if (pool_tell(s->sock, e) == -1) { /* ended, and not reaped yet */
			session_kill(svc, s, SVC_END_EXIT);
			continue;
		}
		*sock = s->sock;
		s->sock = -1;
		forget(svc, s);
		/* its successor waits until this one has been served */
		svc->pool_at = now_ms() + POOL_PACE_MS;
		loop_timer_set(svc->pool_timer, POOL_PACE_MS * 1000);
		return s;
	}
	return NULL;
}

static uint32_t
count(const struct svc *svc, const struct generation *g, uint32_t service)
{
	const struct session *s;
	uint32_t i, n = 0;

	for (i = 0; i < svc->nwaiting; i++) {
		s = &svc->session[svc->waiting[i]];
		n += s->gen == g && s->open.service == service && !s->killed;
	}
	return n;
}

void
pool_fill(struct svc *svc)
{
	struct generation *g = services_find(&svc->services,
	    svc->services.newest);
	uint32_t i, started = 0;
	int32_t left;

	if (g == NULL || !svc->started || svc->draining)
		return;
	left = (int32_t)(svc->pool_at - now_ms());
	if (left > 0 && left <= POOL_BACKOFF_MS) {
		loop_timer_set(svc->pool_timer, (uint64_t)left * 1000 + 500);
		return;
	}
	for (i = 0; i < g->img.nservices && started < POOL_TURN; i++) {
		const struct img_service *s = &g->img.services[i];

		if (s->pool == 0 || s->profile != svc->profile)
			continue;
		while (count(svc, g, i) < s->pool && started < POOL_TURN) {
			if (svc->nwaiting == POOL_WAITING_MAX ||
			    svc->slots.nfree <= svc->slots.max / 4)
				return; /* sessions need the rest */
			started++;
			if (session_start_waiting(svc, g, i) == -1) {
				svc->pool_at = now_ms() + POOL_BACKOFF_MS;
				loop_timer_set(svc->pool_timer,
				    POOL_BACKOFF_MS * 1000);
				return;
			}
		}
	}
	if (started > 0) { /* more may be due */
		svc->pool_at = now_ms() + POOL_PACE_MS;
		loop_timer_set(svc->pool_timer, POOL_PACE_MS * 1000);
	}
}

void
pool_flush(struct svc *svc, int all)
{
	struct session *s;
	uint32_t i;

	for (i = 0; i < svc->nwaiting; i++) {
		s = &svc->session[svc->waiting[i]];
		if (all || s->gen == NULL ||
		    s->gen->number != svc->services.newest)
			session_kill(svc, s, SVC_END_DRAIN);
	}
}

/* One that ends by itself while it waits is broken (it does not compile, or
 * does not wait): not again at once. */
void
pool_ended(struct svc *svc, struct session *s, int st)
{
	if (!s->killed) {
		diag_warnx("%s: ended while it waited for a session (%s %d)",
		    s->name, WIFSIGNALED(st) ? "signal" : "exit",
		    WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st));
		svc->pool_at = now_ms() + POOL_BACKOFF_MS;
		loop_timer_set(svc->pool_timer, POOL_BACKOFF_MS * 1000);
	}
	forget(svc, s);
}
