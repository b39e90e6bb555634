/* SPDX-License-Identifier: ISC */
/*
 * Packet input and output in memory: frames are pushed in, answers read back.
 * Unit tests and fuzz targets; io_pcap.c builds savefile replay on it.
 */
#ifndef HPD_IO_MEM_H
#define HPD_IO_MEM_H

#include "io.h"

#define IO_MEM_QUEUE 256 /* frames waiting in, and answers kept */

/* Attach a memory back end to nif. 0, or -1 without memory. */
int io_mem_open(struct netif *);
void io_mem_close(struct netif *);
/* Queue a frame (copied; at most 65550 bytes). 0, or -1: queue full. */
int io_mem_push(struct netif *, const void *frame, uint32_t len, int64_t ts_ns,
    int csum_ok);
/* Answers since the last clear: how many are kept, and the i-th of them. */
uint32_t io_mem_count(const struct netif *);
const uint8_t *io_mem_frame(const struct netif *, uint32_t i, uint32_t *len);
void io_mem_clear(struct netif *);
/* Called with every committed frame (NULL: kept for io_mem_frame). */
typedef void (*io_mem_fn)(void *arg, const uint8_t *frame, uint32_t len,
    int64_t ts_ns);
void io_mem_sink(struct netif *, io_mem_fn, void *arg);

#endif
