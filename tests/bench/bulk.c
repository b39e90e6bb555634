/* SPDX-License-Identifier: ISC */
/*
 * Plain TCP peer of the bulk and connection benches: the kernel's own stack,
 * no cleverness.
 *   bulk serve-get PORT BYTES     accept one, send BYTES, close
 *   bulk serve-put PORT           accept one, read to the end, print nothing
 *   bulk get HOST PORT BYTES      connect, read BYTES: prints MB/s
 *   bulk put HOST PORT BYTES      connect, send BYTES, half close, wait for
 *                                 the peer's end: prints MB/s
 *   bulk hold HOST PORT COUNT     open COUNT connections, print how many,
 *                                 hold them until stdin ends
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char buf[1 << 18];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
dial(const char *host, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		errx(64, "bad address");
	if (fd == -1 || connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1) {
		warn("connect");
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

static int
serve(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int on = 1, c, fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd == -1 || bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    listen(fd, 1) == -1)
		err(1, "listen");
	c = accept(fd, NULL, NULL);
	if (c == -1)
		err(1, "accept");
	return c;
}

static unsigned long long
pull(int fd, unsigned long long max)
{
	unsigned long long n = 0;
	ssize_t r;

	while (n < max && (r = read(fd, buf, sizeof(buf))) > 0)
		n += (unsigned long long)r;
	return n;
}

static unsigned long long
push(int fd, unsigned long long max)
{
	unsigned long long n = 0;

	while (n < max) {
		size_t want = max - n < sizeof(buf) ? (size_t)(max - n)
						    : sizeof(buf);
		ssize_t r = write(fd, buf, want);

		if (r <= 0)
			break;
		n += (unsigned long long)r;
	}
	return n;
}

static int
hold(char **argv)
{
	unsigned n = 0, want = (unsigned)strtoul(argv[4], NULL, 10);

	while (n < want && dial(argv[2], argv[3]) != -1)
		n++;
	printf("%u\n", n);
	fflush(stdout);
	while (read(0, buf, 1) > 0)
		;
	return n != want;
}

int
main(int argc, char **argv)
{
	unsigned long long want, n;
	double t;
	int fd;

	memset(buf, 'x', sizeof(buf));
	if (argc == 4 && strcmp(argv[1], "serve-get") == 0)
		return push(serve(argv[2]), strtoull(argv[3], NULL, 10)) == 0;
	if (argc == 3 && strcmp(argv[1], "serve-put") == 0)
		return pull(serve(argv[2]), ~0ULL) == 0;
	if (argc != 5)
		errx(64, "usage: bulk get|put|hold HOST PORT N");
	if (strcmp(argv[1], "hold") == 0)
		return hold(argv);
	want = strtoull(argv[4], NULL, 10);
	fd = dial(argv[2], argv[3]);
	if (fd == -1)
		return 1;
	t = now();
	if (strcmp(argv[1], "get") == 0) {
		n = pull(fd, want);
	} else {
		n = push(fd, want);
		shutdown(fd, SHUT_WR);
		pull(fd, ~0ULL);
	}
	t = now() - t;
	if (n < want)
		errx(1, "only %llu of %llu bytes", n, want);
	printf("%.1f\n", (double)n / 1e6 / t);
	return 0;
}
