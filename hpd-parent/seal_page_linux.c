/* SPDX-License-Identifier: ISC */
/*
 * The page that hpd-parent and hpd-log share for the seal, on Linux: a memfd
 * whose size nobody can change. Runs in hpd-parent. The page holds keys: not
 * swapped out where that can be had, never in a core dump.
 */
#include "seal_start.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

int
seal_page(void **at, size_t size)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	int fd, saved;

	fd = memfd_create("hpd-seal",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd == -1 && errno == EINVAL) /* Linux before 6.3 */
		fd = memfd_create("hpd-seal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	*at = MAP_FAILED;
	if (ftruncate(fd, (off_t)size) == 0 &&
	    fcntl(fd, F_ADD_SEALS, seals) == 0)
		*at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	if (*at == MAP_FAILED) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	(void)mlock(*at, size);
	(void)madvise(*at, size, MADV_DONTDUMP);
	return fd;
}
