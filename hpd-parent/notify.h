/* SPDX-License-Identifier: ISC */
/* The service manager's readiness protocol: one datagram a state. */
#ifndef HPD_NOTIFY_H
#define HPD_NOTIFY_H

/* Is somebody listening (NOTIFY_SOCKET)? Remembers it; call before the
 * sandbox. */
int notify_init(void);
/* "READY=1", "STOPPING=1" ...; nothing happens when nobody listens. */
void notify_send(const char *state);

#endif
