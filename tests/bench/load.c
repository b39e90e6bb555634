/* SPDX-License-Identifier: ISC */
/*
 * Bounded load generator of the benches, run in the tester's namespace. Sends
 * COUNT frames of one kind at RATE a second to a range of decoys and prints
 * one line of results. Sources are addresses and MACs that the tester's kernel
 * does not own, so answers are counted by the interface and go no further.
 *   load flood KIND IFACE DST_MAC SRC DST NDST PORT COUNT RATE
 *        > "sent N answers N seconds S"
 *   load rtt   KIND IFACE DST_MAC SRC DST NDST PORT COUNT RATE
 *        > "answers N p50_us X p99_us Y max_us Z" and a histogram on stderr
 * KIND: syn, echo, arp. SRC "random": a new source with every frame.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../common/addr.h"
#include "../../common/buf.h"
#include "../../hpd-net/csum.h"

#define NB 64

struct load {
	const char *kind, *iface;
	uint8_t mac[6];
	uint32_t src, dst, ndst; /* src 0: random */
	uint16_t port;
	uint64_t count;
	double rate;
	int fd;
	uint32_t n; /* frames made: varies ports, ids and decoys */
};

static int64_t
wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static size_t
make_arp(struct load *l, uint8_t *f, uint32_t dst)
{
	memset(f, 0xff, 6);
	put16(f + 12, 0x0806);
	memcpy(f + 14, "\0\1\10\0\6\4\0\1", 8);
	memcpy(f + 22, f + 6, 6);
	put32(f + 28, l->src);
	memset(f + 32, 0, 6);
	put32(f + 38, dst);
	memset(f + 42, 0, 18);
	return 60;
}

static size_t
make_ip(uint8_t *ip, uint8_t proto, uint32_t src, uint32_t dst, uint32_t len,
    uint32_t id)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, 20 + len);
	put16(ip + 4, id);
	ip[8] = 64;
	ip[9] = proto;
	put32(ip + 12, src);
	put32(ip + 16, dst);
	put16(ip + 10, csum_fold(csum_add(0, ip, 20)));
	return 14 + 20 + len;
}

/* 64.0.0.0 to 127.255.255.255 but not 127/8: no sender is refused. */
static uint32_t
some_source(uint32_t n)
{
	uint32_t x = (n + 1) * 2654435761u;

	x = (x ^ x >> 15) * 2246822519u;
	x = 0x40000000 | ((x ^ x >> 13) & 0x3fffffff);
	return x >> 24 == 127 ? x & 0x7effffff : x;
}

static size_t
make(struct load *l, uint8_t *f)
{
	uint32_t n = l->n++, dst = l->dst + n % l->ndst;
	uint32_t src = l->src ? l->src + (n >> 14 & 1023) : some_source(n);
	uint8_t *l4 = f + 34;

	memcpy(f, l->mac, 6);
	memcpy(f + 6, "\x02\xaa\0\0\0\1", 6);
	if (l->kind[0] == 'a')
		return make_arp(l, f, dst);
	put16(f + 12, 0x0800);
	if (l->kind[0] == 'e') {
		memset(l4, 0, 64);
		l4[0] = 8;
		put32(l4 + 4, n);
		put16(l4 + 2, csum_fold(csum_add(0, l4, 64)));
		return make_ip(f + 14, 1, src, dst, 64, n);
	}
	memset(l4, 0, 24);
	put16(l4, 1024 + (n & 0x3fff) * 3);
	put16(l4 + 2, l->port);
	put32(l4 + 4, n * 2654435761u);
	l4[12] = 6 << 4;
	l4[13] = 2;
	put16(l4 + 14, 64240);
	memcpy(l4 + 20, "\2\4\5\xb4", 4);
	put16(l4 + 16,
	    csum_fold(csum_add(csum_pseudo(src, dst, 6, 24), l4, 24)));
	return make_ip(f + 14, 6, src, dst, 24, n);
}

static uint64_t
rx_packets(const char *iface)
{
	char path[128], buf[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/rx_packets",
	    iface);
	f = fopen(path, "r");
	if (f == NULL)
		err(1, "%s", path);
	if (fgets(buf, sizeof(buf), f) == NULL)
		errx(1, "%s", path);
	fclose(f);
	return strtoull(buf, NULL, 10);
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

/* Wait until the sent count is due at the rate. */
static void
pace(const struct load *l, uint64_t sent, int64_t start)
{
	while (l->rate > 0 &&
	    (double)sent / l->rate > (double)(wall_ns() - start) / 1e9)
		nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
}

static int
flood(struct load *l)
{
	static uint8_t buf[NB][128];
	static struct mmsghdr m[NB];
	static struct iovec v[NB];
	uint64_t sent = 0, before = rx_packets(l->iface), answers, last;
	int64_t start = wall_ns(), end;
	unsigned i, tries = 0;

	while (sent < l->count) {
		for (i = 0; i < NB; i++) {
			v[i].iov_base = buf[i];
			v[i].iov_len = make(l, buf[i]);
			m[i].msg_hdr.msg_iov = &v[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		send_all(l->fd, m, NB);
		sent += NB;
		pace(l, sent, start);
	}
	end = wall_ns();
	answers = rx_packets(l->iface) - before;
	do { /* stragglers; not for ever: SYN/ACKs come again */
		last = answers;
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
		answers = rx_packets(l->iface) - before;
	} while (answers != last && ++tries < 3);
	printf("sent %llu answers %llu seconds %.6f\n",
	    (unsigned long long)sent, (unsigned long long)answers,
	    (double)(end - start) / 1e9);
	return 0;
}

static int
cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Receive stamp of the next frame that answers probe n, or 0 within ms. */
static int64_t
answer(const struct load *l, uint32_t n, int ms)
{
	int64_t until = wall_ns() + ms * 1000000LL;

	while (wall_ns() < until) {
		uint8_t f[256], ctl[256];
		struct iovec v = { f, sizeof(f) };
		struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1,
			.msg_control = ctl, .msg_controllen = sizeof(ctl) };
		struct pollfd p = { l->fd, POLLIN, 0 };
		struct cmsghdr *c;
		ssize_t r;

		if (poll(&p, 1, ms) <= 0)
			return 0;
		r = recvmsg(l->fd, &h, 0);
		if (r < 42 || f[0] != 2 || f[1] != 0xaa)
			continue;
		if (l->kind[0] == 's' && be32(f + 42) != n * 2654435761u + 1)
			continue;
		if (l->kind[0] == 'e' && be32(f + 38) != n)
			continue;
		for (c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c))
			if (c->cmsg_type == SCM_TIMESTAMPNS) {
				struct timespec t;

				memcpy(&t, CMSG_DATA(c), sizeof(t));
				return t.tv_sec * 1000000000LL + t.tv_nsec;
			}
	}
	return 0;
}

static void
histogram(const double *us, uint64_t n)
{
	uint64_t h[40] = { 0 }, i;

	for (i = 0; i < n; i++)
		h[us[i] >= 780 ? 39 : (int)(us[i] / 20)]++;
	for (i = 0; i < 40; i++)
		if (h[i])
			fprintf(stderr, "%4llu us %llu\n",
			    (unsigned long long)i * 20,
			    (unsigned long long)h[i]);
}

static int
rtt(struct load *l)
{
	double *us = calloc(l->count, sizeof(*us));
	uint64_t i, got = 0;
	int64_t start = wall_ns();
	int on = 1;

	if (us == NULL)
		err(1, "calloc");
	setsockopt(l->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	for (i = 0; i < l->count; i++) {
		uint8_t f[128];
		uint32_t n = l->n;
		size_t len = make(l, f);
		int64_t t = wall_ns(), r;

		if (send(l->fd, f, len, 0) == -1)
			err(1, "send");
		r = answer(l, n, 100);
		if (r)
			us[got++] = (double)(r - t) / 1e3;
		pace(l, i + 1, start);
	}
	if (got == 0)
		errx(1, "no answers");
	qsort(us, got, sizeof(*us), cmp);
	histogram(us, got);
	printf("answers %llu p50_us %.1f p99_us %.1f max_us %.1f\n",
	    (unsigned long long)got, us[got / 2], us[got * 99 / 100],
	    us[got - 1]);
	free(us);
	return 0;
}

int
main(int argc, char **argv)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET };
	struct load l = { 0 };
	int isrtt;

	if (argc != 11)
		errx(64, "usage: load flood|rtt syn|echo|arp IFACE DST_MAC SRC "
			 "DST NDST PORT COUNT RATE");
	isrtt = strcmp(argv[1], "rtt") == 0;
	l.kind = argv[2];
	l.iface = argv[3];
	if (addr_mac_parse(argv[4], l.mac) == -1)
		errx(64, "bad MAC");
	if (strcmp(argv[5], "random") != 0)
		l.src = ntohl(inet_addr(argv[5]));
	l.dst = ntohl(inet_addr(argv[6]));
	l.ndst = (uint32_t)strtoul(argv[7], NULL, 10);
	l.port = (uint16_t)strtoul(argv[8], NULL, 10);
	l.count = strtoull(argv[9], NULL, 10);
	l.rate = strtod(argv[10], NULL);
	if (l.ndst == 0 || l.count == 0 || l.count > 100000000)
		errx(64, "bad count");
	ll.sll_protocol = htons(isrtt ? ETH_P_ALL : 0);
	l.fd = socket(AF_PACKET, SOCK_RAW, isrtt ? htons(ETH_P_ALL) : 0);
	ll.sll_ifindex = (int)if_nametoindex(l.iface);
	if (l.fd == -1 || ll.sll_ifindex == 0 ||
	    bind(l.fd, (struct sockaddr *)&ll, sizeof(ll)) == -1)
		err(1, "%s", l.iface);
	return isrtt ? rtt(&l) : flood(&l);
}
