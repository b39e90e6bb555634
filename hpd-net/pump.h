/* SPDX-License-Identifier: ISC */
/*
 * The drain strategy, shared by hpd-net and the bench's reflector: light
 * traffic is answered frame by frame at once, heavy traffic in batches, by
 * waiting a moment between two drains. Linux wakes frame by frame; the wait is
 * what makes batches.
 */
#ifndef HPD_PUMP_H
#define HPD_PUMP_H

#include <stdint.h>

#include "io.h"

#define PUMP_FRAMES  256    /* in one call, then the loop turns */
#define PUMP_WAIT_NS 100000 /* longest wait between drains */
#define PUMP_BATCH   32	    /* frames a wait aims at */
#define PUMP_BUSY    40	    /* frames a ms from which waiting pays */

struct pump {
	struct netif *nif;
	/* A batch of 1..IO_BATCH frames; answers are flushed by it. */
	void (*batch)(struct pkt *, int n, void *arg);
	void *arg;
	/* Not 0: the loop has other work (bulk transfers), so don't wait; may
	 * be NULL. */
	const uint8_t *hurry;
	int64_t last_ns; /* when the rate was last looked at */
	uint32_t frames; /* since then */
	uint32_t rate;	 /* frames a ms, smoothed, times 16 */
};

void pump_init(struct pump *, struct netif *,
    void (*batch)(struct pkt *, int n, void *arg), void *arg);
/* Call when io_rx_fd() is readable. Returns the frames handled. */
int pump_run(struct pump *);

#endif
