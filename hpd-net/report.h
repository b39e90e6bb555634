/* SPDX-License-Identifier: ISC */
/*
 * hpd-net's events. Probes are aggregated: identical ones of a source within a
 * second are one record with a count; beyond a source's and the second's number
 * of records they fold into flood records (exact counts), so that a flood costs
 * the packet path a counter and the log a line. While the event queue has no
 * room for a second's records that second goes on.
 */
#ifndef HPD_REPORT_H
#define HPD_REPORT_H

#include "../common/event.h"
#include "pkt.h"

/* A packet that made no connection. verdict: enum event_verdict. */
void report_probe(const struct pkt *, uint16_t kind, uint8_t verdict,
    uint16_t sport, uint16_t dport, uint8_t tcp_flags, uint16_t window);
/* The same for count packets at once, which counts as one in a range. */
void report_probes(const struct pkt *, uint16_t kind, uint8_t verdict,
    uint16_t sport, uint16_t dport, uint8_t tcp_flags, uint16_t window,
    uint32_t count);
/* A connection that had neither script nor data ended and was told neither
 * when it began: into the counts of EV_TCP_CONNECTS. pkt: its SYN, as
 * far as known. */
void report_unseen(const struct pkt *, uint16_t sport, uint16_t dport);
struct report_tool { /* a packet of a tool; addresses in host order */
	uint32_t src, dst;
	uint16_t sport, dport, number, window, ip_len;
	uint8_t proto, tcp_flags, ttl;
};
/* A source's tool, count of its packets. */
void report_tool(const struct report_tool *, uint32_t count);
/* Flow begin and end. */
void report_flow(uint16_t kind, uint8_t proto, uint64_t session, uint32_t src,
    uint16_t sport, uint32_t dst, uint16_t dport, const struct ev_flow *);
void report_mac(uint16_t kind, uint32_t addr, const uint8_t mac[6]);
/* A table or queue was full: at most one record a second and name. */
void report_limit(const char *name, uint64_t count);
/* Once a second: pending aggregates and changed drop counters go out. */
void report_tick(void);
/* The last time: whether there is room or not. */
void report_end(void);

#endif
