/* SPDX-License-Identifier: ISC */
/*
 * Test tool, run in the tester's namespace only: sends COUNT malformed frames
 * (badframe.c) on IFACE at most RATE a second, then prints how many went out.
 *   blast IFACE DST_MAC SRC_IP DST_IP DST_MASK COUNT RATE SEED
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "../../common/addr.h"
#include "badframe.h"

#define NB 64

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
open_on(const char *name)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd == -1)
		err(1, "socket");
	ll.sll_ifindex = (int)if_nametoindex(name);
	if (ll.sll_ifindex == 0)
		err(1, "%s", name);
	if (bind(fd, (struct sockaddr *)&ll, sizeof(ll)) == -1)
		err(1, "bind");
	return fd;
}

static void
send_all(int fd, struct mmsghdr *m, unsigned n)
{
	unsigned done = 0;

	while (done < n) {
		int r = sendmmsg(fd, m + done, n - done, 0);

		if (r == -1 && errno != ENOBUFS && errno != EAGAIN)
			err(1, "sendmmsg");
		if (r > 0)
			done += (unsigned)r;
	}
}

int
main(int argc, char **argv)
{
	static uint8_t buf[NB][BADFRAME_MAX];
	static struct mmsghdr m[NB];
	static struct iovec v[NB];
	struct badframe b = { 0 };
	unsigned long long sent = 0, count;
	double start, rate;
	int fd;

	if (argc != 9)
		errx(64, "usage: blast IFACE DST_MAC SRC DST MASK COUNT RATE "
			 "SEED");
	if (addr_mac_parse(argv[2], b.dst_mac) == -1)
		errx(64, "bad MAC");
	fd = open_on(argv[1]);
	memcpy(b.src_mac, "\x02\x00\x00\x00\x00\x01", 6);
	b.src = ntohl(inet_addr(argv[3]));
	b.dst = ntohl(inet_addr(argv[4]));
	b.dst_mask = (uint32_t)strtoul(argv[5], NULL, 0);
	count = strtoull(argv[6], NULL, 10);
	rate = strtod(argv[7], NULL);
	b.rng = strtoull(argv[8], NULL, 10) * 0x9e3779b97f4a7c15ULL + 1;
	start = now();
	while (sent < count) {
		unsigned i;

		for (i = 0; i < NB; i++) {
			v[i].iov_base = buf[i];
			v[i].iov_len = badframe_next(&b, buf[i]);
			m[i].msg_hdr.msg_iov = &v[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		send_all(fd, m, NB);
		sent += NB;
		while (rate > 0 && (double)sent / rate > now() - start)
			nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
	}
	printf("%llu\n", sent);
	return 0;
}
