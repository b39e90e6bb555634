/* SPDX-License-Identifier: ISC */
/*
 * The socket hpship sends syslog on: made and connected by hpd-parent, which
 * neither writes to it nor reads from it. Never waits.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"

#include "ship_parent.h"

#define SYSLOG_PORT 514
#define DEAD_MS	    30000 /* nothing acknowledged for so long: broken */
#define KEEP_IDLE   60	  /* s */
#define KEEP_EACH   10

union any {
	struct sockaddr sa;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
address(const struct img_syslog *c, const char *path, union any *a)
{
	uint16_t port = htons(c->port != 0 ? c->port : SYSLOG_PORT);

	memset(a, 0, sizeof(*a));
	if (c->transport == SHIP_UNIX) {
		a->un.sun_family = AF_UNIX;
		memcpy(a->un.sun_path, path, strlen(path) + 1);
		return sizeof(a->un);
	}
	if (c->ver == 4) {
		a->in.sin_family = AF_INET;
		a->in.sin_port = port;
		memcpy(&a->in.sin_addr, c->addr, 4);
		return sizeof(a->in);
	}
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = port;
	memcpy(&a->in6.sin6_addr, c->addr, 16);
	return sizeof(a->in6);
}

/* A receiver that is gone without a word must not hold us for a quarter of an
 * hour, busy or idle. */
static void
stream_options(int fd)
{
	static const struct {
		int level, name, value;
	} opts[] = {
		{SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE},
		{IPPROTO_TCP, TCP_KEEPINTVL, KEEP_EACH},
		{IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_MS},
	};

	for (size_t i = 0; i < sizeof(opts) / sizeof(opts[0]); i++)
		(void)setsockopt(fd, opts[i].level, opts[i].name,
		    &opts[i].value, sizeof(opts[i].value));
}

int
ship_connect(const struct img_syslog *c, const char *path)
{
	union any a;
	socklen_t len;
	int fd, saved;

	if (c->transport == SHIP_UNIX && strlen(path) >= sizeof(a.un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	len = address(c, path, &a);
	fd = socket(a.sa.sa_family, (c->transport == SHIP_TCP ? SOCK_STREAM :
	    SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (c->transport == SHIP_TCP)
		stream_options(fd);
	if (connect(fd, &a.sa, len) == 0 || errno == EINPROGRESS)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}
