/* SPDX-License-Identifier: ISC */
/*
 * Copies what scripts write on stderr and descriptor 3 into events, in
 * hpd-svc: unread, cut into lines, within the session's bucket; lines over it
 * are counted and told (svc.lost). Must never act on a script's bytes.
 */
#include "hpd-svc/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/diag.h"

#define READ_MAX 16384

struct out { /* which stream of which session */
	struct session *s;
	uint16_t kind;
	int64_t now;
};

void
output_event(struct svc *svc, const struct session *s, uint16_t kind,
    uint8_t verdict, uint32_t count, const void *data, size_t len)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.proto = s->open.proto;
	ev.verdict = verdict;
	ev.ver = s->open.ver;
	ev.session = s->id;
	memcpy(ev.src, s->open.src, sizeof(ev.src));
	memcpy(ev.dst, s->open.dst, sizeof(ev.dst));
	ev.sport = s->open.sport;
	ev.dport = s->open.dport;
	ev.count = count;
	evq_put(&svc->evq, &ev, data, len); /* full: counted there */
}

static void
output_lost(struct session *s)
{
	uint64_t n = s->lost < UINT32_MAX ? s->lost : UINT32_MAX;

	if (n == 0)
		return;
	output_event(s->svc, s, EV_SVC_LOST, 0, (uint32_t)n, NULL, 0);
	s->lost = 0;
}

static void
output_line(void *arg, const char *line, size_t len)
{
	struct out *o = arg;
	struct session *s = o->s;
	struct svc *svc = s->svc;

	if (!bucket_take(&s->bucket, o->now, LINES_RATE, LINES_BURST)) {
		s->lost++;
		svc->stat[SVC_STAT_LINES_LOST]++;
		return;
	}
	output_lost(s);
	svc->stat[o->kind == EV_SVC_LINE ? SVC_STAT_LINES
					 : SVC_STAT_FIELDS]++;
	output_event(svc, s, o->kind, 0, 1, line, len);
}

static void
output_close(struct session *s, int i)
{
	if (s->fd[i] == -1)
		return;
	if (s->watch[i] != NULL)
		loop_fd_del(s->watch[i]);
	s->watch[i] = NULL;
	close(s->fd[i]);
	s->fd[i] = -1;
}

/* One read. Bytes taken; 0 nothing there now; -1 end of file or error. */
static ssize_t
output_read(struct session *s, int i)
{
	static char buf[READ_MAX];
	struct out o = { s, i == 0 ? EV_SVC_LINE : EV_SVC_FIELD,
		clock_mono_ns() };
	ssize_t n = read(s->fd[i], buf, sizeof(buf));

	if (n > 0) {
		lines_feed(&s->lines[i], buf, (size_t)n, output_line, &o);
		return n;
	}
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return -1;
}

void
output_ready(int fd, int what, void *arg)
{
	struct session *s = arg;
	int i = fd == s->fd[0] ? 0 : 1;

	(void)what;
	if (s->used && fd == s->fd[i] && output_read(s, i) == -1)
		output_close(s, i);
}

void
output_end(struct svc *svc, struct session *s)
{
	struct out o = { s, EV_SVC_LINE, clock_mono_ns() };
	int i;

	(void)svc;
	for (i = 0; i < 2; i++) {
		ssize_t n, left = TAIL_MAX;

		while (s->fd[i] != -1 && left > 0 &&
		    (n = output_read(s, i)) > 0)
			left -= n;
		o.kind = i == 0 ? EV_SVC_LINE : EV_SVC_FIELD;
		lines_end(&s->lines[i], output_line, &o);
		output_close(s, i);
	}
	output_lost(s);
}
