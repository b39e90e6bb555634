/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: the clocks, read once a batch. Alone in its file, so that tests can
 * bring a clock of their own.
 */
#include "../common/clock.h"
#include "net.h"
#include "timer.h"

void
net_now(void)
{
	net.now_mono_ns = clock_mono_ns();
	net.now_wall_ns = clock_wall_ns();
	net.now_ms = (uint32_t)(net.now_mono_ns / NS_MSEC);
}
