/* SPDX-License-Identifier: ISC */
/*
 * Tests: hpd-net's library with a clock that only the scan moves, decoys from
 * an image of hpd-conf's making, and nmap's schedule of probes for a few hosts
 * at once.
 */
#include "offline.h"

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "hpd-net/host.h"
#include "hpd-net/io_mem.h"
#include "hpd-net/net_run.h"
#include "hpd-net/sess.h"
#include "hpd-net/tcp.h"
#include "hpd-net/timer.h"
#include "hpd-net/udp.h"

#define EPOCH_NS 1800000000000000000LL

static int64_t clock_ns = 5000000000LL;
static struct scan *scans[OFFLINE_HOSTS]; /* under way */
static unsigned nscans;
static struct {
	struct scan *s;
	uint8_t ip[40];
} resets[64];
static unsigned nresets;
uint64_t world_client_got;

void
net_now(void)
{
	net.now_mono_ns = clock_ns;
	net.now_wall_ns = EPOCH_NS + clock_ns;
	net.now_ms = (uint32_t)(clock_ns / 1000000);
}

static void
came_back(void *arg, const uint8_t *f, uint32_t len, int64_t ts_ns)
{
	unsigned i;

	(void)arg, (void)ts_ns;
	if (len < 34 || f[12] != 8 || f[13] != 0)
		return; /* ARP */
	for (i = 0; i < nscans; i++) {
		if (memcmp(f + 6, scans[i]->mac, 6) != 0)
			continue;
		if (be32(f + 30) == CLIENT) {
			world_client_got++;
			if (len < 54 || f[23] != 6 || (f[47] & 0x16) != 0x12)
				continue;
		} else if (!scan_frame(scans[i], f, len) || len < 54)
			continue;
		if (nresets < 64) {
			resets[nresets].s = scans[i];
			memcpy(resets[nresets++].ip, f + 14, 40);
		}
	}
}

void
world_start(const struct image *img)
{
	struct netif *nif = &net.ifs[0];
	int log[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, log) == -1)
		abort();
	net_init();
	memset(net.key, 7, sizeof(net.key));
	memset(net.hash_key, 9, sizeof(net.hash_key)); /* always the same */
	net.start_wall_ns = net.now_wall_ns;
	if (evq_init(&net.evq, log[0], PROC_NET, 0, 1 << 16) == -1 ||
	    io_mem_open(nif) == -1)
		abort();
	io_mem_sink(nif, came_back, NULL);
	net.img = *img;
	net.nifs = 1;
	nif->mtu = 1500;
	nif->addr = PROBER + 1;
	nif->mask = 0xffffff00;
	memcpy(nif->mac, "\x02\xbb\0\0\0\2", 6);
	tcp_init(net.img.hdr->max_connections);
	udp_init(64);
	sess_init(net.img.hdr->max_sessions);
	net.running = 1;
}

void
world_sleep(unsigned sec)
{
	for (; sec > 0; sec--) {
		clock_ns += 1000000000;
		net_now();
		while (net_timer_run() == 0)
			;
		tcp_flush();
		host_tick();
	}
}

static void
deliver(const uint8_t *f, uint32_t len)
{
	struct netif *nif = &net.ifs[0];
	struct pkt pk[IO_BATCH];

	if (io_mem_push(nif, f, len, EPOCH_NS + clock_ns, 0) == -1)
		abort();
	net_batch(pk, io_rx(nif, pk, IO_BATCH), NULL);
	io_rx_done(nif);
}

/* One frame now, and what the tester's kernel says to the answers. */
static void
send_frame(struct scan *s, const uint8_t *f, uint32_t len, int64_t at_us)
{
	uint8_t rst[64];
	uint32_t n;

	if (at_us * 1000 > clock_ns)
		clock_ns = at_us * 1000;
	clock_ns += 12000 + (offline_jitter_ns ?
	    scan_rnd(s, offline_jitter_ns) : 0); /* on its way */
	deliver(f, len);
	while (nresets > 0) {
		clock_ns += 30000;
		nresets--;
		resets[nresets].s->from = be32(resets[nresets].ip + 16);
		n = probe_reset(resets[nresets].s, resets[nresets].ip, rst);
		resets[nresets].s->from = PROBER;
		deliver(rst, n);
	}
}

/* --- nmap's schedule ------------------------------------------------------ */

#define SCAN_STEPS 2
#define TRIES	   4 /* of each probe but the SEQ ones */

struct run {
	struct scan *s;
	int64_t due_us;
	unsigned step; /* port scan, then the probes */
	unsigned tries;
	int over;
};

/* Somebody else talks to the host until the next probe is due. */
static void
others_talk(struct run *r, int64_t since_us)
{
	static unsigned n;
	uint8_t f[256];
	unsigned i;
	uint32_t len;

	for (i = 0; i < offline_busy; i++) {
		r->s->from = CLIENT;
		len = probe_ordinary(r->s, n++, f);
		r->s->from = PROBER;
		send_frame(r->s, f, len, since_us + (r->due_us - since_us) *
		    (i + 1) / (offline_busy + 2));
	}
}

static void
port_scan(struct run *r)
{
	uint8_t f[128];

	send_frame(r->s, f, probe_syn(r->s, r->step == 0 ? PORT_OPEN :
	    PORT_CLOSED, f), r->due_us);
	r->due_us += r->step == 0 ? 1000 : 300000;
	r->step++;
}

/* The next probe of the round that is wanted; P_MAX: none. */
static unsigned
next_probe(struct run *r)
{
	unsigned p = r->step - SCAN_STEPS;

	while (p < P_MAX && probe_done(r->s, p))
		p++;
	return p;
}

static void
turn(struct run *r)
{
	uint8_t f[FRAME_MAX];
	int64_t at = r->due_us;
	unsigned p;

	if (r->step < SCAN_STEPS) {
		port_scan(r);
		return;
	}
	p = next_probe(r);
	if (p == P_MAX) {
		r->tries++;
		r->step = SCAN_STEPS + P_IE;
		r->due_us += 100000;
		p = next_probe(r);
		if (p == P_MAX || r->tries == TRIES) {
			r->over = 1;
			return;
		}
		return;
	}
	r->s->sent_us[p] = r->due_us;
	send_frame(r->s, f, probe_frame(r->s, p, f), r->due_us);
	r->due_us += p < P_IE ? 100100 + scan_rnd(r->s, p == 0 ? 8000 : 200) :
				25050 + scan_rnd(r->s, 100);
	r->step = SCAN_STEPS + p + 1;
	others_talk(r, at);
}

void
world_scan(struct scan *hosts, unsigned n, int ports_first)
{
	struct run run[OFFLINE_HOSTS];
	int64_t now = clock_ns / 1000 + 1000000;
	unsigned i;
	struct run *r;

	memset(run, 0, sizeof(run));
	nscans = n;
	for (i = 0; i < n; i++) {
		scans[i] = run[i].s = &hosts[i];
		run[i].due_us = now + 31000 * i;
		run[i].step = ports_first ? 0 : SCAN_STEPS;
		host_mac(&net.ifs[0], hosts[i].addr, hosts[i].mac);
	}
	for (;;) {
		for (r = NULL, i = 0; i < n; i++)
			if (!run[i].over &&
			    (r == NULL || run[i].due_us < r->due_us))
				r = &run[i];
		if (r == NULL)
			break;
		if (clock_ns / 1000 > r->due_us) /* another's came in between */
			r->due_us = clock_ns / 1000 + 1;
		turn(r);
	}
	nscans = 0;
}
