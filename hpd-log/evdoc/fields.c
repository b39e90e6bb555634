/* SPDX-License-Identifier: ISC */
/*
 * evdoc: every member a line of the log can have. What hpd-log/json*.c writes
 * is compared with this by tests/lint/schema.t and by each scenario: a member
 * that is not here, or is not as here, fails them.
 */
#include "evdoc.h"

#include "common/proto.h"

#define ALL	W_ALL, 0
#define ENDS	W_ENDS, 0
#define SELF	W_SELF, 0
#define DATA(d) W_DATA, EVD_##d
#define KIND(k) W_KIND, EV_##k
#define MUST	1
#define MAY	0

#define CLOSES "none|fin|rst|timeout|evicted|drain|service_gone|idle|bytes_over|unknown"
#define ENDINGS "exit|wall_time|idle|cpu|bytes|peer|trip|drain|unknown"

/* clang-format off */
const struct field fields[] = {
{ALL, MUST, T_TIME, "@timestamp", NULL,
    "when it happened, UTC; what arrives by the network has the kernel's stamp"},
{ALL, MUST, T_OBJ, "ecs", NULL, NULL},
{ALL, MUST, T_CONST, "ecs.version", "8.11.0",
    "the Elastic Common Schema whose names are used"},
{ALL, MUST, T_OBJ, "event", NULL, NULL},
{ALL, MUST, T_ACTION, "event.action", NULL, "hpd. and the kind"},
{ALL, MUST, T_ALERT, "event.kind", NULL,
    "alert for what no honest traffic does"},
{ALL, MUST, T_CATEGORY, "event.category", NULL, "by kind"},
{ALL, MUST, T_TYPE, "event.type", NULL, "by kind"},
{ALL, MUST, T_OBJ, "observer", NULL, NULL},
{ALL, MUST, T_TEXT, "observer.name", NULL, "the sensor's name"},
{ALL, MUST, T_CONST, "observer.type", "honeypot", "what the sensor is"},
{ALL, MUST, T_CONST, "observer.vendor", "hpd", "who makes it"},
{ALL, MUST, T_CONST, "observer.product", "hpd", "its name"},
{ALL, MUST, T_TEXT, "observer.version", NULL, "of the suite"},
{ALL, MUST, T_OBJ, "hpd", NULL, NULL},
{ALL, MUST, T_ONE, "hpd.schema", NULL, "version of this format"},
{ALL, MUST, T_HEX64, "hpd.boot", NULL, "one start of the suite"},
{ALL, MUST, T_U64, "hpd.seq", NULL,
    "number of the record among those of its producer's life; a jump is a loss"},
{ALL, MUST, T_PRODUCER, "hpd.producer", NULL, "the process that says it"},
{ALL, MUST, T_U8, "hpd.instance", NULL, "which of them"},
{ALL, MAY, T_HEX64, "hpd.run", NULL,
    "which life of the producer: hpd.seq begins anew with each"},
{ALL, MAY, T_HEX64, "hpd.session", NULL,
    "the session it belongs to; never used twice in a start"},
{ALL, MUST, T_COUNT, "hpd.count", NULL,
    "how many packets, frames or lines the record stands for"},
{ALL, MAY, T_SEAL, "seal", NULL,
    "place in the chain and tag of the seal, see hpview(1); at the end"},

{ENDS, MAY, T_OBJ, "source", NULL, NULL},
{ENDS, MAY, T_IP, "source.ip", NULL,
    "the peer; not there where a record stands for many"},
{ENDS, MAY, T_U16, "source.port", NULL, "with TCP and UDP"},
{ENDS, MAY, T_OBJ, "destination", NULL, NULL},
{ENDS, MAY, T_IP, "destination.ip", NULL, "the decoy"},
{ENDS, MAY, T_U16, "destination.port", NULL, "with TCP and UDP"},
{ENDS, MAY, T_OBJ, "network", NULL, NULL},
{ENDS, MUST, T_WORDS, "network.type", "ipv4|ipv6", "the addresses'"},
{ENDS, MAY, T_WORDS, "network.transport", "tcp|udp|icmp|ipv6-icmp",
    "where it is one of these"},
{ENDS, MAY, T_DIGITS, "network.iana_number", NULL, "of the IP protocol"},
{ENDS, MAY, T_TEXT, "hpd.template", NULL, "the decoy's template"},
{ENDS, MAY, T_TEXT, "hpd.persona", NULL, "the decoy's personality"},
{SELF, MAY, T_OBJ, "process", NULL, NULL},
{SELF, MUST, T_PRODUCER, "process.name", NULL, "as hpd.producer"},

{DATA(PROBE), MAY, T_VERDICT, "hpd.verdict", NULL, "what the decoy did"},
{DATA(PROBE), MAY, T_WORDS, "event.outcome", "success|failure",
    "success: answered"},
{DATA(PROBE), MAY, T_U64, "source.packets", NULL, "as hpd.count"},
{DATA(PROBE), MUST, T_OBJ, "hpd.packet", NULL,
    "the packet, the first one where it stands for several"},
{DATA(PROBE), MUST, T_U16, "hpd.packet.len", NULL, "IP's total length"},
{DATA(PROBE), MUST, T_U8, "hpd.packet.ttl", NULL, "as it arrived"},
{DATA(PROBE), MAY, T_FLAGS, "hpd.packet.tcp_flags", NULL,
    "FIN, SYN, RST, PSH, ACK, URG, ECE, CWR by their first letters"},
{DATA(PROBE), MAY, T_U16, "hpd.packet.window", NULL, "with TCP, unscaled"},
{DATA(PROBE), MAY, T_U16, "hpd.packet.icmp_type", NULL, "with ICMP"},
{DATA(PROBE), MAY, T_U16, "hpd.packet.icmp_code", NULL, "with ICMP"},

{DATA(FLOOD), MAY, T_VERDICT, "hpd.verdict", NULL, "what the decoy did"},
{DATA(FLOOD), MAY, T_U64, "source.packets", NULL,
    "as hpd.count, where it counts packets"},
{DATA(FLOOD), MUST, T_OBJ, "hpd.flood", NULL, NULL},
{DATA(FLOOD), MUST, T_KIND, "hpd.flood.of", NULL,
    "what was folded: a kind of probe, or tcp.close for connections that had "
    "neither service nor data and no records of their own"},
{DATA(FLOOD), MUST, T_U32, "hpd.flood.decoys", NULL,
    "different decoys; those that share their lower 16 bits count once"},
{DATA(FLOOD), MAY, T_IP, "hpd.flood.decoy_low", NULL, "the lowest address"},
{DATA(FLOOD), MAY, T_IP, "hpd.flood.decoy_high", NULL, "the highest"},
{DATA(FLOOD), MAY, T_U32, "hpd.flood.ports", NULL,
    "different ports of decoys, with TCP and UDP"},
{DATA(FLOOD), MAY, T_U16, "hpd.flood.port_low", NULL, "the lowest"},
{DATA(FLOOD), MAY, T_U16, "hpd.flood.port_high", NULL, "the highest"},
{DATA(FLOOD), MUST, T_U64, "hpd.flood.duration_ns", NULL,
    "from the first to the last"},
{DATA(FLOOD), MUST, T_OBJ, "hpd.packet", NULL, "the first of them, as of a probe"},
{DATA(FLOOD), MUST, T_U16, "hpd.packet.len", NULL, NULL},
{DATA(FLOOD), MUST, T_U8, "hpd.packet.ttl", NULL, NULL},
{DATA(FLOOD), MAY, T_FLAGS, "hpd.packet.tcp_flags", NULL, NULL},
{DATA(FLOOD), MAY, T_U16, "hpd.packet.window", NULL, NULL},
{DATA(FLOOD), MAY, T_U16, "hpd.packet.icmp_type", NULL, NULL},
{DATA(FLOOD), MAY, T_U16, "hpd.packet.icmp_code", NULL, NULL},

{DATA(FLOW), MAY, T_TEXT, "hpd.service", NULL,
    "the command of the service; none: an open port without one"},
{KIND(TCP_OPEN), MUST, T_CONST, "event.outcome", "success", "the peer got what it wanted"},
{KIND(UDP_OPEN), MUST, T_CONST, "event.outcome", "success", "the peer got what it wanted"},
{KIND(TCP_CLOSE), MUST, T_U64, "event.duration", NULL, "nanoseconds"},
{KIND(UDP_CLOSE), MUST, T_U64, "event.duration", NULL, "nanoseconds"},
{KIND(TCP_CLOSE), MAY, T_U64, "source.bytes", NULL, "payload from the peer"},
{KIND(UDP_CLOSE), MAY, T_U64, "source.bytes", NULL, "payload from the peer"},
{KIND(TCP_CLOSE), MAY, T_U64, "destination.bytes", NULL,
    "payload to the peer, what was sent again counted again"},
{KIND(UDP_CLOSE), MAY, T_U64, "destination.bytes", NULL, "payload to the peer"},
{KIND(TCP_CLOSE), MUST, T_WORDS, "hpd.why", CLOSES, "how it ended"},
{KIND(UDP_CLOSE), MUST, T_WORDS, "hpd.why", CLOSES, "how it ended"},
{DATA(FLOW), MAY, T_VERDICT, "hpd.verdict", NULL, "what the decoy did"},

/* What the sender's first packet told; behind probes and flows alike. */
#define SENDER(d)                                                             \
{DATA(d), MAY, T_OBJ, "hpd.source", NULL, NULL},                              \
{DATA(d), MAY, T_OBJ, "hpd.source.os", NULL,                                  \
    "the sender's system by the looks of its packet"},                        \
{DATA(d), MUST, T_TEXT, "hpd.source.os.name", NULL, "such as Linux"},         \
{DATA(d), MAY, T_TEXT, "hpd.source.os.version", NULL, "such as 4.20 and newer"}, \
{DATA(d), MUST, T_TEXT, "hpd.source.os.full", NULL, "both"},                  \
{DATA(d), MUST, T_TEXT, "hpd.source.os.class", NULL, "such as unix"},         \
{DATA(d), MAY, T_U8, "hpd.source.distance", NULL, "routers on its way, by TTL"}, \
{DATA(d), MAY, T_OBJ, "hpd.tool", NULL, "the program that made the packet"},  \
{DATA(d), MUST, T_TEXT, "hpd.tool.name", NULL, "such as Nmap"},               \
{DATA(d), MAY, T_TEXT, "hpd.tool.mode", NULL, "such as SYN scan"}
SENDER(PROBE),
SENDER(FLOW),
SENDER(FLOOD),

{KIND(ARP_CLAIM), MAY, T_MAC, "destination.mac", NULL, "the decoy's"},
{KIND(ARP_YIELD), MAY, T_MAC, "source.mac", NULL, "the owner's"},
{KIND(ARP_CONFLICT), MAY, T_MAC, "source.mac", NULL, "the other's"},
{DATA(MAC), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

{DATA(EXIT), MUST, T_WORDS, "event.outcome", "success|failure",
    "success: it ended with code 0"},
{DATA(EXIT), MUST, T_U64, "event.duration", NULL, "nanoseconds"},
{DATA(EXIT), MAY, T_U64, "source.bytes", NULL, "from the peer, where known"},
{DATA(EXIT), MAY, T_U64, "destination.bytes", NULL, "to the peer, where known"},
{DATA(EXIT), MUST, T_WORDS, "hpd.why", ENDINGS, "who or what ended it"},
{DATA(EXIT), MAY, T_U32, "hpd.exit_code", NULL, "where it ended by itself"},
{DATA(EXIT), MAY, T_U32, "hpd.exit_signal", NULL, "the signal it died of"},
{DATA(EXIT), MUST, T_U32, "hpd.rss_kb", NULL, "the most memory it had"},
{DATA(EXIT), MUST, T_U64, "hpd.cpu_us", NULL, "processor time"},
{DATA(EXIT), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

{KIND(SVC_START), MUST, T_CONST, "event.outcome", "success", "the peer got what it wanted"},
{KIND(SVC_START), MUST, T_TEXT, "hpd.service", NULL, "the command"},
{KIND(SVC_TRIP), MUST, T_CONST, "event.outcome", "failure", "the peer did not"},
{KIND(SVC_TRIP), MUST, T_TEXT, "hpd.service", NULL, "the command"},
{KIND(SVC_DENIED), MUST, T_CONST, "event.outcome", "failure", "the peer did not"},
{KIND(SVC_DENIED), MAY, T_VERDICT, "hpd.verdict", NULL, "why it got none"},
{KIND(SVC_LOST), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},
{KIND(SVC_FIELD), MAY, T_SCRIPT, "hpd.script", NULL,
    "the script's own fields: a flat object of strings, numbers, true, false "
    "and null"},
{KIND(SVC_FIELD), MAY, T_TEXT, "hpd.script_text", NULL,
    "its line, where that is not such an object"},
{DATA(RAW), MAY, T_B64, "hpd.raw_b64", NULL,
    "the exact bytes, where the text does not tell them"},
{DATA(RAW), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},
{KIND(SVC_LINE), MUST, T_TEXT, "message", NULL,
    "the line; bytes that are no printable text are shown as \\uXXXX"},

{DATA(CHUNK), MUST, T_OBJ, "hpd.data", NULL, NULL},
{DATA(CHUNK), MUST, T_WORDS, "hpd.data.direction", "in|out",
    "from the peer or to it"},
{DATA(CHUNK), MUST, T_U64, "hpd.data.offset", NULL,
    "bytes of this direction before these"},
{DATA(CHUNK), MAY, T_TRUE, "hpd.data.cut", NULL,
    "the transcript ends here, the session went on"},
{DATA(CHUNK), MAY, T_TRUE, "hpd.data.datagram", NULL, "one datagram"},
{DATA(CHUNK), MAY, T_B64, "hpd.raw_b64", NULL,
    "the exact bytes, where the text does not tell them"},
{DATA(CHUNK), MUST, T_TEXT, "message", NULL, "the bytes as text, as of svc.line"},
{DATA(CHUNK), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

#define MESSAGE(k, m) {KIND(k), MUST, T_TEXT, "message", NULL, m}
MESSAGE(NET_DROP, "the reason"),
MESSAGE(NET_LIMIT, "what was full"),
MESSAGE(NET_LINK, "the interface and what became of it"),
MESSAGE(START, "version and how it was started"),
MESSAGE(STOP, "why"),
MESSAGE(PROC_UP, "name and pid"),
MESSAGE(PROC_DOWN, "name, pid, code or signal"),
MESSAGE(SANDBOX_MISSING, "the step"),
MESSAGE(SANDBOX_KILL, "which process"),
MESSAGE(RELOAD, "the generation, or why it was refused"),
MESSAGE(CHAN_BROKEN, "who, and what was wrong"),
MESSAGE(LOG_LEVEL, "what is left out (hpd.verdict: no_frames, fold; none: nothing) and why"),
MESSAGE(LOG_TEXT, "what happened"),
MESSAGE(LOG_SKIP, "the datagram in hexadecimal"),
MESSAGE(DIAG, "the message"),
{KIND(DIAG), MUST, T_WORDS, "hpd.level", "fatal|warning|info|debug|unknown",
    "how bad it is"},
{DATA(TEXT), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

{DATA(LOST), MUST, T_OBJ, "hpd.lost", NULL, NULL},
{DATA(LOST), MUST, T_U64, "hpd.lost.first", NULL,
    "hpd.seq of the first that is not there; of ship.lost the last change of "
    "the segment in nanoseconds since 1970"},
{DATA(LOST), MUST, T_U64, "hpd.lost.last", NULL, "of the last, likewise"},
{DATA(LOST), MUST, T_U64, "hpd.lost.count", NULL, "how many records"},
{DATA(LOST), MUST, T_PROC, "hpd.lost.producer", NULL, "whose"},
{DATA(LOST), MUST, T_U8, "hpd.lost.instance", NULL, "which of them"},
{DATA(LOST), MUST, T_WORDS, "hpd.lost.class", "events|probes|frames|unknown",
    "which kind of records"},
{DATA(LOST), MAY, T_U64, "hpd.lost.packets", NULL,
    "of probes: the sum of their hpd.count"},
{DATA(LOST), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

{DATA(SEGMENT), MUST, T_OBJ, "hpd.segment", NULL, NULL},
{DATA(SEGMENT), MUST, T_STREAM, "hpd.segment.stream", NULL, "of which stream"},
{DATA(SEGMENT), MUST, T_U32, "hpd.segment.number", NULL, "as in its file's name"},
{DATA(SEGMENT), MUST, T_WORDS, "hpd.segment.phase", "begin|end", NULL},
{DATA(SEGMENT), MUST, T_U64, "hpd.segment.ordinal", NULL,
    "which start of the suite under this seal key"},
{DATA(SEGMENT), MAY, T_WORDS, "hpd.segment.why",
    "size|age|error|start|restart|stop|unknown",
    "why there is a new one, or why it ends"},
{DATA(SEGMENT), MAY, T_U32, "hpd.segment.error", NULL, "errno, with error"},
{DATA(SEGMENT), MAY, T_U32, "hpd.segment.prev_number", NULL,
    "begin: the segment before it"},
{DATA(SEGMENT), MAY, T_U64, "hpd.segment.prev_ordinal", NULL,
    "begin: the start that the next three are of"},
{DATA(SEGMENT), MAY, T_TAG, "hpd.segment.prev_tag", NULL,
    "begin: tag of the last record before it"},
{DATA(SEGMENT), MAY, T_U64, "hpd.segment.doubt_from", NULL,
    "begin: places in the chain from here on ..."},
{DATA(SEGMENT), MAY, T_U64, "hpd.segment.doubt_to", NULL,
    "... up to before this one may have been written or not"},
{DATA(SEGMENT), MAY, T_U64, "hpd.segment.lines", NULL,
    "end: in it, this one not counted"},
{DATA(SEGMENT), MAY, T_U64, "hpd.segment.bytes", NULL, "end: likewise"},
{DATA(SEGMENT), MAY, T_COUNTS, "hpd.segment.records", NULL,
    "end: lines of each kind in it"},
{DATA(SEGMENT), MAY, T_COUNTS, "hpd.segment.packets", NULL,
    "end: the sums of their hpd.count"},
{DATA(SEGMENT), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

{DATA(RETIRED), MUST, T_OBJ, "hpd.retired", NULL, NULL},
{DATA(RETIRED), MUST, T_STREAM, "hpd.retired.stream", NULL, "of which stream"},
{DATA(RETIRED), MUST, T_U32, "hpd.retired.number", NULL, "which segment"},
{DATA(RETIRED), MUST, T_TEXT, "hpd.retired.name", NULL, "of the file"},
{DATA(RETIRED), MUST, T_U64, "hpd.retired.bytes", NULL, "of the file"},
{DATA(RETIRED), MUST, T_TIME, "hpd.retired.newest", NULL, "its last change"},
{DATA(RETIRED), MUST, T_WORDS, "hpd.retired.why",
    "budget|stream|reserve|age|unknown",
    "the budget of all, of the stream, free space, log keep"},
{DATA(RETIRED), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

{DATA(FOLD), MUST, T_OBJ, "hpd.folded", NULL, NULL},
{DATA(FOLD), MUST, T_KIND, "hpd.folded.kind", NULL, "of which kind"},
{DATA(FOLD), MUST, T_U64, "hpd.folded.records", NULL,
    "records that were not written"},
{DATA(FOLD), MUST, T_U64, "hpd.folded.packets", NULL,
    "the sum of their hpd.count"},
{DATA(FOLD), MAY, T_U64, "hpd.folded.bytes", NULL, "of frames: on the wire"},
{DATA(FOLD), MUST, T_TIME, "hpd.folded.first", NULL, "of the first of them"},
{DATA(FOLD), MUST, T_TIME, "hpd.folded.last", NULL, "of the last"},
{DATA(FOLD), MUST, T_WORDS, "hpd.folded.why", "level|stopped|unknown",
    "level: log.level says so; stopped: the stream took nothing more"},
{DATA(FOLD), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

{DATA(DIGEST), MUST, T_OBJ, "hpd.digest", NULL, NULL},
{DATA(DIGEST), MUST, T_STREAM, "hpd.digest.stream", NULL, "of which stream"},
{DATA(DIGEST), MUST, T_U32, "hpd.digest.number", NULL, "which segment"},
{DATA(DIGEST), MUST, T_U64, "hpd.digest.bytes", NULL,
    "of the file from its start"},
{DATA(DIGEST), MUST, T_BOOL, "hpd.digest.final", NULL, "it is closed"},
{DATA(DIGEST), MUST, T_HEX256, "hpd.digest.blake2b", NULL,
    "BLAKE2b-256 of those bytes"},
{DATA(DIGEST), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},

{DATA(LOGSTATS), MUST, T_OBJ, "hpd.stats", NULL, "since the last one"},
{DATA(LOGSTATS), MUST, T_U64, "hpd.stats.records", NULL, "taken"},
{DATA(LOGSTATS), MUST, T_U64, "hpd.stats.lines", NULL, "written"},
{DATA(LOGSTATS), MUST, T_U64, "hpd.stats.bytes", NULL, "written"},
{DATA(LOGSTATS), MUST, T_U64, "hpd.stats.lost", NULL, "records lost"},
{DATA(LOGSTATS), MUST, T_U64, "hpd.stats.folded", NULL,
    "records that became a count"},
{DATA(LOGSTATS), MUST, T_U64, "hpd.stats.lag_max_us", NULL,
    "from a record's time to the line, the longest"},
{DATA(LOGSTATS), MUST, T_U64, "hpd.stats.syncs", NULL, "to the disk"},
{DATA(LOGSTATS), MUST, T_U64, "hpd.stats.sync_max_us", NULL, "the longest"},
{DATA(LOGSTATS), MAY, T_VERDICT, "hpd.verdict", NULL, NULL},
};
/* clang-format on */
const size_t nfields = sizeof(fields) / sizeof(fields[0]);

int
kind_has_lines(const struct event_row *r)
{
	return r->stream != STREAM_PCAP;
}

int
field_of(const struct field *f, const struct event_row *r)
{
	if (f->where == W_DATA)
		return f->of == r->data;
	return f->where != W_KIND || f->of == r->kind;
}
