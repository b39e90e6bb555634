/* SPDX-License-Identifier: ISC */
/*
 * Bytes through a socketpair into chan_recv() of every receiver. Input: any
 * number of { op, pair, state, u16 length, bytes }: op bit 0 begins a new
 * channel, bit 1 makes the header's magic, length and sequence right, bits 2
 * and 3 attach one or two descriptors (kind in the upper three bits), bit 4
 * peeks first. What is handed out must fit the table; no descriptor may leak.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/chan.h"
#include "common/diag.h"
#include "common/event.h"
#include "common/proto_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	uint8_t from, to;
} pairs[] = {
    {PROC_PARENT, PROC_NET}, {PROC_NET, PROC_PARENT},
    {PROC_PARENT, PROC_SVC}, {PROC_SVC, PROC_PARENT},
    {PROC_PARENT, PROC_LOG}, {PROC_LOG, PROC_PARENT},
    {PROC_NET, PROC_SVC},    {PROC_SVC, PROC_NET},
    {PROC_SVC_SHELL, PROC_NET}, {PROC_NET, PROC_SVC_SHELL},
    {PROC_NET, PROC_LOG},    {PROC_SVC, PROC_LOG},
    {PROC_PARENT, PROC_LOG}, /* these three: one-way */
    {PROC_PARENT, PROC_SHIP}, {PROC_SHIP, PROC_PARENT},
};
#define NPAIRS	(sizeof(pairs) / sizeof(pairs[0]))
#define ONEWAY(p) ((p) >= 10 && (p) < 13)

static struct chan c;
static struct chan_msg m;
static int tx = -1, dead;
static uint8_t from, to;

#define MUST(x)                                                              \
	do {                                                                 \
		if (!(x))                                                    \
			abort();                                             \
	} while (0)

static void
open_chan(uint8_t pair, uint8_t state)
{
	size_t p = pair % NPAIRS;
	int fd[2];

	if (tx != -1) {
		close(tx);
		chan_close(&c);
	}
	MUST(chan_pair(fd) == 0);
	from = pairs[p].from;
	to = pairs[p].to;
	tx = fd[0];
	dead = 0;
	if (ONEWAY(p)) {
		chan_init_oneway(&c, fd[1], to, from, 0, 1);
		return;
	}
	chan_init(&c, fd[1], to, from, 0, 1);
	if (state % 4 != 0)
		chan_set_state(&c, (uint8_t)(1u << state % 4));
}

/* The file behind fd, opened with other flags; fd is closed. */
static int
again(int fd, int flags)
{
	char path[32];
	int n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = open(path, flags | O_CLOEXEC);
	close(fd);
	return n;
}

static int
some_fd(unsigned int kind)
{
	char path[] = "/dev/null";
	int fd[2], mem;

	switch (kind) {
	case 1:
		return open(path, O_RDONLY | O_CLOEXEC);
	case 2:
		MUST(chan_pair(fd) == 0);
		break;
	case 3:
		MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
		break;
	case 4:
		mem = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		(void)fcntl(mem, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
		return mem;
	case 5:
		return again(memfd_create("fuzz", MFD_CLOEXEC), O_WRONLY);
	case 6:
		return again(memfd_create("fuzz", MFD_CLOEXEC), O_RDONLY);
	case 7:
		return again(memfd_create("fuzz", MFD_CLOEXEC),
		    O_WRONLY | O_APPEND);
	default:
		return memfd_create("fuzz", MFD_CLOEXEC);
	}
	close(fd[1]);
	return fd[0];
}

static void
send_one(uint8_t op, const uint8_t *p, size_t n)
{
	union {
		struct cmsghdr h;
		uint8_t b[CMSG_SPACE(2 * sizeof(int))];
	} ctl;
	uint8_t buf[PROTO_MAX_MSG + 64];
	struct proto_hdr h;
	struct iovec iov = {buf, n};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};
	int fd[2], nfd = (op >> 2 & 1) + (op >> 3 & 1), i;

	memcpy(buf, p, n);
	if (op & 2 && n >= sizeof(h)) {
		memcpy(&h, buf, sizeof(h));
		h.magic = PROTO_MAGIC;
		h.version = PROTO_VERSION;
		h.reserved = 0;
		h.flags = nfd > 0;
		h.len = (uint32_t)(n - sizeof(h));
		h.seq = c.seq_in;
		memcpy(buf, &h, sizeof(h));
	}
	if (op & 2 && n == sizeof(h) + sizeof(struct msg_hello) &&
	    h.type == MSG_HELLO)
		chan_build_id(buf + sizeof(h) +
		    offsetof(struct msg_hello, build));
	memset(&ctl, 0, sizeof(ctl));
	for (i = 0; i < nfd; i++)
		fd[i] = some_fd(op >> 5);
	if (nfd > 0) {
		mh.msg_control = ctl.b;
		mh.msg_controllen = CMSG_SPACE((size_t)nfd * sizeof(int));
		ctl.h.cmsg_level = SOL_SOCKET;
		ctl.h.cmsg_type = SCM_RIGHTS;
		ctl.h.cmsg_len = CMSG_LEN((size_t)nfd * sizeof(int));
		memcpy(CMSG_DATA(&ctl.h), fd, (size_t)nfd * sizeof(int));
	}
	(void)sendmsg(tx, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
	for (i = 0; i < nfd; i++)
		close(fd[i]);
}

static void
receive(uint8_t op)
{
	const struct proto_row *r;
	uint8_t before = c.state;
	int n = 0;

	if (op & 16)
		n = chan_peek(&c, &m);
	if (n != -1)
		n = chan_recv(&c, &m);
	MUST(!dead || n == -1); /* once broken, always */
	MUST(n != -1 || c.err != CHAN_OK);
	dead = n == -1;
	if (n != 1)
		return;
	r = proto_row(m.type, from, to);
	MUST(r != NULL && r->states & before && c.state >= before);
	MUST(m.len >= r->min && m.len <= r->max);
	MUST((m.fd != -1) == (r->fd != FDK_NONE));
	MUST((m.id != 0) == ((r->flags & ROW_ID) != 0));
	MUST(proto_check(r, m.u.data, m.len) == 0);
	if (m.fd != -1)
		close(m.fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;
	int before, after;

	diag_init("fuzz", 0);
	before = dup(0);
	close(before);
	open_chan(0, 0);
	while (size >= 5) {
		n = (size_t)data[3] | (size_t)data[4] << 8;
		if (n > size - 5)
			n = size - 5;
		if (n > PROTO_MAX_MSG + 64)
			n = PROTO_MAX_MSG + 64;
		if (data[0] & 1)
			open_chan(data[1], data[2]);
		send_one(data[0], data + 5, n);
		receive(data[0]);
		size -= n + 5;
		data += n + 5;
	}
	close(tx);
	chan_close(&c);
	tx = -1;
	after = dup(0);
	close(after);
	MUST(before == after);
	return 0;
}
