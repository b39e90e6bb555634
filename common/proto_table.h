/* SPDX-License-Identifier: ISC */
/*
 * The rules of hpd-proto as data: one const row a message and direction. A
 * message that has no row can neither be sent nor received.
 */
#ifndef HPD_PROTO_TABLE_H
#define HPD_PROTO_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "proto.h"

/* Bytes of the largest STATS: its head and 512 counters. */
#define PROTO_MAX_STATS (sizeof(struct msg_stats) + 512 * sizeof(uint64_t))

#define ROW_ONCE    0x01 /* once in a channel's life */
#define ROW_ID	    0x02 /* header id must be non-zero (else must be zero) */
#define ROW_VARLEN  0x04 /* length may vary between min and max */

enum fd_kind {
	FDK_NONE = 0,
	FDK_IMAGE,   /* regular, O_RDONLY, sealed where the OS can */
	FDK_CHANNEL, /* AF_UNIX SOCK_SEQPACKET */
	FDK_PACKET,  /* AF_PACKET, AF_XDP, memfd or bpf device */
	FDK_SESSION, /* AF_UNIX stream or seqpacket */
	FDK_SEGMENT, /* regular, O_WRONLY|O_APPEND */
	FDK_PAGE,    /* memfd, O_RDWR, sealed against another size */
	FDK_STATE,   /* regular, O_WRONLY without O_APPEND */
	FDK_READ,    /* regular, O_RDONLY */
	FDK_SYSLOG   /* AF_INET, AF_INET6 or AF_UNIX; stream or datagram */
};

struct proto_row {
	uint16_t type;
	uint16_t from, to; /* bit masks: 1 << enum proc */
	uint8_t states;	   /* enum chan_state bits */
	uint8_t flags;	   /* ROW_* */
	uint8_t fd;	   /* enum fd_kind */
	uint32_t min, max; /* payload bytes */
	const char *name;
};

extern const struct proto_row proto_rows[];
extern const size_t proto_nrows;

/* The row for this type from > to, or NULL. from, to: enum proc. */
const struct proto_row *proto_row(uint16_t type, uint8_t from, uint8_t to);

/* "SVC_OPEN", or "?" */
const char *proto_type_name(uint16_t type);

/* Step 9: the meaning of a payload whose length already fits the row. 0 ok,
 * -1 not: reserved not zero, text without NUL, value out of range. */
int proto_check(const struct proto_row *, const void *payload, size_t len);

/* Is fd what the row wants (fstat, SO_DOMAIN, SO_TYPE, F_GETFL)? 0 or -1. */
int proto_fd_check(uint8_t kind, int fd);

#endif
