/* SPDX-License-Identifier: ISC */
/*
 * Counters of hpd-net: one table, each row a name; the reason of every dropped
 * frame is one of them. Sent as u64 values in this order in STATS.
 */
#ifndef HPD_STATS_H
#define HPD_STATS_H

#include <stdint.h>

#define STATS_LIST(X)                                                        \
	/* traffic */                                                        \
	X(RX_FRAMES, "rx.frames")                                            \
	X(RX_BYTES, "rx.bytes")                                              \
	X(RX_RING_DROPS, "rx.ring_drops")                                    \
	X(TX_FRAMES, "tx.frames")                                            \
	X(TX_BYTES, "tx.bytes")                                              \
	X(TX_ERRORS, "tx.errors")                                            \
	X(ANSWERED_SYN, "answered.syn")                                      \
	X(ANSWERED_RST, "answered.rst")                                      \
	X(ANSWERED_ECHO, "answered.echo")                                    \
	X(ANSWERED_UNREACH, "answered.unreach")                              \
	X(ANSWERED_ARP, "answered.arp")                                      \
	/* frames dropped, by reason */                                      \
	X(DROP_SHORT, "drop.short")                                          \
	X(DROP_FOREIGN_MAC, "drop.foreign_mac")                              \
	X(DROP_ETHERTYPE, "drop.ethertype")                                  \
	X(DROP_VLAN, "drop.vlan")                                            \
	X(DROP_ARP_BAD, "drop.arp_bad")                                      \
	X(DROP_IP_VERSION, "drop.ip_version")                                \
	X(DROP_IP_HLEN, "drop.ip_hlen")                                      \
	X(DROP_IP_LEN, "drop.ip_len")                                        \
	X(DROP_IP_CSUM, "drop.ip_csum")                                      \
	X(DROP_IP_SRC, "drop.ip_src")                                        \
	X(DROP_IP_BCAST, "drop.ip_bcast_frame")                              \
	X(DROP_IP_OPTIONS, "drop.ip_options")                                \
	X(DROP_NOT_OURS, "drop.not_ours")                                    \
	X(DROP_FRAG_BAD, "drop.frag_bad")                                    \
	X(DROP_FRAG_FULL, "drop.frag_full")                                  \
	X(DROP_FRAG_TIMEOUT, "drop.frag_timeout")                            \
	X(DROP_ICMP_SHORT, "drop.icmp_short")                                \
	X(DROP_ICMP_CSUM, "drop.icmp_csum")                                  \
	X(DROP_UDP_SHORT, "drop.udp_short")                                  \
	X(DROP_UDP_CSUM, "drop.udp_csum")                                    \
	X(DROP_TCP_SHORT, "drop.tcp_short")                                  \
	X(DROP_TCP_HLEN, "drop.tcp_hlen")                                    \
	X(DROP_TCP_CSUM, "drop.tcp_csum")                                    \
	X(DROP_TCP_OPTION, "drop.tcp_option")                                \
	X(DROP_RATE, "drop.droprate")                                        \
	/* tables and limits */                                              \
	X(HOST_ENTRIES, "host.entries")                                      \
	X(HOST_EVICTED, "host.evicted")                                      \
	X(FRAG_QUEUES, "frag.queues")                                        \
	X(FRAG_BYTES, "frag.bytes")                                          \
	X(TCP_HALF_OPEN, "tcp.half_open")                                    \
	X(TCP_ESTABLISHED, "tcp.established")                                \
	X(TCP_TIME_WAIT, "tcp.time_wait")                                    \
	X(TCP_EVICTED, "tcp.evicted")                                        \
	X(TCP_TABLE_FULL, "tcp.table_full")                                  \
	X(TCP_MEM_BYTES, "tcp.mem_bytes")                                    \
	X(TCP_RETRANS, "tcp.retransmits")                                    \
	X(TCP_OOO, "tcp.out_of_order")                                       \
	X(TCP_CHALLENGE, "tcp.challenge_acks")                               \
	X(TCP_IDLE, "tcp.idle_closed")                                       \
	X(UDP_IDLE, "udp.idle_closed")                                       \
	X(UDP_FLOWS, "udp.flows")                                            \
	X(UDP_FLOWS_FULL, "udp.flows_full")                                  \
	X(SESS_OPEN, "sess.open")                                            \
	X(SESS_DENIED, "sess.denied")                                        \
	X(SESS_BYTES, "sess.bytes_over")                                     \
	X(LIMIT_ICMP, "limit.icmp_errors")                                   \
	X(LIMIT_SOURCE, "limit.source")                                      \
	X(ARP_CLAIMED, "arp.claimed")                                        \
	X(ARP_YIELDED, "arp.yielded")                                        \
	X(ARP_CONFLICTS, "arp.conflicts")                                    \
	X(ARP_PENDING_FULL, "arp.pending_full")                              \
	X(EVENTS_PUT, "events.put")                                          \
	X(EVENTS_LOST, "events.lost")                                        \
	X(EVENTS_FOLDED, "events.folded")                                    \
	/* packets that made no connection: each in one event's count */     \
	X(PROBES, "probes")                                                  \
	/* probes of tools that ask for our system: told, folded, no room */ \
	X(TOOLS_SEEN, "tools.seen")                                          \
	X(TOOLS_FOLDED, "tools.folded")                                      \
	X(TOOLS_FULL, "tools.full")                                          \
	/* what came through the checks of the lower layers: rx.frames is    \
	 * rx.arp + rx.ip + the drops up to IP, exactly */                   \
	X(RX_ARP, "rx.arp")                                                  \
	X(RX_IP, "rx.ip")                                                    \
	X(LIMIT_ICMP_SENSOR, "limit.icmp_errors_sensor")                     \
	/* from a decoy to a decoy (inside.h); counted in rx.frames too */   \
	X(TX_INSIDE, "tx.inside")                                            \
	X(LIMIT_INSIDE, "limit.inside")                                      \
	/* frames for the pcap stream; no room in the queue */               \
	X(FRAMES_KEPT, "frames.kept")                                        \
	X(FRAMES_LOST, "frames.lost")                                        \
	/* bytes of sessions kept; sessions' directions cut by the rate */   \
	X(TRANSCRIPT_BYTES, "transcript.bytes")                              \
	X(TRANSCRIPT_CUT, "transcript.cut_by_rate")                          \
	/* connections without service and data, in floods' counts */        \
	X(FLOWS_FOLDED, "flows.folded")

#define STATS_ENUM(id, name) ST_##id,
enum stats_id { STATS_LIST(STATS_ENUM) ST_MAX };
#undef STATS_ENUM

extern uint64_t stats[ST_MAX];
extern const char *const stats_name[ST_MAX];

#define STAT_INC(id)	(stats[ST_##id]++)
#define STAT_ADD(id, n) (stats[ST_##id] += (n))
#define STAT_DEC(id)	(stats[ST_##id]--)

#endif
