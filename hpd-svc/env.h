/* SPDX-License-Identifier: ISC */
/*
 * The environment of a script: exactly the variables of hpd-script(7), built
 * anew for every session in memory of the caller, nothing inherited.
 */
#ifndef HPD_SVC_ENV_H
#define HPD_SVC_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "common/image.h"
#include "common/proto.h"

#define ENV_VARS_MAX 20
#define ENV_TEXT_MAX 4096

struct env {
	const char *vec[ENV_VARS_MAX + 1]; /* NULL-ended, for execve */
	uint32_t n;
	size_t used;
	char text[ENV_TEXT_MAX];
	int over; /* something did not fit: do not start the script */
};

/*
 * Fill *env for the session id as asked for in *open; the indices in it were
 * checked against img. key is START's. 0, or -1 when it does not fit.
 */
int env_build(struct env *, const struct image *img,
    const struct msg_svc_open *open, uint64_t id, const uint8_t key[16]);

/* Stable per decoy: SipHash-2-4 of the sensor's key over the address. */
uint64_t env_seed(const uint8_t key[16], uint8_t ver, const uint8_t dst[16]);

#endif
