/* SPDX-License-Identifier: ISC */
/*
 * Names in place of sources' addresses, in hpview export: who has no key can't
 * go back from a name, nor try all addresses. The same key gives the same
 * names each time.
 */
#include <sodium.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hpd-log/hpview/export.h"

int
pseudo_key(struct pseudo *p, const char *file)
{
	uint8_t b[4097];
	ssize_t n;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || (n = read(fd, b, sizeof(b))) == -1) {
		perror(file);
		if (fd != -1)
			close(fd);
		return -1;
	}
	close(fd);
	if (n < 16 || n > 4096) {
		fprintf(stderr, "hpview: %s: a key has 16 to 4096 bytes; "
		    "make one: head -c 32 /dev/urandom > FILE\n", file);
		return -1;
	}
	if (sodium_init() == -1) {
		fprintf(stderr, "hpview: libsodium does not work here\n");
		return -1;
	}
	(void)crypto_generichash(p->key, sizeof(p->key), b, (size_t)n, NULL, 0);
	sodium_memzero(b, sizeof(b));
	p->on = 1;
	return 0;
}

static void
hash(const struct pseudo *p, uint8_t ver, const uint8_t addr[16],
    uint8_t out[16])
{
	static const char what[] = "hpd pseudonym";
	uint8_t b[sizeof(what) + 17];

	memset(b, 0, sizeof(b));
	memcpy(b, what, sizeof(what));
	b[sizeof(what)] = ver;
	memcpy(b + sizeof(what) + 1, addr, ver == 4 ? 4 : 16);
	(void)crypto_generichash(out, 16, b, sizeof(b), p->key,
	    sizeof(p->key));
}

void
pseudo_name(const struct pseudo *p, uint8_t ver, const uint8_t addr[16],
    char out[PSEUDO_TEXT])
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t h[16];
	uint64_t v;
	int i;

	hash(p, ver, addr, h);
	memcpy(out, "s-", 2);
	v = (uint64_t)be32(h) << 32 | be32(h + 4);
	for (i = 0; i < 12; i++, v <<= 5)
		out[2 + i] = set[v >> 59];
	out[14] = '\0';
}

void
pseudo_addr(const struct pseudo *p, uint8_t *ver, uint8_t addr[16])
{
	uint8_t h[16];

	hash(p, *ver, addr, h);
	*ver = 4;
	memset(addr, 0, 16);
	memcpy(addr, h, 4);
	addr[0] |= 0xf0;
}
