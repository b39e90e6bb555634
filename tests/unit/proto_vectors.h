/* SPDX-License-Identifier: ISC */
/*
 * Test vectors of hpd-proto as data: for every message one payload that must
 * be taken and changes to it that must each be refused. Used by t_proto.c,
 * t_chan.c and the fuzz corpus; t_proto.c fails when a row of the table has
 * none.
 */
#ifndef TESTS_PROTO_VECTORS_H
#define TESTS_PROTO_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "common/chan.h"
#include "common/event.h"
#include "common/image.h"
#include "common/proto_table.h"

struct vec_good {
	uint16_t type;
	uint8_t from, to;
	size_t len;
	const void *p;
};

/* The good payload of this type with width bytes at off set to value and its
 * length changed by dlen (what is added is zero). */
struct vec_bad {
	uint16_t type;
	uint16_t off;
	uint8_t width; /* 0: only the length changes */
	uint64_t value;
	int dlen;
	const char *why;
};

static const struct msg_hello v_hello = {
    .proto_version = PROTO_VERSION, .proc = PROC_NET};
static const struct msg_image v_image = {
    .generation = 1, .size = sizeof(struct img_header)};
static const struct msg_image_ack v_image_ack = {
    .generation = 1, .result = IMAGE_E_SEAL};
static const struct msg_ready v_ready = {.generation = 1, .missing = 0x800};
static const struct msg_start v_start = {
    .key = {1, 2, 3}, .boot = 0x1122334455667788, .session = 1};
static const struct msg_drain v_drain = {.ms = 5000};
static const struct {
	struct msg_stats head;
	uint64_t v[3];
} v_stats = {.head = {.count = 3}, .v = {1, 2, 3}};
static const struct msg_peer v_peer = {.proc = PROC_NET, .slot = 15};
static const struct msg_trouble v_trouble = {
    .proc = PROC_SVC, .step = CHAN_E_TYPE, .type = MSG_SVC_OPEN};
static const struct msg_net_iface v_net_iface = {.ifindex = 2,
    .mtu = 1500,
    .role = IFACE_RX,
    .link_up = 1,
    .mac = {2, 0, 0, 0, 0, 1},
    .linktype = 1,
    .ring_block_size = 1u << 16,
    .ring_block_nr = 64,
    .ring_frame_size = 2048,
    .ring_frame_nr = 2048,
    .generation = 1,
    .addr = {192, 0, 2, 1},
    .mask = {255, 255, 255, 0},
    .name = "eth0"};
static const struct msg_net_link v_net_link = {
    .unit = 1, .state = 1, .mtu = 1500};
static const struct msg_net_owned v_net_owned = {
    .addr = {192, 0, 2, 1}, .ver = 4, .why = 2};
static const struct msg_svc_open v_svc_open = {.generation = 1,
    .service = 7,
    .tmpl = 3,
    .persona = 2,
    .ifindex = 2,
    .src = {198, 51, 100, 9},
    .dst = {192, 0, 2, 80},
    .sport = 40000,
    .dport = 80,
    .proto = 6,
    .ver = 4};
static const struct msg_svc_opened v_svc_opened = {.transport = 1};
static const struct msg_svc_denied v_svc_denied = {.reason = DENIED_SPAWN};
static const struct msg_svc_exit v_svc_exit = {
    .status = -9, .rss_kb = 4096, .cpu_us = 1000, .wall_us = 2000000};
static const struct msg_svc_close v_svc_close = {.reason = 2};
static const struct msg_log_segment v_log_segment = {
    .stream = STREAM_SERVICE, .number = 4, .quota = 1u << 20};
static const struct msg_log_full v_log_full = {
    .stream = STREAM_EVENTS, .number = 4, .why = 3, .error = 28};
static const struct {
	struct msg_events head;
	struct event probe;
	struct ev_probe probe_data;
	struct event text;
	char text_data[16];
} v_events = {
    .head = {.boot = 9, .first_seq = 1, .count = 2, .proc = PROC_NET},
    .probe = {.len = 72,
	.kind = EV_TCP_PROBE,
	.proto = 6,
	.verdict = VERDICT_CLOSED,
	.ver = 4,
	.wall_ns = 1,
	.src = {198, 51, 100, 9},
	.dst = {192, 0, 2, 80},
	.sport = 40000,
	.dport = 23,
	.count = 1},
    .probe_data = {.ip_len = 40, .tcp_flags = 2, .ttl = 63, .window = 1024},
    .text = {.len = 80,
	.kind = EV_DIAG,
	.verdict = 3,
	.pad = 5,
	.wall_ns = 2,
	.count = 1},
    .text_data = "eleven char"};
static const struct msg_sealed v_sealed = {.proc = PROC_NET, .seq = 77};
static const struct msg_log_skip v_log_skip = {.slot = 3};
static const struct msg_log_level v_log_level = {
    .level = LEVEL_FOLD, .why = RETIRE_RESERVE};
static const struct msg_seal v_seal = {.ordinal = 41};
static const struct msg_ship_segment v_ship_segment = {
    .stream = STREAM_PROBES, .number = 7};
static const struct msg_ship_socket v_ship_socket = {
    .transport = SHIP_TCP, .facility = 16, .probes = 1};
static const struct msg_ship_down v_ship_down = {.error = 111};

#define V(type, from, to, v) {type, from, to, sizeof(v), &(v)}
static const struct vec_good vec_good[] = {
    V(MSG_HELLO, PROC_PARENT, PROC_NET, v_hello),
    V(MSG_HELLO, PROC_LOG, PROC_PARENT, v_hello),
    V(MSG_HELLO, PROC_NET, PROC_SVC, v_hello),
    V(MSG_HELLO, PROC_SVC_SHELL, PROC_NET, v_hello),
    V(MSG_IMAGE, PROC_PARENT, PROC_SVC, v_image),
    V(MSG_IMAGE_ACK, PROC_NET, PROC_PARENT, v_image_ack),
    V(MSG_READY, PROC_LOG, PROC_PARENT, v_ready),
    V(MSG_START, PROC_PARENT, PROC_NET, v_start),
    V(MSG_DRAIN, PROC_PARENT, PROC_SVC_SHELL, v_drain),
    {MSG_STOP, PROC_PARENT, PROC_LOG, 0, ""},
    {MSG_STATS_REQ, PROC_PARENT, PROC_NET, 0, ""},
    V(MSG_STATS, PROC_NET, PROC_PARENT, v_stats),
    V(MSG_PEER_DOWN, PROC_PARENT, PROC_NET, v_peer),
    V(MSG_PEER_UP, PROC_PARENT, PROC_LOG, v_peer),
    V(MSG_TROUBLE, PROC_NET, PROC_PARENT, v_trouble),
    V(MSG_NET_IFACE, PROC_PARENT, PROC_NET, v_net_iface),
    V(MSG_NET_LINK, PROC_PARENT, PROC_NET, v_net_link),
    V(MSG_NET_OWNED, PROC_PARENT, PROC_NET, v_net_owned),
    V(MSG_SVC_OPEN, PROC_NET, PROC_SVC, v_svc_open),
    V(MSG_SVC_OPENED, PROC_SVC, PROC_NET, v_svc_opened),
    V(MSG_SVC_DENIED, PROC_SVC, PROC_NET, v_svc_denied),
    V(MSG_SVC_EXIT, PROC_SVC_SHELL, PROC_NET, v_svc_exit),
    V(MSG_SVC_CLOSE, PROC_NET, PROC_SVC, v_svc_close),
    V(MSG_LOG_SEGMENT, PROC_PARENT, PROC_LOG, v_log_segment),
    V(MSG_LOG_FULL, PROC_LOG, PROC_PARENT, v_log_full),
    V(MSG_EVENTS, PROC_NET, PROC_LOG, v_events),
    V(MSG_SEALED, PROC_LOG, PROC_PARENT, v_sealed),
    V(MSG_LOG_LEVEL, PROC_PARENT, PROC_LOG, v_log_level),
    V(MSG_SEAL_PAGE, PROC_PARENT, PROC_LOG, v_seal),
    V(MSG_SEAL_FILE, PROC_PARENT, PROC_LOG, v_seal),
    V(MSG_SHIP_SEGMENT, PROC_PARENT, PROC_SHIP, v_ship_segment),
    V(MSG_SHIP_SOCKET, PROC_PARENT, PROC_SHIP, v_ship_socket),
    V(MSG_SHIP_DOWN, PROC_SHIP, PROC_PARENT, v_ship_down),
    V(MSG_LOG_SKIP, PROC_PARENT, PROC_LOG, v_log_skip),
};
#undef V
#define NGOOD (sizeof(vec_good) / sizeof(vec_good[0]))

#define AT(s, field)  offsetof(struct s, field), sizeof(((struct s *)0)->field)
#define AT1(s, field) offsetof(struct s, field), 1
#define EVP	      sizeof(struct msg_events) /* the probe record */
#define EVT	      (EVP + 72)		/* the text record */
#define EVAT(base, field)                                                    \
	(base) + offsetof(struct event, field),                              \
	    sizeof(((struct event *)0)->field)

/* clang-format off */
static const struct vec_bad vec_bad[] = {
{MSG_HELLO, 0, 0, 0, -1, "a byte short"},
{MSG_HELLO, 0, 0, 0, 8, "too long"},
{MSG_HELLO, AT(msg_hello, proc), PROC_CONF, 0, "process without a channel"},
{MSG_HELLO, AT(msg_hello, proc), 200, 0, "no such process"},
{MSG_HELLO, AT(msg_hello, reserved), 1, 0, "reserved"},
{MSG_HELLO, AT(msg_hello, reserved2), 1, 0, "reserved2"},
{MSG_IMAGE, 0, 0, 0, -4, "short"},
{MSG_IMAGE, AT(msg_image, generation), 0, 0, "generation 0"},
{MSG_IMAGE, AT(msg_image, size), 8, 0, "smaller than its header"},
{MSG_IMAGE, AT(msg_image, size), IMAGE_MAX + 1u, 0, "too large"},
{MSG_IMAGE_ACK, 0, 0, 0, 1, "long"},
{MSG_IMAGE_ACK, AT(msg_image_ack, generation), 0, 0, "generation 0"},
{MSG_IMAGE_ACK, AT(msg_image_ack, result), IMAGE_E_MAP + 1, 0, "result"},
{MSG_READY, 0, 0, 0, -8, "empty"},
{MSG_READY, 0, 0, 0, -1, "short"},
{MSG_READY, 0, 0, 0, 1, "long"},
{MSG_START, AT(msg_start, boot), 0, 0, "boot 0"},
{MSG_START, AT(msg_start, session), 0, 0, "session 0"},
{MSG_START, AT1(msg_start, reserved[31]), 1, 0, "reserved"},
{MSG_START, 0, 0, 0, -32, "short"},
{MSG_DRAIN, AT(msg_drain, reserved), 1, 0, "reserved"},
{MSG_DRAIN, 0, 0, 0, -4, "short"},
{MSG_DRAIN, 0, 0, 0, 4, "long"},
{MSG_STOP, 0, 0, 0, 1, "one byte"},
{MSG_STOP, 0, 0, 0, 8, "eight bytes"},
{MSG_STOP, 0, 0, 0, PROTO_MAX_PAYLOAD, "full"},
{MSG_STATS_REQ, 0, 0, 0, 1, "one byte"},
{MSG_STATS_REQ, 0, 0, 0, 8, "eight bytes"},
{MSG_STATS_REQ, 0, 0, 0, PROTO_MAX_PAYLOAD, "full"},
{MSG_STATS, AT(msg_stats, count), 4, 0, "count more than there is"},
{MSG_STATS, AT(msg_stats, count), 2, 0, "count less than there is"},
{MSG_STATS, AT(msg_stats, count), 0x20000003, 0, "count that overflows"},
{MSG_STATS, AT(msg_stats, reserved), 1, 0, "reserved"},
{MSG_STATS, 0, 0, 0, -4, "half a counter"},
{MSG_STATS, 0, 0, 0, 512 * 8, "more than fit"},
{MSG_PEER_DOWN, AT(msg_peer, proc), PROC_NONE, 0, "no process"},
{MSG_PEER_DOWN, AT(msg_peer, slot), 16, 0, "slot"},
{MSG_PEER_DOWN, AT1(msg_peer, reserved[4]), 1, 0, "reserved"},
{MSG_PEER_UP, AT(msg_peer, proc), PROC_MAX, 0, "no process"},
{MSG_PEER_UP, AT(msg_peer, slot), 255, 0, "slot"},
{MSG_PEER_UP, 0, 0, 0, -1, "short"},
{MSG_TROUBLE, AT(msg_trouble, step), 0, 0, "no step"},
{MSG_TROUBLE, AT(msg_trouble, step), CHAN_E_EOF + 1, 0, "step"},
{MSG_TROUBLE, AT(msg_trouble, slot), 16, 0, "slot"},
{MSG_TROUBLE, AT(msg_trouble, reserved), 1, 0, "reserved"},
{MSG_NET_IFACE, AT(msg_net_iface, ifindex), 0, 0, "ifindex 0"},
{MSG_NET_IFACE, AT(msg_net_iface, ifindex), 0x80000000, 0, "ifindex < 0"},
{MSG_NET_IFACE, AT(msg_net_iface, mtu), 67, 0, "mtu"},
{MSG_NET_IFACE, AT(msg_net_iface, mtu), 65537, 0, "mtu"},
{MSG_NET_IFACE, AT(msg_net_iface, role), 0, 0, "role"},
{MSG_NET_IFACE, AT(msg_net_iface, role), IFACE_BPF + 1, 0, "role"},
{MSG_NET_IFACE, AT(msg_net_iface, slot), 10, 0, "slot"},
{MSG_NET_IFACE, AT(msg_net_iface, unit), 10, 0, "unit"},
{MSG_NET_IFACE, AT(msg_net_iface, link_up), 2, 0, "link"},
{MSG_NET_IFACE, AT(msg_net_iface, ring_block_nr), 0, 0, "no ring"},
{MSG_NET_IFACE, AT(msg_net_iface, ring_block_nr), UINT32_MAX, 0, "ring size"},
{MSG_NET_IFACE, AT(msg_net_iface, ring_frame_nr), 2049, 0, "frames > blocks"},
{MSG_NET_IFACE, AT(msg_net_iface, ring_frame_size), 1u << 17, 0, "frame"},
{MSG_NET_IFACE, AT1(msg_net_iface, name[0]), 0, 0, "no name"},
{MSG_NET_LINK, AT(msg_net_link, state), 3, 0, "state"},
{MSG_NET_LINK, AT(msg_net_link, mtu), 0, 0, "up without mtu"},
{MSG_NET_LINK, AT(msg_net_link, mtu), 65537, 0, "mtu"},
{MSG_NET_LINK, AT(msg_net_link, reserved), 1, 0, "reserved"},
{MSG_NET_OWNED, AT(msg_net_owned, ver), 5, 0, "version"},
{MSG_NET_OWNED, AT(msg_net_owned, why), 4, 0, "why"},
{MSG_NET_OWNED, AT1(msg_net_owned, addr[4]), 1, 0, "IPv4 of 5 bytes"},
{MSG_NET_OWNED, AT1(msg_net_owned, reserved[0]), 1, 0, "reserved"},
{MSG_SVC_OPEN, AT(msg_svc_open, generation), 0, 0, "generation 0"},
{MSG_SVC_OPEN, AT(msg_svc_open, proto), 1, 0, "protocol"},
{MSG_SVC_OPEN, AT(msg_svc_open, ver), 0, 0, "version"},
{MSG_SVC_OPEN, AT1(msg_svc_open, src[15]), 1, 0, "IPv4 of 16 bytes"},
{MSG_SVC_OPEN, AT1(msg_svc_open, dst[4]), 1, 0, "IPv4 of 5 bytes"},
{MSG_SVC_OPEN, AT(msg_svc_open, reserved), 1, 0, "reserved"},
{MSG_SVC_OPENED, AT(msg_svc_opened, transport), 0, 0, "transport"},
{MSG_SVC_OPENED, AT(msg_svc_opened, transport), 3, 0, "transport"},
{MSG_SVC_OPENED, AT1(msg_svc_opened, reserved[6]), 1, 0, "reserved"},
{MSG_SVC_DENIED, AT(msg_svc_denied, reason), 0, 0, "reason"},
{MSG_SVC_DENIED, AT(msg_svc_denied, reason), DENIED_DOWN + 1, 0, "reason"},
{MSG_SVC_DENIED, AT1(msg_svc_denied, reserved[0]), 1, 0, "reserved"},
{MSG_SVC_EXIT, AT(msg_svc_exit, status), 256, 0, "exit code"},
{MSG_SVC_EXIT, AT(msg_svc_exit, status), 0xffffff00, 0, "signal"},
{MSG_SVC_EXIT, AT(msg_svc_exit, why), SVC_END_DRAIN + 1, 0, "why"},
{MSG_SVC_EXIT, AT1(msg_svc_exit, reserved[3]), 1, 0, "reserved"},
{MSG_SVC_CLOSE, AT(msg_svc_close, reason), 0, 0, "reason"},
{MSG_SVC_CLOSE, AT(msg_svc_close, reason), 7, 0, "reason"},
{MSG_SVC_CLOSE, AT1(msg_svc_close, reserved[0]), 1, 0, "reserved"},
{MSG_LOG_SEGMENT, AT(msg_log_segment, stream), STREAM_MAX, 0, "stream"},
{MSG_LOG_SEGMENT, AT(msg_log_segment, quota), 0, 0, "quota 0"},
{MSG_LOG_SEGMENT, AT(msg_log_segment, quota), UINT64_MAX, 0, "quota"},
{MSG_LOG_FULL, AT(msg_log_full, stream), STREAM_MAX, 0, "stream"},
{MSG_LOG_FULL, AT(msg_log_full, why), 1, 0, "error without being one"},
{MSG_LOG_FULL, AT(msg_log_full, why), 4, 0, "why"},
{MSG_LOG_FULL, AT(msg_log_full, error), 0, 0, "an error without errno"},
{MSG_EVENTS, AT(msg_events, boot), 0, 0, "boot 0"},
{MSG_EVENTS, AT(msg_events, first_seq), 0, 0, "sequence 0"},
{MSG_EVENTS, AT(msg_events, first_seq), UINT64_MAX, 0, "sequence wraps"},
{MSG_EVENTS, AT(msg_events, count), 0, 0, "no records"},
{MSG_EVENTS, AT(msg_events, count), 1, 0, "bytes behind the last"},
{MSG_EVENTS, AT(msg_events, count), 3, 0, "a record missing"},
{MSG_EVENTS, AT(msg_events, count), EVENTS_MAX + 1, 0, "too many"},
{MSG_EVENTS, AT(msg_events, proc), PROC_LOG, 0, "not a producer"},
{MSG_EVENTS, AT(msg_events, proc), 77, 0, "no process"},
{MSG_EVENTS, EVAT(EVP, len), 0, 0, "record of 0 bytes"},
{MSG_EVENTS, EVAT(EVP, len), 56, 0, "shorter than a record"},
{MSG_EVENTS, EVAT(EVP, len), 76, 0, "not a multiple of 8"},
{MSG_EVENTS, EVAT(EVP, len), 0xfff8, 0, "beyond the payload"},
{MSG_EVENTS, EVAT(EVP, kind), 0, 0, "kind 0"},
{MSG_EVENTS, EVAT(EVP, kind), EV_KIND_MAX, 0, "kind"},
{MSG_EVENTS, EVAT(EVP, kind), 0xffff, 0, "kind"},
{MSG_EVENTS, EVAT(EVP, kind), EV_SVC_LINE, 0, "another producer's kind"},
{MSG_EVENTS, EVAT(EVP, kind), EV_TCP_OPEN, 0, "data of another length"},
{MSG_EVENTS, EVAT(EVP, verdict), VERDICT_IGNORED + 1, 0, "verdict"},
{MSG_EVENTS, EVAT(EVP, ver), 0, 0, "addresses without version"},
{MSG_EVENTS, EVAT(EVP, ver), 7, 0, "version"},
{MSG_EVENTS, EVP + offsetof(struct event, src) + 9, 1, 1, 0, "long IPv4"},
{MSG_EVENTS, EVAT(EVP, pad), 8, 0, "pad"},
{MSG_EVENTS, EVAT(EVP, wall_ns), 0, 0, "no time"},
{MSG_EVENTS, EVAT(EVP, count), 0, 0, "stands for nothing"},
{MSG_EVENTS, EVAT(EVT, verdict), 5, 0, "level"},
{MSG_EVENTS, EVT + 79, 1, 'x', 0, "padding not zero"},
{MSG_EVENTS, 0, 0, 0, -8, "cut"},
{MSG_EVENTS, 0, 0, 0, -152, "head alone"},
{MSG_SEALED, AT(msg_sealed, proc), PROC_CONF, 0, "not a producer"},
{MSG_SEALED, AT1(msg_sealed, reserved[5]), 1, 0, "reserved"},
{MSG_SEALED, 0, 0, 0, -8, "short"},
{MSG_LOG_SKIP, AT(msg_log_skip, slot), 16, 0, "slot"},
{MSG_LOG_SKIP, AT1(msg_log_skip, reserved[0]), 1, 0, "reserved"},
{MSG_LOG_SKIP, 0, 0, 0, 8, "long"},
{MSG_LOG_LEVEL, AT(msg_log_level, level), LEVEL_FOLD + 1, 0, "level"},
{MSG_LOG_LEVEL, AT(msg_log_level, why), RETIRE_AGE + 1, 0, "why"},
{MSG_LOG_LEVEL, 0, 0, 0, -4, "short"},
{MSG_SEAL_PAGE, AT(msg_seal, ordinal), UINT32_MAX, 0, "too many starts"},
{MSG_SEAL_PAGE, AT(msg_seal, ordinal), UINT64_MAX, 0, "too many starts"},
{MSG_SEAL_PAGE, 0, 0, 0, 8, "long"},
{MSG_SEAL_FILE, AT(msg_seal, ordinal), UINT32_MAX, 0, "too many starts"},
{MSG_SEAL_FILE, 0, 0, 0, -8, "empty"},
{MSG_SEAL_FILE, 0, 0, 0, -1, "short"},
{MSG_SHIP_SEGMENT, AT(msg_ship_segment, stream), STREAM_SERVICE, 0, "text"},
{MSG_SHIP_SEGMENT, AT(msg_ship_segment, stream), STREAM_MAX, 0, "stream"},
{MSG_SHIP_SEGMENT, 0, 0, 0, 4, "long"},
{MSG_SHIP_SOCKET, AT(msg_ship_socket, transport), SHIP_NONE, 0, "none"},
{MSG_SHIP_SOCKET, AT(msg_ship_socket, transport), SHIP_TCP + 1, 0, "which"},
{MSG_SHIP_SOCKET, AT(msg_ship_socket, facility), 24, 0, "facility"},
{MSG_SHIP_SOCKET, AT(msg_ship_socket, probes), 2, 0, "probes"},
{MSG_SHIP_SOCKET, AT1(msg_ship_socket, reserved[4]), 1, 0, "reserved"},
{MSG_SHIP_DOWN, AT(msg_ship_down, error), 0, 0, "no error"},
{MSG_SHIP_DOWN, AT(msg_ship_down, error), 0x80000000, 0, "error < 0"},
{MSG_SHIP_DOWN, AT(msg_ship_down, reserved), 1, 0, "reserved"},
};
/* clang-format on */
#define NBAD (sizeof(vec_bad) / sizeof(vec_bad[0]))

/* Payload of v for a message from > to (HELLO and EVENTS name the sender) into
 * buf of PROTO_MAX_PAYLOAD bytes, 8-aligned. Its length. */
static inline size_t
vec_fill(const struct vec_good *v, uint8_t *buf)
{
	struct msg_hello *h = (struct msg_hello *)(void *)buf;

	memset(buf, 0, PROTO_MAX_PAYLOAD);
	memcpy(buf, v->p, v->len);
	if (v->type == MSG_HELLO) {
		h->proc = v->from;
		chan_build_id(h->build);
	}
	return v->len;
}

/* Apply b; the new length. */
static inline size_t
vec_spoil(const struct vec_bad *b, uint8_t *buf, size_t len)
{
	uint64_t v = b->value; /* little end first; the suite is built so */

	memcpy(buf + b->off, &v, b->width);
	return len + (size_t)b->dlen;
}

#endif
