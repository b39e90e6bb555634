/* SPDX-License-Identifier: ISC */
/*
 * Events: what every process tells hpd-log. A fixed 64-byte record, optional
 * typed data behind it; kinds with stable dotted names in one table (event.c).
 * A new kind: one id here, one row there, one case in the JSON writer's test.
 */
#ifndef HPD_EVENT_H
#define HPD_EVENT_H

#include <stddef.h>
#include <stdint.h>

enum event_kind {
	EV_NONE = 0,
	/* packets and flows (hpd-net) */
	EV_TCP_PROBE = 1,   /* a segment that made no connection: data ev_probe */
	EV_TCP_OPEN = 2,    /* handshake complete: ev_flow */
	EV_TCP_CLOSE = 3,   /* that connection ended: ev_flow */
	EV_UDP_PROBE = 4,   /* ev_probe */
	EV_UDP_OPEN = 5,    /* first datagram of a flow with a service */
	EV_UDP_CLOSE = 6,   /* ev_flow */
	EV_ICMP_PROBE = 7,  /* ev_probe; sport = type, dport = code */
	EV_IP_PROBE = 8,    /* other protocol: ev_probe */
	EV_ARP_CLAIM = 9,   /* we now answer for dst: ev_mac */
	EV_ARP_YIELD = 10,  /* a real owner showed up: ev_mac (its MAC) */
	EV_ARP_CONFLICT = 11, /* somebody claims our address: ev_mac */
	EV_FLOOD = 12,	    /* probes folded into one record: count, ev_flood;
			       src zero when many sources */
	EV_NET_DROP = 13,   /* count frames dropped; text = reason */
	EV_NET_LIMIT = 14,  /* a table or queue was full; text names it */
	EV_NET_LINK = 15,   /* text: "eth0 down", "eth0 gone" */
	EV_TOOL = 16,	    /* a tool that asks for our system: ev_probe; count
			       of its probes */
	EV_FRAME = 17,	    /* ev_frame and the frame's bytes: pcap stream only,
			       never JSON */
	EV_TCP_CONNECTS = 18, /* connections without script and data folded
			       into one record: count, ev_flood (of:
			       EV_TCP_CLOSE); src as EV_FLOOD's */
	/* sessions and scripts (hpd-svc, hpd-net) */
	EV_SVC_START = 20,  /* text: service name */
	EV_SVC_LINE = 21,   /* a line of the script's stderr, raw bytes */
	EV_SVC_FIELD = 22,  /* a JSON line of fd 3, raw bytes */
	EV_SVC_EXIT = 23,   /* ev_exit */
	EV_SVC_TRIP = 24,   /* script died of SIGSYS: text service name */
	EV_SVC_DENIED = 25, /* verdict = enum svc_denied */
	EV_SVC_LOST = 26,   /* count lines of a script dropped by its bucket */
	EV_SESSION_DATA = 27, /* ev_chunk and bytes: the session's transcript */
	/* the suite itself */
	EV_START = 40,	    /* text: version and how it was started */
	EV_STOP = 41,
	EV_PROC_UP = 42,    /* text: "hpd-net pid 123"; */
	EV_PROC_DOWN = 43,  /* text: "hpd-net: signal 11 ..." */
	EV_SANDBOX_MISSING = 44, /* if-present step not there: text names it */
	EV_SANDBOX_KILL = 45, /* a child of ours died of SIGSYS */
	EV_RELOAD = 46,	    /* text: generation or why refused */
	EV_CHAN_BROKEN = 47, /* text: who, step, type */
	EV_LOG_LOST = 48,   /* ev_lost */
	EV_LOG_SEGMENT = 49, /* ev_segment: a segment begins or ends */
	EV_LOG_SKIP = 50,   /* a datagram skipped: hex in data */
	EV_LOG_GAP = 51,    /* hpd-log saw a sequence jump: ev_lost */
	EV_DIAG = 52,	    /* verdict = enum diag level; text */
	EV_LOG_RETIRED = 53, /* ev_retired: the parent removes a segment */
	EV_LOG_FOLDED = 54, /* ev_fold: records that became a count */
	EV_LOG_LEVEL = 55,  /* text: space is short, or is not any more */
	EV_LOG_DIGEST = 56, /* ev_digest of a stream that has no seal itself */
	EV_LOG_STATS = 57,  /* ev_logstats: ten seconds of hpd-log */
	EV_LOG_TEXT = 58,   /* text: what else happens to a stream */
	EV_SHIP_LOST = 59,  /* ev_lost: lines (count) not sent on as syslog;
			       the log has them */
	EV_KIND_MAX = 64
};

enum event_verdict { /* what the decoy did, for probes */
	VERDICT_NONE = 0,
	VERDICT_OPEN = 1,
	VERDICT_CLOSED = 2,
	VERDICT_FILTERED = 3,
	VERDICT_REPLIED = 4,
	VERDICT_LIMITED = 5, /* would have answered; a rate limit said no */
	VERDICT_IGNORED = 6
};

struct event {
	uint16_t len;	 /* record + data, multiple of 8, 64..EVENT_MAX */
	uint16_t kind;	 /* enum event_kind */
	uint8_t proto;	 /* IPPROTO_* or 0 */
	uint8_t verdict; /* enum event_verdict, or by kind as above */
	uint8_t ver;	 /* 4, 6, or 0: no addresses */
	uint8_t pad;	 /* unused bytes at the end of data, 0..7 */
	int64_t wall_ns; /* UTC since 1970 */
	uint64_t session; /* 0 none */
	uint8_t src[16], dst[16];
	uint16_t sport, dport; /* host byte order */
	uint32_t count;	       /* 1, or how many this record stands for */
};
_Static_assert(sizeof(struct event) == 64, "event");
#define EVENT_MAX      (64 + 4096)
#define EVENT_DATA_MAX 4096

struct ev_probe {
	uint16_t ip_len; /* IP total length */
	uint8_t tcp_flags;
	uint8_t ttl;
	uint16_t window;
	uint16_t srcos; /* of the sender: row of IMG_SRCOS plus 1, or 0 */
};

struct ev_flood { /* dst and ports of the record: of the first */
	struct ev_probe first;
	int64_t last_ns; /* wall, of the last; the record's: of the first */
	uint8_t dst_low[16], dst_high[16]; /* decoys, as numbers */
	uint16_t port_low, port_high;	   /* of decoys; TCP and UDP */
	uint32_t nports; /* different ones */
	uint32_t ndecoys; /* different ones; those that share their lower 16
			     bits count once */
	uint16_t of; /* enum event_kind: a probe's; EV_TCP_CLOSE in
			EV_TCP_CONNECTS */
	uint16_t reserved;
};
_Static_assert(sizeof(struct ev_flood) == 64, "ev_flood");

struct ev_flow {
	uint64_t bytes_in;  /* payload from the peer */
	uint64_t bytes_out; /* payload to the peer, retransmissions counted */
	uint64_t duration_ns;
	uint32_t service; /* index in the image, UINT32_MAX none */
	uint8_t why;	  /* close: 1 fin, 2 rst, 3 timeout, 4 evicted, 5 drain,
			     6 service gone, 7 idle, 8 bytes over */
	uint8_t ttl;	  /* of the packet that told srcos; 0 unknown */
	uint16_t srcos;	  /* as in ev_probe */
};

struct ev_mac {
	uint8_t mac[6];
	uint16_t reserved;
};

struct ev_exit {
	int32_t status; /* exit code or -signal */
	uint32_t rss_kb;
	uint64_t cpu_us, wall_us;
	uint64_t bytes_in, bytes_out; /* 0: unknown to the sender */
	uint32_t why;		      /* enum svc_end */
	uint32_t reserved;
};

struct ev_chunk { /* EV_SESSION_DATA; bytes follow, at most EV_CHUNK_MAX */
	uint64_t offset; /* bytes of this direction before these */
	uint8_t out;	 /* 0 from the peer, 1 to the peer */
	uint8_t flags;	 /* EV_CHUNK_* */
	uint16_t reserved[3];
};
#define EV_CHUNK_CUT  0x01 /* the cap: what follows is not kept */
#define EV_CHUNK_DGRAM 0x02 /* one datagram */
#define EV_CHUNK_MAX  (EVENT_DATA_MAX - 16)

struct ev_frame { /* EV_FRAME; bytes follow, at most EV_FRAME_MAX */
	uint32_t wire_len; /* bytes on the wire; fewer may follow */
	uint16_t unit;	   /* which interface */
	uint8_t out;	   /* 0 received, 1 sent */
	uint8_t reserved;
};
#define EV_FRAME_MAX (EVENT_DATA_MAX - 8)

struct ev_segment {
	uint32_t stream, number;
	uint32_t phase; /* 1 begins, 2 ends */
	uint32_t why;	/* 0, or why the last one ended: enum segment_why */
	int32_t error;	/* errno with SEG_FULL_ERROR */
	uint32_t prev_number; /* begins: the segment before in this stream */
	uint64_t ordinal;	 /* start of the suite under this seal key */
	uint64_t lines, bytes; /* ends: in it, this record not counted */
	uint64_t doubt_from, doubt_to; /* begins: indices that an hpd-log that
			 died may or may not have written; equal: none */
	uint8_t prev_tag[16]; /* begins: tag of the last record written */
	uint64_t prev_ordinal; /* begins: ordinal, or in a start's first the
			 one prev_*, doubt_* are of (common/seal.h) */
};

enum retire_why { /* also why a level changes */
	RETIRE_BUDGET = 1,  /* the total */
	RETIRE_STREAM = 2,  /* the stream's own budget */
	RETIRE_RESERVE = 3, /* free space of the file system */
	RETIRE_AGE = 4	    /* log keep */
};

struct ev_retired {
	uint32_t stream, number;
	uint32_t why; /* enum retire_why */
	uint32_t reserved;
	uint64_t bytes;
	int64_t newest_ns; /* its last change, wall */
	char name[64];	   /* of the file, NUL-ended */
};

struct ev_fold { /* count of the record: see sum */
	uint64_t records; /* that were not written */
	uint64_t sum;	  /* of their counts */
	uint64_t bytes;	  /* frames: on the wire */
	int64_t first_ns, last_ns; /* wall, of those records */
	uint32_t kind; /* enum event_kind */
	uint32_t why;  /* enum fold_why */
};
enum fold_why { FOLD_LEVEL = 1, FOLD_STOPPED = 2 };

struct ev_digest {
	uint32_t stream, number;
	uint64_t bytes; /* of the file from its start */
	uint32_t final; /* 1: it is closed */
	uint32_t reserved;
	uint8_t hash[32]; /* BLAKE2b-256 of those bytes */
};

struct ev_logstats {
	uint64_t records, lines, bytes; /* since the last one */
	uint64_t lost, folded;		/* records, likewise */
	uint64_t lag_max_us; /* record's time to written, the longest */
	uint64_t syncs, sync_max_us;
};

enum lost_class { /* what a full ring refuses first is last here */
	LOST_EVENTS = 0, /* sessions and the suite; gaps: of any class */
	LOST_PROBES = 1, /* kinds of the probes stream */
	LOST_FRAMES = 2,
	LOST_MAX
};

struct ev_lost {
	uint64_t first, last, count; /* count: records */
	uint32_t proc;		     /* whose */
	uint8_t instance;
	uint8_t what; /* enum lost_class */
	uint16_t reserved;
	uint64_t packets; /* log.lost of probes: sum of the records' counts,
			     so that the sums of the log stay exact; else 0 */
};

enum ev_data { /* what follows the record */
	EVD_NONE,
	EVD_PROBE,
	EVD_FLOW,
	EVD_MAC,
	EVD_EXIT,
	EVD_LOST,
	EVD_TEXT, /* our own words, UTF-8 */
	EVD_RAW,  /* somebody else's bytes */
	EVD_CHUNK, /* ev_chunk, then somebody else's bytes */
	EVD_FRAME, /* ev_frame, then a frame */
	EVD_SEGMENT,
	EVD_RETIRED,
	EVD_FOLD,
	EVD_DIGEST,
	EVD_LOGSTATS,
	EVD_FLOOD
};

struct event_row {
	uint16_t kind;
	const char *name;     /* "tcp.probe": ECS event.action is "hpd." + it */
	uint8_t data;	      /* enum ev_data */
	uint16_t producers;   /* 1 << enum proc: who may say it */
	uint8_t stream;	      /* enum log_stream it is written to */
	const char *category; /* ECS event.category */
	const char *type;     /* ECS event.type */
	const char *meaning;  /* one line for the manual */
};

/* Row of a kind, or NULL. */
const struct event_row *event_row(uint16_t kind);
extern const struct event_row event_rows[];
extern const size_t event_nrows;

/* Is this record (len bytes available) well formed and may proc say it?
 * Returns its length, or 0. */
size_t event_check(const void *rec, size_t avail, uint8_t proc);

/* Data of a record: pointer, length without padding in *len. */
const void *event_data(const struct event *, size_t *len);

#endif
