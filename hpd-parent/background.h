/* SPDX-License-Identifier: ISC */
/* Going into the background so that the caller learns how the start went. */
#ifndef HPD_BACKGROUND_H
#define HPD_BACKGROUND_H

/*
 * Leave the terminal: returns in the daemon only. The caller's process waits
 * and exits with 0 once background_ready() was called, else with the daemon's
 * exit code.
 */
void background_enter(void);
/* The start worked: let the caller go, give the terminal up. */
void background_ready(void);

#endif
