/* SPDX-License-Identifier: ISC */
/*
 * A small world for the TCP and UDP unit tests: an image of one template, an
 * interface in memory, a clock that only tests move, and a runner (hpd-svc's
 * end of the channel) that answers SVC_OPEN as told.
 */
#ifndef TCP_WORLD_H
#define TCP_WORLD_H

#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "../../common/buf.h"
#include "../../common/chan.h"
#include "../../common/proc.h"
#include "../lib/persona_fix.h"
#include "../../hpd-net/csum.h"
#include "../../hpd-net/host.h"
#include "../../hpd-net/io_mem.h"
#include "../../hpd-net/net.h"
#include "../../hpd-net/tcp_int.h"
#include "../../hpd-net/udp_int.h"

#define H_ADDR 0x0a090002u /* the decoy, 10.9.0.2 */
#define P_ADDR 0x0a090001u
#define PORT_SERVICE 80
#define PORT_OPEN    7
#define PORT_CLOSED  81
#define PORT_TARPIT  25

static struct img_header w_hdr;
static struct img_template w_tmpl;
static struct img_persona w_pers;
static struct img_service w_svc[2];
static struct img_port w_ports[] = {
    {PORT_OPEN, IPPROTO_TCP, ACT_OPEN, IMG_NONE},
    {PORT_TARPIT, IPPROTO_TCP, ACT_TARPIT_OPEN, IMG_NONE},
    {PORT_SERVICE, IPPROTO_TCP, ACT_SERVICE, 0},
    {PORT_CLOSED, IPPROTO_TCP, ACT_CLOSED, IMG_NONE},
    {9, IPPROTO_UDP, ACT_OPEN, IMG_NONE},
    {53, IPPROTO_UDP, ACT_SERVICE, 1},
};
static uint32_t w_root[65536];
static char w_strings[8] = "";

static int64_t w_ns = 1000000000000LL; /* the only clock */
static struct chan w_net, w_runner;
static int w_logfd;
static int w_deny; /* answer SVC_OPEN with DENIED of this reason */
static int w_hold; /* do not answer SVC_OPEN yet */
static struct msg_svc_open w_open;
static uint64_t w_session; /* of the last SVC_OPEN */
static int w_script;	   /* the script's end of its socket */
static uint32_t w_opens, w_closes;
static uint8_t w_reason; /* of the last SVC_CLOSE */
static uint8_t w_transport = 1;

void
net_now(void)
{
	net.now_mono_ns = w_ns;
	net.now_wall_ns = 1700000000000000000LL + w_ns;
	net.now_ms = (uint32_t)(w_ns / 1000000);
}

static void
world_image(void)
{
	struct img_persona *p = &w_pers;

	persona_fix(p);
	p->init_cwnd = 10;
	p->quick_acks = 16;
	p->loss_probe = 1;
	p->give_up = GIVEUP_DATA;
	p->icmp_burst = 6;
	p->icmp_rate = 1;
	memset(&w_tmpl, 0, sizeof(w_tmpl));
	w_tmpl.port_count = sizeof(w_ports) / sizeof(w_ports[0]);
	w_tmpl.act_tcp = ACT_FILTERED;
	w_tmpl.act_udp = ACT_CLOSED;
	w_tmpl.uptime = 12345;
	w_svc[0].idle_s = 3600;
	w_svc[1].idle_s = 60;
	w_svc[0].max_bytes_out = w_svc[1].max_bytes_out = 1ULL << 40;
	w_svc[0].proto = IPPROTO_TCP;
	w_svc[1].proto = IPPROTO_UDP;
	w_hdr.generation = 1;
	w_hdr.max_connections_source = 0;
	w_root[H_ADDR >> 16] = 1;
	net.img.hdr = &w_hdr;
	net.img.strings = w_strings;
	net.img.templates = &w_tmpl;
	net.img.ntemplates = 1;
	net.img.ports = w_ports;
	net.img.nports = w_tmpl.port_count;
	net.img.services = w_svc;
	net.img.nservices = 2;
	net.img.personas = &w_pers;
	net.img.npersonas = 1;
	net.img.trie_root = w_root;
}

static void
world_runner(void)
{
	struct chan_msg m;
	int fd[2];

	assert_int_equal(chan_pair(fd), 0);
	chan_init(&w_net, fd[0], PROC_NET, PROC_SVC, 0, 64);
	chan_init(&w_runner, fd[1], PROC_SVC, PROC_NET, 0, 64);
	assert_int_equal(chan_hello(&w_net, 0), 0);
	assert_int_equal(chan_hello(&w_runner, 0), 0);
	assert_int_equal(chan_recv(&w_net, &m), 1);
	assert_int_equal(chan_recv(&w_runner, &m), 1);
	assert_int_equal(w_net.state, CHAN_RUN);
	sess_peer(PROC_SVC, &w_net);
}

static void
world_init(uint32_t max)
{
	struct netif *nif = &net.ifs[0];
	static int done;
	int fd[2];

	memset(&net.img, 0, sizeof(net.img));
	world_image();
	memset(net.key, 0x21, sizeof(net.key));
	memset(net.hash_key, 0x42, sizeof(net.hash_key));
	net_now();
	wheel_init(&net.wheel, net.now_ms);
	net.running = 1;
	net.start_wall_ns = net.now_wall_ns;
	host_reload();
	if (!done) {
		done = 1;
		assert_non_null(net.loop = loop_new());
		nif->mtu = 1500;
		nif->ifindex = 7;
		nif->mac[0] = 2;
		net.nifs = 1;
		assert_int_equal(io_mem_open(nif), 0);
		assert_int_equal(chan_pair(fd), 0);
		w_logfd = fd[1];
		assert_int_equal(evq_init(&net.evq, fd[0], PROC_NET, 0,
				     1 << 20), 0);
	}
	io_mem_sink(nif, NULL, NULL);
	io_mem_clear(nif);
	memset(stats, 0, sizeof(stats[0]) * ST_MAX);
	w_deny = w_hold = 0;
	w_session = 0;
	w_script = -1;
	w_opens = w_closes = 0;
	w_transport = 1;
	tcp_init(max);
	udp_init(64);
	sess_init(64);
	world_runner();
}

static void
world_done(void)
{
	uint32_t i;

	for (i = 0; i < tcp.nconn; i++)
		if (tcp.conn[i].state != TCPS_FREE)
			tcp_end(&tcp.conn[i], NULL, WHY_DRAIN, 0);
	assert_int_equal(tcp.mem, 0);
	while (tcp.spare != NULL) {
		struct tcp_data *d = tcp.spare;

		tcp.spare = d->dirty_next;
		free(d);
	}
	free(tcp.conn);
	ttab_free(&tcp.tab);
	srctab_free(&tcp.src);
	udp_init(16);
	sess_peer(PROC_SVC, NULL);
	chan_close(&w_net);
	chan_close(&w_runner);
	if (w_script != -1)
		close(w_script);
	w_script = -1;
}

static void
world_answer_open(void)
{
	struct msg_svc_opened o = {.transport = w_transport};
	struct msg_svc_denied d = {.reason = (uint8_t)w_deny};
	int fd[2];

	if (w_deny) {
		assert_int_equal(chan_send(&w_runner, MSG_SVC_DENIED,
				     w_session, &d, sizeof(d), -1), 0);
		return;
	}
	assert_int_equal(socketpair(AF_UNIX,
			     (w_transport == 2 ? SOCK_SEQPACKET : SOCK_STREAM) |
				 SOCK_NONBLOCK, 0, fd), 0);
	assert_int_equal(chan_send(&w_runner, MSG_SVC_OPENED, w_session, &o,
			     sizeof(o), fd[0]), 0);
	close(fd[0]);
	w_script = fd[1];
}

static void
world_exit_script(void)
{
	struct msg_svc_exit x;

	memset(&x, 0, sizeof(x));
	if (w_script != -1)
		close(w_script);
	w_script = -1;
	chan_send(&w_runner, MSG_SVC_EXIT, w_session, &x, sizeof(x), -1);
}

/* One turn of everything but packets. */
static void
world_turn(void)
{
	static struct chan_msg m;

	net_now();
	if (w_net.fd != -1 && chan_pending(&w_net))
		assert_true(chan_flush(&w_net) >= 0);
	while (chan_recv(&w_runner, &m) == 1) {
		if (m.type == MSG_SVC_OPEN) {
			w_open = m.u.svc_open;
			w_session = m.id;
			w_opens++;
			if (!w_hold)
				world_answer_open();
		} else if (m.type == MSG_SVC_CLOSE) {
			w_closes++;
			w_reason = m.u.svc_close.reason;
		}
	}
	while (chan_recv(&w_net, &m) == 1)
		assert_int_equal(sess_message(PROC_SVC, &m), 0);
	loop_turn(net.loop, 0);
	net_timer_run();
	tcp_flush();
	io_tx_flush(&net.ifs[0]);
}

static void
world_sleep(uint32_t ms)
{
	for (; ms > 0; ms--) {
		w_ns += 1000000;
		world_turn();
	}
}

/* A TCP segment from the peer, straight into tcp_input(). */
static void
world_tcp(uint32_t src, uint16_t sport, uint16_t dport, uint32_t seq,
    uint32_t ack, uint8_t flags, uint16_t win, const uint8_t *opt,
    uint32_t optlen, const uint8_t *data, uint32_t len)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	static uint8_t buf[2048];
	struct host *h;
	struct pkt p;
	uint8_t *l4 = buf + 34;

	memset(&p, 0, sizeof(p));
	put16(l4, sport);
	put16(l4 + 2, dport);
	put32(l4 + 4, seq);
	put32(l4 + 8, ack);
	l4[12] = (uint8_t)((20 + optlen) << 2);
	l4[13] = flags;
	put16(l4 + 14, win);
	put16(l4 + 16, 0);
	put16(l4 + 18, 0);
	if (optlen > 0)
		memcpy(l4 + 20, opt, optlen);
	if (len > 0)
		memcpy(l4 + 20 + optlen, data, len);
	p.l4 = l4;
	p.l4_len = 20 + optlen + len;
	put16(l4 + 16, csum_fold(csum_add(csum_pseudo(src, H_ADDR, IPPROTO_TCP,
			   p.l4_len), l4, p.l4_len)));
	p.nif = &net.ifs[0];
	p.data = buf;
	p.len = 34 + p.l4_len;
	p.eth_src = p.eth_dst = mac;
	p.ip = buf + 14;
	p.ip_hlen = 20;
	p.ip_proto = IPPROTO_TCP;
	p.ip_ttl = 64;
	p.ip_len = (uint16_t)(20 + p.l4_len);
	p.src = src;
	p.dst = H_ADDR;
	net_now();
	h = host_get(H_ADDR);
	assert_non_null(h);
	tcp_input(&p, h);
}

/* For failure messages: all connections. */
static void
world_print(void)
{
	const struct tcp_conn *c;
	const struct tcp_data *d;
	uint32_t i;

	for (i = 0; i < tcp.nconn; i++) {
		c = &tcp.conn[i];
		if (c->state == TCPS_FREE)
			continue;
		print_error("# state %u flags %x una +%u wnd %u adv %u\n",
		    c->state, c->flags, c->snd_nxt - c->snd_una, c->snd_wnd,
		    c->rcv_adv - c->rcv_nxt);
		if ((d = c->d) == NULL)
			continue;
		print_error("# buffered %u unsent %u cwnd %u recovery %u "
		    "rxt %d lost %d sacked %u pipe %u rto %u/%d persist %u "
		    "unread %u fd %d retries %u\n",
		    d->snd_end - c->snd_una, d->snd_end - c->snd_nxt, d->cwnd,
		    d->recovery, (int)(d->rxt_next - c->snd_una),
		    (int)(d->lost_below - c->snd_una), d->sacked.n,
		    tcp_cc_pipe(c), d->rto_on, (int)(d->rto_at - net.now_ms),
		    d->persist, c->rcv_nxt - d->rcv_read, d->fd, c->retries);
	}
}

struct got { /* an answer taken apart; checksums were right */
	uint16_t sport, dport, win;
	uint32_t src, dst, seq, ack;
	uint8_t flags, ttl, df;
	uint16_t id;
	const uint8_t *data, *opt;
	uint32_t len, optlen;
	struct tcp_opts o;
};

static void
got_parse(const uint8_t *f, uint32_t flen, struct got *g)
{
	const uint8_t *ip = f + 14, *l4 = ip + 20;
	uint32_t n, hl;

	assert_true(flen >= 54 && ip[0] == 0x45 && ip[9] == IPPROTO_TCP);
	n = be16(ip + 2) - 20u;
	assert_true(n + 34 == flen);
	assert_int_equal(csum_fold(csum_add(0, ip, 20)), 0);
	g->src = be32(ip + 12);
	g->dst = be32(ip + 16);
	g->id = be16(ip + 4);
	g->ttl = ip[8];
	g->df = (ip[6] & 0x40) != 0;
	assert_int_equal(csum_fold(csum_add(csum_pseudo(g->src, g->dst,
			     IPPROTO_TCP, n), l4, n)), 0);
	hl = (l4[12] >> 4) * 4u;
	assert_true(hl >= 20 && hl <= n);
	g->sport = be16(l4);
	g->dport = be16(l4 + 2);
	g->seq = be32(l4 + 4);
	g->ack = be32(l4 + 8);
	g->flags = l4[13];
	g->win = be16(l4 + 14);
	g->opt = l4 + 20;
	g->optlen = hl - 20;
	g->data = l4 + hl;
	g->len = n - hl;
	assert_int_equal(tcp_opt_parse(g->opt, g->optlen, &g->o), 0);
}

/* The i-th answer kept; 0 when there is none. */
static int
got_answer(uint32_t i, struct got *g)
{
	const uint8_t *f;
	uint32_t len;

	io_tx_flush(&net.ifs[0]);
	if (i >= io_mem_count(&net.ifs[0]))
		return 0;
	f = io_mem_frame(&net.ifs[0], i, &len);
	got_parse(f, len, g);
	return 1;
}

static uint32_t
got_count(void)
{
	io_tx_flush(&net.ifs[0]);
	return io_mem_count(&net.ifs[0]);
}

static void
got_clear(void)
{
	io_tx_flush(&net.ifs[0]);
	io_mem_clear(&net.ifs[0]);
}

/* Keep the compiler quiet about helpers a test does not use. */
static inline void
world_unused(void)
{
	(void)world_init, (void)world_done, (void)world_sleep, (void)got_clear;
	(void)world_tcp, (void)got_answer, (void)got_count;
	(void)world_exit_script, (void)world_print;
}

#endif
