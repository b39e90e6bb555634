/* SPDX-License-Identifier: ISC */
/* What the OS says about an image's descriptor; one implementation an OS. */
#ifndef HPD_IMAGE_SEAL_H
#define HPD_IMAGE_SEAL_H

#include <stddef.h>

/* fd is a read-only regular file of exactly size bytes that nobody can change
 * any more (Linux: memfd sealed WRITE, SHRINK, GROW, SEAL). 0 or -1. */
int image_seal_check(int fd, size_t size);

/* Put those seals on the writable fd. 0, or -1 with errno. */
int image_seal(int fd);

#endif
