/* SPDX-License-Identifier: ISC */
/*
 * Ends of scripts in hpd-svc, which is process 1 of its pid namespace and
 * reaps everything in it: what the kernel says about a session becomes
 * SVC_EXIT and events, and its slot is free again. Must never free a slot
 * before the wait.
 */
#include "hpd-svc/reap.h"

#include <sys/wait.h>

#include <string.h>

#include "common/clock.h"
#include "common/diag.h"
#include "hpd-svc/limits.h"
#include "hpd-svc/output.h"
#include "hpd-svc/pool.h"
#include "hpd-svc/svc_msg.h"

static uint64_t
usec(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

/* Exit code, or -signal. */
static int32_t
end_status(int st)
{
	if (WIFSIGNALED(st))
		return -WTERMSIG(st);
	return WEXITSTATUS(st);
}

void
session_ended(struct svc *svc, struct session *s, int wait_status,
    const struct rusage *ru)
{
	int64_t wall = clock_mono_ns() - s->start_ns;
	struct msg_svc_exit x;
	struct ev_exit ev;

	output_end(svc, s);
	if (s->waiting) {
		session_unlink(svc, s);
		pool_ended(svc, s, wait_status);
		s->used = 0;
		slots_give(&svc->slots, (uint32_t)(s - svc->session));
		return;
	}
	memset(&x, 0, sizeof(x));
	x.status = end_status(wait_status);
	x.rss_kb = (uint32_t)ru->ru_maxrss;
	x.cpu_us = usec(&ru->ru_utime) + usec(&ru->ru_stime);
	x.wall_us = wall > 0 ? (uint64_t)(wall / NS_USEC) : 0;
	x.why = limits_end(s, x.status, x.cpu_us);
	if (x.why == SVC_END_TRIP) {
		svc->stat[SVC_STAT_TRIPS]++;
		output_event(svc, s, EV_SVC_TRIP, 0, 1, s->name,
		    strlen(s->name));
	}
	memset(&ev, 0, sizeof(ev));
	ev.status = x.status;
	ev.rss_kb = x.rss_kb;
	ev.cpu_us = x.cpu_us;
	ev.wall_us = x.wall_us;
	ev.why = x.why;
	output_event(svc, s, EV_SVC_EXIT, 0, 1, &ev, sizeof(ev));
	svc->stat[SVC_STAT_EXITED]++;

	wheel_del(&svc->wheel, &s->timer);
	session_unlink(svc, s);
	s->used = 0;
	slots_give(&svc->slots, (uint32_t)(s - svc->session));
	peer_send_exit(svc, s->peer, s->id, &x);
}

void
reap_all(struct svc *svc)
{
	struct session *s;
	struct rusage ru;
	int st;
	pid_t pid;

	while ((pid = wait4(-1, &st, WNOHANG, &ru)) > 0) {
		s = session_by_pid(svc, pid);
		if (s != NULL)
			session_ended(svc, s, st, &ru);
		else
			svc->stat[SVC_STAT_ORPHANS]++;
	}
}
