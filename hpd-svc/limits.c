/* SPDX-License-Identifier: ISC */
/*
 * Caps and the meaning of an end, in hpd-svc. Wall and CPU time are enforced
 * here (wheel, RLIMIT_CPU); idle time and bytes out by hpd-net, which alone
 * sees the bytes and says SVC_CLOSE. Must never trust a number of the peer's
 * message where the image has one.
 */
#include "hpd-svc/limits.h"

#include <netinet/in.h>

#include <signal.h>
#include <string.h>

uint8_t
limits_check(const struct svc *svc, const struct generation *g,
    const struct msg_svc_open *open)
{
	const struct img_header *h = g->img.hdr;
	const struct img_service *s = &g->img.services[open->service];
	uint32_t source = 0, both = 0;
	uint16_t i;

	if (svc->running >= h->max_sessions || svc->slots.nfree == 0)
		return DENIED_TOTAL;
	if (g->running[open->service] >= s->max_sessions)
		return DENIED_SERVICE;
	for (i = sessions_of_source(svc, open); i != SESSION_NONE;
	     i = svc->session[i].next_src) {
		const struct session *t = &svc->session[i];

		if (memcmp(t->open.src, open->src, sizeof(open->src)) != 0)
			continue;
		source++;
		if (t->gen == g && t->open.service == open->service)
			both++;
	}
	if (source >= h->max_sessions_source ||
	    both >= s->max_sessions_source)
		return DENIED_SOURCE;
	return 0;
}

uint8_t
limits_end(const struct session *s, int32_t status, uint64_t cpu_us)
{
	int32_t sig = status < 0 ? -status : 0;

	/* hpd-init can only exit, and tells its child's signal so */
	if (s->shell && status > 128 && status < 128 + 65)
		sig = status - 128;
	if (sig == SIGSYS)
		return SVC_END_TRIP;
	if (s->killed)
		return s->why;
	if (sig == SIGXCPU ||
	    (sig == SIGKILL && cpu_us >= (uint64_t)s->cpu_s * 1000000))
		return SVC_END_CPU;
	if (s->closing == 5)
		return SVC_END_IDLE;
	if (s->closing == 6)
		return SVC_END_BYTES;
	return SVC_END_EXIT;
}
