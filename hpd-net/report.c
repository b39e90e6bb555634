/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: what the log is told, but for probes (report_probe.c). No formatting
 * here; must never wait for hpd-log.
 */
#include "report.h"

#include <string.h>

#include "net.h"
#include "report_int.h"
#include "srcos.h"

#define NLIMITS	   24
#define TEXT_ROOM  (sizeof(struct event) + 64)
#define DROPS_ROOM ((ST_DROP_RATE - ST_DROP_SHORT + 2) * TEXT_ROOM)

static struct {
	const char *name;
	uint64_t count;
} limits[NLIMITS];

static uint64_t drops_told[ST_MAX];

void
report_put(const struct event *ev, const void *data, size_t len)
{
	if (evq_put(&net.evq, ev, data, len) == 0)
		STAT_INC(EVENTS_PUT);
	else
		STAT_INC(EVENTS_LOST);
}

void
report_addrs(struct event *ev, uint32_t src, uint32_t dst)
{
	ev->ver = 4;
	addr_set4(ev->src, src);
	addr_set4(ev->dst, dst);
}

void
report_tool(const struct report_tool *t, uint32_t count)
{
	struct event ev;
	struct ev_probe p;

	memset(&ev, 0, sizeof(ev));
	memset(&p, 0, sizeof(p));
	ev.kind = EV_TOOL;
	ev.proto = t->proto;
	ev.wall_ns = net.now_wall_ns;
	report_addrs(&ev, t->src, t->dst);
	ev.sport = t->sport;
	ev.dport = t->dport;
	ev.count = count;
	p.ip_len = t->ip_len;
	p.tcp_flags = t->tcp_flags;
	p.ttl = t->ttl;
	p.window = t->window;
	p.srcos = t->number;
	report_put(&ev, &p, sizeof(p));
}

static void
put_text(uint16_t kind, const char *text, uint64_t count)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.wall_ns = net.now_wall_ns;
	ev.count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
	report_put(&ev, text, strlen(text));
}

void
report_flow(uint16_t kind, uint8_t proto, uint64_t session, uint32_t src,
    uint16_t sport, uint32_t dst, uint16_t dport, const struct ev_flow *fl)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.proto = proto;
	ev.wall_ns = net.now_wall_ns;
	ev.session = session;
	report_addrs(&ev, src, dst);
	ev.sport = sport;
	ev.dport = dport;
	ev.count = 1;
	report_put(&ev, fl, sizeof(*fl));
}

void
report_mac(uint16_t kind, uint32_t addr, const uint8_t mac[6])
{
	struct event ev;
	struct ev_mac m;

	memset(&ev, 0, sizeof(ev));
	memset(&m, 0, sizeof(m));
	memcpy(m.mac, mac, 6);
	ev.kind = kind;
	ev.wall_ns = net.now_wall_ns;
	report_addrs(&ev, 0, addr);
	ev.count = 1;
	report_put(&ev, &m, sizeof(m));
}

void
report_limit(const char *name, uint64_t count)
{
	int i;

	for (i = 0; i < NLIMITS; i++) {
		if (limits[i].name == NULL)
			limits[i].name = name;
		if (strcmp(limits[i].name, name) == 0) {
			limits[i].count += count;
			return;
		}
	}
	limits[NLIMITS - 1].count += count; /* more names than rows */
}

static void
tick_drops(void)
{
	uint64_t d;
	int i;

	for (i = ST_DROP_SHORT; i <= ST_DROP_RATE; i++) {
		d = stats[i] - drops_told[i];
		if (d == 0)
			continue;
		drops_told[i] = stats[i];
		put_text(EV_NET_DROP, stats_name[i], d);
	}
	d = stats[ST_RX_RING_DROPS] - drops_told[ST_RX_RING_DROPS];
	if (d != 0) {
		drops_told[ST_RX_RING_DROPS] = stats[ST_RX_RING_DROPS];
		put_text(EV_NET_DROP, stats_name[ST_RX_RING_DROPS], d);
	}
}

static void
tick_limits(void)
{
	int i;

	for (i = 0; i < NLIMITS; i++) {
		if (limits[i].name == NULL || limits[i].count == 0)
			continue;
		put_text(EV_NET_LIMIT, limits[i].name, limits[i].count);
		limits[i].count = 0;
	}
}

/* Counts that find no room wait for the next second. */
static void
tick(int last)
{
	srcos_tick(net.draining);
	probes_tick(last);
	if (last || evq_room(&net.evq, EV_NET_DROP) >= DROPS_ROOM)
		tick_drops();
	if (last || evq_room(&net.evq, EV_NET_LIMIT) >= NLIMITS * TEXT_ROOM)
		tick_limits();
}

void
report_tick(void)
{
	tick(0);
}

void
report_end(void)
{
	tick(1);
}
