/* SPDX-License-Identifier: ISC */
/* Network namespaces and the link of an interface. Linux. */
#ifndef HPD_IFOPEN_NETNS_H
#define HPD_IFOPEN_NETNS_H

/* Enter netns (-1: stay). Returns what ifopen_netns_leave() wants, -1 on
 * error with errno, still at home. */
int ifopen_netns_enter(int netns);
/* Back home. Fatal when that fails: the process must not go on elsewhere. */
void ifopen_netns_leave(int home);

/* Is the link of name up (administratively, and a carrier there)? s: any
 * socket of the namespace. 1, 0, or -1: no such interface. */
int ifopen_link_up(int s, const char *name);

#endif
