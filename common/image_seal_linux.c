/* SPDX-License-Identifier: ISC */
/*
 * memfd seals. image_seal() runs in hpd-parent when hpd-conf is gone; the
 * check runs in every process that maps an image: without the seals a holder
 * of a writable descriptor could change or cut it under the readers.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdint.h>

#include "image_seal.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

int
image_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, SEALS);
}

int
image_seal_check(int fd, size_t size)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS), fl = fcntl(fd, F_GETFL);

	if (seals == -1 || (seals & SEALS) != SEALS)
		return -1;
	if (fl == -1 || (fl & O_ACCMODE) != O_RDONLY)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (uint64_t)st.st_size != size)
		return -1;
	return 0;
}
