/* SPDX-License-Identifier: ISC */
/* The sensor's key: 16 random bytes that everything derived per decoy hangs
 * on (MAC tails, uptimes, sequence bases). */
#ifndef HPD_KEY_H
#define HPD_KEY_H

#include <stddef.h>
#include <stdint.h>

/* Read the key file, or make it (0600). 0, or -1 with a message in err:
 * wrong size, owner or mode. */
int key_load(const char *path, uint8_t key[16], char *err, size_t errlen);

/* The directory that path is in, one level, where it does not exist. */
void key_make_dir(const char *path);

/* Random bytes from the system; fatal when it has none. */
void key_random(void *, size_t);

#endif
