/* SPDX-License-Identifier: ISC */
/*
 * A channel: one end of a SOCK_SEQPACKET pair speaking hpd-proto. Sending
 * queues (bounded) and never blocks; receiving makes the nine checks below and
 * hands out a checked, aligned copy. Knows nothing of the event loop: the
 * owner watches chan_fd() and calls chan_recv()/chan_flush(), so the parent's
 * poll(2) and the children's loop.h use the same code.
 */
#ifndef HPD_CHAN_H
#define HPD_CHAN_H

#include <stddef.h>
#include <stdint.h>

#include "proc.h"
#include "proto.h"

/* The receive checks in their order; chan_send runs FRAME..MEANING too. */
enum chan_err {
	CHAN_OK = 0,
	CHAN_E_RECV = 1,    /* recvmsg failed */
	CHAN_E_TRUNC = 2,   /* MSG_TRUNC or MSG_CTRUNC */
	CHAN_E_SHORT = 3,   /* less than a header */
	CHAN_E_FRAME = 4,   /* magic, version, flags or reserved */
	CHAN_E_SIZE = 5,    /* header length is not the bytes received */
	CHAN_E_TYPE = 6,    /* no row, wrong direction, state, once, seq */
	CHAN_E_LENGTH = 7,  /* outside the row's bounds */
	CHAN_E_FD = 8,	    /* missing, unwanted, several or wrong kind */
	CHAN_E_MEANING = 9, /* proto_check: reserved, range, text, count */
	CHAN_E_QUEUE = 10,  /* send: queue full */
	CHAN_E_EOF = 11	    /* peer closed */
};

/* States a row of the table may be valid in; only ever go up. */
enum chan_state {
	CHAN_BOOT = 0x1,  /* before both HELLOs */
	CHAN_SETUP = 0x2, /* after HELLO, before READY/START */
	CHAN_RUN = 0x4,
	CHAN_DRAIN = 0x8
};

struct chan_qent;

struct chan {
	int fd;
	uint8_t self, peer;	  /* enum proc */
	uint8_t instance;	  /* the peer's */
	uint8_t state;		  /* enum chan_state */
	uint8_t hello_in, hello_out;
	uint8_t oneway;		  /* event channels: no HELLO, only EVENTS */
	uint8_t fd_in;		  /* some row may bring a descriptor here */
	uint8_t seq_any;	  /* take the first sequence as it comes */
	uint8_t broken;		  /* the peer broke the protocol: no more use */
	uint8_t err;		  /* enum chan_err of the last failure */
	uint16_t err_type;	  /* message type it happened on */
	uint32_t seq_in, seq_out; /* next expected, next to use */
	uint64_t once;		  /* rows with the ONCE flag already seen */
	struct chan_qent *q_head, *q_tail;
	uint32_t q_count, q_max;  /* messages */
	uint64_t n_in, n_out, n_full;
};

struct chan_msg {
	uint16_t type;
	uint32_t len;
	uint64_t id;
	int fd; /* -1 or the receiver's to keep or close */
	union { /* checked, aligned copy of the payload */
		uint8_t data[PROTO_MAX_PAYLOAD];
		uint64_t align;
		struct msg_hello hello;
		struct msg_image image;
		struct msg_image_ack image_ack;
		struct msg_ready ready;
		struct msg_start start;
		struct msg_drain drain;
		struct msg_stats stats;
		struct msg_peer peer;
		struct msg_trouble trouble;
		struct msg_net_iface net_iface;
		struct msg_net_link net_link;
		struct msg_net_owned net_owned;
		struct msg_svc_open svc_open;
		struct msg_svc_opened svc_opened;
		struct msg_svc_denied svc_denied;
		struct msg_svc_exit svc_exit;
		struct msg_svc_close svc_close;
		struct msg_log_segment log_segment;
		struct msg_log_full log_full;
		struct msg_events events;
		struct msg_sealed sealed;
		struct msg_log_skip log_skip;
		struct msg_log_level log_level;
		struct msg_seal seal;
		struct msg_ship_segment ship_segment;
		struct msg_ship_socket ship_socket;
		struct msg_ship_down ship_down;
	} u;
};

/*
 * System calls: messages leave by sendto(2), by sendmsg(2) only with a
 * descriptor; they come by recvmsg(2), with room for a descriptor only where a
 * row of the table may bring one to this receiver. chan_init(): fcntl(2) with
 * F_GETFD, F_SETFD, F_GETFL, F_SETFL.
 */

/*
 * Take over fd (made non-blocking and close-on-exec). self and peer are enum
 * proc; the peer is known by the descriptor, never by a field it sends.
 * q_max: messages the send queue may hold (1..4096).
 */
void chan_init(struct chan *, int fd, uint8_t self, uint8_t peer,
    uint8_t instance, uint32_t q_max);

/* As chan_init for an EVENTS-only channel (producer > hpd-log). */
void chan_init_oneway(struct chan *, int fd, uint8_t self, uint8_t peer,
    uint8_t instance, uint32_t q_max);

/* Close the descriptor, free the queue (and descriptors waiting in it). */
void chan_close(struct chan *);

/* Queue the HELLO of this side. 0, or -1 with ->err. */
int chan_hello(struct chan *, uint8_t instance);

/*
 * Send or queue one message. fd -1 or a descriptor that stays the caller's
 * (a duplicate is made if it must wait). 0; -1 with ->err: CHAN_E_QUEUE (the
 * queue is full: nothing was taken), CHAN_E_EOF, or a check that failed,
 * which is a bug of the caller. Never blocks.
 */
int chan_send(struct chan *, uint16_t type, uint64_t id, const void *payload,
    size_t len, int fd);

/* As chan_send without a descriptor, but never queues and never allocates: 1
 * when the socket or the queue is full (nothing was taken). */
int chan_send_now(struct chan *, uint16_t type, uint64_t id,
    const void *payload, size_t len);

/* Write what is queued. 1 still something left (watch for writing), 0 empty,
 * -1 with ->err. */
int chan_flush(struct chan *);

/* 1 when something is queued, so that the owner watches for writing. */
int chan_pending(const struct chan *);

/*
 * Receive one message. 1: *m filled; 0: nothing there; -1: ->err tells
 * (CHAN_E_EOF: peer gone; else the peer broke the protocol and the channel
 * must not be used again). Descriptors of refused messages are closed here.
 * HELLO is checked (version, proc, build) and also handed out.
 */
int chan_recv(struct chan *, struct chan_msg *m);

/* As chan_recv but leaves the datagram in the socket (MSG_PEEK); then
 * chan_take() removes it. For hpd-log: peek, write, take. Only for messages
 * without descriptors, and only on one-way channels. chan_take() also removes
 * a datagram nobody looked at (LOG_SKIP): 1 removed, 0 nothing there, -1 with
 * ->err. A one-way channel takes the first sequence it sees, so that a
 * restarted hpd-log reads on. */
int chan_peek(struct chan *, struct chan_msg *m);
int chan_take(struct chan *);

/* Move the state up; going down is a bug (fatal). */
void chan_set_state(struct chan *, uint8_t state);

/* The build id of this program: hash of the version, the rows of the table
 * and the sizes of what is shared. */
void chan_build_id(uint8_t id[20]);

#ifdef HPD_TEST_INJECT
/* Tests: a message of this type, received while running, is a null pointer
 * written through. -X crash=IMAGE sets it. */
extern uint16_t chan_inject_crash;
#endif

/* "length outside bounds" etc. for an enum chan_err. */
const char *chan_strerror(uint8_t err);

/* Parent: make a pair. Both non-blocking, close-on-exec. 0 or -1 errno. */
int chan_pair(int fds[2]);

/* Put received descriptor fd on its fixed number (dup3, then close fd).
 * Returns want, or -1 with errno. */
int fd_place(int fd, int want);

#endif
