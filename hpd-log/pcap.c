/* SPDX-License-Identifier: ISC */
/*
 * Frames for tcpdump and the like, in hpd-log. Pure functions; a frame's bytes
 * are only copied.
 */
#include "common/clock.h"
#include "hpd-log/json_out.h"
#include "hpd-log/pcap.h"

struct pcap_file {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snap, link;
};

void
pcap_head(struct wbuf *w)
{
	struct pcap_file f = { PCAP_MAGIC_NS, 2, 4, 0, 0, PCAP_SNAP,
		PCAP_ETHERNET };

	out_mem(w, &f, sizeof(f));
}

int
pcap_frame(struct wbuf *w, const struct event *ev)
{
	struct wbuf save = *w;
	const struct ev_frame *f;
	struct pcap_rec r;
	size_t len;

	f = event_data(ev, &len);
	len -= sizeof(*f);
	r.sec = (uint32_t)(ev->wall_ns / NS_SEC);
	r.nsec = (uint32_t)(ev->wall_ns % NS_SEC);
	r.len = (uint32_t)len;
	r.wire_len = f->wire_len < len ? (uint32_t)len : f->wire_len;
	out_mem(w, &r, sizeof(r));
	out_mem(w, f + 1, len);
	if (!w->over)
		return 1;
	*w = save;
	return 0;
}

size_t
pcap_next(const void *p, size_t len, struct pcap_rec *r)
{
	if (len < sizeof(*r))
		return 0;
	memcpy(r, p, sizeof(*r));
	return r->len > len - sizeof(*r) ? 0 : sizeof(*r) + r->len;
}
