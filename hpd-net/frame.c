/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: which frames the pcap stream keeps. The filter is the image's,
 * compiled by hpd-conf and validated here once by libpcap, whose interpreter
 * runs it; what it takes goes into the event queue, which refuses frames
 * before anything else. Must never change a frame or wait.
 */
#include "frame.h"

#include <string.h>

#include <pcap/pcap.h>

#include "../common/clock.h"
#include "../common/diag.h"
#include "net.h"

#define HEAD_MAX EV_FRAME_MAX /* of a large send, as the filter sees it */

_Static_assert(sizeof(struct bpf_insn) == sizeof(struct img_bpf), "bpf_insn");

uint8_t frames_on;

static struct bpf_insn program[IMG_FRAMES_MAX];

static void
keep(const struct netif *nif, const uint8_t *data, uint32_t have,
    uint32_t wire, int out, int64_t wall_ns)
{
	struct event *e;
	struct ev_frame f;
	uint32_t n = bpf_filter(program, data, wire, have);

	if (n == 0)
		return;
	if (n > net.img.hdr->frames_snap)
		n = net.img.hdr->frames_snap;
	if (n > EV_FRAME_MAX)
		n = EV_FRAME_MAX;
	if (n > have)
		n = have;
	e = evq_reserve(&net.evq, EV_FRAME, 1, sizeof(f) + n);
	if (e == NULL) {
		STAT_INC(FRAMES_LOST);
		STAT_INC(EVENTS_LOST);
		return;
	}
	memset(&f, 0, sizeof(f));
	f.wire_len = wire;
	f.unit = nif->unit;
	f.out = (uint8_t)out;
	memcpy(e + 1, &f, sizeof(f));
	memcpy((uint8_t *)(e + 1) + sizeof(f), data, n);
	e->wall_ns = wall_ns;
	STAT_INC(FRAMES_KEPT);
	STAT_INC(EVENTS_PUT);
}

void
frame_received(const struct pkt *p)
{
	keep(p->nif, p->data, p->len, p->len, 0,
	    p->ts_ns != 0 ? p->ts_ns : net.now_wall_ns);
}

/* A frame is committed; of a large TCP send, which the kernel will split, the
 * head and some of the data, as one frame. */
static void
sent(const struct netif *nif, const uint8_t *head, uint32_t head_len,
    const uint8_t *data, uint32_t len)
{
	static uint8_t whole[HEAD_MAX];
	uint32_t n;

	if (len == 0) {
		keep(nif, head, head_len, head_len, 1, clock_wall_ns());
		return;
	}
	if (head_len > sizeof(whole))
		return;
	n = len < sizeof(whole) - head_len ? len
					   : (uint32_t)sizeof(whole) - head_len;
	memcpy(whole, head, head_len);
	memcpy(whole + head_len, data, n);
	keep(nif, whole, head_len + n, head_len + len, 1, clock_wall_ns());
}

void
frame_image(void)
{
	const struct img_bpf *f = net.img.frames;
	uint32_t n = net.img.nframes;

	frames_on = 0;
	io_tx_seen = NULL;
	if (n == 0 || n > IMG_FRAMES_MAX || net.img.hdr->frames_snap == 0)
		return;
	memcpy(program, f, n * sizeof(*f));
	if (!bpf_validate(program, (int)n)) {
		diag_warnx("log frames: libpcap refuses the filter");
		return;
	}
	frames_on = 1;
	io_tx_seen = sent;
}
