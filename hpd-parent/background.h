/* SPDX-License-Identifier: ISC */
/* Going into the background so that the caller learns how the start went. */
#ifndef HPD_BACKGROUND_H
#define HPD_BACKGROUND_H

#include <sys/types.h>

/*
 * Leave the terminal: returns in the daemon only. The caller's process waits
 * and exits with 0 once background_ready() was called, else with the daemon's
 * exit code.
 */
void background_enter(void);
/* The caller's processes that wait, 0 ends: none without background_enter(). */
void background_waiting(pid_t pids[3]);
/* The start worked: let the caller go, give the terminal up. */
void background_ready(void);

#endif
