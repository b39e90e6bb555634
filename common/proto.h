/* SPDX-License-Identifier: ISC */
/*
 * hpd-proto: every message that passes between the processes. Ids, payload
 * structs, size asserts; no code. The rules (who to whom, when, how long, with
 * a descriptor or not) are the rows of proto_table.c.
 *
 * Transport: AF_UNIX SOCK_SEQPACKET pairs, one recvmsg is one message, at most
 * one descriptor. Host byte order, same build at both ends (HELLO compares).
 * No pointer, enum, bool, int or long in a wire struct; reserved bytes zero.
 * Addresses are in network byte order; IPv4 ones occupy the first four bytes
 * of a 16-byte field, the rest zero.
 */
#ifndef HPD_PROTO_H
#define HPD_PROTO_H

#include <stdint.h>

#define PROTO_MAGIC	  0x4850
#define PROTO_VERSION	  1
#define PROTO_MAX_PAYLOAD 16384
#define PROTO_F_FD	  0x01 /* hdr.flags: one descriptor rides along */

struct proto_hdr {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint16_t type;
	uint16_t reserved;
	uint32_t len; /* payload bytes */
	uint32_t seq; /* per direction, starts at 0, +1 each */
	uint64_t id;  /* session id for SVC_*, else 0 */
};
_Static_assert(sizeof(struct proto_hdr) == 24, "proto_hdr");

#define PROTO_MAX_MSG (sizeof(struct proto_hdr) + PROTO_MAX_PAYLOAD)

enum msg_type {
	MSG_NONE = 0,
	MSG_HELLO = 0x0001,
	MSG_IMAGE = 0x0002,
	MSG_IMAGE_ACK = 0x0003,
	MSG_READY = 0x0004,
	MSG_START = 0x0005,
	MSG_DRAIN = 0x0006,
	MSG_STOP = 0x0007,
	MSG_STATS_REQ = 0x0008,
	MSG_STATS = 0x0009,
	MSG_PEER_DOWN = 0x000a,
	MSG_PEER_UP = 0x000b,
	MSG_TROUBLE = 0x000c, /* child > parent: a peer's channel was broken */
	MSG_NET_IFACE = 0x0101,
	MSG_NET_LINK = 0x0102, /* link up, down, gone; new mtu */
	MSG_NET_OWNED = 0x0103, /* an address that is the sensor's or gateway's */
	MSG_SVC_OPEN = 0x0301,
	MSG_SVC_OPENED = 0x0302,
	MSG_SVC_DENIED = 0x0303,
	MSG_SVC_EXIT = 0x0304,
	MSG_SVC_CLOSE = 0x0305,
	MSG_LOG_SEGMENT = 0x0401,
	MSG_LOG_FULL = 0x0402, /* log > parent: next segment, please */
	MSG_EVENTS = 0x0403,
	MSG_SEALED = 0x0404,
	MSG_LOG_SKIP = 0x0405, /* parent > log: two deaths on one datagram */
	MSG_LOG_LEVEL = 0x0406, /* parent > log: how short space is */
	MSG_SEAL_PAGE = 0x0407, /* parent > log: the seal's state, shared */
	MSG_SEAL_FILE = 0x0408, /* parent > log: where it is kept on disk */
	MSG_SHIP_SEGMENT = 0x0409, /* parent > ship: a segment to read */
	MSG_SHIP_SOCKET = 0x040a, /* parent > ship: a connected socket */
	MSG_SHIP_DOWN = 0x040b /* ship > parent: that socket failed */
};

struct msg_hello {
	uint32_t proto_version;
	uint8_t proc; /* enum proc of the sender */
	uint8_t instance;
	uint16_t reserved;
	uint8_t build[20]; /* build id, compared at both ends */
	uint32_t reserved2;
};
_Static_assert(sizeof(struct msg_hello) == 32, "msg_hello");

struct msg_image { /* + fd: sealed memfd, O_RDONLY */
	uint32_t generation;
	uint32_t size; /* bytes */
};

struct msg_image_ack {
	uint32_t generation;
	uint32_t result; /* 0 taken, else enum image_err */
};

struct msg_ready {
	uint32_t generation; /* of the image it runs with; 0 if none */
	uint32_t missing;    /* bit i: sandbox_need row i was not present */
};

struct msg_start {
	uint8_t key[16];  /* sensor key: everything derived per decoy */
	uint64_t boot;	  /* identifies this start of the suite in the log */
	uint64_t session; /* first session id to use (ids never repeat) */
	uint8_t reserved[32];
};
_Static_assert(sizeof(struct msg_start) == 64, "msg_start");

struct msg_drain {
	uint32_t ms; /* finish what you can within this time */
	uint32_t reserved;
};

struct msg_stats { /* followed by count u64 values, see stats.h */
	uint32_t count;
	uint32_t reserved;
};

struct msg_peer { /* PEER_DOWN; PEER_UP + fd: this end of the new pair */
	uint8_t proc;
	uint8_t instance;
	uint8_t slot; /* 0..15: descriptor FD_PEER_MIN + slot */
	uint8_t reserved[5];
};

struct msg_trouble {
	uint8_t proc; /* whose channel broke */
	uint8_t instance;
	uint8_t slot;
	uint8_t step;  /* failed receive check, enum chan_err */
	uint16_t type; /* message type as received, or 0 */
	uint16_t reserved;
};

enum iface_role {
	IFACE_RX = 1,  /* AF_PACKET with TPACKET_V2 ring set up */
	IFACE_TX = 2,  /* AF_PACKET for plain sends (may be the RX one) */
	IFACE_XSK = 3, /* AF_XDP, TX only, copy mode */
	IFACE_UMEM = 4, /* memfd behind the XSK */
	IFACE_GSO = 5, /* AF_PACKET with PACKET_VNET_HDR */
	IFACE_BPF = 6  /* OpenBSD */
};

struct msg_net_iface { /* + fd */
	uint32_t ifindex;
	uint32_t mtu;
	uint8_t role; /* enum iface_role */
	uint8_t slot; /* descriptor FD_PACKET_MIN + slot */
	uint8_t unit; /* which of our interfaces, 0..: roles of one share it */
	uint8_t link_up;
	uint8_t mac[6];
	uint16_t linktype; /* DLT_EN10MB or DLT_RAW */
	uint32_t ring_block_size, ring_block_nr, ring_frame_size, ring_frame_nr;
	uint32_t generation; /* image generation whose nets its filter has */
	uint8_t addr[4];     /* sensor's own IPv4 address there, or zero */
	uint8_t mask[4];
	char name[16]; /* NUL-ended */
};
_Static_assert(sizeof(struct msg_net_iface) == 64, "msg_net_iface");

struct msg_net_link {
	uint8_t unit;
	uint8_t state; /* 0 down, 1 up, 2 interface gone */
	uint16_t reserved;
	uint32_t mtu;
};

struct msg_net_owned {
	uint8_t addr[16];
	uint8_t ver; /* 4 or 6 */
	uint8_t why; /* 1 the sensor's own, 2 a gateway, 3 configured */
	uint8_t unit;
	uint8_t reserved[5];
};

struct msg_svc_open {
	uint32_t generation;
	uint32_t service; /* index in IMG_SERVICES of that generation */
	uint32_t tmpl;	  /* index in IMG_TEMPLATES */
	uint32_t persona; /* index in IMG_PERSONAS */
	uint32_t srcos;	  /* source OS number, 0 unknown */
	uint32_t ifindex;
	uint8_t src[16], dst[16];
	uint16_t sport, dport; /* host byte order */
	uint8_t proto;	       /* IPPROTO_TCP or IPPROTO_UDP */
	uint8_t ver;	       /* 4 or 6 */
	uint16_t reserved;
};
_Static_assert(sizeof(struct msg_svc_open) == 64, "msg_svc_open");

struct msg_svc_opened { /* + fd: session socket */
	uint8_t transport; /* 1 stream, 2 seqpacket */
	uint8_t reserved[7];
};

enum svc_denied {
	DENIED_TOTAL = 1,   /* cap on sessions in all */
	DENIED_SOURCE = 2,  /* cap of this source */
	DENIED_SERVICE = 3, /* cap of this service */
	DENIED_UNKNOWN = 4, /* no such service or generation */
	DENIED_SPAWN = 5,   /* could not be started */
	DENIED_DRAIN = 6,   /* going down */
	DENIED_DOWN = 7	    /* runner not there (said by hpd-net itself) */
};

struct msg_svc_denied {
	uint8_t reason; /* enum svc_denied */
	uint8_t reserved[7];
};

struct msg_svc_exit {
	int32_t status;	   /* exit code, or -signal */
	uint32_t rss_kb;   /* largest resident size */
	uint64_t cpu_us;   /* user + system */
	uint64_t wall_us;
	uint8_t why;	   /* enum svc_end */
	uint8_t reserved[7];
};
_Static_assert(sizeof(struct msg_svc_exit) == 32, "msg_svc_exit");

enum svc_end {
	SVC_END_EXIT = 0,
	SVC_END_WALL = 1,
	SVC_END_IDLE = 2,
	SVC_END_CPU = 3,
	SVC_END_BYTES = 4,
	SVC_END_PEER = 5,  /* SVC_CLOSE came */
	SVC_END_TRIP = 6,  /* SIGSYS: a call only an intruder makes */
	SVC_END_DRAIN = 7
};

struct msg_svc_close {
	uint8_t reason; /* 1 peer closed, 2 reset, 3 timeout, 4 evicted, 5 idle,
			   6 bytes over */
	uint8_t reserved[7];
};

enum log_stream {
	STREAM_EVENTS = 0, /* JSON Lines */
	STREAM_HONEYD = 1, /* honeyd's packet log */
	STREAM_SERVICE = 2, /* honeyd's service log */
	STREAM_PROBES = 3, /* JSON Lines: packets that made no session */
	STREAM_PCAP = 4, /* frames, libpcap's file format */
	STREAM_MAX
};

/* What is written when space is short; each level includes those before. */
enum log_level {
	LEVEL_ALL = 0,
	LEVEL_NO_FRAMES = 1, /* frames are counted, not kept */
	LEVEL_FOLD = 2	     /* and probes become counts in the events stream */
};

struct msg_log_level {
	uint32_t level; /* enum log_level */
	uint32_t why;	/* enum retire_why (event.h); 0 with LEVEL_ALL */
};

struct msg_seal { /* SEAL_PAGE + fd: sealed memfd of SEAL_STATE_SIZE bytes,
		     O_RDWR; SEAL_FILE + fd: regular file, O_WRONLY, no
		     O_APPEND. Once each, before the first LOG_SEGMENT. */
	uint64_t ordinal; /* start number of the suite under this seal key */
};

struct msg_ship_segment { /* + fd: regular file, O_RDONLY */
	uint32_t stream; /* STREAM_EVENTS or STREAM_PROBES */
	uint32_t number;
};

struct msg_ship_socket { /* + fd: connected (or connecting) socket */
	uint8_t transport; /* enum ship_transport */
	uint8_t facility;  /* RFC 5424, 0..23 */
	uint8_t probes;	   /* 1: the probes stream too */
	uint8_t reserved[5];
};

enum ship_transport {
	SHIP_NONE = 0,
	SHIP_UNIX = 1, /* AF_UNIX datagrams: /dev/log */
	SHIP_UDP = 2,
	SHIP_TCP = 3 /* octet counting, RFC 6587 3.4.1 */
};

struct msg_ship_down {
	int32_t error; /* errno */
	uint32_t reserved;
};

struct msg_log_segment { /* + fd: regular file, O_WRONLY|O_APPEND */
	uint32_t stream; /* enum log_stream; descriptor FD_SEGMENT_MIN + it */
	uint32_t number; /* per stream, +1 each */
	uint64_t quota;	 /* bytes this segment may grow to */
};

struct msg_log_full {
	uint32_t stream;
	uint32_t number; /* of the segment that is full */
	uint32_t why;	 /* 1 size, 2 age, 3 error */
	int32_t error;	 /* errno when why is 3 */
};

/* Payload of EVENTS: this head, then count records (event.h), no gaps. */
struct msg_events {
	uint64_t boot;
	uint64_t first_seq;	/* records carry first_seq, first_seq+1 ... */
	int64_t mono_offset_ns; /* wall minus monotonic when it was filled */
	uint16_t count;		/* 1..EVENTS_MAX */
	uint8_t proc;		/* producer */
	uint8_t instance;
	uint32_t run; /* which life of the producer: its sequence starts anew
			 with each */
};
_Static_assert(sizeof(struct msg_events) == 32, "msg_events");
#define EVENTS_MAX 128

struct msg_sealed {
	uint8_t proc, instance;
	uint8_t reserved[6];
	uint64_t seq; /* all up to this one are durable */
};

struct msg_log_skip {
	uint8_t slot; /* producer's channel */
	uint8_t reserved[7];
};

#endif
