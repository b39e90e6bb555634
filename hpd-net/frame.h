/* SPDX-License-Identifier: ISC */
/*
 * Frames for the log's pcap stream: those the image's filter asks for, as
 * received and as sent, cut to its length. Without a filter: one branch a
 * frame.
 */
#ifndef HPD_FRAME_H
#define HPD_FRAME_H

#include <stdint.h>

#include "pkt.h"

extern uint8_t frames_on; /* there is a filter */

/* A new image (net.img): take its filter. One that libpcap finds invalid is
 * told and not used. */
void frame_image(void);
/* A frame as it came: all of it, whatever its parsing will say. */
void frame_received(const struct pkt *);

static inline void
frame_in(const struct pkt *p)
{
	if (frames_on)
		frame_received(p);
}

#endif
