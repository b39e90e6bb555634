/* SPDX-License-Identifier: ISC */
/*
 * In hpd-net's place below a real hpd-parent: says what is needed to run, then
 * puts probe records at a steady rate into the same ring and channel that
 * hpd-net uses, with no packets behind them: what hpd-log can take. The file
 * "flood" beside the program has: rate a second (0: as fast as hpd-log takes
 * them), seconds, where to write the result. For the bench and its tests only.
 * As hpd-net's counts do, a record waits while the ring has no room for probes:
 * then the rate is not reached.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/chan.h"
#include "common/clock.h"
#include "common/diag.h"
#include "common/evq.h"

#define RING	 (4u << 20) /* as hpd-net's */
#define SLICE_NS 500000	    /* records are put in slices of this long */

static struct chan parent;
static struct chan_msg msg;
static struct evq evq;
static uint64_t rate, seconds;
static char result[PATH_MAX];
static int done;

static void
put(uint64_t n)
{
	struct event ev = {.kind = EV_TCP_PROBE, .proto = IPPROTO_TCP,
	    .verdict = n % 7 ? VERDICT_CLOSED : VERDICT_OPEN, .ver = 4};
	struct ev_probe p = {.ip_len = 60, .tcp_flags = 2, .ttl = 57,
	    .window = 64240};

	addr_set4(ev.src, 0x0a430000u + (uint32_t)(n * 2654435761u >> 20));
	addr_set4(ev.dst, 0x0a420000u + (uint32_t)n % 250);
	ev.sport = (uint16_t)(32768 + n % 28000);
	ev.dport = (uint16_t)(n / 250 % 1024 + 1);
	ev.count = 1 + n % 3;
	(void)evq_put(&evq, &ev, &p, sizeof(p));
}

static void
wait_log(int ms)
{
	struct pollfd p = {.fd = FD_LOG, .events = POLLOUT};

	(void)poll(&p, 1, ms);
}

/* One slice's records; how many. */
static uint64_t
slice(uint64_t from, uint64_t to)
{
	uint64_t n;

	for (n = from; n < to; n++) {
		while (evq_room(&evq, EV_TCP_PROBE) < 2 * EVENT_DATA_MAX &&
		    evq_flush(&evq, 0) == 1)
			wait_log(100);
		put(n);
		if (n % 64 == 63)
			(void)evq_flush(&evq, 0);
	}
	return n;
}

static void
flood(void)
{
	int64_t start = clock_mono_ns(), now = start,
		end = start + (int64_t)seconds * NS_SEC;
	uint64_t n = 0, due, sum = 0, i;
	FILE *f;

	while ((now = clock_mono_ns()) < end) {
		if (rate == 0) {
			while (evq.tail - evq.head > evq.size / 4 &&
			    evq_flush(&evq, 0) == 1)
				wait_log(100);
			n = slice(n, n + 256);
			continue;
		}
		due = (uint64_t)((double)(now - start) / 1e9 * (double)rate);
		n = slice(n, due);
		if (evq_flush(&evq, 1) == 1)
			wait_log(1);
		else
			usleep(SLICE_NS / 1000);
	}
	now = clock_mono_ns() - start;
	while (evq_flush(&evq, 1) == 1)
		wait_log(100);
	for (i = 0; i < n; i++)
		sum += 1 + i % 3;
	if ((f = fopen(result, "w")) == NULL)
		return;
	fprintf(f, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %.3f\n", n, sum,
	    evq.n_lost_total, (double)now / 1e9);
	fclose(f);
	done = 1;
}

static void
handle(void)
{
	struct msg_image_ack a = {.generation = msg.u.image.generation};
	struct msg_ready r = {.generation = msg.u.image.generation};

	if (msg.fd != -1)
		close(msg.fd);
	if (msg.type == MSG_IMAGE) {
		(void)chan_send(&parent, MSG_IMAGE_ACK, 0, &a, sizeof(a), -1);
		(void)chan_send(&parent, MSG_READY, 0, &r, sizeof(r), -1);
	} else if (msg.type == MSG_START) {
		evq_start(&evq, msg.u.start.boot);
		if (rate != UINT64_MAX)
			flood();
	} else if (msg.type == MSG_DRAIN || msg.type == MSG_STOP) {
		(void)evq_finish(&evq, 5000);
		exit(0);
	}
}

/* The file beside the program; a successor has nothing to do. */
static void
read_order(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	FILE *f;

	rate = UINT64_MAX;
	if (n <= 0)
		return;
	path[n] = '\0';
	memcpy(strrchr(path, '/'), "/flood", 7);
	if ((f = fopen(path, "r")) == NULL)
		return;
	if (fscanf(f, "%" SCNu64 " %" SCNu64 " %4000s", &rate, &seconds,
		result) != 3)
		rate = UINT64_MAX;
	fclose(f);
	(void)unlink(path);
}

int
main(void)
{
	struct pollfd p = {.fd = FD_PARENT, .events = POLLIN};
	int r;

	diag_init("logflood", DIAG_WARN);
	read_order();
	chan_init(&parent, FD_PARENT, PROC_NET, PROC_PARENT, 0, 64);
	if (evq_init(&evq, FD_LOG, PROC_NET, 0, RING) == -1 ||
	    chan_hello(&parent, 0) == -1)
		return 1;
	for (;;) {
		if (poll(&p, 1, -1) == -1)
			return 1;
		while ((r = chan_recv(&parent, &msg)) == 1)
			handle();
		if (r == -1)
			return 0;
		if (chan_flush(&parent) == -1)
			return 1;
	}
}
