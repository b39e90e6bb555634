/* SPDX-License-Identifier: ISC */
/*
 * A bad piece of wire for tcp-loss.t: forwards frames between two interfaces
 * and loses, delays and reorders some of them.
 *   lossy IFACE IFACE LOSS REORDER DELAY [SEED]
 * LOSS and REORDER in per cent, DELAY in milliseconds: a frame waits that long,
 * one that is picked for reordering goes at once. At the end (SIGTERM) prints
 * how many frames went each way and were lost. Runs in the tester's namespace
 * only; the segments must be no larger than the wire (offloads off).
 */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUEUE 8192 /* frames a direction; more are lost */
#define FRAME 2048
#define TURN  64

struct held {
	int64_t due;
	uint32_t len;
	uint8_t data[FRAME];
};

struct side {
	int fd;
	struct held *q; /* frames that go out here */
	uint32_t head, count;
	unsigned long in, lost;
};

static struct side side[2];
static uint64_t rnd = 1;
static int64_t delay_ns;
static uint32_t loss, reorder; /* per million */
static volatile sig_atomic_t over;

static void
on_term(int sig)
{
	(void)sig;
	over = 1;
}

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int
chance(uint32_t ppm)
{
	rnd ^= rnd << 13;
	rnd ^= rnd >> 7;
	rnd ^= rnd << 17;
	return rnd % 1000000 < ppm;
}

static int
open_side(const char *name)
{
	struct sockaddr_ll a = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL)};
	struct packet_mreq m = {.mr_type = PACKET_MR_PROMISC};
	int fd, on = 1, big = 8 << 20;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	a.sll_ifindex = m.mr_ifindex = (int)if_nametoindex(name);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof(big));
	if (fd == -1 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
		sizeof(on)) == -1 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m,
		sizeof(m)) == -1 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		err(1, "%s", name);
	return fd;
}

static void
put(struct side *to, const uint8_t *f, size_t len)
{
	if (send(to->fd, f, len, 0) == -1 && errno != ENOBUFS &&
	    errno != EAGAIN && errno != ENETDOWN)
		err(1, "send of %zu bytes", len);
}

static void
take(struct side *from, struct side *to)
{
	uint8_t f[FRAME];
	struct held *h;
	ssize_t n;
	int i;

	for (i = 0; i < TURN; i++) {
		n = recv(from->fd, f, sizeof(f), MSG_TRUNC);
		if (n <= 0)
			return;
		if (n > FRAME)
			errx(1, "a frame of %zd bytes: offloads are on", n);
		from->in++;
		if (chance(loss) || to->count == QUEUE) {
			from->lost++;
			continue;
		}
		if (delay_ns == 0 || chance(reorder)) {
			put(to, f, (size_t)n);
			continue;
		}
		h = &to->q[(to->head + to->count++) % QUEUE];
		h->due = now_ns() + delay_ns;
		h->len = (uint32_t)n;
		memcpy(h->data, f, (size_t)n);
	}
}

/* Frames that are due; returns ns until the next one. */
static int64_t
give(struct side *to)
{
	int64_t now = now_ns();
	struct held *h;

	while (to->count > 0) {
		h = &to->q[to->head];
		if (h->due > now)
			return h->due - now;
		put(to, h->data, h->len);
		to->head = (to->head + 1) % QUEUE;
		to->count--;
	}
	return 1000000000;
}

int
main(int argc, char **argv)
{
	struct pollfd p[2];
	struct timespec t;
	int64_t a, b;
	int i;

	if (argc < 6)
		errx(64, "usage: lossy IF IF LOSS REORDER DELAY [SEED]");
	loss = (uint32_t)(strtod(argv[3], NULL) * 1e4);
	reorder = (uint32_t)(strtod(argv[4], NULL) * 1e4);
	delay_ns = (int64_t)(strtod(argv[5], NULL) * 1e6);
	if (argc > 6)
		rnd = strtoull(argv[6], NULL, 10) | 1;
	for (i = 0; i < 2; i++) {
		side[i].fd = p[i].fd = open_side(argv[1 + i]);
		p[i].events = POLLIN;
		side[i].q = calloc(QUEUE, sizeof(struct held));
		if (side[i].q == NULL)
			err(1, NULL);
	}
	signal(SIGTERM, on_term);
	puts("ready");
	fflush(stdout);
	while (!over) {
		a = give(&side[0]);
		b = give(&side[1]);
		if (b < a)
			a = b;
		t.tv_sec = a / 1000000000;
		t.tv_nsec = a % 1000000000;
		if (ppoll(p, 2, &t, NULL) == -1)
			continue;
		take(&side[0], &side[1]);
		take(&side[1], &side[0]);
	}
	printf("%s: %lu frames, %lu lost; %s: %lu frames, %lu lost\n", argv[1],
	    side[0].in, side[0].lost, argv[2], side[1].in, side[1].lost);
	return 0;
}
