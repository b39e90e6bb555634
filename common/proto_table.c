/* SPDX-License-Identifier: ISC */
/*
 * The rules of hpd-proto: one row a message and direction. Constant data, used
 * by chan.c of every process for sending and receiving alike. A row more is an
 * interface more: each has a check in proto_check.c and vectors in the tests.
 */
#include <stddef.h>
#include <stdint.h>

#include "chan.h"
#include "event.h"
#include "proc.h"
#include "proto_table.h"

#define PARENT (1u << PROC_PARENT)
#define NET    (1u << PROC_NET)
#define SVC    (1u << PROC_SVC | 1u << PROC_SVC_SHELL)
#define LOG    (1u << PROC_LOG)
#define SHIP   (1u << PROC_SHIP)
#define KIDS   (NET | SVC | LOG | SHIP)

#define B CHAN_BOOT
#define S CHAN_SETUP
#define R CHAN_RUN
#define D CHAN_DRAIN

#define FIXED(s) sizeof(struct s), sizeof(struct s)

/* clang-format off */
const struct proto_row proto_rows[] = {
/* type, from, to, states, flags, fd, min and max bytes, name */
{MSG_HELLO, PARENT, KIDS, B, ROW_ONCE, FDK_NONE, FIXED(msg_hello), "HELLO"},
{MSG_HELLO, KIDS, PARENT, B, ROW_ONCE, FDK_NONE, FIXED(msg_hello), "HELLO"},
{MSG_HELLO, NET, SVC, B, ROW_ONCE, FDK_NONE, FIXED(msg_hello), "HELLO"},
{MSG_HELLO, SVC, NET, B, ROW_ONCE, FDK_NONE, FIXED(msg_hello), "HELLO"},
{MSG_IMAGE, PARENT, KIDS, S|R, 0, FDK_IMAGE, FIXED(msg_image), "IMAGE"},
{MSG_IMAGE_ACK, KIDS, PARENT, S|R|D, 0, FDK_NONE, FIXED(msg_image_ack),
    "IMAGE_ACK"},
{MSG_READY, KIDS, PARENT, S, ROW_ONCE, FDK_NONE, FIXED(msg_ready), "READY"},
{MSG_START, PARENT, KIDS, S, ROW_ONCE, FDK_NONE, FIXED(msg_start), "START"},
{MSG_DRAIN, PARENT, KIDS, S|R|D, 0, FDK_NONE, FIXED(msg_drain), "DRAIN"},
{MSG_STOP, PARENT, KIDS, S|R|D, 0, FDK_NONE, 0, 0, "STOP"},
{MSG_STATS_REQ, PARENT, KIDS, R|D, 0, FDK_NONE, 0, 0, "STATS_REQ"},
{MSG_STATS, KIDS, PARENT, R|D, ROW_VARLEN, FDK_NONE,
    sizeof(struct msg_stats), PROTO_MAX_STATS, "STATS"},
{MSG_PEER_DOWN, PARENT, KIDS, S|R|D, 0, FDK_NONE, FIXED(msg_peer),
    "PEER_DOWN"},
{MSG_PEER_UP, PARENT, KIDS, S|R|D, 0, FDK_CHANNEL, FIXED(msg_peer),
    "PEER_UP"},
{MSG_TROUBLE, KIDS, PARENT, S|R|D, 0, FDK_NONE, FIXED(msg_trouble),
    "TROUBLE"},
{MSG_NET_IFACE, PARENT, NET, S|R, 0, FDK_PACKET, FIXED(msg_net_iface),
    "NET_IFACE"},
{MSG_NET_LINK, PARENT, NET, S|R|D, 0, FDK_NONE, FIXED(msg_net_link),
    "NET_LINK"},
{MSG_NET_OWNED, PARENT, NET, S|R|D, 0, FDK_NONE, FIXED(msg_net_owned),
    "NET_OWNED"},
{MSG_SVC_OPEN, NET, SVC, R|D, ROW_ID, FDK_NONE, FIXED(msg_svc_open),
    "SVC_OPEN"},
{MSG_SVC_OPENED, SVC, NET, R|D, ROW_ID, FDK_SESSION, FIXED(msg_svc_opened),
    "SVC_OPENED"},
{MSG_SVC_DENIED, SVC, NET, R|D, ROW_ID, FDK_NONE, FIXED(msg_svc_denied),
    "SVC_DENIED"},
{MSG_SVC_EXIT, SVC, NET, R|D, ROW_ID, FDK_NONE, FIXED(msg_svc_exit),
    "SVC_EXIT"},
{MSG_SVC_CLOSE, NET, SVC, R|D, ROW_ID, FDK_NONE, FIXED(msg_svc_close),
    "SVC_CLOSE"},
{MSG_LOG_SEGMENT, PARENT, LOG, S|R|D, 0, FDK_SEGMENT, FIXED(msg_log_segment),
    "LOG_SEGMENT"},
{MSG_LOG_FULL, LOG, PARENT, S|R|D, 0, FDK_NONE, FIXED(msg_log_full),
    "LOG_FULL"},
{MSG_EVENTS, PARENT | NET | SVC | SHIP, LOG, R, ROW_VARLEN, FDK_NONE,
    sizeof(struct msg_events) + sizeof(struct event), PROTO_MAX_PAYLOAD,
    "EVENTS"},
{MSG_SEALED, LOG, PARENT, S|R|D, 0, FDK_NONE, FIXED(msg_sealed), "SEALED"},
{MSG_LOG_SKIP, PARENT, LOG, S|R|D, 0, FDK_NONE, FIXED(msg_log_skip),
    "LOG_SKIP"},
{MSG_LOG_LEVEL, PARENT, LOG, S|R|D, 0, FDK_NONE, FIXED(msg_log_level),
    "LOG_LEVEL"},
{MSG_SEAL_PAGE, PARENT, LOG, S, ROW_ONCE, FDK_PAGE, FIXED(msg_seal),
    "SEAL_PAGE"},
{MSG_SEAL_FILE, PARENT, LOG, S, ROW_ONCE, FDK_STATE, FIXED(msg_seal),
    "SEAL_FILE"},
{MSG_SHIP_SEGMENT, PARENT, SHIP, S|R|D, 0, FDK_READ, FIXED(msg_ship_segment),
    "SHIP_SEGMENT"},
{MSG_SHIP_SOCKET, PARENT, SHIP, S|R|D, 0, FDK_SYSLOG, FIXED(msg_ship_socket),
    "SHIP_SOCKET"},
{MSG_SHIP_DOWN, SHIP, PARENT, R|D, 0, FDK_NONE, FIXED(msg_ship_down),
    "SHIP_DOWN"},
};
/* clang-format on */
#define NROWS (sizeof(proto_rows) / sizeof(proto_rows[0]))
const size_t proto_nrows = NROWS;
_Static_assert(NROWS <= 64, "struct chan counts rows seen once in 64 bits");

const struct proto_row *
proto_row(uint16_t type, uint8_t from, uint8_t to)
{
	size_t i;

	if (from >= PROC_MAX || to >= PROC_MAX)
		return NULL;
	for (i = 0; i < NROWS; i++)
		if (proto_rows[i].type == type &&
		    proto_rows[i].from >> from & 1 &&
		    proto_rows[i].to >> to & 1)
			return &proto_rows[i];
	return NULL;
}

const char *
proto_type_name(uint16_t type)
{
	size_t i;

	for (i = 0; i < NROWS; i++)
		if (proto_rows[i].type == type)
			return proto_rows[i].name;
	return "?";
}
