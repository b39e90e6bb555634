/* SPDX-License-Identifier: ISC */
/*
 * The catalogue's attacks on what only hpd-net, hpd-log and hpship hold: packet
 * socket, segments, syslog's socket, on the numbers they have there. Work where
 * the same descriptors are open without a sandbox. In hpaudit.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <string.h>
#include <unistd.h>

#include "../../common/proc.h"
#include "attack.h"

#define SEGMENT FD_SEGMENT_MIN
#define PACKET	FD_PACKET_MIN
#define FRAME	60
#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND 0x20
#endif

static uint8_t frame[FRAME] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 2, 2, 2,
    2, 2, 0x88, 0xb5}; /* for experiments */

static struct sockaddr_ll
other(const struct attack_place *at)
{
	struct sockaddr_ll a;

	memset(&a, 0, sizeof(a));
	a.sll_family = AF_PACKET;
	a.sll_protocol = 0x0300; /* all, network order */
	a.sll_ifindex = at->other;
	a.sll_halen = 6;
	return a;
}

static int
no_append(const struct attack_place *at)
{
	struct iovec v = {frame, 1};

	(void)at;
	return pwritev2(SEGMENT, &v, 1, 0, RWF_NOAPPEND) == -1 ? -1 : 0;
}

/* As a channel's number, for which F_SETFL might be allowed. */
static int
setfl_peer(const struct attack_place *at)
{
	(void)at;
	if (dup3(SEGMENT, FD_PEER_MIN, O_CLOEXEC) == -1)
		return -1;
	return fcntl(FD_PEER_MIN, F_SETFL, O_NONBLOCK);
}

static int
map_segment(const struct attack_place *at)
{
	(void)at;
	return mmap(NULL, 4096, PROT_READ, MAP_SHARED, SEGMENT, 0) ==
	    MAP_FAILED ? -1 : 0;
}

static int
reopen(const struct attack_place *at)
{
	return open(at->file, O_WRONLY | O_TRUNC) == -1 ? -1 : 0;
}

static int
reopen_proc(const struct attack_place *at)
{
	(void)at;
	return open("/proc/self/fd/32", O_WRONLY | O_TRUNC) == -1 ? -1 : 0;
}

static int
unlink_segment(const struct attack_place *at)
{
	return unlink(at->file);
}

static int
append(const struct attack_place *at)
{
	(void)at;
	return write(SEGMENT, "more\n", 5) == 5 ? 0 : -1;
}

static int
map_to_write(const struct attack_place *at)
{
	(void)at;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, SEGMENT,
	    0) == MAP_FAILED ? -1 : 0;
}

static int
look(const struct attack_place *at)
{
	char c;

	(void)at;
	return pread(SEGMENT, &c, 1, 0) == 1 ? 0 : -1;
}

static const struct sockaddr_un elsewhere = {.sun_family = AF_UNIX,
	.sun_path = "/run/elsewhere"};

static int
send_elsewhere(const struct attack_place *at)
{
	(void)at;
	return sendto(FD_SYSLOG, "x", 1, 0,
	    (const struct sockaddr *)&elsewhere, sizeof(elsewhere)) == -1 ?
	    -1 : 0;
}

static int
connect_elsewhere(const struct attack_place *at)
{
	(void)at;
	return connect(FD_SYSLOG, (const struct sockaddr *)&elsewhere,
	    sizeof(elsewhere));
}

/* A descriptor to the outside with the message. */
static int
pass_on(const struct attack_place *at)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u;
	struct iovec iov = {frame, 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = u.buf, .msg_controllen = sizeof(u.buf)};
	int fd = SEGMENT;

	(void)at;
	memset(&u, 0, sizeof(u));
	u.align.cmsg_level = SOL_SOCKET;
	u.align.cmsg_type = SCM_RIGHTS;
	u.align.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&u.align), &fd, sizeof(fd));
	return sendmsg(FD_SYSLOG, &m, 0) == -1 ? -1 : 0;
}

static int
own_message(const struct attack_place *at)
{
	(void)at;
	return send(FD_SYSLOG, "x", 1, 0) == 1 ? 0 : -1;
}

static int
send_other_on(int fd, const struct attack_place *at)
{
	struct sockaddr_ll a = other(at);

	return sendto(fd, frame, FRAME, 0, (struct sockaddr *)&a,
	    sizeof(a)) == -1 ? -1 : 0;
}

static int
send_other(const struct attack_place *at)
{
	return send_other_on(PACKET, at);
}

static int
send_other_session(const struct attack_place *at)
{
	if (dup3(PACKET, FD_SESSION_MIN, O_CLOEXEC) == -1)
		return -1;
	return send_other_on(FD_SESSION_MIN, at);
}

static int
sendmsg_on(int fd, const struct attack_place *at, int many)
{
	struct sockaddr_ll a = other(at);
	struct iovec v = {frame, FRAME};
	struct mmsghdr m;

	memset(&m, 0, sizeof(m));
	m.msg_hdr.msg_iov = &v;
	m.msg_hdr.msg_iovlen = 1;
	m.msg_hdr.msg_name = &a;
	m.msg_hdr.msg_namelen = sizeof(a);
	if (many)
		return sendmmsg(fd, &m, 1, 0) == 1 ? 0 : -1;
	return sendmsg(fd, &m.msg_hdr, 0) == -1 ? -1 : 0;
}

static int
sendmsg_other(const struct attack_place *at)
{
	return sendmsg_on(PACKET, at, 0);
}

static int
sendmmsg_other(const struct attack_place *at)
{
	return sendmsg_on(PACKET, at, 1);
}

static int
sendmsg_peer(const struct attack_place *at)
{
	if (dup3(PACKET, FD_PEER_MIN, O_CLOEXEC) == -1)
		return -1;
	return sendmsg_on(FD_PEER_MIN, at, 0);
}

static int
bind_other(const struct attack_place *at)
{
	struct sockaddr_ll a = other(at);

	return bind(PACKET, (struct sockaddr *)&a, sizeof(a));
}

static int
attach(const struct attack_place *at)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog f = {1, &all};

	(void)at;
	return setsockopt(PACKET, SOL_SOCKET, SO_ATTACH_FILTER, &f,
	    sizeof(f));
}

static int
promisc(const struct attack_place *at)
{
	struct packet_mreq m;

	memset(&m, 0, sizeof(m));
	m.mr_ifindex = at->other;
	m.mr_type = PACKET_MR_PROMISC;
	return setsockopt(PACKET, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m,
	    sizeof(m));
}

static int
own_send(const struct attack_place *at)
{
	(void)at;
	return send(PACKET, frame, FRAME, 0) == -1 ? -1 : 0;
}

/* More than a frame: refused by the socket itself. */
static int
huge_send(const struct attack_place *at)
{
	static uint8_t big[65536];

	(void)at;
	return send(PACKET, big, sizeof(big), 0) == -1 ? -1 : 0;
}

#define CALL(row, name, from, nr, ...) \
	{row, name, from, "", 0, 0, nr, {__VA_ARGS__}, NULL}
#define ACT(row, name, from, may, fn) \
	{row, name, from, may, 0, 0, 0, {0}, fn}

const struct attack attack_daemons[] = {
    ACT(59, "sendto another interface", "N", "", send_other),
    ACT(59, "the same by a session's number", "N", "", send_other_session),
    ACT(59, "sendmsg to another interface", "N", "", sendmsg_other),
    ACT(59, "the same by a channel's number", "N", "", sendmsg_peer),
    ACT(59, "sendmmsg to another interface", "N", "", sendmmsg_other),
    ACT(59, "bind to another interface", "N", "", bind_other),
    ACT(59, "SO_ATTACH_FILTER", "N", "", attach),
    CALL(59, "SO_DETACH_FILTER", "N", SYS_setsockopt, PACKET, SOL_SOCKET,
	SO_DETACH_FILTER, ARG_ONE, 4),
    ACT(59, "PACKET_ADD_MEMBERSHIP promisc", "N", "", promisc),
    CALL(59, "ioctl on the packet socket", "N", SYS_ioctl, PACKET,
	SIOCGIFNAME, ARG_BUF),
    CALL(60, "dup3 onto the parent's channel", "N", SYS_dup3, PACKET,
	FD_PARENT, O_CLOEXEC),
    CALL(60, "dup3 onto the log's channel", "N", SYS_dup3, PACKET, FD_LOG,
	O_CLOEXEC),
    ACT(60, "a frame of 64 KiB", "N", "", huge_send),
    ACT(60, "a frame on its own interface", "N", "N", own_send),
    CALL(65, "pwrite at 0", "L", SYS_pwrite64, SEGMENT, ARG_TEXT, 1, 0),
    ACT(65, "pwritev2 with RWF_NOAPPEND", "L", "", no_append),
    CALL(65, "ftruncate", "L", SYS_ftruncate, SEGMENT, 0),
    CALL(65, "F_SETFL without O_APPEND", "L", SYS_fcntl, SEGMENT, F_SETFL,
	0),
    ACT(65, "the same by a channel's number", "L", "", setfl_peer),
    CALL(65, "lseek", "L", SYS_lseek, SEGMENT, 0, SEEK_SET),
    CALL(65, "fallocate: punch a hole", "L", SYS_fallocate, SEGMENT,
	FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096),
    ACT(65, "map the segment", "L", "", map_segment),
    CALL(65, "sendfile", "L", SYS_sendfile, SEGMENT, SEGMENT, 0, 1),
    CALL(65, "splice", "L", SYS_splice, SEGMENT, 0, SEGMENT, 0, 1, 0),
    CALL(65, "dup", "L", SYS_dup, SEGMENT),
    CALL(65, "FS_IOC_GETFLAGS", "L", SYS_ioctl, SEGMENT,
	(long)FS_IOC_GETFLAGS, ARG_BUF),
    CALL(65, "fchmod", "L", SYS_fchmod, SEGMENT, 0666),
    ACT(65, "open with O_TRUNC", "L", "", reopen),
    ACT(65, "open /proc/self/fd/N", "L", "", reopen_proc),
    ACT(65, "unlink the segment", "L", "", unlink_segment),
    ACT(65, "append a line", "L", "L", append),
    ACT(65, "write to a segment it reads", "Y", "", append),
    CALL(65, "pwrite at 0 there", "Y", SYS_pwrite64, SEGMENT, ARG_TEXT, 1, 0),
    CALL(65, "ftruncate there", "Y", SYS_ftruncate, SEGMENT, 0),
    CALL(65, "fallocate there", "Y", SYS_fallocate, SEGMENT,
	FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096),
    ACT(65, "map it to write", "Y", "", map_to_write),
    CALL(65, "fchmod there", "Y", SYS_fchmod, SEGMENT, 0666),
    ACT(65, "open it with O_TRUNC", "Y", "", reopen),
    ACT(65, "unlink it", "Y", "", unlink_segment),
    ACT(65, "read it", "Y", "Y", look),
    ACT(16, "a message to another receiver", "Y", "", send_elsewhere),
    ACT(16, "connect its socket anew", "Y", "", connect_elsewhere),
    CALL(16, "bind its socket", "Y", SYS_bind, FD_SYSLOG, ARG_BUF, 2),
    CALL(16, "an option of its socket", "Y", SYS_setsockopt, FD_SYSLOG,
	SOL_SOCKET, SO_BROADCAST, ARG_ONE, 4),
    ACT(16, "pass a descriptor out with a message", "Y", "", pass_on),
    CALL(16, "dup3 its socket onto the parent's channel", "Y", SYS_dup3,
	FD_SYSLOG, FD_PARENT, O_CLOEXEC),
    ACT(16, "a message to its receiver", "Y", "Y", own_message),
    {0, NULL, NULL, NULL, 0, 0, 0, {0}, NULL}};
