/* SPDX-License-Identifier: ISC */
/* The kernel filter of a packet socket: coarse; the address trie decides. */
#ifndef HPD_IFOPEN_FILTER_H
#define HPD_IFOPEN_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "../common/addr.h"

#define IFOPEN_FILTER_MAX 1000 /* instructions */

struct ifopen_insn { /* a classic BPF instruction */
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

/*
 * Compile "IPv4 to one of nets, or ARP about them" for Ethernet into out
 * (room for IFOPEN_FILTER_MAX); coarser where that would be too long. Returns
 * the number of instructions, or -1 with a message in err.
 */
int ifopen_filter(const struct prefix *nets, size_t nnets,
    struct ifopen_insn *out, char *err, size_t errlen);

#endif
