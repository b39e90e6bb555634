/* SPDX-License-Identifier: ISC */
/* Starting a program with chosen descriptors and namespaces, nothing else. */
#ifndef HPD_SPAWN_H
#define HPD_SPAWN_H

#include <sys/types.h>

#include <stdint.h>

#define SPAWN_MAX_FDS 10

struct spawn {
	int exe;		/* of the program, from spawn_open() */
	const char *const *argv; /* NULL at the end */
	int fd[SPAWN_MAX_FDS];	/* becomes descriptor 0, 1, 2 ... nfds - 1 */
	int nfds;
	uint8_t ns; /* SBX_NS_*: namespaces of its own */
};

/* Open program name in directory dir for spawn(); -1 with errno. */
int spawn_open(const char *dir, const char *name);

/*
 * Start it: descriptors 0..nfds-1 and no other, empty environment, default
 * signal handling, nothing blocked, a session of its own, / as directory.
 * Returns the pid or -1 with errno; a program that can't be executed exits
 * with 127.
 */
pid_t spawn(const struct spawn *);

/* A new, empty image file to be written by another process; -1 with errno. */
int spawn_image_new(void);

/*
 * Close the image for ever to writers and return an O_RDONLY descriptor of it
 * (fd is closed in every case); *size its bytes. -1 with errno.
 */
int spawn_image_seal(int fd, size_t *size);

#endif
