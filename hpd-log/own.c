/* SPDX-License-Identifier: ISC */
/*
 * hpd-log's own records: segments, gaps, broken channels. They wait in the
 * same buffer as everybody's lines. Their sequence starts at 1 with each start
 * of hpd-log, which the field hpd.run tells apart. Must never carry a peer's
 * bytes but as text that the JSON writer escapes.
 */
#include <stdarg.h>
#include <stdio.h>

#include "common/clock.h"
#include "hpd-log/log.h"

struct own {
	struct event ev;
	uint8_t data[EVENT_DATA_MAX];
};

static void
put(struct logd *ld, struct own *o, uint16_t kind, uint8_t verdict, size_t len)
{
	struct json_who who = { ld->boot, ld->own_seq, ld->run, PROC_LOG, 0 };

	memset(&o->ev, 0, sizeof(o->ev));
	o->ev.kind = kind;
	o->ev.verdict = verdict;
	o->ev.wall_ns = clock_wall_ns();
	o->ev.count = 1;
	o->ev.pad = (uint8_t)(-len & 7);
	o->ev.len = (uint16_t)(sizeof(o->ev) + len + o->ev.pad);
	memset(o->data + len, 0, o->ev.pad);
	if (ld->ev.len > LOG_OWN_ROOM ||
	    json_event(&ld->json, &ld->ev, &who, &o->ev) == 0) {
		ld->stats[LS_OWN_LOST]++;
		return;
	}
	ld->own_seq++;
	ld->stats[LS_OWN]++;
}

void
own_text(struct logd *ld, uint16_t kind, uint8_t verdict, const char *fmt, ...)
{
	struct own o;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf((char *)o.data, sizeof(o.data) - 8, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(o.data) - 8)
		n = (int)sizeof(o.data) - 9;
	put(ld, &o, kind, verdict, (size_t)n);
}

void
own_lost(struct logd *ld, uint16_t kind, const struct ev_lost *l)
{
	struct own o;

	memcpy(o.data, l, sizeof(*l));
	put(ld, &o, kind, 0, sizeof(*l));
}
