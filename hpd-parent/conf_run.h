/* SPDX-License-Identifier: ISC */
/* Running hpd-conf: text in, sealed image out. The parent reads no text. */
#ifndef HPD_CONF_RUN_H
#define HPD_CONF_RUN_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "../common/image.h"

#include "flags.h"

#define CONF_LIMIT (60 * NS_SEC)

enum conf_mode { CONF_COMPILE, CONF_CHECK, CONF_PRINT };

struct conf_run {
	pid_t pid; /* 0: not running */
	int image; /* memfd it writes, -1 in the other modes */
	int diag;  /* its messages (non-blocking), -1: they go to stderr */
	int64_t limit;
	uint32_t generation;
	char line[1024]; /* a message not yet complete */
	size_t line_len;
	unsigned lines;
	uint32_t uid, gid; /* to become; 0: stay who we are */
};

/*
 * Start hpd-conf (exe). piped: its messages come back on ->diag instead of
 * going to our stderr. 0, or -1 after a diag.
 */
int conf_run_start(struct conf_run *, const struct flags *, int exe,
    enum conf_mode, uint32_t generation, int piped);

/* Wait for its end (for starting up only): its exit code, 1 when it was killed
 * or took too long. */
int conf_run_wait(struct conf_run *);

/*
 * The image of a run that ended with 0: sealed, mapped, checked. Returns the
 * read-only descriptor, -1 after a diag. size and img are filled.
 */
int conf_run_take(struct conf_run *, size_t *size, struct image *img);

/* Throw away whatever the run still holds (kills it). */
void conf_run_drop(struct conf_run *);

#endif
