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
	default:
		break;
	}
	return ok ? 0 : -1;
}
