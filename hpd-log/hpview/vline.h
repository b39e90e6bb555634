/* SPDX-License-Identifier: ISC */
/* Lines of a file, or of a piece of one, in hpview. */
#ifndef HPD_VLINE_H
#define HPD_VLINE_H

#include <stddef.h>
#include <stdint.h>

#define VLINE_MAX (512u << 10) /* a longer line is skipped and counted */

struct vlines {
	int fd;
	char *buf;	 /* VLINE_MAX + VLINE_PAD bytes */
	size_t at, len;	 /* next byte, bytes there */
	uint64_t pos;	 /* in the file, of the buffer's end */
	uint64_t end;	 /* lines that begin there or behind are not ours */
	uint64_t limit;	 /* bytes of the file */
	uint64_t torn;	 /* lines too long, an unended last one */
	uint8_t over;	 /* inside a line that is too long */
	uint8_t growing; /* an unended last line is still being written */
	int error;	 /* errno of a read */
};
#define VLINE_PAD 64

/* 0, or -1 (no memory). */
int vlines_init(struct vlines *);
void vlines_free(struct vlines *);

/* Lines that begin in from..to of a file of size bytes. fd stays the caller's. */
void vlines_open(struct vlines *, int fd, uint64_t from, uint64_t to,
    uint64_t size, int growing);

/* The next line without its newline, in the buffer until the next call: 1;
 * 0 at the end, -1 on an error. */
int vlines_next(struct vlines *, const char **line, size_t *len);

/* Where in the file the next line begins. */
uint64_t vlines_place(const struct vlines *);

#endif
