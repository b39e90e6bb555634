/* SPDX-License-Identifier: ISC */
/*
 * Is a descriptor that came with a message what its row promises? All
 * processes that receive or send one; Linux kinds. Asks with fstat,
 * getsockopt (SO_DOMAIN, SO_TYPE) and fcntl (F_GETFL) only, so those are what a
 * receiver's filter must allow.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>

#include "proto_table.h"

/* Value of an integer option of level SOL_SOCKET, or -1. */
static int
sock_opt(int fd, int name)
{
	socklen_t len = sizeof(int);
	int v;

	if (getsockopt(fd, SOL_SOCKET, name, &v, &len) == -1 ||
	    len != sizeof(v))
		return -1;
	return v;
}

/* The permission part and the flags of want as open gave them. */
static int
opened_as(int fd, int mask, int want)
{
	int fl = fcntl(fd, F_GETFL);

	return fl != -1 && (fl & mask) == want;
}

static int
packet_ok(int fd, const struct stat *st)
{
	int dom;

	if (S_ISREG(st->st_mode)) /* memfd: UMEM */
		return opened_as(fd, O_ACCMODE, O_RDWR);
	if (S_ISCHR(st->st_mode)) /* bpf device */
		return 1;
	dom = sock_opt(fd, SO_DOMAIN);
	return S_ISSOCK(st->st_mode) && (dom == AF_PACKET || dom == AF_XDP) &&
	    sock_opt(fd, SO_TYPE) == SOCK_RAW;
}

/* Can nobody make it shorter (a mapped page would be gone)? */
static int
sealed_size(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals != -1 && (seals & F_SEAL_SHRINK) && (seals & F_SEAL_GROW);
}

static int
syslog_ok(int fd)
{
	int dom = sock_opt(fd, SO_DOMAIN), type = sock_opt(fd, SO_TYPE);

	return (dom == AF_UNIX || dom == AF_INET || dom == AF_INET6) &&
	    (type == SOCK_DGRAM || type == SOCK_STREAM);
}

int
proto_fd_check(uint8_t kind, int fd)
{
	struct stat st;
	int ok = 0, type;

	if (fd < 0 || fstat(fd, &st) == -1)
		return -1;
	switch (kind) {
	case FDK_IMAGE:
		ok = S_ISREG(st.st_mode) && opened_as(fd, O_ACCMODE, O_RDONLY);
		break;
	case FDK_CHANNEL:
		ok = S_ISSOCK(st.st_mode) &&
		    sock_opt(fd, SO_DOMAIN) == AF_UNIX &&
		    sock_opt(fd, SO_TYPE) == SOCK_SEQPACKET;
		break;
	case FDK_SESSION:
		type = sock_opt(fd, SO_TYPE);
		ok = S_ISSOCK(st.st_mode) &&
		    sock_opt(fd, SO_DOMAIN) == AF_UNIX &&
		    (type == SOCK_STREAM || type == SOCK_SEQPACKET);
		break;
	case FDK_PACKET:
		ok = packet_ok(fd, &st);
		break;
	case FDK_SEGMENT:
		ok = S_ISREG(st.st_mode) && opened_as(fd, O_ACCMODE | O_APPEND,
		    O_WRONLY | O_APPEND);
		break;
	case FDK_PAGE:
		ok = S_ISREG(st.st_mode) && opened_as(fd, O_ACCMODE, O_RDWR) &&
		    sealed_size(fd);
		break;
	case FDK_STATE:
		ok = S_ISREG(st.st_mode) &&
		    opened_as(fd, O_ACCMODE | O_APPEND, O_WRONLY);
		break;
	case FDK_READ:
		ok = S_ISREG(st.st_mode) && opened_as(fd, O_ACCMODE, O_RDONLY);
		break;
	case FDK_SYSLOG:
		ok = S_ISSOCK(st.st_mode) && syslog_ok(fd);
		break;
	default:
		break;
	}
	return ok ? 0 : -1;
}
