/* SPDX-License-Identifier: ISC */
/*
 * Sending without AF_XDP: batches by sendmmsg, else one by one; and large TCP
 * sends that the kernel splits. hpd-net and the bench. No address is ever
 * given: the sockets are bound to their interface.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>

#include "io_linux.h"
#include "stats.h"

struct sender {
	int fd;
	int single;    /* sendmmsg is refused: one call a frame */
	uint32_t nout; /* committed in out[] */
	uint8_t *out;  /* IO_BATCH slots */
	struct iovec iov[IO_BATCH];
	struct mmsghdr mm[IO_BATCH];
};

struct sender *
sender_open(int fd)
{
	struct sender *s = calloc(1, sizeof(*s));
	uint32_t i;

	if (s == NULL || (s->out = calloc(IO_BATCH, IO_FRAME_MAX)) == NULL) {
		free(s);
		return NULL;
	}
	s->fd = fd;
	for (i = 0; i < IO_BATCH; i++) {
		s->iov[i].iov_base = s->out + (size_t)i * IO_FRAME_MAX;
		s->mm[i].msg_hdr.msg_iov = &s->iov[i];
		s->mm[i].msg_hdr.msg_iovlen = 1;
	}
	return s;
}

void
sender_close(struct sender *s)
{
	if (s == NULL)
		return;
	free(s->out);
	free(s);
}

static void
flush_send(struct sender *s)
{
	uint32_t i;

	for (i = 0; i < s->nout; i++)
		if (sendto(s->fd, s->iov[i].iov_base, s->iov[i].iov_len,
			MSG_DONTWAIT, NULL, 0) == -1)
			STAT_INC(TX_ERRORS);
	s->nout = 0;
}

static void
flush_mmsg(struct sender *s)
{
	uint32_t at = 0;
	int n;

	while (at < s->nout) {
		n = sendmmsg(s->fd, s->mm + at, s->nout - at,
		    MSG_DONTWAIT);
		if (n == -1 && at == 0 &&
		    (errno == ENOSYS || errno == EPERM)) {
			s->single = 1;
			flush_send(s);
			return;
		}
		if (n <= 0) { /* the first one failed: leave it, go on */
			STAT_INC(TX_ERRORS);
			n = 1;
		}
		at += (uint32_t)n;
	}
	s->nout = 0;
}

void
sender_flush(struct sender *s)
{
	if (s->nout == 0)
		return;
	if (s->single)
		flush_send(s);
	else
		flush_mmsg(s);
}

uint8_t *
sender_slot(struct sender *s)
{
	if (s->nout == IO_BATCH)
		sender_flush(s);
	return s->out + (size_t)s->nout * IO_FRAME_MAX;
}

void
sender_commit(struct sender *s, uint32_t len)
{
	s->iov[s->nout++].iov_len = len;
}

const char *
sender_name(const struct sender *s)
{
	return s->single ? "send" : "sendmmsg";
}

int
gso_send(int fd, const uint8_t *hdr, uint32_t hdr_len, const uint8_t *payload,
    uint32_t len, uint16_t mss)
{
	struct virtio_net_hdr v;
	struct iovec iov[3];

	if (hdr_len < 54 || hdr_len + len > 65535 + 14)
		return -1;
	memset(&v, 0, sizeof(v));
	v.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	v.csum_start = 34;
	v.csum_offset = 16;
	v.hdr_len = (uint16_t)hdr_len;
	if (len > mss) {
		v.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		v.gso_size = mss;
	}
	iov[0].iov_base = &v;
	iov[0].iov_len = 10; /* without num_buffers */
	memcpy(&iov[1].iov_base, &hdr, sizeof(hdr));
	iov[1].iov_len = hdr_len;
	memcpy(&iov[2].iov_base, &payload, sizeof(payload));
	iov[2].iov_len = len;
	return writev(fd, iov, 3) == -1 ? -1 : 0;
}
