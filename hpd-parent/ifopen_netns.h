/* SPDX-License-Identifier: ISC */
/* Into a network namespace and back. Linux. */
#ifndef HPD_IFOPEN_NETNS_H
#define HPD_IFOPEN_NETNS_H

/* Enter netns (-1: stay). Returns what ifopen_netns_leave() wants, -1 on
 * error with errno, still at home. */
int ifopen_netns_enter(int netns);
/* Back home. Fatal when that fails: the process must not go on elsewhere. */
void ifopen_netns_leave(int home);

#endif
