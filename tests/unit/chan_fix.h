/* SPDX-License-Identifier: ISC */
/*
 * For the tests of channels: a real pair, descriptors of every kind, raw
 * sends that play the broken peer. Included once a program.
 */
#ifndef CHAN_FIX_H
#define CHAN_FIX_H

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto_vectors.h"

static union {
	uint8_t b[PROTO_MAX_PAYLOAD + 4096];
	uint64_t align;
} buf;
static struct chan_msg msg;
static struct chan snd, rcv;

__attribute__((unused)) static int
open_fds(void)
{
	int i, n = 0;

	for (i = 0; i < 256; i++)
		n += fcntl(i, F_GETFD) != -1;
	return n;
}

/* A pair of channels from > to, past HELLO, in state. */
__attribute__((unused)) static void
make(uint8_t from, uint8_t to, uint8_t state, uint32_t q_max)
{
	int fd[2];

	assert_int_equal(chan_pair(fd), 0);
	if (to == PROC_LOG && state == CHAN_RUN) {
		chan_init_oneway(&snd, fd[0], from, to, 0, q_max);
		chan_init_oneway(&rcv, fd[1], to, from, 0, q_max);
		return;
	}
	chan_init(&snd, fd[0], from, to, 0, q_max);
	chan_init(&rcv, fd[1], to, from, 0, q_max);
	if (state != CHAN_BOOT) {
		chan_set_state(&snd, state);
		chan_set_state(&rcv, state);
	}
}

__attribute__((unused)) static void
done(void)
{
	chan_close(&snd);
	chan_close(&rcv);
}

/* A file in memory, opened so. */
__attribute__((unused)) static int
reopened(int flags)
{
	char path[64];
	int fd = memfd_create("file", MFD_CLOEXEC), r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = open(path, flags | O_CLOEXEC);
	close(fd);
	return r;
}

/* A descriptor of that kind. */
__attribute__((unused)) static int
fd_of(uint8_t kind)
{
	int fd[2], r;

	switch (kind) {
	case FDK_CHANNEL:
		assert_int_equal(chan_pair(fd), 0);
		close(fd[1]);
		return fd[0];
	case FDK_SESSION:
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
		close(fd[1]);
		return fd[0];
	case FDK_PACKET:
		return memfd_create("umem", MFD_CLOEXEC);
	case FDK_IMAGE:
	case FDK_READ:
		return reopened(O_RDONLY);
	case FDK_SEGMENT:
		return reopened(O_WRONLY | O_APPEND);
	case FDK_STATE:
		return reopened(O_WRONLY);
	case FDK_PAGE:
		r = memfd_create("page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		assert_int_equal(fcntl(r, F_ADD_SEALS, F_SEAL_SHRINK |
		    F_SEAL_GROW), 0);
		return r;
	case FDK_SYSLOG:
		return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	default:
		return -1;
	}
}

/* One state the row is valid in. */
__attribute__((unused)) static uint8_t
state_of(const struct proto_row *r)
{
	uint8_t s = CHAN_BOOT;

	while (!(r->states & s))
		s = (uint8_t)(s << 1);
	return s;
}

/* Send n bytes as they are, with nfd descriptors. */
__attribute__((unused)) static void
raw(const void *p, size_t n, const int *fds, size_t nfd)
{
	union {
		struct cmsghdr h;
		uint8_t b[CMSG_SPACE(8 * sizeof(int))];
	} ctl;
	struct iovec iov = {(void *)(uintptr_t)p, n};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	memset(&ctl, 0, sizeof(ctl));
	if (nfd > 0) {
		m.msg_control = ctl.b;
		m.msg_controllen = CMSG_SPACE(nfd * sizeof(int));
		ctl.h.cmsg_level = SOL_SOCKET;
		ctl.h.cmsg_type = SCM_RIGHTS;
		ctl.h.cmsg_len = CMSG_LEN(nfd * sizeof(int));
		memcpy(CMSG_DATA(&ctl.h), fds, nfd * sizeof(int));
	}
	assert_int_equal(sendmsg(snd.fd, &m, 0), n);
}

/* A message with that payload in buf; the header changed by what. */
__attribute__((unused)) static struct proto_hdr *
compose(uint16_t type, size_t len, uint64_t id)
{
	static union {
		struct proto_hdr h;
		uint8_t b[sizeof(struct proto_hdr) + sizeof(buf.b)];
	} m;

	memset(&m.h, 0, sizeof(m.h));
	m.h.magic = PROTO_MAGIC;
	m.h.version = PROTO_VERSION;
	m.h.type = type;
	m.h.len = (uint32_t)len;
	m.h.id = id;
	memcpy(m.b + sizeof(m.h), buf.b, len);
	return &m.h;
}

__attribute__((unused)) static void
refused(uint8_t err)
{
	assert_int_equal(chan_recv(&rcv, &msg), -1);
	if (rcv.err != err)
		fail_msg("refused for \"%s\", not \"%s\"",
		    chan_strerror(rcv.err), chan_strerror(err));
	assert_int_equal(chan_recv(&rcv, &msg), -1); /* for good */
}

#endif
