/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the batch driver and the slow timers. A frame's time is its receive
 * stamp; clocks are read once a batch. No system call a packet but what a full
 * transmit queue needs.
 */
#include <sys/random.h>

#include <netinet/in.h>
#include <stddef.h>

#include "../common/clock.h"
#include "../common/diag.h"
#include "arp.h"
#include "eth.h"
#include "frag.h"
#include "frame.h"
#include "inside.h"
#include "ip4.h"
#include "net_run.h"
#include "report.h"
#include "tcp.h"
#include "timer.h"
#include "udp.h"

#define EVENTS_US 10000	  /* part batches of events leave this often */
#define END_MS	  2000	  /* for hpd-log to take the last ones */
#define SECOND_US 1000000
#define BULK_MS 5 /* so long after its last big read a transfer counts */

static struct loop_timer *t_wheel, *t_events, *t_second;
static uint32_t wheel_at; /* net.now_ms t_wheel is set for */
static uint8_t wheel_on; /* t_wheel is set */
static uint8_t events_on; /* t_events is set */
static struct loop_fd *log_fd;

void
net_init(void)
{
	if (getrandom(net.hash_key, sizeof(net.hash_key), 0) !=
	    (ssize_t)sizeof(net.hash_key))
		fatal("getrandom");
	net_now();
	wheel_init(&net.wheel, net.now_ms);
}

static void
flush_ifs(void)
{
	uint8_t i;

	for (i = 0; i < net.nifs; i++)
		io_tx_flush(&net.ifs[i]);
}

static enum eth_kind
parse_one(struct pkt *p)
{
	enum eth_kind k = eth_parse(p);

	STAT_INC(RX_FRAMES);
	STAT_ADD(RX_BYTES, p->len);
	if (k != ETH_IS_IP4)
		return k;
	if (ip4_parse(p) == -1)
		return ETH_IS_NOTHING;
	host_prefetch(p->dst);
	if (p->ip_proto == IPPROTO_TCP && !ip4_is_fragment(p))
		tcp_prefetch(p);
	return k;
}

/* What decoys told each other, and what they answer to that: a queue's worth,
 * the rest with the next turn. */
static void
inside_run(void)
{
	struct pkt p;
	int n;

	for (n = 0; n < INSIDE_QUEUE && inside_take(&p); n++)
		if (parse_one(&p) == ETH_IS_IP4)
			ip4_input(&p);
	if (n > 0)
		tcp_flush();
}

void
net_batch(struct pkt *pk, int n, void *arg)
{
	enum eth_kind kind[IO_BATCH];
	int64_t wall;
	int i;

	(void)arg;
	if (!net.running)
		return; /* nothing is known yet: as if not plugged in */
	net_now();
	(void)net_timer_run();
	for (i = 0; i < n; i++)
		kind[i] = parse_one(&pk[i]);
	wall = net.now_wall_ns;
	for (i = 0; i < n; i++) {
		if (pk[i].ts_ns != 0)
			net.now_wall_ns = pk[i].ts_ns;
		frame_in(&pk[i]);
		if (kind[i] == ETH_IS_IP4)
			ip4_input(&pk[i]);
		else if (kind[i] == ETH_IS_ARP)
			arp_input(&pk[i]);
	}
	net.now_wall_ns = wall;
	tcp_flush();
	inside_run();
	flush_ifs();
}

static void
arm_wheel(uint32_t ms)
{
	if (ms == UINT32_MAX)
		return;
	if (wheel_on && (int32_t)(net.now_ms + ms - wheel_at) >= 0)
		return; /* it comes early enough anyway */
	wheel_at = net.now_ms + ms;
	wheel_on = 1;
	loop_timer_set(t_wheel, (uint64_t)ms * 1000);
}

/* hpd-log's restart leaves its reading end open (the parent has a copy), so an
 * error here is the end of the suite. */
static void
flush_events(int force)
{
	int r = evq_flush(&net.evq, force);

	if (r == -1)
		fatalx("the channel to hpd-log is gone");
	(void)loop_fd_set(log_fd, r == 1 ? LOOP_WRITE : 0);
}

static void
on_wheel(void *arg)
{
	(void)arg;
	wheel_on = 0; /* net_after() does the rest */
}

static void
on_events(void *arg)
{
	(void)arg;
	events_on = 0;
	flush_events(1);
}

/* A part batch waits for company, but not long. */
static void
arm_events(void)
{
	if (events_on || net.evq.nrec == 0)
		return;
	events_on = 1;
	loop_timer_set(t_events, EVENTS_US);
}

void
net_after(void)
{
	uint32_t ms;

	net_now();
	if (net.hurry && net.now_ms - net.bulk_ms > BULK_MS)
		net.hurry = 0;
	ms = net_timer_run();
	tcp_flush();
	inside_run();
	flush_ifs();
	arm_wheel(ms);
	flush_events(0);
	arm_events();
	net_msg_after();
}

static void
on_log(int fd, int what, void *arg)
{
	(void)fd, (void)what, (void)arg;
	flush_events(1);
}

static void
tell_counts(int last)
{
	uint8_t i;

	for (i = 0; i < net.nifs; i++)
		STAT_ADD(RX_RING_DROPS, io_rx_drops(&net.ifs[i]));
	net_now();
	if (last)
		report_end();
	else
		report_tick();
}

void
net_end(void)
{
	net_now();
	tcp_finish();
	udp_finish();
	net_after();
	tell_counts(0);
	(void)evq_finish(&net.evq, END_MS);
	tell_counts(1); /* what had to wait for room */
	if (evq_finish(&net.evq, END_MS) > 0)
		diag_warnx("hpd-log did not take %u last records",
		    net.evq.nrec);
}

static void
on_second(void *arg)
{
	(void)arg;
	tell_counts(0);
	host_tick();
	loop_timer_set(t_second, SECOND_US);
}

void
net_timers_init(void)
{
	t_wheel = loop_timer_new(net.loop, on_wheel, NULL);
	t_events = loop_timer_new(net.loop, on_events, NULL);
	t_second = loop_timer_new(net.loop, on_second, NULL);
	log_fd = loop_fd_add(net.loop, net.evq.chan.fd, 0, on_log, NULL);
	if (t_wheel == NULL || t_events == NULL || t_second == NULL ||
	    log_fd == NULL)
		fatal("timers");
	loop_timer_set(t_second, SECOND_US);
}
