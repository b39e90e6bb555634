/* SPDX-License-Identifier: ISC */
/*
 * TCP inside: the connection, its data part, and what the tcp_*.c files call of
 * each other. Sequence numbers and addresses in host byte order.
 */
#ifndef HPD_TCP_INT_H
#define HPD_TCP_INT_H

#include <stdint.h>

#include "host.h"
#include "pkt.h"
#include "reply.h"
#include "sess.h"
#include "tcp.h"
#include "tcp_table.h"
#include "timer.h"
#include "transcript.h"

#define TH_FIN 0x01
#define TH_SYN 0x02
#define TH_RST 0x04
#define TH_PSH 0x08
#define TH_ACK 0x10
#define TH_URG 0x20
#define TH_ECE 0x40
#define TH_CWR 0x80

#define SEQ_LT(a, b) ((int32_t)((a) - (b)) < 0)
#define SEQ_LE(a, b) ((int32_t)((a) - (b)) <= 0)
#define SEQ_GT(a, b) ((int32_t)((a) - (b)) > 0)
#define SEQ_GE(a, b) ((int32_t)((a) - (b)) >= 0)
#define SEQ_MAX(a, b) (SEQ_GT((a), (b)) ? (a) : (b))
#define SEQ_MIN(a, b) (SEQ_LT((a), (b)) ? (a) : (b))

enum tcp_state {
	TCPS_FREE = 0,
	TCPS_SYN_RCVD, /* half-open */
	TCPS_ESTABLISHED,
	TCPS_CLOSE_WAIT,
	TCPS_FIN_WAIT_1,
	TCPS_FIN_WAIT_2,
	TCPS_CLOSING,
	TCPS_LAST_ACK,
	TCPS_TIME_WAIT
};

/* conn flags */
#define CF_TS	     0x0001 /* timestamps agreed */
#define CF_SACK	     0x0002 /* SACK agreed */
#define CF_WS	     0x0004 /* window scaling agreed */
#define CF_ECN	     0x0008 /* SYN/ACK carries ECE */
#define CF_SESSION   0x0010 /* sess.c knows us */
#define CF_SHELL     0x0020 /* ... by hpd-svc -S */
#define CF_FIN	     0x0040 /* our FIN follows the buffered data */
#define CF_FIN_SENT  0x0080 /* ... and went out */
#define CF_PEER_FIN  0x0100 /* peer's FIN taken, rcv_nxt is behind it */
#define CF_NOREAD    0x0200 /* nobody reads what comes: count and discard */
#define CF_MUTE	     0x0400 /* over (event told), nothing goes out */
#define CF_UNREAD    0x0800 /* ... with bytes of the peer's unread */
#define CF_APP_GONE  0x1000 /* session exited or its socket is closed */
#define CF_QUIET     0x2000 /* its begin is not told: with data, or in a sum */

enum tcp_why { /* ev_flow.why */
	WHY_FIN = 1,
	WHY_RST = 2,
	WHY_TIMEOUT = 3,
	WHY_EVICTED = 4,
	WHY_DRAIN = 5,
	WHY_SERVICE = 6,
	WHY_IDLE = 7,
	WHY_BYTES = 8
};

#define TCP_BUF_MIN   4096u
#define TCP_BUF_MAX   (4u << 20)   /* each direction of a connection */
#define TCP_MEM_MAX   (256u << 20) /* all buffers and data parts together */
#define TCP_RANGES    64	   /* out-of-order and SACK ranges kept */
#define TCP_TURN      (256u << 10) /* bytes sent or read a turn */
#define TCP_TARPIT_WND 5

struct range { /* [a, b) */
	uint32_t a, b;
};

struct ranges { /* sorted, disjoint, not touching */
	struct range r[TCP_RANGES];
	uint32_t n;
};

struct ring { /* bytes at position seq & (size - 1) */
	uint8_t *mem;
	uint32_t size; /* power of two, or 0 */
};

struct tcp_data { /* made when data flows, a service opens or we close */
	struct tcp_conn *c;
	/* sending */
	struct ring snd;
	uint32_t snd_end;   /* behind the last buffered byte */
	uint32_t max_wnd;   /* largest the peer announced */
	uint32_t wl1, wl2;
	uint32_t snd_sml;   /* end of the last small segment */
	/* congestion and recovery */
	uint32_t cwnd, ssthresh, cwnd_acc;
	uint32_t recover;   /* recovery ends here */
	uint32_t rxt_next;  /* next to look at for retransmission */
	uint32_t lost_below; /* unsacked below this is lost */
	uint32_t rxt_mark;  /* snd_nxt when snd_una was sent again ... */
	int64_t rxt_ns;	    /* ... and when that was */
	uint32_t prior_cwnd, prior_ssthresh; /* before this recovery */
	uint16_t undo;	    /* retransmissions not yet known to be needless */
	uint16_t reorder;   /* segments, starts at 3 */
	uint8_t dupacks;
	uint8_t recovery;   /* 0, 1 fast, 2 after a timeout */
	struct ranges sacked;
	/* round trip */
	uint32_t srtt_us, rttvar_us, rto_ms;
	uint32_t rto_max_ms; /* the persona's, as when this was made */
	uint32_t fin_wait_ms;
	uint32_t rtt_seq;
	int64_t rtt_ns;	    /* 0: not timing */
	uint8_t backoff, backoff_max;
	uint8_t tlp;	    /* loss probes are used */
	uint8_t persist;    /* the timer probes a closed window */
	uint8_t probed;	    /* ... with the byte at snd_nxt, not counted yet */
	uint8_t fin_rides;  /* data waited when our end was closed */
	uint8_t probe;	    /* the timer is a loss probe's, RFC 8985 */
	/* receiving */
	struct ring rcv;
	uint32_t rcv_read;  /* next byte for the application */
	uint32_t rcv_limit; /* buffer we let the peer fill */
	uint32_t rcv_fed;   /* delivered since the limit last grew */
	struct ranges ooo;
	uint32_t recent[3]; /* a byte of lately changed ooo ranges */
	struct range dsack;
	uint32_t ts_last;   /* our latest TSval */
	uint32_t last_ack;  /* rcv_nxt as last told */
	uint32_t fin_seq;   /* peer's FIN, valid with fin_known */
	uint16_t unacked;   /* full segments taken, not acknowledged */
	uint16_t quick;	    /* segments still acknowledged at once */
	uint8_t ack_now, ack_later;
	uint8_t fin_known, eof_told;
	/* timers, ms of net.now_ms */
	uint8_t rto_on, ack_on, soon;
	uint8_t dirty;
	uint32_t rto_at, ack_at;
	uint32_t last_ms;   /* last segment from the peer */
	uint32_t moved_ms;  /* last byte either way */
	uint32_t closed_ms; /* our end was closed, valid with CF_FIN */
	uint32_t tarpit_ms; /* when the tarpit last gave or took */
	/* session */
	int fd;		    /* -1 none */
	struct loop_fd *watch;
	uint64_t bytes_in, bytes_out;
	uint64_t pulled;    /* bytes the service gave */
	struct transcript tr;
	uint8_t ended;	    /* WHY_IDLE, WHY_BYTES: we ended it */
	struct tcp_data *dirty_next;
};

struct tcp_conn {
	struct net_timer timer;
	struct tuple t;
	uint32_t prev, next;	   /* list of its class */
	uint32_t snd_una, snd_nxt; /* snd_nxt: behind the highest byte sent */
	uint32_t rcv_nxt, rcv_adv; /* rcv_adv: right edge announced */
	uint32_t snd_wnd;	   /* bytes */
	uint32_t ts_recent;
	uint32_t service;	   /* image index or IMG_NONE */
	uint64_t session;	   /* id; while half-open: segments but the
				      first that count as probes */
	int64_t start_ns;	   /* monotonic */
	struct tcp_data *d;
	struct peer peer;
	uint16_t mss;		   /* payload we may send, without options */
	uint16_t flags;
	uint8_t state;
	uint8_t retries;
	uint8_t scales;		   /* peer's << 4 | ours */
	uint8_t action : 3;	   /* enum img_action */
	uint8_t answer : 5;	   /* enum img_answer_id of the SYN/ACK */
	uint16_t ipid;		   /* where the stack counts per connection */
	uint16_t syn_len;	   /* of the SYN, for its event */
	union {
		uint16_t syn_window; /* likewise */
		uint16_t rtt16;	   /* afterwards: handshake's RTT, 16 us */
	};
	uint8_t syn_ttl, syn_flags;
};
_Static_assert(sizeof(struct tcp_conn) <= 128, "tcp_conn");
_Static_assert(ACT_TARPIT_SERVICE < 8 && ANS_MAX <= 32, "tcp_conn's bits");

struct tcp_opts {
	uint16_t mss;
	uint8_t wscale; /* 255 none */
	uint8_t has_mss, sack_ok, has_ts;
	uint8_t nsack;
	uint32_t tsval, tsecr;
	struct range sack[4];
};

struct seg { /* a verified segment */
	struct pkt *p;
	struct host *h;
	uint32_t seq, ack;
	uint16_t sport, dport, window;
	uint8_t flags;
	const uint8_t *data;
	uint32_t len; /* payload */
	uint8_t optlen;
	struct tcp_opts o;
};

/* What SEQ space the segment takes. */
static inline uint32_t
seg_len(const struct seg *s)
{
	return s->len + ((s->flags & TH_SYN) != 0) + ((s->flags & TH_FIN) != 0);
}

enum tcp_list { LIST_FREE, LIST_HALF, LIST_EST, LIST_TW, LIST_MAX };

struct tcp_mod { /* the module's state */
	struct tcp_conn *conn;
	uint32_t nconn;		/* slots: max_est + max_half */
	uint32_t max_est, max_half, max_src, max_tw;
	struct { uint32_t head, tail, count; } list[LIST_MAX];
	struct ttab tab;
	struct srctab src;
	uint64_t mem;		/* bytes of buffers and data parts */
	struct tcp_data *dirty;
	struct tcp_data *spare; /* freed data parts, few */
	uint32_t nspare;
	uint32_t challenge_s, challenge_left;
	uint8_t draining;
	struct net_timer drain;
};
extern struct tcp_mod tcp;

/* tcp.c */
struct tcp_conn *tcp_find(const struct tuple *);
struct tcp_conn *tcp_alloc(const struct tuple *); /* half-open; NULL full */
int tcp_to_established(struct tcp_conn *); /* 0, -1 no room */
void tcp_to_time_wait(struct tcp_conn *, struct host *);
void tcp_free(struct tcp_conn *);
/* End with event and session told. rst: tell the peer. */
void tcp_end(struct tcp_conn *, struct host *, enum tcp_why, int rst);
void tcp_mute(struct tcp_conn *, enum tcp_why);
uint32_t tcp_action(const struct host *, uint16_t port, uint32_t *service);

/* tcp_data.c */
struct tcp_data *tcp_data_get(struct tcp_conn *, struct host *);
void tcp_data_drop(struct tcp_conn *);
/* Make room for the bytes [base, end). keep: those valid now. 0 or -1. */
int ring_grow(struct ring *, uint32_t base, uint32_t keep, uint32_t end,
    uint32_t max);
void ring_free(struct ring *);
void ring_put(struct ring *, uint32_t seq, const uint8_t *, uint32_t len);
void ring_get(const struct ring *, uint32_t seq, uint8_t *, uint32_t len);
/* Contiguous bytes at seq, at most len. */
uint8_t *ring_at(const struct ring *, uint32_t seq, uint32_t *len);

/* tcp_range.c: sets of ranges */
/* Add [a,b). -1: full and not adjacent to any. *dup: was all there. */
int ranges_add(struct ranges *, uint32_t a, uint32_t b, int *dup);
void ranges_trim(struct ranges *, uint32_t below);
uint32_t ranges_bytes(const struct ranges *, uint32_t from, uint32_t to);
/* First gap at or behind seq: [*a, *b), b at most end. 0 when none. */
int ranges_gap(const struct ranges *, uint32_t seq, uint32_t end, uint32_t *a,
    uint32_t *b);

/* tcp_opt.c */
int tcp_opt_parse(const uint8_t *, uint32_t len, struct tcp_opts *);
/* An answer's options as they stand, with both stamps put in (0 where the
 * answer says so). Returns their length. */
uint32_t tcp_opt_answer(uint8_t out[40], const struct img_answer *,
    uint32_t tsval, uint32_t tsecr);
uint32_t tcp_opt_data(uint8_t out[40], const struct tcp_conn *,
    uint32_t tsval, int sack);

/* tcp_syn.c */
/* A segment that opens a connection, answered by answer[id] (RESPOND_NO and
 * answers that open nothing: what they say, and no connection). */
void tcp_syn(struct seg *, const struct tuple *, uint32_t action,
    uint32_t service, uint8_t id);
int tcp_half_fits(const struct tcp_conn *, const struct img_persona *);
void tcp_half_input(struct tcp_conn *, struct seg *);
void tcp_half_timer(struct tcp_conn *);

/* tcp_probe.c: segments of no connection */
void tcp_stray(struct seg *, uint32_t action);
/* One answer of the persona to s (answer[id] or in its place), kept nowhere. */
void tcp_answer(const struct seg *, const struct img_answer *, uint8_t id);
/* The sequence number of an answer. */
uint32_t tcp_answer_seq(const struct seg *, const struct img_answer *,
    uint8_t id);

/* tcp_tw.c */
/* A segment for c in TIME_WAIT: 1 when c made way for the SYN of a new
 * connection, else 0. */
int tcp_time_wait_input(struct tcp_conn *, struct seg *);

/* tcp_seg.c */
void tcp_segment(struct tcp_conn *, struct seg *);
void tcp_challenge(struct tcp_conn *, struct host *);

/* tcp_rcv.c */
void tcp_rcv_data(struct tcp_conn *, struct seg *);
uint32_t tcp_rcv_window(struct tcp_conn *, struct host *);
void tcp_rcv_delivered(struct tcp_conn *, uint32_t n);
int tcp_rcv_update_due(struct tcp_conn *);

/* Largest payload without options that fits the interface's MTU. */
uint16_t tcp_mtu_mss(const struct peer *);
/* What the SYN/ACK of answer c->answer announces: by the MSS where the stack
 * counts in it, little in a tarpit. Needs the MSS and the flags agreed. */
uint32_t tcp_synack_window(const struct tcp_conn *,
    const struct img_persona *);
/* tcp_out.c: one frame each; 0 or -1 (no slot) */
int tcp_send_synack(struct tcp_conn *, struct host *);
int tcp_send_data(struct tcp_conn *, struct host *, uint32_t seq, uint32_t len,
    uint8_t flags);
int tcp_send_gso(struct tcp_conn *, struct host *, uint32_t seq, uint32_t len,
    uint8_t flags);
int tcp_gso_fits(const struct tcp_conn *, const struct host *);
void tcp_send_ack(struct tcp_conn *, struct host *);
void tcp_send_rst(struct tcp_conn *, struct host *);
struct tcp_raw { /* a segment that belongs to no connection */
	struct tuple t;
	uint32_t seq, ack;
	uint16_t window;
	uint8_t flags, ttl, df;
	uint16_t id;
	const struct img_answer *a; /* for options, data, quirks; or NULL */
	uint32_t tsval, tsecr;
};
void tcp_send_raw(const struct peer *, const struct tcp_raw *);

/* tcp_output.c */
void tcp_output(struct tcp_conn *, struct host *);
void tcp_loss_probe(struct tcp_conn *, struct host *);
/* Everything that may be due: deliver, send, acknowledge, plan. */
void tcp_run(struct tcp_conn *, struct host *);
void tcp_dirty(struct tcp_conn *);
void tcp_close_ours(struct tcp_conn *); /* FIN behind what is buffered */

/* tcp_cc.c */
void tcp_cc_init(struct tcp_conn *, struct host *);
/* Returns 0, or -1: the segment must go no further. */
int tcp_cc_ack(struct tcp_conn *, struct seg *);
uint32_t tcp_cc_pipe(const struct tcp_conn *);
void tcp_cc_timeout(struct tcp_conn *);
void tcp_rtt_sample(struct tcp_data *, const struct host *, int64_t ns);
uint32_t tcp_rto(const struct tcp_data *);

/* tcp_timer.c */
void tcp_timer_fire(struct net_timer *);
/* How long to wait for the answer to the SYN/ACK just sent, in ms; and then:
 * was there enough of it? */
uint32_t tcp_synack_wait(const struct tcp_conn *, const struct img_persona *);
int tcp_synack_over(const struct tcp_conn *, const struct img_persona *);
void tcp_rto_arm(struct tcp_conn *, uint32_t ms);
/* To the next probe of a closed window. */
uint32_t tcp_persist_ms(const struct tcp_data *, const struct img_persona *);
/* For what is in flight: a loss probe first where that is of use. */
void tcp_rto_start(struct tcp_conn *);
void tcp_rto_stop(struct tcp_conn *);
void tcp_ack_arm(struct tcp_conn *, uint32_t ms);
void tcp_soon(struct tcp_conn *); /* again in a millisecond */
void tcp_timer_plan(struct tcp_conn *);

/* tcp_event.c */
void tcp_event_open(struct tcp_conn *);
void tcp_event_close(const struct tcp_conn *, enum tcp_why);
/* Data or a script came: a begin that was not told is told now. */
void tcp_event_loud(struct tcp_conn *);
void tcp_event_probe(const struct seg *, uint8_t verdict);
/* A SYN that was answered and led nowhere. */
void tcp_half_event(const struct tcp_conn *);

/* tcp_sess.c */
void tcp_sess_start(struct tcp_conn *, struct host *);
void tcp_sess_end(struct tcp_conn *, uint8_t reason);
/* A limit of the service is reached: no more of it, FIN behind what is
 * buffered. Needs c->d. why: WHY_IDLE or WHY_BYTES. */
void tcp_sess_over(struct tcp_conn *, enum tcp_why why);

/* relay.c */
int relay_open(struct tcp_conn *, int fd);
void relay_close(struct tcp_conn *);
/* Nothing more in either direction: FIN behind what is buffered. */
void relay_end(struct tcp_conn *);
void relay_push(struct tcp_conn *);  /* received bytes to the session */
void relay_pull(struct tcp_conn *);  /* session's bytes to be sent */
void relay_watch(struct tcp_conn *);

#endif
