/* SPDX-License-Identifier: ISC */
/*
 * A stand-in for any child of hpd-parent, as if it had been taken over: says
 * what is needed to run, then what the file "mode" beside it asks for, once.
 * For tests only; it enters no sandbox. First line of mode: program name and
 * one of the words in acts[].
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/chan.h"
#include "common/clock.h"
#include "common/diag.h"
#include "common/event.h"

static struct chan parent, peer; /* peer: the one in slot 0 */
static struct chan_msg msg;
static uint8_t self;
static char act[32];
static uint32_t generation, segment;
static uint64_t raw_id; /* session of raw messages */

static void
raw_to(int sock, uint16_t type, uint32_t len, uint32_t hdr_len, uint32_t seq,
    int with_fd)
{
	static uint8_t buf[PROTO_MAX_MSG + 4096];
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(sizeof(int))];
	} u;
	struct proto_hdr h = {.magic = PROTO_MAGIC, .version = PROTO_VERSION,
	    .type = type, .len = hdr_len, .seq = seq, .id = raw_id,
	    .flags = with_fd ? PROTO_F_FD : 0};
	struct iovec iov = {buf, sizeof(h) + len};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	int fd = 0;

	memcpy(buf, &h, sizeof(h));
	if (with_fd) {
		m.msg_control = &u;
		m.msg_controllen = sizeof(u);
		u.h.cmsg_level = SOL_SOCKET;
		u.h.cmsg_type = SCM_RIGHTS;
		u.h.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&u.h), &fd, sizeof(fd));
	}
	(void)sendmsg(sock, &m, MSG_NOSIGNAL);
}

static void
raw(uint16_t type, uint32_t len, uint32_t hdr_len, uint32_t seq, int with_fd)
{
	raw_to(FD_PARENT, type, len, hdr_len, seq, with_fd);
}

/* A record that hpd-net may not say: the suite stops. */
static void
forged(void)
{
	struct {
		struct proto_hdr h;
		struct msg_events m;
		struct event e;
		char text[8];
	} f;

	memset(&f, 0, sizeof(f));
	f.h.magic = PROTO_MAGIC;
	f.h.version = PROTO_VERSION;
	f.h.type = MSG_EVENTS;
	f.h.len = sizeof(f) - sizeof(f.h);
	f.m.boot = 1;
	f.m.first_seq = 1;
	f.m.count = 1;
	f.m.proc = PROC_NET;
	f.e.len = sizeof(f.e) + 8;
	f.e.kind = EV_STOP;
	f.e.wall_ns = 1;
	f.e.count = 1;
	memcpy(f.text, "asked to", 8);
	(void)send(FD_LOG, &f, sizeof(f), MSG_NOSIGNAL);
}

/* Asks for segment after segment, none of them full. */
static void
storm(void)
{
	struct msg_log_full f = {.number = segment, .why = 1};

	for (int i = 0; i < 3000; i++) {
		f.number = segment + (uint32_t)i % 50;
		if (chan_send(&parent, MSG_LOG_FULL, 0, &f, sizeof(f), -1) ==
		    -1 && chan_flush(&parent) == 1)
			usleep(1000);
	}
}

/* From the runner to hpd-net; 0 when the act is another. */
static int
misbehave_svc(void)
{
	raw_id = 1;
	if (strcmp(act, "peer-type") == 0)
		raw_to(peer.fd, MSG_SVC_OPEN, 64, 64, peer.seq_out, 0);
	else if (strcmp(act, "peer-length") == 0)
		raw_to(peer.fd, MSG_SVC_EXIT, 31, 31, peer.seq_out, 0);
	else if (strcmp(act, "peer-size") == 0)
		raw_to(peer.fd, MSG_SVC_EXIT, 32, 33, peer.seq_out, 0);
	else if (strcmp(act, "peer-fd") == 0)
		raw_to(peer.fd, MSG_SVC_EXIT, 32, 32, peer.seq_out, 1);
	else if (strcmp(act, "peer-no-fd") == 0)
		raw_to(peer.fd, MSG_SVC_OPENED, 8, 8, peer.seq_out, 0);
	else if (strcmp(act, "peer-wrong-fd") == 0) /* /dev/null */
		raw_to(peer.fd, MSG_SVC_OPENED, 8, 8, peer.seq_out, 1);
	else if (strcmp(act, "peer-seq") == 0)
		raw_to(peer.fd, MSG_SVC_EXIT, 32, 32, peer.seq_out + 5, 0);
	else if (strcmp(act, "peer-meaning") == 0)
		raw_to(peer.fd, MSG_SVC_DENIED, 8, 8, peer.seq_out, 0);
	else {
		raw_id = 0;
		return 0;
	}
	raw_id = 0;
	return 1;
}

/* What a broken or hostile child might say. */
static void
misbehave(void)
{
	uint32_t seq = parent.seq_out;
	struct msg_trouble t = {.proc = self, .step = CHAN_E_TYPE};
	struct msg_image_ack a = {.generation = generation + 7};

	if (self == PROC_SVC && misbehave_svc())
		act[0] = '\0';
	else if (strcmp(act, "storm") == 0)
		storm();
	else if (strcmp(act, "short") == 0)
		(void)send(FD_PARENT, "abc", 3, MSG_NOSIGNAL);
	else if (strcmp(act, "empty") == 0)
		(void)send(FD_PARENT, "", 0, MSG_NOSIGNAL);
	else if (strcmp(act, "magic") == 0)
		(void)send(FD_PARENT, "0123456789abcdef0123456789abcdef", 32,
		    MSG_NOSIGNAL);
	else if (strcmp(act, "type") == 0)
		raw(0x7777, 0, 0, seq, 0);
	else if (strcmp(act, "direction") == 0)
		raw(MSG_START, 64, 64, seq, 0);
	else if (strcmp(act, "size") == 0)
		raw(MSG_SEALED, 16, 17, seq, 0);
	else if (strcmp(act, "length") == 0)
		raw(MSG_TROUBLE, 400, 400, seq, 0);
	else if (strcmp(act, "long") == 0)
		raw(MSG_STATS, PROTO_MAX_PAYLOAD + 100, PROTO_MAX_PAYLOAD + 100,
		    seq, 0);
	else if (strcmp(act, "fd") == 0)
		raw(MSG_TROUBLE, 8, 8, seq, 1);
	else if (strcmp(act, "seq") == 0)
		raw(MSG_STATS, 8, 8, seq + 1, 0);
	else if (strcmp(act, "again") == 0)
		raw(MSG_READY, 8, 8, seq, 0);
	else if (strcmp(act, "ack") == 0)
		(void)chan_send(&parent, MSG_IMAGE_ACK, 0, &a, sizeof(a), -1);
	else if (strcmp(act, "accuse") == 0)
		(void)chan_send(&parent, MSG_TROUBLE, 0, &t, sizeof(t), -1);
	else if (strcmp(act, "close") == 0)
		close(FD_PARENT);
	else if (strcmp(act, "peer-short") == 0)
		(void)send(peer.fd, "abc", 3, MSG_NOSIGNAL);
	else if (strcmp(act, "peer-type") == 0)
		raw_to(peer.fd, MSG_SVC_OPENED, 8, 8, peer.seq_out, 0);
	else if (strcmp(act, "peer-fd") == 0)
		raw_to(peer.fd, MSG_SVC_OPEN, 64, 64, peer.seq_out, 1);
	else if (strcmp(act, "peer-meaning") == 0) {
		raw_id = 1; /* else it is the type that is refused */
		raw_to(peer.fd, MSG_SVC_OPEN, 64, 64, peer.seq_out, 0);
		raw_id = 0;
	} else if (strcmp(act, "log-short") == 0)
		(void)send(FD_LOG, "abc", 3, MSG_NOSIGNAL);
	else if (strcmp(act, "log-type") == 0)
		raw_to(FD_LOG, MSG_STOP, 0, 0, 0, 0);
	else if (strcmp(act, "log-batch") == 0)
		raw_to(FD_LOG, MSG_EVENTS, 96, 96, 0, 0);
	else if (strcmp(act, "log-forged") == 0)
		forged();
	else if (strcmp(act, "abort") == 0)
		abort();
	act[0] = '\0';
}

static void
handle(void)
{
	struct msg_image_ack a = {.generation = msg.u.image.generation};
	struct msg_ready r = {.generation = msg.u.image.generation};
	int first = generation == 0;

	if (msg.type == MSG_PEER_UP && msg.u.peer.slot == 0 &&
	    (self == PROC_NET || self == PROC_SVC)) {
		chan_init(&peer, msg.fd, self, msg.u.peer.proc, 0, 16);
		(void)chan_hello(&peer, 0);
		return;
	}
	if (msg.fd != -1)
		close(msg.fd);
	switch (msg.type) {
	case MSG_IMAGE:
		generation = a.generation;
		(void)chan_send(&parent, MSG_IMAGE_ACK, 0, &a, sizeof(a), -1);
		if (first && strcmp(act, "silent") != 0)
			(void)chan_send(&parent, MSG_READY, 0, &r, sizeof(r),
			    -1);
		break;
	case MSG_LOG_SEGMENT:
		segment = msg.u.log_segment.number;
		if (strcmp(act, "storm") != 0)
			break;
		usleep(1000000);
		misbehave();
		break;
	case MSG_START:
		if (strcmp(act, "storm") == 0)
			break; /* with its first segment */
		if (act[0] != '\0') {
			/* the others run by now */
			usleep(self == PROC_LOG ? 1000000 : 200000);
			misbehave();
		}
		break;
	case MSG_DRAIN:
	case MSG_STOP:
		exit(0);
	default:
		break;
	}
}

/* The first start only: the successor behaves. */
static void
read_mode(const char *name)
{
	char path[PATH_MAX], line[64] = "", *space;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	FILE *f;

	if (n <= 0)
		return;
	path[n] = '\0';
	memcpy(strrchr(path, '/'), "/mode", 6);
	f = fopen(path, "r");
	if (f == NULL)
		return;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	space = strchr(line, ' ');
	if (space == NULL || strlen(space + 1) >= sizeof(act) ||
	    strncmp(line, name, strlen(name)) != 0)
		return;
	memcpy(act, space + 1, strlen(space + 1) + 1);
	if (strncmp(act, "always-", 7) == 0)
		memmove(act, act + 7, strlen(act) - 6);
	else
		(void)unlink(path);
}

int
main(int argc, char **argv)
{
	struct pollfd p = {.fd = FD_PARENT, .events = POLLIN};
	int r;

	diag_init("standin", DIAG_WARN);
	self = strcmp(argv[0], "hpd-net") == 0 ? PROC_NET
	    : strcmp(argv[0], "hpd-log") == 0  ? PROC_LOG
	    : strcmp(argv[0], "hpship") == 0   ? PROC_SHIP
					       : PROC_SVC;
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "-S") == 0)
			self = PROC_SVC_SHELL;
	read_mode(argv[0]);
	chan_init(&parent, FD_PARENT, self, PROC_PARENT, 0, 16);
	if (chan_hello(&parent, 0) == -1)
		return 1;
	for (;;) {
		if (poll(&p, 1, -1) == -1)
			return 1;
		while ((r = chan_recv(&parent, &msg)) == 1)
			handle();
		if (r == -1)
			return parent.err == CHAN_E_EOF ? 0 : 1;
		if (chan_flush(&parent) == -1)
			return 1;
	}
}
