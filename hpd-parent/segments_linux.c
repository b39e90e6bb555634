/* SPDX-License-Identifier: ISC */
/*
 * The append-only attribute (chattr +a) of log segments on Linux. Runs in
 * hpd-parent. Never touches another attribute: what an administrator made
 * immutable stays.
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

void
segments_appendable(int fd)
{
	int attr = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &attr) == 0 && (attr & FS_APPEND_FL)) {
		attr &= ~FS_APPEND_FL;
		(void)ioctl(fd, FS_IOC_SETFLAGS, &attr);
	}
}
