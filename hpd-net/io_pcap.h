/* SPDX-License-Identifier: ISC */
/*
 * Savefiles over libpcap: replay one through the stack and write the answers
 * to another. Tests and offline work, no root needed.
 */
#ifndef HPD_IO_PCAP_H
#define HPD_IO_PCAP_H

#include "io.h"

/*
 * Read the Ethernet savefile `in` through batch(), which handles one batch as
 * the packet loop does; answers go to `out` (NULL: nowhere). nif must have the
 * memory back end (io_mem_open). Returns the frames read, or -1 with a message
 * in err.
 */
int io_pcap_replay(struct netif *, const char *in, const char *out,
    void (*batch)(struct pkt *, int n, void *arg), void *arg, char *err,
    size_t errlen);

#endif
