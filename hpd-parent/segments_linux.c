/* SPDX-License-Identifier: ISC */
/*
 * The append-only attribute (chattr +a) of log segments on Linux. Runs in
 * hpd-parent; never clears an attribute.
 */
#include "segments_os.h"

#include <sys/ioctl.h>

#include <linux/fs.h>

void
segments_append_only(int fd)
{
	int attr = 0; /* the kernel reads and writes an int here */

	if (ioctl(fd, FS_IOC_GETFLAGS, &attr) == 0) {
		attr |= FS_APPEND_FL;
		(void)ioctl(fd, FS_IOC_SETFLAGS, &attr);
	}
}
