/* SPDX-License-Identifier: ISC */
/*
 * Addresses over libdnet: text to prefix and back, with our bounds. IPv4 now;
 * 16-byte fields everywhere so that IPv6 needs no new structs. IPv4 lies in
 * the first four bytes, network byte order.
 */
#ifndef HPD_ADDR_H
#define HPD_ADDR_H

#include <stddef.h>
#include <stdint.h>

struct prefix {
	uint8_t addr[16];
	uint8_t ver;  /* 4 or 6 */
	uint8_t bits; /* 0..32 or 0..128 */
	uint8_t reserved[6];
};

#define ADDR_STRLEN 46

/* "192.0.2.0/24" or "192.0.2.1" (bits 32), IPv4 only. No names, no DNS, no
 * leading zeros or signs. Host bits below the prefix are cleared. 0 or -1
 * (*prefix untouched). */
int addr_prefix_parse(const char *text, struct prefix *);
/* Text of an address into buf[ADDR_STRLEN]; returns buf. "-" for ver 0 or an
 * unknown one. */
char *addr_text(uint8_t ver, const uint8_t addr[16], char *buf);
/* Host-order IPv4 of the first four bytes, and back. */
uint32_t addr_ip4(const uint8_t addr[16]);
void addr_set4(uint8_t addr[16], uint32_t host_order);
/* Is the host-order address inside the prefix? */
int prefix_has4(const struct prefix *, uint32_t host_order);
/* Prefix is IPv4 or IPv6, its bits in range, all bytes below them and the
 * reserved ones zero. 1 or 0. */
int prefix_valid(const struct prefix *);
/* "aa:bb:cc:dd:ee:ff" to bytes; one or two hex digits each. 0 or -1. */
int addr_mac_parse(const char *text, uint8_t mac[6]);

#endif
