/* SPDX-License-Identifier: ISC */
/*
 * The kinds of events as one table, and the check of a record that arrived.
 * All processes build records; hpd-log judges them with event_check(), which
 * must never trust a length it has not compared.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "event.h"
#include "proc.h"
#include "proto.h"

#define P_PARENT (1u << PROC_PARENT)
#define P_NET	 (1u << PROC_NET)
#define P_SVC	 (1u << PROC_SVC | 1u << PROC_SVC_SHELL)
#define P_LOG	 (1u << PROC_LOG)
#define P_SHIP	 (1u << PROC_SHIP)
#define P_ALL	 (P_PARENT | P_NET | P_SVC | P_LOG | P_SHIP)
#define EV	 STREAM_EVENTS
#define PR	 STREAM_PROBES

/* clang-format off */
const struct event_row event_rows[] = {
{EV_TCP_PROBE, "tcp.probe", EVD_PROBE, P_NET, PR, "network", "connection",
    "a TCP segment that made no connection"},
{EV_TCP_OPEN, "tcp.open", EVD_FLOW, P_NET, EV, "network", "start",
    "a TCP handshake was completed"},
{EV_TCP_CLOSE, "tcp.close", EVD_FLOW, P_NET, EV, "network", "end",
    "a TCP connection ended"},
{EV_UDP_PROBE, "udp.probe", EVD_PROBE, P_NET, PR, "network", "connection",
    "a UDP datagram to no session"},
{EV_UDP_OPEN, "udp.open", EVD_FLOW, P_NET, EV, "network", "start",
    "first datagram of a UDP flow with a service"},
{EV_UDP_CLOSE, "udp.close", EVD_FLOW, P_NET, EV, "network", "end",
    "a UDP flow ended"},
{EV_ICMP_PROBE, "icmp.probe", EVD_PROBE, P_NET, PR, "network", "connection",
    "an ICMP message; ports are type and code"},
{EV_IP_PROBE, "ip.probe", EVD_PROBE, P_NET, PR, "network", "connection",
    "a packet of another IP protocol"},
{EV_ARP_CLAIM, "arp.claim", EVD_MAC, P_NET, PR, "network", "start",
    "the sensor now answers for an address"},
{EV_ARP_YIELD, "arp.yield", EVD_MAC, P_NET, EV, "network", "end",
    "a real owner of an address showed up"},
{EV_ARP_CONFLICT, "arp.conflict", EVD_MAC, P_NET, EV, "network", "info",
    "somebody claims an address of a decoy"},
{EV_FLOOD, "flood", EVD_FLOOD, P_NET, PR, "network", "info",
    "many probes folded into one record"},
{EV_NET_DROP, "net.drop", EVD_TEXT, P_NET, PR, "network", "denied",
    "frames dropped, with the reason"},
{EV_NET_LIMIT, "net.limit", EVD_TEXT, P_NET, EV, "network", "denied",
    "a table or queue was full"},
{EV_NET_LINK, "net.link", EVD_TEXT, P_NET, EV, "network", "change",
    "an interface went up, down or away"},
{EV_TOOL, "tool", EVD_PROBE, P_NET, EV, "network, intrusion_detection", "info",
    "a source uses a tool that asks for a host's system"},
{EV_FRAME, "frame", EVD_FRAME, P_NET, STREAM_PCAP, "network", "info",
    "a frame for the pcap stream; never a line"},
{EV_TCP_CONNECTS, "tcp.connects", EVD_FLOOD, P_NET, PR, "network", "info",
    "connections without script and data, only counted"},
{EV_SVC_START, "svc.start", EVD_TEXT, P_SVC, EV, "process", "start",
    "a script was started for a session"},
{EV_SVC_LINE, "svc.line", EVD_RAW, P_SVC, EV, "process", "info",
    "a line a script wrote to its log"},
{EV_SVC_FIELD, "svc.field", EVD_RAW, P_SVC, EV, "process", "info",
    "a JSON line of a script's field channel"},
{EV_SVC_EXIT, "svc.exit", EVD_EXIT, P_SVC, EV, "process", "end",
    "a script ended"},
{EV_SVC_TRIP, "svc.trip", EVD_TEXT, P_SVC, EV, "intrusion_detection", "denied",
    "a script made a call only an intruder makes"},
{EV_SVC_DENIED, "svc.denied", EVD_NONE, P_SVC | P_NET, EV, "process", "denied",
    "a session got no script"},
{EV_SVC_LOST, "svc.lost", EVD_NONE, P_SVC, EV, "process", "info",
    "lines of a script dropped by its rate limit"},
{EV_SESSION_DATA, "session.data", EVD_CHUNK, P_NET, EV, "network", "info",
    "bytes of a session, one direction"},
{EV_START, "start", EVD_TEXT, P_PARENT, EV, "process", "start",
    "the suite starts"},
{EV_STOP, "stop", EVD_TEXT, P_PARENT, EV, "process", "end",
    "the suite stops"},
{EV_PROC_UP, "proc.up", EVD_TEXT, P_PARENT, EV, "process", "start",
    "a process of the suite runs"},
{EV_PROC_DOWN, "proc.down", EVD_TEXT, P_PARENT, EV, "process", "end",
    "a process of the suite ended"},
{EV_SANDBOX_MISSING, "sandbox.missing", EVD_TEXT, P_ALL, EV, "host", "info",
    "a sandbox step this kernel does not have"},
{EV_SANDBOX_KILL, "sandbox.kill", EVD_TEXT, P_PARENT, EV, "intrusion_detection",
    "denied", "a process of the suite died of its own filter"},
{EV_RELOAD, "reload", EVD_TEXT, P_PARENT, EV, "configuration", "change",
    "a configuration was taken or refused"},
{EV_CHAN_BROKEN, "chan.broken", EVD_TEXT, P_ALL, EV, "intrusion_detection",
    "denied", "a process broke the protocol"},
{EV_LOG_LOST, "log.lost", EVD_LOST, P_ALL, EV, "host", "info",
    "records lost because a queue was full"},
{EV_LOG_SEGMENT, "log.segment", EVD_SEGMENT, P_LOG, EV, "host", "change",
    "a log segment begins or ends"},
{EV_LOG_SKIP, "log.skip", EVD_TEXT, P_LOG, EV, "host", "info",
    "a datagram hpd-log died of twice, in hex"},
{EV_LOG_GAP, "log.gap", EVD_LOST, P_LOG, EV, "host", "info",
    "a producer's sequence jumped"},
{EV_DIAG, "diag", EVD_TEXT, P_ALL, EV, "host", "info",
    "a message of a daemon"},
{EV_LOG_RETIRED, "log.retired", EVD_RETIRED, P_PARENT, EV, "host", "deletion",
    "a segment is removed by budget, reserve or age"},
{EV_LOG_FOLDED, "log.folded", EVD_FOLD, P_LOG, EV, "host", "info",
    "records that became a count because space was short"},
{EV_LOG_LEVEL, "log.level", EVD_TEXT, P_PARENT, EV, "host", "change",
    "what is left out because space is short"},
{EV_LOG_DIGEST, "log.digest", EVD_DIGEST, P_LOG, EV, "host", "info",
    "hash of a segment that has no seal of its own"},
{EV_LOG_STATS, "log.stats", EVD_LOGSTATS, P_LOG, EV, "host", "info",
    "what hpd-log wrote, its lag and its losses"},
{EV_LOG_TEXT, "log.text", EVD_TEXT, P_LOG, EV, "host", "info",
    "a log stream stopped or works again"},
{EV_SHIP_LOST, "ship.lost", EVD_LOST, P_SHIP, EV, "host", "info",
    "lines of the log that hpship gave up sending on"},
};
/* clang-format on */
const size_t event_nrows = sizeof(event_rows) / sizeof(event_rows[0]);

/* Row number + 1 by kind, filled at first use. */
static uint8_t by_kind[EV_KIND_MAX];

const struct event_row *
event_row(uint16_t kind)
{
	size_t i;

	if (by_kind[EV_DIAG] == 0)
		for (i = 0; i < event_nrows; i++)
			by_kind[event_rows[i].kind] = (uint8_t)(i + 1);
	if (kind >= EV_KIND_MAX || by_kind[kind] == 0)
		return NULL;
	return &event_rows[by_kind[kind] - 1];
}

/* Does a row's data have this length? */
static int
data_fits(uint8_t data, size_t len)
{
	switch (data) {
	case EVD_NONE:
		return len == 0;
	case EVD_PROBE:
		return len == sizeof(struct ev_probe);
	case EVD_FLOW:
		return len == sizeof(struct ev_flow);
	case EVD_MAC:
		return len == sizeof(struct ev_mac);
	case EVD_EXIT:
		return len == sizeof(struct ev_exit);
	case EVD_LOST:
		return len == sizeof(struct ev_lost);
	case EVD_TEXT:
	case EVD_RAW:
		return len <= EVENT_DATA_MAX;
	case EVD_CHUNK:
		return len >= sizeof(struct ev_chunk) && len <= EVENT_DATA_MAX;
	case EVD_FRAME:
		return len >= sizeof(struct ev_frame) && len <= EVENT_DATA_MAX;
	case EVD_SEGMENT:
		return len == sizeof(struct ev_segment);
	case EVD_RETIRED:
		return len == sizeof(struct ev_retired);
	case EVD_FOLD:
		return len == sizeof(struct ev_fold);
	case EVD_DIGEST:
		return len == sizeof(struct ev_digest);
	case EVD_LOGSTATS:
		return len == sizeof(struct ev_logstats);
	case EVD_FLOOD:
		return len == sizeof(struct ev_flood);
	default:
		return 0;
	}
}

static int
verdict_ok(uint16_t kind, uint8_t v)
{
	if (kind == EV_DIAG)
		return v >= 1 && v <= 4; /* enum diag_level */
	if (kind == EV_SVC_DENIED)
		return v >= DENIED_TOTAL && v <= DENIED_DOWN;
	return v <= VERDICT_IGNORED;
}

static int
zero(const uint8_t *p, size_t n)
{
	uint8_t all = 0;

	while (n-- > 0)
		all |= *p++;
	return all == 0;
}

/* Are the twelve bytes behind an IPv4 address zero? */
static int
v4_tail(const uint8_t a[16])
{
	uint32_t x, y, z;

	memcpy(&x, a + 4, 4);
	memcpy(&y, a + 8, 4);
	memcpy(&z, a + 12, 4);
	return (x | y | z) == 0;
}

static int
addrs_ok(const struct event *e)
{
	if (e->ver == 6)
		return 1;
	if (e->ver != 4 && e->ver != 0)
		return 0;
	if (e->ver == 0 && !(zero(e->src, 4) && zero(e->dst, 4)))
		return 0;
	return v4_tail(e->src) && v4_tail(e->dst);
}

size_t
event_check(const void *rec, size_t avail, uint8_t proc)
{
	const struct event *e = rec;
	const struct event_row *r;
	size_t dlen;

	if (avail < sizeof(*e) || proc >= PROC_MAX)
		return 0;
	if (e->len < sizeof(*e) || e->len > EVENT_MAX || e->len % 8 != 0 ||
	    e->len > avail || e->pad > 7 || sizeof(*e) + e->pad > e->len)
		return 0;
	if ((r = event_row(e->kind)) == NULL || !(r->producers >> proc & 1))
		return 0;
	dlen = e->len - sizeof(*e) - e->pad;
	if (!data_fits(r->data, dlen) || !verdict_ok(e->kind, e->verdict) ||
	    !addrs_ok(e) || e->count == 0 || e->wall_ns <= 0)
		return 0;
	if (!zero((const uint8_t *)rec + e->len - e->pad, e->pad))
		return 0;
	return e->len;
}

const void *
event_data(const struct event *e, size_t *len)
{
	*len = e->len - sizeof(*e) - e->pad;
	return e + 1;
}
