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
	EV_FLOOD = 12,	    /* probes folded into one record: count, ev_probe
			       of the first; src zero when many sources */
	EV_NET_DROP = 13,   /* count frames dropped; text = reason */
	EV_NET_LIMIT = 14,  /* a table or queue was full; text names it */
	EV_NET_LINK = 15,   /* text: "eth0 down", "eth0 gone" */
	EV_TOOL = 16,	    /* a tool that asks for our system: ev_probe; count
			       of its probes */
	/* sessions and scripts (hpd-svc, hpd-net) */
	EV_SVC_START = 20,  /* text: service name */
	EV_SVC_LINE = 21,   /* a line of the script's stderr, raw bytes */
	EV_SVC_FIELD = 22,  /* a JSON line of fd 3, raw bytes */
	EV_SVC_EXIT = 23,   /* ev_exit */
	EV_SVC_TRIP = 24,   /* script died of SIGSYS: text service name */
	EV_SVC_DENIED = 25, /* verdict = enum svc_denied */
	EV_SVC_LOST = 26,   /* count lines of a script dropped by its bucket */
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
	EV_LOG_SEGMENT = 49, /* text: new segment begins, why */
	EV_LOG_SKIP = 50,   /* a datagram skipped: hex in data */
	EV_LOG_GAP = 51,    /* hpd-log saw a sequence jump: ev_lost */
	EV_DIAG = 52,	    /* verdict = enum diag level; text */
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

struct ev_lost {
	uint64_t first, last, count;
	uint32_t proc, instance; /* whose */
};

enum ev_data { /* what follows the record */
	EVD_NONE,
	EVD_PROBE,
	EVD_FLOW,
	EVD_MAC,
	EVD_EXIT,
	EVD_LOST,
	EVD_TEXT, /* our own words, UTF-8 */
	EVD_RAW	  /* somebody else's bytes */
};

struct event_row {
	uint16_t kind;
	const char *name;     /* "tcp.probe": ECS event.action is "hpd." + it */
	uint8_t data;	      /* enum ev_data */
	uint16_t producers;   /* 1 << enum proc: who may say it */
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
